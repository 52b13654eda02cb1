"""Faults around fatal errors and requests that were answered early."""

import asyncio
import contextlib
import socket
import struct

from hjp_conformance.mutants.server.core import Connection
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.holding import Holding
from hjp_conformance.mutants.server.metadata import Object
from hjp_conformance.mutants.server.transport import Failed, Fatal, Frame, InputEnded

# MSG-20 to MSG-24: frames of a request that was answered early


@fault("MSG-20")
class DroppedAnswered(Connection):
    """Answers every frame of a request that was answered early."""

    async def drop(self, frame: Frame) -> None:
        await self.fail(frame, Failed("bad_request", "answered already"))
        await super().drop(frame)


@fault("MSG-20")
class EndAnswered(Connection):
    """Answers the last frame of a request that was answered early."""

    async def drop(self, frame: Frame) -> None:
        await super().drop(frame)
        if not frame.more:
            await self.send(self.reply_message(frame, {}))


@fault("MSG-20")
class EndServed(Connection):
    """Carries the last frame out as if it were a request of its own."""

    async def drop(self, frame: Frame) -> None:
        if frame.more:
            await super().drop(frame)
        else:
            await self.answer(frame)


@fault("MSG-20")
class FinalCloses(Connection):
    """Takes the final reply for the end of the request."""

    async def fail(self, frame: Frame, error: Failed) -> None:
        await super().fail(frame, error)
        self.open_op = None


@fault("MSG-21")
class DroppedKindUnchecked(Connection):
    """Does not look for ok in a frame that is dropped."""

    def check_kind(self, frame: Frame) -> None:
        if not frame.first:
            frame.message.pop("ok", None)
        super().check_kind(frame)


@fault("MSG-21")
class DroppedMoreUnchecked(Connection):
    """Takes a mistyped more for true in a frame that is dropped."""

    def check_more(self, frame: Frame) -> None:
        if not frame.first and not isinstance(frame.message.get("more", True), bool):
            frame.message["more"] = True
        super().check_more(frame)


@fault("MSG-21")
class DroppedOpUnchecked(Connection):
    """Does not miss op in a frame that is dropped."""

    def check_kind(self, frame: Frame) -> None:
        if not frame.first:
            frame.message.setdefault("op", self.open_op)
        super().check_kind(frame)


@fault("MSG-21")
class DroppedJsonUnchecked(Connection):
    """Accepts any JSON text in a frame while it drops a request."""

    def parse(self, text: bytes) -> Object:
        try:
            return super().parse(text)
        except Fatal:
            if self.open_op is None:
                raise
            return {"id": self.last_id, "op": self.open_op, "more": True}

    def check_id(self, frame: Frame) -> None:
        if isinstance(frame.message.get("id"), int):
            frame.id = self.last_id
        else:
            super().check_id(frame)


@fault("MSG-21")
class DroppedUnlimited(Connection):
    """Does not bound the payload of a frame that it may have to drop."""

    def check_payload_max(self, frame: Frame) -> None:
        if self.open_op is None:
            super().check_payload_max(frame)


@fault("MSG-22")
class DroppedTimeoutChecked(Connection):
    """Refuses a mistyped timeout_ms in a frame that is dropped."""

    async def drop(self, frame: Frame) -> None:
        try:
            self.check_timeout(frame)
        except Failed:
            raise Fatal("bad_request", "timeout_ms is mistyped") from None
        await super().drop(frame)


@fault("MSG-24")
class DropBoundSmall(Connection):
    """Ends the connection after dropping 64 KiB of one request."""

    dropped = 0

    async def drop(self, frame: Frame) -> None:
        self.dropped += frame.payload_length
        if self.dropped > 1 << 16:
            raise Fatal("too_large", "too much to drop", limit="max_dropped")
        await super().drop(frame)

    async def answer(self, frame: Frame) -> None:
        self.dropped = 0
        await super().answer(frame)


# ERR-5 and ERR-9 to ERR-11: what comes before and after an error


@fault("ERR-5")
class ErrorEnds(Connection):
    """Closes the connection after an error that is not fatal."""

    async def fail(self, frame: Frame, error: Failed) -> None:
        await super().fail(frame, error)
        await self.skip_payload(frame)
        await self.shut_down()
        await self.drain_input()
        raise InputEnded


@fault("ERR-5")
class ErrorForgetsInput(Connection):
    """Forgets the requests that came with one that has an error."""

    async def fail(self, frame: Frame, error: Failed) -> None:
        await super().fail(frame, error)
        await self.skip_payload(frame)
        self.buffer.clear()


@fault("ERR-9")
class FatalFirst(Holding):
    """Sends the fatal error before replies that are due."""

    async def end(self, error: Fatal) -> None:
        self.held.insert(0, (self.fatal_message(error), b""))
        await self.shut_down()
        await self.drain_input()


@fault("ERR-9")
class FatalAlone(Holding):
    """Forgets the replies that are due when it sends a fatal error."""

    async def end(self, error: Fatal) -> None:
        self.held.clear()
        await super().end(error)


class Silent(Connection):
    """Closes without a fatal error for one code."""

    code = ""

    async def end(self, error: Fatal) -> None:
        if error.body["code"] != self.code:
            return await super().end(error)
        await self.shut_down()
        await self.drain_input()
        return None


@fault("FRM-2")
class MagicSilent(Silent):
    """Closes without a fatal error when the magic is wrong."""

    code = "bad_magic"


@fault("MET-4")
class JsonSilent(Silent):
    """Closes without a fatal error when the JSON text is bad."""

    code = "bad_json"


@fault("FRM-10")
class TooLargeSilent(Silent):
    """Closes without a fatal error when a frame is too large."""

    code = "too_large"


@fault("MSG-4")
class IdSilent(Silent):
    """Closes without a fatal error when the id is wrong."""

    code = "bad_id"


@fault("ERR-10")
class ServesAfterFatal(Connection):
    """Goes on with the next frame after bad_id, which is fatal."""

    async def serve_frame(self) -> None:
        try:
            await super().serve_frame()
        except Fatal as error:
            if error.body["code"] != "bad_id":
                raise
            await self.send(self.fatal_message(error))


@fault("ERR-11")
class FatalTwice(Connection):
    """Sends a fatal error twice."""

    async def end(self, error: Fatal) -> None:
        await self.send(self.fatal_message(error))
        await super().end(error)


@fault("ERR-11")
class FarewellAfterFatal(Connection):
    """Says going_away after a fatal error."""

    async def end(self, error: Fatal) -> None:
        await self.send(self.fatal_message(error))
        await super().end(self.farewell())


# ERR-12 and ERR-13: the end after a fatal error


@fault("ERR-12")
class NoShutdown(Connection):
    """Does not shut down its sending direction after a fatal error."""

    async def shut_down(self) -> None:
        """The client has to close."""


@fault("ERR-12")
class ShutdownLate(Connection):
    """Shuts its sending direction down when it closes the connection."""

    async def end(self, error: Fatal) -> None:
        await self.send(self.fatal_message(error))
        await self.drain_input()
        await self.shut_down()


@fault("ERR-13")
class StopsReading(Connection):
    """Waits 2 s after a fatal error without reading."""

    async def drain_input(self) -> None:
        await asyncio.sleep(self.drain_seconds)


@fault("ERR-13")
class ClosesAtOnce(Connection):
    """Closes after a fatal error without reading what still comes."""

    async def drain_input(self) -> None:
        """Nothing is read."""


@fault("ERR-13")
class Resets(Connection):
    """Resets the connection after a fatal error."""

    async def drain_input(self) -> None:
        sock = self.writer.get_extra_info("socket")
        linger = struct.pack("ii", 1, 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()


@fault("ERR-13")
class DrainsLittle(Connection):
    """Reads at most 64 KiB after a fatal error."""

    async def drain_input(self) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, TimeoutError):
            async with asyncio.timeout(self.drain_seconds):
                await self.reader.readexactly(1 << 16)


@fault("ERR-13")
class DrainsShortly(Connection):
    """Reads for a tenth of a second after a fatal error."""

    drain_seconds = 0.1


@fault("ERR-13")
class DrainsForEver(Connection):
    """Reads until the input ends after a fatal error, however long."""

    drain_seconds = 1e6


@fault("ERR-13")
class DrainClockRestarts(Connection):
    """Waits 2 s for every octet after a fatal error, not 2 s in all."""

    async def drain_input(self) -> None:
        with contextlib.suppress(TimeoutError):
            while await asyncio.wait_for(self.reader.read(self.chunk), 2):
                pass
