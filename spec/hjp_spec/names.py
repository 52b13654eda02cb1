"""Which strings are names of objects: the table *Names* of the text *files*."""

import json
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

_LONGEST = 255
_DEVICE = re.compile(
    r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[1-9¹²³]) *", re.ASCII | re.I
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_FORBIDDEN = re.compile(r'[/\\:*?"<>|]')


def excluded_by(name: str) -> int | None:
    """The first row of the table that excludes a string; None for a name.

    Args:
        name: any string without surrogates.
    """
    if not 1 <= len(name.encode()) <= _LONGEST:
        return 1
    if _CONTROL.search(name):
        return 2
    if _FORBIDDEN.search(name):
        return 3
    if name[-1] in ". ":
        return 4
    return 5 if _DEVICE.fullmatch(name.partition(".")[0]) else None


@dataclass(frozen=True, slots=True)
class NameVector:
    """A string, and what the table makes of it.

    Attributes:
        id: unique and permanent.
        name: the string.
        row: the row that excludes it; None for a name.
        requirement: the id that it shows.
    """

    id: str
    name: str
    row: int | None
    requirement: str


def name_file() -> Any:
    """What is in ``tables/object_names.json``."""
    return json.loads(
        (files("hjp_spec") / "tables" / "object_names.json").read_text("utf-8")
    )


def _joined(pieces: Any) -> str:
    if isinstance(pieces, str):
        return pieces
    return "".join(
        piece if isinstance(piece, str) else piece["text"] * piece["times"]
        for piece in pieces
    )


NAMES: tuple[NameVector, ...] = tuple(
    NameVector(one["id"], _joined(one["name"]), one["row"], one["requirement"])
    for one in name_file()["names"]
)
"""Strings typed by hand, for every language; first those that are no names."""
