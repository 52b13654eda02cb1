"""The octets of one connection: reading, writing, clocks and the end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from hjp_conformance.mutants.server.metadata import Object, Value


class InputEnded(Exception):
    """The client has sent its last octet."""


class HjpError(Exception):
    """An error that the client is told."""

    def __init__(self, code: str, message: str, **details: Value) -> None:
        super().__init__(message)
        self.body: Object = {"code": code, "message": message, **details}


class Failed(HjpError):
    """An error that ends one request."""


class Fatal(HjpError):
    """An error that ends the connection."""


@dataclass
class Frame:
    """A frame as far as it has been read."""

    reserved: bytes
    json_length: int
    payload_length: int
    message: Object = field(default_factory=dict)
    id: int = 0
    op: str = ""
    more: bool = False
    first: bool = True
    left: int = 0
    payload: bytes = b""


def now() -> float:
    return asyncio.get_running_loop().time()


class Transport:
    """Reads and writes the octets of one connection."""

    chunk = 65_536
    first_frame_seconds = 10.0
    frame_seconds = 30.0
    payload_seconds = 30.0
    payload_pace = 1024.0
    idle_seconds = 60.0
    write_seconds = 60.0
    drain_seconds = 2.0

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.buffer = bytearray()
        self.until = now() + self.first_frame_seconds
        self.timer: asyncio.Timeout | None = None
        self.stopping = False
        self.done_id = 0
        self.answered_id = 0

    async def fill(self, until: float, idle: bool = False) -> None:
        """Wait for octets, at the longest until a time of the loop's clock."""
        if self.stopping:
            raise self.farewell()
        try:
            async with asyncio.timeout_at(until) as self.timer:
                octets = await self.reader.read(self.chunk)
        except TimeoutError:
            if idle or self.stopping:
                raise self.farewell() from None
            raise Fatal("timeout", "octets did not come in time") from None
        if not octets:
            raise InputEnded
        self.buffer += octets

    async def need(self, count: int) -> None:
        while len(self.buffer) < count:
            await self.fill(self.until)

    async def take(self, count: int) -> bytes:
        await self.need(count)
        octets = bytes(self.buffer[:count])
        del self.buffer[:count]
        return octets

    async def parts(self, frame: Frame) -> AsyncIterator[bytes]:
        """The payload, or what is left of it, in pieces as they come."""
        start, count = now(), 0
        while frame.left:
            if not self.buffer:
                await self.fill(now() + self.payload_seconds)
            part = bytes(self.buffer[: frame.left])
            del self.buffer[: frame.left]
            frame.left -= len(part)
            yield part
            count += len(part)
            if now() - start > self.payload_seconds:
                if frame.left and count < self.payload_pace * self.payload_seconds:
                    raise Fatal("timeout", "the payload comes too slowly")
                start, count = now(), 0

    async def read_payload(self, frame: Frame) -> None:
        payload = bytearray(frame.payload)
        async for part in self.parts(frame):
            payload += part
        frame.payload = bytes(payload)

    async def skip_payload(self, frame: Frame) -> None:
        async for _ in self.parts(frame):
            pass

    async def write(self, octets: bytes) -> None:
        self.writer.write(octets)
        await self.flush()

    async def flush(self) -> None:
        """Wait until the transport has taken everything; abort if it is stuck."""
        while True:
            waiting = self.writer.transport.get_write_buffer_size()
            try:
                async with asyncio.timeout(self.write_seconds):
                    await self.writer.drain()
                return
            except TimeoutError:
                if self.writer.transport.get_write_buffer_size() >= waiting:
                    self.writer.transport.abort()
                    raise ConnectionAbortedError from None

    async def shut_down(self) -> None:
        self.writer.write_eof()

    async def drain_input(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.drain_seconds):
                while await self.reader.read(self.chunk):
                    pass

    async def close(self) -> None:
        with contextlib.suppress(OSError):
            self.writer.close()
            await self.writer.wait_closed()

    def stop(self) -> None:
        """Say farewell as soon as nothing is being carried out."""
        self.stopping = True
        if self.timer is not None:
            with contextlib.suppress(RuntimeError):
                self.timer.reschedule(now())

    def farewell(self) -> Fatal:
        return Fatal("going_away", "the server goes away", last_id=self.answered_id)
