"""Sessions on a live server: sockets on one side, `Connection` on the other.

The only clock is a deadline that means "hang".  It is believed when a ping on a fresh
connection has been answered, or not been answered, after it.
"""

import select
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from hjp_fuzz.sessions.model import Connection, Inconclusive
from hjp_fuzz.sessions.replies import Broken, Check, describe, said
from hjp_fuzz.sessions.servers import Server, ServerGone
from hjp_fuzz.sessions.steps import Act, Session, Step, Then
from hjp_spec.oracle import encode

_READ = 1 << 18
_SHUT_DOWN = 1.5
"""Seconds in which the end has to follow a fatal error: a server that has not shut
its sending direction down closes after 2 s all the same (HJP-ERR-12, HJP-ERR-13)."""
_DROPPING = 2.0
"""Seconds for which a server reads on after a fatal error (HJP-ERR-13)."""
_HURRIED = 0.3
_QUIET = 0.05
_DYING = 0.2


class Patience:
    """How long a server may take until it counts as hung.

    While a session that makes it hang is being made smaller, it waits less; what was
    found is tried again with all of it.

    Attributes:
        hurried: whether to wait less.
    """

    def __init__(self, seconds: float = 5.0):
        self._whole = seconds
        self.hurried = False

    @property
    def seconds(self) -> float:
        """How long to wait for what has to come."""
        return min(_HURRIED, self._whole) if self.hurried else self._whole


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


class Link:
    """One connection: its socket and what the specification says of it."""

    def __init__(self, server: Server, patience: Patience):
        self.model = Connection()
        self.patience = patience
        self.news: list[str] = []
        self._spoke_at = time.monotonic()
        self._broken_off = False
        self._rest = memoryview(b"")
        self._socket = server.connect(patience.seconds)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setblocking(False)

    def begin(self, octets: bytes) -> None:
        """Note octets that are sent by `push` and `go_on`."""
        self._spoke_at = time.monotonic()
        self.model.sent(octets)
        self._rest = memoryview(octets)

    def push(self) -> None:
        """Send without reading until the server takes no more for a while."""
        self._write(_QUIET, reading=False)

    def go_on(self) -> None:
        """Send what is left, reading meanwhile.

        Raises:
            Broken: what is read is not permitted, or the rest is not taken.
        """
        self._write(self.patience.seconds, reading=True)
        if self._rest and not self.model.closed:
            expected = "octets are taken, or the connection ends"
            got = f"{len(self._rest)} octets are not taken"
            raise Broken(Check.SILENCE, "HJP-LIF-6", expected, got)

    def end(self) -> None:
        """End the client's stream."""
        self.model.ended()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Break the connection off."""
        linger = struct.pack("ii", 1, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.model.closed = True
        self.close()

    def close(self) -> None:
        """Give the connection up."""
        self._socket.close()

    def waited(self) -> bool:
        """Read until nothing has to come any more; False if it does not come in time.

        Raises:
            Broken: what comes is not permitted.
        """
        self.glance()
        while self.model.waits:
            seconds = self.patience.seconds
            if self.model.fatal:
                seconds = min(_SHUT_DOWN, seconds)
            if not self._readable(seconds):
                return False
            self._read()
        return True

    def glance(self) -> bool:
        """Read what has come without waiting; return whether anything had."""
        came = False
        while not self.model.closed and self._readable(0):
            self._read()
            came = True
        return came

    def to_the_end(self) -> None:
        """Read until the server has ended its stream, or does not in time.

        Raises:
            Broken: what comes is not permitted.
        """
        while not self.model.closed and self._readable(self.patience.seconds):
            self._read()

    def _readable(self, seconds: float) -> bool:
        return bool(select.select([self._socket], [], [], seconds)[0])

    def _read(self) -> None:
        try:
            octets = self._socket.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            self._reset_by_server()
            return
        if octets:
            self.news += map(said, self.model.received(octets))
        elif self._broken_off:
            self._reset_by_server()
        else:
            self.news.append("the end of the stream")
            self.model.ends()

    def _reset_by_server(self) -> None:
        self.news.append("a reset of the connection")
        if self.model.fatal and time.monotonic() - self._spoke_at > _DROPPING:
            self.model.closed = True
            raise Inconclusive("the server had read for 2 s after its fatal error")
        self.model.breaks_off()

    def _write(self, quiet: float, reading: bool) -> None:
        """Write until all is written, the stream is over, or nothing moves."""
        readers = [self._socket] if reading else []
        while self._rest and not self.model.closed:
            readable, writable, _ = select.select(readers, [self._socket], [], quiet)
            if readable:
                self._read()
            if writable and not self.model.closed:
                self._write_once()
            if not readable and not writable:
                break

    def _write_once(self) -> None:
        try:
            sent = self._socket.send(self._rest[:_READ])
            self._rest = self._rest[sent:]
        except BlockingIOError:
            return
        except OSError:
            # What came before the reset can still be read, and then comes the end.
            self._broken_off = True
            self._rest = self._rest[:0]


class Play:
    """A session that is being played.

    Args:
        server: the server under test.
        patience: how long to wait.

    Attributes:
        links: the connections by their numbers.
        models: what the specification says of each of them.
        steps: what was done so far.
        journal: what was done and what came of it.
    """

    def __init__(self, server: Server, patience: Patience) -> None:
        self.server = server
        self.patience = patience
        self.links: dict[int, Link] = {}
        self.models: dict[int, Connection] = {}
        self.steps: list[Step] = []
        self.journal: list[Entry] = []
        self._helper: Link | None = None
        self._stopped = False

    def do(self, step: Step) -> None:
        """Take a step.

        Raises:
            Broken: the server breaks a requirement.
            Inconclusive: a clock of the server ran out.
            ServerGone: it has never taken a connection.
        """
        self.steps.append(step)
        self.journal += _told(step, len(self.steps))
        try:
            self._do(step)
        except (Broken, ServerGone) as fault:
            raise self._crash(fault) or fault from None
        finally:
            self._note_news()

    def finish(self) -> None:
        """End all connections, and see that the server goes on serving.

        Raises:
            Broken: the server breaks a requirement.
        """
        for number, link in self.links.items():
            if not link.model.closed:
                self.do(Step(number, Act.END))
        if not self._stopped:
            self._helper_closed()
            self.others_are_served()

    def close(self) -> None:
        """Give all connections up."""
        self._helper_closed()
        for link in self.links.values():
            link.close()
        if self._stopped:
            self.server.stop()

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
        if not helper.waited() and not helper.waited():
            expected = "a ping on another connection is answered"
            raise Broken(Check.OTHERS, "HJP-LIF-6", expected, "nothing")

    def _do(self, step: Step) -> None:
        if step.act is Act.STOP:
            self._stop()
            return
        if step.connection not in self.links:
            self.links[step.connection] = Link(self.server, self.patience)
            self.models[step.connection] = self.links[step.connection].model
        link = self.links[step.connection]
        if link.model.closed or link.model.input_ended and step.act is Act.SEND:
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
        while not link.waited():
            alone = sum(not other.model.closed for other in self.links.values()) == 1
            try:
                self.others_are_served()
            except Broken as unserved:
                raise link.model.overdue() if alone else unserved from None
            if not link.glance():
                raise link.model.overdue()

    def _stop(self) -> None:
        """Tell the server to stop, and look at what it does on each connection."""
        self._stopped = True
        self.server.tell_to_stop()
        for link in self.links.values():
            link.model.told_to_stop()
        for link in self.links.values():
            link.to_the_end()

    def _crash(self, fault: Broken | ServerGone) -> Broken | None:
        """Tell of a server that has died, whatever was seen of it; None if it lives."""
        if isinstance(fault, ServerGone):
            if not self.server.reached:
                return None
            reason: str | None = str(fault)
        else:
            reason = self.server.epitaph(_DYING if fault.check is Check.LOST else 0)
        if reason is None or self._stopped:
            return None
        self.server.stop()
        return Broken(Check.CRASH, "HJP-LIF-6", "the server goes on serving", reason)

    def _helper_closed(self) -> None:
        if self._helper is not None:
            self._helper.close()
            self._helper = None

    def _note_news(self) -> None:
        for number, link in self.links.items():
            self.journal += (Entry(0, number, f"received {text}") for text in link.news)
            link.news.clear()


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


def play(steps: Session, server: Server, patience: Patience) -> tuple[Broken | None, Play]:
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
