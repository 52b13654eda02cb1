"""A client without input and output: calls in, octets out; octets in, replies out.

Both clients are pumps around a `Caller`: they move octets and know how to wait.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from hjp.connection import Connection, Role
from hjp.errors import ConnectionLost, RemoteProtocolError, ReplyError
from hjp.events import NEED_DATA, End, Reply, Request
from hjp.limits import Limits
from hjp.state import State

__all__ = [
    "CLIENT_LIMITS",
    "WINDOW",
    "Call",
    "Caller",
    "Pieces",
    "echo_metadata",
    "hello_metadata",
]

CLIENT_LIMITS = Limits(max_payload=1024 * 1024)
"""What a client accepts if nobody says otherwise, after it has stated it in `hello`:
long replies go where they belong as they come."""

WINDOW = 256
"""Requests that `pipeline` sends ahead of the reply that it waits for: bounds the
replies that are held for a program that takes them slowly."""

# A payload up to here is copied behind its head: one piece is sent sooner than two.
_JOINED = 65_536
# Octets of a payload that are written at once: each piece has the time of a step.
_PIECE = 262_144

_REPLY_OVERHEAD = 512  # octets that a reply takes beside its payload, roughly


Pieces: TypeAlias = tuple[bytes | memoryview, ...]
"""Octets to be written one after the other."""


@dataclass(slots=True, eq=False)
class Call:
    """One request and what has come of its reply."""

    id: int
    op: str
    more: bool
    """Whether the request has not ended."""
    replies: deque[Reply] = field(default_factory=deque)
    done: bool = False
    """No further reply comes: the final one came, or ``error`` says why not."""
    error: Exception | None = None
    in_parts: bool = False
    """Whether long replies are handed out as they come, like so many interim ones."""
    abandoned: bool = False
    """Nobody waits any more; what still comes is dropped."""
    wake: Callable[[], None] | None = None
    """Called when something has changed."""

    @property
    def ready(self) -> bool:
        """Whether `Caller.take` has something to give or to raise."""
        return self.done or bool(self.replies)


class Caller:
    """The calls of one connection.

    Attributes:
        error: Why the connection is of no use any more, once it is.
        queued: About how many octets the replies take that were not taken.
        features: What the server has offered in its reply to `hello`, if it has.
    """

    def __init__(self, limits: Limits) -> None:
        self.error: Exception | None = None
        self.queued = 0
        self.features: frozenset[str] | None = None
        self._told = False
        self._connection = Connection(Role.CLIENT, limits)
        self._calls: dict[int, Call] = {}

    @property
    def is_fresh(self) -> bool:
        """Whether nothing was asked yet, so that `hello` may be."""
        return self._connection.next_id == 1

    @property
    def max_payload(self) -> int:
        """Octets of payload that the server takes in one frame."""
        return self._connection.peer_max_payload

    def start(
        self,
        op: str,
        metadata: Mapping[str, Any],
        payload: bytes,
        *,
        more: bool,
        in_parts: bool = False,
    ) -> tuple[Call, Pieces]:
        """Begin a request.

        Returns:
            The call, and the octets to write, in pieces.

        Raises:
            LocalProtocolError: The server would have to refuse it, or another
                request has not ended.
        """
        self.check()
        call = Call(self._connection.next_id, op, more=True, in_parts=in_parts)
        octets = self.send(call, metadata, payload, more=more)
        self._calls[call.id] = call
        return call, octets

    def send(
        self, call: Call, metadata: Mapping[str, Any], payload: bytes, *, more: bool
    ) -> Pieces:
        """Give the octets of the next frame of a request, in pieces."""
        self.check()
        shown: dict[str, Any] = {"id": call.id, "op": call.op}
        if more:
            shown["more"] = True
        head = self._connection.send_head(Request({**metadata, **shown}, payload))
        call.more = more
        if len(payload) <= _JOINED:
            return (head + payload,)
        view = memoryview(payload)
        return head, *(view[at : at + _PIECE] for at in range(0, len(view), _PIECE))

    def take(self, call: Call) -> Reply:
        """Take the next reply of a call, be it an error or not.

        Raises:
            ReplyError: A fatal error came in its place.
            ConnectionLost: The connection ended before it.
            RemoteProtocolError: The server broke the protocol before it.
        """
        if call.replies:
            reply = call.replies.popleft()
            self.queued -= _size(reply)
            return reply
        raise call.error or RuntimeError("the final reply has been taken")

    def lane(self, call: Call) -> int:
        """Tell how many octets of a reply somebody else may read instead.

        All that has come of it has been taken, and what comes next belongs to it.
        """
        connection = self._connection
        is_next = call.in_parts and not (call.ready or connection.unread)
        mine = is_next and connection.reply_under_way == call.id
        return connection.payload_left if mine else 0

    def skip(self, count: int) -> bytes:
        """Say that so many octets of a `lane` were read; as `receive_data`."""
        self._connection.skip(count)
        return self._hand_out()

    def abandon(self, call: Call) -> None:
        """Drop what has come of a call and what will come."""
        call.abandoned = True
        while call.replies:
            self.queued -= _size(call.replies.popleft())

    def check(self) -> None:
        """Raise why the connection is of no use, if it is.

        What has ended it while no call was under way is told to the next one.
        """
        if self.error and not self._told:
            self._told = True
            raise self.error
        if self.error:
            raise ConnectionLost("the connection is over") from self.error

    def receive_data(self, data: bytes) -> bytes:
        """Hand what has come to the calls; give octets that it made necessary."""
        self._connection.receive_data(data)
        return self._hand_out()

    def receive_eof(self) -> None:
        """Tell the calls that the input has ended."""
        self._connection.receive_eof()
        self._hand_out()

    def fail(self, error: Exception) -> None:
        """End every call with an error."""
        self.error = self.error or error
        calls, self._calls = self._calls, {}
        self._told = self._told or bool(calls)
        for call in calls.values():
            call.done = True
            call.error = self.error
            if call.wake:
                call.wake()

    def _hand_out(self) -> bytes:
        octets = b""
        try:
            while (event := self._connection.next_event()) is not NEED_DATA:
                if isinstance(event, End):
                    self.fail(ConnectionLost("the server closed the connection"))
                    break
                assert isinstance(event, Reply)  # this is a client
                octets += self._accept(event)
            self._take_part()
        except (RemoteProtocolError, ConnectionLost) as error:
            self.fail(error)
        return octets

    def _accept(self, reply: Reply) -> bytes:
        if reply.fatal:
            self.fail(ReplyError.from_reply(reply))
            return b""
        call = self._calls[reply.id]
        if call.op == "hello" and reply.ok:
            self.features = _names(reply.metadata.get("features"))
        if not call.abandoned:
            call.replies.append(reply)
            self.queued += _size(reply)
        octets = b"" if reply.more else self._finish(call)
        if call.wake:
            call.wake()
        return octets

    def _take_part(self) -> None:
        call = self._calls.get(self._connection.reply_under_way)
        if call is None or not (call.in_parts or call.abandoned):
            return
        part = self._connection.take_part()
        if part is not None:
            self._accept(part)

    def _finish(self, call: Call) -> bytes:
        call.done = True
        del self._calls[call.id]
        if self._connection.state(call.id) is State.REPLY_ENDED:  # HJP-MSG-23
            return b"".join(self.send(call, {}, b"", more=False))
        return b""


def _size(reply: Reply) -> int:
    return len(reply.payload) + _REPLY_OVERHEAD


def _names(value: Any) -> frozenset[str]:
    """Read features; what is no array of strings offers nothing."""
    names = value if isinstance(value, list) else ()
    return frozenset(name for name in names if isinstance(name, str))


def hello_metadata(
    limits: Limits, token: str | None, features: tuple[str, ...]
) -> dict[str, Any]:
    """Make the members of a `hello`."""
    metadata: dict[str, Any] = {"limits": {"max_payload": limits.max_payload}}
    if token is not None:
        metadata["token"] = token
    if features:
        metadata["features"] = list(features)
    return metadata


def echo_metadata(data: Any) -> dict[str, Any]:
    """Make the members of an `echo`; ``...`` stands for no data."""
    return {} if data is ... else {"data": data}
