"""Rounds of all peers, one after the other in an order that changes.

Other work on the machine and its moods meet all peers alike that way: what counts is
the ratio to the limit of the same round, and the median of those.
"""

import random
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.idle import FIGURES
from benchmarks.processes import Child, PeerError, client, server
from benchmarks.table import Peer
from benchmarks.tasks import Files, Task

__all__ = ["Row", "Running", "measure", "quartiles"]


def quartiles(values: list[float]) -> tuple[float, float, float]:
    """Give the first quartile, the median and the third one."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


@dataclass(slots=True)
class Row:
    """One row of a table, and what was measured of it."""

    name: str
    child: Child | None = None
    key: str = ""
    """What the child calls it."""
    missing: str = ""
    """Why there is nothing to measure."""
    failed: str = ""
    """Why the peer could not be measured to the end."""
    rounds: list[Any] = field(default_factory=list)
    """Of each round the seconds; of idle connections the figures."""

    def ask(self, *message: Any) -> Any:
        """Ask the peer's client; remember that it failed."""
        if self.failed or self.child is None:
            return None
        try:
            return self.child.ask(*message)
        except PeerError as error:
            self.failed = str(error)
            return None

    def as_json(self, task: Task, limit: "Row | None") -> dict[str, Any]:
        """Give what a report holds of it."""
        told: dict[str, Any] = {"peer": self.name}
        if self.missing:
            return told | {"missing": self.missing}
        if self.failed:
            return told | {"failed": self.failed}
        if task.work == "idle":
            figures = {
                name: quartiles([it[name] for it in self.rounds]) for name in FIGURES
            }
            return told | {name: _named(it) for name, it in figures.items()}
        told["rate"] = _named(quartiles([task.amount / it for it in self.rounds]))
        if limit and not limit.failed:
            pairs = zip(limit.rounds, self.rounds, strict=True)
            told["ratio"] = _named(quartiles([one / it for one, it in pairs]))
        return told


def _named(values: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip(("q1", "median", "q3"), values, strict=True))


class Running:
    """The processes of all peers that take part; a context manager."""

    def __init__(self, peers: Iterable[Peer], works: set[str], folder: Path) -> None:
        self._peers = [it for it in peers if works.intersection(it.works.split())]
        self._folder = folder
        self._children: list[Child] = []
        self._rows: list[tuple[str, Row]] = []

    def __enter__(self) -> "Running":
        try:
            self._start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        for child in self._children:
            child.hang_up()
        for child in self._children:
            child.join()

    def rows(self, task: Task) -> list[Row]:
        """Make the rows of a table, nothing measured yet."""
        return [
            Row(row.name, row.child, row.key, row.missing, row.failed)
            for work, row in self._rows
            if work == task.work
        ]

    def _start(self) -> None:
        """All at once: most of them import for a while."""
        servers = {
            peer: self._child(server, peer, self._files(peer).root)
            for peer in self._peers
            if not peer.is_alone and not peer.missing
        }
        clients: dict[Peer, Child | str] = {}
        for peer in self._peers:
            try:
                address = servers[peer].answer() if peer in servers else (0, 0)
            except PeerError as error:
                clients[peer] = str(error)
            else:
                if not peer.missing:
                    clients[peer] = self._child(
                        client, peer, self._files(peer), address
                    )
        for peer in self._peers:
            self._tell_rows(peer, clients.get(peer))

    def _child(self, target: Any, peer: Peer, *arguments: Any) -> Child:
        child = Child(target, peer.module, peer.variant, *arguments)
        self._children.append(child)
        return child

    def _files(self, peer: Peer) -> Files:
        own = self._folder / f"{peer.file}-{peer.variant}"
        files = Files(self._folder / "sources", own / "root", own / "fetched")
        for folder in (files.root, files.fetched):
            folder.mkdir(parents=True, exist_ok=True)
        return files

    def _tell_rows(self, peer: Peer, child: Child | str | None) -> None:
        try:
            if child is None:
                raise PeerError(peer.missing)
            if isinstance(child, str):
                raise PeerError(child)
            for work, keys in child.answer().items():
                for key in keys:
                    name = ", ".join(filter(None, (peer.name, key)))
                    self._rows.append((work, Row(name, child, key)))
        except PeerError as error:
            failed = "" if peer.missing else str(error)
            row = Row(peer.name, missing=peer.missing, failed=failed)
            self._rows += [(work, row) for work in peer.works.split()]


def measure(task: Task, rows: list[Row], rounds: int, progress: Any) -> None:
    """Do the rounds of one table; the first, which warms up, does not count."""
    present = [row for row in rows if not row.missing]
    for row in present:
        row.ask("open", task, row.key)
    for number in range(rounds + 1):
        random.shuffle(present)
        for row in present:
            progress(f"{task.title}: round {number} of {rounds}, {row.name}")
            result = row.ask("round", task, row.key, number == 0)
            if number:
                row.rounds.append(result)
    for row in present:
        row.ask("close", row.key)
