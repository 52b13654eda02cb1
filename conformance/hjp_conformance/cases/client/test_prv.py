"""The chapter *Private names*, as a client keeps it."""

from hjp_conformance.authoring import requires
from hjp_conformance.outcomes import Start, expect
from hjp_conformance.stimuli import hello_reply, ok
from hjp_conformance.verdicts import Violation

DEFINED = {"id", "op", "more", "timeout_ms", "token", "features", "limits", "data"}


@requires("HJP-PRV-1")
def test_prv_names(start: Start) -> None:
    """Members that the client has made up, and an operation of the user's, begin x-."""
    visit = start("hello", "ping", ("echo", b"a"), ("call", "x-conformance-suite"))
    visit.transcript.accepted = "requests whose own names begin with x-"
    made_up: set[str] = set()
    hello = visit.peer.request("hello")
    visit.peer.send(hello_reply(hello.id, 65_536))
    for op in ("ping", "echo", "x-conformance-suite"):
        if op.startswith("x-"):
            visit.tell("last")
        request = visit.peer.request()
        if request.op != op:
            raise Violation(f"instead of {op} came {request.op}", "HJP-PRV-1")
        made_up |= request.metadata.keys() - DEFINED
        visit.peer.send(ok(request.id))
    expect(visit, "ok", "ok", "ok", "ok")
    made_up |= hello.metadata.keys() - DEFINED
    wrong = sorted(name for name in made_up if not name.startswith("x-"))
    if wrong:
        raise Violation(f"members of its own: {wrong}", "HJP-PRV-1")
