"""The codec of a construct, compiled."""

import json
from typing import Any

import construct as c

from benchmarks.peers.codecs import in_rounds
from benchmarks.tasks import Client

__all__ = ["clients"]


def clients(_variant: str) -> dict[str, dict[str, Client]]:
    """Tell what this peer takes part in."""
    frame = c.Struct(
        "first" / c.Const(b"HJP\xff\1\0\0\0"),
        "json_length" / c.Int32ul,
        "payload_length" / c.Int32ul,
        "json" / c.Bytes(c.this.json_length),
        "payload" / c.Bytes(c.this.payload_length),
    ).compile()

    def codec(members: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
        text = json.dumps(members).encode()
        made = {
            "json_length": len(text),
            "payload_length": len(payload),
            "json": text,
            "payload": payload,
        }
        found = frame.parse(frame.build(made))
        return json.loads(found.json), found.payload

    return {"codec": {"": in_rounds(codec)}}
