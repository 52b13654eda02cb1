"""The matrix on the console: the table, what failed, a verdict."""

from collections.abc import Iterator
from typing import TextIO

from hjp_conformance.matrix.grid import Cell, Grid, grid_of, in_columns
from hjp_conformance.reports import summary
from hjp_conformance.reports.cards import card
from hjp_conformance.reports.console import CLEAR_LINE, MAX_CARDS
from hjp_conformance.reports.octets import in_a_line
from hjp_conformance.reports.shape import Report, RunReport
from hjp_conformance.reports.summary import counted
from hjp_conformance.verdicts import painted

_CORNER = "client \\ server"


class Progress:
    """Tells of pairs as they end.

    Args:
        out: where to print.
        color: whether `out` is a terminal.
        total: how many pairs there are.
    """

    def __init__(self, out: TextIO, *, color: bool, total: int):
        self._out = out
        self._color = color
        self._total = total
        self._done = 0

    def __call__(self, run: RunReport) -> None:
        """One more pair has ended."""
        self._done += 1
        if self._color:
            end = "\n" if self._done == self._total else ""
            told = f"{self._done}/{self._total} pairs, {in_a_line(summary.name(run))}"
            self._out.write(f"{CLEAR_LINE}{told}{end}")
            self._out.flush()


def told(report: Report, *, color: bool) -> str:
    """The whole report as text."""
    return "\n".join(
        [*_table(grid_of(report), color), *_cards(report, color), *_end(report, color)]
    )


def _table(grid: Grid, color: bool) -> Iterator[str]:
    rows = [[_CORNER, *grid.servers]]
    rows += [
        [client, *(_text(grid.cells.get((client, server))) for server in grid.servers)]
        for client in grid.clients
    ]
    head, *lines = in_columns(rows)
    yield head
    for client, line in zip(grid.clients, lines, strict=True):
        cells = [grid.cells.get((client, server)) for server in grid.servers]
        worst = summary.worst([cell.verdict for cell in cells if cell] or ["skip"])
        yield painted(worst, line) if color and worst != "pass" else line
    yield from _gone(grid)


def _text(cell: Cell | None) -> str:
    return cell.text if cell is not None else ""


def _gone(grid: Grid) -> Iterator[str]:
    """Why there are cells without or with fewer cases, each reason once."""
    reasons = dict.fromkeys(
        f"{name}: {line}" if cell.run["cases"] else line
        for cell in grid.cells.values()
        for name, line in (
            (summary.name(cell.run), one) for one in summary.trouble(cell.run)
        )
    )
    yield from ("", *map(in_a_line, reasons)) if reasons else ()


def _cards(report: Report, color: bool) -> Iterator[str]:
    found = [(case, run) for run in report["runs"] for case in summary.bad(run)]
    for case, run in found[:MAX_CARDS]:
        yield f"\n{in_a_line(summary.name(run))}\n{card(case, report, run, color=color)}"
    if len(found) > MAX_CARDS:
        yield f"\n… and {len(found) - MAX_CARDS} more; --html or --json has them all"


def _end(report: Report, color: bool) -> Iterator[str]:
    counts = summary.of_report(report)
    right = sum(run["exit"] == 0 for run in report["runs"])
    figures = [
        f"{right} of {counted(len(report['runs']), 'pair', 'pairs')} right",
        counted(counts.total(), "case", "cases"),
        *(
            f"{counts[one]} {one}"
            for one in summary.WORST_FIRST
            if counts[one] and one != "pass"
        ),
    ]
    shown = (
        painted(summary.face(report), report["verdict"]) if color else report["verdict"]
    )
    yield f"\n{shown}: {', '.join(figures)}"
