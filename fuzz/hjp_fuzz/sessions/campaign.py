"""From many sessions to one finding: found, made smaller, tried on a fresh server."""

from collections import Counter
from collections.abc import Callable

from hjp_fuzz.sessions.client import Client
from hjp_fuzz.sessions.link import Patience
from hjp_fuzz.sessions.live import Entry, Play, play, stated_by
from hjp_fuzz.sessions.model import Inconclusive
from hjp_fuzz.sessions.replies import Broken, Check
from hjp_fuzz.sessions.rules import rules_for
from hjp_fuzz.sessions.servers import Server
from hjp_fuzz.sessions.smaller import smaller
from hjp_fuzz.sessions.steps import Act, Session, SessionFinding, Step, in_turn, name_of
from hjp_fuzz.sources import RandomSource
from hjp_spec.oracle import encode

CONFIRMED = 3
"""How often a session has to fail on a fresh server to be a finding."""
_GREETING = (Step(1, octets=encode(b'{"id":1,"op":"hello"}')), Step(1, Act.END))


class Tally:
    """What was done.

    Attributes:
        sessions: how many were played to look for a failure.
        steps: how many steps they had.
        inconclusive: how many ended because a clock of the server ran out.
        reached: how often a server could have broken each requirement.
        failed: what failed; None as long as nothing did.
    """

    def __init__(self) -> None:
        self.sessions = self.steps = self.inconclusive = 0
        self.reached: Counter[str] = Counter()
        self.failed: Broken | None = None

    def note(self, played: Play) -> None:
        """Count a session."""
        self.sessions += 1
        self.steps += len(played.steps)
        for link in played.links.values():
            self.reached.update(link.model.reached)


Told = Callable[[Tally], None]


class Campaign:
    """Sessions on one server.

    Args:
        server: the server under test.
        seed: which sessions these are.
        patience: seconds until the server counts as hung.
        told: called after each session.

    Attributes:
        tally: what was done.
        journal: what happened in the session that was found.
        flaky: what failed and did not fail again; None if nothing.
    """

    def __init__(
        self,
        server: Server,
        seed: str,
        patience: float,
        told: Told = lambda tally: None,
    ) -> None:
        self.tally = Tally()
        self.journal: list[Entry] = []
        self.flaky: Broken | None = None
        self._server = server
        self._seed = seed
        self._patience = Patience(patience)
        self._told = told

    def run(self, examples: int, steps: int) -> SessionFinding | None:
        """Play sessions until one fails.

        Args:
            examples: how many at most.
            steps: how many steps each has.

        Raises:
            ServerGone: there is no server to talk to.
        """
        for number in range(examples):
            broken, played = self._one(RandomSource(f"{self._seed}/{number}"), steps)
            self.tally.note(played)
            self.tally.failed = broken
            self._told(self.tally)
            if broken is not None:
                return self._found(broken, played)
        return None

    def _one(self, source: RandomSource, steps: int) -> tuple[Broken | None, Play]:
        """Play one session, and choose its steps on the way."""
        played = Play(self._server, self._patience)
        client = Client(stated_by(self._server, self._patience))
        rules = rules_for(self._server.ours)
        try:
            while len(played.steps) < steps and not played.stopped:
                for step in source.choice(rules).choose(source, client):
                    played.do(step)
            played.finish()
        except Broken as broken:
            return broken, played
        except Inconclusive:
            self.tally.inconclusive += 1
        finally:
            played.close()
        return None, played

    def _found(self, broken: Broken, played: Play) -> SessionFinding | None:
        """Make a session smaller that failed, and try it again."""
        self.journal, steps = played.journal, tuple(played.steps)
        if broken.check is Check.CRASH and not self._server.ours:
            return self._finding(broken, steps)  # there is no server any more
        self._patience.hurried = True
        small = smaller(steps, lambda candidate: self._fails(broken, candidate))
        self._patience.hurried = False
        # What is a matter of luck may have been made too small.
        for session in dict.fromkeys((small, steps)):
            found = self._confirmed(session)
            if found is not None:
                return found
        self.flaky = broken
        return None

    def _fails(self, broken: Broken, steps: Session) -> bool:
        found, _ = play(steps, self._server, self._patience)
        return broken.is_like(found)

    def _confirmed(self, steps: Session) -> SessionFinding | None:
        """Try a session on a fresh server, if there can be one.

        What fails only on a server that has served others fails at the second time,
        or after a `hello`.
        """
        for again in (steps, in_turn(steps, steps), in_turn(_GREETING, steps)):
            first = self._on_a_fresh_server(again)
            if first is not None and all(
                first.is_like(self._on_a_fresh_server(again))
                for _ in range(CONFIRMED - 1)
            ):
                return self._finding(first, again)
        return None

    def _on_a_fresh_server(self, steps: Session) -> Broken | None:
        self._server.stop()
        broken, played = play(steps, self._server, self._patience)
        self.journal = played.journal
        return broken

    def _finding(self, broken: Broken, steps: Session) -> SessionFinding:
        return SessionFinding(
            id=name_of(broken.requirement, steps),
            server=self._server.named,
            check=broken.check,
            requirement=broken.requirement,
            expected=broken.expected,
            got=broken.got,
            seed=self._seed,
            steps=steps,
        )
