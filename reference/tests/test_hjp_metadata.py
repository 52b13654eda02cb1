"""metadata.py: just the I-JSON of the chapter Metadata, no more and no less."""

import json
import sys
import time
from typing import Any

import pytest

from hjp import Code, FormatError, dumps, loads
from hjp.metadata import is_integer

# 2^1024 - 2^970, the first integer whose nearest binary64 value is infinite, and the
# one before it: typed in hexadecimal, so that no float takes part.
INFINITE = 0xFFFFFFFFFFFFFC << 968
HIGHEST = INFINITE - 1


def nested(depth: int) -> bytes:
    """An object that nests `depth` deep, itself included."""
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


ACCEPTED: list[tuple[bytes, dict[str, Any]]] = [
    (b"{}", {}),
    (b'{ \t\r\n"a" :\n1 , "b":[ ] } \t\r\n', {"a": 1, "b": []}),  # HJP-MET-5
    (b'{"a":[true,false,null,"",0,-1]}', {"a": [True, False, None, "", 0, -1]}),
    (b'{"id":1,"Id":2,"iD":3}', {"id": 1, "Id": 2, "iD": 3}),  # HJP-MET-8
    ('{"é":1,"e\u0301":2}'.encode(), {"é": 1, "e\u0301": 2}),
    (rb'{"\u0069d":1}', {"id": 1}),  # HJP-MET-7
    (rb'{"a":"\u0000\uFFFE\ufdd0"}', {"a": "\0\ufffe\ufdd0"}),  # HJP-MET-10
    ('{"a":"\U0010ffff\ufffe"}'.encode(), {"a": "\U0010ffff\ufffe"}),
    (rb'{"a":"\ud83d\uDE00"}', {"a": "\U0001f600"}),
    (rb'{"a":"\\ud800"}', {"a": "\\ud800"}),  # no escape: the backslash is one
    (rb'{"a":"\"\\\/\b\f\n\r\t"}', {"a": '"\\/\b\f\n\r\t'}),
    (b'{"a":"\x7f"}', {"a": "\x7f"}),
    (b'{"a":1e-400}', {"a": 0.0}),  # HJP-MET-11
    (b'{"a":1.5E+2,"b":-0.0,"c":0e0}', {"a": 150.0, "b": 0.0, "c": 0.0}),
    (b'{"a":' + str(HIGHEST).encode() + b"}", {"a": HIGHEST}),
    (b'{"a":-' + str(HIGHEST).encode() + b"}", {"a": -HIGHEST}),
    (b'{"a":1.' + b"0" * 5000 + b"}", {"a": 1.0}),
    (b'{"a":0.' + b"0" * 5000 + b"1}", {"a": 0.0}),
    (nested(32), json.loads(nested(32))),  # HJP-MET-13
    (b'{"a":"' + b"[" * 5000 + b'"}', {"a": "[" * 5000}),
    (b'{"a":"' + b'\\"[{' * 50 + b'"}', {"a": '"[{' * 50}),
    (b'{"a":[' + b"[]," * 50 + b"[]]}", {"a": [[] for _ in range(51)]}),
]

REFUSED: list[tuple[str, bytes]] = [
    ("HJP-MET-2", b'{"a":"\xff"}'),
    ("HJP-MET-2", b'{"a":"\xc0\x80"}'),  # overlong
    ("HJP-MET-2", b'{"a":"\xed\xa0\x80"}'),  # an encoded surrogate
    ("HJP-MET-2", b'{"a":"\xf4\x90\x80\x80"}'),  # above U+10FFFF
    ("HJP-MET-2", b'{"a":"\xe2\x82'),
    ("HJP-MET-3", b""),
    ("HJP-MET-3", b"\xef\xbb\xbf{}"),
    ("HJP-MET-3", b" {}"),
    ("HJP-MET-3", b"[]"),
    ("HJP-MET-3", b'"{}"'),
    ("HJP-MET-3", b"null"),
    ("HJP-MET-3", b"{\0}\0"[1:]),
    ("HJP-MET-4", b"{"),
    ("HJP-MET-4", b'{"a":1'),
    ("HJP-MET-4", b'{"a"}'),
    ("HJP-MET-4", b'{"a":}'),
    ("HJP-MET-4", b'{"a":1,}'),
    ("HJP-MET-4", b'{"a":[1,]}'),
    ("HJP-MET-4", b"{'a':1}"),
    ("HJP-MET-4", b"{a:1}"),
    ("HJP-MET-4", b'{"a":1}{}'),
    ("HJP-MET-4", b"{}x"),
    ("HJP-MET-4", b"{}\x0c"),
    ("HJP-MET-4", b"{}\0"),
    ("HJP-MET-4", b"{\x0b}"),
    ("HJP-MET-4", "{}\u00a0".encode()),
    ("HJP-MET-4", b'{"a":NaN}'),
    ("HJP-MET-4", b'{"a":Infinity}'),
    ("HJP-MET-4", b'{"a":-Infinity}'),
    ("HJP-MET-4", b'{"a":nul}'),
    ("HJP-MET-4", b'{"a":True}'),
    ("HJP-MET-4", b'{"a":01}'),
    ("HJP-MET-4", b'{"a":-01}'),
    ("HJP-MET-4", b'{"a":+1}'),
    ("HJP-MET-4", b'{"a":.5}'),
    ("HJP-MET-4", b'{"a":1.}'),
    ("HJP-MET-4", b'{"a":1e}'),
    ("HJP-MET-4", b'{"a":-}'),
    ("HJP-MET-4", b'{"a":0x1}'),
    ("HJP-MET-4", '{"a":\u0661}'.encode()),  # an Arabic digit
    ("HJP-MET-4", '{"a":1\u0661}'.encode()),
    ("HJP-MET-4", b'{"a":1_000}'),
    ("HJP-MET-4", rb'{"a":"\x41"}'),
    ("HJP-MET-4", rb'{"a":"\u12"}'),
    ("HJP-MET-4", rb'{"a":"\u 123"}'),
    ("HJP-MET-4", rb'{"a":"\u+123"}'),
    ("HJP-MET-4", rb'{"a":"\u1_23"}'),
    ("HJP-MET-4", rb'{"a":"\U00000041"}'),
    ("HJP-MET-4", b'{"a":"\n"}'),
    ("HJP-MET-4", b'{"a":"\x1f"}'),
    ("HJP-MET-4", b'{"a\0":1}'),
    ("HJP-MET-4", b'{"a":"'),
    ("HJP-MET-4", b'{"a":"\\'),
    ("HJP-MET-4", b"{/**/}"),
    ("HJP-MET-4", b"{}//"),
    ("HJP-MET-6", b'{"a":1,"a":1}'),
    ("HJP-MET-6", rb'{"a":1,"\u0061":1}'),
    ("HJP-MET-6", b'{"a":[{"b":{"c":1,"d":2,"c":3}}]}'),
    ("HJP-MET-9", rb'{"a":"\ud800"}'),
    ("HJP-MET-9", rb'{"a":"\uDFFF"}'),
    ("HJP-MET-9", rb'{"a":"\ud800\u0041"}'),
    ("HJP-MET-9", rb'{"a":"\ud800\ud83d\ude00"}'),
    ("HJP-MET-9", rb'{"\ude00\ud83d":1}'),
    ("HJP-MET-9", rb'{"a":[["\\\ud800"]]}'),
    ("HJP-MET-11", b'{"a":1e400}'),
    ("HJP-MET-11", b'{"a":-1e400}'),
    ("HJP-MET-11", b'{"a":' + str(INFINITE).encode() + b"}"),
    ("HJP-MET-11", b'{"a":-' + str(INFINITE).encode() + b"}"),
    ("HJP-MET-11", b'{"a":1' + b"0" * 309 + b"}"),
    ("HJP-MET-11", b'{"a":' + b"9" * 5000 + b"}"),
    ("HJP-MET-12", nested(33)),
    ("HJP-MET-12", b'{"a":' * 33 + b"1" + b"}" * 33),
    ("HJP-MET-12", b'{"a":' + b"[" * 60_000),
    ("HJP-MET-12", b'{"a":"\\"",' + nested(33)[1:]),
]


@pytest.mark.parametrize(("text", "value"), ACCEPTED)
def test_text_is_accepted(text: bytes, value: dict[str, Any]) -> None:
    """A text that every receiver has to accept gives the value it says."""
    assert loads(text) == value


@pytest.mark.parametrize(("requirement", "text"), REFUSED)
def test_text_is_refused(requirement: str, text: bytes) -> None:
    """A text that every receiver has to refuse gets bad_json and its requirement."""
    with pytest.raises(FormatError) as refused:
        loads(text)
    assert refused.value.code is Code.BAD_JSON
    assert refused.value.requirement == requirement


def test_brackets_that_close_too_much_are_refused() -> None:
    """Depth is counted where brackets do not match, and the text refused anyway."""
    with pytest.raises(FormatError):
        loads(b'{"a":' + b"]" * 100 + b"[" * 100)


def test_a_text_full_of_quotes_takes_no_quadratic_time() -> None:
    """A string that never ends is looked at once, not once from each quote."""
    text = b'{"a":' + b"[" * 33 + b'"' + rb"\"" * 32_000
    begin = time.process_time()
    with pytest.raises(FormatError):
        loads(text)
    assert time.process_time() - begin < 5  # quadratic: minutes


def test_many_names_take_no_quadratic_time() -> None:
    """Names are compared by a set."""
    text = b"{" + b",".join(b'"%d":0' % n for n in range(7_000)) + b"}"
    assert len(loads(text)) == 7_000


def test_depth_is_refused_deep_in_the_stack() -> None:
    """Nesting of 32 needs little stack, and deeper nesting none."""

    def deeper(levels: int) -> dict[str, Any]:
        return deeper(levels - 1) if levels else loads(nested(32))

    assert deeper(sys.getrecursionlimit() - 300)


@pytest.mark.parametrize("text", [b"1.0", b"1e0", b"-0", b"true", b'"1"', b"null"])
def test_an_integer_not_in_plain_digits_is_mistyped(text: bytes) -> None:
    """HJP-MET-18, HJP-MET-19: the reference refuses all that it may."""
    assert not is_integer(loads(b'{"a":%b}' % text)["a"])


@pytest.mark.parametrize(
    ("value", "right"), [(0, True), (2**53 - 1, True), (2**53, False), (-1, False)]
)
def test_the_range_of_integers(value: int, right: bool) -> None:
    """0 to 2^53 - 1, the ends included."""
    assert is_integer(value) is right


def test_minus_zero_is_written_as_zero() -> None:
    """The two are equal, and the echo does not grow."""
    assert dumps(loads(b'{"data":[-0]}')) == b'{"data":[0]}'


@pytest.mark.parametrize(("text", "value"), ACCEPTED)
def test_what_was_read_can_be_written(text: bytes, value: dict[str, Any]) -> None:
    """Reading and writing give an equal value in a text that is accepted."""
    assert loads(dumps(loads(text))) == value


@pytest.mark.parametrize(
    "text",
    [
        '{"data":"é漢\U0001f600\x7f\u2028"}'.encode(),
        rb'{"data":"\u0001\b\f\n\r\t\"\\/"}',
        b'{"a":[1,{"b":null},"x",-5,0.5]}',
    ],
)
def test_a_compact_text_comes_back_octet_for_octet(text: bytes) -> None:
    """Nothing is escaped without need, nothing is spaced."""
    assert dumps(loads(text)) == text


@pytest.mark.parametrize(
    "metadata",
    [
        {"a": float("nan")},
        {"a": [float("inf")]},
        {"a": "\ud800"},
        {"\udfff": 1},
        {"a": object()},
        {"a": b"octets"},
        {"a": {(): 1}},
        {"a": INFINITE},
        {"a": [-INFINITE]},
        {"a": 10**5000},
        {1: "a", "1": "b"},
        {"a": {1: "a", "1": "b"}},
        json.loads(nested(33)),
    ],
)
def test_what_no_receiver_accepts_is_not_written(metadata: dict[str, Any]) -> None:
    """HJP-FRM-19."""
    with pytest.raises(FormatError) as refused:
        dumps(metadata)
    assert refused.value.code is Code.BAD_JSON


def test_a_loop_is_not_written() -> None:
    """An object that holds itself has no end."""
    loop: dict[str, Any] = {}
    loop["a"] = loop
    with pytest.raises(FormatError):
        dumps(loop)


def test_a_text_of_65_536_octets_is_the_longest() -> None:
    """The limit is written, one octet more is not."""
    longest = {"a": "x" * (65_536 - len('{"a":""}'))}
    assert len(dumps(longest)) == 65_536
    with pytest.raises(FormatError) as refused:
        dumps({"a": longest["a"] + "x"})
    assert (refused.value.code, refused.value.limit) == (Code.TOO_LARGE, "max_json")
