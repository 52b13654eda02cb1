"""Answers of a testee's `decode`, whoever printed them."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hjp_fuzz.targets.base import Answer, Pair
from hjp_spec import ijson
from hjp_spec.faults import FormatFault
from hjp_spec.registry import HEADER_LENGTH
from hjp_spec.testee import Decoded

_NOTHING = Decoded("accept", None, (), 0)


@dataclass(slots=True)
class Told(Answer):
    """What a testee told; its frames are read from its texts when they are needed.

    Attributes:
        decoded: the answer, as it came.
        size: octets of the stream, if a canary came after it.
    """

    decoded: Decoded = _NOTHING
    size: int | None = None

    def read(self) -> "Told":
        """Read the JSON texts, and tell the frames of the stream from the canary."""
        end = 0
        self.frames, self.canary = [], []
        for text, payload in self.decoded.frames:
            octets = text.encode(errors="surrogatepass")
            end += HEADER_LENGTH + len(octets) + len(payload)
            inside = self.size is None or end <= self.size
            among = self.frames if inside else self.canary
            among.append(_pair(text, octets, payload))
        return self


def _pair(text: str, octets: bytes, payload: bytes) -> Pair:
    metadata: Any = text  # what is no metadata equals none
    with suppress(FormatFault):
        metadata = ijson.parse(octets)
    return metadata, payload


def told(decoded: Decoded, size: int, canary: bool = False) -> Told:
    """Return an answer as the checks take it.

    Args:
        decoded: what the testee said.
        size: octets of the stream.
        canary: whether a canary came after it.
    """
    return Told(
        decoded.status,
        decoded.code,
        known=size,
        decoded=decoded,
        size=size if canary else None,
    )
