"""The clocks of the table *Limits*: which one runs, and when it has run out.

Reads no clock: the time comes in as an argument, in seconds from any beginning.
"""

import struct
from enum import Enum

from hjp.connection import Awaiting, Connection
from hjp.limits import Limits

__all__ = ["LINGER_MS", "NO_LINGER", "Clock", "Wait"]

LINGER_MS = 2_000
"""How long a server drops input after a fatal error (HJP-ERR-13)."""

NO_LINGER = struct.pack("ii", 1, 0)
"""The socket option with which closing is a reset (HJP-LIM-9)."""

_MIN_OCTETS_PER_SECOND = 1024


class Wait(Enum):
    """What a server waits for; the value is the name of the limit."""

    FIRST_FRAME = "first_frame_ms"
    FRAME = "frame_ms"
    PAYLOAD = "payload_ms"
    IDLE = "idle_ms"
    WRITE = "write_ms"
    LINGER = "the end of the input after a fatal error"

    @classmethod
    def of(cls, connection: Connection) -> "Wait":
        """Tell which clock runs while the peer's next octet is awaited."""
        if not connection.frames:
            return cls.FIRST_FRAME
        return _READING[connection.awaiting]


_READING = {
    Awaiting.FRAME: Wait.IDLE,
    Awaiting.HEAD: Wait.FRAME,
    Awaiting.PAYLOAD: Wait.PAYLOAD,
}


class Clock:
    """The one clock of a connection that runs at a time.

    Attributes:
        wait: What is waited for, ``None`` while no clock runs (HJP-LIM-10).
    """

    __slots__ = ("_frames", "_limits", "_progress", "_since", "_span", "wait")

    def __init__(self, limits: Limits, now: float) -> None:
        self.wait: Wait | None = None
        self._limits = limits
        self._frames = 0
        self._progress = 0
        self._since = now  # the last progress
        self._span = now, 0  # when the present span began, and the progress then

    @property
    def deadline(self) -> float:
        """When to look whether the wait `is_over`."""
        is_paced = self.wait is Wait.PAYLOAD
        since = min(self._since, self._span[0]) if is_paced else self._since
        return since + self._seconds()

    def watch(self, wait: Wait | None, frames: int, progress: int, now: float) -> None:
        """Say what is waited for now; a wait that goes on keeps its deadline.

        Args:
            wait: What is waited for, or ``None`` if the peer has nothing to do.
            frames: The number of the frame, since each frame has its own time.
            progress: With `Wait.PAYLOAD` octets of it that have come, with
                `Wait.WRITE` octets that have gone, else 0.
            now: The time.
        """
        if wait is not self.wait or frames != self._frames:
            self.wait = wait
            self._frames = frames
            self._span = now, progress
        elif progress == self._progress:
            return
        self._since = now
        self._progress = progress

    def is_over(self, now: float) -> bool:
        """Tell whether the peer took too long.

        A payload that came fast enough until its deadline gets another one.
        """
        if self.wait is None or now < self.deadline:
            return False
        if self.wait is not Wait.PAYLOAD or now >= self._since + self._seconds():
            return True
        begin, progress = self._span
        if self._progress - progress < int(self._seconds()) * _MIN_OCTETS_PER_SECOND:
            return True
        self._span = begin + self._seconds(), self._progress
        return False

    def _seconds(self) -> float:
        if self.wait is None or self.wait is Wait.LINGER:
            return LINGER_MS / 1000
        return float(getattr(self._limits, self.wait.value)) / 1000
