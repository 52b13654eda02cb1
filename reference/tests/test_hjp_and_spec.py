"""Two independent readings of the text, the reference and the schema, side by side."""

import random
from collections.abc import Iterator

import pytest

from hjp import Code, Decoder, FormatError, Frame, IncompleteError, Limits
from hjp import limits as constants
from hjp_spec.examples import EXAMPLES
from hjp_spec.oracle import decode
from hjp_spec.registry import FATAL, LIMITS, MAX_DEPTH, MAX_INTEGER, MAX_JSON
from hjp_spec.registry import Code as SpecCode
from hjp_spec.vectors import VECTORS, Vector

Verdict = tuple[str, str | None, list[tuple[bytes, bytes]]]


def by_reference(octets: bytes, max_payload: int, size: int) -> Verdict:
    """What the reference says of octets that come in reads of one size."""
    decoder = Decoder(max_payload)
    frames: list[Frame] = []
    status, code = "accept", None
    try:
        for start in range(0, len(octets), size):
            frames += decoder.feed(octets[start : start + size])
        decoder.close()
    except FormatError as fault:
        frames += fault.frames
        status, code = "reject", str(fault.code)
    except IncompleteError:
        status = "incomplete"
    return status, code, [(frame.json, frame.payload) for frame in frames]


def by_schema(octets: bytes, max_payload: int) -> Verdict:
    """What the schema says."""
    outcome = decode(octets, max_payload)
    code = str(outcome.code) if outcome.code else None
    frames = [(frame.json, frame.payload) for frame in outcome.frames]
    return str(outcome.status), code, frames


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector.name))
def test_vector(vector: Vector) -> None:
    """One of the outcomes that the vector permits, in several divisions."""
    permitted: list[Verdict] = [
        (
            str(outcome.status),
            str(outcome.code) if outcome.code else None,
            [(part.json, part.payload) for part in outcome.frames],
        )
        for outcome in vector.outcomes
    ]
    whole = max(len(vector.octets), 1)
    for size in {whole, 1, 7, whole // 2 + 1}:
        assert by_reference(vector.octets, vector.max_payload, size) in permitted


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_of_the_text(name: str) -> None:
    """As the text expects, in every division into reads of one size."""
    example = EXAMPLES[name]
    expected = example.expected.partition(":")
    parts = [(part.json, part.payload) for part in example.parts]
    for size in range(1, len(example.octets) + 1):
        status, code, frames = by_reference(example.octets, 65_536, size)
        assert (status, code or "", frames) == (expected[0], expected[2], parts)


def damaged(seed: int) -> Iterator[bytes]:
    """Streams of right frames with a few octets changed, moved, doubled or lost."""
    source = random.Random(seed)
    right = [vector.octets for vector in VECTORS if 0 < len(vector.octets) < 400]
    for _ in range(3_000):
        octets = bytearray(b"".join(source.choices(right, k=source.randint(1, 3))))
        for _ in range(source.randint(0, 3)):
            at = source.randrange(len(octets))
            match source.randrange(4):
                case 0:
                    octets[at] = source.choice(
                        b'\0\x01\x02{}[]",:\\u0019dDeE-+. \n\xed\xff'
                    )
                case 1:
                    del octets[at]
                    octets = octets or bytearray(b"{")
                case 2:
                    octets[at:at] = octets[at : at + source.randint(1, 20)]
                case _:
                    octets[at] ^= 1 << source.randrange(8)
        yield bytes(octets)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_streams(seed: int) -> None:
    """Both say the same, the reference in any division."""
    for octets in damaged(seed):
        expected = by_schema(octets, 65_536)
        for size in (len(octets), 3):
            assert by_reference(octets, 65_536, size) == expected, octets


def test_the_tables_agree() -> None:
    """Codes, which of them are fatal, limits and constants."""
    assert {str(code) for code in Code} == {str(code) for code in SpecCode}
    names = {"YES": "CONNECTION", "NO": "REQUEST", "BY_PLACE": "BY_PLACE"}
    for code, fatal in FATAL.items():
        assert Code(str(code)).severity.name == names[fatal.name], code
    assert (constants.MAX_JSON, constants.MAX_DEPTH) == (MAX_JSON, MAX_DEPTH)
    assert constants.MAX_INTEGER == MAX_INTEGER
    for name, default in LIMITS.items():
        if name in Limits.__dataclass_fields__:
            assert getattr(Limits(), name) == default, name
