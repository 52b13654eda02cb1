"""What is checked of a parser, and against what: the schema of the specification.

Each check has an id, which a finding carries.  The checks run in the order of
`CHECKS`, and the first that fails is the finding: what fails after it is mostly a
consequence.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from hjp_fuzz.cases import Case, Cuts, pieces
from hjp_fuzz.targets import Answer, Pair, Target, place, type_name
from hjp_spec.oracle import Frame, Outcome, Status, decode, encode

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
        requirement = "" if self.aimed else self.requirement
        return (self.check, requirement, self.expected, self.got, self.error)

    @property
    def key(self) -> tuple[str, ...]:
        """The signature and what the input was written for."""
        return (*self.signature, self.requirement)


def judge(target: Target, case: Case) -> Failure | None:
    """Run a case and return the first check that fails."""
    return judge_outcome(target, case, decode(case.stream))


def judge_outcome(target: Target, case: Case, outcome: Outcome) -> Failure | None:
    """Do as `judge` does, the outcome by the specification being known."""
    review = _Review(target, case, outcome)
    return review.whole() or review.divided() or review.encoded()


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
    return pair[1] == frame.payload and equal(frame.metadata, pair[0])


class _Review:
    """The checks of one case."""

    __slots__ = ("case", "outcome", "target")

    def __init__(self, target: Target, case: Case, outcome: Outcome) -> None:
        self.target = target
        self.case = case
        self.outcome = outcome

    def whole(self) -> Failure | None:
        """Check the input taken as one read."""
        answer = self.target.run((self.case.stream,))
        return self._answered(answer)

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
                failure = self._rewritten(write, frame)
                if failure is not None:
                    return failure
        return None

    def _answered(self, answer: Answer) -> Failure | None:
        outcome = self.outcome
        if self._took_the_refused(answer):
            # Whatever came after it, the frame that had to be refused was accepted.
            return self._failure(Check.STATUS, replace(answer, status="accept"))
        if answer.status == "raised":
            return self._escaped(answer)
        if not outcome.permits(answer.status, None):
            return self._failure(Check.STATUS, answer)
        if answer.code is not None and not outcome.permits(answer.status, answer.code):
            return self._failure(Check.CODE, answer)
        return self._frames(answer)

    def _took_the_refused(self, answer: Answer) -> bool:
        rejected = self.outcome.status is Status.REJECT
        return rejected and len(answer.frames) > len(self.outcome.frames)

    def _escaped(self, answer: Answer) -> Failure:
        failure = self._failure(Check.DECLARED, answer, answer.raised)
        where = f"{answer.raised} at {answer.place}"
        return replace(failure, error=where, message=answer.message)

    def _frames(self, answer: Answer) -> Failure | None:
        frames, got = self.outcome.frames, answer.frames
        for frame, pair in zip(frames, got, strict=False):
            if not _same_frame(frame, pair):
                what = "metadata" if pair[1] == frame.payload else "payload"
                return self._failure(Check.FRAMES, answer, f"another {what}", what)
        if len(got) > len(frames):
            return self._failure(Check.FRAMES, answer, "frames that are none")
        if len(got) < self._due(answer.known):
            return self._failure(Check.FRAMES, answer, "frames missing")
        return None

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
            return self._because_divided(failure, answer, cuts, canary)
        rejected = self.outcome.status is Status.REJECT
        if rejected and (answer.later or answer.canary):
            check = Check.FINAL if answer.later else Check.CANARY
            return self._failure(check, answer, "frames after the reject")
        if canary and not rejected and not _is_canary(answer.canary):
            return self._failure(Check.CANARY, answer, "no canary")
        return None

    def _because_divided(
        self, failure: Failure, answer: Answer, cuts: Cuts, canary: bool
    ) -> Failure:
        """Tell a fault of the division from one that the canary brought out."""
        if failure.check is Check.DECLARED:
            return failure
        if canary:
            without = self.target.run(pieces(self.case.stream, cuts))
            if self._answered(without) is None:
                return self._failure(Check.CANARY, answer, failure.got)
        return _by_division(failure)

    def _canary_behind(self) -> Failure | None:
        """Check a function, which takes the canary with the input."""
        answer = self.target.run((self.case.stream,), CANARY)
        if answer.status == "raised":
            return self._escaped(answer)
        if self.outcome.status is Status.REJECT:
            if answer.status == "reject" and not self._frames(answer):
                return None
            return self._failure(Check.CANARY, answer)
        got = answer.frames[len(self.outcome.frames) :]
        if answer.status == "accept" and _is_canary(got):
            return None
        return self._failure(Check.CANARY, answer, "no canary")

    def _rewritten(
        self, write: Callable[[Any, bytes], bytes], frame: Frame
    ) -> Failure | None:
        got, error = "", ""
        try:
            octets = bytes(write(frame.metadata, frame.payload))
        except Exception as raised:
            got = type_name(raised)
            error = f"{got} at {place(raised)}"
        else:
            back = decode(octets)
            if len(back.frames) == 1 and back.status is Status.ACCEPT:
                pair = back.frames[0].metadata, back.frames[0].payload
                if _same_frame(frame, pair):
                    return None
                got = "another frame"
            else:
                got = f"{back.status} {back.code or ''}".strip()
        return Failure(Check.ENCODE, "HJP-FRM-19", "the frame", got, error)

    def _failure(
        self, check: Check, answer: Answer, got: str = "", what: str = ""
    ) -> Failure:
        at = len(answer.frames)
        if check is Check.FRAMES:
            at = _first_wrong(self.outcome.frames, answer.frames)
        broken = self._broken(check, answer.status, what)
        expected = _expected(check, self.outcome)
        requirement = broken or self._aim(at)
        return Failure(
            check, requirement, expected, got or _said(answer), aimed=broken is None
        )

    def _broken(self, check: Check, status: str, what: str) -> str | None:
        """Name the requirement that a target breaks, if the outcome tells it."""
        outcome = self.outcome
        if check in (Check.FINAL, Check.CANARY):
            if outcome.status is not Status.REJECT:
                return "HJP-FRM-15"
            after_magic = outcome.requirement == "HJP-FRM-2"
            return "HJP-FRM-3" if after_magic else "HJP-ERR-10"
        if check is Check.FRAMES:
            return _BY_DIFFERENCE[what]
        if outcome.requirement is None:
            return _BY_STATUS.get(status)
        if status == "incomplete":  # it may know what is wrong, but not in time
            return _IN_TIME.get(outcome.requirement, "HJP-MET-14")
        return outcome.requirement

    def _aim(self, at: int) -> str:
        return aimed_at(self.case, at)


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


_BY_STATUS = {"incomplete": "HJP-FRM-17", "accept": "HJP-LIF-8"}
_IN_TIME = {
    **dict.fromkeys(("HJP-FRM-2", "HJP-FRM-4"), "HJP-FRM-5"),
    **dict.fromkeys(
        ("HJP-FRM-7", "HJP-FRM-8", "HJP-FRM-9", "HJP-FRM-10"), "HJP-FRM-11"
    ),
}
"""Which requirement tells when a fault has to be known; else HJP-MET-14 does."""
_BY_DIFFERENCE = {"metadata": None, "payload": "HJP-FRM-16", "": "HJP-FRM-15"}


def _by_division(failure: Failure) -> Failure:
    return replace(failure, check=Check.SPLIT, requirement="HJP-FRM-14", aimed=False)


def _is_canary(got: Sequence[Pair]) -> bool:
    return len(got) == 1 and _same_frame(_CANARY_FRAME, got[0])


def _first_wrong(frames: Sequence[Frame], got: Sequence[Pair]) -> int:
    for at, (frame, pair) in enumerate(zip(frames, got, strict=False)):
        if not _same_frame(frame, pair):
            return at
    return min(len(frames), len(got))


def _said(answer: Answer) -> str:
    return f"{answer.status} {answer.code}" if answer.code else answer.status


def _expected(check: Check, outcome: Outcome) -> str:
    if check is Check.FRAMES:
        return "the frames of the schema"
    if check in (Check.CANARY, Check.FINAL):
        rejected = outcome.status is Status.REJECT
        return "nothing more" if rejected else "the canary"
    return f"{outcome.status} {outcome.code or ''}".strip()
