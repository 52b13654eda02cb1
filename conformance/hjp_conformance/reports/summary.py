"""What the reports for people have in common: verdicts in order, cases counted."""

import re
from collections import Counter
from collections.abc import Callable, Iterable

from hjp_conformance.reports.shape import (
    CaseReport,
    Report,
    RequirementReport,
    RunReport,
)
from hjp_conformance.verdicts import QUIET
from hjp_conformance.verdicts import face as face_of

WORST_FIRST = (
    "harness",
    "crash",
    "fail",
    "inconclusive",
    "warn",
    "known",
    "skip",
    "pass",
)
LEVELS = ("MUST", "SHOULD", "MAY")
Counts = Counter[str]
_LINK = re.compile(r"\[([^]]+)\]\([^)]*\)")


def counted(count: int, one: str, many: str) -> str:
    """A number with its word."""
    return f"{count} {one if count == 1 else many}"


def name(run: RunReport) -> str:
    """By which people know a run: its mode, or who took part in it."""
    return run["target"]["name"] if "pair" in run else run["mode"]


def extent(runs: Iterable[RunReport]) -> tuple[int, int]:
    """How many cases were run, and how many there are; of several times the least."""
    found: dict[str, tuple[int, int]] = {}
    for run in runs:
        ran = len(run["cases"])
        of = ran, max(run.get("total", 0), ran)
        found[name(run)] = min(found.get(name(run), of), of)
    return sum(ran for ran, _ in found.values()), sum(of for _, of in found.values())


def not_run(report: Report) -> str:
    """How many cases were not run, selected or not, as a sentence goes on."""
    ran, total = extent(report["runs"])
    return f", {total - ran} of {total} not run" if ran < total else ""


def rank(verdict: str) -> int:
    """Its place, the worst first."""
    return WORST_FIRST.index(verdict)


def worst(verdicts: Iterable[str]) -> str:
    """The worst of these verdicts; there has to be one."""
    return min(verdicts, key=rank)


def bad(run: RunReport) -> list[CaseReport]:
    """The cases that somebody has to look into, the worst first."""
    found = [case for case in run["cases"] if case["verdict"] not in QUIET]
    return sorted(found, key=lambda case: rank(case["verdict"]))


def of_run(run: RunReport) -> Counts:
    """How many cases ended in each verdict."""
    return Counter(case["verdict"] for case in run["cases"])


def of_report(report: Report) -> Counts:
    """The same, of all runs."""
    return Counter(case["verdict"] for run in report["runs"] for case in run["cases"])


def of_bad(counts: Counts) -> int:
    """How many of these somebody has to look into."""
    return sum(count for verdict, count in counts.items() if verdict not in QUIET)


def face(report: Report) -> str:
    """The verdict whose colour and sign the whole has: pass, known or fail."""
    return str(face_of(report["exit"], of_report(report)["known"]))


def by(run: RunReport, of: Callable[[CaseReport], str]) -> dict[str, Counts]:
    """How many cases ended in each verdict, by something that a case is."""
    found: dict[str, Counts] = {}
    for case in run["cases"]:
        found.setdefault(of(case), Counter())[case["verdict"]] += 1
    return found


def by_area(run: RunReport) -> dict[str, Counts]:
    """By chapter."""
    return by(run, lambda case: case["area"])


def by_level(run: RunReport) -> dict[str, Counts]:
    """By level."""
    return by(run, lambda case: case["level"])


def by_feature(run: RunReport) -> dict[str, Counts]:
    """By feature."""
    return by(run, lambda case: case["feature"])


def by_mode(
    report: Report, of: Callable[[RunReport], dict[str, Counts]]
) -> dict[str, dict[str, Counts]]:
    """The counts of each mode, of all its runs together where there are several."""
    found: dict[str, dict[str, Counts]] = {}
    for run in report["runs"]:
        of_mode = found.setdefault(run["mode"], {})
        for key, counts in of(run).items():
            of_mode[key] = of_mode.get(key, Counter()) + counts
    return found


def skipped(run: RunReport) -> Counts:
    """How many cases were skipped, by reasons."""
    return Counter(
        case.get("message", "no reason was given")
        for case in run["cases"]
        if case["verdict"] == "skip"
    )


def words(requirement: RequirementReport) -> str:
    """Its sentence without the links of the text, which lead nowhere else."""
    return _LINK.sub(r"\1", requirement["sentence"])


def trouble(run: RunReport) -> list[str]:
    """What is wrong with the run as a whole."""
    dead = [f"this known failure matches no case: {one}" for one in run["dead"]]
    stopped = [f"not all cases were run: {run['stopped'] or 'it was ended'}"]
    return ([] if run["complete"] else stopped) + dead + run["trouble"]
