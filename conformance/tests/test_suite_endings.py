"""Runs that do not go to their end, in one process and in several."""

import json
import re
import shlex
import socket
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import commanded
import pytest

from hjp_conformance.run import Run
from hjp_conformance.verdicts import Exit

HERE = Path(__file__).parent
ALL_UPPER = '"server-cor-upper-*" = "it dies of upper"\n'
SOME_ECHO = '"server-cor-echo-data-*" = "it dies of echo"\n'
WORKERS = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one", "two"])


def command(dies: str, port: str = "{port}") -> str:
    return shlex.join([sys.executable, str(HERE / "dying_server.py"), dies, port])


def suite(
    folder: Path, *words: str, dies: str = "now", port: str = "{port}"
) -> tuple[int, Any, str]:
    """The exit status, the run of the report, and what was printed."""
    report = folder / "report.json"
    told = ["server", "--cmd", command(dies, port), "--json", str(report), *words]
    done = commanded.run(*told)
    printed = done.stdout + done.stderr
    if not report.exists():
        return done.returncode, None, printed
    [run] = json.loads(report.read_text("utf-8"))["runs"]
    return done.returncode, run, printed


def verdicts(run: Any) -> Counter[str]:
    return Counter(case["verdict"] for case in run["cases"])


def known(folder: Path, text: str) -> str:
    path = folder / "known.toml"
    path.write_text("[known-failures]\n" + text, "utf-8")
    return str(path)


@WORKERS
@pytest.mark.parametrize("stop", [("-x",), ("--max-fail", "2")], ids=["x", "max-fail"])
def test_to_stop_at_a_failure_is_no_interruption(
    tmp_path: Path, workers: tuple[str, ...], stop: tuple[str, ...]
) -> None:
    status, run, printed = suite(tmp_path, "-k", "cor-upper", *stop, *workers)
    assert status == 1, printed
    assert not run["complete"]


@WORKERS
def test_crashes_that_are_known_are_no_reason_to_stop(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    words = ("-k", "cor-echo-data", "--known-failures", known(tmp_path, SOME_ECHO))
    status, run, printed = suite(tmp_path, *words, *workers)
    assert status == 0, printed
    assert run["complete"]
    assert set(verdicts(run)) == {"known"}
    assert verdicts(run).total() > 20


def test_a_run_that_was_left_is_never_conformant() -> None:
    run = Run(stopped="the target left 25 questions unanswered")
    assert run.status() is Exit.INCONCLUSIVE
    run.take([{"id": "a", "verdict": "fail"}])  # type: ignore[typeddict-item]
    assert run.status() is Exit.FAILURES


@WORKERS
def test_a_dead_pattern_fails(tmp_path: Path, workers: tuple[str, ...]) -> None:
    path = known(tmp_path, '"server-cor-lower-*" = "there is no such case"\n')
    words = ("-k", "cor-ping", "--known-failures", path, *workers)
    status, run, printed = suite(tmp_path, *words)
    assert status == 1, printed
    assert run["dead"] == ["server-cor-lower-*"]


@WORKERS
def test_a_case_that_there_is_not(tmp_path: Path, workers: tuple[str, ...]) -> None:
    status, _, printed = suite(tmp_path, "--case", "server-cor-lower", *workers)
    assert status == 2, printed
    assert "no case has the id server-cor-lower" in printed


@WORKERS
def test_a_death_after_the_last_case_is_seen(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    words = ("--case", "server-cor-upper-letters", *workers)
    status, run, printed = suite(tmp_path, *words, dies="late")
    assert status == 1, printed
    assert verdicts(run) == {"crash": 1}


def test_a_death_after_the_last_case_may_be_known(tmp_path: Path) -> None:
    words = ("--case", "server-cor-upper-letters")
    path = known(tmp_path, ALL_UPPER)
    status, run, printed = suite(
        tmp_path, *words, "--known-failures", path, dies="late"
    )
    assert status == 0, printed
    assert verdicts(run) == {"known": 1}


@WORKERS
def test_deaths_between_cases_are_told(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    """Of cases that may be long over when the target dies, some are told."""
    words = ("-k", "cor-upper", *workers)
    _, run, printed = suite(tmp_path, *words, dies="late")
    assert verdicts(run)["crash"] > 0, printed


def test_a_server_of_one_port_can_have_one_instance_only(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    words = ("-k", "cor-ping or LIF-11")
    status, run, printed = suite(tmp_path, *words, port=str(port))
    if status == 3 and "Address already in use" in printed:
        pytest.skip("somebody else has taken the port")
    assert status == 0, printed
    assert verdicts(run)["skip"] > 0
    assert "a second instance cannot be had" in printed


def test_a_known_failure_that_fails_before_it_begins(tmp_path: Path) -> None:
    """The instance with short times cannot be started: known, and no harness error."""
    path = known(tmp_path, '"server-lim-idle-ms" = "it takes no --bogus"\n')
    words = ("--limit", "--bogus {name}={value}", "-k", "idle_ms")
    status, run, printed = suite(tmp_path, *words, "--known-failures", path)
    assert status == 0, printed
    assert verdicts(run)["known"] == 1


@pytest.mark.parametrize(
    "words", [("--limit", "x", "--cmd", "y {port}"), ("--limit", "{name}={value}")]
)
def test_how_limits_are_given_is_checked_first(words: tuple[str, ...]) -> None:
    done = commanded.run("server", *words)
    assert done.returncode == 2
    assert "{name} and {value}" in re.sub(r"[\s│]+", " ", done.stderr)


SLOW_TO_GIVE_UP = ("first-frame-ms", "frame-ms", "payload-ms", "idle-ms", "write-ms")


def test_the_times_that_are_tested_are_the_target_s(tmp_path: Path) -> None:
    """A server that makes longer times of the short ones passes none of the cases."""
    report = tmp_path / "report.json"
    words = shlex.join([sys.executable, "-m", "hjp", "serve", "--port"]) + " {port}"
    told = ["--cmd", words, "--limit", "--limit {name}={value}000", "--deadline", "0.3"]
    cases = [f"--case=server-lim-{name}" for name in SLOW_TO_GIVE_UP]
    commanded.run("server", *told, *cases, "--json", str(report))
    [run] = json.loads(report.read_text("utf-8"))["runs"]
    assert verdicts(run) == {"inconclusive": len(cases)}
