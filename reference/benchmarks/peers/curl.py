"""curl, with `http.server` of the standard library or with nginx."""

import http.server
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Final

from benchmarks.peers.plain import receive
from benchmarks.processes import Site, free_port, run, wait_until_listening
from benchmarks.tasks import Client, Files, Once, Task

__all__ = ["clients", "serve"]

_NGINX: Final = """\
daemon off;
master_process off;
pid nginx.pid;
error_log stderr error;
events {{ worker_connections 64; }}
http {{
    access_log off;
    sendfile on;
    client_max_body_size 0;
    client_body_temp_path temporary;
    proxy_temp_path temporary;
    fastcgi_temp_path temporary;
    uwsgi_temp_path temporary;
    scgi_temp_path temporary;
    server {{
        listen 127.0.0.1:{port};
        root {root};
        location / {{ dav_methods PUT; }}
    }}
}}
"""


class _Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rbufsize = 0  # what is left in a buffer would have to be copied

    def do_PUT(self) -> None:
        size = int(self.headers["Content-Length"])
        path = Path(self.translate_path(self.path))
        receive(self.connection, path, size, memoryview(bytearray(2**20)))
        self.send_response(HTTPStatus.CREATED)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _serve_python(site: Site) -> None:
    def handler(*arguments: object) -> _Handler:
        return _Handler(*arguments, directory=str(site.root))  # type: ignore[arg-type]

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        site.ready(server.server_address[1])
        server.serve_forever()


def _serve_nginx(site: Site) -> None:
    port = free_port()
    folder = site.root.parent / "nginx"
    folder.mkdir()
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(port=port, root=site.root))
    site.run(["nginx", "-p", folder, "-c", config, "-e", "stderr"], port)


def serve(site: Site) -> None:
    """Serve files."""
    {"http.server": _serve_python, "nginx": _serve_nginx}[site.variant](site)


def _run(*arguments: str | Path) -> None:
    run("curl", "-fsS", "--noproxy", "*", *arguments)


@contextmanager
def _put(_task: Task, files: Files, port: int) -> Iterator[Once]:
    wait_until_listening(port)
    yield lambda: _run("-T", files.object, f"http://127.0.0.1:{port}/object")


@contextmanager
def _get(_task: Task, files: Files, port: int) -> Iterator[Once]:
    wait_until_listening(port)
    to = files.fetched / "object"
    yield lambda: _run("-o", to, f"http://127.0.0.1:{port}/object")


@contextmanager
def _small(task: Task, files: Files, port: int) -> Iterator[Once]:
    wait_until_listening(port)
    lines = [
        f'upload-file = "{files.small / name}"\n'
        f'url = "http://127.0.0.1:{port}/{name}"\n'
        for name in files.names(task)
    ]
    config = files.fetched / "curl.txt"
    config.write_text("".join(lines))
    yield lambda: _run("-K", config)


def clients(_variant: str) -> dict[str, dict[str, Client]]:
    """Tell what this peer takes part in."""
    return {"put": {"": _put}, "get": {"": _get}, "small": {"": _small}}
