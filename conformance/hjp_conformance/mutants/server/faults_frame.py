"""Faults in the lengths of a frame, in its reading and in its payload."""

import contextlib

from hjp_conformance.mutants.server.core import MAGIC, MAX_JSON, MAX_UINT32, Connection
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.metadata import Object
from hjp_conformance.mutants.server.transport import Fatal, Frame, InputEnded

# FRM-8, FRM-9 and FRM-12: json_length


@fault("FRM-8")
class JsonZeroAccepted(Connection):
    """Takes a frame without JSON text for one with an empty object."""

    def check_json_min(self, frame: Frame) -> None:
        if frame.json_length:
            super().check_json_min(frame)

    def parse(self, text: bytes) -> Object:
        return super().parse(text or b"{}")


@fault("FRM-8")
class JsonZeroKeepsAlive(Connection):
    """Takes a header with two zero lengths for a sign of life."""

    async def read_header(self) -> Frame:
        await self.need(16)
        while self.buffer[5:16] == bytes(11):
            del self.buffer[:16]
            await self.read_head()
            await self.need(16)
        return await super().read_header()


@fault("FRM-8")
class JsonOneAccepted(Connection):
    """Lets a json_length of 1 pass to the JSON parser."""

    def check_json_min(self, frame: Frame) -> None:
        if frame.json_length < 1:
            super().check_json_min(frame)


@fault("FRM-8")
class JsonShortBadJson(Connection):
    """Refuses a json_length of 0 or 1 with bad_json."""

    def check_json_min(self, frame: Frame) -> None:
        if frame.json_length < 2:
            raise Fatal("bad_json", "no object is this short")


@fault("FRM-9")
class JsonMaxPlusOne(Connection):
    """Takes 65 537 octets of JSON text."""

    def check_json_max(self, frame: Frame) -> None:
        if frame.json_length > MAX_JSON + 1:
            super().check_json_max(frame)


@fault("FRM-9")
class JsonMaxMebibyte(Connection):
    """Takes JSON text of up to 1 MiB."""

    def check_json_max(self, frame: Frame) -> None:
        if frame.json_length > 1 << 20:
            super().check_json_max(frame)


@fault("FRM-9")
class JsonLengthSigned(Connection):
    """Takes a json_length from 2^31 on for negative: bad_frame."""

    def check_json_min(self, frame: Frame) -> None:
        if frame.json_length >= 1 << 31:
            raise Fatal("bad_frame", "json_length is negative")
        super().check_json_min(frame)


@fault("FRM-9")
class JsonLengthNarrowed(Connection):
    """Compares json_length after narrowing it to 24 bits."""

    def lengths(self, header: bytes) -> tuple[int, int]:
        json_length, payload_length = super().lengths(header)
        return json_length & 0xFFFFFF, payload_length


@fault("FRM-9")
class JsonMaxBadFrame(Connection):
    """Refuses too long a JSON text with bad_frame."""

    def check_json_max(self, frame: Frame) -> None:
        if frame.json_length > MAX_JSON:
            raise Fatal("bad_frame", "the JSON text is too long")


@fault("FRM-12")
class JsonMaxRefused(Connection):
    """Refuses exactly 65 536 octets of JSON text."""

    def check_json_max(self, frame: Frame) -> None:
        if frame.json_length >= MAX_JSON:
            raise Fatal("too_large", "the JSON text is too long", limit="max_json")


@fault("FRM-12")
class JsonTwoRefused(Connection):
    """Refuses a json_length of 2 with bad_frame."""

    def check_json_min(self, frame: Frame) -> None:
        if frame.json_length <= 2:
            raise Fatal("bad_frame", "json_length is too small")


# FRM-10 and FRM-13: payload_length


@fault("FRM-10")
class PayloadMaxPlusOne(Connection):
    """Takes one octet of payload more than the limit."""

    def payload_limit(self) -> int:
        return super().payload_limit() + 1


@fault("FRM-10")
class PayloadLengthSigned(Connection):
    """Takes a payload_length from 2^31 on for negative, hence for none."""

    def lengths(self, header: bytes) -> tuple[int, int]:
        json_length, payload_length = super().lengths(header)
        return json_length, payload_length if payload_length < 1 << 31 else 0


@fault("FRM-10")
class PayloadUnbounded(Connection):
    """Has no limit for payloads."""

    def check_payload_max(self, frame: Frame) -> None:
        """Every length is welcome."""


@fault("FRM-10")
class PayloadSumOverflows(Connection):
    """Compares the sum of both lengths after it has overflowed 32 bits."""

    def check_payload_max(self, frame: Frame) -> None:
        both = frame.json_length + frame.payload_length
        if both == both & MAX_UINT32:
            super().check_payload_max(frame)


@fault("FRM-13")
class PayloadMaxRefused(Connection):
    """Refuses a payload of exactly the limit."""

    def payload_limit(self) -> int:
        return super().payload_limit() - 1


@fault("FRM-13")
class PayloadBesideJson(Connection):
    """Applies max_payload to JSON text and payload together."""

    def check_payload_max(self, frame: Frame) -> None:
        if frame.payload_length + frame.json_length > self.payload_limit():
            raise Fatal("too_large", "the frame is too long", limit="max_payload")


# FRM-14 and FRM-15: where frames begin and end


@fault("FRM-14")
class HeaderInOneRead(Connection):
    """Refuses a header whose last octets come in another read."""

    async def read_header(self) -> Frame:
        if len(self.buffer) < 16:
            raise Fatal("bad_frame", "the header is too short")
        return await super().read_header()


@fault("FRM-14")
class MetadataInOneRead(Connection):
    """Takes what one read brings for the whole JSON text."""

    async def read_metadata(self, frame: Frame) -> None:
        if not self.buffer:
            await self.fill(self.until)
        count = min(frame.json_length, len(self.buffer))
        frame.message = self.parse(await self.take(count))


@fault("FRM-14")
class PayloadInOneRead(Connection):
    """Takes what one read brings for the whole payload."""

    async def read_payload(self, frame: Frame) -> None:
        if frame.left and not self.buffer:
            await self.fill(self.until)
        frame.left = min(frame.left, len(self.buffer))
        await super().read_payload(frame)


@fault("FRM-14")
class DecodesEveryRead(Connection):
    """Decodes the JSON text read by read, splitting characters."""

    async def read_metadata(self, frame: Frame) -> None:
        done = 0
        while done < frame.json_length:
            await self.need(done + 1)
            end = min(frame.json_length, len(self.buffer))
            try:
                self.buffer[done:end].decode()
            except UnicodeDecodeError:
                raise Fatal("bad_json", "not UTF-8") from None
            done = end
        await super().read_metadata(frame)


@fault("FRM-15")
class RestOfReadLost(Connection):
    """Loses what comes after a frame in the read that ends it."""

    async def answer(self, frame: Frame) -> None:
        await super().answer(frame)
        self.buffer.clear()


@fault("FRM-15")
class NewlinesSkipped(Connection):
    """Skips CR and LF between frames."""

    async def read_head(self) -> None:
        await self.need(1)
        while bytes(self.buffer[:1]) in (b"\r", b"\n"):
            del self.buffer[0]
            await self.need(1)
        await super().read_head()


@fault("FRM-15")
class ZerosSkipped(Connection):
    """Skips octets 00 between frames, as if they were padding."""

    async def read_head(self) -> None:
        await self.need(1)
        while self.buffer[:1] == b"\0":
            del self.buffer[0]
            await self.need(1)
        await super().read_head()


@fault("FRM-15")
class PingPayloadLeft(Connection):
    """Takes the payload of a ping for the next frame."""

    async def read_payload(self, frame: Frame) -> None:
        if frame.op == "ping":
            frame.left = 0
        await super().read_payload(frame)


@fault("FRM-15")
class ErrorPayloadLeft(Connection):
    """Takes the payload of a request with an error for the next frame."""

    async def skip_payload(self, frame: Frame) -> None:
        if not frame.first:
            await super().skip_payload(frame)


@fault("FRM-15")
class DroppedPayloadLeft(Connection):
    """Takes the payload of a dropped frame for the next frame."""

    async def drop(self, frame: Frame) -> None:
        """Nothing is read."""


# FRM-16 and FRM-17: the payload


@fault("FRM-16")
class MagicEndsPayload(Connection):
    """Takes a magic in a payload for the beginning of the next frame."""

    async def read_payload(self, frame: Frame) -> None:
        await self.need(frame.left)
        found = self.buffer.find(MAGIC, 0, frame.left)
        if found >= 0:
            frame.left = found
        await super().read_payload(frame)


@fault("FRM-16")
class PayloadNewlines(Connection):
    """Turns CR LF in a payload into LF."""

    async def read_payload(self, frame: Frame) -> None:
        await super().read_payload(frame)
        frame.payload = frame.payload.replace(b"\r\n", b"\n")


@fault("FRM-16")
class PayloadEndsAtNul(Connection):
    """Takes the first octet 00 for the end of a payload."""

    async def read_payload(self, frame: Frame) -> None:
        await super().read_payload(frame)
        frame.payload = frame.payload.partition(b"\0")[0]


@fault("FRM-17")
class WaitsForNext(Connection):
    """Answers a request when an octet or the end of the input follows it."""

    async def read_payload(self, frame: Frame) -> None:
        await super().read_payload(frame)
        if not self.buffer:
            with contextlib.suppress(InputEnded):
                await self.fill(self.until)


@fault("FRM-17")
class WaitsAfterPayload(WaitsForNext):
    """Answers a request with a payload when something follows it."""

    async def read_payload(self, frame: Frame) -> None:
        if frame.left:
            await super().read_payload(frame)


# FRM-19: frames that a client has to refuse


@fault("FRM-19")
class IdTwice(Connection):
    """Writes the id both first and last in a reply with data."""

    def encode(self, message: Object) -> bytes:
        text = super().encode(message)
        if "data" not in message:
            return text
        return text[:-1] + f',"id":{message["id"]}}}'.encode()


@fault("FRM-19")
class NulAfterText(Connection):
    """Counts a closing octet 00 to the JSON text of errors."""

    def encode(self, message: Object) -> bytes:
        text = super().encode(message)
        return text if message["ok"] else text + b"\0"
