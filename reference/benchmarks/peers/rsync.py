"""rsync and its daemon, whole files."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.processes import Site, free_port, run, wait_until_listening
from benchmarks.tasks import Client, Files, Once, Task

__all__ = ["clients", "serve"]

_CONFIG: Final = """\
address = 127.0.0.1
port = {port}
uid = {uid}
gid = {gid}
use chroot = no
[bench]
    path = {root}
    read only = no
"""


def serve(site: Site) -> None:
    """Serve files."""
    port = free_port()
    config = site.root.parent / "rsyncd.conf"
    user = {"uid": os.getuid(), "gid": os.getgid()}  # root would become nobody
    config.write_text(_CONFIG.format(port=port, root=site.root, **user))
    command = ["rsync", "--daemon", "--no-detach", f"--config={config}"]
    site.run([*command, "--log-file=/dev/null"], port)


def _run(*arguments: str | Path) -> None:
    run("rsync", "-W", *arguments)


def _url(port: int, name: str = "") -> str:
    return f"rsync://127.0.0.1:{port}/bench/{name}"


@contextmanager
def _put(_task: Task, files: Files, port: int) -> Iterator[Once]:
    wait_until_listening(port)
    yield lambda: _run(files.object, _url(port))


@contextmanager
def _get(_task: Task, files: Files, port: int) -> Iterator[Once]:
    wait_until_listening(port)
    yield lambda: _run(_url(port, "object"), f"{files.fetched}/")


@contextmanager
def _small(_task: Task, files: Files, port: int) -> Iterator[Once]:
    wait_until_listening(port)
    yield lambda: _run("-r", f"{files.small}/", _url(port))


def clients(_variant: str) -> dict[str, dict[str, Client]]:
    """Tell what this peer takes part in."""
    return {"put": {"": _put}, "get": {"": _get}, "small": {"": _small}}
