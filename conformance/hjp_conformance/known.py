"""Lists of known failures: what stands in files, and what of it is about a mode."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import typer

from hjp_conformance import sut
from hjp_conformance.collected import cases_of
from hjp_conformance.settings import MODES

_TOLD = "a table [known-failures] from ids or patterns to reasons is needed"


def of_file(path: Path) -> dict[str, str]:
    """The reasons by ids or patterns.

    Raises:
        typer.BadParameter: there are none, or one is no reason.
    """
    return of_table(sut.toml(path), path)


def of_table(found: Mapping[str, Any], path: Path) -> dict[str, str]:
    """The same, of a file that was read."""
    known = found.get("known-failures")
    if not isinstance(known, dict) or not all(map(_is_reason, known.values())):
        raise typer.BadParameter(f"{path}: {_TOLD}")
    return known


def of_mode(known: Mapping[str, str], mode: str) -> dict[str, str]:
    """Those that are about a mode, and those that are about none: they are dead.

    Where others are about other modes, they are not dead in this one.
    """
    return {one: why for one, why in known.items() if _is_about(one, mode)}


def _is_reason(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_about(pattern: str, mode: str) -> bool:
    for other in MODES:
        if pattern.startswith(f"{other}-"):
            return other == mode
    if _matches(pattern, mode):
        return True
    return not any(_matches(pattern, other) for other in MODES)


def _matches(pattern: str, mode: str) -> bool:
    return any(fnmatchcase(case.id, pattern) for case in cases_of(mode))
