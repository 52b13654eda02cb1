"""The command `mutants`: what proves that the suite catches what it claims."""

from typing import Annotated, Literal

import typer

from hjp_conformance.settings import MODES


def command(
    mode: Annotated[
        Literal["server", "client", "codec"] | None,
        typer.Argument(help="Only those of this mode."),
    ] = None,
    select: Annotated[
        str,
        typer.Option("-k", metavar="TEXT", help="Only with this in the name or id."),
    ] = "",
    idle: Annotated[
        bool,
        typer.Option(
            "--idle", help="Name instead the cases that no broken endpoint fails."
        ),
    ] = False,
    workers: Annotated[int, typer.Option("-n", min=1, help="So many at a time.")] = 1,
) -> None:
    """Try the suite on endpoints broken in one requirement each, and on odd ones.

    A broken one has to be caught by a case that is about what it breaks; an odd but
    correct one has to pass. Takes minutes.
    """
    from hjp_conformance.mutants import trials

    modes = (mode,) if mode else MODES
    if idle:
        raise typer.Exit(trials.tell_idle(modes, workers))
    raise typer.Exit(trials.tell(modes, select, workers))
