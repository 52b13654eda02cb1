"""Which cases are wanted: by words, by requirements, by ids, by tier."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from hjp_conformance.catalogue import AREAS, Case, of_tier
from hjp_conformance.expression import predicate
from hjp_conformance.settings import TIER
from hjp_spec.requirements import REQUIREMENTS

_NEAR = 3


class SelectionError(ValueError):
    """There is no such case or requirement; the text says what is there instead."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What was asked for.

    Attributes:
        expression: of `-k`.
        requirements: as somebody has written them; a case has to cite one.
        ids: of cases, in any tier.
        tier: which of the others.
    """

    expression: str = ""
    requirements: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    tier: str = TIER

    @property
    def is_narrow(self) -> bool:
        """Whether it leaves out cases of its tier."""
        return bool(self.expression or self.requirements or self.ids)

    @property
    def cited(self) -> tuple[str, ...]:
        """The requirements by their ids.

        Raises:
            SelectionError: there is none of that id.
        """
        return tuple(map(requirement_of, self.requirements))

    def of(self, cases: Sequence[Case]) -> list[Case]:
        """Those of the cases that are wanted, in their order.

        Raises:
            SelectionError: none is, or what was asked for is not there.
        """
        check_ids(self.ids, (case.id for case in cases))
        found = [case for case in self._matching(cases) if self._is_named(case)]
        tier = {case.id for case in found} if self.ids else of_tier(found, self.tier)
        wanted = [case for case in found if case.id in tier]
        if not wanted:
            raise SelectionError(self._nothing(bool(found)))
        return wanted

    def _is_named(self, case: Case) -> bool:
        return not self.ids or case.id in self.ids

    def _matching(self, cases: Iterable[Case]) -> list[Case]:
        cited = set(self.cited)
        found = [one for one in cases if not cited or cited & set(one.requirements)]
        if not self.expression.strip():
            return found
        try:
            matches = predicate(self.expression)
        except ValueError as error:
            raise SelectionError(f"-k {self.expression!r}: {error}") from None
        return [one for one in found if matches(_texts(one))]

    def _nothing(self, are_elsewhere: bool) -> str:
        asked = [f"-k {self.expression!r}"] if self.expression else []
        asked += [f"--requirement {one}" for one in self.requirements]
        asked += [f"--case {one}" for one in self.ids]
        if are_elsewhere or not asked:
            asked.append(f"--tier {self.tier}")
        more = (
            "; see hjp-conformance list" if not are_elsewhere else ": try --tier soak"
        )
        return f"no case is selected by {' '.join(asked)}{more}"


def _texts(case: Case) -> list[str]:
    """What `-k` looks into: the id, the requirements, the chapter as it is printed."""
    title = AREAS.get(case.area, case.area).replace(" ", "-")
    return [one.lower() for one in (case.id, *case.requirements, title)]


def requirement_of(text: str) -> str:
    """The id of a requirement, which may be given without `HJP-`, in any case.

    Raises:
        SelectionError: there is none of that id.
    """
    id_ = f"HJP-{text.strip().upper().removeprefix('HJP-')}"
    if id_ not in REQUIREMENTS:
        raise SelectionError(f"no requirement is named {text}{near(id_, REQUIREMENTS)}")
    return id_


def check_ids(ids: Iterable[str], there: Iterable[str]) -> None:
    """All of these are ids of cases that are there.

    Raises:
        SelectionError: one is not.
    """
    names = list(there)
    for unknown in sorted(set(ids) - set(names)):
        hint = near(unknown, names) or "; see hjp-conformance list"
        raise SelectionError(f"no case has the id {unknown}{hint}")


def near(word: str, names: Iterable[str]) -> str:
    """What somebody may have meant, as a sentence goes on; nothing where none is near.

    Ids are compared from their beginning: of thousands those few are looked at that
    share most of it.
    """
    ones = sorted(names)
    found = [one for one in ones if one.startswith(word)][:_NEAR]
    found = found or get_close_matches(word, _alike(word, ones), _NEAR)
    return f": did you mean {' or '.join(found)}?" if found else ""


def _alike(word: str, names: list[str]) -> list[str]:
    """Those with the first parts of the word, as many as some name has."""
    parts = word.split("-")
    for count in range(len(parts) - 1, 0, -1):
        start = "-".join(parts[:count]) + "-"
        found = [one for one in names if one.startswith(start)]
        if get_close_matches(word, found, 1):
            return found
    return names
