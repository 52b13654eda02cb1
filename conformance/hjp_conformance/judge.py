"""From what a case raised to its verdict, and to a target for the next case."""

import traceback

import pytest

from hjp_conformance.catalogue import Case, level_of
from hjp_conformance.preflight import answers
from hjp_conformance.run import Run
from hjp_conformance.verdicts import (
    Inconclusive,
    TargetGoneError,
    Verdict,
    Violation,
)

MAX_UNANSWERED = 25
"""So many deadlines may pass in a run; a target that never answers is left then."""

_DYING = 0.2
"""Seconds in which a target that has just failed is given to be found dead."""

Judgement = tuple[Verdict, str, tuple[str, ...]]


def judge(run: Run, case: Case, error: BaseException | None) -> Judgement:
    """The verdict, what was wrong, and the requirements that were seen broken."""
    verdict, message, broken = _of_error(run, case, error)
    if run.target is None or verdict in (Verdict.SKIP, Verdict.HARNESS):
        return verdict, message, broken
    epitaph = run.target.epitaph(0 if error is None else _DYING)
    if epitaph is not None:
        message = f"{message}; {epitaph}" if message else epitaph
        _renew(run, epitaph)
        return Verdict.CRASH, message, broken or case.requirements
    if isinstance(error, Inconclusive | TargetGoneError):
        message += _check_that_it_lives(run)
    return verdict, message, broken


def _of_error(run: Run, case: Case, error: BaseException | None) -> Judgement:
    match error:
        case None:
            return Verdict.PASS, "", ()
        case Violation():
            broken = (error.requirement,) if error.requirement else case.requirements
            fails = level_of(broken) == "MUST" or run.strict
            return Verdict.FAIL if fails else Verdict.WARN, str(error), broken
        case Inconclusive() | TargetGoneError():
            return Verdict.INCONCLUSIVE, str(error), ()
        case pytest.skip.Exception():
            return Verdict.SKIP, str(error), ()
        case _:
            return Verdict.HARNESS, "".join(traceback.format_exception(error)), ()


def _check_that_it_lives(run: Run) -> str:
    """After silence: leave a target that says nothing, or start it again."""
    assert run.target is not None
    if run.patience.exceeded >= MAX_UNANSWERED:
        run.stopped = f"the target left {MAX_UNANSWERED} questions unanswered"
        return ""
    if answers(run.target.address, run.patience):
        return ""
    _renew(run, "the target does not answer a ping on a new connection either")
    return "; the target does not answer a ping on a new connection either"


def _renew(run: Run, reason: str) -> None:
    assert run.target is not None
    try:
        run.target.renew()
    except TargetGoneError as error:
        run.gone = run.stopped = f"{reason}; {error}"
