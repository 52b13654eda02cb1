"""What drives a worker: where its cases come from, and what it counts."""

import importlib.util
import itertools
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection

from hjp_fuzz.cases import Case
from hjp_fuzz.checks import Failure, glance
from hjp_fuzz.dialect import HJP
from hjp_fuzz.expected import decode
from hjp_fuzz.formats import Format
from hjp_fuzz.formats import grammar as formats
from hjp_fuzz.formats.checks import judge as judge_format
from hjp_fuzz.grammar import case
from hjp_fuzz.screening import Asked, in_reads, tried
from hjp_fuzz.serving import as_requests
from hjp_fuzz.sources import HypothesisSource, RandomSource, Source
from hjp_fuzz.targets import Target
from hjp_fuzz.workers import Scales, Slot, heavy, told
from hjp_spec.oracle import Outcome, Status

_REPORT_EVERY = 0.05
_HYPOTHESIS_BATCH = 200
_LARGEST_BATCH = 256
_WEIGHED = sys.platform != "linux"
"""Whether memory is looked at after each case: on Linux it has a limit."""
_BATCH_SECONDS = 0.05
"""How long the questions asked at once may take: the clock is looked at after them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one worker does.

    Attributes:
        target: the parser.
        seed: where its choices begin.
        engine: one of `ENGINES`.
        ways: in how many ways each stream is divided; see `grammar.case`.
        seconds: when to stop; None for not by time.
        count: after how many streams to stop; None for not by count.
        keep: whether streams that are worth keeping are sent to the parent.
        cache: a folder for what an engine learns; None for nowhere.
    """

    target: Target
    seed: str
    engine: str = "random"
    ways: int = 1
    seconds: float | None = None
    count: int | None = None
    keep: bool = False
    cache: str | None = None

    def case(self, source: Source) -> Case:
        """Make a case: of requests for a server, of its dialect if it has one."""
        if self.target.dialect is not None:
            return formats.case(source, self.target.dialect, self.ways)
        wrote = case(source, HJP, self.ways)
        return as_requests(wrote) if self.target.serves else wrote

    def after(self, streams: int, seconds: float) -> "Plan":
        """Return what is left of the plan after so much of it."""
        count = None if self.count is None else max(0, self.count - streams)
        left = None if self.seconds is None else max(0.0, self.seconds - seconds)
        return replace(self, count=count, seconds=left)


@dataclass(slots=True)
class Tally:
    """What was tried.

    Attributes:
        streams: how many.
        octets: of how many octets.
        outcomes: how often the specification says accept, incomplete or reject.
        reached: how often each requirement was exercised.
        failed: how many streams failed a check.
        seconds: how long it took, workers added up.
    """

    streams: int = 0
    octets: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    seconds: float = 0.0

    def add(self, tried: Case, outcome: Outcome, divided: bool = True) -> set[str]:
        """Count a case in; return the requirements that it exercises.

        Args:
            tried: the case.
            outcome: what the specification says of it.
            divided: whether it was given in reads.
        """
        reached = exercised(tried, outcome, divided)
        self.count(tried, outcome.status.value, reached)
        return reached

    def count(self, tried: Case, status: str, reached: set[str]) -> None:
        """Count a case in that exercises some requirements."""
        self.streams += 1
        self.octets += len(tried.stream)
        self.outcomes[status] += 1
        self.reached.update(reached)

    def merge(self, other: "Tally") -> None:
        """Count in what another worker tried."""
        self.streams += other.streams
        self.octets += other.octets
        self.outcomes.update(other.outcomes)
        self.reached.update(other.reached)
        self.failed += other.failed
        self.seconds += other.seconds


def exercised(tried: Case, outcome: Outcome, divided: bool = True) -> set[str]:
    """Return the requirements that a case exercises.

    What a frame was written for counts only if a receiver gets to judge that frame:
    not behind a refused one, nor where the input ends too soon.
    """
    reached = len(outcome.frames) + (outcome.status is Status.REJECT)
    found = {aim for draft in tried.drafts[:reached] for aim in draft.aims}
    if outcome.requirement is not None:
        found.add(outcome.requirement)
    elif outcome.early is not None:
        found.add("HJP-FRM-18")
    elif outcome.status is Status.ACCEPT:
        found.add("HJP-FRM-17")
    if len(outcome.frames) > 1:
        found.add("HJP-FRM-15")
    if divided and any(tried.cuttings):
        found.add("HJP-FRM-14")
    return found


class Bulk:
    """The loop of a worker: cases in, tallies and failures out.

    Args:
        plan: what to do.
        memory: octets that a target in this process may take.
    """

    def __init__(self, plan: Plan, memory: int) -> None:
        self.plan = plan
        self._memory = memory
        self._waiting: list[tuple[Case, list[int]]] = []
        self._batch_size = 1
        self._turn = 0

    def __call__(self, connection: Connection, slot: Slot) -> None:
        """Run the plan; send tallies, and each new kind of failure once."""
        self._connection, self._slot = connection, slot
        self._scales = Scales(self._memory)
        self._tally, self._seen = Tally(), set[tuple[str, ...]]()
        self._kept: set[str] = set()
        self._left = self.plan.count
        now = self._reported = time.monotonic()
        self._ends_at = None if self.plan.seconds is None else now + self.plan.seconds
        _ENGINES[self.plan.engine](self)
        self.flush()
        self.end()

    def end(self) -> None:
        """Tell the parent that nothing more comes."""
        self._report("done", time.monotonic())

    def told(self, work: Callable[[], None]) -> bool:
        """Do some work; tell the parent what goes wrong, and whether nothing did."""
        return told(self._connection, work)

    def more(self) -> bool:
        """Tell whether to go on; report now and then."""
        now = time.monotonic()
        if now >= self._reported + _REPORT_EVERY:
            self._report("tally", now)
        if self._left is not None and self._left <= 0:
            return False
        return self._ends_at is None or now < self._ends_at

    def _report(self, kind: str, now: float) -> None:
        self._tally.seconds = now - self._reported
        self._connection.send((kind, self._tally))
        self._tally, self._reported = Tally(), now

    def case(self, source: Source) -> Case:
        """Make a case."""
        return self.plan.case(source)

    def judge(self, made: Case, source: Source) -> None:
        """Judge a case that was made of these choices, together with others."""
        if self._left is not None:
            self._left -= 1
        self._waiting.append((made, source.choices))
        if len(self._waiting) >= self._batch_size:
            self.flush()

    def _divides(self, made: Case, turn: int) -> bool:
        """Tell whether a case will be given in reads."""
        target = self.plan.target
        return target.divides and (not target.apart or in_reads(made, turn))

    def flush(self) -> None:
        """Judge the cases that wait for it."""
        began = time.monotonic()
        waiting, self._waiting = self._waiting, []
        if self.plan.target.dialect is not None:
            for made, made_of in waiting:
                self._try_format(made, made_of, self.plan.target.dialect)
        else:
            self._flush(waiting)
        self._turn += len(waiting)
        if time.monotonic() - began < _BATCH_SECONDS:
            self._batch_size = min(_LARGEST_BATCH, self._batch_size * 2)
        else:
            self._batch_size = max(1, len(waiting) // 2)

    def _flush(self, waiting: list[tuple[Case, list[int]]]) -> None:
        # One kind of work after the other: each finds its code in the caches.
        batch = [Asked(made, decode(made.stream), made_of) for made, made_of in waiting]
        for turn, asked in enumerate(batch, self._turn):
            divided = self._divides(asked.case, turn)
            reached = self._tally.add(asked.case, asked.outcome, divided)
            for requirement in reached - self._kept if self.plan.keep else ():
                self.keep(asked.case, requirement)
        if self.plan.target.apart:
            for asked, failure in tried(self.plan.target, batch, self._turn):
                self._note(failure, asked.choices)
        else:
            for asked in batch:
                self._try(asked)

    def _try(self, asked: Asked) -> None:
        """Judge a case in this process."""
        self._slot.begin(asked.choices)
        failure = glance(self.plan.target, asked.case, asked.outcome)
        self._weigh(failure, asked.case, asked.choices)

    def _try_format(self, made: Case, choices: list[int], dialect: Format) -> None:
        """Judge a case of a dialect in this process."""
        verdict = dialect.decode(made.stream)
        self._tally.count(made, verdict.status, dialect.exercised(verdict))
        self._slot.begin(choices)
        failure = judge_format(self.plan.target, made, dialect, verdict)
        self._weigh(failure, made, choices)

    def _weigh(self, failure: Failure | None, made: Case, choices: list[int]) -> None:
        """End a run: see whether it took too much, and note what was wrong."""
        if failure is None and _WEIGHED and self._scales.tipped():
            failure = heavy(self.plan.target, made, self._memory)
        self._slot.end()
        self._note(failure, choices)

    def keep(self, tried: Case, why: str) -> None:
        """Send a case to be kept for some reason, unless there is one for it."""
        if why not in self._kept:
            self._kept.add(why)
            self._connection.send(("kept", (tried, why)))

    def _note(self, failure: Failure | None, choices: list[int]) -> None:
        if failure is None:
            return
        self._tally.failed += 1
        if failure.key not in self._seen:
            self._seen.add(failure.key)
            self._connection.send(("failure", (failure, choices)))


def _random(bulk: Bulk) -> None:
    source = RandomSource(bulk.plan.seed)
    while bulk.more():
        source.restart()
        bulk.judge(bulk.case(source), source)


def _hypothesis(bulk: Bulk) -> None:
    """Let Hypothesis choose; findings go the way of all others, not through it."""
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from hypothesis import strategies as st

    @st.composite
    def cases(draw: st.DrawFn) -> tuple[Case, Source]:
        source = HypothesisSource(draw)
        return bulk.case(source), source

    @settings(
        max_examples=_HYPOTHESIS_BATCH,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases())
    def batch(drawn: tuple[Case, Source]) -> None:
        if bulk.more():  # Hypothesis wants its batch, even when the time is over
            bulk.judge(*drawn)

    for number in itertools.count():
        if not bulk.more():
            return
        seed(f"{bulk.plan.seed}/{number}")(batch)()


def _atheris(bulk: Bulk) -> None:
    from hjp_fuzz.atheris_engine import drive

    drive(bulk)


class EngineError(Exception):
    """The engine cannot be used; the text says what to do."""


def check(engine: str, target: Target) -> None:
    """Look whether an engine can drive a target.

    Raises:
        EngineError: it cannot.
    """
    if engine == "hypothesis" and importlib.util.find_spec("hypothesis") is None:
        raise EngineError("the engine hypothesis needs: pip install 'hjp[fuzz]'")
    if engine == "atheris":
        from hjp_fuzz.atheris_engine import missing

        if reason := missing(target):
            raise EngineError(reason)


_ENGINES: dict[str, Callable[[Bulk], None]] = {
    "random": _random,
    "hypothesis": _hypothesis,
    "atheris": _atheris,
}
ENGINES = tuple(_ENGINES)
"""The names of the engines."""
