"""From what a case raised to its verdict, and to a target for the next case."""

import traceback
from fnmatch import fnmatchcase
from time import monotonic

import pytest

from hjp_conformance.catalogue import Case, level_of
from hjp_conformance.reports.shape import CaseReport
from hjp_conformance.run import Run
from hjp_conformance.verdicts import (
    CAUGHT,
    Crashed,
    Inconclusive,
    Skipped,
    TargetGoneError,
    Verdict,
    Violation,
)

MAX_UNANSWERED = 25
"""So many deadlines may pass in a run; a target that never answers is left then."""

MAX_RESTARTING = 20.0
"""Seconds that starting the target again may take in a run, all together."""

DYING = 0.3
"""Seconds in which a target that has just failed is given to be found dead."""
_VAIN = 10
"""So often in a row a target is given them; one that fails on lives as a rule."""

MAX_WASTED = 40.0
"""Seconds that cases may take which fail slowly: the others would take as long."""
_SLOW = 0.5
"""Seconds after which a case that fails has taken long."""

MAX_CRASHES = 100
"""After so many a codec or client, started again for each case, is left, too."""

_KNOWABLE = CAUGHT | {Verdict.INCONCLUSIVE}

Judgement = tuple[Verdict, str, tuple[str, ...]]


def judge(run: Run, case: Case, error: BaseException | None) -> Judgement:
    """The verdict, what was wrong, and the requirements that were seen broken."""
    reason = _known(run.settings.known, case.id)
    _count_deadlines(run, is_known=reason is not None)
    verdict, message, broken = _seen(run, case, error, is_known=reason is not None)
    if run.unanswered >= MAX_UNANSWERED:
        run.stopped = (
            f"the target left {MAX_UNANSWERED} questions unanswered, so the run was "
            "stopped (a server has to serve others while one is idle: HJP-LIF-6); "
            "-k and --case run the rest"
        )
    if reason is None:
        return verdict, message, broken
    if verdict is Verdict.PASS:
        told = f"it passes, but is listed as a known failure: {reason}"
        return Verdict.FAIL, told, case.requirements
    if verdict in _KNOWABLE:
        return Verdict.KNOWN, f"known: {reason}; {message}", broken
    return verdict, message, broken


def weigh(run: Run, verdict: Verdict, seconds: float) -> None:
    """Leave a target that makes nearly every case wait for its failure."""
    if verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE) and seconds > _SLOW:
        run.wasted += seconds
    run.crashes += verdict is Verdict.CRASH
    if run.crashes >= MAX_CRASHES:
        run.stopped = run.stopped or f"the target crashed {MAX_CRASHES} times"
    if run.wasted > MAX_WASTED:
        told = f"cases that failed took {MAX_WASTED:g} s to do so: the target is slow"
        run.stopped = run.stopped or f"{told} to fail, and the rest was left out"


def _count_deadlines(run: Run, is_known: bool) -> None:
    """Count those of this case, unless it was known that they would pass."""
    passed, run.deadlines = run.patience.exceeded - run.deadlines, run.patience.exceeded
    run.unanswered += 0 if is_known else passed


def _known(known: dict[str, str], id_: str) -> str | None:
    """Why this case is known to fail; None if it is not."""
    reasons = (known[pattern] for pattern in known if fnmatchcase(id_, pattern))
    return next(reasons, None)


def _seen(
    run: Run, case: Case, error: BaseException | None, is_known: bool
) -> Judgement:
    verdict, message, broken = _of_error(run, case, error)
    if run.target is None or verdict in (Verdict.SKIP, Verdict.HARNESS):
        return verdict, message, broken
    epitaph = _epitaph(run, error)
    if epitaph is not None:
        message = f"{message}; {epitaph}" if message else epitaph
        _renew(run, epitaph, is_known)
        return Verdict.CRASH, message, broken or case.requirements
    if isinstance(error, Inconclusive | TargetGoneError):
        message += _check_that_it_lives(run, is_known)
    return verdict, message, broken


def bury(run: Run, seconds: float = 0, *, is_last: bool = False) -> bool:
    """A target that is found dead before a case died of the one before it.

    Args:
        run: the target may be started again.
        seconds: how long the target is given to be found dead.
        is_last: no case comes any more: it is not started again.

    Returns:
        Whether it was dead.
    """
    epitaph = run.target.epitaph(seconds) if run.target is not None else None
    if epitaph is None:
        return False
    reason = None
    if run.last is not None:
        reason = _known(run.settings.known, run.last["id"])
        run.last = _died(run.last, epitaph, reason)
        run.news.append(run.last)
    if not is_last:
        _renew(run, epitaph, reason is not None)
    return True


def _died(last: CaseReport, epitaph: str, reason: str | None) -> CaseReport:
    """The report of a case that has ended the target after its own end."""
    before, known = last.get("message"), f"known: {reason}; " if reason else ""
    dead = last.copy()
    dead["message"] = f"{before}; {epitaph}" if before else f"{known}{epitaph}"
    dead["broken"] = last.get("broken") or last["requirements"]
    dead["verdict"] = str(Verdict.CRASH if reason is None else Verdict.KNOWN)
    return dead


def _epitaph(run: Run, error: BaseException | None) -> str | None:
    assert run.target is not None
    if error is None or run.vain_waits >= _VAIN:
        return run.target.epitaph(0)
    epitaph = run.target.epitaph(DYING)
    run.vain_waits = run.vain_waits + 1 if epitaph is None else 0
    return epitaph


def _of_error(run: Run, case: Case, error: BaseException | None) -> Judgement:
    match error:
        case None:
            return Verdict.PASS, "", ()
        case Violation():
            broken = (error.requirement,) if error.requirement else case.requirements
            fails = level_of(broken) == "MUST" or run.settings.strict
            return Verdict.FAIL if fails else Verdict.WARN, str(error), broken
        case Crashed():
            return Verdict.CRASH, str(error), case.requirements
        case Inconclusive() | TargetGoneError():
            return Verdict.INCONCLUSIVE, str(error), ()
        case Skipped() | pytest.skip.Exception():
            return Verdict.SKIP, str(error), ()
        case _:
            return Verdict.HARNESS, "".join(traceback.format_exception(error)), ()


def _check_that_it_lives(run: Run, is_known: bool) -> str:
    """After silence: leave a target that says nothing, or start it again."""
    assert run.target is not None
    if run.unanswered >= MAX_UNANSWERED:
        return ""
    silent = run.target.silence(run.patience)
    _count_deadlines(run, is_known)
    if silent is None:
        return ""
    _renew(run, silent, is_known)
    return f"; {silent}"


def _renew(run: Run, reason: str, is_known: bool) -> None:
    assert run.target is not None
    if run.restarting > MAX_RESTARTING:
        run.stopped = (
            f"{reason}; it had to be started again {run.restarts} times, so the run "
            "was stopped: -k and --case run the rest"
        )
        return
    began = monotonic()
    try:
        run.target.renew()
    except TargetGoneError as error:
        run.gone = run.stopped = f"{reason}; {error}"
    if not is_known:
        run.restarts += 1
        run.restarting += monotonic() - began
