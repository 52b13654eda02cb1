"""Findings as files that others can use: vectors of the specification, pytest tests."""

import json
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from hjp_fuzz.checks import CANARY
from hjp_fuzz.failures import Check
from hjp_fuzz.findings import Finding, plain
from hjp_spec.jsonschemas import problems
from hjp_spec.oracle import Frame, Outcome, Status, decode

TOPIC = "Octets that parsers got wrong, found by fuzzing"
_LONG_RUN = 32


class NotExported(Exception):  # noqa: N818
    """Findings cannot be written so; the text says why."""


def vector(found: Finding) -> dict[str, Any]:
    """Return the octets of a finding, and what a codec may make of them, as a vector.

    A vector has no divisions: whoever tests by vectors tries them in all.  What fails
    only in the frame after the input gets that frame.

    Raises:
        NotExported: the finding is about encoding, of which vectors say nothing, or
            about another format.
    """
    if found.contract.dialect:
        raise NotExported(f"{found.id} is of another format; vectors are about HJP")
    if found.check == Check.ENCODE:
        raise NotExported(f"{found.id} is about encoding; vectors are about decoding")
    stream = found.stream + (CANARY if found.check == Check.CANARY else b"")
    outcome = decode(stream)
    named = {found.requirement, outcome.requirement or found.requirement}
    return {
        "name": f"found-{found.id.removeprefix('F-').lower()}",
        "title": f"Found by fuzzing: {plain(found.sentence)}",
        "requirements": sorted(named),
        "hex": _pieces(stream),
        "outcomes": list(_outcomes(outcome)),
    }


def _outcomes(outcome: Outcome) -> Iterator[dict[str, Any]]:
    told: dict[str, Any] = {"status": outcome.status.value}
    if outcome.code:
        told["code"] = outcome.code.value
    if outcome.frames:
        told["frames"] = list(map(_frame, outcome.frames))
    told["consumed"] = outcome.consumed
    yield told
    if outcome.early:  # HJP-FRM-18: it may be refused already
        yield {**told, "status": Status.REJECT.value, "code": outcome.early.value}


def _frame(frame: Frame) -> dict[str, Any]:
    told: dict[str, Any] = {"json": frame.json.decode()}
    return {**told, "payload": _pieces(frame.payload)} if frame.payload else told


def _pieces(octets: bytes) -> list[Any]:
    """Return octets as a vector's list: long runs of one octet by their number."""
    pieces: list[Any] = []
    rest = bytearray()
    for octet, run in groupby(octets):
        times = len(list(run))
        if times < _LONG_RUN:
            rest += bytes([octet]) * times
            continue
        if rest:
            pieces.append(rest.hex(" ").upper())
        pieces.append({"hex": f"{octet:02X}", "times": times})
        rest = bytearray()
    return [*pieces, rest.hex(" ").upper()] if rest else pieces


def vectors(found: Sequence[Finding], file: Path) -> str:
    """Return a file of vectors: those that are in it already, and those of findings.

    Args:
        found: the findings.
        file: where it is going to be written; it need not exist.

    Raises:
        NotExported: the file holds something else, or a finding has no vector.
    """
    content = _present(file)
    names = {one["name"] for one in content["vectors"]}
    new = {one["name"]: one for one in map(vector, found)}
    content["vectors"] += [one for name, one in new.items() if name not in names]
    wrong = problems("vector", content)
    if wrong:
        raise NotExported(f"{file} would not be a file of vectors: {wrong[0]}")
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _present(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {"topic": TOPIC, "vectors": []}
    try:
        content: Any = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise NotExported(f"{file} is no file of vectors: {error}") from None
    wrong = problems("vector", content)
    if wrong:
        raise NotExported(f"{file} is no file of vectors: {wrong[0]}")
    present: dict[str, Any] = content
    return present


_PYTEST = '''\
"""What hjp-fuzz found in {target}: each test fails as long as its fault is there."""

import pytest

from hjp_fuzz import check
from hjp_fuzz.targets import Contract, Limits, opened

PARSER = opened(
    {name},
    {contract},
)
LIMITS = {limits}
FOUND = {{
{rows}
}}


@pytest.mark.parametrize(("octets", "cuts"), FOUND.values(), ids=FOUND)
def test_found(octets, cuts):
    check(PARSER, octets, cuts, limits=LIMITS)
'''
_ROW = """\
{comment}
    {id}: (
        {octets},
        {cuts},
    ),"""


def pytest_file(found: Sequence[Finding]) -> str:
    """Return a test file with a test for each finding.

    Raises:
        NotExported: the findings are not of one parser.
    """
    parsers = {(one.target, one.contract) for one in found}
    if len(parsers) != 1:
        names = ", ".join(sorted({target for target, _ in parsers}))
        raise NotExported(f"a test file is about one parser, not {names}")
    first = found[0]
    return _PYTEST.format(
        target=first.target.replace("\\", "").replace('"', ""),
        name=repr(first.target),
        contract=first.contract,
        limits=first.limits,
        rows="\n".join(map(_row, found)),
    )


def _row(found: Finding) -> str:
    sentence = f"{found.requirement}: {plain(found.sentence)}"
    comment = textwrap.fill(
        sentence, 88, initial_indent="    # ", subsequent_indent="    # "
    )
    return _ROW.format(
        comment=comment,
        id=repr(found.id),
        octets=_literal(found.stream),
        cuts=found.cuts,
    )


def _literal(octets: bytes) -> str:
    """Return octets as an expression of Python, in lines of 24 octets."""
    terms = []
    for piece in _pieces(octets):
        times = "" if isinstance(piece, str) else f" * {piece['times']}"
        digits = piece if isinstance(piece, str) else piece["hex"]
        lines = [repr(digits[at : at + 72].strip()) for at in range(0, len(digits), 72)]
        gap = "\n            "
        joined = f"{gap}{gap.join(lines)}\n        " if len(lines) > 1 else lines[0]
        terms.append(f"bytes.fromhex({joined}){times}")
    return "\n        + ".join(terms) or 'b""'
