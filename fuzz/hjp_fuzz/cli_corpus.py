"""The commands `corpus …`: folders of streams."""

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hjp_fuzz import corpus
from hjp_fuzz.cases import Case
from hjp_fuzz.cli_common import (
    FINDINGS,
    Exit,
    Folder,
    complain,
    console_of,
    replay_command,
    statuses,
)
from hjp_fuzz.cli_inputs import given_file
from hjp_fuzz.cli_targets import (
    ANY_NAME,
    ErrorName,
    IncompleteName,
    IncompleteStatus,
    Memory,
    Patience,
    RejectStatus,
    contract_of,
    limits_of,
)
from hjp_fuzz.corpus import Entry, NoCorpus
from hjp_fuzz.engines import Tally
from hjp_fuzz.failures import Failure
from hjp_fuzz.findings import save
from hjp_fuzz.report import never_reached, reached_table, show_finding
from hjp_fuzz.runner import Report
from hjp_fuzz.smaller import case_of, made_small
from hjp_fuzz.targets import Limits, Target, opened
from hjp_fuzz.workers import Judge, preflight
from hjp_spec.oracle import decode

app = typer.Typer(
    help="Keep streams as files of octets, for this fuzzer and for others.",
    no_args_is_help=True,
)

Dir = Annotated[Path, typer.Argument(metavar="DIR", help="A stream a file.")]


@contextmanager
def _corpora() -> Iterator[None]:
    with statuses():
        try:
            yield
        except NoCorpus as wrong:
            complain(str(wrong), Exit.USAGE)


@app.command()
def write(
    folder: Dir,
    count: Annotated[
        int, typer.Option(min=1, help="From so many streams the files are chosen.")
    ] = 10_000,
    each: Annotated[
        int, typer.Option(min=1, help="Streams for each requirement, at least.")
    ] = 1,
    seed: Annotated[str | None, typer.Option(help="Writes the same again.")] = None,
) -> None:
    """Write few streams that exercise every requirement; those there are kept."""
    began = seed or secrets.token_hex(4)
    with _corpora():
        entries = corpus.written(count, began, each)
        corpus.add(entries, folder)
        console = console_of()
        console.print(f"seed {began}: {len(entries)} of {count} streams kept")
        _show(console, folder, table=False)


@app.command()
def info(folder: Dir) -> None:
    """Tell what is in a corpus: sizes, outcomes, requirements exercised."""
    with _corpora():
        _show(console_of(), folder)


@app.command("import")
def import_(
    folder: Dir,
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|ID…",
            help="Octets: raw, hex, or a dump by xxd; or findings.",
        ),
    ],
    raw: Annotated[
        bool, typer.Option("--raw", help="Take files as octets, whatever they hold.")
    ] = False,
    out: Folder = FINDINGS,
) -> None:
    """Add octets from elsewhere to a corpus, each file as one stream."""
    with _corpora():
        given = [given_file(name, out, raw=raw) for name in what]
        entries = [corpus.entry(one.stream, one.cuts) for one in given]
        new = corpus.add(entries, folder)
        console_of().print(f"{new} new, {len(given) - new} were there already")


@app.command()
def run(
    folder: Dir,
    target: Annotated[str, typer.Argument(metavar="TARGET", help=ANY_NAME)],
    error: ErrorName = None,
    incomplete: IncompleteName = None,
    reject_status: RejectStatus = None,
    incomplete_status: IncompleteStatus = None,
    patience: Patience = None,
    memory: Memory = None,
    out: Folder = FINDINGS,
) -> None:
    """Try every stream of a corpus on a parser, divided in all likely ways."""
    with _corpora():
        entries = corpus.load(folder)
        if not entries:
            complain(f"{folder} holds no streams; see corpus write", Exit.USAGE)
        contract = contract_of(error, incomplete, reject_status, incomplete_status)
        limits = limits_of(patience, memory)
        parser = opened(target, contract, limits)
        preflight(parser, limits)
        raise typer.Exit(_run(console_of(), entries, parser, out, limits))


def _run(
    console: Console, entries: list[Entry], parser: Target, out: Path, limits: Limits
) -> Exit:
    failures = dict(_failing(entries, parser, limits))
    kinds = {failure.key: (one, failure) for one, failure in failures.items()}
    unsteady = 0
    for one, failure in kinds.values():
        found = made_small(parser, _case(one), failure, limits)
        unsteady += found is None
        if found is not None:
            save(found, out)
            show_finding(console, found, replay_command(found, out))
    console.print(
        f"{len(entries)} streams, {len(failures)} fail, "
        f"{len(kinds) - unsteady} findings"
    )
    if unsteady:
        console.print(f"{unsteady} did not fail every time, so no findings")
    return Exit.FINDINGS if len(kinds) > unsteady else Exit.CLEAN


def _failing(
    entries: list[Entry], parser: Target, limits: Limits
) -> Iterator[tuple[Entry, Failure]]:
    with closing(Judge(parser, limits)) as judge:
        for one in entries:
            failure = judge(_case(one))
            if failure is not None:
                yield one, failure


def _case(one: Entry) -> Case:
    """Return a stream in its own division and in all that are likely."""
    likely = case_of(one.stream)
    return replace(likely, cuttings=(one.cuts or (), *likely.cuttings))


def _show(console: Console, folder: Path, *, table: bool = True) -> None:
    entries = corpus.load(folder)
    tally = Tally()
    for one in entries:
        outcome = decode(one.stream)
        tally.streams += 1
        tally.outcomes[outcome.status.value] += 1
        tally.reached.update(one.requirements)
    report = Report(tally)
    if table:
        console.print(reached_table(report))
    sizes = sorted(len(one.stream) for one in entries) or [0]
    outcomes = ", ".join(f"{n} {name}" for name, n in sorted(tally.outcomes.items()))
    console.print(
        f"{len(entries)} files, {sum(sizes):,} octets: from {sizes[0]:,} to "
        f"{sizes[-1]:,}, half of them up to {sizes[len(sizes) // 2]:,}"
    )
    console.print(f"by the specification: {outcomes or 'nothing'}")
    console.print(f"never exercised: {', '.join(never_reached(report)) or 'none'}")
