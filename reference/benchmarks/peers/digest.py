"""No peer, but the other limit of a transfer that is checked: SHA-256 on one core."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.tasks import NO_FILES, Client, Files, Once, Task

__all__ = ["clients"]


@contextmanager
def _hash(_task: Task, files: Files, _port: int) -> Iterator[Once]:
    def once() -> object:
        with files.object.open("rb") as file:
            hashlib.file_digest(file, "sha256")
        return NO_FILES

    yield once


def clients(_variant: str) -> dict[str, dict[str, Client]]:
    """Tell what this peer takes part in."""
    return {"put": {"": _hash}, "get": {"": _hash}}
