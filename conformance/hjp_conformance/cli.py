"""The command `hjp-conformance`."""

import json
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from hjp_conformance import explanation
from hjp_conformance.catalogue import Case, expected_of, gaps, ledger
from hjp_conformance.patience import Patience
from hjp_conformance.preflight import preflight
from hjp_conformance.process import address_of, checked_command
from hjp_conformance.reports import json_file
from hjp_conformance.reports.console import Console
from hjp_conformance.run import Run, run_pytest
from hjp_conformance.targets import Embedded, Remote, Started, Target
from hjp_conformance.verdicts import NAMES, Exit, TargetGoneError

app = typer.Typer(
    help="Find out whether an implementation of HJP/1 is right.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    add_completion=False,
)

_OWN_OPTIONS = ("--help", "--version")


def main() -> None:
    """Run the command; without the name of a subcommand it is `server`."""
    words = sys.argv[1:]
    if not words or (words[0].startswith("-") and words[0] not in _OWN_OPTIONS):
        words = ["server", *words]
    # Otherwise the servers that the suite has started would outlive it.
    signal.signal(signal.SIGTERM, _as_ctrl_c)
    app(words, prog_name="hjp-conformance")


def _as_ctrl_c(number: int, stack: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hjp-conformance {version('hjp')}")
        raise typer.Exit


@app.callback()
def _root(
    version_: Annotated[
        bool,
        typer.Option(
            "--version", help="Say which.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Find out whether an implementation of HJP/1 is right."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How to run."""

    select: list[str]
    cases: list[str]
    strict: bool
    deadline: float
    json_file: Path | None
    with_junit: bool


@app.command()
def server(
    url: Annotated[
        str | None, typer.Argument(help="hjp://host:port of a running server.")
    ] = None,
    cmd: Annotated[
        str | None,
        typer.Option(help="Start this server; {port} becomes a free port."),
    ] = None,
    expression: Annotated[
        str, typer.Option("-k", metavar="EXPR", help="Only cases that match.")
    ] = "",
    case: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this case.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="A broken SHOULD fails.")
    ] = False,
    first: Annotated[
        bool, typer.Option("-x", help="Stop after the first failure.")
    ] = False,
    max_fail: Annotated[
        int, typer.Option(min=0, help="Stop after so many failures.")
    ] = 0,
    deadline: Annotated[
        float, typer.Option(min=0.1, help="Seconds to wait for an answer.")
    ] = 5.0,
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write a report for programs.")
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(help="Write a JUnit report, a testcase a case.")
    ] = None,
) -> None:
    """Test a server: one that runs, one to start, or the reference."""
    select = ["-k", expression] if expression else []
    select += [f"--maxfail={1 if first else max_fail}"] if first or max_fail else []
    select += [f"--junit-xml={junit.absolute()}"] if junit else []
    wanted = _Wanted(select, case or [], strict, deadline, json_path, junit is not None)
    make = _target_maker(url, cmd)
    try:
        status = _test(make, wanted)
    except KeyboardInterrupt:
        typer.echo("\ninterrupted", err=True)
        status = Exit.INTERRUPTED
    raise typer.Exit(status)


def _target_maker(url: str | None, cmd: str | None) -> Callable[[], Target]:
    if url is not None and cmd is not None:
        raise typer.BadParameter("give a URL or --cmd, not both")
    try:
        if cmd is not None:
            return partial(Started, checked_command(cmd))
        if url is not None:
            return partial(Remote, address_of(url), f"server {url}")
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return Embedded


def _test(make: Callable[[], Target], wanted: _Wanted) -> Exit:
    """Have a target, ask whether it is one, run the cases, report."""
    run = Run(
        patience=Patience(wanted.deadline),
        strict=wanted.strict,
        with_cards=wanted.with_junit,
        only=frozenset(wanted.cases),
    )
    try:
        run.target = make()
        run.facts = preflight(run.target.address, run.patience)
        return _report(run, wanted)
    except TargetGoneError as error:
        run.gone = _last_words(run, error)
        typer.echo(f"{NAMES[Exit.UNREACHABLE]}: {run.gone}", err=True)
        _write(wanted, run, Exit.UNREACHABLE)
        return Exit.UNREACHABLE
    finally:
        if run.target is not None:
            run.target.stop()


def _report(run: Run, wanted: _Wanted) -> Exit:
    console = Console(run, sys.stdout, color=sys.stdout.isatty())
    console.begin()
    status = run_pytest(run, wanted.select, console)
    if status is Exit.USAGE:
        typer.echo("nothing was run: see hjp-conformance list", err=True)
    else:
        console.finish(status)
    _write(wanted, run, status)
    return status


def _last_words(run: Run, error: TargetGoneError) -> str:
    if run.target is None:
        return str(error)
    host, port = run.target.address
    epitaph = run.target.epitaph(0.2)
    return f"{host} port {port}: {error}" + (f"; {epitaph}" if epitaph else "")


def _write(wanted: _Wanted, run: Run, status: Exit) -> None:
    if wanted.json_file is not None:
        json_file.write(wanted.json_file, run, status)


def _collected() -> list[Case]:
    run = Run()
    status = run_pytest(run, ["--collect-only"])
    if status is not Exit.CONFORMANT:
        typer.echo("\n".join(run.trouble), err=True)
        raise typer.Exit(status)
    return run.cases


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the cases: ids, levels, requirements, titles."""
    cases = _collected()
    if as_json:
        typer.echo(json.dumps([explanation.as_json(case) for case in cases], indent=1))
        return
    for case in cases:
        typer.echo(f"{case.id}\n    {case.level} {' '.join(case.requirements)}")
        typer.echo(f"    {case.title}")
    typer.echo(f"\n{len(cases)} cases")


@app.command()
def explain(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Of a case or requirement.")],
) -> None:
    """Say what a case sends and accepts, or which cases a requirement has."""
    text = explanation.of(id_, _collected())
    if text is None:
        raise typer.BadParameter(f"no case and no requirement is named {id_!r}")
    typer.echo(text)


@app.command()
def coverage() -> None:
    """List the requirements on a server with their cases; fail if one has none."""
    found = ledger(_collected())
    for line in explanation.of_ledger(found, expected_of("server")):
        typer.echo(line)
    wrong = gaps(found)
    for line in wrong:
        typer.echo(line, err=True)
    raise typer.Exit(Exit.FAILURES if wrong else Exit.CONFORMANT)
