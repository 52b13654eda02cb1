"""The command `hjp-conformance`.

The modules of its commands import at their top what tells how they are called, and what
does the work only where it is done: nobody waits for that who reads a help text.
"""

import os
import signal
import sys
from io import TextIOWrapper
from types import FrameType
from typing import Annotated, NoReturn

import typer

from hjp_conformance import (
    cli_cases,
    cli_init,
    cli_matrix,
    cli_mutants,
    cli_reports,
    cli_test,
)
from hjp_conformance.verdicts import NAMES

_HELP = (
    "Find out whether an implementation of HJP/1 is right. Without the name of a command "
    "it is `server`, and without a target that is the reference: `hjp-conformance` alone "
    "tests it, `hjp-conformance hjp://host:port` a server that runs."
)

_STATUSES = ", ".join(f"{status:d} {name.lower()}" for status, name in NAMES.items())
_EPILOG = f"Exit status: {_STATUSES}."

app = typer.Typer(
    help=_HELP,
    epilog=_EPILOG,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    # Plain: square brackets are text, errors are lines, and a narrow terminal cuts none.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_OWN_OPTIONS = (
    "-h",
    "--help",
    "--version",
    "--install-completion",
    "--show-completion",
)


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
        from importlib.metadata import version

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
app.command(epilog=_EPILOG)(cli_reports.diff)
app.command("mutants", epilog=_EPILOG)(cli_mutants.command)
app.command(epilog=_EPILOG)(cli_init.init)


app.command("list", epilog=_EPILOG)(cli_cases.list_)
app.command(epilog=_EPILOG)(cli_cases.explain)
app.command(epilog=_EPILOG)(cli_cases.coverage)
