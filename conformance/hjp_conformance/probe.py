"""A socket peer that sends anything and believes nothing.

It reads while it writes, so that it never blocks a target that is right
(HJP-LIF-4). Waiting has a deadline, and a deadline is never a verdict against the
target: what is missing then is asked for by ending the input, since a target that
owes something has to say it before it closes (HJP-LIF-7).
"""

import select
import socket
import struct
from contextlib import suppress
from enum import Enum
from math import inf
from time import monotonic
from types import TracebackType
from typing import Self

from hjp_conformance.patience import Patience
from hjp_conformance.replies import Reply, read
from hjp_conformance.transcript import Transcript, Way
from hjp_conformance.verdicts import Inconclusive, TargetGoneError, Violation
from hjp_spec.registry import (
    DEFAULT_MAX_PAYLOAD,
    HEADER_LENGTH,
    MAGIC,
    MAX_JSON,
    VERSION,
)

Address = tuple[str, int]

_READ = 1 << 18
_WRITE = 1 << 18
_GOOD_START = MAGIC + bytes([VERSION, 0, 0, 0])


class End(Enum):
    """How a stream ended."""

    ORDERLY = "the end of the stream"
    RESET = "a reset of the connection"

    def __str__(self) -> str:
        return self.value


class Probe:
    """One connection to the target.

    Attributes:
        transcript: what was sent and received.
        max_payload: the greatest payload that the target may send, in octets; a
            case that states another in `hello` sets it.
        prompted: whether the suite ended the input because nothing came.
        end: how the stream has ended, as far as the suite has read; None if it has
            not.
        opened: when the connection was opened, in seconds of the monotonic clock.
    """

    def __init__(
        self, address: Address, patience: Patience, receive_buffer: int | None = None
    ):
        self.transcript = Transcript()
        self.max_payload = DEFAULT_MAX_PAYLOAD
        self.prompted = False
        self.opened = monotonic()
        self._patience = patience
        self._inbox = bytearray()
        self.end: End | None = None
        self._input_open = True
        self._socket = _connected(address, patience.seconds, receive_buffer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def asked(self, accepted: str) -> None:
        """Note which outcomes the case accepts next."""
        self.transcript.accepted = accepted

    # Writing

    def send(self, *pieces: bytes) -> None:
        """Send octets, each piece by a write of its own, reading meanwhile.

        A target that no longer takes them is no error here: the next read tells.
        """
        for piece in pieces:
            self.transcript.add(Way.SENT, piece)
            rest = self._write(memoryview(piece), self._patience.seconds, reading=True)
            if rest and self.end is None:
                self._patience.exceed()
                raise Inconclusive(f"the target did not take {len(rest)} octets")

    def send_until_blocked(self, octets: bytes, quiet: float) -> bytes:
        """Send without reading until the target takes nothing for `quiet` seconds.

        Returns:
            The octets that are still to be sent.
        """
        rest = bytes(self._write(memoryview(octets), quiet, reading=False))
        self.transcript.add(Way.SENT, octets[: len(octets) - len(rest)])
        return rest

    def half_close(self) -> None:
        """End the input: the target reads the end of the stream."""
        self._input_open = False
        self.transcript.notes.append("the suite ended its input")
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self._over(End.RESET)

    def reset(self) -> None:
        """Break the connection off with a TCP reset."""
        linger = struct.pack("ii", 1, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close()

    def close(self) -> None:
        """Give the connection up."""
        self._socket.close()

    # Reading

    def next(self, at_most: float = inf) -> Reply | End:
        """The next frame, or how the stream ended.

        Args:
            at_most: how many seconds to wait before the input is ended, where that
                is less than the suite's patience.

        Raises:
            Violation: a frame is wrong in itself, or the stream ends inside one.
            Inconclusive: a deadline passed.
        """
        expires = monotonic() + min(at_most, self._patience.seconds)
        while True:
            size = _size(self._inbox, self.max_payload)
            if size is not None and len(self._inbox) >= size:
                reply = self._take(size)
                if self.prompted:
                    raise Inconclusive(f"only after the input had ended came: {reply}")
                return reply
            if self.end is not None:
                return self._ended(self.end)
            if not self._receive(expires - monotonic()):
                expires = self._prompt()

    def read_octets(self, seconds: float) -> bytes:
        """Whatever has come, or comes next; nothing at the end or after so long."""
        if not self._inbox and self.end is None:
            self._receive(seconds)
        return bytes(self._inbox)

    def wait_for_break(self, seconds: float) -> None:
        """Wait without reading until the connection is broken, at most so long."""
        poll = select.poll()
        poll.register(self._socket, 0)  # errors and hang-ups are always told
        poll.poll(seconds * 1000)

    def _take(self, size: int) -> Reply:
        octets = bytes(self._inbox[:size])
        del self._inbox[:size]
        return read(octets, self.max_payload)

    def _ended(self, end: End) -> End:
        if self._inbox and end is End.ORDERLY:
            count = len(self._inbox)
            raise Violation(f"the stream ends {count} octets into a frame", "HJP-FRM-1")
        return end

    def _prompt(self) -> float:
        """Nothing came in time: end the input, and say until when to wait now."""
        self._patience.exceed()
        if not self._input_open:
            raise Inconclusive("nothing came, not even the end of the stream")
        self.prompted = True
        self.half_close()
        return monotonic() + self._patience.seconds

    def _receive(self, seconds: float) -> bool:
        """Wait for octets or the end; False if neither came in time."""
        if seconds <= 0 or not select.select([self._socket], [], [], seconds)[0]:
            return False
        self._read()
        return True

    def _read(self) -> None:
        try:
            octets = self._socket.recv(_READ)
        except BlockingIOError:  # not readable after all, whatever select said
            return
        except OSError:
            self._over(End.RESET)
            return
        if octets:
            self._inbox += octets
            self.transcript.add(Way.RECEIVED, octets)
        else:
            self._over(End.ORDERLY)

    def _write(self, octets: memoryview, quiet: float, *, reading: bool) -> memoryview:
        """Write until all is written, the stream is broken, or nothing moves."""
        readers = [self._socket] if reading else []
        while octets:
            watched = readers if self.end is None else []
            readable, writable, _ = select.select(watched, [self._socket], [], quiet)
            if readable:
                self._read()
            if writable:
                written = self._write_once(octets[:_WRITE])
                if written is None:
                    break
                octets = octets[written:]
            if not readable and not writable:
                break
        return octets

    def _write_once(self, octets: memoryview) -> int | None:
        try:
            return self._socket.send(octets)
        except BlockingIOError:
            return 0
        except OSError:
            self._read_what_came_before_the_reset()
            return None

    def _read_what_came_before_the_reset(self) -> None:
        self._socket.settimeout(0.1)
        while self.end is None:
            self._read()
        self._over(End.RESET)

    def _over(self, end: End) -> None:
        if self.end is not end:
            self.end = end
            self.transcript.notes.append(f"received: {end}")


def _size(inbox: bytearray, max_payload: int) -> int | None:
    """Octets of the frame at the start, as far as they can be told.

    A header that no frame may have is one by itself: reading it says what is wrong.
    """
    if not _GOOD_START.startswith(bytes(inbox[: len(_GOOD_START)])):
        return len(inbox)
    if len(inbox) < HEADER_LENGTH:
        return None
    json_length, payload_length = struct.unpack_from("<II", inbox, 8)
    if not 2 <= json_length <= MAX_JSON or payload_length > max_payload:
        return len(inbox)
    return HEADER_LENGTH + int(json_length) + int(payload_length)


def _connected(address: Address, seconds: float, buffer: int | None) -> socket.socket:
    """A connection by any of the addresses that the host's name has."""
    told = "no address"
    try:
        infos = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)
    except OSError as error:
        raise TargetGoneError(f"cannot connect: {error.strerror}") from None
    for family, kind, protocol, _, found in infos:
        made = socket.socket(family, kind, protocol)
        try:
            _set_buffers(made, buffer)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            made.settimeout(seconds)
            # A reset at once is something that the target did: reading will tell.
            with suppress(ConnectionResetError):
                made.connect(found)
            made.setblocking(False)
        except OSError as error:
            made.close()
            told = error.strerror or str(error)
        else:
            return made
    raise TargetGoneError(f"cannot connect: {told}")


def _set_buffers(made: socket.socket, octets: int | None) -> None:
    """Before connecting: the window is agreed on there."""
    if octets is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, octets)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, octets)
