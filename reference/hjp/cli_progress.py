"""A bar with rate and time left, on a terminal only."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

__all__ = ["Meter", "metered"]


class Meter:
    """Octets that are done, of all files of a command together."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar = bar
        self._task = task
        self._lock = threading.Lock()
        self._done = 0
        self._under_way: dict[int, int] = {}

    def tell(self, done: int, total: int | None, *, is_all: bool = False) -> None:
        """Say how much of its present file this thread has done.

        Args:
            done: Octets.
            total: Of how many, if that is known.
            is_all: Whether that is all of what the command does.
        """
        with self._lock:
            thread = threading.get_ident()
            is_resumed = thread not in self._under_way and done > 0
            self._under_way[thread] = done
            done = self._done + sum(self._under_way.values())
            if is_resumed:  # what was done before says nothing of the rate
                self._bar.reset(self._task, completed=done)
            of = total if is_all else None  # `None` leaves it as it is
            self._bar.update(self._task, completed=done, total=of)

    def finish(self, size: int) -> None:
        """Say that the present file of this thread is done."""
        with self._lock:
            self._under_way.pop(threading.get_ident(), None)
            self._done += size
            done = self._done + sum(self._under_way.values())
            self._bar.update(self._task, completed=done)


@contextmanager
def metered(what: str, total: int | None) -> Iterator[Meter]:
    """Show a bar while something is done.

    Args:
        what: What, for people.
        total: Octets of it, if that is known.
    """
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        yield Meter(bar, bar.add_task(what, total=total))
