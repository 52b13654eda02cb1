"""Targets for the tests: a correct parser, and the same with bugs planted in it."""

import importlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hjp_fuzz.targets import CallableTarget

HERE = Path(__file__).parent


sys.path.insert(0, str(HERE))


@pytest.fixture
def planted() -> Callable[..., CallableTarget]:
    """Make a target of the correct parser with some bugs in it."""
    parsers = importlib.import_module("planted_parsers")

    def target(*bugs: str) -> CallableTarget:
        return CallableTarget("planted", factory=parsers.planted(*bugs))

    return target


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
