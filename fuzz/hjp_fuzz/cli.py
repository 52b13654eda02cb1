"""The command `hjp-fuzz`."""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version as installed
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from hjp_fuzz.cli_common import (
    FINDINGS,
    Exit,
    Folder,
    console_of,
    replay_command,
    say,
    seconds,
    statuses,
    write,
)
from hjp_fuzz.cli_corpus import app as corpus
from hjp_fuzz.cli_export import export
from hjp_fuzz.cli_grid import MOST, grid_as_json, grid_progress, show_grid
from hjp_fuzz.cli_init import init
from hjp_fuzz.cli_inputs import Given, given_file, given_hex, target_of
from hjp_fuzz.cli_report import (
    JsonFile,
    JunitFile,
    MarkdownFile,
    report,
    speaker,
    write_reports,
)
from hjp_fuzz.cli_session import session
from hjp_fuzz.cli_shrink import shrink
from hjp_fuzz.cli_targets import (
    ANY_NAME,
    NAME,
    NO_TARGET,
    Cmd,
    DialectName,
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
from hjp_fuzz.engines import ENGINES, Plan, check
from hjp_fuzz.findings import Trial, finding, save
from hjp_fuzz.fleet import ENVIRONMENT
from hjp_fuzz.fleet_store import joined
from hjp_fuzz.grid import Comparison
from hjp_fuzz.report import progress, show_finding, show_summary
from hjp_fuzz.runner import Campaign
from hjp_fuzz.runs import now, run_of
from hjp_fuzz.targets import Limits, Target, TargetError, opened
from hjp_fuzz.workers import Judge, preflight

ONE_JOB = "a server that runs already takes one job, for the sake of who is to blame"

NO_FLEET = "--redis shares streams of HJP, not of a dialect"

app = typer.Typer(
    help="Find what a parser of HJP frames, or a server, gets wrong.",
    epilog="Exit status: 0 nothing found, 1 findings, 2 usage, 3 the target cannot be "
    "run, 4 a fault of the fuzzer, 130 Ctrl-C.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

TargetName = Annotated[
    str | None,
    typer.Argument(metavar=NAME, help="A parser in Python, or a factory."),
]


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
    dialect: DialectName = None,
    patience: Patience = None,
    memory: Memory = None,
    out: Folder = FINDINGS,
    redis: Annotated[
        str,
        typer.Option(
            envvar=ENVIRONMENT,
            help="Share with other runs, by a server such as redis://127.0.0.1:6379.",
        ),
    ] = "",
    cache: Annotated[
        str | None,
        typer.Option(help="Where the engine atheris keeps its inputs between runs."),
    ] = None,
    as_json_to: JsonFile = None,
    junit_to: JunitFile = None,
    markdown_to: MarkdownFile = None,
) -> None:
    """Try streams of frames, right and wrong, on a parser or a server."""
    if engine not in ENGINES:
        raise typer.BadParameter(f"the engines are {' and '.join(ENGINES)}")
    limit = seconds(time) if time else None if count else 10.0
    first = seed or secrets.token_hex(4)
    with statuses(), TemporaryDirectory(prefix="hjp-fuzz-") as scratch:
        name = named(target, cmd, spawn, server, server_cmd)
        if name is None:
            raise typer.BadParameter(NO_TARGET)
        if name.startswith("server:hjp://") and jobs > 1:
            raise typer.BadParameter(ONE_JOB)
        if redis and dialect:
            raise typer.BadParameter(NO_FLEET)
        contract = contract_of(
            error, incomplete, reject_status, incomplete_status, dialect
        )
        limits = limits_of(patience, memory)
        parser = opened(name, contract, limits)
        check(engine, parser)
        plan = Plan(
            parser, first, engine, cuts, limit, count, bool(redis), cache or scratch
        )
        began, console = now(), speaker(as_json_to, junit_to, markdown_to)
        with joined(redis, parser.name, say) as fleet:
            campaign = Campaign(plan, jobs, limits, fleet)
            status = _run(campaign, plan, out, console)
        over = run_of(plan, campaign.report, began)
        write_reports(over, as_json_to, junit_to, markdown_to)
        raise typer.Exit(status)


def _run(campaign: Campaign, plan: Plan, out: Path, console: Console) -> Exit:
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
    return status or (Exit.FINDINGS if campaign.report.findings else Exit.CLEAN)


def _watch(campaign: Campaign, console: Console, out: Path) -> None:
    with _live(console, lambda: progress(campaign.report)) as refresh:
        for found in campaign.run():
            if found is not None:
                save(found, out)
                show_finding(console, found, replay_command(found, out))
            refresh()


@contextmanager
def _live(console: Console, line: Callable[[], str]) -> Iterator[Callable[[], None]]:
    """Show a line that changes, on a terminal; nothing where output is piped."""
    if not console.is_terminal:
        yield lambda: None
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield lambda: live.update(Text(line()), refresh=True)


@app.command()
def replay(
    what: Annotated[
        str | None,
        typer.Argument(metavar="ID|FILE", help="A finding, or a file of octets."),
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
    dialect: DialectName = None,
    patience: Patience = None,
    memory: Memory = None,
    out: Folder = FINDINGS,
) -> None:
    """Try a finding again: FIXED, FAILED, or ERROR if the target cannot be run."""
    with statuses():
        if octets:  # there is no finding, so the first argument is the target
            given, target = given_hex(octets, cuts), target or what
        elif what is None:
            raise typer.BadParameter("a finding, or --hex, is needed")
        else:
            given = given_file(what, out)
        name = named(target, cmd, spawn, server, server_cmd)
        said = (error, incomplete, reject_status, incomplete_status, dialect)
        parser, limits = target_of(given, name, said, patience, memory)
        raise typer.Exit(_replay(console_of(), given, parser, limits))


def _replay(console: Console, given: Given, parser: Target, limits: Limits) -> Exit:
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


@app.command()
def grid(
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="TARGET…",
            help=ANY_NAME,
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
    as_json_to: JsonFile = None,
) -> None:
    """Give the same streams to several targets, and tell who disagrees with whom."""
    if len(targets) > MOST:
        raise typer.BadParameter(f"at most {MOST} targets")
    limit = seconds(time) if time else None if count else 10.0
    began = seed or secrets.token_hex(4)
    console = speaker(as_json_to)
    with statuses():
        contract = contract_of(error, incomplete, reject_status, incomplete_status)
        limits = limits_of(patience, memory)
        opened_ones = [opened(name, contract, limits) for name in targets]
        comparison = Comparison(opened_ones, began, limits, count, limit)
        console.print(f"hjp-fuzz grid  seed {began}")
        raise typer.Exit(_grid(comparison, console, began, as_json_to))


def _grid(
    comparison: Comparison, console: Console, seed: str, file: Path | None
) -> Exit:
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
    if file is not None:
        write(file, json.dumps(grid_as_json(found, seed), indent=1) + "\n")
    return status or (Exit.FINDINGS if found.differs else Exit.CLEAN)


for command in (session, shrink, export, report, init):
    app.command()(command)
app.add_typer(corpus, name="corpus")


def main() -> None:
    """Run the command."""
    app(prog_name="hjp-fuzz")
