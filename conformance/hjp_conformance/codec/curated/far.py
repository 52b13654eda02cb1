"""What shows only late: in later frames, far inside long texts, in many chunks."""

from collections.abc import Iterator

from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.rows import (
    Cited,
    accepted,
    accepts,
    area_of,
    decodes,
    incomplete,
    named,
    refused,
    refuses,
    strings,
    titled,
)
from hjp_conformance.stimuli import frame, padded
from hjp_spec.registry import MAGIC

PING = '{"id":1,"op":"ping"}'
GOOD = frame(PING)
LONG = 65_536

HEADERS = {
    "reserved": (
        frame("", json_length=2, reserved=b"\0\0\1"),
        "bad_frame",
        "HJP-FRM-7",
    ),
    "json-length-1": (frame("", json_length=1), "bad_frame", "HJP-FRM-8"),
    "json-length-65537": (frame("", json_length=65_537), "too_large", "HJP-FRM-9"),
    "payload-length": (
        frame("", json_length=2, payload_length=65_537),
        "too_large",
        "HJP-FRM-10",
    ),
}
WRONG_TEXTS = {
    "grammar": ('{"x":1,}', "HJP-MET-4"),
    "equal-names": ('{"x":1,"x":2}', "HJP-MET-6"),
    "equal-names-by-escape": ('{"x":1,"\\u0078":2}', "HJP-MET-6"),
    "equal-names-inside": ('{"a":[{"x":1,"x":2}]}', "HJP-MET-6"),
    "surrogate": ('{"x":"\\ud800"}', "HJP-MET-9"),
    "infinite": ('{"x":1e999}', "HJP-MET-11"),
    "too-deep": ('{"x":' + "[" * 32 + "]" * 32 + "}", "HJP-MET-12"),
    "long": (padded('{"x":1,"x":2}', 5_000), "HJP-MET-6"),
    "longest": (padded('{"x":1,"x":2}', LONG), "HJP-MET-6"),
}
ENCODINGS = {
    "utf-16": "HJP-MET-2",
    "utf-16-le": "HJP-MET-4",
    "utf-16-be": "HJP-MET-3",
    "utf-32": "HJP-MET-2",
    "utf-32-le": "HJP-MET-4",
}
"""What each breaks first: a mark, a NUL after the brace, a NUL before it."""
LENGTHS = {
    "payload-length": '{"payload_length":3}',
    "payload-length-of-none": '{"payload_length":0,"length":0}',
    "length": '{"length":3,"len":3,"size":3}',
    "json-length": '{"json_length":9,"max_payload":3}',
    "content-length": '{"Content-Length":3,"content_length":3}',
}
MARKS = {
    "utf-8": b"\xef\xbb\xbfpayload",
    "utf-16-little": b"\xff\xfep\0",
    "utf-16-big": b"\xfe\xff\0p",
    "zeros": b"\0\0payload\0\0",
    "spaces": b" \r\n payload \r\n ",
}
NO_UTF_8 = {
    "4-kib": b"\xff".rjust(4_100, b"a"),
    "32-kib": b"\xc0\xaf".rjust(33_000, b"a"),
    "at-the-end": b"\xed\xa0\x80".rjust(65_000, b"a"),
    "after-characters": "€".encode() * 2_000 + b"\x80",
}
MANY = {
    "string-of-32767": "a" * 32_767,
    "string-of-32768": "a" * 32_768,
    "string-of-65000": "a" * 65_000,
    "characters": "\u20ac" * 21_000,
    "escapes": "\\n" * 32_000,
    "solidus-escapes": "\\/" * 100,
}


def cases() -> Iterator[DecodeCase]:
    """Each is a case of its own chapter."""
    yield from _later()
    yield from _payload_pending()
    yield from _texts()
    yield from _payloads()
    yield from _chunks()


def _later() -> Iterator[DecodeCase]:
    """The second frame is judged as soon as the first one is."""
    for row, (octets, code, id_) in {
        "magic": (b"HJP\0\1", "bad_magic", "HJP-FRM-2"),
        "http": (b"GET /", "bad_magic", "HJP-FRM-2"),
        "version": (MAGIC + b"\x02", "bad_version", "HJP-FRM-4"),
    }.items():
        title = "Five octets of a later frame are enough to refuse it"
        rows = {row: (GOOD + octets, refused(code, id_, PING))}
        yield from decodes(("HJP-FRM-5", id_), "later-head", title, rows)
    for row, (octets, code, id_) in HEADERS.items():
        title = "Sixteen octets of a later frame are enough to refuse it"
        rows = {row: (GOOD + octets, refused(code, id_, PING))}
        yield from decodes(("HJP-FRM-11", id_), "later-header", title, rows)
    title = "Each frame is given when its last octet has come"
    rows = {
        str(count): (GOOD * count, accepted(*[PING] * count)) for count in (2, 3, 10)
    }
    rows["payload"] = (frame(PING, b"x") * 2, accepted((PING, b"x"), (PING, b"x")))
    yield from decodes(("HJP-FRM-17", "HJP-FRM-15"), "later-frame", title, rows)
    deep = '{"x":' + "[" * 31 + "]" * 31 + "}"
    title = "Depth is counted anew in each frame"
    rows = {"deep": (frame(deep) * 3, accepted(deep, deep, deep))}
    yield from decodes(("HJP-MET-13", "HJP-FRM-15"), "later-depth", title, rows)
    wide = '{"x":"\u20ac\U0001f600\u00e9"}'
    title = "A text of characters that take several octets, then another frame"
    rows = {"text": (frame(wide) + GOOD, accepted(wide, PING))}
    yield from decodes(("HJP-FRM-15", "HJP-TST-15"), "after-wide", title, rows)


def _payload_pending() -> Iterator[DecodeCase]:
    """A text is judged without its payload, however long either is."""
    for size in (1, 16, 5_000, LONG):
        title = f"A wrong JSON text is refused before its payload of {size} octets"
        for row, (text, id_) in WRONG_TEXTS.items():
            octets = frame(text, payload_length=size)
            rows = {row: (octets, refused("bad_json", id_))}
            yield from decodes(("HJP-MET-14", id_), f"pending-{size}", title, rows)
    title = "A wrong JSON text of a later frame is refused before its payload"
    for row, (text, id_) in WRONG_TEXTS.items():
        octets = GOOD + frame(text, payload_length=9)
        rows = {row: (octets, refused("bad_json", id_, PING))}
        yield from decodes(("HJP-MET-14", id_), "later-pending", title, rows)
    title = "A right JSON text without its payload is incomplete"
    rows = {"right": (frame(PING, payload_length=9), incomplete())}
    yield from decodes(("HJP-MET-14", "HJP-TST-15"), "pending", title, rows)


def _texts() -> Iterator[DecodeCase]:
    title = "A string that is not UTF-8 far from its start is refused"
    yield from refuses(("HJP-MET-2",), "far", title, strings(NO_UTF_8))
    title = "A JSON text in another encoding is refused"
    for name, id_ in ENCODINGS.items():
        rows = {name: PING.encode(name)}
        cited = tuple(dict.fromkeys((id_, "HJP-MET-2")))
        yield from refuses(cited, "encoding", title, rows)
    title = "Equal names are found at every depth"
    deep = {
        str(depth): '{"x":' * (depth - 1) + '{"a":1,"a":2}' + "}" * (depth - 1)
        for depth in range(2, 33)
    }
    yield from refuses(("HJP-MET-6",), "at-depth", title, deep)
    title = "A long string is accepted"
    yield from accepts(("HJP-MET-10", "HJP-FRM-12"), "long", title, strings(MANY))
    title = "Strings that are long together are accepted"
    together = {"two": '{"x":"' + "a" * 32_000 + '","y":"' + "b" * 33_000 + '"}'}
    yield from accepts(("HJP-MET-10", "HJP-FRM-12"), "together", title, together)
    title = "An object of so many members is accepted"
    wide = {
        str(count): "{" + ",".join(f'"m{one}":1' for one in range(count)) + "}"
        for count in (255, 256, 257, 1_000, 1_001, 5_000)
    }
    yield from accepts(("HJP-MET-10", "HJP-FRM-12"), "members", title, wide)
    title = "Names that differ in one character are different names"
    names = {
        "dashes": '{"a-b":1,"a_b":2,"a.b":3,"a b":4,"ab":5}',
        "zero-and-o": '{"a0":1,"aO":2,"ao":3}',
        "digits": '{"1":1,"01":2,"1.0":3}',
        "width": '{"a":1,"\uff41":2}',
        "soft-hyphen": '{"ab":1,"a\u00adb":2,"a\u200bb":3}',
    }
    yield from accepts(("HJP-MET-8",), "one-character", title, names)


def _payloads() -> Iterator[DecodeCase]:
    title = "A payload is taken from its first octet to its last"
    rows = {
        row: (frame(PING, load) + GOOD, accepted((PING, load), PING))
        for row, load in MARKS.items()
    }
    yield from decodes(("HJP-FRM-16", "HJP-FRM-15"), "marked", title, rows)
    title = "No member of the metadata says how long the frame is"
    rows = {
        row: (frame(text, b"12345") + GOOD, accepted((text, b"12345"), PING))
        for row, text in LENGTHS.items()
    }
    yield from decodes(("HJP-FRM-15", "HJP-MET-16"), "member", title, rows)


def _chunks() -> Iterator[DecodeCase]:
    """Many chunks, and long ones."""
    load = bytes(range(256)) * 20
    octets = frame(PING, load)
    long = bytes(200_000)
    for row, cuts, asked, parts, limit in (
        ("every-octet", range(1, len(octets)), octets, [(PING, load)], LONG),
        ("of-a-text", range(1, 3_016), frame(padded(PING, 3_000)),
         [padded(PING, 3_000)], LONG),
        ("long", (), frame(PING, long) + GOOD, [(PING, long), PING], 200_000),
    ):  # fmt: skip
        cited: Cited = ("HJP-FRM-14", "HJP-TST-4")
        yield DecodeCase(
            id=named(cited, "chunks", row),
            title=titled("Many chunks, or a long one, are the same octets", row),
            requirements=cited,
            area=area_of(cited),
            octets=asked,
            cuts=cuts,
            max_payload=limit,
            outcome=accepted(*parts),
        )
