"""Smaller texts are smaller or plainer, and reach what a reader would write."""

from collections.abc import Callable

import pytest

from hjp_fuzz.corners import CORNERS, Corner
from hjp_fuzz.smaller_texts import halves, shorter, smaller_texts
from hjp_fuzz.sources import RandomSource
from hjp_fuzz.texts import json_corner

Wanted = Callable[[bytes], bool]


def smallest(text: bytes, wanted: Wanted) -> bytes:
    """Take the first smaller text that will do, until none does."""
    while True:
        found = next(
            (smaller for smaller in smaller_texts(text) if wanted(smaller)), b""
        )
        if not found:
            return text
        text = found


@pytest.mark.parametrize("corner", CORNERS)
def test_they_are_never_longer_and_never_the_same(corner: Corner) -> None:
    source = RandomSource("smaller")
    for _ in range(5):
        text = json_corner(source, (corner,)).octets
        for smaller in smaller_texts(text):
            assert len(smaller) <= max(len(text), 2)
            assert smaller != text


@pytest.mark.parametrize(
    ("text", "part", "small"),
    [
        (b'{"a":[1,{"b":NaN}],"c":{}}', b"NaN", b"NaN"),
        (b'{"id":1,"op":"echo","data":{"x":[null,"\\ud800"]}}', b"\\ud8", b"\\ud800"),
        (b'{"a":"\\u0041bc\xc3\xa9d"}', b"\xc3\xa9", b"\xc3\xa9"),
        (b'{"a":12345678901234567890}', b":0", b":0"),
        (b'{"a":-1.79769313486231579e308}', b"1e400", b"1e400"),
    ],
)
def test_what_matters_is_left(text: bytes, part: bytes, small: bytes) -> None:
    assert smallest(text, lambda smaller: part in smaller) == small


def test_members_are_left_out_with_a_comma() -> None:
    assert b'{"b":2}' in smaller_texts(b'{"a":1,"b":2}')
    assert b'{"a":1}' in smaller_texts(b'{"a":1,"b":2}')
    assert b'{"a":[2]}' in smaller_texts(b'{"a":[1,2]}')


def test_what_holds_one_value_gives_way_to_it() -> None:
    assert b'{"a":2}' in smaller_texts(b'{"a":[2]}')
    assert b'{"a":[2]}' in smaller_texts(b'{"a":{"b":[2]}}')


def test_a_name_that_stands_twice_gets_shorter_in_both_places() -> None:
    assert b'{"a":1,"a":[2]}' in smaller_texts(b'{"long":1,"long":[2]}')
    assert b'{"a":1,"a":2}' not in smaller_texts(b'{"b":1,"b":2}')


def test_needless_escapes_are_resolved() -> None:
    plain = list(smaller_texts(b'{"\\u0061\\ud83d\\ude00\\u000a\\u0022\\ud800":1}'))
    assert '{"a\U0001f600\\u000a\\u0022\\ud800":1}'.encode() in plain
    assert b'{"\\uzzzz":1}' not in smaller_texts(b'{"\\uzzzz":1}')


@pytest.mark.parametrize(
    "text", [b"", b"}", b"]]", b'{"a"', b"[,]", b"{{{", b",,,", b"\xff"]
)
def test_what_is_no_json_at_all_gets_smaller_too(text: bytes) -> None:
    assert all(len(smaller) <= max(2, len(text)) for smaller in smaller_texts(text))
    assert b"".join(shorter(text)) == b"" or len(text) > 1


def test_characters_stay_whole() -> None:
    for smaller in shorter("a\u00e9\u4f60\U0001f600".encode() * 3):
        smaller.decode()


def test_long_octets_are_not_shortened_one_by_one() -> None:
    assert len(list(shorter(bytes(65_536)))) < 100


def test_halves() -> None:
    assert list(halves(9)) == [9, 4, 2, 1]
    assert list(halves(0)) == []
