"""The blocking client.

::

    with hjp.Client("hjp://127.0.0.1:9507") as client:
        print(client.upper(b"hi!"))
"""

import socket
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from hjp.blocking_pump import Pump
from hjp.calls import (
    CLIENT_LIMITS,
    WINDOW,
    Call,
    Caller,
    Pieces,
    echo_metadata,
    hello_metadata,
)
from hjp.errors import ConnectionLost, NotConnected, RemoteProtocolError
from hjp.events import Reply
from hjp.file_calls import Files
from hjp.limits import Limits
from hjp.transfers import (
    Action,
    Begin,
    Connect,
    Leave,
    Offer,
    Receive,
    Send,
    Sleep,
    Work,
)
from hjp.url import format_url, parse_url

__all__ = ["Client", "Stream"]


class Client(Files):
    """A blocking client; a context manager. Of use in one thread at a time.

    Args:
        url: ``hjp://host:port``.
        limits: What is accepted from the server; stated by `hello`.
        timeout: Seconds that each call may take, ``None`` for any.

    Raises:
        ValueError: The URL is none.
    """

    def __init__(
        self, url: str, *, limits: Limits | None = None, timeout: float | None = None
    ) -> None:
        self._address = parse_url(url)
        self._limits = limits or CLIENT_LIMITS
        self._timeout = timeout
        self._pump: Pump | None = None
        self._is_open = False
        self._said: dict[str, Any] = {}  # in `hello`, and again after a lost connection

    @property
    def origin(self) -> str:
        """The URL of the server, written in one way."""
        return format_url(*self._address)

    def connect(self) -> None:
        """Open the connection.

        Raises:
            OSError: It cannot be opened.
            TimeoutError: It took too long.
        """
        sock = socket.create_connection(self._address, self._timeout)
        self._pump = Pump(sock, Caller(self._limits))
        self._is_open = True

    def close(self) -> None:
        """Close the connection."""
        self._is_open = False
        if self._pump:
            self._pump.close()

    def abort(self) -> None:
        """End the connection for good; may be called from any thread.

        The call that is under way in another thread raises `ConnectionLost`.
        """
        self._is_open = False
        if self._pump:
            self._pump.abort()

    def finish(self, timeout: float) -> None:
        """End in good order: nothing more will be asked; wait for the server's end.

        Raises:
            RemoteProtocolError: What still came broke the protocol.
            TimeoutError: The server took too long to close.
        """
        pump = self._connected()
        pump.end()
        pump.run(lambda: False, time.monotonic() + timeout)
        if isinstance(pump.caller.error, RemoteProtocolError):
            raise pump.caller.error

    def hello(self, *, token: str | None = None, features: Iterable[str] = ()) -> Reply:
        """Tell what this client accepts, learn what the server offers.

        Only as the first call of a connection; an error ends the connection.
        """
        self._said = hello_metadata(self._limits, token, tuple(features))
        return self.request("hello", self._said)

    def ping(self) -> None:
        """See whether the server answers."""
        self.request("ping")

    def echo(self, payload: bytes = b"", *, data: Any = ...) -> Reply:
        """Get back what is sent.

        Args:
            payload: Any octets.
            data: Any JSON value; ``...`` for none.
        """
        return self.request("echo", echo_metadata(data), payload)

    def upper(self, payload: bytes) -> bytes:
        """Get the octets with a to z (61 to 7A) in upper case."""
        return self.request("upper", {}, payload).payload

    def request(
        self,
        op: str,
        metadata: Mapping[str, Any] | None = None,
        payload: bytes = b"",
        *,
        timeout: float | None = None,
    ) -> Reply:
        """Ask for an operation of one frame each way.

        Args:
            op: The operation.
            metadata: Its members; ``id`` and ``op`` are added.
            payload: Its payload.
            timeout: Seconds for this call instead of the client's.

        Returns:
            The final reply; interim ones before it are dropped.

        Raises:
            ReplyError: The server answered with an error.
            LocalProtocolError: The server would have to refuse the request.
            RemoteProtocolError: The server broke the protocol.
            ConnectionLost: The connection ended before the final reply.
            TimeoutError: It took too long; the client remains of use.
        """
        deadline = self._deadline(timeout)
        call = self._start(op, metadata or {}, payload, deadline)
        return self._final(call, deadline).unwrap()

    def pipeline(
        self, requests: Iterable[tuple[str, Mapping[str, Any], bytes]]
    ) -> Iterator[Reply]:
        """Send requests without waiting for replies.

        Args:
            requests: ``op``, metadata and payload of each; taken as they are sent.

        Yields:
            The final reply of each, in order; ``unwrap`` raises those that are
            errors.

        Raises:
            ReplyError: A fatal error ended the connection.
            ConnectionLost: The connection ended before the last final reply.
            TimeoutError: A reply took too long.
        """
        waiting: deque[Call] = deque()
        try:
            for op, metadata, payload in requests:
                waiting.append(self._start(op, metadata, payload, self._deadline()))
                while waiting and (waiting[0].done or len(waiting) >= WINDOW):
                    yield self._final(waiting.popleft(), self._deadline())
            while waiting:
                yield self._final(waiting.popleft(), self._deadline())
        finally:
            for call in waiting:
                self._abandon(call)

    def stream(self, op: str, metadata: Mapping[str, Any] | None = None) -> "Stream":
        """Ask for an operation of several frames; see `Stream`."""
        return Stream(self, op, metadata or {})

    def _act(self, action: Action) -> Any:
        match action:
            case Work(function, arguments):
                return function(*arguments)
            case Send(stream, metadata, payload, more):
                return stream.send(payload, metadata, more=more)
            case Receive(stream):
                return stream._receive()
            case Begin(op, metadata, payload, more, in_parts):
                stream = Stream(self, op, metadata, in_parts=in_parts)
                stream.send(payload, more=more)
                return stream
            case Leave(stream, error):
                stream._leave(error)
            case Sleep(seconds):
                time.sleep(seconds)
            case Connect():
                return self._offer()
        return None

    def _offer(self) -> Offer:
        """Be connected, and know what the server offers."""
        if not self._is_open:
            raise NotConnected("the client is not connected")
        self._connected().poll()
        if self._connected().caller.error:
            self._reconnect()
        caller = self._connected().caller
        if caller.is_fresh:
            self.request("hello", self._said or hello_metadata(self._limits, None, ()))
        return Offer(caller.features or frozenset(), caller.max_payload)

    def _reconnect(self) -> None:
        self._connected().close()
        try:
            self.connect()
        except TimeoutError:
            raise
        except OSError as error:
            raise ConnectionLost(f"cannot connect again: {error}") from error

    def _deadline(self, timeout: float | None = None) -> float | None:
        seconds = self._timeout if timeout is None else timeout
        return None if seconds is None else time.monotonic() + seconds

    def _start(
        self,
        op: str,
        metadata: Mapping[str, Any],
        payload: bytes,
        deadline: float | None,
    ) -> Call:
        pump = self._connected()
        call, octets = pump.caller.start(op, metadata, payload, more=False)
        self._write(call, octets, deadline)
        return call

    def _final(self, call: Call, deadline: float | None) -> Reply:
        while (reply := self._next(call, deadline)).more:
            pass
        return reply

    def _write(self, call: Call, octets: Pieces, deadline: float | None) -> None:
        try:
            self._connected().write(octets, deadline)
        except BaseException:
            self._abandon(call)  # its reply will come, and nobody waits for it
            raise

    def _next(self, call: Call, deadline: float | None) -> Reply:
        try:
            self._connected().run(lambda: call.ready, deadline)
        except BaseException:
            self._abandon(call)
            raise
        return self._connected().caller.take(call)

    def _abandon(self, call: Call) -> None:
        self._connected().caller.abandon(call)

    def _connected(self) -> Pump:
        if self._pump is None:
            raise NotConnected("the client is not connected")
        return self._pump

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class Stream:
    """A request of several frames, with a reply of several.

    ::

        with client.stream("x-log", {"name": "today"}) as stream:
            for line in lines:
                stream.send(line)
            stream.send(more=False)
            for reply in stream:
                print(reply.metadata)

    Until the request has ended, this client can send no other one. Leaving the block
    ends the request if nobody did, and waits for no reply; leaving it by an exception
    inside an unended request closes the connection, because half a request can be
    neither taken back nor finished.

    Args:
        client: Whose connection.
        op: The operation.
        metadata: The members of the first frame.
    """

    def __init__(
        self,
        client: Client,
        op: str,
        metadata: Mapping[str, Any],
        *,
        in_parts: bool = False,
    ) -> None:
        self._client = client
        self._op = op
        self._metadata = metadata
        self._in_parts = in_parts
        self._call: Call | None = None
        self._finished = False

    def send(
        self,
        payload: bytes = b"",
        metadata: Mapping[str, Any] | None = None,
        *,
        more: bool = True,
    ) -> bool:
        """Send the next frame of the request.

        Args:
            payload: Its payload.
            metadata: Members beside ``id``, ``op`` and ``more``.
            more: Whether another frame follows.

        Returns:
            Whether it was sent: not after an early final reply, which has ended the
            request (HJP-MSG-23).
        """
        pump = self._client._connected()
        caller = pump.caller
        octets: Pieces
        pump.poll()  # an early final reply may have arrived (HJP-MSG-23)
        if self._call is None:
            first = {**self._metadata, **(metadata or {})}
            self._call, octets = caller.start(
                self._op, first, payload, more=more, in_parts=self._in_parts
            )
        elif self._call.done:
            return False
        else:
            octets = caller.send(self._call, metadata or {}, payload, more=more)
        client, call = self._client, self._call
        client._write(call, octets[:2], client._deadline())
        for piece in octets[2:]:
            client._write(call, (piece,), client._deadline())
        return True

    def __iter__(self) -> Iterator[Reply]:
        """Give the replies, the final one last; a request not begun is one frame.

        Raises:
            ReplyError: The final reply is an error.
        """
        if self._call is None:
            self.send(more=False)
        assert self._call is not None  # it was begun
        while not self._finished:
            yield self._receive().unwrap()

    def _receive(self) -> Reply:
        """Wait for the next reply, or a part of a long one."""
        call, client = self._call, self._client
        assert call is not None  # it was begun
        pump, deadline = client._connected(), client._deadline()
        if pump.caller.lane(call):
            return pump.read_lane(call, deadline)
        reply = client._next(call, deadline)
        self._finished = not reply.more
        return reply

    def final(self) -> Reply:
        """Wait for the final reply; interim ones before it are dropped.

        Raises:
            ReplyError: It is an error.
        """
        for reply in self:
            if not reply.more:
                return reply
        raise RuntimeError("the final reply has been taken")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        call = self._call
        if call is None:
            return
        if call.more and not call.done:
            if error is None:
                self.send(more=False)
            else:
                self._client._connected().close()
        if not self._finished:
            self._client._abandon(call)

    def _leave(self, error: BaseException | None) -> None:
        """Be done with it; do not wait for what is left of a transfer."""
        if error and self._call and not self._call.done:
            self._client._connected().close()
        self.__exit__(type(error) if error else None, error, None)
