"""What the client commands of ``hjp`` share: asking, and saying what went wrong."""

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from hjp.blocking import Client
from hjp.errors import (
    ConnectionLost,
    HjpError,
    LocalProtocolError,
    RemoteProtocolError,
    ReplyError,
    TransferError,
)
from hjp.events import Reply
from hjp.limits import DEFAULT_MAX_PAYLOAD, Limits
from hjp.metadata import dumps

__all__ = [
    "ask",
    "complain",
    "explain",
    "fail",
    "print_json",
    "print_members",
    "print_octets",
    "reason",
    "shown",
    "told",
]

# After no answer came: how long to see what the peer says to the end of our input.
_LAST_WORD_SECONDS = 1.0


def ask(
    url: str, timeout: float, payload: bytes, question: Callable[[Client], Reply]
) -> Reply:
    """Connect, ask, close; end the process with a sentence where that fails.

    Exit codes: 1 the peer answered with an error, 2 the request cannot be asked,
    3 no connection, 4 the peer broke the protocol, 130 Ctrl-C.
    """
    with told(url), _silent_interrupt():
        limits = Limits(max_payload=max(len(payload), DEFAULT_MAX_PAYLOAD))
        client = Client(url, limits=limits, timeout=timeout)
        with client:
            if len(payload) > DEFAULT_MAX_PAYLOAD:
                client.hello()  # states that so much may come, learns what may go
            try:
                return question(client)
            except TimeoutError:
                # A server of another protocol may wait for more of our "line".
                with contextlib.suppress(TimeoutError):
                    client.finish(_LAST_WORD_SECONDS)
                raise


@contextlib.contextmanager
def _silent_interrupt() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def explain(error: BaseException, url: str) -> tuple[int, str]:
    """Give the exit code for an error, and a sentence for people."""
    for kinds, code, sentence in _SENTENCES:
        if isinstance(error, kinds):
            why = reason(error) if isinstance(error, OSError) else str(error)
            return code, sentence.format(url=url, why=why)
    raise error


# The first row that fits; a lost connection is an OSError too.
_SENTENCES: Final[tuple[tuple[tuple[type[BaseException], ...], int, str], ...]] = (
    ((ReplyError, TransferError), 1, "{why}"),
    ((LocalProtocolError, ValueError), 2, "{why}"),
    ((RemoteProtocolError,), 4, "{url} does not speak HJP/1: {why}"),
    ((TimeoutError,), 3, "no answer from {url} in time"),
    ((ConnectionLost,), 3, "lost the connection to {url}: {why}"),
    ((OSError,), 3, "cannot connect to {url}: {why}"),
)


@contextlib.contextmanager
def told(
    url: str,
    explained: Callable[[BaseException, str], tuple[int, str]] = explain,
) -> Iterator[None]:
    """End the process with a sentence where something fails."""
    try:
        yield
    except (HjpError, ValueError, OSError) as error:
        fail(*explained(error, url))


def reason(error: OSError) -> str:
    """Tell why, in the system's words and without numbers."""
    if error.errno and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or str(error)


def complain(message: str) -> None:
    """Say what is wrong on standard error."""
    console = Console(stderr=True, highlight=False)
    console.print(Text("hjp: ", "bold red") + Text(shown(message)), soft_wrap=True)


def fail(code: int, message: str) -> NoReturn:
    """Say what is wrong on standard error, and end the process."""
    complain(message)
    raise typer.Exit(code) from None


def print_json(reply: Reply) -> None:
    """Print a reply as one line of JSON, the payload in hexadecimal."""
    whole = {"metadata": reply.metadata, "payload": reply.payload.hex()}
    print(json.dumps(whole))


def print_members(reply: Reply) -> None:
    """Print what a reply says beside ``id`` and ``ok``, a line for each member."""
    console = Console(highlight=False)
    for name, value in reply.metadata.items():
        if name not in ("id", "ok"):
            line = Text(shown(name), "bold") + Text(f": {_value(value)}", "not bold")
            console.print(line, soft_wrap=True)


def print_octets(octets: bytes) -> None:
    """Print octets as they are, and a newline."""
    sys.stdout.flush()
    sys.stdout.buffer.write(octets + b"\n")
    sys.stdout.buffer.flush()


def _value(value: Any) -> str:
    return shown(value if isinstance(value, str) else dumps({"": value}).decode()[4:-1])


def shown(text: str) -> str:
    """Give a peer's words without what a terminal would obey."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
