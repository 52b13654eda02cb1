"""What is measured, and what a peer is told about it."""

import filecmp
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

__all__ = [
    "DATA",
    "NO_FILES",
    "TASKS",
    "Client",
    "Files",
    "Once",
    "Task",
    "metadata",
]

DATA: Final = "a name, a number or whatever an application would say in some sixty-odd"
"""What echoed metadata hold: with ``id`` and ``op`` some 100 octets of JSON."""


def metadata(number: int) -> dict[str, Any]:
    """Make the metadata of one echo."""
    return {"id": number, "op": "echo", "data": DATA}


@dataclass(frozen=True, slots=True)
class Task:
    """One table."""

    work: str
    """What is asked for on the command line."""
    title: str
    limit: str
    """The row that is 1.00."""
    unit: str
    count: int
    """Echoes, frames, files or connections in one round."""
    size: int
    """Octets of one payload or one file."""
    ahead: int = 1
    """Requests that are sent before the first reply is awaited."""

    @property
    def amount(self) -> float:
        """What one round moves, in units of the rate."""
        return self.count * (self.size / 2**20 if self.unit == "MiB/s" else 1)


_PLAIN: Final = "plain sockets"
_BY_HAND: Final = "asyncio by hand"

TASKS: Final = (
    Task("codec", "Codec, 100 B + 100 B", "struct + strict json", "/s", 20_000, 100),
    Task("echo", "Echo, 100 B + 100 B, one by one", _BY_HAND, "/s", 2_000, 100),
    Task("echo", "Echo, 100 B + 100 B, bursts of 32", _BY_HAND, "/s", 6_400, 100, 32),
    Task("echo", "Echo, 100 B + 64 KiB, one by one", _BY_HAND, "/s", 1_000, 65_536),
    Task("put", "Put one file", _PLAIN, "MiB/s", 1, 2**26),
    Task("get", "Get one file", _PLAIN, "MiB/s", 1, 2**26),
    Task("small", "Put files of 4 KiB, pipelined", _PLAIN, "/s", 2_000, 4_096, 32),
    Task("idle", "Idle connections", _BY_HAND, "", 10_000, 100),
)


@dataclass(frozen=True, slots=True)
class Files:
    """Where the files of one peer are, and its server."""

    sources: Path
    """Shared by all peers: the files that are put."""
    root: Path
    """What this peer serves."""
    fetched: Path
    """Where its client puts what it gets."""
    pid: int = 0
    """The server's process, whose memory is looked at."""

    @property
    def object(self) -> Path:
        """The one large file."""
        return self.sources / "object"

    @property
    def small(self) -> Path:
        """The folder of small files."""
        return self.sources / "small"

    def names(self, task: Task) -> tuple[str, ...]:
        """Name the files of a round."""
        if task.work != "small":
            return ("object",)
        return tuple(f"{number:06}" for number in range(task.count))

    def make(self, task: Task) -> None:
        """Write what is put or got."""
        self.small.mkdir(parents=True, exist_ok=True)
        folder = self.small if task.work == "small" else self.sources
        for name in self.names(task):
            with (folder / name).open("wb") as file:
                for start in range(0, task.size, 2**20):
                    file.write(os.urandom(min(2**20, task.size - start)))

    def serve(self, task: Task) -> None:
        """Let there be what is asked for; a link takes no memory."""
        if task.work == "get":
            (self.root / "object").unlink(missing_ok=True)
            (self.root / "object").hardlink_to(self.object)

    def warm(self, task: Task) -> None:
        """Take memory from the system and give it back.

        On a virtual machine the first octets after a while cost many times the others.
        """
        path = self.fetched / "warm"
        with path.open("wb") as file:
            for _ in range(0, task.count * task.size, 2**20):
                file.write(_MEBIBYTE)
        path.unlink()

    def check(self, task: Task, *, thoroughly: bool) -> None:
        """See that all has arrived, and remove it.

        Raises:
            ValueError: It has not.
        """
        source = self.small if task.work == "small" else self.sources
        folder = self.fetched if task.work == "get" else self.root
        for name in self.names(task):
            path = folder / name
            if not path.exists() or path.stat().st_size != task.size:
                raise ValueError(f"{name} has not arrived whole")
            if thoroughly and not filecmp.cmp(path, source / name, shallow=False):
                raise ValueError(f"{name} has arrived with other octets")
            path.unlink()


_MEBIBYTE: Final = bytes(2**20)

NO_FILES: Final = object()
"""What a round gives that is there to compare with and moves no file."""

Once: TypeAlias = Callable[[], object]
"""One round."""
Client: TypeAlias = Callable[[Task, Files, int], AbstractContextManager[Once]]
"""Gets a task, its files and the server's port; what it gives is called for rounds."""
