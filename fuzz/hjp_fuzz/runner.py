"""A campaign: workers that try, and a parent that confirms, shrinks and reports."""

import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait

from hjp_fuzz.cases import Case
from hjp_fuzz.engines import Bulk, Plan, Tally
from hjp_fuzz.failures import NO_ANSWER, Failure
from hjp_fuzz.findings import Finding, Trial, finding
from hjp_fuzz.fleet_store import Alone, Exchange
from hjp_fuzz.smaller import CONFIRMATIONS, SHORT_PATIENCE, confirmed, shrunk
from hjp_fuzz.sources import ReplaySource
from hjp_fuzz.targets import LIMITS, Limits, TargetError
from hjp_fuzz.workers import (
    Judge,
    Worker,
    WorkerFault,
    crashed,
    hung,
    preflight,
    received,
)

_POLL = 0.2
_NEWS_EVERY = 5.0
_MOST_FINDINGS = 64


@dataclass(slots=True)
class Report:
    """What a campaign has come to so far.

    Attributes:
        tally: what was tried.
        findings: what was found, each confirmed and shrunk.
        flaky: failures that did not happen again.
        seconds: how long it took, shrinking included.
        jobs: how many workers.
        replayed: how many streams of others were tried, not counted in the tally.
        rules: of a dialect, its sentences by their identifiers; empty of HJP.
    """

    tally: Tally = field(default_factory=Tally)
    findings: list[Finding] = field(default_factory=list)
    flaky: list[Failure] = field(default_factory=list)
    seconds: float = 0.0
    jobs: int = 1
    replayed: int = 0
    rules: Mapping[str, str] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Streams tried in a second."""
        busy = self.tally.seconds / self.jobs
        return self.tally.streams / busy if busy else 0.0


@dataclass(slots=True)
class _Job:
    """A worker and what it has still to do."""

    plan: Plan
    worker: Worker
    done: bool = False


class Campaign:
    """A run over one target.

    Args:
        plan: what to do, all workers together.
        jobs: how many workers.
        limits: what an answer may cost.
        fleet: what others have found is tried before anything else.

    Raises:
        TargetError: the target cannot be used.
    """

    def __init__(
        self,
        plan: Plan,
        jobs: int = 1,
        limits: Limits = LIMITS,
        fleet: Exchange | None = None,
    ) -> None:
        preflight(plan.target, limits)
        rules = plan.target.dialect.rules if plan.target.dialect else {}
        self.report = Report(jobs=jobs, rules=rules)
        plan = replace(plan, target=plan.target.within(limits))
        self._plan = plan
        self._limits = limits
        self._fleet = fleet or Alone()
        self._jobs: list[_Job] = []
        self._seen: set[tuple[str, ...]] = set()
        self._began = self._news_at = time.monotonic()

    def run(self) -> Generator[Finding | None]:
        """Yield each finding when it is known, and None now and then meanwhile.

        Raises:
            TargetError: the target does not keep the contract.
        """
        try:
            yield from self._replay()
            parts = _shared(self._plan, self.report.jobs)
            self._jobs = [self._start(part) for part in parts]
            while any(not job.done for job in self._jobs):
                yield from self._step()
        finally:
            self._stop()

    def _start(self, plan: Plan) -> _Job:
        return _Job(plan, self._worker(plan))

    def _worker(self, plan: Plan) -> Worker:
        return Worker(Bulk(plan, self._limits.memory), plan.target, self._limits)

    def _replay(self) -> Iterator[Finding | None]:
        """Try what others have found since the last time."""
        self._news_at = time.monotonic() + _NEWS_EVERY
        with closing(Judge(self._plan.target, self._limits)) as judge:
            for wrote in self._fleet.news():
                failure = judge(wrote)
                self.report.replayed += 1
                if failure is not None:
                    yield from self._examine(failure, wrote, [])

    def _step(self) -> Iterator[Finding | None]:
        """Take what the workers have sent, and look after those that send nothing."""
        open_jobs = [job for job in self._jobs if not job.done]
        connections = [job.worker.connection for job in open_jobs]
        ready = wait(connections, _POLL)
        self.report.seconds = time.monotonic() - self._began
        yield None
        if time.monotonic() > self._news_at:
            yield from self._replay()
        for job in open_jobs:
            if job.worker.connection in ready:
                yield from self._hear(job)
            elif job.worker.slot.busy() > self._limits.patience:
                yield from self._lost(job, hangs=True)

    def _hear(self, job: _Job) -> Iterator[Finding]:
        try:
            kind, content = received(job.worker)
        except (EOFError, OSError):
            yield from self._lost(job)
            return
        if kind == "failure":
            failure, choices = content
            yield from self._examine(failure, self._case(choices), choices)
            return
        if kind == "kept":
            self._fleet.add(*content)
            return
        self._count(job, content)
        if kind == "done":
            job.done = True
            job.worker.kill()

    def _count(self, job: _Job, tally: Tally) -> None:
        self.report.tally.merge(tally)
        job.plan = job.plan.after(tally.streams, tally.seconds)

    def _lost(self, job: _Job, hangs: bool = False) -> Iterator[Finding]:
        """Take the input from a worker that died, or hangs, and start another one."""
        choices = job.worker.slot.choices()
        if not choices:
            how = job.worker.died()
            raise WorkerFault(f"a worker ended outside of the target: {how}")
        wrote = self._case(choices)
        if hangs:
            # Not the whole patience: else one hang ends a short run.
            self._count(job, Tally(streams=1, failed=1, seconds=SHORT_PATIENCE))
            failure = hung(job.plan.target, wrote, self._limits.patience)
        else:
            self._count(job, Tally(streams=1, failed=1))
            failure = crashed(job.plan.target, wrote, job.worker)
        job.worker.kill()
        # Another sequence: the same one would lead here again.
        job.plan = replace(job.plan, seed=f"{job.plan.seed}'")
        job.worker = self._worker(job.plan)
        yield from self._examine(failure, wrote, choices)

    def _case(self, choices: list[int]) -> Case:
        return self._plan.case(ReplaySource(choices))

    def _examine(
        self, failure: Failure, wrote: Case, choices: list[int]
    ) -> Iterator[Finding]:
        """Confirm a failure in fresh processes, shrink it, and write it down."""
        if failure.key in self._seen or len(self.report.findings) >= _MOST_FINDINGS:
            return
        self._seen.add(failure.key)
        found = self._certain(failure, wrote, choices)
        if found is not None:
            self.report.findings.append(found)
            yield found
            self._fleet.publish(found)  # it is on disk by now

    def _certain(
        self, failure: Failure, wrote: Case, choices: list[int]
    ) -> Finding | None:
        try:
            if confirmed(self._plan.target, wrote, failure, self._limits):
                return self._shrunk(failure, wrote, choices)
        except TargetError:
            if failure.check not in NO_ANSWER:
                raise
            # A server that we cannot start again: this is all there will be.
            return self._written(failure, wrote, len(wrote.stream), 0, 0)
        self.report.flaky.append(failure)
        return None

    def _shrunk(
        self, failure: Failure, wrote: Case, choices: list[int]
    ) -> Finding | None:
        plan = self._plan
        small = shrunk(plan.target, wrote, failure, self._limits, plan.ways, choices)
        key = small.failure.key
        if key != failure.key and key in self._seen:
            return None  # the same as an earlier one, written for something else
        self._seen.add(key)
        return self._written(small.failure, small.case, len(wrote.stream), small.calls)

    def _written(
        self,
        failure: Failure,
        small: Case,
        found_at: int,
        calls: int,
        confirmations: int = CONFIRMATIONS,
    ) -> Finding:
        return finding(
            self._plan.target,
            failure,
            small,
            self._limits,
            Trial(found_at, calls, self._plan.seed, confirmations),
        )

    def _stop(self) -> None:
        for job in self._jobs:
            if not job.done:
                job.worker.kill()
                job.done = True
        self.report.seconds = time.monotonic() - self._began


def _shared(plan: Plan, jobs: int) -> Iterator[Plan]:
    """Divide a plan among workers, each with a seed of its own."""
    for job in range(jobs):
        count = plan.count
        if count is not None:
            count = count // jobs + (job < count % jobs)
        seed = plan.seed if jobs == 1 else f"{plan.seed}/{job}"
        yield replace(plan, seed=seed, count=count)
