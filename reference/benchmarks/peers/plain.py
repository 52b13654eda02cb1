"""Plain sockets: nothing is parsed, each way has the call that suits it best."""

import io
import socket
import socketserver
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.processes import Site
from benchmarks.tasks import Client, Files, Once, Task

__all__ = ["bursts", "clients", "serve"]

_REQUEST: Final = struct.Struct("<cBHQ")  # G or P; answer now?; length of name; size
_REPLY: Final = struct.Struct("<Q")
_BUFFER: Final = 2**20


def receive(sock: socket.socket, path: Path, size: int, view: memoryview) -> None:
    """Receive a file."""
    with path.open("wb", buffering=0) as file:
        while size:
            length = sock.recv_into(view[: min(size, len(view))])
            if not length:
                raise ConnectionError("the peer has closed the connection")
            file.write(view[:length])
            size -= length


def _store(stream: io.BufferedIOBase, path: Path, size: int, view: memoryview) -> None:
    with path.open("wb", buffering=0) as file:
        while size:
            part = view[: min(size, len(view))]
            length = stream.readinto1(part)
            if not length:
                raise ConnectionError("the peer has closed the connection")
            file.write(part[:length])
            size -= length


class _Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    wbufsize = 2**16
    root: Path

    def handle(self) -> None:
        view = memoryview(bytearray(_BUFFER))
        while request := self.rfile.read(_REQUEST.size):
            op, is_last, name_length, size = _REQUEST.unpack(request)
            path = self.root / self.rfile.read(name_length).decode()
            if op == b"P":
                _store(self.rfile, path, size, view)
                self.wfile.write(_REPLY.pack(size))
            else:
                self.wfile.write(_REPLY.pack(path.stat().st_size))
                self.wfile.flush()
                with path.open("rb") as file:
                    self.connection.sendfile(file)
            if is_last:
                self.wfile.flush()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


def serve(site: Site) -> None:
    """Serve files."""
    handler = type("Handler", (_Handler,), {"root": site.root})
    with _Server(("127.0.0.1", 0), handler) as server:
        site.ready(server.server_address[1])
        server.serve_forever()


@contextmanager
def _connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield sock


def _exactly(sock: socket.socket, length: int) -> bytes:
    data = sock.recv(length, socket.MSG_WAITALL)
    if len(data) < length:
        raise ConnectionError("the server has closed the connection")
    return data


def _request(op: bytes, name: str, size: int, *, is_last: bool = True) -> bytes:
    octets = name.encode()
    return _REQUEST.pack(op, is_last, len(octets), size) + octets


@contextmanager
def _put(task: Task, files: Files, port: int) -> Iterator[Once]:
    with _connected(port) as sock:

        def once() -> None:
            with files.object.open("rb") as file:
                sock.sendall(_request(b"P", "object", task.size))
                sock.sendfile(file)
            _exactly(sock, _REPLY.size)

        yield once


@contextmanager
def _get(_task: Task, files: Files, port: int) -> Iterator[Once]:
    view = memoryview(bytearray(_BUFFER))
    with _connected(port) as sock:

        def once() -> None:
            sock.sendall(_request(b"G", "object", 0))
            (size,) = _REPLY.unpack(_exactly(sock, _REPLY.size))
            receive(sock, files.fetched / "object", size, view)

        yield once


def bursts(task: Task, files: Files) -> Iterator[tuple[str, ...]]:
    """Give the names of small files in bursts."""
    names = files.names(task)
    for start in range(0, len(names), task.ahead):
        yield names[start : start + task.ahead]


@contextmanager
def _small(task: Task, files: Files, port: int) -> Iterator[Once]:
    with _connected(port) as sock:

        def once() -> None:
            for names in bursts(task, files):
                parts = []
                for name in names:
                    content = (files.small / name).read_bytes()
                    is_last = name is names[-1]
                    head = _request(b"P", name, len(content), is_last=is_last)
                    parts += [head, content]
                sock.sendall(b"".join(parts))
                _exactly(sock, _REPLY.size * len(names))

        yield once


def clients(_variant: str) -> dict[str, dict[str, Client]]:
    """Tell what this peer takes part in."""
    return {"put": {"": _put}, "get": {"": _get}, "small": {"": _small}}
