"""A server that is right but dies of `upper` and `echo`: `dying_server.py now|late PORT`."""

import json
import os
import socket
import sys
import threading
from typing import Any

from hjp_spec.oracle import Frame, Status, decode, raw_frame

READ = 65_536
LATER = 0.01
"""Seconds after its answer in which a server that dies late has died."""
HELLO = {"features": [], "limits": {"max_payload": READ}, "server": "dies"}


def answer(frame: Frame) -> bytes:
    asked, op = frame.metadata, frame.metadata["op"]
    told: dict[str, Any] = {"id": asked["id"], "ok": True}
    if op == "hello":
        told |= HELLO
    if "data" in asked:
        told["data"] = asked["data"]
    payload = {"echo": frame.payload, "upper": frame.payload.upper()}.get(op, b"")
    return raw_frame(json.dumps(told).encode(), payload)


def serve(connection: socket.socket, dies: str) -> None:
    octets = b""
    with connection:
        while received := connection.recv(READ):
            octets += received
            outcome = decode(octets)
            octets = octets[outcome.consumed :]
            for frame in outcome.frames:
                if frame.metadata["op"] in ("upper", "echo"):
                    if dies == "now":
                        os._exit(9)
                    threading.Timer(LATER, os._exit, (9,)).start()
                connection.sendall(answer(frame))
            if outcome.status is Status.REJECT:
                return


def main(dies: str, port: str) -> None:
    with socket.create_server(("127.0.0.1", int(port)), backlog=128) as listener:
        print(f"ready hjp://127.0.0.1:{port}", flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, dies), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
