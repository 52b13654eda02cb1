"""What a case accepts: outcomes, and how to ask for one of them.

An outcome looks at one frame, or at the end of the stream, and says what is wrong
with it. `expect` passes if any of the outcomes it is given finds nothing wrong.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Any, NamedTuple, Protocol

from hjp_conformance.equality import equal
from hjp_conformance.probe import End, Probe
from hjp_conformance.replies import Reply, is_plain
from hjp_conformance.reports.summary import counted
from hjp_conformance.stimuli import ping
from hjp_conformance.verdicts import Inconclusive, Violation
from hjp_spec import ijson, messages
from hjp_spec.registry import HEADER_LENGTH

Found = Reply | End

_DROPPING = 2.0
"""Seconds for which a server reads on after a fatal error (HJP-ERR-13)."""
_SHUT_DOWN = 1.5
"""Seconds in which the end of the stream has to follow a fatal error: fewer than
after which a server closes that forgot to shut down (HJP-ERR-12, HJP-ERR-13)."""


_PAYLOAD_LENGTH_AT = 12
_IN_EVERY_REPLY = {"id", "ok"}
_WITH_MEMBERS = {"hello"}
"""Operations whose replies have to have members of their own."""


class Problem(NamedTuple):
    """What is wrong with what came.

    Attributes:
        text: for people.
        offset: the first wrong octet of the frame.
    """

    text: str
    offset: int = 0


class Outcome(Protocol):
    """Something that a case accepts."""

    def problem(self, found: Found) -> Problem | None:
        """What is wrong with what came; None if it is this outcome."""

    def __str__(self) -> str:
        """The outcome for people."""


@dataclass(frozen=True, slots=True)
class Ok:
    """The final reply to a request, ok.

    Attributes:
        id: of the request.
        payload: the octets that the reply has to carry.
        op: the operation, whose members are checked.
    """

    id: int
    payload: bytes = b""
    op: str = "ping"

    def problem(self, found: Found) -> Problem | None:
        """See `Outcome`."""
        if isinstance(found, End):
            return Problem(str(found))
        if not found.ok or found.id != self.id:
            return Problem(str(found), found.offset_of("ok" if found.id else "id"))
        if found.payload != self.payload:
            return _other_payload(found, self.payload)
        if self.op not in _WITH_MEMBERS and found.metadata.keys() <= _IN_EVERY_REPLY:
            return None  # nothing that the schemas could say more about
        faults = messages.problems("reply", self.op, found.metadata)
        told = f"{found}: {'; '.join(faults)}"
        return Problem(told, HEADER_LENGTH) if faults else None

    def __str__(self) -> str:
        size = len(self.payload)
        octets = counted(size, "octet", "octets")
        with_payload = f"payload of {octets}" if size else "no payload"
        return f"reply to {self.id}, ok, {with_payload}"


@dataclass(frozen=True, slots=True)
class Echo:
    """The reply to an `echo`: equal `data`, the same payload.

    Attributes:
        id: of the request.
        payload: that of the request.
        data: the JSON text of the request's `data`; None if it had none.
    """

    id: int
    payload: bytes = b""
    data: str | None = None

    def problem(self, found: Found) -> Problem | None:
        """See `Outcome`."""
        problem = Ok(self.id, self.payload, "echo").problem(found)
        if problem is not None or isinstance(found, End):
            return problem
        if ("data" in found.metadata) != (self.data is not None):
            told = f"{found}, {'no data' if self.data else 'with data'}"
            return Problem(told, found.offset_of("data"))
        if self.data is None or equal(_value(self.data), found.metadata["data"]):
            return None
        told = f"{found}, data {found.metadata['data']!r:.200}"
        return Problem(told, found.offset_of("data"))

    def __str__(self) -> str:
        data = "no data" if self.data is None else f"data equal to {self.data:.60}"
        return f"{Ok(self.id, self.payload)}, {data}"


@dataclass(frozen=True, slots=True)
class Failed:
    """An error that is not fatal.

    Attributes:
        id: of the request.
        code: the code it has to carry.
        limit: the limit it has to name, with `too_large`.
    """

    id: int
    code: str
    limit: str | None = None

    def problem(self, found: Found) -> Problem | None:
        """See `Outcome`."""
        return _wrong_error(found, self.id, self.code, self.limit)

    def __str__(self) -> str:
        return f"error {_code(self.code, self.limit)}, id {self.id}, not fatal"


@dataclass(frozen=True, slots=True)
class Fatal:
    """A fatal error; the end of the stream has to follow.

    Attributes:
        code: the code it has to carry.
        limit: the limit it has to name, with `too_large`.
    """

    code: str
    limit: str | None = None

    def problem(self, found: Found) -> Problem | None:
        """See `Outcome`."""
        return _wrong_error(found, 0, self.code, self.limit)

    def __str__(self) -> str:
        return f"fatal error {_code(self.code, self.limit)}, then the end of the stream"


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of the stream, without a further frame."""

    def problem(self, found: Found) -> Problem | None:
        """See `Outcome`."""
        return None if found is End.ORDERLY else Problem(str(found))

    def __str__(self) -> str:
        return str(End.ORDERLY)


def expect(probe: Probe, *outcomes: Outcome) -> Found:
    """Read on and accept any of these outcomes.

    Raises:
        Violation: something else came.
        Inconclusive: nothing came in time.
    """
    probe.asked("\nor ".join(map(str, outcomes)))
    found = probe.next()
    problems = {outcome: outcome.problem(found) for outcome in outcomes}
    matched = [outcome for outcome, problem in problems.items() if problem is None]
    if not matched:
        worst = max(filter(None, problems.values()), key=lambda one: len(one.text))
        if isinstance(found, Reply):
            probe.blame(worst.offset)
        raise Violation(_told(probe, found, worst.text))
    if isinstance(matched[0], Fatal):
        _expect_end_after_fatal(probe)
    return found


def expect_reply(probe: Probe, id_: int, payload: bytes = b"") -> Found:
    """The request is answered, ok, with this payload."""
    return expect(probe, Ok(id_, payload))


def expect_replies(probe: Probe, first: int, last: int) -> None:
    """The requests with these ids are answered, ok, in order."""
    for id_ in range(first, last + 1):
        expect_reply(probe, id_)


def expect_error(probe: Probe, id_: int, code: str, limit: str | None = None) -> Found:
    """The request is answered with an error that is not fatal."""
    return expect(probe, Failed(id_, code, limit))


def expect_fatal(probe: Probe, code: str, limit: str | None = None) -> Found:
    """The connection ends with this error, not by a bare close, not by a reset."""
    return expect(probe, Fatal(code, limit))


def expect_end(probe: Probe) -> None:
    """The stream ends, and nothing comes before its end."""
    expect(probe, Ended())


def expect_alive(probe: Probe, id_: int) -> None:
    """A `ping` sent now gets the very next frame: nothing happened before it."""
    probe.send(ping(id_))
    expect_reply(probe, id_)


def expect_taken(probe: Probe) -> None:
    """The target has read on after its fatal error: the connection is not reset."""
    if probe.end is not End.RESET:
        return
    if monotonic() - probe.opened >= _DROPPING:
        raise Inconclusive("the 2 s after which a server may close have passed")
    raise Violation(
        "after the fatal error came a reset: the connection was closed although "
        "octets lay unread",
        "HJP-ERR-13",
    )


def send_apart(probe: Probe, other: Probe, pieces: Iterable[bytes], first: int) -> int:
    """Send pieces so that the target has had every reason to read each by itself.

    Between two pieces it answers a ping on another connection.

    Args:
        probe: where the pieces go.
        other: where the pings go.
        pieces: the octets.
        first: the first id that is new on the other connection.

    Returns:
        The next id that is new on the other connection.
    """
    for id_, piece in enumerate(pieces, first):
        probe.send(piece)
        expect_alive(other, id_)
        first = id_ + 1
    return first


def expect_hello(probe: Probe, id_: int) -> dict[str, Any]:
    """The `hello` is answered, ok; returns the members of the reply."""
    found = expect(probe, Ok(id_, op="hello"))
    assert isinstance(found, Reply), "what else is ok"
    limit = found.metadata["limits"].get("max_payload")
    if not is_plain(limit, 65_536, 2**32 - 1):
        raise Violation(f"max_payload is {limit!r}", "HJP-LIM-5")
    return found.metadata


def _expect_end_after_fatal(probe: Probe) -> None:
    found = probe.next(_SHUT_DOWN)
    if isinstance(found, Reply):
        raise Violation(f"after the fatal error came: {found}", "HJP-ERR-11")
    if probe.prompted:
        raise Inconclusive(
            "the end of the stream did not follow the fatal error: either the target "
            "is slow, or it does not shut down its sending direction (HJP-ERR-12)"
        )
    expect_taken(probe)


def _told(probe: Probe, found: Found, told: str) -> str:
    """What came instead, in one text."""
    if isinstance(found, Reply) and found.error:
        told += f", message {found.error['message']!r:.200}"
    if probe.prompted:
        told += " (nothing came until the suite ended its input)"
    return told


def _wrong_error(
    found: Found, id_: int, code: str, limit: str | None
) -> Problem | None:
    if isinstance(found, End):
        return Problem(str(found))
    if found.ok:
        return Problem(str(found), found.offset_of("ok"))
    if found.error["code"] != code:
        return Problem(str(found), found.offset_of("code"))
    if limit not in (None, found.error.get("limit")):
        return Problem(str(found), found.offset_of("limit"))
    return None if found.id == id_ else Problem(str(found), found.offset_of("id"))


def _code(code: str, limit: str | None) -> str:
    return code if limit is None else f"{code} (limit {limit})"


def _value(text: str) -> Any:
    return ijson.parse(b'{"v":%b}' % text.encode())["v"]


def _other_payload(reply: Reply, wanted: bytes) -> Problem:
    found = reply.payload
    begin = len(reply.octets) - len(found)
    if len(wanted) != len(found):
        octets = counted(len(found), "octet", "octets")
        told = f"the payload has {octets} instead of {len(wanted)}"
        return Problem(f"{reply}; {told}", _PAYLOAD_LENGTH_AT)
    pairs = zip(wanted, found, strict=True)
    at = next(at for at, (one, other) in enumerate(pairs) if one != other)
    told = f"octet {at} of the payload is {found[at]:02X} instead of {wanted[at]:02X}"
    return Problem(f"{reply}; {told}", begin + at)
