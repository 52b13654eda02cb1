"""clocks.py: which clock runs, and when it has run out. No time passes here."""

import pytest

from hjp import Connection, Limits, Role, encode
from hjp.clocks import Clock, Wait

LIMITS = Limits(payload_ms=10_000)


def clock() -> Clock:
    """A clock with the limits of the text, but 10 s for a payload."""
    return Clock(LIMITS, 100.0)


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        (Wait.FIRST_FRAME, 10),
        (Wait.FRAME, 30),
        (Wait.PAYLOAD, 10),
        (Wait.IDLE, 60),
        (Wait.WRITE, 60),
        (Wait.LINGER, 2),
    ],
)
def test_each_wait_has_its_time(wait: Wait, seconds: float) -> None:
    """Over at the deadline, not before; looking again does not prolong it."""
    it = clock()
    it.watch(wait, 1, 0, 100.0)
    it.watch(wait, 1, 0, 100.0 + seconds / 2)
    assert it.deadline == 100.0 + seconds
    assert not it.is_over(100.0 + seconds - 0.001)
    assert it.is_over(100.0 + seconds)


def test_no_wait_is_never_over() -> None:
    """HJP-LIM-10: while the server is at work."""
    it = clock()
    it.watch(Wait.IDLE, 1, 0, 100.0)
    it.watch(None, 1, 0, 110.0)
    assert not it.is_over(1e9)
    it.watch(Wait.IDLE, 1, 0, 500.0)
    assert it.deadline == 560.0


def test_each_frame_has_its_own_time() -> None:
    """A second frame that begins at once is not the first one's fault."""
    it = clock()
    it.watch(Wait.FRAME, 1, 0, 100.0)
    it.watch(Wait.FRAME, 2, 0, 120.0)
    assert it.deadline == 150.0


def test_output_that_moves_is_waited_for() -> None:
    """Any octet accepted begins `write_ms` anew."""
    it = clock()
    it.watch(Wait.WRITE, 1, 10, 100.0)
    it.watch(Wait.WRITE, 1, 11, 159.0)
    assert not it.is_over(160.0)
    assert it.is_over(219.0)


def test_a_payload_that_never_begins() -> None:
    """`payload_ms` after the metadata."""
    it = clock()
    it.watch(Wait.PAYLOAD, 1, 0, 100.0)
    assert it.is_over(110.0)


def test_a_payload_that_stops() -> None:
    """`payload_ms` after its last octet, also in the middle of a span."""
    it = clock()
    it.watch(Wait.PAYLOAD, 1, 50_000, 100.0)
    it.watch(Wait.PAYLOAD, 1, 99_000, 105.0)
    assert not it.is_over(110.0)  # fast enough in its first span
    assert it.deadline == 115.0
    assert it.is_over(115.0)


def test_a_payload_that_trickles() -> None:
    """Octets come all the time, but fewer than 1 KiB a second."""
    it = clock()
    it.watch(Wait.PAYLOAD, 1, 0, 100.0)
    for second in range(1, 10):
        it.watch(Wait.PAYLOAD, 1, 1_100 * second, 100.0 + second)
        assert not it.is_over(100.0 + second)
    it.watch(Wait.PAYLOAD, 1, 10_239, 109.9)
    assert it.is_over(110.0)  # one octet short of ten KiB in ten seconds


def test_a_span_counts_full_seconds() -> None:
    """Half a second asks for some progress only."""
    it = Clock(Limits(payload_ms=500), 100.0)
    for step in range(20):
        it.watch(Wait.PAYLOAD, 1, step, 100.0 + step / 4)
        assert not it.is_over(100.0 + step / 4)


def test_a_payload_that_is_just_fast_enough() -> None:
    """1 KiB a second, for ever."""
    it = clock()
    it.watch(Wait.PAYLOAD, 1, 0, 100.0)
    for second in range(1, 100):
        it.watch(Wait.PAYLOAD, 1, 1_024 * second, 100.0 + second)
        assert not it.is_over(100.0 + second)


def test_which_clock_runs() -> None:
    """By what the next octet belongs to."""
    side = Connection(Role.SERVER)
    seen = [Wait.of(side)]
    octets = encode({"id": 1, "op": "ping"}, b"xy")
    for part in (octets[:3], octets[3:-1], octets[-1:], octets[:1]):
        side.receive_data(part)
        side.next_event()
        side.next_event()
        seen.append(Wait.of(side))
    assert seen == [
        Wait.FIRST_FRAME,
        Wait.FIRST_FRAME,
        Wait.PAYLOAD,
        Wait.IDLE,
        Wait.FRAME,
    ]
