"""Clients on asyncio, called from code that is not."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, TypeAlias

from benchmarks.tasks import Client, Files, Once, Task

__all__ = ["AsyncOnce", "on_loop"]

AsyncOnce: TypeAlias = Callable[[], Awaitable[Any]]
"""One round."""


def on_loop(
    opening: Callable[[Task, Files, int], AbstractAsyncContextManager[AsyncOnce]],
) -> Client:
    """Make a client of one that is asynchronous; its loop rests between rounds."""

    @contextmanager
    def rounds(task: Task, files: Files, port: int) -> Iterator[Once]:
        with asyncio.Runner() as runner:
            client = opening(task, files, port)
            once = runner.run(client.__aenter__())

            async def run() -> None:
                await once()

            try:
                yield lambda: runner.run(run())
            finally:
                runner.run(client.__aexit__(None, None, None))

    return rounds
