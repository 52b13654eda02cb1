"""Servers that are wrong altogether, by name: `stub_server.py BEHAVIOUR PORT`."""

import json
import os
import socket
import struct
import sys
import threading
from collections.abc import Callable
from itertools import count

READ = 65_536
CALLS = count(1)


def frame(**metadata: object) -> bytes:
    text = json.dumps(metadata).encode()
    return b"HJP\xff\x01\0\0\0" + struct.pack("<II", len(text), 0) + text


def reading(connection: socket.socket) -> None:
    while connection.recv(READ):
        pass


def closes(connection: socket.socket) -> None:
    connection.recv(READ)


def closes_unread(connection: socket.socket) -> None:
    """Closing at once with octets unread is a reset."""


def is_silent(connection: socket.socket) -> None:
    threading.Event().wait()


def echoes(connection: socket.socket) -> None:
    while octets := connection.recv(READ):
        connection.sendall(octets)


def rejects(connection: socket.socket) -> None:
    if connection.recv(READ):
        error = {"code": "bad_frame", "message": "no", "fatal": True}
        connection.sendall(frame(id=0, ok=False, error=error))
    connection.shutdown(socket.SHUT_WR)
    reading(connection)


def accepts(connection: socket.socket) -> None:
    """Everything is answered as if it were the first ping of a client."""
    while connection.recv(READ):
        connection.sendall(frame(id=1, ok=True))


def speaks_http(connection: socket.socket) -> None:
    connection.recv(READ)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def greets(connection: socket.socket) -> None:
    connection.sendall(b"* OK IMAP4rev1 ready\r\n")
    reading(connection)


def crashes_third(connection: socket.socket) -> None:
    if next(CALLS) >= 3:
        print("out of luck", file=sys.stderr, flush=True)
        os._exit(7)
    accepts(connection)


def hangs_from_fifth(connection: socket.socket) -> None:
    if next(CALLS) >= 5:
        is_silent(connection)
    accepts(connection)


def is_late(connection: socket.socket) -> None:
    """Answers only once the input has ended."""
    reading(connection)
    connection.sendall(frame(id=1, ok=True))


BEHAVIOURS: dict[str, Callable[[socket.socket], None]] = {
    "closes": closes,
    "closes-unread": closes_unread,
    "is-silent": is_silent,
    "echoes": echoes,
    "rejects": rejects,
    "accepts": accepts,
    "speaks-http": speaks_http,
    "greets": greets,
    "crashes-third": crashes_third,
    "hangs-from-fifth": hangs_from_fifth,
    "is-late": is_late,
}


def serve(behave: Callable[[socket.socket], None], connection: socket.socket) -> None:
    with connection:
        try:
            behave(connection)
        except OSError:
            return  # the peer has gone


def main(behaviour: str, port: str) -> None:
    if behaviour == "never-ready":
        threading.Event().wait()
    with socket.create_server(("127.0.0.1", int(port)), backlog=128) as listener:
        if behaviour == "says-ready":
            behaviour = "accepts"
            print(f"ready hjp://127.0.0.1:{port}", flush=True)
        while True:
            connection, _ = listener.accept()
            arguments = (BEHAVIOURS[behaviour], connection)
            threading.Thread(target=serve, args=arguments, daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
