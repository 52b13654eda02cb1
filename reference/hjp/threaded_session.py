"""One connection of the threaded server: moves octets, keeps time, runs handlers.

The pump of `hjp.threaded`. Everything happens in the connection's own thread, one
thing after the other.
"""

import contextlib
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

from hjp.clocks import LINGER_MS, NO_LINGER, Clock, Wait
from hjp.connection import Connection, Role
from hjp.errors import Code, ConnectionLost, RemoteProtocolError
from hjp.events import NEED_DATA, Reply, Request
from hjp.operations import Answer, Operation
from hjp.service import Service
from hjp.steps import LANE_LENGTH, Link, Sink, Want, advance

__all__ = ["Exchange", "Host", "Session"]

_CHUNK: Final = 65_536


class Host(Protocol):
    """What a session needs of its server."""

    @property
    def service(self) -> Service:
        """What is offered."""

    stopping: bool
    """The server has been told to stop."""

    stop_signal: socket.socket
    """Readable from then on."""


class Exchange:
    """A request being answered in several frames: what a stream handler gets.

    Attributes:
        metadata: The metadata of the first request frame.
        payload: Its payload.
    """

    def __init__(self, session: "Session", request: Request) -> None:
        self.metadata = request.metadata
        self.payload = request.payload
        self._session = session
        self._request = request

    def __iter__(self) -> Iterator[Request]:
        """Give the request's frames in order, the first included.

        Raises:
            ConnectionLost: The input ended inside the request.
        """
        request = self._request
        yield request
        while request.more:
            request = self._session.next_frame()
            yield request

    def reply(
        self, metadata: dict[str, Any] | None = None, payload: bytes = b""
    ) -> None:
        """Send an interim reply; returns when the transport has taken it.

        Args:
            metadata: What it says beside ``id``, ``ok`` and ``more``.
            payload: Its payload.

        Raises:
            LocalProtocolError: The client could not accept it.
            ConnectionLost: Nobody is there to read it.
        """
        self._session.interim(self._request, (metadata or {}, payload))


class _Rung(Exception):  # noqa: N818 (it is no error)
    """Somebody has rung the bell."""


class _Bell:
    """Wakes a thread that waits for octets, from any other one."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._ear, self._hand = socket.socketpair()
        self._hand.setblocking(False)
        selector.register(self._ear, selectors.EVENT_READ, self)

    def ring(self) -> None:
        """Wake it, now or when it waits next; after its end nothing happens."""
        with contextlib.suppress(OSError):
            self._hand.send(b"!")

    def hush(self) -> None:
        """Be ready for the next time."""
        self._ear.recv(_CHUNK)

    def close(self) -> None:
        """Nobody listens any more."""
        self._ear.close()
        self._hand.close()


class Session:
    """One connection, from its acceptance to its close."""

    def __init__(self, host: Host, sock: socket.socket) -> None:
        self._host = host
        self._service = host.service
        self._socket = sock
        self._connection = Connection(
            Role.SERVER, self._service.limits, self._service.in_parts
        )
        self._clock = Clock(self._service.limits, time.monotonic())
        self._output = bytearray()
        self._abandoned = False  # the present request gets no reply any more
        self._last_id = 0
        self._sink: Sink | None = None  # takes the payload under way
        self._waits_for_part = False
        self._bell: _Bell | None = None
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector = selectors.DefaultSelector()
        self._selector.register(sock, selectors.EVENT_READ)
        self._selector.register(host.stop_signal, selectors.EVENT_READ)

    def run(self) -> None:
        """Serve the connection until it is over."""
        # A peer that is gone or never reads: there is nobody left to tell.
        with (
            self._selector,
            contextlib.suppress(OSError),
            contextlib.ExitStack() as self._at_end,
        ):
            while (request := self._next_request()) is not None:
                self._act(request)
            self._flush()
            if self._connection.ended:
                self._linger()

    def abort(self) -> None:
        """Close without a further word, from another thread."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    # Requests

    def next_frame(self) -> Request:
        """Wait for the next frame of a request that has not ended."""
        try:
            request = self._next_request()
        except OSError as error:
            raise self._lost() from error
        if request is None:
            raise self._lost()
        return request

    def _next_part(self, want: Want) -> Request | None:
        """Wait for the next part of a request; ``None`` if the bell was rung."""
        self._sink, self._waits_for_part = want.sink, True
        try:
            return self.next_frame()
        except _Rung:
            return None
        finally:
            self._sink, self._waits_for_part = None, False

    def _waker(self) -> Callable[[], None]:
        if self._bell is None:
            self._bell = _Bell(self._selector)
            self._at_end.callback(self._bell.close)
        return self._bell.ring

    def _lost(self) -> ConnectionLost:
        """HJP-LIF-9: no reply to a request that did not end."""
        self._abandoned = True
        return ConnectionLost("the connection ended inside the request")

    def _next_request(self) -> Request | None:
        """Wait for a frame to act on; ``None`` once there will be no other one."""
        while not (self._connection.ended or self._abandoned):
            try:
                event = self._connection.next_event()
            except RemoteProtocolError as error:
                self._say_last(error.reply)
                break
            if isinstance(event, Request):
                return event
            if self._host.stopping:
                self._leave("the server stops")
            elif event is NEED_DATA:
                self._receive()
            else:
                break
        return None

    def _act(self, request: Request) -> None:
        service, connection = self._service, self._connection
        self._last_id = request.id
        error = service.fault(request, time.monotonic())
        if error:
            self._write(service.refusal(connection, request, error))
            return
        try:
            answer = self._call(request)
        except Exception as failure:
            if not self._abandoned:
                self._write(service.failed(connection, request, failure))
        else:
            if not self._abandoned:
                self._write(service.final(connection, request, answer))

    def _call(self, request: Request) -> Answer:
        operation = self._service.operations[request.op]
        if not operation.inline:
            self._flush()  # what is owed need not wait for a slow handler
        if operation.steps:
            return self._run(operation, request)
        if operation.stream:
            answer = operation.handler(Exchange(self, request))
        else:
            answer = operation.handler(request.metadata, request.payload)
        assert isinstance(answer, tuple)  # no coroutine function was registered
        return answer

    def _run(self, operation: Operation, request: Request) -> Answer:
        link = Link(self._connection.peer_max_payload, self._waker)
        part: Request | None = None
        with contextlib.closing(operation.handler(request, link)) as steps:
            while (turn := advance(steps, part)).final is None:
                for answer in turn.answers:
                    self.interim(request, answer)
                part = self._next_part(turn.want) if turn.want else None
        for answer in turn.answers:
            self.interim(request, answer)
        return turn.final

    def interim(self, request: Request, answer: Answer) -> None:
        """Send an interim reply."""
        if self._abandoned:
            raise self._lost()
        octets = self._service.reply(self._connection, request, answer, more=True)
        try:
            self._write(octets)
            self._flush()
        except OSError as error:
            raise self._lost() from error

    # Input

    def _receive(self) -> None:
        """Wait for octets, the end of the input, or the end of patience."""
        self._flush()
        connection, clock, now = self._connection, self._clock, time.monotonic()
        progress = connection.payload_octets
        wait = Wait.of(connection)
        clock.watch(wait, connection.frames, progress, now)
        ready = self._selector.select(max(clock.deadline - now, 0))
        if not ready:
            if clock.is_over(time.monotonic()):
                self._too_long(wait)
        elif any(key.data for key, _ in ready):
            assert self._bell is not None  # it is what was rung
            self._bell.hush()
            if self._waits_for_part:
                raise _Rung
        elif not self._host.stopping:
            self._take_octets()

    def _take_octets(self) -> None:
        connection = self._connection
        left = connection.payload_left
        if self._sink and left >= LANE_LENGTH:
            count = self._sink.receive(self._socket.fileno(), left)
            if count:
                connection.skip(count)
                return
        try:
            octets = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        if octets:
            connection.receive_data(octets, time.monotonic())
        else:
            connection.receive_eof()

    def _too_long(self, wait: Wait) -> None:
        if wait is Wait.IDLE:
            self._leave("idle for too long")  # HJP-LIM-8
        else:
            message = f"more than {wait.value}"
            self._say_last(Reply.failure(0, Code.TIMEOUT, message))  # HJP-LIM-7

    # Output

    def _write(self, octets: bytes) -> None:
        if len(octets) >= _CHUNK:  # too many to be copied
            self._flush()
            self._send(octets)
            return
        self._output += octets
        if len(self._output) >= _CHUNK:
            self._flush()

    def _flush(self) -> None:
        octets, self._output = self._output, bytearray()
        self._send(octets)

    def _send(self, whole: bytes | bytearray) -> None:
        # While this waits nothing is read (HJP-LIF-5); each step has its own time
        # (HJP-LIM-9), which `sendall` would not give it.
        octets = memoryview(whole)
        self._socket.settimeout(self._service.limits.write_ms / 1000)
        try:
            while octets:
                octets = octets[self._socket.send(octets) :]
        except TimeoutError:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            raise  # closing is a reset now

    def _leave(self, why: str) -> None:
        self._say_last(Reply.going_away(self._last_id, why))

    def _say_last(self, fatal: Reply) -> None:
        self._write(self._connection.send(fatal))

    def _linger(self) -> None:
        """HJP-ERR-12; the input is read on, lest a reset eats the error (HJP-ERR-13)."""
        self._socket.shutdown(socket.SHUT_WR)
        until = time.monotonic() + LINGER_MS / 1000
        while (left := until - time.monotonic()) > 0:
            self._socket.settimeout(left)
            if not self._socket.recv(_CHUNK):
                return
