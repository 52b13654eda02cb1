"""The cases that are written as functions, read as data: what each says about itself."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from importlib import import_module
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

from hjp_conformance.catalogue import AREAS, Case, level_of
from hjp_spec.requirements import REQUIREMENTS

CASES = Path(__file__).parent / "cases"


class CaseError(Exception):
    """What is written is no case."""


def cases_of_files(mode: str) -> Iterator[Case]:
    """Those of a mode, by files and in each of them as they stand there.

    Raises:
        CaseError: something there is none.
    """
    for path in sorted((CASES / mode).glob("test_*.py")):
        # By the name that pytest gives it, too: it is read once.
        yield from cases_in(import_module(f"{__package__}.cases.{mode}.{path.stem}"))


def cases_in(module: ModuleType) -> Iterator[Case]:
    """The cases of a file; its folder is named for the mode.

    Raises:
        CaseError: something there is none.
    """
    mode = Path(str(module.__file__)).parent.name
    for name, function in vars(module).items():
        if name.startswith("test_"):
            for variant, row in _rows(function):
                yield case_of(function, mode, variant, row)


def case_of(
    function: Callable[..., Any], mode: str, variant: str, row: Mapping[str, Any]
) -> Case:
    """What a function says about itself.

    Args:
        function: with the marks of pytest that `authoring` gives.
        mode: server or client.
        variant: the name of the row, of a table of cases.
        row: its values, by the names of the function's parameters.

    Raises:
        CaseError: it is no case: it cites nothing or something unknown, it has no
            title, or its id would depend on a position.
    """
    requirements = _cited(function)
    doc = inspect.getdoc(function)
    if not doc:
        raise CaseError(f"{_place(function)}: a case needs a docstring, its title")
    # Without a name it would be a position.
    if any(not mark.kwargs.get("ids") for mark in _marks(function, "parametrize")):
        raise CaseError(f"{_place(function)}: rows need names: use rows(...)")
    title = " ".join(doc.split())
    name = function.__name__.removeprefix("test_").replace("_", "-")
    return Case(
        "-".join(filter(None, (mode, name, variant))),
        f"{title.rstrip('.')}: {variant.replace('-', ' ')}" if variant else title,
        requirements,
        level_of(requirements),
        _area(function),
        mode,
        "soak" if _marks(function, "soak") else "core",
        partial(function, **row),
    )


def check_apart(cases: Iterable[Case]) -> None:
    """No two of these have one id.

    Raises:
        CaseError: two have.
    """
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise CaseError(f"two cases have the id {case.id}")
        seen.add(case.id)


def _marks(function: Callable[..., Any], name: str) -> list[Any]:
    return [one for one in getattr(function, "pytestmark", ()) if one.name == name]


def _rows(function: Callable[..., Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of its tables with their names; where it has none, one without values."""
    for rows in product(*map(_table, _marks(function, "parametrize"))):
        values = {name: value for _, name, value in rows}
        yield "-".join(id_ for id_, _, _ in rows), values


def _table(mark: Any) -> list[tuple[str, str, Any]]:
    name, values = mark.args
    ids = mark.kwargs.get("ids") or map(str, values)
    return [(id_, name, value) for id_, value in zip(ids, values, strict=True)]


def _cited(function: Callable[..., Any]) -> tuple[str, ...]:
    found = [id_ for mark in _marks(function, "requires") for id_ in mark.args]
    for id_ in found:
        if id_ not in REQUIREMENTS or REQUIREMENTS[id_].withdrawn:
            raise CaseError(f"{_place(function)}: unknown requirement {id_!r}")
    if not found:
        raise CaseError(f"{_place(function)}: a case has to cite a requirement")
    return tuple(dict.fromkeys(found))


def _area(function: Callable[..., Any]) -> str:
    area = function.__name__.split("_")[1].upper()
    if area not in AREAS:
        wanted = ", ".join(AREAS).lower()
        raise CaseError(f"{_place(function)}: test_<area>_…, one of {wanted}")
    return area


def _place(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__name__}"
