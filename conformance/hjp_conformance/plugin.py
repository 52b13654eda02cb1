"""The suite as a pytest plugin: what a case may use, and what its end means."""

from collections.abc import Callable, Iterator

import pytest

from hjp_conformance.card import card
from hjp_conformance.catalogue import AREAS, Case, case_of
from hjp_conformance.judge import bury, judge
from hjp_conformance.preflight import Facts
from hjp_conformance.probe import Address, Probe
from hjp_conformance.process import Process
from hjp_conformance.run import RUN, Result, Run
from hjp_conformance.targets import Target
from hjp_conformance.verdicts import Verdict

Connect = Callable[..., Probe]
"""Opens one more connection, closed after the case; `receive_buffer` in octets."""

HURRY = 0.2
"""Seconds that the instances allow on which the cases of time limits run."""

_READING = ("first_frame_ms", "frame_ms", "payload_ms", "idle_ms")
_NO_TIMES = "the target takes no shorter times from the suite"

_CASE = pytest.StashKey[Case]()
_PROBES = pytest.StashKey[list[Probe]]()
_BAD = (Verdict.FAIL, Verdict.CRASH, Verdict.INCONCLUSIVE, Verdict.HARNESS)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "requires(*ids): the requirements of the case")
    config.stash.setdefault(RUN, Run())


def pytest_itemcollected(item: pytest.Item) -> None:
    """Refuse what is no case, and let `-k` find the others by their ids."""
    if not isinstance(item, pytest.Function):
        return
    try:
        case = case_of(item)
    except pytest.UsageError as error:
        item.config.stash[RUN].trouble.append(str(error))
        raise
    item.stash[_CASE] = case
    item.stash[_PROBES] = []
    item.extra_keyword_matches.update((case.id, *case.requirements))
    item.user_properties += [("case", case.id), ("title", case.title)]
    item.user_properties += [("requirement", id_) for id_ in case.requirements]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Put the cases in the order of the text, and keep those asked for."""
    run = config.stash[RUN]
    ids = [item.stash[_CASE].id for item in items]
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    if twice:
        run.trouble.append(f"two cases have the id {twice[0]}")
        raise pytest.UsageError(run.trouble[-1])
    order = list(AREAS)
    items.sort(key=lambda item: order.index(item.stash[_CASE].area))
    unknown = sorted(run.only - set(ids))
    if unknown:
        raise pytest.UsageError(f"no case has the id {unknown[0]}")
    if run.only:
        items[:] = [item for item in items if item.stash[_CASE].id in run.only]
    run.cases = [item.stash[_CASE] for item in items]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Have a target that lives."""
    bury(item.config.stash[RUN])


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Turn the end of a case into a verdict, before pytest makes its own of it."""
    if call.when != "call" and call.excinfo is None:
        return
    run, case = item.config.stash[RUN], item.stash[_CASE]
    error = call.excinfo.value if call.excinfo is not None else None
    verdict, message, broken = judge(run, case, error)
    transcripts = tuple(probe.transcript for probe in item.stash[_PROBES])
    result = Result(case, verdict, message, broken, call.duration, transcripts)
    run.results.append(result)
    item.user_properties.append(("verdict", result.verdict))
    if run.stopped is not None:
        item.session.shouldstop = run.stopped
    if verdict in _BAD:
        call.excinfo = _told(card(result, run.target) if run.with_cards else message)
    elif verdict is not Verdict.SKIP:
        call.excinfo = None
    if verdict is Verdict.WARN:
        item.user_properties.append(("warning", message))


def _told(text: str) -> pytest.ExceptionInfo[BaseException]:
    """A failure as pytest knows it; without a traceback, which takes it long."""
    try:
        pytest.fail(text, pytrace=False)
    except pytest.fail.Exception as failure:
        return pytest.ExceptionInfo.from_exception(failure)


@pytest.fixture(name="target", scope="session")
def _target(pytestconfig: pytest.Config) -> Target:
    """The server under test."""
    target = pytestconfig.stash[RUN].target
    if target is None:
        raise pytest.UsageError("no target: start the suite with hjp-conformance")
    return target


@pytest.fixture(name="facts", scope="session")
def _facts(pytestconfig: pytest.Config) -> Facts:
    """What the target says of itself in its reply to `hello`."""
    return pytestconfig.stash[RUN].facts


@pytest.fixture(name="connect")
def _connect(request: pytest.FixtureRequest, target: Target) -> Iterator[Connect]:
    """Opens connections to the target."""
    yield from _connecting(request, lambda: target.address)


@pytest.fixture(name="probe")
def _probe(connect: Connect) -> Probe:
    """One connection to the target."""
    return connect()


@pytest.fixture(name="hurried_process", scope="session")
def _hurried_process(target: Target) -> Iterator[Process]:
    yield from _spare(target, _hurried_limits(*_READING), _NO_TIMES)


@pytest.fixture(name="hurried")
def _hurried(
    request: pytest.FixtureRequest, hurried_process: Process
) -> Iterator[Connect]:
    """Opens connections to an instance that does not wait long for octets."""
    yield from _connecting(request, lambda: hurried_process.address)


@pytest.fixture(name="hurried_writer_process", scope="session")
def _hurried_writer_process(target: Target) -> Iterator[Process]:
    yield from _spare(target, _hurried_limits("write_ms"), _NO_TIMES)


@pytest.fixture(name="hurried_writer")
def _hurried_writer(
    request: pytest.FixtureRequest, hurried_writer_process: Process
) -> Iterator[Connect]:
    """Opens connections to an instance that does not wait long for its reader."""
    yield from _connecting(request, lambda: hurried_writer_process.address)


def _hurried_limits(*names: str) -> dict[str, int]:
    return dict.fromkeys(names, int(HURRY * 1000))


@pytest.fixture(name="doomed_process")
def _doomed_process(target: Target) -> Iterator[Process]:
    """An instance of the target that the case may tell to stop."""
    yield from _spare(target, {}, "the suite did not start the target")


@pytest.fixture(name="doomed")
def _doomed(
    request: pytest.FixtureRequest, doomed_process: Process
) -> Iterator[Connect]:
    """Opens connections to the instance that will be told to stop."""
    yield from _connecting(request, lambda: doomed_process.address)


def _connecting(
    request: pytest.FixtureRequest, address: Callable[[], Address]
) -> Iterator[Connect]:
    probes = request.node.stash[_PROBES]
    patience = request.config.stash[RUN].patience

    def connect(receive_buffer: int | None = None) -> Probe:
        probe = Probe(address(), patience, receive_buffer)
        probes.append(probe)
        return probe

    yield connect
    for probe in probes:
        probe.close()


def _spare(target: Target, limits: dict[str, int], reason: str) -> Iterator[Process]:
    process = target.spare(limits)
    if process is None:
        pytest.skip(reason)
    yield process
    process.stop()
