"""What peers carry that have a message but no JSON beside it."""

import struct
from typing import Final

from benchmarks.frames import ENCODE
from benchmarks.tasks import Files, Task, metadata

__all__ = ["PART", "message", "named", "unnamed"]

PART: Final = 2**20  # octets that are read or written at once
_LENGTH: Final = struct.Struct("<H")


def message(task: Task) -> bytes:
    """Join the octets of an echo; nobody parses them."""
    return ENCODE(metadata(1)).encode() + bytes(task.size)


def named(files: Files, name: str) -> bytes:
    """Join the name of a small file and what is in it."""
    octets = name.encode()
    return _LENGTH.pack(len(octets)) + octets + (files.small / name).read_bytes()


def unnamed(data: bytes) -> tuple[str, bytes]:
    """Take the two apart again."""
    (length,) = _LENGTH.unpack_from(data)
    end = _LENGTH.size + length
    return data[_LENGTH.size : end].decode(), data[end:]
