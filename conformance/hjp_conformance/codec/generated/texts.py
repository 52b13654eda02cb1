"""Families of JSON texts: octets changed, tokens, white space, names, depth."""

from collections.abc import Iterator
from itertools import product

from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.generated.family import family, framed

RICH = rb'{"id":1,"a\u00e9":"b\n\ud83d\ude00","n":[-1.5e+3,0,true,null,{}]} '
"""A text with every kind of token; it never changes, as ids count its octets."""

OCTETS = b'\x00\x0a\x1f "+,-.09:EG[\\]efu{}\x7f\x80\xff'
"""What an octet of the text is replaced by: punctuation, ends of ranges, letters."""

TOKENS = {"name": b'"a"', "colon": b":", "0": b"0", "comma": b","}
IN_ARRAY = {"0": b"0", "comma": b",", "open": b"[", "close": b"]"}
NESTED = {"a": b'{"a":', "o": b"{", "oo": b"}", "s": b"[", "ss": b"]"}

SPACE = {"20": b" ", "09": b"\t", "0a": b"\n", "0d": b"\r"}
NOT_SPACE = {
    **{f"{octet:02x}": bytes([octet]) for octet in (0, 8, 0xB, 0xC, 0xE, 0x1F, 0x7F)},
    **{
        f"{point:04x}": chr(point).encode()
        for point in (0x85, 0xA0, 0x2003, 0x2028, 0x3000, 0xFEFF)
    },
}
PIECES = (
    *(b"{", b'"a"', b":", b"[", b"1", b",", b"true", b"]", b",", b'"b"', b":"),
    *(b'"c"', b",", b'"d"', b":", b"{", b"}", b"}"),
)
"""The tokens of one text; white space goes after any of them."""

SPELLINGS = {
    "a": {"raw": "a", "escape": r"\u0061"},
    "capital-a": {"raw": "A"},
    "e-acute": {"raw": "é", "escape": r"\u00e9", "capital": r"\u00E9"},
    "e-and-acute": {"raw": "e\u0301", "half": r"e\u0301"},
    "euro": {"raw": "€", "escape": r"\u20ac"},
    "smile": {"raw": "\U0001f600", "escape": r"\ud83d\ude00", "mixed": r"\uD83d\uDE00"},
    "quote": {"short": r"\"", "escape": r"\u0022"},
    "backslash": {"short": r"\\", "escape": r"\u005c"},
    "solidus": {"raw": "/", "short": r"\/", "escape": r"\u002f"},
    "line-feed": {"short": r"\n", "escape": r"\u000a", "capital": r"\u000A"},
    "nul": {"escape": r"\u0000"},
    "nothing": {"raw": ""},
    "f600": {"raw": "\uf600"},
}
"""Names by what they are, each in all ways to write it."""

SHAPES = {"a": "a", "o": "o", "oa": "oa", "ao": "ao", "ooa": "ooa", "aao": "aao"}
"""Patterns of objects and arrays below the outermost object."""

INNERMOST = {"empty": "", "number": "1", "string": '"[{"', "deeper-sibling": '1,""'}


def cases() -> Iterator[DecodeCase]:
    """All families of texts."""
    yield from _octets()
    yield from _tokens()
    yield from _space()
    yield from _names()
    yield from _depth()


def _octets() -> Iterator[DecodeCase]:
    title = "A rich JSON text with one octet changed"
    cited = ("HJP-MET-4", "HJP-FRM-12")
    yield from family(cited, "octet", title, framed(_changed()))


def _changed() -> Iterator[tuple[str, bytes]]:
    for place, octet in enumerate(RICH):
        start, end = RICH[:place], RICH[place + 1 :]
        for other in OCTETS:
            if other != octet:
                yield f"{place:03}-as-{other:02x}", start + bytes([other]) + end
        yield f"{place:03}-gone", start + end
        yield f"{place:03}-twice", start + bytes([octet, octet]) + end
        if end:
            yield f"{place:03}-later", start + end[:1] + bytes([octet]) + end[1:]
        yield f"{place:03}-last", RICH[: place + 1]


def _tokens() -> Iterator[DecodeCase]:
    for name, tokens, most, around in (
        ("object", TOKENS, 4, b"{%b}"),
        ("array", IN_ARRAY, 4, b'{"x":[%b]}'),
        ("nested", NESTED, 3, b'{"x":%b0}'),
    ):
        found = (
            ("-".join(row), around % b"".join(tokens[one] for one in row))
            for length in range(1, most + 1)
            for row in product(tokens, repeat=length)
        )
        title = f"Tokens in any order ({name})"
        cited = ("HJP-MET-4", "HJP-FRM-12")
        yield from family(cited, f"tokens-{name}", title, framed(found))


def _space() -> Iterator[DecodeCase]:
    cited = ("HJP-MET-4", "HJP-MET-5")
    single = (
        (f"{place:02}-{row}", _after(place, space))
        for place in range(len(PIECES))
        for row, space in {**SPACE, **NOT_SPACE}.items()
    )
    title = "White space, and what is none, after a token"
    yield from family(cited, "space-after", title, framed(single))
    pairs = (
        (f"{place:02}-{one}-{other}", _after(place, SPACE[one] + SPACE[other]))
        for place in range(len(PIECES))
        for one, other in product(SPACE, repeat=2)
    )
    title = "Two of white space after a token"
    yield from family(("HJP-MET-5",), "space-after", title, framed(pairs))


def _after(place: int, space: bytes) -> bytes:
    return b"".join((*PIECES[: place + 1], space, *PIECES[place + 1 :]))


def _names() -> Iterator[DecodeCase]:
    written = [
        (f"{name}-{way}", spelt)
        for name, ways in SPELLINGS.items()
        for way, spelt in ways.items()
    ]
    cited = ("HJP-MET-6", "HJP-MET-8", "HJP-MET-7")
    found = (
        (f"{row}-and-{other}", f'{{"{one}":1,"{two}":2}}'.encode())
        for (row, one), (other, two) in product(written, repeat=2)
    )
    title = "Two members, their names spelt in some way"
    yield from family(cited, "names", title, framed(found))
    same = (
        (f"{name}-{one}-and-{two}", f'[{{"x{ways[one]}":0,"y":[],"x{ways[two]}":0}}]')
        for name, ways in SPELLINGS.items()
        for one, two in product(ways, repeat=2)
    )
    inside = ((row, b'{"id":%b}' % text.encode()) for row, text in same)
    title = "Two members inside of an array, their names spelt in some way"
    yield from family(cited, "names-inside", title, framed(inside))


def _depth() -> Iterator[DecodeCase]:
    found = (
        (f"{name}-{levels}-{inside}", _nested(shape, levels, inside))
        for name, shape in SHAPES.items()
        for levels in range(29, 36)
        for inside in INNERMOST
    )
    title = "Objects and arrays, this pattern, so many levels, this innermost"
    yield from family(("HJP-MET-12", "HJP-MET-13"), "nest", title, framed(found))


def _nested(shape: str, levels: int, inside: str) -> bytes:
    kinds = "o" + (shape * levels)[: levels - 1]
    innermost = INNERMOST[inside]
    if kinds[-1] == "o":
        innermost = innermost and f'"x":{innermost}'.replace(",", ',"y":')
    opening = "".join("[" if kind == "a" else '{"x":' for kind in kinds[:-1])
    last = "[" if kinds[-1] == "a" else "{"
    closing = "".join("]" if kind == "a" else "}" for kind in reversed(kinds))
    return (opening + last + innermost + closing).encode()
