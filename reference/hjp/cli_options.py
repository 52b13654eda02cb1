"""What several commands of ``hjp`` are told in the same way."""

from typing import Annotated

import typer

from hjp.url import parse_url

__all__ = ["Patience", "Timeout", "Url"]


def _url(text: str) -> str:
    try:
        parse_url(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return text


Url = Annotated[
    str,
    typer.Argument(
        metavar="URL", callback=_url, help="hjp://host, hjp://host:port, hjp://[::1]"
    ),
]
Timeout = Annotated[float, typer.Option(min=0.001, help="Seconds for each step.")]
Patience = Annotated[
    float,
    typer.Option(
        "--timeout", min=0.001, help="Seconds without progress before trying again."
    ),
]
