"""The testee of a client: that the other cases see what they look for."""

from hjp_conformance.authoring import requires, rows
from hjp_conformance.outcomes import Start, expect
from hjp_conformance.stimuli import error, hello_reply, ok
from hjp_conformance.verdicts import Skipped, Violation


@requires("HJP-TST-7")
@rows("actions", {"alone": ["x-no-such"], "after-another": ["ping", "x-no-such"]})
def test_tst_action_not_offered(start: Start, actions: list[str]) -> None:
    """An action that nobody knows: exit status 127, without connecting."""
    visit = start(*actions)
    try:
        peer = visit.peer
    except Skipped:
        return
    peer.transcript.accepted = "no connection, and exit status 127"
    raise Violation("the client connected, to do what no client can know")


@requires("HJP-TST-8", "HJP-TST-9", "HJP-TST-10")
def test_tst_actions_in_order(start: Start) -> None:
    """Actions are done in order, each after the reply to the one before."""
    visit = start("ping", ("echo", b"1"), ("upper", b"2"), "ping")
    for op, payload in (("ping", b""), ("echo", b"1"), ("upper", b"2"), ("ping", b"")):
        request = visit.peer.request(op)
        visit.peer.check(request.payload == payload, "the payload is another")
        visit.peer.send(ok(request.id, payload))
    expect(visit, "ok", "ok 31", "ok 32", "ok")


@requires("HJP-TST-9", "HJP-TST-10")
def test_tst_errors_go_on(start: Start) -> None:
    """An error is told by a line; the next action follows; the exit status is 1."""
    visit = start("ping", "ping")
    visit.peer.send(error(visit.peer.request("ping").id, "busy"))
    visit.peer.send(ok(visit.peer.request("ping").id))
    expect(visit, "error busy", "ok")


@requires("HJP-TST-9")
def test_tst_ahead(start: Start) -> None:
    """Requests sent ahead get a line each; all are sent before a reply comes."""
    visit = start(("ahead", 5, "upper", b"a"), "ping")
    ids = [visit.peer.request("upper").id for _ in range(5)]
    for number, id_ in enumerate(ids):
        visit.peer.send(ok(id_, b"%d" % number))
    visit.peer.send(ok(visit.peer.request("ping").id))
    expect(visit, "ok 30", "ok 31", "ok 32", "ok 33", "ok 34", "ok")


@requires("HJP-TST-11", "HJP-TST-8")
def test_tst_hello_is_the_first(start: Start) -> None:
    """A hello that is asked for is the client's only one, with what was asked for."""
    visit = start("hello", "ping")
    request = visit.peer.request("hello")
    stated = request.metadata.get("limits", {})
    visit.peer.check("max_payload" not in stated, "it states a max_payload")
    visit.peer.send(hello_reply(request.id, 65_536))
    visit.peer.send(ok(visit.peer.request("ping").id))
    expect(visit, "ok", "ok")


@requires("HJP-TST-13", "HJP-TST-14")
def test_tst_call_sends_at_once(start: Start) -> None:
    """Each frame of a call is sent when its line has come."""
    visit = start(("call", "x-suite"))
    for line, payload in (("more 31", b"1"), ("more", b""), ("last 33", b"3")):
        visit.tell(line)
        request = visit.peer.request("x-suite")
        visit.peer.check(request.payload == payload, "the payload is another")
    visit.peer.send(ok(request.id))
    expect(visit, "ok")
