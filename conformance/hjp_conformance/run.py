"""One run of the suite: what it needs, what it found, and pytest around it."""

import inspect
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import pytest

from hjp_conformance.catalogue import Case
from hjp_conformance.collected import cases_of
from hjp_conformance.patience import Patience
from hjp_conformance.preflight import Facts
from hjp_conformance.reports.shape import CaseReport
from hjp_conformance.settings import Settings
from hjp_conformance.target import Target
from hjp_conformance.verdicts import Exit, Verdict, exit_of
from hjp_conformance.written import CASES


@dataclass(slots=True)
class Run:
    """What the plugin is told, and what it finds.

    Attributes:
        settings: what was asked for.
        target: what is tested; None where cases are only collected.
        facts: what it says of itself.
        patience: how long to wait for it.
        cases: those that were selected, where this process has collected them.
        selected: how many were selected.
        total: how many there are, those of the tier `soak` only where it was asked
            for; 0 where nobody has counted them.
        results: how each case ended, by its id, in the order in which they ended.
        news: results that no report has carried yet.
        dead: patterns of known failures that match no case.
        stopped: why the run was ended before its last case.
        gone: why the target could not be had any more.
        trouble: faults of the suite itself.
        last: how the case before ended.
        restarts: how often the target had to be started again, known failures apart.
        restarting: seconds that this took.
        unanswered: how many deadlines have passed, known failures apart.
        deadlines: how many deadlines had passed when the last case ended.
        vain_waits: how often a target that had failed was waited for and lived.
        wasted: seconds that cases took which failed slowly.
        crashes: how often the target ended in a case.
        interrupted: whether a person has ended the run.
        began: in seconds of the monotonic clock.
    """

    settings: Settings = field(default_factory=Settings)
    target: Target | None = None
    facts: Facts = field(default_factory=Facts)
    patience: Patience = field(init=False)
    cases: list[Case] = field(default_factory=list)
    selected: int = 0
    total: int = 0
    results: dict[str, CaseReport] = field(default_factory=dict)
    news: list[CaseReport] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    stopped: str | None = None
    gone: str | None = None
    trouble: list[str] = field(default_factory=list)
    last: CaseReport | None = None
    restarts: int = 0
    restarting: float = 0.0
    unanswered: int = 0
    deadlines: int = 0
    vain_waits: int = 0
    wasted: float = 0.0
    crashes: int = 0
    interrupted: bool = False
    began: float = field(default_factory=monotonic)

    def __post_init__(self) -> None:
        self.patience = Patience(self.settings.deadline)

    def take(self, results: Iterable[CaseReport]) -> None:
        """Note how cases ended; a later word on a case replaces an earlier one."""
        self.results |= {result["id"]: result for result in results}

    def status(self) -> Exit:
        """The status of the command after this run."""
        if self.trouble:
            return Exit.HARNESS
        if self.interrupted:
            return Exit.INTERRUPTED
        verdicts = {result["verdict"] for result in self.results.values()}
        if self.dead:
            verdicts.add(Verdict.FAIL)
        if self.stopped:
            verdicts.add(Verdict.INCONCLUSIVE)
        return exit_of(verdicts, gone=self.gone is not None)

    def count(self, *verdicts: Verdict) -> int:
        """How many cases ended so."""
        return sum(result["verdict"] in verdicts for result in self.results.values())


RUN = pytest.StashKey[Run]()


class Carrier:
    """Hands the run to the plugin."""

    def __init__(self, run: Run):
        self._run = run

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Before any other plugin asks for it."""
        config.stash[RUN] = self._run

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take results, from here and from worker processes."""
        self._run.take(getattr(report, "hjp", ()))

    def pytest_keyboard_interrupt(
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> None:
        """Tell Ctrl-C from the ways in which pytest and its plugins stop."""
        self._run.interrupted = type(excinfo.value) is KeyboardInterrupt

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file of cases that cannot be read is a fault of the suite."""
        if report.failed:
            self._run.trouble.append(report.longreprtext)

    def pytest_internalerror(self, excrepr: object) -> None:
        """So is whatever goes wrong in a hook."""
        self._run.trouble.append(str(excrepr))


def run_pytest(run: Run, arguments: Sequence[str] = (), *plugins: Any) -> Exit:
    """Run the cases by pytest, apart from any configuration around.

    Args:
        run: is filled.
        arguments: of pytest, such as `--maxfail`.
        plugins: reports, as pytest plugins.
    """
    mode = run.settings.mode
    arguments = [
        "-c", str(CASES / "pytest.ini"), "--rootdir", str(CASES), *_files(run.settings),
        "-p", "hjp_conformance.plugin", "-p", f"hjp_conformance.fixtures.{mode}",
        "-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:unraisableexception",
        "-p", "no:threadexception", "-p", "no:logging", "-p", "no:doctest",
        "--assert=plain", "--import-mode=importlib", "--capture=no",
        *arguments,
    ]  # fmt: skip
    with _apart():
        status = pytest.main(arguments, plugins=[Carrier(run), *plugins])
    return _mapped(status, run)


def _files(settings: Settings) -> list[str]:
    """Where the cases are: those that are wanted, if they are in some files only."""
    if not settings.only or settings.mode == "codec":
        return [str(CASES / settings.mode)]
    only, cases = set(settings.only), cases_of(settings.mode)
    files = (inspect.getfile(case.code.func) for case in cases if case.id in only)
    return list(dict.fromkeys(files))


@contextmanager
def _apart() -> Iterator[None]:
    """Plugins and options of the project around are not ours."""
    before = dict(os.environ)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ.pop("PYTEST_PLUGINS", None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _mapped(status: int, run: Run) -> Exit:
    """Ours for pytest's: its own numbers mean other things."""
    return Exit.HARNESS if status in _OURS else run.status()


_OURS = (
    pytest.ExitCode.INTERNAL_ERROR,
    pytest.ExitCode.NO_TESTS_COLLECTED,
    pytest.ExitCode.USAGE_ERROR,
)
"""What people ask for was looked at before."""
