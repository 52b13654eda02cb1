"""The two lengths: at their limits, one below and one above, whole and announced."""

from collections.abc import Iterator

from hjp_conformance.codec.curated.headers import rows_of
from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.expected import Expected
from hjp_conformance.codec.rows import accepted, decodes, incomplete, refused
from hjp_conformance.stimuli import frame, padded
from hjp_spec.registry import DEFAULT_MAX_PAYLOAD, MAX_JSON

JSON_ACCEPTED = (
    *(2, 3, 4, 127, 128, 129, 254, 255, 256, 257, 258, 511, 512, 513),
    *(4095, 4096, 4097, 32767, 32768, 32769, 65280, 65534, 65535, 65536),
)
JSON_TOO_LARGE = (
    *(65537, 65538, 65792, 131072, 131074, 0x01000000, 0x01000002, 0x02000000),
    *(2**31 - 1, 2**31, 2**31 + 2, 2**32 - 16, 2**32 - 2, 2**32 - 1),
)
PAYLOADS = (0, 1, 2, 15, 16, 17, 127, 128, 255, 256, 257, 4096, 65534, 65535, 65536)
LIMITS_SENT = (1, 2, 16, 255, 256, 257, 1000, 65535, 65536, 65537, 131072, 1000000)
"""Values of max_payload at which whole payloads are sent."""
LIMITS_ANNOUNCED = (
    *(1, 255, 256, 65535, 65536, 65537, 2**24 - 1, 2**24),
    *(2**31 - 1, 2**31, 2**31 + 1, 2**32 - 2),
)
"""Values of max_payload at which only the header is sent."""
SHORT = refused("bad_frame", "HJP-FRM-8")
LONG_JSON = refused("too_large", "HJP-FRM-9")
LONG_PAYLOAD = refused("too_large", "HJP-FRM-10")


def cases() -> Iterator[DecodeCase]:
    """All of json_length and payload_length."""
    yield from _json_accepted()
    yield from _json_refused()
    yield from _payload()
    yield from _limits()
    yield from _odd_sums()


def _json_accepted() -> Iterator[DecodeCase]:
    texts = {str(size): padded("{}", size) for size in JSON_ACCEPTED}
    long = {
        str(size): '{"x":"%s"}' % ("a" * (size - 8)) for size in (8, 256, 65535, 65536)
    }
    for table, title, found in (
        ("json-length", "A JSON text of this many octets is accepted", texts),
        ("json-length-of-string", "A JSON text without white space is accepted", long),
    ):
        rows = {row: (frame(text), accepted(text)) for row, text in found.items()}
        yield from decodes(("HJP-FRM-12",), table, title, rows)
    headers = {row: (frame(text)[:16], incomplete()) for row, text in texts.items()}
    yield from decodes(
        ("HJP-FRM-12",),
        "json-length-announced",
        "A json_length within its limits is waited for",
        headers,
    )


def _json_refused() -> Iterator[DecodeCase]:
    for number, name in enumerate(("zero", "one")):
        whole = {
            "in-header": frame(b"", json_length=number),
            "then-text": frame("{}", json_length=number),
            "then-frame": frame(b"{"[:number], json_length=number) + frame("{}"),
            "with-payload": frame(b"{"[:number], b"payload", json_length=number),
            "with-greatest-payload": frame(
                b"", json_length=number, payload_length=DEFAULT_MAX_PAYLOAD
            ),
        }
        cited = ("HJP-FRM-8", "HJP-FRM-11")
        title = f"A json_length of {number} is refused"
        yield from decodes(cited, f"json-length-{name}", title, rows_of(whole, SHORT))
    announced = {f"{size:08x}": frame(b"", json_length=size) for size in JSON_TOO_LARGE}
    yield from decodes(
        ("HJP-FRM-11", "HJP-FRM-9"),
        "json-length-too-large-announced",
        "A json_length above 65 536 is refused when the header is there",
        rows_of(announced, LONG_JSON),
    )
    followed = {
        f"{size:08x}": frame("{}", json_length=size) + frame("{}")
        for size in JSON_TOO_LARGE
    }
    yield from decodes(
        ("HJP-FRM-9",),
        "json-length-too-large",
        "A json_length above 65 536 is refused whatever follows",
        rows_of(followed, LONG_JSON),
    )
    there = {
        str(size): frame(padded("{}", size)) for size in (65537, 65538, 66000, 131072)
    }
    yield from decodes(
        ("HJP-FRM-9",),
        "json-length-too-large-whole",
        "A JSON text longer than 65 536 octets is refused though it is all there",
        rows_of(there, LONG_JSON),
    )


def _payload() -> Iterator[DecodeCase]:
    rows = {
        str(size): (frame("{}", b"\x7b" * size), accepted(("{}", b"\x7b" * size)))
        for size in PAYLOADS
    }
    yield from decodes(
        ("HJP-FRM-13", "HJP-FRM-16"),
        "payload-length",
        "A payload of this many octets is accepted",
        rows,
    )
    last = {
        str(size): (frame("{}", bytes(size))[:-1], incomplete())
        for size in PAYLOADS
        if size
    }
    yield from decodes(
        ("HJP-FRM-13",),
        "payload-length-but-one",
        "A payload without its last octet is waited for",
        last,
    )


def _limits() -> Iterator[DecodeCase]:
    """In threes: one below max_payload, at it, one above it."""
    for limit in (0, *LIMITS_SENT):
        yield from decodes(
            ("HJP-FRM-13", "HJP-FRM-10"),
            f"max-payload-{limit}",
            f"With a max_payload of {limit} a payload is judged",
            {
                name: (frame("{}", bytes(size)), accepted(("{}", bytes(size))))
                for name, size in (("below", limit - 1), ("at", limit))
                if size >= 0
            },
            limit,
        )
        yield from decodes(
            ("HJP-FRM-10", "HJP-FRM-11"),
            f"max-payload-{limit}",
            f"With a max_payload of {limit} a payload is judged",
            {
                "above": (frame("{}", payload_length=limit + 1)[:16], LONG_PAYLOAD),
                "above-whole": (frame("{}", bytes(limit + 1)), LONG_PAYLOAD),
                "far-above": (frame("{}", payload_length=2**32 - 1), LONG_PAYLOAD),
            },
            limit,
        )
    for limit in LIMITS_ANNOUNCED:
        yield from decodes(
            ("HJP-FRM-13", "HJP-FRM-10"),
            f"max-payload-{limit}-announced",
            f"With a max_payload of {limit} a payload_length is judged",
            {
                name: (frame("{}", payload_length=size), outcome)
                for name, size, outcome in _three(limit)
            },
            limit,
        )
    yield from decodes(
        ("HJP-FRM-13",),
        f"max-payload-{2**32 - 1}-announced",
        "With the greatest max_payload every payload_length is waited for",
        {
            name: (frame("{}", payload_length=size), incomplete())
            for name, size in (("below", 2**32 - 2), ("at", 2**32 - 1))
        },
        2**32 - 1,
    )


def _three(limit: int) -> Iterator[tuple[str, int, Expected]]:
    waits = incomplete() if limit > 1 else accepted("{}")
    yield "below", limit - 1, waits
    yield "at", limit, incomplete()
    yield "above", limit + 1, LONG_PAYLOAD


def _odd_sums() -> Iterator[DecodeCase]:
    """Lengths that mean something else to who adds, narrows or swaps them."""
    sums = {
        "sum-is-zero": (2, 2**32 - 2),
        "sum-is-one": (2, 2**32 - 1),
        "sum-with-header-is-zero": (2, 2**32 - 18),
        "payload-negative": (2, 2**31),
        "payload-sixteen-bits-are-zero": (2, 65536 * 2),
        "payload-big-endian-one": (2, 0x01000000),
        "payload-with-greatest-json": (MAX_JSON, 2**32 - 65536),
    }
    rows = {
        row: (frame("{}", json_length=json, payload_length=load), LONG_PAYLOAD)
        for row, (json, load) in sums.items()
    }
    yield from decodes(
        ("HJP-FRM-10", "HJP-FRM-11"),
        "payload-length-odd",
        "A payload_length is compared as it is",
        rows,
    )
    text = padded('{"x":1}', 513)
    swapped = {
        "json-length-of-equal-octets": (
            frame(padded("{}", 0x0101)),
            padded("{}", 0x0101),
        ),
        "json-length-second-octet": (frame(padded("{}", 0x0200)), padded("{}", 0x0200)),
        "json-length-both-octets": (frame(text), text),
        "json-length-third-octet": (frame(padded("{}", 65536)), padded("{}", 65536)),
    }
    yield from decodes(
        ("HJP-FRM-12",),
        "little-endian",
        "A json_length is read as little-endian",
        {row: (octets, accepted(one)) for row, (octets, one) in swapped.items()},
    )
    loads = {"second-octet": 0x0200, "both-octets": 0x0201, "third-octet": 0x010000}
    yield from decodes(
        ("HJP-FRM-13",),
        "little-endian-payload",
        "A payload_length is read as little-endian",
        {
            row: (frame("{}", bytes(size)), accepted(("{}", bytes(size))))
            for row, size in loads.items()
        },
    )
