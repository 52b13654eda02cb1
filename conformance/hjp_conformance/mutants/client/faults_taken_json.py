"""Faults in what a client makes of a JSON text, beside those of a scanner."""

import re

from hjp_conformance.mutants.client.catalogue import fault
from hjp_conformance.mutants.client.client import Client
from hjp_conformance.mutants.client.receiver import MAX_ID, MAX_UINT32, Frame
from hjp_conformance.mutants.client.shared import (
    BadJson,
    Number,
    Object,
    Scanner,
    Value,
)

KNOWN = {"id", "ok", "more", "error", "features", "limits", "server", "encoding"}

# MET-2 to MET-4: codes, and what follows from them


class CodeFor(Client):
    """Has a code of its own for some JSON texts."""

    code_for = "bad_frame"

    def parse(self, text: bytes) -> Object:
        if self.is_special(text):
            self.refuse(self.code_for)
        return super().parse(text)

    def is_special(self, text: bytes) -> bool:
        return False


@fault("MET-2")
class Utf8BadFrame(CodeFor):
    """Refuses ill-formed UTF-8 with bad_frame."""

    def is_special(self, text: bytes) -> bool:
        return text.decode("utf-8", "replace").encode() != text


@fault("MET-3")
class NoObjectBadFrame(CodeFor):
    """Refuses a value that is not an object with bad_frame."""

    def is_special(self, text: bytes) -> bool:
        return text[:1] in (b"[", b'"', b"n", b"t", b"f", b"0", b"1")


@fault("MET-4")
class BadJsonSkipped(Client):
    """Ignores a frame whose JSON text is bad, and waits for the next one."""

    skipped = False

    def parse(self, text: bytes) -> Object:
        try:
            return self.scanner(text).read()
        except BadJson:
            self.skipped = True
            return {
                "id": Number("0"),
                "ok": False,
                "error": {"code": "", "fatal": True},
            }

    def accept(self, frame: Frame) -> None:
        if not self.skipped:
            super().accept(frame)
        self.skipped = False


@fault("MET-4")
class BadJsonInternal(BadJsonSkipped):
    """Takes a frame whose JSON text is bad for an error internal of its request."""

    def accept(self, frame: Frame) -> None:
        if self.skipped:
            self.skipped = False
            frame.id = min(self.waiting)
            frame.message["error"] = {"code": "internal"}
        super().accept(frame)


@fault("MET-4")
class BadJsonBadFrame(Client):
    """Refuses a bad JSON text with bad_frame."""

    json_code = "bad_frame"


# MET-7, MET-8 and MET-14 to MET-16: members


class RawError(Scanner):
    """Reads the members of the objects within in a way of its own."""

    def object(self, depth: int) -> Object:
        members = super().object(depth)
        return {self.change(k): v for k, v in members.items()} if depth else members

    def change(self, name: str) -> str:
        return name


@fault("MET-7")
class EscapedCodeUnknown(Scanner):
    """Does not recognise code in an error that is spelt with escapes."""

    def name(self) -> str:
        start = self.at
        name = super().name()
        raw = self.text[start + 1 : self.at - 1]
        return raw if name in ("code", "fatal", "error") else name


@fault("MET-8")
class CodeAnyCase(RawError):
    """Takes CODE in an error for code."""

    def change(self, name: str) -> str:
        return name.lower()


@fault("MET-8")
class CodeEndsAtNul(RawError):
    """Takes the first U+0000 for the end of a name in an error."""

    def change(self, name: str) -> str:
        return name.partition("\0")[0]


@fault("MET-14")
class JsonWaitsForPayload(Client):
    """Decides on the JSON text when the payload has come as well."""

    def json_ready(self) -> bool:
        return self.have(self.frame.json_length + self.frame.payload_length)


@fault("MET-14")
class JsonWaitsForNextOctet(Client):
    """Decides on the JSON text of a frame with payload when that has begun."""

    def json_ready(self) -> bool:
        return self.have(self.frame.json_length + bool(self.frame.payload_length))


@fault("MET-15")
class IdFirst(Client):
    """Wants the id to be the first member."""

    def check_id(self, frame: Frame) -> None:
        if next(iter(frame.message), "") != "id":
            self.refuse("bad_id")
        super().check_id(frame)


@fault("MET-15")
class OkBeforeError(Client):
    """Wants ok to come before error."""

    def check_code(self, frame: Frame) -> None:
        names = list(frame.message)
        if "error" in names and names.index("ok") > names.index("error"):
            self.refuse("bad_frame")
        super().check_code(frame)


@fault("MET-15")
class CodeFirst(Client):
    """Wants code to be the first member of an error."""

    def check_code(self, frame: Frame) -> None:
        super().check_code(frame)
        error = frame.message["error"]
        if isinstance(error, dict) and next(iter(error)) != "code":
            self.refuse("bad_frame")


@fault("MET-15")
class FirstIdInText(Client):
    """Takes the first id in the text, even if it lies inside another member."""

    def parse(self, text: bytes) -> Object:
        message = super().parse(text)
        found = re.search(rb'"id"\s*:\s*([0-9]{1,16})', text)
        if found and isinstance(message.get("id"), Number):
            message["id"] = Number(found.group(1).decode())
        return message


@fault("MET-16")
class UnknownRefused(Client):
    """Refuses a reply with a member that it does not know."""

    def check_op(self, frame: Frame) -> None:
        super().check_op(frame)
        if not frame.message.keys() <= KNOWN:
            self.refuse("bad_frame")


@fault("MET-16")
class UnknownInErrorRefused(Client):
    """Refuses an error with a member that it does not know."""

    known = frozenset({"code", "message", "fatal", "limit", "versions", "last_id"})

    def check_code(self, frame: Frame) -> None:
        super().check_code(frame)
        error = frame.message["error"]
        if isinstance(error, dict) and not error.keys() <= self.known:
            self.refuse("bad_frame")


@fault("MET-16")
class UnknownLimitRefused(Client):
    """Refuses a reply to hello with a limit that it does not know."""

    def greeted(self, frame: Frame) -> None:
        limits = frame.message.get("limits")
        if isinstance(limits, dict) and limits.keys() - {"max_payload", "max_json"}:
            self.refuse("bad_frame")
        super().greeted(frame)


@fault("MET-16")
class ErrorMembersMerged(Client):
    """Lets members of an error replace those of the frame, such as id."""

    def parse(self, text: bytes) -> Object:
        message = super().parse(text)
        error = message.get("error")
        return {**message, **error} if isinstance(error, dict) else message


@fault("MET-16")
class TimeoutOfReply(Client):
    """Checks timeout_ms in replies, where it is not defined."""

    def check_op(self, frame: Frame) -> None:
        super().check_op(frame)
        timeout = frame.message.get("timeout_ms", Number("1"))
        if self.integer(timeout, 1, MAX_ID) is None:
            self.refuse("bad_frame")


# MET-18: numbers of the specification


@fault("MET-18")
class TrueIsOne(Client):
    """Takes true for 1 where an integer is due."""

    def integer(self, value: Value, low: int, high: int) -> int | None:
        return super().integer(Number("1") if value is True else value, low, high)


@fault("MET-18")
class DigitsInString(Client):
    """Takes a string of digits for an integer where one is due."""

    def integer(self, value: Value, low: int, high: int) -> int | None:
        if isinstance(value, str) and re.fullmatch("[1-9][0-9]{0,15}", value):
            value = Number(value)
        return super().integer(value, low, high)


@fault("MET-18")
class FractionsCut(Client):
    """Cuts the fraction of a number off."""

    def integer(self, value: Value, low: int, high: int) -> int | None:
        if isinstance(value, Number) and re.fullmatch(r"[0-9]+\.[0-9]+", value.text):
            value = Number(value.text.partition(".")[0])
        return super().integer(value, low, high)


@fault("MET-18")
class NullIsZero(Client):
    """Takes an id that is null for 0, and so for one of the connection itself."""

    def check_id(self, frame: Frame) -> None:
        if frame.message.get("id", "") is None:
            frame.message["id"] = Number("0")
        super().check_id(frame)


@fault("MET-18")
class SignLost(Client):
    """Takes a negative integer without its sign."""

    def integer(self, value: Value, low: int, high: int) -> int | None:
        if isinstance(value, Number):
            value = Number(value.text.removeprefix("-"))
        return super().integer(value, low, high)


@fault("MET-18")
class StatedLimitUnbounded(Client):
    """Believes a max_payload that is greater than the text allows."""

    def integer(self, value: Value, low: int, high: int) -> int | None:
        return super().integer(value, low, MAX_ID if high == MAX_UINT32 else high)
