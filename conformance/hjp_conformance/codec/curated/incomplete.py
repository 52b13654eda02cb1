"""Inputs that end inside a frame, at each of its octets."""

from collections.abc import Iterator

from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.rows import accepted, decodes, incomplete
from hjp_conformance.stimuli import frame
from hjp_spec.registry import MAGIC

PING = '{"id":1,"op":"ping"}'
RICH = '{"id":2,"é":"\\u00e9\\ud83d\\ude00","x":[-1.5e+3,true,{}]} '
LOAD = b"HJP\xff\x01\0\0\0"

CUT_TEXTS = {
    "bare-word": ('{"x":nul1,"y":222}', 9),
    "leading-zero": ('{"x":01,"y":22222}', 7),
    "not-a-value": ('{"x":?,"y":222222}', 6),
    "bracket": ('{"x":[1,2},"y":22}', 10),
    "no-colon": ('{"x" 1,"y":222222}', 6),
    "raw-control": ('{"x":"a\x01b","y":2}', 8),
    "escape": ('{"x":"\\q","y":222}', 8),
    "lone-surrogate": ('{"x":"\\ud800\\n222222"}', 14),
    "infinite": ('{"x":1e999,"y":22}', 10),
    "name-again": ('{"x":1,"x":2,"y":3}', 10),
    "comma-first": ('{,"x":1,"y":22222}', 2),
    "after-the-object": ('{"x":1} x         ', 9),
    "byte-order-mark": ("\ufeff{}              ", 1),
    "space-first": (" {}               ", 1),
}
"""Texts and the number of their octets from which on no continuation helps."""


def cases() -> Iterator[DecodeCase]:
    """Right frames cut off, and wrong ones before their fault is due."""
    yield from _right()
    yield from _wrong_header()
    yield from _wrong_text()


def _right() -> Iterator[DecodeCase]:
    ping, rich = frame(PING), frame(RICH, LOAD)
    for table, title, octets, cited in (
        ("ping", "A frame without a payload", ping, ("HJP-FRM-17", "HJP-FRM-14")),
        ("payload", "A frame with a payload", rich, ("HJP-FRM-17", "HJP-MET-14")),
    ):
        cut = {f"{n:03}": (octets[:n], incomplete()) for n in range(1, len(octets))}
        yield from decodes(cited, f"ends-in-{table}", f"{title} ends after octet", cut)
    second = {
        f"{n:03}": (ping + rich[:n], incomplete(PING)) for n in range(1, len(rich))
    }
    yield from decodes(
        ("HJP-FRM-17", "HJP-FRM-15"),
        "ends-in-second",
        "A frame is accepted and the one after it ends after octet",
        second | {"000": (ping, accepted(PING))},
    )


def _wrong_header() -> Iterator[DecodeCase]:
    """Faults of the header that are certain, and not due."""
    for place in range(4):
        wrong = MAGIC[:place] + bytes([MAGIC[place] ^ 1]) + MAGIC[place + 1 :]
        yield from _early(
            f"magic-{place}", frame(PING, magic=wrong), "bad_magic", place + 1, 5
        )
    for place in range(3):
        wrong = bytes(place) + b"\1" + bytes(2 - place)
        octets = frame(PING, reserved=wrong)
        yield from _early(f"reserved-{place}", octets, "bad_frame", place + 6, 16)
    for name, size, known in (("zero", 0, 12), ("one", 1, 12)):
        octets = frame(b"", json_length=size)
        yield from _early(f"json-length-{name}", octets, "bad_frame", known, 16)
    for size, known in ((65_537, 11), (65_538, 11), (131_072, 11), (2**24, 12)):
        octets = frame(b"", json_length=size)
        yield from _early(f"json-length-{size}", octets, "too_large", known, 16)
    for size, known in ((65_537, 15), (131_072, 15), (2**24, 16)):
        octets = frame("{}", payload_length=size)
        yield from _early(f"payload-length-{size}", octets, "too_large", known, 16)


def _wrong_text() -> Iterator[DecodeCase]:
    for name, (text, known) in CUT_TEXTS.items():
        octets = frame(text)
        yield from _early(f"text-{name}", octets, "bad_json", 16 + known, len(octets))


def _early(
    table: str, octets: bytes, code: str, known: int, due: int
) -> Iterator[DecodeCase]:
    """Incomplete up to due; from known on a refusal is permitted as well."""
    first = max(1, known - 4)
    found = {
        f"{n:03}": (octets[:n], incomplete(early=code if n >= known else None))
        for n in range(first, due)
    }
    yield from decodes(
        ("HJP-FRM-18", "HJP-FRM-14"),
        f"before-due-{table}",
        f"A fault may be told from octet {known} on and is due with {due}; the end after",
        found,
    )
