"""From what the commands that test were told to runs, reports and a status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import typer

from hjp_conformance import sut
from hjp_conformance.collected import collected
from hjp_conformance.known import of_file as known_of_file
from hjp_conformance.known import of_mode as known_of_mode
from hjp_conformance.known import of_table as known_of_table
from hjp_conformance.options import Options
from hjp_conformance.reports import write
from hjp_conformance.reports.shape import RunReport
from hjp_conformance.selection import Selection, SelectionError
from hjp_conformance.settings import DEADLINE, MODES, Settings
from hjp_conformance.testing import Manner, test, wavering
from hjp_conformance.verdicts import Exit


def of_target(options: Options, mode: str, **target: str | None) -> None:
    """Test one target.

    Args:
        options: of the command.
        mode: server, client or codec.
        target: what `Settings` has of one: url, cmd, function, limits.

    Raises:
        typer.BadParameter: it can be none.
        typer.Exit: with the status, always.
    """
    sut.check(target.get("cmd"), target.get("url"))
    _finish([_settings(options, mode, Known(), **target)], options)


def of_file(options: Options, file: Path) -> None:
    """Test all that a file declares.

    Raises:
        typer.BadParameter: it declares nothing of use.
        typer.Exit: with the status, always.
    """
    declared = sut.declared(file)
    has_known = "known-failures" in declared
    known = Known(known_of_table(declared, file), [file]) if has_known else Known()
    strict = options.strict or declared.get("strict", False)
    settings = [
        _settings(options, mode, known, strict=strict, **_renamed(declared[mode]))
        for mode in MODES
        if mode in declared
    ]
    _finish(settings, options)


_NAMES = {"callable": "function", "limit": "limits"}


def _renamed(table: Mapping[str, Any]) -> dict[str, Any]:
    return {_NAMES.get(name, name): value for name, value in table.items()}


@dataclass(frozen=True, slots=True)
class Known:
    """What a file says of known failures.

    Attributes:
        reasons: by ids or patterns.
        files: where they stand.
    """

    reasons: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[Path] = ()


def _settings(options: Options, mode: str, known: Known, **target: Any) -> Settings:
    """What a mode is told: by the command line, by a file, by nobody, in this order."""
    files, reasons = [*known.files, *(options.known_failures or ())], {**known.reasons}
    for path in options.known_failures or ():
        reasons |= known_of_file(path)
    common: dict[str, Any] = {
        "strict": options.strict,
        "tier": options.tier,
        "shuffle": options.shuffle,
        "known_files": tuple(map(str, files)),
        "known": known_of_mode(reasons, mode),
    }
    deadline = options.deadline or target.get("deadline", DEADLINE)
    return Settings(mode=mode, **(common | target | {"deadline": deadline}))


def _finish(settings: Sequence[Settings], options: Options) -> None:
    """Run, tell what differs between runs, write the reports, exit."""
    options.check_folders()
    settings = _selected(settings, options.selection)
    with options.around():
        runs, status = _run_all(settings, options)
    report = write.report(runs, status)
    if len(settings) > 1:
        told = (f"{run['mode']} {run['verdict']}" for run in runs)
        typer.echo(f"\nall: {report['verdict']} ({'; '.join(told)})")
    options.write(report)
    raise typer.Exit(report["exit"])


def _selected(settings: Sequence[Settings], selection: Selection) -> list[Settings]:
    """Those of which cases are wanted, with their ids; before anything is started."""
    if not selection.is_narrow:
        return [*settings]
    try:
        wanted = selection.of(collected(tuple(one.mode for one in settings)))
    except SelectionError as error:
        raise typer.BadParameter(str(error)) from None
    only = {
        one.mode: tuple(case.id for case in wanted if case.mode == one.mode)
        for one in settings
    }
    return [replace(one, only=only[one.mode]) for one in settings if only[one.mode]]


def _run_all(
    settings: Sequence[Settings], options: Options
) -> tuple[list[RunReport], Exit]:
    """The reports of all runs, and the status that the command has at least."""
    runs: list[RunReport] = []
    status = Exit.CONFORMANT
    for one in settings:
        if runs:
            typer.echo("")
        most = 1 if options.first else options.max_fail
        found = test(one, Manner(most, options.workers, options.repeat))
        runs += found
        if _tell_of_wavering(found):
            status = Exit.INCONCLUSIVE
        if found[-1]["exit"] == Exit.INTERRUPTED:
            break
    return runs, status


def _tell_of_wavering(runs: Sequence[RunReport]) -> bool:
    found = wavering(runs)
    for id_, counts in found.items():
        told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
        typer.echo(f"not the same every time: {id_}: {told}")
    if len(runs) > 1 and not found:
        typer.echo(f"\n{len(runs)} runs, every case ended in one verdict")
    return bool(found)
