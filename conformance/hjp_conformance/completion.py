"""What a shell offers where an id is wanted: see `--install-completion`."""

from collections.abc import Iterable

import typer

from hjp_conformance.settings import MODES
from hjp_spec.requirements import REQUIREMENTS


def requirement_ids(incomplete: str) -> list[str]:
    """The requirements, with or without `HJP-`, as one has begun to write them."""
    ids = [id_ for id_, one in REQUIREMENTS.items() if not one.withdrawn]
    short = [id_.removeprefix("HJP-") for id_ in ids]
    return _beginning(incomplete.upper(), ids) or _beginning(incomplete.upper(), short)


def case_ids(context: typer.Context, incomplete: str) -> list[str]:
    """The cases: of the mode that the command tests, or that the word begins with."""
    from hjp_conformance.collected import collected  # it takes its time

    begun = incomplete.partition("-")[0]
    name = context.info_name if context.info_name in MODES else begun
    modes = [mode for mode in MODES if mode == name]
    return _beginning(incomplete, (one.id for one in collected((*modes,) or MODES)))


def pair_ids(incomplete: str) -> list[str]:
    """The cases of `matrix`."""
    from hjp_conformance.matrix.cases import cases

    return _beginning(incomplete, (one.id for one in cases()))


def names(context: typer.Context, incomplete: str) -> list[str]:
    """Cases and requirements."""
    if incomplete[:1].isupper():
        return requirement_ids(incomplete)
    return case_ids(context, incomplete)


def ids_of_report(context: typer.Context, incomplete: str) -> list[str]:
    """The cases of the report that `replay` was given."""
    from hjp_conformance.cli_reports import read_report

    runs = read_report(context.params["file"])["runs"]
    given = context.params.get("ids") or ()
    ids = (case["id"] for run in runs for case in run["cases"])
    return [id_ for id_ in _beginning(incomplete, ids) if id_ not in given]


def _beginning(word: str, names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(one for one in names if one.startswith(word)))
