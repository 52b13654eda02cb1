"""Damage done to octets that somebody else wrote, such as captured traffic."""

from collections.abc import Callable

from hjp_fuzz.sources import Source


def mutated(source: Source, octets: bytes) -> bytes:
    """Change octets in one place or several; the first change is drawn for sure."""
    octets = _once(source, octets)
    while source.flag(3):
        octets = _once(source, octets)
    return octets


def _once(source: Source, octets: bytes) -> bytes:
    if not octets:
        return source.bytes(1)
    return source.choice(_CHANGES)(source, octets)


def _flip(source: Source, octets: bytes) -> bytes:
    at, bit = source.int(0, len(octets) - 1), source.int(0, 7)
    return octets[:at] + bytes([octets[at] ^ 1 << bit]) + octets[at + 1 :]


def _overwrite(source: Source, octets: bytes) -> bytes:
    at = source.int(0, len(octets) - 1)
    octet = source.choice(
        (b"\x00", b"\xff", b"\x80", b"\x7f", b'"', b"\\", b"{", b"\n")
    )
    return octets[:at] + octet + octets[at + 1 :]


def _run(source: Source, octets: bytes) -> tuple[int, int]:
    at = source.int(0, len(octets) - 1)
    return at, min(len(octets), at + source.choice((1, 1, 2, 4, 16)))


def _drop(source: Source, octets: bytes) -> bytes:
    start, end = _run(source, octets)
    return octets[:start] + octets[end:]


def _repeat(source: Source, octets: bytes) -> bytes:
    start, end = _run(source, octets)
    return octets[:end] + octets[start:]


def _insert(source: Source, octets: bytes) -> bytes:
    at = source.int(0, len(octets))
    return octets[:at] + source.bytes(source.int(1, 4)) + octets[at:]


def _swap(source: Source, octets: bytes) -> bytes:
    start, end = _run(source, octets)
    return octets[:start] + octets[start:end][::-1] + octets[end:]


def _end(source: Source, octets: bytes) -> bytes:
    return octets[: source.int(0, len(octets) - 1)]


_CHANGES: tuple[Callable[[Source, bytes], bytes], ...]
_CHANGES = (_flip, _overwrite, _drop, _repeat, _insert, _swap, _end)
