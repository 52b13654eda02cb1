"""A testee around the oracle of the specification; run as a program."""

import json
import sys
from collections.abc import Callable
from typing import Any

from hjp_spec.oracle import FormatFault, decode, encode


def answer_describe(request: dict[str, Any]) -> dict[str, Any]:
    return {
        "status": "ok",
        "testee": 1,
        "name": "hjp_spec.oracle",
        "commands": list(ANSWERS),
        "codes": True,
    }


def answer_decode(request: dict[str, Any]) -> dict[str, Any]:
    stream = b"".join(map(bytes.fromhex, request["chunks"]))
    outcome = decode(stream, request.get("max_payload", 65_536))
    frames = [
        {"json": frame.json.decode(), "payload": frame.payload.hex()}
        for frame in outcome.frames
    ]
    reply = {"status": outcome.status, "frames": frames, "consumed": outcome.consumed}
    return reply if outcome.code is None else reply | {"code": outcome.code}


def answer_encode(request: dict[str, Any]) -> dict[str, Any]:
    json_text, payload = request["json"].encode(), bytes.fromhex(request["payload"])
    try:
        octets = encode(json_text, payload, request.get("max_payload", 65_536))
    except FormatFault as fault:
        return {"status": "reject", "code": fault.code}
    return {"status": "ok", "hex": octets.hex()}


def answer_reset(request: dict[str, Any]) -> dict[str, Any]:
    return {"status": "ok"}


ANSWERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "describe": answer_describe,
    "decode": answer_decode,
    "encode": answer_encode,
    "reset": answer_reset,
}


def answer(line: str) -> dict[str, Any]:
    try:
        request = json.loads(line)
        return ANSWERS[request["cmd"]](request)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        return {"status": "error", "message": repr(error)}


def main() -> None:
    for line in sys.stdin:
        print(json.dumps(answer(line)), flush=True)


if __name__ == "__main__":
    main()
