"""Which strings are names of objects: the table *Names* of the text *files*."""

import re

_LONGEST = 255
_DEVICE = re.compile(
    r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[1-9¹²³]) *", re.ASCII | re.I
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_FORBIDDEN = re.compile(r'[/\\:*?"<>|]')


def excluded_by(name: str) -> int | None:
    """The first row of the table that excludes a string; None for a name.

    Args:
        name: any string without surrogates.
    """
    if not 1 <= len(name.encode()) <= _LONGEST:
        return 1
    if _CONTROL.search(name):
        return 2
    if _FORBIDDEN.search(name):
        return 3
    if name[-1] in ". ":
        return 4
    return 5 if _DEVICE.fullmatch(name.partition(".")[0]) else None
