"""The dialect says of the format what the schema says, and nothing by hand."""

import pytest
from construct import Bytes, Const, Int16ub, Int32ub, Struct, this

from hjp_fuzz.cases import Draft
from hjp_fuzz.dialect import HJP, Dialect, Field, Role, derived
from hjp_fuzz.grammar import frame, stream
from hjp_fuzz.mutate import mutated
from hjp_fuzz.sources import RandomSource
from hjp_spec.examples import EXAMPLES
from hjp_spec.oracle import Status, decode, raw_frame
from hjp_spec.schema import IJson


def test_the_fields_of_hjp() -> None:
    fields = {field.name: field for field in HJP.fields}
    assert list(fields) == [
        *("magic", "version", "reserved"),
        *("json_length", "payload_length", "json", "payload"),
    ]
    assert fields["magic"].value == b"HJP\xff"
    assert fields["version"].value == b"\x01"
    assert fields["reserved"].value == bytes(3)
    counted = fields["json_length"]
    assert (counted.offset, counted.width, counted.order) == (8, 4, "little")
    assert (counted.low, counted.high, counted.of) == (2, 65_536, "json")
    assert fields["payload_length"].high == 65_536
    assert fields["json"].role is Role.TEXT
    assert fields["payload"].role is Role.PAYLOAD
    assert (HJP.header_length, HJP.early) == (16, 5)


def test_too_small_and_too_great_lengths_break_different_requirements() -> None:
    field = HJP.lengths[0]
    assert field.broken_by(1) == ("HJP-FRM-8",)
    assert field.broken_by(65_537) == ("HJP-FRM-9",)
    assert field.broken_by(2) == field.broken_by(65_536) == ()


def test_what_it_writes_is_what_the_schema_writes() -> None:
    draft = Draft(b'{"id":1}', b"hi!")
    assert HJP.write(draft) == raw_frame(draft.json, draft.payload)


def test_lies_stand_in_the_field_that_they_name() -> None:
    lies: dict[str, int | bytes] = {"version": b"\x02", "payload_length": 2**32 - 1}
    octets = HJP.write(Draft(lies=lies, keep=17))
    assert octets == raw_frame(b"{}", version=2, payload_length=2**32 - 1)[:17]


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_examples_of_the_text_are_taken_apart_and_put_together(name: str) -> None:
    octets = EXAMPLES[name].octets
    assert HJP.write_all(HJP.read(octets))[0] == octets


@pytest.mark.parametrize("seed", range(400))
def test_any_octets_are_taken_apart_and_put_together(seed: int) -> None:
    source = RandomSource(seed)
    octets = HJP.write_all(stream(source))[0]
    if seed % 2:
        octets = mutated(source, octets)
    assert HJP.write_all(HJP.read(octets))[0] == octets


@pytest.mark.parametrize("seed", range(100))
def test_edges_lie_inside_and_rise(seed: int) -> None:
    octets, edges = HJP.write_all(stream(RandomSource(seed)))
    assert all(0 <= edge <= len(octets) for edge in edges)
    assert edges[-1] == len(octets)


OTHER = Struct(
    "size" / Int16ub,
    "rest" / Int32ub,
    "mark" / Const(b"#"),
    "body" / IJson(Bytes(this.size)),
    "blob" / Bytes(this.rest),
)


def test_another_schema_is_another_dialect() -> None:
    other = derived(OTHER)
    assert other.write(Draft(b'{"a":1}', b"xy")) == (
        b'\x00\x07\x00\x00\x00\x02#{"a":1}xy'
    )
    assert [field.role for field in other.fields[:3]] == [
        *(Role.LENGTH, Role.LENGTH, Role.CONSTANT)
    ]
    assert other.lengths[0].high == 65_535


def test_a_length_that_counts_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing is counted by size"):
        derived(Struct("size" / Int16ub, "body" / IJson(Bytes(3))))


BY_HAND = Dialect(
    (
        Field("tag", Role.CONSTANT, 2, 0, value=b"X1", requirements=("X-1",)),
        Field("text_size", Role.LENGTH, 2, 2, "big", of="text", low=2, high=500),
        Field("data_size", Role.LENGTH, 4, 4, "big", of="data", high=1000),
        Field("text", Role.TEXT, offset=8),
        Field("data", Role.PAYLOAD, offset=8),
    )
)


@pytest.mark.parametrize("seed", range(200))
def test_the_grammar_writes_a_dialect_made_by_hand(seed: int) -> None:
    draft = frame(RandomSource(seed), BY_HAND)
    if draft.raw is None and not draft.lies and draft.keep is None:
        octets = BY_HAND.write(draft)
        assert octets.startswith(b"X1" + len(draft.json).to_bytes(2, "big"))
        assert BY_HAND.read(octets)[0].payload == draft.payload


def test_the_oracle_knows_what_the_dialect_writes() -> None:
    assert decode(HJP.write(Draft())).status is Status.ACCEPT
