"""The chapter *Limits*, as a client keeps it: how much it sends, how much it takes."""

from typing import Any

from hjp_conformance.authoring import requires, rows
from hjp_conformance.client_process import ok_line
from hjp_conformance.outcomes import Start, expect, expect_any
from hjp_conformance.stimuli import frame, hello_reply, ok

DEFAULT = 65_536


@requires("HJP-LIM-1", "HJP-FRM-19")
@rows("size", {"65535": 65_535, "65536": DEFAULT})
def test_lim_payload_without_hello(start: Start, size: int) -> None:
    """A payload of at most 65 536 octets is sent without hello."""
    visit = start(("upper", b"x" * size))
    request = visit.peer.request("upper")
    visit.peer.check(len(request.payload) == size, "the payload has another length")
    visit.peer.send(ok(request.id, b"X"))
    expect(visit, "ok 58")


@requires("HJP-LIM-1", "HJP-FRM-19")
@rows("size", {"65537": 65_537, "100000": 100_000, "mebibyte": 2**20})
def test_lim_payload_too_long_without_hello(start: Start, size: int) -> None:
    """A longer payload is sent after a hello of the client's own, or not at all."""
    visit = start(("upper", b"x" * size), "ping")
    visit.peer.hesitates = True
    request = visit.peer.request()
    if request.op == "upper":
        visit.peer.check(len(request.payload) == size, "the payload has another length")
        visit.peer.send(ok(request.id, b"X"))
        request = visit.peer.request("ping")
    visit.peer.send(ok(request.id))
    expect_any(visit, ["ok 58", "ok"], ["unsent too_large", "ok"])


@requires("HJP-LIM-1")
@rows("stated", {"70000": 70_000, "mebibyte": 2**20})
def test_lim_payload_after_hello(start: Start, stated: int) -> None:
    """A payload as long as the server has stated is sent after hello."""
    visit = start("hello", ("upper", b"x" * stated))
    hello = visit.peer.request("hello")
    visit.peer.max_payload = stated
    visit.peer.send(hello_reply(hello.id, stated))
    request = visit.peer.request("upper")
    visit.peer.check(len(request.payload) == stated, "the payload has another length")
    visit.peer.send(ok(request.id))
    expect(visit, "ok", "ok")


@requires("HJP-LIM-1", "HJP-FRM-19")
@rows("stated", {"65536": DEFAULT, "70000": 70_000})
def test_lim_payload_longer_than_stated(start: Start, stated: int) -> None:
    """A payload longer than the server has stated is not sent."""
    visit = start("hello", ("upper", b"x" * (stated + 1)), "ping")
    hello = visit.peer.request("hello")
    visit.peer.max_payload = stated
    visit.peer.send(hello_reply(hello.id, stated))
    visit.peer.send(ok(visit.peer.request("ping").id))
    expect(visit, "ok", "unsent too_large", "ok")


@requires("HJP-LIM-1", "HJP-MET-16")
def test_lim_limits_of_another_reply(start: Start) -> None:
    """Limits in a reply that is not to hello state nothing."""
    visit = start("ping", ("upper", b"x" * (DEFAULT + 1)), "ping")
    limits = {"max_payload": 2**20}
    visit.peer.send(ok(visit.peer.request("ping").id, limits=limits))
    request = visit.peer.request()
    if request.op == "upper":
        visit.peer.send(ok(request.id))
        request = visit.peer.request("ping")
    visit.peer.send(ok(request.id))
    expect_any(visit, ["ok", "ok", "ok"], ["ok", "unsent too_large", "ok"])


@requires("HJP-LIM-1", "HJP-MET-18", "HJP-MET-16")
@rows(
    "members",
    {
        "no-limits": {"limits": {}},
        "limits-missing": {"limits": None},
        "beside-limits": {"limits": {"max_payload": DEFAULT}, "max_payload": 2**20},
        "too-great": {"limits": {"max_payload": 2**40}},
        "string": {"limits": {"max_payload": "1048576"}},
        "fraction": {"limits": {"max_payload": 1048576.5}},
    },
)
def test_lim_limits_that_state_nothing(start: Start, members: dict[str, Any]) -> None:
    """What is no max_payload in a reply to hello states none, or is refused."""
    visit = start("hello", ("upper", b"x" * (DEFAULT + 1)))
    visit.peer.send(hello_reply(visit.peer.request("hello").id, DEFAULT, **members))
    visit.transcript.accepted = "the client prints: ok, unsent too_large\nor no ok"
    visit.finish()
    if visit.outcome[:1] == ["ok"]:
        expect(visit, "ok", "unsent too_large")


@requires("HJP-LIM-1")
def test_lim_own_limit_is_not_the_servers(start: Start) -> None:
    """What the client has stated says nothing about what it may send."""
    visit = start(("hello", 2**20), ("upper", b"x" * (DEFAULT + 1)))
    visit.peer.send(hello_reply(visit.peer.request("hello").id, DEFAULT))
    expect(visit, "ok", "unsent too_large")


@requires("HJP-FRM-10")
def test_lim_servers_limit_is_not_the_clients(start: Start) -> None:
    """What the server has stated says nothing about what the client takes."""
    visit = start("hello", "ping")
    visit.peer.send(hello_reply(visit.peer.request("hello").id, 2**20))
    visit.peer.request("ping")
    visit.peer.send(frame("", json_length=20, payload_length=DEFAULT + 1))
    expect(visit, "ok", "refused too_large")


@requires("HJP-FRM-10", "HJP-FRM-11")
@rows("stated", {"65536": DEFAULT, "100000": 100_000})
def test_lim_reply_longer_than_stated(start: Start, stated: int) -> None:
    """A reply longer than the client has stated is refused by its header."""
    visit = start(("hello", stated), "ping")
    visit.peer.send(hello_reply(visit.peer.request("hello").id, DEFAULT))
    visit.peer.request("ping")
    header = frame("", json_length=20, payload_length=stated + 1)
    visit.peer.send(header)
    expect(visit, "ok", "refused too_large")


@requires("HJP-FRM-13")
@rows("stated", {"65537": 65_537, "100000": 100_000, "mebibyte": 2**20})
def test_lim_reply_as_long_as_stated(start: Start, stated: int) -> None:
    """A reply as long as the client has stated is accepted."""
    visit = start(("hello", stated), ("upper", b"x"))
    visit.peer.send(hello_reply(visit.peer.request("hello").id, DEFAULT))
    payload = bytes(stated)
    visit.peer.send(ok(visit.peer.request("upper").id, payload))
    expect(visit, "ok", ok_line(payload))
