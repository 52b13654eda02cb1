"""What every receiver has to make of a stream: the schema as oracle.

The table *Precedence*, rows 1 to 7, with the octets at which each fault is due and
what a receiver may know before that (HJP-FRM-18).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, auto
from struct import Struct
from typing import Any

from hjp_spec import ijson, schema
from hjp_spec.faults import FormatFault
from hjp_spec.registry import (
    DEFAULT_MAX_PAYLOAD,
    HEADER_LENGTH,
    MAGIC,
    MAX_JSON,
    MIN_JSON,
    VERSION,
    Code,
)

__all__ = [
    "FormatFault",
    "Frame",
    "Outcome",
    "Status",
    "decode",
    "encode",
    "raw_frame",
]

Read = Callable[[bytes], dict[str, Any]]
"""Reads a JSON text, or raises a FormatFault."""

_HEADER = Struct("<4sB3sII")
_LENGTHS = Struct("<II")
_FIXED = MAGIC + bytes([VERSION, 0, 0, 0])
_LENGTHS_AT = len(_FIXED)
# A header cut off is judged with the octets that would be best for it.
_BEST = _FIXED + _LENGTHS.pack(MIN_JSON, 0)
_JSON_LENGTH_END = 12
_DUE_EARLY = 5
_DUE_AT_FIVE = frozenset({"HJP-FRM-2", "HJP-FRM-4"})


class Status(StrEnum):
    """What became of a stream."""

    ACCEPT = auto()
    INCOMPLETE = auto()
    REJECT = auto()


# Not frozen, here and below: freezing trebles the time to make one.
@dataclass(slots=True)
class Frame:
    """A frame that every receiver accepts.

    Attributes:
        json: the JSON text as it stands in the frame.
        payload: the octets after it.
        metadata: what the JSON text says.
    """

    json: bytes
    payload: bytes
    metadata: dict[str, Any]

    @property
    def size(self) -> int:
        """The octets of the whole frame."""
        return HEADER_LENGTH + len(self.json) + len(self.payload)

    @property
    def octets(self) -> bytes:
        """The frame as it stands on the wire."""
        return raw_frame(self.json, self.payload)


@dataclass(slots=True)
class Outcome:
    """What a receiver has to make of a stream that ends here.

    Attributes:
        status: accept, incomplete or reject.
        frames: the frames that were accepted before that.
        consumed: the octets of those frames together.
        code: with reject, the code of the first fault.
        requirement: with reject, the id of what is broken.
        offset: with reject, where the fault is, in octets of the stream.
        message: with reject, what was found and what is allowed.
        early: with incomplete, the code that a receiver may already refuse with,
            since no further octets could make the frame acceptable (HJP-FRM-18).
    """

    status: Status
    frames: tuple[Frame, ...]
    consumed: int
    code: Code | None = None
    requirement: str | None = None
    offset: int | None = None
    message: str | None = None
    early: Code | None = None

    def permits(self, status: str, code: str | None) -> bool:
        """Whether a receiver may answer so; one that tells no codes gives None."""
        if status == Status.REJECT:
            certain = self.code or self.early
            return certain is not None and code in (None, certain)
        return status == self.status


def decode(
    stream: bytes, max_payload: int = DEFAULT_MAX_PAYLOAD, read: Read = ijson.parse
) -> Outcome:
    """What a receiver has to make of a stream; never raises, whatever the octets.

    Args:
        stream: all octets up to the end of the input.
        max_payload: the limit in force, in octets, at most 4 294 967 295.
        read: reads JSON texts as `ijson.parse` does, as by remembering what that
            made of a text.
    """
    frames: list[Frame] = []
    start = 0
    try:
        while start < len(stream):
            frame = _frame(stream, start, max_payload, read)
            frames.append(frame)
            start += frame.size
    except _Incomplete as end:
        return Outcome(Status.INCOMPLETE, tuple(frames), start, early=end.early)
    except FormatFault as fault:
        return Outcome(
            Status.REJECT,
            tuple(frames),
            start,
            fault.code,
            fault.requirement,
            start + fault.offset,
            fault.message,
        )
    return Outcome(Status.ACCEPT, tuple(frames), start)


class _Incomplete(Exception):  # noqa: N818  (no error: more may come)
    """The stream ends inside a frame whose fault, if it has one, is not due yet."""

    def __init__(self, early: Code | None):
        self.early = early


def _frame(stream: bytes, start: int, max_payload: int, read: Read) -> Frame:
    """The frame at start; offsets of faults count from there."""
    head = stream[start : start + HEADER_LENGTH]
    if head[:_LENGTHS_AT] == _FIXED and len(head) == HEADER_LENGTH:
        json_length, payload_length = _LENGTHS.unpack_from(head, _LENGTHS_AT)
        if MIN_JSON <= json_length <= MAX_JSON and payload_length <= max_payload:
            start += HEADER_LENGTH
            return _body(stream, start, json_length, payload_length, read)
    fault = schema.header_fault(head + _BEST[len(head) :], max_payload)
    if fault is None or not _is_certain(fault, head):
        raise _Incomplete(None)
    if len(head) < _due(fault):
        raise _Incomplete(fault.code)
    raise fault


def _is_certain(fault: FormatFault, head: bytes) -> bool:
    """A low octet of 0 or 1 says nothing: those after it may make it any length."""
    return fault.requirement != "HJP-FRM-8" or len(head) >= _JSON_LENGTH_END


def _due(fault: FormatFault) -> int:
    return _DUE_EARLY if fault.requirement in _DUE_AT_FIVE else HEADER_LENGTH


def _body(
    stream: bytes, start: int, json_length: int, payload_length: int, read: Read
) -> Frame:
    end = start + json_length
    json = stream[start:end]
    if len(json) < json_length:
        raise _Incomplete(_early_json(json, json_length - len(json)))
    try:
        metadata = read(json)
    except FormatFault as fault:
        raise fault.moved(HEADER_LENGTH) from None
    payload = stream[end : end + payload_length]
    if len(payload) < payload_length:
        raise _Incomplete(None)
    return Frame(json, payload, metadata)


def _early_json(present: bytes, left: int) -> Code | None:
    missing = ijson.shortfall(present)
    return None if missing is not None and missing <= left else Code.BAD_JSON


def raw_frame(
    json: bytes,
    payload: bytes = b"",
    *,
    magic: bytes = MAGIC,
    version: int = VERSION,
    reserved: bytes = bytes(3),
    json_length: int | None = None,
    payload_length: int | None = None,
) -> bytes:
    """A frame of any fields, right or wrong; the lengths are true unless given.

    Raises:
        struct.error: a field does not fit into its octets.
    """
    if json_length is None:
        json_length = len(json)
    if payload_length is None:
        payload_length = len(payload)
    header = _HEADER.pack(magic, version, reserved, json_length, payload_length)
    return header + json + payload


def encode(
    json: bytes, payload: bytes = b"", max_payload: int = DEFAULT_MAX_PAYLOAD
) -> bytes:
    """The one frame that a sender may write for this (HJP-FRM-1, HJP-FRM-19).

    Args:
        json: the JSON text, written as it is.
        payload: any octets.
        max_payload: the receiver's limit in octets, at most 4 294 967 295.

    Raises:
        FormatFault: a receiver would have to refuse the frame.
    """
    frame = raw_frame(json, payload)
    fault = schema.header_fault(frame[:HEADER_LENGTH], max_payload)
    if fault is not None:
        raise fault
    try:
        ijson.parse(json)
    except FormatFault as error:
        raise error.moved(HEADER_LENGTH) from None
    return frame
