"""A codec as a sender: what it writes, and what it must not write."""

from collections.abc import Iterator, Mapping

from hjp_conformance.codec.curated import (
    depth,
    grammar,
    names,
    numbers,
    strings,
    unicode,
)
from hjp_conformance.codec.encoding import EncodeCase
from hjp_conformance.codec.rows import (
    Cited,
    area_of,
    member,
    named,
    titled,
    two_members,
)
from hjp_conformance.stimuli import ALL_OCTETS, frame, padded

PING = '{"id":1,"op":"ping"}'
JSON, LARGE, SHORT = ("bad_json",), ("too_large",), ("bad_frame",)

TEXTS = {
    "ping": PING,
    "least": "{}",
    "white-space": ' {"x" :\t1 ,\r\n"y": [ ] } '.strip() + " \n",
    "two-byte-characters": '{"é":"ü"}',
    "three-byte-characters": '{"€":"中文"}',
    "four-byte-characters": '{"\U0001f600":"\U0001f600"}',
    "escapes": r'{"\u0061":"\"\\\/\b\f\n\r\t\u0000\ud83d\ude00"}',
    "line-separators": '{"x":"\u2028\u2029\x85"}',
    "byte-order-mark-inside": '{"x":"\ufeff"}',
    "empty-name": '{"":""}',
    "names-of-special-meaning": '{"__proto__":{"constructor":1}}',
    "names-in-both-cases": '{"a":1,"A":2}',
    "all-kinds": '{"a":null,"b":true,"c":false,"d":0,"e":"","f":[],"g":{}}',
    "order-of-numbers-as-names": '{"2":1,"1":2,"b":3,"a":4}',
    "numbers": '{"x":[0,-0,1.5,-1e-5,1E+5,9007199254740993]}',
    "great-numbers": f'{{"x":[1e308,{2**1023}]}}',
    "thirty-two-levels": depth.arrays(32),
    "thirty-two-levels-of-objects": depth.objects(32),
    "nul-in-string": r'{"x":"a\u0000b"}',
    "many-digits": '{"x":1.%s}' % ("3" * 3000),
}
PAYLOADS = {
    "one-octet": b"\0",
    "text": b"hello",
    "every-octet": ALL_OCTETS,
    "frame": frame(PING),
    "line-feeds": b"\n\r\n",
    "second-octet-of-length": bytes(256),
    "both-octets-of-length": b"\xff" * 513,
    "below-the-limit": b"a" * 65_535,
    "at-the-limit": b"a" * 65_536,
}
FAR_FROM_LIMIT = 4_000
"""Characters of a text that stays below 65 536 octets in whatever way it is written."""
LIMITS = (0, 1, 2, 255, 256, 65_535, 65_536, 65_537, 200_000)
SIZES = (2, 3, 255, 256, 257, 4096, 65_535, 65_536)


def cases() -> Iterator[EncodeCase]:
    """All of encode."""
    yield from _written()
    yield from _lengths()
    yield from _after()
    yield from _limits()
    yield from _refused()
    yield from _two_faults()


def _encodes(
    cited: Cited,
    table: str,
    title: str,
    rows: Mapping[str, str],
    codes: tuple[str, ...] = (),
    payload: bytes = b"",
) -> Iterator[EncodeCase]:
    for row, text in rows.items():
        yield EncodeCase(
            id=named(cited, f"send-{table}", row),
            title=titled(title, row),
            requirements=cited,
            area=area_of(cited),
            json=text,
            payload=payload,
            codes=codes,
            writes=not codes,
        )


def _written() -> Iterator[EncodeCase]:
    yield from _encodes(
        ("HJP-FRM-1", "HJP-MET-1", "HJP-TST-16"), "text", "A frame is written", TEXTS
    )
    for row, load in PAYLOADS.items():
        title = "A frame with a payload is written"
        rows = {row: PING}
        yield from _encodes(
            ("HJP-FRM-1", "HJP-TST-16"), "payload", title, rows, payload=load
        )
    title = "Metadata of this form is written"
    for table, found in (
        ("grammar", grammar.ACCEPTED),
        ("different", _two(names.DIFFERENT)),
        ("depth", depth.ACCEPTED),
        ("point", {f"{one:06x}": f'{{"x":"{chr(one)}"}}' for one in unicode.POINTS}),
        ("surrogates", _inside(strings.SURROGATES)),
        ("escape", _inside(strings.ESCAPES)),
        ("number", _members(numbers.ACCEPTED)),
    ):
        rows = {row: text for row, text in found.items() if len(text) <= FAR_FROM_LIMIT}
        yield from _encodes(
            ("HJP-MET-1", "HJP-FRM-1", "HJP-TST-16"), table, title, rows
        )


def _lengths() -> Iterator[EncodeCase]:
    """In texts with the one space that some writers put there, no others."""
    for size in SIZES:
        long = '{"x": "%s"}' % ("a" * (size - 9))
        rows = {str(size): long if len(long) == size else padded("{}", size)}
        title = "A JSON text of this many octets is written"
        yield from _encodes(("HJP-FRM-1", "HJP-TST-16"), "json-length", title, rows)
    for size in (65_537, 65_538, 131_072):
        rows = {str(size): '{"x":"%s"}' % ("a" * (size - 8))}
        title = "A JSON text of more than 65 536 octets is not written"
        yield from _encodes(("HJP-FRM-19",), "json-length", title, rows, LARGE)
    title = "Octets are counted, not characters: a longer JSON text is not written"
    rows = {"characters": '{"x":"%s"}' % ("\u20ac" * 30_000)}
    yield from _encodes(("HJP-FRM-19",), "json-length", title, rows, LARGE)
    for row, size in (("65537", 65_537), ("131072", 131_072)):
        cited: Cited = ("HJP-FRM-19",)
        yield EncodeCase(
            id=named(cited, "send-space", row),
            title=f"White space beyond 65 536 octets is left out or refused: {row}",
            requirements=cited,
            area=area_of(cited),
            json=padded('{"x":1}', size),
            codes=LARGE,
        )


AFTER = {
    "the-same": ((PING, b""),),
    "a-longer-text": (('{"x":"%s"}' % ("y" * 500), b""),),
    "a-payload": ((PING, b"z" * 500),),
    "a-longer-text-and-payload": (('{"x":"%s"}' % ("y" * 500), b"z" * 500),),
    "a-refusal": (("[]", b"z"),),
    "many": ((PING, b"z"), ("{}", b""), ('{"a":1}', b"zz")),
}


def _after() -> Iterator[EncodeCase]:
    cited: Cited = ("HJP-TST-3", "HJP-TST-16")
    for row, before in AFTER.items():
        yield EncodeCase(
            id=named(cited, "send-after", row),
            title=f"A frame is written after others as if it were the first: {row}",
            requirements=cited,
            area=area_of(cited),
            json=PING,
            payload=b"p",
            before=before,
        )


def _limits() -> Iterator[EncodeCase]:
    for limit in LIMITS:
        for row, size in (("below", limit - 1), ("at", limit), ("above", limit + 1)):
            if size < 0:
                continue
            cited: Cited = (
                ("HJP-FRM-1", "HJP-TST-16") if size <= limit else ("HJP-FRM-19",)
            )
            told = "is written" if size <= limit else "is not written"
            yield EncodeCase(
                id=named(cited, f"send-max-payload-{limit}", row),
                title=f"A payload of {size} octets {told} for a max_payload of {limit}",
                requirements=cited,
                area=area_of(cited),
                json=PING,
                payload=b"z" * size,
                max_payload=limit,
                codes=() if size <= limit else LARGE,
                writes=size <= limit,
            )


def _refused() -> Iterator[EncodeCase]:
    cited: Cited = ("HJP-FRM-19", "HJP-MET-1")
    title = "A text that a receiver refuses is not written"
    controls = {f"{one:02x}": chr(one) for one in (0, 1, 8, 9, 10, 13, 27, 31)}
    for table, rows in (
        ("first-octet", {row: _text(one) for row, one in grammar.FIRST_OCTET.items()}),
        ("value", _members(grammar.VALUES_REFUSED)),
        ("object", grammar.TEXTS_REFUSED),
        ("not-number", _members(numbers.REFUSED)),
        ("infinite", _members(numbers.INFINITE)),
        ("same", _two(names.SAME)),
        ("depth", depth.REFUSED),
        ("lone", _inside(strings.LONE)),
        ("not-escape", _inside(strings.ESCAPES_REFUSED)),
        ("control", _inside(controls)),
    ):
        yield from _encodes(cited, table, title, rows, JSON)
    raw = {
        "first": "\ud800",
        "second": "\udfff",
        "two": "\udc00\ud800",
        "in-text": "a\udbffb",
    }
    title = "A text with half a pair cannot be written in UTF-8"
    yield from _encodes(cited, "half", title, _inside(raw), JSON)
    title = "A text of fewer than two octets is not written"
    for row, text in {"empty": "", "brace": "{", "digit": "1", "space": " "}.items():
        codes = (*SHORT, *JSON)
        yield from _encodes(("HJP-FRM-19",), "short", title, {row: text}, codes)


def _two_faults() -> Iterator[EncodeCase]:
    """The code of any of them is right."""
    title = "A frame with two faults is not written"
    cited: Cited = ("HJP-FRM-19",)
    for row, text, load, codes in (
        ("text-and-payload", "[]", bytes(65_537), (*JSON, *LARGE)),
        ("long-text-and-grammar", padded("{x}", 65_537), b"", (*JSON, *LARGE)),
        ("short-text-and-payload", "{", bytes(65_537), (*SHORT, *JSON, *LARGE)),
        ("both-too-large", padded("{,}", 65_537), bytes(65_537), (*JSON, *LARGE)),
    ):
        rows = {row: text}
        yield from _encodes(cited, "faults", title, rows, codes, load)


def _two(rows: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    return {row: two_members(*two) for row, two in rows.items()}


def _members(rows: Mapping[str, str]) -> dict[str, str]:
    return {row: member(value).decode() for row, value in rows.items()}


def _inside(rows: Mapping[str, str]) -> dict[str, str]:
    return {row: f'{{"x":"{inside}"}}' for row, inside in rows.items()}


def _text(given: str | bytes) -> str:
    return given if isinstance(given, str) else given.decode()
