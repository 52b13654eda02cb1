"""One connection to a live server: its socket and what the specification says of it.

The only clock that counts is a deadline that means "hang".
"""

import select
import socket
import struct
import time
from contextlib import suppress
from math import inf

from hjp_fuzz.sessions.model import Connection, Inconclusive
from hjp_fuzz.sessions.replies import Broken, Check, said
from hjp_fuzz.sessions.servers import Server

_READ = 1 << 18
SHUT_DOWN = 1.5
"""Seconds in which the end has to follow a fatal error: a server that has not shut
its sending direction down closes after 2 s all the same (HJP-ERR-12, HJP-ERR-13)."""
_DROPPING = 2.0
"""Seconds for which a server reads on after a fatal error (HJP-ERR-13)."""
_HURRIED = 0.3
_QUIET = 0.6
"""Seconds for which a client that reads nothing goes on doing so."""


class Patience:
    """How long a server may take until it counts as hung.

    While a session that makes it hang is being made smaller, it waits less; what was
    found is tried again with all of it.

    Attributes:
        hurried: whether to wait less.
    """

    def __init__(self, seconds: float = 5.0):
        self._whole = seconds
        self.hurried = False

    @property
    def seconds(self) -> float:
        """How long to wait for what has to come."""
        return min(_HURRIED, self._whole) if self.hurried else self._whole


class Link:
    """One connection: its socket and what the specification says of it."""

    def __init__(self, server: Server, patience: Patience):
        self.model = Connection()
        self.patience = patience
        self.news: list[str] = []
        self._spoke_at = time.monotonic()
        self._broken_off = False
        self._rest = memoryview(b"")
        self._socket = server.connect(patience.seconds)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setblocking(False)

    def begin(self, octets: bytes) -> None:
        """Note octets that are sent by `push` and `go_on`."""
        self._spoke_at = time.monotonic()
        self.model.sent(octets)
        self._rest = memoryview(octets)

    def push(self) -> None:
        """Send without reading until the server takes no more; go on so for a while."""
        self._write(_QUIET, reading=False)
        if not self._rest:  # all was taken, but not yet acted upon
            time.sleep(_QUIET)

    def go_on(self) -> None:
        """Send what is left, reading meanwhile.

        Raises:
            Broken: what is read is not permitted, or the rest is not taken.
        """
        self._write(self.patience.seconds, reading=True)
        if self._rest and not self.model.closed:
            expected = "octets are taken, or the connection ends"
            got = f"{len(self._rest)} octets are not taken"
            raise Broken(Check.SILENCE, "HJP-LIF-6", expected, got)

    def end(self) -> None:
        """End the client's stream."""
        self.model.ended()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Break the connection off."""
        linger = struct.pack("ii", 1, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.model.closed = True
        self.close()

    def close(self) -> None:
        """Give the connection up."""
        self._socket.close()

    def waited(self, at_most: float = inf) -> bool:
        """Read until nothing has to come any more; False if it does not come in time.

        Args:
            at_most: seconds to wait in place of all of the patience.

        Raises:
            Broken: what comes is not permitted.
        """
        self.glance()
        while self.model.waits:
            seconds = min(at_most, self.patience.seconds)
            if self.model.fatal:
                seconds = min(SHUT_DOWN, seconds)
            if not self._readable(seconds):
                return False
            self._read()
        return True

    def glance(self) -> bool:
        """Read what has come without waiting; return whether anything had."""
        came = False
        while not self.model.closed and self._readable(0):
            self._read()
            came = True
        return came

    def to_the_end(self) -> None:
        """Read until the server has ended its stream, or does not in time.

        Raises:
            Broken: what comes is not permitted.
        """
        while not self.model.closed and self._readable(self.patience.seconds):
            self._read()

    def look_back(self) -> None:
        """See that the server did not reset a connection after a fatal error.

        Raises:
            Broken: it did, though octets were still under way (HJP-ERR-13).
        """
        alive = self.model.fatal and self._socket.fileno() >= 0
        if alive and self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            with suppress(Inconclusive):
                self._reset_by_server()

    def _readable(self, seconds: float) -> bool:
        return bool(select.select([self._socket], [], [], seconds)[0])

    def _read(self) -> None:
        try:
            octets = self._socket.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            self._reset_by_server()
            return
        if octets:
            self.news += map(said, self.model.received(octets))
        elif self._broken_off:
            self._reset_by_server()
        else:
            self.news.append("the end of the stream")
            self.model.ends()

    def _reset_by_server(self) -> None:
        self.news.append("a reset of the connection")
        if self.model.fatal and time.monotonic() - self._spoke_at > _DROPPING:
            self.model.closed = True
            raise Inconclusive("the server had read for 2 s after its fatal error")
        self.model.breaks_off()

    def _write(self, quiet: float, reading: bool) -> None:
        """Write until all is written, the connection is broken, or nothing moves.

        A server that has sent a fatal error and the end reads on (HJP-ERR-13).
        """
        while self._rest and not self._broken_off:
            readers = [self._socket] if reading and not self.model.closed else []
            readable, writable, _ = select.select(readers, [self._socket], [], quiet)
            if readable:
                self._read()
            if writable:
                self._write_once()
            if not readable and not writable:
                break

    def _write_once(self) -> None:
        try:
            sent = self._socket.send(self._rest[:_READ])
            self._rest = self._rest[sent:]
        except BlockingIOError:
            return
        except OSError:
            # What came before the reset can still be read, and then comes the end.
            self._broken_off = True
            self._rest = self._rest[:0]
            if self.model.closed:
                self._reset_by_server()
