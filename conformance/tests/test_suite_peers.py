"""Servers that share nothing with the reference are conformant."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "conformance" / "peers"
ONE_FILE = ROOT / "reference" / "examples" / "core_server.py"


def assert_conformant(*server: str) -> None:
    """The whole suite finds nothing to fail."""
    command = [sys.executable, "-m", "hjp_conformance", "server", "--cmd"]
    command.append(subprocess.list2cmdline(server) + " {port}")
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "CONFORMANT" in done.stdout


@pytest.mark.timeout(120)
def test_the_server_in_one_python_file() -> None:
    assert_conformant(sys.executable, str(ONE_FILE))


@pytest.mark.timeout(120)
def test_the_server_in_javascript() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    assert_conformant(node, str(PEERS / "javascript" / "server.mjs"))


@pytest.mark.timeout(120)
def test_the_server_in_c(tmp_path: Path) -> None:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler is installed")
    program = str(tmp_path / "core_server")
    source = str(PEERS / "c" / "core_server.c")
    flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-O2"]
    subprocess.run(
        [compiler, *flags, "-o", program, source, "-lm", "-pthread"], check=True
    )
    assert_conformant(program)
