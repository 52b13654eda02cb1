"""Sessions on a live server, step by step.

A server counts as hung when a deadline has passed and a ping on a fresh connection has
been answered, or not been answered, after it.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass

from hjp_fuzz.sessions.link import SHUT_DOWN, Link, Patience
from hjp_fuzz.sessions.model import Inconclusive
from hjp_fuzz.sessions.replies import Broken, Check, describe
from hjp_fuzz.sessions.servers import Server, ServerDied, ServerGone
from hjp_fuzz.sessions.steps import Act, Session, Step, Then
from hjp_spec.oracle import encode

_DYING = 0.2
"""Seconds in which a server is given to be found dead that has ended a connection."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of what happened.

    Attributes:
        number: of the step; 0 in lines that go on with it.
        connection: which one.
        text: what was sent or received.
        octets: what was sent.
    """

    number: int
    connection: int
    text: str
    octets: bytes = b""


class Play:
    """A session that is being played.

    Args:
        server: the server under test.
        patience: how long to wait.

    Attributes:
        links: the connections by their numbers.
        steps: what was done so far.
        journal: what was done and what came of it.
        stopped: whether the server was told to stop.
    """

    def __init__(self, server: Server, patience: Patience) -> None:
        self.server = server
        self.patience = patience
        self.links: dict[int, Link] = {}
        self.steps: list[Step] = []
        self.journal: list[Entry] = []
        self._helper: Link | None = None
        self.stopped = self._hung = False

    def do(self, step: Step) -> None:
        """Take a step.

        Raises:
            Broken: the server breaks a requirement.
            Inconclusive: a clock of the server ran out.
            ServerGone: it has never taken a connection.
        """
        self.steps.append(step)
        self.journal += _told(step, len(self.steps))
        with self._watching(step.connection):
            self._do(step)

    def finish(self) -> None:
        """End all connections, and see that the server goes on serving.

        Raises:
            Broken: the server breaks a requirement.
        """
        for number, link in self.links.items():
            if not link.model.closed:
                self.do(Step(number, Act.END))
        if not self.stopped:
            self._helper_closed()
            with self._watching(0):
                self.others_are_served()
            for number, link in self.links.items():
                with self._watching(number):
                    link.look_back()

    def close(self) -> None:
        """Give all connections up; a server of ours that hangs is ended."""
        self._helper_closed()
        for link in self.links.values():
            link.close()
        if self.stopped or (self._hung and not _answers(self.server)):
            self.server.stop()

    @contextmanager
    def _watching(self, connection: int) -> Iterator[None]:
        """Note what comes, and see whether a failure is the server's death."""
        try:
            yield
        except (Broken, ServerDied) as fault:
            broken = self._of(fault)
            self._hung = broken.check in (Check.SILENCE, Check.OTHERS)
            self._note_news()
            self._note(connection, f"got      {broken.got}")
            raise broken from None
        self._note_news()

    def others_are_served(self) -> None:
        """See that a ping on another connection is answered (HJP-LIF-6).

        Raises:
            Broken: it is not.
        """
        if self._helper is None:
            self._helper = Link(self.server, self.patience)
        helper = self._helper
        helper.begin(encode(b'{"id":%d,"op":"ping"}' % (helper.model.answered + 1)))
        helper.go_on()
        if not self._served(helper):
            expected = "a ping on another connection is answered"
            raise Broken(Check.OTHERS, "HJP-LIF-6", expected, "nothing")

    def _served(self, link: Link) -> bool:
        """Read what has to come; False if it does not come in time.

        Raises:
            Broken: it comes only when another connection is given up, on which the
                server drops what comes after a fatal error.
        """
        others = [one for one in self.links.values() if one.model.closed]
        dropping = [one for one in others if one.model.fatal]
        if not dropping or link.waited(SHUT_DOWN):
            return link.waited()
        for one in dropping:
            one.close()
        if not link.waited():
            return False
        expected = "a connection is served while another one ends"
        got = "it is served when the other one is closed"
        raise Broken(Check.OTHERS, "HJP-LIF-6", expected, got)

    def _do(self, step: Step) -> None:
        if step.act is Act.STOP:
            self._stop()
            return
        if step.connection not in self.links:
            self.links[step.connection] = Link(self.server, self.patience)
        link = self.links[step.connection]
        if link.model.closed or (link.model.input_ended and step.act is Act.SEND):
            return
        _ACTS[step.act](self, link, step)
        if step.then is not Then.ON:
            self._wait(link)
        if step.then is Then.APART:
            self.others_are_served()
            link.glance()

    def _send(self, link: Link, step: Step) -> None:
        link.begin(step.octets)
        if step.then is Then.DEAF:
            link.push()
            self.others_are_served()
        link.go_on()

    def _end(self, link: Link, step: Step) -> None:
        link.end()

    def _reset(self, link: Link, step: Step) -> None:
        link.reset()

    def _wait(self, link: Link) -> None:
        """Wait for what has to come; a deadline is believed only after a ping."""
        while not self._served(link):
            alone = sum(not other.model.closed for other in self.links.values()) == 1
            try:
                self.others_are_served()
            except Broken as unserved:
                raise link.model.overdue() if alone else unserved from None
            if not link.glance():
                raise link.model.overdue()

    def _stop(self) -> None:
        """Tell the server to stop, and look at what it does on each connection."""
        self.stopped = True
        self.server.tell_to_stop()
        for link in self.links.values():
            link.model.told_to_stop()
        for link in self.links.values():
            link.to_the_end()

    def _of(self, fault: Broken | ServerDied) -> Broken:
        """Tell of a server that has died, whatever was seen of it."""
        died = self._death(fault) if isinstance(fault, Broken) else str(fault)
        if died is None:
            assert isinstance(fault, Broken)
            return fault
        self.server.stop()
        return Broken(Check.CRASH, "HJP-LIF-6", "the server goes on serving", died)

    def _death(self, broken: Broken) -> str | None:
        if self.stopped:
            return None
        return self.server.epitaph(_DYING if broken.check is Check.LOST else 0)

    def _helper_closed(self) -> None:
        if self._helper is not None:
            self._helper.close()
            self._helper = None

    def _note_news(self) -> None:
        for number, link in self.links.items():
            for text in link.news:
                self._note(number, f"received {text}")
            link.news.clear()

    def _note(self, connection: int, text: str) -> None:
        self.journal.append(Entry(0, connection, text))


_ACTS: dict[Act, Callable[[Play, Link, Step], None]] = {
    Act.SEND: Play._send,
    Act.END: Play._end,
    Act.RESET: Play._reset,
}


def _told(step: Step, number: int) -> Iterator[Entry]:
    """Say what a step does."""
    if step.act is not Act.SEND:
        yield Entry(number, step.connection, _SAID[step.act])
        return
    first, *others = list(describe(step.octets)) or ["nothing"]
    yield Entry(number, step.connection, f"sent     {first}", step.octets)
    yield from (Entry(0, step.connection, f"         {other}") for other in others)


_SAID = {
    Act.END: "ended    the client's stream",
    Act.RESET: "reset    the connection",
    Act.STOP: "told the server to stop",
}


def stated_by(server: Server, patience: Patience) -> int:
    """The `max_payload` that a server states in its reply to `hello`, in octets.

    It is asked once; 65 536 if it does not answer as it should.

    Raises:
        ServerGone: there is no server to talk to.
    """
    if server.states is None:
        link = Link(server, patience)
        with suppress(Broken, Inconclusive), closing(link):
            link.begin(encode(b'{"id":1,"op":"hello"}'))
            link.go_on()
            link.waited()
        server.states = link.model.limit
    return server.states


def _answers(server: Server) -> bool:
    """Tell whether a server that hung answers at least on a fresh connection."""
    patience = Patience()
    patience.hurried = True
    fresh = Play(server, patience)
    try:
        fresh.others_are_served()
    except (Broken, Inconclusive, ServerGone):
        return False
    finally:
        fresh.close()
    return True


def play(
    steps: Session, server: Server, patience: Patience
) -> tuple[Broken | None, Play]:
    """Play a session from its first step to its end.

    Returns:
        What is broken, None if nothing; and what happened.

    Raises:
        ServerGone: there is no server to talk to.
    """
    played = Play(server, patience)
    try:
        for step in steps:
            played.do(step)
        played.finish()
    except Broken as broken:
        return broken, played
    except Inconclusive:
        return None, played
    finally:
        played.close()
    return None, played
