"""Codecs of the same frames: each writes and reads one a time."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

import hjp
from benchmarks import frames
from benchmarks.tasks import Client, Files, Once, Task, metadata

__all__ = ["Codec", "clients", "in_rounds"]

Codec: TypeAlias = Callable[[dict[str, Any], bytes], tuple[dict[str, Any], bytes]]
"""Writes a frame, reads it, gives what it holds."""


def _strict(members: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
    (found,), _ = frames.split(frames.frame(members, payload))
    return found


def _lax(members: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
    text = json.dumps(members).encode()
    data = frames.HEADER.pack(b"HJP\xff\1\0\0\0", len(text), len(payload))
    data += text + payload
    _, json_length, payload_length = frames.HEADER.unpack_from(data)
    end = 16 + json_length
    return json.loads(data[16:end]), data[end : end + payload_length]


class _Hjp:
    def __init__(self) -> None:
        self._decoder = hjp.Decoder()

    def __call__(
        self, members: dict[str, Any], payload: bytes
    ) -> tuple[dict[str, Any], bytes]:
        (frame,) = self._decoder.feed(hjp.encode(members, payload))
        return frame.metadata, frame.payload


_CODECS: Final[dict[str, Callable[[], Codec]]] = {
    "strict": lambda: _strict,
    "lax": lambda: _lax,
    "hjp": _Hjp,
}


def in_rounds(codec: Codec) -> Client:
    """Make a client of a codec."""

    @contextmanager
    def rounds(task: Task, _files: Files, _port: int) -> Iterator[Once]:
        payload, members = bytes(task.size), metadata(1)
        if codec(members, payload) != (members, payload):
            raise ValueError("the codec gives back something else")

        def once() -> None:
            for _ in range(task.count):
                codec(members, payload)

        yield once

    return rounds


def clients(variant: str) -> dict[str, dict[str, Client]]:
    """Tell what this peer takes part in."""
    return {"codec": {"": in_rounds(_CODECS[variant]())}}
