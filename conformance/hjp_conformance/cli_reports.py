"""The commands that look at reports: `replay` and `diff`."""

import json
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from hjp_conformance.completion import ids_of_report
from hjp_conformance.reports.shape import CaseReport, Report, RunReport
from hjp_conformance.selection import SelectionError, check_ids
from hjp_conformance.verdicts import QUIET, Exit, worst


def replay(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="A report by --json.")
    ],
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ID",
            help="Cases; without any, all that failed.",
            autocompletion=ids_of_report,
        ),
    ] = None,
    script: Annotated[
        Path | None,
        typer.Option(
            help="Write a Python file that needs nothing but a socket and does what one "
            "case did; - for standard output."
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Write the script over a file that is there."),
    ] = False,
) -> None:
    """Run cases of a report again, or write a script that repeats one of them."""
    report = read_report(file)
    found = _found(report, ids or [])
    if script is None:
        raise typer.Exit(_again(found))
    if len(found) != 1:
        names = ", ".join(case["id"] for _, case in found[:5])
        raise typer.BadParameter(f"a script repeats one case; name it: {names}, …")
    if script.exists() and not force and str(script) != "-":
        raise typer.BadParameter(f"{script} is there already; --force writes over it")
    _write(script, report, *found[0])


def diff(
    old: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    new: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
) -> None:
    """Tell what has changed between two reports; 1 if something got worse."""
    from hjp_conformance.reports.diff import diff as difference

    try:
        found = difference(read_report(old), read_report(new))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    typer.echo(str(found))
    raise typer.Exit(found.exit)


def read_report(path: Path) -> Report:
    """A report that `--json` has written.

    Raises:
        typer.BadParameter: it is none.
    """
    from hjp_conformance.schema_files import problems

    try:
        report: Any = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise typer.BadParameter(f"{path} is no report: {error}") from None
    wrong = problems("report", report)
    if wrong:
        raise typer.BadParameter(f"{path} is no report: {wrong[0]}")
    found: Report = report
    return found


def _found(report: Report, ids: list[str]) -> list[tuple[RunReport, CaseReport]]:
    """The cases with these ids, or all that were not right."""
    every = [(run, case) for run in report["runs"] for case in run["cases"]]
    try:
        check_ids(ids, {case["id"] for _, case in every})
    except SelectionError as error:
        raise typer.BadParameter(f"of the report: {error}") from None
    wanted = [
        (run, case)
        for run, case in every
        if (case["id"] in ids if ids else case["verdict"] not in QUIET)
    ]
    if not wanted:
        raise typer.BadParameter("no case of the report failed: name one")
    return wanted


def _again(found: list[tuple[RunReport, CaseReport]]) -> int:
    """Run them by the commands that ran them; the worst status of these."""
    from hjp_conformance.cli import app
    from hjp_conformance.reports.cards import command

    cases: dict[str, list[str]] = {}
    for run, case in found:
        cases.setdefault(command(run), []).append(case["id"])
    statuses = []
    for told, ids in cases.items():
        _, *words = shlex.split(told)
        for id_ in dict.fromkeys(ids):
            words += ["--case", id_]
        try:
            app(words, prog_name="hjp-conformance")
        except SystemExit as end:
            statuses.append(Exit(int(end.code or 0)))
    return worst(statuses)


def _write(path: Path, report: Report, run: RunReport, case: CaseReport) -> None:
    from hjp_conformance.reports.script import script

    try:
        text = script(case, run, report)
    except ValueError as error:
        raise typer.BadParameter(f"{case['id']}: {error}") from None
    if str(path) == "-":
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        told = f"{path} cannot be written: {error.strerror}"
        raise typer.BadParameter(told) from None
    typer.echo(f"written: {path}; it says by --help how to run it")
