r"""The corners of the JSON grammar, each with the requirement that it aims at.

A corner is a family of texts, all right or all wrong for one reason.  Most are a
value or a name put into a context: a value is as wrong five levels down as at the
top, and a parser that checks only the top is a parser worth finding.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from hjp_fuzz.odd_texts import (
    ALIKE_NAMES,
    ANY_CONTEXTS,
    BAD_LITERALS,
    BAD_NUMBERS,
    BAD_SPACES,
    BAD_STRINGS,
    BAD_STRUCTURES,
    BAD_TEXTS,
    BEFORE_AN_OBJECT,
    BYTE_ORDER_MARK,
    ESCAPED_NAMES,
    ESCAPED_TWINS,
    FINITE_NUMBERS,
    LONE_SURROGATES,
    NAME_CONTEXTS,
    NAMES,
    NOT_AN_OBJECT,
    NOT_UTF8,
    ODD_STRINGS,
    PAIR_CONTEXTS,
    RAW_CONTROLS,
    TOO_BIG_EXPONENTS,
    TOO_MANY_DIGITS,
    UTF8_CONTEXTS,
    VALUE_CONTEXTS,
)
from hjp_fuzz.sources import Source
from hjp_spec.registry import MAX_DEPTH, MAX_JSON

Build = Callable[[Source], bytes]


@dataclass(frozen=True, slots=True)
class Corner:
    """A family of JSON texts with one thing in common.

    Attributes:
        rule: the requirement aimed at, such as HJP-MET-6.
        valid: whether a receiver has to accept the texts.
        build: writes one of them.
        also: further requirements that the texts exercise.
        share: how often it is chosen, for as many times that another one is.
    """

    rule: str
    valid: bool
    build: Build
    also: tuple[str, ...] = ()
    share: int = 1

    @property
    def aims(self) -> tuple[str, ...]:
        """All requirements that the texts exercise."""
        return (self.rule, *self.also)


ESCAPES = {'"': b'\\"', "\\": b"\\\\", "\n": b"\\n", "\t": b"\\t", "\r": b"\\r"}
ESCAPES |= {"\b": b"\\b", "\f": b"\\f"}


@cache
def spellings(text: str) -> tuple[bytes, ...]:
    """Return the ways to write a string of JSON, three times out of four plainly.

    The others have all characters escaped, or one.
    """
    plainly = plain(text)
    if not text:
        return (plainly,)
    whole = [b'"%b"' % b"".join(_escaped(c, form) for c in text) for form in HEX_FORMS]
    parts = [
        plain(text[:at])[:-1] + _escaped(char, HEX_FORMS[1]) + plain(text[at + 1 :])[1:]
        for at, char in enumerate(text)
    ]
    return (plainly,) * (9 * len(text)) + tuple(whole * len(text) + parts)


def plain(text: str) -> bytes:
    """Write a string of JSON with no more escapes than it needs."""
    return b'"%b"' % b"".join(
        ESCAPES.get(char) or (char.encode() if char >= " " else b"\\u%04x" % ord(char))
        for char in text
    )


HEX_FORMS = ("\\u{:04x}", "\\u{:04X}")


def _escaped(char: str, form: str) -> bytes:
    units = char.encode("utf-16-be")
    pairs = (units[at : at + 2] for at in range(0, len(units), 2))
    return "".join(form.format(int.from_bytes(pair)) for pair in pairs).encode()


def texts(*options: bytes) -> Build:
    """Write one of these texts."""
    return lambda source: source.choice(options)


def within(contexts: Sequence[bytes], *options: bytes) -> Build:
    """Write one of these values or names in one of the contexts."""
    return lambda source: source.choice(contexts) % source.choice(options)


def _pairs(pairs: Sequence[tuple[bytes, bytes]]) -> Build:
    def build(source: Source) -> bytes:
        context = source.choice(PAIR_CONTEXTS)
        pair = source.choice(pairs)
        return context % (pair[::-1] if source.flag() else pair)

    return build


def _twice(source: Source) -> bytes:
    name = plain(source.choice(NAMES))
    return source.choice(PAIR_CONTEXTS) % (name, name)


def _among_many(source: Source) -> bytes:
    """Write the same name twice among so many that no parser compares pairwise."""
    count = 1000 if source.flag(16) else source.choice((3, 17, 129))
    # Of few texts, the long ones are read only once by whoever remembers them.
    twin = source.choice((0, count // 2, count - 1))
    return b'{%b,"n%d":0}' % (_many(count), twin)


@cache
def _many(count: int) -> bytes:
    return b",".join(b'"n%d":%d' % (at, at) for at in range(count))


OPENERS = (b"[", b'{"a":', b'[{"b":[', b'[0,{"a":1,"b":')
PAIRED = bytes.maketrans(b"[{", b"]}")


TOKENS = (b"{", b'"id"', b":", b"1", b",", b'"a"', b":", b"[", b"{", b"}", b"]", b"}")


def nested(depth: int, opener: bytes, leaf: bytes, *, closed: bool = True) -> bytes:
    """Write an object that nests objects and arrays just so deep."""
    levels = depth - 1
    whole, rest = divmod(levels, opener.count(b"[") + opener.count(b"{"))
    opened = b'{"a":' + opener * whole + b"[" * rest + leaf
    return opened + b"]" * rest + _closing(opener) * whole + b"}" if closed else opened


def _closing(opener: bytes) -> bytes:
    return opener.translate(PAIRED, b'"a b:0,1')[::-1]


def _deep(depths: Sequence[int], *, closed: bool = True) -> Build:
    def build(source: Source) -> bytes:
        depth, opener = source.choice(depths), source.choice(OPENERS)
        if source.flag():  # the deepest level may be empty
            return nested(
                depth - 1, opener, source.choice((b"[]", b"{}")), closed=closed
            )
        return nested(depth, opener, b"1", closed=closed)

    return build


def _siblings(source: Source) -> bytes:
    """Write many deep values side by side: depth is not the number of brackets."""
    deep = nested(MAX_DEPTH - 2, source.choice(OPENERS), b"1")
    return b'{"a":[%b,%b]}' % (deep, deep)


def _spaced(source: Source) -> bytes:
    gaps = [source.choice((b" ", b"\n", b"\t", b"\r", b" \r\n\t ")) for _ in range(4)]
    return b"".join(token + gaps[at % 4] for at, token in enumerate(TOKENS))


def _padded(lengths: Sequence[int]) -> Build:
    """Write a text of just so many octets, padded by white space or by a string."""

    def build(source: Source) -> bytes:
        length = source.choice(lengths)
        if source.flag():
            return b'{"a":"%b"}' % (b"x" * (length - 8))
        return b"{%b}" % (source.choice((b" ", b"\n")) * (length - 2))

    return build


def _before(octets: Sequence[bytes]) -> Build:
    def build(source: Source) -> bytes:
        return source.choice(octets) + source.choice((b"{}", b'{"id":1,"op":"ping"}'))

    return build


def met(number: int) -> str:
    """Return the identifier of a requirement on metadata."""
    return f"HJP-MET-{number}"


VALID_CORNERS = (
    Corner(met(5), True, texts(b"{} ", b"{}\n", b"{ }", b"{}\r\n\t ", b'{"a" :\n1}')),
    Corner(met(5), True, _spaced),
    Corner(met(7), True, texts(*ESCAPED_NAMES), share=2),
    Corner(met(8), True, _pairs(ALIKE_NAMES), share=4),
    Corner(met(10), True, within(ANY_CONTEXTS, *ODD_STRINGS), share=6),
    Corner(met(11), True, within(VALUE_CONTEXTS, *FINITE_NUMBERS), share=3),
    Corner(met(13), True, _deep((MAX_DEPTH, MAX_DEPTH, MAX_DEPTH - 1)), share=3),
    Corner(met(13), True, _siblings),
    Corner("HJP-FRM-12", True, texts(b"{}")),
    Corner("HJP-FRM-12", True, _padded((254, 255, 256, 257, 1023, 1024, 4096))),
)
LONG_CORNERS = (
    Corner("HJP-FRM-12", True, _padded((MAX_JSON, MAX_JSON, MAX_JSON - 1))),
)
INVALID_CORNERS = (
    Corner(met(2), False, within(UTF8_CONTEXTS, *NOT_UTF8)),
    Corner(met(2), False, texts(b"\xff\xfe{\x00}\x00", b"\xfe\xff\x00{\x00}")),
    Corner(met(3), False, texts(*NOT_AN_OBJECT)),
    Corner(met(3), False, _before((BYTE_ORDER_MARK,))),
    Corner(met(3), False, _before(BEFORE_AN_OBJECT)),
    Corner(met(4), False, within(VALUE_CONTEXTS, *BAD_LITERALS), share=3),
    Corner(met(4), False, within(VALUE_CONTEXTS, *BAD_NUMBERS)),
    Corner(met(4), False, within(VALUE_CONTEXTS, *BAD_STRINGS)),
    Corner(met(4), False, within(ANY_CONTEXTS, *RAW_CONTROLS)),
    Corner(met(4), False, within(VALUE_CONTEXTS, *BAD_STRUCTURES)),
    Corner(met(4), False, within(VALUE_CONTEXTS, *BAD_SPACES)),
    Corner(met(4), False, texts(*BAD_TEXTS)),
    Corner(met(6), False, _twice),
    Corner(met(6), False, _among_many),
    Corner(met(7), False, _pairs(ESCAPED_TWINS), (met(6),)),
    Corner(met(9), False, within(VALUE_CONTEXTS, *LONE_SURROGATES)),
    Corner(met(9), False, within(NAME_CONTEXTS, *LONE_SURROGATES)),
    Corner(met(11), False, within(VALUE_CONTEXTS, *TOO_BIG_EXPONENTS)),
    Corner(met(11), False, within(VALUE_CONTEXTS, *TOO_MANY_DIGITS), share=2),
    Corner(met(12), False, _deep((MAX_DEPTH + 1,) * 6 + (MAX_DEPTH + 2, 64, 2000))),
    Corner(met(12), False, _deep((MAX_DEPTH + 1, 2000, 5000), closed=False)),
)
CORNERS = VALID_CORNERS + INVALID_CORNERS


def by_share(corners: Sequence[Corner]) -> tuple[Corner, ...]:
    """Return corners to choose from, each as often as its share is."""
    return tuple(corner for corner in corners for _ in range(corner.share))
