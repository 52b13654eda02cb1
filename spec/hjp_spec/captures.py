"""Octets as people have them: raw, as hexadecimal digits, or dumped by xxd."""

import re
from collections.abc import Iterable

from hjp_spec.registry import MAGIC

_XXD = re.compile(
    r"([0-9A-Fa-f]{6,}): ([0-9A-Fa-f]{2,}(?: [0-9A-Fa-f]{2,})*)(?: {2}.*)?"
)
_HEXDUMP = re.compile(r"([0-9A-Fa-f]{6,})((?: {1,2}[0-9A-Fa-f]{2})+)\s*\|.*")
_OFFSET = re.compile(r"([0-9A-Fa-f]{6,}):?")
_REPEATED = "*"
_COMMENT = re.compile(r";.*")
_BETWEEN = re.compile(r"0x|[\s,:]+")
_MOST_LEFT_OUT = 1 << 28
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")


def read_octets(given: bytes | str) -> bytes:
    """The octets that somebody gave us, in whichever form.

    A magic at the start means raw octets. A text is a dump if each of its lines has
    the form of ``xxd`` or ``hexdump -C``, and hex if nothing else is in it than
    digits, white space, ``,`` ``:`` ``0x``, and comments after ``;``.

    Args:
        given: the content of a file or a capture, or what was typed.

    Raises:
        ValueError: a ``str`` that is neither hex nor a dump; ``bytes`` are then raw.
    """
    if isinstance(given, str):
        return _from_text(given)
    if given.startswith(MAGIC):
        return given
    try:
        return _from_text(given.decode("ascii"))
    except ValueError:
        return given


def _from_text(text: str) -> bytes:
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    rows = [_dumped(line) for line in lines]
    if None not in rows and any(row and row[1] for row in rows):
        return _undump(row for row in rows if row is not None)
    digits = _BETWEEN.sub("", _COMMENT.sub("", text))
    if _HEX.fullmatch(digits) is None:
        raise ValueError("neither hexadecimal digits nor a dump by xxd or hexdump -C")
    return bytes.fromhex(digits)


def _dumped(line: str) -> tuple[int | None, bytes] | None:
    """Offset and octets of a dump's line; no offset means that lines were left out."""
    if line == _REPEATED:
        return None, b""
    found = _XXD.fullmatch(line) or _HEXDUMP.fullmatch(line)
    if found is not None and len(re.sub(r"\s", "", found[2])) % 2 == 0:
        return int(found[1], 16), bytes.fromhex(found[2])
    end = _OFFSET.fullmatch(line)
    return None if end is None else (int(end[1], 16), b"")


def _undump(rows: Iterable[tuple[int | None, bytes]]) -> bytes:
    octets, last, repeated = bytearray(), b"", False
    for offset, row in rows:
        if offset is None:
            repeated = True
            continue
        if repeated and last:
            octets += last * _times(offset - len(octets), len(last))
        octets += row
        last, repeated = row, False
    return bytes(octets)


def _times(left_out: int, length: int) -> int:
    # A dump can claim any offset after its '*': one line must not fill the memory.
    if left_out > _MOST_LEFT_OUT:
        raise ValueError(f"a dump that leaves out {left_out} octets")
    return left_out // length
