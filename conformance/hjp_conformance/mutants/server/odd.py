"""Core servers that are correct, but odd in what the specification leaves free.

Usage: python -m hjp_conformance.mutants.server.odd ODDITY PORT (0 for any)
       python odd.py --list
"""

import asyncio
import codecs
import importlib
import json
import re
import socket
import sys
from collections.abc import AsyncIterator
from typing import ClassVar

from hjp_conformance.mutants.server.core import (
    MAGIC,
    MAX_JSON,
    MAX_UINT32,
    Connection,
    Server,
)
from hjp_conformance.mutants.server.holding import Held, Holding
from hjp_conformance.mutants.server.metadata import (
    BadJson,
    Cut,
    Number,
    Object,
    Scanner,
    Value,
    Writer,
)
from hjp_conformance.mutants.server.oddities import ODDITIES, odd
from hjp_conformance.mutants.server.transport import Failed, Fatal, Frame, now

# Writing


@odd
class SingleOctets(Connection):
    """Writes the first 600 octets of a frame one by one, the rest in small pieces."""

    async def write(self, octets: bytes) -> None:
        for octet in octets[:600]:
            await super().write(bytes([octet]))
        for start in range(600, len(octets), 997):
            await super().write(octets[start : start + 997])


@odd
class SlowPieces(Connection):
    """Writes a frame in five pieces, some milliseconds apart."""

    async def write(self, octets: bytes) -> None:
        for start, end in ((0, 3), (3, 11), (11, 17), (17, 30), (30, len(octets))):
            if octets[start:end]:
                await super().write(octets[start:end])
                await asyncio.sleep(0.003)


@odd
class BigWrites(Holding):
    """Gathers frames for 30 ms and writes them at once."""

    most = 512

    async def send_all(self, held: Held) -> None:
        await asyncio.sleep(0.03)
        await self.write(b"".join(self.pack(*item) for item in held))


@odd
class SlowReplies(Connection):
    """Thinks 40 ms before each of the first 50 frames of a connection."""

    async def send(self, message: Object, payload: bytes = b"") -> None:
        if self.frames <= 50:
            await asyncio.sleep(0.04)
        await super().send(message, payload)


@odd
class MembersReversed(Writer):
    """Writes the members of every object in reverse order."""

    def object(self, members: Object) -> str:
        return super().object(dict(reversed(members.items())))


class Spaced(Writer):
    """Writes white space of every kind between tokens."""

    comma = " ,\r\n\t"
    colon = "\t: \n"

    def object(self, members: Object) -> str:
        return "{ \n" + super().object(members)[1:-1] + "\r }"

    def array(self, values: list[Value]) -> str:
        return "[\t" + super().array(values)[1:-1] + " \n]"


@odd
class WhiteSpace(Connection):
    """Writes white space between tokens and after the object, if it fits."""

    def encode(self, message: Object) -> bytes:
        text = Spaced().write(message).encode() + b" \t\r\n\n"
        return text if len(text) <= MAX_JSON else super().encode(message)


@odd
class Escapes(Writer):
    """Writes every character of every string and name as an escape."""

    def string(self, text: str) -> str:
        units = text.encode("utf-16-be")
        pairs = (units[at : at + 2] for at in range(0, len(units), 2))
        digits = (pair.hex() for pair in pairs)
        cases = (each.upper() if "a" in each else each for each in digits)
        return '"' + "".join("\\u" + each for each in cases) + '"'


@odd
class AsciiOnly(Writer):
    r"""Escapes what is not ASCII, and the solidus as \/."""

    def string(self, text: str) -> str:
        return json.dumps(text).replace("/", "\\/")


@odd
class NumbersRewritten(Writer):
    """Writes the numbers in data in scientific notation with 17 digits."""

    def number(self, number: Number) -> str:
        return f"{number.value:.16E}"


class Dressed(Connection):
    """Dresses every frame up, as long as it still fits."""

    def encode(self, message: Object) -> bytes:
        text = super().encode(self.dress(message))
        return text if len(text) <= MAX_JSON else super().encode(message)

    def dress(self, message: Object) -> Object:
        return message


@odd
class ExtraMembers(Dressed):
    """Adds private members to replies, errors and limits."""

    extra: ClassVar[Object] = {"x-note": ["a", None, {"op": 1}], "x-": "blue"}

    def dress(self, message: Object) -> Object:
        dressed: Object = {**self.extra, **message}
        for name in ("error", "limits"):
            inner = message.get(name)
            if isinstance(inner, dict):
                dressed[name] = {**inner, **self.extra}
        return dressed


@odd
class LaterMembers(ExtraMembers):
    """Adds members that a later 1.x may have defined."""

    extra: ClassVar[Object] = {"colour": {"ok": False}, "ID": 7, "": None, "Ok": 0}


@odd
class MoreFalse(Dressed):
    """Spells more false out in replies without error."""

    def dress(self, message: Object) -> Object:
        return {"more": False, **message} if message["ok"] else message


@odd
class FatalFalse(Connection):
    """Spells fatal false out in errors that are not fatal."""

    def error_message(self, frame: Frame, error: Failed) -> Object:
        body = {"fatal": False, **error.body}
        return {**super().error_message(frame, error), "error": body}


@odd
class MixedDetails(Connection):
    """Puts private details, and those of other codes, into every error."""

    def error_message(self, frame: Frame, error: Failed) -> Object:
        return self.detailed(super().error_message(frame, error))

    def fatal_message(self, error: Fatal) -> Object:
        return self.detailed(super().fatal_message(error))

    def detailed(self, message: Object) -> Object:
        error = message["error"]
        body = error if isinstance(error, dict) else {}
        extra: Object = {"x-hint": {"code": "none"}, "x-fatal": None, "versions": [1]}
        return {**message, "error": {**extra, **body}}


class Wording(Connection):
    """Says something else in the message of every error."""

    words = ""

    def error_message(self, frame: Frame, error: Failed) -> Object:
        body = {**error.body, "message": self.words}
        return {**super().error_message(frame, error), "error": body}

    def fatal_message(self, error: Fatal) -> Object:
        body = {**error.body, "message": self.words, "fatal": True}
        return {**super().fatal_message(error), "error": body}


@odd
class LongMessages(Wording):
    """Writes messages of 60 000 characters."""

    words = "no such luck " * 4615


@odd
class ChineseMessages(Wording):
    """Writes messages and the name of the server in Chinese."""

    words = "不行:请先看说明书。😀\0\x7f\u2028\ufeff"
    name = "普通服务器"


@odd
class EmptyMessages(Wording):
    """Writes empty messages."""


# Limits and hello


@odd
class LeastLimit(Connection):
    """States the least max_payload."""

    max_payload = 65_536


@odd
class GreatestLimit(Connection):
    """States the greatest max_payload."""

    max_payload = MAX_UINT32


@odd
class ManyFeatures(Connection):
    """Names private features, private limits and an encoding."""

    def hello_members(self, frame: Frame) -> Object:
        limits: Object = {"x-max_luck": 7, "max_payload": self.max_payload}
        return {
            **super().hello_members(frame),
            "features": ["x-nothing", "x-", "x-还没有"],
            "limits": limits,
            "encoding": "gbk",
            "x-motd": "hello",
        }


# Reading


@odd
class TinyReads(Connection):
    """Has a small receive buffer and reads it by the octet, payloads by 61."""

    max_payload = 70_000

    async def opened(self) -> None:
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
        self.chunk = 1

    async def parts(self, frame: Frame) -> AsyncIterator[bytes]:
        self.chunk = 61
        async for part in super().parts(frame):
            yield part
        self.chunk = 1

    async def drain_input(self) -> None:
        self.chunk = 4096
        await super().drain_input()


@odd
class PointsAccepted(Connection):
    """Takes 1.0, 1e0 and -0 for the integers that they are."""

    def plain(self, number: Number) -> bool:
        return True


class Prefix(Scanner):
    """Judges the beginning of a text; Cut means that it can still become good."""

    names: frozenset[str] = frozenset()

    def object(self, depth: int) -> Object:
        outer, self.names = self.names, frozenset()
        members = super().object(depth)
        self.names = outer
        return members

    def name(self) -> str:
        name = super().name()
        if name in self.names:
            raise BadJson("two members of one name")
        self.names |= {name}
        return name

    def decode(self, octets: bytes) -> str:
        try:
            return codecs.getincrementaldecoder("utf-8")().decode(octets)
        except UnicodeDecodeError as error:
            raise BadJson("not well-formed UTF-8") from error

    def cut_after(self, pattern: str) -> None:
        if re.compile(pattern).fullmatch(self.text, self.at):
            raise Cut("the text has not ended")

    def number(self) -> Number:
        self.cut_after(r"[-+.0-9eE]*")
        return super().number()

    def literal(self) -> Value:
        self.cut_after(r"t(r(ue?)?)?|f(a(l(se?)?)?)?|n(u(ll?)?)?")
        return super().literal()

    def pair(self, first: int) -> str:
        self.cut_after(r"(\\(u[0-9A-Fa-f]{0,3})?)?")
        return super().pair(first)


@odd
class EarlyRefusals(Connection):
    """Refuses a frame as soon as no further octets can make it good."""

    async def read_head(self) -> None:
        for count in range(1, 5):
            await self.need(count)
            self.check_magic(bytes(self.buffer[:count]) + MAGIC[count:])
        await super().read_head()

    async def read_header(self) -> Frame:
        for count in range(6, 16):
            await self.need(count)
            known = bytes(self.buffer[:count]).ljust(16, b"\0")
            frame = Frame(known[5:8], *self.lengths(known))
            self.check_reserved(frame)
            if count >= 12:
                self.check_json_min(frame)
            self.check_json_max(frame)
            self.check_payload_max(frame)
        return await super().read_header()

    async def read_metadata(self, frame: Frame) -> None:
        while len(self.buffer) < min(frame.json_length, 2048):
            self.check_prefix(bytes(self.buffer[: frame.json_length]))
            await self.fill(self.until)
        await super().read_metadata(frame)

    def check_prefix(self, text: bytes) -> None:
        try:
            Prefix(text).read()
        except Cut:
            return
        except BadJson as error:
            raise Fatal("bad_json", str(error)) from None


@odd
class LateErrors(Connection):
    """Reads the payload before it checks what the operation demands."""

    async def prepare(self, frame: Frame) -> None:
        await self.read_payload(frame)


@odd
class DropBounds(Connection):
    """Ends a connection that makes it drop 16 MiB, or for 10 s."""

    dropped = 0
    drop_until = 0.0

    async def answer(self, frame: Frame) -> None:
        self.dropped, self.drop_until = 0, now() + 10.0
        await super().answer(frame)

    async def drop(self, frame: Frame) -> None:
        async for part in self.parts(frame):
            self.dropped += len(part)
            if self.dropped > 1 << 24:
                raise Fatal("too_large", "too much to drop", limit="max_dropped")
        if frame.more and now() >= self.drop_until:
            raise Fatal("timeout", "dropped for too long")


# Clocks and the end


@odd
class Patient(Connection):
    """Has no clocks but the one after a fatal error."""

    first_frame_seconds = 1e6
    frame_seconds = 1e6
    payload_seconds = 1e6
    idle_seconds = 1e6
    write_seconds = 1e6


@odd
class ClosesSlowly(Connection):
    """Closes half a second after the input has ended."""

    async def input_ended(self) -> None:
        await asyncio.sleep(0.5)


importlib.import_module("hjp_conformance.mutants.server.odd_files")


def main() -> None:
    if sys.argv[1:] == ["--list"]:
        for name, how in ODDITIES.items():
            print(name, " ".join((how.__doc__ or "").split()), sep="\t")
        return
    name, port = sys.argv[1:]
    asyncio.run(Server(ODDITIES[name]).run(int(port)))


if __name__ == "__main__":
    main()
