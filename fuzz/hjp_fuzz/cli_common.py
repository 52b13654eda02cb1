"""What the commands share: the exit statuses, options, and how errors are told."""

import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from hjp_fuzz.engines import EngineError
from hjp_fuzz.findings import Finding, NoFinding
from hjp_fuzz.fleet import FleetError
from hjp_fuzz.targets import NotFound, TargetError

FINDINGS = Path("hjp-fuzz-findings")


class Exit(IntEnum):
    """What the exit status means."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    TESTEE = 3
    OURS = 4
    INTERRUPTED = 130


Folder = Annotated[Path, typer.Option("--out", help="Where findings are kept.")]


def seconds(text: str) -> float:
    """Read a time such as 10s, 500ms, 2m or 1h; a bare number is in seconds."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)?", text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is no time such as 10s or 2m")
    return float(found[1]) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[found[2] or "s"]


@contextmanager
def statuses() -> Iterator[None]:
    """Turn what goes wrong into a line and an exit status, never a traceback."""
    try:
        yield
    except (typer.Exit, typer.BadParameter):
        raise
    except (NotFound, NoFinding, EngineError, FleetError) as wrong:
        complain(str(wrong), Exit.USAGE)
    except TargetError as broken:
        complain(str(broken), Exit.TESTEE)
    except KeyboardInterrupt:
        complain("interrupted", Exit.INTERRUPTED)
    except Exception as ours:
        if isinstance(ours, OSError) and ours.filename is not None:
            # A file or folder that a user has named.
            complain(f"{ours.filename}: {ours.strerror}", Exit.USAGE)
        what = f"a fault of hjp-fuzz itself: {type(ours).__name__}: {ours}"
        complain(what, Exit.OURS)


def say(line: str) -> None:
    """Tell something beside the results."""
    print(f"hjp-fuzz: {line}", file=sys.stderr)


def complain(message: str, status: Exit) -> NoReturn:
    """Tell what is wrong, in one line, and end."""
    say(message)
    raise typer.Exit(status)


def console_of(*, stderr: bool = False) -> Console:
    """Return where a command speaks: lines are folded on a terminal only."""
    return Console(stderr=stderr, soft_wrap=not sys.stdout.isatty(), highlight=False)


def out_option(out: Path) -> str:
    """Return what names the folder of findings, where it is another one."""
    return "" if out == FINDINGS else f" --out {shlex.quote(str(out))}"


def replay_command(found: Finding, out: Path) -> str:
    """Return what tries a finding again."""
    return f"hjp-fuzz replay {found.id}{out_option(out)}"


def write(path: Path, text: str) -> None:
    """Write a file that the user named; `-` is standard output."""
    if str(path) == "-":
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        complain(f"cannot write {path}: {error.strerror}", Exit.USAGE)
