"""One connection to a server: octets out in reads, octets in until the end."""

import select
import socket
from collections import deque
from collections.abc import Iterable
from contextlib import suppress

from hjp_fuzz.targets.base import Lost

Address = tuple[str, int]
"""Host and port."""

_CHUNK = 1 << 18
_MOST_OUTPUT = 1 << 26
"""More octets than any stream of ours is worth: a server that sends more never ends."""


class Unreachable(Exception):  # noqa: N818
    """There is nobody who takes the connection; the text says why."""


def exchange(
    address: Address, chunks: Iterable[bytes], patience: float
) -> tuple[bytes, bool]:
    """Send octets, shut down the sending direction, and read to the end.

    Reading goes on while there is something to send (HJP-LIF-4).

    Args:
        address: where the server listens.
        chunks: what is sent, each as a send of its own.
        patience: seconds without any progress after which the server hangs.

    Returns:
        What the server sent, and whether the connection was reset.

    Raises:
        Unreachable: the connection is not taken.
        Lost: the server hangs, or sends without an end.
    """
    try:
        connection = socket.create_connection(address, patience)
    except TimeoutError:
        raise Lost("hang", "none", f"no connection in {patience:g} s") from None
    except OSError as error:
        raise Unreachable(error.strerror or str(error)) from None
    with connection:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _Exchange(connection, chunks, patience).finish()


class _Exchange:
    """A connection that is written and read at the same time."""

    def __init__(
        self, connection: socket.socket, chunks: Iterable[bytes], patience: float
    ) -> None:
        self._connection = connection
        self._chunks = deque(memoryview(chunk) for chunk in chunks if chunk)
        self._patience = patience
        self._received = bytearray()

    def finish(self) -> tuple[bytes, bool]:
        """Send all, read all."""
        poll = select.poll()
        poll.register(self._connection, select.POLLIN | select.POLLOUT)
        sending = True
        try:
            while True:
                if sending and not self._send():
                    sending = False
                    poll.modify(self._connection, select.POLLIN)
                if not poll.poll(self._patience * 1000):
                    message = f"no end of the replies in {self._patience:g} s"
                    raise Lost("hang", "none", message)
                if self._ended():
                    return bytes(self._received), False
        except ConnectionError:
            return bytes(self._received), True

    def _send(self) -> bool:
        """Send what is taken without waiting; return whether something is left."""
        with suppress(BlockingIOError, BrokenPipeError):
            while self._chunks:
                sent = self._connection.send(self._chunks[0])
                self._chunks[0] = self._chunks[0][sent:]
                if not self._chunks[0]:
                    self._chunks.popleft()
            self._connection.shutdown(socket.SHUT_WR)
            return False
        return True

    def _ended(self) -> bool:
        with suppress(BlockingIOError):
            octets = self._connection.recv(_CHUNK)
            self._received += octets
            if len(self._received) > _MOST_OUTPUT:
                raise Lost("garbage", "output without an end")
            return not octets
        return False
