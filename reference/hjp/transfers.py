"""What puts and gets are made of, without input and output.

A transfer is a generator: it yields what it wants done, one of the actions below, and
gets the result, or the exception, back. The two clients do the same actions each in
its own way, so that a transfer is written once.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, TypeVar

from hjp.errors import (
    Code,
    ConnectionLost,
    NotConnected,
    ReplyError,
    TransferError,
)
from hjp.events import Reply
from hjp.names import name_fault

__all__ = [
    "Action",
    "Begin",
    "Connect",
    "Give",
    "Leave",
    "LeftError",
    "Offer",
    "Progress",
    "Receive",
    "Send",
    "Sleep",
    "Steps",
    "Stored",
    "Tries",
    "Work",
    "ask",
    "check_name",
    "final",
    "is_lost",
    "is_passing",
    "member",
]

T = TypeVar("T")

Progress = Callable[[int, int | None], None]
"""Is told how many octets are done and, where that is known, of how many."""

_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0

# Errors that say nothing about the request: later, or elsewhere, it is answered.
_PASSING: Final = frozenset(
    {Code.BUSY, Code.RATE_LIMITED, Code.GOING_AWAY, Code.TIMEOUT, Code.CANCELLED}
)


@dataclass(frozen=True, slots=True)
class Stored:
    """What was put or got."""

    size: int
    """Octets of the object."""
    digest: str | None
    """``sha-256:`` and 64 digits, checked on both sides; ``None`` if not wanted."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the server of the present connection offers."""

    features: frozenset[str]
    max_payload: int


# Actions


@dataclass(frozen=True, slots=True)
class Connect:
    """Be connected, anew if need be, and have said `hello`: gives an `Offer`."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Send the first frame of a request: gives its stream."""

    op: str
    metadata: Mapping[str, Any]
    payload: bytes = b""
    more: bool = False
    in_parts: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """Send another frame: gives whether that was still wanted."""

    stream: Any
    metadata: Mapping[str, Any]
    payload: bytes
    more: bool


@dataclass(frozen=True, slots=True)
class Receive:
    """Wait for the next reply: gives it, be it an error or not."""

    stream: Any


@dataclass(frozen=True, slots=True)
class Leave:
    """Be done with a request.

    After an error the connection is closed if octets are still to come or to go.
    """

    stream: Any
    error: BaseException | None


@dataclass(frozen=True, slots=True)
class Work:
    """Do what may take a while, as disks do: gives its result."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Sleep:
    """Let so many seconds go by."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Give:
    """Hand a result to who iterates over the transfer."""

    value: Any


Action: TypeAlias = Connect | Begin | Send | Receive | Leave | Work | Sleep | Give
Steps: TypeAlias = Generator[Action, Any, T]


class LeftError(BaseException):
    """Who iterated over a transfer has stopped."""


# What transfers share


@dataclass(slots=True)
class Tries:
    """How often to try again what a lost connection interrupted."""

    most: int
    failed: int = field(default=0, init=False)

    def reset(self) -> None:
        """Take note that there was progress."""
        self.failed = 0

    def pause(self, error: Exception) -> Steps[None]:
        """Wait before the next try, longer each time.

        Raises:
            Exception: The error, if trying again is of no use, or was too often.
        """
        if self.failed >= self.most or not is_passing(error):
            raise error
        yield Sleep(min(_FIRST_PAUSE * 2**self.failed, _LONGEST_PAUSE))
        self.failed += 1


def is_passing(error: Exception) -> bool:
    """Whether the same request may be answered the next time.

    HJP-RSM-14: what was superseded is not repeated.
    """
    if isinstance(error, ReplyError):
        return error.code in _PASSING
    if isinstance(error, NotConnected):
        return False
    return isinstance(error, ConnectionLost | TimeoutError)


def is_lost(error: Exception) -> bool:
    """Whether nothing more can be asked, however often one tries."""
    if isinstance(error, ReplyError):
        return error.fatal
    return isinstance(error, ConnectionLost | TimeoutError)


def check_name(name: str) -> None:
    """See that a name is one (HJP-NAM-1, HJP-NAM-7).

    Raises:
        ValueError: It is none; the message says why.
    """
    fault = name_fault(name)
    if fault:
        raise ValueError(f"{name!r} is no name of an object: {fault}")


def final(stream: Any) -> Steps[Reply]:
    """Wait for the final reply.

    Raises:
        ReplyError: It is an error.
    """
    try:
        while (reply := (yield Receive(stream))).more:
            pass
    except BaseException as error:
        yield Leave(stream, error)
        raise
    yield Leave(stream, None)
    done: Reply = reply.unwrap()
    return done


def ask(op: str, metadata: Mapping[str, Any]) -> Steps[Reply]:
    """Ask for an operation of one frame and wait for its final reply."""
    yield Connect()
    stream = yield Begin(op, metadata)
    return (yield from final(stream))


def member(
    reply: Reply, name: str, is_right: Callable[[Any], bool], requirement: str
) -> Any:
    """Read a member of a reply.

    Raises:
        TransferError: It is missing or mistyped.
    """
    value = reply.metadata.get(name)
    if not is_right(value):
        raise TransferError(f"the server sent no right {name} ({requirement})")
    return value
