"""This project: ``hjp serve`` with each of its engines, and both of its clients."""

import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import hjp
from benchmarks.idle import hold
from benchmarks.loops import AsyncOnce, on_loop
from benchmarks.processes import Site
from benchmarks.tasks import DATA, Client, Files, Once, Task

__all__ = ["clients", "serve"]

_HOUR: Final = 3_600_000  # a peer may wait long until it has its turn


def serve(site: Site) -> None:
    """Serve echoes and files, as durable as the other peers."""
    command = [sys.executable, "-m", "hjp", "serve", "--port", "0"]
    command += ["--engine", site.variant, "--root", str(site.root)]
    command += ["--durability", "none"]
    for limit in ("first_frame_ms", "idle_ms"):
        command += ["--limit", f"{limit}={_HOUR}"]
    site.run(command)


def _url(port: int) -> str:
    return f"hjp://127.0.0.1:{port}"


def _requests(task: Task, payload: bytes) -> list[tuple[str, dict[str, Any], bytes]]:
    return [("echo", {"data": DATA}, payload)] * task.ahead


@contextmanager
def _echo(task: Task, _files: Files, port: int) -> Iterator[Once]:
    payload = bytes(task.size)
    burst = _requests(task, payload)
    with hjp.Client(_url(port)) as client:

        def once() -> None:
            for _ in range(task.count):
                client.echo(payload, data=DATA)

        def in_bursts() -> None:
            for _ in range(0, task.count, task.ahead):
                for reply in client.pipeline(burst):
                    reply.unwrap()

        yield once if task.ahead == 1 else in_bursts


@asynccontextmanager
async def _echo_async(task: Task, _files: Files, port: int) -> AsyncIterator[AsyncOnce]:
    payload = bytes(task.size)
    burst = _requests(task, payload)
    async with hjp.AsyncClient(_url(port)) as client:

        async def once() -> None:
            for _ in range(task.count):
                await client.echo(payload, data=DATA)

        async def in_bursts() -> None:
            for _ in range(0, task.count, task.ahead):
                async for reply in client.pipeline(burst):
                    reply.unwrap()

        yield once if task.ahead == 1 else in_bursts


def _moving(
    calls: dict[str, Callable[[Any, Files, Task, bool], Any]], *, digest: bool
) -> Callable[[Task, Files, int], Any]:
    @contextmanager
    def rounds(task: Task, files: Files, port: int) -> Iterator[Once]:
        _keep_state(files)
        with hjp.Client(_url(port)) as client:
            yield lambda: calls[task.work](client, files, task, digest)

    return rounds


def _moving_async(
    calls: dict[str, Callable[[Any, Files, Task, bool], Any]], *, digest: bool
) -> Callable[[Task, Files, int], Any]:
    @asynccontextmanager
    async def rounds(task: Task, files: Files, port: int) -> AsyncIterator[AsyncOnce]:
        _keep_state(files)
        async with hjp.AsyncClient(_url(port)) as client:
            yield lambda: calls[task.work](client, files, task, digest)

    return on_loop(rounds)


def _keep_state(files: Files) -> None:
    """What the client remembers of transfers is of no use to the user."""
    os.environ["XDG_STATE_HOME"] = str(files.fetched)


def _small(client: hjp.Client, files: Files, task: Task, digest: bool) -> None:
    paths = (files.small / name for name in files.names(task))
    for outcome in client.put_all(paths, digest=digest):
        if outcome.error:
            raise outcome.error


async def _small_async(
    client: hjp.AsyncClient, files: Files, task: Task, digest: bool
) -> None:
    paths = (files.small / name for name in files.names(task))
    async for outcome in client.put_all(paths, digest=digest):
        if outcome.error:
            raise outcome.error


_CALLS: Final[dict[str, Callable[[Any, Files, Task, bool], Any]]] = {
    "put": lambda client, files, _, digest: client.put(files.object, digest=digest),
    "get": lambda client, files, _, digest: client.get(
        "object", files.fetched / "object", digest=digest
    ),
}
_BLOCKING: Final = _CALLS | {"small": _small}
_ASYNC: Final = _CALLS | {"small": _small_async}


def clients(_variant: str) -> dict[str, dict[str, Client]]:
    """Tell what this peer takes part in."""
    moving: dict[str, Client] = {
        "blocking client": _moving(_BLOCKING, digest=False),
        "asyncio client": _moving_async(_ASYNC, digest=False),
        "blocking client, sha-256": _moving(_BLOCKING, digest=True),
        "asyncio client, sha-256": _moving_async(_ASYNC, digest=True),
    }
    return {
        "echo": {"blocking client": _echo, "asyncio client": on_loop(_echo_async)},
        **dict.fromkeys(("put", "get", "small"), moving),
        "idle": {"": hold},
    }
