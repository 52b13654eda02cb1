"""A testee around the oracle of the specification, right or wrong; run as a program.

Without an argument it obeys the text *testee*; an argument names what it does wrong.
"""

import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

from hjp_spec import oracle

HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*", re.ASCII)


def octets(text: Any) -> bytes:
    if type(text) is not str or not HEX.fullmatch(text):
        raise ValueError("not hexadecimal digits in pairs")
    return bytes.fromhex(text)


def limit(request: dict[str, Any]) -> int:
    found = request.get("max_payload", 65_536)
    if type(found) is not int or not 0 <= found < 2**32:
        raise ValueError("max_payload is out of its range")
    return found


def describe(request: dict[str, Any]) -> dict[str, Any]:
    about = {"testee": 1, "name": "oracle", "commands": list(COMMANDS), "codes": True}
    return {"status": "ok", **about}


def decode(request: dict[str, Any]) -> dict[str, Any]:
    if type(request["chunks"]) is not list:
        raise ValueError("chunks is no array")
    stream = b"".join(map(octets, request["chunks"]))
    outcome = oracle.decode(stream, limit(request))
    told = {} if outcome.code is None else {"code": outcome.code}
    frames = [
        {"json": frame.json.decode(), "payload": frame.payload.hex()}
        for frame in outcome.frames
    ]
    status = {"status": outcome.status, **told}
    return {**status, "frames": frames, "consumed": outcome.consumed}


def encode(request: dict[str, Any]) -> dict[str, Any]:
    if type(request["json"]) is not str:
        raise ValueError("json is no string")
    payload, most = octets(request.get("payload", "")), limit(request)
    try:
        text = request["json"].encode()
        return {"status": "ok", "hex": oracle.encode(text, payload, most).hex()}
    except UnicodeEncodeError:
        return {"status": "reject", "code": "bad_json"}
    except oracle.FormatFault as fault:
        return {"status": "reject", "code": fault.code}


def reset(request: dict[str, Any]) -> dict[str, Any]:
    return {"status": "ok"}


COMMANDS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "describe": describe,
    "decode": decode,
    "encode": encode,
    "reset": reset,
}


def answer(line: bytes) -> dict[str, Any]:
    try:
        request = json.loads(line.decode())
        return COMMANDS[request["cmd"]](request)
    except (ValueError, LookupError, TypeError) as error:
        return {"status": "error", "message": repr(error)}


def say(reply: dict[str, Any]) -> None:
    print(json.dumps(reply), flush=True)


def serve(fault: str) -> None:
    for line in lines(fault):
        if b'"51"' in line and fault in ON_Q:
            ON_Q[fault]()
        reply = answer(line)
        if fault == "skips-bad-lines" and reply["status"] == "error":
            continue
        if fault == "answers-errors-by-ok" and reply["status"] == "error":
            reply = {"status": "ok"}
        if fault == "knows-few-members" and b'"note"' in line:
            reply = {"status": "error", "message": "what is note?"}
        say(reply)
        if fault == "answers-reset-twice" and b'"reset"' in line:
            say(reply)
    if fault == "exits-with-3":
        sys.exit(3)


def lines(fault: str) -> Iterator[bytes]:
    if fault == "splits-at-separators":
        for line in sys.stdin.buffer:
            for piece in line.decode(errors="replace").splitlines():
                yield piece.encode()
        return
    yield from sys.stdin.buffer


def babble() -> None:
    print("I am no testee", flush=True)


ON_Q: dict[str, Callable[[], object]] = {
    "dies": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "exits": lambda: sys.exit(7),
    "hangs": signal.pause,
    "babbles": babble,
}

if __name__ == "__main__":
    serve(sys.argv[1] if len(sys.argv) > 1 else "")
