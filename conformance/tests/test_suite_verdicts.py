"""What a case and a run can end in: every set of verdicts in one place."""

from io import StringIO

import pytest
import report_samples as samples
from report_samples import report, run

from hjp_conformance.reports.cards import card
from hjp_conformance.reports.console import Console
from hjp_conformance.run import Run
from hjp_conformance.verdicts import (
    BAD,
    CAUGHT,
    COLORS,
    FAILED,
    QUIET,
    UNDECIDED,
    Exit,
    Verdict,
    exit_of,
    is_worse,
    worst,
)


def test_every_verdict_is_in_one_set() -> None:
    assert {*FAILED, *UNDECIDED, *QUIET, Verdict.WARN} == set(Verdict) == set(COLORS)
    assert len(FAILED) + len(UNDECIDED) + len(QUIET) + 1 == len(Verdict)
    assert BAD == FAILED | UNDECIDED
    assert FAILED | {Verdict.WARN} == CAUGHT


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_has_one_colour(verdict: Verdict) -> None:
    """On its card and in the list of its chapter."""
    case = samples.case("server-frm-a", verdict)
    one = run("server", [case])
    head = card(case, report(one), one, color=True).partition(" ")[0]
    out = StringIO()
    made = Run()
    made.take([case])
    console = Console(made, out, color=True)
    console._chapter("FRM")
    assert head.removesuffix("\x1b[0m").startswith(f"\x1b[{COLORS[verdict]}m")
    assert (f"    {head} server-frm-a" in out.getvalue()) == (verdict not in QUIET)


def test_a_run_that_has_asked_nothing_is_not_conformant() -> None:
    assert exit_of({Verdict.SKIP}, gone=False) is Exit.INCONCLUSIVE
    assert exit_of({Verdict.SKIP, Verdict.PASS}, gone=False) is Exit.CONFORMANT
    assert exit_of({Verdict.SKIP}, gone=True) is Exit.UNREACHABLE
    assert exit_of({Verdict.KNOWN}, gone=False) is Exit.CONFORMANT
    assert exit_of((), gone=False) is Exit.CONFORMANT


def test_a_failure_is_worse_than_no_answer_whatever_the_numbers() -> None:
    assert worst([Exit.INCONCLUSIVE, Exit.FAILURES]) is Exit.FAILURES
    assert is_worse(Exit.FAILURES, Exit.INCONCLUSIVE)
    assert not is_worse(Exit.INCONCLUSIVE, Exit.FAILURES)
    assert not is_worse(Exit.USAGE, Exit.USAGE)
