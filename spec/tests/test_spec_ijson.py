import json
import random
from itertools import product
from math import copysign, isinf
from typing import Any

import pytest

from hjp_spec.faults import FormatFault
from hjp_spec.ijson import parse, shortfall
from hjp_spec.registry import Code

DIGITS_OF_2_1024_MINUS_2_970 = str(2**1024 - 2**970)


def nested(depth: int) -> bytes:
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"{}", {}),
        (b"{ \t\n\r} \t\n\r", {}),
        (b'{"a":1 , "b" : [ ] }', {"a": 1, "b": []}),
        (b'{"a":[1,[2,{"b":null}],true,false]}', {"a": [1, [2, {"b": None}], True, False]}),
        (rb'{"a":"\"\\\/\b\f\n\r\t"}', {"a": '"\\/\b\f\n\r\t'}),
        (rb'{"\u0069d":"\u00e9\u00E9"}', {"id": "éé"}),
        (rb'{"a":"x\uD83D\uDE00y"}', {"a": "x😀y"}),
        (rb'{"a":"\u0000\uFFFF\uD7FF\uE000"}', {"a": "\0\uffff\ud7ff\ue000"}),
        (rb'{"a":"\\uD800"}', {"a": r"\uD800"}),
        ('{"a":"\u007f\u0080\ufeff\U0010ffff"}'.encode(), {"a": "\x7f\x80\ufeff\U0010ffff"}),
        (b'{"a":9007199254740993}', {"a": 9007199254740993}),
        (b'{"a":1e-400,"b":-1.5E+2}', {"a": 0.0, "b": -150.0}),
    ],
)  # fmt: skip
def test_accepted(text: bytes, value: dict[str, Any]) -> None:
    found = parse(text)
    assert found == value
    assert shortfall(text) == 0


def test_what_is_not_in_plain_digits_is_a_float() -> None:
    found = parse(b'{"a":0,"b":-1,"c":-0,"d":1.0,"e":1e0}')
    assert [type(value) for value in found.values()] == [int, int, float, float, float]
    assert copysign(1, found["c"]) == -1


@pytest.mark.parametrize(
    ("text", "requirement", "offset"),
    [
        (b'{"a":"\xff"}', "HJP-MET-2", 6),
        (b'{"a":"\xed\xa0\x80"}', "HJP-MET-2", 6),
        (b'{"a":1}\xc3', "HJP-MET-2", 7),
        (b"[]", "HJP-MET-3", 0),
        (b" {}", "HJP-MET-3", 0),
        (b"\xef\xbb\xbf{}", "HJP-MET-3", 0),
        (b"", "HJP-MET-4", 0),
        (b"{", "HJP-MET-4", 1),
        (b"{}x", "HJP-MET-4", 2),
        (b"{}\0", "HJP-MET-4", 2),
        (b"{}\xc2\xa0", "HJP-MET-4", 2),
        (b"{a}", "HJP-MET-4", 1),
        (b'{"a"1}', "HJP-MET-4", 4),
        (b'{"a":1,}', "HJP-MET-4", 7),
        (b'{"a":1 "b":2}', "HJP-MET-4", 7),
        (b'{"a":[1,]}', "HJP-MET-4", 8),
        (b'{"a":[1}', "HJP-MET-4", 7),
        (b'{"a":[,1]}', "HJP-MET-4", 6),
        (b'{"a":nul}', "HJP-MET-4", 5),
        (b'{"a":nulll}', "HJP-MET-4", 9),
        (b'{"a":NaN}', "HJP-MET-4", 5),
        (b'{"a":-Infinity}', "HJP-MET-4", 6),
        (b'{"a":"\n"}', "HJP-MET-4", 6),
        (b'{"a":"x\0"}', "HJP-MET-4", 7),
        (rb'{"a":"x\x41"}', "HJP-MET-4", 7),
        (rb'{"a":"\u00g0"}', "HJP-MET-4", 6),
        (b'{"a":01}', "HJP-MET-4", 6),
        (b'{"a":1.}', "HJP-MET-4", 6),
        (b'{"a":1e}', "HJP-MET-4", 6),
        (b'{"a":-}', "HJP-MET-4", 6),
        (b'{"a":+1}', "HJP-MET-4", 5),
        (b'{"a":1,"a":2}', "HJP-MET-6", 7),
        (rb'{"a":{"b":1,"\u0062":2}}', "HJP-MET-6", 12),
        (rb'{"a":"\uD800"}', "HJP-MET-9", 6),
        (rb'{"a":"\uDC00"}', "HJP-MET-9", 6),
        (rb'{"\uD83D\uD83D\uDE00":1}', "HJP-MET-9", 2),
        (b'{"a":1e400}', "HJP-MET-11", 5),
        (b'{"a":-1E+400}', "HJP-MET-11", 5),
        (b'{"a":[' + b"9" * 5000 + b"]}", "HJP-MET-11", 6),
        (nested(33), "HJP-MET-12", 36),
        (b'{"a":' + b"[" * 65531, "HJP-MET-12", 36),
    ],
)  # fmt: skip
def test_refused(text: bytes, requirement: str, offset: int) -> None:
    with pytest.raises(FormatFault) as caught:
        parse(text)
    assert caught.value.code is Code.BAD_JSON
    assert (caught.value.requirement, caught.value.offset) == (requirement, offset)
    assert "allowed: " in str(caught.value)
    assert str(caught.value).isprintable()


def test_depth() -> None:
    for depth in (2, 31, 32):
        parse(nested(depth))
    for depth in (33, 34, 2000):
        with pytest.raises(FormatFault):
            parse(nested(depth))


def test_the_first_infinite_integer() -> None:
    first = DIGITS_OF_2_1024_MINUS_2_970.encode()
    assert parse(b'{"a":%d}' % (2**1024 - 2**970 - 1))["a"] == 2**1024 - 2**970 - 1
    for text in (first, b"-" + first, b"1" + first):
        with pytest.raises(FormatFault, match="binary64"):
            parse(b'{"a":' + text + b"}")


def test_many_digits_are_no_fault() -> None:
    assert parse(b'{"a":0.' + b"3" * 60_000 + b"}")["a"] == pytest.approx(1 / 3)
    assert parse(b'{"a":' + b"9" * 5_000 + b"e-4999}")["a"] == pytest.approx(10.0)


def strict_stdlib(text: bytes) -> Any:
    """The same language by other means: the standard library with every hook."""

    def refuse(what: str) -> Any:
        raise ValueError(what)

    def number(digits: str) -> float:
        value = float(digits)
        return refuse(digits) if isinf(value) else value

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        return refuse("twice") if len(found) < len(pairs) else found

    def check(value: Any, depth: int) -> None:
        if isinstance(value, str):
            value.encode()
        if isinstance(value, (dict, list)):
            if depth == 32:
                refuse("deep")
            inner = [*value, *value.values()] if isinstance(value, dict) else value
            for element in inner:
                check(element, depth + 1)

    if not text.startswith(b"{"):
        refuse("first octet")
    value = json.loads(
        text.decode(),
        parse_constant=refuse,
        parse_int=number,
        parse_float=number,
        object_pairs_hook=members,
    )
    check(value, 0)
    return value


PIECES = [
    *(bytes([octet]) for octet in b'{}[]",:0123-+.eE tfn\\u/x \n\t'),
    b'"a":', b'"b":1', b"true", b"null", b"[[", b"]]", b'{"a":', b"1e400", b"-0",
    rb'"\u0061"', rb"\uD83D", rb"\uDE00", b"\xc3\xa9", b"\xe2\x82", b"\x00", b"\x1f",
]  # fmt: skip
SEEDS = [
    b'{"id":1,"op":"hello","limits":{"max_payload":65536},"features":["a","b"]}',
    rb'{"a":"\uD83D\uDE00\n","\u0062":[1.5e3,-0,{"c":null}],"d":true} ',
    nested(32),
    b"{}",
]


def mutated(rng: random.Random) -> bytes:
    text = rng.choice(SEEDS)
    for _ in range(rng.randint(1, 3)):
        at = rng.randint(0, len(text))
        text = text[:at] + rng.choice(PIECES) + text[at + rng.randint(0, 2) :]
    return text


def outcome(parser: Any, text: bytes) -> Any:
    try:
        return parser(text)
    except (FormatFault, ValueError, RecursionError):
        return None


@pytest.mark.parametrize("seed", range(8))
def test_agrees_with_the_standard_library(seed: int) -> None:
    rng = random.Random(seed)
    accepted = 0
    for _ in range(2_000):
        text = mutated(rng)
        found = outcome(parse, text)
        assert found == outcome(strict_stdlib, text), text
        accepted += found is not None
        if found is not None:
            assert shortfall(text) == 0
    assert 50 < accepted < 1_900


@pytest.mark.parametrize("seed", range(4))
def test_a_prefix_of_what_is_accepted_can_be_completed(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(400):
        text = mutated(rng)
        if outcome(parse, text) is None:
            continue
        for end in range(len(text)):
            need = shortfall(text[:end])
            assert need is not None, text[:end]
            assert need <= len(text) - end, text[:end]


@pytest.mark.parametrize("seed", range(4))
def test_what_cannot_be_completed_is_refused_whatever_follows(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(1_000):
        text = mutated(rng)
        if shortfall(text) is None:
            for end in (b"", b"}", b'"}', b"0}", text, b"]" * 40 + b"}" * 40):
                assert outcome(parse, text + end) is None, text


ALPHABET = [bytes([octet]) for octet in b'{}[]",:09.e-trufalsn\\DC\x80\xa0\xbf ']


def completed(prefix: bytes, octets: int) -> bool:
    """Whether so many octets more make the prefix acceptable, tried one by one."""
    return any(
        outcome(parse, prefix + b"".join(end)) is not None
        for end in product(ALPHABET, repeat=octets)
    )


@pytest.mark.parametrize(
    ("prefix", "need"),
    [
        (b"", 2),
        (b"{", 1),
        (b"{}", 0),
        (b'{"', 4),
        (b'{"a":"x', 2),
        (b'{"a":"x\\', 3),
        (rb'{"a":"\u', 6),
        (rb'{"a":"\u00', 4),
        (rb'{"a":"\u000', 3),
        (rb'{"a":"\uD', 5),
        (rb'{"a":"\uD8', 10),
        (rb'{"a":"\uD800', 8),
        (rb'{"a":"\uD800\uD', 5),
        (rb'{"a":"\uD800\uDC', 4),
        (rb'{"a":"\uD800\uDC0', 3),
        (b'{"a":"\xc3', 3),
        (b'{"a":"\xe0', 4),
        (b'{"a":"\xed', 4),
        (b'{"a":"\xed\x9f', 3),
        (b'{"a":"\xf0\x90', 4),
        (b'{"\xf4\x8f\xbf', 5),
        (b'{"a"', 3),
        (b'{"a":', 2),
        (b'{"a":t', 4),
        (b'{"a":nul', 2),
        (b'{"a":-', 2),
        (b'{"a":1', 1),
        (b'{"a":1.', 2),
        (b'{"a":1e', 2),
        (b'{"a":1e-', 2),
        (b'{"a":1e+3', 1),
        (b'{"a":1,', 5),
        (b'{"":1,', 6),
        (b'{"a":1,"', 4),
        (b'{"a":1,"a', 5),
        (b'{"a":[', 2),
        (b'{"a":[1', 2),
        (b'{"a":[1,', 3),
        (b'{"a":[{"b":[', 4),
        (b'{"a":' + b"9" * 309, 4),
        (b'{"a":' + b"9" * 309 + b"e-", 2),
        (b'{"a":' + b"9" * 400 + b"e-1", 3),
        (b'{"a":' + b"9" * 409 + b"e-", 4),
    ],
)
def test_shortfall_is_exact(prefix: bytes, need: int) -> None:
    assert shortfall(prefix) == need
    for fewer in range(min(need, 3)):
        assert not completed(prefix, fewer)
    if need <= 3:
        assert completed(prefix, need)


@pytest.mark.parametrize(
    "prefix",
    [
        b"[",
        b"\xef",
        b"{\xc3",
        b'{"a":\xc3',
        b'{"a":1\xc3',
        b'{"a":"\xff',
        b'{"a":"\xed\xa0',
        b'{"a":"\xf4\x90',
        b'{"a":"\\\xc3',
        rb'{"a":"\u00g',
        rb'{"a":"\uDC',
        rb'{"a":"\uD800x',
        rb'{"a":"\uD800\n',
        rb'{"a":"\uD800\u0',
        b'{"a":1e400',
        b'{"a":01',
        b'{"a":--',
        b'{"a":' + b"9" * 400 + b"e+",
        b'{"a":1,"a"',
        b'{"a":1,\x00',
        b'{"a":nx',
        b"{}}",
    ],
)
def test_what_no_octets_can_complete(prefix: bytes) -> None:
    assert shortfall(prefix) is None
    for octets in range(3):
        assert not completed(prefix, octets)
