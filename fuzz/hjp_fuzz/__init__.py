"""Fuzzing for parsers of HJP and of formats like it.

From a test file, by pytest and Hypothesis::

    from hjp_fuzz import fuzz
    from mine import parse

    test_parse = fuzz(parse, error=ValueError, incomplete=EOFError)

`fuzz` makes the test, `check` checks a parser with one stream, `Broken` is what both
raise.  `frames`, `streams` and the other strategies are the same streams for tests of
one's own.  `load` imports a parser by its name, as the command does.

From a shell: `hjp-fuzz run` tries streams of frames on a parser and tells what it gets
wrong: a callable of Python, a testee, a program, a live server (`hjp_fuzz.targets` says
what each has to look like).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hjp_fuzz.strategies import (
        chunked,
        frames,
        invalid_json_texts,
        json_texts,
        lengths,
        mutated,
        streams,
    )
    from hjp_fuzz.targets import TargetError, load
    from hjp_fuzz.testing import Broken, check, fuzz

__all__ = [
    "Broken",
    "TargetError",
    "check",
    "chunked",
    "frames",
    "fuzz",
    "invalid_json_texts",
    "json_texts",
    "lengths",
    "load",
    "mutated",
    "streams",
]

_MODULES = {
    "testing": ("Broken", "check", "fuzz"),
    "targets": ("TargetError", "load"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name when it is asked for.

    Hypothesis takes longer to import than the command, which seldom needs it.
    """
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_HOME.get(name, 'strategies')}")
    return getattr(module, name)
