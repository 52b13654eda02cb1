"""The file `sut.toml`: what of somebody's is to be tested."""

import tomllib
from pathlib import Path
from typing import Any

import typer

from hjp_conformance.process import address_of, checked_command
from hjp_conformance.schema_files import problems


def declared(path: Path) -> dict[str, Any]:
    """What a file declares.

    Raises:
        typer.BadParameter: it is no TOML, or no such declaration.
    """
    found = toml(path)
    wrong = problems("sut", found)
    if wrong:
        raise typer.BadParameter(f"{path}: {wrong[0]}")
    for table in (found.get(mode, {}) for mode in ("server", "client", "codec")):
        check(table.get("cmd"), table.get("url"))
    return found


def toml(path: Path) -> dict[str, Any]:
    """What is in a file.

    Raises:
        typer.BadParameter: it is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path} is no TOML: {error}") from None


def check(cmd: str | None, url: str | None) -> None:
    """A command that can be split into words, an address that can be one.

    Raises:
        typer.BadParameter: they cannot.
    """
    try:
        if cmd is not None:
            checked_command(cmd)
        if url is not None:
            address_of(url)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
