"""The command `hjp-fuzz session`: its options and its exit statuses."""

import secrets
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

_USAGE, _GONE, _OURS, _INTERRUPTED = 2, 3, 4, 130
_FOLDER = Path("hjp-fuzz-findings")
_STATUSES = {"NoServer": _USAGE, "NoSession": _USAGE, "ServerGone": _GONE}


Url = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="A server that runs, such as hjp://127.0.0.1:9507."
    ),
]
Command = Annotated[
    str | None,
    typer.Option(
        metavar="COMMAND", help="A command that starts one; {port} stands for the port."
    ),
]
Examples = Annotated[int, typer.Option(min=1, help="How many sessions.")]
Steps = Annotated[int, typer.Option(min=1, help="Steps of each.")]
Seed = Annotated[str | None, typer.Option(help="Repeats an earlier run.")]
Replay = Annotated[
    str | None, typer.Option(metavar="ID|FILE", help="Play a finding again.")
]
Folder = Annotated[Path, typer.Option(help="Where findings are kept.")]
Seconds = Annotated[
    float, typer.Option(min=0.1, help="Seconds until a server counts as hung.")
]


def session(
    server: Url = None,
    server_cmd: Command = None,
    examples: Examples = 200,
    steps: Steps = 30,
    seed: Seed = None,
    replay: Replay = None,
    out: Folder = _FOLDER,
    patience: Seconds = 5.0,
) -> None:
    """Talk with a server in many ways until it breaks a requirement.

    Requests, connections and octets, right and wrong, are chosen at random; what may
    come back is worked out from the specification. A session that fails is made
    smaller, tried again three times, shown step by step and kept in a file.
    """
    named = _server(server, server_cmd)
    if replay is None and named is None:
        raise typer.BadParameter("give --server URL or --server-cmd COMMAND")
    with _statuses():
        # A server that we have started must not outlive us.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        # Hypothesis takes longer to import than the other commands to start.
        from hjp_fuzz.sessions import command

        if replay is not None:
            raise typer.Exit(command.replay(replay, out, named, patience))
        where = "" if out == _FOLDER else f" --out {out}"
        wanted = command.Wanted(
            server=str(named),
            examples=examples,
            steps=steps,
            seed=seed or secrets.token_hex(4),
            patience=patience,
            out=out,
            replay=f"hjp-fuzz session --replay {{}}{where}",
        )
        raise typer.Exit(command.run(wanted))


def _server(url: str | None, command: str | None) -> str | None:
    """Tell the one server that is named, None if none is."""
    if url and command:
        raise typer.BadParameter("give --server or --server-cmd, not both")
    return f"hjp://{url}" if url and "://" not in url else url or command


@contextmanager
def _statuses() -> Iterator[None]:
    """Turn what goes wrong into a line and an exit status, never a traceback."""
    try:
        yield
    except typer.Exit:
        raise
    except KeyboardInterrupt:
        _complain("interrupted", _INTERRUPTED)
    except Exception as error:
        kind = type(error).__name__
        status = _USAGE if isinstance(error, OSError) else _STATUSES.get(kind)
        if status is not None:
            _complain(str(error), status)
        _complain(f"a fault of hjp-fuzz itself: {kind}: {error}", _OURS)


def _complain(message: str, status: int) -> NoReturn:
    print(f"hjp-fuzz: {message}", file=sys.stderr)
    raise typer.Exit(status)
