"""The command `hjp-fuzz session`, run as a user runs it."""

import json
import os
import pty
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import typer

from hjp_fuzz.cli_common import statuses

COMMAND = (sys.executable, "-c", "from hjp_fuzz.cli import main; main()", "session")
ODD = Path(__file__).with_name("odd_servers.py")


def command(*words: str) -> str:
    return f"{shlex.join((sys.executable, *words))} {{port}}"


Fuzz = Callable[..., subprocess.CompletedProcess[str]]
REFERENCE = command("-m", "hjp", "serve", "--port")
SWAPS = command("-m", "hjp_conformance.mutants.server.broken", "upper-swaps")


@pytest.fixture
def session(fuzz: Fuzz) -> Fuzz:
    """Run the command in a folder, with some arguments."""
    return lambda here, *arguments: fuzz(here, "session", *arguments)


@pytest.fixture
def running() -> Iterator[str]:
    """The address of a server that somebody else runs."""
    words = (sys.executable, "-m", "hjp", "serve", "--port", "0")
    server = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    yield server.stdout.readline().split()[1]
    server.terminate()
    server.wait()
    server.stdout.close()


def test_a_clean_run(session: Fuzz, here: Path, running: str) -> None:
    done = session(here, "--server", running, "--examples", "5", "--seed", "7")
    assert done.returncode == 0, done.stdout + done.stderr
    first, last = done.stdout.splitlines()
    assert first == f"hjp-fuzz session  {running}  seed 7"
    assert last.startswith("5 sessions, ")
    assert not (here / "hjp-fuzz-findings").exists()
    bare = running.removeprefix("hjp://")
    assert session(here, "--server", bare, "--examples", "1").returncode == 0


def test_a_finding_is_shown_kept_and_played_again(session: Fuzz, here: Path) -> None:
    done = session(here, "--server-cmd", SWAPS, "--seed", "1")
    assert done.returncode == 1, done.stdout + done.stderr
    (file,) = (here / "hjp-fuzz-findings").glob("S-*.json")
    lines = done.stdout.splitlines()
    assert lines[1] == f"FAILED  {file.stem}"
    assert lines[2].startswith(
        "HJP-COR-13  A server MUST answer upper with the payload"
    )
    assert "  check     other-reply" in lines
    asked = '    1  connection 1  sent     {"id":1,"op":"upper"}, payload of 1: '
    assert any(line.startswith(asked) for line in lines)
    assert any(line.strip().startswith("got      reply to 1, ok") for line in lines)
    assert "  the octets of step 1:" in lines
    assert f"  replay    hjp-fuzz session --replay {file.stem}" in lines
    assert json.loads(file.read_text())["seed"] == "1"
    again = session(here, "--replay", file.stem)
    assert again.returncode == 1
    assert again.stdout.splitlines()[:4] == lines[1:5]
    fixed = session(here, "--replay", str(file), "--server-cmd", REFERENCE)
    assert fixed.returncode == 0
    assert fixed.stdout == f"FIXED  {file.stem}: no requirement is broken\n"
    gone = session(here, "--replay", file.stem, "--server", "hjp://127.0.0.1:1")
    assert gone.returncode == 3
    assert gone.stdout.startswith(f"ERROR  {file.stem}: no connection to 127.0.0.1:1")


def test_another_folder(session: Fuzz, here: Path) -> None:
    done = session(here, "--server-cmd", SWAPS, "--seed", "1", "--out", "there")
    assert done.returncode == 1
    (file,) = (here / "there").glob("S-*.json")
    assert f"--replay {file.stem} --out there" in done.stdout


def test_what_does_not_happen_again_is_no_finding(session: Fuzz, here: Path) -> None:
    """The first server to be started is broken, those after it are not."""
    script = here / "fickle"
    right, wrong = (named.replace("{port}", "$1") for named in (REFERENCE, SWAPS))
    script.write_text(f"[ -e was ] && exec {right}\ntouch was\nexec {wrong}\n")
    done = session(here, "--server-cmd", f"sh {script} {{port}}", "--seed", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.splitlines()[-1]
    assert last.startswith("did not happen again, so no finding: HJP-COR-13, expected ")
    assert not (here / "hjp-fuzz-findings").exists()


def test_a_folder_that_is_none(session: Fuzz, here: Path) -> None:
    (here / "file").touch()
    done = session(here, "--server-cmd", SWAPS, "--seed", "1", "--out", "file")
    assert done.returncode == 2
    assert "hjp-fuzz: file: File exists\n" in done.stderr


def test_a_clock_of_the_server_is_told_of(session: Fuzz, here: Path) -> None:
    named = command(str(ODD), "times-out")
    done = session(here, "--server-cmd", named, "--examples", "2")
    assert done.returncode == 0
    assert "2 sessions ended since a clock of the server ran out" in done.stdout


def test_a_server_of_others_that_dies_is_a_finding(session: Fuzz, here: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    server = subprocess.Popen((sys.executable, str(ODD), "exits", port), stderr=-3)
    try:
        _wait_for(int(port))
        done = session(here, "--server", f"127.0.0.1:{port}")
    finally:
        server.kill()
        server.wait()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "check     " in done.stdout


def _wait_for(port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.01)
        else:
            return


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        ((), 2, "give --server URL or --server-cmd COMMAND"),
        (("--server", "a", "--server-cmd", "b {port}"), 2, "not both"),
        (("--server-cmd", "./srv"), 2, "no command with {port}"),
        (("--server", "hjp://a:b"), 2, "hjp-fuzz: hjp://a:b"),
        (("--server", "127.0.0.1:1"), 3, "no connection to 127.0.0.1:1"),
        (("--server-cmd", "./srv {port}"), 3, "srv {port}: cannot start"),
        (("--server-cmd", "false {port}"), 3, "it ended: exit 1"),
        (("--replay", "S-1"), 2, "there is no session S-1"),
    ],
)
def test_usage(
    session: Fuzz, here: Path, arguments: tuple[str, ...], status: int, told: str
) -> None:
    done = session(here, *arguments)
    assert done.returncode == status, done.stdout + done.stderr
    assert told in " ".join(done.stderr.replace("│", " ").split())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_stops_its_server(
    here: Path, number: signal.Signals
) -> None:
    words = (*COMMAND, "--server-cmd", REFERENCE, "--examples", "100000")
    with subprocess.Popen(words, cwd=here, stdout=subprocess.PIPE, text=True) as run:
        try:
            child = _server_of(run)
            run.send_signal(number)
            rest, _ = run.communicate(timeout=30)
        finally:
            run.kill()
    assert run.returncode == 130
    assert "sessions, " in rest
    assert not child.exists()


def _server_of(run: subprocess.Popen[str]) -> Path:
    """The server that a run has started, once it listens."""
    assert run.stdout is not None
    run.stdout.readline()
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
    while not children.read_text().split():
        time.sleep(0.01)
    child = Path("/proc", children.read_text().split()[0])
    while not _has_a_socket(child):
        time.sleep(0.01)
    return child


def _has_a_socket(process: Path) -> bool:
    """Whether a process has come so far; its files come and go meanwhile."""
    with suppress(FileNotFoundError):
        return any(
            os.readlink(file).startswith("socket:")
            for file in (process / "fd").iterdir()
        )
    return False


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (KeyboardInterrupt(), 130, "hjp-fuzz: interrupted\n"),
        (ZeroDivisionError("by 0"), 4, "a fault of hjp-fuzz itself: ZeroDivisionError"),
    ],
)
def test_statuses(
    error: BaseException, status: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as caught, statuses():
        raise error
    assert caught.value.exit_code == status
    assert told in capsys.readouterr().err


def test_a_terminal_shows_progress(here: Path) -> None:
    ours, theirs = pty.openpty()
    words = (*COMMAND, "--server-cmd", SWAPS, "--seed", "1")
    with open(theirs, "wb") as screen:
        run = subprocess.Popen(words, cwd=here, stdout=screen, stderr=screen)
    shown = bytearray()
    with open(ours, "rb", buffering=0) as terminal, suppress(OSError):
        while octets := terminal.read(4096):
            shown += octets
    assert run.wait() == 1
    assert b" steps, making a failure smaller" in shown
