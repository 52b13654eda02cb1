"""Servers that are wrong in everything, to see that a suite says so and ends soon.

Usage: python -m hjp_conformance.mutants.stubs.server KIND PORT (0 for any)
       python -m hjp_conformance.mutants.stubs.server --list
"""

import itertools
import os
import random
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from hjp_conformance.mutants.stubs.right import RIGHT, run_right

MAGIC = b"HJP\xff"
ID = re.compile(rb'"id"\s*:\s*([0-9]{1,16})')
FATAL = '{"id":0,"ok":false,"error":{"code":"bad_frame","message":"no","fatal":true}}'

Kind = Callable[[socket.socket], None]
KINDS: dict[str, Kind] = {}


def kind(serve: Kind) -> Kind:
    """Enter a function under its name; its docstring is the description."""
    KINDS[serve.__name__.replace("_", "-")] = serve
    return serve


def frame(text: str) -> bytes:
    octets = text.encode()
    return MAGIC + struct.pack("<B3xII", 1, len(octets), 0) + octets


def ok(number: int | bytes) -> bytes:
    return frame(f'{{"id":{int(number)},"ok":true}}')


def read_to_end(peer: socket.socket) -> None:
    while peer.recv(65_536):
        pass


@kind
def closes_always(peer: socket.socket) -> None:
    """Closes every connection at once."""


@kind
def never_answers(peer: socket.socket) -> None:
    """Reads everything and says nothing."""
    read_to_end(peer)


@kind
def echoes_everything(peer: socket.socket) -> None:
    """Sends back every octet."""
    while octets := peer.recv(65_536):
        peer.sendall(octets)


@kind
def accepts_all(peer: socket.socket) -> None:
    """Answers ok to every id that it can find, in rubbish too."""
    seen = b""
    while octets := peer.recv(65_536):
        seen += octets
        found = list(ID.finditer(seen))
        for each in found:
            peer.sendall(ok(each.group(1)))
        seen = seen[found[-1].end() if found else 0 :][-1000:]


@kind
def rejects_all(peer: socket.socket) -> None:
    """Answers the first octets of every connection with a fatal error."""
    if peer.recv(65_536):
        peer.sendall(frame(FATAL))
        peer.shutdown(socket.SHUT_WR)
        peer.settimeout(2)
        read_to_end(peer)


@kind
def speaks_http(peer: socket.socket) -> None:
    """Answers like a web server."""
    if peer.recv(65_536):
        page = b"<html><h1>400 Bad Request</h1></html>\r\n"
        head = f"HTTP/1.1 400 Bad Request\r\nContent-Length: {len(page)}\r\n\r\n"
        peer.sendall(head.encode() + page)


@kind
def speaks_first(peer: socket.socket) -> None:
    """Greets with a line of text, then says nothing more."""
    peer.sendall(b"220 welcome\r\n")
    read_to_end(peer)


@kind
def garbage(peer: socket.socket) -> None:
    """Sends random octets, the same on every connection, as often as it reads."""
    source = random.Random(9507)
    while peer.recv(65_536):
        peer.sendall(source.randbytes(1000))


@kind
def resets(peer: socket.socket) -> None:
    """Resets every connection at its first octets."""
    peer.recv(65_536)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@kind
def one_reply_only(peer: socket.socket) -> None:
    """Answers ok to the first request of a connection, and nothing after it."""
    found = ID.search(peer.recv(65_536))
    if found:
        peer.sendall(ok(found.group(1)))
    read_to_end(peer)


@kind
def sleeps_then_closes(peer: socket.socket) -> None:
    """Closes every connection after three seconds, having said nothing."""
    time.sleep(3)


@kind
def half_a_frame(peer: socket.socket) -> None:
    """Sends half a header whenever it reads, and never the rest."""
    while peer.recv(65_536):
        with suppress(OSError):
            peer.sendall(ok(1)[:7])


@kind
def floods(peer: socket.socket) -> None:
    """Sends right frames that nobody asked for, without end."""
    for number in itertools.count(1):
        peer.sendall(ok(number) * 500)
        time.sleep(0.01)


@kind
def drips(peer: socket.socket) -> None:
    """Sends an octet of an endless JSON text twenty times a second."""
    peer.sendall(MAGIC + struct.pack("<B3xII", 1, 65_536, 0) + b"{")
    while True:
        time.sleep(0.05)
        peer.sendall(b" ")


connections = itertools.count(1)


@kind
def dies_every_third(peer: socket.socket) -> None:
    """Answers ok to every id; the process ends at its third connection."""
    if next(connections) == 3:
        os._exit(1)
    accepts_all(peer)


def serve(answer: Kind, peer: socket.socket) -> None:
    with peer, suppress(OSError):
        answer(peer)


def run(answer: Kind, port: int) -> None:
    listener = socket.create_server(("127.0.0.1", port))
    print(f"ready hjp://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=serve, args=(answer, peer), daemon=True).start()


def main() -> None:
    if sys.argv[1:] == ["--list"]:
        for name, answer in KINDS.items():
            print(name, answer.__doc__, sep="\t")
        for name, text in RIGHT.items():
            print(name, text, sep="\t")
        return
    name, port = sys.argv[1:]
    if name in RIGHT:
        run_right(name, int(port))
    else:
        run(KINDS[name], int(port))


if __name__ == "__main__":
    main()
