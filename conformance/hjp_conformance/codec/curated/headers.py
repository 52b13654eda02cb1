"""Magic, version and reserved octets: each one wrong, and by when that is known."""

from collections.abc import Iterator

from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.expected import Expected
from hjp_conformance.codec.rows import accepted, decodes, refused
from hjp_conformance.stimuli import frame
from hjp_spec.registry import MAGIC

GOOD = b'{"id":1,"op":"ping"}'
BAD_MAGIC = refused("bad_magic", "HJP-FRM-2")
BAD_VERSION = refused("bad_version", "HJP-FRM-4")
BAD_RESERVED = refused("bad_frame", "HJP-FRM-7")


def with_bit(octets: bytes, bit: int) -> bytes:
    """The octets with one bit the other way round, counted from the first octet's 1."""
    found = bytearray(octets)
    found[bit // 8] ^= 1 << bit % 8
    return bytes(found)


MAGICS = {
    **{f"octet-{n // 8}-bit-{n % 8}": with_bit(MAGIC, n) for n in range(32)},
    **{f"octet-{n}-zero": MAGIC[:n] + b"\0" + MAGIC[n + 1 :] for n in range(4)},
    "zeros": bytes(4),
    "all-ones": b"\xff\xff\xff\xff",
    "reversed": b"\xffPJH",
    "lower-case": b"hjp\xff",
    "rotated": b"\xffHJP",
    "shifted": b"JP\xff\x01",
    "doubled-octets": b"HHJJ",
    "ascii": b"HJP1",
    "http-get": b"GET ",
    "http-post": b"POST",
    "http-two": b"PRI ",
    "tls": b"\x16\x03\x01\x02",
    "ssh": b"SSH-",
    "json": b'{"id',
    "utf-8-of-ff": b"HJP\xc3",
    "byte-order-mark": b"\xef\xbb\xbfH",
    "replacement-character": b"HJP\xef",
    "length-first": b"\x24\0\0\0",
}
FIFTHS = {"one": b"\x01", "two": b"\x02", "zero": b"\0", "all-ones": b"\xff"}
VERSIONS = {
    f"{number:02x}": number
    for number in (0, 2, 3, 4, 5, 9, 17, 33, 49, 65, 127, 128, 129, 254, 255)
}
SHORT_HEADERS = {
    "five-octets": b"",
    "six-octets": b"\0",
    "seven-octets": b"\0\0",
    "eight-octets": b"\0\0\0",
    "fifteen-octets": bytes(10),
    "sixteen-octets": bytes(11),
    "seventeen-octets": bytes(12),
    "then-a-frame": frame(GOOD),
    "then-json": GOOD,
}
VALUES = (1, 2, 0x20, 0x31, 0x7F, 0x80, 0xFF)
RESERVED = {
    f"octet-{5 + place}-{value:02x}": bytes(place) + bytes([value]) + bytes(2 - place)
    for place in range(3)
    for value in VALUES
} | {
    "all-ones": b"\xff\xff\xff",
    "first-two": b"\1\1\0",
    "last-two": b"\0\1\1",
    "outer-two": b"\1\0\1",
    "sum-is-256": b"\x80\x80\0",
    "spaces": b"   ",
}


def rows_of(
    found: dict[str, bytes], outcome: Expected
) -> dict[str, tuple[bytes, Expected]]:
    """A table of inputs that all end in the same way."""
    return {row: (octets, outcome) for row, octets in found.items()}


def cases() -> Iterator[DecodeCase]:
    """All of the first eight octets."""
    yield from decodes(
        ("HJP-FRM-1", "HJP-FRM-12", "HJP-FRM-17"),
        "header",
        "A right frame is accepted",
        {
            "ping": (frame(GOOD), accepted(GOOD)),
            "least": (frame("{}"), accepted("{}")),
            "with-payload": (frame(GOOD, b"abc"), accepted((GOOD, b"abc"))),
        },
    )
    yield from _magic()
    yield from _version()
    yield from _reserved()


def _magic() -> Iterator[DecodeCase]:
    yield from decodes(
        ("HJP-FRM-2",),
        "magic",
        "A frame whose first four octets are not the magic is refused",
        rows_of(
            {row: frame(GOOD, magic=one) for row, one in MAGICS.items()}, BAD_MAGIC
        ),
    )
    yield from decodes(
        ("HJP-FRM-5", "HJP-FRM-2"),
        "magic-in-five",
        "Five octets that begin with no magic are refused without a sixth",
        rows_of({row: one + b"\x01" for row, one in MAGICS.items()}, BAD_MAGIC),
    )
    yield from decodes(
        ("HJP-FRM-5", "HJP-FRM-2"),
        "magic-then-fifth",
        "Whatever the fifth octet is, a wrong magic is refused with it",
        rows_of({row: b"HJP\x7f" + one for row, one in FIFTHS.items()}, BAD_MAGIC),
    )
    before = {
        "line-feed": b"\n",
        "crlf": b"\r\n",
        "nul": b"\0",
        "space": b" ",
        "half-a-magic": MAGIC[:2],
        "magic": MAGIC,
        "magic-without-its-end": MAGIC[:3],
        "header": frame(GOOD)[:16],
        "sixteen-zeros": bytes(16),
        "frame-of-another-magic": frame(GOOD, magic=b"HJP\0"),
        "byte-order-mark": b"\xef\xbb\xbf",
    }
    skipped = {row: one + frame(GOOD) for row, one in before.items()}
    del skipped["magic"], skipped["header"]
    yield from decodes(
        ("HJP-FRM-3", "HJP-FRM-2"),
        "magic-later",
        "A later magic is not looked for after these octets",
        rows_of(skipped, BAD_MAGIC),
    )


def _version() -> Iterator[DecodeCase]:
    wrong = {row: frame(GOOD, version=one) for row, one in VERSIONS.items()}
    yield from decodes(
        ("HJP-FRM-4",),
        "version",
        "A frame of another version is refused",
        rows_of(wrong, BAD_VERSION),
    )
    yield from decodes(
        ("HJP-FRM-5", "HJP-FRM-4"),
        "version-in-five",
        "Five octets of another version are refused without a sixth",
        rows_of({row: one[:5] for row, one in wrong.items()}, BAD_VERSION),
    )
    others = {row: MAGIC + b"\x02" + one for row, one in SHORT_HEADERS.items()}
    yield from decodes(
        ("HJP-FRM-4", "HJP-FRM-5"),
        "version-header",
        "Another version is refused whatever its header is",
        rows_of(others, BAD_VERSION),
    )


def _reserved() -> Iterator[DecodeCase]:
    wrong = {row: frame(GOOD, reserved=one) for row, one in RESERVED.items()}
    yield from decodes(
        ("HJP-FRM-7",),
        "reserved",
        "A reserved octet that is not 0 is refused",
        rows_of(wrong, BAD_RESERVED),
    )
    yield from decodes(
        ("HJP-FRM-11", "HJP-FRM-7"),
        "reserved-in-header",
        "A reserved octet that is not 0 is refused when the header is there",
        rows_of({row: one[:16] for row, one in wrong.items()}, BAD_RESERVED),
    )
