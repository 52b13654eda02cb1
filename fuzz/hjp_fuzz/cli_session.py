"""The command `hjp-fuzz session`: its options."""

import secrets
import signal
from typing import Annotated

import typer

from hjp_fuzz.cli_common import FINDINGS, Folder, out_option, statuses

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
    out: Folder = FINDINGS,
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
    with statuses():
        # A server that we have started must not outlive us.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        # Hypothesis takes longer to import than the other commands to start.
        from hjp_fuzz.sessions import command

        if replay is not None:
            raise typer.Exit(command.replay(replay, out, named, patience))
        wanted = command.Wanted(
            server=str(named),
            examples=examples,
            steps=steps,
            seed=seed or secrets.token_hex(4),
            patience=patience,
            out=out,
            replay=f"hjp-fuzz session --replay {{}}{out_option(out)}",
        )
        raise typer.Exit(command.run(wanted))


def _server(url: str | None, command: str | None) -> str | None:
    """Tell the one server that is named, None if none is."""
    if url and command:
        raise typer.BadParameter("give --server or --server-cmd, not both")
    return f"hjp://{url}" if url and "://" not in url else url or command
