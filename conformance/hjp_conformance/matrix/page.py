"""The matrix as one page, which needs nothing but itself."""

from collections import Counter

from hjp_conformance.matrix.grid import grid_of
from hjp_conformance.reports import summary
from hjp_conformance.reports.html import MAX_PAGE, bad, cards_of, page
from hjp_conformance.reports.shape import CaseReport, Report, RunReport


def html(report: Report) -> str:
    """The page of a report of `matrix`."""
    grid = grid_of(report)
    anchors = {pair: f"pair-{number}" for number, pair in enumerate(grid.cells, 1)}
    found = [
        (case, run, f"{anchors[_key(run)]}-{case['id']}") for case, run in bad(report)
    ]
    cards = cards_of(report, found, MAX_PAGE)
    return page(
        "matrix",
        report,
        "HJP/1 clients and servers",
        grid=grid,
        anchors=anchors,
        cards=cards,
        left_out=len(found) - len(cards),
        by_case=list(_by_case(report).values()),
    )


def _key(run: RunReport) -> tuple[str, str]:
    return run["pair"]["client"], run["pair"]["server"]


def _by_case(report: Report) -> dict[str, tuple[CaseReport, summary.Counts]]:
    """How each case ended in all pairs."""
    found: dict[str, tuple[CaseReport, summary.Counts]] = {}
    for run in report["runs"]:
        for case in run["cases"]:
            _, counts = found.setdefault(case["id"], (case, Counter()))
            counts[case["verdict"]] += 1
    return found
