"""Targets for the tests: a correct parser, and the same with bugs planted in it."""

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hjp_fuzz.targets import CallableTarget

HERE = Path(__file__).parent
COMMAND = (sys.executable, "-c", "from hjp_fuzz.cli import main; main()")
# Ten lines, as in the README, with a bug that most stock JSON parsers bring along.
PARSER = """\
import json, struct

def parse(data):
    while data:
        if len(data) < 16: raise EOFError
        head, n, m = struct.unpack("<8sII", data[:16])
        if head != b"HJP\\xff\\1\\0\\0\\0" or not 2 <= n <= 65536 or m > 65536:
            raise ValueError("not HJP/1")
        if len(data) < 16 + n + m: raise EOFError
        yield json.loads(data[16:16 + n]), data[16 + n:16 + n + m]
        data = data[16 + n + m:]
"""


sys.path.insert(0, str(HERE))


@pytest.fixture
def planted() -> Callable[..., CallableTarget]:
    """Make a target of the correct parser with some bugs in it."""
    parsers = importlib.import_module("planted_parsers")

    def target(*bugs: str) -> CallableTarget:
        return CallableTarget("planted", factory=parsers.planted(*bugs))

    return target


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Make a folder with parsers in it, to run the command in."""
    (tmp_path / "mine.py").write_text(PARSER)
    (tmp_path / "mine_broken.py").write_text("1 / 0\n")
    for name in ("planted_parsers.py", "hostile_parsers.py"):
        (tmp_path / name).write_text((HERE / name).read_text())
    return tmp_path


@pytest.fixture(scope="session")
def fuzz_command() -> tuple[str, ...]:
    """Name the command and its first arguments."""
    return COMMAND


@pytest.fixture(scope="session")
def fuzz() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command in a folder, with some arguments."""

    def run(here: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            (*COMMAND, *arguments),
            cwd=here,
            capture_output=True,
            text=True,
            timeout=50,
            env={**os.environ, "COLUMNS": "120"},
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        return done

    return run


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Name a program in C that does what it is told to some streams; see hostile.c."""
    compiler = shutil.which("gcc") or pytest.skip("there is no gcc")
    built = tmp_path_factory.mktemp("hostile") / "hostile"
    peers = HERE.parents[1] / "conformance" / "peers" / "c"
    sources = [str(HERE / "hostile.c"), str(peers / "hjp.c")]
    options = ["-std=c11", "-O1", "-I", str(peers), "-o", str(built)]
    subprocess.run([compiler, *options, *sources], check=True)
    return lambda arguments: f"{built} {arguments}"


@pytest.fixture
def bugs() -> set[str]:
    """Name the bugs that can be planted."""
    return set(importlib.import_module("planted_parsers").BUGS)
