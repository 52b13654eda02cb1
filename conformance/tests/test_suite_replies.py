"""What is looked at in every frame of a server, how values are compared, and sums."""

from typing import Any

import pytest

from hjp_conformance.equality import equal
from hjp_conformance.replies import read
from hjp_conformance.stimuli import frame, padded, pieces, splits
from hjp_conformance.verdicts import Exit, Verdict, Violation, exit_of
from hjp_spec.requirements import REQUIREMENTS


def error(inside: str, id_: int = 1) -> str:
    return f'{{"id":{id_},"ok":false,"error":{{{inside}}}}}'


MESSAGE = '"message":"m"'
WRONG = [
    ("HJP-MSG-13", '{"id":1}'),
    ("HJP-MSG-13", '{"id":1,"ok":1}'),
    ("HJP-MSG-13", '{"id":1,"ok":null}'),
    ("HJP-MSG-13", '{"id":1,"ok":true,"op":"ping"}'),
    ("HJP-MSG-13", '{"ok":true}'),
    ("HJP-MSG-13", '{"id":0,"ok":true}'),
    ("HJP-MSG-13", '{"id":1,"ok":true,"more":0}'),
    ("HJP-MSG-16", '{"id":1,"ok":true,"more":true}'),
    ("HJP-MET-17", '{"id":1.0,"ok":true}'),
    ("HJP-MET-17", '{"id":1e0,"ok":true}'),
    ("HJP-MET-17", '{"id":"1","ok":true}'),
    ("HJP-MET-17", '{"id":9007199254740992,"ok":true}'),
    ("HJP-MET-17", '{"id":-0,"ok":false}'),
    ("HJP-ERR-1", '{"id":1,"ok":true,"error":{}}'),
    ("HJP-ERR-1", '{"id":1,"ok":false}'),
    ("HJP-ERR-1", '{"id":1,"ok":false,"error":"internal"}'),
    ("HJP-ERR-1", error(MESSAGE)),
    ("HJP-ERR-1", error(f'"code":5,{MESSAGE}')),
    ("HJP-ERR-1", error('"code":"internal"')),
    ("HJP-ERR-1", error('"code":"internal","message":null')),
    ("HJP-ERR-2", error(f'"code":"internal",{MESSAGE}')[:-1] + ',"more":true}'),
    ("HJP-ERR-6", error(f'"code":"oops",{MESSAGE}')),
    ("HJP-ERR-6", error(f'"code":"BAD_ID",{MESSAGE},"fatal":true', 0)),
    ("HJP-ERR-3", error(f'"code":"bad_id",{MESSAGE}', 0)),
    ("HJP-ERR-3", error(f'"code":"bad_id",{MESSAGE},"fatal":false', 0)),
    ("HJP-ERR-3", error(f'"code":"bad_request",{MESSAGE},"fatal":true', 7)),
    ("HJP-ERR-3", error(f'"code":"bad_json",{MESSAGE}', 7)),
    ("HJP-ERR-4", error(f'"code":"unknown_op",{MESSAGE},"fatal":1', 7)),
    ("HJP-FRM-6", error(f'"code":"bad_version",{MESSAGE},"fatal":true', 0)),
    (
        "HJP-FRM-6",
        error(f'"code":"bad_version",{MESSAGE},"fatal":true,"versions":[2]', 0),
    ),
    (
        "HJP-FRM-6",
        error(f'"code":"bad_version",{MESSAGE},"fatal":true,"versions":[1,"2"]', 0),
    ),
    ("HJP-ERR-8", error(f'"code":"too_large",{MESSAGE},"fatal":true', 0)),
    (
        "HJP-ERR-8",
        error(f'"code":"too_large",{MESSAGE},"fatal":true,"limit":"json"', 0),
    ),
    ("HJP-LIF-13", error(f'"code":"going_away",{MESSAGE},"fatal":true', 0)),
    ("HJP-FRM-19", '{"id":1,"ok":true,"id":1}'),
    ("HJP-FRM-19", "[]"),
]
RIGHT = [
    '{"id":1,"ok":true}',
    ' {"id":1,"ok":true}'[1:] + " \n",
    '{"more":false,"x":{"more":true},"ok":true,"id":9007199254740991}',
    error(f'"code":"x-mine",{MESSAGE}'),
    error(f'"code":"x-mine",{MESSAGE},"fatal":true', 0),
    error(f'"code":"unknown_op",{MESSAGE},"fatal":false,"x":1'),
    error(f'"code":"too_large",{MESSAGE},"limit":"max_payload"'),
    error(f'"code":"timeout",{MESSAGE}'),
    error(f'"code":"internal",{MESSAGE},"fatal":true', 0),
    error(f'"code":"bad_version",{MESSAGE},"fatal":true,"versions":[1,2]', 0),
    error(f'"code":"going_away",{MESSAGE},"fatal":true,"last_id":0', 0),
]


@pytest.mark.parametrize(("requirement", "text"), WRONG)
def test_wrong_frame(requirement: str, text: str) -> None:
    with pytest.raises(Violation) as caught:
        read(frame(text), 65_536)
    assert caught.value.requirement == requirement


def test_error_with_payload() -> None:
    with pytest.raises(Violation) as caught:
        read(frame(error(f'"code":"internal",{MESSAGE}'), b"x"), 65_536)
    assert caught.value.requirement == "HJP-ERR-2"


@pytest.mark.parametrize("text", RIGHT)
def test_right_frame(text: str) -> None:
    assert read(frame(text), 65_536).id >= 0


def test_requirements_of_faults_exist() -> None:
    assert {requirement for requirement, _ in WRONG} <= REQUIREMENTS.keys()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (0, -0.0),
        (1, 1.0),
        (2**53, 2**53 + 1),
        (10**300, 1e300),
        ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1.0}),
        (None, None),
        ("\0", "\0"),
    ],
)
def test_equal(one: Any, other: Any) -> None:
    assert equal(one, other)
    assert equal(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        (0, None),
        ("1", 1),
        ([], {}),
        ([1, 2], [2, 1]),
        ([1], [1, 1]),
        ({"a": 1}, {"A": 1}),
        ({"a": None}, {}),
        ("é", "e\u0301"),
        (0.1, 0.10000000000000002),
    ],
)
def test_not_equal(one: Any, other: Any) -> None:
    assert not equal(one, other)
    assert not equal(other, one)


@pytest.mark.parametrize(
    ("verdicts", "gone", "status"),
    [
        ({Verdict.PASS}, False, Exit.CONFORMANT),
        ({Verdict.PASS, Verdict.WARN, Verdict.SKIP}, False, Exit.CONFORMANT),
        ({Verdict.PASS, Verdict.FAIL}, False, Exit.FAILURES),
        ({Verdict.CRASH}, False, Exit.FAILURES),
        ({Verdict.INCONCLUSIVE, Verdict.PASS}, False, Exit.INCONCLUSIVE),
        ({Verdict.INCONCLUSIVE, Verdict.FAIL}, False, Exit.FAILURES),
        ({Verdict.FAIL}, True, Exit.UNREACHABLE),
        ({Verdict.HARNESS, Verdict.FAIL}, True, Exit.HARNESS),
        (set(), True, Exit.UNREACHABLE),
    ],
)
def test_worst_verdict_is_the_status(
    verdicts: set[Verdict], gone: bool, status: Exit
) -> None:
    assert exit_of(verdicts, gone=gone) is status


def test_padded() -> None:
    assert padded('{"a":"é"}', 12) == '{"a":"é"  }'


def test_cuts() -> None:
    assert pieces(b"abcd", [1, 3]) == [b"a", b"bc", b"d"]
    assert list(splits(b"abc")) == [(b"a", b"bc"), (b"ab", b"c")]
