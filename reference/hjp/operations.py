"""Operations: what each one is asked with, and the four that every server offers.

Holds the rows 14 to 17 of *Precedence* and the table of the chapter *Operations*.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hjp.errors import Code, ReplyError
from hjp.events import Request
from hjp.limits import DEFAULT_MAX_PAYLOAD, MAX_U32
from hjp.metadata import is_integer

__all__ = ["CORE", "Answer", "Handler", "Member", "Operation", "fault"]

Answer = tuple[dict[str, Any], bytes]
"""What the final reply says beside ``id`` and ``ok``, and its payload."""

Handler = Callable[..., Answer | Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a request that its operation defines."""

    name: str
    wanted: str
    """What its value must be, for people."""
    is_right: Callable[[Any], bool]
    """Whether a value is not mistyped."""
    needed: bool = False
    """Whether it must not be missing."""
    refuse: Callable[[Request], ReplyError | None] | None = None
    """Finds what else is wrong with a value that is not mistyped."""

    def fault(self, request: Request) -> ReplyError | None:
        """Find what is wrong with this member of a request (HJP-ERR-18)."""
        if self.name not in request.metadata:
            if not self.needed:
                return None
            return ReplyError(Code.BAD_REQUEST, f"{self.name} is missing")
        if not self.is_right(request.metadata[self.name]):
            return ReplyError(Code.BAD_REQUEST, f"{self.name} is not {self.wanted}")
        return self.refuse(request) if self.refuse else None


@dataclass(frozen=True, slots=True)
class Operation:
    """What a server must know to answer an ``op``."""

    handler: Callable[..., Any]
    """A `Handler`, or what `hjp.steps` says."""
    members: tuple[Member, ...] = ()
    """In the order in which they are checked (row 17)."""
    body: bool = False
    """Whether a request may have several frames (row 15)."""
    stream: bool = False
    """Whether the handler gets the exchange, not one request's content."""
    inline: bool = False
    """Whether the handler only computes, so that nothing need be awaited."""
    steps: bool = False
    """Whether the handler works in steps (`hjp.steps`) and takes frames in parts."""


def fault(
    operations: Mapping[str, Operation], request: Request, now: float
) -> ReplyError | None:
    """Find what is wrong with the first frame of a request: rows 14 to 17.

    Args:
        operations: What is offered.
        request: The first frame.
        now: The time, by the clock of ``request.arrived``.
    """
    operation = operations.get(request.op)
    if operation is None:
        return ReplyError(Code.UNKNOWN_OP, f"no op {request.op[:60]!r} here")
    if request.more and not operation.body:
        return ReplyError(Code.BAD_REQUEST, f"{request.op} has no body")
    timeout = request.metadata.get("timeout_ms", 1)
    if not is_integer(timeout, low=1):
        return ReplyError(Code.BAD_REQUEST, "timeout_ms is no integer above 0")
    for member in operation.members:
        error = member.fault(request)
        if error:
            return error
    if "timeout_ms" in request.metadata and now - request.arrived >= timeout / 1000:
        return ReplyError(Code.TIMEOUT, f"not begun within {timeout} ms")  # MSG-31
    return None


def _ping(_metadata: dict[str, Any], _payload: bytes) -> Answer:
    return {}, b""


def _echo(metadata: dict[str, Any], payload: bytes) -> Answer:
    """HJP-COR-10, HJP-COR-11."""
    return {name: metadata[name] for name in ("data",) if name in metadata}, payload


def _upper(_metadata: dict[str, Any], payload: bytes) -> Answer:
    """HJP-COR-12, HJP-COR-13: `bytes.upper` changes octets 61 to 7A and no other."""
    return {}, payload.upper()


def _are_strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _are_limits(value: Any) -> bool:
    """HJP-COR-6, HJP-LIM-5."""
    return isinstance(value, dict) and (
        "max_payload" not in value
        or is_integer(value["max_payload"], DEFAULT_MAX_PAYLOAD, MAX_U32)
    )


HELLO_MEMBERS: Final = (
    Member("token", "a string", lambda value: isinstance(value, str)),
    Member("features", "an array of strings", _are_strings),
    Member("limits", "an object with max_payload from 65536 to 2^32 - 1", _are_limits),
)

CORE: Final[Mapping[str, Operation]] = {
    "ping": Operation(_ping, inline=True),
    "echo": Operation(_echo, inline=True),
    "upper": Operation(_upper, inline=True),
}
"""The operations of a core server (HJP-COR-1) but `hello`, which speaks of the server."""
