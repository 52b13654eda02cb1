"""What a server takes for each connection that says nothing."""

import resource
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

from benchmarks.frames import Wire, frame
from benchmarks.tasks import Files, Once, Task, metadata

__all__ = ["FIGURES", "hold"]

FIGURES: Final = ("held", "kib_each", "before_us", "with_us")
_ECHOES: Final = 500
_OTHERS: Final = 100  # files that are open beside the connections


@contextmanager
def hold(task: Task, files: Files, port: int) -> Iterator[Once]:
    """Hold connections that have each had one echo; then try each of them again.

    A round gives the figures named in `FIGURES`: connections, KiB of memory of the
    server's process for each, and the 99th percentile of an echo's microseconds.

    Raises:
        ValueError: This process may not open so many.
    """
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if task.count > most - _OTHERS:
        raise ValueError(f"only {most} files may be open here: choose a lower --count")
    # Before the first round: what a server has taken once, it does not give back.
    memory = _resident(files.pid)
    yield lambda: _figures(task.count, files.pid, port, memory)


def _figures(count: int, pid: int, port: int, memory: float) -> dict[str, float]:
    with ExitStack() as stack:
        wire = _opened(stack, port)
        before = _p99(wire)
        wires = [_opened(stack, port) for _ in range(count)]
        each = (_resident(pid) - memory) / count
        after = _p99(wire)
        held = sum(map(_is_alive, wires))
    return dict(zip(FIGURES, (held, each, before, after), strict=True))


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
