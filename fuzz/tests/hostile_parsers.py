"""Parsers that take their process down, hang, print, or break the contract."""

import ctypes
import os
import time
from collections.abc import Iterator
from typing import Any

from hjp_spec.oracle import decode


def obey(data: bytes) -> Iterator[tuple[Any, bytes]]:
    outcome = decode(data)
    for frame in outcome.frames:
        yield frame.metadata, frame.payload
    if outcome.code is not None:
        raise ValueError(outcome.code)
    if outcome.status == "incomplete":
        raise EOFError


def crashes(data: bytes) -> Iterator[tuple[Any, bytes]]:
    if b"\xff\xff" in data[4:]:
        ctypes.string_at(0)
    return obey(data)


def exits(data: bytes) -> Iterator[tuple[Any, bytes]]:
    if b"\xff\xff" in data[4:]:
        os._exit(7)
    return obey(data)


def hangs(data: bytes) -> Iterator[tuple[Any, bytes]]:
    if b"\xff\xff" in data[4:]:
        time.sleep(3600)
    return obey(data)


def hoards(data: bytes) -> Iterator[tuple[Any, bytes]]:
    if b"\xff\xff" in data[4:]:
        bytearray(1 << 40)
    return obey(data)


def mumbles(data: bytes) -> Iterator[Any]:
    if b"\xff\xff" in data[4:]:
        yield 7
    yield from obey(data)


def allocates(data: bytes) -> Iterator[tuple[Any, bytes]]:
    if len(data) >= 16 and data[:4] == b"HJP\xff":
        bytearray(int.from_bytes(data[12:16], "little"))
    return obey(data)


def prints(data: bytes) -> Iterator[tuple[Any, bytes]]:
    print("noise " * 100)
    return obey(data)


def no_pairs(data: bytes) -> list[int]:
    return [1, 2, 3]


class Flaky:
    """Fails in the process that has run long enough, and in no other."""

    runs = 0

    def __init__(self) -> None:
        self.data = b""
        type(self).runs += 1

    def feed(self, chunk: bytes) -> Iterator[tuple[Any, bytes]]:
        if type(self).runs > 50:
            raise KeyError("late")
        before = len(decode(self.data).frames)
        self.data += chunk
        outcome = decode(self.data)
        for frame in outcome.frames[before:]:
            yield frame.metadata, frame.payload
        if outcome.code is not None:
            raise ValueError(outcome.code)

    def close(self) -> None:
        if decode(self.data).status == "incomplete":
            raise EOFError
