import json
import random

import pytest

from hjp_spec.dissect import (
    Dissection,
    Sender,
    as_json,
    dissect,
    read_octets,
    render,
    rows,
)
from hjp_spec.examples import EXAMPLES
from hjp_spec.oracle import decode, raw_frame
from hjp_spec.registry import Code
from hjp_spec.requirements import REQUIREMENTS
from hjp_spec.vectors import VECTORS, Vector

PING = b'{"id":1,"op":"ping"}'
HEADER = ["magic", "version", "reserved", "json_length", "payload_length"]


def names(dissection: Dissection) -> list[str]:
    return [field.name for field in dissection.fields]


def found(dissection: Dissection) -> list[tuple[Code | None, str]]:
    return [(fault.code, fault.requirement) for fault in dissection.faults]


def test_fields_of_a_right_frame() -> None:
    octets = raw_frame(PING, b"hi!")
    dissection = dissect(octets)
    assert names(dissection) == [*HEADER, "JSON text", "payload"]
    texts = [field.text for field in dissection.fields]
    assert texts == ['"HJP", FF', "1", "0 0 0", "20", "3", "20 octets", "3 octets"]
    assert [field.offset for field in dissection.fields] == [0, 4, 5, 8, 12, 16, 36]
    assert dissection.fields[3].requirements == ("HJP-FRM-8", "HJP-FRM-9")
    assert dissection.faults == ()
    assert dissection.outcome == decode(octets)


def test_fields_cover_all_octets_of_every_vector() -> None:
    for vector in VECTORS:
        dissection = dissect(vector.octets, vector.max_payload)
        end = 0
        for field in dissection.fields:
            assert field.offset == end
            end += field.length
        assert end == len(vector.octets), vector.name


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_frame_layer_faults_of_every_vector(vector: Vector) -> None:
    outcome = decode(vector.octets, vector.max_payload)
    dissection = dissect(vector.octets, vector.max_payload)
    codes = [fault.code for fault in dissection.faults]
    assert codes[-1:] == [outcome.code or outcome.early] or outcome.message is None
    text = render(dissection)
    assert text.replace("\n", "").isprintable()
    for fault in dissection.faults:
        assert f"{fault.code} at octet {fault.offset}: {fault.message}\n" in text
        assert REQUIREMENTS[fault.requirement].sentence in text
    json.dumps(as_json(dissection))


def test_what_follows_a_fault_is_not_looked_at() -> None:
    dissection = dissect(raw_frame(PING, version=2))
    assert names(dissection) == ["magic", "version", "rest"]
    assert found(dissection) == [(Code.BAD_VERSION, "HJP-FRM-4")]
    assert dissection.faults[0].offset == 4
    dissection = dissect(raw_frame(b'{"a":01}', b"xyz"))
    assert names(dissection) == [*HEADER, "JSON text", "rest"]


def test_a_field_that_is_cut_off() -> None:
    dissection = dissect(raw_frame(PING)[:14])
    assert names(dissection) == HEADER
    assert dissection.fields[-1].text == "2 of 4 octets"
    assert dissection.faults == ()
    assert "incomplete: 0 frames, then 14 octets of one that" in render(dissection)


def test_a_fault_that_is_certain_before_it_is_due() -> None:
    dissection = dissect(raw_frame(PING) + b"HJX")
    assert found(dissection) == [(Code.BAD_MAGIC, "HJP-FRM-18")]
    assert dissection.faults[0].offset == 36
    assert dissection.fields[-1].text == "3 of 4 octets"


@pytest.mark.parametrize(
    ("text", "sender", "expected"),
    [
        (b'{"op":"ping"}', None, [(Code.BAD_ID, "HJP-MSG-2")]),
        (b'{"id":1}', None, [(Code.BAD_FRAME, "HJP-MSG-7")]),
        (b'{"id":1,"op":"ping","ok":true}', None, [(Code.BAD_FRAME, "HJP-MSG-8")]),
        (b'{"id":1,"op":"ping","more":0}', None, [(Code.BAD_FRAME, "HJP-MSG-10"), (Code.BAD_REQUEST, "HJP-ERR-17")]),
        (b'{"id":1,"op":"hello","token":1}', None, [(Code.BAD_REQUEST, "HJP-COR-6")]),
        (b'{"id":1,"ok":true}', None, []),
        (b'{"id":1,"ok":true}', "client", [(Code.BAD_FRAME, "HJP-MSG-7"), (Code.BAD_FRAME, "HJP-MSG-8")]),
        (b'{"ok":true}', None, [(Code.BAD_ID, "HJP-MSG-26")]),
        (b'{"id":1,"op":"ping"}', "server", [(Code.BAD_FRAME, "HJP-MSG-25")] * 2),
        (b'{"id":0,"ok":true}', None, [(Code.BAD_FRAME, "HJP-MSG-27")]),
        (b'{"id":1,"ok":false,"error":{"code":"busy"}}', None, [(None, "HJP-ERR-1")]),
    ],
)  # fmt: skip
def test_faults_of_messages(
    text: bytes,
    sender: Sender | None,
    expected: list[tuple[Code | None, str]],
) -> None:
    dissection = dissect(raw_frame(text), sender=sender)
    assert found(dissection) == expected
    assert all(fault.offset == 16 for fault in dissection.faults)
    assert dissection.outcome.status == "accept"


def test_an_error_with_a_payload() -> None:
    text = b'{"id":1,"ok":false,"error":{"code":"busy","message":""}}'
    assert found(dissect(raw_frame(text))) == []
    dissection = dissect(raw_frame(text, b"?"))
    assert found(dissection) == [(None, "HJP-ERR-2")]
    assert dissection.faults[0].offset == 16 + len(text)
    assert "fault at octet" in render(dissection)


def test_long_fields_are_shortened_but_never_a_fault() -> None:
    payload = render(dissect(raw_frame(PING, bytes(1_000))))
    assert "968 octets more" in payload
    text = render(dissect(raw_frame(b'{"a":"' + b"x" * 5_000 + b'",}')))
    lines = text.splitlines()
    left_out = [number for number, line in enumerate(lines) if "octets more" in line]
    marked = [number for number, line in enumerate(lines) if line.startswith(">")]
    assert len(left_out) == 1
    assert marked == [left_out[0] + 3]  # two rows before it are shown as well
    text = render(dissect(raw_frame(b'{"a":"' + b"x" * 5_000 + b"\n" + b"x" * 500)))
    assert text.count("octets more") == 2


def test_marks_are_shown_wherever_they_are() -> None:
    dissection = dissect(raw_frame(PING, bytes(1_000)) + raw_frame(PING) * 20)
    assert "\n>" not in render(dissection)
    text = render(dissection, marks=[16, 500], upto=40)
    marked = [row.split()[1] for row in text.splitlines() if row.startswith(">")]
    assert marked == ["16", "500"]
    shown = [row[2:8].strip() for row in text.splitlines()[9:16]]
    assert shown == ["36", "…", "484", "492", "500", "508", "516"]
    assert f"  {len(dissection.octets) - 524} octets more" in text


def test_a_mark_in_a_field_that_is_wrong_is_one_more() -> None:
    dissection = dissect(raw_frame(PING, version=2))
    (row,) = [row for row in rows(dissection, marks=[1]) if row.name == "magic"]
    assert (row.marked, row.rules) == ((1,), "FRM-2")
    marked = [row.marked for row in rows(dissection, marks=[5, 7]) if row.marked]
    assert marked == [(4,), (5, 7)]


def test_what_is_wrong_far_behind_is_not_told() -> None:
    dissection = dissect(raw_frame(PING) * 40 + b"HJX!" * 4)
    assert "bad_magic at octet 1442" in render(dissection)
    text = render(dissection, upto=72)
    assert "1384 octets more\n\nreject: 40 frames" in text
    assert "bad_magic" not in text


def test_a_marked_row_is_red_on_a_terminal() -> None:
    dissection = dissect(EXAMPLES["duplicate-by-escape"].octets)
    plain, colored = render(dissection), render(dissection, color=True)
    assert "\x1b[" not in plain
    assert "\x1b[31m>     24  22 5C 75 30" in colored
    assert dissection.faults[0].offset == 24


def test_as_json() -> None:
    values = as_json(dissect(raw_frame(PING) + b"GET /"))
    assert (values["status"], values["code"]) == ("reject", "bad_magic")
    assert (values["frames"], values["consumed"], values["octets"]) == (1, 36, 41)
    assert values["fields"][0]["hex"] == "484a50ff"
    (fault,) = values["faults"]
    assert fault["sentence"] == REQUIREMENTS["HJP-FRM-2"].sentence
    assert json.loads(json.dumps(values)) is not None


def test_the_octets_of_a_peer_cannot_reach_a_terminal() -> None:
    escape = b"\x1b[2J\xc2\x9b"
    texts = [
        b'{"a":t' + escape + b"}",
        b'{"a":"\\' + escape + b'"}',
        b'{"a' + b'\\u001b[2J":1,"a\\u001b[2J":2}',
        b'{"id":"\\u001b[2J","op":"\\u001b","ok":"\\u001b"}',
        b'{"id":1,"ok":false,"error":"\\u001b"}',
        escape,
    ]
    for text in texts:
        for octets in (raw_frame(text, escape), escape):
            shown = render(dissect(octets))
            assert shown.replace("\n", "").isprintable(), shown


def test_octets_of_every_kind_never_raise() -> None:
    rng = random.Random(2)
    for _ in range(300):
        octets = bytearray(raw_frame(PING, b"hi") * 2)
        for _ in range(rng.randint(0, 4)):
            octets[rng.randrange(len(octets))] = rng.randrange(256)
        cut = bytes(octets[: rng.randint(0, len(octets))])
        render(dissect(cut))
        render(dissect(read_octets(cut)))
