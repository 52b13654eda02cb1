"""Several faults in one input: the earliest frame, and in it the first row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.rows import decodes, refused
from hjp_conformance.stimuli import frame, padded

GOOD = '{"id":1,"op":"ping"}'


@dataclass(frozen=True, slots=True)
class Fault:
    """A row of the table *Precedence* and a header or text that breaks it.

    Attributes:
        code: what the row says.
        requirement: what is broken.
        fields: arguments of `frame`.
        due: by how many octets of the frame it is due; 0: with the whole text.
    """

    code: str
    requirement: str
    fields: Mapping[str, Any]
    due: int


FAULTS = {
    "magic": Fault("bad_magic", "HJP-FRM-2", {"magic": b"HJP\xfe"}, 5),
    "version": Fault("bad_version", "HJP-FRM-4", {"version": 2}, 5),
    "reserved": Fault("bad_frame", "HJP-FRM-7", {"reserved": b"\0\0\1"}, 16),
    "json-short": Fault("bad_frame", "HJP-FRM-8", {"json_length": 1}, 16),
    "json-long": Fault("too_large", "HJP-FRM-9", {"json_length": 65_537}, 16),
    "payload-long": Fault("too_large", "HJP-FRM-10", {"payload_length": 65_537}, 16),
    "text": Fault("bad_json", "HJP-MET-4", {}, 0),
}
"""One for each of the rows 1 to 7, in their order."""

IMPOSSIBLE = {("json-short", "json-long")}
BAD_TEXT = '{"id":1,"op":01}'


def faulty(names: tuple[str, ...]) -> bytes:
    """A frame with these faults, all there."""
    fields: dict[str, Any] = {}
    for name in names:
        fields |= FAULTS[name].fields
    text = BAD_TEXT if "text" in names else GOOD
    if "json-short" in names:
        text = text[:1] if "text" not in names else "x"
    if "json-long" in names:
        text = padded(text, 65_537)
    return frame(text, b"payload" if "payload-long" in names else b"", **fields)


def cases() -> Iterator[DecodeCase]:
    """Every fault alone, every two, every three, and faults in two frames."""
    for size in (1, 2, 3):
        for names in combinations(FAULTS, size):
            if not any(set(two) <= set(names) for two in IMPOSSIBLE):
                yield from _together(names)
    for first in FAULTS:
        for second in FAULTS:
            yield from _apart(first, second)


def _together(names: tuple[str, ...]) -> Iterator[DecodeCase]:
    first = FAULTS[names[0]]
    octets = faulty(names)
    outcome = refused(first.code, first.requirement)
    after = refused(first.code, first.requirement, GOOD)
    found = {
        "": (octets, outcome),
        "second": (frame(GOOD) + octets, after),
        "then-a-frame": (octets + frame(GOOD), outcome),
    }
    if first.due:
        found["when-due"] = (octets[: first.due], outcome)
        found["second-when-due"] = (frame(GOOD) + octets[: first.due], after)
    told = " and ".join(name.replace("-", " ") for name in names)
    yield from decodes(
        ("HJP-ERR-15", first.requirement),
        f"faults-{'-and-'.join(names)}",
        f"A frame with these faults is refused with {first.code}: {told}",
        found,
    )


def _apart(first: str, second: str) -> Iterator[DecodeCase]:
    """A fault in a frame, another in the frame after it; the first is reported."""
    fault = FAULTS[first]
    yield from decodes(
        ("HJP-ERR-15", fault.requirement),
        f"frames-{first}-then-{second}",
        f"Of two faulty frames the first is reported: {first}, then {second}",
        {
            "": (
                faulty((first,)) + faulty((second,)),
                refused(fault.code, fault.requirement),
            )
        },
    )
