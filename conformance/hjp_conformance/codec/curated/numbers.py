"""Numbers: the grammar, and what becomes infinite."""

from collections.abc import Iterator

from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.rows import accepts, members, refuses

FIRST_INFINITE = 2**1024 - 2**970
"""The least integer whose nearest binary64 value is infinite."""
GREATEST = 2**1024 - 2**971
"""The greatest binary64 value."""

ACCEPTED = {
    "zero": "0",
    "minus-zero": "-0",
    "one": "1",
    "minus-one": "-1",
    "ten": "10",
    "many-zeros": "1" + "0" * 308,
    "fraction": "0.5",
    "minus-fraction": "-0.5",
    "fraction-of-zeros": "1.000",
    "zero-fraction": "0.0",
    "minus-zero-fraction": "-0.0",
    "exponent": "1e5",
    "capital-exponent": "1E5",
    "plus-exponent": "1e+5",
    "minus-exponent": "1e-5",
    "zero-exponent": "1e0",
    "exponent-with-zeros": "1e005",
    "exponent-of-zeros": "1e000",
    "minus-zero-exponent": "1e-0",
    "zero-with-exponent": "0e5",
    "zero-with-minus-exponent": "0e-5",
    "all-parts": "-12.340E+05",
    "two-53": "9007199254740992",
    "two-53-and-one": "9007199254740993",
    "two-63": "9223372036854775808",
    "minus-two-63-and-one": "-9223372036854775809",
    "two-64": "18446744073709551616",
    "two-128": str(2**128),
    "last-finite": str(FIRST_INFINITE - 1),
    "minus-last-finite": str(1 - FIRST_INFINITE),
    "greatest": str(GREATEST),
    "greatest-and-one": str(GREATEST + 1),
    "last-finite-with-fraction": f"{FIRST_INFINITE - 1}.9",
    "last-finite-with-many-nines": f"{FIRST_INFINITE - 1}.{'9' * 5000}",
    "greatest-short": "1.7976931348623157e308",
    "greatest-capital": "1.7976931348623157E+308",
    "above-greatest-rounded-down": "1.7976931348623158e308",
    "nearly-half-way": "1.797693134862315807e308",
    "one-e-308": "1e308",
    "many-nines-e-307": "9.999999999999999999999e307",
    "exponent-shifts-down": "1" + "0" * 400 + "e-100",
    "exponent-shifts-up": "0." + "0" * 400 + "1e700",
    "point-shifts": "0.00000000001e319",
    "one-e-minus-400": "1e-400",
    "minus-one-e-minus-400": "-1e-400",
    "least-denormal": "5e-324",
    "half-of-least-denormal": "2e-324",
    "least-normal": "2.2250738585072014e-308",
    "halting-of-old-parsers": "2.2250738585072011e-308",
    "exponent-of-minus-twenty-digits": "1e-99999999999999999999",
    "exponent-of-minus-two-31": "1e-2147483649",
    "exponent-of-minus-two-63": "1e-9223372036854775809",
    "zero-with-great-exponent": "0e999",
    "zero-fraction-with-great-exponent": "0.0e99999999999999999999",
    "minus-zero-with-great-exponent": "-0e400",
    "zeros-then-great-exponent": "0." + "0" * 4000 + "e5000",
    "four-thousand-digits-of-fraction": "0." + "3" * 4000,
    "five-thousand-digits-of-fraction": "1." + "0" * 5000 + "1",
    "sixty-thousand-digits-of-fraction": "1." + "7" * 60_000,
    "five-thousand-digits-made-small": "9" * 5000 + "e-4900",
    "sixty-thousand-digits-made-small": "1" + "0" * 60_000 + "e-60000",
    "five-thousand-digits-of-exponent": "1e" + "0" * 5000 + "1",
    "five-thousand-digits-of-negative-exponent": "1e-" + "9" * 5000,
    "three-hundred-and-nine-digits": "1" + "7" * 308,
}

REFUSED = {
    "leading-zero": "01",
    "two-zeros": "00",
    "minus-leading-zero": "-01",
    "leading-zero-fraction": "00.5",
    "leading-zero-exponent": "01e5",
    "plus": "+1",
    "plus-zero": "+0",
    "plus-minus": "+-1",
    "two-minuses": "--1",
    "minus-alone": "-",
    "minus-space": "- 1",
    "minus-after": "1-",
    "point-alone": ".",
    "no-digit-before-point": ".5",
    "minus-no-digit-before-point": "-.5",
    "no-digit-after-point": "1.",
    "no-digit-after-point-with-exponent": "1.e5",
    "two-points": "1.2.3",
    "two-points-together": "1..2",
    "comma-for-point": "1,5",
    "middle-dot": "1·5",
    "no-digit-in-exponent": "1e",
    "capital-no-digit-in-exponent": "1E",
    "plus-alone-in-exponent": "1e+",
    "minus-alone-in-exponent": "1e-",
    "two-signs-in-exponent": "1e+-5",
    "point-in-exponent": "1e5.5",
    "point-after-exponent": "1e.5",
    "two-exponents": "1e5e5",
    "two-letters": "1ee5",
    "exponent-alone": "e5",
    "capital-exponent-alone": "E5",
    "space-in-number": "1 000",
    "space-in-exponent": "1e 5",
    "space-after-point": "1. 5",
    "underscore": "1_000",
    "apostrophe": "1'000",
    "hexadecimal": "0x1F",
    "hexadecimal-float": "0x1p4",
    "octal": "0o17",
    "binary": "0b11",
    "suffix-l": "1L",
    "suffix-f": "1.0f",
    "suffix-n": "1n",
    "percent": "1%",
    "letter": "1a",
    "times-ten": "1x10",
    "d-exponent": "1d5",
    "arabic-digit": "\u0661",
    "arabic-digit-after": "1\u0661",
    "full-width-digit": "\uff11",
    "superscript": "1\u00b2",
    "minus-sign": "\u22121",
    "en-dash": "\u20131",
    "fraction": "1/2",
    "infinity-sign": "\u221e",
    "arabic-digit-in-fraction": "1.\u0661",
    "arabic-digit-in-exponent": "1e\u0661",
    "nul-inside": "1\x001",
    "minus-word": "-true",
    "nan-lower-case": "nan",
    "nan-one-quiet": "1.#QNAN",
}

INFINITE = {
    "first-infinite": str(FIRST_INFINITE),
    "first-infinite-and-one": str(FIRST_INFINITE + 1),
    "minus-first-infinite": str(-FIRST_INFINITE),
    "first-infinite-with-fraction": f"{FIRST_INFINITE}.0",
    "two-1024": str(2**1024),
    "above-greatest-rounded-up": "1.7976931348623159e308",
    "half-way": f"{FIRST_INFINITE}e0",
    "nearly-two-1024": "1.797693134862315808e308",
    "one-e-309": "1e309",
    "minus-one-e-309": "-1e309",
    "capital": "1E309",
    "plus-exponent": "1e+309",
    "exponent-with-zeros": "1e0000309",
    "one-e-400": "1e400",
    "one-e-999": "1e999",
    "fraction-made-great": "0.001e400",
    "exponent-of-two-31": "1e2147483648",
    "exponent-of-two-32": "1e4294967296",
    "exponent-of-two-63": "1e9223372036854775808",
    "exponent-of-two-64": "1e18446744073709551616",
    "exponent-of-twenty-digits": "1e99999999999999999999",
    "exponent-of-five-thousand-digits": "1e" + "9" * 5000,
    "four-hundred-digits": "9" * 400,
    "minus-four-hundred-digits": "-" + "9" * 400,
    "five-thousand-digits": "9" * 5000,
    "sixty-thousand-digits": "9" * 60_000,
    "five-thousand-digits-with-fraction": "9" * 5000 + ".5",
    "digits-and-exponent": "9" * 300 + "e10",
    "many-digits-made-less-small": "9" * 5000 + "e-4600",
}

PLACES = {
    "array": '{"x":[%s]}',
    "last-of-array": '{"x":[1,2,%s]}',
    "inner-object": '{"x":{"y":%s}}',
    "deep": '{"x":[{"y":[{"z":%s}]}]}',
    "before-member": '{"x":%s,"y":1}',
    "before-space": '{"x":%s }',
    "not-known": '{"id":1,"op":"ping","x-y":%s}',
}


def cases() -> Iterator[DecodeCase]:
    """Numbers as the value of a member, and at other places."""
    title = "A number with a finite value is accepted"
    cited = ("HJP-MET-11", "HJP-FRM-12")
    yield from accepts(cited, "number", title, members(ACCEPTED))
    title = "What is no number by the grammar is refused"
    yield from refuses(("HJP-MET-4",), "not-number", title, members(REFUSED))
    title = "A number whose nearest value is infinite is refused"
    yield from refuses(("HJP-MET-11",), "infinite", title, members(INFINITE))
    for row, place in PLACES.items():
        title = f"A number is judged at this place: {row.replace('-', ' ')}"
        infinite = {name: place % INFINITE[name] for name in ("one-e-400", "two-1024")}
        wrong = {name: place % REFUSED[name] for name in ("leading-zero", "plus")}
        right = {name: place % ACCEPTED[name] for name in ("last-finite", "minus-zero")}
        yield from refuses(("HJP-MET-11",), f"infinite-{row}", title, infinite)
        yield from refuses(("HJP-MET-4",), f"not-number-{row}", title, wrong)
        yield from accepts(cited, f"number-{row}", title, right)
