"""The benchmarks run, name every peer and leave nothing; no time is looked at."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

RUN = Path(__file__).parents[1] / "benchmarks" / "run.py"
TINY = ("--rounds", "1", "--size", "1", "--count", "32")
HJP = [
    f"hjp {engine}, {client} client"
    for engine in ("asyncio", "threaded")
    for client in ("blocking", "asyncio")
]
MOVING = HJP + [f"{name}, sha-256" for name in HJP]
PEERS = {
    "codec": ["struct + json.loads, json.dumps", "hjp", "construct, compiled"],
    "echo": [*HJP, "websockets", "aiohttp", "pyzmq", "wyoming", "grpcio"],
    "small": [
        *MOVING,
        "websockets",
        "aiohttp",
        "grpcio",
        "pyftpdlib",
        "http.server, curl",
        "nginx, curl",
        "rsync",
    ],
    "idle": ["hjp asyncio", "hjp threaded"],
}
PEERS["put"] = ["asyncio by hand", "sha-256 alone, one core", *PEERS["small"]]
PEERS["get"] = PEERS["put"]
LIMITS = {
    "codec": "struct + strict json",
    "echo": "asyncio by hand",
    "put": "plain sockets",
    "get": "plain sockets",
    "small": "plain sockets",
    "idle": "asyncio by hand",
}


def start(*arguments: str | Path, path: str | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, RUN, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | ({} if path is None else {"PATH": path}),
        start_new_session=True,
    )


def run(
    *arguments: str | Path, path: str | None = None
) -> subprocess.CompletedProcess[str]:
    process = start(*arguments, path=path)
    out, err = process.communicate(timeout=55)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def folder(out: str) -> Path:
    """The folder that the first line names."""
    return Path(out.splitlines()[0].removeprefix("files: ").partition(",")[0])


def alive(group: int) -> list[str]:
    """The processes of a group that run; those that nobody has waited for do not."""
    if shutil.which("ps") is None:
        pytest.skip("ps is not installed")
    command = ["ps", "-A", "-o", "pgid=,stat=,args="]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = (line.split(None, 2) for line in lines.splitlines())
    return [it[2] for it in found if it[0] == str(group) and it[1][0] != "Z"]


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """Every work, as small as it can be."""
    report = tmp_path_factory.mktemp("benchmarks") / "report.json"
    result = run(*PEERS, *TINY, "--json", report)
    return result, json.loads(report.read_text())


def test_every_work_has_its_tables(whole: tuple[Any, dict[str, Any]]) -> None:
    """Three of echo, one of each other, titles as printed; nothing fails."""
    result, report = whole
    assert (result.returncode, result.stderr) == (0, "")
    tables = [(it["work"], it["limit"]) for it in report["tables"]]
    expected = ("codec", "echo", "echo", "echo", "put", "get", "small", "idle")
    assert tables == [(work, LIMITS[work]) for work in expected]
    assert all(it["title"] in result.stdout for it in report["tables"])
    assert not folder(result.stdout).exists()


def test_every_peer_is_named(whole: tuple[Any, dict[str, Any]]) -> None:
    """Each is in each table, with its rate and its ratio or with what it lacks."""
    result, report = whole
    for table in report["tables"]:
        rows = {row["peer"]: row for row in table["rows"]}
        assert set(rows) == {LIMITS[table["work"]], *PEERS[table["work"]]}
        for name, row in rows.items():
            assert name in result.stdout
            if "missing" in row:
                assert f"{name}: missing: {row['missing']}" in result.stdout
            elif table["work"] == "idle":
                assert row["held"]["median"] == 32
            else:
                assert row["rate"]["median"] > 0
                assert row["ratio"]["median"] > 0


def test_limit_is_one(whole: tuple[Any, dict[str, Any]]) -> None:
    """Ratios are to the limit of the same round."""
    for table in whole[1]["tables"]:
        for row in table["rows"]:
            if row["peer"] == table["limit"] and table["work"] != "idle":
                assert row["ratio"] == {"q1": 1, "median": 1, "q3": 1}


def test_what_needs_nothing_is_measured(whole: tuple[Any, dict[str, Any]]) -> None:
    """Only what is somebody else's may be missing."""
    own = {*HJP, *MOVING, *LIMITS.values(), "hjp", "hjp asyncio", "hjp threaded"}
    for table in whole[1]["tables"]:
        missing = {row["peer"] for row in table["rows"] if "missing" in row}
        assert not missing & own


def test_quartiles_are_in_order(tmp_path: Path) -> None:
    """Several rounds have a spread."""
    report = tmp_path / "report.json"
    result = run("codec", "--rounds", "3", "--count", "100", "--json", report)
    assert result.returncode == 0
    (table,) = json.loads(report.read_text())["tables"]
    for row in table["rows"]:
        if "missing" not in row:
            low, middle, high = (row["ratio"][it] for it in ("q1", "median", "q3"))
            assert low <= middle <= high


def test_program_that_is_missing_is_named(tmp_path: Path) -> None:
    """What is not on the path has its line, and how to have it."""
    result = run("put", *TINY, "--peer", "curl", "--peer", "rsync", path=str(tmp_path))
    assert (result.returncode, result.stderr) == (0, "")
    for peer, program in (
        ("http.server, curl", "curl"),
        ("nginx, curl", "nginx"),
        ("rsync", "rsync"),
    ):
        line = f"{peer}: missing: {program} is not on the path: apt-get install "
        assert line + program in result.stdout


def test_peer_that_fails_is_named(tmp_path: Path) -> None:
    """The others are measured all the same; the exit status tells."""
    program = tmp_path / "curl"
    program.write_text("#!/bin/sh\necho 'no such luck' >&2\nexit 7\n")
    program.chmod(0o755)
    result = run("put", *TINY, "--peer", "http.server", path=f"{tmp_path}:/bin")
    assert (result.returncode, result.stderr) == (1, "")
    line = "http.server, curl: failed: curl ended with 7: no such luck"
    assert line in result.stdout.splitlines()[-1]
    assert "plain sockets" in result.stdout


def test_peer_that_stores_something_else_fails(tmp_path: Path) -> None:
    """What has arrived is looked at."""
    program = tmp_path / "curl"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    result = run("put", *TINY, "--peer", "http.server", path=f"{tmp_path}:/bin")
    assert result.returncode == 1
    assert "failed: ValueError: object has not arrived whole" in result.stdout


@pytest.mark.parametrize(
    ("told", "printed", "status"),
    [
        (signal.SIGINT, "files: ", 130),
        (signal.SIGINT, "Codec", 130),
        (signal.SIGTERM, "Codec", 143),
    ],
)
def test_interrupt(told: signal.Signals, printed: str, status: int) -> None:
    """Ctrl-C ends it, its peers and its files, quietly: at the start, amid rounds."""
    tiny = ("--rounds", "100", "--size", "1", "--count", "1")
    process = start("codec", "put", *tiny, "--peer", "hjp asyncio")
    assert process.stdout is not None
    lines = [process.stdout.readline()]
    while not lines[-1].startswith(printed):
        lines.append(process.stdout.readline())
        assert lines[-1]
    if told is signal.SIGINT:
        os.killpg(process.pid, told)  # as a terminal does
    else:
        process.send_signal(told)
    _, err = process.communicate(timeout=50)
    assert (process.returncode, err) == (status, "")
    assert not folder(lines[0]).exists()
    end = time.monotonic() + 20  # the last ones may be about to end
    while left := alive(process.pid):
        assert time.monotonic() < end, left


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["puts"], "there is no work 'puts'; works: codec, echo, put, get, small"),
        (["--rounds", "0"], "argument --rounds: '0' is no whole number from 1"),
        (["--peer", "nobody"], "no peer has this in its name; peers: struct + strict"),
    ],
)
def test_usage(arguments: list[str], message: str) -> None:
    """A wrong word is told what there is."""
    result = run(*arguments)
    assert result.returncode == 2
    assert message in result.stderr
