"""The blocking client.

::

    with hjp.Client("hjp://127.0.0.1:9507") as client:
        print(client.upper(b"hi!"))
"""

import contextlib
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Final, Self

from hjp.calls import WINDOW, Call, Caller, echo_metadata, hello_metadata
from hjp.errors import ConnectionLost, RemoteProtocolError
from hjp.events import Reply
from hjp.limits import Limits
from hjp.url import parse_url

__all__ = ["Client", "Stream"]

_CHUNK: Final = 65_536
# Octets that wait to be sent before whoever adds to them has to wait.
_HIGH_WATER: Final = 262_144


class _Pump:
    """Moves octets between a socket and a caller: reads whenever it waits to write."""

    def __init__(self, sock: socket.socket, caller: Caller) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        self.caller = caller
        self._socket = sock
        self._output = bytearray()
        self._selector = selectors.DefaultSelector()
        self._selector.register(sock, selectors.EVENT_READ)

    def write(self, octets: bytes, deadline: float | None) -> None:
        """Take octets; wait while too many others wait (HJP-LIF-4: and read then)."""
        self._output += octets
        self._send()
        self.run(lambda: len(self._output) < _HIGH_WATER, deadline)

    def run(self, until: Callable[[], bool], deadline: float | None) -> None:
        """Move octets until something is so, or the connection is over.

        Raises:
            TimeoutError: It was not so by the deadline.
        """
        while not until() and not self.caller.error:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise TimeoutError("the server took too long")
            writes = selectors.EVENT_WRITE if self._output else 0
            self._selector.modify(self._socket, selectors.EVENT_READ | writes)
            self._selector.select(left)
            self._send()
            self._receive()

    def poll(self) -> None:
        """Take in what has arrived, without waiting."""
        if not self.caller.error:
            self._receive()
            self._send()

    def end(self) -> None:
        """Tell the peer that nothing more comes."""
        with contextlib.suppress(OSError):  # it has gone already
            self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close the socket; calls under way fail."""
        self._selector.close()
        self._socket.close()
        self.caller.fail(ConnectionLost("the client is closed"))

    def _receive(self) -> None:
        try:
            octets = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            self.caller.fail(ConnectionLost(f"the connection broke: {error}"))
            return
        if octets:
            self._output += self.caller.receive_data(octets)
        else:
            self.caller.receive_eof()
        if self.caller.error:  # to refuse is to close, and to say nothing
            self._output.clear()
            self._socket.close()

    def _send(self) -> None:
        try:
            while self._output:
                sent = self._socket.send(self._output[:_CHUNK])
                del self._output[:sent]
        except BlockingIOError:
            return
        except OSError:
            # The server may have said why before it closed: read that first.
            self._output.clear()


class Client:
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
        self._limits = limits or Limits()
        self._timeout = timeout
        self._pump: _Pump | None = None

    def connect(self) -> None:
        """Open the connection.

        Raises:
            OSError: It cannot be opened.
            TimeoutError: It took too long.
        """
        sock = socket.create_connection(self._address, self._timeout)
        self._pump = _Pump(sock, Caller(self._limits))

    def close(self) -> None:
        """Close the connection."""
        if self._pump:
            self._pump.close()

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
        return self.request(
            "hello", hello_metadata(self._limits, token, tuple(features))
        )

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

    def _write(self, call: Call, octets: bytes, deadline: float | None) -> None:
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

    def _connected(self) -> _Pump:
        if self._pump is None:
            raise ConnectionLost("the client is not connected")
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

    def __init__(self, client: Client, op: str, metadata: Mapping[str, Any]) -> None:
        self._client = client
        self._op = op
        self._metadata = metadata
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
        pump.poll()  # an early final reply may have arrived (HJP-MSG-23)
        if self._call is None:
            first = {**self._metadata, **(metadata or {})}
            self._call, octets = caller.start(self._op, first, payload, more=more)
        elif self._call.done:
            return False
        else:
            octets = caller.send(self._call, metadata or {}, payload, more=more)
        self._client._write(self._call, octets, self._client._deadline())
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
            reply = self._client._next(self._call, self._client._deadline())
            self._finished = not reply.more
            yield reply.unwrap()

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
                self._client.close()
        if not self._finished:
            self._client._abandon(call)
