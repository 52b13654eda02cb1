"""What moves the octets of the blocking client."""

import contextlib
import itertools
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from hjp.calls import Call, Caller, Pieces
from hjp.errors import ConnectionLost
from hjp.events import Reply

__all__ = ["Pump"]

_CHUNK: Final = 65_536
# Octets that wait to be sent before whoever adds to them has to wait.
_HIGH_WATER: Final = 262_144
# Octets of a long reply that are read at once, and pieces that are written at once.
_LANE: Final = 1024 * 1024
_PIECES: Final = 64


class Pump:
    """Moves octets between a socket and a caller: reads whenever it waits to write."""

    def __init__(self, sock: socket.socket, caller: Caller) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        self.caller = caller
        self._socket = sock
        self._output: deque[memoryview] = deque()
        self._output_size = 0
        self._lanes: list[bytearray] = []
        self._selector = selectors.DefaultSelector()
        self._selector.register(sock, selectors.EVENT_READ)

    def write(self, octets: Pieces, deadline: float | None) -> None:
        """Take octets; wait while too many others wait (HJP-LIF-4: and read then)."""
        self._add(*octets)
        self._send()
        self.run(lambda: self._output_size < _HIGH_WATER, deadline)

    def read_lane(self, call: Call, deadline: float | None) -> Reply:
        """Read octets of a reply under way straight into a buffer.

        Two buffers take turns: what is given stays as it is until the call after the
        next one.
        """
        left = self.caller.lane(call)
        if not self._lanes:
            self._lanes = [bytearray(_LANE), bytearray(_LANE)]
        self._lanes.reverse()
        room = memoryview(self._lanes[0])[:left]
        count = 0
        while count < len(room) and not self.caller.error:
            count += self._read_into(room[count:])
            if count < len(room) and not self._is_coming(count, deadline):
                break
        self._add(self.caller.skip(count))
        more = {"id": call.id, "ok": True, "more": True}
        return Reply(more, room[:count])  # type: ignore[arg-type]

    def _is_coming(self, count: int, deadline: float | None) -> bool:
        """Wait for more of a buffer; slow peers fill it only in part."""
        try:
            self._wait(deadline)
        except TimeoutError:
            if not count:
                raise
            return False
        self._send()
        return True

    def run(self, until: Callable[[], bool], deadline: float | None) -> None:
        """Move octets until something is so, or the connection is over.

        Raises:
            TimeoutError: It was not so by the deadline.
        """
        while not until() and not self.caller.error:
            self._wait(deadline)
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

    def abort(self) -> None:
        """Let whoever waits for the socket see its end."""
        with contextlib.suppress(OSError):  # it has gone already
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the socket; calls under way fail."""
        self._selector.close()
        self._socket.close()
        self.caller.fail(ConnectionLost("the client is closed"))

    def _wait(self, deadline: float | None) -> None:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError("the server took too long")
        writes = selectors.EVENT_WRITE if self._output else 0
        self._selector.modify(self._socket, selectors.EVENT_READ | writes)
        self._selector.select(left)

    def _add(self, *pieces: bytes | memoryview) -> None:
        for piece in pieces:
            if piece:
                self._output.append(memoryview(piece))
                self._output_size += len(piece)

    def _read_into(self, room: memoryview) -> int:
        """Read what has come; 0 if nothing has."""
        try:
            count = self._socket.recv_into(room)
        except BlockingIOError:
            return 0
        except OSError as error:
            self.caller.fail(ConnectionLost(f"the connection broke: {error}"))
            return 0
        if not count:
            self.caller.receive_eof()
        return count

    def _receive(self) -> None:
        try:
            octets = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            self.caller.fail(ConnectionLost(f"the connection broke: {error}"))
            return
        if octets:
            self._add(self.caller.receive_data(octets))
        else:
            self.caller.receive_eof()
        if self.caller.error:  # to refuse is to close, and to say nothing
            self._drop_output()
            self._socket.close()

    def _send(self) -> None:
        try:
            while self._output:
                pieces = itertools.islice(self._output, _PIECES)
                self._take_off(self._socket.sendmsg(pieces))
        except BlockingIOError:
            return
        except OSError:
            # The server may have said why before it closed: read that first.
            self._drop_output()

    def _take_off(self, sent: int) -> None:
        self._output_size -= sent
        while sent:
            piece = self._output.popleft()
            if len(piece) > sent:
                self._output.appendleft(piece[sent:])
            sent -= min(sent, len(piece))

    def _drop_output(self) -> None:
        self._output.clear()
        self._output_size = 0
