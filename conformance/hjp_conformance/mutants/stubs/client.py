"""Testees of clients that are wrong in everything.

Usage: HJP_URL=hjp://HOST:PORT python client.py KIND ACTION… [+ ACTION…]
       python -m hjp_conformance.mutants.stubs.client --list
"""

import os
import random
import resource
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress

MAGIC = b"HJP\xff"
LIFE_SECONDS = 300.0  # so that none outlives a suite that forgets it

Kind = Callable[[list[list[str]]], int]
KINDS: dict[str, Kind] = {}


def kind(play: Kind) -> Kind:
    """Enter a function under its name; its docstring is the description."""
    KINDS[play.__name__.replace("_", "-")] = play
    return play


def connect() -> socket.socket:
    host, _, port = os.environ["HJP_URL"].removeprefix("hjp://").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=LIFE_SECONDS)


def say(line: str) -> None:
    print(line, flush=True)


def frame(number: int, op: str, payload: bytes = b"") -> bytes:
    text = f'{{"id":{number},"op":"{op}"}}'.encode()
    return MAGIC + struct.pack("<B3xII", 1, len(text), len(payload)) + text + payload


def request(number: int, action: list[str]) -> bytes:
    op, *more = action
    if op in ("echo", "upper") and more:
        with open(more[0], "rb") as file:
            return frame(number, op, file.read())
    return frame(number, op)


@kind
def never_connects(actions: list[list[str]]) -> int:
    """Does not connect, prints nothing and waits."""
    time.sleep(LIFE_SECONDS)
    return 0


@kind
def hangs(actions: list[list[str]]) -> int:
    """Connects, sends nothing, prints nothing and waits."""
    with connect():
        time.sleep(LIFE_SECONDS)
    return 0


@kind
def exits_at_once_0(actions: list[list[str]]) -> int:
    """Exits with status 0 before it connects."""
    return 0


@kind
def exits_at_once_1(actions: list[list[str]]) -> int:
    """Exits with status 1 before it connects."""
    return 1


@kind
def connects_and_exits(actions: list[list[str]]) -> int:
    """Connects, closes at once and exits with status 0."""
    connect().close()
    return 0


@kind
def sends_garbage(actions: list[list[str]]) -> int:
    """Sends random octets, always the same, then prints lost."""
    with suppress(OSError), connect() as peer:
        peer.sendall(random.Random(9507).randbytes(2000))
        peer.shutdown(socket.SHUT_WR)
        peer.recv(65_536)
    say("lost")
    return 1


@kind
def speaks_http(actions: list[list[str]]) -> int:
    """Sends a request of HTTP and prints what comes."""
    with suppress(OSError), connect() as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        say(f"ok {peer.recv(65_536).hex()}")
    return 0


@kind
def crashes(actions: list[list[str]]) -> int:
    """Sends its first request and dies by a signal."""
    peer = connect()
    peer.sendall(request(1, actions[0]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.kill(os.getpid(), signal.SIGSEGV)
    return 0


@kind
def prints_garbage(actions: list[list[str]]) -> int:
    """Prints random octets in place of lines, and sends nothing."""
    with connect():
        sys.stdout.buffer.write(random.Random(9507).randbytes(2000))
        sys.stdout.buffer.flush()
    return 0


@kind
def claims_ok(actions: list[list[str]]) -> int:
    """Prints ok for every action without connecting."""
    for action in actions:
        for _ in range(int(action[1]) if action[0] == "ahead" else 1):
            say("ok")
    return 0


@kind
def claims_lost(actions: list[list[str]]) -> int:
    """Prints lost without connecting."""
    say("lost")
    return 1


@kind
def unsupported_always(actions: list[list[str]]) -> int:
    """Offers no action: status 127."""
    return 127


@kind
def floods(actions: list[list[str]]) -> int:
    """Sends pings without end, reads nothing and prints nothing."""
    with suppress(OSError), connect() as peer:
        start, number = time.monotonic(), 0
        while time.monotonic() < start + LIFE_SECONDS:
            for _ in range(500):
                number += 1
                peer.sendall(frame(number, "ping"))
            time.sleep(0.01)
    return 1


@kind
def prints_without_end(actions: list[list[str]]) -> int:
    """Connects and prints ok without end."""
    with connect():
        start = time.monotonic()
        while time.monotonic() < start + LIFE_SECONDS:
            sys.stdout.write("ok\n" * 1000)
            sys.stdout.flush()
            time.sleep(0.01)
    return 0


@kind
def never_reads(actions: list[list[str]]) -> int:
    """Sends the requests of all actions, reads nothing and waits."""
    with suppress(OSError), connect() as peer:
        for number, action in enumerate(actions, 1):
            peer.sendall(
                request(number, action[2:] if action[0] == "ahead" else action)
            )
        time.sleep(LIFE_SECONDS)
    return 1


@kind
def ignores_signals(actions: list[list[str]]) -> int:
    """Connects, waits, and does not end by the signal to terminate."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with connect():
        time.sleep(LIFE_SECONDS)
    return 0


def split(arguments: list[str]) -> list[list[str]]:
    actions: list[list[str]] = [[]]
    for argument in arguments:
        if argument == "+":
            actions.append([])
        else:
            actions[-1].append(argument)
    return [action for action in actions if action]


def main() -> None:
    if sys.argv[1:] == ["--list"]:
        for name, play in KINDS.items():
            print(name, play.__doc__, sep="\t")
        return
    name, *arguments = sys.argv[1:]
    sys.exit(KINDS[name](split(arguments)))


if __name__ == "__main__":
    main()
