"""What a server may send for one frame of a client.

Most frames have one right reply.  More than one are permitted where the text says so:
a number such as 1.0 may be taken or not (HJP-MET-19), a request with `timeout_ms` may
time out (HJP-MSG-31), and JSON that is written anew may grow too long (HJP-LIM-6).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from hjp_fuzz.sessions.states import (
    LAST_FATAL_ROW,
    Look,
    Rule,
    State,
    client_limit,
    first_fault,
)
from hjp_spec.oracle import Frame
from hjp_spec.registry import DEFAULT_MAX_PAYLOAD, MAX_JSON, Code

ABSENT: Final = object()
"""In place of a member that is not there."""
UPPER = bytes(octet - 0x20 if 0x61 <= octet <= 0x7A else octet for octet in range(256))
INVENTED = "x-hjp-fuzz"
"""How features and operations begin that no server offers."""

_SPACES = 32
"""Octets that white space may add to a reply that is otherwise copied."""
_SHOWN = 8
_MOST_GROWTH = 80
"""How much longer a number or a string may become that is written anew: 1e308."""
_DONE = {"ping": "HJP-COR-9", "echo": "HJP-COR-10", "upper": "HJP-COR-13"}


@dataclass(frozen=True, slots=True)
class Permit:
    """One frame that a server may send.

    Attributes:
        id: of the request; 0 in a fatal error.
        requirement: identifier of what is broken if another frame comes.
        code: of the error; empty if the reply is ok.
        limit: the limit that the error has to name; empty if none or any.
        op: what was asked.
        payload: the payload.
        data: the member `data`; `ABSENT` if it must not be there.
        client_limit: with `hello`, the `max_payload` of replies after it.
        features: with `hello`, those that the client has made up.
    """

    id: int
    requirement: str
    code: str = ""
    limit: str = ""
    op: str = ""
    payload: bytes = field(default=b"", repr=False)
    data: Any = ABSENT
    client_limit: int = DEFAULT_MAX_PAYLOAD
    features: tuple[str, ...] = ()

    @property
    def fatal(self) -> bool:
        """Whether it ends the connection."""
        return self.id == 0

    @property
    def greets(self) -> bool:
        """Whether it is the reply to `hello`, which states limits."""
        return self.op == "hello" and not self.code

    def __str__(self) -> str:
        if not self.code:
            data = "" if self.data is ABSENT else f", data {self.data!r:.60}"
            return f"reply to {self.id}, ok{data}{sized(self.payload)}"
        named = f" ({self.limit})" if self.limit else ""
        if self.fatal:
            return f"fatal error {self.code}{named}, then the end of the stream"
        return f"error {self.code}{named}, id {self.id}"


def sized(payload: bytes) -> str:
    """Say how long a payload is, if there is one, and what a short one is."""
    octets = f": {payload.hex(' ').upper()}" if len(payload) <= _SHOWN else ""
    return f", payload of {len(payload)}{octets}" if payload else ""


def permits(
    frame: Frame, look: Look, reply_limit: int
) -> tuple[tuple[Permit, ...], bool]:
    """What may be sent for a frame.

    Args:
        frame: the frame; of one whose payload has not come the payload is not looked
            at.
        look: the same in its place, numbers read leniently.
        reply_limit: the greatest payload that the client takes, in octets.

    Returns:
        The frames, one of which is sent; and whether none is right as well.
    """
    strict = Look(look.metadata, look.ids, lenient=False)
    found: list[Permit] = []
    silent = False
    for reading in (look, strict):
        fault = first_fault(reading)
        if fault is not None:
            found.append(_refusal(fault, reading))
        elif reading.state is State.NEW:
            found += _done(frame, reading, reply_limit)
        else:
            silent = True
    return tuple(one for at, one in enumerate(found) if one not in found[:at]), silent


def _refusal(fault: Rule, look: Look) -> Permit:
    hello = look.op == "hello" and fault.row > LAST_FATAL_ROW
    fatal = hello or fault.row <= LAST_FATAL_ROW
    requirement = fault.requirement
    if hello and fault.row < 17:
        requirement = "HJP-COR-7"
    elif look.state is State.REPLY_ENDED and fault.row in (10, 12):
        requirement = "HJP-MSG-21"
    return Permit(0 if fatal else look.id, requirement, fault.code)


def _done(frame: Frame, look: Look, reply_limit: int) -> Iterator[Permit]:
    """The replies to a request that has no fault."""
    op: str = look.op
    too_large = Code.TOO_LARGE
    if op == "hello":
        yield _greeting(look)
    elif op != "ping" and len(frame.payload) > reply_limit:
        yield Permit(look.id, "HJP-LIM-6", too_large, "max_payload", op)
    else:
        yield _served(frame, look)
    if op == "echo" and _may_outgrow(frame):
        yield Permit(look.id, "HJP-LIM-6", too_large, "max_json", op)
    if "timeout_ms" in look.metadata and op != "hello":
        yield Permit(look.id, "HJP-MSG-31", Code.TIMEOUT, op=op)


def _greeting(look: Look) -> Permit:
    features = look.metadata.get("features", [])
    invented = tuple(name for name in features if name.startswith(INVENTED))
    limit = client_limit(look) or DEFAULT_MAX_PAYLOAD
    return Permit(
        look.id, "HJP-COR-1", op="hello", client_limit=limit, features=invented
    )


def _served(frame: Frame, look: Look) -> Permit:
    op = look.op
    data = look.metadata.get("data", ABSENT) if op == "echo" else ABSENT
    payload = {"ping": b"", "echo": frame.payload}.get(op)
    if payload is None:
        payload = frame.payload.translate(UPPER)
    return Permit(look.id, _DONE[op], op=op, payload=payload, data=data)


def _may_outgrow(frame: Frame) -> bool:
    """Tell whether a reply that writes `data` anew could exceed `max_json`."""
    data = frame.metadata.get("data", "")
    if isinstance(data, str) and data.isascii() and data.isalnum():
        return len(frame.json) + _SPACES > MAX_JSON
    return len(frame.json) * _MOST_GROWTH > MAX_JSON
