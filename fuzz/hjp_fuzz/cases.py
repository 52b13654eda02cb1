"""What the fuzzer tries: a stream, how it was written, and how it is divided."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

Cuts = tuple[int, ...]
"""Offsets at which a read ends, rising, none of them 0 or the end."""


# Not frozen, here and below: freezing trebles the time to make one.
@dataclass(slots=True)
class Draft:
    """A frame as its writer meant it.

    Attributes:
        json: the JSON text.
        payload: the payload.
        lies: what fields say that do not say what is right.
        keep: how many octets of the frame are written; None for all.
        raw: octets that stand for the whole frame, if it is not made of fields.
        aims: identifiers of the requirements that it was written for.
    """

    json: bytes = b"{}"
    payload: bytes = b""
    lies: Mapping[str, int | bytes] = field(default_factory=dict)
    keep: int | None = None
    raw: bytes | None = None
    aims: tuple[str, ...] = ()

    def kept(self, octets: int, *aims: str) -> "Draft":
        """Return the frame with only so many octets of it written."""
        keep = octets if self.keep is None else min(octets, self.keep)
        return replace(self, keep=keep, aims=self.aims + aims)


@dataclass(slots=True)
class Case:
    """One input.

    Attributes:
        drafts: the frames it is made of; empty if only the octets are known.
        stream: the octets.
        cuttings: ways to divide it into reads, besides taking it whole.
    """

    drafts: tuple[Draft, ...]
    stream: bytes
    cuttings: tuple[Cuts, ...] = ()


def pieces(stream: bytes, cuts: Cuts) -> list[bytes]:
    """Divide a stream into reads."""
    starts, ends = (0, *cuts), (*cuts, len(stream))
    return [stream[a:b] for a, b in zip(starts, ends, strict=True)]
