"""Every driver gives what was asked for, and records what it gave."""

from collections import Counter
from itertools import pairwise, product

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from hjp_fuzz.grammar import case
from hjp_fuzz.sources import (
    BytesSource,
    HypothesisSource,
    RandomSource,
    ReplaySource,
    Source,
)

quiet = settings(database=None, deadline=None)
RANGES = st.tuples(st.integers(-5, 2**40), st.integers(0, 2**70)).map(
    lambda pair: (pair[0], pair[0] + pair[1])
)


@quiet
@given(st.integers(), st.lists(RANGES, max_size=20))
def test_random_choices_lie_in_their_range(
    seed: int, ranges: list[tuple[int, int]]
) -> None:
    source = RandomSource(seed)
    given_out = [source.int(lo, hi) for lo, hi in ranges]
    assert all(lo <= got <= hi for got, (lo, hi) in zip(given_out, ranges, strict=True))
    assert source.choices == [
        got - lo for got, (lo, _) in zip(given_out, ranges, strict=True)
    ]


def test_every_value_of_a_small_range_is_chosen() -> None:
    source = RandomSource(1)
    assert {source.int(3, 7) for _ in range(500)} == {3, 4, 5, 6, 7}


@pytest.mark.parametrize("size", [0, 1, 3, 8])
def test_octets_are_as_many_as_asked_for(size: int) -> None:
    assert len(RandomSource(1).bytes(size)) == size


def test_a_replay_without_choices_is_the_simplest() -> None:
    source = ReplaySource(())
    assert (source.int(4, 9), source.flag(), source.bytes(2)) == (4, False, b"\0\0")
    assert source.choice("xyz") == "x"


@quiet
@given(st.lists(st.integers(0, 2**64), max_size=200))
def test_any_list_of_choices_means_some_case(choices: list[int]) -> None:
    source = ReplaySource(choices)
    made = case(source)
    assert case(ReplaySource(source.choices)) == made


@pytest.mark.parametrize("seed", range(50))
def test_a_recording_of_random_choices_writes_the_same(seed: int) -> None:
    source = RandomSource(seed)
    first = case(source, ways=1 + seed % 3)
    assert case(ReplaySource(source.choices), ways=1 + seed % 3) == first


@quiet
@given(st.binary(max_size=80), st.lists(RANGES, max_size=20))
def test_choices_of_octets_lie_in_their_range(
    octets: bytes, ranges: list[tuple[int, int]]
) -> None:
    source = BytesSource(octets)
    assert all(lo <= source.int(lo, hi) <= hi for lo, hi in ranges)
    assert len(source.choices) == len(ranges)


@quiet
@given(st.binary(max_size=400))
def test_any_octets_mean_some_case(octets: bytes) -> None:
    source = BytesSource(octets)
    made = case(source)
    assert case(ReplaySource(source.choices)) == made


def test_octets_of_a_payload_stand_in_the_input_as_they_are() -> None:
    source = BytesSource(b"\x06wxyz\x01\x02\x03")
    assert source.int(0, 9) == 6
    assert source.bytes(4) == b"wxyz"
    assert source.int(5, 5) == 5  # one way only: costs nothing
    assert source.int(0, 0xFFFF) == 0x0102
    assert source.bytes(2) == b"\x03\x00"
    assert (source.int(0, 255), source.flag(), source.bytes(1)) == (0, False, b"\0")


def test_no_octets_are_the_simplest_case() -> None:
    assert case(BytesSource(b"")) == case(ReplaySource(()))


def test_every_choice_can_be_made_by_octets() -> None:
    assert {BytesSource(bytes([at])).int(3, 12) for at in range(256)} == {*range(3, 13)}


def test_the_same_seed_writes_the_same() -> None:
    one, other = RandomSource("seed"), RandomSource("seed")
    assert [case(one) for _ in range(20)] == [case(other) for _ in range(20)]


@quiet
@given(st.data())
def test_a_recording_of_hypothesis_writes_the_same(data: st.DataObject) -> None:
    source = HypothesisSource(data.draw)
    first = case(source)
    assert case(ReplaySource(source.choices)) == first


def test_hypothesis_shrinks_towards_the_lower_bound() -> None:
    @st.composite
    def chosen(draw: st.DrawFn) -> int:
        return HypothesisSource(draw).int(-7, 24)

    assert find(chosen(), lambda value: value >= 20, settings=quiet) == 20
    assert find(chosen(), lambda _: True, settings=quiet) == -7


def test_a_source_without_a_driver_gives_nothing() -> None:
    with pytest.raises(NotImplementedError):
        Source().int(0, 1)


def test_octets_are_choices_as_far_as_they_reach() -> None:
    source = BytesSource(b"\x09\x01\x00\x01\x02")
    assert source.int(0, 9) == 9
    assert source.flag()
    assert source.int(0, 65_535) == 1
    assert source.int(5, 5) == 5  # takes no octet
    assert source.choices == [9, 1, 1, 0]
    assert (source.int(0, 9), source.int(0, 9), source.flag()) == (2, 0, False)


def test_half_of_the_octets_of_a_choice_are_its_upper_half() -> None:
    assert BytesSource(b"\x01").int(0, 1_000) == 256


def test_a_small_choice_is_the_same_out_of_any_range() -> None:
    assert {BytesSource(b"\x07").int(0, most) for most in range(7, 32)} == {7}
    assert {BytesSource(b"\x00\x07").int(0, most) for most in range(32, 63)} == {7}


@pytest.mark.parametrize("most", [1, 9, 31, 99, 255, 300])
def test_all_choices_are_about_as_frequent(most: int) -> None:
    octets = [bytes(pair) for pair in product(range(256), repeat=2)]
    counts = Counter(BytesSource(pair).int(0, most) for pair in octets)
    assert max(counts.values()) <= 1.15 * min(counts.values())


def test_a_replay_knows_where_the_frames_began() -> None:
    source = RandomSource("parts")
    for _ in range(50):
        source.restart()
        made = case(source)
        replay = ReplaySource(source.choices)
        assert case(replay) == made
        assert len(replay.parts) == len(made.drafts)
        for start, end in pairwise(replay.parts):
            rest = source.choices[:start] + source.choices[end:]
            assert len(case(ReplaySource(rest)).drafts) == len(made.drafts) - 1


def test_each_part_of_hypothesis_is_drawn_at_once() -> None:
    drawn: list[bytes] = []

    def draw(strategy: st.SearchStrategy[bytes]) -> bytes:
        drawn.append(bytes(len(drawn)))
        return drawn[-1]

    source = HypothesisSource(draw)
    source.part()
    assert not drawn
    assert (source.int(0, 9), source.int(0, 9)) == (0, 0)
    assert drawn == [b""]
    source.part()
    source.part()
    assert source.bytes(3) == bytes(3)
    assert drawn == [b"", b"\x00"]
