"""Faults in the literals, numbers and strings of JSON texts (MET-4)."""

import re

from hjp_conformance.mutants.codec.shared import BadJson, Number, Scanner, Value
from hjp_conformance.mutants.codec.table import fault

# Literals


@fault("MET-4")
class LiteralsUpper(Scanner):
    """Accepts TRUE, FALSE and NULL."""

    literals = Scanner.literals | {"TRUE": True, "FALSE": False, "NULL": None}


@fault("MET-4")
class LiteralUndefined(Scanner):
    """Accepts undefined."""

    literals = Scanner.literals | {"undefined": None}


@fault("MET-4")
class LiteralTooLong(Scanner):
    """Accepts letters after a literal."""

    def literal(self) -> Value:
        value = super().literal()
        self.match(re.compile("[a-z]*"))
        return value


@fault("MET-4")
class LiteralTooShort(Scanner):
    """Accepts a literal without its last letter."""

    literals = Scanner.literals | {"tru": True, "fals": False, "nul": None}


# Numbers


@fault("MET-4")
class NumbersUnderscored(Scanner):
    """Accepts an underscore between digits."""

    number_form = re.compile(
        r"-?(0|[1-9](_?[0-9])*)(\.[0-9](_?[0-9])*)?([eE][+-]?[0-9]+)?"
    )


@fault("MET-4")
class NumbersSuffixed(Scanner):
    """Accepts n, f or L after a number."""

    def number(self) -> Number:
        number = super().number()
        self.match(re.compile("[nfL]"))
        return number


@fault("MET-4")
class MinusAlone(Scanner):
    """Takes a minus sign alone for 0."""

    def number(self) -> Number:
        alone = self.match(re.compile("-(?![-0-9.])"))
        return Number("0") if alone else super().number()


@fault("MET-4")
class MinusTwice(Scanner):
    """Accepts two minus signs."""

    def number(self) -> Number:
        self.match(re.compile("-(?=-[0-9])"))
        return super().number()


@fault("MET-4")
class MinusThenSpace(Scanner):
    """Accepts a space after a minus sign."""

    def number(self) -> Number:
        self.match(re.compile("- +(?=[0-9])"))
        return super().number()


@fault("MET-4")
class MinusLeadingZeros(Scanner):
    """Accepts leading zeros after a minus sign."""

    number_form = re.compile(
        r"(-0*|(?=[0-9]))(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?"
    )


@fault("MET-4")
class PointThenExponent(Scanner):
    """Accepts a point without digits before an exponent."""

    number_form = re.compile(
        r"-?(0|[1-9][0-9]*)(\.[0-9]+|\.(?=[eE]))?([eE][+-]?[0-9]+)?"
    )


@fault("MET-4")
class ExponentSignAlone(Scanner):
    """Accepts an exponent of a sign without digits."""

    def number(self) -> Number:
        number = super().number()
        self.match(re.compile("[eE][+-]"))
        return number


@fault("MET-4")
class ExponentWithPoint(Scanner):
    """Accepts a fraction in an exponent."""

    def number(self) -> Number:
        number = super().number()
        if "e" in number.text.lower():
            self.match(re.compile(r"\.[0-9]+"))
        return number


@fault("MET-4")
class ArabicDigits(Scanner):
    """Accepts the decimal digits of every script in integers."""

    number_form = re.compile(r"-?(0|[^\D0]\d*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")

    def starts_number(self, char: str) -> bool:
        return char.isdecimal() or super().starts_number(char)


# Strings


@fault("MET-4")
class RawLineFeed(Scanner):
    """Accepts a raw line feed in strings."""

    plain = re.compile(r'[^"\\\x00-\x09\x0b-\x1f]*')


@fault("MET-4")
class RawLastControl(Scanner):
    """Accepts a raw U+001F in strings."""

    plain = re.compile(r'[^"\\\x00-\x1e]*')


@fault("MET-4")
class RawNul(Scanner):
    """Accepts a raw U+0000 in strings."""

    plain = re.compile(r'[^"\\\x01-\x1f]*')


@fault("MET-4")
class RawControlsInNames(Scanner):
    """Accepts raw control characters in names."""

    def name(self) -> str:
        found = self.match(re.compile(r'"[^"\\]*"'))
        return found[1:-1] if found else super().name()


@fault("MET-4")
class EscapedQuote(Scanner):
    r"""Accepts the escape \'."""

    escapes = Scanner.escapes | {"'": "'"}


@fault("MET-4")
class EscapedZero(Scanner):
    r"""Accepts the escape \0."""

    escapes = Scanner.escapes | {"0": "\0"}


@fault("MET-4")
class EscapedOfC(Scanner):
    r"""Accepts the escapes \a, \v and \e."""

    escapes = Scanner.escapes | {"a": "\a", "v": "\v", "e": "\x1b"}


@fault("MET-4")
class EscapedLineEnd(Scanner):
    """Accepts a backslash before a line feed, as if the string went on."""

    escapes = Scanner.escapes | {"\n": ""}


@fault("MET-4")
class EscapedCapitals(Scanner):
    r"""Accepts \N for \n and so on."""

    escapes = Scanner.escapes | dict(zip("BFNRT", "\b\f\n\r\t", strict=True))


@fault("MET-4")
class EscapedCapitalU(Scanner):
    r"""Accepts \U for \u."""

    def escape(self, char: str) -> str:
        return super().escape("u" if char == "U" else char)


@fault("MET-4")
class UnitOfThreeDigits(Scanner):
    r"""Accepts \u with fewer than four digits."""

    unit_form = re.compile("[0-9A-Fa-f]{1,4}")


@fault("MET-4")
class UnitSpaced(Scanner):
    r"""Accepts spaces among the digits of \u."""

    def unit(self) -> int:
        digits = self.text[self.at : self.at + 4].strip(" ")
        if not re.fullmatch("[0-9A-Fa-f]{1,4}", digits):
            raise BadJson("not hexadecimal")
        self.at += 4
        return int(digits, 16)


@fault("MET-4")
class UnitAnyLetter(Scanner):
    r"""Takes letters beyond F in \u for digits, without a look at them."""

    def unit(self) -> int:
        digits = self.text[self.at : self.at + 4]
        if not re.fullmatch("[0-9A-Za-z]{4}", digits):
            raise BadJson("not four letters or digits")
        self.at += 4
        return int(
            "".join(
                each if each in "0123456789abcdefABCDEF" else "0" for each in digits
            ),
            16,
        )


@fault("MET-4")
class UnitBraced(Scanner):
    r"""Accepts \u{1F600}."""

    def escape(self, char: str) -> str:
        found = self.match(re.compile(r"\{[0-9A-Fa-f]{1,5}\}")) if char == "u" else ""
        return chr(int(found[1:-1], 16)) if found else super().escape(char)
