"""Endpoints that share nothing with the reference are conformant, in every mode."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "conformance" / "peers"
ONE_FILE = ROOT / "reference" / "examples" / "core_server.py"


def in_javascript(name: str, folder: Path) -> list[str]:
    """The command of a peer in JavaScript."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    return [node, str(PEERS / "javascript" / f"{name}.mjs")]


def in_c(name: str, folder: Path) -> list[str]:
    """The command of a peer in C, after it has been compiled."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler is installed")
    program = folder / name
    sources = [str(PEERS / "c" / f"{one}.c") for one in (name, "hjp")]
    flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-pthread"]
    subprocess.run([compiler, *flags, "-o", str(program), *sources], check=True)
    return [str(program)]


LANGUAGES = pytest.mark.parametrize("made", [in_c, in_javascript])
Made = Callable[[str, Path], list[str]]


def assert_conformant(mode: str, command: list[str], tier: str = "full") -> None:
    """The suite finds nothing to fail."""
    words = subprocess.list2cmdline(command) + (" {port}" if mode == "server" else "")
    suite = [sys.executable, "-m", "hjp_conformance", mode, "--strict", "--cmd", words]
    suite += ["--tier", tier]
    done = subprocess.run(suite, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "CONFORMANT" in done.stdout


@pytest.mark.timeout(120)
def test_the_server_in_one_python_file() -> None:
    assert_conformant("server", [sys.executable, str(ONE_FILE)])


@pytest.mark.timeout(120)
@LANGUAGES
def test_the_server(made: Made, tmp_path: Path) -> None:
    name = "server" if made is in_javascript else "core_server"
    assert_conformant("server", made(name, tmp_path))


@pytest.mark.timeout(120)
@LANGUAGES
def test_the_client(made: Made, tmp_path: Path) -> None:
    # A process a case takes its time.
    assert_conformant("client", made("client_testee", tmp_path), "smoke")


@pytest.mark.timeout(120)
@LANGUAGES
def test_the_codec(made: Made, tmp_path: Path) -> None:
    assert_conformant("codec", made("codec_testee", tmp_path), "core")


@pytest.mark.soak
@pytest.mark.timeout(300)
@LANGUAGES
@pytest.mark.parametrize("mode", ["client", "codec"])
def test_all_cases(made: Made, mode: str, tmp_path: Path) -> None:
    assert_conformant(mode, made(f"{mode}_testee", tmp_path))
