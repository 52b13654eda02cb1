"""The metadata of a frame: a strict scanner and a compact writer."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, TypeAlias


@dataclass(frozen=True)
class Number:
    """A JSON number, kept as it was written."""

    text: str

    @property
    def value(self) -> float:
        return float(self.text)


Value: TypeAlias = "bool | int | str | Number | list[Value] | dict[str, Value] | None"
Object: TypeAlias = dict[str, Value]


class BadJson(Exception):
    """The text is not acceptable."""


class Cut(BadJson):
    """The text ends where more has to follow."""


class Scanner:
    """Reads one JSON text, once from left to right."""

    max_depth = 32
    space = re.compile(r"[ \t\n\r]*")
    plain = re.compile(r'[^"\\\x00-\x1f]*')
    number_form = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
    unit_form = re.compile(r"[0-9A-Fa-f]{4}")
    escapes: ClassVar[dict[str, str]] = dict(
        zip('"\\/bfnrt', '"\\/\b\f\n\r\t', strict=True)
    )
    literals: ClassVar[dict[str, Value]] = {"true": True, "false": False, "null": None}

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.text = ""
        self.at = 0

    def read(self) -> Object:
        self.text = self.decode(self.octets)
        self.check_start()
        value = self.value(0)
        self.skip()
        self.check_end()
        return self.whole(value)

    def decode(self, octets: bytes) -> str:
        try:
            return octets.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadJson("not well-formed UTF-8") from error

    def check_start(self) -> None:
        if self.peek() != "{":
            raise BadJson("the first octet is not {")

    def check_end(self) -> None:
        if self.at < len(self.text):
            raise BadJson("something follows the object")

    def whole(self, value: Value) -> Object:
        if not isinstance(value, dict):
            raise BadJson("not an object")
        return value

    def peek(self) -> str:
        if self.at >= len(self.text):
            raise Cut("the text ends too early")
        return self.text[self.at]

    def next(self) -> str:
        char = self.peek()
        self.at += 1
        return char

    def expect(self, char: str) -> None:
        if self.next() != char:
            raise BadJson(f"{char} is missing")

    def match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        text = found.group() if found else ""
        self.at += len(text)
        return text

    def skip(self) -> None:
        self.match(self.space)

    def value(self, depth: int) -> Value:
        char = self.peek()
        if char == "{":
            return self.object(depth)
        if char == "[":
            return self.array(depth)
        if char == '"':
            return self.string()
        if self.starts_number(char):
            return self.number()
        return self.literal()

    def enter(self, depth: int) -> None:
        if depth >= self.max_depth:
            raise BadJson("nested too deep")

    def items(self, closer: str) -> Iterator[None]:
        self.at += 1
        self.skip()
        if self.peek() == closer:
            self.at += 1
            return
        while True:
            yield
            self.skip()
            if self.peek() == closer:
                self.at += 1
                return
            self.expect(",")
            self.skip()

    def object(self, depth: int) -> Object:
        self.enter(depth)
        members: Object = {}
        for _ in self.items("}"):
            name = self.name()
            self.skip()
            self.expect(":")
            self.skip()
            value = self.value(depth + 1)
            self.check_name(members, name, value, depth)
            self.add(members, name, value)
        return members

    def name(self) -> str:
        return self.string()

    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        if name in members:
            raise BadJson("two members of one name")

    def add(self, members: Object, name: str, value: Value) -> None:
        members[name] = value

    def array(self, depth: int) -> list[Value]:
        self.enter(depth)
        return [self.value(depth + 1) for _ in self.items("]")]

    def string(self) -> str:
        self.expect('"')
        parts = []
        while True:
            parts.append(self.match(self.plain))
            char = self.next()
            if char == '"':
                return "".join(parts)
            if char != "\\":
                raise BadJson("a raw control character")
            parts.append(self.escape(self.next()))

    def escape(self, char: str) -> str:
        if char == "u":
            return self.unicode_escape(self.unit())
        if char not in self.escapes:
            raise BadJson("no such escape")
        return self.escapes[char]

    def unit(self) -> int:
        if len(self.text) - self.at < 4:
            raise Cut("the escape ends too early")
        digits = self.match(self.unit_form)
        if not digits:
            raise BadJson("not four hexadecimal digits")
        return int(digits, 16)

    def unicode_escape(self, unit: int) -> str:
        if 0xD800 <= unit < 0xDC00:
            return self.pair(unit)
        if 0xDC00 <= unit < 0xE000:
            return self.lone(unit)
        return chr(unit)

    def pair(self, first: int) -> str:
        if self.text[self.at : self.at + 2] != "\\u":
            return self.lone(first)
        self.at += 2
        second = self.unit()
        if not 0xDC00 <= second < 0xE000:
            return self.lone(first)
        return chr(0x10000 + ((first - 0xD800) << 10) + second - 0xDC00)

    def lone(self, unit: int) -> str:
        raise BadJson("half a surrogate pair")

    def starts_number(self, char: str) -> bool:
        return char == "-" or char in "0123456789"

    def number(self) -> Number:
        number = Number(self.match(self.number_form))
        if not number.text:
            raise BadJson("not a number")
        if self.infinite(number):
            raise BadJson("an infinite number")
        return number

    def infinite(self, number: Number) -> bool:
        return math.isinf(number.value)

    def literal(self) -> Value:
        for text, value in self.literals.items():
            if self.text.startswith(text, self.at):
                self.at += len(text)
                return value
        raise BadJson("not a value")


class Writer:
    """Writes JSON text without white space and without needless escapes."""

    comma = ","
    colon = ":"

    def write(self, value: Value) -> str:
        if isinstance(value, str):
            return self.string(value)
        if isinstance(value, list):
            return self.array(value)
        if isinstance(value, dict):
            return self.object(value)
        if isinstance(value, Number):
            return self.number(value)
        return self.atom(value)

    def object(self, members: Object) -> str:
        pairs = [
            self.string(name) + self.colon + self.write(value)
            for name, value in members.items()
        ]
        return "{" + self.comma.join(pairs) + "}"

    def array(self, values: list[Value]) -> str:
        return "[" + self.comma.join(self.write(value) for value in values) + "]"

    def string(self, text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    def number(self, number: Number) -> str:
        return number.text

    def atom(self, value: bool | int | None) -> str:
        return json.dumps(value)
