"""Families of headers, lengths, sequences of frames, and reads."""

from collections.abc import Iterator
from itertools import combinations, product

from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.generated.family import family
from hjp_conformance.codec.rows import Cited, area_of, named
from hjp_conformance.stimuli import frame

TEXT = b'{"id":1,"op":"ping"}'
LOAD = b"abcdefghij"
FRAME = frame(TEXT, LOAD)

OCTETS = (
    *range(0x12),
    *(0x14, 0x1F, 0x20, 0x21, 0x31, 0x40, 0x47, 0x48, 0x49, 0x4A, 0x4B, 0x50, 0x51),
    *(0x7B, 0x7D, 0x7F, 0x80, 0x81, 0x90, 0xA0, 0xC0, 0xDF, 0xEF, 0xF7, 0xFB, 0xFD),
    *(0xFE, 0xFF),
)
"""Values for an octet of a header: near the right ones, single bits, letters, ends."""

HEADER: tuple[tuple[int, Cited], ...] = (
    *((place, ("HJP-FRM-2", "HJP-FRM-5")) for place in range(4)),
    (4, ("HJP-FRM-4", "HJP-FRM-5")),
    *((place, ("HJP-FRM-7", "HJP-FRM-11")) for place in range(5, 8)),
    *((place, ("HJP-FRM-12", "HJP-FRM-9", "HJP-FRM-8")) for place in range(8, 12)),
    *((place, ("HJP-FRM-13", "HJP-FRM-10")) for place in range(12, 16)),
)

JSON_LENGTHS = (
    *(0, 1, 2, 3, 127, 128, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_538),
    *(131_072, 131_074, 2**24, 2**24 + 2, 2**31 - 1, 2**31, 2**31 + 2, 2**32 - 1),
)
PAYLOAD_LENGTHS = (
    *(0, 1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 2**24 - 1, 2**24, 2**24 + 1),
    *(2**31 - 1, 2**31, 2**31 + 1, 2**32 - 2, 2**32 - 1),
)
LIMITS = (
    *(0, 1, 255, 256, 65_535, 65_536, 65_537, 2**24, 2**31 - 1, 2**31, 2**32 - 2),
    2**32 - 1,
)

LINKS = {
    "good": frame(TEXT),
    "load": frame(b"{}", b"HJP\xff"),
    "magic": frame(TEXT, magic=b"HJP\x00"),
    "long": frame(TEXT, json_length=65_537),
    "text": frame(b'{"id":1,"op"}'),
    "half": frame(TEXT)[:20],
}
"""What sequences are made of: frames right, wrong and cut off."""


def cases() -> Iterator[DecodeCase]:
    """All families of frames."""
    yield from _octets()
    yield from _lengths()
    yield from _sequences()
    yield from _cut_off()
    yield from _reads()


def _octets() -> Iterator[DecodeCase]:
    for place, cited in HEADER:
        changed = (
            (f"{place:02}-as-{octet:02x}", _with(FRAME, place, octet))
            for octet in OCTETS
        )
        yield from family(
            cited, "header-octet", "A frame with another octet in its header", changed
        )


def _with(octets: bytes, place: int, octet: int) -> bytes:
    return octets[:place] + bytes([octet]) + octets[place + 1 :]


def _lengths() -> Iterator[DecodeCase]:
    title = "A header announces json_length and payload_length"
    both = (
        (
            f"{json:08x}-and-{load:08x}",
            frame(b"", json_length=json, payload_length=load),
        )
        for json, load in product(JSON_LENGTHS, (0, 1, 65_536, 65_537, 2**32 - 1))
    )
    yield from family(("HJP-FRM-11", "HJP-FRM-12"), "lengths", title, both)
    for limit in LIMITS:
        title = f"With a max_payload of {limit} a frame announces payload_length"
        announced = (
            (f"{load:08x}", frame(b"{}", payload_length=load))
            for load in PAYLOAD_LENGTHS
        )
        name = f"limit-{limit:08x}-payload"
        cited = ("HJP-FRM-13", "HJP-FRM-10")
        yield from family(cited, name, title, announced, limit)
    title = "Lengths that are not those of text and payload, and a frame after them"
    wrong = (
        (
            f"{_signed(json)}-and-{_signed(load)}-{row}",
            frame(
                TEXT,
                LOAD,
                json_length=len(TEXT) + json,
                payload_length=len(LOAD) + load,
            )
            + after,
        )
        for json, load in product(range(-3, 4), repeat=2)
        for row, after in (("alone", b""), ("followed", frame(b"{}")))
    )
    yield from family(("HJP-FRM-15", "HJP-FRM-12"), "lengths-off-by", title, wrong)


def _signed(number: int) -> str:
    return f"minus-{-number}" if number < 0 else f"plus-{number}"


def _sequences() -> Iterator[DecodeCase]:
    title = "Frames after each other, right, wrong and cut off"
    found = (
        ("-".join(names), b"".join(LINKS[name] for name in names))
        for length in (1, 2, 3)
        for names in product(LINKS, repeat=length)
    )
    cited = ("HJP-ERR-15", "HJP-FRM-15")
    yield from family(cited, "sequence", title, found)
    good = ("good", "load")
    title = "Right frames after each other"
    right = (
        ("-".join(names), b"".join(LINKS[name] for name in names))
        for length in (4, 5, 6)
        for names in product(good, repeat=length)
    )
    yield from family(("HJP-FRM-15",), "sequence", title, right)


def _cut_off() -> Iterator[DecodeCase]:
    """Every frame of the sequences, and each single fault, ended at every octet."""
    whole = {
        "payload": FRAME,
        "rich": frame('{"é":"\\ud83d\\ude00€","n":[-1.5e+3,true,null]}'.encode(), LOAD),
        "bad-escape": frame(rb'{"a":"\u12x4","b":1}'),
        "bad-number": frame(b'{"a":1.e5,"b":[]}    '),
        "bad-utf8": frame(b'{"a":"\xe2\x28\xa1","b":1}'),
        "bad-names": frame(rb'{"a":1,"\u0061":2,"b":3}'),
        "bad-surrogate": frame(rb'{"a":"\ud800\ud800","b":3}     '),
        "bad-depth": frame(b'{"a":' + b"[" * 32 + b"1" + b"]" * 32 + b"}"),
        "bad-infinite": frame(b'{"a":1e309,"b":1}'),
        "bad-end": frame(b'{"a":[1,2}           '),
        "no-room": frame(b'{"a":[[[[1,2,3'),
        "bad-magic": frame(TEXT, magic=b"HJQ\xff"),
        "bad-version": frame(TEXT, version=7),
        "bad-reserved": frame(TEXT, reserved=b"\0\x40\0"),
        "too-long": frame(TEXT, json_length=0x00FF0000),
    }
    for name, octets in whole.items():
        title = f"A frame ({name.replace('-', ' ')}) ends after octet"
        cut = ((f"{end:03}", octets[:end]) for end in range(1, len(octets)))
        cited = ("HJP-FRM-14", "HJP-FRM-18")
        yield from family(cited, f"cut-{name}", title, cut)


def _reads() -> Iterator[DecodeCase]:
    """Every way to make three reads of two frames, and of a frame and a wrong one."""
    streams = {
        "two": frame(b"{}", b"H") + frame(b"{}"),
        "wrong": frame(b"{}") + b"HJP\xff\x02",
    }
    cited: Cited = ("HJP-FRM-14",)
    for name, octets in streams.items():
        for first, second in combinations(range(1, len(octets)), 2):
            yield DecodeCase(
                id=named(cited, f"reads-{name}", f"{first:02}-{second:02}"),
                title=f"Three reads of two frames ({name}), cut at {first} and {second}",
                requirements=cited,
                area=area_of(cited),
                generated=True,
                octets=octets,
                cuts=(first, second),
            )
