"""The report on the console: chapters, progress, failures, a verdict."""

from collections import Counter
from io import StringIO
from typing import TextIO

import pytest

from hjp_conformance.catalogue import AREAS
from hjp_conformance.reports.cards import card
from hjp_conformance.reports.octets import cited, in_a_line, plain
from hjp_conformance.reports.shape import CaseReport
from hjp_conformance.reports.summary import counted, rank
from hjp_conformance.reports.write import report, run_report, verdict_of
from hjp_conformance.run import Run
from hjp_conformance.verdicts import FAILED, QUIET, Exit, Verdict, face, painted

MAX_CARDS = 10
"""Failures told at length; the others by name, since pages of output hide them all."""

_RARER = (
    (Verdict.WARN, ("warning (SHOULD)", "warnings (SHOULD)")),
    (Verdict.INCONCLUSIVE, ("inconclusive", "inconclusive")),
    (Verdict.HARNESS, ("fault of the suite", "faults of the suite")),
    (Verdict.KNOWN, ("known failure", "known failures")),
    (Verdict.SKIP, ("skipped", "skipped")),
)
_SHOWN = 200
"""Characters of what a target says of itself."""
CLEAR_LINE = "\r\x1b[K"


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
        self._left: Counter[str] = Counter()

    def begin(self) -> None:
        """Say what is tested."""
        run = self._run
        assert run.target is not None
        name, features = in_a_line(run.facts.name), ", ".join(run.facts.features)
        self._print(f"{plain(run.target.title)}: {name[:_SHOWN]}")
        if run.settings.mode == "server":  # the others say nothing of the kind
            told = f"features: {in_a_line(features)[:_SHOWN] or 'none'}"
            self._print(f"{told}; max_payload: {run.facts.max_payload}")
        self._print("")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn how many cases each chapter has."""
        self._left = Counter(case.area for case in self._run.cases)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell of a chapter whose last case has ended, and how far all is."""
        for result in getattr(report, "hjp", ()):
            area = result["area"]
            self._left[area] -= 1
            if self._left[area] == 0:
                self._chapter(area)
        if self._color and report.when == "teardown":
            self._progress()

    def finish(self, status: Exit) -> None:
        """Tell what is left to tell, then the verdict."""
        self._unfinished_chapters()
        self._summary()
        self._cards(status)
        self._skips()
        self._print(self._verdict(status))

    def _progress(self) -> None:
        done, all_ = len(self._run.results), self._run.selected
        bad = self._run.count(*FAILED)
        failures = f", {self._paint(Verdict.FAIL, f'{bad} failed')}" if bad else ""
        self._write(f"{CLEAR_LINE}{done}/{all_ or '?'} cases{failures}")

    def _unfinished_chapters(self) -> None:
        """Those that were cut off, and all where other processes ran them."""
        if self._color:
            self._write(CLEAR_LINE)
        for area in AREAS:
            if self._left[area] != 0 and self._results("area", area):
                self._chapter(area)

    def _chapter(self, area: str) -> None:
        results = self._results("area", area)
        total = len(results) + max(self._left[area], 0)
        done = f"{len(results)}/{total}"
        clear = CLEAR_LINE if self._color else ""
        self._print(f"{clear}{AREAS[area]:<14}{done:>12}  {self._counts(results)}")
        for result in results:
            if result["verdict"] not in QUIET:
                name = self._paint(result["verdict"], result["verdict"].upper())
                self._print(f"    {name} {result['id']}")

    def _summary(self) -> None:
        """By feature and level, where that says more than the chapters."""
        results = list(self._run.results.values())
        for feature in sorted({one["feature"] for one in results}):
            for level in ("MUST", "SHOULD", "MAY"):
                told = [
                    one
                    for one in results
                    if (one["feature"], one["level"]) == (feature, level)
                ]
                if told:
                    name = f"{feature}, {level}"
                    lead = "\n" if (feature, level) == ("core", "MUST") else ""
                    self._print(
                        f"{lead}{name:<14}{len(told):>12}  {self._counts(told)}"
                    )

    def _counts(self, results: list[CaseReport]) -> str:
        counts = Counter(result["verdict"] for result in results)
        return ", ".join(
            self._paint(verdict, f"{counts[verdict]} {verdict}")
            for verdict in Verdict
            if counts[verdict]
        )

    def _results(self, key: str, value: str) -> list[CaseReport]:
        return [one for one in self._run.results.values() if one.get(key) == value]

    def _cards(self, status: Exit) -> None:
        """What is broken how often, and of each such thing one case at length."""
        groups = self._groups()
        if not groups:
            return
        told = run_report(self._run, status)
        whole = report([told])
        self._broken(groups)
        for cases in list(groups.values())[:MAX_CARDS]:
            self._print("\n" + card(cases[0], whole, told, color=self._color))
        left = sum(map(len, groups.values())) - min(len(groups), MAX_CARDS)
        if left:
            self._print(f"\n… and {left} more, named above; run one by --case ID")

    def _groups(self) -> dict[str, list[CaseReport]]:
        """The cases to look into by what is broken, crashes and most cases first."""
        groups: dict[str, list[CaseReport]] = {}
        for one in self._run.results.values():
            if one["verdict"] not in QUIET:
                groups.setdefault(cited(one)[0], []).append(one)
        for cases in groups.values():
            cases.sort(key=lambda case: rank(case["verdict"]))

        def urgency(id_: str) -> tuple[int, int]:
            return rank(groups[id_][0]["verdict"]), -len(groups[id_])

        return {id_: groups[id_] for id_ in sorted(groups, key=urgency)}

    def _broken(self, groups: dict[str, list[CaseReport]]) -> None:
        """A line for each requirement, where there is more than one."""
        if len(groups) < 2:
            return
        self._print("\nby requirement:")
        for id_, cases in groups.items():
            count = counted(len(cases), "case", "cases")
            first = self._paint(cases[0]["verdict"], cases[0]["verdict"].upper())
            self._print(f"  {id_:<12}{count:>10}  {first} {cases[0]['id']}")

    def _skips(self) -> None:
        skipped = self._results("verdict", Verdict.SKIP)
        for reason, count in Counter(one.get("message") for one in skipped).items():
            told = in_a_line(reason or "no reason was given")
            self._print(f"\n{counted(count, 'case', 'cases')} skipped: {told}")
        for pattern in self._run.dead:
            self._print(f"\nknown failures: no case matches {pattern!r}: take it out")

    def _verdict(self, status: Exit) -> str:
        run = self._run
        failures = run.count(*FAILED)
        left = run.selected - len(run.results)
        counts = [
            counted(len(run.results), "case", "cases"),
            counted(failures, "failure", "failures"),
            *(
                counted(run.count(verdict), *names)
                for verdict, names in _RARER
                if run.count(verdict)
            ),
            *([f"{left} not run"] if left > 0 else []),
        ]
        told = self._paint(
            face(status, run.count(Verdict.KNOWN)), verdict_of(run, status)
        )
        why = "".join(
            f"\n{plain(line)}" for line in (run.stopped, *run.trouble) if line
        )
        return f"\n{told}: {', '.join(counts)}{why}"

    def _paint(self, verdict: str, text: str) -> str:
        return painted(verdict, text) if self._color else text

    def _print(self, text: str) -> None:
        self._write(f"{text}\n")

    def _write(self, text: str) -> None:
        """Write, and end the run when nobody reads any more."""
        try:
            self._out.write(text)
            self._out.flush()
        except BrokenPipeError:
            self._out = StringIO()
            raise KeyboardInterrupt from None
