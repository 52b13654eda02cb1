"""Right readers of other formats, and the same with bugs that can be switched on.

They share no code with the dialects, which are to find the bugs.
"""

import json
from collections.abc import Callable, Iterator
from math import prod
from typing import Any

Frames = Iterator[tuple[Any, bytes]]

TENSOR_BUGS = {
    "begins": "white space may stand before the header",
    "twice": "the last of two members of one name wins",
    "holes": "the buffer may have octets that are no tensor's",
    "overlap": "tensors may share octets",
    "ends": "END is not compared with the shape",
    "clipped": "a header may be shorter than it says",
    "notes": "the values of __metadata__ may be anything",
    "key_error": "a tensor without a shape lets a KeyError out",
    "replaced": "what is not UTF-8 is replaced",
    "absolute": "data_offsets count from the start of the file",
    "no_scalar": "a tensor without dimensions is refused",
    "endless": "so many octets are made as the header says it has",
}
EVENT_BUGS = {
    "edge": "an octet is lost when a read ends with the line",
    "header_wins": "data in the line wins over data after it",
    "replaced": "data after the line replaces what is in the line",
    "last_line": "the last line needs no LF",
    "any_type": "the type may be anything",
    "any_data": "data may be anything",
    "characters": "data_length counts characters",
    "text_length": "a length may be a string",
    "stale": "an event without payload has that of the one before",
    "nan": "NaN is a number",
    "key_error": "an event without type lets a KeyError out",
    "dropped": "of the events of one read the last is dropped, if there are three",
}
SIZES = {"U8": 1, "I16": 2, "F32": 4, "I64": 8}


def _refuse(*_: Any) -> Any:
    raise ValueError("refused")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(pairs) if len(dict(pairs)) == len(pairs) else _refuse()


def _json(text: str, **options: Any) -> Any:
    try:
        return json.loads(text, **options)
    except RecursionError:
        return _refuse()


def tensors(*bugs: str) -> Callable[[bytes], Frames]:
    """Make a reader of safetensors."""

    def parse(data: bytes) -> Frames:
        size = int.from_bytes(data[:8], "little")
        if "endless" in bugs and size > 1 << 40:
            bytearray(min(size, 1 << 62))
        if len(data) < 8 or (len(data) < 8 + size and "clipped" not in bugs):
            _refuse()
        yield _tensors(data[8 : 8 + size], data[8 + size :], bugs), b""

    return parse


def _tensors(header: bytes, buffer: bytes, bugs: tuple[str, ...]) -> dict[str, Any]:
    if not header.startswith(b"{") and "begins" not in bugs:
        _refuse()
    text = header.decode(errors="replace" if "replaced" in bugs else "strict")
    pairs = None if "twice" in bugs else _once
    said = _json(text, object_pairs_hook=pairs, parse_constant=_refuse)
    if not isinstance(said, dict):
        _refuse()
    notes = said.pop("__metadata__", {})
    if "notes" not in bugs:
        texts = isinstance(notes, dict) and all(type(n) is str for n in notes.values())
        texts or _refuse()
    found = {name: _tensor(told, buffer, bugs) for name, told in said.items()}
    at = 0
    for begin, end in sorted(told["data_offsets"] for told in said.values()):
        hole, overlap = begin > at, begin < at
        if (hole and "holes" not in bugs) or (overlap and "overlap" not in bugs):
            _refuse()
        at = end
    if at < len(buffer) and "holes" not in bugs:
        _refuse()
    return found


def _tensor(told: Any, buffer: bytes, bugs: tuple[str, ...]) -> list[Any]:
    if not isinstance(told, dict):
        _refuse()
    if "key_error" not in bugs and not {"dtype", "shape", "data_offsets"} <= {*told}:
        _refuse()
    dtype, shape, ends = told["dtype"], told["shape"], told["data_offsets"]
    if dtype not in list(SIZES) or not isinstance(shape, list):
        _refuse()
    if not shape and "no_scalar" in bugs:
        _refuse()
    if not isinstance(ends, list) or len(ends) != 2:
        _refuse()
    if any(type(number) is not int or number < 0 for number in (*shape, *ends)):
        _refuse()
    if ends[1] > len(buffer) or ends[0] > ends[1]:
        _refuse()
    if ends[1] - ends[0] != SIZES[dtype] * prod(shape) and "ends" not in bugs:
        _refuse()
    start = 8 if "absolute" in bugs else 0
    return [dtype, shape, buffer[slice(*ends)][start:].hex()]


def events(*bugs: str) -> Callable[[], "Events"]:
    """Make a factory of readers of wyoming events."""
    return lambda: Events(bugs)


class Events:
    """Reads events as octets come."""

    def __init__(self, bugs: tuple[str, ...]) -> None:
        self.bugs = bugs
        self.waiting = b""
        self.payload = b""

    def feed(self, chunk: bytes) -> Frames:
        if "edge" in self.bugs and (self.waiting + chunk).endswith(b"\n"):
            chunk = chunk[:-2] + b"\n"
        self.waiting += chunk
        given = list(self._frames())
        if "dropped" in self.bugs and len(given) > 2:
            given.pop()
        yield from given

    def close(self) -> None:
        if self.waiting and "last_line" not in self.bugs:
            _refuse()

    def _frames(self) -> Frames:
        while b"\n" in self.waiting:
            line, _, rest = self.waiting.partition(b"\n")
            said = self._object(line)
            more = self._length(said, "data_length")
            if "characters" in self.bugs:
                more = len(rest.decode(errors="replace")[:more].encode())
            size = self._length(said, "payload_length")
            if len(rest) < more + size:
                return
            event = self._event(said, self._object(rest[:more]) if more else {})
            self.payload = rest[more : more + size] or self._before()
            self.waiting = rest[more + size :]
            yield event, self.payload

    def _before(self) -> bytes:
        return self.payload if "stale" in self.bugs else b""

    def _object(self, text: bytes) -> dict[str, Any]:
        constant = None if "nan" in self.bugs else _refuse
        found = _json(text.decode(), parse_constant=constant)
        return found if isinstance(found, dict) else _refuse()

    def _length(self, said: dict[str, Any], name: str) -> int:
        length = said.get(name, 0)
        if "text_length" in self.bugs and isinstance(length, str):
            return int(length)
        return length if type(length) is int and length >= 0 else _refuse()

    def _event(self, said: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
        data = said.get("data", {})
        if not isinstance(data, dict) and "any_data" not in self.bugs:
            _refuse()
        if "type" not in said and "key_error" not in self.bugs:
            _refuse()
        if not isinstance(said["type"], str) and "any_type" not in self.bugs:
            _refuse()
        if "header_wins" in self.bugs:
            data = {**more, **data}
        elif more and "replaced" in self.bugs:
            data = more
        elif isinstance(data, dict):
            data = {**data, **more}
        return {"type": said["type"], "data": data}
