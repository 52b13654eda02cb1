"""Streams of somebody else's format: right frames, and what can be wrong with them.

The odd values are those of the grammar of HJP.  They are put into right texts of the
format, since any other text is refused for not being one, whatever is odd about it.
"""

from collections.abc import Callable, Sequence

from hjp_fuzz import grammar, odd_texts
from hjp_fuzz.cases import Case, Draft
from hjp_fuzz.corners import plain, spellings
from hjp_fuzz.dialect import Role
from hjp_fuzz.formats.format import Format
from hjp_fuzz.formats.layout import Part
from hjp_fuzz.mutate import mutated
from hjp_fuzz.smaller_texts import elements_of, tokens_of
from hjp_fuzz.sources import BytesSource, Source
from hjp_fuzz.texts import json_corner, json_text

_ODD_VALUES = (
    *(b"null", b"true", b"false", b"0", b"1", b"-1", b'""', b'"a"', b"[]", b"{}"),
    *(b"1.0", b"1e0", b"-0", b"0.5", b"4294967296", b"9223372036854775808"),
    *(b"18446744073709551615", b"18446744073709551616", b'"0"', b"[0]"),
)
_VALUES = (
    *(_ODD_VALUES, _ODD_VALUES, _ODD_VALUES, odd_texts.BAD_LITERALS),
    *(odd_texts.BAD_NUMBERS, odd_texts.BAD_STRINGS, odd_texts.RAW_CONTROLS),
    *(odd_texts.BAD_STRUCTURES, odd_texts.LONE_SURROGATES, odd_texts.ODD_STRINGS),
    *(odd_texts.TOO_BIG_EXPONENTS, odd_texts.TOO_MANY_DIGITS),
    odd_texts.FINITE_NUMBERS,
)
_STRINGS = (
    *(odd_texts.ODD_STRINGS, odd_texts.RAW_CONTROLS, odd_texts.LONE_SURROGATES),
    odd_texts.BAD_STRINGS,
)
_AFTER = (
    *(b" ", b"\n", b"\t", b"\r\n", b"\x00", b"}", b"{}", b",", b"//", b"null"),
    *(b"\xc2\xa0", b"\x0b", b"\xff", odd_texts.BYTE_ORDER_MARK),
)
_BEFORE = (*odd_texts.BEFORE_AN_OBJECT, odd_texts.BYTE_ORDER_MARK, b"\xff\xfe")
_DEEP = (20, 33, 150, 5000)

Tokens = list[bytes]


def odd(source: Source, text: bytes) -> bytes:
    """Make one thing odd in a right JSON text; it may still be right."""
    return source.choice(_ODDITIES)(source, text)


def _value(source: Source, text: bytes) -> bytes:
    """Put an odd value in the place of one."""
    return _replaced(source, text, source.choice(source.choice(_VALUES)))


def _deep(source: Source, text: bytes) -> bytes:
    depth = source.choice(_DEEP)
    return _replaced(source, text, b"[" * depth + b"]" * depth)


def _replaced(source: Source, text: bytes, value: bytes) -> bytes:
    tokens = tokens_of(text)
    places = list(elements_of(tokens))
    if not places:
        return text[:-1] + b'"a":%b}' % value
    place = source.choice(places)
    start = _start(tokens, place)
    return b"".join((*tokens[:start], value, *tokens[place.stop :]))


def _copied(source: Source, text: bytes) -> bytes:
    """Put a value in the place of another one."""
    tokens = tokens_of(text)
    places = list(elements_of(tokens))
    if not places:
        return text
    return _replaced(source, text, _value_at(tokens, source.choice(places)))


def _value_at(tokens: Tokens, place: range) -> bytes:
    return b"".join(tokens[_start(tokens, place) : place.stop])


def _start(tokens: Tokens, place: range) -> int:
    """Return where the value of a member, or an element, begins."""
    return place.start + 2 * (tokens[place.start + 1] == b":")


def _members(tokens: Tokens) -> list[range]:
    return [at for at in elements_of(tokens) if tokens[at.start + 1] == b":"]


def _name(source: Source, text: bytes) -> bytes:
    """Put an odd name in the place of one."""
    tokens, name = tokens_of(text), source.choice(source.choice(_STRINGS))
    places = _members(tokens)
    if not places:
        return b"{%b:0}" % name
    tokens[source.choice(places).start] = name
    return b"".join(tokens)


def _twice(source: Source, text: bytes) -> bytes:
    """Write a member twice, perhaps in another spelling, perhaps of another value."""
    tokens = tokens_of(text)
    places = _members(tokens)
    value = source.choice((None, *_ODD_VALUES[:4]))
    if not places:
        return b'{"a":0,"a":%b}' % (value or b"0")
    place = source.choice(places)
    again = tokens[place.start : place.stop]
    if value is not None:
        again[2:] = [value]
    if source.flag(3) and b"\\" not in again[0]:
        again[0] = source.choice(spellings(again[0][1:-1].decode()))
    return b"".join((*tokens[: place.stop], b",", *again, *tokens[place.stop :]))


def _added(source: Source, text: bytes) -> bytes:
    """Add a member that nobody has asked for to some object."""
    opened = [at for at, octet in enumerate(text) if octet == ord("{")]
    at = source.choice(opened) + 1
    value = source.choice(_ODD_VALUES)
    tokens = tokens_of(text)
    places = list(elements_of(tokens))
    if places and source.flag():
        value = _value_at(tokens, source.choice(places))
    member = b"%b:%b" % (plain(source.choice(_NAMES)), value)
    comma = b"" if text[at:].lstrip().startswith(b"}") else b","
    return text[:at] + member + comma + text[at:]


_NAMES = ("x", "", "\x00", "\u00e9", "__proto__", "__metadata__", "type", "data")


def _left_out(source: Source, text: bytes) -> bytes:
    """Leave a member or an element out, and a comma beside it."""
    tokens = tokens_of(text)
    places = list(elements_of(tokens))
    if not places:
        return b"{"
    place = source.choice(places)
    stop = place.stop + (tokens[place.stop] == b",")
    start = place.start - (stop == place.stop and tokens[place.start - 1] == b",")
    return b"".join((*tokens[:start], *tokens[stop:]))


def _around(source: Source, text: bytes) -> bytes:
    if source.flag():
        return source.choice(_BEFORE) + text
    return text + source.choice(_AFTER)


def _not_utf8(source: Source, text: bytes) -> bytes:
    inside = [at + 1 for at, octet in enumerate(text) if octet == ord('"')]
    at = source.choice(inside or [0])
    return text[:at] + source.choice(odd_texts.NOT_UTF8) + text[at:]


def _other(source: Source, text: bytes) -> bytes:
    return json_corner(source).octets if source.flag() else json_text(source).octets


_ODDITIES: Sequence[Callable[[Source, bytes], bytes]] = (
    *(_value, _value, _value, _copied, _twice, _twice, _name, _added, _left_out),
    *(_around, _around, _not_utf8, _other, _deep),
)


def _frame(source: Source, dialect: Format) -> Draft:
    """Write a right frame.

    It takes a few choices, whatever becomes of it: all of them 0 are the simplest
    frame, and what is odd about it stays the same.
    """
    octets = b"".join(source.bytes(8) for _ in range(4))
    return dialect.drawn(BytesSource(octets))


def _right(source: Source, dialect: Format) -> Draft:
    return _frame(source, dialect)


def _odd_text(source: Source, dialect: Format) -> Draft:
    draft = _frame(source, dialect)
    texts = [p.name for p in dialect.parts if p.role is Role.TEXT]
    others = [name for name in texts if draft.lies.get(name)]
    if others and source.flag():
        name = source.choice(others)
        said = draft.lies[name]
        assert isinstance(said, bytes), "a text"
        draft.lies = {**draft.lies, name: odd(source, said)}
    else:
        draft.json = odd(source, draft.json)
    return draft


def _wrong_length(source: Source, dialect: Format) -> Draft:
    draft = _frame(source, dialect)
    counted = [part for part in dialect.parts if part.of or part.said]
    if counted:
        part = source.choice(counted)
        name, lie = (part.said, _MEMBERS) if part.said else (part.name, _LENGTHS)
        draft.lies = {**draft.lies, name: lie(source, part)}
    return draft


def _lengths(source: Source, part: Part) -> int | bytes:
    sign = 1 << (8 * part.width or 64) - 1
    near = (0, 1, 2, 7, 8, 16, 65_537, sign, sign - 1, sign * 2 - 1, sign * 2 - 8)
    return source.choice((*near, 1 << 24, 1 << 31, 1 << 32, 100_000_001))


def _members_lengths(source: Source, part: Part) -> int | bytes:
    if source.flag():
        return _lengths(source, part)
    return source.choice((b"-1", b"true", b'"1"', b"null", b"1.0", b"[]", b"1e2", b"0"))


_LENGTHS, _MEMBERS = _lengths, _members_lengths


def _wrong_constant(source: Source, dialect: Format) -> Draft:
    draft = _frame(source, dialect)
    constants = [part for part in dialect.parts if part.role is Role.CONSTANT]
    if constants:
        part = source.choice(constants)
        draft.lies = {**draft.lies, part.name: mutated_constant(source, part.value)}
    return draft


def mutated_constant(source: Source, right: bytes) -> bytes:
    """Return something of the width of a constant that is not the constant."""
    at, change = source.int(0, len(right) - 1), source.int(1, 255)
    return right[:at] + bytes([right[at] ^ change]) + right[at + 1 :]


def _other_payload(source: Source, dialect: Format) -> Draft:
    draft = _frame(source, dialect)
    draft.payload = grammar.payload(source, dialect)
    return draft


def _damaged(source: Source, dialect: Format) -> Draft:
    return Draft(raw=mutated(source, dialect.write(_frame(source, dialect))))


# Out of a hundred, as in the grammar of HJP; mostly nothing comes after a fault.
_SHARES = (
    (_right, 36, 2),
    (_odd_text, 42, 4),
    (_wrong_length, 8, 8),
    (_wrong_constant, 4, 8),
    (_other_payload, 4, 8),
    (_damaged, 6, 8),
)
_KINDS = tuple((write, more) for write, share, more in _SHARES for _ in range(share))


def stream(source: Source, dialect: Format) -> tuple[Draft, ...]:
    """Write a stream of frames, right and wrong; of one where none comes after."""
    most = None if dialect.several else 1
    return grammar.stream(source, dialect, most=most, kinds=_KINDS)


def case(source: Source, dialect: Format, ways: int = 1) -> Case:
    """Write a stream and the ways to divide it; see `grammar.case`."""
    return grammar.divided(source, dialect, stream(source, dialect), ways)
