"""The chapter *Private names*: what begins with x-."""

from typing import Any

from hjp_conformance.authoring import requires, rows
from hjp_conformance.expect import (
    Echo,
    expect,
    expect_alive,
    expect_error,
    expect_hello,
    expect_reply,
)
from hjp_conformance.probe import Probe
from hjp_conformance.replies import Reply
from hjp_conformance.stimuli import ping, request
from hjp_conformance.verdicts import Violation

DEFINED = {
    "frame": {"id", "ok", "more", "error"},
    "hello": {"features", "limits", "server", "encoding"},
    "echo": {"data"},
    "error": {"code", "message", "fatal", "limit", "versions", "last_id"},
}


def made_up(members: dict[str, Any], *places: str) -> list[str]:
    """The names that no text defines for these places and that are not private."""
    known = set().union(*(DEFINED[place] for place in places))
    return [name for name in members if name not in known and name[:2] != "x-"]


@requires("HJP-PRV-1")
def test_prv_names_of_members(probe: Probe) -> None:
    """Replies have the members that the text defines, or private ones."""
    probe.send(request(1, "hello"))
    names = made_up(expect_hello(probe, 1), "frame", "hello")
    probe.send(ping(2) + request(3, "echo", data=1) + request(4, "no-such-op"))
    found = [expect_reply(probe, 2), expect(probe, Echo(3, b"", "1"))]
    found.append(expect_error(probe, 4, "unknown_op"))
    for reply in found:
        assert isinstance(reply, Reply), "what else was expected"
        names += made_up(reply.metadata, "frame", "echo")
        names += made_up(reply.error, "error")
    if names:
        raise Violation(f"made-up members without x-: {', '.join(names)}")


@requires("HJP-ERR-16", "HJP-PRV-1")
@rows(
    "op",
    {
        "some": "x-hjp-conformance-none",
        "prefix-alone": "x-",
        "like-a-core-one": "x-ping",
        "capital": "X-none",
        "not-ascii": "x-\U0001f600",
    },
)
def test_prv_unknown_op(probe: Probe, op: str) -> None:
    """A private operation that the server does not offer gets unknown_op."""
    probe.send(request(1, op, b"payload", **{"x-a": 1}))
    expect_error(probe, 1, "unknown_op")
    expect_alive(probe, 2)
