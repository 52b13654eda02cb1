"""Who takes part, in the order of the tables."""

import importlib.util
import shutil
from dataclasses import dataclass
from typing import Final

__all__ = ["PEERS", "Peer"]


@dataclass(frozen=True, slots=True)
class Peer:
    """What is compared: the file in `peers` that starts it and asks it.

    That file has ``clients(variant)``, for each work the clients by the rest of their
    row's name, and, unless the peer is alone, ``serve(site)``.
    """

    name: str
    file: str
    works: str
    variant: str = ""
    needs: str = ""
    """What is imported, from PyPI."""
    programs: tuple[str, ...] = ()
    """What has to be on the path."""
    is_alone: bool = False
    """Whether it has no server."""

    @property
    def module(self) -> str:
        """The file's name in imports."""
        return f"benchmarks.peers.{self.file}"

    @property
    def missing(self) -> str:
        """What it needs and is not there, and how to have it; else nothing."""
        if self.needs and importlib.util.find_spec(self.needs) is None:
            return f"{self.needs} is not installed: pip install -e '.[bench]'"
        for program in self.programs:
            if shutil.which(program) is None:
                return f"{program} is not on the path: apt-get install {program}"
        return ""


_FILES: Final = "put get small"

PEERS: Final = (
    Peer("struct + strict json", "codecs", "codec", "strict", is_alone=True),
    Peer("struct + json.loads, json.dumps", "codecs", "codec", "lax", is_alone=True),
    Peer("hjp", "codecs", "codec", "hjp", is_alone=True),
    Peer("construct, compiled", "compiled", "codec", needs="construct", is_alone=True),
    Peer("plain sockets", "plain", _FILES),
    Peer("asyncio by hand", "by_hand", "echo put get idle"),
    Peer("sha-256 alone, one core", "digest", "put get", is_alone=True),
    Peer("hjp asyncio", "hjp_serve", f"echo {_FILES} idle", "asyncio"),
    Peer("hjp threaded", "hjp_serve", f"echo {_FILES} idle", "threaded"),
    Peer("websockets", "websockets", f"echo {_FILES}", needs="websockets"),
    Peer("aiohttp", "aiohttp", f"echo {_FILES}", needs="aiohttp"),
    Peer("pyzmq", "zmq", "echo", needs="zmq"),
    Peer("wyoming", "wyoming", "echo", needs="wyoming"),
    Peer("grpcio", "grpc", f"echo {_FILES}", needs="grpc"),
    Peer("pyftpdlib", "ftp", _FILES, needs="pyftpdlib"),
    Peer("http.server, curl", "curl", _FILES, "http.server", programs=("curl",)),
    Peer("nginx, curl", "curl", _FILES, "nginx", programs=("nginx", "curl")),
    Peer("rsync", "rsync", _FILES, programs=("rsync",)),
)
