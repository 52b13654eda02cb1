"""Strings: raw characters, escapes, halves of surrogate pairs."""

from collections.abc import Iterator

from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.rows import accepts, refuses, strings

ESCAPES = {
    "quote": r"\"",
    "backslash": r"\\",
    "solidus": r"\/",
    "b": r"\b",
    "f": r"\f",
    "n": r"\n",
    "r": r"\r",
    "t": r"\t",
    "all": r"\"\\\/\b\f\n\r\t",
    "u-nul": r"\u0000",
    "u-control": r"\u001f",
    "u-quote": r"\u0022",
    "u-backslash": r"\u005c",
    "u-delete": r"\u007F",
    "u-lower-case": r"\u00e9\uabcd\uef01",
    "u-upper-case": r"\u00E9\uABCD\uEF01",
    "u-mixed-case": r"\uaBcD\uFfFe",
    "u-then-digits": r"\u00411234",
    "u-last": r"\uffff",
    "u-noncharacter": r"\ufdd0\ufffe",
    "u-byte-order-mark": r"\ufeff",
    "u-line-separator": r"\u2028\u2029",
    "backslash-then-u": r"\\u0041",
    "backslash-then-lone": r"\\ud800",
    "two-backslashes": r"\\\\",
    "backslash-and-quote": r"\\\"",
    "many": r"\n" * 20_000,
    "many-u": r"\u0041" * 10_000,
}

ESCAPES_REFUSED = {
    "x": r"\x41",
    "single-quote": r"\'",
    "zero": r"\0",
    "octal": r"\101",
    "capital-n": r"\N",
    "capital-u": r"\U0041",
    "a": r"\a",
    "e": r"\e",
    "v": r"\v",
    "s": r"\s",
    "space": r"\ ",
    "line-feed": "\\\n",
    "tab": "\\\t",
    "nul": "\\\0",
    "comma": r"\,",
    "brace": r"\{",
    "back-quote": r"\`",
    "accented": r"\é",
    "u-alone": r"\u",
    "u-one-digit": r"\u0",
    "u-two-digits": r"\u00",
    "u-three-digits": r"\u004",
    "u-three-digits-then-letter": r"\u004g",
    "u-not-hexadecimal": r"\uGGGG",
    "u-first-not-hexadecimal": r"\ug041",
    "u-signed": r"\u+041",
    "u-minus": r"\u-041",
    "u-hexadecimal-prefix": r"\u0x41",
    "u-space": r"\u 041",
    "u-space-last": r"\u004 ",
    "u-underscore": r"\u0_41",
    "u-braces": r"\u{41}",
    "u-full-width-digits": "\\u\uff10\uff10\uff14\uff11",
    "u-arabic-digits": "\\u\u0660\u0660\u0664\u0661",
    "u-escape-inside": r"\u00\u0041",
    "u-quote-inside": r'\u00"',
    "u-twice": r"\uu0041",
    "quote-at-end": "\\",
    "three-backslashes": "\\\\\\",
}
"""The last two take the closing quote for themselves."""

SURROGATES = {
    "pair-least": r"\ud800\udc00",
    "pair-greatest": r"\udbff\udfff",
    "pair-first-greatest": r"\udbff\udc00",
    "pair-second-greatest": r"\ud800\udfff",
    "pair-upper-case": r"\uD83D\uDE00",
    "pair-mixed-case": r"\uD83d\udE00",
    "two-pairs": r"\ud83d\ude00\ud83d\ude00",
    "pair-then-letter": r"\ud83d\ude00x",
    "letter-then-pair": r"x\ud83d\ude00",
    "pair-of-noncharacter": r"\ud83f\udfff",
    "below": r"\ud7ff",
    "above": r"\ue000",
    "below-then-above": r"\ud7ff\ue000",
    "backslashes-before-pair": r"\\\ud83d\ude00",
    "backslash-and-letters": r"\\ud800",
}

LONE = {
    "first": r"\ud800",
    "first-greatest": r"\udbff",
    "first-upper-case": r"\uD800",
    "second": r"\udc00",
    "second-greatest": r"\udfff",
    "second-upper-case": r"\uDFFF",
    "two-first": r"\ud800\ud800",
    "two-second": r"\udc00\udc00",
    "wrong-order": r"\udc00\ud800",
    "first-then-below": r"\ud800\ud7ff",
    "first-then-last-first": r"\ud800\udbff",
    "first-then-above": r"\ud800\ue000",
    "first-then-letter": r"\ud800x",
    "first-then-short-escape": r"\ud800\n",
    "first-then-escaped-letter": r"\ud800\u0041",
    "first-then-backslash": r"\ud800\\udc00",
    "first-letter-second": r"\ud800x\udc00",
    "first-space-second": r"\ud800 \udc00",
    "first-then-raw": "\\ud800\U00010000",
    "letter-then-first": r"x\ud800",
    "letter-then-second": r"x\udc00",
    "second-then-letter": r"\udc00x",
    "pair-then-first": r"\ud83d\ude00\ud83d",
    "pair-then-second": r"\ud83d\ude00\ude00",
    "first-then-pair": r"\ud83d\ud83d\ude00",
    "second-then-pair": r"\ude00\ud83d\ude00",
    "after-escaped-backslash": r"\\\ud800",
    "far-inside": "a" * 5000 + r"\udfff",
}

CUT_LONE = {
    "first-then-cut-escape": r"\ud800\u",
    "first-then-two-digits": r"\ud800\udc",
}
"""Either the pair or the escape is at fault; both are `bad_json`."""


def cases() -> Iterator[DecodeCase]:
    """Strings as values, as names, and inside of arrays and objects."""
    yield from _raw()
    for table, title, rows, cited in (
        ("escape", "An escape is accepted", ESCAPES, "HJP-MET-10"),
        ("surrogates", "Surrogates in pairs are accepted", SURROGATES, "HJP-MET-10"),
    ):
        yield from accepts((cited,), table, title, strings(rows))
        yield from accepts((cited,), f"{table}-in-name", title, _names(rows))
    for table, title, rows, cited in (
        ("escape", "What is no escape is refused", ESCAPES_REFUSED, "HJP-MET-4"),
        ("lone", "A surrogate without its other half is refused", LONE, "HJP-MET-9"),
        ("lone-cut", "Half a pair, then half an escape", CUT_LONE, "HJP-MET-9"),
    ):
        yield from refuses((cited,), table, title, strings(rows))
        yield from refuses((cited,), f"{table}-in-name", title, _names(rows))
    title = "A surrogate without its other half is refused far inside"
    deep = {row: f'{{"a":[{{"b":["{one}"]}}]}}' for row, one in LONE.items()}
    yield from refuses(("HJP-MET-9",), "lone-inside", title, deep)


def _names(rows: dict[str, str]) -> dict[str, bytes]:
    return {row: b'{"%b":1}' % inside.encode() for row, inside in rows.items()}


def _raw() -> Iterator[DecodeCase]:
    controls = {f"{octet:02x}": chr(octet) for octet in range(0x20)}
    title = "A raw control character in a string is refused"
    yield from refuses(("HJP-MET-4",), "control", title, strings(controls))
    yield from refuses(("HJP-MET-4",), "control-in-name", title, _names(controls))
    escaped = {f"{octet:02x}": f"\\u{octet:04x}" for octet in range(0x20)}
    title = "A control character as an escape is accepted"
    yield from accepts(("HJP-MET-10",), "control-escaped", title, strings(escaped))
    plain = {
        f"{octet:02x}": chr(octet) for octet in range(0x20, 0x80) if octet not in b'"\\'
    }
    title = "A character of ASCII stands for itself"
    yield from accepts(("HJP-MET-10",), "ascii", title, strings(plain))
