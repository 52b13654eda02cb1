from collections import Counter

import pytest

from hjp_spec.examples import Part
from hjp_spec.jsonschemas import SCHEMAS, problems
from hjp_spec.oracle import Outcome, decode
from hjp_spec.requirements import REQUIREMENTS
from hjp_spec.vectors import VECTORS, Vector, vector_files

LONGEST_FED_BY_OCTETS = 400
everyone = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
short = pytest.mark.parametrize(
    "vector",
    [vector for vector in VECTORS if len(vector.octets) <= LONGEST_FED_BY_OCTETS],
    ids=lambda vector: vector.name,
)


def told(outcome: Outcome) -> set[tuple[str, str | None]]:
    """What the oracle permits."""
    permitted: set[tuple[str, str | None]] = {(outcome.status, outcome.code)}
    if outcome.early is not None:
        permitted.add(("reject", outcome.early))
    return permitted


@pytest.mark.parametrize("topic", dict(vector_files()))
def test_files_obey_the_schema(topic: str) -> None:
    assert problems("vector", dict(vector_files())[topic]) == []


def test_the_schema_refuses_what_is_wrong() -> None:
    wrong = {"topic": "t", "vectors": [{"name": "Big", "hex": ["0"], "outcomes": []}]}
    paths = {problem.path for problem in problems("vector", wrong)}
    assert {"$.vectors[0].name", "$.vectors[0].outcomes"} <= paths


def test_names_are_unique_and_begin_with_their_topic() -> None:
    assert [name for name, n in Counter(v.name for v in VECTORS).items() if n > 1] == []
    assert [v.name for v in VECTORS if not v.name.startswith(f"{v.topic}-")] == []
    assert len(VECTORS) >= 120


@everyone
def test_oracle_agrees(vector: Vector) -> None:
    outcome = decode(vector.octets, vector.max_payload)
    assert told(outcome) == {(p.status, p.code) for p in vector.outcomes}
    for permitted in vector.outcomes:
        assert permitted.consumed == outcome.consumed
        found = tuple(Part(frame.json, frame.payload) for frame in outcome.frames)
        assert permitted.frames == found
        assert outcome.permits(permitted.status, permitted.code)


@everyone
def test_the_broken_requirement_is_cited(vector: Vector) -> None:
    outcome = decode(vector.octets, vector.max_payload)
    assert set(vector.requirements) <= set(REQUIREMENTS)
    assert outcome.requirement in {None, *vector.requirements}
    if outcome.early is not None:
        assert "HJP-FRM-18" in vector.requirements


@short
def test_every_prefix_leads_to_the_outcome(vector: Vector) -> None:
    whole = decode(vector.octets, vector.max_payload)
    for end in range(len(vector.octets)):
        outcome = decode(vector.octets[:end], vector.max_payload)
        assert whole.frames[: len(outcome.frames)] == outcome.frames
        certain = outcome.code or outcome.early
        if certain is not None:
            assert certain in (whole.code, whole.early)
            assert outcome.consumed == whole.consumed


@everyone
def test_what_follows_a_refused_frame_changes_nothing(vector: Vector) -> None:
    outcome = decode(vector.octets, vector.max_payload)
    if outcome.code is not None:
        assert decode(vector.octets + bytes(40), vector.max_payload) == outcome


def test_every_requirement_on_receivers_is_shown() -> None:
    cited = {id_ for vector in VECTORS for id_ in vector.requirements}
    wanted = {
        requirement.id
        for requirement in REQUIREMENTS.values()
        if requirement.area in ("FRM", "MET") and requirement.actor == "receiver"
        if requirement.section in ("Frame", "Metadata")
    }
    assert wanted - cited == set()
    assert len(wanted) >= 30


def test_codes_are_those_of_a_codec() -> None:
    definitions = SCHEMAS["vector"]["$defs"]["outcome"]["properties"]
    testees = SCHEMAS["testee/reply"]["$defs"]
    assert definitions["code"]["enum"] == testees["code"]["enum"]
    shown = {permitted.code for vector in VECTORS for permitted in vector.outcomes}
    assert shown == {None, *definitions["code"]["enum"]}
