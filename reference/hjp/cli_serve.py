"""``hjp serve``."""

import asyncio
import signal
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

import typer

from hjp import server, threaded
from hjp.cli_client import fail, reason
from hjp.limits import Limits
from hjp.service import FEATURES

__all__ = ["Engine", "check_features", "check_unused", "parse_limits", "run_server"]


class Engine(StrEnum):
    """What moves the octets of a server."""

    ASYNCIO = "asyncio"
    THREADED = "threaded"


def parse_limits(settings: Sequence[str]) -> Limits:
    """Read the values of ``--limit``."""
    try:
        return Limits.parse(settings)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--limit") from None


def check_features(option: str, lists: Sequence[str]) -> None:
    """Refuse names of features that there are not."""
    asked_for = {name for names in lists for name in names.split(",")}
    unknown = sorted(asked_for.difference(FEATURES))
    if unknown:
        there_are = ", ".join(FEATURES) or "none in this version"
        raise typer.BadParameter(
            f"there is no feature {', '.join(map(repr, unknown))}; "
            f"features: {there_are}",
            param_hint=option,
        )


def check_unused(option: str, value: Path | None) -> None:
    """Refuse an option of features that are not offered: it would do nothing."""
    if value is not None:
        raise typer.BadParameter(
            "no feature that is offered uses it", param_hint=option
        )


def run_server(engine: Engine, host: str, port: int, limits: Limits) -> None:
    """Run a server until it is told to stop."""
    try:
        told = _RUN[engine](host, port, limits)
    except OSError as error:
        fail(3, f"cannot listen on {host} port {port}: {reason(error)}")
    if told is signal.SIGINT:
        raise typer.Exit(130)


def _run_asyncio(host: str, port: int, limits: Limits) -> signal.Signals:
    async def run() -> signal.Signals:
        return await server.serve(server.Server(host, port, limits=limits), _say_ready)

    return asyncio.run(run())


def _run_threaded(host: str, port: int, limits: Limits) -> signal.Signals:
    return threaded.serve(threaded.Server(host, port, limits=limits), _say_ready)


_RUN = {Engine.ASYNCIO: _run_asyncio, Engine.THREADED: _run_threaded}


def _say_ready(it: server.Server | threaded.Server) -> None:
    """Plain and flushed, in one line: programs wait for it."""
    print("ready", *it.urls, flush=True)
