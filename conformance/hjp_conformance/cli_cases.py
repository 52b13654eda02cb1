"""The commands that look at cases: `list`, `explain`, `coverage`."""

import json
import shutil
import sys
from collections.abc import Iterable
from typing import Annotated, Literal

import typer

from hjp_conformance.catalogue import Case, expected_of, gaps, ledger
from hjp_conformance.collected import collected
from hjp_conformance.completion import names
from hjp_conformance.options import TIER_HELP, Expression, Requirements, Tier
from hjp_conformance.reports.summary import counted
from hjp_conformance.selection import Selection, SelectionError
from hjp_conformance.settings import MODES
from hjp_conformance.verdicts import Exit

Mode = Annotated[
    Literal["server", "client", "codec"] | None,
    typer.Argument(help="Only the cases of this mode."),
]
OfTier = Annotated[Tier, typer.Option(help=TIER_HELP)]


def list_(
    mode: Mode = None,
    expression: Expression = "",
    requirement: Requirements = None,
    tier: OfTier = "soak",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the cases, one a line: ids, levels, requirements, titles."""
    selection = Selection(expression, tuple(requirement or ()), tier=tier)
    cases = _wanted(selection, (mode,) if mode else MODES)
    if as_json:
        from hjp_conformance import explanation

        typer.echo(json.dumps([explanation.as_json(case) for case in cases], indent=1))
        return
    _print(
        f"{case.id}  {case.level} {' '.join(case.requirements)}  {case.title}"
        for case in cases
    )
    typer.echo(counted(len(cases), "case", "cases"), err=True)


def _wanted(selection: Selection, modes: tuple[str, ...]) -> list[Case]:
    try:
        return selection.of(collected(modes))
    except SelectionError as error:
        raise typer.BadParameter(str(error)) from None


def _print(rows: Iterable[str]) -> None:
    """Rows, cut to a terminal's width; whole where a program or a file reads them."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for row in rows:
        is_cut = width is not None and len(row) > width
        typer.echo(f"{row[: width - 1]}…" if is_cut and width else row)


def explain(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="Of a case, or of a requirement, such as HJP-MSG-2 or MSG-2.",
            autocompletion=names,
        ),
    ],
) -> None:
    """Say what a case sends and accepts, or which cases a requirement has."""
    from hjp_conformance import explanation
    from hjp_conformance.matrix.cases import cases as pair_cases

    try:
        typer.echo(explanation.of(name, [*collected(), *pair_cases()]))
    except SelectionError as error:
        raise typer.BadParameter(str(error)) from None


def coverage(
    mode: Mode = None,
    expression: Expression = "",
    requirement: Requirements = None,
    tier: OfTier = "soak",
) -> None:
    """List the requirements of each mode with their cases; fail if one has none.

    With -k only those that a case with these words cites, with --requirement only
    these; then no other is missed.
    """
    from hjp_conformance import explanation

    selection = Selection(expression, tuple(requirement or ()), tier=tier)
    modes = (mode,) if mode else MODES
    wanted = _wanted(selection, modes)
    wrong: list[str] = []
    for one in modes:
        found = ledger((case for case in wanted if case.mode == one), one)
        shown = [it for it in expected_of(one) if _is_shown(it.id, found, selection)]
        if shown:
            typer.echo(f"{one}:")
            _print(explanation.of_ledger(found, shown, one))
        wrong += [] if selection.is_narrow else gaps(found, one)
    for line in wrong:
        typer.echo(line, err=True)
    raise typer.Exit(Exit.FAILURES if wrong else Exit.CONFORMANT)


def _is_shown(id_: str, found: dict[str, list[str]], selection: Selection) -> bool:
    if selection.requirements:
        return id_ in selection.cited
    return not selection.expression or bool(found[id_])
