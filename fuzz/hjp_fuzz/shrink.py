"""Making a failing input small, without losing what makes it fail.

Three passes: the choices of the grammar, which knows nothing of frames and is good
at numbers and structure; the drafts, which drops frames, lies, payload and octets of
JSON text; the division into reads, which neither of the others can make coarser.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from hjp_fuzz.cases import Case, Cuts, Draft
from hjp_fuzz.checks import Failure
from hjp_fuzz.dialect import HJP, Dialect
from hjp_fuzz.grammar import case, every_octet
from hjp_fuzz.smaller_texts import halves, shorter, smaller_texts
from hjp_fuzz.sources import ReplaySource, Source

Judge = Callable[[Case], Failure | None]
"""Judges a case; returns the first check that fails, if any."""


def _as_it_is(case: Case) -> Case:
    return case


def _signature(failure: Failure) -> tuple[str, ...]:
    return failure.signature


@dataclass(slots=True)
class Shrinker:
    """The smallest failing case so far.

    Attributes:
        judge: runs a case.
        found: the case.
        failure: how it fails.
        ways: how many divisions the grammar writes.
        budget: how many cases may still be tried.
        seconds: how long it may take.
        dialect: the format.
        write: writes a case of it out of choices.
        alike: what has to stay the same of a failure.
        shape: what is made of a case of the grammar before it is judged.
        calls: how many were tried.
    """

    judge: Judge
    found: Case
    failure: Failure
    ways: int = 1
    budget: int = 150
    seconds: float = 6.0
    dialect: Dialect = HJP
    write: Callable[[Source, Any, int], Case] = case
    alike: Callable[[Failure], Any] = _signature
    shape: Callable[[Case], Case] = _as_it_is
    calls: int = 0
    _ends_at: float = 0.0
    _tried: set[tuple[bytes, tuple[Cuts, ...]]] = field(default_factory=set)

    def shrink(self, choices: Sequence[int] = ()) -> Case:
        """Return the smallest case that fails alike.

        Args:
            choices: the recording that wrote the case; empty if there is none.
        """
        now, budget = time.monotonic(), self.budget
        if choices:
            # The rest is kept for what only the drafts can do.
            self.budget, self._ends_at = budget // 3, now + self.seconds * 0.4
            self._by_choices(list(choices))
        self.budget, self._ends_at = budget - self.calls, now + self.seconds
        self._keep_one_division()
        self._try_the_smallest()
        self._drop_frames()
        self._take_apart()
        self._to_the_end()
        self._take_apart()
        self._to_the_end()
        return self.found

    def _try_the_smallest(self) -> None:
        """Try the smallest frames of every sort: some failures need no more.

        Others need one frame before.
        """
        for draft in _smallest(self.dialect):
            if not self._with((draft,)) and len(self.found.drafts) > 1:
                self._with((Draft(), draft))

    def _to_the_end(self) -> None:
        before = None
        while before != self.found and self.budget > 0:
            before = self.found
            self._by_drafts()
            self._by_cuts()

    def _fails(self, candidate: Case) -> bool:
        """Try a case; keep it if it fails as the first one does."""
        key = (candidate.stream, candidate.cuttings)
        if self.budget <= 0 or key in self._tried:
            return False
        self._tried.add(key)
        self.budget = self.budget - 1 if time.monotonic() < self._ends_at else 0
        self.calls += 1
        failure = self.judge(candidate)
        if failure is None or self.alike(failure) != self.alike(self.failure):
            return False
        self.found, self.failure = candidate, failure
        return True

    def _by_choices(self, choices: list[int]) -> None:
        """Leave out the parts that are not needed, then make each choice small."""
        choices = self._without_parts(choices)
        before: list[int] = []
        while before != choices:
            before = list(choices)
            for at in range(len(choices)):
                choices = self._lowered(choices, at)

    def _replay(self, choices: Sequence[int]) -> bool:
        candidate = self.shape(
            self.write(ReplaySource(choices), self.dialect, self.ways)
        )
        return _weight(candidate) <= _weight(self.found) and self._fails(candidate)

    def _without_parts(self, choices: list[int]) -> list[int]:
        """Leave out frames by what they were made of, the last ones first."""
        recorded = ReplaySource(choices)
        self.write(recorded, self.dialect, self.ways)
        for start, end in reversed(list(pairwise(recorded.parts))):
            shorter = choices[:start] + choices[end:]
            if self._replay(shorter):
                choices = shorter
        return choices

    def _lowered(self, choices: list[int], at: int) -> list[int]:
        """Make a choice 0, or else half of what it is as often as that works."""
        before, after = choices[:at], choices[at + 1 :]
        value = choices[at]
        if value and self._replay([*before, 0, *after]):
            return [*before, 0, *after]
        while value > 1 and self._replay([*before, value // 2, *after]):
            value //= 2
        return [*before, value, *after]

    def _keep_one_division(self) -> None:
        """Keep the one division at which it fails."""
        # Of a target that gave no answer the division may not be known.
        for cuts in (self.failure.cuts, *self.found.cuttings):
            if self._fails(replace(self.found, cuttings=(cuts,))):
                return

    def _by_drafts(self) -> None:
        # All frames first: the others are tried in less time without them.
        self._drop_frames()
        for at in reversed(range(len(self.found.drafts))):
            self._simplify(at)

    def _drop_frames(self) -> None:
        for at in reversed(range(len(self.found.drafts))):
            self._drop_frame(at)

    def _take_apart(self) -> None:
        """Make drafts of the octets: frames as they are read, not as written.

        What was written as several frames may be one, with a payload of its own.
        """
        aims, start = {}, 0
        for draft in self.found.drafts:
            aims[start] = draft.aims
            start += len(self.dialect.write(draft))
        drafts, start = [], 0
        for draft in self.dialect.read(self.found.stream):
            drafts.append(replace(draft, aims=aims.get(start, ())))
            start += len(self.dialect.write(draft))
        self.found = replace(self.found, drafts=tuple(drafts))

    def _drop_frame(self, at: int) -> None:
        drafts = self.found.drafts
        before, after = drafts[:at], drafts[at + 1 :]
        if len(drafts) > 1 and not self._with(before + after):
            self._with((*before, Draft(), *after))

    def _simplify(self, at: int) -> None:
        """Try simpler drafts in the place of one, until none of them fails."""
        improved = True
        while improved and self.budget > 0:
            improved = any(
                self._with(
                    (*self.found.drafts[:at], draft, *self.found.drafts[at + 1 :])
                )
                for draft in _simpler(self.found.drafts[at], self.dialect)
            )

    def _with(self, drafts: tuple[Draft, ...]) -> bool:
        stream, edges = self.dialect.write_all(drafts)
        if len(stream) > len(self.found.stream):
            return False
        return any(
            self._fails(Case(drafts, stream, (cuts,)))
            for cuts in self._divisions(len(stream), edges)
        )

    def _divisions(self, size: int, edges: Sequence[int]) -> Iterator[Cuts]:
        """Yield where the cuts may be now: as they were, moved along, everywhere."""
        old = self.found.cuttings[0] if self.found.cuttings else ()
        moved = size - len(self.found.stream)
        yield tuple(cut for cut in old if cut < size)
        if old:
            yield tuple(cut + moved for cut in old if cut + moved > 0)
            yield every_octet(size, edges)

    def _by_cuts(self) -> None:
        """Leave out cuts, so that reads are merged."""
        cuts = self.found.cuttings[0] if self.found.cuttings else ()
        for size in halves(len(cuts)):
            at = 0
            while at < len(cuts):
                fewer = cuts[:at] + cuts[at + size :]
                if self._fails(replace(self.found, cuttings=(fewer,))):
                    cuts = fewer
                else:
                    at += size


def _weight(weighed: Case) -> tuple[int, int]:
    return len(weighed.stream), sum(map(len, weighed.cuttings))


def _smallest(dialect: Dialect) -> Iterator[Draft]:
    """Yield the smallest frame, and as much as is needed of one with a wrong field."""
    yield Draft()
    header = dialect.header_length
    for counter in dialect.lengths:
        for length in (counter.high + 1, counter.low - 1):
            if length >= 0:
                lies, aims = {counter.name: length}, counter.broken_by(length)
                yield Draft(lies=lies, keep=header, aims=aims)
    for constant in reversed(dialect.constants):
        wrong = bytes([constant.value[0] ^ 1]) + constant.value[1:]
        early = constant.offset + constant.width <= dialect.early
        keep = dialect.early if early else header
        yield Draft(lies={constant.name: wrong}, keep=keep, aims=constant.requirements)


def _simpler(draft: Draft, dialect: Dialect) -> Iterator[Draft]:
    """Yield drafts that are simpler in one respect."""
    if draft.raw is not None:
        yield from (replace(draft, raw=raw) for raw in shorter(draft.raw))
        return
    for name in draft.lies:
        lies = {other: lie for other, lie in draft.lies.items() if other != name}
        yield replace(draft, lies=lies)
    yield from _kept(draft, dialect)
    yield from (replace(draft, payload=body) for body in _payloads(draft.payload))
    for text in smaller_texts(draft.json):
        yield _with_text(draft, text, dialect)


def _kept(draft: Draft, dialect: Dialect) -> Iterator[Draft]:
    """Yield the draft with less of it written: the header, the text, an octet less."""
    whole = len(dialect.write(replace(draft, keep=None)))
    keep = whole if draft.keep is None else min(draft.keep, whole)
    if draft.keep is not None:
        yield replace(draft, keep=None)
    text_end = dialect.header_length + len(draft.json)
    halfway = ((start + keep) // 2 for start in (dialect.header_length, text_end))
    for less in (dialect.early, dialect.header_length, text_end, *halfway, keep - 1):
        if 0 < less < keep:
            yield replace(draft, keep=less)


def _payloads(octets: bytes) -> Iterator[bytes]:
    """Yield simpler payloads: none, one octet, zeros, half, three quarters."""
    if octets:
        yield from (b"", octets[:1])
    if any(octets):
        yield bytes(len(octets))
    yield from _shortened(octets)


def _with_text(draft: Draft, text: bytes, dialect: Dialect) -> Draft:
    """Put another text into a draft; of what follows, as much is written as before."""
    keep = draft.keep
    if keep is not None and keep > dialect.header_length:
        keep = max(dialect.header_length, keep - len(draft.json) + len(text))
    return replace(draft, json=text, keep=keep)


def _shortened(octets: bytes) -> Iterator[bytes]:
    """Yield shorter beginnings: half, three quarters, and so on, then one less."""
    return (octets[:-left] for left in halves(len(octets) // 2))
