import random
import struct
from io import BytesIO
from itertools import product
from typing import Any

import pytest
from construct import ConstructError, StreamError

from hjp_spec import schema
from hjp_spec.oracle import FormatFault, Outcome, Status, decode, encode, raw_frame
from hjp_spec.registry import HEADER_LENGTH, MAGIC, MAX_JSON, Code
from hjp_spec.requirements import PRECEDENCE, REQUIREMENTS

PING = b'{"id":1,"op":"ping"}'


def test_fields_of_the_schema_cite_requirements_in_the_order_of_the_text() -> None:
    names = [field.name for field in schema.Frame.subcons]
    assert names == [
        "magic",
        "version",
        "reserved",
        "json_length",
        "payload_length",
        "json",
        "payload",
    ]
    for field in (*schema.Header.subcons, *schema.Frame.subcons):
        assert set(field.docs.split()) <= set(REQUIREMENTS), field
        assert field.docs
    assert schema.Header.sizeof() == HEADER_LENGTH


def test_codes_of_the_schema_are_those_of_the_sentences_and_of_precedence() -> None:
    for requirement, code in schema.CODES.items():
        assert REQUIREMENTS[requirement].code is code
    assert list(schema.CODES.values()) == [row.code for row in PRECEDENCE[:6]]


FIELDS: dict[str, list[Any]] = {
    "magic": [MAGIC, b"HJP\xfe", b"GET "],
    "version": [1, 0, 2],
    "reserved": [bytes(3), b"\x01\0\0", b"\0\0\xff"],
    "json_length": [2, 0, 1, 3, 20, MAX_JSON, MAX_JSON + 1, 2**31, 2**32 - 1],
    "payload_length": [0, 1, 5, 65_536, 65_537, 2**32 - 1],
}


def parsed_by_construct(octets: bytes) -> tuple[bytes, bytes] | None:
    try:
        found = schema.Frame.parse(octets, max_payload=65_536)
    except (ConstructError, FormatFault):
        return None
    return found.json, found.payload


@pytest.mark.parametrize("json", [b"{}", PING, b"{}x", b"[]"])
def test_agrees_with_construct_on_every_combination(json: bytes) -> None:
    for magic, version, reserved, json_length, payload_length in product(
        *FIELDS.values()
    ):
        octets = raw_frame(
            json,
            b"12345",
            magic=magic,
            version=version,
            reserved=reserved,
            json_length=json_length,
            payload_length=payload_length,
        )
        outcome = decode(octets)
        frame = outcome.frames[0] if outcome.frames else None
        expected = parsed_by_construct(octets)
        assert (frame and (frame.json, frame.payload)) == expected


def test_agrees_with_construct_on_cut_and_changed_frames() -> None:
    rng = random.Random(9507)
    for _ in range(3_000):
        octets = bytearray(raw_frame(PING, b"hi!"))
        for _ in range(rng.randint(0, 2)):
            octets[rng.randrange(len(octets))] = rng.choice([0, 1, 0xFF, 0x22, 0x7D])
        cut = bytes(octets[: rng.randint(0, len(octets))])
        outcome = decode(cut)
        frame = outcome.frames[0] if outcome.frames else None
        assert (frame and (frame.json, frame.payload)) == parsed_by_construct(cut)


def test_the_schema_finds_no_fault_in_what_is_not_there() -> None:
    right = raw_frame(b"{}")[:HEADER_LENGTH]
    for end in range(HEADER_LENGTH + 1):
        assert schema.header_fault(right[:end]) is None
    fault = schema.header_fault(right[:4] + b"\x02")
    assert fault is not None
    assert (fault.requirement, fault.offset) == ("HJP-FRM-4", 4)


def first_refused_by_construct(octets: bytes) -> tuple[str, int] | None:
    """The first field that construct does not parse, and where it begins."""
    stream = BytesIO(octets)
    fields: list[Any] = schema.Header.subcons
    for field in fields:
        start = stream.tell()
        try:
            field.parse_stream(stream, max_payload=65_536)
        except StreamError:
            return None
        except ConstructError:
            return field.name, start
    return None


def test_the_first_fault_of_a_header_is_that_of_construct() -> None:
    for fields in product(*FIELDS.values()):
        header = raw_frame(b"", **dict(zip(FIELDS, fields, strict=True)))
        for end in (4, 5, 8, 12, 15, HEADER_LENGTH):
            refused = first_refused_by_construct(header[:end])
            fault = schema.header_fault(header[:end])
            assert (fault is None) == (refused is None)
            if fault is not None and refused is not None:
                name, start = refused
                field: Any = getattr(schema.Header, name)
                assert fault.message.startswith(f"{name}: found ")
                assert fault.requirement in field.docs
                assert start <= fault.offset < start + field.sizeof()


def test_construct_builds_what_encode_writes() -> None:
    for json, payload in (
        (b"{}", b""),
        (PING, b"hi!"),
        (b'{"a":"\xc3\xa9"}', bytes(9)),
    ):
        built = schema.Frame.build({"json": json, "payload": payload})
        assert built == encode(json, payload) == raw_frame(json, payload)
    with pytest.raises(FormatFault):
        schema.Frame.build({"json": b"[]", "payload": b""})
    with pytest.raises(ConstructError):
        schema.Frame.build({"json": b"{}", "payload": b"12"}, max_payload=1)


def test_a_frame_has_its_parts() -> None:
    (frame,) = decode(raw_frame(PING, b"hi!")).frames
    assert (frame.json, frame.payload) == (PING, b"hi!")
    assert frame.metadata == {"id": 1, "op": "ping"}
    assert frame.octets == raw_frame(PING, b"hi!")
    assert frame.size == len(frame.octets) == 39


def test_offsets_count_from_the_start_of_the_stream() -> None:
    outcome = decode(raw_frame(b"{}", b"x") + raw_frame(b'{"a" 1}'))
    assert (outcome.consumed, outcome.offset) == (19, 19 + 16 + 5)
    outcome = decode(raw_frame(b"{}") + raw_frame(b"{}", reserved=b"\0\0\1"))
    assert (outcome.requirement, outcome.offset) == ("HJP-FRM-7", 18 + 7)
    assert outcome.message == "reserved: found 00 00 01; allowed: 00 00 00"
    outcome = decode(raw_frame(b"{}", payload_length=70_000))
    assert outcome.message == "payload_length: found 70000; allowed: 0 to 65536"


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({"magic": b"HJPX"}, 5),
        ({"version": 2}, 5),
        ({"reserved": b"\1\0\0"}, 16),
        ({"json_length": 1}, 16),
        ({"json_length": 65_537}, 16),
        ({"payload_length": 65_537}, 16),
    ],
)
def test_when_errors_are_due(fields: dict[str, object], due: int) -> None:
    octets = raw_frame(b"{}", **fields)  # type: ignore[arg-type]
    whole = decode(octets)
    assert whole.status is Status.REJECT
    assert decode(octets[:due]) == whole
    before = decode(octets[: due - 1])
    assert before.status is Status.INCOMPLETE
    assert before.early in (None, whole.code)


def test_bad_json_is_due_at_its_last_octet() -> None:
    octets = raw_frame(b'{"a":1,,"b":2}', b"payload")
    assert decode(octets[:30]).code is Code.BAD_JSON
    assert decode(octets[:29]).status is Status.INCOMPLETE
    assert decode(octets[:29]).early is Code.BAD_JSON
    assert decode(octets[:24]).early is Code.BAD_JSON
    assert decode(octets[:23]).early is None


def certain_code(start: bytes, max_payload: int) -> Code | None:
    """The one code of every completed header, tried one by one; None if they differ."""
    values = [0, 1, 2, 0x80, 0xFF]
    codes = set()
    for end in product(values, repeat=HEADER_LENGTH - len(start)):
        codes.add(decode(start + bytes(end), max_payload).code)
    return codes.pop() if len(codes) == 1 else None


@pytest.mark.parametrize("max_payload", [0, 2, 200, 65_536, 2**32 - 1])
def test_early_codes_of_headers_are_exact(max_payload: int) -> None:
    fixed = MAGIC + b"\x01\0\0\0"
    json_lengths = [b"\0\0\0\0", b"\1\0\0\0", b"\2\0\0\0", b"\1\0\1\0", b"\2\2\0\0"]
    payload_lengths = [b"", b"\0", b"\1", b"\2", b"\xff", b"\2\0\1", b"\0\0\1"]
    starts = [fixed + a + b for a, b in product(json_lengths, payload_lengths)]
    starts += [fixed + a[:3] + b"" for a in json_lengths]
    for start in starts:
        if len(start) >= 11:
            expected = certain_code(start, max_payload)
            outcome = decode(start, max_payload)
            assert outcome.early == expected, start.hex(" ")


@pytest.mark.parametrize(
    ("start", "early"),
    [
        (b"", None),
        (b"H", None),
        (b"G", Code.BAD_MAGIC),
        (b"HJ", None),
        (b"HK", Code.BAD_MAGIC),
        (b"HJP\xff", None),
        (b"HJP\n", Code.BAD_MAGIC),
        (b"HJP\xff\x01\x00", None),
        (b"HJP\xff\x01\x02", Code.BAD_FRAME),
        (b"HJP\xff\x01\0\0\x02", Code.BAD_FRAME),
        (b"HJP\xff\x01\0\0\0\x00", None),
        (b"HJP\xff\x01\0\0\0\xff\xff", None),
        (b"HJP\xff\x01\0\0\0\xff\xff\x01", Code.TOO_LARGE),
    ],
)
def test_early_codes(start: bytes, early: Code | None) -> None:
    assert decode(start).early is early


def test_what_an_outcome_permits() -> None:
    refused = decode(b"GET /")
    assert refused.permits("reject", "bad_magic")
    assert refused.permits("reject", None)
    assert not refused.permits("reject", "bad_json")
    assert not refused.permits("incomplete", None)
    cut = decode(b"GET")
    assert cut.permits("incomplete", None)
    assert cut.permits("reject", "bad_magic")
    assert not cut.permits("reject", "bad_version")
    assert not cut.permits("accept", None)
    fine = decode(b"")
    assert fine == Outcome(Status.ACCEPT, (), 0)
    assert fine.permits("accept", None)
    assert not fine.permits("reject", None)


@pytest.mark.parametrize(
    ("json", "payload", "requirement", "offset"),
    [
        (b"", b"", "HJP-FRM-8", 8),
        (b"{", b"", "HJP-FRM-8", 8),
        (b"{" + b" " * 65_535 + b"}", b"", "HJP-FRM-9", 8),
        (b"[]", b"123", "HJP-FRM-10", 12),
        (b"[]", b"12", "HJP-MET-3", 16),
        (b'{"a":1,"a":1}', b"", "HJP-MET-6", 16 + 7),
    ],
)
def test_encode_refuses_what_receivers_refuse(
    json: bytes, payload: bytes, requirement: str, offset: int
) -> None:
    with pytest.raises(FormatFault) as caught:
        encode(json, payload, max_payload=2)
    assert (caught.value.requirement, caught.value.offset) == (requirement, offset)
    assert decode(raw_frame(json, payload), 2).code is caught.value.code


def test_a_raw_frame_can_be_wrong_in_every_field() -> None:
    octets = raw_frame(
        b"[", b"x", magic=b"GET ", version=9, reserved=b"abc", json_length=2**32 - 1
    )
    assert octets == b"GET \x09abc\xff\xff\xff\xff\x01\0\0\0[x"
    with pytest.raises(struct.error):
        raw_frame(b"{}", version=256)


def test_octets_of_every_kind_never_raise() -> None:
    rng = random.Random(1)
    for _ in range(3_000):
        start = rng.choice([b"", MAGIC, MAGIC + b"\x01\0\0\0", raw_frame(PING)[:30]])
        decode(start + rng.randbytes(rng.randint(0, 40)))
