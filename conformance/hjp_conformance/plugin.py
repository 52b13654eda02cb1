"""The suite as a pytest plugin: what is a case, and what its end means."""

import random
from collections.abc import Generator
from fnmatch import fnmatchcase

import pytest

from hjp_conformance.catalogue import AREAS, Case, case_of, of_tier
from hjp_conformance.judge import DYING, bury, judge, weigh
from hjp_conformance.reports.write import OfClient, case_report
from hjp_conformance.run import RUN, Run
from hjp_conformance.spread import end_of_worker, is_worker, run_of_worker
from hjp_conformance.transcript import Transcript
from hjp_conformance.verdicts import BAD, TargetGoneError, Verdict

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
            item.stash[CASE] = case_of(item)
        except pytest.UsageError as error:
            item.config.stash[RUN].trouble.append(str(error))
            raise
    item.stash[TRANSCRIPTS] = []


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Check all cases, order them, and select of them."""
    run = config.stash[RUN]
    _check(run, items)
    _select(run, items)


def _check(run: Run, items: list[pytest.Item]) -> None:
    """Know which of the names that were given are those of no case."""
    cases = [item.stash[CASE] for item in items]
    run.total = len(of_tier(cases, run.settings.widest))
    ids = {case.id for case in cases}
    if len(ids) < len(items):
        run.trouble.append(f"two cases have the id {_twice(items)}")
        raise pytest.UsageError(run.trouble[-1])
    run.dead = [one for one in run.settings.known if not _matches_any(one, ids)]


def _select(run: Run, items: list[pytest.Item]) -> None:
    settings = run.settings
    order = list(AREAS)
    items.sort(key=lambda item: order.index(item.stash[CASE].area))
    cases = [item.stash[CASE] for item in items]
    wanted = set(settings.only) or of_tier(cases, settings.tier)
    items[:] = [item for item in items if item.stash[CASE].id in wanted]
    if settings.shuffle is not None:
        random.Random(settings.shuffle).shuffle(items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Know how many cases are left."""
    run = session.config.stash[RUN]
    run.cases = [item.stash[CASE] for item in session.items]
    run.selected = run.selected or len(run.cases)


def _twice(items: list[pytest.Item]) -> str:
    ids = [item.stash[CASE].id for item in items]
    return next(id_ for id_ in sorted(ids) if ids.count(id_) > 1)


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
