"""Frames as they come: what a client checks, in the order of HJP-ERR-15."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from hjp_conformance.mutants.client.link import Link
from hjp_conformance.mutants.client.shared import (
    BadJson,
    Number,
    Object,
    Scanner,
    Value,
)

MAGIC = b"HJP\xff"
MAX_ID = 2**53 - 1
MAX_JSON = 65_536
FIRST_MAX_PAYLOAD = 65_536
MAX_UINT32 = 2**32 - 1


class Refused(Exception):
    """A frame was refused; the code is for the program that uses the client."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Fatal(Exception):
    """A fatal error came."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Frame:
    """A frame as far as it has been read."""

    reserved: bytes = b""
    json_length: int = 0
    payload_length: int = 0
    message: Object = field(default_factory=dict)
    id: int = 0
    more: bool = False
    payload: bytes = b""


Row: TypeAlias = Callable[[Frame], None]
Stage: TypeAlias = tuple[Callable[[], bool], Callable[[], None]]


class Receiver(Link):
    """Takes frames out of the buffer, each stage as soon as its octets are there."""

    scanner: type[Scanner] = Scanner

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.stage = 0
        self.frames = 0
        self.frame = Frame()
        self.take_limit = FIRST_MAX_PAYLOAD

    # Stages

    def stages(self) -> list[Stage]:
        return [
            (self.head_ready, self.read_head),
            (self.header_ready, self.read_header),
            (self.json_ready, self.read_json),
            (self.payload_ready, self.read_payload),
        ]

    def digest(self) -> None:
        while self.step():
            pass

    def step(self) -> bool:
        ready, act = self.stages()[self.stage]
        if not ready():
            return False
        self.stage = (self.stage + 1) % len(self.stages())
        act()
        return True

    def have(self, count: int) -> bool:
        return len(self.buffer) >= count

    def take(self, count: int) -> bytes:
        octets = bytes(self.buffer[:count])
        del self.buffer[:count]
        return octets

    def head_ready(self) -> bool:
        return self.have(5)  # HJP-FRM-5

    def header_ready(self) -> bool:
        return self.have(16)  # HJP-FRM-11

    def json_ready(self) -> bool:
        return self.have(self.frame.json_length)  # HJP-MET-14

    def payload_ready(self) -> bool:
        return self.have(self.frame.payload_length)  # HJP-FRM-17

    def refuse(self, code: str) -> None:
        raise Refused(code)

    # Rows 1 and 2

    def read_head(self) -> None:
        self.frames += 1
        self.check_head(bytes(self.buffer[:5]))

    def check_head(self, head: bytes) -> None:
        self.check_magic(head[:4])
        self.check_version(head[4])

    def check_magic(self, magic: bytes) -> None:
        if self.wrong_magic(magic):
            self.refuse(self.magic_code)

    def wrong_magic(self, magic: bytes) -> bool:
        return magic != MAGIC

    def check_version(self, version: int) -> None:
        if self.wrong_version(version):
            self.refuse(self.version_code)

    def wrong_version(self, version: int) -> bool:
        return version != 1

    magic_code = "bad_magic"
    version_code = "bad_version"
    reserved_code = "bad_frame"
    json_min_code = "bad_frame"
    json_max_code = "too_large"
    payload_max_code = "too_large"
    json_code = "bad_json"

    # Rows 3 to 6

    def read_header(self) -> None:
        self.frame = self.parse_header(self.take(16))
        for check in self.header_rows():
            check(self.frame)

    def parse_header(self, header: bytes) -> Frame:
        json_length, payload_length = self.lengths(header)
        return Frame(header[5:8], json_length, payload_length)

    def lengths(self, header: bytes) -> tuple[int, int]:
        json_length, payload_length = struct.unpack_from("<II", header, 8)
        return json_length, payload_length

    def header_rows(self) -> list[Row]:
        return [
            self.check_reserved,
            self.check_json_min,
            self.check_json_max,
            self.check_payload_max,
        ]

    def check_reserved(self, frame: Frame) -> None:
        if any(self.watched(frame.reserved)):
            self.refuse(self.reserved_code)

    def watched(self, reserved: bytes) -> bytes:
        return reserved

    def check_json_min(self, frame: Frame) -> None:
        if frame.json_length < self.json_min():
            self.refuse(self.json_min_code)

    def json_min(self) -> int:
        return 2

    def check_json_max(self, frame: Frame) -> None:
        if frame.json_length > self.json_max():
            self.refuse(self.json_max_code)

    def json_max(self) -> int:
        return MAX_JSON

    def check_payload_max(self, frame: Frame) -> None:
        if frame.payload_length > self.payload_max():
            self.refuse(self.payload_max_code)

    def payload_max(self) -> int:
        return self.take_limit

    # Row 7

    def read_json(self) -> None:
        text = self.take(self.frame.json_length)
        self.frame.message = self.parse(text)
        for check in self.frame_rows():
            check(self.frame)

    def parse(self, text: bytes) -> Object:
        try:
            return self.scanner(text).read()
        except BadJson:
            raise Refused(self.json_code) from None

    # Rows 8 to 12, as HJP-MSG-25 to HJP-MSG-28 have them

    def frame_rows(self) -> list[Row]:
        return [
            self.check_id,
            self.check_waited,
            self.check_ok,
            self.check_op,
            self.check_more,
            self.check_connection,
            self.check_error,
        ]

    def integer(self, value: Value, low: int, high: int) -> int | None:
        """The value as an integer from low to high, None if it is mistyped."""
        if not isinstance(value, Number) or not self.plain(value):
            return None
        if value.value.is_integer() and low <= value.value <= high:
            return int(value.value)
        return None

    def plain(self, number: Number) -> bool:
        return number.text.isdigit()  # HJP-MET-19

    def check_id(self, frame: Frame) -> None:
        number = self.integer(frame.message.get("id"), 0, MAX_ID)
        if number is None:
            self.refuse("bad_id")
        frame.id = number or 0

    def check_waited(self, frame: Frame) -> None:
        if frame.id and not self.waits_for(frame.id):
            self.refuse("bad_id")

    def waits_for(self, number: int) -> bool:
        return False

    def check_ok(self, frame: Frame) -> None:
        if not isinstance(frame.message.get("ok"), bool):
            self.refuse("bad_frame")

    def check_op(self, frame: Frame) -> None:
        if "op" in frame.message:
            self.refuse("bad_frame")

    def check_more(self, frame: Frame) -> None:
        more = frame.message.get("more", False)
        if not isinstance(more, bool):
            self.refuse("bad_frame")
        frame.more = more is True  # HJP-MSG-11

    def check_connection(self, frame: Frame) -> None:
        if frame.id == 0 and not self.is_fatal(frame):
            self.refuse("bad_frame")

    def is_fatal(self, frame: Frame) -> bool:
        error = frame.message.get("error")
        failed = frame.message.get("ok") is False
        return failed and isinstance(error, dict) and error.get("fatal") is True

    def check_error(self, frame: Frame) -> None:
        if frame.message.get("ok") is False:
            self.check_code(frame)
            self.check_error_more(frame)

    def check_code(self, frame: Frame) -> None:
        error = frame.message.get("error")
        if not isinstance(error, dict) or not isinstance(error.get("code"), str):
            self.refuse("bad_frame")

    def check_error_more(self, frame: Frame) -> None:
        if frame.more:
            self.refuse("bad_frame")

    # The whole frame

    def read_payload(self) -> None:
        self.frame.payload = self.payload(self.take(self.frame.payload_length))
        self.accept(self.frame)

    def payload(self, octets: bytes) -> bytes:
        return octets

    def accept(self, frame: Frame) -> None:
        """Act on a frame that has been accepted."""
