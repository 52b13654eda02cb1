"""The asyncio client.

::

    async with hjp.AsyncClient("hjp://127.0.0.1:9507") as client:
        print(await client.upper(b"hi!"))
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from types import TracebackType
from typing import Any, Final, Self, TypeVar

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
from hjp.file_calls import AsyncFiles
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

__all__ = ["AsyncClient", "AsyncStream"]

# Octets of replies that wait to be taken before the client stops reading.
_HIGH_WATER: Final = 1024 * 1024

T = TypeVar("T")


class _Pump(asyncio.Protocol):
    """Moves octets between a transport and a caller."""

    _transport: asyncio.Transport

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.room = asyncio.Event()
        self.room.set()
        self.closed = asyncio.Event()
        self._waiting = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        octets = self.caller.receive_data(data)
        if self.caller.error:
            self._transport.close()
        elif octets:
            self._transport.write(octets)
        self.choose_reading()

    def eof_received(self) -> None:
        self.caller.receive_eof()

    def pause_writing(self) -> None:
        self.room.clear()
        self.choose_reading()

    def resume_writing(self) -> None:
        self.room.set()
        self.choose_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        error = ConnectionLost(f"the connection broke: {exc}" if exc else "closed")
        self.caller.fail(error)
        self.room.set()
        self.closed.set()

    async def wait(self, call: Call) -> None:
        """Wait until something has changed for a call."""
        changed = asyncio.Event()
        call.wake = changed.set
        self._waiting += 1
        self.choose_reading()
        try:
            await changed.wait()
        finally:
            self._waiting -= 1

    def choose_reading(self) -> None:
        # While output waits (HJP-LIF-4) or somebody waits for a reply, holding more
        # is better than waiting for each other.
        full = self.caller.queued >= _HIGH_WATER
        if full and self.room.is_set() and not self._waiting:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    async def write(self, octets: Pieces) -> None:
        for piece in octets:
            self._transport.write(piece)
        await self.room.wait()

    def end(self) -> None:
        with contextlib.suppress(OSError):  # the peer has gone already
            self._transport.write_eof()

    def close(self) -> None:
        self._transport.close()
        self.caller.fail(ConnectionLost("the client is closed"))


class AsyncClient(AsyncFiles):
    """A client on asyncio; an asynchronous context manager.

    Requests of several tasks are pipelined on the one connection.

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
        self._pump: _Pump | None = None
        self._turn = asyncio.Lock()  # the frames of a request stand together
        self._is_open = False
        self._said: dict[str, Any] = {}  # in `hello`, and again after a lost connection
        self._connecting = asyncio.Lock()

    @property
    def origin(self) -> str:
        """The URL of the server, written in one way."""
        return format_url(*self._address)

    async def connect(self) -> None:
        """Open the connection.

        Raises:
            OSError: It cannot be opened.
            TimeoutError: It took too long.
        """
        host, port = self._address
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._timeout):
            _, self._pump = await loop.create_connection(
                lambda: _Pump(Caller(self._limits)), host, port
            )
        self._is_open = True

    async def close(self) -> None:
        """Close the connection; calls under way raise `ConnectionLost`."""
        self._is_open = False
        if self._pump:
            self._pump.close()
            await self._pump.closed.wait()

    async def finish(self, timeout: float) -> None:  # noqa: ASYNC109 (as `request`)
        """End in good order: nothing more will be asked; wait for the server's end.

        Raises:
            RemoteProtocolError: What still came broke the protocol.
            TimeoutError: The server took too long to close.
        """
        pump = self._connected()
        pump.end()
        async with asyncio.timeout(timeout):
            await pump.closed.wait()
        if isinstance(pump.caller.error, RemoteProtocolError):
            raise pump.caller.error

    async def hello(
        self, *, token: str | None = None, features: Iterable[str] = ()
    ) -> Reply:
        """Tell what this client accepts, learn what the server offers.

        Only as the first call of a connection; an error ends the connection.
        """
        self._said = hello_metadata(self._limits, token, tuple(features))
        return await self.request("hello", self._said)

    async def ping(self) -> None:
        """See whether the server answers."""
        await self.request("ping")

    async def echo(self, payload: bytes = b"", *, data: Any = ...) -> Reply:
        """Get back what is sent.

        Args:
            payload: Any octets.
            data: Any JSON value; ``...`` for none.
        """
        return await self.request("echo", echo_metadata(data), payload)

    async def upper(self, payload: bytes) -> bytes:
        """Get the octets with a to z (61 to 7A) in upper case."""
        return (await self.request("upper", {}, payload)).payload

    async def request(
        self,
        op: str,
        metadata: Mapping[str, Any] | None = None,
        payload: bytes = b"",
        *,
        timeout: float | None = None,  # noqa: ASYNC109 (as with the blocking client)
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
        async with asyncio.timeout(self._timeout if timeout is None else timeout):
            call = await self._start(op, metadata or {}, payload)
            return (await self._final(call)).unwrap()

    async def pipeline(
        self, requests: Iterable[tuple[str, Mapping[str, Any], bytes]]
    ) -> AsyncIterator[Reply]:
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
                waiting.append(await self._timely(self._start(op, metadata, payload)))
                while waiting and (waiting[0].done or len(waiting) >= WINDOW):
                    yield await self._timely(self._final(waiting.popleft()))
            while waiting:
                yield await self._timely(self._final(waiting.popleft()))
        finally:
            for call in waiting:
                self._abandon(call)

    def stream(
        self, op: str, metadata: Mapping[str, Any] | None = None
    ) -> "AsyncStream":
        """Ask for an operation of several frames; see `AsyncStream`."""
        return AsyncStream(self, op, metadata or {})

    async def _act(self, action: Action) -> Any:
        match action:
            case Work(function, arguments):
                return await asyncio.to_thread(function, *arguments)
            case Send(stream, metadata, payload, more):
                return await stream.send(payload, metadata, more=more)
            case Receive(stream):
                return await stream._receive()
            case Begin(op, metadata, payload, more, in_parts):
                stream = AsyncStream(self, op, metadata, in_parts=in_parts)
                await stream.send(payload, more=more)
                return stream
            case Leave(stream, error):
                await stream._leave(error)
            case Sleep(seconds):
                await asyncio.sleep(seconds)
            case Connect():
                return await self._offer()
        return None

    async def _offer(self) -> Offer:
        """Be connected, and know what the server offers."""
        async with self._connecting:
            if not self._is_open:
                raise NotConnected("the client is not connected")
            if self._connected().caller.error:
                await self._reconnect()
            caller = self._connected().caller
            if caller.is_fresh:
                said = self._said or hello_metadata(self._limits, None, ())
                await self.request("hello", said)
        return Offer(caller.features or frozenset(), caller.max_payload)

    async def _reconnect(self) -> None:
        self._connected().close()
        try:
            await self.connect()
        except TimeoutError:
            raise
        except OSError as error:
            raise ConnectionLost(f"cannot connect again: {error}") from error

    async def _start(
        self, op: str, metadata: Mapping[str, Any], payload: bytes
    ) -> Call:
        async with self._turn:
            caller = self._connected().caller
            call, octets = caller.start(op, metadata, payload, more=False)
            await self._write(call, octets)
        return call

    async def _final(self, call: Call) -> Reply:
        while (reply := await self._next(call)).more:
            pass
        return reply

    async def _timely(self, step: Coroutine[Any, Any, T]) -> T:
        async with asyncio.timeout(self._timeout):
            return await step

    async def _write(self, call: Call, octets: Pieces) -> None:
        try:
            await self._connected().write(octets)
        except asyncio.CancelledError:
            self._abandon(call)  # its reply will come, and nobody waits for it
            raise

    async def _next(self, call: Call) -> Reply:
        pump = self._connected()
        try:
            while not call.ready:
                await pump.wait(call)
        except asyncio.CancelledError:
            self._abandon(call)
            raise
        reply = pump.caller.take(call)
        pump.choose_reading()
        return reply

    def _abandon(self, call: Call) -> None:
        self._connected().caller.abandon(call)

    def _connected(self) -> _Pump:
        if self._pump is None:
            raise NotConnected("the client is not connected")
        return self._pump

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()


class AsyncStream:
    """A request of several frames, with a reply of several.

    ::

        async with client.stream("x-log", {"name": "today"}) as stream:
            for line in lines:
                await stream.send(line)
            await stream.send(more=False)
            async for reply in stream:
                print(reply.metadata)

    Until the request has ended, other requests of this client wait. Leaving the
    block ends the request if nobody did, and waits for no reply; leaving it by an
    exception inside an unended request closes the connection, because half a request
    can be neither taken back nor finished.

    Args:
        client: Whose connection.
        op: The operation.
        metadata: The members of the first frame.
    """

    def __init__(
        self,
        client: AsyncClient,
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
        self._holds_turn = False
        self._finished = False

    async def send(
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
        if self._call is None:
            await self._client._turn.acquire()
            self._holds_turn = True
        try:
            octets = self._octets(metadata or {}, payload, more=more)
        finally:
            self._give_turn_back()
        if self._call is None or octets is None:
            return False
        client, call = self._client, self._call
        await client._timely(client._write(call, octets[:2]))
        for piece in octets[2:]:
            await client._timely(client._write(call, (piece,)))
        return True

    def _octets(
        self, metadata: Mapping[str, Any], payload: bytes, *, more: bool
    ) -> Pieces | None:
        caller = self._client._connected().caller
        if self._call is None:
            first = {**self._metadata, **metadata}
            self._call, octets = caller.start(
                self._op, first, payload, more=more, in_parts=self._in_parts
            )
            return octets
        if self._call.done:
            return None
        return caller.send(self._call, metadata, payload, more=more)

    async def __aiter__(self) -> AsyncIterator[Reply]:
        """Give the replies, the final one last; a request not begun is one frame.

        Raises:
            ReplyError: The final reply is an error.
        """
        if self._call is None:
            await self.send(more=False)
        assert self._call is not None  # it was begun
        while not self._finished:
            yield (await self._receive()).unwrap()

    async def _receive(self) -> Reply:
        """Wait for the next reply, or a part of a long one."""
        assert self._call is not None  # it was begun
        reply = await self._client._timely(self._client._next(self._call))
        self._finished = not reply.more
        return reply

    async def final(self) -> Reply:
        """Wait for the final reply; interim ones before it are dropped.

        Raises:
            ReplyError: It is an error.
        """
        async for reply in self:
            if not reply.more:
                return reply
        raise RuntimeError("the final reply has been taken")

    def _give_turn_back(self) -> None:
        if self._holds_turn and (self._call is None or not self._call.more):
            self._holds_turn = False
            self._client._turn.release()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        call = self._call
        if call and call.more and not call.done:
            if error is None:
                await self.send(more=False)
            else:
                self._client._connected().close()
                call.more = False
        if call:
            call.more = False
            if not self._finished:
                self._client._abandon(call)
        self._give_turn_back()

    async def _leave(self, error: BaseException | None) -> None:
        """Be done with it; do not wait for what is left of a transfer."""
        if error and self._call and not self._call.done:
            self._client._connected().close()
        await self.__aexit__(type(error) if error else None, error, None)
