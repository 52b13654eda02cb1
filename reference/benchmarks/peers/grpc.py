"""grpcio, its synchronous side; messages are octets, so no protobuf is in the way."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, Final

import grpc

from benchmarks.bodies import PART, message, named, unnamed
from benchmarks.peers.plain import bursts
from benchmarks.processes import Site
from benchmarks.tasks import Client, Files, Once, Task

__all__ = ["clients", "serve"]

_SERVICE: Final = "benchmarks.Peer"
_OPTIONS: Final = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
)


def _handlers(root: Path) -> dict[str, Any]:
    def echo(data: bytes, _context: Any) -> bytes:
        return data

    def put(parts: Iterator[bytes], _context: Any) -> bytes:
        with (root / next(parts).decode()).open("wb", buffering=0) as file:
            for part in parts:
                file.write(part)
        return b"stored"

    def get(name: bytes, _context: Any) -> Iterator[bytes]:
        with (root / name.decode()).open("rb") as file:
            while part := file.read(PART):
                yield part

    def small(data: bytes, _context: Any) -> bytes:
        name, content = unnamed(data)
        (root / name).write_bytes(content)
        return b"stored"

    return {
        "echo": grpc.unary_unary_rpc_method_handler(echo),
        "put": grpc.stream_unary_rpc_method_handler(put),
        "get": grpc.unary_stream_rpc_method_handler(get),
        "small": grpc.unary_unary_rpc_method_handler(small),
    }


def serve(site: Site) -> None:
    """Serve echoes and files."""
    server = grpc.server(ThreadPoolExecutor(8), options=_OPTIONS)
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler(_SERVICE, _handlers(site.root))]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    site.ready(port)
    server.wait_for_termination()


@contextmanager
def _connected(port: int) -> Iterator[Any]:
    address = f"127.0.0.1:{port}"
    options = (*_OPTIONS, ("grpc.enable_http_proxy", 0))
    with grpc.insecure_channel(address, options=options) as channel:
        yield channel


@contextmanager
def _echo(task: Task, _files: Files, port: int) -> Iterator[Once]:
    data = message(task)
    with _connected(port) as channel:
        call = channel.unary_unary(f"/{_SERVICE}/echo")

        def once() -> None:
            for _ in range(task.count):
                call(data)

        def in_bursts() -> None:
            for _ in range(0, task.count, task.ahead):
                for future in [call.future(data) for _ in range(task.ahead)]:
                    future.result()

        yield once if task.ahead == 1 else in_bursts


def _parts(files: Files) -> Iterator[bytes]:
    with files.object.open("rb") as file:
        while part := file.read(PART):
            yield part


@contextmanager
def _put(_task: Task, files: Files, port: int) -> Iterator[Once]:
    with _connected(port) as channel:
        call = channel.stream_unary(f"/{_SERVICE}/put")
        yield lambda: call(chain([b"object"], _parts(files)))


@contextmanager
def _get(_task: Task, files: Files, port: int) -> Iterator[Once]:
    with _connected(port) as channel:
        call = channel.unary_stream(f"/{_SERVICE}/get")

        def once() -> None:
            with (files.fetched / "object").open("wb", buffering=0) as file:
                deque(map(file.write, call(b"object")), maxlen=0)

        yield once


@contextmanager
def _small(task: Task, files: Files, port: int) -> Iterator[Once]:
    with _connected(port) as channel:
        call = channel.unary_unary(f"/{_SERVICE}/small")

        def once() -> None:
            for names in bursts(task, files):
                for future in [call.future(named(files, name)) for name in names]:
                    future.result()

        yield once


def clients(_variant: str) -> dict[str, dict[str, Client]]:
    """Tell what this peer takes part in."""
    of: dict[str, Client] = {
        "echo": _echo,
        "put": _put,
        "get": _get,
        "small": _small,
    }
    return {work: {"": client} for work, client in of.items()}
