"""Runs of the command against codecs that are wrong, and what is written about them."""

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commanded import run

from hjp_conformance.reports.script import script
from hjp_conformance.schema_files import problems

BROKEN = (sys.executable, "-m", "hjp_conformance.mutants.codec.broken")
RIGHT = (sys.executable, "-m", "hjp.testee_codec")


def run_on(folder: Path, command: tuple[str, ...], *words: str) -> tuple[int, Any]:
    """The exit status and the report, which is as its schema wants it."""
    path = folder / "report.json"
    done = run("codec", "--cmd", shlex.join(command), "--json", str(path), *words)
    assert path.exists(), done.stdout + done.stderr
    report = json.loads(path.read_text(encoding="utf-8"))
    assert problems("report", report) == []
    return done.returncode, report


def failed(report: Any) -> list[Any]:
    verdicts = ("fail", "crash", "inconclusive")
    return [one for one in report["runs"][0]["cases"] if one["verdict"] in verdicts]


def program(folder: Path, text: str) -> tuple[str, ...]:
    """A testee that answers describe, and every other line by this text."""
    file = folder / "testee.py"
    file.write_text(f"{DESCRIBES}\n{text}", encoding="utf-8")
    return sys.executable, str(file)


DESCRIBES = """
import json, os, sys
def say(line): print(line, flush=True)
ABOUT = {"status": "ok", "testee": 1, "name": "it", "commands": ["describe", "decode",
         "reset"], "codes": True}
def lines():
    for line in sys.stdin:
        if '"describe"' in line: say(json.dumps(ABOUT))
        else: yield line
"""


def again(folder: Path, report: Any, command: tuple[str, ...]) -> tuple[int, str]:
    """The script of the case that failed first, and how it ends on a codec."""
    file = folder / "again.py"
    file.write_text(script(failed(report)[0], report["runs"][0], report), "utf-8")
    played = subprocess.run(
        [sys.executable, "-I", str(file), *command],
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert played.stderr == ""
    return played.returncode, played.stdout


# What a codec has answered


@pytest.mark.parametrize(
    ("mutant", "case", "lines"),
    [
        ("version-bad-magic", "codec-frm-version-00", 1),
        ("writes-depth33", "codec-frm-send-depth-arrays-33", 1),
        ("decoder-never-reset", "codec-tst-fresh-half-a-text-then-frame", 2),
        ("buffer-shared", "codec-tst-send-after-a-longer-text", 2),
    ],
)
def test_the_script_of_a_run_finds_the_failure_again(
    tmp_path: Path, mutant: str, case: str, lines: int
) -> None:
    """Of the last line, and of what the codec had to be asked before it."""
    command = (*BROKEN, mutant)
    status, report = run_on(tmp_path, command, "--case", case)
    assert (status, len(talks_of(failed(report)[0]))) == (1, lines)
    for talk in talks_of(failed(report)[0]):
        assert json.loads(talk["answered"])["status"] in ("accept", "ok", *REFUSED)
    played, out = again(tmp_path, report, command)
    assert (played, out.count("answered then: {")) == (1, lines), out
    played, out = again(tmp_path, report, RIGHT)
    assert (played, "not reproduced" in out) == (0, True), out


REFUSED = ("reject", "incomplete")


def talks_of(case: Any) -> Any:
    return case.get("conversations", [])


ONE = ("--case", "codec-frm-version-00")


@pytest.mark.parametrize(
    ("text", "verdict", "answered"),
    [
        ("for line in lines(): os._exit(7)", "crash", None),
        ("for line in lines(): say('no JSON at all')", "crash", "no JSON at all"),
        ("for line in lines(): say('1\\u2028\\u20282')", "crash", "1\u2028\u20282"),
    ],
    ids=["crash", "garbage", "separators"],
)
def test_what_came_instead_of_an_answer_is_kept(
    tmp_path: Path, text: str, verdict: str, answered: str | None
) -> None:
    command = program(tmp_path, text)
    status, report = run_on(tmp_path, command, *ONE)
    [case] = failed(report)
    [talk] = talks_of(case)
    assert (status, case["verdict"], talk.get("answered")) == (1, verdict, answered)
    assert again(tmp_path, report, command)[0] == 1
    assert again(tmp_path, report, RIGHT)[0] == 0


def test_an_answer_that_is_too_long_is_not_kept(tmp_path: Path) -> None:
    """The script says that there is nothing to compare, and no lie."""
    command = program(tmp_path, "for line in lines(): say('x' * 2_000_000)")
    _, report = run_on(tmp_path, command, *ONE)
    [case] = failed(report)
    assert talks_of(case)[0]["answered"] is None
    status, out = again(tmp_path, report, command)
    assert (status, "undecided" in out) == (2, True)


def test_the_card_has_what_was_answered() -> None:
    done = run("codec", "--cmd", shlex.join((*BROKEN, "version-bad-magic")), *ONE)
    assert '  asked: {"cmd":"decode"' in done.stdout
    assert '  answered: {"status"' in done.stdout


# What a codec goes on to say


ENDLESS = """
import itertools
for line in itertools.chain(sys.stdin, itertools.repeat("")):  # fgets at its end
    if '"describe"' in line: say(json.dumps(ABOUT))
    else: say('{"status":"error","message":"what is this?"}')
"""
NO_LINE = """
for line in lines(): say('{"status":"error","message":"what is this?"}')
while True: sys.stdout.write("x" * 65536)
"""


@pytest.mark.parametrize("text", [ENDLESS, NO_LINE], ids=["lines", "no-line"])
def test_a_testee_that_answers_the_end_for_ever_is_wrong_at_once(
    tmp_path: Path, text: str
) -> None:
    """The line too many is the proof: no clock, and no gigabytes."""
    command = program(tmp_path, text)
    deadline = ("--deadline", "4")  # so long its end is waited for, too
    status, report = run_on(tmp_path, command, "--case", END, *deadline)
    [case] = failed(report)
    assert (status, case["verdict"], case["broken"]) == (1, "fail", ["HJP-TST-1"])
    assert case["seconds"] < 4
    assert len(case["message"]) < 500


END = "codec-tst-end-after-describe"


# What a codec answers to break its reader


@pytest.mark.parametrize("depth", [600, 100_000])
@pytest.mark.parametrize("case", [ONE[1], "codec-tst-answered-reset"])
def test_an_answer_that_is_nested_deeply_is_a_fault_of_the_codec(
    tmp_path: Path, depth: int, case: str
) -> None:
    text = f"for line in lines(): say('[' * {depth} + ']' * {depth})"
    status, report = run_on(tmp_path, program(tmp_path, text), "--case", case)
    [found] = failed(report)
    assert status == 1
    assert found["verdict"] in ("fail", "crash")
    assert len(found["message"]) < 2_000


def test_a_signal_without_a_name_ends_a_codec(tmp_path: Path) -> None:
    command = program(tmp_path, "for line in lines(): os.kill(os.getpid(), 40)")
    _, report = run_on(tmp_path, command, *ONE)
    [found] = failed(report)
    assert found["verdict"] == "crash"
    assert "ended by signal 40" in found["message"]
