"""How much memory a process takes, as Linux tells in /proc; elsewhere nothing is told.

A limit on the address space would be simpler, but some runtimes reserve terabytes of
it and do not start under one.  So processes are measured, against what they have
when they are idle.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hjp_fuzz.targets.base import Lost

_PROCESSES = Path("/proc")
_PEAK = re.compile(rb"^VmPeak:\s+(\d+) kB$", re.M)
_RESIDENT = re.compile(rb"^VmHWM:\s+(\d+) kB$", re.M)
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Peak:
    """The most that a process and its children ever had, in octets.

    Attributes:
        resident: of memory that was written to.
        space: of address space, which memory for a declared length takes though
            nothing is written to it.
    """

    resident: int = 0
    space: int = 0


def peak(pid: int) -> Peak:
    """Return the peak of a process; nothing if it cannot be told."""
    resident = space = 0
    for member in _family(pid):
        try:
            status = (_PROCESSES / str(member) / "status").read_bytes()
        except OSError:  # it has just ended
            continue
        resident += _octets(_RESIDENT, status)
        space += _octets(_PEAK, status)
    return Peak(resident, space)


def _family(pid: int) -> Iterator[int]:
    """Yield a process and what it has started: a testee may be a script of shell."""
    yield pid
    children = _PROCESSES / str(pid) / "task" / str(pid) / "children"
    try:
        named = children.read_bytes().split()
    except OSError:
        return
    for child in named:
        yield from _family(int(child))


def _octets(measure: re.Pattern[bytes], status: bytes) -> int:
    found = measure.search(status)  # one that has ended has none
    return int(found[1]) * 1024 if found else 0


class MemoryWatch:
    """Looks whether a process grows by more than a limit.

    Args:
        limit: in octets.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._idle = Peak()

    def begin(self, pid: int) -> None:
        """Note what the process has while it is idle."""
        self._idle = peak(pid)

    def __call__(self, pid: int) -> None:
        """Look at the process.

        Raises:
            Lost: it has grown by more than the limit.
        """
        now = peak(pid)
        for what, had, has in (
            ("resident memory", self._idle.resident, now.resident),
            ("address space", self._idle.space, now.space),
        ):
            if had and has - had > self.limit:
                raise too_much(self.limit, f"{what} grew by {(has - had) // MIB} MiB")


def too_much(limit: int, message: str) -> Lost:
    """Return what becomes of a target that takes more memory than a limit."""
    return Lost("memory", f"more than {limit / MIB:g} MiB", message)
