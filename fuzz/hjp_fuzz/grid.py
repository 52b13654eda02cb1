"""Who disagrees with whom: several targets and the specification, the same streams.

Two targets that refuse the same frame with other codes are counted apart: many
formats do not fix the order of their checks.
"""

import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import combinations

from hjp_fuzz.cases import Case
from hjp_fuzz.dialect import HJP
from hjp_fuzz.failures import Check, Failure, failed
from hjp_fuzz.grammar import case
from hjp_fuzz.serving import as_requests
from hjp_fuzz.shrink import Shrinker
from hjp_fuzz.sources import RandomSource
from hjp_fuzz.targets import Limits, Target
from hjp_fuzz.views import View, Viewer, specified
from hjp_fuzz.workers import preflight
from hjp_spec.oracle import decode

SPECIFICATION = "specification"
Pair = tuple[int, int]
"""Two of those who are compared, by their numbers; 0 is the specification."""
_Written = tuple[Case, list[int]]
"""A case, and the choices that it was made of."""
_BATCH = 64
_CALLS, _SECONDS = 300, 3.0
"""What making one example small may cost."""


@dataclass(frozen=True, slots=True)
class Example:
    """A stream on which two disagree.

    Attributes:
        stream: the octets.
        views: what each makes of it.
    """

    stream: bytes
    views: tuple[View, View]


@dataclass(slots=True)
class Grid:
    """What a comparison has come to.

    Attributes:
        names: who was compared; the specification first.
        streams: how many streams were tried.
        differs: how often two of them disagree.
        codes: how often two refuse with other codes.
        examples: one stream for each two that disagree, a small one.
        seconds: how long it took.
    """

    names: list[str]
    streams: int = 0
    differs: Counter[Pair] = field(default_factory=Counter)
    codes: Counter[Pair] = field(default_factory=Counter)
    examples: dict[Pair, Example] = field(default_factory=dict)
    seconds: float = 0.0


class Comparison:
    """A run over several targets.

    Args:
        targets: whom to compare; if one is a server, all are given requests.
        seed: where the choices begin.
        limits: what an answer may cost.
        count: after how many streams to stop; None for not by count.
        seconds: when to stop; None for not by time.

    Raises:
        TargetError: a target cannot be used.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        seed: str,
        limits: Limits,
        count: int | None = None,
        seconds: float | None = None,
    ) -> None:
        for target in targets:
            preflight(target, limits)
        self.grid = Grid([SPECIFICATION, *(target.name for target in targets)])
        self._targets = targets
        self._limits = limits
        self._source = RandomSource(seed)
        self._count, self._seconds = count, seconds
        self._requests = any(target.serves for target in targets)
        self._found: dict[Pair, _Written] = {}

    def run(self) -> Generator[Grid]:
        """Yield the grid now and then while it grows, and when it is complete.

        Raises:
            TargetError: a target cannot be used any more.
        """
        began = time.monotonic()
        with ExitStack() as stack:
            viewers = [Viewer(target, self._limits) for target in self._targets]
            for viewer in viewers:
                stack.callback(viewer.close)
            while self._more(began):
                wrote = [self._written() for _ in range(self._size())]
                rows = _rows(viewers, [case for case, _ in wrote])
                for written, row in zip(wrote, rows, strict=True):
                    self._count_in(written, row)
                self.grid.seconds = time.monotonic() - began
                yield self.grid
            for pair in sorted(self._found):
                self._exemplify(pair, viewers)
        yield self.grid

    def _more(self, began: float) -> bool:
        if self._count is not None and self.grid.streams >= self._count:
            return False
        return self._seconds is None or time.monotonic() < began + self._seconds

    def _size(self) -> int:
        left = _BATCH if self._count is None else self._count - self.grid.streams
        return min(_BATCH, left)

    def _written(self) -> _Written:
        self._source.restart()
        wrote = case(self._source, HJP)
        return self._shaped(wrote), self._source.choices

    def _shaped(self, wrote: Case) -> Case:
        return as_requests(wrote) if self._requests else wrote

    def _count_in(self, written: _Written, row: Sequence[View]) -> None:
        self.grid.streams += 1
        for pair in combinations(range(len(row)), 2):
            one, other = row[pair[0]], row[pair[1]]
            if one.differs(other):
                self.grid.differs[pair] += 1
                self._found.setdefault(pair, written)
            elif one.differs_in_code(other):
                self.grid.codes[pair] += 1

    def _exemplify(self, pair: Pair, viewers: Sequence[Viewer]) -> None:
        """Keep an example, one of another pair if it will do, else a small one."""
        for example in self.grid.examples.values():
            views = _views_of(pair, Case((), example.stream), viewers)
            if views[0].differs(views[1]):
                self.grid.examples[pair] = Example(example.stream, views)
                return
        small = self._small(pair, viewers)
        views = _views_of(pair, small, viewers)
        self.grid.examples[pair] = Example(small.stream, views)

    def _small(self, pair: Pair, viewers: Sequence[Viewer]) -> Case:
        found, choices = self._found[pair]

        def judge(tried: Case) -> Failure | None:
            one, other = _views_of(pair, tried, viewers)
            return _disagreement(tried, one, other) if one.differs(other) else None

        first = judge(found)
        if first is None:  # it does not happen again
            return found
        shrinker = Shrinker(judge, found, first, budget=_CALLS, seconds=_SECONDS)
        shrinker.shape = self._shaped
        return shrinker.shrink(choices)


def _disagreement(case: Case, one: View, other: View) -> Failure:
    return failed(
        Check.STATUS, other.says, case, decode(case.stream), expected=one.says
    )


def _rows(viewers: Sequence[Viewer], cases: Sequence[Case]) -> list[list[View]]:
    """Return the views on each case, that of the specification first."""
    streams = [case.stream for case in cases]
    for viewer in viewers:
        viewer.ask(streams)
    spec = [specified(decode(stream)) for stream in streams]
    columns = [spec, *(viewer.answers() for viewer in viewers)]
    return [list(row) for row in zip(*columns, strict=True)]


def _views_of(pair: Pair, case: Case, viewers: Sequence[Viewer]) -> tuple[View, View]:
    """Return what two of them make of a case."""
    asked = [viewers[number - 1] for number in pair if number]
    [row] = _rows(asked, [case])
    one, other = row[-2:]
    return one, other
