"""The octets of a conversation, way by way, and texts that nobody can abuse."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from hjp_conformance.reports.shape import CaseReport, Conversation, Step
from hjp_spec import dissect
from hjp_spec.oracle import decode
from hjp_spec.registry import DEFAULT_MAX_PAYLOAD

SHOWN = 512
"""Octets of each way that are shown; after them only those round the wrong one."""

_ANY = 2**32 - 1
"""The greatest payload that a header can announce, in octets."""

Way = Literal["sent", "received"]
WAYS: tuple[Way, Way] = ("sent", "received")

_SENDERS: dict[tuple[str, Way], dissect.Sender] = {
    ("server", "sent"): "client",
    ("server", "received"): "server",
    ("client", "sent"): "server",
    ("client", "received"): "client",
    ("pair", "sent"): "client",
    ("pair", "received"): "server",
}


@dataclass(frozen=True, slots=True)
class Stream:
    """The octets of one way.

    Attributes:
        way: who sent them.
        octets: the first of them, as far as they were kept without a gap.
        total: how many they were.
        wrong: the first that is wrong; None where none can be blamed.
        sender: what its sender is; None where nobody can know.
        max_payload: the limit that its receiver told of, in octets.
    """

    way: Way
    octets: bytes
    total: int
    wrong: int | None
    sender: dissect.Sender | None
    max_payload: int

    @property
    def marks(self) -> tuple[int, ...]:
        """The octets to mark, as `hjp_spec.dissect` takes them."""
        is_kept = self.wrong is not None and self.wrong < len(self.octets)
        return (self.wrong,) if self.wrong is not None and is_kept else ()

    def dissected(self) -> dissect.Dissection:
        """Their fields."""
        return dissect.dissect(self.octets, self.max_payload, sender=self.sender)

    def __str__(self) -> str:
        text = f"{self.total} octet{'' if self.total == 1 else 's'}"
        if self.wrong is None:
            return text
        if self.wrong >= self.total:
            return f"{text}, and then an end that came too early"
        kept = "" if self.marks else ", which was not kept"
        return f"{text}, the first wrong one is at {self.wrong}{kept}"


def streams(talk: Conversation, mode: str) -> list[Stream]:
    """Both ways; in codec mode only the one that there is."""
    if mode == "codec":
        return [_stream(talk, "sent", mode, _asked_limit(talk))]
    sent, received = (_octets(talk, way) for way in WAYS)
    return [
        _stream(talk, "sent", mode, _told_limit(received)),
        _stream(talk, "received", mode, _told_limit(sent)),
    ]


def _stream(talk: Conversation, way: Way, mode: str, max_payload: int) -> Stream:
    wrong = talk.get("wrong")
    return Stream(
        way,
        _octets(talk, way),
        sum(step["octets"] for step in _steps(talk, way)),
        wrong["offset"] if wrong and wrong["way"] == way else None,
        _SENDERS.get((mode, way)),
        max_payload,
    )


def _asked_limit(talk: Conversation) -> int:
    """The limit that a codec was given with the octets."""
    try:
        return _limit(json.loads(talk["asked"]))
    except (KeyError, TypeError, ValueError):
        return DEFAULT_MAX_PAYLOAD


def _told_limit(octets: bytes) -> int:
    """The greatest limit that a `hello` or its reply tells, among these frames."""
    told = [frame.metadata.get("limits") for frame in decode(octets, _ANY).frames]
    return max(map(_limit, told), default=DEFAULT_MAX_PAYLOAD)


def _limit(told: object) -> int:
    most = told.get("max_payload") if isinstance(told, dict) else None
    return most if type(most) is int and 0 < most <= _ANY else DEFAULT_MAX_PAYLOAD


def _steps(talk: Conversation, way: Way) -> list[Step]:
    return [step for step in talk["steps"] if step["way"] == way]


def _octets(talk: Conversation, way: Way) -> bytes:
    """The octets of one way, as far as they were kept without a gap."""
    return b"".join(_kept(_steps(talk, way)))


def _kept(steps: Iterable[Step]) -> Iterator[bytes]:
    for step in steps:
        octets = bytes.fromhex(step["hex"])
        yield octets
        if len(octets) < step["octets"]:
            return


def plain(text: str) -> str:
    """A target's words, in which nothing but the ends of lines is a control character.

    Neither can they move a terminal's cursor, nor turn the direction of the text
    around them: what does not print is told as an escape sequence.
    """
    return "".join(
        one
        if one.isprintable() or one == "\n"
        else one.encode("unicode_escape").decode()
        for one in text
    )


def in_a_line(text: str) -> str:
    """The same in one line."""
    return plain(" ".join(text.splitlines()))


def cited(case: CaseReport) -> list[str]:
    """The requirements of a case, those that were seen broken first."""
    return list(dict.fromkeys((*case.get("broken", ()), *case["requirements"])))
