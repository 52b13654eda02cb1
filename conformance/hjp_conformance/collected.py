"""The cases as data: without a target to run them on, and without pytest's collecting."""

import traceback
from collections.abc import Iterator
from functools import cache

import typer

from hjp_conformance.catalogue import AREAS, Case
from hjp_conformance.settings import MODES
from hjp_conformance.verdicts import Exit
from hjp_conformance.written import cases_of_files, check_apart


def collected(modes: tuple[str, ...] = MODES) -> list[Case]:
    """All cases of these modes.

    Raises:
        typer.Exit: they cannot be read, which is told.
    """
    return [case for mode in modes for case in cases_of(mode)]


@cache
def cases_of(mode: str) -> tuple[Case, ...]:
    """All cases of a mode, in the order of the text: that in which they are run.

    Raises:
        typer.Exit: they cannot be read, which is told.
    """
    order = list(AREAS)
    try:
        cases = sorted(_unordered(mode), key=lambda case: order.index(case.area))
        check_apart(cases)
    except Exception as error:  # whatever may be wrong in a file of cases
        typer.echo("".join(traceback.format_exception(error)), err=True)
        raise typer.Exit(Exit.HARNESS) from None
    return tuple(cases)


def _unordered(mode: str) -> Iterator[Case]:
    if mode != "codec":
        return cases_of_files(mode)
    from hjp_conformance.codec.cases import as_cases  # thousands, in many files

    return as_cases()
