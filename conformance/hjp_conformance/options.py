"""The options that the commands which test have in common."""

import inspect
from collections.abc import Callable
from dataclasses import Field, dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import typer

from hjp_conformance.completion import case_ids, requirement_ids
from hjp_conformance.outputs import Outputs
from hjp_conformance.selection import Selection
from hjp_conformance.settings import DEADLINE

Tier = Literal["smoke", "core", "full", "soak"]
TIER_HELP = (
    "smoke: a case a requirement; core: all written ones; full: generated ones too; "
    "soak: also those that wait for the times of the text."
)
Expression = Annotated[
    str,
    typer.Option(
        "-k",
        metavar="EXPR",
        help="Only cases whose id, requirements or chapter have these words in them, "
        "such as 'magic and not later', 'messages' or 'HJP-FRM-2 or HJP-LIM-9'. "
        "HJP-MSG-2 is in HJP-MSG-20, too: see --requirement.",
    ),
]
Requirements = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID",
        help="Only cases of just this requirement, such as HJP-MSG-2 or MSG-2; may be "
        "given several times.",
        autocompletion=requirement_ids,
    ),
]


@dataclass(frozen=True, slots=True)
class Options(Outputs):
    """Which cases, how often, and what to write about it."""

    expression: Expression = ""
    requirement: Requirements = None
    case: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help="Only this case; may be given several times.",
            autocompletion=case_ids,
        ),
    ] = None
    tier: Annotated[Tier, typer.Option(help=TIER_HELP)] = "full"
    strict: Annotated[bool, typer.Option("--strict", help="A broken SHOULD fails.")] = (
        False
    )
    known_failures: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="TOML: a table [known-failures], from ids or patterns to reasons; "
            "may be given several times.",
        ),
    ] = None
    first: Annotated[bool, typer.Option("-x", help="Stop after the first failure.")] = (
        False
    )
    max_fail: Annotated[
        int, typer.Option(min=0, help="Stop after so many failures.")
    ] = 0
    deadline: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            show_default=f"{DEADLINE:g}",
            help="Seconds to wait for an answer.",
        ),
    ] = None
    workers: Annotated[
        int, typer.Option("-n", min=1, help="Processes, each with a target of its own.")
    ] = 1
    repeat: Annotated[int, typer.Option(min=1, help="Run all so often.")] = 1
    shuffle: Annotated[
        int | None,
        typer.Option(
            metavar="SEED", help="An order by chance; the next run's is SEED+1"
        ),
    ] = None

    @property
    def selection(self) -> Selection:
        """Which cases."""
        ids, requirements = tuple(self.case or ()), tuple(self.requirement or ())
        return Selection(self.expression, requirements, ids, self.tier)


def _own_first(kind: type[Outputs]) -> list[Field[Any]]:
    """Its options, those of the reports last."""
    return sorted(fields(kind), key=lambda one: one.name not in kind.__annotations__)


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command all options that the type of its parameter `options` has.

    What they became is that parameter.
    """
    kind: type[Outputs] = get_type_hints(command)["options"]
    own = [
        one
        for one in inspect.signature(command, eval_str=True).parameters.values()
        if one.name != "options"
    ]
    hints = get_type_hints(kind, include_extras=True)
    shared = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=hints[field.name],
        )
        for field in _own_first(kind)
    ]

    @wraps(command)
    def with_all(**values: Any) -> None:
        given = {field.name: values.pop(field.name) for field in fields(kind)}
        command(**values, options=kind(**given))

    keywords = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own]
    parameters = [*keywords, *shared]
    with_all.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_all.__annotations__ = {one.name: one.annotation for one in parameters}
    return with_all
