"""The chapter *Messages*: ids, requests, replies, and the life of an id."""

from hjp_conformance.authoring import requires, rows
from hjp_conformance.expect import (
    Echo,
    Failed,
    Ok,
    expect,
    expect_alive,
    expect_end,
    expect_error,
    expect_fatal,
    expect_replies,
    expect_reply,
)
from hjp_conformance.fixtures.server import Connect
from hjp_conformance.probe import Probe
from hjp_conformance.stimuli import ALL_OCTETS, frame, ping, pings, request
from hjp_spec.registry import MAX_INTEGER

OPEN = ping(1, more=True)
"""A request that is answered at once, with bad_request, and is not ended yet."""

NOT_INTEGERS = {
    "string": '"1"',
    "null": "null",
    "true": "true",
    "array": "[1]",
    "object": "{}",
    "fraction": "1.5",
    "negative": "-1",
    "zero": "0",
    "too-great": str(MAX_INTEGER + 1),
}
NOT_STRINGS = {
    "null": "null",
    "number": "1",
    "true": "true",
    "array": '["ping"]',
    "object": "{}",
}
NOT_BOOLEANS = {
    "null": "null",
    "zero": "0",
    "one": "1",
    "string": '"true"',
    "empty-string": '""',
    "array": "[]",
    "object": "{}",
}


def opened(probe: Probe) -> None:
    """Begin request 1 and have its final reply before its last frame."""
    probe.send(OPEN)
    expect_error(probe, 1, "bad_request")


@requires("HJP-MSG-2")
def test_msg_id_missing(probe: Probe) -> None:
    """A request without id is refused with bad_id."""
    probe.send(frame('{"op":"ping"}'))
    expect_fatal(probe, "bad_id")


@requires("HJP-MSG-2", "HJP-MET-18")
@rows("value", NOT_INTEGERS)
def test_msg_id_mistyped(probe: Probe, value: str) -> None:
    """A request whose id is no integer from 1 to 2^53 - 1 is refused with bad_id."""
    probe.send(frame(f'{{"id":{value},"op":"ping"}}'))
    expect_fatal(probe, "bad_id")


@requires("HJP-MSG-3", "HJP-MSG-13")
@rows(
    "ids",
    {
        "not-from-one": (7, 8),
        "gaps": (2, 3, 100, 70_000, 5_000_000_000, 2**50 + 1),
        "to-the-greatest": (1, MAX_INTEGER - 1, MAX_INTEGER),
        "the-greatest-first": (MAX_INTEGER,),
    },
)
def test_msg_id_gaps(probe: Probe, ids: tuple[int, ...]) -> None:
    """Ids that rise by any steps are those of new requests, and come back exactly."""
    for id_ in ids:
        expect_alive(probe, id_)


@requires("HJP-MSG-4")
@rows(
    "ids",
    {
        "same": (1, 1),
        "lower": (5, 4),
        "in-a-gap": (1, 9, 5),
        "first-again": (1, 2, 3, 1),
        "below-the-greatest": (MAX_INTEGER, 1),
    },
)
def test_msg_id_not_new(probe: Probe, ids: tuple[int, ...]) -> None:
    """An id that does not rise, all requests having ended, is refused with bad_id."""
    probe.send(b"".join(map(ping, ids)))
    for id_ in ids[:-1]:
        expect_reply(probe, id_)
    expect_fatal(probe, "bad_id")


@requires("HJP-MSG-4")
def test_msg_id_of_refused_operation_again(probe: Probe) -> None:
    """The id of a request that was answered with an error is not new again."""
    probe.send(request(1, "no-such-op"))
    expect_error(probe, 1, "unknown_op")
    probe.send(ping(1))
    expect_fatal(probe, "bad_id")


@requires("HJP-MSG-5")
@rows("id_", {"next": 2, "far": 1000})
def test_msg_new_id_while_one_is_open(probe: Probe, id_: int) -> None:
    """A new id while an earlier request has not ended is refused with bad_id."""
    opened(probe)
    probe.send(ping(id_))
    expect_fatal(probe, "bad_id")


@requires("HJP-MSG-4", "HJP-MSG-21")
def test_msg_old_id_while_one_is_open(probe: Probe) -> None:
    """The id of an ended request while another is open is refused with bad_id."""
    probe.send(ping(1) + ping(2, more=True) + ping(1))
    expect_reply(probe, 1)
    expect_error(probe, 2, "bad_request")
    expect_fatal(probe, "bad_id")


@requires("HJP-MSG-7")
@rows("text", {"alone": '{"id":1}', "with-data": '{"id":1,"data":1,"OP":"ping"}'})
def test_msg_op_missing(probe: Probe, text: str) -> None:
    """A request without op is refused with bad_frame."""
    probe.send(frame(text))
    expect_fatal(probe, "bad_frame")


@requires("HJP-MSG-7")
@rows("value", NOT_STRINGS)
def test_msg_op_mistyped(probe: Probe, value: str) -> None:
    """A request whose op is no string is refused with bad_frame."""
    probe.send(frame(f'{{"id":1,"op":{value}}}'))
    expect_fatal(probe, "bad_frame")


@requires("HJP-MSG-8")
@rows("value", {"true": "true", "false": "false", "null": "null", "number": "1"})
def test_msg_ok_in_request(probe: Probe, value: str) -> None:
    """A request with a member ok, whatever its value, is refused with bad_frame."""
    probe.send(frame(f'{{"id":1,"op":"ping","ok":{value}}}'))
    expect_fatal(probe, "bad_frame")


@requires("HJP-MSG-8", "HJP-MSG-7")
def test_msg_reply_to_server(probe: Probe) -> None:
    """A reply frame sent to the server is refused with bad_frame."""
    probe.send(frame('{"id":1,"ok":true}'))
    expect_fatal(probe, "bad_frame")


@requires("HJP-MSG-9", "HJP-MSG-21")
@rows(
    "op",
    {
        "other": "echo",
        "unknown": "no-such-op",
        "hello": "hello",
        "empty": "",
        "longer": "ping2",
        "longer-by-nul": "ping\0",
        "shorter": "pin",
        "capital": "Ping",
    },
)
def test_msg_op_changes(probe: Probe, op: str) -> None:
    """A later frame of a request with another op is refused with bad_id."""
    opened(probe)
    probe.send(request(1, op))
    expect_fatal(probe, "bad_id")


@requires("HJP-MSG-10")
@rows("value", NOT_BOOLEANS)
def test_msg_more_mistyped(probe: Probe, value: str) -> None:
    """A request whose more is no boolean is refused with bad_frame."""
    probe.send(frame(f'{{"id":1,"op":"ping","more":{value}}}'))
    expect_fatal(probe, "bad_frame")


@requires("HJP-MSG-11")
@rows("op", {"ping": "ping", "echo": "echo", "upper": "upper", "hello": "hello"})
def test_msg_more_false(probe: Probe, op: str) -> None:
    """A request with more false is answered like one without more, and ended."""
    probe.send(request(1, op, more=False))
    expect(probe, Ok(1, op=op))
    expect_alive(probe, 2)


@requires("HJP-MSG-12", "HJP-MSG-14", "HJP-MSG-15")
def test_msg_pipelining(probe: Probe) -> None:
    """Requests of all kinds in one write are answered once each, in order."""
    probe.send(
        request(1, "echo", b"one", data="1")
        + ping(2)
        + request(3, "no-such-op")
        + request(4, "upper", b"four")
        + ping(5, timeout_ms=0)
        + request(6, "echo", data=6)
        + ping(7)
    )
    probe.half_close()
    expect(probe, Echo(1, b"one", '"1"'))
    expect_reply(probe, 2)
    expect_error(probe, 3, "unknown_op")
    expect_reply(probe, 4, b"FOUR")
    expect_error(probe, 5, "bad_request")
    expect(probe, Echo(6, b"", "6"))
    expect_reply(probe, 7)
    expect_end(probe)


@requires("HJP-MSG-12", "HJP-MSG-15")
def test_msg_pipelining_far_ahead(probe: Probe) -> None:
    """A thousand requests sent ahead are answered in order."""
    probe.send(pings(1, 1000))
    expect_replies(probe, 1, 1000)


@requires("HJP-MSG-15")
def test_msg_order_large_before_small(probe: Probe) -> None:
    """A reply that takes longer to make is not overtaken by a shorter one."""
    payload = ALL_OCTETS * 256
    large = [request(id_, "upper", payload) + ping(id_ + 1) for id_ in range(1, 20, 2)]
    probe.send(b"".join(large))
    for id_ in range(1, 20, 2):
        expect_reply(probe, id_, payload.upper())
        expect_reply(probe, id_ + 1)


@requires("HJP-MSG-13", "HJP-MSG-14", "HJP-MSG-16")
@rows("op", {"hello": "hello", "ping": "ping", "echo": "echo", "upper": "upper"})
def test_msg_one_final_reply(probe: Probe, op: str) -> None:
    """A request gets one reply, final, with ok, its id and no op, and no other."""
    probe.send(request(41, op))
    expect(probe, Ok(41, op=op))
    expect_alive(probe, 42)
    probe.half_close()
    expect_end(probe)


@requires("HJP-MSG-14", "HJP-MSG-13")
def test_msg_one_error(probe: Probe) -> None:
    """A request that fails gets one error and nothing else."""
    probe.send(request(41, "no-such-op"))
    expect_error(probe, 41, "unknown_op")
    expect_alive(probe, 42)
    probe.half_close()
    expect_end(probe)


@requires("HJP-MSG-17", "HJP-ERR-17")
@rows("op", {"ping": "ping", "echo": "echo", "upper": "upper"})
def test_msg_error_before_request_has_ended(probe: Probe, op: str) -> None:
    """An error in the first frame is answered though more is true."""
    probe.send(request(1, op, more=True))
    expect_error(probe, 1, "bad_request")


@requires("HJP-MSG-17", "HJP-ERR-16")
def test_msg_unknown_op_before_request_has_ended(probe: Probe) -> None:
    """An unknown operation is answered from its first frame."""
    probe.send(request(1, "no-such-op", b"part", more=True))
    expect_error(probe, 1, "unknown_op")


@requires("HJP-MSG-18", "HJP-MSG-19", "HJP-MSG-14", "HJP-FRM-15")
@rows("size", {"1": 1, "100": 100, "65536": 65_536})
def test_msg_payload_of_ping(probe: Probe, size: int) -> None:
    """A payload with ping is ignored, and the reply has none."""
    probe.send(request(1, "ping", bytes(size)))
    expect_reply(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-MSG-18", "HJP-MSG-19")
def test_msg_payload_of_hello(probe: Probe) -> None:
    """A payload with hello is ignored, and the reply has none."""
    probe.send(request(1, "hello", b"\xff" * 1000))
    expect(probe, Ok(1, op="hello"))
    expect_alive(probe, 2)


@requires("HJP-MSG-18", "HJP-FRM-15")
def test_msg_payload_of_unknown_op(probe: Probe) -> None:
    """The payload of an unknown operation is stepped over."""
    probe.send(request(1, "no-such-op", ALL_OCTETS * 256))
    expect_error(probe, 1, "unknown_op")
    expect_alive(probe, 2)


@requires("HJP-MSG-20", "HJP-MSG-5", "HJP-FRM-15")
def test_msg_drain(probe: Probe) -> None:
    """After an early final reply frames of the id are dropped until the last one."""
    opened(probe)
    probe.send(OPEN, ping(1, more=True), request(1, "ping", b"late", more=True))
    probe.send(request(1, "ping"))
    expect_alive(probe, 2)


@requires("HJP-MSG-20")
def test_msg_drain_in_one_write(probe: Probe) -> None:
    """The frames of a request that failed, all in one write, get one reply."""
    probe.send(OPEN * 3 + ping(1) + ping(2))
    expect_error(probe, 1, "bad_request")
    expect_reply(probe, 2)
    probe.half_close()
    expect_end(probe)


@requires("HJP-MSG-20")
def test_msg_drain_of_unknown_op(probe: Probe) -> None:
    """The frames of an unknown operation, all in one write, get one reply."""
    part = request(1, "no-such-op", b"part", more=True)
    probe.send(part * 5 + request(1, "no-such-op") + ping(2))
    expect_error(probe, 1, "unknown_op")
    expect_reply(probe, 2)


@requires("HJP-MSG-20", "HJP-MSG-24", "HJP-FRM-15")
def test_msg_drain_of_a_megabyte(probe: Probe) -> None:
    """A megabyte of payload for a request that failed is dropped, not refused."""
    part = request(1, "no-such-op", bytes(65_536), more=True)
    probe.send(part * 16 + request(1, "no-such-op") + ping(2))
    expect_error(probe, 1, "unknown_op")
    expect_reply(probe, 2)


@requires("HJP-MSG-20", "HJP-MSG-4")
def test_msg_drain_then_same_id(probe: Probe) -> None:
    """A frame of the id after its last one is refused with bad_id."""
    opened(probe)
    probe.send(ping(1) + ping(1))
    expect_fatal(probe, "bad_id")


@requires("HJP-MSG-11", "HJP-MSG-20")
def test_msg_drain_ended_by_more_false(probe: Probe) -> None:
    """A dropped frame with more false is the last one of its request."""
    opened(probe)
    probe.send(ping(1, more=False))
    expect_alive(probe, 2)


@requires("HJP-MSG-21")
@rows(
    "late",
    {
        "magic": (frame('{"id":1,"op":"ping"}', magic=b"HJP\0"), "bad_magic"),
        "version": (frame('{"id":1,"op":"ping"}', version=2), "bad_version"),
        "reserved": (frame('{"id":1,"op":"ping"}', reserved=b"\1\0\0"), "bad_frame"),
        "json-length": (frame(b"", json_length=1), "bad_frame"),
        "long-json": (frame(b"", json_length=65_537), "too_large"),
        "payload-length": (frame(b"{}", payload_length=65_537), "too_large"),
        "json": (frame('{"id":1,"op":"ping",}'), "bad_json"),
        "duplicate": (frame('{"id":1,"op":"ping","x":0,"x":0}'), "bad_json"),
        "no-id": (frame('{"op":"ping"}'), "bad_id"),
        "id-mistyped": (frame('{"id":"1","op":"ping"}'), "bad_id"),
        "id-new": (ping(2), "bad_id"),
        "no-op": (frame('{"id":1}'), "bad_frame"),
        "op-mistyped": (frame('{"id":1,"op":1}'), "bad_frame"),
        "ok": (frame('{"id":1,"op":"ping","ok":true}'), "bad_frame"),
        "op-other": (request(1, "upper"), "bad_id"),
        "more-mistyped": (frame('{"id":1,"op":"ping","more":1}'), "bad_frame"),
    },
)
def test_msg_dropped_and_wrong(probe: Probe, late: tuple[bytes, str]) -> None:
    """A frame that would be dropped is refused for a fault of rows 1 to 12."""
    opened(probe)
    probe.send(late[0])
    expect_fatal(probe, late[1])


@requires("HJP-MSG-22")
@rows(
    "members",
    {
        "timeout": '"timeout_ms":"soon"',
        "timeout-zero": '"timeout_ms":0',
        "data": '"data":{"a":[]}',
        "limits": '"limits":1,"features":2,"token":3',
        "unknown": '"x-part":7',
    },
)
def test_msg_dropped_members(probe: Probe, members: str) -> None:
    """Other members of a dropped frame are not looked at."""
    opened(probe)
    probe.send(frame(f'{{"id":1,"op":"ping","more":true,{members}}}'))
    probe.send(frame(f'{{"id":1,"op":"ping",{members}}}'))
    expect_alive(probe, 2)


@requires("HJP-MSG-30")
@rows("value", NOT_INTEGERS)
def test_msg_timeout_mistyped(probe: Probe, value: str) -> None:
    """A timeout_ms that is no integer from 1 is answered with bad_request."""
    probe.send(frame(f'{{"id":1,"op":"ping","timeout_ms":{value}}}'))
    expect_error(probe, 1, "bad_request")
    expect_alive(probe, 2)


@requires("HJP-MSG-30", "HJP-MSG-32", "HJP-COR-9")
@rows("value", {"a-minute": 60_000, "greatest": MAX_INTEGER, "2-to-32": 2**32})
def test_msg_timeout_accepted(probe: Probe, value: int) -> None:
    """A request with a long timeout_ms is answered as without."""
    probe.send(ping(1, timeout_ms=value))
    expect_reply(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-MSG-14", "HJP-MSG-32")
def test_msg_timeout_of_a_millisecond(probe: Probe) -> None:
    """A request with timeout_ms 1 is answered in time, or with timeout, not fatal."""
    probe.send(ping(1, timeout_ms=1))
    expect(probe, Ok(1), Failed(1, "timeout"))
    expect_alive(probe, 2)


@requires("HJP-MSG-17", "HJP-LIF-7", "HJP-LIF-9")
@rows(
    "stimulus",
    {
        "bad-request": (OPEN, "bad_request"),
        "unknown-op": (request(1, "no-such-op", more=True), "unknown_op"),
    },
)
def test_msg_open_at_the_end_of_input(
    probe: Probe, stimulus: tuple[bytes, str]
) -> None:
    """The end of the input leaves a failed request open: its error, then the end."""
    octets, code = stimulus
    probe.send(octets)
    probe.half_close()
    expect_error(probe, 1, code)
    expect_end(probe)


@requires("HJP-MSG-3", "HJP-MSG-4")
def test_msg_ids_are_of_a_connection(connect: Connect) -> None:
    """An id used on one connection is new on another."""
    first, second = connect(), connect()
    expect_alive(first, 5)
    expect_alive(second, 5)
    expect_alive(first, 6)
    expect_alive(second, 6)
