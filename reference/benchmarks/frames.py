"""Frames by hand, for what hjp is compared with: `struct` and `json`, no more."""

import json
import socket
import struct
from typing import Any, Final

__all__ = ["DECODE", "ENCODE", "HEADER", "Wire", "frame", "head", "split"]

HEADER: Final = struct.Struct("<8sII")
_FIRST: Final = b"HJP\xff\1\0\0\0"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("two members of one name")
    return members


def _constant(name: str) -> None:
    raise ValueError(name)


ENCODE: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":")
).encode
DECODE: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant
).decode


def head(metadata: dict[str, Any], length: int) -> bytes:
    """Write header and JSON of a frame whose payload follows."""
    text = ENCODE(metadata).encode()
    return HEADER.pack(_FIRST, len(text), length) + text


def frame(metadata: dict[str, Any], payload: bytes = b"") -> bytes:
    """Write a frame."""
    return head(metadata, len(payload)) + payload


def split(data: bytes) -> tuple[list[tuple[dict[str, Any], bytes]], bytes]:
    """Read the frames that are whole; give the rest, too."""
    found = []
    at = 0
    while len(data) - at >= 16:
        first, json_length, payload_length = HEADER.unpack_from(data, at)
        if first != _FIRST:
            raise ValueError("no HJP/1")
        start = at + 16 + json_length
        end = start + payload_length
        if end > len(data):
            break
        found.append((DECODE(data[at + 16 : start].decode()), data[start:end]))
        at = end
    return found, data[at:]


class Wire:
    """A blocking connection that carries frames."""

    def __init__(self, port: int, *, buffer: int = 2**18) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""
        self._buffer = memoryview(bytearray(buffer))
        self._id = 0

    def next_id(self) -> int:
        """Give an id that no request has had."""
        self._id += 1
        return self._id

    def read(self, count: int = 1) -> list[tuple[dict[str, Any], bytes]]:
        """Wait for so many frames."""
        found: list[tuple[dict[str, Any], bytes]] = []
        while len(found) < count:
            length = self.socket.recv_into(self._buffer)
            if not length:
                raise ConnectionError("the server has closed the connection")
            more, self.rest = split(self.rest + self._buffer[:length])
            found += more
        return found
