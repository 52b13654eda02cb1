"""The model of a connection: the tables of the text, and what it permits."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from hjp_fuzz.sessions import Broken, Check, Connection, Inconclusive
from hjp_fuzz.sessions.states import EVERY_FRAME, FIRST_FRAME, LIFE, Event, State
from hjp_spec.oracle import encode, raw_frame
from hjp_spec.registry import Code
from hjp_spec.requirements import PRECEDENCE, REQUIREMENTS, table, text

Members = dict[str, Any]


def frame(payload: bytes = b"", /, **members: Any) -> bytes:
    return raw_frame(json.dumps(members).encode(), payload)


def ask(id_: int, op: str = "ping", payload: bytes = b"", /, **members: Any) -> bytes:
    return frame(payload, id=id_, op=op, **members)


def ok(id_: int, payload: bytes = b"", /, **members: Any) -> bytes:
    return frame(payload, id=id_, ok=True, **members)


def error(id_: int, code: str, payload: bytes = b"", **more: Any) -> bytes:
    said = {"code": code, "message": "no"} | more
    return frame(payload, id=id_, ok=False, error=said)


def fatal(code: str, **more: Any) -> bytes:
    return error(0, code, fatal=True, **more)


def greeting(id_: int = 1, max_payload: Any = 1 << 17, **more: Any) -> bytes:
    members = {"features": [], "server": "s", "limits": {"max_payload": max_payload}}
    return ok(id_, **members | more)


SENT, GOT, END, EOF, RESET, STOP = "sent", "got", "end", "eof", "reset", "stop"
Happening = tuple[str, bytes] | str


def told(connection: Connection, happenings: Sequence[Happening]) -> None:
    """Tell the model what happens; at the end nothing may be left."""
    acts = {
        END: connection.ended,
        EOF: connection.ends,
        RESET: connection.breaks_off,
        STOP: connection.told_to_stop,
    }
    for happening in happenings:
        if isinstance(happening, str):
            acts[happening]()
        else:
            way, octets = happening
            act = connection.sent if way == SENT else connection.received
            act(octets)
    if connection.waits:
        raise connection.overdue()


def broken(*happenings: Happening) -> Broken:
    with pytest.raises(Broken) as caught:
        told(Connection(), happenings)
    assert caught.value.requirement in REQUIREMENTS
    assert str(caught.value).startswith(f"{caught.value.requirement}: ")
    return caught.value


def test_the_life_of_an_id_is_that_of_the_text() -> None:
    columns = (
        "state of the `id`",
        Event.MORE,
        Event.LAST,
        "interim reply",
        Event.FINAL,
    )
    rows = table(text("core"), *columns)
    assert [row[0] for row in rows] == list(State)
    for state, more, last, _, final in rows:
        said = dict(
            zip((Event.MORE, Event.LAST, Event.FINAL), (more, last, final), strict=True)
        )
        for event, after in said.items():
            expected = LIFE[State(state)].get(event)
            assert after.partition(" (")[0] == (expected or after)
            assert (expected is None) == (after in ("refused", "\u2013"))


def test_the_rows_are_those_of_precedence() -> None:
    rules = EVERY_FRAME + FIRST_FRAME
    assert sorted({rule.row for rule in rules}) == list(range(8, 18))
    assert [rule.row for rule in rules] == sorted(rule.row for rule in rules)
    for rule in rules:
        requirement = REQUIREMENTS[rule.requirement]
        assert rule.code == (PRECEDENCE[rule.row - 1].code or Code.BAD_REQUEST)
        assert requirement.code in (rule.code, None)


HELLO = (SENT, ask(1, "hello"))
RIGHT: dict[str, Sequence[Happening]] = {
    "nothing": (),
    "nothing, then the end": (END, EOF),
    "ping": ((SENT, ask(1)), (GOT, ok(1))),
    "a reply in pieces": ((SENT, ask(1)), (GOT, ok(1)[:7]), (GOT, ok(1)[7:])),
    "a request in pieces": ((SENT, ask(1)[:7]), (SENT, ask(1)[7:]), (GOT, ok(1))),
    "ahead": ((SENT, ask(1) + ask(5)), (GOT, ok(1) + ok(5)), END, EOF),
    "a reply after the end": ((SENT, ask(1)), END, (GOT, ok(1)), EOF),
    "unknown members": ((SENT, ask(1, x=1)), (GOT, ok(1, y=2, more=False))),
    "upper": ((SENT, ask(1, "upper", b"a\xe1{")), (GOT, ok(1, b"A\xe1{"))),
    "echo": ((SENT, ask(1, "echo", b"a", data=1)), (GOT, ok(1, b"a", data=1.0))),
    "ping pads": ((SENT, ask(1, "ping", b"a")), (GOT, ok(1))),
    "hello": (HELLO, (GOT, greeting())),
    "an unknown op": ((SENT, ask(1, "x")), (GOT, error(1, "unknown_op"))),
    "more": ((SENT, ask(1, more=True)), (GOT, error(1, "bad_request"))),
    "more, then dropped": (
        *((SENT, ask(1, more=True)), (GOT, error(1, "bad_request"))),
        *((SENT, ask(1, more=True, timeout_ms=0)), (SENT, ask(1)), (SENT, ask(2))),
        (GOT, ok(2)),
    ),
    "mistyped timeout_ms": (
        (SENT, ask(1, timeout_ms=0)),
        (GOT, error(1, "bad_request")),
    ),
    "in time": ((SENT, ask(1, timeout_ms=9)), (GOT, ok(1))),
    "not in time": ((SENT, ask(1, timeout_ms=9)), (GOT, error(1, "timeout"))),
    "a fatal error": ((SENT, ask(0)), (GOT, fatal("bad_id")), EOF),
    "replies before a fatal error": (
        *((SENT, ask(1) + ask(1)), (GOT, ok(1) + fatal("bad_id")), EOF),
    ),
    "nothing after a fault": ((SENT, ask(0) + ask(1)), (GOT, fatal("bad_id")), EOF),
    "late hello": (
        (SENT, ask(1)),
        (GOT, ok(1)),
        (SENT, ask(2, "hello")),
        (GOT, fatal("bad_frame")),
        EOF,
    ),
    "hello with more": (
        (SENT, ask(1, "hello", more=True)),
        (GOT, fatal("bad_request")),
        EOF,
    ),
    "hello with a wrong token": (
        (SENT, ask(1, "hello", token=1)),
        (GOT, fatal("bad_request")),
        EOF,
    ),
    "five octets": ((SENT, b"GET /"), (GOT, fatal("bad_magic")), EOF),
    "fewer than five": ((SENT, b"GET "), (GOT, fatal("bad_magic")), EOF),
    "fewer than five, and nothing": ((SENT, b"GET "), END, EOF),
    "another version": (
        (SENT, b"HJP\xff\x02"),
        (GOT, fatal("bad_version", versions=[1])),
        EOF,
    ),
    "a header only": (
        (SENT, raw_frame(b"{}", payload_length=65_537)[:16]),
        (GOT, fatal("too_large", limit="max_payload")),
        EOF,
    ),
    "a fault in front of a payload": (
        *((SENT, ask(0, "ping", b"ab")[:-1]), (GOT, fatal("bad_id")), EOF),
    ),
    "an early error": (
        *((SENT, ask(1, "x", b"ab")[:-1]), (GOT, error(1, "unknown_op"))),
        *((SENT, b"b"), (SENT, ask(2)), (GOT, ok(2))),
    ),
    "an error with the payload": (
        *((SENT, ask(1, "x", b"ab")[:-1]), (SENT, b"b"), (GOT, error(1, "unknown_op"))),
    ),
    "an incomplete frame": ((SENT, ask(1)[:-1]), END, EOF),
    "1.0 is 1": ((SENT, encode(b'{"id":1.0,"op":"ping"}')), (GOT, ok(1))),
    "1.0 is refused": (
        (SENT, encode(b'{"id":1.0,"op":"ping"}')),
        (GOT, fatal("bad_id")),
        EOF,
    ),
    "1.0 is dropped": (
        *((SENT, ask(1, more=True)), (GOT, error(1, "bad_request"))),
        *((SENT, encode(b'{"id":1.0,"op":"ping"}')), (SENT, ask(2)), (GOT, ok(2))),
    ),
    "1.0 is not dropped": (
        *((SENT, ask(1, more=True)), (GOT, error(1, "bad_request"))),
        *((SENT, encode(b'{"id":1.0,"op":"ping"}')), (GOT, fatal("bad_id")), EOF),
    ),
    "a greater payload after hello": (
        *(
            HELLO,
            (GOT, greeting()),
            (SENT, ask(2, "ping", bytes(70_000))),
            (GOT, ok(2)),
        ),
    ),
    "a greater payload behind hello": (
        *((SENT, ask(1, "hello") + ask(2, "ping", bytes(70_000))),),
        *((GOT, greeting()), (GOT, ok(2))),
    ),
    "a reply that the client cannot take": (
        *(HELLO, (GOT, greeting()), (SENT, ask(2, "echo", bytes(70_000)))),
        (GOT, error(2, "too_large", limit="max_payload")),
    ),
    "a greater reply": (
        (SENT, ask(1, "hello", limits={"max_payload": 70_000})),
        *((GOT, greeting()), (SENT, ask(2, "echo", bytes(70_000)))),
        (GOT, ok(2, bytes(70_000))),
    ),
    "data that may outgrow": (
        (SENT, ask(1, "echo", data=[1e300] * 500)),
        (GOT, error(1, "too_large", limit="max_json")),
    ),
    "stopped": (
        (SENT, ask(1)),
        (GOT, ok(1)),
        STOP,
        (GOT, fatal("going_away", last_id=1)),
        EOF,
    ),
    "stopped without a word": ((SENT, ask(1)), STOP, RESET),
}


@pytest.mark.parametrize("happenings", RIGHT.values(), ids=RIGHT)
def test_what_is_permitted(happenings: Sequence[Happening]) -> None:
    told(Connection(), happenings)


PING = (SENT, ask(1))
WRONG: dict[str, tuple[str, Check, Sequence[Happening]]] = {
    "silence": ("HJP-MSG-14", Check.SILENCE, (PING,)),
    "silence after the end": ("HJP-LIF-7", Check.SILENCE, (PING, END)),
    "silence for more": ("HJP-MSG-17", Check.SILENCE, ((SENT, ask(1, more=True)),)),
    "silence at five": ("HJP-FRM-5", Check.SILENCE, ((SENT, b"GET /"),)),
    "silence at a header": (
        *("HJP-FRM-11", Check.SILENCE),
        ((SENT, raw_frame(b"{}", payload_length=65_537)[:16]),),
    ),
    "silence at a text": (
        *("HJP-MET-14", Check.SILENCE, ((SENT, raw_frame(b"[]", b"a")[:-1]),)),
    ),
    "silence at members": (
        *("HJP-ERR-20", Check.SILENCE, ((SENT, ask(0, "ping", b"a")[:-1]),)),
    ),
    "no end": ("HJP-LIF-7", Check.OPEN, (END,)),
    "no end after a fatal error": (
        *("HJP-ERR-12", Check.OPEN, ((SENT, ask(0)), (GOT, fatal("bad_id")))),
    ),
    "a banner": ("HJP-LIF-1", Check.EXTRA, ((GOT, ok(1)),)),
    "twice": ("HJP-MSG-14", Check.EXTRA, (PING, (GOT, ok(1) + ok(1)))),
    "twice, ahead": (
        "HJP-MSG-14",
        Check.REPLY,
        ((SENT, ask(1) + ask(2)), (GOT, ok(1) + ok(1))),
    ),
    "another order": (
        "HJP-MSG-15",
        Check.REPLY,
        ((SENT, ask(1) + ask(2)), (GOT, ok(2))),
    ),
    "another id": ("HJP-MSG-13", Check.REPLY, (PING, (GOT, ok(3)))),
    "id 0": ("HJP-ERR-3", Check.REPLY, (PING, (GOT, ok(0)))),
    "an id of digits": (
        "HJP-MSG-13",
        Check.REPLY,
        (PING, (GOT, frame(id="1", ok=True))),
    ),
    "an id with a point": (
        "HJP-MET-17",
        Check.REPLY,
        (PING, (GOT, frame(id=1.0, ok=True))),
    ),
    "op": ("HJP-MSG-13", Check.REPLY, (PING, (GOT, ok(1, op="ping")))),
    "no frame": ("HJP-FRM-1", Check.REPLY, (PING, (GOT, b"HTTP/"))),
    "bad JSON": ("HJP-MET-1", Check.REPLY, (PING, (GOT, raw_frame(b"[]")))),
    "twice the same name": (
        *("HJP-FRM-19", Check.REPLY),
        (PING, (GOT, raw_frame(b'{"id":1,"id":1}'))),
    ),
    "a payload beyond": (
        *("HJP-LIM-4", Check.REPLY),
        (PING, (GOT, ok(1, bytes(65_537)))),
    ),
    "a payload of a ping": ("HJP-MSG-19", Check.REPLY, (PING, (GOT, ok(1, b"a")))),
    "a payload of an error": (
        *("HJP-ERR-2", Check.REPLY),
        ((SENT, ask(1, "x")), (GOT, error(1, "unknown_op", payload=b"a"))),
    ),
    "interim": ("HJP-MSG-16", Check.REPLY, (PING, (GOT, ok(1, more=True)))),
    "no message": (
        *("HJP-ERR-1", Check.REPLY),
        (
            (SENT, ask(1, "x")),
            (GOT, frame(id=1, ok=False, error={"code": "unknown_op"})),
        ),
    ),
    "an error beside ok": ("HJP-ERR-1", Check.REPLY, (PING, (GOT, ok(1, error={})))),
    "an error without error": (
        "HJP-ERR-1",
        Check.REPLY,
        (PING, (GOT, frame(id=1, ok=False))),
    ),
    "a code of nobody": ("HJP-ERR-6", Check.REPLY, (PING, (GOT, error(1, "oops")))),
    "a fatal code": ("HJP-ERR-3", Check.REPLY, (PING, (GOT, error(1, "bad_id")))),
    "another payload": (
        *("HJP-COR-10", Check.REPLY),
        ((SENT, ask(1, "echo", b"ab")), (GOT, ok(1, b"aB"))),
    ),
    "another length": (
        *("HJP-COR-13", Check.REPLY),
        ((SENT, ask(1, "upper", b"ab")), (GOT, ok(1, b"A"))),
    ),
    "another data": (
        *("HJP-COR-11", Check.REPLY),
        ((SENT, ask(1, "echo", data=True)), (GOT, ok(1, data=1))),
    ),
    "data lost": (
        *("HJP-COR-11", Check.REPLY, ((SENT, ask(1, "echo", data=None)), (GOT, ok(1)))),
    ),
    "data of nobody": (
        *("HJP-COR-11", Check.REPLY, ((SENT, ask(1, "echo")), (GOT, ok(1, data=None)))),
    ),
    "another code": (
        "HJP-ERR-16",
        Check.REPLY,
        ((SENT, ask(1, "x")), (GOT, error(1, "busy"))),
    ),
    "another fatal code": (
        "HJP-MSG-2",
        Check.REPLY,
        ((SENT, ask(0)), (GOT, fatal("bad_frame"))),
    ),
    "another limit": (
        *("HJP-ERR-8", Check.REPLY),
        (
            (SENT, raw_frame(b"{}", json_length=65_537)),
            (GOT, fatal("too_large", limit="max_payload")),
        ),
    ),
    "no versions": (
        *("HJP-FRM-6", Check.REPLY),
        ((SENT, b"HJP\xff\x02"), (GOT, fatal("bad_version", versions=[]))),
    ),
    "not fatal": ("HJP-MSG-2", Check.REPLY, ((SENT, ask(0)), (GOT, error(1, "busy")))),
    "fatal": (
        "HJP-ERR-16",
        Check.REPLY,
        ((SENT, ask(1, "x")), (GOT, fatal("unknown_op"))),
    ),
    "fatal too soon": (
        *("HJP-ERR-9", Check.REPLY),
        ((SENT, ask(1) + ask(1)), (GOT, fatal("bad_id"))),
    ),
    "after a fatal error": (
        *("HJP-ERR-11", Check.EXTRA),
        ((SENT, ask(0)), (GOT, fatal("bad_id") + fatal("bad_id"))),
    ),
    "a fatal error of nothing": (
        *("HJP-MSG-12", Check.EXTRA, (PING, (GOT, ok(1)), (GOT, fatal("bad_id")))),
    ),
    "a fatal error after an error": (
        *("HJP-ERR-5", Check.EXTRA),
        ((SENT, ask(1, "x")), (GOT, error(1, "unknown_op")), (GOT, fatal("internal"))),
    ),
    "a reply to what is dropped": (
        *("HJP-MSG-20", Check.EXTRA),
        ((SENT, ask(1, more=True) + ask(1)), (GOT, error(1, "bad_request") * 2)),
    ),
    "a reply to half a request": (
        *("HJP-LIF-8", Check.EXTRA, ((SENT, ask(1, "ping", b"ab")[:-1]), (GOT, ok(1)))),
    ),
    "an error for half a frame": (
        *(
            "HJP-LIF-9",
            Check.EXTRA,
            ((SENT, ask(1)[:-1]), END, (GOT, fatal("bad_frame"))),
        ),
    ),
    "an error in the middle of a frame": (
        *("HJP-FRM-14", Check.EXTRA, ((SENT, ask(1)[:-1]), (GOT, fatal("bad_frame")))),
    ),
    "the end in place of a reply": ("HJP-COR-9", Check.LOST, (PING, EOF)),
    "the end in place of the last replies": ("HJP-LIF-7", Check.LOST, (PING, END, EOF)),
    "the end in place of a fatal error": (
        "HJP-FRM-2",
        Check.LOST,
        ((SENT, b"GET /"), EOF),
    ),
    "the end after an error": (
        *("HJP-ERR-5", Check.LOST),
        ((SENT, ask(1, "x")), (GOT, error(1, "unknown_op")), EOF),
    ),
    "the end of nothing": ("HJP-LIM-8", Check.LOST, (EOF,)),
    "the end inside a frame": ("HJP-FRM-1", Check.LOST, (PING, (GOT, ok(1)[:-1]), EOF)),
    "a reset in place of the end": ("HJP-LIF-7", Check.LOST, (END, RESET)),
    "a reset in place of a fatal error": (
        "HJP-ERR-13",
        Check.LOST,
        ((SENT, ask(0)), RESET),
    ),
    "a reset after a fatal error": (
        *("HJP-ERR-13", Check.LOST, ((SENT, ask(0)), (GOT, fatal("bad_id")), RESET)),
    ),
    "features of the client": (
        *("HJP-COR-2", Check.REPLY),
        (
            (SENT, ask(1, "hello", features=["x-hjp-fuzz"])),
            (GOT, greeting(features=["x-hjp-fuzz"])),
        ),
    ),
    "no server": ("HJP-COR-4", Check.REPLY, (HELLO, (GOT, greeting(server=1)))),
    "a limit with a point": (
        "HJP-MET-17",
        Check.REPLY,
        (HELLO, (GOT, greeting(max_payload=65_536.0))),
    ),
    "last_id too small": (
        *("HJP-LIF-12", Check.REPLY),
        (PING, (GOT, ok(1)), STOP, (GOT, fatal("going_away", last_id=0))),
    ),
    "last_id too great": (
        *("HJP-LIF-13", Check.REPLY),
        (PING, STOP, (GOT, fatal("going_away", last_id=1))),
    ),
}


@pytest.mark.parametrize(
    ("requirement", "check", "happenings"), WRONG.values(), ids=WRONG
)
def test_what_is_broken(
    requirement: str, check: Check, happenings: Sequence[Happening]
) -> None:
    found = broken(*happenings)
    assert (found.requirement, found.check) == (requirement, check), str(found)


def test_a_clock_of_the_server_decides_nothing() -> None:
    connection = Connection()
    with pytest.raises(Inconclusive):
        told(connection, ((SENT, ask(1)[:9]), (GOT, fatal("timeout"))))


def test_what_is_expected_in_words() -> None:
    connection = Connection()
    assert connection.expected == "no frame"
    connection.sent(ask(1, "echo", b"hi", data="d" * 100) + ask(2, "x"))
    first, second = map(str, connection.dues)
    assert first.startswith("reply to 1, ok, data 'ddd")
    assert first.endswith(", payload of 2: 68 69")
    assert second == "error unknown_op, id 2"
    connection.sent(ask(2))
    assert str(connection.dues[-1]) == "fatal error bad_id, then the end of the stream"
    assert connection.over


def test_a_limit_that_is_known_beforehand() -> None:
    connection = Connection(stated=70_000)
    connection.sent(
        ask(1, "hello") + ask(2, "ping", bytes(70_000)) + ask(3, "ping", bytes(70_001))
    )
    assert [permit.id for due in connection.dues for permit in due.permitted] == [
        1,
        2,
        0,
    ]
