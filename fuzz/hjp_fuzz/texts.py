"""JSON as text: what a generator of values can never write.

`json_text` writes objects that every receiver has to accept, spelt in every way
that the grammar of RFC 8259 allows.  `json_corner` writes one text for one
requirement, right or wrong.
"""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from hjp_fuzz.corners import CORNERS, Corner, spellings
from hjp_fuzz.sources import Source

NAMES: tuple[str, ...] = (
    *("id", "op", "ok", "more", "data", "error", "timeout_ms", "limits", "features"),
    *("x-a", "", "a", "ID", "Op", "\u00e9", "\U0001f600"),
)
OPS = ("ping", "echo", "upper", "hello", "x-op")
STRINGS: tuple[str, ...] = (
    *("", "a", "hello", "0", "{}", "[", '"', "\\", "/", "\n\t\x7f", "\u00e9"),
    *("\u4f60\u597d", "\U0001f600", "a b", "\u2028", "id", "null"),
)
IDS: tuple[bytes, ...] = (
    *(b"0", b"1", b"2", b"9", b"10", b"255", b"256", b"65536"),
    *(b"2147483648", b"4294967296", b"9007199254740991"),
)
NUMBERS: tuple[bytes, ...] = (
    *(b"0", b"1", b"7", b"-1", b"-0", b"1.0", b"1e0", b"0.5", b"1E+2", b"-1e-9"),
    *(b"9007199254740991", b"9007199254740993", b"123456789012345678901234567890"),
)
LITERALS = (b"null", b"true", b"false")
GAPS = (b"",) * 4 + (b" ", b"\n", b"\t ", b"\r\n  ")

_OPS_SPELT = tuple(chain.from_iterable(map(spellings, OPS)))
_STRINGS_SPELT = tuple(chain.from_iterable(map(spellings, STRINGS)))
_LEAVES = (NUMBERS, LITERALS, _STRINGS_SPELT, _STRINGS_SPELT)
_ARRAY, _OBJECT = range(len(_LEAVES), len(_LEAVES) + 2)
_DEEPEST = 4
"""Deep texts are corners of their own; elsewhere so many levels are enough."""


class Text(NamedTuple):
    """A JSON text that may be right or wrong.

    Attributes:
        octets: the text.
        valid: whether a receiver has to accept it.
        aims: identifiers of the requirements that it was written for.
    """

    octets: bytes
    valid: bool = True
    aims: tuple[str, ...] = ()


def json_text(source: Source) -> Text:
    """Write an object that every receiver has to accept."""
    tokens: list[bytes] = []
    if source.flag():
        _message(source, tokens)
    else:
        _object(source, tokens, depth=1)
    gap = source.choice(GAPS)
    end = source.choice(GAPS)
    aims = ("HJP-MET-5",) if gap or end else ()
    return Text(gap.join(tokens) + end, True, aims)


def json_corner(source: Source, among: Sequence[Corner] = CORNERS) -> Text:
    """Write a text out of a corner of the grammar."""
    corner = source.choice(among)
    return Text(corner.build(source), corner.valid, corner.aims)


def _message(source: Source, tokens: list[bytes]) -> None:
    """Write what looks like a request: the members a parser may look at."""
    tokens += (b"{", b'"id"', b":", source.choice(IDS))
    tokens += (b",", b'"op"', b":", source.choice(_OPS_SPELT))
    if source.flag():
        tokens += (b",", b'"data"', b":")
        _value(source, tokens, depth=1)
    tokens.append(b"}")


def _object(source: Source, tokens: list[bytes], depth: int) -> None:
    used: set[str] = set()
    opened = len(tokens)
    while source.flag():
        name = source.choice(NAMES)
        name += str(len(used)) if name in used else ""
        used.add(name)
        tokens += (b",", source.choice(spellings(name)), b":")
        _value(source, tokens, depth)
    tokens[opened : opened + 1] = [b"{"]
    tokens.append(b"}")


def _array(source: Source, tokens: list[bytes], depth: int) -> None:
    opened = len(tokens)
    while source.flag():
        tokens.append(b",")
        _value(source, tokens, depth)
    tokens[opened : opened + 1] = [b"["]
    tokens.append(b"]")


def _value(source: Source, tokens: list[bytes], depth: int) -> None:
    kind = source.int(0, _OBJECT if depth < _DEEPEST else _ARRAY - 1)
    if kind < _ARRAY:
        tokens.append(source.choice(_LEAVES[kind]))
    elif kind == _ARRAY:
        _array(source, tokens, depth + 1)
    else:
        _object(source, tokens, depth + 1)
