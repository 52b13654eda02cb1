"""What the grammar writes, counted; and that it is what it claims to be."""

from collections import Counter
from functools import cache

import pytest

from hjp_fuzz import corners
from hjp_fuzz.cases import Case, pieces
from hjp_fuzz.dialect import HJP
from hjp_fuzz.engines import exercised
from hjp_fuzz.grammar import (
    case,
    cuts,
    every_octet,
    length,
    payload,
    stream,
    valid_frame,
)
from hjp_fuzz.report import of_a_codec
from hjp_fuzz.sources import RandomSource
from hjp_fuzz.texts import json_corner, json_text
from hjp_spec import ijson
from hjp_spec.oracle import FormatFault, Outcome, Status, decode

STREAMS = 10_000
WANTED = [requirement.id for requirement in of_a_codec()]
REFUSING = {
    *(f"HJP-FRM-{number}" for number in (2, 4, 7, 8, 9, 10)),
    *(f"HJP-MET-{number}" for number in (2, 3, 4, 6, 9, 11, 12)),
}


@cache
def tried() -> tuple[tuple[Case, Outcome], ...]:
    source = RandomSource("statistics")
    cases = []
    for _ in range(STREAMS):
        source.restart()
        made = case(source)
        cases.append((made, decode(made.stream)))
    return tuple(cases)


def refused(text: bytes) -> str | None:
    try:
        ijson.parse(text)
    except FormatFault as fault:
        return fault.requirement
    return None


def test_enough_streams_of_every_outcome() -> None:
    shares = Counter(outcome.status for _, outcome in tried())
    assert shares[Status.REJECT] >= 0.3 * STREAMS
    assert shares[Status.ACCEPT] >= 0.3 * STREAMS
    assert shares[Status.INCOMPLETE] >= 0.03 * STREAMS


def test_the_requirements_on_a_codec_are_those_of_the_text() -> None:
    assert "HJP-FRM-2" in WANTED
    assert "HJP-MET-14" in WANTED
    assert "HJP-ERR-15" in WANTED
    assert not {"HJP-FRM-1", "HJP-FRM-6", "HJP-MET-1", "HJP-MET-16"} & set(WANTED)


@pytest.mark.parametrize("requirement", WANTED)
def test_every_requirement_is_exercised(requirement: str) -> None:
    times = sum(requirement in exercised(made, outcome) for made, outcome in tried())
    assert times >= 50


def test_every_fault_of_a_codec_is_the_first_one_often_enough() -> None:
    faults = Counter(outcome.requirement for _, outcome in tried())
    assert faults.keys() - {None} == REFUSING
    assert min(faults[requirement] for requirement in REFUSING) >= 50


def test_streams_of_several_frames_and_of_one() -> None:
    counts = Counter(len(made.drafts) for made, _ in tried())
    assert counts[1] > 0.3 * STREAMS
    assert sum(counts[n] for n in counts if n > 2) > 0.1 * STREAMS


def test_frames_at_the_limits_are_accepted() -> None:
    frames = [frame for _, outcome in tried() for frame in outcome.frames]
    assert sum(len(frame.json) == 65_536 for frame in frames) >= 10
    assert sum(len(frame.payload) == 65_536 for frame in frames) >= 10


def test_divisions_are_of_every_kind() -> None:
    shapes = Counter(
        "octets" if len(cutting) == len(made.stream) - 1 > 2 else min(len(cutting), 2)
        for made, _ in tried()
        for cutting in made.cuttings
    )
    assert all(shapes[kind] >= 100 for kind in (0, 1, 2, "octets"))


def test_reads_are_never_empty_and_join_to_the_stream() -> None:
    for made, _ in tried()[:2000]:
        for cutting in made.cuttings:
            reads = pieces(made.stream, cutting)
            assert b"".join(reads) == made.stream
            assert all(reads) or not made.stream


@pytest.mark.parametrize("seed", range(300))
def test_texts_are_right(seed: int) -> None:
    text = json_text(RandomSource(seed))
    assert text.valid
    assert refused(text.octets) is None


@pytest.mark.parametrize("corner", corners.CORNERS + corners.LONG_CORNERS)
def test_corners_are_right_or_wrong_for_their_requirement(
    corner: corners.Corner,
) -> None:
    source = RandomSource(corner.rule)
    for _ in range(60):
        text = json_corner(source, (corner,))
        assert text.aims == corner.aims
        assert len(text.octets) <= 65_536
        if corner.valid:
            assert refused(text.octets) is None, text.octets
        else:
            assert refused(text.octets) in corner.aims, text.octets


def test_there_are_corners_for_every_requirement_on_metadata() -> None:
    wrong = {aim for corner in corners.INVALID_CORNERS for aim in corner.aims}
    right = {aim for corner in corners.VALID_CORNERS for aim in corner.aims}
    assert wrong == {corners.met(number) for number in (2, 3, 4, 6, 7, 9, 11, 12)}
    assert right >= {corners.met(number) for number in (5, 7, 8, 10, 11, 13)}


@pytest.mark.parametrize("seed", range(300))
def test_valid_frames_are_accepted(seed: int) -> None:
    draft = valid_frame(RandomSource(seed))
    outcome = decode(HJP.write(draft))
    assert outcome.status is Status.ACCEPT
    assert (outcome.frames[0].json, outcome.frames[0].payload) == (
        draft.json,
        draft.payload,
    )


def test_lengths_go_wrong_in_every_way() -> None:
    source, field = RandomSource(1), HJP.lengths[0]
    seen = {length(source, 21, field) for _ in range(5000)}
    assert {0, 1, 20, 22, 65_536, 65_537, 2**31 - 1, 2**32 - 1} <= seen
    assert {2**31 | 21, 21 << 24, 21 | 1 << 16} <= seen
    assert all(0 <= wrong < 2**32 for wrong in seen)


def test_the_simplest_draft_is_the_smallest_frame_of_all() -> None:
    octets = HJP.write(valid_frame(RandomSource(1)).__class__())
    assert len(octets) == 18


def test_every_octet_of_short_streams_and_of_edges_in_long_ones() -> None:
    assert every_octet(5, ()) == (1, 2, 3, 4)
    assert every_octet(0, ()) == ()
    long = every_octet(10_000, (5_000,))
    assert 4_999 in long
    assert 5_001 in long
    assert len(long) < 100


@pytest.mark.parametrize("size", [0, 1, 2, 3])
@pytest.mark.parametrize("seed", range(30))
def test_tiny_streams_can_be_divided(seed: int, size: int) -> None:
    cutting = cuts(RandomSource(seed), size, [size])
    assert list(cutting) == sorted(set(cutting))
    assert all(0 < cut < size for cut in cutting)


def test_several_ways_begin_with_every_octet() -> None:
    source = RandomSource(3)
    made = case(source, ways=3)
    assert len(made.cuttings) == 4
    assert made.cuttings[0] == every_octet(
        len(made.stream), HJP.write_all(made.drafts)[1]
    )


@pytest.mark.parametrize(("least", "most"), [(0, 0), (1, 1), (2, 2), (1, 3), (4, None)])
def test_as_many_frames_as_asked_for(least: int, most: int | None) -> None:
    source = RandomSource("frames")
    counts = {len(stream(source, HJP, least, most)) for _ in range(300)}
    assert min(counts) == least
    assert max(counts) <= (100 if most is None else most)
    assert max(counts) == most or most is None


@pytest.mark.parametrize("seed", range(50))
def test_a_payload_takes_two_choices(seed: int) -> None:
    source = RandomSource(seed)
    payload(source)
    assert len(source.choices) == 2


def test_corners_are_chosen_by_their_share() -> None:
    counts = Counter(corner.build for corner in corners.by_share(corners.CORNERS))
    assert counts == {corner.build: corner.share for corner in corners.CORNERS}


def test_long_frames_are_rare() -> None:
    long = sum(len(made.stream) > 20_000 for made, _ in tried())
    assert 100 <= long <= 0.03 * STREAMS
