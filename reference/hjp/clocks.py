"""The clocks of the table *Limits*: which one runs, and when it has run out.

Reads no clock: the time comes in as an argument, in seconds from any beginning.
"""

from enum import Enum

from hjp.connection import Awaiting, Connection
from hjp.limits import Limits

__all__ = ["Clock", "Wait"]

LINGER_MS = 2_000
"""How long a server drops input after a fatal error (HJP-ERR-13)."""

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
        deadline: When the wait has been too long.
    """

    __slots__ = ("_frames", "_limits", "_progress", "deadline", "wait")

    def __init__(self, limits: Limits, now: float) -> None:
        self._limits = limits
        self._frames = 0
        self._progress = 0
        self.wait: Wait | None = None
        self.deadline = now

    def watch(self, wait: Wait | None, frames: int, progress: int, now: float) -> None:
        """Say what is waited for now; a wait that goes on keeps its deadline.

        Args:
            wait: What is waited for, or ``None`` if the peer has nothing to do.
            frames: The number of the frame, since each frame has its own time.
            progress: Octets that have come, for `Wait.WRITE` octets that have gone.
            now: The time.
        """
        same = wait is self.wait and frames == self._frames
        if same and not (wait is Wait.WRITE and progress != self._progress):
            return
        self.wait = wait
        self._frames = frames
        self._restart(progress, now)

    def is_over(self, progress: int, now: float) -> bool:
        """Tell whether the peer took too long.

        A payload that came fast enough until its deadline gets another one.
        """
        if self.wait is None or now < self.deadline:
            return False
        if self.wait is not Wait.PAYLOAD:
            return True
        needed = self._limits.payload_ms / 1000 * _MIN_OCTETS_PER_SECOND
        if progress - self._progress < needed:
            return True
        self._restart(progress, now)
        return False

    def _restart(self, progress: int, now: float) -> None:
        self._progress = progress
        self.deadline = now + self._milliseconds() / 1000

    def _milliseconds(self) -> int:
        if self.wait is None or self.wait is Wait.LINGER:
            return LINGER_MS
        return int(getattr(self._limits, self.wait.value))
