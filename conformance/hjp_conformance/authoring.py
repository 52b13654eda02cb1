"""What a file of cases imports: how to cite, and how to write many at once."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import pytest

_Function = TypeVar("_Function", bound=Callable[..., Any])


def requires(*requirements: str) -> Callable[[_Function], _Function]:
    """Cite the requirements that the case is about, such as `HJP-FRM-2`."""
    return pytest.mark.requires(*requirements)


def rows(argument: str, table: Mapping[str, Any]) -> Callable[[_Function], _Function]:
    """Make one case of each row; the row's name ends the case's permanent id."""
    return pytest.mark.parametrize(argument, [*table.values()], ids=[*table])
