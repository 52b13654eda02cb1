"""Servers that misbehave as processes do: python odd_servers.py KIND PORT."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable


def frame(text: bytes) -> bytes:
    lengths = len(text).to_bytes(4, "little") + bytes(4)
    return b"HJP\xff\x01\0\0\0" + lengths + text


def dies(octets: bytes) -> bytes:
    print("out of luck", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def exits(octets: bytes) -> bytes:
    print("Traceback\nout of luck", file=sys.stderr, flush=True)
    os._exit(7)


def mute(octets: bytes) -> bytes:
    return b""


def times_out(octets: bytes) -> bytes:
    error = b'{"code":"timeout","message":"","fatal":true}'
    return frame(b'{"id":0,"ok":false,"error":%b}' % error)


def sleeps(octets: bytes) -> bytes:
    threading.Event().wait()
    return b""


KINDS: dict[str, Callable[[bytes], bytes]] = {
    "dies": dies,
    "exits": exits,
    "mute": mute,
    "sleeps": sleeps,
    "times-out": times_out,
}


def serve(accepted: socket.socket, answer: Callable[[bytes], bytes]) -> None:
    with accepted:
        while octets := accepted.recv(65_536):
            accepted.sendall(answer(octets))


def main() -> None:
    kind, port = sys.argv[1:]
    if kind == "stubborn":  # it listens, and SIGTERM does not end it
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        kind = "mute"
    with socket.create_server(("127.0.0.1", int(port))) as listener:
        while True:
            accepted, _ = listener.accept()
            arguments = (accepted, KINDS[kind])
            threading.Thread(target=serve, args=arguments, daemon=True).start()


if __name__ == "__main__":
    main()
