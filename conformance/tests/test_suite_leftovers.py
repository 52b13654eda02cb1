"""Nothing that the suite has started, or that this has started, outlives it."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

STUB = Path(__file__).parent / "stub_server.py"
STUBBORN = """
import os, pathlib, runpy, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with open(PIDS, "a") as file: print(os.getpid(), file=file)
sys.argv = [STUB, "accepts", sys.argv[1]]
runpy.run_path(STUB, run_name="__main__")
"""
LEAVES = """#!/bin/sh
sleep 600 </dev/null >/dev/null 2>&1 &
echo $! >> {pids}
exec {command} "$@"
"""


@pytest.fixture(name="pids")
def _pids(tmp_path: Path) -> Iterator[Path]:
    """Where programs write who they are; what is left of them is ended."""
    path = tmp_path / "pids"
    path.touch()
    yield path
    for pid in map(int, path.read_text().split()):
        if is_running(pid):
            os.kill(pid, signal.SIGKILL)


def is_running(pid: int) -> bool:
    """Whether there is such a process, and no mere record of its end."""
    with suppress(FileNotFoundError):
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return words[0] not in "ZX"
    return False


def left_by(pids: Path, *words: str) -> tuple[str, list[int]]:
    """The last line of a run, and the processes that are still there after it."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("there is no /proc to look at processes")
    command = [sys.executable, "-m", "hjp_conformance", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=55)
    found = [int(pid) for pid in pids.read_text().split()]
    assert found, done.stdout + done.stderr
    return done.stdout.splitlines()[-1], [pid for pid in found if is_running(pid)]


def test_a_server_that_a_script_has_started(tmp_path: Path, pids: Path) -> None:
    """The script ends when it is told to; the server does not."""
    program = tmp_path / "stubborn.py"
    told = STUBBORN.replace("PIDS", repr(str(pids))).replace("STUB", repr(str(STUB)))
    program.write_text(told)
    command = f"sh -c '{sys.executable} {program} {{port}} & wait'"
    told, left = left_by(pids, "server", "--cmd", command, "--case", "server-cor-ping")
    assert told.startswith("CONFORMANT as far as 1 of ")
    assert left == []


def leaving(folder: Path, pids: Path, module: str) -> str:
    """A program that leaves something behind each time."""
    script = folder / "leaves.sh"
    command = shlex.join([sys.executable, "-m", module])
    script.write_text(LEAVES.format(pids=pids, command=command))
    script.chmod(0o755)
    return str(script)


@pytest.mark.parametrize(
    ("mode", "case"),
    [
        ("client", "client-frm-payload-written-one"),
        ("codec", "codec-frm-version-00"),
        ("codec", "codec-tst-end-after-describe"),
    ],
)
def test_what_a_testee_leaves_behind(
    tmp_path: Path, pids: Path, mode: str, case: str
) -> None:
    command = leaving(tmp_path, pids, f"hjp.testee_{mode}")
    told, left = left_by(pids, mode, "--cmd", command, "--case", case)
    assert told.startswith("CONFORMANT as far as 1 of ")
    assert left == []
    assert len(pids.read_text().split()) == 2 - (case == "codec-frm-version-00")
