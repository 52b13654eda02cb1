"""The cases, without a target to run them on."""

import typer

from hjp_conformance.catalogue import Case
from hjp_conformance.run import Run, run_pytest
from hjp_conformance.settings import MODES, Settings
from hjp_conformance.verdicts import Exit


def collected(modes: tuple[str, ...] = MODES) -> list[Case]:
    """All cases of these modes, in the order of the text.

    Raises:
        typer.Exit: they cannot be read, which is told.
    """
    cases: list[Case] = []
    for mode in modes:
        run = Run(Settings(mode=mode, tier="soak"))
        status = run_pytest(run, ["--collect-only"])
        if status is not Exit.CONFORMANT:
            typer.echo("\n".join(run.trouble), err=True)
            raise typer.Exit(status)
        cases += run.cases
    return cases
