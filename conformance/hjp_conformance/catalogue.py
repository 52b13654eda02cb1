"""The cases as data: ids, titles, requirements, levels; and the ledger of both."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hjp_conformance.settings import TIERS
from hjp_conformance.unobservable import UNOBSERVABLE
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
    "FIL": "Files",
    "NAM": "Names of objects",
    "PUT": "put",
    "GET": "get",
    "STA": "stat",
    "LST": "list",
    "DEL": "delete",
    "RSM": "resume",
    "TST": "Testee",
}
"""The chapters of the core, in its order, those of files, and that of the testee."""

FEATURES = {
    **dict.fromkeys(("FIL", "NAM", "PUT", "GET", "STA", "LST"), "files"),
    "DEL": "delete",
    "RSM": "resume",
}
"""The feature that a server has to offer for the cases of a chapter."""

ACTORS = {
    "server": ("server", "receiver", "sender"),
    "client": ("client", "receiver", "sender"),
    "codec": ("receiver", "sender"),
}
"""Whose requirements the cases of a mode are about."""

_CODEC = ("FRM", "MET")
"""The chapters that are about a codec."""
_NO_CODEC = frozenset(f"HJP-MET-{number}" for number in range(15, 20))
"""Those of its chapters that are about what members mean, of which it knows nothing."""
_DOCUMENTS = ("core", "files", "testee")
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
        mode: server, client or codec.
        tier: the first tier that has it; smoke is worked out from all cases.
        code: a function, called with the fixtures that it names, or a codec's case.
    """

    id: str
    title: str
    requirements: tuple[str, ...]
    level: str
    area: str
    mode: str
    tier: str
    code: Any

    @property
    def feature(self) -> str:
        """`core`, or the feature that the case needs."""
        return FEATURES.get(self.area, "core")


def level_of(requirements: Iterable[str]) -> str:
    """The strongest level of these requirements, without NOT."""
    levels = {REQUIREMENTS[id_].level.removesuffix(" NOT") for id_ in requirements}
    return next(level for level in _STRONGEST_FIRST if level in levels)


def of_tier(cases: Iterable[Case], tier: str) -> set[str]:
    """The ids of the cases that a tier has: for smoke the first of a requirement."""
    if tier == "smoke":
        firsts: dict[str, str] = {}
        for case in cases:
            if case.tier == "core":
                firsts.setdefault(case.requirements[0], case.id)
        return set(firsts.values())
    wanted = TIERS[: TIERS.index(tier) + 1]
    return {case.id for case in cases if case.tier in wanted}


def expected_of(mode: str) -> list[Requirement]:
    """The requirements that this mode has to have cases for."""
    return [one for one in REQUIREMENTS.values() if _is_expected(one, mode)]


def _is_expected(requirement: Requirement, mode: str) -> bool:
    if requirement.withdrawn or requirement.document not in _DOCUMENTS:
        return False
    if requirement.area == "TST":
        return mode == ("client" if requirement.section in _OF_CLIENT else "codec")
    if requirement.actor not in ACTORS[mode]:
        return False
    if mode == "codec" and requirement.id != "HJP-ERR-15":
        return requirement.area in _CODEC and requirement.id not in _NO_CODEC
    return True


_OF_CLIENT = ("A client", "call")
"""The sections about the testee of a client; the others are about that of a codec."""


def ledger(cases: Iterable[Case], mode: str = "server") -> dict[str, list[str]]:
    """The ids of the cases of each requirement that is to have some."""
    found: dict[str, list[str]] = {one.id: [] for one in expected_of(mode)}
    for case in cases:
        for requirement in case.requirements:
            found.setdefault(requirement, []).append(case.id)
    return found


def gaps(found: dict[str, list[str]], mode: str = "server") -> list[str]:
    """What is wrong with a ledger: nothing, it is hoped."""
    told = []
    listed = UNOBSERVABLE[mode]
    for id_, cases in found.items():
        if not cases and id_ not in listed and level_of([id_]) != "MAY":
            told.append(f"{id_} has no case and is not listed as unobservable")
        if cases and id_ in listed:
            told.append(f"{id_} is listed as unobservable and has cases")
    unknown = sorted(listed.keys() - found.keys())
    told += [f"{id_} is listed as unobservable and is none of ours" for id_ in unknown]
    return told
