"""What a case and a run can end in: every set of verdicts in one place."""

from io import StringIO

import pytest
import report_samples as samples
from report_samples import report, run

from hjp_conformance.reports import summary, write
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
    face,
    is_worse,
    word,
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


@pytest.mark.parametrize(
    ("status", "ran", "known", "told"),
    [
        (Exit.CONFORMANT, 777, 0, "CONFORMANT"),
        (Exit.CONFORMANT, 41, 0, "CONFORMANT as far as 41 of 777 cases go"),
        (Exit.CONFORMANT, 777, 353, "AS EXPECTED, NOT CONFORMANT"),
        (Exit.CONFORMANT, 41, 1, "AS EXPECTED, NOT CONFORMANT"),
        (Exit.FAILURES, 41, 1, "NOT CONFORMANT"),
        (Exit.INCONCLUSIVE, 41, 0, "INCONCLUSIVE"),
    ],
)
def test_the_word_promises_no_more_than_was_seen(
    status: Exit, ran: int, known: int, told: str
) -> None:
    assert word(status, ran=ran, total=777, known=known) == told


def test_known_failures_do_not_look_like_a_pass() -> None:
    assert face(Exit.CONFORMANT, 0) is Verdict.PASS
    assert face(Exit.CONFORMANT, 1) is Verdict.KNOWN
    assert face(Exit.FAILURES, 1) is Verdict.FAIL


def test_the_whole_is_as_far_as_its_runs() -> None:
    """Of a run that was repeated the time that went least far."""
    a, b = (samples.case(f"server-frm-{one}", "pass") for one in "ab")
    codec = run("codec", [samples.case("codec-frm-a", "pass")], total=1)
    runs = [run("server", [a, b], total=3), run("server", [a], total=3)]
    assert summary.extent([*runs, codec]) == (2, 4)
    assert write.report([*runs, codec])["verdict"].endswith("2 of 4 cases go")
    assert summary.not_run(report(*runs, codec)) == ", 2 of 4 not run"
    assert summary.not_run(report(codec)) == ""


def test_a_failure_is_worse_than_no_answer_whatever_the_numbers() -> None:
    assert worst([Exit.INCONCLUSIVE, Exit.FAILURES]) is Exit.FAILURES
    assert is_worse(Exit.FAILURES, Exit.INCONCLUSIVE)
    assert not is_worse(Exit.INCONCLUSIVE, Exit.FAILURES)
    assert not is_worse(Exit.USAGE, Exit.USAGE)
