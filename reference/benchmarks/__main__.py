"""How fast the reference is, beside what else there is, as a table of ratios."""

import argparse
import json
import os
import platform
import resource
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NoReturn

from rich import box
from rich.console import Console, JustifyMethod
from rich.table import Table

import hjp
from benchmarks.idle import FIGURES
from benchmarks.measure import Row, Running, measure
from benchmarks.table import PEERS, Peer
from benchmarks.tasks import TASKS, Files, Task

__all__ = ["main"]

_WORKS: Final = tuple(dict.fromkeys(task.work for task in TASKS))
_IDLE: Final = ("peer", "held", "KiB each", "echo p99 us", "p99 us among them")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks",
        description=__doc__,
        epilog="Exit codes: 0 done, 1 a peer failed, 2 usage, 130 Ctrl-C.",
    )
    add = parser.add_argument
    add(
        "works",
        nargs="*",
        metavar="WORK",
        help=f"{', '.join(_WORKS)}; all but idle if none is given",
    )
    add("--rounds", type=_number, default=7, metavar="N", help="that count; else 7")
    add("--size", type=_number, metavar="MIB", help="of the file put and got; else 64")
    add(
        "--count",
        type=_number,
        metavar="N",
        help="frames, echoes, small files, connections of a round",
    )
    add(
        "--peer",
        action="append",
        metavar="PART",
        help="only those with this in their names, and the limits; may be repeated",
    )
    add("--json", type=Path, metavar="FILE", help="write all figures there")
    return parser


def _tasks(options: argparse.Namespace) -> Iterator[Task]:
    works = options.works or [work for work in _WORKS if work != "idle"]
    for task in TASKS:
        if task.work not in works:
            continue
        if task.unit == "MiB/s" and options.size:
            yield replace(task, size=options.size * 2**20)
        elif task.unit != "MiB/s" and options.count:
            whole = -(-options.count // task.ahead) * task.ahead
            yield replace(task, count=whole)
        else:
            yield task


def _peers(parts: Sequence[str] | None) -> list[Peer]:
    limits = {task.limit for task in TASKS}
    return [
        peer
        for peer in PEERS
        if not parts or peer.name in limits or any(part in peer.name for part in parts)
    ]


def _memory() -> tuple[str | None, str]:
    """Choose where files are: in memory if that can be had; say so."""
    if os.access("/dev/shm", os.W_OK | os.X_OK):
        return "/dev/shm", "in memory"
    return None, "not in memory: the disk has its part"


def _cells(told: dict[str, Any]) -> list[str]:
    """Write a row of figures."""
    if "rate" not in told:
        return [format(told[name]["median"], ",.1f") for name in FIGURES]
    cells = [format(told["rate"]["median"], ",.0f")]
    if "ratio" in told:
        low, middle, high = (format(it, ".2f") for it in told["ratio"].values())
        cells += [middle, f"{low} - {high}"]
    return cells


def _print(console: Console, report: dict[str, Any]) -> None:
    """Print a table, the fastest first, and why figures are missing."""
    is_idle = report["work"] == "idle"
    table = Table(box=box.SIMPLE_HEAD)
    for name in _IDLE if is_idle else ("peer", report["unit"], "ratio", "q1 - q3"):
        is_name = name == "peer"
        justify: JustifyMethod = "left" if is_name else "right"
        table.add_column(name, justify=justify, no_wrap=is_name)
    for row in sorted(report["rows"], key=lambda row: -_ratio(row)):
        if {"missing", "failed"}.isdisjoint(row):
            table.add_row(row["peer"], *_cells(row))
    limit = "" if is_idle else f"; {report['limit']} is 1.00"
    console.print(f"{report['title']}{limit}", style="bold", highlight=False)
    console.print(table)
    for row in report["rows"]:
        for why in {"missing", "failed"}.intersection(row):
            text = f"  {row['peer']}: {why}: {row[why]}"
            console.print(text, highlight=False, soft_wrap=True, markup=False)


def _ratio(row: dict[str, Any]) -> float:
    return float(row.get("ratio", {}).get("median", 0))


def _title(task: Task) -> str:
    if task.unit == "MiB/s":
        return f"{task.title} of {task.size // 2**20} MiB"
    return f"{task.title}, {task.count:,} a round"


def _report(task: Task, rows: Sequence[Row]) -> dict[str, Any]:
    limit = next((row for row in rows if row.name == task.limit), None)
    return {
        "work": task.work,
        "title": _title(task),
        "unit": task.unit,
        "limit": task.limit,
        "count": task.count,
        "size": task.size,
        "ahead": task.ahead,
        "rows": [row.as_json(task, limit) for row in rows],
    }


def _run(options: argparse.Namespace, console: Console) -> list[dict[str, Any]]:
    tasks = list(_tasks(options))
    parent, kind = _memory()
    told = []
    with ExitStack() as stack:
        folder = tempfile.TemporaryDirectory(prefix="hjp-", dir=parent)
        base = Path(stack.enter_context(folder))
        console.print(f"files: {base}, {kind}", highlight=False, soft_wrap=True)
        console.print(
            f"{options.rounds} rounds after one to warm up; "
            f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors",
            highlight=False,
        )
        status = stack.enter_context(Console(stderr=True).status("starting peers"))
        works = {task.work for task in tasks}
        running = Running(_peers(options.peer), works, base)
        stack.enter_context(running)
        for task in tasks:
            if task.work in ("put", "get", "small"):
                Files(base / "sources", base, base).make(task)
            rows = running.rows(task)
            measure(task, rows, options.rounds, status.update)
            told.append(_report(task, rows))
            _print(console, told[-1])
    return told


def _allow_many_files() -> None:
    """Thousands of connections need as many descriptors, in servers, too."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _told_to_end(number: int, _frame: object) -> NoReturn:
    """End in good order: files in memory stay until somebody removes them."""
    sys.exit(128 + number)


def _machine() -> dict[str, Any]:
    return {
        "hjp": hjp.__version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "load": os.getloadavg(),
    }


def main() -> int:
    """Measure, and print the tables."""
    parser = _parser()
    options = parser.parse_args()
    unknown = sorted(set(options.works).difference(_WORKS))
    if unknown:
        parser.error(f"there is no work {unknown[0]!r}; works: {', '.join(_WORKS)}")
    if options.peer and not any(p in it.name for p in options.peer for it in PEERS):
        names = ", ".join(it.name for it in PEERS)
        parser.error(f"no peer has this in its name; peers: {names}")
    _allow_many_files()
    signal.signal(signal.SIGTERM, _told_to_end)
    machine = _machine()
    try:
        told = _run(options, Console())
    except KeyboardInterrupt:
        return 130
    if options.json:
        report = machine | {"rounds": options.rounds, "tables": told}
        try:
            options.json.write_text(json.dumps(report, indent=1) + "\n")
        except OSError as error:
            parser.error(f"cannot write {options.json}: {error.strerror}")
    return int(any("failed" in row for table in told for row in table["rows"]))


if __name__ == "__main__":
    sys.exit(main())
