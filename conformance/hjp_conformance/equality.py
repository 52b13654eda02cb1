"""When two JSON values are equal, as `echo` compares them (HJP-COR-11)."""

from typing import Any


def equal(one: Any, other: Any) -> bool:
    """Whether two parsed values are equal; numbers by their nearest binary64."""
    if _is_number(one) and _is_number(other):
        return float(one) == float(other)
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(
            equal(value, other[name]) for name, value in one.items()
        )
    return bool(one == other)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
