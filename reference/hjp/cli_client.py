"""What the client commands of ``hjp`` share: asking, and saying what went wrong."""

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from hjp.blocking import Client
from hjp.errors import (
    ConnectionLost,
    LocalProtocolError,
    RemoteProtocolError,
    ReplyError,
)
from hjp.events import Reply
from hjp.limits import DEFAULT_MAX_PAYLOAD, Limits
from hjp.metadata import dumps

__all__ = ["ask", "fail", "print_json", "print_members", "print_octets", "reason"]

# After no answer came: how long to see what the peer says to the end of our input.
_LAST_WORD_SECONDS = 1.0


def ask(
    url: str, timeout: float, payload: bytes, question: Callable[[Client], Reply]
) -> Reply:
    """Connect, ask, close; end the process with a sentence where that fails.

    Exit codes: 1 the peer answered with an error, 2 the request cannot be asked,
    3 no connection, 4 the peer broke the protocol, 130 Ctrl-C.
    """
    with _told(url):
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
def _told(url: str) -> Iterator[None]:
    try:
        yield
    except ReplyError as error:
        fail(1, str(error))
    except (LocalProtocolError, ValueError) as error:
        fail(2, str(error))
    except RemoteProtocolError as error:
        fail(4, f"{url} does not speak HJP/1: {error}")
    except TimeoutError:
        fail(3, f"no answer from {url} in time")
    except ConnectionLost as error:
        fail(3, f"lost the connection to {url}: {error}")
    except OSError as error:
        fail(3, f"cannot connect to {url}: {reason(error)}")
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def reason(error: OSError) -> str:
    """Tell why, in the system's words and without numbers."""
    if error.errno and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or str(error)


def fail(code: int, message: str) -> NoReturn:
    """Say what is wrong on standard error, and end the process."""
    console = Console(stderr=True, highlight=False)
    console.print(Text("hjp: ", "bold red") + Text(_shown(message)), soft_wrap=True)
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
            line = Text(_shown(name), "bold") + Text(f": {_value(value)}", "not bold")
            console.print(line, soft_wrap=True)


def print_octets(octets: bytes) -> None:
    """Print octets as they are, and a newline."""
    sys.stdout.flush()
    sys.stdout.buffer.write(octets + b"\n")
    sys.stdout.buffer.flush()


def _value(value: Any) -> str:
    return _shown(
        value if isinstance(value, str) else dumps({"": value}).decode()[4:-1]
    )


def _shown(text: str) -> str:
    """A peer's words without what a terminal would obey."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
