"""What is checked of a parser, and against what: the schema of the specification.

Each check has an id, which a finding carries.  The checks run in the order of
`CHECKS`, and the first that fails is the finding: what fails after it is mostly a
consequence.
"""

import marshal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from hjp_fuzz.cases import Case, Cuts, pieces
from hjp_fuzz.dialect import HJP
from hjp_fuzz.expected import decode
from hjp_fuzz.targets import Answer, Pair, Target, place, type_name
from hjp_spec.oracle import Frame, Outcome, Status, encode

CANARY = encode(b'{"id":9007199254740991,"op":"x-canary"}', b"tweet")
"""A frame that is fed after the input: read after a valid one, else never."""
_CANARY_FRAME = decode(CANARY).frames[0]
_ENCODED_UP_TO = 1024


class Check(StrEnum):
    """The ids of the checks, in their order."""

    CRASH = "crash"
    HANG = "hang"
    DECLARED = "declared-exceptions"
    STATUS = "same-status"
    CODE = "same-code"
    FRAMES = "same-frames"
    SPLIT = "any-split"
    FINAL = "reject-is-final"
    CANARY = "canary"
    ENCODE = "re-encode"


MEANING = {
    Check.CRASH: "the process survives",
    Check.HANG: "an answer comes in time",
    Check.DECLARED: "only declared exceptions escape",
    Check.STATUS: "accept, incomplete or reject, as the specification says",
    Check.CODE: "a reject has the code of the first fault",
    Check.FRAMES: "the frames are the same",
    Check.SPLIT: "any division into reads gives the same",
    Check.FINAL: "nothing is read after a reject",
    Check.CANARY: "the next frame is read after a valid input, never after another",
    Check.ENCODE: "what was read is written to the same",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """A check that failed.

    Attributes:
        check: which one.
        requirement: the identifier of the requirement that is broken.
        expected: what the specification says.
        got: what the target did.
        error: class and place of the exception, if it matters.
        message: its text.
        cuts: the division into reads at which it fails; empty if whole.
        aimed: whether the requirement is only what the input was written for.
    """

    check: Check
    requirement: str
    expected: str
    got: str
    error: str = ""
    message: str = ""
    cuts: Cuts = ()
    aimed: bool = False

    @property
    def signature(self) -> tuple[str, ...]:
        """What tells it from other failures, whatever the input."""
        if self.check is Check.DECLARED:  # the place says it all
            return (self.check, self.error)
        requirement = "" if self.aimed else self.requirement
        return (self.check, requirement, self.expected, self.got, self.error)

    @property
    def key(self) -> tuple[str, ...]:
        """The signature and, where that says little, what the input is about."""
        if self.check in (Check.CRASH, Check.HANG, Check.DECLARED):
            return self.signature
        return (*self.signature, self.requirement)


def judge(target: Target, case: Case) -> Failure | None:
    """Run a case in every way and return the first check that fails."""
    return _Review(target, case, decode(case.stream)).thorough()


def judge_outcome(target: Target, case: Case, outcome: Outcome) -> Failure | None:
    """Do as `judge` does in a single run, as long as nothing fails in that.

    A stream without cuts is tried as it is, any other one divided and with a canary
    behind it: to try each in both ways would find little more in twice the time.

    Args:
        target: the parser.
        case: the input.
        outcome: what the specification makes of it.
    """
    review = _Review(target, case, outcome)
    failure = review.once()
    return failure and (review.thorough() or failure)


def equal(expected: Any, got: Any) -> bool:
    """Tell whether a target read the value that the JSON text holds.

    Values are equal as HJP-COR-11 says: the same type of JSON, numbers by their
    nearest binary64 value, objects without regard to order.  So 1, 1.0 and 1e0 are
    one value, as for any parser that keeps numbers as binary64, and -0 is 0; but
    true is never 1.
    """
    if isinstance(expected, str) or expected is None or isinstance(expected, bool):
        return type(got) is type(expected) and bool(got == expected)
    if isinstance(expected, int | float):
        return _same_number(expected, got)
    if isinstance(expected, list):
        same = isinstance(got, list | tuple) and len(got) == len(expected)
        return same and all(map(equal, expected, got))
    if not isinstance(got, Mapping) or len(got) != len(expected):
        return False
    return all(name in got and equal(expected[name], got[name]) for name in expected)


def _same_number(expected: float, got: Any) -> bool:
    if isinstance(got, bool) or not isinstance(got, int | float | Decimal):
        return False
    try:
        return float(got) == float(expected)
    except OverflowError:
        return False


def _same_frame(frame: Frame, pair: Pair) -> bool:
    if pair[1] != frame.payload:
        return False
    # Most targets read the very same values: one look in C saves a walk in Python.
    return _alike(frame.metadata, pair[0]) or equal(frame.metadata, pair[0])


def _alike(expected: Any, got: Any) -> bool:
    try:
        return marshal.dumps(got, 2) == marshal.dumps(expected, 2)
    except ValueError:
        return False


class _Review:
    """The checks of one case."""

    __slots__ = ("case", "outcome", "target")

    def __init__(self, target: Target, case: Case, outcome: Outcome) -> None:
        self.target = target
        self.case = case
        self.outcome = outcome

    @property
    def rejected(self) -> bool:
        """Whether the specification has the stream refused."""
        return self.outcome.status is Status.REJECT

    def thorough(self) -> Failure | None:
        """Check everything."""
        return self.whole() or self.divided() or self.encoded()

    def once(self) -> Failure | None:
        """Check what one run tells, and rewrite the frames of one that is undivided."""
        if any(self.case.cuttings):
            return self.divided()
        return self.whole() or self.encoded()

    def whole(self) -> Failure | None:
        """Check the input taken as one read."""
        return self._answered(self.target.run((self.case.stream,)))

    def divided(self) -> Failure | None:
        """Check the input in reads, then a canary."""
        canary = b"" if self.outcome.status is Status.INCOMPLETE else CANARY
        if self.target.parse is not None:
            return self._canary_behind() if canary else None
        for cuts in self.case.cuttings or ((),):
            answer = self.target.run(pieces(self.case.stream, cuts), canary)
            failure = self._divided(answer, cuts, bool(canary))
            if failure is not None:
                return replace(failure, cuts=cuts)
        return None

    def encoded(self) -> Failure | None:
        """Check that what was read is written as it was, if it can be written."""
        write = self.target.encode
        if write is None:
            return None
        for frame in self.outcome.frames:
            if len(frame.json) <= _ENCODED_UP_TO:
                failure = _rewritten(write, frame)
                if failure is not None:
                    return failure
        return None

    def _answered(self, answer: Answer) -> Failure | None:
        """Look for the first difference in the order of the stream."""
        got, expected = len(answer.frames), len(self.outcome.frames)
        failure = self._other_frame(answer)
        if failure is not None:
            return failure
        if self.rejected and got > expected:
            # Whatever came after it, the frame that had to be refused was accepted.
            return self._failure(Check.STATUS, NO_FAULT, self.outcome.requirement)
        if got < self._due(answer.known):
            return self._stopped_early(answer)
        if got < expected:
            failure = self._unseen()
            if failure is not None:
                return failure
        if answer.status == "raised":
            return self._escaped(answer, self.outcome.requirement)
        if not self.outcome.permits(answer.status, None):
            return self._wrong_status(answer)
        if answer.code and not self.outcome.permits(answer.status, answer.code):
            return self._failure(Check.CODE, _said(answer), self.outcome.requirement)
        if got > expected:
            return self._failure(Check.FRAMES, "a frame that is none", "HJP-FRM-15")
        return None

    def _other_frame(self, answer: Answer) -> Failure | None:
        frames = zip(self.outcome.frames, answer.frames, strict=False)
        for at, (frame, pair) in enumerate(frames):
            if not _same_frame(frame, pair):
                what = "metadata" if pair[1] == frame.payload else "payload"
                requirement = None if what == "metadata" else "HJP-FRM-16"
                expected = f"the {what} of the frame"
                return self._failure(
                    Check.FRAMES, f"another {what}", requirement, expected, at
                )
        return None

    def _unseen(self) -> Failure | None:
        """Check the right frames alone, which a call read that raised in the end."""
        answer = self.target.run((self.case.stream[: self.outcome.consumed],))
        failure = self._other_frame(answer)
        if failure is None and len(answer.frames) < len(self.outcome.frames):
            return self._stopped_early(answer)
        return failure

    def _stopped_early(self, answer: Answer) -> Failure:
        """Tell of a frame that is right and was not read."""
        at = len(answer.frames)
        if answer.status == "raised":
            return self._escaped(answer, None)
        requirement = _NOT_READ.get(answer.status)
        return self._failure(Check.STATUS, _said(answer), requirement, NO_FAULT, at)

    def _escaped(self, answer: Answer, requirement: str | None) -> Failure:
        at, expected = len(answer.frames), NO_FAULT if requirement is None else ""
        failure = self._failure(
            Check.DECLARED, answer.raised, requirement, expected, at
        )
        where = f"{answer.raised} at {answer.place}"
        return replace(failure, error=where, message=answer.message)

    def _wrong_status(self, answer: Answer) -> Failure:
        got, at = _said(answer), len(answer.frames)
        requirement = self.outcome.requirement
        if requirement is None:
            expected = NO_FAULT if answer.status == "reject" else ""
            requirement = _WRONG_END.get(answer.status)
            return self._failure(Check.STATUS, got, requirement, expected, at)
        if answer.status == "incomplete" and self._knows_later():
            requirement = _IN_TIME.get(requirement, "HJP-MET-14")
            return self._failure(Check.STATUS, got, requirement)
        return self._failure(Check.STATUS, NO_FAULT, requirement)

    def _knows_later(self) -> bool:
        """Tell whether the target refuses the frame once all of it is there."""
        rest = self.case.stream[self.outcome.consumed :]
        missing = bytes(min(_MOST_MISSING, HJP.missing(rest)))
        answer = self.target.run((self.case.stream + missing,))
        return answer.status == "reject" and self._other_frame(answer) is None

    def _due(self, known: int) -> int:
        """Return how many frames have to be there after so many octets."""
        frames = self.outcome.frames
        if known >= self.outcome.consumed:
            return len(frames)
        end, count = 0, 0
        for frame in frames:
            end += frame.size
            count += end <= known
        return count

    def _divided(self, answer: Answer, cuts: Cuts, canary: bool) -> Failure | None:
        failure = self._answered(answer)
        if failure is not None:
            return self._because_divided(failure, cuts, canary)
        if self.rejected and answer.later:
            return self._after_reject(Check.FINAL)
        if self.rejected and answer.canary:
            return self._after_reject(Check.CANARY)
        if canary and not self.rejected and not _is_canary(answer.canary):
            return self._no_canary("no canary")
        return None

    def _because_divided(self, failure: Failure, cuts: Cuts, canary: bool) -> Failure:
        """Tell a fault of the division from one that the canary brought out."""
        if failure.check is Check.DECLARED:
            return failure
        if canary:
            without = self.target.run(pieces(self.case.stream, cuts))
            if self._answered(without) is None:
                return self._no_canary(failure.got)
        return self._failure(
            Check.SPLIT, failure.got, "HJP-FRM-14", "the same as of one read"
        )

    def _canary_behind(self) -> Failure | None:
        """Check a function, which takes the canary with the input."""
        answer = self.target.run((self.case.stream,), CANARY)
        if answer.status == "raised":
            return self._escaped(answer, self.outcome.requirement)
        frames = len(self.outcome.frames)
        if self.rejected:
            good = answer.status == "reject" and len(answer.frames) <= frames
            return None if good else self._after_reject(Check.CANARY)
        if answer.status == "accept" and _is_canary(answer.frames[frames:]):
            return None
        return self._no_canary(_said(answer))

    def _no_canary(self, got: str) -> Failure:
        return self._failure(Check.CANARY, got, "HJP-FRM-15", "the canary is read")

    def _after_reject(self, check: Check) -> Failure:
        after_magic = self.outcome.requirement == "HJP-FRM-2"
        requirement = "HJP-FRM-3" if after_magic else "HJP-ERR-10"
        return self._failure(check, "frames after the reject", requirement, "nothing")

    def _failure(
        self,
        check: Check,
        got: str,
        requirement: str | None = None,
        expected: str = "",
        at: int = 0,
    ) -> Failure:
        """Write a failure down; without a requirement, that of the frame's aim."""
        return Failure(
            check,
            requirement or aimed_at(self.case, at),
            expected or _expected(self.outcome),
            got,
            aimed=requirement is None,
        )


NO_FAULT = "no fault"
_MOST_MISSING = 1 << 18
_NOT_READ = {"incomplete": "HJP-FRM-17", "accept": "HJP-FRM-15"}
_WRONG_END = {"incomplete": "HJP-FRM-17", "accept": "HJP-LIF-8"}
_IN_TIME = {
    **dict.fromkeys(("HJP-FRM-2", "HJP-FRM-4"), "HJP-FRM-5"),
    **dict.fromkeys(
        ("HJP-FRM-7", "HJP-FRM-8", "HJP-FRM-9", "HJP-FRM-10"), "HJP-FRM-11"
    ),
}
"""Which requirement tells when a fault has to be known; else HJP-MET-14 does."""


def _rewritten(write: Callable[[Any, bytes], bytes], frame: Frame) -> Failure | None:
    error = ""
    try:
        back = decode(bytes(write(frame.metadata, frame.payload)))
    except Exception as raised:
        got = type_name(raised)
        error = f"{got} at {place(raised)}"
    else:
        if back.status is Status.ACCEPT and len(back.frames) == 1:
            if _same_frame(frame, (back.frames[0].metadata, back.frames[0].payload)):
                return None
            got = "another frame"
        else:
            got = _expected(back)
    return Failure(Check.ENCODE, "HJP-FRM-19", "the frame", got, error)


def lost(check: Check, got: str, case: Case, message: str = "") -> Failure:
    """Return the failure of a target that gave no answer at all."""
    outcome = decode(case.stream)
    requirement = outcome.requirement or aimed_at(case, len(outcome.frames) - 1)
    return Failure(
        check, requirement, "an answer", got, error=got, message=message, aimed=True
    )


def aimed_at(case: Case, at: int) -> str:
    """Return the requirement that a frame of a case was written for."""
    aims = case.drafts[at].aims if 0 <= at < len(case.drafts) else ()
    return aims[0] if aims else "HJP-FRM-12"


def _is_canary(got: Sequence[Pair]) -> bool:
    return len(got) == 1 and _same_frame(_CANARY_FRAME, got[0])


def _said(answer: Answer) -> str:
    return f"{answer.status} {answer.code}" if answer.code else answer.status


def _expected(outcome: Outcome) -> str:
    return f"{outcome.status} {outcome.code or ''}".strip()
