"""The command `report`, and the files that `run` writes."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hjp_fuzz.cli_common import Exit, complain, console_of, statuses, write
from hjp_fuzz.report import show_finding, show_summary
from hjp_fuzz.report_junit import junit
from hjp_fuzz.report_markdown import markdown
from hjp_fuzz.runs import NoReport, Run, as_json, read_run

JsonFile = Annotated[
    Path | None,
    typer.Option("--json", metavar="FILE", help="The report as JSON; - is the output."),
]
JunitFile = Annotated[
    Path | None,
    typer.Option("--junit", metavar="FILE", help="The report as JUnit XML."),
]
MarkdownFile = Annotated[
    Path | None,
    typer.Option("--markdown", metavar="FILE", help="The report for a CI summary."),
]


def write_reports(
    run: Run, as_json_to: Path | None, junit_to: Path | None, markdown_to: Path | None
) -> None:
    """Write the reports that were asked for."""
    if as_json_to is not None:
        write(as_json_to, json.dumps(as_json(run), indent=1) + "\n")
    if junit_to is not None:
        write(junit_to, junit(run))
    if markdown_to is not None:
        write(markdown_to, markdown(run))


def speaker(*files: Path | None) -> Console:
    """Return where a command speaks: not where it writes one of these files.

    A file that has no folder to be in is told here, and not after a long run.
    """
    for file in files:
        if file is not None and not file.parent.is_dir():
            complain(f"cannot write {file}: there is no {file.parent}", Exit.USAGE)
    return console_of(stderr=any(str(file) == "-" for file in files))


def report(
    what: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER|FILE", help="A folder of findings, or a report by --json."
        ),
    ],
    as_json_to: JsonFile = None,
    junit_to: JunitFile = None,
    markdown_to: MarkdownFile = None,
) -> None:
    """Show a run that is over, or write it as another kind of report."""
    with statuses():
        try:
            run = read_run(what)
        except NoReport as reason:
            complain(str(reason), Exit.USAGE)
        if as_json_to is not None and not run.whole:
            complain("findings alone are no report as JSON: run has --json", Exit.USAGE)
        _show(speaker(as_json_to, junit_to, markdown_to), run)
        write_reports(run, as_json_to, junit_to, markdown_to)


def _show(console: Console, run: Run) -> None:
    for found in run.report.findings:
        show_finding(console, found)
    if run.whole:
        show_summary(console, run.report)
    else:
        console.print(f"{len(run.report.findings)} findings")
