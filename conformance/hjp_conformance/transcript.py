"""What went over one connection, kept for the failure text and the reports."""

from dataclasses import dataclass, field
from enum import StrEnum, auto
from itertools import count
from typing import Literal

KEPT = 65_536
"""Octets of each direction that are kept; cases may send megabytes."""

Then = Literal["end", "reset"]
_turns = count()


class Way(StrEnum):
    """Who sent the octets."""

    SENT = auto()
    RECEIVED = auto()


@dataclass(slots=True)
class Step:
    """Octets of one way, up to the next that went the other way.

    Attributes:
        way: who sent them.
        kept: the octets, as far as they were kept.
        total: how many they were.
        then: what came after them on their way.
        input: lines that the client was given on its standard input after them.
        turn: grows with every step, of whatever connection.
    """

    way: Way
    kept: bytearray = field(default_factory=bytearray)
    total: int = 0
    then: Then | None = None
    input: list[str] = field(default_factory=list)
    turn: int = field(default_factory=lambda: next(_turns))

    @property
    def is_over(self) -> bool:
        """Whether further octets belong to another step."""
        return self.then is not None or bool(self.input) or self.turn != _latest[0]


_latest = [-1]
"""The turn of the step that was added to last: others are over."""


@dataclass(slots=True)
class Transcript:
    """The octets of both directions and what else happened.

    Attributes:
        steps: the octets of both ways, in order.
        notes: half-closes, ends and resets, in order.
        accepted: the outcomes that the case accepted at its last question.
        wrong: the first wrong octet: whose, and where in all octets of that way;
            None where no octet can be blamed.
        asked: in codec mode, the line that the testee was given.
        answered: in codec mode, the line that it gave back; None where none came.
        is_answer_kept: False where one came that was too long to be kept.
    """

    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    accepted: str = ""
    wrong: tuple[Way, int] | None = None
    asked: str | None = None
    answered: str | None = None
    is_answer_kept: bool = True
    _kept: dict[Way, int] = field(default_factory=lambda: dict.fromkeys(Way, 0))

    def add(self, way: Way, octets: bytes) -> None:
        """Note that these octets went this way."""
        step = self._step(way)
        kept = octets[: KEPT - self._kept[way]]
        step.kept += kept
        step.total += len(octets)
        self._kept[way] += len(kept)

    def chunk(self, octets: bytes) -> None:
        """Note octets that were given in one piece, apart from those before them."""
        self.steps.append(Step(Way.SENT))
        _latest[0] = self.steps[-1].turn
        self.add(Way.SENT, octets)

    def end(self, way: Way, then: Then, note: str) -> None:
        """Note that nothing more goes this way."""
        self._step(way).then = then
        self.notes.append(note)

    def tell(self, line: str) -> None:
        """Note a line on the standard input of the client."""
        step = self.steps[-1] if self.steps else self._step(Way.SENT)
        step.input.append(line)

    def octets(self, way: Way) -> bytes:
        """The first octets that went this way, at most `KEPT`."""
        return b"".join(step.kept for step in self.steps if step.way is way)

    def _step(self, way: Way) -> Step:
        """The step to add to: the last one, or another that begins."""
        if not self.steps or self.steps[-1].way is not way or self.steps[-1].is_over:
            self.steps.append(Step(way))
            _latest[0] = self.steps[-1].turn
        return self.steps[-1]
