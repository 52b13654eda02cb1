"""Faults with slow clients, between connections and at the end of the input."""

import asyncio
import contextlib
import socket
import struct

from hjp_conformance.mutants.server.core import Connection, Server
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.holding import Holding
from hjp_conformance.mutants.server.metadata import Object
from hjp_conformance.mutants.server.transport import Fatal, Frame, InputEnded

# LIF-5 and LIF-6: slow clients and their neighbours


@fault("LIF-5")
class RepliesLost(Connection):
    """Loses replies while the transport takes nothing."""

    async def write(self, octets: bytes) -> None:
        if self.writer.transport.get_write_buffer_size() < 1 << 16:
            self.writer.write(octets)


@fault("LIF-5")
class RepliesShortened(Connection):
    """Writes only what the transport takes at once."""

    async def write(self, octets: bytes) -> None:
        with self.writer.get_extra_info("socket").dup() as copy:
            copy.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                copy.send(octets)


@fault("LIF-5")
class SlowReaderDropped(Connection):
    """Aborts a connection that takes no octet for half a second."""

    write_seconds = 0.5


@fault("LIF-6")
class OneAtATime(Server):
    """Serves a connection when the one before has ended."""

    def __init__(self) -> None:
        super().__init__()
        self.turn = asyncio.Lock()

    async def serve(self, connection: Connection) -> None:
        async with self.turn:
            await super().serve(connection)


@fault("LIF-6")
class FrameBlocksAll(Connection):
    """Serves nobody else while a frame is half read."""

    turn = asyncio.Lock()
    my_turn = False

    async def read_head(self) -> None:
        await self.need(1)
        self.my_turn = await self.turn.acquire()
        await super().read_head()

    def give_way(self) -> None:
        if self.my_turn:
            self.turn.release()
        self.my_turn = False

    async def send(self, message: Object, payload: bytes = b"") -> None:
        self.give_way()
        await super().send(message, payload)

    async def serve_frame(self) -> None:
        try:
            await super().serve_frame()
        finally:
            self.give_way()


@fault("LIF-6")
class OutputBlocksAll(Connection):
    """Serves nobody else while the output of one connection is blocked."""

    turn = asyncio.Lock()

    async def write(self, octets: bytes) -> None:
        async with self.turn:
            await super().write(octets)


@fault("LIF-6")
class FatalBlocksAll(Connection):
    """Serves nobody else while it waits for the end after a fatal error."""

    turn = asyncio.Lock()

    async def read_head(self) -> None:
        await super().read_head()
        async with self.turn:
            pass

    async def drain_input(self) -> None:
        async with self.turn:
            await super().drain_input()


@fault("LIF-6")
class BrokenStopsListening(Server):
    """Accepts no more connections when one was reset."""

    broken = False

    async def serve(self, connection: Connection) -> None:
        if self.broken:
            connection.writer.transport.abort()
            return
        await super().serve(connection)
        self.broken = isinstance(connection.reader.exception(), ConnectionError)


# LIF-7 to LIF-9: the end of the input


@fault("LIF-7")
class RepliesLostAtEnd(Holding):
    """Loses replies when the input has ended before they are sent."""

    kept = 0

    async def release(self) -> None:
        if self.held:
            await asyncio.sleep(0.03)
        if self.reader.at_eof():
            self.held = self.held[: self.kept]
        await super().release()


@fault("LIF-7")
class LastReplyLostAtEnd(RepliesLostAtEnd):
    """Loses all replies but the first when the input has ended before."""

    kept = 1


@fault("LIF-7")
class NeverCloses(Connection):
    """Does not close the connection when the input has ended."""

    async def input_ended(self) -> None:
        await asyncio.sleep(3600)


@fault("LIF-7")
class ResetsAtEnd(Connection):
    """Resets the connection when the input has ended."""

    async def input_ended(self) -> None:
        sock = self.writer.get_extra_info("socket")
        linger = struct.pack("ii", 1, 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()


@fault("LIF-8")
class ActsOnCutPayload(Connection):
    """Answers a request whose payload was cut by the end of the input."""

    async def read_payload(self, frame: Frame) -> None:
        payload = bytearray()
        try:
            async for part in self.parts(frame):
                payload += part
        except InputEnded:
            frame.left = 0
        frame.payload = bytes(payload)


@fault("LIF-8")
class ActsBeforePayload(Connection):
    """Answers ping before its payload has come."""

    async def read_payload(self, frame: Frame) -> None:
        if frame.op != "ping":
            await super().read_payload(frame)


class EndError(Connection):
    """Sends an error at the end of the input in some places."""

    place = "between"

    async def begin(self) -> None:
        self.place = "between"
        await super().begin()
        self.place = "header"

    async def read_metadata(self, frame: Frame) -> None:
        self.place = "text"
        await super().read_metadata(frame)
        self.place = "payload"

    async def serve_frame(self) -> None:
        try:
            await super().serve_frame()
        except InputEnded:
            self.ended()
            raise

    def ended(self) -> None:
        """Called when the input has ended; place tells where."""


@fault("LIF-9")
class EndInHeaderError(EndError):
    """Sends bad_frame when the input ends inside a header."""

    def ended(self) -> None:
        if self.place == "header" and self.buffer:
            raise Fatal("bad_frame", "the header is incomplete") from None


@fault("LIF-9")
class EndInTextError(EndError):
    """Sends bad_json when the input ends inside a JSON text."""

    def ended(self) -> None:
        if self.place == "text":
            raise Fatal("bad_json", "the JSON text is incomplete") from None


@fault("LIF-9")
class EndInPayloadError(EndError):
    """Sends bad_frame when the input ends inside a payload."""

    def ended(self) -> None:
        if self.place == "payload":
            raise Fatal("bad_frame", "the payload is incomplete") from None


@fault("LIF-9")
class EndInRequestError(EndError):
    """Sends bad_frame when the input ends inside a request."""

    def ended(self) -> None:
        if self.place == "between" and self.open_op is not None:
            raise Fatal("bad_frame", "the request is incomplete") from None


@fault("LIF-9")
class EndInMagicError(EndError):
    """Sends bad_magic when fewer than five octets have come."""

    def ended(self) -> None:
        if self.place == "header" and 0 < len(self.buffer) < 5:
            raise Fatal("bad_magic", "the magic is incomplete") from None


@fault("LIF-12")
class LastIdForgotten(Connection):
    """Says a last_id of 0 when it stops, whatever it has carried out."""

    def farewell(self) -> Fatal:
        return Fatal("going_away", "the server goes away", last_id=0)


@fault("LIF-12")
class LastIdTooSmall(Connection):
    """Carries requests out but says a last_id that is one too small."""

    def farewell(self) -> Fatal:
        last_id = max(self.done_id - 1, 0)
        return Fatal("going_away", "the server goes away", last_id=last_id)
