"""A client without input and output: calls in, octets out; octets in, replies out.

Both clients are pumps around a `Caller`: they move octets and know how to wait.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hjp.connection import Connection, Role
from hjp.errors import ConnectionLost, RemoteProtocolError, ReplyError
from hjp.events import NEED_DATA, End, Reply, Request
from hjp.limits import Limits
from hjp.state import State

__all__ = ["WINDOW", "Call", "Caller", "echo_metadata", "hello_metadata"]

WINDOW = 256
"""Requests that `pipeline` sends ahead of the reply that it waits for: bounds the
replies that are held for a program that takes them slowly."""

_REPLY_OVERHEAD = 512  # octets that a reply takes beside its payload, roughly


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
    """

    def __init__(self, limits: Limits) -> None:
        self.error: Exception | None = None
        self.queued = 0
        self._told = False
        self._connection = Connection(Role.CLIENT, limits)
        self._calls: dict[int, Call] = {}

    def start(
        self, op: str, metadata: Mapping[str, Any], payload: bytes, *, more: bool
    ) -> tuple[Call, bytes]:
        """Begin a request.

        Returns:
            The call, and the octets to write.

        Raises:
            LocalProtocolError: The server would have to refuse it, or another
                request has not ended.
        """
        self.check()
        call = Call(self._connection.next_id, op, more=True)
        octets = self.send(call, metadata, payload, more=more)
        self._calls[call.id] = call
        return call, octets

    def send(
        self, call: Call, metadata: Mapping[str, Any], payload: bytes, *, more: bool
    ) -> bytes:
        """Give the octets of the next frame of a request."""
        self.check()
        shown: dict[str, Any] = {"id": call.id, "op": call.op}
        if more:
            shown["more"] = True
        octets = self._connection.send(Request({**metadata, **shown}, payload))
        call.more = more
        return octets

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
        except (RemoteProtocolError, ConnectionLost) as error:
            self.fail(error)
        return octets

    def _accept(self, reply: Reply) -> bytes:
        if reply.fatal:
            self.fail(ReplyError.from_reply(reply))
            return b""
        call = self._calls[reply.id]
        if not call.abandoned:
            call.replies.append(reply)
            self.queued += _size(reply)
        octets = b"" if reply.more else self._finish(call)
        if call.wake:
            call.wake()
        return octets

    def _finish(self, call: Call) -> bytes:
        call.done = True
        del self._calls[call.id]
        if self._connection.state(call.id) is State.REPLY_ENDED:  # HJP-MSG-23
            return self.send(call, {}, b"", more=False)
        return b""


def _size(reply: Reply) -> int:
    return len(reply.payload) + _REPLY_OVERHEAD


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
