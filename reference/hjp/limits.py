"""The limits that an endpoint applies to its peer, and the constants of the format.

Knows the table *Limits* of the text; reads no clock and counts nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

__all__ = [
    "DEFAULT_MAX_PAYLOAD",
    "MAX_DEPTH",
    "MAX_INTEGER",
    "MAX_JSON",
    "MAX_U32",
    "Limits",
]

MAX_JSON: Final = 65_536
"""Octets of JSON text. A constant: what is not negotiated cannot go wrong."""

DEFAULT_MAX_PAYLOAD: Final = 65_536
"""Octets of payload that each side may send before the other states its limit."""

MAX_DEPTH: Final = 32
"""Levels of objects and arrays, the metadata itself being the first."""

MAX_INTEGER: Final = 2**53 - 1
"""The greatest number that every JSON parser reads exactly."""

MAX_U32: Final = 2**32 - 1
"""The greatest length that a header can declare."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What this endpoint accepts from its peer; names as in the table *Limits*.

    Raises:
        ValueError: A value is out of its range.
    """

    max_payload: int = DEFAULT_MAX_PAYLOAD
    """Octets of payload in one frame, as stated in ``hello`` (HJP-LIM-3, -5). The
    smallest that may be stated: one payload is held in memory until it is whole."""

    max_dropped: int = 16 * 1024 * 1024
    """Octets of payload dropped for one request after its final reply (HJP-MSG-24);
    no less. Enough for what was under way; more is a client that does not listen."""

    first_frame_ms: int = 10_000
    """From the connection to the first complete JSON text. Whoever connects has
    something to say; scanners and forgotten sockets do not."""

    frame_ms: int = 30_000
    """From a later frame's first octet to its complete JSON text: 64 KiB at most,
    so even a link of 20 kbit/s manages."""

    payload_ms: int = 30_000
    """Without progress of a payload, or at less than 1 KiB/s over that time."""

    idle_ms: int = 60_000
    """Between frames, with nothing being carried out or owed."""

    write_ms: int = 60_000
    """Of waiting output without an octet accepted by the transport: a peer that
    never reads must not hold what was written for it."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            low, high = _RANGES.get(field.name, (1, MAX_INTEGER))
            if type(value) is not int or not low <= value <= high:
                raise ValueError(
                    f"{field.name} must be an integer from {low} to {high}, "
                    f"not {value!r}"
                )

    @classmethod
    def parse(cls, settings: Iterable[str]) -> "Limits":
        """Make limits from texts such as ``max_payload=1048576``.

        Args:
            settings: ``NAME=VALUE`` each; the last one of a name wins.

        Raises:
            ValueError: A name is unknown or a value is no integer of its range;
                the message says which and what there is.
        """
        return cls(**dict(map(_setting, settings)))


_RANGES: Final = {
    "max_payload": (DEFAULT_MAX_PAYLOAD, MAX_U32),  # HJP-LIM-5
    "max_dropped": (16 * 1024 * 1024, MAX_INTEGER),
}


def _setting(text: str) -> tuple[str, int]:
    name, equals, value = text.partition("=")
    names = [field.name for field in fields(Limits)]
    if not equals or name not in names:
        raise ValueError(f"{text!r} is not NAME=VALUE with NAME of {', '.join(names)}")
    if not (value.isascii() and value.isdigit()):
        raise ValueError(f"{name} must be an integer, not {value!r}")
    return name, int(value)
