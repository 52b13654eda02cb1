"""ZeroMQ: a DEALER that asks a ROUTER."""

from collections.abc import Iterator
from contextlib import contextmanager

import zmq

from benchmarks.frames import ENCODE
from benchmarks.processes import Site
from benchmarks.tasks import Client, Files, Once, Task, metadata

__all__ = ["clients", "serve"]


def serve(site: Site) -> None:
    """Serve echoes."""
    with zmq.Context() as context, context.socket(zmq.ROUTER) as socket:
        site.ready(socket.bind_to_random_port("tcp://127.0.0.1"))
        while True:
            socket.send_multipart(socket.recv_multipart(copy=False), copy=False)


@contextmanager
def _echo(task: Task, _files: Files, port: int) -> Iterator[Once]:
    parts = [ENCODE(metadata(1)).encode(), bytes(task.size)]
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.connect(f"tcp://127.0.0.1:{port}")

        def once() -> None:
            for _ in range(0, task.count, task.ahead):
                for _ in range(task.ahead):
                    socket.send_multipart(parts)
                for _ in range(task.ahead):
                    socket.recv_multipart()

        yield once


def clients(_variant: str) -> dict[str, dict[str, Client]]:
    """Tell what this peer takes part in."""
    return {"echo": {"": _echo}}
