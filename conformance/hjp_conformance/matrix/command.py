"""What the command `matrix` does: choose cases and pairs, play, tell."""

import shlex
import sys
from collections.abc import Sequence

import typer

from hjp_conformance.catalogue import Case
from hjp_conformance.matrix.cases import cases
from hjp_conformance.matrix.console import Progress, told
from hjp_conformance.matrix.markdown import markdown
from hjp_conformance.matrix.page import html
from hjp_conformance.matrix.pair import Pair
from hjp_conformance.matrix.parties import Parties
from hjp_conformance.matrix.play import play
from hjp_conformance.outputs import Outputs
from hjp_conformance.reports import write
from hjp_conformance.reports.summary import counted
from hjp_conformance.selection import Selection, SelectionError
from hjp_conformance.verdicts import Exit


def wanted(selection: Selection) -> list[Case]:
    """The cases that were asked for.

    Raises:
        typer.BadParameter: there are none.
    """
    try:
        return selection.of(cases())
    except SelectionError as error:
        told = str(error).replace(
            "hjp-conformance list", "hjp-conformance matrix --list"
        )
        raise typer.BadParameter(told) from None


def line(case: Case) -> str:
    """A case, as the command lists it."""
    return f"{case.id:<40} {case.title} ({' '.join(case.requirements)})"


def pairs(
    found: Parties,
    clients: Sequence[str],
    servers: Sequence[str],
    words: Sequence[str],
    tier: str,
) -> list[Pair]:
    """Each client with each server.

    Args:
        found: who there is.
        clients: the names of those that were asked for; none for all.
        servers: the same.
        words: of the command, by which a pair is tested again.
        tier: of the cases.

    Raises:
        typer.BadParameter: one is not there, or none.
    """
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


def run(
    pairs: Sequence[Pair], wanted: Sequence[Case], workers: int, options: Outputs
) -> int:
    """Play the cases, tell and write what came of it.

    Returns:
        The exit status.
    """
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
    return report["exit"]
