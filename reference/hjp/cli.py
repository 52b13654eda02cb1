"""The command ``hjp``: run a server, talk to one.

What a program reads goes to standard output, plain; all else to standard error.
"""

import logging
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from hjp import __version__, metadata
from hjp.cli_client import ask, print_json, print_members, print_octets
from hjp.cli_files import COMMANDS
from hjp.cli_options import Timeout, Url
from hjp.cli_serve import (
    Engine,
    FilesOptions,
    check_unused,
    choose_features,
    parse_limits,
    parse_size,
    run_server,
)
from hjp.durability import Durability
from hjp.errors import FormatError
from hjp.url import DEFAULT_PORT

__all__ = ["app", "main"]

app = typer.Typer(
    name="hjp",
    help="HJP/1: messages of a header, a JSON object and a payload.",
    epilog="Exit codes: 0 done, 1 the peer answered with an error, 2 usage, "
    "3 no connection, 4 the peer broke the protocol, 5 a file here cannot be read or "
    "written, 130 Ctrl-C.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hjp {__version__}")
        raise typer.Exit


def _json(text: str) -> Any:
    """Read any JSON value as strictly as metadata; it is sent inside an object."""
    try:
        members = metadata.loads(b'{"data":' + text.encode() + b"}")
    except (FormatError, UnicodeEncodeError) as error:
        raise typer.BadParameter(f"--data is no JSON value: {error}") from None
    if len(members) > 1:
        raise typer.BadParameter("--data is more than one JSON value")
    return members["data"]


Text = Annotated[
    str, typer.Argument(metavar="TEXT", help="The payload; - reads standard input.")
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print the whole reply, payload in hexadecimal.")
]


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_version, is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    logging.basicConfig(stream=sys.stderr, format="hjp: %(levelname)s: %(message)s")


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="Name or address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="TCP port; 0: any that is free.")
    ] = DEFAULT_PORT,
    engine: Annotated[
        Engine, typer.Option(help="What moves the octets.")
    ] = Engine.ASYNCIO,
    limit: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A limit, such as idle_ms=5000."),
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep files there: offers files and resume."),
    ] = None,
    durability: Annotated[
        Durability | None,
        typer.Option(
            help="What a crash of the machine does not take once it was answered: "
            "nothing, the octets, or (full, if not given) name and result too."
        ),
    ] = None,
    quota: Annotated[
        int | None,
        typer.Option(parser=parse_size, metavar="SIZE", help="Of all files, as 10G."),
    ] = None,
    max_object: Annotated[
        int | None,
        typer.Option(parser=parse_size, metavar="SIZE", help="Of one file; else 1T."),
    ] = None,
    max_stages: Annotated[
        int | None,
        typer.Option(min=1, help="Interrupted uploads that are kept; else 1000."),
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="File with the token that hello must carry.")
    ] = None,
    enable: Annotated[
        list[str] | None,
        typer.Option(metavar="F,…", help="Features to offer, such as delete."),
    ] = None,
    disable: Annotated[
        list[str] | None, typer.Option(metavar="F,…", help="Features not to offer.")
    ] = None,
) -> None:
    """Run a server until SIGTERM or Ctrl-C.

    It prints one line, "ready" and its URLs, when it listens.
    """
    features = choose_features(root, enable or [], disable or [])
    files = FilesOptions(
        root,
        features=features or None,
        durability=durability,
        quota=quota,
        max_object=max_object,
        max_stages=max_stages,
    )
    check_unused("--token-file", token_file)
    limits = parse_limits(limit or [], keeps_files=bool(root))
    run_server(engine, host, port, limits, files)


@app.command()
def hello(url: Url, json: AsJson = False, timeout: Timeout = 10.0) -> None:
    """Say what this client accepts; print what the server offers."""
    reply = ask(url, timeout, b"", lambda client: client.hello())
    if json:
        print_json(reply)
    else:
        print_members(reply)


@app.command()
def ping(url: Url, json: AsJson = False, timeout: Timeout = 10.0) -> None:
    """See whether the server answers; print the time it took."""
    begin = time.perf_counter()
    reply = ask(url, timeout, b"", lambda client: client.request("ping"))
    if json:
        print_json(reply)
    else:
        print(f"pong in {(time.perf_counter() - begin) * 1000:.1f} ms")


@app.command()
def echo(
    url: Url,
    text: Text = "",
    data: Annotated[
        str | None, typer.Option(metavar="JSON", help="A JSON value beside it.")
    ] = None,
    json: AsJson = False,
    timeout: Timeout = 10.0,
) -> None:
    """Get the payload back; print it, or the data if there is only that."""
    payload = _octets(text)
    value = ... if data is None else _json(data)
    reply = ask(url, timeout, payload, lambda client: client.echo(payload, data=value))
    if json:
        print_json(reply)
        return
    if text or data is None:
        print_octets(reply.payload)
    if data is not None:
        print_octets(metadata.dumps({"": reply.metadata.get("data")})[4:-1])


@app.command()
def upper(url: Url, text: Text, json: AsJson = False, timeout: Timeout = 10.0) -> None:
    """Get the payload in upper case (a to z only); print it."""
    payload = _octets(text)
    reply = ask(
        url, timeout, payload, lambda client: client.request("upper", {}, payload)
    )
    if json:
        print_json(reply)
    else:
        print_octets(reply.payload)


for command in COMMANDS:
    app.command()(command)


def _octets(text: str) -> bytes:
    # What was no text on the command line comes as surrogates: the octets come back.
    return (
        sys.stdin.buffer.read()
        if text == "-"
        else text.encode(errors="surrogateescape")
    )


def main(arguments: list[str] | None = None) -> Any:
    """Run the command; the process ends with its exit code."""
    return app(arguments)
