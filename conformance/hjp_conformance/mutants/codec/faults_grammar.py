"""Faults in the grammar of JSON texts (MET-4)."""

import re
from collections.abc import Iterator

from hjp_conformance.mutants.codec.frames import Refused
from hjp_conformance.mutants.codec.shared import BadJson, Scanner, Value
from hjp_conformance.mutants.codec.table import fault

# The text as a whole


@fault("MET-4")
class Utf16Text(Scanner):
    """Takes a text with every other octet 00 for UTF-16."""

    def decode(self, octets: bytes) -> str:
        wide = len(octets) % 2 == 0 and not any(octets[1::2])
        return octets.decode("utf-16-le") if wide else super().decode(octets)


@fault("MET-4")
class TextEndsAtNul(Scanner):
    """Takes the first octet 00 for the end of the text."""

    def decode(self, octets: bytes) -> str:
        return super().decode(octets.partition(b"\0")[0])


@fault("MET-4")
class MarkAtEnd(Scanner):
    """Accepts U+FEFF after the object."""

    def check_end(self) -> None:
        self.match(re.compile("\ufeff*"))
        super().check_end()


@fault("MET-4")
class BracesAtEnd(Scanner):
    """Accepts closing braces too many."""

    def check_end(self) -> None:
        self.match(re.compile("}*"))
        super().check_end()


@fault("MET-4")
class CommaAtEnd(Scanner):
    """Accepts a comma after the object."""

    def check_end(self) -> None:
        self.match(re.compile(",?"))
        super().check_end()


@fault("MET-4")
class LineAtEnd(Scanner):
    """Reads one line and ignores what follows it."""

    def check_end(self) -> None:
        if "\n" not in self.text[: self.at]:
            super().check_end()


@fault("MET-4")
class CutTextBadFrame(Scanner):
    """Refuses a text that ends too early with bad_frame."""

    def peek(self) -> str:
        if self.at >= len(self.text):
            raise Refused("bad_frame")
        return super().peek()


# Commas, colons, brackets


@fault("MET-4")
class CommaFirst(Scanner):
    """Accepts a comma before the first member or element."""

    def items(self, closer: str) -> Iterator[None]:
        found = re.compile(r"[\[{][ \t\n\r]*,").match(self.text, self.at)
        if found:
            self.at = found.end() - 1
        return super().items(closer)


@fault("MET-4")
class CommaDoubled(Scanner):
    """Accepts several commas between two members or elements."""

    def expect(self, char: str) -> None:
        super().expect(char)
        if char == ",":
            self.match(re.compile(r"([ \t\n\r]*,)*"))


@fault("MET-4")
class CommaOrSemicolon(Scanner):
    """Accepts a semicolon for a comma."""

    def expect(self, char: str) -> None:
        super().expect(";" if char == "," and self.peek() == ";" else char)


@fault("MET-4")
class ColonOrEquals(Scanner):
    """Accepts an equals sign for a colon."""

    def expect(self, char: str) -> None:
        super().expect("=" if char == ":" and self.peek() == "=" else char)


@fault("MET-4")
class ColonOptional(Scanner):
    """Accepts a value without a colon before it."""

    def expect(self, char: str) -> None:
        if char != ":" or self.peek() == ":":
            super().expect(char)


@fault("MET-4")
class ValueOptional(Scanner):
    """Takes a missing value for null."""

    def value(self, depth: int) -> Value:
        return None if self.peek() in ",}" else super().value(depth)


@fault("MET-4")
class BracketsAlike(Scanner):
    """Accepts either closing bracket for an object and for an array."""

    def items(self, closer: str) -> Iterator[None]:
        self.at += 1
        self.skip()
        while self.peek() not in "]}":
            yield
            self.skip()
            if self.peek() not in "]}":
                self.expect(",")
                self.skip()
                if self.peek() in "]}":
                    raise BadJson("a comma before the bracket")
        self.at += 1


@fault("MET-4")
class NumbersAsNames(Scanner):
    """Accepts a number for a name."""

    def name(self) -> str:
        return self.match(re.compile("[0-9]+")) or super().name()


@fault("MET-4")
class NullAsName(Scanner):
    """Accepts null for a name."""

    def name(self) -> str:
        return self.match(re.compile("null")) or super().name()


@fault("MET-4")
class HashComments(Scanner):
    """Skips comments from # to the end of the line."""

    space = re.compile(r"([ \t\n\r]|#[^\n]*)*")


@fault("MET-4")
class BlockComments(Scanner):
    """Skips comments between /* and */, but no others."""

    space = re.compile(r"([ \t\n\r]|/\*.*?\*/)*", re.DOTALL)
