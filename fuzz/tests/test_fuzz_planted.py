"""Bugs that were planted are found, and a correct parser is let alone."""

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from hjp_fuzz.cases import Case
from hjp_fuzz.checks import Check, Failure, glance, judge
from hjp_fuzz.expected import decode
from hjp_fuzz.grammar import case
from hjp_fuzz.shrink import Shrinker
from hjp_fuzz.sources import RandomSource
from hjp_fuzz.targets import CallableTarget, Target, load

Plant = Callable[..., Target]
HERE = Path(__file__).parent

# What a finding may be about, and the smallest input by hand that shows it, in octets:
# 16 of a header are there unless magic or version is wrong.
LOST = {
    **dict.fromkeys(("FRM-2", "FRM-4", "FRM-5"), 18 + 5),
    **dict.fromkeys(("FRM-7", "FRM-8", "FRM-9", "FRM-10", "FRM-11"), 18 + 16),
    **dict.fromkeys(("FRM-17", "MET-2", "MET-3", "MET-4"), 18 + 18),
    **{"MET-6": 18 + 24, "MET-9": 18 + 24, "MET-11": 18 + 26, "MET-12": 18 + 53},
}
SMALLEST: dict[str, dict[str, int]] = {
    "signed_length": {"FRM-9": 16},
    "short_payload_length": {"FRM-10": 18, "FRM-11": 16, "FRM-16": 16 + 2 + 65_536},
    "dup_names": {"MET-6": 27},
    "dup_escaped": {"MET-6": 27, "MET-8": 29},
    "dup_nested": {"MET-6": 27},
    "case_folded": {"MET-8": 29, "FRM-12": 29},
    "normalised": {"MET-8": 31, "FRM-12": 31},
    "nan": {"MET-4": 24},
    "infinite": {"MET-11": 26},
    "big_integer": {"MET-11": 330},
    "digit_limit": {"MET-11": 1022, "FRM-15": 1022},
    "bom": {"MET-3": 21},
    "utf8_replace": {"MET-2": 23},
    "surrogate_pass": {"MET-2": 25, "MET-9": 28},
    "lone_surrogate": {"MET-9": 28},
    "no_nul": {"MET-10": 28, "MET-8": 28, "MET-6": 28, "FRM-12": 28},
    "no_nonchar": {"MET-10": 25, "FRM-12": 25},
    "control_raw": {"MET-4": 23},
    "strip": {"MET-3": 19, "MET-4": 19},
    "trailing": {"MET-4": 19},
    "any_root": {"MET-3": 18},
    "depth_33": {"MET-12": 85},
    "depth_31": {"MET-13": 83, "FRM-12": 83},
    "depth_none": {"MET-12": 85},
    "depth_brackets": {"MET-10": 54},
    "chunk_edge": {"FRM-14": 19},
    "lost_tail": LOST,
    "cut_lost": {"FRM-14": 18 + 5},
    "late": {"FRM-17": 18},
    "stale_payload": {"FRM-13": 37},
    "payload_stripped": {"FRM-16": 19},
    "resync": {"FRM-5": 5, "FRM-2": 19},
    "version_late": {"FRM-5": 5},
    "reserved_ignored": {"FRM-7": 18, "FRM-11": 16},
    "precedence": {"FRM-7": 16, "FRM-8": 16, "FRM-9": 16, "FRM-10": 16},
    "payload_first": {"MET-14": 18},
    "empty_json": {"FRM-8": 16, "FRM-11": 16},
    "max_json_exclusive": {"FRM-12": 16, "FRM-11": 16},
    "max_payload_plus": {"FRM-10": 18, "FRM-11": 16},
    "early_accept": {"LIF-8": 20},
    "goes_on": {"ERR-10": 5, "FRM-3": 5},
    "wrong_code": {"MET-2": 18},
    "key_error": {"FRM-12": 18},
    "recursion": {"MET-4": 21},
}
NEARLY, CALLS = 1.2, 150
WITHIN = 3_000
SEEDS = ("one", "two")


@contextmanager
def spare_stack() -> Iterator[None]:
    """Let no input fail only because of the shrinker's own place on the stack."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + 200)
    yield
    sys.setrecursionlimit(limit)


def first_failure(
    target: Target, seed: str, limit: int
) -> tuple[Case, Failure, list[int]] | None:
    source = RandomSource(seed)
    for _ in range(limit):
        source.restart()
        made = case(source)
        failure = glance(target, made, decode(made.stream))
        if failure is not None:
            return made, failure, source.choices
    return None


def test_the_table_names_every_bug_that_lets_the_process_live(bugs: set[str]) -> None:
    assert SMALLEST.keys() == bugs - {"crash", "hang"}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("bug", SMALLEST)
def test_a_planted_bug_is_found_and_made_small(
    bug: str, seed: str, planted: Plant
) -> None:
    target = planted(bug)
    found = first_failure(target, seed, WITHIN)
    assert found is not None, f"{bug} not found in {WITHIN} streams"
    made, failure, choices = found
    shrinker = Shrinker(lambda tried: judge(target, tried), made, failure)
    with spare_stack():
        small = shrinker.shrink(choices)
    smallest = SMALLEST[bug][shrinker.failure.requirement.removeprefix("HJP-")]
    assert len(small.stream) <= NEARLY * smallest, small.stream
    assert shrinker.calls <= CALLS
    assert judge(target, Case((), small.stream, (shrinker.failure.cuts,))) is not None


def test_a_correct_parser_is_let_alone(planted: Plant) -> None:
    assert first_failure(planted(), "correct", 3_000) is None


def test_a_correct_function_is_let_alone() -> None:
    target = load("planted_parsers:parse", folder=HERE)
    assert first_failure(target, "correct", 2_000) is None


@pytest.fixture
def correct() -> Any:
    """Import the class of the correct parser."""
    return importlib.import_module("planted_parsers").Parser


def test_two_bugs_have_two_keys(planted: Plant) -> None:
    target = planted("nan", "dup_names")
    source, keys = RandomSource("both"), set()
    for _ in range(2_000):
        source.restart()
        failure = judge(target, case(source))
        if failure is not None and failure.check is Check.STATUS:
            keys.add(failure.requirement)
    assert {"HJP-MET-4", "HJP-MET-6"} <= keys


def test_how_a_correct_parser_gives_frames_before_a_refusal_is_its_own_affair(
    correct: Any,
) -> None:
    def nothing_where_it_raises(self: Any, chunk: bytes) -> list[Any]:
        return list(correct.feed(self, chunk))

    def raises_at_the_next_call(self: Any, chunk: bytes) -> list[Any]:
        if self.failed is not None:
            raise self.failed
        given = []
        with suppress(ValueError):  # the parser remembers it
            for frame in correct.feed(self, chunk):
                given.append(frame)
        return given

    for feed in (nothing_where_it_raises, raises_at_the_next_call):
        factory = type("Correct", (correct,), {"feed": feed})
        target = CallableTarget("correct", factory=factory)
        assert first_failure(target, "before a refusal", 2_000) is None
