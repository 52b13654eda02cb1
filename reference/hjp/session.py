"""One connection of the asyncio server: moves octets, keeps time, runs handlers.

The pump of `hjp.server`. Operations that only compute are answered in the callback
that brought their octets; the others run in a task, one at a time, because without
``mux`` requests take effect in order (HJP-MSG-15).
"""

import asyncio
import contextlib
import inspect
import os
import socket
from concurrent.futures import Executor
from typing import Final, Protocol

from hjp.clocks import NO_LINGER, Clock, Wait
from hjp.connection import Connection, Role
from hjp.errors import Code, ConnectionLost, RemoteProtocolError, ReplyError
from hjp.events import NEED_DATA, Reply, Request
from hjp.exchange import Exchange, run_steps
from hjp.operations import Answer, Operation
from hjp.service import Service
from hjp.steps import LANE_LENGTH

__all__ = ["Host", "Session"]

# Octets that wait while a handler runs, and those given to the transport at once.
_HIGH_WATER: Final = 65_536

# A part of a payload from which on the client is taken for a fast one.
_FAST: Final = 32_768

_CANCELLED: Final = ReplyError(Code.CANCELLED, "the server stops")


class Host(Protocol):
    """What a session needs of its server."""

    @property
    def service(self) -> Service:
        """What is offered."""

    buffer: memoryview
    """Lent to whichever connection reads now: idle ones hold no buffer."""

    @property
    def pool(self) -> Executor:
        """Worker threads for handlers that work in steps."""

    def begun(self, session: "Session") -> None:
        """Take note of a connection."""

    def done(self, session: "Session") -> None:
        """Forget a connection that is closed."""


class Session(asyncio.BufferedProtocol):
    """One connection, from its acceptance to its close.

    Args:
        host: The server.
    """

    _transport: asyncio.Transport

    def __init__(self, host: Host) -> None:
        self._host = host
        self._service = host.service
        self._loop = asyncio.get_running_loop()
        self._connection = Connection(
            Role.SERVER, self._service.limits, self._service.in_parts
        )
        self._clock = Clock(self._service.limits, self._loop.time())
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._exchange: Exchange | None = None
        self._is_lent = False  # somebody else reads the payload under way
        self._is_fast = False
        self._abandoned = False  # the request in `_task` gets no reply any more
        self._output: list[bytes] = []
        self._output_size = 0
        self._written = 0
        self._blocked = False  # output waits, so input waits (HJP-LIF-5)
        self._room = asyncio.Event()
        self._room.set()
        self._stopping = False
        self._hurried = False
        self._input_ended = False
        self._closed = True  # until it is made, and again when it is lost
        self._last_id = 0
        host.begun(self)

    # Called by asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # noqa: D102
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._closed = False
        self.advance()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: D102
        return self._host.buffer

    def buffer_updated(self, nbytes: int) -> None:  # noqa: D102
        if self._connection.ended:
            return  # HJP-ERR-13
        octets = bytes(self._host.buffer[:nbytes])
        self._connection.receive_data(octets, self._loop.time())
        self.advance()

    def eof_received(self) -> bool:  # noqa: D102
        self._input_ended = True
        if self._connection.ended:
            self._transport.close()
        else:
            self._connection.receive_eof()
            self.advance()
        return True  # what is owed is still to be sent (HJP-LIF-7)

    def pause_writing(self) -> None:  # noqa: D102
        self._blocked = True
        self._room.clear()

    def resume_writing(self) -> None:  # noqa: D102
        self._blocked = False
        self._room.set()
        self.advance()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: D102
        self._closed = True
        self._room.set()
        if self._timer:
            self._timer.cancel()
        self._abandon()
        self._host.done(self)

    # Called by the server

    def go_away(self) -> None:
        """Finish what has come, then say good-bye (HJP-LIF-11)."""
        self._stopping = True
        self.advance()

    def hurry(self) -> None:
        """Begin nothing more: what has come is cancelled (HJP-ERR-9)."""
        self._stopping = self._hurried = True
        if self._task:
            self._task.cancel()
        self.advance()

    def abort(self) -> None:
        """Close without a further word."""
        self._transport.abort()

    def _reset(self) -> None:
        """HJP-LIM-9: not even what the system still holds goes out."""
        sock = self._transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        self._transport.abort()

    # Requests

    def advance(self) -> None:
        """Act on what has come until something must be waited for."""
        while self._may_act():
            try:
                event = self._connection.next_event()
            except RemoteProtocolError as error:
                self._say_last(error.reply)
                break
            if event is NEED_DATA:
                if self._stopping:
                    self._leave("the server stops")
                break
            if isinstance(event, Request):
                self._act(event)
            else:
                self._end_of_input()
                break
        self._settle()

    def _may_act(self) -> bool:
        if self._closed or self._connection.ended or self._blocked:
            return False
        return self._task is None or (
            self._exchange is not None and self._exchange.waiting
        )

    def _act(self, request: Request) -> None:
        if request.payload:
            self._is_fast = len(request.payload) >= _FAST
        if self._exchange is not None:
            self._exchange.give(request)
            return
        self._last_id = request.id
        error = self._service.fault(request, self._loop.time())
        if self._hurried:
            error = error or _CANCELLED
        if error:
            self._write(self._service.refusal(self._connection, request, error))
            if self._connection.ended:
                self._half_close()
            return
        operation = self._service.operations[request.op]
        if operation.inline:
            answer = operation.handler(request.metadata, request.payload)
            assert isinstance(answer, tuple)  # no coroutine: it only computes
            self._write(self._service.final(self._connection, request, answer))
            return
        if operation.stream or operation.steps:
            self._exchange = Exchange(self, request)
        self._task = self._loop.create_task(self._run(operation, request))

    async def _run(self, operation: Operation, request: Request) -> None:
        octets = b""
        try:
            answer = await self._call(operation, request)
        except (Exception, asyncio.CancelledError) as error:
            if not self._abandoned:
                cause = _CANCELLED if self._hurried else error
                octets = self._service.failed(self._connection, request, cause)
        else:
            if not self._abandoned:
                octets = self._service.final(self._connection, request, answer)
        self._task = self._exchange = None
        self._write(octets)
        self.advance()

    async def _call(self, operation: Operation, request: Request) -> Answer:
        if operation.steps:
            assert self._exchange is not None  # it was made with the task
            most, pool = self._connection.peer_max_payload, self._host.pool
            return await run_steps(operation, self._exchange, request, most, pool)
        if self._exchange is not None:
            answer = operation.handler(self._exchange)
        elif inspect.iscoroutinefunction(operation.handler):
            answer = operation.handler(request.metadata, request.payload)
        else:
            answer = await asyncio.to_thread(
                operation.handler, request.metadata, request.payload
            )
        result: Answer = answer if isinstance(answer, tuple) else await answer
        return result

    async def interim(self, request: Request, answer: Answer) -> None:
        """Send an interim reply and wait until there is room for another one."""
        if self._abandoned or self._transport.is_closing():
            raise ConnectionLost("the connection is closed")
        service, connection = self._service, self._connection
        self._write(service.reply(connection, request, answer, more=True))
        self._settle()
        await asyncio.sleep(0)  # a handler that never waits must not hold the others
        await self._room.wait()

    def lend(self) -> tuple[int, int] | None:
        """Let somebody else read the payload under way; see `hjp.exchange.Pump`."""
        left = self._connection.payload_left
        idle = not (self._closed or self._input_ended or self._stopping)
        if not (idle and self._is_fast and left >= LANE_LENGTH):
            return None
        try:
            # Another one, because the transport may close its own meanwhile.
            descriptor = os.dup(self._transport.get_extra_info("socket").fileno())
        except OSError:
            return None  # too many are open
        self._is_lent = True
        self._transport.pause_reading()
        return descriptor, left

    def take_back(self, count: int | None) -> None:
        """Go on after so many octets were read by somebody else, if one wanted to."""
        self._is_lent = False
        self._is_fast = count != 0
        if count:
            self._connection.skip(count)

    def _abandon(self) -> None:
        self._abandoned = True
        if self._task:
            self._task.cancel()

    def _end_of_input(self) -> None:
        if self._exchange is not None:
            self._abandoned = True  # HJP-LIF-9
            self._exchange.lose()
        else:
            self._flush()
            self._transport.close()

    # Output

    def _write(self, octets: bytes) -> None:
        self._output.append(octets)
        self._output_size += len(octets)
        if self._output_size >= _HIGH_WATER:
            self._flush()

    def _flush(self) -> None:
        if self._output_size and not self._closed:
            self._written += self._output_size
            self._transport.write(b"".join(self._output))
        self._output.clear()
        self._output_size = 0

    def _leave(self, why: str) -> None:
        self._say_last(Reply.going_away(self._last_id, why))

    def _say_last(self, fatal: Reply) -> None:
        self._write(self._connection.send(fatal))
        self._half_close()

    def _half_close(self) -> None:
        """HJP-ERR-12; the input is read on, lest a reset eats the error (HJP-ERR-13)."""
        self._abandon()
        self._flush()
        self._transport.set_write_buffer_limits(high=0)  # tells when all is gone
        with contextlib.suppress(OSError):  # the peer has reset the connection
            self._transport.write_eof()
        if self._input_ended:
            self._transport.close()

    # Waiting

    def _settle(self) -> None:
        self._flush()
        if self._closed:
            return
        if not (self._input_ended or self._transport.is_closing()):
            self._choose_reading()
        self._observe()

    def _choose_reading(self) -> None:
        full = self._connection.unread >= _HIGH_WATER
        waits = self._blocked or self._stopping or full or self._keeps_for_lane()
        if waits and not self._connection.ended:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _keeps_for_lane(self) -> bool:
        """Whether what comes is left to a worker, now or when it has time."""
        waits = self._exchange is not None and not self._exchange.waiting
        return self._is_lent or (waits and self._connection.payload_left >= LANE_LENGTH)

    def _observe(self) -> None:
        """See what is waited for now, and be called when that has been too long."""
        connection, clock = self._connection, self._clock
        wait, progress = self._wait()
        clock.watch(wait, connection.frames, progress, self._loop.time())
        if wait is None or (self._timer and self._timer.when() <= clock.deadline):
            return  # a timer that fires too early looks again: cheaper than resetting
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_at(clock.deadline, self._tick)

    def _wait(self) -> tuple[Wait | None, int]:
        waiting_output = self._transport.get_write_buffer_size()
        if waiting_output:  # whatever else is so (HJP-LIM-10)
            return Wait.WRITE, self._written - waiting_output
        if self._connection.ended:
            return Wait.LINGER, 0
        if self._task and not (self._exchange and self._exchange.waiting):
            return None, 0
        return Wait.of(self._connection), self._connection.payload_octets

    def _tick(self) -> None:
        self._timer = None
        wait, progress = self._wait()
        now = self._loop.time()
        self._clock.watch(wait, self._connection.frames, progress, now)
        if wait is not None and self._clock.is_over(now):
            self._too_long(wait)
        else:
            self._observe()

    def _too_long(self, wait: Wait) -> None:
        if wait is Wait.WRITE:
            self._reset()
        elif wait is Wait.LINGER:
            self._transport.abort()
        elif wait is Wait.IDLE:
            self._leave("idle for too long")  # HJP-LIM-8
        else:
            message = f"more than {wait.value}"
            self._say_last(Reply.failure(0, Code.TIMEOUT, message))  # HJP-LIM-7
        self._settle()
