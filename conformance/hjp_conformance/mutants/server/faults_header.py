"""Faults in what a server makes of the header, and in the headers it writes."""

import re
import struct

from hjp_conformance.mutants.server.core import (
    MAGIC,
    MAX_JSON,
    Connection,
    Row,
)
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.metadata import Object
from hjp_conformance.mutants.server.transport import Failed, Fatal, Frame

# FRM-1: the header that the server writes


@fault("FRM-1")
class BigEndian(Connection):
    """Writes the lengths big-endian."""

    def header(self, text: bytes, payload: bytes) -> bytes:
        return MAGIC + struct.pack(">B3xII", 1, len(text), len(payload))


@fault("FRM-1")
class LengthOfCharacters(Connection):
    """Counts characters, not octets, in json_length."""

    def header(self, text: bytes, payload: bytes) -> bytes:
        return MAGIC + struct.pack("<B3xII", 1, len(text.decode()), len(payload))


@fault("FRM-1")
class LengthOfBoth(Connection):
    """Counts the JSON text in payload_length too."""

    def header(self, text: bytes, payload: bytes) -> bytes:
        both = len(text) + len(payload)
        return MAGIC + struct.pack("<B3xII", 1, len(text), both)


@fault("FRM-1")
class NewlineAfterFrame(Connection):
    """Writes a newline after every frame."""

    def pack(self, message: Object, payload: bytes) -> bytes:
        return super().pack(message, payload) + b"\n"


@fault("FRM-1")
class PaddedFrames(Connection):
    """Pads every frame with zeros to a multiple of eight octets."""

    def pack(self, message: Object, payload: bytes) -> bytes:
        octets = super().pack(message, payload)
        return octets + bytes(-len(octets) % 8)


@fault("FRM-1")
class MagicAsText(Connection):
    """Writes the magic as UTF-8 text, so that FF becomes C3 BF."""

    def header(self, text: bytes, payload: bytes) -> bytes:
        header = super().header(text, payload)
        return MAGIC.decode("latin-1").encode() + header[4:]


@fault("FRM-1")
class VersionOfClient(Connection):
    """Writes the version of the refused frame into bad_version."""

    refused = 1

    def wrong_version(self, version: int) -> bool:
        self.refused = version
        return super().wrong_version(version)

    def header(self, text: bytes, payload: bytes) -> bytes:
        header = super().header(text, payload)
        return header[:4] + bytes([self.refused]) + header[5:]


@fault("FRM-1")
class ReservedFlag(Connection):
    """Sets a reserved octet in frames with a payload."""

    def header(self, text: bytes, payload: bytes) -> bytes:
        header = super().header(text, payload)
        return header[:5] + bytes([bool(payload)]) + header[6:]


@fault("FRM-1")
class PayloadFirst(Connection):
    """Writes the payload before the JSON text."""

    def pack(self, message: Object, payload: bytes) -> bytes:
        text = self.encode(message)
        return self.header(text, payload) + payload + text


# FRM-2 and FRM-3: the magic


@fault("FRM-2")
class MagicThreeOctets(Connection):
    """Compares only three octets of the magic."""

    def wrong_magic(self, magic: bytes) -> bool:
        return magic[:3] != MAGIC[:3]


@fault("FRM-2")
class MagicAnyCase(Connection):
    """Takes the letters of the magic in lower case too."""

    def wrong_magic(self, magic: bytes) -> bool:
        return magic.upper() != MAGIC


@fault("FRM-2")
class MagicSevenBits(Connection):
    """Ignores the highest bit of the magic's octets."""

    def wrong_magic(self, magic: bytes) -> bool:
        return [octet & 0x7F for octet in magic] != [octet & 0x7F for octet in MAGIC]


@fault("FRM-2")
class MagicOnce(Connection):
    """Checks the magic of the first frame only."""

    def wrong_magic(self, magic: bytes) -> bool:
        return self.frames == 1 and super().wrong_magic(magic)


@fault("FRM-2")
class MagicBadFrame(Connection):
    """Refuses a wrong magic with bad_frame."""

    def check_magic(self, head: bytes) -> None:
        if self.wrong_magic(head[:4]):
            raise Fatal("bad_frame", "the frame does not begin with the magic")


@fault("FRM-3")
class MagicResync(Connection):
    """Looks for the next magic in the stream and goes on from there."""

    async def read_head(self) -> None:
        await self.need(5)
        while self.wrong_magic(bytes(self.buffer[:4])):
            del self.buffer[0]
            await self.need(5)
        await super().read_head()


@fault("FRM-3")
class MagicResyncInRead(Connection):
    """Goes on with a later magic if it has come with the wrong one."""

    async def read_head(self) -> None:
        await self.need(5)
        del self.buffer[: max(self.buffer.find(MAGIC), 0)]
        await super().read_head()


# FRM-4 to FRM-6: the version


@fault("FRM-4")
class VersionAny(Connection):
    """Accepts every version."""

    def wrong_version(self, version: int) -> bool:
        return False


@fault("FRM-4")
class VersionZero(Connection):
    """Accepts version 0 for version 1."""

    def wrong_version(self, version: int) -> bool:
        return version > 1


@fault("FRM-4")
class VersionNewer(Connection):
    """Accepts every version from 1 on."""

    def wrong_version(self, version: int) -> bool:
        return version < 1


@fault("FRM-4")
class VersionLowBits(Connection):
    """Looks at the low four bits of the version only."""

    def wrong_version(self, version: int) -> bool:
        return version & 0x0F != 1


@fault("FRM-4")
class VersionOnce(Connection):
    """Checks the version of the first frame only."""

    def wrong_version(self, version: int) -> bool:
        return self.frames == 1 and version != 1


@fault("FRM-4")
class VersionBadFrame(Connection):
    """Refuses another version with bad_frame."""

    def check_version(self, head: bytes) -> None:
        if self.wrong_version(head[4]):
            raise Fatal("bad_frame", "only version 1 is spoken here")


@fault("FRM-5")
class HeadWaitsForSixth(Connection):
    """Decides on magic and version when a sixth octet has come."""

    async def read_head(self) -> None:
        await self.need(6)
        await super().read_head()


@fault("FRM-5")
class HeadWaitsForHeader(Connection):
    """Decides on magic and version when sixteen octets have come."""

    async def read_head(self) -> None:
        await self.need(16)
        await super().read_head()


@fault("FRM-5")
class VersionWaitsForHeader(Connection):
    """Decides on the magic at five octets, on the version at sixteen."""

    async def read_head(self) -> None:
        await self.need(5)
        self.check_magic(bytes(self.buffer[:5]))
        await self.need(16)
        await super().read_head()


@fault("FRM-6")
class VersionsMissing(Connection):
    """Does not list the versions it speaks."""

    def versions(self) -> Object:
        return {}


@fault("FRM-6")
class VersionsStrings(Connection):
    """Lists the versions as strings."""

    def versions(self) -> Object:
        return {"versions": ["1"]}


@fault("FRM-6")
class VersionsNumber(Connection):
    """States the one version as a number instead of an array."""

    def versions(self) -> Object:
        return {"versions": 1}


@fault("FRM-6")
class VersionsAtTop(Connection):
    """Puts versions beside the error instead of into it."""

    def fatal_message(self, error: Fatal) -> Object:
        versions = error.body.pop("versions", None)
        message = super().fatal_message(error)
        return message if versions is None else {**message, "versions": versions}


# FRM-7: the reserved octets


@fault("FRM-7")
class ReservedIgnored(Connection):
    """Does not look at the reserved octets."""

    def check_reserved(self, frame: Frame) -> None:
        """Everything is welcome."""


@fault("FRM-7")
class ReservedFirst(Connection):
    """Looks at the first reserved octet only."""

    def check_reserved(self, frame: Frame) -> None:
        frame.reserved = frame.reserved[:1]
        super().check_reserved(frame)


@fault("FRM-7")
class ReservedSixteenBits(Connection):
    """Looks at the last two reserved octets only."""

    def check_reserved(self, frame: Frame) -> None:
        frame.reserved = frame.reserved[1:]
        super().check_reserved(frame)


@fault("FRM-7")
class ReservedBadVersion(Connection):
    """Refuses a reserved octet with bad_version."""

    def check_reserved(self, frame: Frame) -> None:
        if any(frame.reserved):
            raise Fatal("bad_version", "a reserved octet is set", **self.versions())


# FRM-11 and FRM-18: too late and too early


@fault("FRM-11")
class HeaderWaitsForMore(Connection):
    """Decides on the header when a seventeenth octet has come."""

    async def read_header(self) -> Frame:
        await self.need(17)
        return await super().read_header()


@fault("FRM-11")
class ReservedWaits(Connection):
    """Decides on the reserved octets when the JSON text has come."""

    def header_rows(self) -> list[Row]:
        return [self.check_json_min, self.check_json_max, self.check_payload_max]

    async def read_metadata(self, frame: Frame) -> None:
        await self.need(frame.json_length)
        self.check_reserved(frame)
        await super().read_metadata(frame)


@fault("FRM-11")
class PayloadMaxWaits(Connection):
    """Decides on payload_length when the JSON text has come."""

    def header_rows(self) -> list[Row]:
        return [self.check_reserved, self.check_json_min, self.check_json_max]

    async def read_metadata(self, frame: Frame) -> None:
        await self.need(frame.json_length)
        self.check_payload_max(frame)
        await super().read_metadata(frame)


@fault("FRM-18")
class EarlyBadId(Connection):
    """Refuses id 0 before the JSON text has ended and could still be bad."""

    async def read_metadata(self, frame: Frame) -> None:
        while len(self.buffer) < frame.json_length:
            if re.match(rb'\{"id":0[,}]', self.buffer):
                raise Fatal("bad_id", "the id is 0")
            await self.fill(self.until)
        await super().read_metadata(frame)


@fault("FRM-10")
class PayloadMaxNotFatal(Connection):
    """Reads a payload that is too long and answers too_large to the request."""

    def check_payload_max(self, frame: Frame) -> None:
        """Left to the request."""

    def check_offered(self, frame: Frame) -> None:
        super().check_offered(frame)
        if frame.payload_length > self.payload_limit():
            raise Failed("too_large", "the payload is too long", limit="max_payload")


@fault("FRM-12")
class JsonMaxEightK(Connection):
    """Takes no more than 8 192 octets of JSON text."""

    def check_json_max(self, frame: Frame) -> None:
        if frame.json_length > MAX_JSON >> 3:
            raise Fatal("too_large", "the JSON text is too long", limit="max_json")
