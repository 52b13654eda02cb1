"""Names of objects: the table of HJP-NAM-1, row by row.

An allow-rule for one component of a path: there is nothing to normalise and nothing
to decode, so a name is what it looks like on both ends (HJP-NAM-7).
"""

import re
from collections.abc import Callable
from typing import Final

__all__ = ["MAX_NAME", "is_name", "name_fault"]

MAX_NAME: Final = 255
"""Octets of a name in UTF-8."""

_CONTROL: Final = re.compile(r"[\0-\x1f\x7f-\x9f]")
_SEPARATOR: Final = re.compile(r'[/\\:*?"<>|]')
# Only ASCII letters have a case here: U+0130 is no I, and CONIN$ with it no device.
_DEVICE: Final = re.compile(
    r"CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[1-9\xb9\xb2\xb3]",
    re.IGNORECASE | re.ASCII,
)


def is_name(text: str) -> bool:
    """Whether a text is a name of the chapter *Names*."""
    return name_fault(text) is None


def name_fault(text: str) -> str | None:
    """Say what excludes a text as a name, by the first row of the table that does.

    Returns:
        A sentence without the text itself, or ``None`` for a name.
    """
    return next((why for is_excluded, why in _ROWS if is_excluded(text)), None)


def _has_a_wrong_length(text: str) -> bool:
    """Row 1; what UTF-8 cannot write, as half a surrogate pair, has no length in it."""
    try:
        return not 1 <= len(text.encode()) <= MAX_NAME
    except UnicodeEncodeError:
        return True


def _is_a_device(text: str) -> bool:
    stem = text.partition(".")[0].rstrip(" ")
    return _DEVICE.fullmatch(stem) is not None


_ROWS: Final[tuple[tuple[Callable[[str], object], str], ...]] = (
    (_has_a_wrong_length, f"a name has 1 to {MAX_NAME} octets of UTF-8"),
    (_CONTROL.search, "a name has no control character"),
    (_SEPARATOR.search, 'a name has none of / \\ : * ? " < > |'),
    (lambda text: text[-1] in ". ", "a name does not end with a dot or a space"),
    (_is_a_device, "a name is not that of a device"),
)
