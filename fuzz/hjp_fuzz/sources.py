"""Where the choices come from: one primitive, several drivers.

The grammar is a set of pure functions over `Source.int`.  A driver decides where
the integers come from: a pseudo-random generator for volume, Hypothesis for tests
and shrinking, a recording for replay.  Every driver records what it gave, as the
distance from the lower bound, so that 0 is always the simplest choice and a
recording can be shrunk without knowing what its numbers mean.
"""

import builtins
import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:  # hypothesis takes longer to import than a short run to start
    from hypothesis.strategies import SearchStrategy

T = TypeVar("T")

_EXACT = 1 << 52  # below this a random float has enough bits for every integer


class Source:
    """A stream of choices.

    Attributes:
        choices: what was chosen so far, each as its distance from the lower bound.
    """

    __slots__ = ("choices",)

    def __init__(self) -> None:
        self.choices: list[builtins.int] = []

    def _pick(self, span: builtins.int) -> builtins.int:
        """Return an integer from 0 to span, the simplest being 0."""
        raise NotImplementedError

    def flag(self, one_in: builtins.int = 2) -> bool:
        """Return true once in so many times; false is simpler."""
        return self.int(0, one_in - 1) == one_in - 1

    def choice(self, options: Sequence[T]) -> T:
        """Return one of the options; the first one is the simplest."""
        return options[self.int(0, len(options) - 1)]

    def bytes(self, count: builtins.int) -> builtins.bytes:
        """Return that many octets in one choice; zeros are simplest."""
        return self.int(0, (1 << 8 * count) - 1).to_bytes(count, "big")

    def int(self, lo: builtins.int, hi: builtins.int) -> builtins.int:
        """Return an integer from lo to hi, both included; lo is the simplest."""
        chosen = self._pick(hi - lo)
        self.choices.append(chosen)
        return lo + chosen


class RandomSource(Source):
    """Choices of a seeded pseudo-random generator: the driver for volume."""

    __slots__ = ("_bits", "_float")

    def __init__(self, seed: builtins.int | str) -> None:
        super().__init__()
        generator = random.Random(seed)
        self._float = generator.random
        self._bits = generator.randrange

    def restart(self) -> None:
        """Forget the recording, and go on in the same sequence."""
        self.choices = []

    def int(self, lo: builtins.int, hi: builtins.int) -> builtins.int:
        """Return an integer from lo to hi; in one call, for there are many."""
        span = hi - lo
        if span < _EXACT:
            chosen = builtins.int(self._float() * (span + 1))
        else:
            chosen = self._bits(span + 1)
        self.choices.append(chosen)
        return lo + chosen


@lru_cache(maxsize=4096)
def _upto(span: builtins.int) -> "SearchStrategy[builtins.int]":
    from hypothesis.strategies import integers

    return integers(0, span)


class HypothesisSource(Source):
    """Choices of Hypothesis, by the `draw` of a composite strategy."""

    __slots__ = ("_draw",)

    def __init__(
        self, draw: "Callable[[SearchStrategy[builtins.int]], builtins.int]"
    ) -> None:
        super().__init__()
        self._draw = draw

    def _pick(self, span: builtins.int) -> builtins.int:
        return self._draw(_upto(span)) if span else 0


class ReplaySource(Source):
    """Choices of a recording; too large ones are cut down, missing ones are 0.

    So any list of integers means some input, and an edited recording still does.
    """

    __slots__ = ("_given",)

    def __init__(self, choices: Sequence[builtins.int]) -> None:
        super().__init__()
        self._given = choices

    def _pick(self, span: builtins.int) -> builtins.int:
        at = len(self.choices)
        return min(self._given[at], span) if at < len(self._given) else 0


class BytesSource(Source):
    """Choices read from octets: the driver for fuzzers that mutate octets.

    A choice takes as few octets as its range needs, so octets of a payload stand in
    the input as they are and a change in one place changes one choice.  Where the
    octets have ended, every choice is 0: any octets mean some input.
    """

    __slots__ = ("_at", "_octets")

    def __init__(self, octets: builtins.bytes) -> None:
        super().__init__()
        self._octets = octets
        self._at = 0

    def _pick(self, span: builtins.int) -> builtins.int:
        width = (span.bit_length() + 7) // 8
        taken = self._octets[self._at : self._at + width]
        self._at += width
        number = builtins.int.from_bytes(taken.ljust(width, b"\x00"), "big")
        return number % (span + 1)
