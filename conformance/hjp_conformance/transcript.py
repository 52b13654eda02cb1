"""What went over one connection, kept for the failure text and the reports."""

from dataclasses import dataclass, field
from enum import StrEnum, auto

KEPT = 65_536
"""Octets of each direction that are kept; cases may send megabytes."""


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
    """

    way: Way
    kept: bytearray = field(default_factory=bytearray)
    total: int = 0


@dataclass(slots=True)
class Transcript:
    """The octets of both directions and what else happened.

    Attributes:
        steps: the octets of both ways, in order.
        notes: half-closes, ends and resets, in order.
        accepted: the outcomes that the case accepted at its last question.
        wrong: the first wrong octet: whose, and where in all octets of that way;
            None where no octet can be blamed.
    """

    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    accepted: str = ""
    wrong: tuple[Way, int] | None = None
    _kept: dict[Way, int] = field(default_factory=lambda: dict.fromkeys(Way, 0))

    def add(self, way: Way, octets: bytes) -> None:
        """Note that these octets went this way."""
        if not self.steps or self.steps[-1].way is not way:
            self.steps.append(Step(way))
        step = self.steps[-1]
        kept = octets[: KEPT - self._kept[way]]
        step.kept += kept
        step.total += len(octets)
        self._kept[way] += len(kept)

    def octets(self, way: Way) -> bytes:
        """The first octets that went this way, at most `KEPT`."""
        return b"".join(step.kept for step in self.steps if step.way is way)

    def total(self, way: Way) -> int:
        """How many octets went this way."""
        return sum(step.total for step in self.steps if step.way is way)
