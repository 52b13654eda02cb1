"""What somebody writes who knows asyncio: a `BufferedProtocol`, `struct` and `json`."""

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

from benchmarks.frames import DECODE, HEADER, Wire, frame, head, split
from benchmarks.idle import hold
from benchmarks.peers.plain import receive
from benchmarks.processes import Site
from benchmarks.tasks import Client, Files, Once, Task, metadata

__all__ = ["clients", "serve"]

_LARGE: Final = 2**16  # a greater payload goes to the disk as it comes
_BUFFER: Final = 2**20


class _Protocol(asyncio.BufferedProtocol):
    """Answers echoes, keeps and gives a file; one buffer for all connections."""

    def __init__(self, root: Path, buffer: memoryview) -> None:
        self._root = root
        self._buffer = buffer
        self._rest = b""
        self._left = 0
        self._file: BinaryIO | None = None
        self._sending: asyncio.Task[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, _error: Exception | None) -> None:
        self._close()

    def get_buffer(self, _hint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, length: int) -> None:
        data = self._buffer[:length]
        if self._left:
            data = self._store(data)
        if not data:
            return
        found, self._rest = split(self._rest + data)
        if found:
            self._transport.write(b"".join(self._answer(*it) for it in found))
        if len(self._rest) >= 16:
            self._begin()

    def _answer(self, metadata: dict[str, Any], payload: bytes) -> bytes:
        if metadata["op"] == "get":
            file = (self._root / metadata["name"]).open("rb")
            self._sending = asyncio.create_task(self._send(file))
            return head({"id": metadata["id"], "ok": True}, metadata["size"])
        metadata.pop("op")
        return frame(metadata | {"ok": True}, payload)

    async def _send(self, file: BinaryIO) -> int:
        with file:
            return await asyncio.get_running_loop().sendfile(self._transport, file)

    def _begin(self) -> None:
        _, json_length, payload_length = HEADER.unpack_from(self._rest)
        start = 16 + json_length
        if payload_length <= _LARGE or len(self._rest) < start:
            return
        metadata = DECODE(self._rest[16:start].decode())
        self._file = (self._root / metadata["name"]).open("wb", buffering=0)
        self._left = payload_length
        self._done = frame({"id": metadata["id"], "ok": True})
        rest, self._rest = memoryview(self._rest)[start:], b""
        self._store(rest)

    def _store(self, data: memoryview) -> memoryview:
        assert self._file is not None  # some is left
        part = data[: self._left]
        self._file.write(part)
        self._left -= len(part)
        if not self._left:
            self._close()
            self._transport.write(self._done)
        return data[len(part) :]

    def _close(self) -> None:
        if self._file:
            self._file.close()


def serve(site: Site) -> None:
    """Serve echoes and one file."""
    buffer = memoryview(bytearray(_BUFFER))

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(
            lambda: _Protocol(site.root, buffer), "127.0.0.1", 0, backlog=1024
        )
        site.ready(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def _echo(task: Task, _files: Files, port: int) -> Iterator[Once]:
    wire, payload = Wire(port), bytes(task.size)

    def once() -> None:
        for _ in range(0, task.count, task.ahead):
            parts = [frame(metadata(n), payload) for n in range(1, task.ahead + 1)]
            wire.socket.sendall(b"".join(parts))
            wire.read(task.ahead)

    with contextlib.closing(wire.socket):
        yield once


@contextmanager
def _put(task: Task, files: Files, port: int) -> Iterator[Once]:
    wire = Wire(port)

    def once() -> None:
        with files.object.open("rb") as file:
            request = {"id": 1, "op": "put", "name": "object"}
            wire.socket.sendall(head(request, task.size))
            wire.socket.sendfile(file)
        wire.read()

    with contextlib.closing(wire.socket):
        yield once


@contextmanager
def _get(task: Task, files: Files, port: int) -> Iterator[Once]:
    wire, view = Wire(port), memoryview(bytearray(_BUFFER))
    request = {"id": 1, "op": "get", "name": "object", "size": task.size}
    reply = head({"id": 1, "ok": True}, task.size)

    def once() -> None:
        wire.socket.sendall(frame(request))
        if wire.socket.recv(len(reply)) != reply:
            raise ValueError("another reply than expected")
        receive(wire.socket, files.fetched / "object", task.size, view)

    with contextlib.closing(wire.socket):
        yield once


def clients(_variant: str) -> dict[str, dict[str, Client]]:
    """Tell what this peer takes part in."""
    return {
        "echo": {"": _echo},
        "put": {"": _put},
        "get": {"": _get},
        "idle": {"": hold},
    }
