"""A right codec for HJP/1, every decision a method of its own."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar, NoReturn

from hjp_conformance.mutants.codec.shared import BadJson, Scanner

MAGIC = b"HJP\xff"
HEAD = 5
HEADER = 16
MAX_JSON = 65_536
MAX_UINT32 = (1 << 32) - 1

# The codes of rows 1 to 7 of Precedence, by what is wrong.
CODES = {
    "magic": "bad_magic",
    "version": "bad_version",
    "reserved": "bad_frame",
    "json_min": "bad_frame",
    "json_max": "too_large",
    "payload_max": "too_large",
    "text": "bad_json",
}
LIMITS = {"json_max": "max_json", "payload_max": "max_payload"}


class Refused(Exception):
    """A frame is refused with a code; too_large names its limit."""

    def __init__(self, code: str, limit: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.limit = limit


@dataclass
class Frame:
    """A frame as far as it has come."""

    number: int
    reserved: bytes = b""
    json_length: int = 0
    payload_length: int = 0
    text: bytes = b""
    payload: bytes = b""


class Rows:
    """The checks that a receiver and a sender have in common."""

    codes: ClassVar[dict[str, str]] = CODES
    scanner: type[Scanner] = Scanner

    def __init__(self, max_payload: int) -> None:
        self.max_payload = max_payload

    def refuse(self, row: str) -> NoReturn:
        raise Refused(self.codes[row], LIMITS.get(row, ""))

    def check_json_min(self, frame: Frame) -> None:
        if frame.json_length < 2:  # HJP-FRM-8
            self.refuse("json_min")

    def check_json_max(self, frame: Frame) -> None:
        if frame.json_length > MAX_JSON:  # HJP-FRM-9
            self.refuse("json_max")

    def check_payload_max(self, frame: Frame) -> None:
        if frame.payload_length > self.payload_limit(frame):  # HJP-FRM-10
            self.refuse("payload_max")

    def payload_limit(self, frame: Frame) -> int:
        return self.max_payload

    def check_text(self, frame: Frame) -> None:
        try:  # HJP-MET-2 to HJP-MET-13
            self.scan(frame)
        except BadJson:
            self.refuse("text")

    def scan(self, frame: Frame) -> None:
        self.scanner(frame.text).read()


class Decoder(Rows):
    """A receiver: takes octets in pieces of any size and gives frames."""

    def __init__(self, max_payload: int) -> None:
        super().__init__(max_payload)
        self.buffer = bytearray()
        self.stage = 0
        self.frame = Frame(0)

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """The frames that this chunk completes (HJP-FRM-14, HJP-FRM-17)."""
        self.take_in(chunk)
        while self.ready():
            self.stages()[self.stage][1]()
            self.stage += 1
            if self.stage == len(self.stages()):
                yield self.finish()

    def take_in(self, chunk: bytes) -> None:
        self.buffer += chunk

    def ready(self) -> bool:
        return len(self.buffer) >= self.stages()[self.stage][0]()

    def stages(self) -> list[tuple[Callable[[], int], Callable[[], None]]]:
        """How many octets each step needs, and what it does."""
        return [
            (self.head_end, self.on_head),
            (self.header_end, self.on_header),
            (self.text_end, self.on_text),
            (self.frame_end, self.on_frame),
        ]

    def head_end(self) -> int:
        return HEAD  # HJP-FRM-5

    def header_end(self) -> int:
        return HEADER  # HJP-FRM-11

    def text_end(self) -> int:
        return HEADER + self.frame.json_length  # HJP-MET-14

    def frame_end(self) -> int:
        return HEADER + self.frame.json_length + self.frame.payload_length

    def on_head(self) -> None:
        for check in self.head_rows():
            check(bytes(self.buffer[:HEAD]))

    def head_rows(self) -> list[Callable[[bytes], None]]:
        return [self.check_magic, self.check_version]

    def check_magic(self, head: bytes) -> None:
        if self.wrong_magic(head[:4]):  # HJP-FRM-2
            self.refuse("magic")

    def wrong_magic(self, magic: bytes) -> bool:
        return magic != MAGIC

    def check_version(self, head: bytes) -> None:
        if self.wrong_version(head[4]):  # HJP-FRM-4
            self.refuse("version")

    def wrong_version(self, version: int) -> bool:
        return version != 1

    def on_header(self) -> None:
        header = bytes(self.buffer[:HEADER])
        self.frame.reserved = header[5:8]
        self.frame.json_length, self.frame.payload_length = self.lengths(header)
        for check in self.header_rows():
            check(self.frame)

    def lengths(self, header: bytes) -> tuple[int, int]:
        json_length, payload_length = struct.unpack_from("<II", header, 8)
        return json_length, payload_length

    def header_rows(self) -> list[Callable[[Frame], None]]:
        return [
            self.check_reserved,
            self.check_json_min,
            self.check_json_max,
            self.check_payload_max,
        ]

    def check_reserved(self, frame: Frame) -> None:
        if self.wrong_reserved(frame.reserved):  # HJP-FRM-7
            self.refuse("reserved")

    def wrong_reserved(self, reserved: bytes) -> bool:
        return any(reserved)

    def on_text(self) -> None:
        self.frame.text = bytes(self.buffer[HEADER : self.text_end()])
        self.check_text(self.frame)

    def on_frame(self) -> None:
        octets = bytes(self.buffer[self.text_end() : self.frame_end()])
        self.frame.payload = self.payload(octets)

    def payload(self, octets: bytes) -> bytes:
        return octets  # HJP-FRM-16

    def finish(self) -> Frame:
        frame = self.frame
        del self.buffer[: self.next_frame(frame)]
        self.stage = 0
        self.frame = Frame(frame.number + 1)
        return frame

    def next_frame(self, frame: Frame) -> int:
        return self.frame_end()  # HJP-FRM-15

    def end(self) -> str:
        """The status at the end of the input."""
        return "incomplete" if self.buffer else "accept"


class Encoder(Rows):
    """A sender: writes one frame, if a receiver may accept it (HJP-FRM-19)."""

    def encode(self, text: str, payload: bytes) -> bytes:
        octets = self.octets(text)
        frame = Frame(0, b"", len(octets), len(payload), octets, payload)
        for check in self.rows():
            check(frame)
        return self.pack(frame)

    def octets(self, text: str) -> bytes:
        try:
            return text.encode()
        except UnicodeEncodeError:
            self.refuse("text")

    def rows(self) -> list[Callable[[Frame], None]]:
        return [
            self.check_json_min,
            self.check_json_max,
            self.check_payload_max,
            self.check_text,
        ]

    def pack(self, frame: Frame) -> bytes:
        """HJP-FRM-1."""
        return self.header(frame) + self.body(frame)

    def header(self, frame: Frame) -> bytes:
        lengths = self.pack_lengths(frame.json_length, frame.payload_length)
        return self.head() + lengths

    def head(self) -> bytes:
        return MAGIC + b"\x01\0\0\0"

    def pack_lengths(self, json_length: int, payload_length: int) -> bytes:
        return struct.pack("<II", json_length, payload_length)

    def body(self, frame: Frame) -> bytes:
        return self.write_text(frame.text) + self.write_payload(frame.payload)

    def write_text(self, text: bytes) -> bytes:
        return text

    def write_payload(self, payload: bytes) -> bytes:
        return payload
