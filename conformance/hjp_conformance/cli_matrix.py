"""The command `matrix`."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from hjp_conformance.catalogue import Case
from hjp_conformance.completion import pair_ids
from hjp_conformance.matrix.cases import cases
from hjp_conformance.matrix.console import Progress, told
from hjp_conformance.matrix.markdown import markdown
from hjp_conformance.matrix.page import html
from hjp_conformance.matrix.pair import Pair
from hjp_conformance.matrix.parties import Parties, parties
from hjp_conformance.matrix.play import play
from hjp_conformance.options import Expression, Requirements, with_options
from hjp_conformance.outputs import Outputs
from hjp_conformance.reports import write
from hjp_conformance.reports.summary import counted
from hjp_conformance.selection import Selection, SelectionError
from hjp_conformance.verdicts import Exit


@with_options
def matrix(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="Such as sut.toml: each has a client, a server, or both. "
            "Without one: the reference with itself.",
        ),
    ] = None,
    reference: Annotated[
        bool, typer.Option("--reference", help="The reference takes part, too.")
    ] = False,
    client: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this client.")
    ] = None,
    server: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this server.")
    ] = None,
    expression: Expression = "",
    requirement: Requirements = None,
    case: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help="Only this case; may be given several times.",
            autocompletion=pair_ids,
        ),
    ] = None,
    tier: Annotated[
        Literal["smoke", "core"],
        typer.Option(help="smoke: a case a requirement; core: all."),
    ] = "core",
    deadline: Annotated[
        float, typer.Option(min=0.1, help="Seconds a client may take for a case.")
    ] = 10.0,
    workers: Annotated[int, typer.Option("-n", min=1, help="Pairs at a time.")] = 1,
    list_: Annotated[
        bool, typer.Option("--list", help="Print the cases, and run none.")
    ] = False,
    *,
    options: Outputs,
) -> None:
    """Test every client against every server, as their users would have it."""
    options.check_folders()
    ids, requirements = tuple(case or ()), tuple(requirement or ())
    wanted = _wanted(Selection(expression, requirements, ids, tier))
    if list_:
        typer.echo("\n".join(map(_line, wanted)))
        raise typer.Exit
    found = parties(files or [], reference, deadline)
    pairs = _pairs(
        found, client or [], server or [], _words(files or [], reference), tier
    )
    color = sys.stdout.isatty()
    typer.echo(
        f"HJP/1: {counted(len(pairs), 'pair', 'pairs')} of a client and a server, "
        f"{counted(len(wanted), 'case', 'cases')} each\n"
    )
    progress = Progress(sys.stdout, color=color, total=len(pairs))
    with options.around():
        runs, is_over = play(pairs, wanted, workers, progress)
        report = write.report(runs, Exit.INTERRUPTED if is_over else Exit.CONFORMANT)
        if runs:
            typer.echo(told(report, color=color))
    if runs:
        options.write(report, html=html, markdown=markdown)
    raise typer.Exit(report["exit"])


def _wanted(selection: Selection) -> list[Case]:
    try:
        return selection.of(cases())
    except SelectionError as error:
        told = str(error).replace(
            "hjp-conformance list", "hjp-conformance matrix --list"
        )
        raise typer.BadParameter(told) from None


def _words(files: Sequence[Path], reference: bool) -> list[str]:
    return ["matrix", *map(str, files), *(["--reference"] if reference else [])]


def _pairs(
    found: Parties,
    clients: Sequence[str],
    servers: Sequence[str],
    words: Sequence[str],
    tier: str,
) -> list[Pair]:
    for side, names, every in (
        ("client", clients, [one.name for one in found.clients]),
        ("server", servers, [one.name for one in found.servers]),
    ):
        if not every:
            raise typer.BadParameter(f"no file declares a {side}; --reference has one")
        for name in names:
            if name not in every:
                raise typer.BadParameter(
                    f"no {side} is named {name}: {', '.join(every)}"
                )
    return [
        Pair(
            one,
            two,
            shlex.join([*words, "--client", one.name, "--server", two.name]),
            tier,
        )
        for one in found.clients
        if not clients or one.name in clients
        for two in found.servers
        if not servers or two.name in servers
    ]


def _line(case: Case) -> str:
    return f"{case.id:<40} {case.title} ({' '.join(case.requirements)})"
