"""A codec that refuses a frame as soon as it is certain (HJP-FRM-18)."""

import codecs
import re
from collections.abc import Iterator

from hjp_conformance.mutants.codec.frames import HEADER, MAGIC, Decoder, Frame
from hjp_conformance.mutants.codec.shared import (
    BadJson,
    Cut,
    Number,
    Object,
    Scanner,
    Value,
)

DIGITS = "[0-9]*"
NUMBER_BEGUN = re.compile(
    rf"-?((0|[1-9]{DIGITS})(\.|\.[0-9]+)?)?|"
    rf"-?(0|[1-9]{DIGITS})(\.[0-9]+)?[eE][+-]?{DIGITS}"
)
EXPONENT_BEGUN = re.compile(r"[eE]\+?[0-9]+\Z")
LITERAL_BEGUN = re.compile(r"t(r(ue?)?)?|f(a(l(se?)?)?)?|n(u(ll?)?)?")
PAIR_BEGUN = re.compile(r"(\\(u[0-9A-Fa-f]{0,3})?)?")


class Prefix(Scanner):
    """Judges the beginning of a text: BadJson, unless it can still become good."""

    def __init__(self, octets: bytes, room: int) -> None:
        super().__init__(octets)
        self.room = room
        self.missing = 0
        self.open = 0
        self.in_string = False
        self.after = 0
        self.names: set[str] = set()

    def judge(self) -> None:
        try:
            self.read()
        except Cut:
            if self.missing and not self.in_string:
                raise BadJson("only ASCII stands outside strings") from None
            if self.room < self.open + self.missing + self.in_string + self.after:
                raise BadJson("there is no room for the end of the text") from None
        else:
            if self.missing:
                raise BadJson("only white space follows the object")

    def decode(self, octets: bytes) -> str:
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            text = decoder.decode(octets)
        except UnicodeDecodeError as error:
            raise BadJson("not well-formed UTF-8") from error
        if begun := decoder.getstate()[0]:
            length = 2 if begun[0] < 0xE0 else 3 if begun[0] < 0xF0 else 4
            self.missing = length - len(begun)
        return text

    def object(self, depth: int) -> Object:
        outer, self.names = self.names, set()
        self.enter(depth)
        self.open += 1
        for _ in self.items("}"):
            self.after = 2
            self.see(self.name())
            self.skip()
            self.expect(":")
            self.after = 1
            self.skip()
            self.peek()
            self.after = 0
            self.value(depth + 1)
        self.open -= 1
        self.names = outer
        return {}

    def see(self, name: str) -> None:
        if name in self.names:
            raise BadJson("two members of one name")
        self.names.add(name)

    def array(self, depth: int) -> list[Value]:
        self.enter(depth)
        self.open += 1
        for _ in self.items("]"):
            self.value(depth + 1)
        self.open -= 1
        return []

    def string(self) -> str:
        self.in_string = self.peek() == '"'
        text = super().string()
        self.in_string = False
        return text

    def unit(self) -> int:
        digits = self.text[self.at : self.at + 4]
        if not re.fullmatch("[0-9A-Fa-f]*", digits):
            raise BadJson("not four hexadecimal digits")
        return super().unit()

    def pair(self, first: int) -> str:
        self.cut_if(PAIR_BEGUN)
        return super().pair(first)

    def number(self) -> Number:
        rest = self.text[self.at :]
        if NUMBER_BEGUN.fullmatch(rest):
            if EXPONENT_BEGUN.search(rest) and self.infinite(Number(rest)):
                raise BadJson("an infinite number")
            raise Cut("the number may go on")
        return super().number()

    def literal(self) -> Value:
        self.cut_if(LITERAL_BEGUN)
        return super().literal()

    def cut_if(self, begun: re.Pattern[str]) -> None:
        if begun.fullmatch(self.text, self.at):
            raise Cut("the text has not ended")


class EarlyDecoder(Decoder):
    """Refuses a frame as early as the octets allow."""

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        yield from super().feed(chunk)
        (self.look_at_head, self.look_at_header, self.look_at_text, self.wait)[
            self.stage
        ]()

    def look_at_head(self) -> None:
        if not MAGIC.startswith(bytes(self.buffer[:4])):
            self.refuse("magic")

    def look_at_header(self) -> None:
        known = bytes(self.buffer).ljust(HEADER, b"\0")
        frame = Frame(0, known[5:8], *self.lengths(known))
        self.check_reserved(frame)
        if len(self.buffer) >= 12:
            self.check_json_min(frame)
        self.check_json_max(frame)
        self.check_payload_max(frame)

    def look_at_text(self) -> None:
        text = bytes(self.buffer[HEADER:])
        room = self.frame.json_length - len(text)
        try:
            Prefix(text, room).judge()
        except BadJson:
            self.refuse("text")

    def wait(self) -> None:
        """A payload cannot be wrong."""
