"""The report on the console: chapters, progress, failures, a verdict."""

from collections import Counter
from typing import TextIO

import pytest

from hjp_conformance.card import card
from hjp_conformance.catalogue import AREAS
from hjp_conformance.run import Result, Run
from hjp_conformance.verdicts import NAMES, Exit, Verdict

MAX_CARDS = 10
"""Failures told at length; the others by name, since pages of output hide them all."""

_COLORS = {
    Verdict.PASS: "32",
    Verdict.WARN: "33",
    Verdict.SKIP: "2",
    Verdict.INCONCLUSIVE: "35",
}
_RED = "31"
_UNTOLD = (Verdict.PASS, Verdict.SKIP)
_RARER = (
    (Verdict.WARN, ("warning (SHOULD)", "warnings (SHOULD)")),
    (Verdict.INCONCLUSIVE, ("inconclusive", "inconclusive")),
    (Verdict.HARNESS, ("fault of the suite", "faults of the suite")),
    (Verdict.SKIP, ("skipped", "skipped")),
)
_CLEAR_LINE = "\r\x1b[K"


class Console:
    """A pytest plugin that prints a run.

    Args:
        run: is filled by the run.
        out: where to print.
        color: whether `out` is a terminal: colours and a line of progress.
    """

    def __init__(self, run: Run, out: TextIO, *, color: bool):
        self._run = run
        self._out = out
        self._color = color
        self._told = 0
        self._area = ""
        self._totals: Counter[str] = Counter()

    def begin(self) -> None:
        """Say what is tested."""
        assert self._run.target is not None
        host, port = self._run.target.address
        host = f"[{host}]" if ":" in host else host
        facts = self._run.facts
        features = ", ".join(facts.features) or "none"
        self._print(f"HJP/1 server at hjp://{host}:{port}: {facts.server}")
        self._print(f"features: {features}; max_payload: {facts.max_payload}\n")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn how many cases each chapter has."""
        self._totals = Counter(case.area for case in self._run.cases)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell of a case that has ended, and of a chapter that has."""
        if report.when != "teardown" or not self._run.results:
            return
        area = self._run.results[-1].case.area
        if self._area not in ("", area):
            self._chapter(self._area)
        self._area = area
        if self._color:
            self._out.write(f"{_CLEAR_LINE}{self._line(area)}")
            self._out.flush()

    def finish(self, status: Exit) -> None:
        """Tell what is left to tell, then the verdict."""
        if self._area:
            self._chapter(self._area)
        self._cards()
        self._skips()
        self._print(self._verdict(status))

    def _chapter(self, area: str) -> None:
        self._print((_CLEAR_LINE if self._color else "") + self._line(area))
        for result in self._results(area):
            if result.verdict not in _UNTOLD:
                name = self._paint(result.verdict, result.verdict.upper())
                self._print(f"    {name} {result.case.id}")

    def _line(self, area: str) -> str:
        results = self._results(area)
        counts = Counter(result.verdict for result in results)
        told = ", ".join(
            self._paint(verdict, f"{counts[verdict]} {verdict}")
            for verdict in Verdict
            if counts[verdict]
        )
        done = f"{len(results)}/{self._totals[area]}"
        return f"{AREAS[area]:<14}{done:>8}  {told}"

    def _results(self, area: str) -> list[Result]:
        return [result for result in self._run.results if result.case.area == area]

    def _cards(self) -> None:
        bad = [one for one in self._run.results if one.verdict not in _UNTOLD]
        for result in bad[:MAX_CARDS]:
            self._print("\n" + card(result, self._run.target))
        if len(bad) > MAX_CARDS:
            count = len(bad) - MAX_CARDS
            self._print(f"\n… and {count} more, named above; run one by --case ID")

    def _skips(self) -> None:
        skipped = [one for one in self._run.results if one.verdict is Verdict.SKIP]
        for reason, count in Counter(one.message for one in skipped).items():
            self._print(f"\n{_counted(count, 'case', 'cases')} skipped: {reason}")

    def _verdict(self, status: Exit) -> str:
        run = self._run
        failures = run.count(Verdict.FAIL, Verdict.CRASH)
        left = len(run.cases) - len({result.case.id for result in run.results})
        counts = [
            _counted(len(run.results), "case", "cases"),
            _counted(failures, "failure", "failures"),
            *(
                _counted(run.count(verdict), *names)
                for verdict, names in _RARER
                if run.count(verdict)
            ),
            *([f"{left} not run"] if left else []),
        ]
        color = Verdict.PASS if status is Exit.CONFORMANT else Verdict.FAIL
        why = "".join(f"\n{line}" for line in (run.stopped, *run.trouble) if line)
        return f"\n{self._paint(color, NAMES[status])}: {', '.join(counts)}{why}"

    def _paint(self, verdict: Verdict, text: str) -> str:
        code = _COLORS.get(verdict, _RED)
        return f"\x1b[{code}m{text}\x1b[0m" if self._color else text

    def _print(self, text: str) -> None:
        print(text, file=self._out)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
