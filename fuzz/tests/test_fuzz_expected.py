"""The oracle that remembers says what the oracle says, however often it is asked."""

import gc

import pytest

from hjp_fuzz import expected
from hjp_fuzz.grammar import case
from hjp_fuzz.sources import RandomSource
from hjp_spec import oracle
from hjp_spec.oracle import FormatFault, raw_frame


@pytest.mark.parametrize("time", ["first", "second"])
def test_it_says_what_the_oracle_says(time: str) -> None:
    source = RandomSource("expected")
    for _ in range(1_000):
        source.restart()
        stream = case(source).stream
        assert expected.decode(stream) == oracle.decode(stream), time


@pytest.mark.parametrize("text", [b"{" * 40, b"{" * 1_000, b"\xff\xff"])
def test_a_fault_that_is_remembered_holds_nothing_alive(text: bytes) -> None:
    stream = raw_frame(text)
    outcomes = [expected.decode(stream) for _ in range(3)]
    assert outcomes[0] == outcomes[2] == oracle.decode(stream)
    gc.collect()
    kept = [one for one in gc.get_objects() if isinstance(one, FormatFault)]
    assert any(fault.requirement == outcomes[0].requirement for fault in kept)
    assert all(fault.__traceback__ is None for fault in kept)
    assert all(fault.__context__ is None for fault in kept)
