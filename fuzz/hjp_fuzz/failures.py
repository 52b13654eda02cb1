"""What can fail, and how a failure is written down."""

from dataclasses import dataclass
from enum import StrEnum

from hjp_fuzz.cases import Case, Cuts
from hjp_fuzz.targets import Lost
from hjp_spec.oracle import Outcome, decode


class Check(StrEnum):
    """The ids of the checks, in their order."""

    CRASH = "crash"
    HANG = "hang"
    MEMORY = "memory"
    GARBAGE = "garbage"
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
    Check.MEMORY: "no memory is taken that the input is not worth",
    Check.GARBAGE: "what comes is an answer",
    Check.DECLARED: "only declared exceptions escape",
    Check.STATUS: "accept, incomplete or reject, as the specification says",
    Check.CODE: "a reject has the code of the first fault",
    Check.FRAMES: "the frames are the same",
    Check.SPLIT: "any division into reads gives the same",
    Check.FINAL: "nothing is read after a reject",
    Check.CANARY: "the next frame is read after a valid input, never after another",
    Check.ENCODE: "what was read is written to the same",
}


NO_ANSWER = (Check.CRASH, Check.HANG, Check.MEMORY, Check.GARBAGE)
"""The checks that fail where there is no answer to look at."""
NO_FAULT = "no fault"


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
        if self.check in (*NO_ANSWER, Check.DECLARED):
            return self.signature
        return (*self.signature, self.requirement)


def failed(
    check: Check,
    got: str,
    case: Case,
    outcome: Outcome,
    requirement: str | None = None,
    expected: str = "",
    at: int = 0,
) -> Failure:
    """Write a failure down.

    Args:
        check: which one failed.
        got: what the target did.
        case: the input.
        outcome: what the specification makes of it.
        requirement: what is broken; if None, what the frame was written for.
        expected: what the specification says, if it is not the outcome as a whole.
        at: the frame that it is about.
    """
    return Failure(
        check,
        requirement or aimed_at(case, at),
        expected or said(outcome),
        got,
        aimed=requirement is None,
    )


def lost(how: Lost, case: Case, cuts: Cuts = ()) -> Failure:
    """Return the failure of a target that gave no answer.

    Args:
        how: what became of it.
        case: the input.
        cuts: the division at which it happened; empty if that is not known.
    """
    check = Check(how.check)
    requirement = _ALWAYS.get(check)
    if requirement is None:
        outcome = decode(case.stream)
        requirement = outcome.requirement or aimed_at(case, len(outcome.frames) - 1)
    return Failure(
        check,
        requirement,
        "an answer",
        how.got,
        error=how.got,
        message=how.message,
        cuts=cuts,
        aimed=True,
    )


_ALWAYS = {Check.MEMORY: "HJP-OPD-1"}
"""What is broken, where that does not depend on the input."""


def aimed_at(case: Case, at: int) -> str:
    """Return the requirement that a frame of a case was written for."""
    aims = case.drafts[at].aims if 0 <= at < len(case.drafts) else ()
    return aims[0] if aims else "HJP-FRM-12"


def said(outcome: Outcome) -> str:
    """Return a verdict as it is shown, such as ``reject bad_json``."""
    return f"{outcome.status} {outcome.code or ''}".strip()
