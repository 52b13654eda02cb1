"""The matrix for the summary of a CI job: GitHub flavoured Markdown."""

from collections.abc import Iterator

from hjp_conformance.matrix.grid import Cell, Grid, grid_of
from hjp_conformance.reports import summary
from hjp_conformance.reports.markdown import (
    SIGNS,
    assembled,
    code,
    escaped,
    failures,
    head,
    header,
    row,
)
from hjp_conformance.reports.shape import Report


def markdown(report: Report) -> str:
    """A verdict, the table, the failures with their cards; less than 900 kB."""
    return assembled(
        head(report), _table(grid_of(report)), _trouble(report), failures(report)
    )


def _table(grid: Grid) -> Iterator[str]:
    yield from header("client \\ server", *map(escaped, grid.servers))
    for client in grid.clients:
        cells = (grid.cells.get((client, server)) for server in grid.servers)
        yield row(f"**{escaped(client)}**", *map(_cell, cells))


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return ""
    skipped = summary.of_run(cell.run)["skip"]
    told = f"{SIGNS[cell.verdict]} {cell.text}"
    return f"{told}, {skipped} not offered" if skipped else told


def _trouble(report: Report) -> Iterator[str]:
    yield ""
    for run in report["runs"]:
        for line in summary.trouble(run):
            yield f"- {code(run['target']['name'])}: {code(line)}"
