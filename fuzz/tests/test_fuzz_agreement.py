"""Two readings of one text: the schema and the reference take streams alike.

The long run is ``pytest -m soak fuzz/tests/test_fuzz_agreement.py``, or, with the
figures::

    hjp-fuzz run hjp:Decoder --error hjp:FormatError --incomplete hjp:IncompleteError \
        --count 1000000 --cuts 3 --jobs 2
"""

import os

import pytest
from hypothesis import given, settings

import hjp
from hjp_fuzz.checks import judge_outcome
from hjp_fuzz.dialect import HJP
from hjp_fuzz.engines import Plan, Tally
from hjp_fuzz.grammar import case
from hjp_fuzz.runner import Campaign
from hjp_fuzz.sources import RandomSource
from hjp_fuzz.strategies import chunked, mutated, streams
from hjp_fuzz.targets import CallableTarget
from hjp_spec.oracle import decode

REFERENCE = CallableTarget(
    "hjp:Decoder",
    factory=hjp.Decoder,
    encode=hjp.encode,
    error=hjp.FormatError,
    incomplete=hjp.IncompleteError,
)
STREAMS = 4_000
SOAK_STREAMS = int(os.environ.get("HJP_SOAK_STREAMS", "1000000"))


def test_whole_octet_by_octet_and_divided_anywhere() -> None:
    source, tally = RandomSource("agreement"), Tally()
    for _ in range(STREAMS):
        source.restart()
        tried = case(source, HJP, ways=3)
        outcome = decode(tried.stream)
        assert judge_outcome(REFERENCE, tried, outcome) is None, tried
        tally.add(tried, outcome)
    assert tally.outcomes["reject"] > 0.3 * STREAMS


@settings(max_examples=150, deadline=None, database=None)
@given(chunked(mutated(streams())))
def test_damaged_streams(reads: list[bytes]) -> None:
    outcome = decode(b"".join(reads))
    answer = REFERENCE.run(reads)
    assert outcome.permits(answer.status, answer.code)
    assert [pair[1] for pair in answer.frames] == [
        frame.payload for frame in outcome.frames[: len(answer.frames)]
    ]


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_a_million_streams_or_as_many_as_are_asked_for() -> None:
    run = Campaign(Plan(REFERENCE, "soak", count=SOAK_STREAMS, ways=3), jobs=2)
    assert list(filter(None, run.run())) == []
    assert run.report.tally.streams == SOAK_STREAMS
    print(run.report.tally)
