"""Bugs planted in parsers in Python, C and JavaScript are found within seconds.

Whoever planted them had the text and the right parsers, and had not seen the grammar.
The first line of a patch says which requirement it breaks, and how.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hjp_fuzz.engines import Plan
from hjp_fuzz.runner import Campaign
from hjp_fuzz.targets import PipeTarget, Target, load

HERE = Path(__file__).parent
PLANTED = HERE / "planted"
PEERS = HERE.parents[1] / "conformance" / "peers"
PATCHES = sorted(PLANTED.glob("*.patch"))
SECONDS = 30.0
"""Three times what is wanted: a machine that runs everything else too is slow."""
NOT_FOUND = {
    "c-limit-plus-one": "shows itself with another max_payload than the default",
    "python-empty-chunk": "the contract gives no parser a read of no octets",
    "python-frames-before-fault": "the contract lets a list be lost by raising",
}


def needs(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def in_python(folder: Path) -> Target:
    name = "planted_" + "".join(filter(str.isalnum, str(folder)))
    (folder / "python" / "right.py").rename(folder / f"{name}.py")
    return load(f"{name}:Parser", folder=folder)


def in_c(folder: Path) -> Target:
    sources = [str(folder / "c" / name) for name in ("codec_testee.c", "hjp.c")]
    words = [needs("gcc"), "-std=c11", "-O2", "-o", str(folder / "testee"), *sources]
    subprocess.run(words, check=True)
    return PipeTarget(str(folder / "testee"))


def in_javascript(folder: Path) -> Target:
    program = folder / "javascript" / "codec_testee.mjs"
    return PipeTarget(f"{needs('node')} {program}")


LANGUAGES = {"python": in_python, "c": in_c, "javascript": in_javascript}


def broken(patch: Path, folder: Path) -> Target:
    """Apply a patch to the right parsers, and open the one that it breaks."""
    (folder / "python").mkdir()
    shutil.copy(PLANTED / "right.py", folder / "python")
    for language in ("c", "javascript"):
        shutil.copytree(PEERS / language, folder / language)
    applied = [needs("patch"), "-p1", "-s", "-i", str(patch)]
    subprocess.run(applied, cwd=folder, check=True)
    return LANGUAGES[patch.stem.partition("-")[0]](folder)


@pytest.fixture
def target(patch: Path, tmp_path: Path) -> Iterator[Target]:
    with closing(broken(patch, tmp_path)) as opened:
        yield opened


@pytest.mark.soak
@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_bug_is_found(patch: Path, target: Target) -> None:
    seconds = 5.0 if patch.stem in NOT_FOUND else SECONDS
    steps = Campaign(Plan(target, "blind", seconds=seconds)).run()
    found = next((finding for finding in steps if finding is not None), None)
    steps.close()
    assert (found is None) == (patch.stem in NOT_FOUND)
    assert found is None or found.confirmations == 3


def test_nine_of_ten_are_found() -> None:
    assert {patch.stem for patch in PATCHES} >= NOT_FOUND.keys()
    assert len(PATCHES) >= 36
    assert len(NOT_FOUND) <= len(PATCHES) / 10
