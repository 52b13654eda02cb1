"""Targets for the tests: a correct parser, and the same with bugs planted in it."""

import importlib
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


@pytest.fixture
def bugs() -> set[str]:
    """Name the bugs that can be planted."""
    return set(importlib.import_module("planted_parsers").BUGS)
