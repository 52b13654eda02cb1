"""The command `shrink`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hjp_fuzz.cli_common import (
    FINDINGS,
    Exit,
    Folder,
    console_of,
    replay_command,
    statuses,
)
from hjp_fuzz.cli_inputs import Given, given_file, given_hex, target_of
from hjp_fuzz.cli_targets import (
    ANY_NAME,
    DialectName,
    ErrorName,
    IncompleteName,
    IncompleteStatus,
    Memory,
    Patience,
    RejectStatus,
)
from hjp_fuzz.dialect import HJP
from hjp_fuzz.findings import save
from hjp_fuzz.report import show_finding
from hjp_fuzz.smaller import case_of, judged, made_small
from hjp_fuzz.targets import Limits, Target
from hjp_fuzz.workers import preflight


def shrink(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="ID|FILE",
            help="A finding, or a file of octets: raw, hex, or a dump by xxd.",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Argument(metavar="TARGET", help=f"{ANY_NAME} A finding knows its own."),
    ] = None,
    octets: Annotated[
        str, typer.Option("--hex", help="Octets in place of ID or FILE.")
    ] = "",
    cuts: Annotated[
        str,
        typer.Option(
            help="Where reads end, such as 4,16; with --hex (default: tried out)."
        ),
    ] = "",
    raw: Annotated[
        bool, typer.Option("--raw", help="FILE holds octets, whatever it looks like.")
    ] = False,
    error: ErrorName = None,
    incomplete: IncompleteName = None,
    reject_status: RejectStatus = None,
    incomplete_status: IncompleteStatus = None,
    dialect: DialectName = None,
    patience: Patience = None,
    memory: Memory = None,
    out: Folder = FINDINGS,
) -> None:
    """Make octets small that a parser gets wrong, and keep them as a finding."""
    with statuses():
        if octets:
            given, target = given_hex(octets, cuts), target or what
        elif what is None:
            raise typer.BadParameter("a finding, a file or --hex is needed")
        else:
            given = given_file(what, out, raw=raw)
        if target is None and given.found is None:
            raise typer.BadParameter(f"which target? {ANY_NAME}")
        said = (error, incomplete, reject_status, incomplete_status, dialect)
        parser, limits = target_of(given, target, said, patience, memory)
        preflight(parser, limits)
        raise typer.Exit(_shrink(console_of(), given, parser, out, limits))


def _shrink(
    console: Console, given: Given, parser: Target, out: Path, limits: Limits
) -> Exit:
    case = case_of(given.stream, given.cuts, parser.dialect or HJP)
    failure = judged(parser, case, limits)
    if failure is None:
        console.print(f"{given.name}: no check fails, so there is nothing to shrink")
        return Exit.CLEAN
    found = made_small(parser, case, failure, limits)
    if found is None:
        console.print(f"{given.name}: {failure.check} fails, but not every time")
        return Exit.CLEAN
    save(found, out)
    show_finding(console, found, replay_command(found, out))
    return Exit.FINDINGS
