"""FTP: pyftpdlib and ftplib of the standard library, with its lengths of blocks."""

import ftplib
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.log import config_logging
from pyftpdlib.servers import FTPServer

from benchmarks.processes import Site
from benchmarks.tasks import Client, Files, Once, Task

__all__ = ["clients", "serve"]


def serve(site: Site) -> None:
    """Serve files."""
    config_logging(level=logging.ERROR)
    authorizer = DummyAuthorizer()
    authorizer.add_user("bench", "bench", str(site.root), perm="elradfmw")
    # None is for no time limit: a peer may wait long until it has its turn.
    members = {"authorizer": authorizer, "timeout": None, "use_sendfile": True}
    server = FTPServer(("127.0.0.1", 0), type("Handler", (FTPHandler,), members))
    site.ready(server.address[1])
    server.serve_forever(handle_exit=False)


@contextmanager
def _connected(port: int) -> Iterator[ftplib.FTP]:
    with ftplib.FTP() as client:
        client.connect("127.0.0.1", port)
        client.login("bench", "bench")
        yield client


@contextmanager
def _put(_task: Task, files: Files, port: int) -> Iterator[Once]:
    with _connected(port) as client:

        def once() -> None:
            with files.object.open("rb") as file:
                client.storbinary("STOR object", file)

        yield once


@contextmanager
def _get(_task: Task, files: Files, port: int) -> Iterator[Once]:
    with _connected(port) as client:

        def once() -> None:
            with (files.fetched / "object").open("wb", buffering=0) as file:
                client.retrbinary("RETR object", file.write)

        yield once


@contextmanager
def _small(task: Task, files: Files, port: int) -> Iterator[Once]:
    with _connected(port) as client:

        def once() -> None:
            for name in files.names(task):
                with (files.small / name).open("rb") as file:
                    client.storbinary(f"STOR {name}", file)

        yield once


def clients(_variant: str) -> dict[str, dict[str, Client]]:
    """Tell what this peer takes part in."""
    return {"put": {"": _put}, "get": {"": _get}, "small": {"": _small}}
