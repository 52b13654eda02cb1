"""What the strategies say they give is what they give."""

import re
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from hjp_fuzz import strategies
from hjp_fuzz.cases import Case
from hjp_fuzz.checks import judge
from hjp_fuzz.strategies import (
    chunked,
    frames,
    invalid_json_texts,
    json_texts,
    lengths,
    mutated,
    payloads,
    streams,
)
from hjp_fuzz.targets import Target
from hjp_spec import ijson
from hjp_spec.oracle import FormatFault, Status, decode

RULES = [f"HJP-MET-{number}" for number in (2, 3, 4, 6, 7, 9, 11, 12)]
several = settings(max_examples=80, deadline=None, database=None)
many = settings(max_examples=20_000, deadline=None, database=None)


@several
@given(frames())
def test_frames_are_accepted(octets: bytes) -> None:
    outcome = decode(octets)
    assert (outcome.status, len(outcome.frames)) == (Status.ACCEPT, 1)


@several
@given(json_texts())
def test_json_texts_are_accepted(text: bytes) -> None:
    assert isinstance(ijson.parse(text), dict)


@several
@given(invalid_json_texts())
def test_invalid_json_texts_are_refused(text: bytes) -> None:
    with pytest.raises(FormatFault):
        ijson.parse(text)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_the_one_that_is_broken(rule: str) -> None:
    @settings(max_examples=50, deadline=None, database=None)
    @given(invalid_json_texts(rule))
    def check(text: bytes) -> None:
        with pytest.raises(FormatFault) as caught:
            ijson.parse(text)
        # Two escapes of one name break HJP-MET-6; only HJP-MET-7 makes that known.
        assert caught.value.requirement == rule.replace("MET-7", "MET-6")

    check()


def test_a_rule_that_no_text_breaks_is_named() -> None:
    with pytest.raises(ValueError, match=r"no text for HJP-MET-5; .* HJP-MET-6"):
        invalid_json_texts("HJP-MET-5")


def test_names_that_are_equal_only_when_resolved_are_among_them() -> None:
    text = find(
        invalid_json_texts("HJP-MET-7"), lambda text: rb"\u" in text, settings=many
    )
    assert len(text) <= 20


@several
@given(lengths(21, "payload_length"))
def test_lengths_fit_into_their_field(length: int) -> None:
    assert 0 <= length < 2**32


def test_lengths_are_wrong_in_the_ways_that_matter() -> None:
    for wanted in (20, 22, 0, 65_537, 2**31 | 21, 21 << 24):
        assert find(lengths(21), wanted.__eq__, settings=many) == wanted


def test_a_length_that_the_dialect_does_not_have_is_named() -> None:
    with pytest.raises(ValueError, match="no length size"):
        lengths(field="size")


@pytest.mark.parametrize("status", list(Status))
def test_streams_are_of_every_kind(status: Status) -> None:
    octets = find(
        streams(), lambda octets: decode(octets).status is status, settings=many
    )
    assert len(octets) < 60


@several
@given(streams(max_frames=1))
def test_streams_of_one_frame_at_most(octets: bytes) -> None:
    # A length that is too small may let two frames out of the payload.
    assert len(decode(octets).frames) <= 3


def test_streams_of_three_frames_at_least() -> None:
    octets = find(
        streams(min_frames=3),
        lambda octets: decode(octets).status is Status.ACCEPT,
        settings=many,
    )
    assert len(decode(octets).frames) == 3


def test_shrinking_leaves_no_useless_frame() -> None:
    octets = find(
        streams(),
        lambda octets: decode(octets).requirement == "HJP-MET-6",
        settings=many,
    )
    assert len(octets) <= 35


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 4))]
)
@pytest.mark.parametrize(
    ("bug", "most"),
    [("dup_names", 31), ("signed_length", 18), ("reserved_ignored", 18)],
)
def test_what_hypothesis_reports_is_small(
    planted: Callable[..., Target], bug: str, most: int, seed: int
) -> None:
    target = planted(bug)
    octets = find(
        streams(),
        lambda octets: judge(target, Case((), octets)) is not None,
        settings=many,
        random=Random(seed),
    )
    assert len(octets) <= most


@several
@given(streams(min_frames=0, max_frames=0))
def test_streams_of_no_frame_are_empty(octets: bytes) -> None:
    assert octets == b""


@pytest.mark.parametrize(("least", "most"), [(2, 1), (0, -1), (-2, -1)])
def test_a_number_of_frames_that_there_is_not(least: int, most: int) -> None:
    with pytest.raises(ValueError, match=f"no stream has {least} to {most} frames"):
        streams(min_frames=least, max_frames=most)


@pytest.mark.parametrize("wanted", [b"", b"\x00", b"HJP\xff", bytes(range(256))])
def test_payloads_are_of_every_kind(wanted: bytes) -> None:
    assert find(payloads(), wanted.__eq__, settings=many) == wanted


@several
@given(payloads())
def test_payloads_are_short(octets: bytes) -> None:
    assert len(octets) < 2_000


@several
@given(st.data())
def test_mutated_octets_are_octets(data: st.DataObject) -> None:
    octets = data.draw(mutated(frames()))
    assert isinstance(octets, bytes)


def test_mutation_changes_something_and_shrinks_to_one_change() -> None:
    given_octets = bytes(range(16))
    changed = find(
        mutated(st.just(given_octets)),
        lambda got: got != given_octets,
        settings=many,
    )
    assert abs(len(changed) - len(given_octets)) <= 16


def test_mutation_of_nothing_gives_something() -> None:
    assert find(mutated(st.just(b"")), bool, settings=many)


@several
@given(st.data())
def test_reads_join_to_what_was_divided(data: st.DataObject) -> None:
    whole = data.draw(streams())
    reads = data.draw(chunked(st.just(whole)))
    assert b"".join(reads) == whole
    assert all(reads)


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow],
    deadline=None,
    database=None,
)
@given(chunked(mutated(frames())))
def test_they_compose(reads: list[bytes]) -> None:
    assert decode(b"".join(reads)).status in Status


def test_every_public_name_is_there_and_documented() -> None:
    for name in strategies.__all__:
        public: Any = getattr(strategies, name)
        assert re.match(r"[A-Z].+\n", public.__doc__)
