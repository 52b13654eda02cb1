"""A client of HJP/1, made testable: its arguments say what to do.

    HJP_URL=hjp://127.0.0.1:9507 python3 client_testee.py ping + upper hi.txt

It prints a line for each action. The suite plays the server, right or wrong, and
looks at both. It runs as it is: replace the naive client below by your own.
"""

import json
import os
import select
import socket
import struct
import sys
from binascii import unhexlify
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# ---- YOUR CLIENT HERE --------------------------------------------------------------
#
# Call your client in the methods of Client. What is here instead believes most of
# what it is told.

START = b"HJP\xff\x01"  # magic and version


class FailedError(Exception):
    """What can come of a request but ok, and the code that says why.

    error: an error came as the reply. unsent: sending it would break the protocol.
    fatal: a fatal error came. refused: the client does not accept a frame.
    """

    def __init__(self, word: str, code: str) -> None:
        super().__init__(word, code)


class Client:
    """One connection. Its methods raise FailedError, or OSError if it is lost."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.id = 0
        self.open = False  # whether more frames of the request follow

    def send(self, op: str, members: dict[str, Any], payload: bytes) -> None:
        """Send one frame: of a new request, unless the last one has `more`."""
        self.id += not self.open
        self.open = members.get("more", False)
        text = json.dumps({"id": self.id, "op": op, **members}).encode()
        start = struct.pack("<5s3xII", START, len(text), len(payload))
        self.socket.sendall(start + text + payload)

    def receive(self) -> bytes:
        """Wait for the next final reply and return its payload."""
        if self.read(5) != START:  # five octets tell a stranger
            raise FailedError("refused", "bad_magic")
        size, rest = struct.unpack("<3xII", self.read(11))
        if max(size, rest) > 65_536:
            raise FailedError("refused", "too_large")
        try:
            reply = json.loads(self.read(size))
            number, done = reply["id"], reply["ok"]
            code = None if done else str(reply["error"]["code"])
        except (KeyError, TypeError):
            raise FailedError("refused", "bad_frame") from None
        except (ValueError, RecursionError):
            raise FailedError("refused", "bad_json") from None
        payload = self.read(rest)
        if code is not None:
            raise FailedError("error" if number else "fatal", code)
        return payload

    def read(self, size: int) -> bytes:
        """Read just so many octets, however they arrive."""
        octets = bytearray()
        while len(octets) < size:
            some = self.socket.recv(size - len(octets))
            if not some:
                raise ConnectionError("the stream has ended")
            octets += some
        return bytes(octets)

    def has_arrived(self) -> bool:
        """Whether there is something to read now."""
        return bool(select.select([self.socket], [], [], 0)[0])


# ---- End of your client. What follows does the actions and prints the lines. -------


@dataclass(frozen=True)
class Action:
    """What one action sends, and how often without waiting."""

    op: str
    members: dict[str, Any] = field(default_factory=dict)
    payload: bytes = b""
    times: int = 1
    is_call: bool = False  # its frames come from standard input


def action_of(words: list[str]) -> Action:
    """An action from its arguments; what is not offered ends with status 127.

    Take a case out if your client cannot do it: the suite then skips some cases.
    """
    match words:
        case ["hello"]:
            return Action("hello", {"limits": {}})
        case ["hello", most]:
            return Action("hello", {"limits": {"max_payload": int(most)}})
        case ["ping"]:
            return Action("ping")
        case ["echo" | "upper" as op, file]:
            return Action(op, payload=Path(file).read_bytes())
        case ["call", op]:
            return Action(op, is_call=True)
        case ["ahead", times, ("ping" | "echo" | "upper") as op, *file]:
            return replace(action_of([op, *file]), times=int(times))
    sys.exit(127)


status = 0


def say(word: str, more: str) -> None:
    """Print a line, and exit if nothing can follow it."""
    global status
    print(f"{word} {more}".strip(), flush=True)
    status = status if word == "ok" else 1
    if word in ("fatal", "refused", "lost"):
        sys.exit(status)


def outcome(step: Callable[[], bytes | None]) -> tuple[str, str]:
    """Send or receive; return the words of a line that tells what came of it."""
    try:
        return "ok", (step() or b"").hex()
    except FailedError as failed:
        return failed.args[0], failed.args[1]
    except OSError:
        return "lost", ""


def run(client: Client, action: Action) -> None:
    """Send the requests; what arrives meanwhile is read before the next is sent."""
    send = partial(client.send, action.op, action.members, action.payload)
    to_send = to_come = action.times
    while to_come:
        sends = to_send > 0 and not client.has_arrived()
        to_send -= sends
        words = outcome(send if sends else client.receive)
        if sends and words[0] == "ok":
            continue  # the reply is still to come
        to_come -= 1
        say(*words)


def call(client: Client, op: str) -> None:
    """Send a frame for each line: `more HEX` or `last HEX`, HEX may be missing.

    A reply may come before the last frame: then the request is ended at once, by a
    frame without payload, and the lines that are left are only read.
    """
    answered = False
    for line in sys.stdin:
        kind, _, digits = line.strip().partition(" ")
        members = {} if kind == "last" else {"more": True}
        if not answered and client.has_arrived():
            answered = True
            words = outcome(client.receive)
            if words[0] in ("ok", "error"):
                outcome(partial(client.send, op, {}, b""))
            say(*words)
        elif not answered:
            words = outcome(partial(client.send, op, members, unhexlify(digits)))
            if words[0] != "ok":
                answered = True
                say(*words)
        if kind == "last":
            break
    if not answered:
        say(*outcome(client.receive))


def main() -> None:
    """Do the actions, which a `+` separates, in their order on one connection."""
    groups: list[list[str]] = [[]]
    for word in sys.argv[1:]:
        if word == "+":
            groups.append([])
        else:
            groups[-1].append(word)
    actions = [action_of(words) for words in groups]
    url = urlsplit(os.environ["HJP_URL"])
    try:
        client = Client(url.hostname or "", url.port or 0)
    except OSError:
        say("lost", "")
        return
    for action in actions:
        if action.is_call:
            call(client, action.op)
        else:
            run(client, action)
    sys.exit(status)


if __name__ == "__main__":
    main()
