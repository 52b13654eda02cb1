"""What a case of a client accepts: what the client prints at the end."""

from collections.abc import Callable, Sequence

from hjp_conformance.clients import Action, Visit
from hjp_conformance.stimuli import frame
from hjp_conformance.verdicts import Inconclusive, Violation

Start = Callable[..., Visit]
"""Starts the client with these actions: words, or tuples of words and octets."""


def expect(visit: Visit, *lines: str) -> None:
    """The client ends, and has printed just these lines.

    Raises:
        Violation: it has printed others.
        Inconclusive: only after the suite had ended its output.
    """
    expect_any(visit, lines)


def expect_any(visit: Visit, *accepted: Sequence[str]) -> Sequence[str]:
    """The client ends, and has printed one of these sequences of lines.

    Raises:
        Violation: it has printed others.
        Inconclusive: only after the suite had ended its output.
    """
    told = "\nor ".join(_told(lines) for lines in accepted)
    visit.transcript.accepted = f"the client prints: {told}"
    visit.finish()
    found = visit.outcome
    if found not in [list(lines) for lines in accepted]:
        raise Violation(f"the client printed: {_told(visit.lines)}")
    if visit.prompted:
        told = "only after the suite had ended its output the client printed: "
        raise Inconclusive(told + _told(visit.lines))
    return found


def _told(lines: Sequence[str]) -> str:
    return ", ".join(f"{line:.200}" for line in lines) or "nothing"


def replied(start: Start, make: Callable[[int], bytes], *more: Action) -> Visit:
    """The client sends a `ping`, which gets these octets, made from its id.

    Args:
        start: starts the client.
        make: the octets for the id.
        more: what the client is to do after the ping.
    """
    visit = start("ping", *more)
    visit.peer.send(make(visit.peer.request("ping").id))
    return visit


def answered(start: Start, members: str | bytes) -> Visit:
    """The client sends a `ping`, which is answered ok with these members more."""
    text = members if isinstance(members, bytes) else members.encode()
    return replied(start, lambda id_: frame(b'{"id":%d,"ok":true,%b}' % (id_, text)))
