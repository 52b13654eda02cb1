"""The threaded server: one thread for each connection, nothing asynchronous.

::

    server = hjp.threaded.Server(port=9507)

    @server.op("x-reverse")
    def reverse(metadata, payload):
        return {}, payload[::-1]

    hjp.threaded.serve(server)
"""

import contextlib
import selectors
import signal
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Final, Self

from hjp.clocks import LINGER_MS, NO_LINGER, Clock, Wait
from hjp.connection import Connection, Role
from hjp.errors import Code, ConnectionLost, RemoteProtocolError
from hjp.events import NEED_DATA, Reply, Request
from hjp.limits import Limits
from hjp.operations import Answer
from hjp.service import Service
from hjp.url import DEFAULT_PORT, format_url

__all__ = ["Exchange", "Server", "serve"]

_CHUNK: Final = 65_536
_POLL_INTERVAL: Final = 0.2


class Exchange:
    """A request being answered in several frames: what a stream handler gets.

    Attributes:
        metadata: The metadata of the first request frame.
        payload: Its payload.
    """

    def __init__(self, session: "_Session", request: Request) -> None:
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


class _Session:
    """One connection, from its acceptance to its close."""

    def __init__(self, server: "Server", sock: socket.socket) -> None:
        self._server = server
        self._socket = sock
        self._connection = Connection(Role.SERVER, server.limits)
        self._clock = Clock(server.limits, time.monotonic())
        self._output = bytearray()
        self._abandoned = False  # the present request gets no reply any more
        self._last_id = 0
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector = selectors.DefaultSelector()
        self._selector.register(sock, selectors.EVENT_READ)
        self._selector.register(server.stop_signal, selectors.EVENT_READ)

    def run(self) -> None:
        """Serve the connection until it is over."""
        # A peer that is gone or never reads: there is nobody left to tell.
        with self._selector, contextlib.suppress(OSError):
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
            if self._server.stopping:
                self._leave("the server stops")
            elif event is NEED_DATA:
                self._receive()
            else:
                break
        return None

    def _act(self, request: Request) -> None:
        service, connection = self._server, self._connection
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
        operation = self._server.operations[request.op]
        if not operation.inline:
            self._flush()  # what is owed need not wait for a slow handler
        if operation.stream:
            answer = operation.handler(Exchange(self, request))
        else:
            answer = operation.handler(request.metadata, request.payload)
        assert isinstance(answer, tuple)  # no coroutine function was registered
        return answer

    def interim(self, request: Request, answer: Answer) -> None:
        """Send an interim reply."""
        if self._abandoned:
            raise self._lost()
        octets = self._server.reply(self._connection, request, answer, more=True)
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
        if not self._selector.select(max(clock.deadline - now, 0)):
            if clock.is_over(time.monotonic()):
                self._too_long(wait)
            return
        if self._server.stopping:
            return
        octets = self._socket.recv(_CHUNK)
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
        self._output += octets
        if len(self._output) >= _CHUNK:
            self._flush()

    def _flush(self) -> None:
        # While this waits nothing is read (HJP-LIF-5); each step has its own time
        # (HJP-LIM-9), which `sendall` would not give it.
        octets, self._output = memoryview(bytes(self._output)), bytearray()
        self._socket.settimeout(self._server.limits.write_ms / 1000)
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


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, server: "Server", family: int, address: tuple[str, int]) -> None:
        self.address_family = family
        self.server = server
        super().__init__(address, _Handler)


class _Handler(socketserver.BaseRequestHandler):
    server: _Listener

    def handle(self) -> None:
        self.server.server.run_session(self.request)


class Server(Service):
    """A server with a thread for each connection; a context manager.

    Args:
        host: A name or an address.
        port: TCP port; 0 lets the system choose one.
        limits: What is accepted from clients.
        name: The member ``server`` of the reply to ``hello``.
        grace: Seconds that requests under way have to finish when the server stops.

    Attributes:
        stopping: The server has been told to stop.
        stop_signal: A socket that is readable from then on.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
        *,
        limits: Limits | None = None,
        name: str | None = None,
        grace: float = 10.0,
    ) -> None:
        super().__init__(limits, name)
        self.stopping = False
        self._host = host
        self._port = port
        self._grace = grace
        self._listener: _Listener | None = None
        self._thread = threading.Thread(target=self._accept, name="hjp-accept")
        self._sessions: set[_Session] = set()
        self._changed = threading.Condition()

    @property
    def urls(self) -> list[str]:
        """Where the server listens."""
        if self._listener is None:
            return []
        host, port = self._listener.server_address[:2]
        return [format_url(str(host), port)]

    def start(self) -> None:
        """Listen.

        Raises:
            OSError: The address cannot be had.
        """
        family, _, _, _, address = socket.getaddrinfo(
            self._host, self._port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        self._listener = _Listener(self, family, (str(address[0]), int(address[1])))
        # Readable for every connection at once when the other end is closed.
        self.stop_signal, self._stop_end = socket.socketpair()
        self._thread.start()

    def stop(self) -> None:
        """Stop: finish what has come, say ``going_away``, close (HJP-LIF-11).

        What is still running after the grace time is cut off without a word: a
        thread cannot be interrupted.
        """
        if self._listener is None or self.stopping:
            return
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()
        self.stopping = True
        self._stop_end.close()
        if not self._wait_for_none(self._grace + LINGER_MS / 1000):
            for session in tuple(self._sessions):
                session.abort()
            self._wait_for_none(self._grace)
        self.stop_signal.close()

    def run_session(self, sock: socket.socket) -> None:
        """Serve one connection, in the thread that was made for it."""
        session = _Session(self, sock)
        with self._changed:
            self._sessions.add(session)
        try:
            session.run()
        finally:
            with self._changed:
                self._sessions.remove(session)
                self._changed.notify_all()

    def _accept(self) -> None:
        assert self._listener is not None  # the thread is started by `start`
        self._listener.serve_forever(_POLL_INTERVAL)

    def _wait_for_none(self, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._sessions, seconds)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def serve(
    server: Server, ready: Callable[[Server], None] | None = None
) -> signal.Signals:
    """Run a server until SIGTERM or SIGINT comes, then stop it in good order.

    Runs in the main thread, because only there signals arrive. A second signal ends
    the process as if nobody had waited for it.

    Args:
        server: The server.
        ready: Called once it listens.

    Returns:
        The signal.

    Raises:
        OSError: The address cannot be had.
    """
    signals = (signal.SIGTERM, signal.SIGINT)
    told, tell = socket.socketpair()
    tell.setblocking(False)
    with told, tell, server:
        # The interpreter's own handler writes the number, whatever the threads are
        # doing: a handler in Python may have to wait until this one runs again.
        before = [signal.signal(number, lambda *_: None) for number in signals]
        descriptor = signal.set_wakeup_fd(tell.fileno())
        try:
            if ready:
                ready(server)
            return signal.Signals(told.recv(1)[0])
        finally:
            signal.set_wakeup_fd(descriptor)
            for number, handler in zip(signals, before, strict=True):
                signal.signal(number, handler)
