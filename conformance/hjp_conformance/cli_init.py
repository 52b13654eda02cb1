"""The command `init`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from hjp_conformance.init import InitError, Skeleton, advice, write


def init(
    mode: Annotated[
        Literal["server", "client", "codec"], typer.Argument(help="What you write.")
    ],
    lang: Annotated[
        Literal["python", "c", "javascript"], typer.Option(help="In which language.")
    ],
    folder: Annotated[
        Path,
        typer.Option(
            "--dir", file_okay=False, help="Where to write it; made if it is missing."
        ),
    ] = Path(),
    force: Annotated[
        bool, typer.Option("--force", help="Write over files that are there.")
    ] = False,
) -> None:
    """Write a first server, client or codec that runs, and a file to test it by."""
    skeleton = Skeleton(mode, lang)
    try:
        written = write(skeleton, folder, force)
    except InitError as error:
        raise typer.BadParameter(str(error)) from None
    typer.echo("\n".join(advice(skeleton, folder, written)))
