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
from functools import cache
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

    def part(self) -> None:
        """Tell that what comes now, such as a frame, could be left out as a whole."""

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

    # The methods of `Source` again, each in one call, for there are many of them.

    def flag(self, one_in: builtins.int = 2) -> bool:
        """Return true once in so many times."""
        chosen = builtins.int(self._float() * one_in)
        self.choices.append(chosen)
        return chosen == one_in - 1

    def choice(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        chosen = builtins.int(self._float() * len(options))
        self.choices.append(chosen)
        return options[chosen]

    def int(self, lo: builtins.int, hi: builtins.int) -> builtins.int:
        """Return an integer from lo to hi."""
        span = hi - lo
        if span < _EXACT:
            chosen = builtins.int(self._float() * (span + 1))
        else:
            chosen = self._bits(span + 1)
        self.choices.append(chosen)
        return lo + chosen


class BytesSource(Source):
    """Choices out of octets that somebody else has chosen, such as a fuzzing engine.

    Each choice takes as many octets as its range needs, in most cases one; where
    they end, all choices are the simplest.  So any octets mean some input, and
    smaller or fewer octets mean a simpler one.  A small number is the same choice
    out of any range, so a place stays the same when what it lies in gets shorter.
    """

    __slots__ = ("_at", "_octets")

    def __init__(self, octets: builtins.bytes) -> None:
        super().__init__()
        self._octets = octets
        self._at = 0

    def _pick(self, span: builtins.int) -> builtins.int:
        bits = span.bit_length()
        if span & (span + 1):
            bits += 3  # else the first choices are too frequent
        width = (bits + 7) // 8
        taken = self._octets[self._at : self._at + width].ljust(width, b"\x00")
        self._at += width
        return builtins.int.from_bytes(taken) % (span + 1)


@cache
def _octets_of_a_part() -> "SearchStrategy[builtins.bytes]":
    from hypothesis.strategies import binary

    # Nearly all frames need less; what is too much lets a shrinker leave some out.
    return binary(min_size=32, max_size=80)


class HypothesisSource(BytesSource):
    """Choices of Hypothesis, by the `draw` of a composite strategy.

    A draw of Hypothesis costs as much as ten frames, so all choices of a part are
    taken from octets that are drawn at once.  Octets shrink as choices do: shorter,
    then smaller; and a part is left out by leaving out its octets.
    """

    __slots__ = ("_draw", "_drawn")

    def __init__(
        self, draw: "Callable[[SearchStrategy[builtins.bytes]], builtins.bytes]"
    ) -> None:
        super().__init__(b"")
        self._draw = draw
        self._drawn = False

    def part(self) -> None:
        """Draw the octets of a new part when its first choice is asked for."""
        self._drawn = False

    def _pick(self, span: builtins.int) -> builtins.int:
        if not self._drawn:
            self._octets, self._at = self._draw(_octets_of_a_part()), 0
            self._drawn = True
        return super()._pick(span)


class ReplaySource(Source):
    """Choices of a recording; too large ones are cut down, missing ones are 0.

    So any list of integers means some input, and an edited recording still does.

    Attributes:
        parts: before how many choices the parts began.
    """

    __slots__ = ("_given", "parts")

    def __init__(self, choices: Sequence[builtins.int]) -> None:
        super().__init__()
        self._given = choices
        self.parts: list[builtins.int] = []

    def part(self) -> None:
        """Note where a part begins."""
        self.parts.append(len(self.choices))

    def _pick(self, span: builtins.int) -> builtins.int:
        at = len(self.choices)
        return min(self._given[at], span) if at < len(self._given) else 0
