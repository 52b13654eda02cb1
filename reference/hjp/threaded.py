"""The threaded server: one thread for each connection, nothing asynchronous.

::

    server = hjp.threaded.Server(port=9507)

    @server.op("x-reverse")
    def reverse(metadata, payload):
        return {}, payload[::-1]

    hjp.threaded.serve(server)
"""

import signal
import socket
import socketserver
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from hjp.clocks import LINGER_MS
from hjp.limits import Limits
from hjp.service import Service
from hjp.threaded_session import Exchange, Session
from hjp.url import DEFAULT_PORT, format_url

__all__ = ["Exchange", "Server", "serve"]

_POLL_INTERVAL: Final = 0.2


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
        self._sessions: set[Session] = set()
        self._changed = threading.Condition()

    @property
    def service(self) -> Service:
        """What is offered: this server's operations."""
        return self

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
        session = Session(self, sock)
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
