"""The format of wyoming events as a dialect, and the package's two readers of it.

    hjp-fuzz run wyoming_dialect:parse --dialect wyoming_dialect:WYOMING
    hjp-fuzz run wyoming_dialect:parse_async --dialect wyoming_dialect:WYOMING

The sentences are those of the section *Format* in the README of wyoming.  Its readers
give None where the stream has ended and where they do not understand it: here that is
the end where nothing is left, and else a refusal.
"""

import asyncio
import io
from collections.abc import Iterator
from typing import Any

from construct import Bytes, GreedyBytes, NullTerminated, Struct
from wyoming.event import async_read_event, read_event

from hjp_fuzz.formats import UNDECIDED, Draft, Json, Source, dialect, member
from hjp_fuzz.texts import json_text

RULES = {
    "WY-1": "A JSON object header as a single line with \\n (UTF-8, required).",
    "WY-2": "type: event type (string, required).",
    "WY-3": "data: event data (object, optional).",
    "WY-4": "data_length: bytes of additional data (int, optional).",
    "WY-5": "payload_length: bytes of binary payload (int, optional).",
    "WY-6": "Additional data (UTF-8, optional): JSON object with additional "
    "event-specific data.",
    "WY-7": "Merged on top of header data.",
    "WY-8": "Payload: exactly payload_length bytes long.",
}
SCHEMA = Struct(
    "line" / Json(NullTerminated(GreedyBytes, term=b"\n"),
                  utf8="WY-1", json="WY-1", object="WY-1") * "WY-1",
    "data" / Json(Bytes(member("line", "data_length", "WY-4")), optional=True,
                  utf8="WY-6", json="WY-6", object="WY-6") * "WY-6 WY-7",
    "payload" / Bytes(member("line", "payload_length", "WY-5")) * "WY-8",
)  # fmt: skip
TYPES = (b'"a"', b'"audio-chunk"', b'"\xc3\xa9"', b'""')

LONG = b'{"text":"%b"}' % (b"a" * 70_000)


def frame(source: Source) -> Draft:
    """Write an event: its data in the line, after it, or in both places."""
    line, more = source.int(0, 1), source.int(0, 1)
    # In a right text an LF is white space, and would be the end of the line.
    data = json_text(source).octets.replace(b"\n", b" ") if line else b"{}"
    if source.flag(512):
        data = LONG
    text = b'{"type":%b,"data":%b}' % (source.choice(TYPES), data)
    payload = bytes(range(source.choice((0, 0, 1, 3, 255))))
    return Draft(text, payload, {"data": json_text(source).octets} if more else {})


def fault(event: Any) -> str | None:
    """Return the rule that an event breaks whose texts are JSON objects."""
    said = event.line.value
    if type(said.get("type")) is not str:
        return "WY-2"
    if said.get("data", {}) is None:
        return UNDECIDED
    return None if isinstance(said.get("data", {}), dict) else "WY-3"


def told(event: Any) -> tuple[Any, bytes]:
    """Return what `parse` has to give for a right event."""
    said = event.line.value
    data = said.get("data", {}) | (event.data.value or {})
    return {"type": said["type"], "data": data}, event.payload


WYOMING = dialect(SCHEMA, rules=RULES, frame=frame, fault=fault, told=told, ends=False)


def parse(data: bytes) -> Iterator[tuple[Any, bytes]]:
    """Read events as the package does from a file or a pipe."""
    stream = io.BytesIO(data)
    while stream.tell() < len(data):
        yield _pair(read_event(stream))


def parse_async(data: bytes) -> list[tuple[Any, bytes]]:
    """Read events as the package does from a connection."""
    return asyncio.run(_read_all(data))


async def _read_all(data: bytes) -> list[tuple[Any, bytes]]:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    events = []
    while not reader.at_eof():
        events.append(_pair(await async_read_event(reader)))
    return events


def _pair(event: Any) -> tuple[Any, bytes]:
    if event is None:
        raise ValueError("no event")
    return {"type": event.type, "data": event.data}, event.payload or b""
