"""``hjp serve``."""

import asyncio
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer

from hjp import server, threaded
from hjp.cli_client import fail, reason
from hjp.limits import Limits
from hjp.service import FEATURES, Service

__all__ = [
    "Engine",
    "FilesOptions",
    "check_unused",
    "choose_features",
    "parse_limits",
    "parse_size",
    "run_server",
]

_UNITS: dict[str, int] = {
    unit: 1024**power for power, unit in enumerate(("", "K", "M", "G", "T"))
}

# A large frame costs no memory where its payload goes to the disk as it comes, and
# each one costs a way to a worker thread and back.
_MAX_PAYLOAD = "max_payload=4194304"


class Engine(StrEnum):
    """What moves the octets of a server."""

    ASYNCIO = "asyncio"
    THREADED = "threaded"


_SERVERS: dict[Engine, type[server.Server] | type[threaded.Server]] = {
    Engine.ASYNCIO: server.Server,
    Engine.THREADED: threaded.Server,
}


def parse_limits(settings: Sequence[str], *, keeps_files: bool) -> Limits:
    """Read the values of ``--limit``."""
    try:
        return Limits.parse([*[_MAX_PAYLOAD] * keeps_files, *settings])
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--limit") from None


def parse_size(text: str) -> int:
    """Read a number of octets, such as ``10G``."""
    number, unit = (text[:-1], text[-1:]) if text[-1:] in _UNITS else (text, "")
    if not (number.isascii() and number.isdigit() and int(number)):
        raise typer.BadParameter(f"{text!r} is no size such as 500, 64K, 10M, 2G or 1T")
    return int(number) * _UNITS[unit]


def choose_features(
    root: Path | None, enable: Sequence[str], disable: Sequence[str]
) -> tuple[str, ...]:
    """Tell which features to offer."""
    wanted, unwanted = _names("--enable", enable), _names("--disable", disable)
    offered = ({"files", "resume"} if root else set()) | wanted - unwanted
    if offered - unwanted and not root:
        raise typer.BadParameter("needs --root DIR", param_hint="--enable")
    if root and "files" in unwanted:
        raise typer.BadParameter(
            "without files --root is of no use", param_hint="--disable"
        )
    return tuple(name for name in FEATURES if name in offered - unwanted)


def _names(option: str, lists: Sequence[str]) -> set[str]:
    """Read names of features; refuse those that there are not."""
    asked_for = {name for names in lists for name in names.split(",")}
    unknown = sorted(asked_for.difference(FEATURES))
    if unknown:
        raise typer.BadParameter(
            f"there is no feature {', '.join(map(repr, unknown))}; "
            f"features: {', '.join(FEATURES)}",
            param_hint=option,
        )
    return asked_for


def check_unused(option: str, value: object) -> None:
    """Refuse an option of features that are not offered: it would do nothing."""
    if value is not None:
        raise typer.BadParameter(
            "no feature that is offered uses it", param_hint=option
        )


class FilesOptions(dict[str, Any]):
    """What `hjp.files.Files` is made with; what was not given is left out."""

    def __init__(self, root: Path | None, **options: Any) -> None:
        given = {name: it for name, it in options.items() if it is not None}
        if not root and given:
            option = "--" + next(iter(given)).replace("_", "-")
            check_unused(option, given)
        super().__init__(given)
        self.root = root


@contextmanager
def _offering(it: Service, options: FilesOptions) -> Iterator[None]:
    if options.root is None:
        yield
        return
    try:
        from hjp.files import Files

        files = Files(options.root, **options)
    except (OSError, ImportError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        fail(2, f"cannot keep files in {options.root}: {why}")
    with files:
        files.offer(it)
        yield


def run_server(
    engine: Engine, host: str, port: int, limits: Limits, files: FilesOptions
) -> None:
    """Run a server until it is told to stop."""
    it = _SERVERS[engine](host, port, limits=limits)
    try:
        with _offering(it, files):
            told = _serve(it)
    except OSError as error:
        fail(3, f"cannot listen on {host} port {port}: {reason(error)}")
    if told is signal.SIGINT:
        raise typer.Exit(130)


def _serve(it: server.Server | threaded.Server) -> signal.Signals:
    if isinstance(it, threaded.Server):
        return threaded.serve(it, _say_ready)
    return asyncio.run(server.serve(it, _say_ready))


def _say_ready(it: server.Server | threaded.Server) -> None:
    """Plain and flushed, in one line: programs wait for it."""
    print("ready", *it.urls, flush=True)
