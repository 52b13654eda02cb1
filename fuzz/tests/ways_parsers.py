"""Parsers with faults, by names that the command takes."""

import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_planted = importlib.import_module("planted_parsers")
RefusedError, parse, planted = _planted.RefusedError, _planted.parse, _planted.planted

duplicates = planted("dup_names")
edge = planted("chunk_edge")
crashing = planted("crash")
hanging = planted("hang")
stubborn = planted("goes_on")


class Writer(planted()):  # type: ignore[misc]
    """Reads all that is right, and writes nothing that is."""

    @staticmethod
    def encode(metadata: Any, payload: bytes) -> bytes:
        return b"HJP"


HOSTILE = (
    "\x1b[31m\x00 <b>&amp;]]></failure></details></pre> | `a` *b* @octocat #1 "
    "\n\n## Heading\n| a | b |\n\u2028\ud800 $(rm) ${{x}} ::error::"
)


def babbling(data: bytes) -> Iterator[tuple[Any, bytes]]:
    """Say what could break a report, as the text of an error and as a code."""
    try:
        yield from parse(data)
    except RefusedError:
        if data[4:5] != b"\x01":
            raise RefusedError(HOSTILE) from None
        raise RuntimeError(HOSTILE) from None


def unsteady(data: bytes) -> Iterator[tuple[Any, bytes]]:
    """Fail at a magic that is wrong, but only the first time."""
    once = Path(os.environ["UNSTEADY"])
    if data[:1] != b"H" and not once.exists():
        once.touch()
        raise KeyError("now and then")
    yield from parse(data)
