"""How a target is named on the command line."""

from dataclasses import replace
from typing import Annotated

import typer

from hjp_fuzz.targets import LIMITS, Contract, Limits, NotFound
from hjp_fuzz.targets.memory import MIB

NAME = "MODULE:CALLABLE"
ANY_NAME = (
    f"{NAME}, cmd:COMMAND, spawn:COMMAND, server:hjp://HOST:PORT "
    "or server:COMMAND with {port}."
)
NO_TARGET = f"{NAME}, --cmd, --spawn, --server or --server-cmd is needed"

Cmd = Annotated[
    str,
    typer.Option(
        "--cmd",
        metavar="COMMAND",
        help="A testee: answers a line with a line (text testee).",
        rich_help_panel="Targets",
    ),
]
Spawn = Annotated[
    str,
    typer.Option(
        "--spawn",
        metavar="COMMAND",
        help="A program started for every stream, which it reads from its input.",
        rich_help_panel="Targets",
    ),
]
Server = Annotated[
    str,
    typer.Option(
        "--server",
        metavar="hjp://HOST:PORT",
        help="A server that runs already.",
        rich_help_panel="Targets",
    ),
]
ServerCmd = Annotated[
    str,
    typer.Option(
        "--server-cmd",
        metavar="COMMAND",
        help="A server to start; {port} stands for where it has to listen.",
        rich_help_panel="Targets",
    ),
]
ErrorName = Annotated[
    str | None,
    typer.Option(
        "--error",
        metavar="MODULE:CLASS",
        help="What a callable refuses with (default: ValueError).",
        rich_help_panel="What its answers mean",
    ),
]
IncompleteName = Annotated[
    str | None,
    typer.Option(
        "--incomplete",
        metavar="MODULE:CLASS",
        help="What a callable raises at an end inside a frame (default: EOFError).",
        rich_help_panel="What its answers mean",
    ),
]
DialectName = Annotated[
    str | None,
    typer.Option(
        "--dialect",
        metavar="MODULE:NAME",
        help="The format that a callable reads, if it is not HJP; the README of the "
        "fuzzer tells how to describe it.",
        rich_help_panel="What its answers mean",
    ),
]
RejectStatus = Annotated[
    int | None,
    typer.Option(
        "--reject-status",
        min=1,
        max=255,
        help="The exit status by which --spawn refuses (default: 1).",
        rich_help_panel="What its answers mean",
    ),
]
IncompleteStatus = Annotated[
    int | None,
    typer.Option(
        "--incomplete-status",
        min=1,
        max=255,
        help="The same at an end inside a frame (default: 2).",
        rich_help_panel="What its answers mean",
    ),
]
Patience = Annotated[
    float | None,
    typer.Option(
        "--patience",
        min=0.1,
        metavar="SECONDS",
        help="Until a target counts as hung "
        f"(default: {LIMITS.patience:g}, or what the finding says).",
        rich_help_panel="Limits",
    ),
]
Memory = Annotated[
    float | None,
    typer.Option(
        "--memory",
        min=1,
        metavar="MIB",
        help="By how much a target may grow; processes are watched on Linux only "
        f"(default: {LIMITS.memory / MIB:g}, or what the finding says).",
        rich_help_panel="Limits",
    ),
]


def named(
    target: str | None, cmd: str, spawn: str, server: str, server_cmd: str
) -> str | None:
    """Return the one name that was given, or None if none was.

    Raises:
        NotFound: there are several.
    """
    given = [target] if target else []
    given += [f"cmd:{cmd}"] if cmd else []
    given += [f"spawn:{spawn}"] if spawn else []
    given += [f"server:{where}" for where in (server, server_cmd) if where]
    if len(given) > 1:
        raise NotFound(f"one target at a time, not {' and '.join(given)}")
    return given[0] if given else None


def contract_of(
    error: str | None,
    incomplete: str | None,
    reject_status: int | None,
    incomplete_status: int | None,
    dialect: str | None = None,
    otherwise: Contract | None = None,
) -> Contract:
    """Return the contract that was given, as far as it was."""
    given = {
        "error": error,
        "incomplete": incomplete,
        "reject_status": reject_status,
        "incomplete_status": incomplete_status,
        "dialect": dialect,
    }
    said = {name: value for name, value in given.items() if value is not None}
    return replace(otherwise or Contract(), **said)  # type: ignore[arg-type]


def limits_of(
    patience: float | None, memory: float | None, otherwise: Limits = LIMITS
) -> Limits:
    """Return the limits that were given, as far as they were."""
    return Limits(
        patience or otherwise.patience,
        int(memory * MIB) if memory else otherwise.memory,
    )
