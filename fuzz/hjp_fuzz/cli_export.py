"""The command `export`."""

from pathlib import Path
from typing import Annotated

import typer

from hjp_fuzz.cli_common import (
    FINDINGS,
    Exit,
    Folder,
    complain,
    console_of,
    statuses,
    write,
)
from hjp_fuzz.export import NotExported, pytest_file, vectors
from hjp_fuzz.findings import Finding, read, read_all


def export(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID|FILE]…", help="Findings; all, if none is named."),
    ] = None,
    vectors_to: Annotated[
        Path | None,
        typer.Option(
            "--vectors",
            metavar="FILE",
            help="Vectors, for codecs in any language; added to those in FILE.",
        ),
    ] = None,
    pytest_to: Annotated[
        Path | None,
        typer.Option(
            "--pytest",
            metavar="FILE",
            help="A test file, in which each test fails until its fault is mended.",
        ),
    ] = None,
    out: Folder = FINDINGS,
) -> None:
    """Write findings as files that need no fuzzer: vectors, tests; - is the output."""
    if vectors_to is None and pytest_to is None:
        raise typer.BadParameter("say what to write: --vectors FILE or --pytest FILE")
    with statuses():
        found = [read(name, out) for name in what] if what else read_all(out)
        try:
            _export(found, vectors_to, pytest_to)
        except NotExported as reason:
            complain(str(reason), Exit.USAGE)


def _export(
    found: list[Finding], vectors_to: Path | None, pytest_to: Path | None
) -> None:
    texts = []
    if vectors_to is not None:
        texts.append((vectors_to, vectors(found, vectors_to)))
    if pytest_to is not None:
        texts.append((pytest_to, pytest_file(found)))
    for file, text in texts:
        write(file, text)
        if str(file) != "-":
            console_of().print(f"{file}: {len(found)} findings")
