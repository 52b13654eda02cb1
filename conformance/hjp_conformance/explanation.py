"""Texts about cases and requirements, for people who wonder."""

from collections.abc import Iterable, Iterator
from typing import Any

from hjp_conformance.card import sentence, wire
from hjp_conformance.catalogue import UNOBSERVABLE, Case, source_of
from hjp_conformance.rehearsal import rehearse
from hjp_conformance.transcript import Way
from hjp_spec.requirements import REQUIREMENTS, Requirement


def of(id_: str, cases: Iterable[Case]) -> str | None:
    """What there is to say about a case or a requirement; None if it is neither."""
    cases = list(cases)
    for case in cases:
        if case.id == id_:
            return "\n".join(_of_case(case))
    if id_ in REQUIREMENTS:
        citing = [case for case in cases if id_ in case.requirements]
        return "\n".join(_of_requirement(REQUIREMENTS[id_], citing))
    return None


def of_ledger(
    found: dict[str, list[str]], expected: Iterable[Requirement]
) -> Iterator[str]:
    """The requirements with their cases, a line each."""
    for requirement in expected:
        cases = found[requirement.id]
        told = " ".join(cases) or UNOBSERVABLE.get(requirement.id) or "-"
        yield f"{requirement.id:<12} {requirement.level:<10} {len(cases):>3}  {told}"
    count = sum(bool(found[requirement.id]) for requirement in expected)
    yield f"{count} of {len(list(expected))} requirements have cases"


def as_json(case: Case) -> dict[str, Any]:
    """A case as JSON values."""
    return {
        "id": case.id,
        "title": case.title,
        "requirements": list(case.requirements),
        "level": case.level,
        "area": case.area,
    }


def _of_case(case: Case) -> Iterator[str]:
    yield case.id
    yield case.title
    yield ""
    yield from map(sentence, case.requirements)
    transcript = rehearse(case)
    octets = bytes(transcript.octets[Way.SENT])
    yield "\nsent first:"
    for line in wire(octets, Way.SENT, transcript.totals[Way.SENT]):
        yield f"    {line}"
    for note in transcript.notes:
        yield f"    {note}"
    yield "\naccepted then:"
    for line in transcript.accepted.splitlines():
        yield f"    {line}"
    yield "\nthe whole case:"
    for line in source_of(case).rstrip().splitlines():
        yield f"    {line}"


def _of_requirement(requirement: Requirement, citing: list[Case]) -> Iterator[str]:
    yield sentence(requirement.id)
    yield f"{requirement.document}, {requirement.section}"
    yield ""
    for case in citing:
        yield f"{case.id}\n    {case.title}"
    if not citing:
        why = UNOBSERVABLE.get(requirement.id, "it is not about a server, or a MAY")
        yield f"no case: {why}"
