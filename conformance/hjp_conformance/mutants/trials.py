"""Trials of all mutants told: what was caught, what survives, what is wrong."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import typer

from hjp_conformance.collected import cases_of
from hjp_conformance.mutants.direct import Fared, fared
from hjp_conformance.mutants.idle import idle_cases
from hjp_conformance.mutants.trial import Mutant, listed_as, mutants, survivors
from hjp_conformance.verdicts import Exit

_NAMED = 3


def tell(modes: Sequence[str], select: str, workers: int) -> Exit:
    """Try the mutants of these modes and print how they fared.

    Args:
        modes: which.
        select: only those with this in the name or the id.
        workers: so many at a time.

    Raises:
        typer.BadParameter: there is none of that name.
    """
    status = Exit.CONFORMANT
    found = {one: _selected(one, select) for one in modes}
    if not any(found.values()):
        raise typer.BadParameter(f"no endpoint has {select!r} in its name or id")
    for one, tried in found.items():
        if not tried:
            continue
        cases_of(one)  # once, before there are threads
        with ThreadPoolExecutor(workers) as pool:
            trials: list[Fared] = []
            _counted(_kept(pool.map(fared, tried), trials))
        for line in matrix(one, trials):
            typer.echo(line)
        if any(map(wrong, trials)):
            status = Exit.FAILURES
    return status


def _selected(mode: str, text: str) -> list[Mutant]:
    return [
        mutant
        for kind in ("broken", "odd")
        for mutant in mutants(mode, kind)
        if text.lower() in f"{mutant.name} {mutant.requirement}".lower()
        and mutant.name not in listed_as("times", mode)
    ]


def _counted(names: Iterable[str]) -> list[str]:
    """Tell on a terminal how far it is: it takes minutes."""
    seen = []
    for name in names:
        seen.append(name)
        if sys.stderr.isatty():
            typer.echo(f"\r{len(seen)} {name:<40.40}", err=True, nl=False)
    if sys.stderr.isatty():
        typer.echo("\r" + " " * 50 + "\r", err=True, nl=False)
    return seen


def _kept(trials: Iterable[Fared], into: list[Fared]) -> Iterator[str]:
    for trial in trials:
        into.append(trial)
        yield trial.mutant.name


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


def tell_idle(modes: Sequence[str], workers: int) -> Exit:
    """Print the cases that catch nothing; none is wanted."""
    status = Exit.CONFORMANT
    for mode in modes:
        found = idle_cases(mode, workers, _counted)
        typer.echo(f"{mode}: {len(found)} of {len(cases_of(mode))} cases are idle")
        for case in found:
            typer.echo(f"  {case.id} ({' '.join(case.requirements)}): {case.title}")
            status = Exit.FAILURES
    return status
