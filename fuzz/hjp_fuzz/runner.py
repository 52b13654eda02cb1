"""A campaign: workers that try, and a parent that confirms, shrinks and reports."""

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait

from hjp_fuzz.cases import Case
from hjp_fuzz.checks import Check, Failure, lost
from hjp_fuzz.dialect import HJP
from hjp_fuzz.engines import Bulk, Plan, Tally
from hjp_fuzz.findings import Finding, finding
from hjp_fuzz.grammar import case
from hjp_fuzz.shrink import Shrinker
from hjp_fuzz.sources import ReplaySource
from hjp_fuzz.workers import Judge, Worker, WorkerFault, hung, received

CONFIRMATIONS = 3
_POLL = 0.2
_MOST_FINDINGS = 64
_SHORT_PATIENCE = 0.5
SPARE = 200
"""How many calls deeper a target may go while a finding is made small: an input that
just overflows the stack here has to overflow it wherever it is replayed."""


@dataclass(slots=True)
class Report:
    """What a campaign has come to so far.

    Attributes:
        tally: what was tried.
        findings: what was found, each confirmed and shrunk.
        flaky: failures that did not happen again.
        seconds: how long it took, shrinking included.
        jobs: how many workers.
    """

    tally: Tally = field(default_factory=Tally)
    findings: list[Finding] = field(default_factory=list)
    flaky: list[Failure] = field(default_factory=list)
    seconds: float = 0.0
    jobs: int = 1

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
        patience: seconds until a case counts as hanging.
    """

    def __init__(self, plan: Plan, jobs: int = 1, patience: float = 2.0) -> None:
        self.report = Report(jobs=jobs)
        self._plan = plan
        self._patience = patience
        self._jobs = [self._start(part) for part in _shared(plan, jobs)]
        self._seen: set[tuple[str, ...]] = set()
        self._began = time.monotonic()

    def run(self) -> Generator[Finding | None]:
        """Yield each finding when it is known, and None now and then meanwhile.

        Raises:
            TargetError: the target does not keep the contract.
        """
        try:
            while any(not job.done for job in self._jobs):
                yield from self._step()
        finally:
            self._stop()

    def _start(self, plan: Plan) -> _Job:
        return _Job(plan, Worker(Bulk(plan)))

    def _step(self) -> Iterator[Finding | None]:
        """Take what the workers have sent, and look after those that send nothing."""
        open_jobs = [job for job in self._jobs if not job.done]
        connections = [job.worker.connection for job in open_jobs]
        ready = wait(connections, _POLL)
        self.report.seconds = time.monotonic() - self._began
        yield None
        for job in open_jobs:
            if job.worker.connection in ready:
                yield from self._hear(job)
            elif job.worker.slot.busy() > self._patience:
                yield from self._lost(job, None)

    def _hear(self, job: _Job) -> Iterator[Finding]:
        try:
            kind, content = received(job.worker)
        except (EOFError, OSError):
            yield from self._lost(job, job.worker.died())
            return
        if kind == "failure":
            failure, choices = content
            yield from self._examine(failure, choices)
            return
        self._count(job, content)
        if kind == "done":
            job.done = True
            job.worker.kill()

    def _count(self, job: _Job, tally: Tally) -> None:
        self.report.tally.merge(tally)
        job.plan = job.plan.after(tally.streams, tally.seconds)

    def _lost(self, job: _Job, how: str | None) -> Iterator[Finding]:
        """Take the input from a worker that died, or hangs, and start another one."""
        choices = job.worker.slot.choices()
        if not choices:
            raise WorkerFault(f"a worker ended outside of the target: {how}")
        job.worker.kill()
        wrote = self._case(choices)
        if how is None:
            # Not the whole patience: else one hang ends a short run.
            self._count(job, Tally(streams=1, failed=1, seconds=_SHORT_PATIENCE))
            failure = hung(wrote, self._patience)
        else:
            self._count(job, Tally(streams=1, failed=1))
            failure = lost(Check.CRASH, how, wrote)
        # Another sequence: the same one would lead here again.
        job.plan = replace(job.plan, seed=f"{job.plan.seed}'")
        job.worker = Worker(Bulk(job.plan))
        yield from self._examine(failure, choices)

    def _case(self, choices: list[int]) -> Case:
        return case(ReplaySource(choices), HJP, self._plan.ways)

    def _examine(self, failure: Failure, choices: list[int]) -> Iterator[Finding]:
        """Confirm a failure in fresh processes, shrink it, and write it down."""
        if failure.key in self._seen or len(self.report.findings) >= _MOST_FINDINGS:
            return
        self._seen.add(failure.key)
        wrote = self._case(choices)
        if not self._confirmed(failure, wrote):
            self.report.flaky.append(failure)
            return
        found = self._shrunk(failure, wrote, choices)
        if found is not None:
            self.report.findings.append(found)
            yield found

    def _shrunk(
        self, failure: Failure, wrote: Case, choices: list[int]
    ) -> Finding | None:
        hangs = failure.check is Check.HANG
        # Every success takes as long as the patience lasts.
        patience = _SHORT_PATIENCE if hangs else self._patience
        with closing(Judge(self._plan.target, patience, spare=SPARE)) as judge:
            shrinker = Shrinker(judge, wrote, failure, self._plan.ways)
            small = shrinker.shrink(choices)
        key = shrinker.failure.key
        if key != failure.key and key in self._seen:
            return None  # the same as an earlier one, written for something else
        self._seen.add(key)
        if hangs and not self._confirmed(shrinker.failure, small, 1):
            return self._written(shrinker, failure, wrote, len(wrote.stream))
        return self._written(shrinker, shrinker.failure, small, len(wrote.stream))

    def _confirmed(
        self, failure: Failure, wrote: Case, times: int = CONFIRMATIONS
    ) -> bool:
        for _ in range(times):
            with closing(Judge(self._plan.target, self._patience)) as judge:
                again = judge(wrote)
            if again is None or again.signature != failure.signature:
                return False
        return True

    def _written(
        self, shrinker: Shrinker, failure: Failure, small: Case, found_at: int
    ) -> Finding:
        plan = self._plan
        return finding(plan.target, failure, small, found_at, shrinker.calls, plan.seed)

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
