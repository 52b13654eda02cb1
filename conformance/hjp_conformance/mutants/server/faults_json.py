"""Faults in the grammar of JSON texts: UTF-8, tokens and white space."""

import contextlib
import re
from collections.abc import Iterator

from hjp_conformance.mutants.server.core import Connection
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.metadata import (
    BadJson,
    Cut,
    Number,
    Object,
    Scanner,
    Value,
)
from hjp_conformance.mutants.server.transport import Fatal

SURROGATE = re.compile("[\ud800-\udfff]")

# MET-2: UTF-8


@fault("MET-2")
class Utf8Replaced(Scanner):
    """Decodes with replacement instead of refusing."""

    def decode(self, octets: bytes) -> str:
        return octets.decode("utf-8", "replace")


@fault("MET-2")
class Utf8OrLatin1(Scanner):
    """Decodes as Latin-1 what is not UTF-8."""

    def decode(self, octets: bytes) -> str:
        try:
            return octets.decode("utf-8")
        except UnicodeDecodeError:
            return octets.decode("latin-1")


@fault("MET-2")
class Utf8Surrogates(Scanner):
    """Accepts encoded surrogates."""

    def decode(self, octets: bytes) -> str:
        try:
            return SURROGATE.sub("\ufffd", octets.decode("utf-8", "surrogatepass"))
        except UnicodeDecodeError as error:
            raise BadJson("not UTF-8") from error


@fault("MET-2")
class Utf8OverlongNul(Scanner):
    """Accepts C0 80 for U+0000, as modified UTF-8 has it."""

    def decode(self, octets: bytes) -> str:
        return super().decode(octets.replace(b"\xc0\x80", rb"\u0000"))


@fault("MET-2")
class Utf8OverlongSlash(Scanner):
    """Accepts overlong forms of two octets."""

    def decode(self, octets: bytes) -> str:
        pattern = rb"[\xc0\xc1][\x80-\xbf]"
        return super().decode(re.sub(pattern, self.shorten, octets))

    def shorten(self, found: re.Match[bytes]) -> bytes:
        first, second = found.group()
        return bytes([(first & 1) << 6 | second & 0x3F])


@fault("MET-2")
class Utf8AboveUnicode(Scanner):
    """Accepts four octets that encode something above U+10FFFF."""

    def decode(self, octets: bytes) -> str:
        pattern = rb"\xf4[\x90-\xbf][\x80-\xbf]{2}"
        return super().decode(re.sub(pattern, b"\xef\xbf\xbd", octets))


@fault("MET-2")
class Utf8BadFrame(Connection):
    """Refuses ill-formed UTF-8 with bad_frame."""

    def parse(self, text: bytes) -> Object:
        try:
            text.decode()
        except UnicodeDecodeError:
            raise Fatal("bad_frame", "not UTF-8") from None
        return super().parse(text)


# MET-3: the first octet


@fault("MET-3")
class BomAccepted(Scanner):
    """Skips a byte order mark."""

    def decode(self, octets: bytes) -> str:
        return super().decode(octets).removeprefix("\ufeff")


@fault("MET-3")
class SpaceFirstAccepted(Scanner):
    """Skips white space before the object."""

    def check_start(self) -> None:
        self.skip()


@fault("MET-3")
class NoObjectBadFrame(Connection):
    """Refuses a value that is not an object with bad_frame."""

    def parse(self, text: bytes) -> Object:
        if text[:1] in b'["0123456789tfn':
            raise Fatal("bad_frame", "not an object")
        return super().parse(text)


@fault("MET-3")
class ArrayAccepted(Scanner):
    """Takes an array for an object without members."""

    def check_start(self) -> None:
        """Left to the value."""

    def whole(self, value: Value) -> Object:
        return {} if isinstance(value, list) else super().whole(value)


# MET-4: the grammar


@fault("MET-4")
class NanAccepted(Scanner):
    """Accepts NaN."""

    literals = Scanner.literals | {"NaN": None}


@fault("MET-4")
class InfinityAccepted(Scanner):
    """Accepts Infinity and -Infinity."""

    literals = Scanner.literals | {"Infinity": None, "-Infinity": None}

    def starts_number(self, char: str) -> bool:
        return super().starts_number(char) and not self.text.startswith("-I", self.at)


@fault("MET-4")
class CapitalLiterals(Scanner):
    """Accepts True, False and None."""

    literals = Scanner.literals | {"True": True, "False": False, "None": None}


class TrailingComma(Scanner):
    """Accepts a comma before some closing brackets."""

    closers = "]}"

    def items(self, closer: str) -> Iterator[None]:
        for item in super().items(closer):
            if self.peek() == closer and closer in self.closers:
                self.at += 1
                return
            yield item


@fault("MET-4")
class TrailingCommaInObject(TrailingComma):
    """Accepts a comma before }."""

    closers = "}"


@fault("MET-4")
class TrailingCommaInArray(TrailingComma):
    """Accepts a comma before ]."""

    closers = "]"


@fault("MET-4")
class CommaOptional(Scanner):
    """Accepts members and elements without a comma between them."""

    def expect(self, char: str) -> None:
        if char != "," or self.peek() == ",":
            super().expect(char)


@fault("MET-4")
class CommentsAccepted(Scanner):
    """Skips comments where white space may stand."""

    space = re.compile(r"([ \t\n\r]|/\*.*?\*/|//[^\n]*)*", re.DOTALL)


@fault("MET-4")
class LeadingZeros(Scanner):
    """Accepts leading zeros."""

    number_form = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


@fault("MET-4")
class PlusSign(Scanner):
    """Accepts a plus sign before a number."""

    def starts_number(self, char: str) -> bool:
        self.at += char == "+"
        return char == "+" or super().starts_number(char)


@fault("MET-4")
class BarePoint(Scanner):
    """Accepts a point without digits after it."""

    number_form = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]+)?")


@fault("MET-4")
class PointFirst(Scanner):
    """Accepts a point without digits before it."""

    number_form = re.compile(r"-?(0|[1-9][0-9]*|(?=\.))(\.[0-9]+)?([eE][+-]?[0-9]+)?")

    def starts_number(self, char: str) -> bool:
        return char == "." or super().starts_number(char)


@fault("MET-4")
class BareExponent(Scanner):
    """Accepts an e without digits after it."""

    def number(self) -> Number:
        number = super().number()
        self.match(re.compile(r"[eE][+-]?"))
        return number


@fault("MET-4")
class HexNumbers(Scanner):
    """Accepts hexadecimal numbers."""

    def number(self) -> Number:
        digits = self.match(re.compile(r"0[xX][0-9A-Fa-f]+"))
        return Number(str(int(digits, 16))) if digits else super().number()


@fault("MET-4")
class UnicodeDigits(Scanner):
    """Accepts the decimal digits of every script in fractions."""

    number_form = re.compile(r"-?(0|[1-9][0-9]*)(\.\d+)?([eE][+-]?[0-9]+)?")

    def number(self) -> Number:
        number = super().number()
        digits = re.sub(r"\d", lambda found: str(int(found.group())), number.text)
        return Number(digits)


@fault("MET-4")
class RawControls(Scanner):
    """Accepts raw control characters in strings."""

    plain = re.compile(r'[^"\\]*')


@fault("MET-4")
class RawTab(Scanner):
    """Accepts a raw tab in strings."""

    plain = re.compile(r'[^"\\\x00-\x08\x0a-\x1f]*')


@fault("MET-4")
class AnyEscape(Scanner):
    """Takes any character after a backslash for itself."""

    def escape(self, char: str) -> str:
        return char if char not in 'u"\\/bfnrt' else super().escape(char)


@fault("MET-4")
class HexEscape(Scanner):
    r"""Accepts escapes like \x41."""

    def escape(self, char: str) -> str:
        digits = self.match(re.compile("[0-9A-Fa-f]{2}")) if char == "x" else ""
        return chr(int(digits, 16)) if digits else super().escape(char)


@fault("MET-4")
class SloppyUnit(Scanner):
    r"""Accepts in \u what a lenient conversion accepts: \u+041, \u0_41."""

    unit_form = re.compile(r"[0-9A-Fa-f+_]{4}")

    def unit(self) -> int:
        try:
            return super().unit()
        except ValueError as error:
            raise BadJson("not hexadecimal") from error


@fault("MET-4")
class SingleQuotes(Scanner):
    """Accepts strings in single quotes."""

    def value(self, depth: int) -> Value:
        if self.peek() == "'":
            found = self.match(re.compile("'[^'\"\\\\]*'"))
            return found[1:-1] if found else self.literal()
        return super().value(depth)


@fault("MET-4")
class BareNames(Scanner):
    """Accepts names without quotes."""

    def name(self) -> str:
        return self.match(re.compile("[A-Za-z_]+")) or super().name()


@fault("MET-4")
class RestIgnored(Scanner):
    """Ignores what follows the object."""

    def check_end(self) -> None:
        """Whatever it is."""


@fault("MET-4")
class SecondObject(Scanner):
    """Accepts more objects after the first one, and ignores them."""

    def check_end(self) -> None:
        while self.at < len(self.text):
            self.object(0)
            self.skip()


@fault("MET-4")
class NulAtEnd(Scanner):
    """Accepts octets 00 after the object."""

    def check_end(self) -> None:
        self.match(re.compile("\0*"))
        super().check_end()


@fault("MET-4")
class BraceMissing(Scanner):
    """Closes at the end of the text what is still open."""

    def value(self, depth: int) -> Value:
        with contextlib.suppress(Cut):
            return super().value(depth)
        raise BadJson("the text ends too early")

    def items(self, closer: str) -> Iterator[None]:
        for item in super().items(closer):
            yield item
            self.skip()
            if self.at == len(self.text):
                return


@fault("MET-4")
class VerticalSpace(Scanner):
    """Takes U+000B and U+000C for white space."""

    space = re.compile(r"[ \t\n\r\v\f]*")


@fault("MET-4")
class UnicodeSpace(Scanner):
    """Takes the white space of Unicode for white space."""

    space = re.compile(r"[ \t\n\r\x85\xa0\u2000-\u200a\u2028\u2029\u3000]*")


# MET-5: white space


@fault("MET-5")
class SpaceAfterRefused(Scanner):
    """Refuses white space after the object."""

    def check_end(self) -> None:
        if not self.text.endswith("}"):
            raise BadJson("something follows the object")
        super().check_end()


@fault("MET-5")
class NewlineAfterRefused(Scanner):
    """Refuses a newline after the object, but not a space."""

    def check_end(self) -> None:
        if self.text.endswith(("\n", "\r")):
            raise BadJson("something follows the object")
        super().check_end()


@fault("MET-5")
class TabRefused(Scanner):
    """Refuses a tab between tokens."""

    space = re.compile(r"[ \n\r]*")


@fault("MET-5")
class ReturnRefused(Scanner):
    """Refuses CR between tokens."""

    space = re.compile(r"[ \t\n]*")


@fault("MET-5")
class SpaceBeforeColonRefused(Scanner):
    """Refuses white space between a name and its colon."""

    def name(self) -> str:
        name = super().name()
        if self.peek() != ":":
            raise BadJson("the colon is missing")
        return name


@fault("MET-5")
class SpaceInEmptyRefused(Scanner):
    """Refuses white space in an object or array that is empty."""

    def items(self, closer: str) -> Iterator[None]:
        if re.compile(r"[ \t\n\r]+[]}]").match(self.text, self.at + 1):
            raise BadJson("not empty")
        return super().items(closer)
