"""What the tests of servers share: a server in this process, a client by hand."""

import asyncio
import itertools
import json
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import hjp
from hjp import Server, threaded
from hjp.url import parse_url

ENGINES: Final = ("asyncio", "threaded")
AnyServer = Server | threaded.Server
Address = tuple[str, int]
PATIENCE: Final = 20.0


@contextmanager
def serving(
    engine: str,
    prepare: Callable[[AnyServer], None] = lambda server: None,
    **options: Any,
) -> Iterator[tuple[Address, Callable[[], None]]]:
    """A server in this process: its address, and a function that stops it."""
    server: AnyServer
    if engine == "threaded":
        server = threaded.Server(port=0, **options)
        prepare(server)
        with server:
            yield parse_url(server.urls[0]), server.stop
        return
    server = Server(port=0, **options)
    prepare(server)
    loops: queue.Queue[asyncio.AbstractEventLoop] = queue.Queue()
    told = asyncio.Event()

    async def run() -> None:
        async with server:
            loops.put(asyncio.get_running_loop())
            await told.wait()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    loop = loops.get(timeout=PATIENCE)

    def stop() -> None:
        with suppress(RuntimeError):  # it has stopped before
            loop.call_soon_threadsafe(told.set)
        thread.join(PATIENCE)

    try:
        yield parse_url(server.urls[0]), stop
    finally:
        stop()


def frame(metadata: bytes | dict[str, Any], payload: bytes = b"") -> bytes:
    """A frame, put together without the package."""
    text = metadata if isinstance(metadata, bytes) else json.dumps(metadata).encode()
    lengths = len(text).to_bytes(4, "little") + len(payload).to_bytes(4, "little")
    return b"HJP\xff\x01\0\0\0" + lengths + text + payload


class Peer:
    """The other side, which is only a socket."""

    def __init__(self, address: Address, sock: socket.socket | None = None) -> None:
        self.socket = sock or socket.create_connection(address, PATIENCE)
        self.socket.settimeout(PATIENCE)
        self.close = self.socket.close

    @classmethod
    def of(cls, sock: socket.socket) -> "Peer":
        """A connection that was accepted."""
        return cls(("", 0), sock)

    def reset(self) -> None:
        """Close so that the other side gets a reset."""
        option = (1).to_bytes(4, "little") + bytes(4)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
        self.close()

    def send(self, octets: bytes) -> "Peer":
        """Write all of it."""
        self.socket.sendall(octets)
        return self

    def send_for_ever(self, octets: bytes) -> None:
        """Write until that fails."""
        while True:
            self.socket.sendall(octets)

    def send_echoes(self) -> None:
        """Ask for 65 536 octets again and again, and read nothing, until that fails."""
        for number in itertools.count(1):
            self.send(frame({"id": number, "op": "echo"}, bytes(65_536)))

    def end(self) -> "Peer":
        """Write no more."""
        self.socket.shutdown(socket.SHUT_WR)
        return self

    def exactly(self, count: int) -> bytes:
        """Read so many octets."""
        octets = bytearray()
        while len(octets) < count:
            part = self.socket.recv(count - len(octets))
            if not part:
                raise EOFError(bytes(octets))
            octets += part
        return bytes(octets)

    def reply(self) -> tuple[dict[str, Any], bytes]:
        """Read one frame."""
        header = self.exactly(16)
        assert header[:8] == b"HJP\xff\x01\0\0\0"
        text = self.exactly(int.from_bytes(header[8:12], "little"))
        return json.loads(text), self.exactly(int.from_bytes(header[12:], "little"))

    def error(self) -> tuple[int, str]:
        """Read one error: its id and its code."""
        metadata, payload = self.reply()
        assert (metadata["ok"], payload) == (False, b"")
        assert isinstance(metadata["error"]["message"], str)
        assert metadata["error"].get("fatal", False) is (metadata["id"] == 0)
        return metadata["id"], metadata["error"]["code"]

    def hear(self) -> None:
        """Read one frame, whatever it says."""
        self.reply()

    def hear_all(self) -> None:
        """Read to the end of the stream, whatever comes."""
        self.rest()

    def rest(self) -> bytes:
        """Read to the end of the stream."""
        octets = bytearray()
        while part := self.socket.recv(65_536):
            octets += part
        return bytes(octets)


class Gate:
    """A handler that waits until it is let through."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.open = threading.Event()

    def __call__(self, metadata: dict[str, Any], _: bytes) -> hjp.operations.Answer:
        """Wait."""
        self.entered.release()
        assert self.open.wait(PATIENCE)
        return {"n": metadata["n"]}, b""

    def register(self, server: AnyServer) -> None:
        """As ``x-wait``."""
        server.op("x-wait")(self)


PING = frame({"id": 1, "op": "ping"})
