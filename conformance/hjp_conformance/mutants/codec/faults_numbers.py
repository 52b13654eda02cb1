"""Faults in the size of numbers (MET-11), and right numbers refused (FRM-12)."""

import re
from collections.abc import Iterator

from hjp_conformance.mutants.codec.frames import Refused
from hjp_conformance.mutants.codec.shared import BadJson, Number, Scanner, Value
from hjp_conformance.mutants.codec.table import fault

# MET-11: infinite numbers


def digits_of(number: Number) -> str:
    return number.text.lower().partition("e")[0].strip("-")


def exponent_of(number: Number) -> str:
    return number.text.lower().partition("e")[2]


@fault("MET-11")
class InfiniteFractions(Scanner):
    """Accepts infinite numbers that are written with a point."""

    def infinite(self, number: Number) -> bool:
        return "." not in number.text and super().infinite(number)


@fault("MET-11")
class InfiniteExponents(Scanner):
    """Accepts infinite numbers with an exponent, and only counts digits."""

    def infinite(self, number: Number) -> bool:
        return "e" not in number.text.lower() and super().infinite(number)


@fault("MET-11")
class InfiniteCapitals(Scanner):
    """Accepts infinite numbers written with E."""

    def infinite(self, number: Number) -> bool:
        return "E" not in number.text and super().infinite(number)


@fault("MET-11")
class InfiniteInArrays(Scanner):
    """Accepts infinite numbers in arrays."""

    arrays = 0

    def array(self, depth: int) -> list[Value]:
        self.arrays += 1
        values = super().array(depth)
        self.arrays -= 1
        return values

    def infinite(self, number: Number) -> bool:
        return not self.arrays and super().infinite(number)


@fault("MET-11")
class InfiniteRoundedDown(Scanner):
    """Accepts what is above the greatest finite value by less than 10^293."""

    def infinite(self, number: Number) -> bool:
        return super().infinite(number) and super().infinite(self.less(number))

    def less(self, number: Number) -> Number:
        if not re.fullmatch("-?[0-9]{309}", number.text):
            return number
        return Number(
            str(int(number.text) - (1 if number.text[0] != "-" else -1) * 10**293)
        )


@fault("MET-11")
class InfiniteLongExponents(Scanner):
    """Takes an exponent beyond 64 bits for 0."""

    def infinite(self, number: Number) -> bool:
        long = len(exponent_of(number).strip("+-")) > 19
        return not long and super().infinite(number)


@fault("MET-11")
class NumbersCut(Scanner):
    """Converts the first 256 characters of a number only."""

    def infinite(self, number: Number) -> bool:
        start = number.text[:256].rstrip("+-eE.")
        return super().infinite(Number(start))


@fault("MET-11")
class InfiniteTooLarge(Scanner):
    """Refuses an infinite number with too_large."""

    def infinite(self, number: Number) -> bool:
        if super().infinite(number):
            raise Refused("too_large")
        return False


class Narrow(Scanner):
    """Refuses some numbers that are finite."""

    def unwelcome(self, number: Number) -> bool:
        return False

    def infinite(self, number: Number) -> bool:
        return super().infinite(number) or self.unwelcome(number)


@fault("MET-11")
class ThreeHundredDigitsRefused(Narrow):
    """Refuses more than 309 digits, whatever the exponent."""

    def unwelcome(self, number: Number) -> bool:
        return len(digits_of(number).replace(".", "")) > 309


@fault("MET-11")
class LongFractionsRefused(Narrow):
    """Refuses more than 1 024 digits of a fraction."""

    def unwelcome(self, number: Number) -> bool:
        return len(digits_of(number).partition(".")[2]) > 1024


@fault("MET-11")
class ZeroExponentRefused(Narrow):
    """Refuses a 0 with an exponent of more than 308."""

    def unwelcome(self, number: Number) -> bool:
        zero = not digits_of(number).strip("0.")
        return zero and len(exponent_of(number)) > 3


@fault("MET-11")
class LongExponentsRefused(Narrow):
    """Refuses an exponent beyond 64 bits, even a negative one."""

    def unwelcome(self, number: Number) -> bool:
        return len(exponent_of(number).strip("+-")) > 19


@fault("MET-11")
class SinglesOnly(Narrow):
    """Refuses what is infinite in 32 bits."""

    def unwelcome(self, number: Number) -> bool:
        return abs(number.value) >= 3.4028236e38


@fault("MET-11")
class GreatestRefused(Narrow):
    """Refuses the greatest finite value too."""

    def unwelcome(self, number: Number) -> bool:
        return abs(number.value) >= 1.7976931348623157e308


@fault("MET-11")
class SubnormalRefused(Narrow):
    """Refuses what is not 0 and less than the least normal number."""

    def unwelcome(self, number: Number) -> bool:
        return 0 < abs(number.value) < 2.2250738585072014e-308


@fault("MET-11")
class SafeIntegersOnly(Narrow):
    """Refuses integers beyond 2^53."""

    def unwelcome(self, number: Number) -> bool:
        return number.text.strip("-").isdigit() and abs(number.value) > 2**53


@fault("MET-11")
class LongIntegersRefused(Narrow):
    """Refuses integers beyond 64 bits."""

    def unwelcome(self, number: Number) -> bool:
        return number.text.strip("-").isdigit() and abs(number.value) >= 2.0**64


# FRM-12: texts that the grammar allows


@fault("FRM-12")
class MinusZeroRefused(Narrow):
    """Refuses -0."""

    def unwelcome(self, number: Number) -> bool:
        return number.text == "-0"


@fault("FRM-12")
class CapitalExponentRefused(Narrow):
    """Refuses an exponent with a capital E."""

    def unwelcome(self, number: Number) -> bool:
        return "E" in number.text


@fault("FRM-12")
class PlusExponentRefused(Narrow):
    """Refuses a plus sign in an exponent."""

    def unwelcome(self, number: Number) -> bool:
        return "+" in number.text


@fault("FRM-12")
class ExponentZerosRefused(Narrow):
    """Refuses leading zeros in an exponent."""

    def unwelcome(self, number: Number) -> bool:
        return exponent_of(number).lstrip("+-").startswith("0")


@fault("FRM-12")
class EmptyArrayRefused(Scanner):
    """Refuses an array without elements."""

    def items(self, closer: str) -> Iterator[None]:
        if re.compile(r"\[[ \t\n\r]*\]").match(self.text, self.at):
            raise BadJson("empty")
        return super().items(closer)


@fault("FRM-12")
class SolidusRefused(Scanner):
    r"""Refuses the escape \/."""

    def escape(self, char: str) -> str:
        if char == "/":
            raise BadJson("no such escape")
        return super().escape(char)


@fault("FRM-12")
class FormFeedRefused(Scanner):
    r"""Refuses the escapes \b and \f."""

    def escape(self, char: str) -> str:
        if char in "bf":
            raise BadJson("no such escape")
        return super().escape(char)


@fault("FRM-12")
class CapitalUnitRefused(Scanner):
    r"""Refuses capital digits in \u."""

    unit_form = re.compile("[0-9a-f]{4}")


@fault("FRM-12")
class SmallUnitRefused(Scanner):
    r"""Refuses small digits in \u."""

    unit_form = re.compile("[0-9A-F]{4}")


@fault("FRM-12")
class NullRefused(Scanner):
    """Refuses null as a value."""

    def literal(self) -> Value:
        value = super().literal()
        if value is None:
            raise BadJson("null")
        return value
