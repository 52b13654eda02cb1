"""The command `hjp-fuzz`."""

import json
import re
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import IntEnum
from importlib.metadata import version as installed
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from hjp_fuzz.cases import Case, Cuts
from hjp_fuzz.cli_grid import MOST, grid_as_json, grid_progress, show_grid
from hjp_fuzz.cli_targets import (
    NAME,
    Cmd,
    ErrorName,
    IncompleteName,
    IncompleteStatus,
    Memory,
    Patience,
    RejectStatus,
    Server,
    ServerCmd,
    Spawn,
    contract_of,
    limits_of,
    named,
)
from hjp_fuzz.engines import ENGINES, Plan
from hjp_fuzz.findings import Finding, NoFinding, Trial, finding, read, save
from hjp_fuzz.grid import Comparison
from hjp_fuzz.report import progress, show_finding, show_summary, summary
from hjp_fuzz.runner import Campaign
from hjp_fuzz.targets import (
    LIMITS,
    Contract,
    Limits,
    NotFound,
    Target,
    TargetError,
    opened,
)
from hjp_fuzz.workers import Judge, preflight

NO_TARGET = f"{NAME}, --cmd, --spawn, --server or --server-cmd is needed"
ONE_JOB = "a server that runs already takes one job, for the sake of who is to blame"
FINDINGS = Path("hjp-fuzz-findings")


class Exit(IntEnum):
    """What the exit status means."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    TESTEE = 3
    OURS = 4
    INTERRUPTED = 130


app = typer.Typer(
    help="Find what a parser of HJP frames, or a server, gets wrong.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

TargetName = Annotated[
    str | None,
    typer.Argument(metavar=NAME, help="A parser in Python, or a factory."),
]
Folder = Annotated[Path, typer.Option("--out", help="Where findings are kept.")]


def seconds(text: str) -> float:
    """Read a time such as 10s, 500ms, 2m or 1h; a bare number is in seconds."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)?", text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is no time such as 10s or 2m")
    return float(found[1]) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[found[2] or "s"]


@app.callback(invoke_without_command=True)
def _common(
    version: Annotated[bool, typer.Option("--version", help="Show it.")] = False,
) -> None:
    if version:
        print(f"hjp-fuzz {installed('hjp')}")
        raise typer.Exit


@app.command()
def run(
    target: TargetName = None,
    cmd: Cmd = "",
    spawn: Spawn = "",
    server: Server = "",
    server_cmd: ServerCmd = "",
    time: Annotated[
        str | None, typer.Option(help="For how long (default: 10s, without --count).")
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=1, help="How many streams to try.")
    ] = None,
    seed: Annotated[str | None, typer.Option(help="Repeats an earlier run.")] = None,
    engine: Annotated[str, typer.Option(help=" or ".join(ENGINES))] = "random",
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    cuts: Annotated[
        int,
        typer.Option(
            min=1, help="Divisions of each stream; with 2 or more also every octet."
        ),
    ] = 1,
    error: ErrorName = None,
    incomplete: IncompleteName = None,
    reject_status: RejectStatus = None,
    incomplete_status: IncompleteStatus = None,
    patience: Patience = None,
    memory: Memory = None,
    out: Folder = FINDINGS,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Try streams of frames, right and wrong, on a parser or a server."""
    if engine not in ENGINES:
        raise typer.BadParameter(f"the engines are {' and '.join(ENGINES)}")
    limit = seconds(time) if time else None if count else 10.0
    began = seed or secrets.token_hex(4)
    with _statuses():
        name = named(target, cmd, spawn, server, server_cmd)
        if name is None:
            raise typer.BadParameter(NO_TARGET)
        if name.startswith("server:hjp://") and jobs > 1:
            raise typer.BadParameter(ONE_JOB)
        contract = contract_of(error, incomplete, reject_status, incomplete_status)
        limits = limits_of(patience, memory)
        plan = Plan(opened(name, contract, limits), began, engine, cuts, limit, count)
        raise typer.Exit(_run(Campaign(plan, jobs, limits), plan, out, as_json))


def _run(campaign: Campaign, plan: Plan, out: Path, as_json: bool) -> Exit:
    console = _console(as_json)
    title = f"hjp-fuzz {plan.target.name}  engine {plan.engine}  seed {plan.seed}"
    status = Exit.CLEAN
    try:
        console.print(title)
        _watch(campaign, console, out)
    except KeyboardInterrupt:
        status = Exit.INTERRUPTED
    except TargetError as gone:
        if not campaign.report.findings:
            raise
        console.print(Text(f"the run ended early: {gone}", style="bold yellow"))
    show_summary(console, campaign.report)
    if as_json:
        print(json.dumps(summary(campaign.report, plan.seed), indent=1))
    return status or (Exit.FINDINGS if campaign.report.findings else Exit.CLEAN)


def _console(as_json: bool = False) -> Console:
    """Return where people read; with `--json` that is not where programs do."""
    wraps = sys.stdout.isatty()
    return Console(stderr=as_json, soft_wrap=not wraps, highlight=False)


def _watch(campaign: Campaign, console: Console, out: Path) -> None:
    with _live(console, lambda: progress(campaign.report)) as refresh:
        for found in campaign.run():
            if found is not None:
                save(found, out)
                show_finding(console, found, _replay_command(found, out))
            refresh()


@contextmanager
def _live(console: Console, line: Callable[[], str]) -> Iterator[Callable[[], None]]:
    """Show a line that changes, on a terminal; nothing where output is piped."""
    if not console.is_terminal:
        yield lambda: None
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield lambda: live.update(Text(line()), refresh=True)


def _replay_command(found: Finding, out: Path) -> str:
    where = "" if out == FINDINGS else f" --out {out}"
    return f"hjp-fuzz replay {found.id}{where}"


@app.command()
def replay(
    what: Annotated[
        str | None, typer.Argument(metavar="ID|FILE", help="A finding.")
    ] = None,
    target: Annotated[
        str | None,
        typer.Argument(metavar=NAME, help="Another target than the finding's."),
    ] = None,
    cmd: Cmd = "",
    spawn: Spawn = "",
    server: Server = "",
    server_cmd: ServerCmd = "",
    octets: Annotated[
        str, typer.Option("--hex", help="Octets to try in place of a finding.")
    ] = "",
    cuts: Annotated[
        str, typer.Option(help="Where reads end, such as 4,16; with --hex.")
    ] = "",
    error: ErrorName = None,
    incomplete: IncompleteName = None,
    reject_status: RejectStatus = None,
    incomplete_status: IncompleteStatus = None,
    patience: Patience = None,
    memory: Memory = None,
    out: Folder = FINDINGS,
) -> None:
    """Try a finding again: FIXED, FAILED, or ERROR if the target cannot be run."""
    console = _console()
    with _statuses():
        if octets:  # there is no finding, so the first argument is the target
            target, what = target or what, None
            given = _given(octets, cuts)
        else:
            given = _kept(what, out)
        other = named(target, cmd, spawn, server, server_cmd)
        if other is None and given.target is None:
            raise typer.BadParameter(NO_TARGET)
        again = other is None or other == given.target
        contract = contract_of(
            error,
            incomplete,
            reject_status,
            incomplete_status,
            given.contract if again else None,
        )
        limits = limits_of(patience, memory, given.limits)
        parser = opened(other or given.target or "", contract, limits)
        raise typer.Exit(_replay(console, given, parser, limits))


@dataclass(frozen=True, slots=True)
class _Given:
    """What is to be tried again, and on what it was tried before."""

    name: str
    case: Case
    target: str | None = None
    contract: Contract | None = None
    limits: Limits = LIMITS


def _replay(console: Console, given: _Given, parser: Target, limits: Limits) -> Exit:
    try:
        preflight(parser, limits)
        with closing(Judge(parser, limits, quiet=False)) as judge:
            failure = judge(given.case)
    except TargetError as reason:
        console.print(Text(f"ERROR  {given.name}: {reason}", style="bold yellow"))
        return Exit.TESTEE
    if failure is None:
        message = f"FIXED  {given.name}: no check fails"
        console.print(Text(message, style="bold green"))
        return Exit.CLEAN
    console.print(Text(f"FAILED  {given.name}: {failure.check}", style="bold red"))
    trial = Trial(len(given.case.stream))
    show_finding(console, finding(parser, failure, given.case, limits, trial))
    return Exit.FINDINGS


def _given(octets: str, cuts: str) -> _Given:
    try:
        stream = bytes.fromhex(octets)
        places: Cuts = tuple(sorted({int(cut) for cut in cuts.split(",") if cut}))
    except ValueError as reason:
        raise typer.BadParameter(str(reason)) from None
    if any(not 0 < cut < len(stream) for cut in places):
        raise typer.BadParameter("cuts lie inside the octets")
    return _Given("octets", Case((), stream, (places,)))


def _kept(what: str | None, out: Path) -> _Given:
    if what is None:
        raise typer.BadParameter("a finding, or --hex, is needed")
    found = read(what, out)
    return _Given(found.id, found.case, found.target, found.contract, found.limits)


@app.command()
def grid(
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="TARGET…",
            help=f"{NAME}, cmd:COMMAND, spawn:COMMAND, server:hjp://HOST:PORT "
            "or server:COMMAND with {port}.",
        ),
    ],
    time: Annotated[
        str | None, typer.Option(help="For how long (default: 10s, without --count).")
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=1, help="How many streams to try.")
    ] = None,
    seed: Annotated[str | None, typer.Option(help="Repeats an earlier run.")] = None,
    error: ErrorName = None,
    incomplete: IncompleteName = None,
    reject_status: RejectStatus = None,
    incomplete_status: IncompleteStatus = None,
    patience: Patience = None,
    memory: Memory = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Give the same streams to several targets, and tell who disagrees with whom."""
    if len(targets) > MOST:
        raise typer.BadParameter(f"at most {MOST} targets")
    limit = seconds(time) if time else None if count else 10.0
    began = seed or secrets.token_hex(4)
    console = _console(as_json)
    with _statuses():
        contract = contract_of(error, incomplete, reject_status, incomplete_status)
        limits = limits_of(patience, memory)
        opened_ones = [opened(name, contract, limits) for name in targets]
        comparison = Comparison(opened_ones, began, limits, count, limit)
        console.print(f"hjp-fuzz grid  seed {began}")
        raise typer.Exit(_grid(comparison, console, began if as_json else None))


def _grid(comparison: Comparison, console: Console, seed: str | None) -> Exit:
    status, found = Exit.CLEAN, comparison.grid

    def line() -> str:
        return grid_progress(found)

    try:
        with closing(comparison.run()) as steps, _live(console, line) as refresh:
            for _ in steps:
                refresh()
    except KeyboardInterrupt:
        status = Exit.INTERRUPTED
    show_grid(console, found)
    if seed is not None:
        print(json.dumps(grid_as_json(found, seed), indent=1))
    return status or (Exit.FINDINGS if found.differs else Exit.CLEAN)


@contextmanager
def _statuses() -> Iterator[None]:
    """Turn what goes wrong into a line and an exit status, never a traceback."""
    try:
        yield
    except (typer.Exit, typer.BadParameter):
        raise
    except (NotFound, NoFinding) as wrong:
        _complain(str(wrong), Exit.USAGE)
    except TargetError as broken:
        _complain(str(broken), Exit.TESTEE)
    except KeyboardInterrupt:
        _complain("interrupted", Exit.INTERRUPTED)
    except Exception as ours:
        what = f"a fault of hjp-fuzz itself: {type(ours).__name__}: {ours}"
        _complain(what, Exit.OURS)


def _complain(message: str, status: Exit) -> NoReturn:
    print(f"hjp-fuzz: {message}", file=sys.stderr)
    raise typer.Exit(status)


def main() -> None:
    """Run the command."""
    app(prog_name="hjp-fuzz")
