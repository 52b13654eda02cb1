"""What is taken from the servers broken on purpose: their scanner and its faults."""

import importlib
from types import ModuleType

from hjp_conformance.mutants.server.metadata import (
    BadJson,
    Cut,
    Number,
    Object,
    Scanner,
    Value,
    Writer,
)

__all__ = [
    "BadJson",
    "Cut",
    "Number",
    "Object",
    "Scanner",
    "Value",
    "Writer",
    "server_chapter",
]


def server_chapter(name: str) -> ModuleType:
    """One chapter of the servers' faults, for the scanners in it."""
    return importlib.import_module(f"hjp_conformance.mutants.server.{name}")
