"""The commands that test: `server`, `client`, `codec`, and `run` for all of a file."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from hjp_conformance import sut
from hjp_conformance.collected import collected
from hjp_conformance.known import of_file as known_of_file
from hjp_conformance.known import of_mode as known_of_mode
from hjp_conformance.known import of_table as known_of_table
from hjp_conformance.options import Options, with_options
from hjp_conformance.reports import write
from hjp_conformance.reports.shape import RunReport
from hjp_conformance.selection import Selection, SelectionError
from hjp_conformance.settings import DEADLINE, MODES, Settings
from hjp_conformance.testing import Manner, test, wavering
from hjp_conformance.verdicts import Exit

_CALLABLE = "module:callable"


@with_options
def server(
    url: Annotated[
        str | None, typer.Argument(help="hjp://host:port of a running server.")
    ] = None,
    cmd: Annotated[
        str | None,
        typer.Option(
            help="Start this server; {port} becomes a free port. It is ready when it "
            "takes connections there, or prints a line 'ready hjp://host:port', which "
            "it has to without {port}."
        ),
    ] = None,
    limit: Annotated[
        str | None,
        typer.Option(
            metavar="WORDS",
            help="How the command takes a limit, such as '--limit {name}={value}': "
            "then the cases of time limits run in no time.",
        ),
    ] = None,
    *,
    options: Options,
) -> None:
    """Test a server: one that runs, one to start, or the reference."""
    if url is not None and cmd is not None:
        raise typer.BadParameter("give a URL or --cmd, not both")
    sut.check(cmd, url)
    if limit is not None and (
        cmd is None or not {"{name}", "{value}"} <= _braced(limit)
    ):
        raise typer.BadParameter(
            "--limit needs --cmd, and words with {name} and {value}"
        )
    _finish([_settings(options, "server", url=url, cmd=cmd, limits=limit)], options)


def _braced(words: str) -> set[str]:
    return set(re.findall(r"\{\w*\}", words))


@with_options
def client(
    cmd: Annotated[
        str | None,
        typer.Option(help="The command, which is told what to do by its arguments."),
    ] = None,
    *,
    options: Options,
) -> None:
    """Test a client: a command that is started for each case, or the reference."""
    sut.check(cmd, None)
    _finish([_settings(options, "client", cmd=cmd)], options)


@with_options
def codec(
    function: Annotated[
        str | None,
        typer.Argument(
            metavar=_CALLABLE,
            help="A parser in Python, such as mine:parse for parse in mine.py here.",
        ),
    ] = None,
    cmd: Annotated[
        str | None,
        typer.Option(help="A codec in any language: a line in, a line out."),
    ] = None,
    *,
    options: Options,
) -> None:
    """Test a codec: a command, a callable, or the reference."""
    if function is not None and cmd is not None:
        raise typer.BadParameter(f"give {_CALLABLE} or --cmd, not both")
    if function is not None and ":" not in function:
        raise typer.BadParameter(f"{function!r} is not of the form {_CALLABLE}")
    sut.check(cmd, None)
    _finish([_settings(options, "codec", cmd=cmd, function=function)], options)


@with_options
def run(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Such as sut.toml.")
    ],
    *,
    options: Options,
) -> None:
    """Test all that a file declares: a server, a client, a codec."""
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


def _settings(
    options: Options, mode: str, known: Known | None = None, **target: Any
) -> Settings:
    """What a mode is told: by the command line, by a file, by nobody, in this order."""
    known = known or Known()
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
