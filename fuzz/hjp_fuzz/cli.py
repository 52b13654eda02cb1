"""The command `hjp-fuzz`."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version as installed
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from hjp_fuzz.cases import Case, Cuts
from hjp_fuzz.checks import Failure
from hjp_fuzz.cli_common import (
    FINDINGS,
    PATIENCE,
    ErrorName,
    Exit,
    Folder,
    IncompleteName,
    Patience,
    TargetName,
    console_of,
    replay_command,
    seconds,
    statuses,
)
from hjp_fuzz.cli_corpus import app as corpus
from hjp_fuzz.cli_export import export
from hjp_fuzz.cli_init import init
from hjp_fuzz.cli_report import (
    JsonFile,
    JunitFile,
    MarkdownFile,
    report,
    speaker,
    write_reports,
)
from hjp_fuzz.cli_shrink import shrink
from hjp_fuzz.engines import ENGINES, Plan
from hjp_fuzz.findings import finding, read, save
from hjp_fuzz.report import progress, show_finding, show_summary
from hjp_fuzz.runner import Campaign
from hjp_fuzz.runs import now, run_of
from hjp_fuzz.targets import Target, TargetError, load
from hjp_fuzz.workers import Judge

app = typer.Typer(
    help="Find what a parser of HJP frames gets wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


app.command()(shrink)
app.command()(export)
app.command()(init)
app.command()(report)
app.add_typer(corpus, name="corpus")


@app.callback(invoke_without_command=True)
def _common(
    version: Annotated[bool, typer.Option("--version", help="Show it.")] = False,
) -> None:
    if version:
        print(f"hjp-fuzz {installed('hjp')}")
        raise typer.Exit


@app.command()
def run(
    target: TargetName,
    time: Annotated[
        str | None, typer.Option(help="For how long [default: 10s, without --count].")
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
    error: ErrorName = "",
    incomplete: IncompleteName = "",
    out: Folder = FINDINGS,
    patience: Patience = PATIENCE,
    as_json_to: JsonFile = None,
    junit_to: JunitFile = None,
    markdown_to: MarkdownFile = None,
) -> None:
    """Try streams of frames, right and wrong, on a parser."""
    if engine not in ENGINES:
        raise typer.BadParameter(f"the engines are {' and '.join(ENGINES)}")
    limit = seconds(time) if time else None if count else 10.0
    with statuses():
        parser = load(target, error, incomplete)
        plan = Plan(parser, seed or secrets.token_hex(4), engine, cuts, limit, count)
        began, console = now(), speaker(as_json_to, junit_to, markdown_to)
        campaign = Campaign(plan, jobs, patience)
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
    show_summary(console, campaign.report)
    return status or (Exit.FINDINGS if campaign.report.findings else Exit.CLEAN)


def _watch(campaign: Campaign, console: Console, out: Path) -> None:
    with _live(console, campaign) as refresh:
        for found in campaign.run():
            if found is not None:
                save(found, out)
                show_finding(console, found, replay_command(found, out))
            refresh()


@contextmanager
def _live(console: Console, campaign: Campaign) -> Iterator[Callable[[], None]]:
    """Show a line that changes, on a terminal; nothing where output is piped."""
    if not console.is_terminal:
        yield lambda: None
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield lambda: live.update(Text(progress(campaign.report)), refresh=True)


@app.command()
def replay(
    what: Annotated[
        str | None, typer.Argument(metavar="ID|FILE", help="A finding.")
    ] = None,
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="MODULE:CALLABLE", help="Another parser than the finding's."
        ),
    ] = None,
    octets: Annotated[
        str, typer.Option("--hex", help="Octets to try in place of a finding.")
    ] = "",
    cuts: Annotated[
        str, typer.Option(help="Where reads end, such as 4,16; with --hex.")
    ] = "",
    error: ErrorName = "",
    incomplete: IncompleteName = "",
    out: Folder = FINDINGS,
    patience: Patience = PATIENCE,
) -> None:
    """Try a finding again: FIXED, FAILED, or ERROR if the parser cannot be run."""
    console = console_of()
    with statuses():
        if octets:
            trial = _given(octets, cuts, target or what, error, incomplete)
        else:
            trial = _kept(what, target, error, incomplete, out)
        raise typer.Exit(_replay(console, *trial, patience))


def _replay(
    console: Console, name: str, case: Case, parser: Target, patience: float
) -> Exit:
    try:
        with closing(Judge(parser, patience, quiet=False)) as judge:
            failure = judge(case)
    except TargetError as reason:
        console.print(Text(f"ERROR  {name}: {reason}", style="bold yellow"))
        return Exit.TESTEE
    _show_verdict(console, name, failure, case, parser)
    return Exit.FINDINGS if failure else Exit.CLEAN


def _show_verdict(
    console: Console, name: str, failure: Failure | None, case: Case, parser: Target
) -> None:
    if failure is None:
        console.print(Text(f"FIXED  {name}: no check fails", style="bold green"))
        return
    console.print(Text(f"FAILED  {name}: {failure.check}", style="bold red"))
    show_finding(console, finding(parser, failure, case, len(case.stream), 1, ""))


def _given(
    octets: str, cuts: str, target: str | None, error: str, incomplete: str
) -> tuple[str, Case, Target]:
    if target is None:
        raise typer.BadParameter("--hex needs MODULE:CALLABLE")
    try:
        stream = bytes.fromhex(octets)
        places: Cuts = tuple(sorted({int(cut) for cut in cuts.split(",") if cut}))
    except ValueError as reason:
        raise typer.BadParameter(str(reason)) from None
    if any(not 0 < cut < len(stream) for cut in places):
        raise typer.BadParameter("cuts lie inside the octets")
    return "octets", Case((), stream, (places,)), load(target, error, incomplete)


def _kept(
    what: str | None, target: str | None, error: str, incomplete: str, out: Path
) -> tuple[str, Case, Target]:
    if what is None:
        raise typer.BadParameter("a finding, or --hex, is needed")
    found = read(what, out)
    parser = load(
        target or found.target, error or found.error, incomplete or found.incomplete
    )
    return found.id, found.case, parser


def main() -> None:
    """Run the command."""
    app(prog_name="hjp-fuzz")
