"""What the commands that test have in common: have a target, run, report."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import typer

from hjp_conformance.modes import target_of
from hjp_conformance.reports.console import Console
from hjp_conformance.reports.octets import plain
from hjp_conformance.reports.shape import RunReport
from hjp_conformance.reports.write import run_report
from hjp_conformance.run import Run, run_pytest
from hjp_conformance.settings import Settings
from hjp_conformance.spread import Spreading
from hjp_conformance.verdicts import NAMES, Exit, TargetGoneError


@dataclass(frozen=True, slots=True)
class Manner:
    """How to go through the cases.

    Attributes:
        most: after so many failures it stops; 0 for never.
        workers: how many processes.
        repeat: how often.
    """

    most: int = 0
    workers: int = 1
    repeat: int = 1


def test(settings: Settings, manner: Manner) -> list[RunReport]:
    """Run the cases as often as asked for; a report for each time."""
    reports: list[RunReport] = []
    for time in range(manner.repeat):
        if manner.repeat > 1:
            typer.echo(f"\nrun {time + 1} of {manner.repeat}")
        seed = None if settings.shuffle is None else settings.shuffle + time
        reports.append(_once(replace(settings, shuffle=seed), manner))
        if reports[-1]["exit"] in (Exit.INTERRUPTED, Exit.UNREACHABLE):
            break
    return reports


def wavering(reports: Sequence[RunReport]) -> dict[str, Counter[str]]:
    """The verdicts of the cases that did not end in the same one every time."""
    verdicts: dict[str, Counter[str]] = {}
    for report in reports:
        for case in report["cases"]:
            verdicts.setdefault(case["id"], Counter())[case["verdict"]] += 1
    return {id_: counts for id_, counts in verdicts.items() if len(counts) > 1}


def _once(settings: Settings, manner: Manner) -> RunReport:
    """Have a target, ask whether it is one, run the cases, tell."""
    run = Run(settings)
    try:
        status = _asked_and_tested(run, manner)
    except TargetGoneError as error:
        run.gone = _last_words(run, error)
        typer.echo(f"{NAMES[Exit.UNREACHABLE]}: {plain(run.gone)}", err=True)
        status = Exit.UNREACHABLE
    except KeyboardInterrupt:
        typer.echo("\ninterrupted", err=True)
        status = Exit.INTERRUPTED
    finally:
        if run.target is not None:
            run.target.stop()
    return run_report(run, status)


def _asked_and_tested(run: Run, manner: Manner) -> Exit:
    run.target = target_of(run.settings)
    run.facts = run.target.meet(run.patience)
    console = Console(run, sys.stdout, color=sys.stdout.isatty())
    console.begin()
    arguments = [f"--maxfail={manner.most}"] if manner.most else []
    plugins = [console]
    status = run_pytest(run, *_spread(arguments, plugins, run, manner.workers))
    console.finish(status)
    return status


def _spread(
    arguments: list[str], plugins: list[Any], run: Run, workers: int
) -> tuple[Any, ...]:
    if workers > 1:
        arguments += ["-p", "xdist", "-n", str(workers)]
        plugins = [*plugins, Spreading(run)]
    return arguments, *plugins


def _last_words(run: Run, error: TargetGoneError) -> str:
    if run.target is None:
        return str(error)
    epitaph = run.target.epitaph(0.2)
    return f"{run.target.title}: {error}" + (f"; {epitaph}" if epitaph else "")
