"""Faults in the numbers, the nesting and the members of JSON texts."""

import re

from hjp_conformance.mutants.server.core import MAX_ID, Connection
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.metadata import (
    BadJson,
    Number,
    Object,
    Scanner,
    Value,
)
from hjp_conformance.mutants.server.transport import Fatal, Frame

KNOWN = {"id", "op", "ok", "more", "timeout_ms", "data", "token", "features", "limits"}

# MET-11 to MET-13: numbers and nesting


@fault("MET-11")
class InfiniteAccepted(Scanner):
    """Accepts numbers that are infinite as binary64."""

    def infinite(self, number: Number) -> bool:
        return False


@fault("MET-11")
class InfiniteIntegers(Scanner):
    """Accepts integers of any size, since they are no floats here."""

    def infinite(self, number: Number) -> bool:
        integer = number.text.lstrip("-").isdigit()
        return not integer and super().infinite(number)


@fault("MET-11")
class InfiniteNegatives(Scanner):
    """Accepts negative numbers that are infinite."""

    def infinite(self, number: Number) -> bool:
        return number.value > 0 and super().infinite(number)


@fault("MET-11")
class UnderflowRefused(Scanner):
    """Refuses numbers that are nearest to 0 without being 0."""

    def infinite(self, number: Number) -> bool:
        digits = number.text.lower().partition("e")[0]
        vanished = number.value == 0 and digits.strip("-0.") != ""
        return vanished or super().infinite(number)


@fault("MET-11")
class ManyDigitsRefused(Scanner):
    """Refuses numbers of more than 4 300 digits."""

    def infinite(self, number: Number) -> bool:
        return len(number.text) > 4300 or super().infinite(number)


@fault("MET-11")
class BigExponentsRefused(Scanner):
    """Refuses every exponent above 308."""

    def infinite(self, number: Number) -> bool:
        exponent = number.text.lower().partition("e")[2]
        big = len(exponent) < 9 and int(exponent or "0") > 308
        return big or super().infinite(number)


@fault("MET-12")
class Depth33(Scanner):
    """Accepts 33 levels."""

    max_depth = 33


@fault("MET-12")
class DepthUnbounded(Scanner):
    """Accepts hundreds of levels."""

    max_depth = 300


@fault("MET-12")
class DepthOfObjectsOnly(Scanner):
    """Does not count arrays."""

    def array(self, depth: int) -> list[Value]:
        return super().array(depth - 1)

    def read(self) -> Object:
        try:
            return super().read()
        except RecursionError:
            raise BadJson("much too deep") from None


@fault("MET-13")
class Depth31(Scanner):
    """Refuses 32 levels."""

    max_depth = 31


@fault("MET-13")
class DepthNeverFalls(Scanner):
    """Counts how many objects and arrays there are, not how deep they lie."""

    opened = 0

    def enter(self, depth: int) -> None:
        super().enter(self.opened)
        self.opened += 1


# MET-14 to MET-16: members


@fault("MET-14")
class JsonWaitsForPayload(Connection):
    """Decides on the JSON text when the payload has come as well."""

    async def read_metadata(self, frame: Frame) -> None:
        await self.need(frame.json_length + frame.payload_length)
        await super().read_metadata(frame)


@fault("MET-15")
class IdFirst(Connection):
    """Wants the id to be the first member."""

    def check_id(self, frame: Frame) -> None:
        if next(iter(frame.message), "") != "id":
            raise Fatal("bad_id", "the id is not the first member")
        super().check_id(frame)


@fault("MET-15")
class DataBeforeOpLost(Connection):
    """Reads members of the operation only after op."""

    def echo_members(self, frame: Frame) -> Object:
        names = list(frame.message)
        after = names[names.index("op") :]
        return {k: v for k, v in super().echo_members(frame).items() if k in after}


@fault("MET-15")
class FirstIdInText(Connection):
    """Takes the first id in the text, even if it lies inside another member."""

    def parse(self, text: bytes) -> Object:
        message = super().parse(text)
        found = re.search(rb'"id"\s*:\s*([1-9][0-9]{0,15})', text)
        if found and self.integer(message.get("id"), 1, MAX_ID) is not None:
            message["id"] = Number(found.group(1).decode())
        return message


@fault("MET-16")
class UnknownRefused(Connection):
    """Refuses members it does not know."""

    def check_kind(self, frame: Frame) -> None:
        super().check_kind(frame)
        if not frame.message.keys() <= KNOWN:
            raise Fatal("bad_frame", "unknown member")


@fault("MET-16")
class UnknownLimitRefused(Connection):
    """Refuses limits it does not know."""

    def check_limits(self, frame: Frame) -> None:
        super().check_limits(frame)
        limits = frame.message.get("limits", {})
        if isinstance(limits, dict) and limits.keys() - {"max_payload"}:
            raise self.bad_request(frame, "unknown limit")


@fault("MET-16")
class ErrorInRequest(Connection):
    """Refuses a request with a member error."""

    def check_kind(self, frame: Frame) -> None:
        super().check_kind(frame)
        if "error" in frame.message:
            raise Fatal("bad_frame", "a request has no error")


@fault("MET-16")
class TokenOfEveryRequest(Connection):
    """Checks token in every operation."""

    def check_members(self, frame: Frame) -> None:
        super().check_members(frame)
        self.check_token(frame)


# MET-17 and MET-18: numbers of the specification


@fault("MET-17")
class IdWithPoint(Connection):
    """Writes the id of a reply with a fraction."""

    def reply_message(self, frame: Frame, members: Object) -> Object:
        reply = super().reply_message(frame, members)
        return {**reply, "id": Number(f"{frame.id}.0")}


@fault("MET-17")
class IdWithExponent(Connection):
    """Writes ids from a million on with an exponent."""

    def reply_message(self, frame: Frame, members: Object) -> Object:
        reply = super().reply_message(frame, members)
        if frame.id < 1_000_000:
            return reply
        return {**reply, "id": Number(f"{frame.id:.15e}")}


@fault("MET-17")
class LimitWithPoint(Connection):
    """States max_payload with a fraction."""

    def hello_members(self, frame: Frame) -> Object:
        limit = Number(f"{self.max_payload}.0")
        return {**super().hello_members(frame), "limits": {"max_payload": limit}}


@fault("MET-18")
class TrueIsOne(Connection):
    """Takes true for 1 where an integer is due."""

    def integer(self, value: Value, low: int, high: int) -> int | None:
        return super().integer(Number("1") if value is True else value, low, high)


@fault("MET-18")
class DigitsInString(Connection):
    """Takes a string of digits for an integer where one is due."""

    def integer(self, value: Value, low: int, high: int) -> int | None:
        if isinstance(value, str) and re.fullmatch("[1-9][0-9]{0,15}", value):
            value = Number(value)
        return super().integer(value, low, high)


@fault("MET-18")
class FractionsCut(Connection):
    """Cuts the fraction of a number off."""

    def integer(self, value: Value, low: int, high: int) -> int | None:
        if isinstance(value, Number) and re.fullmatch(r"[0-9]+\.[0-9]+", value.text):
            value = Number(value.text.partition(".")[0])
        return super().integer(value, low, high)


@fault("MET-18")
class OneTooMany(Connection):
    """Accepts the integer 2^53."""

    def integer(self, value: Value, low: int, high: int) -> int | None:
        return super().integer(value, low, high + (high == MAX_ID))


# MET-1: the JSON text that the server writes


@fault("MET-1")
class BomWritten(Connection):
    """Writes a byte order mark before an error."""

    def encode(self, message: Object) -> bytes:
        text = super().encode(message)
        return text if message["ok"] else b"\xef\xbb\xbf" + text


@fault("MET-1")
class SpaceWrittenFirst(Connection):
    """Writes a space before the object of a reply."""

    def encode(self, message: Object) -> bytes:
        return b" " + super().encode(message)


@fault("MET-1")
class Latin1Written(Connection):
    """Writes Latin-1."""

    def encode(self, message: Object) -> bytes:
        return super().encode(message).decode().encode("latin-1", "replace")


@fault("MET-1")
class SurrogatesWritten(Connection):
    """Writes code points above U+FFFF as two encoded surrogates."""

    def encode(self, message: Object) -> bytes:
        text = super().encode(message).decode()
        halves = re.sub("[\U00010000-\U0010ffff]", self.halve, text)
        return halves.encode("utf-8", "surrogatepass")

    def halve(self, found: re.Match[str]) -> str:
        rest = ord(found.group()) - 0x10000
        return chr(0xD800 + (rest >> 10)) + chr(0xDC00 + (rest & 0x3FF))
