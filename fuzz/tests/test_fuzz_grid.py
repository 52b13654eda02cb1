"""Who disagrees with whom, on the same streams."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hjp_fuzz.grid import Comparison, Grid
from hjp_fuzz.targets import (
    CallableTarget,
    Limits,
    PipeTarget,
    ServerTarget,
    SpawnTarget,
    Target,
    TargetError,
    load,
)
from hjp_fuzz.views import View, Viewer, specified
from hjp_spec.oracle import decode, encode, raw_frame

HERE = Path(__file__).parent
GOOD = encode(b'{"id":1}', b"hi!")
BAD = encode(b'{"id":1}', b"\xff\xff")
LIMITS = Limits(patience=1.0, memory=256 << 20)
Way = Callable[[str], str]
Plant = Callable[..., CallableTarget]


def compared(count: int, *targets: Target) -> Grid:
    comparison = Comparison(targets, "grid", LIMITS, count)
    for grid in comparison.run():
        assert grid is comparison.grid
    assert comparison.grid.streams == count
    return comparison.grid


def views(target: Target, *streams: bytes) -> list[View]:
    viewer = Viewer(target, LIMITS)
    try:
        viewer.ask(streams)
        return viewer.answers()
    finally:
        viewer.close()


def hostile_parser(name: str) -> Target:
    return load(f"hostile_parsers:{name}", folder=HERE)


def test_those_who_agree_have_an_empty_grid(planted: Plant, hostile: Way) -> None:
    grid = compared(
        200,
        planted(),
        hostile_parser("obey"),
        PipeTarget(hostile("pipe obey")),
        SpawnTarget(hostile("lines obey")),
    )
    assert not grid.differs
    assert not grid.codes
    assert grid.examples == {}
    assert grid.names[0] == "specification"


def test_one_who_differs_differs_from_all_and_one_example_shows_it(
    planted: Plant,
) -> None:
    grid = compared(300, planted(), planted("dup_names"))
    assert set(grid.differs) == {(0, 2), (1, 2)}
    assert grid.differs[0, 2] == grid.differs[1, 2] > 0
    examples = list(grid.examples.values())
    assert [str(view) for view in examples[0].views] == ["reject bad_json", "no fault"]
    assert examples[0].stream == examples[1].stream
    assert len(examples[0].stream) <= 31


def test_two_who_are_wrong_alike_agree(planted: Plant) -> None:
    grid = compared(300, planted("dup_names"), planted("dup_names"))
    assert set(grid.differs) == {(0, 1), (0, 2)}


def test_other_codes_are_counted_apart(planted: Plant) -> None:
    grid = compared(300, planted(), planted("wrong_code"))
    assert not grid.differs
    assert set(grid.codes) == {(0, 2), (1, 2)}
    assert grid.codes[0, 2] == grid.codes[1, 2] > 0


def test_servers_are_compared_by_their_replies() -> None:
    server = f"{sys.executable} {HERE}/hostile_server.py other-payload {{port}}"
    peer = ServerTarget(f"{sys.executable} -m hjp serve --port {{port}}")
    grid = compared(100, peer, ServerTarget(server))
    assert set(grid.differs) == {(0, 2), (1, 2)}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("crashes", "crash (signal SIGSEGV)"),
        ("exits", "crash (exit 7)"),
        ("hangs", "hang (none)"),
        ("hoards", "memory (MemoryError)"),
        ("mumbles", "garbage (a int, no pair of metadata and payload)"),
    ],
)
def test_who_gives_no_answer_has_a_view(name: str, says: str) -> None:
    found = views(hostile_parser(name), GOOD, BAD, raw_frame(b"[]"), BAD)
    right, refused = specified(decode(GOOD)), specified(decode(raw_frame(b"[]")))
    assert [found[0], found[2]] == [right, refused]
    assert [str(found[1]), str(found[3])] == [says, says]
    assert found[1].differs(right)


def test_losses_of_a_testee_have_views(hostile: Way) -> None:
    found = views(PipeTarget(hostile("pipe crash")), GOOD, BAD, GOOD)
    assert [str(view) for view in found] == [
        *("accept", "crash (signal SIGSEGV)", "accept")
    ]


def test_what_is_permitted_in_two_ways_is_no_disagreement() -> None:
    early = raw_frame(b"[1,", payload_length=1)[:-1]

    def at_once(data: bytes) -> list[tuple[object, bytes]]:
        if data == early[:-1]:
            raise ValueError
        return []

    stream = early[:-1]
    assert decode(stream).early is not None
    [view] = views(CallableTarget("early", parse=at_once), stream)
    assert view == specified(decode(stream))


def test_a_comparison_by_time_ends(planted: Plant) -> None:
    comparison = Comparison([planted()], "time", LIMITS, seconds=0.2)
    assert [grid.streams for grid in comparison.run()][-1] > 0


def test_a_target_that_cannot_be_used_is_told_before() -> None:
    with pytest.raises(TargetError, match="no testee"):
        Comparison([PipeTarget("cat")], "none", LIMITS, 10)
