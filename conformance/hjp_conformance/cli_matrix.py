"""The command `matrix`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from hjp_conformance.completion import pair_ids
from hjp_conformance.options import Expression, Requirements, with_options
from hjp_conformance.outputs import Outputs
from hjp_conformance.selection import Selection


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
    from hjp_conformance.matrix import command
    from hjp_conformance.matrix.parties import parties

    options.check_folders()
    ids, requirements = tuple(case or ()), tuple(requirement or ())
    wanted = command.wanted(Selection(expression, requirements, ids, tier))
    if list_:
        typer.echo("\n".join(map(command.line, wanted)))
        raise typer.Exit
    paths = files or []
    found = parties(paths, reference, deadline)
    words = ["matrix", *map(str, paths), *(["--reference"] if reference else [])]
    pairs = command.pairs(found, client or [], server or [], words, tier)
    raise typer.Exit(command.run(pairs, wanted, workers, options))
