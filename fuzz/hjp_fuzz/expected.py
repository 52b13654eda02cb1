"""The oracle for those who ask often: it remembers the JSON texts that come again.

Most texts of the grammar come out of finite tables, and reading them takes most of
the oracle's time.
"""

from functools import lru_cache
from typing import Any

from hjp_spec import ijson, oracle
from hjp_spec.oracle import FormatFault, Outcome

_SHORT = 512


def decode(stream: bytes) -> Outcome:
    """Return what a receiver has to make of a stream, as `hjp_spec.oracle.decode`.

    The metadata of the frames belong to all who ask, and must not be changed.
    """
    return oracle.decode(stream, read=_read)


def _read(text: bytes) -> dict[str, Any]:
    read = _short(text) if len(text) <= _SHORT else _long(text)
    if isinstance(read, FormatFault):
        raise _unraised(read)
    return read


def _parsed(text: bytes) -> dict[str, Any] | FormatFault:
    try:
        return ijson.parse(text)
    except FormatFault as fault:
        return _unraised(fault)


def _unraised(fault: FormatFault) -> FormatFault:
    """Return another one: what was raised holds all that was on the stack then."""
    return fault.moved(0)


_short = lru_cache(maxsize=8192)(_parsed)
_long = lru_cache(maxsize=128)(_parsed)
