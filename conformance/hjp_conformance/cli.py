"""The command `hjp-conformance`."""

import json
import os
import signal
import sys
from importlib.metadata import version
from io import TextIOWrapper
from types import FrameType
from typing import Annotated, Literal, NoReturn

import typer

from hjp_conformance import (
    cli_init,
    cli_matrix,
    cli_mutants,
    cli_reports,
    cli_test,
    explanation,
)
from hjp_conformance.catalogue import expected_of, gaps, ledger
from hjp_conformance.collected import collected
from hjp_conformance.matrix.cases import cases as pair_cases
from hjp_conformance.settings import MODES
from hjp_conformance.verdicts import NAMES, Exit

_HELP = "Find out whether an implementation of HJP/1 is right."
Mode = Literal["server", "client", "codec"]

_STATUSES = ", ".join(f"{status:d} {name.lower()}" for status, name in NAMES.items())
_EPILOG = f"Exit status: {_STATUSES}."

app = typer.Typer(
    help=_HELP, epilog=_EPILOG, no_args_is_help=False, pretty_exceptions_enable=False
)

_OWN_OPTIONS = ("--help", "--version", "--install-completion", "--show-completion")


def main() -> None:
    """Run the command; without the name of a subcommand it is `server`."""
    words = sys.argv[1:]
    if not words or _is_of_server(words[0]):
        words = ["server", *words]
    # Otherwise the targets that the suite has started would outlive it.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, _as_ctrl_c)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(words, prog_name="hjp-conformance")
    finally:
        _let_go_of_output()


def _let_go_of_output() -> None:
    """Who reads the output may have had enough of it, as `head` has."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_of_server(word: str) -> bool:
    is_option = word.startswith("-") and word not in _OWN_OPTIONS
    return is_option or word.startswith("hjp://")


def _as_ctrl_c(number: int, stack: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hjp-conformance {version('hjp')}")
        raise typer.Exit


@app.callback(help=_HELP)
def _root(
    version_: Annotated[
        bool,
        typer.Option(
            "--version", help="Say which.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    pass


app.command(epilog=_EPILOG)(cli_test.server)
app.command(epilog=_EPILOG)(cli_test.client)
app.command(epilog=_EPILOG)(cli_test.codec)
app.command("run", epilog=_EPILOG)(cli_test.run)
app.command(epilog=_EPILOG)(cli_matrix.matrix)
app.command(epilog=_EPILOG)(cli_reports.replay)
app.command()(cli_reports.diff)
app.command("mutants")(cli_mutants.command)
app.command()(cli_init.init)


@app.command("list")
def list_(
    mode: Annotated[Mode | None, typer.Argument(help="Only this mode's cases.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the cases: ids, levels, requirements, titles."""
    cases = collected((mode,) if mode else MODES)
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
    text = explanation.of(id_, [*collected(), *pair_cases()])
    if text is None:
        raise typer.BadParameter(f"no case and no requirement is named {id_!r}")
    typer.echo(text)


@app.command()
def coverage(
    mode: Annotated[Mode | None, typer.Argument(help="Only of this mode.")] = None,
) -> None:
    """List the requirements of each mode with their cases; fail if one has none."""
    wrong: list[str] = []
    for one in (mode,) if mode else MODES:
        found = ledger(collected((one,)), one)
        typer.echo(f"{one}:")
        for line in explanation.of_ledger(found, expected_of(one), one):
            typer.echo(line)
        wrong += gaps(found, one)
    for line in wrong:
        typer.echo(line, err=True)
    raise typer.Exit(Exit.FAILURES if wrong else Exit.CONFORMANT)
