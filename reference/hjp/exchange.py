"""A request that takes several frames, as the asyncio server's handlers see it."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from typing import Any, Protocol

from hjp.errors import ConnectionLost
from hjp.events import Request
from hjp.operations import Answer, Operation
from hjp.steps import Link, Steps, Turn, advance

__all__ = ["Exchange", "Pump", "run_steps"]


class Pump(Protocol):
    """What an exchange needs of its session."""

    def advance(self) -> None:
        """Act on what has come."""

    async def interim(self, request: Request, answer: Answer) -> None:
        """Send an interim reply and wait until there is room for another one."""

    def lend(self) -> tuple[int, int] | None:
        """Let somebody else read the payload under way, if it is worth while.

        Returns:
            A descriptor, which the borrower closes, and how many octets there are.
        """

    def take_back(self, count: int | None) -> None:
        """Go on after so many octets were read by somebody else, if one wanted to."""


class Exchange:
    """A request being answered in several frames: what a stream handler gets.

    Attributes:
        metadata: The metadata of the first request frame.
        payload: Its payload.
        pump: The session.
    """

    def __init__(self, pump: Pump, request: Request) -> None:
        self.metadata = request.metadata
        self.payload = request.payload
        self.pump = pump
        self._request = request
        self._next: Request | None = request
        self._ended = False
        self._frame: asyncio.Future[Request | None] | None = None
        self._is_woken = False

    @property
    def waiting(self) -> bool:
        """Whether the handler waits for the next frame of the request."""
        return self._frame is not None and not self._frame.done()

    async def __aiter__(self) -> AsyncIterator[Request]:
        """Give the request's frames in order, the first included.

        Raises:
            ConnectionLost: The input ended inside the request.
        """
        while not self._ended:
            request = self._next or await self.wait()
            assert request is not None  # only steps are woken
            self._next = None
            self._ended = not request.more
            yield request

    async def reply(
        self, metadata: dict[str, Any] | None = None, payload: bytes = b""
    ) -> None:
        """Send an interim reply; returns when the client has room for another one.

        Args:
            metadata: What it says beside ``id``, ``ok`` and ``more``.
            payload: Its payload.

        Raises:
            LocalProtocolError: The client could not accept it.
            ConnectionLost: Nobody is there to read it.
        """
        await self.pump.interim(self._request, (metadata or {}, payload))

    async def wait(self) -> Request | None:
        """Wait for the next frame, or a part of it; ``None`` if it was woken."""
        if self._is_woken:
            self._is_woken = False
            return None
        loop = asyncio.get_running_loop()
        frame: asyncio.Future[Request | None] = loop.create_future()
        self._frame = frame
        self.pump.advance()  # the frame may have come already
        return await frame

    def give(self, request: Request) -> None:
        """Hand over the frame that the handler waits for."""
        self._awaited().set_result(request)

    def lose(self) -> None:
        """Tell a handler that waits that nothing more will come."""
        lost = ConnectionLost("the input ended inside the request")
        self._awaited().set_exception(lost)

    def wake(self) -> None:
        """End the present wait, or the next one."""
        if self.waiting:
            self._awaited().set_result(None)
        else:
            self._is_woken = True

    def waker(self) -> Callable[[], None]:
        """Give a function that calls `wake` from any thread."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(self.wake)

        return wake

    def _awaited(self) -> "asyncio.Future[Request | None]":
        frame, self._frame = self._frame, None
        assert frame is not None  # the session looks at `waiting` first
        return frame


async def run_steps(
    operation: Operation,
    exchange: Exchange,
    request: Request,
    max_payload: int,
    pool: Executor,
) -> Answer:
    """Run a handler that works in steps, each of them in a worker thread.

    Args:
        operation: Its operation.
        exchange: Moves frames.
        request: The first frame, or its first part.
        max_payload: Octets of payload that the client takes in one frame.
        pool: Has the worker threads.
    """
    waker = exchange.waker()
    link = Link(max_payload, lambda: waker)
    return await _Run(exchange, pool).run(operation.handler(request, link))


def _take_turn(
    steps: Steps, part: Request | None, lent: tuple[int, int] | None
) -> tuple[Turn, int | None]:
    """Let a handler go on, and its sink right after it: one way to a thread for both.

    Returns:
        What it has done, and how many octets the sink took, if it could.
    """
    turn = advance(steps, part)
    if lent and turn.want and turn.want.sink:
        return turn, turn.want.sink.receive(*lent)
    return turn, None


class _Run:
    """A handler under way."""

    def __init__(self, exchange: Exchange, pool: Executor) -> None:
        self._exchange = exchange
        self._pool = pool
        self._cancelled: asyncio.CancelledError | None = None

    async def run(self, steps: Steps) -> Answer:
        try:
            part: Request | None = None
            while (turn := await self._advance(steps, part)).final is None:
                part = await self._exchange.wait() if turn.want else None
        except BaseException:
            await self._work(steps.close)
            raise
        return turn.final

    async def _advance(self, steps: Steps, part: Request | None) -> Turn:
        pump = self._exchange.pump
        turn: Turn
        lent, count = pump.lend(), None
        try:
            turn, count = await self._work(_take_turn, steps, part, lent)
        finally:
            if lent:
                os.close(lent[0])
                pump.take_back(count)
        if self._cancelled and turn.final is None:
            raise self._cancelled  # but what is done is done, and answered so
        for answer in turn.answers:
            await self._exchange.reply(*answer)
        return turn

    async def _work(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function in a worker; a thread cannot be interrupted."""
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._pool, function, *arguments)
        while not work.done():
            try:
                await asyncio.wait([work])
            except asyncio.CancelledError as error:
                self._cancelled = error
        return work.result()
