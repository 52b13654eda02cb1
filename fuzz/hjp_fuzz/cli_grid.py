"""What the command `hjp-fuzz grid` shows."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hjp_fuzz.grid import Grid, Pair
from hjp_fuzz.report import show_octets
from hjp_fuzz.views import View

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST = len(_LETTERS)
"""How many targets can be told by a letter."""


def letter(number: int) -> str:
    """Return how one of those who are compared is called in the table."""
    return _LETTERS[number - 1] if number else "spec"


def show_grid(console: Console, grid: Grid) -> None:
    """Print who disagrees with whom, and an example of each disagreement."""
    for number, name in enumerate(grid.names[1:], 1):
        console.print(Text(f"{letter(number)}  {name}"))
    console.print()
    console.print(_table(grid))
    console.print(
        Text(
            f"\n{grid.streams:,} streams in {grid.seconds:.1f} s; in each field: on how "
            "many of them two disagree, + on how many more they refuse with other codes"
        )
    )
    for stream, pairs in _grouped(grid).items():
        console.print()
        _show_example(console, grid, stream, pairs)


def _table(grid: Grid) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    numbers = range(len(grid.names))
    for number in numbers[1:]:
        table.add_column(letter(number), justify="right")
    for one in numbers[:-1]:
        fields = (_field(grid, one, other) for other in numbers[1:])
        table.add_row(letter(one), *fields)
    return table


def _field(grid: Grid, one: int, other: int) -> str:
    if other <= one:
        return ""
    codes = grid.codes[one, other]
    return f"{grid.differs[one, other]:,}" + (f" +{codes:,}" if codes else "")


def _grouped(grid: Grid) -> dict[bytes, list[Pair]]:
    """Return the examples, each with all those who disagree about it."""
    streams: dict[bytes, list[Pair]] = {}
    for pair, example in sorted(grid.examples.items()):
        streams.setdefault(example.stream, []).append(pair)
    return streams


def _show_example(
    console: Console, grid: Grid, stream: bytes, pairs: list[Pair]
) -> None:
    says: dict[int, View] = {}
    for pair in pairs:
        says |= zip(pair, grid.examples[pair].views, strict=True)
    who = ", ".join(f"{letter(one)}/{letter(other)}" for one, other in pairs)
    console.print(Text(f"{who}, on {len(stream)} octets", style="bold red"))
    for number, view in sorted(says.items()):
        console.print(Text(f"  {letter(number):<5} {view}"))
    show_octets(console, stream, "all by --json")


def grid_progress(grid: Grid) -> str:
    """Return the line that is shown while a comparison goes on."""
    disagree = sum(map(bool, grid.differs.values()))
    return (
        f"{grid.seconds:5.1f} s   {grid.streams:,} streams   "
        f"{disagree} of {len(grid.names) * (len(grid.names) - 1) // 2} pairs disagree"
    )


def grid_as_json(grid: Grid, seed: str) -> dict[str, Any]:
    """Return a comparison as JSON has it."""
    pairs = sorted(grid.differs.keys() | grid.codes.keys())
    return {
        "streams": grid.streams,
        "seconds": round(grid.seconds, 3),
        "seed": seed,
        "names": grid.names,
        "pairs": [_pair_as_json(grid, pair) for pair in pairs],
    }


def _pair_as_json(grid: Grid, pair: Pair) -> dict[str, Any]:
    found = {
        "pair": [grid.names[number] for number in pair],
        "disagree": grid.differs[pair],
        "other_codes": grid.codes[pair],
    }
    if example := grid.examples.get(pair):
        found["octets"] = example.stream.hex()
        found["say"] = [str(view) for view in example.views]
    return found
