"""The testee itself: its lines, and how it ends (HJP-TST-1 to HJP-TST-6)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hjp_conformance.codec.case import CodecCase
from hjp_conformance.codec.conversation import EndCase, LinesCase, Question
from hjp_conformance.codec.rows import Cited, area_of, named, titled
from hjp_conformance.stimuli import frame
from hjp_spec.registry import DEFAULT_MAX_PAYLOAD

PING = '{"id":1,"op":"ping"}'
GOOD = frame(PING)
SEPARATORS = "\u2028\u2029\x85"
"""What some line readers take for an end of a line, and JSON may hold."""


def line(request: Any, **shape: Any) -> bytes:
    """A request as a line."""
    return json.dumps(request, **shape).encode() + b"\n"


def decode(octets: bytes, /, **members: Any) -> dict[str, Any]:
    """A request to decode octets in one chunk."""
    return {"cmd": "decode", "chunks": [octets.hex()], **members}


def encode(text: str = PING, /, **members: Any) -> dict[str, Any]:
    """A request to encode."""
    return {"cmd": "encode", "json": text, "payload": "", **members}


def accepts(text: str = PING, payload: bytes = b"") -> tuple[tuple[str, Any], ...]:
    """The members of an answer that accepts one frame."""
    told = {"json": text, "payload": payload.hex()}
    size = len(frame(text, payload))
    return (("status", "accept"), ("frames", [told]), ("consumed", size))


def ends(status: str, code: str | None = None) -> tuple[tuple[str, Any], ...]:
    """The members of an answer without a frame."""
    told: tuple[tuple[str, Any], ...] = (("code", code),) if code else ()
    return (("status", status), *told, ("frames", []), ("consumed", 0))


WRITTEN = (("status", "ok"),)
DESCRIBE = Question(line({"cmd": "describe"}), "describe")
RESET = Question(line({"cmd": "reset"}), "reset")
DECODE = Question(line(decode(GOOD)), "decode", accepts())
ENCODE = Question(line(encode()), "encode", WRITTEN)
JSON_ALONE = Question(line({"cmd": "encode", "json": PING}), "encode", WRITTEN)
HALF = Question(line(decode(GOOD[:-3])), "decode", ends("incomplete"))
REFUSED = Question(line(decode(frame("[]"))), "decode", ends("reject", "bad_json"))
TOO_DEEP = Question(
    line(decode(frame('{"x":' + "[" * 32 + "]" * 32 + "}"))),
    "decode",
    ends("reject", "bad_json"),
)
DEEP = '{"x":' + "[" * 31 + "]" * 31 + "}"
AS_DEEP = Question(line(decode(frame(DEEP))), "decode", accepts(DEEP))
NOTHING = Question(line({"cmd": "decode", "chunks": []}), "decode", ends("accept"))
SHARED = {"decode": "HJP-TST-15", "encode": "HJP-TST-16"}
"""What every answer to a command is about as well."""
BARRIERS = {"decode": DECODE, "describe": DESCRIBE}

NOT_JSON = {
    "empty": b"\n",
    "spaces": b"   \n",
    "word": b"hello\n",
    "cut-off": b'{"cmd":"reset"\n',
    "single-quotes": b"{'cmd':'reset'}\n",
    "trailing-comma": b'{"cmd":"reset",}\n',
    "two-objects": b'{"cmd":"reset"}{"cmd":"reset"}\n',
    "octet-ff": b"\xff\n",
    "not-utf-8-in-string": b'{"cmd":"reset","x":"\xff"}\n',
    "nul": b"\0\n",
    "long": b"x" * 100_000 + b"\n",
    "open-brackets": b"[" * 50 + b"\n",
    "lone-brace": b"}\n",
}
NOT_REQUESTS: Mapping[str, Any] = {
    "array": ["reset"],
    "string": "reset",
    "number": 7,
    "null": None,
    "true": True,
    "empty-object": {},
    "no-cmd": {"chunks": []},
    "cmd-null": {"cmd": None},
    "cmd-number": {"cmd": 1},
    "cmd-array": {"cmd": ["reset"]},
    "cmd-object": {"cmd": {"cmd": "reset"}},
    "cmd-unknown": {"cmd": "frobnicate"},
    "cmd-empty": {"cmd": ""},
    "cmd-in-capitals": {"cmd": "RESET"},
    "cmd-with-space": {"cmd": "reset "},
    "cmd-of-some-language": {"cmd": "__class__"},
    "cmd-of-another": {"cmd": "constructor"},
    "cmd-and-proto": {"cmd": "__proto__"},
    "cmd-to-string": {"cmd": "toString"},
    "name-in-capitals": {"CMD": "reset"},
}
NOT_DECODES: Mapping[str, Any] = {
    "no-chunks": {},
    "chunks-null": {"chunks": None},
    "chunks-string": {"chunks": GOOD.hex()},
    "chunks-empty-string": {"chunks": ""},
    "chunks-number": {"chunks": 0},
    "chunks-object": {"chunks": {}},
    "chunks-true": {"chunks": True},
    "chunk-null": {"chunks": [None]},
    "chunk-number": {"chunks": [48]},
    "chunk-array": {"chunks": [["48"]]},
    "chunk-object": {"chunks": [{}]},
    "odd-digits": {"chunks": ["484"]},
    "one-digit": {"chunks": ["4"]},
    "no-digit": {"chunks": ["4g"]},
    "prefix": {"chunks": ["0x48"]},
    "space-inside": {"chunks": ["48 4a"]},
    "space-before": {"chunks": [" 48"]},
    "space-after": {"chunks": ["48 "]},
    "line-feed-after": {"chunks": ["48\n"]},
    "line-feed-inside": {"chunks": ["48\n4a"]},
    "only-spaces": {"chunks": ["  "]},
    "minus": {"chunks": ["-1"]},
    "underscore": {"chunks": ["4_8a"]},
    "full-width-digits": {"chunks": ["\uff14\uff18"]},
    "arabic-digits": {"chunks": ["\u0664\u0668"]},
    "nul": {"chunks": ["4\u0000"]},
    "second-chunk": {"chunks": [GOOD.hex(), "zz"]},
    "chunk-after-a-fault": {"chunks": ["00" * 16, "4"]},
    "max-payload-null": {"chunks": [], "max_payload": None},
    "max-payload-string": {"chunks": [], "max_payload": "10"},
    "max-payload-minus-one": {"chunks": [], "max_payload": -1},
    "max-payload-too-large": {"chunks": [], "max_payload": 2**32},
    "max-payload-fraction": {"chunks": [], "max_payload": 1.5},
    "max-payload-true": {"chunks": [], "max_payload": True},
    "max-payload-array": {"chunks": [], "max_payload": [10]},
    "max-payload-of-twenty-digits": {"chunks": [], "max_payload": 10**20},
}
NOT_ENCODES: Mapping[str, Any] = {
    "no-json": {"payload": ""},
    "json-null": {"json": None},
    "json-object": {"json": {"id": 1}},
    "json-number": {"json": 1},
    "json-array": {"json": ["{}"]},
    "payload-null": {"json": "{}", "payload": None},
    "payload-number": {"json": "{}", "payload": 0},
    "payload-array": {"json": "{}", "payload": []},
    "payload-odd-digits": {"json": "{}", "payload": "6"},
    "payload-no-digit": {"json": "{}", "payload": "hi"},
    "payload-space": {"json": "{}", "payload": "68 69"},
    "max-payload-null": {"json": "{}", "max_payload": None},
    "max-payload-string": {"json": "{}", "max_payload": "0"},
    "max-payload-minus-one": {"json": "{}", "max_payload": -1},
    "max-payload-too-large": {"json": "{}", "max_payload": 2**32},
}
UNKNOWN: Mapping[str, Any] = {
    "note": {"note": "hello"},
    "null": {"x": None},
    "nested": {"x": [{"y": [1.5, -1e300, True, ""]}]},
    "names-of-replies": {
        "status": "error",
        "code": "bad_json",
        "frames": [],
        "consumed": 1,
    },
    "names-of-languages": {"__proto__": 1, "constructor": 2, "self": 3, "request": 4},
    "names-of-arguments": {"octets": "00", "timeout": 0, "args": [], "kwargs": {}},
    "case": {"Cmd": "reset", "Chunks": 1, "MAX_PAYLOAD": "x", "JSON": 1},
    "empty-name": {"": 0},
    "many": {f"m{n}": n for n in range(200)},
    "separators": {SEPARATORS: SEPARATORS},
}


def cases() -> Iterator[CodecCase]:
    """All about the lines of a testee."""
    yield from _answered()
    yield from _errors()
    yield from _fresh()
    yield from _chunks()
    yield from _default_limit()
    yield from _unknown()
    yield from _line_ends()
    yield from _ends()


def _lines(
    cited: Cited,
    table: str,
    title: str,
    rows: Mapping[str, Sequence[Question]],
    *,
    together: bool = True,
) -> Iterator[LinesCase]:
    for row, questions in rows.items():
        yield LinesCase(
            id=named(cited, table, row),
            title=titled(title, row),
            requirements=cited,
            area=area_of(cited),
            questions=tuple(questions),
            together=together,
        )


def _answered() -> Iterator[CodecCase]:
    all_ = (DESCRIBE, RESET, DECODE, ENCODE, HALF, REFUSED, NOTHING)
    rows = {
        "describe": [DESCRIBE],
        "reset": [RESET],
        "decode": [DECODE],
        "encode": [ENCODE],
        "encode-without-payload": [JSON_ALONE],
        "all": all_,
        "all-backwards": all_[::-1],
        "all-many-times": all_ * 30,
        "same-many-times": [RESET] * 200,
        "long-then-short": [_long(500_000), RESET, DECODE],
        "line-of-four-megabytes": [_long(2_000_000)],
    }
    title = "Lines written at once are answered one by one, in order"
    yield from _lines(("HJP-TST-1",), "answered", title, rows)
    rows = {"all": all_, "describe-twice": [DESCRIBE, DESCRIBE], "decode": [DECODE] * 5}
    title = "Each line is answered before the next one is written"
    yield from _lines(("HJP-TST-1",), "flushed", title, rows, together=False)


def _long(size: int) -> Question:
    load = b"\xa5" * size
    asked = line(decode(frame(PING, load), max_payload=size))
    return Question(asked, "decode", accepts(PING, load))


def _errors() -> Iterator[CodecCase]:
    """A bad line and a good one at once: two answers, an error and a right one."""
    bad = dict(NOT_JSON)
    bad |= {row: line(request) for row, request in NOT_REQUESTS.items()}
    for table, command, requests in (
        ("decode", "decode", NOT_DECODES),
        ("encode", "encode", NOT_ENCODES),
    ):
        for row, request in requests.items():
            bad[f"{table}-{row}"] = line({"cmd": command, **request})
    title = (
        "A line without sense is answered with an error, and the next one is answered"
    )
    for name, barrier in BARRIERS.items():
        rows = {row: (Question(one, "error"), barrier) for row, one in bad.items()}
        yield from _lines(("HJP-TST-2",), f"error-then-{name}", title, rows)
    many = [Question(one, "error") for one in bad.values()]
    title = "Lines without sense are answered one by one"
    yield from _lines(
        ("HJP-TST-2", "HJP-TST-1"), "errors", title, {"all": (*many, DECODE)}
    )


def _fresh() -> Iterator[CodecCase]:
    small = Question(line(decode(GOOD, max_payload=0)), "decode", accepts())
    payload = frame(PING, b"x" * 100)
    default = Question(line(decode(payload)), "decode", accepts(PING, b"x" * 100))
    error = Question(line({"cmd": "decode", "chunks": [GOOD[:9].hex(), "x"]}), "error")
    rows = {
        "after-half-a-frame": [HALF, DECODE],
        "after-a-refusal": [REFUSED, DECODE],
        "after-a-refusal-and-reset": [REFUSED, RESET, DECODE],
        "after-half-a-frame-and-reset": [HALF, RESET, DECODE],
        "encode-after-half-a-frame": [HALF, ENCODE, DECODE],
        "encode-after-a-refusal": [REFUSED, ENCODE],
        "after-encode": [ENCODE, DECODE, ENCODE],
        "after-a-bad-second-chunk": [error, DECODE],
        "after-another-limit": [small, default],
        "after-another-limit-and-a-refusal": [
            Question(
                line(decode(payload, max_payload=99)),
                "decode",
                ends("reject", "too_large"),
            ),
            default,
        ],
        "after-many-that-are-too-deep": [*[TOO_DEEP] * 40, AS_DEEP],
        "encode-after-another-limit": [
            small,
            Question(line(encode(payload="00" * 100)), "encode", WRITTEN),
        ],
    }
    title = "A command starts from a fresh state"
    yield from _lines(("HJP-TST-3",), "fresh", title, rows)


def _chunks() -> Iterator[CodecCase]:
    two = GOOD + frame("{}", b"ab")
    told = [{"json": PING, "payload": ""}, {"json": "{}", "payload": "6162"}]
    right = (("status", "accept"), ("frames", told), ("consumed", len(two)))
    octets = [bytes([one]) for one in two]
    found = {
        "one": [two.hex()],
        "two": [two[:20].hex(), two[20:].hex()],
        "single-octets": [one.hex() for one in octets],
        "empty-between": [piece for one in octets for piece in (one.hex(), "")],
        "empty-around": ["", "", two.hex(), "", ""],
        "frames": [GOOD.hex(), two[len(GOOD) :].hex()],
        "capital-digits": [two.hex().upper()],
        "mixed-digits": [two.hex().replace("a", "A"), ""],
    }
    rows = {
        row: [Question(line({"cmd": "decode", "chunks": chunks}), "decode", right)]
        for row, chunks in found.items()
    }
    spaced = line(
        {"cmd": "decode", "chunks": [two[:20].hex(), "", two[20:].hex()]},
        separators=(" \t, ", " : "),
    )
    spaced = spaced.replace(b"[", b"[ \r ").replace(b"]", b" \t]")
    rows["white-space-between"] = [Question(spaced, "decode", right)]
    rows["none"] = [NOTHING]
    empty = line({"cmd": "decode", "chunks": ["", ""]})
    rows["only-empty"] = [Question(empty, "decode", ends("accept"))]
    rows["end-inside-a-frame"] = [HALF]
    greatest = line(decode(two, max_payload=2**32 - 1))
    rows["greatest-limit"] = [Question(greatest, "decode", right)]
    title = "Chunks are fed one by one, in order, then the end"
    yield from _lines(("HJP-TST-4",), "chunks", title, rows)


def _default_limit() -> Iterator[CodecCase]:
    """A max_payload that is missing is 65 536."""
    at, above = bytes(DEFAULT_MAX_PAYLOAD), bytes(DEFAULT_MAX_PAYLOAD + 1)
    refused = (("status", "reject"), ("code", "too_large"))
    title = "Without max_payload it is 65 536"
    for row, cited, asked, members in (
        ("decode-at", "HJP-FRM-13", decode(frame(PING, at)), accepts(PING, at)),
        ("decode-above", "HJP-FRM-10", decode(frame(PING, above)), refused),
        ("encode-at", "HJP-FRM-1", encode(payload=at.hex()), WRITTEN),
        ("encode-above", "HJP-FRM-19", encode(payload=above.hex()), refused),
    ):
        rows = {row: [Question(line(asked), asked["cmd"], members)]}
        yield from _lines((cited, SHARED[asked["cmd"]]), "limit-missing", title, rows)


def _unknown() -> Iterator[CodecCase]:
    title = "Members that nobody knows are ignored"
    rows = {}
    for row, extra in UNKNOWN.items():
        rows[row] = [
            Question(line({"cmd": "reset", **extra}), "reset"),
            Question(line({"cmd": "describe", **extra}), "describe"),
            Question(line(decode(GOOD, **extra)), "decode", accepts()),
            Question(line({**extra, **decode(GOOD)}), "decode", accepts()),
            Question(line(encode(**extra)), "encode", WRITTEN),
        ]
    members = line({"cmd": "reset", "chunks": 7, "json": None, "max_payload": "x"})
    rows["of-other-commands"] = [Question(members, "reset")]
    inner = {"cmd": "reset", "x": {"cmd": "describe"}, "y": [{"cmd": "none"}]}
    rows["commands-inside"] = [Question(line(inner), "reset")]
    others = line(decode(GOOD, json=7, payload="x", hex=None))
    rows["of-encode-in-decode"] = [Question(others, "decode", accepts())]
    yield from _lines(("HJP-TST-6",), "unknown", title, rows)


def _line_ends() -> Iterator[CodecCase]:
    """LF ends a line, and nothing else does."""
    extra = {"note": SEPARATORS}
    raw = line(decode(GOOD, **extra), ensure_ascii=False)
    rare = f'{{"x":"{SEPARATORS}"}}'
    text = line(encode(rare), ensure_ascii=False)
    inside = line(decode(frame(rare)))
    plain = json.dumps(decode(GOOD))
    rows = {
        "separators-as-they-are": [Question(raw, "decode", accepts())],
        "separators-in-json": [Question(text, "encode", WRITTEN)],
        "separators-in-octets": [Question(inside, "decode", accepts(rare))],
        "carriage-return-before": [
            Question(plain.encode() + b"\r\n", "decode", accepts())
        ],
        "carriage-return-inside": [
            Question(plain.replace(" ", "\r").encode() + b"\n", "decode", accepts())
        ],
        "white-space": [
            Question(
                f" \t{plain.replace(' ', '    ')}  \n".encode(), "decode", accepts()
            )
        ],
        "no-white-space": [
            Question(line(decode(GOOD), separators=(",", ":")), "decode", accepts())
        ],
        "escaped-names": [
            Question(
                plain.replace("cmd", r"\u0063md").encode() + b"\n", "decode", accepts()
            )
        ],
        "escaped-line-feed-in-json": [
            Question(line(encode('{"id":1,\n"op":"ping"}')), "encode", WRITTEN)
        ],
    }
    title = "Only LF ends a line"
    yield from _lines(("HJP-TST-1",), "line-ends", title, rows)


def _ends() -> Iterator[CodecCase]:
    def cut(question: Question) -> Question:
        return Question(question.line[:-1], question.kind, question.members)

    cited: Cited = ("HJP-TST-5", "HJP-TST-1")
    found = {
        "at-once": (),
        "after-describe": (DESCRIBE,),
        "after-reset": (RESET,),
        "after-half-a-frame": (HALF,),
        "after-a-refusal": (DECODE, REFUSED),
        "after-an-error": (Question(b"hello\n", "error"),),
        "after-an-empty-line": (Question(b"\n", "error"), DECODE),
        "after-many-lines": (DECODE, ENCODE, HALF, RESET) * 20,
        "after-a-line-without-lf": (DESCRIBE, cut(DECODE)),
        "after-an-error-without-lf": (DESCRIBE, Question(b'{"cmd":', "error")),
    }
    for row, questions in found.items():
        yield EndCase(
            id=named(cited, "end", row),
            title=titled("A testee ends with status 0 when its input ends", row),
            requirements=cited,
            area=area_of(cited),
            questions=questions,
        )
