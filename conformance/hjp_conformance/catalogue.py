"""The cases as data: ids, titles, requirements, levels; and the ledger of both."""

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from hjp_spec.requirements import REQUIREMENTS, Requirement

AREAS = {
    "FRM": "Frame",
    "MET": "Metadata",
    "MSG": "Messages",
    "ERR": "Errors",
    "LIM": "Limits",
    "LIF": "Lifecycle",
    "COR": "Operations",
    "PRV": "Private names",
}
"""The chapters of the core, in its order."""

MODES = {"server": ("server", "receiver", "sender")}
"""Whose requirements the cases of a mode are about."""

UNOBSERVABLE = {
    "HJP-MSG-31": "a server that begins each request as it reads it never answers so",
}
"""Requirements on a server that no peer can see kept or broken, each with why."""

_STRONGEST_FIRST = ("MUST", "SHOULD", "MAY")


@dataclass(frozen=True, slots=True)
class Case:
    """A stimulus and what is accepted, without the code that does it.

    Attributes:
        id: permanent and unique, such as `server-frm-magic-first-octet`.
        title: what is sent and what is expected, in a line.
        requirements: the ids it cites.
        level: the strongest of theirs: MUST, SHOULD or MAY.
        area: the chapter, such as `FRM`.
        function: its code, called with the fixtures that it names.
    """

    id: str
    title: str
    requirements: tuple[str, ...]
    level: str
    area: str
    function: partial[None]


def source_of(case: Case) -> str:
    """The code of a case."""
    return inspect.getsource(case.function.func)


def case_of(item: pytest.Function) -> Case:
    """What a collected test says about itself.

    Raises:
        pytest.UsageError: it is no case: it cites nothing or something unknown, it
            has no title, or its id would depend on a position.
    """
    requirements = _cited(item)
    doc = inspect.getdoc(item.function)
    if not doc:
        raise pytest.UsageError(f"{item.nodeid}: a case needs a docstring, its title")
    variant = _variant(item)
    title = " ".join(doc.split())
    return Case(
        _id(item, variant),
        f"{title.rstrip('.')}: {variant.replace('-', ' ')}" if variant else title,
        requirements,
        level_of(requirements),
        _area(item),
        partial(item.function, **_row(item)),
    )


def level_of(requirements: Iterable[str]) -> str:
    """The strongest level of these requirements, without NOT."""
    levels = {REQUIREMENTS[id_].level.removesuffix(" NOT") for id_ in requirements}
    return next(level for level in _STRONGEST_FIRST if level in levels)


def expected_of(mode: str) -> list[Requirement]:
    """The requirements of the core that this mode has to have cases for."""
    return [
        requirement
        for requirement in REQUIREMENTS.values()
        if requirement.document == "core"
        and requirement.actor in MODES[mode]
        and not requirement.withdrawn
    ]


def ledger(cases: Iterable[Case], mode: str = "server") -> dict[str, list[str]]:
    """The ids of the cases of each requirement that is to have some."""
    found: dict[str, list[str]] = {one.id: [] for one in expected_of(mode)}
    for case in cases:
        for requirement in case.requirements:
            found.setdefault(requirement, []).append(case.id)
    return found


def gaps(found: dict[str, list[str]]) -> list[str]:
    """What is wrong with a ledger: nothing, it is hoped."""
    told = []
    for id_, cases in found.items():
        unobservable = id_ in UNOBSERVABLE
        if not cases and not unobservable and level_of([id_]) != "MAY":
            told.append(f"{id_} has no case and is not listed as unobservable")
        if cases and unobservable:
            told.append(f"{id_} is listed as unobservable and has cases")
    unknown = sorted(UNOBSERVABLE.keys() - found.keys())
    told += [f"{id_} is listed as unobservable and is none of ours" for id_ in unknown]
    return told


def _cited(item: pytest.Function) -> tuple[str, ...]:
    found = [id_ for mark in item.iter_markers("requires") for id_ in mark.args]
    for id_ in found:
        if id_ not in REQUIREMENTS or REQUIREMENTS[id_].withdrawn:
            raise pytest.UsageError(f"{item.nodeid}: unknown requirement {id_!r}")
    if not found:
        raise pytest.UsageError(f"{item.nodeid}: a case has to cite a requirement")
    return tuple(dict.fromkeys(found))


def _variant(item: pytest.Function) -> str:
    """The name of the row, of a table of cases; without one it would be a position."""
    if any(not mark.kwargs.get("ids") for mark in item.iter_markers("parametrize")):
        raise pytest.UsageError(f"{item.nodeid}: rows need names: use rows(...)")
    return str(item.callspec.id) if hasattr(item, "callspec") else ""


def _row(item: pytest.Function) -> dict[str, Any]:
    return dict(item.callspec.params) if hasattr(item, "callspec") else {}


def _id(item: pytest.Function, variant: str) -> str:
    name = item.originalname.removeprefix("test_").replace("_", "-")
    return "-".join(filter(None, (item.path.parent.name, name, variant)))


def _area(item: pytest.Function) -> str:
    area = item.originalname.split("_")[1].upper()
    if area not in AREAS:
        wanted = ", ".join(AREAS).lower()
        raise pytest.UsageError(f"{item.nodeid}: test_<area>_…, one of {wanted}")
    return area
