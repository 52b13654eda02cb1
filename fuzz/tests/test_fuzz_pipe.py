"""Testees: many lines at once, and what one of them does is not blamed on another."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hjp_fuzz.cases import Case
from hjp_fuzz.checks import judge
from hjp_fuzz.engines import Plan
from hjp_fuzz.failures import Failure
from hjp_fuzz.runner import Campaign, Report
from hjp_fuzz.targets import (
    Answer,
    Limits,
    Lost,
    NotFound,
    PipeTarget,
    Question,
    Target,
    TargetError,
    Told,
)
from hjp_spec.oracle import encode, raw_frame

HERE = Path(__file__).parent
PEERS = HERE.parents[1] / "conformance" / "peers"
GOOD = encode(b'{"id":1}', b"hi!")
BAD = encode(b'{"id":1}', b"\xff\xff")
LIMITS = Limits(patience=0.4, memory=100 << 20)
Way = Callable[[str], str]


@pytest.fixture
def odd() -> Iterator[Callable[[str], PipeTarget]]:
    started: list[PipeTarget] = []

    def target(way: str) -> PipeTarget:
        started.append(PipeTarget(f"{sys.executable} {HERE}/odd_testee.py {way}"))
        return started[-1]

    yield target
    for one in started:
        one.close()


def campaign(target: Target, count: int, **more: object) -> Report:
    run = Campaign(Plan(target, "pipe", count=count, **more))  # type: ignore[arg-type]
    assert [found for found in run.run() if found] == run.report.findings
    assert run.report.tally.streams == count
    return run.report


def asked(target: Target, *streams: bytes) -> list[Answer | Lost]:
    with closing(target):
        return list(target.run_all([Question(stream) for stream in streams]))


def statuses(answers: list[Answer | Lost]) -> list[str]:
    return [a.check if isinstance(a, Lost) else a.status for a in answers]


WAYS = [
    ("crash", "crash", "signal SIGSEGV"),
    ("exit", "crash", "exit 7"),
    ("close", "crash", "it closed its output but went on"),
    ("hang", "hang", "none"),
    ("claim", "memory", "more than 100 MiB"),
    ("bomb", "memory", "more than 100 MiB"),
    ("garbage", "garbage", "not JSON"),
    ("flood", "garbage", "not JSON"),
]


@pytest.mark.parametrize(("way", "check", "got"), WAYS)
def test_each_loss_is_told_apart_and_blamed_on_its_stream(
    way: str, check: str, got: str, hostile: Way
) -> None:
    # Only what waits is to run into a deadline, however busy the machine.
    waits = way in ("hang", "close")
    limits = LIMITS if waits else Limits(patience=20, memory=LIMITS.memory)
    target = PipeTarget(hostile(f"pipe {way}"), limits)
    answers = asked(target, GOOD, BAD, GOOD[:-1], GOOD)
    assert statuses(answers) == ["accept", check, "incomplete", "accept"]
    lost = answers[1]
    assert isinstance(lost, Lost)
    assert lost.got in (got, "more than one line" if way == "flood" else got)
    with closing(target), pytest.raises(Lost) as alone:
        target.run((BAD,))
    assert (alone.value.check, alone.value.got) == (check, lost.got)


def test_several_losses_in_one_batch(hostile: Way) -> None:
    answers = asked(PipeTarget(hostile("pipe crash")), *[GOOD, BAD] * 4)
    assert statuses(answers) == ["accept", "crash"] * 4


def test_an_error_for_a_right_line_is_an_undeclared_exception(hostile: Way) -> None:
    target = PipeTarget(hostile("pipe error"))
    answers = asked(target, BAD, GOOD)
    assert statuses(answers) == ["raised", "accept"]
    with closing(target):
        failure = judge(target, Case((), BAD))
    assert failure is not None
    assert (failure.check, failure.got) == ("declared-exceptions", "KeyError")
    assert failure.message == "KeyError('id')"


def test_a_crash_has_a_finding_that_is_small(hostile: Way) -> None:
    report = campaign(PipeTarget(hostile("pipe crash")), 120)
    found = report.findings[0]
    assert (found.check, found.got) == ("crash", "signal SIGSEGV")
    assert b"\xff\xff" in found.stream
    assert len(found.stream) <= 20
    assert found.confirmations == 3
    assert found.target.startswith("cmd:")


@pytest.mark.parametrize("engine", ["random", "hypothesis"])
def test_who_obeys_has_no_findings(engine: str, hostile: Way) -> None:
    report = campaign(PipeTarget(hostile("pipe obey")), 150, engine=engine)
    assert not report.findings
    assert not report.flaky


def test_every_octet_and_several_divisions(hostile: Way) -> None:
    report = campaign(PipeTarget(hostile("pipe obey")), 60, ways=3)
    assert not report.findings
    assert not report.flaky


def peer(language: str, tmp_path: Path) -> str:
    if language == "javascript":
        node = shutil.which("node") or pytest.skip("there is no node")
        return f"{node} {PEERS}/javascript/codec_testee.mjs"
    if language == "python":
        return f"{sys.executable} -m hjp.testee_codec"
    compiler = shutil.which("gcc") or pytest.skip("there is no gcc")
    built = tmp_path / "codec_testee"
    sources = [str(PEERS / "c" / name) for name in ("codec_testee.c", "hjp.c")]
    subprocess.run(
        [compiler, "-std=c11", "-O2", "-o", str(built), *sources], check=True
    )
    return str(built)


@pytest.mark.parametrize("language", ["c", "javascript", "python"])
def test_codecs_in_other_languages_have_no_findings(
    language: str, tmp_path: Path
) -> None:
    report = campaign(PipeTarget(peer(language, tmp_path)), 2_000)
    assert not report.findings
    assert not report.flaky


def failure_of(target: Target, stream: bytes, *cuts: int) -> Failure | None:
    with closing(target):
        return judge(target, Case((), stream, (cuts,)))


@pytest.mark.parametrize(
    ("way", "stream", "check", "got", "requirement"),
    [
        ("rewrites", encode(b'{"a":1}'), "same-frames", "another JSON text", "TST-15"),
        ("miscounts", GOOD, "same-frames", f"consumed {len(GOOD) - 1}", "TST-15"),
        ("first-only", GOOD + GOOD, "same-status", "accept", "FRM-15"),
        ("first-only", GOOD, "canary", "no canary", "FRM-15"),
        ("no-text", GOOD, "same-frames", "another metadata", "FRM-12"),
        ("never-writes", GOOD, "re-encode", "reject bad_json", "FRM-19"),
        ("cannot-write", GOOD, "re-encode", "TypeError", "FRM-19"),
        ("dies-writing", GOOD, "crash", "exit 4", "FRM-12"),
    ],
)
def test_what_only_a_testee_tells(
    way: str,
    stream: bytes,
    check: str,
    got: str,
    requirement: str,
    odd: Callable[[str], PipeTarget],
) -> None:
    failure = failure_of(odd(way), stream)
    assert failure is not None
    assert (failure.check, failure.got) == (check, got)
    assert failure.requirement == f"HJP-{requirement}"


@pytest.mark.parametrize("way", ["no-codes", "no-encode", "shouts", "obeys"])
def test_what_a_testee_may_do(way: str, odd: Callable[[str], PipeTarget]) -> None:
    report = campaign(odd(way), 150)
    assert not report.findings
    assert not report.flaky


def test_writing_wrongly_is_found_in_a_run(odd: Callable[[str], PipeTarget]) -> None:
    report = campaign(odd("never-writes"), 200)
    assert [found.check for found in report.findings] == ["re-encode"]


def test_a_loss_that_depends_on_the_lines_before_is_no_finding(
    odd: Callable[[str], PipeTarget],
) -> None:
    report = campaign(odd("dies-at-ten"), 60)
    assert report.findings == []
    assert {failure.check for failure in report.flaky} == {"crash"}


def test_frames_are_told_from_the_canary(odd: Callable[[str], PipeTarget]) -> None:
    with closing(odd("obeys")) as target:
        answer = target.run((GOOD[:5], GOOD[5:]), GOOD)
    assert isinstance(answer, Told)
    assert (answer.frames, answer.canary) == (
        [({"id": 1}, b"hi!")],
        [({"id": 1}, b"hi!")],
    )


@pytest.mark.parametrize(
    ("command", "error", "says"),
    [
        ("/no/such/program", NotFound, "cannot start"),
        ("true", TargetError, "no testee: crash"),
        ("cat", TargetError, "no testee: garbage"),
    ],
)
def test_what_is_no_testee(command: str, error: type[Exception], says: str) -> None:
    with closing(PipeTarget(command)) as target, pytest.raises(error, match=says):
        target.run((GOOD,))
    with pytest.raises(error, match=says):
        Campaign(Plan(PipeTarget(command), "none", count=1))


def test_nothing_is_left_running(hostile: Way) -> None:
    target = PipeTarget(hostile("pipe obey"))
    target.run((raw_frame(b"[]"),))
    pid = target._testee.pid
    assert pid is not None
    target.close()
    assert not Path(f"/proc/{pid}").exists()
