"""What a server takes for each connection that says nothing."""

import resource
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from benchmarks.frames import Wire, frame
from benchmarks.tasks import metadata

__all__ = ["hold"]

_ECHOES = 500


def hold(port: int, pid: int, count: int) -> dict[str, float]:
    """Hold connections that have each had one echo; then try each of them again.

    Returns:
        ``held``, ``kib_each`` (memory of the server's process), and the 99th percentile
        of the microseconds of an echo, ``before_us`` and ``with_us``.

    Raises:
        ValueError: This process may not open so many.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if count > most - 100:
        raise ValueError(f"only {most} files may be open here; give a smaller --count")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with ExitStack() as stack:
        wire = _opened(stack, port)
        before, memory = _p99(wire), _resident(pid)
        wires = [_opened(stack, port) for _ in range(count)]
        each = (_resident(pid) - memory) / count
        after = _p99(wire)
        held = sum(map(_is_alive, wires))
    return {"held": held, "kib_each": each, "before_us": before, "with_us": after}


def _opened(stack: ExitStack, port: int) -> Wire:
    wire = Wire(port, buffer=2**12)
    stack.enter_context(closing(wire.socket))
    _echo(wire)
    return wire


def _echo(wire: Wire) -> None:
    wire.socket.sendall(frame(metadata(wire.next_id()), bytes(100)))
    wire.read()


def _is_alive(wire: Wire) -> bool:
    try:
        _echo(wire)
    except OSError:
        return False
    return True


def _p99(wire: Wire) -> float:
    return statistics.quantiles(_microseconds(wire), n=100)[98]


def _microseconds(wire: Wire) -> Iterator[float]:
    for _ in range(_ECHOES):
        began = time.perf_counter()
        _echo(wire)
        yield 1e6 * (time.perf_counter() - began)


def _resident(pid: int) -> float:
    """Give the KiB that a process has in memory."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return float(line.split()[1])
    raise ValueError("the server has ended")
