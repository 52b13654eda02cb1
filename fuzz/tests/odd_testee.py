"""A testee around the specification itself that is odd in the way it is told."""

import json
import os
import sys
from typing import Any

from hjp_spec.oracle import decode, raw_frame

WAY = sys.argv[1]
asked = 0


def describe(request: dict[str, Any]) -> dict[str, Any]:
    commands = ["describe", "decode", "encode", "reset"]
    if WAY == "no-encode":
        commands.remove("encode")
    return {
        **{"status": "ok", "testee": 1, "name": "odd", "codes": WAY != "no-codes"},
        "commands": commands,
    }


def told(request: dict[str, Any]) -> dict[str, Any]:
    outcome = decode(bytes.fromhex("".join(request["chunks"])))
    frames = [
        {"json": frame.json.decode(), "payload": frame.payload.hex()}
        for frame in outcome.frames
    ]
    answer = {"status": outcome.status, "frames": frames, "consumed": outcome.consumed}
    if outcome.code is not None and WAY != "no-codes":
        answer["code"] = outcome.code
    return answer


def odd(answer: dict[str, Any]) -> dict[str, Any]:
    frames = answer["frames"]
    if WAY == "rewrites":
        for frame in frames:
            frame["json"] = json.dumps(json.loads(frame["json"]))
    elif WAY == "miscounts" and frames:
        answer["consumed"] -= 1
    elif WAY == "shouts":
        for frame in frames:
            frame["payload"] = frame["payload"].upper()
    elif WAY == "first-only" and len(frames) > 1:
        answer["frames"] = frames[:1]
        first = frames[0]
        answer["consumed"] = 16 + len(first["json"]) + len(first["payload"]) // 2
    elif WAY == "dies-at-ten" and asked == 10:
        os._exit(3)
    elif WAY == "no-text" and frames:
        frames[0]["json"] = "{]"
    return answer


def encode(request: dict[str, Any]) -> dict[str, Any]:
    if WAY == "never-writes":
        return {"status": "reject", "code": "bad_json"}
    if WAY == "cannot-write":
        return {"status": "error", "message": "TypeError: not today"}
    if WAY == "dies-writing":
        os._exit(4)
    octets = raw_frame(request["json"].encode(), bytes.fromhex(request["payload"]))
    return {"status": "ok", "hex": octets.hex()}


ANSWERS = {
    "describe": describe,
    "decode": lambda request: odd(told(request)),
    "encode": encode,
}
for line in sys.stdin:
    asked += 1
    request = json.loads(line)
    print(json.dumps(ANSWERS[request["cmd"]](request)), flush=True)
