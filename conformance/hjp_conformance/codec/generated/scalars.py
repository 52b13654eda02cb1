"""Families of numbers, escapes, surrogates and sequences of UTF-8."""

from collections.abc import Iterator, Mapping
from itertools import product

from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.generated.family import family, framed

SIGNS = {"": "", "minus-": "-", "plus-": "+"}
INTEGERS = {"0": "0", "1": "1", "10": "10", "007": "007", "none": ""}
FRACTIONS = {
    "": "",
    "-point-0": ".0",
    "-point-05": ".05",
    "-point-90": ".90",
    "-point": ".",
}
EXPONENTS = {
    "": "",
    "-e5": "e5",
    "-e-plus-5": "e+5",
    "-e-minus-5": "e-5",
    "-capital-e05": "E05",
    "-capital-e-minus-0": "E-0",
    "-e": "e",
    "-e-plus": "e+",
    "-e5-point": "e5.",
}

MANTISSAS = {
    "0": "0",
    "0-point-0001": "0.0001",
    "0-point-17": "0.17",
    "0-point-18": "0.18",
    "1": "1",
    "1-point-79": "1.79",
    "1-point-7976931348623157": "1.7976931348623157",
    "1-point-7976931348623158": "1.7976931348623158",
    "1-point-7976931348623159": "1.7976931348623159",
    "1-point-8": "1.8",
    "9": "9",
    "179": "179",
    "180": "180",
    "100000000000000000000": "1" + "0" * 20,
}
POWERS = (0, 286, 287, 288, 289, 305, *range(306, 314), 400, 1000)

ESCAPED = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ "
DIGITS = '0123789abcdefABCDEF/:@G`gxX+- \\"u'
UNITS = {
    "d7ff": r"\ud7ff",
    "d800": r"\ud800",
    "dbff": r"\uDBFF",
    "dc00": r"\udc00",
    "dfff": r"\uDfff",
    "e000": r"\ue000",
    "a": "a",
    "short": r"\n",
}

LEADS = (
    *(0x41, 0x7F, 0x80, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE),
    *(0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFF),
)
SECONDS = (0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0)
LATER = (0x7F, 0x80, 0xBF)
PLACES: Mapping[str, bytes] = {"value": b'{"a":"%b"}', "name": b'{"%b":1}'}


def cases() -> Iterator[DecodeCase]:
    """All families of scalars."""
    yield from _numbers()
    yield from _escapes()
    yield from _surrogates()
    yield from _utf8()


def _numbers() -> Iterator[DecodeCase]:
    cited = ("HJP-MET-4", "HJP-FRM-12", "HJP-MET-11")
    grammar = (
        (
            f"{sign}{integer}{fraction}{exponent}",
            SIGNS[sign] + INTEGERS[integer] + FRACTIONS[fraction] + EXPONENTS[exponent],
        )
        for sign, integer, fraction, exponent in product(
            SIGNS, INTEGERS, FRACTIONS, EXPONENTS
        )
    )
    title = "Parts of a number, right and wrong"
    yield from family(cited, "number-parts", title, framed(_values(grammar)))
    sizes = (
        (f"{sign}{mantissa}-e{power}", f"{SIGNS[sign]}{MANTISSAS[mantissa]}e{power}")
        for sign in ("", "minus-")
        for mantissa, power in product(MANTISSAS, POWERS)
    )
    title = "A number of this size"
    yield from family(
        ("HJP-MET-11", "HJP-FRM-12"), "number-size", title, framed(_values(sizes))
    )
    digits = (
        (f"{count}-of-{digit}{row}", digit * count + end)
        for count in (*range(306, 312), 400, 5000)
        for digit in "179"
        for row, end in (
            ("", ""),
            ("-point-0", ".0"),
            ("-e0", "e0"),
            ("-shifted", f"e-{count}"),
        )
    )
    title = "A number of many digits"
    yield from family(
        ("HJP-MET-11", "HJP-FRM-12"), "number-digits", title, framed(_values(digits))
    )


def _values(numbers: Iterator[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    for row, number in numbers:
        yield row, b'{"a":%b}' % number.encode()


def _escapes() -> Iterator[DecodeCase]:
    cited = ("HJP-MET-4", "HJP-MET-10")
    for name, place in PLACES.items():
        single = (
            (f"{name}-{ord(letter):02x}", place % f"\\{letter}0041".encode())
            for letter in ESCAPED
        )
        title = "A backslash and this character"
        yield from family(cited, "escape", title, framed(single))
        digits = (
            (
                f"{name}-{position}-{ord(digit):02x}",
                place % b"\\u%b" % _replaced("00e9", position, digit),
            )
            for position, digit in product(range(4), DIGITS)
        )
        title = "An escape of four digits, one of them replaced"
        yield from family(cited, "escape-digit", title, framed(digits))


def _replaced(digits: str, position: int, digit: str) -> bytes:
    return (digits[:position] + digit + digits[position + 1 :]).encode()


def _surrogates() -> Iterator[DecodeCase]:
    cited = ("HJP-MET-9", "HJP-MET-10")
    for name, place in PLACES.items():
        most = 3 if name == "value" else 2
        found = (
            (
                f"{name}-{'-'.join(row)}",
                place % "".join(UNITS[one] for one in row).encode(),
            )
            for length in range(1, most + 1)
            for row in product(UNITS, repeat=length)
        )
        title = "Surrogates and other characters as escapes"
        yield from family(cited, "units", title, framed(found))
    pairs = (
        (
            f"{first:04x}-{second:04x}",
            PLACES["value"] % rb"\u%04x\u%04X" % (first, second),
        )
        for first in (0xD800, 0xD801, 0xD83D, 0xDABC, 0xDBFE, 0xDBFF)
        for second in (0xDBFF, 0xDC00, 0xDC01, 0xDE00, 0xDEF0, 0xDFFE, 0xDFFF, 0xE000)
    )
    title = "Two escapes, a pair or none"
    yield from family(cited, "pair", title, framed(pairs))


def _utf8() -> Iterator[DecodeCase]:
    cited = ("HJP-MET-2", "HJP-MET-10")
    for name, place in PLACES.items():
        found = (
            (f"{name}-{row.hex()}", place % row)
            for row in _sequences()
            if name == "value" or len(row) != 3
        )
        title = "Octets between two quotes"
        yield from family(cited, "utf8", title, framed(found))


def _sequences() -> Iterator[bytes]:
    """Leads alone and with as many continuations as they ask for, right and wrong."""
    for lead in LEADS:
        yield bytes([lead])
        for second in SECONDS:
            yield bytes([lead, second])
            if lead < 0xE0:
                continue
            for third in LATER:
                yield bytes([lead, second, third])
    for lead, second in product((0xF0, 0xF1, 0xF3, 0xF4), (0x80, 0x8F, 0x90, 0xBF)):
        for third, fourth in product((0x80, 0xBF), LATER):
            yield bytes([lead, second, third, fourth])
