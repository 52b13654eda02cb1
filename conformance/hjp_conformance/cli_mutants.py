"""The command `mutants`: what proves that the suite catches what it claims."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Literal

import typer

from hjp_conformance.mutants.direct import Fared, fared
from hjp_conformance.mutants.trial import Mutant, listed_as, mutants, survivors
from hjp_conformance.settings import MODES
from hjp_conformance.verdicts import Exit

_NAMED = 3


def command(
    mode: Annotated[
        Literal["server", "client", "codec"] | None,
        typer.Argument(help="Only those of this mode."),
    ] = None,
    select: Annotated[
        str,
        typer.Option("-k", metavar="TEXT", help="Only with this in the name or id."),
    ] = "",
    by_all: Annotated[
        bool,
        typer.Option(
            "--by-all", help="Run every case on each, and name cases that catch none."
        ),
    ] = False,
    workers: Annotated[int, typer.Option("-n", min=1, help="So many at a time.")] = 1,
) -> None:
    """Try the suite on endpoints broken in one requirement each, and on odd ones.

    A broken one has to be caught by a case that is about what it breaks; an odd but
    correct one has to pass. Takes minutes.
    """
    status = Exit.CONFORMANT
    for one in (mode,) if mode else MODES:
        found = [
            mutant
            for kind in ("broken", "odd")
            for mutant in mutants(one, kind)
            if select in f"{mutant.name} {mutant.requirement}"
            and mutant.name not in listed_as("times", one)
        ]
        with ThreadPoolExecutor(workers) as pool:
            trials = [*_counted(pool.map(lambda m: fared(m, by_all=by_all), found))]
        for line in matrix(one, trials):
            typer.echo(line)
        if by_all:
            typer.echo(_vacuous(trials))
        if any(map(wrong, trials)):
            status = Exit.FAILURES
    raise typer.Exit(status)


def _counted(trials: Iterable[Fared]) -> Iterator[Fared]:
    """Tell on a terminal how far it is: it takes minutes."""
    for number, trial in enumerate(trials, 1):
        if sys.stderr.isatty():
            typer.echo(f"\r{number} {trial.mutant.name:<40.40}", err=True, nl=False)
        yield trial
    if sys.stderr.isatty():
        typer.echo("\r" + " " * 50 + "\r", err=True, nl=False)


def wrong(trial: Fared) -> str | None:
    """What is wrong with the suite, as this trial shows it."""
    mutant = trial.mutant
    if mutant.kind == "odd":
        complaints = trial.complaints
        return f"odd, and not passed: {' '.join(complaints)}" if complaints else None
    reason = survivors().get(mutant.mode, {}).get(mutant.name)
    if trial.kills:
        return "caught, and still listed as a survivor" if reason else None
    return None if reason else f"not caught: {mutant.text}"


def matrix(mode: str, trials: Sequence[Fared]) -> Iterator[str]:
    """The kills by requirement, then what survived and what was not passed."""
    broken = [trial for trial in trials if trial.mutant.kind == "broken"]
    odd = [trial for trial in trials if trial.mutant.kind == "odd"]
    yield f"{mode}: {len(broken)} broken, {len(odd)} odd"
    for requirement in dict.fromkeys(trial.mutant.requirement for trial in broken):
        yield from _row(
            requirement,
            [trial for trial in broken if trial.mutant.requirement == requirement],
        )
    for trial in broken:
        if not trial.kills:
            yield _survivor(trial.mutant)
    for trial in trials:
        told = wrong(trial)
        if told is not None:
            yield f"  WRONG {trial.mutant.name} ({trial.mutant.requirement}): {told}"
    caught = sum(bool(trial.kills) for trial in broken)
    passed = sum(not trial.complaints for trial in odd)
    yield f"{mode}: {caught} of {len(broken)} broken caught, {passed} of {len(odd)} odd pass"


def _row(requirement: str, trials: Sequence[Fared]) -> Iterator[str]:
    caught = [trial for trial in trials if trial.kills]
    cases = dict.fromkeys(id_ for trial in caught for id_ in trial.kills)
    named = " ".join(list(cases)[:_NAMED]) + (" …" if len(cases) > _NAMED else "")
    yield f"  {requirement:<12} {len(caught):>3} of {len(trials):<3} {named}"


def _survivor(mutant: Mutant) -> str:
    reason = survivors().get(mutant.mode, {}).get(mutant.name, "no reason is listed")
    return f"  survives: {mutant.name} ({mutant.requirement}): {reason}"


def _vacuous(trials: Iterable[Fared]) -> str:
    """Cases that no broken endpoint fails, whatever it breaks."""
    every: dict[str, bool] = {}
    for trial in trials:
        if trial.mutant.kind == "broken" and trial.report is not None:
            for case in trial.report["cases"]:
                fails = case["verdict"] not in ("pass", "skip")
                every[case["id"]] = every.get(case["id"], False) or fails
    idle = [id_ for id_, fails in every.items() if not fails]
    return f"  {len(idle)} of {len(every)} cases catch none: {' '.join(idle)}"
