"""aiohttp on both sides."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
from aiohttp import web

from benchmarks.bodies import PART, message
from benchmarks.loops import AsyncOnce, on_loop
from benchmarks.peers.plain import bursts
from benchmarks.processes import Site
from benchmarks.tasks import Client, Files, Task

__all__ = ["clients", "serve"]

_HOUR: Final = 3600.0  # a peer may wait long until it has its turn


async def _echo_one(request: Any) -> Any:
    return web.Response(body=await request.read())


def serve(site: Site) -> None:
    """Serve echoes and files."""

    async def store(request: Any) -> Any:
        path = site.root / request.match_info["name"]
        with path.open("wb", buffering=0) as file:
            async for part in request.content.iter_any():
                file.write(part)
        return web.Response()

    async def run() -> None:
        app = web.Application(client_max_size=2**40)
        app.router.add_post("/echo", _echo_one)
        app.router.add_put("/{name}", store)
        app.router.add_static("/", site.root)
        runner = web.AppRunner(app, access_log=None, keepalive_timeout=_HOUR)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        site.ready(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


@asynccontextmanager
async def _connected(task: Task, port: int) -> AsyncIterator[Any]:
    connector = aiohttp.TCPConnector(limit=task.ahead, keepalive_timeout=_HOUR)
    async with aiohttp.ClientSession(
        f"http://127.0.0.1:{port}",
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=None),
        raise_for_status=True,
    ) as session:
        yield session


async def _put_file(session: Any, url: str, source: Any) -> None:
    with source.open("rb") as file:
        async with session.put(url, data=file) as response:
            await response.read()


@asynccontextmanager
async def _echo(task: Task, _files: Files, port: int) -> AsyncIterator[AsyncOnce]:
    data = message(task)
    async with _connected(task, port) as session:

        async def one() -> None:
            async with session.post("/echo", data=data) as response:
                await response.read()

        async def once() -> None:
            for _ in range(0, task.count, task.ahead):
                await asyncio.gather(*(one() for _ in range(task.ahead)))

        yield once


@asynccontextmanager
async def _put(task: Task, files: Files, port: int) -> AsyncIterator[AsyncOnce]:
    async with _connected(task, port) as session:
        yield lambda: _put_file(session, "/object", files.object)


@asynccontextmanager
async def _get(task: Task, files: Files, port: int) -> AsyncIterator[AsyncOnce]:
    async with _connected(task, port) as session:

        async def once() -> None:
            with (files.fetched / "object").open("wb", buffering=0) as file:
                async with session.get("/object") as response:
                    async for part in response.content.iter_chunked(PART):
                        file.write(part)

        yield once


@asynccontextmanager
async def _small(task: Task, files: Files, port: int) -> AsyncIterator[AsyncOnce]:
    async with _connected(task, port) as session:

        async def put(name: str) -> None:
            content = (files.small / name).read_bytes()
            async with session.put(f"/{name}", data=content) as response:
                await response.read()

        async def once() -> None:
            for names in bursts(task, files):
                await asyncio.gather(*map(put, names))

        yield once


def clients(_variant: str) -> dict[str, dict[str, Client]]:
    """Tell what this peer takes part in."""
    of = {"echo": _echo, "put": _put, "get": _get, "small": _small}
    return {work: {"": on_loop(client)} for work, client in of.items()}
