"""Whether the other end of a connection on this machine has read what it was sent."""

import socket
import sys
from contextlib import suppress
from pathlib import Path

_TABLE = Path("/proc/net/tcp")
_LOCAL, _REMOTE, _QUEUES = 1, 2, 4


def unread(connected: socket.socket) -> bool:
    """Whether octets lie in the peer's receive queue; False where nobody can know.

    Args:
        connected: over IPv4, to a process on this machine.
    """
    with suppress(OSError):
        ends = _end(connected.getpeername()), _end(connected.getsockname())
        for line in _TABLE.read_text(encoding="ascii").splitlines():
            words = line.split()
            if (words[_LOCAL], words[_REMOTE]) == ends:
                return int(words[_QUEUES].partition(":")[2], 16) > 0
    return False


def _end(address: tuple[str, int]) -> str:
    """An address as the table has it: in the order of the machine's octets."""
    host, port = address
    number = int.from_bytes(socket.inet_aton(host), sys.byteorder)
    return f"{number:08X}:{port:04X}"
