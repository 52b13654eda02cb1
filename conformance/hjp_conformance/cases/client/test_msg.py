"""The chapter *Messages*, as a client keeps it: ids, bodies, and what it checks."""

from collections.abc import Callable

from hjp_conformance.authoring import requires, rows
from hjp_conformance.clients import Visit
from hjp_conformance.outcomes import Start, expect, expect_any, replied
from hjp_conformance.requests import Request
from hjp_conformance.stimuli import error, fatal, frame, hello_reply, ok

MISTYPED = {
    "null": "null",
    "string": '"1"',
    "array": "[1]",
    "object": '{"a":1}',
    "empty-string": '""',
}


@requires("HJP-MSG-1", "HJP-MET-17")
def test_msg_ids_rise(start: Start) -> None:
    """Every request has an id greater than all before it, whatever came of them."""
    visit = start("hello", "ping", ("echo", b"a"), "ping", ("upper", b"a"), "ping")
    visit.peer.send(hello_reply(visit.peer.request("hello").id, 65_536))
    for make in (ok, lambda id_: error(id_, "busy"), ok, ok, ok):
        visit.peer.send(make(visit.peer.request().id))
    expect(visit, "ok", "ok", "error busy", "ok", "ok", "ok")


@requires("HJP-MSG-1")
def test_msg_many_ids(start: Start) -> None:
    """The ids of many requests rise, beyond what an octet holds."""
    visit = start(("ahead", 600, "ping"))
    for _ in range(600):
        visit.peer.send(ok(visit.peer.request("ping").id))
    expect(visit, *["ok"] * 600)


@requires("HJP-MSG-1", "HJP-MSG-26")
def test_msg_ids_rise_ahead(start: Start) -> None:
    """Requests that are sent ahead have ids of their own, and each gets its reply."""
    visit = start(("ahead", 20, "upper", b"a"))
    for _ in range(20):
        request = visit.peer.request("upper")
        visit.peer.send(ok(request.id, str(request.id).encode()))
    lines = [f"ok {str(one).encode().hex()}" for one in visit.peer.ids]
    expect(visit, *lines)


@requires("HJP-MSG-6", "HJP-MSG-1", "HJP-FRM-19")
@rows("count", {"one": 1, "two": 2, "five": 5})
def test_msg_frames_of_a_request(start: Start, count: int) -> None:
    """All frames of a request have one id and one op, all but the last more."""
    visit = start(("call", "x-conformance-suite"), "ping")
    for number in range(1, count + 1):
        kind = "last" if number == count else "more"
        visit.tell(f"{kind} 6{number}")
        request = visit.peer.request("x-conformance-suite")
        visit.peer.check(request.payload == b"`abcde"[number : number + 1], "payload")
        visit.peer.check(request.more == (kind == "more"), f"more of a {kind} frame")
    visit.peer.send(ok(request.id, b"x"))
    visit.peer.send(ok(visit.peer.request("ping").id))
    expect(visit, "ok 78", "ok")


def ended_early(visit: Visit, make: Callable[[int], bytes], *more: str) -> None:
    """A final reply comes after the first frame: the client ends the request."""
    visit.tell("more 61")
    first = visit.peer.request("x-conformance-suite")
    visit.peer.send(make(first.id))
    for line in more:
        visit.tell(line)
    visit.peer.transcript.accepted = "the last frame of the request, without payload"
    last = visit.peer.request("x-conformance-suite")
    visit.peer.check(
        last.id == first.id and not last.more and not last.payload,
        f"instead of the end of request {first.id} came: {last}",
        "HJP-MSG-23",
    )


@requires("HJP-MSG-23", "HJP-MSG-6")
@rows(
    "more",
    {
        "last": ["last 62"],
        "last-without-payload": ["last"],
        "more": ["more 62", "last 63"],
        "much-more": ["more 62"] * 9 + ["last 63"],
    },
)
def test_msg_request_ended_after_early_error(start: Start, more: list[str]) -> None:
    """An error before the last frame: a last frame without payload ends the request."""
    visit = start(("call", "x-conformance-suite"), "ping")
    ended_early(visit, lambda id_: error(id_, "unknown_op"), *more)
    visit.peer.send(ok(visit.peer.request("ping").id))
    expect(visit, "error unknown_op", "ok")


@requires("HJP-MSG-23")
def test_msg_request_ended_after_early_ok(start: Start) -> None:
    """A final reply, ok, before the last frame: the client ends the request."""
    visit = start(("call", "x-conformance-suite"), "ping")
    ended_early(visit, lambda id_: ok(id_, b"x"), "more 62", "last 63")
    visit.peer.send(ok(visit.peer.request("ping").id))
    expect(visit, "ok 78", "ok")


@requires("HJP-MSG-23")
def test_msg_request_ended_once(start: Start) -> None:
    """A request whose last frame was sent before the final reply is ended already."""
    visit = start(("call", "x-conformance-suite"), "ping")
    visit.tell("more 61")
    visit.tell("last 62")
    first, last = (
        visit.peer.request("x-conformance-suite"),
        visit.peer.request("x-conformance-suite"),
    )
    visit.peer.check(first.more and not last.more, "a last frame after one with more")
    visit.peer.send(error(last.id, "busy"))
    found = visit.peer.request("ping")
    visit.peer.send(ok(found.id))
    expect(visit, "error busy", "ok")


@requires("HJP-MSG-11", "HJP-MSG-29")
@rows("members", {"ok": '"ok":true', "error": '"ok":false,"error":{"code":"busy"}'})
def test_msg_more_false(start: Start, members: str) -> None:
    """A reply with more false is a final one."""
    make = ('{{"id":{},"more":false,' + members.replace("{", "{{").replace("}", "}}")
            + "}}").format  # fmt: skip
    visit = replied(start, lambda id_: frame(make(id_)), "ping")
    visit.peer.send(ok(visit.peer.request("ping").id))
    expect(visit, "ok" if "true" in members else "error busy", "ok")


@requires("HJP-MSG-25")
@rows("value", {**MISTYPED, "zero": "0", "one": "1", "word": '"true"'})
def test_msg_ok_mistyped(start: Start, value: str) -> None:
    """A frame whose ok is no boolean is refused with bad_frame."""
    visit = replied(start, lambda id_: frame(f'{{"id":{id_},"ok":{value}}}'))
    expect(visit, "refused bad_frame")


@requires("HJP-MSG-25")
@rows("members", {"nothing": "", "error": ',"error":{"code":"busy","message":"m"}'})
def test_msg_ok_missing(start: Start, members: str) -> None:
    """A frame without ok is refused with bad_frame."""
    visit = replied(start, lambda id_: frame(f'{{"id":{id_}{members}}}'))
    expect(visit, "refused bad_frame")


@requires("HJP-MSG-25")
@rows("value", {**MISTYPED, "ping": '"ping"', "false": "false"})
def test_msg_op_in_reply(start: Start, value: str) -> None:
    """A frame with a member op, of any value, is refused with bad_frame."""
    visit = replied(start, lambda id_: frame(f'{{"id":{id_},"ok":true,"op":{value}}}'))
    expect(visit, "refused bad_frame")


@requires("HJP-MSG-25")
@rows("value", {**MISTYPED, "zero": "0", "one": "1", "word": '"false"'})
def test_msg_more_mistyped(start: Start, value: str) -> None:
    """A frame whose more is no boolean is refused with bad_frame."""
    visit = replied(
        start, lambda id_: frame(f'{{"id":{id_},"ok":true,"more":{value}}}')
    )
    expect(visit, "refused bad_frame")


@requires("HJP-MSG-26")
@rows("value", {**MISTYPED, "true": "true"})
def test_msg_id_mistyped(start: Start, value: str) -> None:
    """A frame whose id is no number is refused with bad_id."""
    visit = replied(start, lambda _: frame(f'{{"id":{value},"ok":true}}'))
    expect(visit, "refused bad_id")


@requires("HJP-MSG-26")
@rows("members", {"ok": '"ok":true', "error": '"ok":false,"error":{"code":"busy"}'})
def test_msg_id_missing(start: Start, members: str) -> None:
    """A frame without id is refused with bad_id."""
    expect(replied(start, lambda _: frame(f"{{{members}}}")), "refused bad_id")


@requires("HJP-MSG-26")
@rows(
    "make",
    {
        "next": lambda id_: ok(id_ + 1),
        "far": lambda id_: ok(id_ + 1000),
        "greatest": lambda _: ok(2**53 - 1),
        "error": lambda id_: error(id_ + 1, "busy"),
        "with-payload": lambda id_: ok(id_ + 1, b"x"),
        "before-the-right-one": lambda id_: ok(id_ + 1) + ok(id_),
    },
)
def test_msg_id_never_used(start: Start, make: Callable[[int], bytes]) -> None:
    """A reply to a request that the client never sent is refused with bad_id."""
    expect(replied(start, make), "refused bad_id")


@requires("HJP-MSG-26")
@rows(
    "make",
    {
        "ok": ok,
        "error": lambda id_: error(id_, "busy"),
        "payload": lambda id_: ok(id_, b"x"),
    },
)
def test_msg_second_final_reply(start: Start, make: Callable[[int], bytes]) -> None:
    """A second final reply to a request is refused with bad_id."""
    visit = start("ping", "ping")
    first = visit.peer.request("ping")
    visit.peer.send(ok(first.id) + make(first.id))
    expect(visit, "ok", "refused bad_id")


@requires("HJP-MSG-26")
def test_msg_second_final_reply_later(start: Start) -> None:
    """A second final reply, after the next request, is refused with bad_id."""
    visit = start("ping", "ping")
    first = visit.peer.request("ping")
    visit.peer.send(ok(first.id))
    visit.peer.request("ping")
    visit.peer.send(ok(first.id))
    expect(visit, "ok", "refused bad_id")


@requires("HJP-MSG-26")
def test_msg_reply_to_closed_early(start: Start) -> None:
    """A second final reply to a request that was ended early is refused with bad_id."""
    visit = start(("call", "x-conformance-suite"), "ping")
    refused: list[Request] = []

    def make(id_: int) -> bytes:
        return error(id_, "unknown_op")

    ended_early(visit, make, "last")
    refused.append(visit.peer.request("ping"))
    visit.peer.send(make(refused[0].id - 1) if refused[0].id > 1 else make(99))
    expect(visit, "error unknown_op", "refused bad_id")


@requires("HJP-MSG-27", "HJP-MSG-28")
@rows(
    "octets",
    {
        "ok": frame('{"id":0,"ok":true}'),
        "error-without-fatal": error(0, "busy"),
        "fatal-false": error(0, "busy", fatal=False),
        "fatal-null": error(0, "busy", fatal=None),
        "fatal-one": error(0, "busy", fatal=1),
        "fatal-word": error(0, "busy", fatal="true"),
        "no-code": frame('{"id":0,"ok":false,"error":{"fatal":true}}'),
        "code-number": frame('{"id":0,"ok":false,"error":{"code":1,"fatal":true}}'),
        "fatal-beside-error": frame(
            '{"id":0,"ok":false,"fatal":true,"error":{"code":"busy","message":"m"}}'
        ),
    },
)
def test_msg_id_zero(start: Start, octets: bytes) -> None:
    """A frame with id 0 that is no fatal error is refused with bad_frame."""
    expect(replied(start, lambda _: octets), "refused bad_frame")


@requires("HJP-MSG-28", "HJP-MET-8")
@rows(
    "error_",
    {
        "missing": "",
        "null": ',"error":null',
        "string": ',"error":"busy"',
        "array": ',"error":[]',
        "empty": ',"error":{}',
        "no-code": ',"error":{"message":"busy"}',
        "code-null": ',"error":{"code":null,"message":"m"}',
        "code-number": ',"error":{"code":7,"message":"m"}',
        "code-array": ',"error":{"code":["busy"],"message":"m"}',
        "code-beside": ',"code":"busy","error":{"message":"m"}',
        "code-all-in-capitals": ',"error":{"CODE":"busy","message":"m"}',
        "code-with-nul": ',"error":{"code\\u0000":"busy","message":"m"}',
        "code-in-capitals": ',"error":{"Code":"busy","message":"m"}',
    },
)
def test_msg_error_wrong(start: Start, error_: str) -> None:
    """A frame with ok false and no error with a string code: bad_frame."""
    visit = replied(start, lambda id_: frame(f'{{"id":{id_},"ok":false{error_}}}'))
    expect(visit, "refused bad_frame")


@requires("HJP-MSG-28")
def test_msg_error_with_more(start: Start) -> None:
    """An error with more true is refused with bad_frame."""
    text = '{{"id":{},"ok":false,"more":true,"error":{{"code":"busy"}}}}'.format
    expect(replied(start, lambda id_: frame(text(id_))), "refused bad_frame")


@requires("HJP-MSG-25")
@rows("value", {"null": "null", "zero": "0", "word": '"false"'})
def test_msg_more_of_error_mistyped(start: Start, value: str) -> None:
    """An error whose more is no boolean is refused with bad_frame."""
    text = f'"ok":false,"more":{value},"error":{{"code":"busy","message":"m"}}'
    visit = replied(start, lambda id_: frame(f'{{"id":{id_},{text}}}'))
    expect(visit, "refused bad_frame")


@requires("HJP-MSG-29")
def test_msg_error_before_the_request_is_whole(start: Start) -> None:
    """An error may come while the payload of the request is still being sent."""
    visit = start("hello", ("upper", bytes(2**23)), "ping")
    visit.peer.send(hello_reply(visit.peer.request("hello").id, 2**24))
    visit.peer.max_payload = 2**24
    visit.peer.send(error(visit.peer.peek_id(), "busy"))
    visit.peer.request("upper")
    visit.peer.send(ok(visit.peer.request("ping").id))
    expect(visit, "ok", "error busy", "ok")


@requires("HJP-MSG-28", "HJP-MSG-27")
def test_msg_fatal_with_more(start: Start) -> None:
    """A fatal error with more true is refused with bad_frame."""
    text = '{"id":0,"ok":false,"more":true,"error":{"code":"internal","fatal":true}}'
    expect(replied(start, lambda _: frame(text)), "refused bad_frame")


@requires("HJP-MSG-29")
@rows(
    "message",
    {
        "empty": "",
        "chinese": "忙碌",
        "long": "m" * 60_000,
        "controls": "\\u0000\\u001b[31m\\r\\n",
        "braces": "}{",
        "a-code": "bad_frame",
    },
)
def test_msg_any_message(start: Start, message: str) -> None:
    """The wording of an error's message is the server's affair."""
    text = f'"ok":false,"error":{{"code":"busy","message":"{message}"}}'
    visit = replied(start, lambda id_: frame(f'{{"id":{id_},{text}}}'), "ping")
    visit.peer.send(ok(visit.peer.request("ping").id))
    expect(visit, "error busy", "ok")


@requires("HJP-MSG-29")
@rows("members", {"none": {}, "fatal-false": {"fatal": False}, "more": {"x": 1}})
def test_msg_error_forms(start: Start, members: dict[str, object]) -> None:
    """An error that is not fatal may say so or not; the connection goes on."""
    visit = replied(start, lambda id_: error(id_, "busy", **members), "ping")
    visit.peer.send(ok(visit.peer.request("ping").id))
    expect(visit, "error busy", "ok")


@requires("HJP-MSG-29", "HJP-MET-16")
def test_msg_hello_reply_forms(start: Start) -> None:
    """A reply to hello may name features, limits and members that nobody knows."""
    visit = start("hello", "ping")
    request = visit.peer.request("hello")
    visit.peer.send(frame(
        f'{{"encoding":"gbk","server":"","limits":{{"max_payload":4294967295,'
        f'"max_json":65536,"x":null}},"features":["x-a","later"],"id":{request.id},'
        '"ok":true,"x":[]}'
    ))  # fmt: skip
    visit.peer.send(ok(visit.peer.request("ping").id))
    expect(visit, "ok", "ok")


@requires("HJP-MSG-27", "HJP-MSG-26")
def test_msg_fatal_while_nothing_is_asked(start: Start) -> None:
    """A fatal error right after a reply is read with the next request at the latest."""
    visit = replied(
        start, lambda id_: ok(id_) + fatal("going_away", last_id=id_), "ping"
    )
    expect_any(visit, ["ok", "fatal going_away"])
