"""The octets of a conversation, way by way, and texts that nobody can abuse."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from hjp_conformance.reports.shape import CaseReport, Conversation, Step
from hjp_spec import dissect

SHOWN = 512
"""Octets of each way that are shown; after them only those round the wrong one."""

Way = Literal["sent", "received"]
WAYS: tuple[Way, Way] = ("sent", "received")

_SENDERS: dict[tuple[str, Way], dissect.Sender] = {
    ("server", "sent"): "client",
    ("server", "received"): "server",
    ("client", "sent"): "server",
    ("client", "received"): "client",
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
    """

    way: Way
    octets: bytes
    total: int
    wrong: int | None
    sender: dissect.Sender | None

    @property
    def marks(self) -> tuple[int, ...]:
        """The octets to mark, as `hjp_spec.dissect` takes them."""
        is_kept = self.wrong is not None and self.wrong < len(self.octets)
        return (self.wrong,) if self.wrong is not None and is_kept else ()

    def dissected(self) -> dissect.Dissection:
        """Their fields."""
        return dissect.dissect(self.octets, sender=self.sender)

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
    ways = WAYS[:1] if mode == "codec" else WAYS
    return [_stream(talk, way, mode) for way in ways]


def _stream(talk: Conversation, way: Way, mode: str) -> Stream:
    steps = [step for step in talk["steps"] if step["way"] == way]
    wrong = talk.get("wrong")
    return Stream(
        way,
        b"".join(_kept(steps)),
        sum(step["octets"] for step in steps),
        wrong["offset"] if wrong and wrong["way"] == way else None,
        _SENDERS.get((mode, way)),
    )


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
