"""Smaller JSON texts, right or wrong: what a shrinker tries in place of one."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[^\s"{}\[\]:,]+|\s+|.', re.DOTALL)
_UNITS = re.compile(
    rb"\\u[Dd][89ABab]..\\u[Dd][C-Fc-f]..|\\u....|\\.|[\xc2-\xf4][\x80-\xbf]+|.",
    re.DOTALL,
).findall
_ESCAPES = re.compile(rb"\\u[Dd][89ABab]..\\u[Dd][C-Fc-f]..|\\u....")
_LONG_NUMBER = re.compile(rb"-?[0-9][-+.0-9eE]{7,}")
_OPEN, _CLOSE, _COMMA, _COLON = (b"{", b"["), (b"}", b"]"), b",", b":"
_NAME = b'"a"'
_MOST_ELEMENTS = 16
RUNS = 32
"""Into how many runs octets are divided at most, to leave one out."""


def smaller_texts(text: bytes) -> Iterator[bytes]:
    """Yield texts that are smaller, or plainer, in one respect; great steps first."""
    if text != b"{}":
        yield b"{}"
    tokens = tokens_of(text)
    yield from _plainer(text)
    yield from _renamed(tokens)
    elements = sorted(elements_of(tokens), key=len, reverse=True)[:_MOST_ELEMENTS]
    for element in elements:
        yield b"".join(_without(tokens, element))
    for element in elements:
        yield from map(b"".join, _hoisted(tokens, element))
    if len(tokens) <= RUNS:
        yield from map(b"".join, _without_runs(tokens, (1,)))
    yield from shorter(text)


def shorter(octets: bytes) -> Iterator[bytes]:
    """Yield octets without a run of them, long runs first; characters stay whole.

    Of long octets no short runs: trying each would take too many calls.
    """
    units = _UNITS(octets)
    sizes = [size for size in halves(len(units) // 2) if size * RUNS >= len(units)]
    yield from map(b"".join, _without_runs(units, sizes))


def halves(size: int) -> Iterator[int]:
    """Yield a size, half of it, and so on down to one."""
    while size:
        yield size
        size //= 2


def _without_runs(
    parts: Sequence[bytes], sizes: Sequence[int]
) -> Iterator[Sequence[bytes]]:
    for size in sizes:
        for at in range(0, len(parts) - size + 1, size):
            yield (*parts[:at], *parts[at + size :])


def _plainer(text: bytes) -> Iterator[bytes]:
    """Yield the text without needless escapes, then without needless digits."""
    plain = _ESCAPES.sub(_unescaped, text)
    if plain != text:
        yield plain
    for number in (b"0", b"1e400"):
        fewer = _LONG_NUMBER.sub(number, text)
        if len(fewer) < len(text):
            yield fewer


def _renamed(tokens: Sequence[bytes]) -> Iterator[bytes]:
    """Yield the text with a shorter name for what it names more than once."""
    for name, times in Counter(tokens).items():
        if name.startswith(b'"') and times > 1 and len(name) > len(_NAME):
            yield b"".join(_NAME if token == name else token for token in tokens)


def _unescaped(escape: re.Match[bytes]) -> bytes:
    """Return the character that an escape stands for, where it may stand as it is."""
    try:
        octets = json.loads(b'"%b"' % escape[0]).encode()
    except ValueError:  # no escape at all, or half of a pair
        return escape[0]
    return octets if octets >= b" " and octets not in (b'"', b"\\") else escape[0]


def tokens_of(text: bytes) -> list[bytes]:
    """Return the tokens of a JSON text, right or wrong, white space among them."""
    return _TOKEN.findall(text)


def elements_of(tokens: Sequence[bytes]) -> Iterator[range]:
    """Yield where the members and elements are that objects and arrays hold."""
    starts: list[int] = []
    for at, token in enumerate(tokens):
        if token in (_COMMA, *_CLOSE) and starts:
            if starts[-1] < at:
                yield range(starts[-1], at)
            starts[-1] = at + 1
        if token in _CLOSE and starts:
            starts.pop()
        if token in _OPEN:
            starts.append(at + 1)


def _without(tokens: Sequence[bytes], element: range) -> Sequence[bytes]:
    """Leave out an element and a comma beside it."""
    start, stop = element.start, element.stop
    if tokens[stop] == _COMMA:
        stop += 1
    elif tokens[start - 1] == _COMMA:
        start -= 1
    return (*tokens[:start], *tokens[stop:])


def _hoisted(tokens: Sequence[bytes], element: range) -> Iterator[Sequence[bytes]]:
    """Put the value of an only element in the place of what holds it."""
    start, stop = element.start, element.stop
    alone = tokens[start - 1] in _OPEN and tokens[stop] in _CLOSE
    if alone and start > 1:
        colon = _COLON in tokens[start : start + 2]
        value = tokens[start + 2 * colon : stop]
        yield (*tokens[: start - 1], *value, *tokens[stop + 1 :])
