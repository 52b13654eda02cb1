"""Bugs that were planted are found, and a correct parser is let alone."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hjp_fuzz.cases import Case
from hjp_fuzz.checks import Check, Failure, judge
from hjp_fuzz.grammar import case
from hjp_fuzz.shrink import Shrinker
from hjp_fuzz.sources import RandomSource
from hjp_fuzz.targets import Target, load

Plant = Callable[..., Target]
HERE = Path(__file__).parent

# How small the input has to become, in octets: 16 of a header are always there.
# The checks and requirements are what a finding may be about.
SMALL: dict[str, tuple[int, str]] = {
    "signed_length": (18, "FRM-9"),
    "short_payload_length": (60, "FRM-10 FRM-11 FRM-12 ERR-15 FRM-13"),
    "dup_names": (31, "MET-6"),
    "dup_escaped": (36, "MET-6"),
    "dup_nested": (36, "MET-6"),
    "case_folded": (40, "MET-8 FRM-12"),
    "normalised": (50, "MET-8 FRM-12"),
    "nan": (30, "MET-4"),
    "infinite": (30, "MET-11"),
    "big_integer": (440, "MET-11"),
    "digit_limit": (1100, "MET-11 FRM-15"),
    "bom": (24, "MET-3"),
    "utf8_replace": (30, "MET-2"),
    "surrogate_pass": (34, "MET-2 MET-9"),
    "lone_surrogate": (34, "MET-9"),
    "no_nul": (50, "MET-10 MET-8 MET-6 FRM-12"),
    "no_nonchar": (50, "MET-10 FRM-12"),
    "control_raw": (40, "MET-4"),
    "strip": (24, "MET-3 MET-4"),
    "trailing": (40, "MET-4"),
    "any_root": (20, "MET-3"),
    "depth_33": (90, "MET-12"),
    "depth_31": (170, "MET-13 FRM-12"),
    "depth_none": (90, "MET-12"),
    "depth_brackets": (80, "MET-10"),
    "chunk_edge": (24, "FRM-14"),
    "lost_tail": (50, "FRM-17"),
    "late": (18, "FRM-17"),
    "stale_payload": (40, "FRM-16"),
    "payload_stripped": (20, "FRM-16"),
    "resync": (60, "FRM-2 FRM-5"),
    "version_late": (6, "FRM-5"),
    "reserved_ignored": (20, "FRM-7 FRM-11"),
    "precedence": (20, "FRM-7"),
    "payload_first": (30, "MET-14"),
    "empty_json": (24, "FRM-8 FRM-11"),
    "max_json_exclusive": (66_000, "FRM-12 FRM-11"),
    "max_payload_plus": (66_000, "FRM-10 FRM-11"),
    "early_accept": (24, "LIF-8"),
    "goes_on": (24, "ERR-10 FRM-3"),
    "wrong_code": (26, "MET-2"),
    "key_error": (40, "FRM-12"),
    "recursion": (170, "MET-13 MET-12 MET-4 MET-10 FRM-12"),
}
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
        failure = judge(target, made)
        if failure is not None:
            return made, failure, source.choices
    return None


def test_the_table_names_every_bug_that_lets_the_process_live(bugs: set[str]) -> None:
    assert SMALL.keys() == bugs - {"crash", "hang"}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("bug", SMALL)
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
    size, about = SMALL[bug]
    assert shrinker.failure.requirement in {f"HJP-{area}" for area in about.split()}
    assert len(small.stream) <= size, small.stream
    assert judge(target, Case((), small.stream, (shrinker.failure.cuts,))) is not None


def test_a_correct_parser_is_let_alone(planted: Plant) -> None:
    assert first_failure(planted(), "correct", 3_000) is None


def test_a_correct_function_is_let_alone() -> None:
    target = load("planted_parsers:parse", folder=HERE)
    assert first_failure(target, "correct", 2_000) is None


def test_two_bugs_have_two_keys(planted: Plant) -> None:
    target = planted("nan", "dup_names")
    source, keys = RandomSource("both"), set()
    for _ in range(2_000):
        source.restart()
        failure = judge(target, case(source))
        if failure is not None and failure.check is Check.STATUS:
            keys.add(failure.requirement)
    assert {"HJP-MET-4", "HJP-MET-6"} <= keys
