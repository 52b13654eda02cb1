"""Metadata: one strict JSON object, text to data and back.

Every receiver must understand a text in the same way, so this accepts just the
I-JSON of the chapter *Metadata* and refuses all else with `bad_json`. The scanner of
the standard library does the work; what it is too lax about is checked around it.
"""

import json
import re
from typing import Any, Final, NoReturn

from hjp.errors import Code, FormatError
from hjp.limits import MAX_DEPTH, MAX_INTEGER, MAX_JSON

__all__ = ["dumps", "is_integer", "loads"]


class _Unplain(int):
    """An integer that was not written in plain digits: ``-0``.

    It reads and is written as an integer, yet its type is not `int`, so that
    `is_integer` takes it for mistyped as it does ``1.0`` (HJP-MET-19).
    """


_MINUS_ZERO: Final = _Unplain(0)

# HJP-MET-11: this integer and those above it round to infinity.
_INFINITE: Final = 2**1024 - 2**970
_INFINITE_DIGITS: Final = len(str(_INFINITE))

# A string (one that never ends reaches to the end: no second look, no quadratic
# time), or a bracket.
_STRING_OR_BRACKET: Final = re.compile(
    r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL
)
_SURROGATE_ESCAPE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_WHITE_SPACE: Final = " \t\n\r"


def loads(text: bytes) -> dict[str, Any]:
    """Read a JSON text as metadata (HJP-MET-2 … HJP-MET-13).

    Args:
        text: The octets of one JSON text, of any length.

    Returns:
        The object. Integers are `int` when they are written in plain digits, other
        numbers are `float`.

    Raises:
        FormatError: ``bad_json``.
    """
    if text[:1] != b"{":
        raise _bad("the first octet is not 7B", "HJP-MET-3")
    try:
        decoded = text.decode()
    except UnicodeDecodeError as error:
        raise _bad(f"octet {error.start} is not UTF-8", "HJP-MET-2") from None
    _check_depth(decoded)
    try:
        value, end = _DECODER.raw_decode(decoded)
    except json.JSONDecodeError as error:
        raise _bad(f"{error.msg}: character {error.pos}", "HJP-MET-4") from None
    if decoded[end:].strip(_WHITE_SPACE):
        raise _bad(f"more follows the object at character {end}", "HJP-MET-4")
    if _SURROGATE_ESCAPE.search(decoded):
        _check_surrogates(value)
    assert isinstance(value, dict)  # it began with `{`
    return value


def dumps(metadata: dict[str, Any]) -> bytes:
    """Write metadata as a JSON text that every receiver accepts (HJP-FRM-19).

    The text is compact and escapes only what must be escaped, so the metadata of an
    echo does not grow (numbers such as ``1e5`` excepted: they are written as Python
    does).

    Raises:
        FormatError: ``bad_json`` where the metadata cannot be written so, and
            ``too_large`` where the text exceeds 65 536 octets.
    """
    try:
        text = _ENCODER.encode(metadata).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise _bad(f"not writable as JSON: {error}", "HJP-MET-1") from None
    if len(text) > MAX_JSON:
        raise FormatError(
            Code.TOO_LARGE,
            f"{len(text)} octets of JSON, {MAX_JSON} are allowed",
            "HJP-FRM-9",
            limit="max_json",
        )
    if not _is_flat(metadata):
        loads(text)  # too deep, too great a number, or names that became the same
    return text


def is_integer(value: object, low: int = 0, high: int = MAX_INTEGER) -> bool:
    """Whether a value is an integer in plain digits from low to high (HJP-MET-18)."""
    return type(value) is int and low <= value <= high


def _bad(message: str, requirement: str) -> FormatError:
    return FormatError(Code.BAD_JSON, message, requirement)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """HJP-MET-6: escapes are resolved by now, so equal names are equal strings."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _bad("an object has two members of one name", "HJP-MET-6")
    return members


def _integer(text: str) -> int:
    # Before converting: `int` takes quadratic time and refuses 4 301 digits.
    if len(text) >= _INFINITE_DIGITS and (
        len(text) > _INFINITE_DIGITS + 1 or abs(int(text)) >= _INFINITE
    ):
        raise _bad(f"an integer of {len(text)} characters is infinite", "HJP-MET-11")
    return _MINUS_ZERO if text == "-0" else int(text)


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _bad(f"the number {text[:40]} is infinite", "HJP-MET-11")
    return number


def _constant(name: str) -> NoReturn:
    raise _bad(f"{name} is not JSON", "HJP-MET-4")


def _check_depth(text: str) -> None:
    """HJP-MET-12, before parsing: a parser by recursion must not meet the depth."""
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        first = text[match.start()]
        depth += (first in "{[") - (first in "]}")
        if depth > MAX_DEPTH:
            raise _bad(f"nested deeper than {MAX_DEPTH}", "HJP-MET-12")


def _check_surrogates(value: object) -> None:
    """HJP-MET-9: pairs were joined in parsing, so what is left stands alone."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise _bad("an escaped surrogate is not part of a pair", "HJP-MET-9") from None


def _is_flat(metadata: dict[str, Any]) -> bool:
    """Whether one look at the members shows that the text is acceptable."""
    return all(
        type(name) is str
        and (type(value) in (str, bool, type(None), float) or is_integer(value))
        for name, value in metadata.items()
    )


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_float,
    parse_constant=_constant,
)
_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":")
)
