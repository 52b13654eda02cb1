"""The command ``hjp``: run a server, talk to one.

What a program reads goes to standard output, plain; all else to standard error.
"""

import logging
import sys
from typing import Annotated, Any

import typer

import hjp
from hjp.cli_serve import Engine, run_server
from hjp.limits import Limits
from hjp.url import DEFAULT_PORT

__all__ = ["app", "main"]

app = typer.Typer(
    name="hjp",
    help="HJP/1: messages of a header, a JSON object and a payload.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hjp {hjp.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Say it."),
    ] = False,
) -> None:
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")


def _limits(settings: list[str]) -> Limits:
    try:
        return Limits.parse(settings)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--limit") from None


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="Name or address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="TCP port; 0: any that is free.")
    ] = DEFAULT_PORT,
    engine: Annotated[
        Engine, typer.Option(help="What moves the octets.")
    ] = Engine.ASYNCIO,
    limit: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A limit, such as idle_ms=5000."),
    ] = None,
) -> None:
    """Run a server until SIGTERM or Ctrl-C."""
    run_server(engine, host, port, _limits(limit or []))


def main(arguments: list[str] | None = None) -> Any:
    """Run the command; the process ends with its exit code."""
    return app(arguments)
