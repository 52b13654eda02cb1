"""The library websockets on asyncio; a file goes as messages of 64 KiB."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve as listen

from benchmarks.bodies import message, named, unnamed
from benchmarks.loops import AsyncOnce, on_loop
from benchmarks.peers.plain import bursts
from benchmarks.processes import Site
from benchmarks.tasks import Client, Files, Task

__all__ = ["clients", "serve"]

_PART: Final = 2**16
# Compression is off as with all peers, and pings: a peer may wait long for its turn.
_OPTIONS: Final[dict[str, Any]] = {
    "compression": None,
    "max_size": None,
    "ping_interval": None,
}


async def _echo_all(root: Path, socket: Any) -> None:
    async for data in socket:
        await socket.send(data)


async def _store_one(root: Path, socket: Any) -> None:
    async for size in socket:
        left = int(size)
        with (root / "object").open("wb", buffering=0) as file:
            while left:
                data = await socket.recv()
                file.write(data)
                left -= len(data)
        await socket.send("stored")


async def _give_one(root: Path, socket: Any) -> None:
    async for name in socket:
        with (root / name).open("rb") as file:
            while part := file.read(_PART):
                await socket.send(part)


async def _store_many(root: Path, socket: Any) -> None:
    async for data in socket:
        name, content = unnamed(data)
        (root / name).write_bytes(content)
        await socket.send("stored")


_HANDLERS: Final = {
    "/echo": _echo_all,
    "/put": _store_one,
    "/get": _give_one,
    "/small": _store_many,
}


def serve(site: Site) -> None:
    """Serve echoes and files, by path."""

    async def handle(socket: Any) -> None:
        await _HANDLERS[socket.request.path](site.root, socket)

    async def run() -> None:
        async with listen(handle, "127.0.0.1", 0, **_OPTIONS) as server:
            site.ready(next(iter(server.sockets)).getsockname()[1])
            await server.serve_forever()

    asyncio.run(run())


def _connected(task: Task, port: int) -> Any:
    return connect(f"ws://127.0.0.1:{port}/{task.work}", proxy=None, **_OPTIONS)


@asynccontextmanager
async def _echo(task: Task, _files: Files, port: int) -> AsyncIterator[AsyncOnce]:
    data = message(task)
    async with _connected(task, port) as socket:

        async def once() -> None:
            for _ in range(0, task.count, task.ahead):
                for _ in range(task.ahead):
                    await socket.send(data)
                for _ in range(task.ahead):
                    await socket.recv()

        yield once


@asynccontextmanager
async def _put(task: Task, files: Files, port: int) -> AsyncIterator[AsyncOnce]:
    async with _connected(task, port) as socket:

        async def once() -> None:
            await socket.send(str(task.size))
            with files.object.open("rb") as file:
                while part := file.read(_PART):
                    await socket.send(part)
            await socket.recv()

        yield once


@asynccontextmanager
async def _get(task: Task, files: Files, port: int) -> AsyncIterator[AsyncOnce]:
    async with _connected(task, port) as socket:

        async def once() -> None:
            await socket.send("object")
            left = task.size
            with (files.fetched / "object").open("wb", buffering=0) as file:
                while left:
                    data = await socket.recv()
                    file.write(data)
                    left -= len(data)

        yield once


@asynccontextmanager
async def _small(task: Task, files: Files, port: int) -> AsyncIterator[AsyncOnce]:
    async with _connected(task, port) as socket:

        async def once() -> None:
            for names in bursts(task, files):
                for name in names:
                    await socket.send(named(files, name))
                for _ in names:
                    await socket.recv()

        yield once


def clients(_variant: str) -> dict[str, dict[str, Client]]:
    """Tell what this peer takes part in."""
    of = {"echo": _echo, "put": _put, "get": _get, "small": _small}
    return {work: {"": on_loop(client)} for work, client in of.items()}
