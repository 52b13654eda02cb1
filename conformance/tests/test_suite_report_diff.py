import copy
import json
import sys
from pathlib import Path
from typing import Any

import commanded
import pytest
from report_samples import HOSTILE, big, case, report, run, small

from hjp_conformance.reports.diff import Difference, diff
from hjp_conformance.reports.shape import Report

FLAKY = Path(__file__).parent / "flaky_codec.py"
VERDICTS = ("pass", "warn", "skip", "inconclusive", "known", "harness", "fail", "crash")


def one(verdict: str, **more: Any) -> Report:
    return report(run("server", [case("server-frm-a", verdict, "HJP-FRM-2", **more)]))


def between(old: str, new: str) -> Difference:
    return diff(one(old), one(new, message="why"))


def test_nothing_has_changed() -> None:
    found = diff(small(), small())
    assert found.exit == 0
    assert str(found) == "0 regressions, 0 fixes, 10 cases fail as before"


@pytest.mark.parametrize("old", VERDICTS)
@pytest.mark.parametrize("new", VERDICTS)
def test_what_is_worse(old: str, new: str) -> None:
    found = between(old, new)
    (mode,) = found.modes
    # Of what was inconclusive nobody knows that it was better.
    is_worse = old in ("pass", "warn", "skip") and new in ("fail", "crash")
    is_lost = old in ("pass", "warn") and new in ("inconclusive", "harness")
    is_worse = is_worse or is_lost
    assert found.exit == int(is_worse) == len(mode.regressions)
    is_fixed = old in ("fail", "crash") and new in ("pass", "warn")
    assert len(mode.fixes) == int(is_fixed)
    is_other = old != new and not is_worse and not is_fixed
    assert len(mode.others) == int(is_other)


def test_the_text() -> None:
    assert str(between("pass", "crash")).splitlines() == [
        "server, regressions: 1",
        "  server-frm-a: pass, now crash: why",
        "1 regression, 0 fixes",
    ]
    assert "server, fixes: 1\n  server-frm-a: fail, now pass" in str(
        between("fail", "pass")
    )
    assert "server, other changes: 1\n" in str(between("pass", "skip"))


def test_the_last_line_counts_what_is_left() -> None:
    """Also what is no change, and what can be compared with nothing."""
    then = {"a": "fail", "b": "fail", "c": "crash", "d": "inconclusive", "gone": "pass"}
    now = {"a": "pass", "b": "fail", "c": "fail", "d": "fail", "new": "fail"}
    old, new = (
        report(run("server", [case(f"server-frm-{n}", v) for n, v in ones.items()]))
        for ones in (then, now)
    )
    assert str(diff(old, new)).splitlines()[-1] == (
        "0 regressions, 1 fix, 2 other changes, 2 cases fail as before, 1 case is new, "
        "1 case is gone"
    )
    assert diff(old, new).exit == 0


def test_cases_that_the_suite_has_added_removed_and_changed() -> None:
    old = report(
        run(
            "server",
            [
                case("server-frm-a", "pass", "HJP-FRM-2"),
                case("server-frm-b", "pass", "HJP-FRM-2", title="before"),
                case("server-frm-gone", "fail", "HJP-FRM-2"),
            ],
        )
    )
    new = report(
        run(
            "server",
            [
                case("server-frm-a", "pass", "HJP-FRM-2", "HJP-FRM-4"),
                case("server-frm-b", "pass", "HJP-FRM-2", title="after"),
                case("server-frm-new", "fail", "HJP-FRM-2"),
            ],
        )
    )
    found = diff(old, new)
    assert found.exit == 0  # the target is as it was: the suite asks for more
    assert str(found).splitlines() == [
        "server, cases that are new: 1",
        "  server-frm-new: fail",
        "server, cases that are gone: 1",
        "  server-frm-gone: fail",
        "server, cases that the suite has changed: 2",
        "  server-frm-a: requirements: HJP-FRM-2, now HJP-FRM-2 HJP-FRM-4",
        "  server-frm-b: title: before, now after",
        "0 regressions, 0 fixes, 1 case is new, 1 case is gone",
    ]


def test_target_and_options() -> None:
    old, new = small(), small()
    new["suite"] = "0.3.0"
    server = new["runs"][0]
    server["target"]["max_payload"] = 100_000
    server["target"]["features"] = ["files"]
    server["tier"] = "smoke"
    server["strict"] = True
    server["complete"], server["stopped"] = False, "the target went away"
    assert diff(old, new).exit == 1
    assert str(diff(old, new)).splitlines() == [
        "suite: 0.2.0, now 0.3.0",
        "server, worse: 1",
        "  it was stopped before its last case, and the old run was not",
        "server, target and options: 5",
        "  target features: none, now files",
        "  target max_payload: 65536, now 100000",
        "  tier: full, now smoke",
        "  strict: False, now True",
        "  the new run was stopped before its last case: the target went away",
        "0 regressions, 0 fixes, 10 cases fail as before, 1 run worse as a whole",
    ]


def test_each_mode_by_itself() -> None:
    old, new = small(), small()
    codec = new["runs"][2]["cases"][1]
    codec["verdict"] = "fail"
    found = diff(old, new)
    assert [(mode.mode, len(mode.regressions)) for mode in found.modes] == [
        ("server", 0),
        ("client", 0),
        ("codec", 1),
    ]
    del new["runs"][0], old["runs"][1]
    assert str(diff(old, new)).splitlines()[:2] == [
        "server: only in the old report",
        "client: only in the new report",
    ]


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("wrong", [{"format": 7}, {}, [], None, {"format": 1}])
def test_another_format_is_refused(place: int, wrong: Any) -> None:
    reports: list[Any] = [small(), small()]
    reports[place] = wrong
    which = ("old", "new")[place]
    with pytest.raises(ValueError, match=rf"the {which} report is .*: write it again"):
        diff(*reports)


def test_what_a_target_says_does_not_reach_the_terminal() -> None:
    new = one("fail", message=HOSTILE)
    new["runs"][0]["target"]["name"] = HOSTILE
    text = str(diff(one("pass"), new))
    assert text.replace("\n", "").isprintable()
    assert len(text.splitlines()) == 5


def test_thousands_of_cases() -> None:
    old = big()
    new = copy.deepcopy(old)
    for changed in new["runs"][0]["cases"][::2]:
        changed["verdict"] = "fail"
    found = diff(old, new)
    assert found.exit == 1
    assert len(found.modes[0].regressions) == sum(
        one["verdict"] == "pass" for one in old["runs"][0]["cases"][::2]
    )


# Reports that the command has written


def written(path: Path, *words: str) -> Report:
    done = commanded.run(*words, "--json", str(path))
    assert path.exists(), done.stdout + done.stderr
    found: Report = json.loads(path.read_text(encoding="utf-8"))
    return found


CASES = ("--case", "codec-frm-version-00", "--case", "codec-frm-version-02")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The reference, which passes."""
    found = written(tmp_path_factory.mktemp("good") / "a.json", "codec", *CASES)
    assert found["exit"] == 0
    return found


def test_a_target_that_is_none_is_worse(tmp_path: Path, good: Report) -> None:
    gone = written(tmp_path / "a.json", "codec", "--cmd", "no-such-program", *CASES)
    [run_] = gone["runs"]
    assert (run_["complete"], "no-such-program" in (run_["stopped"] or "")) == (
        False,
        1,
    )
    found = diff(good, gone)
    assert (found.exit, diff(gone, good).exit) == (1, 0)
    assert "CONFORMANT, now NO TARGET" in str(found)


BROKEN = "hjp_conformance.mutants.codec.broken"
NEVER_RIGHT = ("codec", "--cmd", f"{sys.executable} -m {BROKEN} version-bad-magic")


def test_a_run_that_was_cut_off_is_worse(tmp_path: Path, good: Report) -> None:
    cut = written(tmp_path / "a.json", *NEVER_RIGHT, *CASES, "-x")
    cut["runs"][0]["cases"][0]["verdict"] = "pass"
    found = diff(good, cut)
    assert (found.exit, len(found.modes[0].regressions)) == (1, 0)


def test_of_several_times_the_worst_counts(tmp_path: Path, good: Report) -> None:
    """The second time all is well: the failure of the first is not forgotten."""
    command = f"{sys.executable} {FLAKY} {tmp_path / 'flag'}"
    words = ("codec", "--cmd", command, *CASES, "--repeat", "2")
    flaky = written(tmp_path / "a.json", *words)
    assert [one["exit"] for one in flaky["runs"]] == [1, 0]
    found = diff(good, flaky)
    assert (found.exit, len(found.modes[0].regressions)) == (1, 2)
    assert diff(flaky, good).exit == 0


def test_what_only_the_list_of_known_failures_makes_of_a_run() -> None:
    """That a known failure passes is no regression; that a pattern is dead is told."""
    old = report(run("server", [case("server-frm-a", "known", "HJP-FRM-2")]))
    new = report(run("server", [case("server-frm-a", "fail", "HJP-FRM-2")]))
    assert diff(old, new).exit == 0
    dead = report(run("server", [case("server-frm-a", "known", "HJP-FRM-2")], exit=1))
    found = diff(old, dead)
    assert (found.exit, len(found.modes[0].worse)) == (1, 1)
