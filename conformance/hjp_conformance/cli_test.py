"""The commands that test: `server`, `client`, `codec`, and `run` for all of a file."""

import re
from pathlib import Path
from typing import Annotated

import typer

from hjp_conformance.options import Options, with_options

_CALLABLE = "module:callable"


@with_options
def server(
    url: Annotated[
        str | None, typer.Argument(help="hjp://host:port of a running server.")
    ] = None,
    cmd: Annotated[
        str | None,
        typer.Option(
            help="Start this server; {port} becomes a free port, {folder} an empty "
            "folder that goes with it. It is ready when it takes connections there, or "
            "prints a line 'ready hjp://host:port', which it has to without {port}."
        ),
    ] = None,
    limit: Annotated[
        str | None,
        typer.Option(
            metavar="WORDS",
            help="How the command takes a limit, such as '--limit {name}={value}': "
            "then the cases of time limits run in no time.",
        ),
    ] = None,
    *,
    options: Options,
) -> None:
    """Test a server: one that runs, one to start, or the reference.

    If it offers files, objects are written into its store, under names of the suite's
    own ("~hjp-" and 16 random digits in front, as a rule), and deleted again where it
    offers delete; -k 'not files' leaves that out.
    """
    if url is not None and cmd is not None:
        raise typer.BadParameter("give a URL or --cmd, not both")
    if limit is not None and (
        cmd is None or not {"{name}", "{value}"} <= _braced(limit)
    ):
        raise typer.BadParameter(
            "--limit needs --cmd, and words with {name} and {value}"
        )
    from hjp_conformance import cli_runs

    cli_runs.of_target(options, "server", url=url, cmd=cmd, limits=limit)


def _braced(words: str) -> set[str]:
    return set(re.findall(r"\{\w*\}", words))


@with_options
def client(
    cmd: Annotated[
        str | None,
        typer.Option(help="The command, which is told what to do by its arguments."),
    ] = None,
    *,
    options: Options,
) -> None:
    """Test a client: a command that is started for each case, or the reference."""
    from hjp_conformance import cli_runs

    cli_runs.of_target(options, "client", cmd=cmd)


@with_options
def codec(
    function: Annotated[
        str | None,
        typer.Argument(
            metavar=_CALLABLE,
            help="A parser in Python, such as mine:parse for parse in mine.py here.",
        ),
    ] = None,
    cmd: Annotated[
        str | None,
        typer.Option(help="A codec in any language: a line in, a line out."),
    ] = None,
    *,
    options: Options,
) -> None:
    """Test a codec: a command, a callable, or the reference."""
    if function is not None and cmd is not None:
        raise typer.BadParameter(f"give {_CALLABLE} or --cmd, not both")
    if function is not None and ":" not in function:
        raise typer.BadParameter(f"{function!r} is not of the form {_CALLABLE}")
    from hjp_conformance import cli_runs

    cli_runs.of_target(options, "codec", cmd=cmd, function=function)


@with_options
def run(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Such as sut.toml.")
    ],
    *,
    options: Options,
) -> None:
    """Test all that a file declares: a server, a client, a codec."""
    from hjp_conformance import cli_runs

    cli_runs.of_file(options, file)
