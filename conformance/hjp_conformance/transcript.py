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
class Transcript:
    """The octets of both directions and what else happened.

    Attributes:
        octets: the first octets of each direction, in order.
        totals: the number of all octets of each direction.
        notes: half-closes, ends and resets, in order.
        accepted: the outcomes that the case accepted at its last question.
    """

    octets: dict[Way, bytearray] = field(
        default_factory=lambda: {way: bytearray() for way in Way}
    )
    totals: dict[Way, int] = field(default_factory=lambda: dict.fromkeys(Way, 0))
    notes: list[str] = field(default_factory=list)
    accepted: str = ""

    def add(self, way: Way, octets: bytes) -> None:
        """Note that these octets went this way."""
        self.totals[way] += len(octets)
        kept = self.octets[way]
        kept += octets[: KEPT - len(kept)]
