"""wyoming, the nearest relative: a line of JSON and a payload, on asyncio streams."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from wyoming.event import Event, async_read_event, async_write_event

from benchmarks.loops import AsyncOnce, on_loop
from benchmarks.processes import Site
from benchmarks.tasks import Client, Files, Task, metadata

__all__ = ["clients", "serve"]


async def _answer(reader: Any, writer: Any) -> None:
    while event := await async_read_event(reader):
        await async_write_event(event, writer)
    writer.close()


def serve(site: Site) -> None:
    """Serve echoes."""

    async def run() -> None:
        server = await asyncio.start_server(_answer, "127.0.0.1", 0)
        site.ready(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@asynccontextmanager
async def _echo(task: Task, _files: Files, port: int) -> AsyncIterator[AsyncOnce]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    event = Event("echo", metadata(1), bytes(task.size))

    async def once() -> None:
        for _ in range(0, task.count, task.ahead):
            for _ in range(task.ahead):
                await async_write_event(event, writer)
            for _ in range(task.ahead):
                await async_read_event(reader)

    try:
        yield once
    finally:
        writer.close()
        await writer.wait_closed()


def clients(_variant: str) -> dict[str, dict[str, Client]]:
    """Tell what this peer takes part in."""
    return {"echo": {"": on_loop(_echo)}}
