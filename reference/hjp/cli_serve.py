"""``hjp serve``."""

import asyncio
import os
from collections.abc import Sequence
from enum import StrEnum

import typer

from hjp.limits import Limits
from hjp.server import Server, serve

__all__ = ["Engine", "run_server"]


class Engine(StrEnum):
    """What moves the octets of a server."""

    ASYNCIO = "asyncio"
    THREADED = "threaded"


def run_server(engine: Engine, host: str, port: int, limits: Limits) -> None:
    """Run a server until it is told to stop."""
    try:
        asyncio.run(
            serve(Server(host, port, limits=limits), lambda s: _say_ready(s.urls))
        )
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        typer.echo(f"hjp: cannot listen on {host} port {port}: {why}", err=True)
        raise typer.Exit(3) from None


def _say_ready(urls: Sequence[str]) -> None:
    """Plain and flushed, in one line: programs wait for it."""
    print("ready", *urls, flush=True)
