"""A server that asks the specification, and is hostile to streams that hold FF FF.

``hostile_server.py WAY PORT``: it reads each connection to its end, one after the
other, and answers then.  Port 0 is any free one; the first line says which.
"""

import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

from hjp_spec.oracle import Frame, Outcome, decode, raw_frame

Change = Callable[[list[bytes], Outcome], list[bytes]]
WAY = sys.argv[1]
_UPPER = bytes.maketrans(bytes(range(0x61, 0x7B)), bytes(range(0x41, 0x5B)))


def frame(metadata: object, payload: bytes = b"") -> bytes:
    return raw_frame(json.dumps(metadata).encode(), payload)


def fatal(code: str) -> bytes:
    error = {"code": code, "message": "no", "fatal": True}
    return frame({"id": 0, "ok": False, "error": error})


def failed(number: int, code: str) -> bytes:
    return frame({"id": number, "ok": False, "error": {"code": code, "message": "no"}})


def reply(request: Frame) -> bytes:
    said, payload = request.metadata, request.payload
    answer = {"id": said["id"], "ok": True}
    if said["op"] == "echo":
        answer |= {"data": said["data"]} if "data" in said else {}
        return frame(answer, payload)
    if said["op"] == "upper":
        return frame(answer, payload.translate(_UPPER))
    return frame(answer) if said["op"] == "ping" else failed(said["id"], "unknown_op")


def replies(outcome: Outcome) -> Iterator[bytes]:
    last = 0
    for request in outcome.frames:
        number, op = request.metadata.get("id"), request.metadata.get("op")
        if type(number) is not int or not last < number < 2**53:
            yield fatal("bad_id")
            return
        if type(op) is not str or "ok" in request.metadata:
            yield fatal("bad_frame")
            return
        last = number
        if request.metadata.get("more") is True:
            yield failed(number, "unknown_op")
            return
        yield reply(request)
    if outcome.code is not None:
        yield fatal(outcome.code)


def dies(number: signal.Signals) -> Change:
    def way(said: list[bytes], outcome: Outcome) -> list[bytes]:
        os.kill(os.getpid(), number)
        return said

    return way


def hangs(said: list[bytes], outcome: Outcome) -> list[bytes]:
    signal.pause()
    return said


def bomb(said: list[bytes], outcome: Outcome) -> list[bytes]:
    room = bytearray(400 << 20)
    room[:: 1 << 12] = b"x" * len(room[:: 1 << 12])
    return said


def first(reply: bytes) -> Change:
    return lambda said, outcome: [reply, *said[1:]]


def last_if_refused(reply: bytes) -> Change:
    return lambda said, outcome: [*said[:-1], reply] if outcome.code else said


WAYS: dict[str, Change] = {
    "crash": dies(signal.SIGSEGV),
    "ends": dies(signal.SIGTERM),
    "hang": hangs,
    "bomb": bomb,
    "garbage": lambda said, outcome: [b"Segmentation of words\n"],
    "flood": lambda said, outcome: [b"and another thing\n" * (1 << 18)] * 16,
    "half": lambda said, outcome: [b"".join(said)[:-1]],
    "silent": lambda said, outcome: [],
    "reset": lambda said, outcome: [],
    "refuses": lambda said, outcome: [fatal("bad_frame")],
    "twice": lambda said, outcome: [*said, said[-1]],
    "other-payload": first(frame({"id": 1, "ok": True}, b"no")),
    "other-data": first(frame({"id": 1, "ok": True, "data": 7}, b"\xff\xff")),
    "other-id": first(frame({"id": 9, "ok": True})),
    "declines": first(failed(1, "busy")),
    "other-code": last_if_refused(fatal("bad_id")),
    "forgives": last_if_refused(frame({"id": 1, "ok": True})),
    "tells-of-the-end": lambda said, outcome: [*said, fatal("bad_frame")],
    "obey": lambda said, outcome: said,
}
"""What becomes of the replies."""


def everything(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(1 << 16), b""))


def serve(listener: socket.socket, change: Change) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            octets = everything(connection)
            outcome = decode(octets)
            said = list(replies(outcome))
            if b"\xff\xff" in octets:
                said = change(said, outcome)
                if WAY == "reset":
                    now = struct.pack("ii", 1, 0)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
            with suppress(ConnectionError):  # who has had enough does not wait
                connection.sendall(b"".join(said))


with socket.create_server(("127.0.0.1", int(sys.argv[2])), backlog=64) as listening:
    print(listening.getsockname()[1], flush=True)
    serve(listening, WAYS[WAY])
