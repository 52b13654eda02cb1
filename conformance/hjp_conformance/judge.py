"""From what a case raised to its verdict, and to a target for the next case."""

import traceback
from dataclasses import replace

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

MAX_RESTARTS = 20
"""After so many crashes the rest of the run would tell nobody anything new."""

_DYING = 0.2
"""Seconds in which a target that has just failed is given to be found dead."""
_VAIN = 10
"""So often a target is given them; one that fails on lives as a rule."""

Judgement = tuple[Verdict, str, tuple[str, ...]]


def judge(run: Run, case: Case, error: BaseException | None) -> Judgement:
    """The verdict, what was wrong, and the requirements that were seen broken."""
    verdict, message, broken = _of_error(run, case, error)
    if run.target is None or verdict in (Verdict.SKIP, Verdict.HARNESS):
        return verdict, message, broken
    epitaph = _epitaph(run, error)
    if epitaph is not None:
        message = f"{message}; {epitaph}" if message else epitaph
        _renew(run, epitaph)
        return Verdict.CRASH, message, broken or case.requirements
    if isinstance(error, Inconclusive | TargetGoneError):
        message += _check_that_it_lives(run)
    return verdict, message, broken


def bury(run: Run) -> None:
    """A target that is found dead before a case died of the one before it."""
    epitaph = run.target.epitaph(0) if run.target is not None else None
    if epitaph is None:
        return
    if run.results:
        last = run.results[-1]
        message = f"{last.message}; {epitaph}" if last.message else epitaph
        broken = last.broken or last.case.requirements
        run.results[-1] = replace(
            last, verdict=Verdict.CRASH, message=message, broken=broken
        )
    _renew(run, epitaph)


def _epitaph(run: Run, error: BaseException | None) -> str | None:
    assert run.target is not None
    if error is None or run.vain_waits >= _VAIN:
        return run.target.epitaph(0)
    epitaph = run.target.epitaph(_DYING)
    run.vain_waits += epitaph is None
    return epitaph


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
    run.restarts += 1
    if run.restarts > MAX_RESTARTS:
        run.stopped = f"{reason}; it had to be started again {MAX_RESTARTS} times"
        return
    try:
        run.target.renew()
    except TargetGoneError as error:
        run.gone = run.stopped = f"{reason}; {error}"
