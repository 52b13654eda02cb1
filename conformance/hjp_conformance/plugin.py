"""The suite as a pytest plugin: what is a case, and what its end means."""

import random
from collections.abc import Generator
from fnmatch import fnmatchcase

import pytest

from hjp_conformance.catalogue import AREAS, Case, of_tier
from hjp_conformance.collected import cases_of
from hjp_conformance.judge import DYING, bury, judge, weigh
from hjp_conformance.reports.write import OfClient, case_report
from hjp_conformance.run import RUN, Run
from hjp_conformance.spread import end_of_worker, is_worker, run_of_worker
from hjp_conformance.transcript import Transcript
from hjp_conformance.verdicts import BAD, TargetGoneError, Verdict
from hjp_conformance.written import CaseError, case_of, check_apart

CASE = pytest.StashKey[Case]()
"""What an item is."""

TRANSCRIPTS = pytest.StashKey[list[Transcript]]()
"""What went over the connections of an item; its fixtures add to it."""

OF_CLIENT = pytest.StashKey[OfClient]()
"""What a client was told to do, and what it told."""

_NO_TARGET = "no target: start the suite with hjp-conformance"


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known; a worker process makes a run of its own."""
    config.addinivalue_line("markers", "requires(*ids): the requirements of the case")
    config.addinivalue_line("markers", "soak: it waits for the times of the text")
    if is_worker(config):
        config.stash[RUN] = run_of_worker(config)
    config.stash.setdefault(RUN, Run())


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker process ends what it has started, and tells what only it knows."""
    if is_worker(session.config):
        end_of_worker(session.config, session.config.stash[RUN])


def pytest_itemcollected(item: pytest.Item) -> None:
    """Refuse what is no case."""
    if CASE not in item.stash:
        assert isinstance(item, pytest.Function), "what else is collected by pytest"
        try:
            item.stash[CASE] = _case(item)
        except CaseError as error:
            raise _trouble(item.config.stash[RUN], error) from None
    item.stash[TRANSCRIPTS] = []


def _case(item: pytest.Function) -> Case:
    mode, spec = item.path.parent.name, getattr(item, "callspec", None)
    variant, row = (spec.id, spec.params) if spec is not None else ("", {})
    return case_of(item.function, mode, variant, row)


def _trouble(run: Run, error: CaseError) -> pytest.UsageError:
    run.trouble.append(str(error))
    return pytest.UsageError(str(error))


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Check all cases, order them, and select of them."""
    run = config.stash[RUN]
    _check(run, items)
    _select(run, items)


def _check(run: Run, items: list[pytest.Item]) -> None:
    """Know which of the names that were given are those of no case."""
    settings = run.settings
    # Of a selection pytest has read no more than the files that hold it.
    all_ = cases_of(settings.mode) if settings.only else _cases(items)
    try:
        check_apart(all_)
    except CaseError as error:
        raise _trouble(run, error) from None
    run.total = len(of_tier(all_, settings.widest))
    ids = {case.id for case in all_}
    run.dead = [one for one in settings.known if not _matches_any(one, ids)]


def _cases(items: list[pytest.Item]) -> tuple[Case, ...]:
    return tuple(item.stash[CASE] for item in items)


def _select(run: Run, items: list[pytest.Item]) -> None:
    settings = run.settings
    order = list(AREAS)
    items.sort(key=lambda item: order.index(item.stash[CASE].area))
    cases = _cases(items)
    wanted = set(settings.only) or of_tier(cases, settings.tier)
    items[:] = [item for item in items if item.stash[CASE].id in wanted]
    if settings.shuffle is not None:
        random.Random(settings.shuffle).shuffle(items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Know how many cases are left."""
    run = session.config.stash[RUN]
    run.cases = [item.stash[CASE] for item in session.items]
    run.selected = run.selected or len(run.cases)


def _matches_any(pattern: str, ids: set[str]) -> bool:
    return any(fnmatchcase(id_, pattern) for id_ in ids)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Have a target that lives."""
    run = item.config.stash[RUN]
    bury(run)
    if run.target is None:
        raise TargetGoneError(run.gone or _NO_TARGET)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Look after the last case, too, whether the target has outlived it."""
    session = item.session
    if nextitem is None or session.shouldfail or session.shouldstop:
        bury(item.config.stash[RUN], DYING, is_last=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the end of a case into a verdict, before pytest makes its own of it."""
    run = item.config.stash[RUN]
    if call.when == "call" or call.excinfo is not None:
        _judge(run, item, call)
    report = yield
    # As an attribute of the report the result comes out of a worker process, too.
    vars(report)["hjp"], run.news = run.news, []
    return report


def _judge(run: Run, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    case = item.stash[CASE]
    error = call.excinfo.value if call.excinfo is not None else None
    verdict, message, broken = judge(run, case, error)
    weigh(run, verdict, call.duration)
    transcripts, client = item.stash[TRANSCRIPTS], item.stash.get(OF_CLIENT, None)
    seconds = call.duration
    run.last = case_report(case, verdict, message, broken, seconds, transcripts, client)
    run.news.append(run.last)
    if run.stopped is not None:
        item.session.shouldstop = run.stopped
    if verdict in BAD:
        call.excinfo = _raised(pytest.fail.Exception(message, pytrace=False))
    elif verdict is not Verdict.SKIP:
        # What has failed before the case began cannot begin all the same.
        skipped = pytest.skip.Exception(message)
        call.excinfo = _raised(skipped) if call.when == "setup" else None


def _raised(end: BaseException) -> pytest.ExceptionInfo[BaseException]:
    """An end as pytest knows it; without a traceback, which takes it long."""
    try:
        raise end
    except BaseException as error:
        return pytest.ExceptionInfo.from_exception(error)
