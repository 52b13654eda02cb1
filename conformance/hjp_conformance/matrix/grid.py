"""A report of pairs as a table: rows are clients, columns are servers."""

from collections.abc import Iterable
from dataclasses import dataclass

from hjp_conformance.reports import summary
from hjp_conformance.reports.shape import Report, RunReport

NOTHING = "none"
"""In a cell whose server or client could not be had."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How a client and a server got along.

    Attributes:
        run: what was found.
        passed: how many cases passed.
        total: how many were asked for, without those that the client does not offer.
        verdict: the worst of the cases, as far as they tell anything.
    """

    run: RunReport
    passed: int
    total: int
    verdict: str

    @property
    def is_right(self) -> bool:
        """Whether nobody has to look into it."""
        return self.run["exit"] == 0 and self.run["complete"]

    @property
    def text(self) -> str:
        """In a few characters."""
        return f"{self.passed}/{self.total}" if self.run["cases"] else NOTHING


@dataclass(frozen=True, slots=True)
class Grid:
    """The table.

    Attributes:
        clients: the names of the rows.
        servers: the names of the columns.
        cells: by the names of client and server.
    """

    clients: tuple[str, ...]
    servers: tuple[str, ...]
    cells: dict[tuple[str, str], Cell]


def grid_of(report: Report) -> Grid:
    """The table of a report of `matrix`."""
    # Every pair was to do the same: a run that was cut off tells fewer cases.
    most = max(len(run["cases"]) for run in report["runs"])
    cells = {
        (run["pair"]["client"], run["pair"]["server"]): _cell(run, most)
        for run in report["runs"]
    }
    return Grid(
        tuple(dict.fromkeys(client for client, _ in cells)),
        tuple(dict.fromkeys(server for _, server in cells)),
        cells,
    )


def _cell(run: RunReport, most: int) -> Cell:
    counts = summary.of_run(run)
    telling = {verdict for verdict in counts if verdict != "skip"}
    if not run["complete"]:
        telling.add("inconclusive")
    verdict = summary.worst(telling or {"skip"})
    return Cell(run, counts["pass"], most - counts["skip"], verdict)


def in_columns(rows: Iterable[Iterable[str]]) -> list[str]:
    """Lines in which all columns stand below each other."""
    table = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(
            text.ljust(width) for text, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in table
    ]
