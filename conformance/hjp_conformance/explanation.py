"""Texts about cases and requirements, for people who wonder."""

import inspect
import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from hjp_conformance.catalogue import Case
from hjp_conformance.client_process import words_of
from hjp_conformance.codec.case import CodecCase
from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.encoding import EncodeCase
from hjp_conformance.matrix.exchange import MODE, Exchange
from hjp_conformance.matrix.visitor import told
from hjp_conformance.rehearsal import rehearse
from hjp_conformance.reports.cards import of_several
from hjp_conformance.selection import check_ids, requirement_of
from hjp_conformance.transcript import Way
from hjp_conformance.unobservable import UNOBSERVABLE
from hjp_spec import dissect
from hjp_spec.requirements import REQUIREMENTS, Requirement

SHOWN = 512
"""Octets that are shown of what a case sends."""

_SENDERS: dict[str, dissect.Sender] = {"server": "client", "client": "server"}


def of(name: str, cases: Iterable[Case]) -> str:
    """What there is to say about a case or a requirement.

    Raises:
        SelectionError: it is neither.
    """
    by_ids = {case.id: case for case in cases}
    if name in by_ids:
        return "\n".join(_of_case(by_ids[name]))
    if not _REQUIREMENT.fullmatch(name):
        check_ids([name], by_ids)
    id_ = requirement_of(name)
    citing = [case for case in by_ids.values() if id_ in case.requirements]
    return "\n".join(_of_requirement(REQUIREMENTS[id_], citing))


_REQUIREMENT = re.compile(r"(hjp-)?[a-z]\w*-\d+", re.IGNORECASE)
"""What looks like the id of one; no case has so short an id."""


def of_ledger(
    found: dict[str, list[str]], expected: Iterable[Requirement], mode: str
) -> Iterator[str]:
    """The requirements with their cases, a line each."""
    for requirement in expected:
        cases = found[requirement.id]
        told = " ".join(cases) or UNOBSERVABLE[mode].get(requirement.id, "-")
        yield f"{requirement.id:<12} {requirement.level:<10} {len(cases):>5}  {told}"
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
        "feature": case.feature,
        "mode": case.mode,
        "tier": case.tier,
    }


def _of_case(case: Case) -> Iterator[str]:
    yield case.id
    yield case.title
    yield ""
    for id_ in case.requirements:
        yield f"{id_}: {REQUIREMENTS[id_].sentence}"
    if case.mode == "codec":
        yield from _of_codec_case(case.code)
        return
    if case.mode == MODE:
        yield from _of_pair_case(case.code)
        return
    transcripts = rehearse(case)
    for number, transcript in enumerate(transcripts, 1):
        name = of_several(number, len(transcripts), case.mode)
        yield f"\nsent first{name}:"
        for line in _wire(transcript.octets(Way.SENT), _SENDERS[case.mode]):
            yield f"    {line}".rstrip()
        for note in transcript.notes:
            yield f"    {note}"
        if transcript.accepted:
            yield f"\naccepted then{name}:"
        for line in transcript.accepted.splitlines():
            yield f"    {line}"
    yield "\nthe whole case:"
    assert isinstance(case.code, partial), "a function with its row"
    for line in inspect.getsource(case.code.func).rstrip().splitlines():
        yield f"    {line}"


def _of_codec_case(case: CodecCase) -> Iterator[str]:
    match case:
        case DecodeCase():
            yield "\nfed:"
            for line in _wire(case.octets, None):
                yield f"    {line}".rstrip()
            if len(case.chunks) > 1:
                sizes = ", ".join(str(len(chunk)) for chunk in case.chunks)
                yield f"    in chunks of {sizes:.200} octets"
            yield f"    max_payload: {case.max_payload}"
            yield "\naccepted then:"
            for line in case.expected().lines():
                yield f"    {line}"
        case EncodeCase():
            yield f"\nto be written: {case.json:.500}"
            yield f"payload: {case.payload[:100].hex(' ') or 'none'}"
            yield f"accepted: {' or '.join(case.codes) or 'the one frame for this'}"


def _of_pair_case(found: Exchange) -> Iterator[str]:
    files: dict[str, bytes] = {}
    yield f"\nthe client is told: {' '.join(words_of(found.actions, files))}"
    for name, octets in files.items():
        yield f"    {name}: {len(octets)} octets"
    for line in found.input:
        yield f"    standard input: {line:.100}"
    if found.beside:
        yield f"{len(found.beside)} more clients do the like at the same time"
    if found.held:
        yield "another client is inside a request all the time"
    yield f"accepted: {told(found.accepted)}"
    if found.otherwise:
        yield f"from a server that takes less than {found.needs} octets: {told(found.otherwise)}"


def _wire(octets: bytes, sender: dissect.Sender | None) -> Iterator[str]:
    shown = dissect.dissect(octets[:SHOWN], sender=sender)
    yield from dissect.render(shown).splitlines()
    if len(octets) > SHOWN:
        yield f"… {len(octets) - SHOWN} octets more"


def _of_requirement(requirement: Requirement, citing: list[Case]) -> Iterator[str]:
    yield f"{requirement.id}: {requirement.sentence}"
    yield f"{requirement.document}, {requirement.section}"
    yield ""
    for case in citing:
        yield f"{case.id}\n    {case.title}"
    if not citing:
        told = (listed.get(requirement.id) for listed in UNOBSERVABLE.values())
        why = next(filter(None, told), "a MAY, or about nobody whom the suite can see")
        yield f"no case: {why}"
