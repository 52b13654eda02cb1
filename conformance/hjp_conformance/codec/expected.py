"""What a decoder has to make of octets: written in a table, or told by the oracle."""

from dataclasses import dataclass

from hjp_spec.oracle import Outcome, Status
from hjp_spec.registry import HEADER_LENGTH

_SHOWN = 60

Part = tuple[bytes, bytes]
"""The JSON text and the payload of a frame."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The permitted outcomes of a decode.

    Attributes:
        status: accept, incomplete or reject.
        frames: the frames that are accepted before that.
        code: with reject, the code.
        requirement: with reject, what a codec breaks that does not refuse.
        early: with incomplete, the code of a refusal that is permitted too.
        why: with reject, what is wrong there, if that is known.
    """

    status: str
    frames: tuple[Part, ...] = ()
    code: str | None = None
    requirement: str | None = None
    early: str | None = None
    why: str | None = None

    @property
    def consumed(self) -> int:
        """The octets of the frames together."""
        return sum(HEADER_LENGTH + len(json) + len(load) for json, load in self.frames)

    @property
    def verdicts(self) -> tuple[tuple[str, str | None], ...]:
        """Every pair of status and code."""
        first = (self.status, self.code)
        return (first, ("reject", self.early)) if self.early else (first,)

    def permits(self, status: str, code: str | None, *, codes: bool) -> bool:
        """Whether a codec may say so; one that tells no codes may leave it out."""
        if (status, code) in self.verdicts:
            return True
        silent = status == Status.REJECT and code is None and not codes
        return silent and any(one == Status.REJECT for one, _ in self.verdicts)

    def lines(self) -> list[str]:
        """Every permitted outcome, in words."""
        kept = told_frames(self.frames, self.consumed)
        lines = [f"{told(status, code)}, {kept}" for status, code in self.verdicts]
        if self.why:
            lines[0] += f" ({self.why})"
        if self.early:
            lines[1] += " (HJP-FRM-18)"
        return lines


def of_outcome(outcome: Outcome) -> Expected:
    """What the oracle says, as a case compares it."""
    return Expected(
        str(outcome.status),
        tuple((frame.json, frame.payload) for frame in outcome.frames),
        outcome.code and str(outcome.code),
        outcome.requirement,
        outcome.early and str(outcome.early),
        outcome.message,
    )


def told(status: str, code: str | None) -> str:
    """A status and its code in words."""
    return f"{status} {code}" if code else status


def told_frames(frames: tuple[Part, ...], consumed: int) -> str:
    """Frames and the octets that they take in words."""
    count = f"{len(frames)} frame" + "s" * (len(frames) != 1)
    shown = ", ".join(f"{_cut(json)} + {_cut(load)}" for json, load in frames[:3])
    more = ", …" * (len(frames) > 3)
    return f"{count}{': ' * bool(frames)}{shown}{more}, consumed {consumed}"


def _cut(octets: bytes) -> str:
    text = octets[:_SHOWN].decode(errors="backslashreplace")
    text = text if text.isprintable() else repr(text)
    return f"{text}… ({len(octets)} octets)" if len(octets) > _SHOWN else text or "''"
