"""The blocking client as a testee, for suites that look at it from outside.

``HJP_URL=hjp://127.0.0.1:9507 python -m hjp.testee_client ping + upper FILE``: actions
and lines are those of the specification's text *testee*.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

from hjp.blocking import Client, Stream
from hjp.errors import (
    LocalProtocolError,
    RemoteProtocolError,
    ReplyError,
)
from hjp.events import Reply
from hjp.limits import Limits

__all__ = ["main"]

_UNOFFERED = 127
_Lines = Iterator[str]


class _Action(NamedTuple):
    do: Callable[..., _Lines]
    words: tuple[int, int]
    """How many arguments it takes, at least and at most."""


def main(words: list[str]) -> int:
    """Do the actions, print their lines, give the exit status (HJP-TST-7 and on)."""
    actions = [_parsed(action) for action in _split(words)]
    if not actions or None in actions:
        return _UNOFFERED
    client = Client(os.environ["HJP_URL"], limits=_limits(words))
    status = 0
    for line in _lines(client, (action for action in actions if action)):
        print(line, flush=True)
        status = status if line.startswith("ok") else 1
    return status


def _split(words: list[str]) -> Iterator[list[str]]:
    action: list[str] = []
    for word in [*words, "+"]:
        if word != "+":
            action.append(word)
        elif action:
            yield action
            action = []


def _parsed(action: list[str]) -> tuple[str, list[str]] | None:
    """The action and its arguments; None for one that this testee does not offer."""
    name, *arguments = action
    if name not in _ACTIONS:
        return None
    low, high = _ACTIONS[name].words
    if not low <= len(arguments) <= high:
        return None
    return name, arguments


def _limits(words: list[str]) -> Limits:
    stated = words[1:2] if words[0] == "hello" else []
    return (
        Limits(max_payload=int(stated[0])) if stated and stated != ["+"] else Limits()
    )


def _lines(client: Client, actions: Iterable[tuple[str, list[str]]]) -> _Lines:
    """What is printed, up to what ends the connection."""
    try:
        with client:
            for name, arguments in actions:
                yield from _ACTIONS[name].do(client, *arguments)
    except ReplyError as error:
        yield f"fatal {error.code}"
    except RemoteProtocolError as error:
        yield f"refused {error.code}"
    except OSError:  # ConnectionLost is one
        yield "lost"


def _ask(client: Client, op: str, payload: bytes = b"", **members: object) -> _Lines:
    """A request of one frame; what ends the connection is left to the caller."""
    try:
        yield _line(client.request(op, members, payload))
    except ReplyError as error:
        if error.fatal:
            raise
        yield f"error {error.code}"
    except LocalProtocolError as error:
        yield f"unsent {error.code}"


def _line(reply: Reply) -> str:
    return f"ok {reply.payload.hex()}".rstrip()


def _hello(client: Client, max_payload: str = "") -> _Lines:
    limits = {"max_payload": int(max_payload)} if max_payload else {}
    yield from _ask(client, "hello", limits=limits)


def _ping(client: Client) -> _Lines:
    yield from _ask(client, "ping")


def _echo(client: Client, file: str) -> _Lines:
    yield from _ask(client, "echo", Path(file).read_bytes())


def _upper(client: Client, file: str) -> _Lines:
    yield from _ask(client, "upper", Path(file).read_bytes())


def _ahead(client: Client, count: str, op: str, file: str = "") -> _Lines:
    payload = Path(file).read_bytes() if file else b""
    for reply in client.pipeline(repeat((op, {}, payload), int(count))):
        try:
            yield _line(reply.unwrap())
        except ReplyError as error:
            yield f"error {error.code}"


def _call(client: Client, op: str) -> _Lines:
    """A request whose frames are told by standard input."""
    try:
        with client.stream(op) as stream:
            for line in sys.stdin:
                _send(stream, line)
                if line.startswith("last"):
                    break
            yield _line(stream.final())
    except ReplyError as error:
        if error.fatal:
            raise
        yield f"error {error.code}"


def _send(stream: Stream, line: str) -> None:
    kind, _, digits = line.strip().partition(" ")
    stream.send(bytes.fromhex(digits), more=kind == "more")


_ACTIONS = {
    "hello": _Action(_hello, (0, 1)),
    "ping": _Action(_ping, (0, 0)),
    "echo": _Action(_echo, (1, 1)),
    "upper": _Action(_upper, (1, 1)),
    "call": _Action(_call, (1, 1)),
    "ahead": _Action(_ahead, (2, 3)),
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
