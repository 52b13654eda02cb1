"""The strict reader of metadata: the scanner of the core's appendix, executable.

It stops at the first octet that no continuation can repair, so it also tells what
a receiver may refuse before the text is complete (HJP-FRM-18).
"""

import re
from collections.abc import Callable, Container, Iterable
from math import isinf
from typing import Any

from hjp_spec.faults import FormatFault
from hjp_spec.registry import MAX_DEPTH, Code

_HEX = rb"[0-9A-Fa-f]"
_PAIR = rb"\\u[Dd][89ABab]%b{2}\\u[Dd][C-Fc-f]%b{2}" % (_HEX, _HEX)
_UNIT = rb"\\u(?![Dd][89A-Fa-f])%b{4}" % _HEX
_ESCAPE = rb'(?:\\["\\/bfnrt]|%b|%b)' % (_UNIT, _PAIR)
_INTEGER = rb"-?(?:0|[1-9][0-9]*+)"
_FRACTION = rb"\.[0-9]++"
_EXPONENT = rb"[Ee][-+]?[0-9]++"

_spaces = re.compile(rb"[ \t\n\r]*+").match
_plain_string = re.compile(rb'"([^"\\\x00-\x1f]*+)"').match
_string_body = re.compile(rb'"((?:[^"\\\x00-\x1f]++|%b)*+)' % _ESCAPE).match
_escape = re.compile(_ESCAPE).fullmatch
_resolve_escapes = re.compile(_ESCAPE).sub
_surrogate = re.compile(rb"\\u[Dd][89A-Fa-f]").match
_number_octets = re.compile(rb"[-+.0-9Ee]++").match
_number = re.compile(rb"%b(%b)?(%b)?" % (_INTEGER, _FRACTION, _EXPONENT)).fullmatch
_good_part_of_number = re.compile(
    rb"%b(?:%b)?(?:%b)?|-?" % (_INTEGER, _FRACTION, _EXPONENT)
).match

_SHORT_ESCAPES = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_WORDS: dict[int, tuple[bytes, bool | None]] = {
    ord("t"): (b"true", True),
    ord("f"): (b"false", False),
    ord("n"): (b"null", None),
}
_SPACES, _QUOTE, _BACKSLASH, _COMMA, _COLON = frozenset(b" \t\n\r"), *b'"\\,:'
_NUMBER_STARTS = frozenset(b"-0123456789")

# Whatever is cut off somewhere inside, one of these is a shortest way to finish it.
_ESCAPE_ENDS = (
    b"n", b"0", b"00", b"000", b"C00", b"0000", b"DC00", b"uDC00",
    rb"\uDC00", rb"0\uDC00", rb"00\uDC00",
)  # fmt: skip
_NUMBER_ENDS = sorted(
    [b"", b"0", *(sign + b"9" * n for sign in (b"", b"-", b"e-") for n in range(1, 6))],
    key=len,
)
_CHARACTER_ENDS = [fill * n for n in (1, 2, 3) for fill in (b"\x80", b"\xbf")]


class _Short(FormatFault):
    """The text ends too early; so many octets more could make it acceptable."""

    def __init__(self, offset: int, need: int, allowed: str):
        message = f"the JSON text ends; allowed: {allowed}"
        super().__init__(Code.BAD_JSON, "HJP-MET-4", offset, message)
        self.need = need


def parse(text: bytes) -> dict[str, Any]:
    """Read a JSON text as every receiver has to.

    Integers are ``int``; every other number is ``float``, ``-0`` included, so that
    what is not written in plain digits can be told (HJP-MET-19).

    Args:
        text: the JSON text, as it stands in the frame.

    Raises:
        FormatFault: the text is refused, for HJP-MET-2, 3, 4, 6, 9, 11 or 12; the
            offset counts from the start of the text.
    """
    try:
        text.decode()
    except UnicodeDecodeError as error:
        found = text[error.start : error.end].hex(" ").upper()
        message = f"found {found}; allowed: well-formed UTF-8 ({error.reason})"
        raise _refused("HJP-MET-2", error.start, message) from None
    return _Scanner(text).metadata()


def shortfall(prefix: bytes) -> int | None:
    """How many octets more would make the start of a JSON text acceptable.

    A name that is cut off inside an escape or a character counts as one that can
    still become new; apart from that the number is exact.

    Returns:
        The least number of octets, or None where no octets could.
    """
    try:
        prefix.decode()
    except UnicodeDecodeError as error:
        return _shortfall_inside_character(prefix, error)
    try:
        _Scanner(prefix).metadata()
    except _Short as short:
        return short.need
    except FormatFault:
        return None
    return 0


def _shortfall_inside_character(prefix: bytes, error: UnicodeDecodeError) -> int | None:
    end = _shortest(prefix[error.start :], _CHARACTER_ENDS, _is_utf8)
    if end is None:
        return None
    # A name longer than all others stands for the character: it is surely new.
    need = shortfall(prefix[: error.start] + b"x" * len(prefix))
    return None if need is None else need + len(end)


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_finite_number(octets: bytes) -> bool:
    return _number(octets) is not None and not isinf(float(octets))


def _shortest(
    start: bytes, ends: Iterable[bytes], good: Callable[[bytes], object]
) -> bytes | None:
    return next((end for end in ends if good(start + end)), None)


def _refused(requirement: str, offset: int, message: str) -> FormatFault:
    return FormatFault(Code.BAD_JSON, requirement, offset, message)


def _found(octet: int) -> str:
    return repr(chr(octet)) if 0x20 < octet < 0x7F else f"{octet:02X}"


def _character(escape: re.Match[bytes]) -> bytes:
    letter = escape[0][1:2]
    if letter != b"u":
        return _SHORT_ESCAPES.get(letter, letter)
    first, *second = (int(digits, 16) for digits in escape[0].split(rb"\u")[1:])
    if second:
        first = 0x10000 + (first - 0xD800) * 0x400 + (second[0] - 0xDC00)
    return chr(first).encode()


def _resolved(body: bytes) -> str:
    return _resolve_escapes(_character, body).decode()


class _Scanner:
    """One pass over one text; ``depth`` counts the objects and arrays around."""

    __slots__ = ("size", "text")

    def __init__(self, text: bytes):
        self.size = len(text)
        # An octet that is allowed nowhere saves a look at the end at every step.
        self.text = text + b"\0"

    def metadata(self) -> dict[str, Any]:
        if self.text[0] != ord("{"):
            raise self._stop(0, "'{'", need=2, requirement="HJP-MET-3")
        members, pos = self._object(0, 0)
        pos = self._skip(pos)
        if pos != self.size:
            raise self._stop(pos, "white space or the end", need=0)
        return members

    def _skip(self, pos: int) -> int:
        if self.text[pos] not in _SPACES:
            return pos
        return _end(_spaces(self.text, pos))

    def _value(self, pos: int, depth: int) -> tuple[Any, int]:
        octet = self.text[pos]
        if octet == _QUOTE:
            return self._string(pos, depth)
        if octet in _NUMBER_STARTS:
            return self._number(pos, depth)
        if octet == ord("{"):
            return self._object(pos, depth)
        if octet == ord("["):
            return self._array(pos, depth)
        if octet in _WORDS:
            return self._word(pos, depth)
        raise self._stop(pos, "a value", need=depth + 1)

    def _object(self, pos: int, depth: int) -> tuple[dict[str, Any], int]:
        inside = self._enter(pos, depth)
        members: dict[str, Any] = {}
        pos = self._skip(pos + 1)
        if self.text[pos] == ord("}"):
            return members, pos + 1
        allowed, need = "a name or '}'", inside
        while True:
            if self.text[pos] != _QUOTE:
                raise self._stop(pos, allowed, need)
            name, end = self._string(pos, inside + len(":0"), members)
            if name in members:
                message = f"the name {name!r} again; allowed: each name once"
                raise _refused("HJP-MET-6", pos, message)
            pos = self._skip(end)
            if self.text[pos] != _COLON:
                raise self._stop(pos, "':'", inside + len(":0"))
            members[name], pos = self._value(self._skip(pos + 1), inside)
            pos = self._skip(pos)
            if self.text[pos] != _COMMA:
                return members, self._leave(pos, "}", inside)
            pos = self._skip(pos + 1)
            allowed, need = "a name", inside + len('"":0') + ("" in members)

    def _array(self, pos: int, depth: int) -> tuple[list[Any], int]:
        inside = self._enter(pos, depth)
        elements: list[Any] = []
        pos = self._skip(pos + 1)
        if self.text[pos] == ord("]"):
            return elements, pos + 1
        if pos == self.size:
            raise self._stop(pos, "a value or ']'", inside)
        while True:
            element, pos = self._value(pos, inside)
            elements.append(element)
            pos = self._skip(pos)
            if self.text[pos] != _COMMA:
                return elements, self._leave(pos, "]", inside)
            pos = self._skip(pos + 1)

    def _enter(self, pos: int, depth: int) -> int:
        if depth == MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH}; allowed: {MAX_DEPTH} levels"
            raise _refused("HJP-MET-12", pos, message)
        return depth + 1

    def _leave(self, pos: int, closing: str, depth: int) -> int:
        if self.text[pos] != ord(closing):
            raise self._stop(pos, f"',' or '{closing}'", depth)
        return pos + 1

    def _string(
        self, pos: int, need: int, names: Container[str] = ()
    ) -> tuple[str, int]:
        """The string at pos; after its end so many octets more are needed."""
        plain = _plain_string(self.text, pos)
        if plain is not None:
            return plain[1].decode(), plain.end()
        body = _string_body(self.text, pos)
        assert body is not None, "both begin with the quote at pos"
        end = body.end()
        if self.text[end] == _QUOTE:
            return _resolved(body[1]), end + 1
        if self.text[end] == _BACKSLASH:
            raise self._bad_escape(end, need + 1)
        need += 1 + (end == self.size and _resolved(body[1]) in names)
        raise self._stop(end, "no control character in a string, '\"' after it", need)

    def _bad_escape(self, pos: int, need: int) -> FormatFault:
        rest = self.text[pos : min(self.size, pos + len(r"\uD800\uDC00"))]
        if pos + len(rest) == self.size:
            end = _shortest(rest, _ESCAPE_ENDS, _escape)
            if end is not None:
                return _Short(self.size, need + len(end), "the rest of an escape")
        found = repr(rest.decode(errors="replace"))
        if _surrogate(rest):
            message = f"found {found}; allowed: surrogates in pairs"
            return _refused("HJP-MET-9", pos, message)
        message = f"found {found}; allowed: " + r"\" \\ \/ \b \f \n \r \t \u0000"
        return _refused("HJP-MET-4", pos, message)

    def _number(self, pos: int, depth: int) -> tuple[float, int]:
        octets = _group(_number_octets(self.text, pos))
        end = pos + len(octets)
        if end == self.size:
            ending = _shortest(octets, _NUMBER_ENDS, _is_finite_number)
            if ending is not None:
                raise _Short(end, depth + len(ending), "the rest of a number")
        number = _number(octets)
        if number is None:
            good = _end(_good_part_of_number(octets))
            raise self._stop(pos + good, "a number as JSON writes it", need=depth)
        value = float(octets)
        if isinf(value):
            message = "a number beyond binary64; allowed: those with a finite value"
            raise _refused("HJP-MET-11", pos, message)
        plain = number[1] is None and number[2] is None and octets != b"-0"
        return int(octets) if plain else value, end

    def _word(self, pos: int, depth: int) -> tuple[bool | None, int]:
        word, value = _WORDS[self.text[pos]]
        found = self.text[pos : min(self.size, pos + len(word))]
        if found == word:
            return value, pos + len(word)
        if word.startswith(found) and pos + len(found) == self.size:
            raise _Short(self.size, depth + len(word) - len(found), word.decode())
        message = f"found {found.decode(errors='replace')!r}; allowed: {word.decode()}"
        raise _refused("HJP-MET-4", pos, message)

    def _stop(
        self, pos: int, allowed: str, need: int, requirement: str = "HJP-MET-4"
    ) -> FormatFault:
        if pos == self.size:
            return _Short(pos, need, allowed)
        message = f"found {_found(self.text[pos])}; allowed: {allowed}"
        return _refused(requirement, pos, message)


def _end(found: re.Match[bytes] | None) -> int:
    return 0 if found is None else found.end()


def _group(found: re.Match[bytes] | None) -> bytes:
    return b"" if found is None else found[0]
