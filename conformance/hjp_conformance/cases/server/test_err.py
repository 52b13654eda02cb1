"""The chapter *Errors*: their shape, what is fatal, and which comes first."""

from collections.abc import Callable
from typing import Any

from hjp_conformance.authoring import requires, rows
from hjp_conformance.expect import (
    Ended,
    Failed,
    Fatal,
    Outcome,
    expect,
    expect_alive,
    expect_end,
    expect_error,
    expect_fatal,
    expect_replies,
    expect_reply,
    expect_taken,
    send_apart,
)
from hjp_conformance.fixtures.server import Connect
from hjp_conformance.probe import Probe
from hjp_conformance.replies import Reply
from hjp_conformance.stimuli import frame, ping, pings, request

HEADER = 16
PING = '{"id":1,"op":"ping"}'
MORE_INPUT = 4 * 2**20
"""Octets that follow a refused frame: more than sockets buffer."""

Fault = tuple[Callable[[int], bytes], str]
"""What makes the octets of a fault from an id that is new, and its code."""

FAULTS: dict[str, Fault] = {
    "bad-magic": (lambda _: b"GET / HTTP/1.1\r\n\r\n", "bad_magic"),
    "bad-version": (lambda _: frame(PING, version=2), "bad_version"),
    "bad-frame": (lambda id_: frame({"id": id_}), "bad_frame"),
    "bad-json": (lambda _: frame("{,}"), "bad_json"),
    "bad-id": (lambda _: frame('{"id":0,"op":"ping"}'), "bad_id"),
    "too-large": (lambda _: frame(b"", json_length=65_537), "too_large"),
}
IN_FIRST_FRAME: dict[str, Fault] = {
    **FAULTS,
    "bad-request": (lambda id_: request(id_, "hello", token=1), "bad_request"),
}
IN_LATER_FRAME: dict[str, Fault] = {
    **FAULTS,
    "late-hello": (lambda id_: request(id_, "hello"), "bad_frame"),
}


@requires("HJP-ERR-1", "HJP-ERR-3", "HJP-ERR-6", "HJP-ERR-11", "HJP-ERR-12")
@rows("fault", IN_FIRST_FRAME)
def test_err_fatal(probe: Probe, fault: Fault) -> None:
    """A fault gets a fatal error with id 0, then the end of the stream."""
    octets, code = fault
    probe.send(octets(1))
    expect_fatal(probe, code)


@requires("HJP-ERR-1", "HJP-ERR-2", "HJP-ERR-4", "HJP-ERR-5", "HJP-ERR-6")
@rows(
    "fault",
    {
        "unknown-op": (request(3, "no-such-op", b"x"), "unknown_op"),
        "timeout": (ping(3, timeout_ms="1"), "bad_request"),
        "upper-timeout": (request(3, "upper", b"x", timeout_ms=0), "bad_request"),
        "echo-timeout": (
            request(3, "echo", b"x", data=1, timeout_ms=-1),
            "bad_request",
        ),
    },
)
def test_err_not_fatal(probe: Probe, fault: tuple[bytes, str]) -> None:
    """A fault of a request gets an error with its id, and the connection goes on."""
    probe.send(fault[0])
    expect_error(probe, 3, fault[1])
    expect_alive(probe, 4)


@requires("HJP-ERR-5")
def test_err_many_not_fatal(probe: Probe) -> None:
    """A hundred errors that are not fatal do not end the connection."""
    probe.send(b"".join(request(id_, "no-such-op") for id_ in range(1, 101)))
    for id_ in range(1, 101):
        expect_error(probe, id_, "unknown_op")
    expect_alive(probe, 101)


@requires("HJP-ERR-9", "HJP-ERR-15")
@rows("fault", IN_LATER_FRAME)
def test_err_replies_before_fatal(probe: Probe, fault: Fault) -> None:
    """Requests that ended before a faulty frame are answered before its error."""
    octets, code = fault
    probe.send(pings(1, 9) + request(10, "upper", b"x") + octets(11))
    expect_replies(probe, 1, 9)
    expect_reply(probe, 10, b"X")
    expect_fatal(probe, code)


@requires("HJP-ERR-10", "HJP-ERR-11")
@rows("fault", IN_FIRST_FRAME)
def test_err_nothing_after_fatal(probe: Probe, fault: Fault) -> None:
    """Requests after a refused frame, in the same write, are not answered."""
    octets, code = fault
    probe.send(octets(1) + pings(2, 50))
    expect_fatal(probe, code)


@requires("HJP-ERR-10", "HJP-ERR-11")
def test_err_second_fault_is_not_told(probe: Probe) -> None:
    """Two faulty frames get one fatal error, that of the first."""
    probe.send(frame("[]") + frame(PING, magic=b"HJP\0"))
    expect_fatal(probe, "bad_json")


@requires("HJP-ERR-12", "HJP-ERR-13")
def test_err_input_is_dropped_after_end(probe: Probe) -> None:
    """After the fatal error and the end of the stream the server still reads."""
    probe.send(frame("[]"))
    expect_fatal(probe, "bad_json")
    probe.send(bytes(65_536), bytes(65_536))
    expect_taken(probe)


@requires("HJP-ERR-13", "HJP-ERR-12")
@rows("fault", IN_FIRST_FRAME)
def test_err_readable_although_more_follows(probe: Probe, fault: Fault) -> None:
    """The fatal error is read although megabytes follow the refused frame."""
    octets, code = fault
    probe.send(octets(1) + bytes(MORE_INPUT))
    expect_fatal(probe, code)


@requires("HJP-ERR-13")
def test_err_readable_after_half_close(probe: Probe) -> None:
    """The fatal error is read although the input has ended."""
    probe.send(frame("[]") + bytes(1000))
    probe.half_close()
    expect_fatal(probe, "bad_json")


# Each row of the table *Precedence* as a fault in one frame, in two parts: header
# fields and JSON text. Request 1 is open, so that rows 9 and 11 can occur; where a
# header is wrong, what it frames is wrong as well.
HEADERS: dict[int, dict[str, Any]] = {
    1: {"magic": b"HJP\0"},
    2: {"version": 2},
    3: {"reserved": b"\0\0\1"},
    4: {"json_length": 1},
    5: {"json_length": 65_537},
    6: {"payload_length": 65_537},
}
TEXTS: dict[int, dict[str, Any]] = {
    7: {"x": float("nan")},
    8: {"id": "1"},
    9: {"id": 2},
    10: {"ok": True},
    11: {"op": "echo"},
    12: {"more": 1},
}
CODES = (
    *("bad_magic", "bad_version", "bad_frame", "bad_frame", "too_large", "too_large"),
    *("bad_json", "bad_id", "bad_id", "bad_frame", "bad_id", "bad_frame"),
)
NAMED = {5: "max_json", 6: "max_payload"}


def told(row: int) -> tuple[str, str | None]:
    """The code of a row, and the limit that it names."""
    return CODES[row - 1], NAMED.get(row)


def differ(first: int, second: int) -> bool:
    """Whether one frame can have both faults, and the answer shows which was told."""
    return told(first) != told(second) and (first, second) != (4, 5)


def faulty(*faults: int) -> bytes:
    """A frame of request 1 that has the faults of these rows."""
    metadata: dict[str, Any] = {"id": 1, "op": "ping"}
    header: dict[str, Any] = {}
    for row in faults:
        metadata |= TEXTS.get(row, {})
        header |= HEADERS.get(row, {})
    return frame(metadata, **header)


PAIRS = {
    f"row-{first}-and-{second}": (first, second)
    for second in range(2, 13)
    for first in range(1, second)
    if differ(first, second)
}


@requires("HJP-ERR-15")
@rows("pair", PAIRS)
def test_err_precedence(probe: Probe, pair: tuple[int, int]) -> None:
    """Of two faults in one frame the one in the first row is told."""
    probe.send(ping(1, more=True))
    expect_error(probe, 1, "bad_request")
    probe.send(faulty(*pair))
    expect_fatal(probe, *told(pair[0]))


@requires("HJP-ERR-15")
@rows(
    "text",
    {
        "id-before-op": ('{"id":0}', "bad_id"),
        "id-before-ok": ('{"ok":true,"op":"ping"}', "bad_id"),
        "id-before-more": ('{"id":null,"op":"ping","more":1}', "bad_id"),
        "op-before-more": ('{"id":1,"op":2,"more":1}', "bad_frame"),
        "ok-before-unknown-op": ('{"id":1,"op":"no-such-op","ok":1}', "bad_frame"),
        "more-before-unknown-op": ('{"id":1,"op":"no-such-op","more":1}', "bad_frame"),
        "more-before-timeout": (
            '{"id":1,"op":"ping","more":null,"timeout_ms":0}',
            "bad_frame",
        ),
        "more-before-token": ('{"id":1,"op":"hello","more":0,"token":0}', "bad_frame"),
        "duplicate-before-id": ('{"op":"ping","op":"ping"}', "bad_json"),
        "duplicate-after-wrong-id": ('{"id":0,"op":"ping","x":1,"x":1}', "bad_json"),
        "number-before-op": ('{"id":1,"x":1e999}', "bad_json"),
        "everything": ('{"id":0,"op":1,"ok":1,"more":1,"timeout_ms":0', "bad_json"),
    },
)
def test_err_precedence_in_first_frame(probe: Probe, text: tuple[str, str]) -> None:
    """Of several faults in the first frame of a connection the first row is told."""
    probe.send(frame(text[0]))
    expect_fatal(probe, text[1])


@requires("HJP-ERR-15", "HJP-LIF-3")
@rows(
    "members",
    {
        "more": {"more": True},
        "timeout": {"timeout_ms": 0},
        "token": {"token": 1},
        "limits": {"limits": {"max_payload": 1}},
    },
)
def test_err_late_hello_before_its_members(
    probe: Probe, members: dict[str, Any]
) -> None:
    """A late hello whose members are wrong is refused as late, with bad_frame."""
    probe.send(ping(1) + request(2, "hello", **members))
    expect_reply(probe, 1)
    expect_fatal(probe, "bad_frame")


@requires("HJP-ERR-15", "HJP-ERR-16")
@rows(
    "members",
    {"more": {"more": True}, "timeout": {"timeout_ms": 0}, "data": {"token": 1}},
)
def test_err_unknown_op_before_its_members(
    probe: Probe, members: dict[str, Any]
) -> None:
    """An unknown operation is told before what else is wrong with the request."""
    probe.send(request(1, "no-such-op", **members))
    expect_error(probe, 1, "unknown_op")


@requires("HJP-ERR-15")
def test_err_late_hello_after_id(probe: Probe) -> None:
    """A late hello with an id that is not new is refused with bad_id."""
    probe.send(ping(5) + request(5, "hello"))
    expect_reply(probe, 5)
    expect_fatal(probe, "bad_id")


@requires("HJP-FRM-18", "HJP-ERR-15")
@rows(
    "start",
    {
        "id-zero": '{"id":0,"op":"ping"',
        "id-mistyped": '{"id":"1","op":"ping"',
        "two-ops": '{"id":1,"op":7,"ok":true',
    },
)
def test_err_not_before_json_text_is_whole(connect: Connect, start: str) -> None:
    """A fault of rows 8 to 12 is not told while the JSON text may be wrong itself."""
    probe, other = connect(), connect()
    octets = frame(start + ",}")
    send_apart(probe, other, (octets[:-2], octets[-2:]), 1)
    expect_fatal(probe, "bad_json")


@requires("HJP-ERR-15")
def test_err_earliest_frame(probe: Probe) -> None:
    """Of faults in two frames the one in the earlier frame is told."""
    probe.send(ping(1) + frame('{"id":2,"op":"ping","more":1}') + b"GET / HTTP/1.1\r\n")
    expect_reply(probe, 1)
    expect_fatal(probe, "bad_frame")


@requires("HJP-ERR-15")
def test_err_earliest_frame_with_replies(probe: Probe) -> None:
    """Errors that are not fatal come before the fatal one of a later frame."""
    probe.send(request(1, "no-such-op") + ping(2, timeout_ms=0) + frame("[]"))
    expect_error(probe, 1, "unknown_op")
    expect_error(probe, 2, "bad_request")
    expect_fatal(probe, "bad_json")


@requires("HJP-ERR-20")
@rows(
    "text",
    {
        "no-id": ('{"op":"ping"}', "bad_id"),
        "id-zero": ('{"id":0,"op":"ping"}', "bad_id"),
        "id-not-new": ('{"id":1,"op":"ping"}', "bad_id"),
        "no-op": ('{"id":2}', "bad_frame"),
        "ok": ('{"id":2,"op":"ping","ok":true}', "bad_frame"),
        "more-mistyped": ('{"id":2,"op":"ping","more":0}', "bad_frame"),
        "late-hello": ('{"id":2,"op":"hello"}', "bad_frame"),
    },
)
def test_err_decided_without_payload(probe: Probe, text: tuple[str, str]) -> None:
    """A fault of rows 8 to 13 is told while the frame's payload has not come."""
    expect_alive(probe, 1)
    probe.send(frame(text[0], payload_length=1000))
    expect_fatal(probe, text[1])


@requires("HJP-ERR-20", "HJP-MSG-21")
@rows(
    "text",
    {
        "new-id": ('{"id":2,"op":"ping"}', "bad_id"),
        "other-op": ('{"id":1,"op":"echo"}', "bad_id"),
        "more-mistyped": ('{"id":1,"op":"ping","more":0}', "bad_frame"),
    },
)
def test_err_dropped_and_decided_without_payload(
    probe: Probe, text: tuple[str, str]
) -> None:
    """A fault of a frame to be dropped is told while its payload has not come."""
    probe.send(ping(1, more=True))
    expect_error(probe, 1, "bad_request")
    probe.send(frame(text[0], payload_length=1000))
    expect_fatal(probe, text[1])


@requires("HJP-ERR-16", "HJP-ERR-18", "HJP-LIF-9")
@rows(
    "text",
    {
        "unknown-op": ('{"id":1,"op":"no-such-op"}', Failed(1, "unknown_op")),
        "timeout": ('{"id":1,"op":"ping","timeout_ms":0}', Failed(1, "bad_request")),
        "hello": ('{"id":1,"op":"hello","token":0}', Fatal("bad_request")),
    },
)
def test_err_answered_with_or_without_payload(
    probe: Probe, text: tuple[str, Outcome]
) -> None:
    """A fault of rows 14 to 17 in a frame whose payload never comes: told or not."""
    probe.send(frame(text[0], payload_length=1000))
    probe.half_close()
    found = expect(probe, text[1], Ended())
    if isinstance(found, Reply) and not found.fatal:
        expect_end(probe)


@requires("HJP-ERR-16")
@rows(
    "op",
    {
        "unknown": "no-such-op",
        "empty": "",
        "case": "PING",
        "space-after": "ping ",
        "nul-after": "ping\0",
        "nul-and-more": "echo\0x",
        "prefix": "pin",
        "longer": "pings",
        "long": "o" * 60_000,
        "not-ascii": "п\u0456ng\U0001f600",
        "look-alike": "\uff50ing",
        "method-of-an-object": "constructor",
    },
)
def test_err_unknown_op(probe: Probe, op: str) -> None:
    """A request for an operation that no server offers gets unknown_op."""
    probe.send(request(1, op))
    expect_error(probe, 1, "unknown_op")
    expect_alive(probe, 2)


@requires("HJP-ERR-17", "HJP-ERR-15")
@rows(
    "members",
    {"alone": {}, "with-timeout": {"timeout_ms": 0}, "with-data": {"data": [1]}},
)
def test_err_more_without_body(probe: Probe, members: dict[str, Any]) -> None:
    """More true where the operation has no body gets bad_request."""
    probe.send(request(1, "echo", b"part", more=True, **members))
    expect_error(probe, 1, "bad_request")
    probe.send(request(1, "echo"))
    expect_alive(probe, 2)


@requires("HJP-ERR-18")
@rows(
    "members",
    {
        "token": {"token": 1},
        "features": {"features": "mux"},
        "limits": {"limits": [1]},
        "max-payload": {"limits": {"max_payload": "65536"}},
    },
)
def test_err_member_mistyped(probe: Probe, members: dict[str, Any]) -> None:
    """A mistyped member of the operation gets bad_request, in hello a fatal one."""
    probe.send(request(1, "hello", **members))
    expect_fatal(probe, "bad_request")


@requires("HJP-ERR-19", "HJP-ERR-2")
@rows(
    "op",
    {"echo": "echo", "upper": "upper"},
)
def test_err_nothing_is_carried_out(probe: Probe, op: str) -> None:
    """A request that is answered with bad_request has no result beside it."""
    probe.send(request(1, op, b"abc", data=1, timeout_ms=0))
    expect_error(probe, 1, "bad_request")
    expect_alive(probe, 2)


@requires("HJP-ERR-8")
@rows(
    "stimulus",
    {
        "json": (frame(b"", json_length=65_537), "max_json"),
        "payload": (frame(PING, payload_length=65_537)[:HEADER], "max_payload"),
    },
)
def test_err_limit_is_named(probe: Probe, stimulus: tuple[bytes, str]) -> None:
    """The error too_large names the limit that was exceeded."""
    probe.send(stimulus[0])
    expect_fatal(probe, "too_large", stimulus[1])


@requires("HJP-ERR-5", "HJP-ERR-11")
def test_err_of_one_connection(connect: Connect) -> None:
    """A fatal error ends its own connection and no other."""
    other, probe = connect(), connect()
    expect_alive(other, 1)
    probe.send(frame("[]"))
    expect_fatal(probe, "bad_json")
    expect_alive(other, 2)
