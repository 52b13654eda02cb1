"""The state machine: Hypothesis chooses what a client does next on a live server.

It keeps to the idea of the model: whatever a rule sends, `Connection` knows what may
come, so no rule says what it expects.
"""

import sys
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from hypothesis.strategies import DrawFn

from hjp_fuzz.sessions.client import Client
from hjp_fuzz.sessions.link import Patience
from hjp_fuzz.sessions.live import Play, stated_by
from hjp_fuzz.sessions.model import Inconclusive
from hjp_fuzz.sessions.replies import Broken
from hjp_fuzz.sessions.report import listing
from hjp_fuzz.sessions.rules import Rule, rules_for
from hjp_fuzz.sessions.servers import Server
from hjp_fuzz.sessions.steps import Step
from hjp_fuzz.sources import HypothesisSource

STEPS = 30
"""How many steps a session has, unless `TestCase.settings` say otherwise."""


class SessionMachine(RuleBasedStateMachine):
    """A client with several connections to one server.

    Attributes:
        server: the server under test.
        patience: how long to wait for it.
        client: what it knows of its connections.
        over: whether nothing more is done in this session.
    """

    server: ClassVar[Server]
    patience: ClassVar[Patience]

    def __init__(self) -> None:
        super().__init__()
        self.over = False
        self._play = Play(self.server, self.patience)
        self.client = Client(stated_by(self.server, self.patience))

    def take(self, steps: list[Step]) -> None:
        """Take steps, as long as the session is not over."""
        for step in steps:
            if not self.over:
                self._judged(partial(self._play.do, step))
                self.over |= self._play.stopped

    def teardown(self) -> None:
        """End the session."""
        # Where Hypothesis gives an example up, nothing that comes is to be judged.
        judged = sys.exc_info()[0] is None and not self.over
        try:
            if judged:
                self._judged(self._play.finish)
        finally:
            self._play.close()

    def _judged(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Inconclusive:
            self.over = True
        except Broken as broken:
            self.over = True
            self.patience.hurried = True
            broken.add_note("\n".join(listing(self._play.journal)))
            raise


def _as_a_rule(done: Rule) -> Any:
    @st.composite
    def chosen(draw: DrawFn) -> list[Step]:
        return done.choose(HypothesisSource(draw), draw(st.runner()).client)

    def act(self: SessionMachine, steps: list[Step]) -> None:
        self.take(steps)

    act.__name__, act.__qualname__, act.__doc__ = done.name, done.name, done.text
    return rule(steps=chosen())(act)


def session_machine(
    address_or_command: str | Server, patience: float = 5.0
) -> type[SessionMachine]:
    """Make the state machine of one server; its `TestCase` is for pytest.

    Args:
        address_or_command: where it listens, such as ``hjp://127.0.0.1:9507``, or the
            command that starts it, in which ``{port}`` stands for the port.
        patience: seconds until it counts as hung.

    Raises:
        NoServer: the address is none.
    """
    server = address_or_command
    if isinstance(server, str):
        server = Server(server)
    rules = {one.name: _as_a_rule(one) for one in rules_for(server.ours)}
    members = {"server": server, "patience": Patience(patience), **rules}
    machine: type[SessionMachine]
    machine = type("SessionMachine", (SessionMachine,), members)
    case = machine.TestCase
    case.settings = settings(
        deadline=None,
        suppress_health_check=list(HealthCheck),
        stateful_step_count=STEPS,
    )
    case.addClassCleanup(server.stop)
    weakref.finalize(machine, server.stop)
    return machine
