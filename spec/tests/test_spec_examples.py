from itertools import pairwise

import pytest

from hjp_spec.examples import EXAMPLES, Example, Part, index, parse
from hjp_spec.oracle import Outcome, Status, decode, encode
from hjp_spec.requirements import REQUIREMENTS, documents, text

everyone = pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)


def parts(outcome: Outcome) -> tuple[Part, ...]:
    return tuple(Part(frame.json, frame.payload) for frame in outcome.frames)


def test_every_fence_is_an_example() -> None:
    fences = sum(text(document).count("```hjp-example") for document in documents())
    assert len(EXAMPLES) == fences >= 8


@everyone
def test_expectation(example: Example) -> None:
    outcome = decode(example.octets)
    status, _, code = example.expected.partition(":")
    assert (outcome.status, outcome.code or "") == (status, code)
    assert parts(outcome) == example.parts


@everyone
def test_requirements_exist(example: Example) -> None:
    assert example.requirements
    assert set(example.requirements) <= set(REQUIREMENTS)
    assert example.sender in ("client", "server")


@everyone
def test_parts_make_the_same_octets(example: Example) -> None:
    built = b"".join(encode(part.json, part.payload) for part in example.parts)
    assert example.octets[: len(built)] == built
    if example.expected == "accept":
        assert example.octets == built


@everyone
def test_every_prefix_leads_to_the_outcome(example: Example) -> None:
    whole = decode(example.octets)
    prefixes = [decode(example.octets[:end]) for end in range(len(example.octets) + 1)]
    for before, after in pairwise(prefixes):
        assert after.frames[: len(before.frames)] == before.frames
        assert (
            before.early is None
            or after.code == before.early == whole.code
            or (after.early == before.early)
        )
    assert prefixes[0].status is Status.ACCEPT
    assert prefixes[-1] == whole


def test_line_feeds_and_several_frames() -> None:
    fence = (
        "```hjp-example two client accept FRM-1 MET-5\n"
        "7B 0A 7D ; {, LF, }\n; nothing\n.\n"
        'json {"a": "x y"\\n}\njson {}\npayload 00 FF\n```\n'
    )
    (example,) = parse(fence, "core")
    assert example.octets == b"{\n}"
    assert example.requirements == ("HJP-FRM-1", "HJP-MET-5")
    assert example.parts == (Part(b'{"a": "x y"\n}'), Part(b"{}", b"\x00\xff"))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("7B 7D\n", "no line '.'"),
        ("7B 7D\n.\npayload 00\n", "no part of a frame"),
        ("7B 7D\n.\njson {}\ntext x\n", "no part of a frame"),
        ("7G\n.\n", "non-hexadecimal"),
    ],
)
def test_a_fence_that_is_wrong(body: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(parse(f"```hjp-example one client accept FRM-1\n{body}```\n", "core"))


def test_a_name_belongs_to_one_example() -> None:
    fence = "```hjp-example one client incomplete FRM-1\n48\n.\n```\n"
    with pytest.raises(ValueError, match="two examples are named one"):
        index(parse(fence * 2, "core"))
