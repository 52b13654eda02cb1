"""Faults in lines that make no sense (TST-2)."""

import json
import re
from collections.abc import Callable
from typing import Any

from hjp_conformance.mutants.codec.frames import MAX_UINT32
from hjp_conformance.mutants.codec.plain import (
    DEFAULT_MAX_PAYLOAD,
    Reply,
    Request,
    Testee,
    Unclear,
)
from hjp_conformance.mutants.codec.table import fault

# TST-2: lines that make no sense


class Crash(Exception):
    """Ends the testee."""


@fault("TST-2")
class DiesOfRubbish(Testee):
    """Dies of a line that is not JSON."""

    def load(self, line: bytes) -> Request:
        try:
            json.loads(line)
        except ValueError as error:
            raise Crash from error
        return super().load(line)


@fault("TST-2")
class DiesOfUtf8(Testee):
    """Dies of a line that is not UTF-8."""

    def text_of(self, line: bytes) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            raise Crash from error


@fault("TST-2")
class DiesOfArray(Testee):
    """Dies of a line that is an array."""

    def load(self, line: bytes) -> Request:
        if line.startswith(b"["):
            raise Crash
        return super().load(line)


@fault("TST-2")
class DiesOfCommand(Testee):
    """Dies of a command that it does not know."""

    def command(self, request: Request) -> Callable[[Request], Reply]:
        try:
            return super().command(request)
        except Unclear as error:
            raise Crash from error


@fault("TST-2")
class DiesOfHex(Testee):
    """Dies of octets that are not hexadecimal digits."""

    def octets(self, text: Any) -> bytes:
        try:
            return super().octets(text)
        except Unclear as error:
            raise Crash from error


@fault("TST-2")
class EndsAfterError(Testee):
    """Answers a line that it cannot make sense of, and ends."""

    def error(self, message: str) -> Reply:
        self.write(super().error(message))
        raise SystemExit(0)


@fault("TST-2")
class ErrorIsReject(Testee):
    """Answers a line that it cannot make sense of with reject."""

    def error(self, message: str) -> Reply:
        return {"status": "reject", "frames": [], "consumed": 0}


@fault("TST-2")
class ErrorWithoutMessage(Testee):
    """Answers with error, but without a message."""

    def error(self, message: str) -> Reply:
        return {"status": "error"}


@fault("TST-2")
class ErrorWithNumber(Testee):
    """Answers with error and a number for the message."""

    def error(self, message: str) -> Reply:
        return {"status": "error", "message": 22}


@fault("TST-2")
class EmptyLineOk(Testee):
    """Answers an empty line with ok."""

    def load(self, line: bytes) -> Request:
        return super().load(line if line.strip() else b'{"cmd":"reset"}')


@fault("TST-2")
class UnknownCommandOk(Testee):
    """Answers a command that it does not know with ok."""

    def command(self, request: Request) -> Callable[[Request], Reply]:
        known = request.get("cmd") in self.commands()
        return super().command(request) if known else self.reset


@fault("TST-2")
class CommandAnyCase(Testee):
    """Takes commands in capitals too."""

    def command(self, request: Request) -> Callable[[Request], Reply]:
        return super().command({"cmd": str(request.get("cmd")).lower()})


@fault("TST-2")
class CommandDefault(Testee):
    """Takes a line without cmd for a decode."""

    def command(self, request: Request) -> Callable[[Request], Reply]:
        return super().command({"cmd": "decode", **request})


@fault("TST-2")
class NanTaken(Testee):
    """Takes NaN in a line for JSON."""

    def parse(self, text: str) -> Any:
        return json.loads(text, parse_int=self.integer)


@fault("TST-2")
class RestOfLineIgnored(Testee):
    """Ignores what follows the object in a line."""

    def parse(self, text: str) -> Any:
        end = text.rfind("}") + 1
        first = json.JSONDecoder(parse_int=self.integer, parse_constant=self.constant)
        return first.raw_decode(text)[0] if end else super().parse(text)


@fault("TST-2")
class Utf8OfLineReplaced(Testee):
    """Replaces what is not UTF-8 in a line."""

    def text_of(self, line: bytes) -> str:
        return line.decode("utf-8", "replace")


@fault("TST-2")
class ChunksMissing(Testee):
    """Takes missing chunks for none."""

    def chunks(self, request: Request) -> list[bytes]:
        return super().chunks({"chunks": [], **request})


@fault("TST-2")
class ChunksNull(Testee):
    """Takes null for no chunks."""

    def chunks(self, request: Request) -> list[bytes]:
        none = "chunks" in request and request["chunks"] is None
        return [] if none else super().chunks(request)


@fault("TST-2")
class ChunksString(Testee):
    """Takes a string for one chunk."""

    def chunks(self, request: Request) -> list[bytes]:
        chunks = request.get("chunks")
        one = isinstance(chunks, str)
        return super().chunks({"chunks": [chunks]} if one else request)


@fault("TST-2")
class ChunkNull(Testee):
    """Takes null in chunks for an empty chunk."""

    def octets(self, text: Any) -> bytes:
        return b"" if text is None else super().octets(text)


@fault("TST-2")
class ChunkNumber(Testee):
    """Takes a number in chunks for its digits."""

    def octets(self, text: Any) -> bytes:
        return super().octets(str(text) if type(text) is int else text)


@fault("TST-2")
class HexSpaced(Testee):
    """Accepts spaces between pairs of digits."""

    def octets(self, text: Any) -> bytes:
        return super().octets(text.replace(" ", "") if isinstance(text, str) else text)


@fault("TST-2")
class HexOdd(Testee):
    """Drops a digit that is left over."""

    def octets(self, text: Any) -> bytes:
        whole = isinstance(text, str) and len(text) // 2 * 2
        return super().octets(text[:whole] if whole is not False else text)


@fault("TST-2")
class HexPrefixed(Testee):
    """Accepts 0x before the digits."""

    def octets(self, text: Any) -> bytes:
        prefixed = isinstance(text, str) and text.startswith("0x")
        return super().octets(text[2:] if prefixed else text)


@fault("TST-2")
class HexToRubbish(Testee):
    """Takes the octets before the first character that is no digit."""

    def octets(self, text: Any) -> bytes:
        if isinstance(text, str):
            found = re.match("([0-9A-Fa-f]{2})*", text)
            text = found.group() if found and len(text) % 2 == 0 else text
        return super().octets(text)


@fault("TST-2")
class ChunksOneByOne(Testee):
    """Looks at a chunk only when those before it have been fed."""

    def chunks(self, request: Request) -> list[bytes]:
        good: list[Any] = []
        for chunk in request.get("chunks", []):
            try:
                good.append(super().octets(chunk))
            except Unclear:
                limit = self.max_payload(request)
                if self.decoded(good, limit)["status"] == "reject":
                    return good
                raise
        return super().chunks(request)

    def decoded(self, chunks: list[bytes], limit: int) -> Reply:
        texts = [chunk.hex() for chunk in chunks]
        return super().decode({"chunks": texts, "max_payload": limit})


class Limit(Testee):
    """Reads max_payload in another way."""

    def other(self, limit: Any) -> Any:
        return limit

    def max_payload(self, request: Request) -> int:
        limit = request.get("max_payload", DEFAULT_MAX_PAYLOAD)
        return super().max_payload({"max_payload": self.other(limit)})


@fault("TST-2")
class LimitNull(Limit):
    """Takes null for a missing max_payload."""

    def other(self, limit: Any) -> Any:
        return DEFAULT_MAX_PAYLOAD if limit is None else limit


@fault("TST-2")
class LimitTrue(Limit):
    """Takes true for a max_payload of 1."""

    def other(self, limit: Any) -> Any:
        return int(limit) if isinstance(limit, bool) else limit


@fault("TST-2")
class LimitString(Limit):
    """Takes digits in a string for max_payload."""

    def other(self, limit: Any) -> Any:
        return int(limit) if isinstance(limit, str) and limit.isdecimal() else limit


@fault("TST-2")
class LimitNegative(Limit):
    """Takes a negative max_payload for 0."""

    def other(self, limit: Any) -> Any:
        return max(limit, 0) if type(limit) is int else limit


@fault("TST-2")
class LimitTooGreat(Limit):
    """Takes a max_payload beyond 32 bits for the greatest."""

    def other(self, limit: Any) -> Any:
        return min(limit, MAX_UINT32) if type(limit) is int else limit


@fault("TST-2")
class LimitFraction(Limit):
    """Cuts the fraction of max_payload off."""

    def other(self, limit: Any) -> Any:
        return int(limit) if isinstance(limit, float) else limit


@fault("TST-2")
class JsonMissing(Testee):
    """Takes a missing json of encode for an empty object."""

    def json_text(self, request: Request) -> str:
        return super().json_text({"json": "{}", **request})


@fault("TST-2")
class JsonParsed(Testee):
    """Takes an object for the json of encode and writes it as text."""

    def json_text(self, request: Request) -> str:
        value = request.get("json")
        text = json.dumps(value) if isinstance(value, dict) else value
        return super().json_text({"json": text})


@fault("TST-2")
class PayloadNull(Testee):
    """Takes null for a missing payload of encode."""

    def payload(self, request: Request) -> bytes:
        null = request.get("payload", "") is None
        return b"" if null else super().payload(request)
