"""A connection that sends anything and believes nothing, octets only.

It reads while it writes, so that it never blocks a peer that is right (HJP-LIF-4).
"""

import select
import socket
import struct
from enum import Enum
from time import monotonic
from types import TracebackType
from typing import Self

from hjp_conformance.patience import Patience
from hjp_conformance.transcript import Then, Transcript, Way
from hjp_conformance.verdicts import Inconclusive
from hjp_spec.registry import HEADER_LENGTH, MAGIC, MAX_JSON, VERSION

_READ = 1 << 18
_WRITE = 1 << 18
_TALKATIVE = 4
"""So many deadlines may pass while a target sends and takes nothing."""
_UNREAD = 1 << 28
"""Octets that a target may send before it takes what it is sent."""
_GOOD_START = MAGIC + bytes([VERSION, 0, 0, 0])


class End(Enum):
    """How a stream ended."""

    ORDERLY = "the end of the stream"
    RESET = "a reset of the connection"

    def __str__(self) -> str:
        return self.value


class Wire:
    """One connection to the target.

    Args:
        connected: its socket; it is made non-blocking.
        patience: how long to wait.

    Attributes:
        transcript: what was sent and received.
        max_payload: the greatest payload that the target may send, in octets.
        end: how the stream has ended, as far as the suite has read; None if it has
            not.
        opened: when the connection was opened, in seconds of the monotonic clock.
    """

    def __init__(self, connected: socket.socket, patience: Patience, max_payload: int):
        self.transcript = Transcript()
        self.max_payload = max_payload
        self.opened = monotonic()
        self.end: End | None = None
        self._patience = patience
        self._inbox = bytearray()
        self._taken = 0
        self._frame_at = 0
        self._input_open = True
        self._socket = connected
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setblocking(False)

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
        self.transcript.end(Way.SENT, "end", "the suite ended the stream")
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self._over(End.RESET)

    def reset(self) -> None:
        """Break the connection off with a TCP reset."""
        linger = struct.pack("ii", 1, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.transcript.end(Way.SENT, "reset", "the suite reset the connection")
        self.end = End.RESET
        self.close()

    def close(self) -> None:
        """Give the connection up."""
        self._socket.close()

    # Reading

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

    def fileno(self) -> int:
        """For `select`."""
        return self._socket.fileno()

    def read_some(self) -> None:
        """Read what has come, without waiting."""
        self._read()

    def blame(self, offset: int) -> None:
        """Note which octet of the frame read last is wrong."""
        self.transcript.wrong = Way.RECEIVED, self._frame_at + offset

    def _frame(self) -> bytes | None:
        """The next frame, whole, or what stands where none can be; None: not yet."""
        size = frame_size(self._inbox, self.max_payload)
        if size is None or len(self._inbox) < size:
            return None
        octets = bytes(self._inbox[:size])
        del self._inbox[:size]
        self._frame_at = self._taken
        self._taken += size
        return octets

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
        """Write until all is written, the stream is broken, or nothing moves.

        A target may have much to say before it reads again, but not without end.
        """
        readers = [self._socket] if reading else []
        moved = monotonic()
        while octets and monotonic() - moved < _TALKATIVE * quiet:
            watched = readers if self.end is None else []
            readable, writable, _ = select.select(watched, [self._socket], [], quiet)
            if readable:
                self._read()
            if writable:
                written = self._write_once(octets[:_WRITE])
                if written is None:
                    break
                octets = octets[written:]
                moved = monotonic()
            if (not readable and not writable) or len(self._inbox) > _UNREAD:
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
            then: Then = "end" if end is End.ORDERLY else "reset"
            self.transcript.end(Way.RECEIVED, then, f"received: {end}")


def frame_size(inbox: bytes | bytearray, max_payload: int) -> int | None:
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
