"""UTF-8: each end of each row of the table of well-formed sequences, and beyond."""

from collections.abc import Iterator

from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.rows import accepts, refuses, strings

POINTS = (
    *(0x7F, 0x80, 0x81, 0xA0, 0xAD, 0xFF, 0x100, 0x300, 0x7FE, 0x7FF, 0x800, 0x801),
    *(0xFFF, 0x1000, 0x1680, 0x2028, 0x2029, 0x200B, 0x202E, 0xCFFF, 0xD000, 0xD7FE),
    *(0xD7FF, 0xE000, 0xE001, 0xF8FF, 0xFDD0, 0xFDEF, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF),
    *(0x10000, 0x10001, 0x1F600, 0x1FFFE, 0x1FFFF, 0x3FFFF, 0x40000, 0xE0001, 0xFFFFF),
    *(0x100000, 0x10FFFD, 0x10FFFE, 0x10FFFF),
)
"""The ends of the rows of the table, and those that somebody treats in his own way."""

MALFORMED = {
    # Octets that begin nothing.
    **{
        f"alone-{octet:02x}": bytes([octet]) for octet in (0x80, 0x8F, 0x90, 0xA0, 0xBF)
    },
    **{
        f"never-{octet:02x}": bytes([octet, 0x80, 0x80, 0x80])
        for octet in (0xC0, 0xC1, *range(0xF5, 0x100))
    },
    # Each row of the table, its second octet one too low and one too high.
    "row-c2-below": b"\xc2\x7f",
    "row-c2-above": b"\xc2\xc0",
    "row-df-below": b"\xdf\x7f",
    "row-df-above": b"\xdf\xc0",
    "row-e0-below": b"\xe0\x9f\x80",
    "row-e0-above": b"\xe0\xc0\x80",
    "row-e1-below": b"\xe1\x7f\x80",
    "row-e1-above": b"\xe1\xc0\x80",
    "row-ec-below": b"\xec\x7f\xbf",
    "row-ec-above": b"\xec\xc0\x80",
    "row-ed-below": b"\xed\x7f\xbf",
    "row-ed-above": b"\xed\xa0\x80",
    "row-ee-below": b"\xee\x7f\xbf",
    "row-ee-above": b"\xee\xc0\x80",
    "row-ef-below": b"\xef\x7f\xbf",
    "row-ef-above": b"\xef\xc0\x80",
    "row-f0-below": b"\xf0\x8f\xbf\xbf",
    "row-f0-above": b"\xf0\xc0\x80\x80",
    "row-f1-below": b"\xf1\x7f\x80\x80",
    "row-f1-above": b"\xf1\xc0\x80\x80",
    "row-f3-below": b"\xf3\x7f\x80\x80",
    "row-f3-above": b"\xf3\xc0\x80\x80",
    "row-f4-below": b"\xf4\x7f\xbf\xbf",
    "row-f4-above": b"\xf4\x90\x80\x80",
    # Their third and fourth octets.
    "third-of-three-below": b"\xe2\x82\x7f",
    "third-of-three-above": b"\xe2\x82\xc0",
    "third-of-four-below": b"\xf0\x9f\x7f\x80",
    "third-of-four-above": b"\xf0\x9f\xc0\x80",
    "fourth-below": b"\xf0\x9f\x98\x7f",
    "fourth-above": b"\xf0\x9f\x98\xc0",
    # Characters in more octets than they need.
    "overlong-nul": b"\xc0\x80",
    "overlong-quote": b"\xc0\xa2",
    "overlong-solidus": b"\xc0\xaf",
    "overlong-backslash": b"\xc1\x9c",
    "overlong-delete": b"\xc1\xbf",
    "overlong-nul-of-three": b"\xe0\x80\x80",
    "overlong-solidus-of-three": b"\xe0\x80\xaf",
    "overlong-7ff": b"\xe0\x9f\xbf",
    "overlong-nul-of-four": b"\xf0\x80\x80\x80",
    "overlong-ffff": b"\xf0\x8f\xbf\xbf",
    "overlong-euro-of-four": b"\xf0\x82\x82\xac",
    "five-octets": b"\xf8\x88\x80\x80\x80",
    "six-octets": b"\xfc\x84\x80\x80\x80\x80",
    # Surrogates, and what is above the last code point.
    "surrogate-d800": b"\xed\xa0\x80",
    "surrogate-dbff": b"\xed\xaf\xbf",
    "surrogate-dc00": b"\xed\xb0\x80",
    "surrogate-dfff": b"\xed\xbf\xbf",
    "surrogate-pair": b"\xed\xa0\xbd\xed\xb8\x80",
    "above-110000": b"\xf4\x90\x80\x80",
    "above-13ffff": b"\xf4\xbf\xbf\xbf",
    "above-140000": b"\xf5\x80\x80\x80",
    # Cut off, by another character or by the end of the string.
    "cut-two": b"\xc3",
    "cut-three-after-one": b"\xe2",
    "cut-three-after-two": b"\xe2\x82",
    "cut-four-after-one": b"\xf0",
    "cut-four-after-two": b"\xf0\x9f",
    "cut-four-after-three": b"\xf0\x9f\x98",
    "cut-by-letter": b"\xe2\x82x",
    "cut-by-character": b"\xe2\x82\xc3\xa9",
    "one-too-many": b"\xc3\xa9\xa9",
    # Other encodings.
    "latin-1": "é".encode("latin-1"),
    "windows-1252": "€".encode("cp1252"),
    "gbk": "中文".encode("gbk"),
    "shift-jis": "あ".encode("shift-jis"),
    "utf-16-mark": b"\xff\xfe",
}

OUTSIDE = {
    "after-brace": b'{\xff"x":1}',
    "after-object": b'{"x":1}\xff',
    "after-colon": b'{"x":\x80}',
    "after-space": b'{"x":1} \xc3',
    "between": b'{"x":1,\xa0"y":2}',
    "in-word": b'{"x":tr\xe9}',
    "in-number": b'{"x":1\xb2}',
    "overlong-brace": b'{"x":1\xc1\xbd',
    "overlong-quote": b"{\xc0\xa2x\xc0\xa2:1}",
    "after-a-fault": b'{"x":01,"y":"\xff"}',
    "in-member-not-known": b'{"id":1,"op":"ping","x-y":"\xff"}',
    "very-last-octet": b'{"x":"' + b"a" * 60_000 + b'"}\xf8',
}


def cases() -> Iterator[DecodeCase]:
    """Characters and what is none, in values and in names."""
    told = {f"{point:06x}": chr(point) for point in POINTS}
    title = "A code point is accepted"
    yield from accepts(("HJP-MET-10",), "point", title, strings(told))
    names = {row: f'{{"{one}":1}}' for row, one in told.items()}
    yield from accepts(("HJP-MET-10",), "point-in-name", title, names)
    title = "What is not well-formed UTF-8 is refused"
    yield from refuses(("HJP-MET-2",), "utf8", title, strings(MALFORMED))
    wrong_names = {row: b'{"a%b":1}' % one for row, one in MALFORMED.items()}
    yield from refuses(("HJP-MET-2",), "utf8-in-name", title, wrong_names)
    inside = {row: b'{"x":["a%bb"]}' % one for row, one in MALFORMED.items()}
    yield from refuses(("HJP-MET-2",), "utf8-inside", title, inside)
    title = "What is not well-formed UTF-8 is refused outside of strings as well"
    yield from refuses(("HJP-MET-2",), "utf8-outside", title, OUTSIDE)
