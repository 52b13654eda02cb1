"""Frames after each other, payloads that look like frames, and fresh starts."""

from collections.abc import Iterator

from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.rows import (
    Cited,
    accepted,
    area_of,
    decodes,
    incomplete,
    named,
    refused,
)
from hjp_conformance.stimuli import ALL_OCTETS, frame
from hjp_spec.registry import MAGIC

PING = '{"id":1,"op":"ping"}'
ECHO = '{"id":2,"op":"echo"}'

PAYLOADS = {
    "magic": MAGIC,
    "half-a-magic": MAGIC[:2],
    "magic-many-times": MAGIC * 50,
    "header": frame(PING)[:16],
    "frame": frame(PING),
    "frame-with-payload": frame(ECHO, b"abc"),
    "two-frames": frame(PING) + frame(ECHO),
    "frame-cut-off": frame(PING)[:-1],
    "bad-magic": frame(PING, magic=b"HJP\0"),
    "other-version": MAGIC + b"\x02",
    "reserved-octet": frame(PING, reserved=b"\1\0\0"),
    "json-too-large": frame("{}", json_length=2**32 - 1),
    "json": PING.encode(),
    "bad-json": b'{"x":',
    "not-utf-8": b"\xff\xfe\x80\xc0",
    "nul": b"\0",
    "nuls": bytes(300),
    "ff": b"\xff" * 300,
    "line-feed": b"\n",
    "crlf": b"\r\n",
    "end-of-file": b"\x1a\x04",
    "line-separator": "\u2028\u2029".encode(),
    "every-octet": ALL_OCTETS,
    "every-octet-backwards": ALL_OCTETS[::-1],
    "http": b"GET / HTTP/1.1\r\n\r\n",
    "quote": b'"}',
    "braces": b"}}}}",
}

BETWEEN = {
    "line-feed": b"\n",
    "crlf": b"\r\n",
    "nul": b"\0",
    "space": b" ",
    "zeros": bytes(8),
    "brace": b"}",
    "half-a-magic": MAGIC[:2],
}

BAD = {
    "magic": (frame(PING, magic=b"XJP\xff"), "bad_magic", "HJP-FRM-2"),
    "version": (frame(PING, version=3), "bad_version", "HJP-FRM-4"),
    "reserved": (frame(PING, reserved=b"\0\1\0"), "bad_frame", "HJP-FRM-7"),
    "json-short": (frame("", json_length=0), "bad_frame", "HJP-FRM-8"),
    "json-long": (frame("", json_length=65_537), "too_large", "HJP-FRM-9"),
    "payload-long": (frame("{}", payload_length=65_537), "too_large", "HJP-FRM-10"),
    "utf-8": (frame(b'{"x":"\xff"}'), "bad_json", "HJP-MET-2"),
    "text": (frame("[]"), "bad_json", "HJP-MET-3"),
    "grammar": (frame("{,}"), "bad_json", "HJP-MET-4"),
    "names": (frame('{"x":1,"x":1}'), "bad_json", "HJP-MET-6"),
    "surrogate": (frame('{"x":"\\udfff"}'), "bad_json", "HJP-MET-9"),
    "infinite": (frame('{"x":1e999}'), "bad_json", "HJP-MET-11"),
    "depth": (frame('{"x":' + "[" * 32 + "]" * 32 + "}"), "bad_json", "HJP-MET-12"),
}


def cases() -> Iterator[DecodeCase]:
    """All of streams."""
    yield from _payloads()
    yield from _many()
    yield from _faults()
    yield from _fresh()


def _payloads() -> Iterator[DecodeCase]:
    alone = {
        row: (frame(ECHO, load), accepted((ECHO, load)))
        for row, load in PAYLOADS.items()
    }
    title = "A payload of any octets is accepted"
    yield from decodes(("HJP-FRM-16",), "payload", title, alone)
    followed = {
        row: (frame(ECHO, load) + frame(PING), accepted((ECHO, load), PING))
        for row, load in PAYLOADS.items()
    }
    yield from decodes(
        ("HJP-FRM-16", "HJP-FRM-15"),
        "payload-then-frame",
        "The frame after a payload of any octets is accepted",
        followed,
    )
    after_text = {
        f"{octet:02x}": (
            frame(PING, bytes([octet])) + frame(PING),
            accepted((PING, bytes([octet])), PING),
        )
        for octet in (0, 9, 10, 13, 32, 44, 72, 93, 123, 125, 127, 128, 255)
    }
    title = "A payload of one octet is no part of the text before or the frame after"
    yield from decodes(("HJP-FRM-16", "HJP-FRM-15"), "payload-octet", title, after_text)


def _many() -> Iterator[DecodeCase]:
    counted = {
        str(count): (frame(PING) * count, accepted(*[PING] * count))
        for count in (2, 3, 10, 100, 1000)
    }
    title = "Frames in one read are accepted one by one"
    yield from decodes(("HJP-FRM-15", "HJP-FRM-14"), "frames", title, counted)
    mixed = [(f'{{"id":{n}}}', bytes([n]) * (n % 5)) for n in range(40)]
    octets = b"".join(frame(text, load) for text, load in mixed)
    lying = '{"payload_length":5,"json_length":9,"length":1000,"size":0}'
    others = {
        "of-all-sizes": (octets, accepted(*mixed)),
        "with-lengths-in-the-text": (frame(lying) + frame(PING), accepted(lying, PING)),
        "of-the-same-id": (frame(PING) + frame(PING), accepted(PING, PING)),
        "that-no-server-takes": (
            frame('{"ok":7}') + frame("{}"),
            accepted('{"ok":7}', "{}"),
        ),
        "none": (b"", accepted()),
    }
    yield from decodes(("HJP-FRM-15",), "frames", "Frames are told apart", others)


def _faults() -> Iterator[DecodeCase]:
    for row, (octets, code, broken) in BAD.items():
        after = (PING, (ECHO, b"xyz"))
        good = frame(PING) + frame(ECHO, b"xyz")
        yield from decodes(
            (broken, "HJP-FRM-17"),
            f"after-frames-{row}",
            f"Frames before one that is refused with {code} are kept",
            {
                "one": (frame(PING) + octets, refused(code, broken, PING)),
                "two": (good + octets, refused(code, broken, *after)),
                "two-then-one": (
                    good + octets + frame(PING),
                    refused(code, broken, *after),
                ),
                "fifty": (
                    frame(PING) * 50 + octets,
                    refused(code, broken, *[PING] * 50),
                ),
            },
        )
    between = {
        row: (
            frame(PING) + octets + frame(PING),
            refused("bad_magic", "HJP-FRM-2", PING),
        )
        for row, octets in BETWEEN.items()
    }
    yield from decodes(
        ("HJP-FRM-2", "HJP-FRM-3", "HJP-FRM-15"),
        "between-frames",
        "Octets between two frames are refused",
        between,
    )
    at_end = {
        row: (frame(PING) + octets, incomplete(PING, early="bad_magic"))
        for row, octets in BETWEEN.items()
        if len(octets) < 5 and not MAGIC.startswith(octets)
    }
    yield from decodes(
        ("HJP-FRM-15", "HJP-FRM-18"),
        "after-last-frame",
        "Fewer than five octets after a frame are no error yet, but one for certain",
        at_end,
    )


def _fresh() -> Iterator[DecodeCase]:
    """What was decoded before, and how it ended, is forgotten."""
    before = {row: octets for row, (octets, _, _) in BAD.items()} | {
        "half-a-magic": MAGIC[:2],
        "half-a-header": frame(PING)[:9],
        "header": frame(PING)[:16],
        "half-a-text": frame(PING)[:20],
        "half-a-payload": frame(ECHO, b"abcdef")[:-3],
        "frame": frame(PING),
        "frame-and-a-half": frame(PING) + frame(ECHO)[:20],
        "names": frame('{"id":1,"op":"ping","id":1}'),
    }
    after = {
        "frame": (frame(PING), accepted(PING)),
        "nothing": (b"", accepted()),
        "rest": (frame(PING)[-4:] + b"x", refused("bad_magic", "HJP-FRM-2")),
    }
    cited: Cited = ("HJP-TST-3",)
    for row, octets in before.items():
        for then, (stimulus, outcome) in after.items():
            yield DecodeCase(
                id=named(cited, "fresh", f"{row}-then-{then}"),
                title=f"A decode forgets the one before: {row}, then {then}",
                requirements=(*cited, "HJP-FRM-2") if outcome.code else cited,
                area=area_of(cited),
                octets=stimulus,
                before=octets,
                outcome=outcome,
            )
