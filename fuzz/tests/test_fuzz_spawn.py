"""Programs that are started for every stream."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from hjp_fuzz.cases import Case
from hjp_fuzz.checks import judge
from hjp_fuzz.engines import Plan
from hjp_fuzz.runner import Campaign, Report
from hjp_fuzz.targets import (
    Answer,
    Contract,
    Limits,
    Lost,
    NotFound,
    Question,
    SpawnTarget,
    Told,
)
from hjp_spec.oracle import encode, raw_frame

GOOD = encode(b'{"id":1}', b"hi!")
BAD = encode(b'{"id":1}', b"\xff\xff")
REFUSED = raw_frame(b"[]")
LIMITS = Limits(patience=0.4, memory=128 << 20)
Way = Callable[[str], str]


def campaign(target: SpawnTarget, count: int) -> Report:
    run = Campaign(Plan(target, "spawn", count=count))
    assert [found for found in run.run() if found] == run.report.findings
    assert run.report.tally.streams == count
    return run.report


def answers(target: SpawnTarget, *streams: bytes) -> list[Answer | Lost]:
    return list(target.run_all([Question(stream) for stream in streams]))


@pytest.mark.parametrize("kind", ["spawn", "lines"])
@pytest.mark.parametrize(
    ("way", "check", "got"),
    [
        ("crash", "crash", "signal SIGSEGV"),
        ("exit", "crash", "exit 7"),
        ("hang", "hang", "none"),
        ("bomb", "memory", "more than 128 MiB"),
        ("flood", "garbage", "output without an end"),
    ],
)
def test_each_loss_is_told_apart(
    way: str, check: str, got: str, kind: str, hostile: Way
) -> None:
    # Only what hangs is to run into a deadline, however busy the machine.
    limits = LIMITS if way == "hang" else Limits(patience=20, memory=LIMITS.memory)
    good, lost, refused = answers(
        SpawnTarget(hostile(f"{kind} {way}"), limits=limits), GOOD, BAD, REFUSED
    )
    assert isinstance(good, Answer)
    assert isinstance(refused, Answer)
    assert (good.status, refused.status) == ("accept", "reject")
    assert good.told == (kind == "lines")
    assert isinstance(lost, Lost)
    assert (lost.check, lost.got) == (check, got)


@pytest.mark.parametrize("way", ["garbage", "error"])
def test_who_printed_frames_has_to_go_on(way: str, hostile: Way) -> None:
    _, lost = answers(SpawnTarget(hostile(f"lines {way}")), GOOD, BAD)
    assert isinstance(lost, Lost)
    assert (lost.check, lost.got) == ("garbage", "no line of a testee")
    assert "\n" not in lost.message


def test_a_line_that_is_not_what_the_exit_status_says(tmp_path: Path) -> None:
    script = tmp_path / "two_minds.py"
    script.write_text(
        "import sys\n"
        "octets = sys.stdin.buffer.read()\n"
        'print(\'{"status":"accept","frames":[],"consumed":0}\')\n'
        "sys.exit(1 if b'hi!' in octets else 0)\n"
    )
    [lost] = answers(SpawnTarget(f"{sys.executable} {script}"), GOOD)
    assert isinstance(lost, Lost)
    assert lost.got == "accept in the line, reject by the exit status"


@pytest.mark.parametrize("kind", ["spawn", "lines"])
def test_who_obeys_has_no_findings(kind: str, hostile: Way) -> None:
    report = campaign(SpawnTarget(hostile(f"{kind} obey")), 300)
    assert not report.findings
    assert not report.flaky


def test_a_crash_has_a_finding_that_is_small(hostile: Way) -> None:
    report = campaign(SpawnTarget(hostile("spawn crash")), 60)
    [found] = report.findings
    assert (found.check, found.got) == ("crash", "signal SIGSEGV")
    assert len(found.stream) <= 20
    assert found.contract == Contract()


def test_frames_are_compared_if_they_are_told(hostile: Way) -> None:
    target = SpawnTarget(hostile("lines obey"))
    answer = target.run((GOOD,), GOOD)
    assert isinstance(answer, Told)
    assert answer.frames == [({"id": 1}, b"hi!")] * 2
    assert judge(target, Case((), GOOD + GOOD[:-1])) is None


def test_only_the_status_is_compared_if_they_are_not() -> None:
    takes_all = SpawnTarget("true")
    assert judge(takes_all, Case((), GOOD)) is None
    failure = judge(takes_all, Case((), REFUSED))
    assert failure is not None
    assert (failure.check, failure.requirement) == ("same-status", "HJP-MET-3")
    refuses_all = judge(SpawnTarget("false"), Case((), GOOD))
    assert refuses_all is not None
    assert refuses_all.expected == "no fault"


def test_who_looks_for_the_next_frame_is_found(tmp_path: Path) -> None:
    script = tmp_path / "seeks.py"
    script.write_text(
        "import sys\n"
        "octets = sys.stdin.buffer.read()\n"
        "sys.exit(0 if b'tweet' in octets else 1)\n"
    )
    failure = judge(SpawnTarget(f"{sys.executable} {script}"), Case((), REFUSED))
    assert failure is not None
    assert failure.check == "canary"


def test_other_exit_statuses_may_be_agreed_on(tmp_path: Path) -> None:
    script = tmp_path / "statuses.py"
    script.write_text(
        "import sys\n"
        "size = len(sys.stdin.buffer.read())\n"
        f"sys.exit({{{len(GOOD)}: 0, {len(REFUSED)}: 65}}.get(size, 75))\n"
    )
    contract = Contract(reject_status=65, incomplete_status=75)
    target = SpawnTarget(f"{sys.executable} {script}", contract)
    assert [
        a.status for a in answers(target, GOOD, REFUSED, b"H") if isinstance(a, Answer)
    ] == [*("accept", "reject", "incomplete")]
    with pytest.raises(NotFound, match="have to differ"):
        SpawnTarget("true", Contract(reject_status=2))


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(NotFound, match="cannot start"):
        SpawnTarget("/no/such/program").run((GOOD,))
    with pytest.raises(NotFound, match="cannot start"):
        Campaign(Plan(SpawnTarget("/no/such/program"), "none", count=1))


def test_what_a_hanging_program_has_started_is_ended(tmp_path: Path) -> None:
    child = tmp_path / "pid"
    script = f"if grep -q hi!; then sleep 60 & echo $! > {child}; wait; fi"
    target = SpawnTarget(f"sh -c '{script}'", limits=LIMITS)
    with pytest.raises(Lost) as lost:
        target.run((GOOD,))
    assert lost.value.check == "hang"
    with suppress(FileNotFoundError, ProcessLookupError):
        while (
            "zombie" not in Path(f"/proc/{int(child.read_text())}/status").read_text()
        ):
            os.sched_yield()
