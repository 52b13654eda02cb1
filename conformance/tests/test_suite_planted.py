"""Mistakes planted in the peers in C and JavaScript are caught, and named.

Whoever planted them had the text and the peers, and had not seen a case. The first line
of a patch says which requirement it breaks, and how.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PEERS = HERE.parent / "peers"
PATCHES = sorted((HERE / "planted").glob("*.patch"))
PROGRAMS = {
    ("c", "server"): "core_server",
    ("javascript", "server"): "server",
    ("c", "client"): "client_testee",
    ("javascript", "client"): "client_testee",
    ("c", "codec"): "codec_testee",
    ("javascript", "codec"): "codec_testee",
}


def needs(program: str) -> str:
    """The path of a program; without it the test is skipped."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def command(language: str, mode: str, folder: Path) -> list[str]:
    """What starts the peer of the folder."""
    name = PROGRAMS[language, mode]
    if language == "javascript":
        return [needs("node"), str(folder / "javascript" / f"{name}.mjs")]
    program, source = folder / name, folder / "c"
    words = [needs("gcc"), "-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-pthread"]
    words += ["-o", str(program), str(source / f"{name}.c"), str(source / "hjp.c")]
    subprocess.run(words, check=True)
    return [str(program)]


def failures(mode: str, words: list[str], folder: Path) -> list[Any]:
    """The cases that found something, of a run of all."""
    report = folder / "report.json"
    target = subprocess.list2cmdline(words) + (" {port}" if mode == "server" else "")
    suite = [sys.executable, "-m", "hjp_conformance", mode, "--cmd", target]
    done = subprocess.run(
        [*suite, "--json", str(report)], capture_output=True, text=True, timeout=250
    )
    assert done.returncode == 1, done.stdout[-2000:] + done.stderr
    [run] = json.loads(report.read_text(encoding="utf-8"))["runs"]
    bad = ("fail", "crash", "warn")
    return [case for case in run["cases"] if case["verdict"] in bad]


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_planted_mistake_is_caught_and_named(patch: Path, tmp_path: Path) -> None:
    language, mode, _ = patch.stem.split("-", 2)
    requirement = patch.read_text(encoding="utf-8").partition(":")[0]
    shutil.copytree(PEERS / "c", tmp_path / "c")
    shutil.copytree(PEERS / "javascript", tmp_path / "javascript")
    applied = [needs("patch"), "-p1", "-s", "-i", str(patch)]
    subprocess.run(applied, cwd=tmp_path, check=True)
    found = failures(mode, command(language, mode, tmp_path), tmp_path)
    told = {id_ for case in found for id_ in (*case["requirements"], *case["broken"])}
    assert requirement in told, sorted(case["id"] for case in found)


def test_both_languages_have_ten() -> None:
    languages = [patch.stem.split("-")[0] for patch in PATCHES]
    assert min(languages.count("c"), languages.count("javascript")) >= 10
