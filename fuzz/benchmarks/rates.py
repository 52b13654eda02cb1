"""How fast the fuzzer is, and how soon it finds bugs that were planted.

    python fuzz/benchmarks/rates.py             all tables
    python fuzz/benchmarks/rates.py --quick     fewer streams and seeds

Times are processor time of this process, the best of several rounds: other work on
the machine makes them worse all the same.  Nothing in the tests depends on them.
"""

import argparse
import importlib
import json
import statistics
import struct
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from rich.console import Console
from rich.table import Table

from hjp_fuzz import strategies
from hjp_fuzz.checks import glance
from hjp_fuzz.engines import Bulk, Plan
from hjp_fuzz.expected import decode
from hjp_fuzz.grammar import case
from hjp_fuzz.sources import RandomSource
from hjp_fuzz.targets import CallableTarget, NotFound, load
from hjp_fuzz.workers import Slot

TESTS = Path(__file__).parents[1] / "tests"
ENDING = ("crash", "hang")
"""Bugs that would end this process."""
NO_LIMIT = 1 << 62

Factory = Callable[[], Any]
Frames = Iterator[tuple[Any, bytes]]


def parse(data: bytes) -> Frames:
    """Read frames as a parser of ten lines does."""
    while data:
        if len(data) < 16:
            raise EOFError
        head, n, m = struct.unpack("<8sII", data[:16])
        if head != b"HJP\xff\1\0\0\0" or not 2 <= n <= 65536 or m > 65536:
            raise ValueError("not HJP/1")
        if len(data) < 16 + n + m:
            raise EOFError
        yield json.loads(data[16 : 16 + n]), data[16 + n : 16 + n + m]
        data = data[16 + n + m :]


class Nowhere:
    """A pipe to nobody."""

    def send(self, message: object) -> None:
        """Drop a message."""


def targets() -> Iterator[CallableTarget]:
    """Yield the parsers of which the rates are measured."""
    yield CallableTarget("a function of ten lines", parse=parse)
    try:
        yield load("hjp:Decoder", "hjp:FormatError")
    except NotFound:
        print("hjp is not installed: its decoder is left out", file=sys.stderr)


def bulk_rate(target: CallableTarget, streams: int, rounds: int) -> float:
    """Return how many streams a worker tries in a second, oracle included."""
    return max(_round(target, f"rate {number}", streams) for number in range(rounds))


def _round(target: CallableTarget, seed: str, streams: int) -> float:
    slot, worker = Slot(), Bulk(Plan(target, seed, count=streams), NO_LIMIT)
    began = time.process_time()
    worker(Nowhere(), slot)  # type: ignore[arg-type]
    seconds = time.process_time() - began
    slot.close()
    return streams / seconds


def strategy_rate(strategy: SearchStrategy[Any], examples: int, rounds: int) -> float:
    """Return how many examples Hypothesis gives a test that does nothing."""
    tried = 0

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def nothing(example: object) -> None:
        nonlocal tried
        tried += 1

    best = 0.0
    for _ in range(rounds):
        tried, began = 0, time.process_time()
        nothing()
        best = max(best, tried / (time.process_time() - began))
    return best


def codeless(factory: Factory) -> Factory:
    """Take the codes from what a parser raises, so that only its verdict tells."""

    class Codeless:
        def __init__(self) -> None:
            self.parser = factory()

        def feed(self, chunk: bytes) -> Frames:
            try:
                yield from self.parser.feed(chunk)
            except ValueError as error:
                raise ValueError(str(error)) from None

        def close(self) -> None:
            try:
                self.parser.close()
            except ValueError as error:
                raise ValueError(str(error)) from None

    return Codeless


def examples_to(factory: Factory, seed: str, most: int) -> int:
    """Return how many streams it takes until a bug is found, or how many did not."""
    target, source = CallableTarget("planted", factory=factory), RandomSource(seed)
    for number in range(1, most + 1):
        source.restart()
        made = case(source)
        if glance(target, made, decode(made.stream)) is not None:
            return number
    return most


def rates(quick: bool) -> Table:
    """Measure how fast streams are tried."""
    table = Table("streams or examples a second", "rate", title="Rates")
    streams, rounds = (2_000, 2) if quick else (10_000, 5)
    for target in targets():
        table.add_row(
            f"bulk, {target.name}", f"{bulk_rate(target, streams, rounds):,.0f}"
        )
    for name in ("frames", "streams", "json_texts", "payloads"):
        strategy = getattr(strategies, name)()
        rate = strategy_rate(strategy, streams // 10, rounds)
        table.add_row(f"Hypothesis, {name}()", f"{rate:,.0f}")
    divided = strategies.chunked(strategies.mutated(strategies.frames()))
    rate = strategy_rate(divided, streams // 10, rounds)
    table.add_row("Hypothesis, chunked(mutated(frames()))", f"{rate:,.0f}")
    return table


def planted_bugs(quick: bool) -> Table:
    """Measure how many streams it takes to find each of the planted bugs."""
    sys.path.insert(0, str(TESTS))
    parsers = importlib.import_module("planted_parsers")
    seeds, most = (3, 1_000) if quick else (5, 5_000)
    columns = ("bug", "by code", "by verdict alone")
    table = Table(*columns, title=f"Streams to find a planted bug, median of {seeds}")
    found = {
        bug: tuple(
            _median(factory, seeds, most)
            for factory in (parsers.planted(bug), codeless(parsers.planted(bug)))
        )
        for bug in parsers.BUGS
        if bug not in ENDING
    }
    for bug, (code, verdict) in sorted(found.items(), key=lambda item: item[1][::-1]):
        table.add_row(bug, str(code), str(verdict) if verdict < most else "never")
    return table


def _median(factory: Factory, seeds: int, most: int) -> int:
    return round(
        statistics.median(examples_to(factory, f"seed {n}", most) for n in range(seeds))
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer streams and seeds")
    quick = parser.parse_args().quick
    console = Console()
    for measured in (rates, planted_bugs):
        console.print(measured(quick))


if __name__ == "__main__":
    main()
