"""The state machine: Hypothesis chooses what a client does next on a live server.

It keeps to the idea of the model: whatever a rule sends, `Connection` knows what may
come, so no rule says what it expects.
"""

import sys
import weakref
from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from hypothesis.strategies import DrawFn, SearchStrategy

from hjp_fuzz.sessions import moves
from hjp_fuzz.sessions.client import Choose, Client
from hjp_fuzz.sessions.live import Patience, Play
from hjp_fuzz.sessions.model import Inconclusive
from hjp_fuzz.sessions.moves import Move
from hjp_fuzz.sessions.report import listing
from hjp_fuzz.sessions.replies import Broken
from hjp_fuzz.sessions.servers import Server
from hjp_fuzz.sessions.steps import Act, Step, Then
from hjp_fuzz.sources import HypothesisSource

STEPS = 30


class Book:
    """What came of the sessions of a machine.

    Attributes:
        sessions: how many were played.
        steps: how many steps they had.
        inconclusive: how many ended because a clock of the server ran out.
        reached: how often a server could have broken each requirement.
    """

    def __init__(self) -> None:
        self.sessions = self.steps = self.inconclusive = 0
        self.reached: Counter[str] = Counter()

    def played(self, play: Play) -> None:
        """Count a session."""
        self.sessions += 1
        self.steps += len(play.steps)
        for link in play.links.values():
            self.reached.update(link.model.reached)

    def is_news(self, broken: Broken, play: Play) -> bool:
        """Tell whether a failure is one; a book may look for one kind only."""
        return True


def _choice(choose: Choose) -> SearchStrategy[list[Step]]:
    @st.composite
    def steps(draw: DrawFn) -> list[Step]:
        machine = draw(st.runner())
        return [] if machine.over else choose(HypothesisSource(draw), machine.client)

    return steps()


def _move(move: Move, *, fresh: bool = False) -> SearchStrategy[list[Step]]:
    return _choice(lambda source, client: client.move(source, move, fresh=fresh))


class SessionMachine(RuleBasedStateMachine):
    """A client with several connections to one server.

    Attributes:
        server: the server under test.
        patience: how long to wait for it.
        book: what is kept of all sessions.
        over: whether nothing more is done in this session.
    """

    server: ClassVar[Server]
    patience: ClassVar[Patience]
    book: ClassVar[Book]

    def __init__(self) -> None:
        super().__init__()
        self.over = False
        self._play = Play(self.server, self.patience)
        self.client = Client(self._play.models)

    def _do(self, steps: Sequence[Step]) -> None:
        try:
            for step in steps:
                self._play.do(step)
        except Inconclusive:
            self.over = True
            self.book.inconclusive += 1
        except Broken as broken:
            self._failed(broken)

    def _failed(self, broken: Broken) -> None:
        self.over = True
        self.patience.hurried = True
        if self.book.is_news(broken, self._play):
            broken.add_note("\n".join(listing(self._play.journal)))
            raise broken

    @rule(steps=_move(moves.ping))
    def ping(self, steps: list[Step]) -> None:
        """Ask whether anybody is there."""
        self._do(steps)

    @rule(steps=_move(moves.echo))
    def echo(self, steps: list[Step]) -> None:
        """Ask for something to be returned."""
        self._do(steps)

    @rule(steps=_move(moves.upper))
    def upper(self, steps: list[Step]) -> None:
        """Ask for something in upper case."""
        self._do(steps)

    @rule(steps=_move(moves.hello, fresh=True))
    def hello(self, steps: list[Step]) -> None:
        """Greet as the first request of a connection."""
        self._do(steps)

    @rule(steps=_move(moves.unknown_op))
    def ask_for_nothing_offered(self, steps: list[Step]) -> None:
        """Ask for an operation that there is not."""
        self._do(steps)

    @rule(steps=_move(moves.wrong_timeout))
    def ask_in_no_time(self, steps: list[Step]) -> None:
        """Ask with a mistyped `timeout_ms`."""
        self._do(steps)

    @rule(steps=_move(moves.streamed))
    def begin_a_stream(self, steps: list[Step]) -> None:
        """Begin a request of several frames."""
        self._do(steps)

    @rule(steps=_move(moves.later_frame))
    def go_on_with_a_stream(self, steps: list[Step]) -> None:
        """Send another frame of a request."""
        self._do(steps)

    @rule(steps=_move(moves.several))
    def ask_several_things(self, steps: list[Step]) -> None:
        """Send requests ahead."""
        self._do(steps)

    @rule(steps=_move(moves.wrong_request))
    def ask_wrongly(self, steps: list[Step]) -> None:
        """Send a frame whose members are wrong here."""
        self._do(steps)

    @rule(steps=_move(moves.wrong_hello, fresh=True))
    def greet_wrongly(self, steps: list[Step]) -> None:
        """Greet with a wrong member as the first request."""
        self._do(steps)

    @rule(steps=_move(moves.wrong_frame))
    def send_no_frame(self, steps: list[Step]) -> None:
        """Send octets that are no frame."""
        self._do(steps)

    @rule(steps=_choice(lambda source, client: client.rest(source)))
    def send_the_rest(self, steps: list[Step]) -> None:
        """Send the rest of a frame that was sent in part."""
        self._do(steps)

    @rule(steps=_choice(lambda source, client: client.leave(source, Act.END)))
    def end(self, steps: list[Step]) -> None:
        """End the client's stream, and read the server's to its end."""
        self._do(steps)

    @rule(steps=_choice(lambda source, client: client.leave(source, Act.RESET)))
    def reset(self, steps: list[Step]) -> None:
        """Break a connection off."""
        self._do(steps)

    @rule(steps=_choice(lambda source, client: client.flood(source)))
    def ask_for_much_and_not_read(self, steps: list[Step]) -> None:
        """Now and then ask for more than the transport holds."""
        self._do(steps)

    @precondition(lambda self: self.server.ours)
    @rule(steps=_choice(lambda source, client: client.stop(source)))
    def stop_the_server(self, steps: list[Step]) -> None:
        """Now and then tell a server that is ours to stop."""
        self._do(steps)
        self.over |= bool(steps)

    def teardown(self) -> None:
        """End the session."""
        # Where Hypothesis gives an example up, nothing that comes is to be judged.
        judged = sys.exc_info()[0] is None and not self.over
        try:
            if judged:
                self._finish()
        finally:
            self._play.close()
            self.book.played(self._play)

    def _finish(self) -> None:
        try:
            self._play.finish()
        except Inconclusive:
            self.book.inconclusive += 1
        except Broken as broken:
            self._failed(broken)


def session_machine(
    address_or_command: str | Server,
    patience: float | Patience = 5.0,
    book: Book | None = None,
) -> type[SessionMachine]:
    """Make the state machine of one server; its `TestCase` is for pytest.

    Args:
        address_or_command: where it listens, such as ``hjp://127.0.0.1:9507``, or the
            command that starts it, in which ``{port}`` stands for the port.
        patience: seconds until it counts as hung.
        book: what is kept of all sessions.

    Raises:
        NoServer: the address is none.
    """
    server = address_or_command
    if isinstance(server, str):
        server = Server(server)
    if not isinstance(patience, Patience):
        patience = Patience(patience)
    members = {"server": server, "patience": patience, "book": book or Book()}
    machine = type("SessionMachine", (SessionMachine,), members)
    machine.TestCase.settings = settings(
        deadline=None, suppress_health_check=list(HealthCheck), stateful_step_count=STEPS
    )
    machine.TestCase.tearDownClass = classmethod(lambda cls: server.stop())
    weakref.finalize(machine, server.stop)
    return machine
