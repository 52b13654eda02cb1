"""Campaigns over parsers that behave, and over some that do not."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from hjp_fuzz.cases import Case
from hjp_fuzz.checks import Check
from hjp_fuzz.engines import Plan, Tally
from hjp_fuzz.findings import Finding, NoFinding, as_json, read, save
from hjp_fuzz.runner import Campaign, Report
from hjp_fuzz.targets import Limits, Target, TargetError, load
from hjp_fuzz.workers import Judge, Slot
from hjp_spec.oracle import encode

Plant = Callable[..., Target]
HERE = Path(__file__).parent
ENGINES = ("random", "hypothesis")  # test_fuzz_atheris has the third
GOOD = encode(b'{"id":1}', b"\xff\xff")


def hostile(name: str) -> Target:
    return load(f"hostile_parsers:{name}", folder=HERE)


def campaign(target: Target, count: int, **more: object) -> Report:
    jobs = int(str(more.pop("jobs", 1)))
    limits = Limits(patience=float(str(more.pop("patience", 5.0))))
    plan = Plan(target, "test", count=count, **more)  # type: ignore[arg-type]
    run = Campaign(plan, jobs, limits)
    found = [finding for finding in run.run() if finding is not None]
    assert found == run.report.findings
    return run.report


def only(report: Report) -> Finding:
    assert [finding.check for finding in report.findings] == [
        report.findings[0].check
    ], report.findings
    return report.findings[0]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_correct_parser_has_no_findings(engine: str, planted: Plant) -> None:
    report = campaign(planted(), 300, engine=engine)
    assert report.findings == []
    assert report.tally.streams == 300
    assert sum(report.tally.outcomes.values()) == 300
    assert report.tally.reached["HJP-FRM-14"] > 100


@pytest.mark.parametrize("engine", ENGINES)
def test_a_bug_has_a_finding_that_is_small(engine: str, planted: Plant) -> None:
    report = campaign(planted("dup_names"), 600, engine=engine)
    found = only(report)
    assert found.requirement == "HJP-MET-6"
    assert (found.expected, found.got) == ("reject bad_json", "no fault")
    assert len(found.stream) <= 31
    assert found.cuts == ()
    assert report.tally.failed >= 1


def test_several_jobs_share_the_count_and_not_the_seed(planted: Plant) -> None:
    report = campaign(planted(), 301, jobs=3)
    assert report.tally.streams == 301
    alone = campaign(planted(), 301)
    assert alone.tally.octets != report.tally.octets


def test_a_run_by_time_ends(planted: Plant) -> None:
    run = Campaign(Plan(planted(), "time", seconds=0.3))
    assert list(filter(None, run.run())) == []
    assert run.report.tally.streams > 0
    assert run.report.rate > 0


def test_the_same_seed_finds_the_same(planted: Plant) -> None:
    first = campaign(planted("bom"), 1500).findings
    assert first
    assert campaign(planted("bom"), 1500).findings == first


@pytest.mark.parametrize(
    ("name", "got"), [("crashes", "signal SIGSEGV"), ("exits", "exit 7")]
)
def test_a_crash_yields_its_input(name: str, got: str) -> None:
    report = campaign(hostile(name), 100)
    found = report.findings[0]
    assert (found.check, found.got) == ("crash", got)
    assert b"\xff\xff" in found.stream[4:]
    assert len(found.stream) <= 24


def test_a_hang_yields_its_input() -> None:
    report = campaign(hostile("hangs"), 20, patience=0.4)
    found = report.findings[0]
    assert found.check == "hang"
    assert b"\xff\xff" in found.stream[4:]
    assert report.tally.streams == 20


def test_memory_for_a_declared_length_is_found() -> None:
    report = campaign(hostile("allocates"), 1500)
    found = report.findings[0]
    assert (found.check, found.got) == ("memory", "MemoryError")
    assert found.requirement == "HJP-OPD-1"
    assert len(found.stream) == 16


def test_what_does_not_happen_again_is_no_finding() -> None:
    report = campaign(hostile("Flaky"), 300)
    assert report.findings == []
    assert {failure.check for failure in report.flaky} == {Check.DECLARED}


def test_a_broken_contract_ends_the_run() -> None:
    with pytest.raises(TargetError, match="no pair of metadata and payload"):
        campaign(hostile("no_pairs"), 10)


def test_what_a_target_prints_is_dropped(capfd: pytest.CaptureFixture[str]) -> None:
    assert campaign(hostile("prints"), 20).findings == []
    assert capfd.readouterr() == ("", "")


def test_no_process_is_left(planted: Plant) -> None:
    run = Campaign(Plan(planted(), "left", seconds=60))
    steps = run.run()
    next(steps)
    pids = [job.worker.process.pid for job in run._jobs]
    steps.close()
    for pid in pids:
        assert pid is not None
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no /proc here")
def test_workers_end_with_a_parent_that_is_killed() -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(HERE)!r})\n"
        "from hjp_fuzz.cli import main; main()"
    )
    arguments = "run planted_parsers:parse --jobs 2 --time 60"
    running = subprocess.Popen(
        (sys.executable, "-c", script, *arguments.split()),
        stdout=subprocess.DEVNULL,
    )
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    until(lambda: len(children.read_text().split()) == 2)
    workers = children.read_text().split()
    running.kill()
    running.wait()
    until(lambda: all(map(ended, workers)))


def ended(pid: str) -> bool:
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        )
    except (FileNotFoundError, ProcessLookupError):
        return True


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_judge_goes_on_after_a_crash_and_a_hang() -> None:
    bad, good = Case((), GOOD), Case((), encode(b"{}"))
    with closing(Judge(hostile("crashes"))) as judge:
        failures = [judge(case) for case in (good, bad, good)]
    assert [failure and failure.check for failure in failures] == [
        *(None, Check.CRASH, None)
    ]
    with closing(Judge(hostile("hangs"), Limits(0.3))) as judge:
        failures = [judge(case) for case in (good, bad, good)]
    assert [failure and failure.check for failure in failures] == [
        *(None, Check.HANG, None)
    ]


def test_a_slot_keeps_what_was_begun() -> None:
    slot = Slot()
    assert slot.busy() == 0
    assert slot.choices() == []
    slot.begin([1, 2**80, 3])
    assert slot.busy() > 0
    assert slot.choices() == [1, 2**80, 3]
    slot.end()
    assert slot.choices() == []
    slot.close()


def test_tallies_add_up() -> None:
    one, other = Tally(streams=2, failed=1), Tally(streams=3, seconds=1.5)
    one.merge(other)
    assert (one.streams, one.failed, one.seconds) == (5, 1, 1.5)


def test_a_finding_is_kept_and_read(planted: Plant, tmp_path: Path) -> None:
    found = only(campaign(planted("chunk_edge"), 100))
    file = save(found, tmp_path / "deep" / "folder")
    assert read(found.id, file.parent) == found
    assert read(str(file), tmp_path) == found
    assert found.check == "any-split"
    assert found.case.cuttings == (found.cuts,)
    assert json.loads(file.read_text())["sentence"].startswith("A receiver MUST")


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"id": "F-1"}', "null"],
)
def test_a_file_without_a_finding_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "F-1.json").write_text(content)
    with pytest.raises(NoFinding, match="holds no finding"):
        read("F-1", tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"octets": "zz"},
        {"requirement": "HJP-FRM-0"},
        {"check": "no-such"},
        {"cuts": ["a"]},
        {"extra": 1},
    ],
)
def test_a_finding_that_was_changed_is_refused(
    change: dict[str, object], planted: Plant, tmp_path: Path
) -> None:
    found = only(campaign(planted("late"), 20))
    (tmp_path / "F-1.json").write_text(json.dumps({**as_json(found), **change}))
    with pytest.raises(NoFinding):
        read("F-1", tmp_path)


def test_a_missing_finding_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoFinding, match="no finding F-9"):
        read("F-9", tmp_path)
