"""The file `sut.toml`: what of somebody's is to be tested."""

import shlex
import tomllib
from pathlib import Path
from typing import Any

import typer

from hjp_conformance.process import address_of, checked_command
from hjp_conformance.settings import MODES
from hjp_conformance.sut_words import wrong


def declared(path: Path) -> dict[str, Any]:
    """What a file declares; its commands run in its folder, wherever one stands.

    Raises:
        typer.BadParameter: it is no TOML, or no such declaration.
    """
    found = toml(path)
    if told := wrong(found):
        raise typer.BadParameter(f"{path}: {told}")
    for mode in MODES:
        table = found.get(mode, {})
        try:
            check(table.get("cmd"), table.get("url"))
        except typer.BadParameter as error:
            raise typer.BadParameter(f"{path}: [{mode}]: {error.message}") from None
        if path.parent.resolve() != Path.cwd():
            found |= {mode: _moved(table, path.parent.resolve())} if table else {}
    return found


def _moved(table: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The same, with what is relative to the folder named from anywhere.

    A shell goes there: so the command is one for `replay` and for people, too.
    """
    moved = dict(table)
    if "cmd" in table:
        words = shlex.join(shlex.split(table["cmd"]))  # no shell has read it before
        script = f'cd {shlex.quote(str(folder))} && exec {words} "$@"'
        moved["cmd"] = shlex.join(["sh", "-c", script, "sh"])
    if "callable" in table:
        moved["callable"] = f"{folder}/{table['callable']}"
    return moved


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
