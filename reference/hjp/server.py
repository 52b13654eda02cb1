"""The asyncio server.

::

    server = hjp.Server(port=9507)

    @server.op("x-reverse")
    def reverse(metadata, payload):
        return {}, payload[::-1]

    asyncio.run(hjp.serve(server))
"""

import asyncio
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

from hjp.clocks import LINGER_MS
from hjp.limits import Limits
from hjp.service import Service
from hjp.session import Session
from hjp.url import DEFAULT_PORT, format_url

__all__ = ["Server", "serve"]

_BUFFER_LENGTH: Final = 65_536
_BACKLOG: Final = 1024
_WORKERS: Final = 8


class Server(Service):
    """A server on asyncio; an asynchronous context manager.

    Args:
        host: A name or an address, or several; ``localhost`` is both of ::1 and
            127.0.0.1 where a machine has both.
        port: TCP port; 0 lets the system choose one for each address.
        limits: What is accepted from clients.
        name: The member ``server`` of the reply to ``hello``.
        grace: Seconds that requests under way have to finish when the server stops.
    """

    awaits = True

    def __init__(
        self,
        host: str | Sequence[str] = "127.0.0.1",
        port: int = DEFAULT_PORT,
        *,
        limits: Limits | None = None,
        name: str | None = None,
        grace: float = 10.0,
    ) -> None:
        super().__init__(limits, name)
        self.buffer = memoryview(bytearray(_BUFFER_LENGTH))
        self.pool = ThreadPoolExecutor(_WORKERS, "hjp-steps")
        self._host = host
        self._port = port
        self._grace = grace
        self._sessions: set[Session] = set()
        self._none_left = asyncio.Event()
        self._listener: asyncio.Server | None = None

    @property
    def service(self) -> Service:
        """What is offered: this server's operations."""
        return self

    @property
    def urls(self) -> list[str]:
        """Where the server listens."""
        sockets = self._listener.sockets if self._listener else ()
        return [format_url(*socket.getsockname()[:2]) for socket in sockets]

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: The address cannot be had.
        """
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            lambda: Session(self), self._host, self._port, backlog=_BACKLOG
        )

    async def stop(self) -> None:
        """Stop: finish what has come, say ``going_away``, close (HJP-LIF-11)."""
        if self._listener is None:
            return
        await self._stop_accepting(self._listener)
        steps = (
            (Session.go_away, self._grace),
            (Session.hurry, LINGER_MS / 1000),
            (Session.abort, self._grace),
        )
        for step, seconds in steps:
            for session in tuple(self._sessions):
                step(session)
            await self._wait_for_none(seconds)
        self._listener = None

    async def _stop_accepting(self, listener: asyncio.Server) -> None:
        # A connection that asyncio has accepted and not yet made a transport of is
        # leaked by `close` (CPython 3.11): let it become one first.
        loop = asyncio.get_running_loop()
        for socket in listener.sockets:
            loop.remove_reader(socket.fileno())
        await asyncio.sleep(0)
        listener.close()

    async def _wait_for_none(self, seconds: float) -> None:
        if not self._sessions:
            return
        self._none_left.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._none_left.wait()
        except TimeoutError:
            return

    def begun(self, session: Session) -> None:
        """Take note of a connection."""
        self._sessions.add(session)

    def done(self, session: Session) -> None:
        """Forget a connection that is closed."""
        self._sessions.discard(session)
        if not self._sessions:
            self._none_left.set()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()


async def serve(
    server: Server, ready: Callable[[Server], None] | None = None
) -> signal.Signals:
    """Run a server until SIGTERM or SIGINT comes, then stop it in good order.

    A second signal ends the process as if nobody had waited for it.

    Args:
        server: The server.
        ready: Called once it listens.

    Returns:
        The signal.

    Raises:
        OSError: The address cannot be had.
    """
    loop = asyncio.get_running_loop()
    told: asyncio.Queue[signal.Signals] = asyncio.Queue()
    signals = (signal.SIGTERM, signal.SIGINT)
    async with server:
        for number in signals:
            loop.add_signal_handler(number, told.put_nowait, number)
        try:
            if ready:
                ready(server)
            return await told.get()
        finally:
            for number in signals:
                loop.remove_signal_handler(number)
