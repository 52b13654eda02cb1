"""When two values of JSON are one value."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def equal(expected: Any, got: Any) -> bool:
    """Tell whether a target read the value that the JSON text holds.

    Values are equal as HJP-COR-11 says: the same type of JSON, numbers by their
    nearest binary64 value, objects without regard to order.  So 1, 1.0 and 1e0 are
    one value, as for any parser that keeps numbers as binary64, and -0 is 0; but
    true is never 1.
    """
    if isinstance(expected, str) or expected is None or isinstance(expected, bool):
        return type(got) is type(expected) and bool(got == expected)
    if isinstance(expected, int | float):
        return _same_number(expected, got)
    if isinstance(expected, list):
        same = isinstance(got, list | tuple) and len(got) == len(expected)
        return same and all(map(equal, expected, got))
    if not isinstance(got, Mapping) or len(got) != len(expected):
        return False
    return all(name in got and equal(expected[name], got[name]) for name in expected)


def _same_number(expected: float, got: Any) -> bool:
    if isinstance(got, bool) or not isinstance(got, int | float | Decimal):
        return False
    try:
        return float(got) == float(expected)
    except OverflowError:
        return False
