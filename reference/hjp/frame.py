"""Frames: octets in any split to frames, and frames to octets.

Knows header, metadata and payload; knows no side, no `id` and no state of a
connection. A receiver has three outcomes here: a result, a `FormatError`, or ``None``
for "more octets are needed".
"""

import struct
from dataclasses import dataclass
from typing import Any, Final

from hjp.errors import Code, FormatError, IncompleteError
from hjp.limits import DEFAULT_MAX_PAYLOAD, MAX_JSON
from hjp.metadata import dumps, loads

__all__ = [
    "HEADER_LENGTH",
    "MAGIC",
    "VERSION",
    "Decoder",
    "Frame",
    "Head",
    "Reader",
    "encode",
    "encode_head",
    "encode_text",
]

MAGIC: Final = b"HJP\xff"
VERSION: Final = 1

_HEADER: Final = struct.Struct("<4sB3sII")
HEADER_LENGTH: Final = _HEADER.size
_INVARIANT: Final = MAGIC + bytes([VERSION])
_RESERVED: Final = bytes(3)


# Not frozen, here and in the events: freezing trebles the time to make one.
@dataclass(slots=True)
class Frame:
    """One frame as received."""

    json: bytes
    """The JSON text, octet for octet."""

    metadata: dict[str, Any]
    """What the JSON text says."""

    payload: bytes = b""


@dataclass(slots=True)
class Head:
    """Header and metadata of a frame whose payload may be still to come."""

    json: bytes
    metadata: dict[str, Any]
    payload_length: int


class Reader:
    """Takes octets in any split (HJP-FRM-14) and gives heads and payload octets.

    Call `read_head` until it gives a head, then `read_payload` until `payload_left`
    is 0, and so on. Payload octets are handed out as they come and never gathered
    here, so the size of a payload costs this class nothing.

    Attributes:
        max_payload: The limit in force, in octets; may be set between two frames.
        payload_left: Octets of the present frame's payload not yet handed out.
    """

    __slots__ = (
        "_data",
        "_later",
        "_lengths",
        "_position",
        "max_payload",
        "payload_left",
    )

    def __init__(self, max_payload: int = DEFAULT_MAX_PAYLOAD) -> None:
        self.max_payload = max_payload
        self.payload_left = 0
        self._data = b""
        self._position = 0
        # What comes while octets lie unread is gathered here and joined once it is
        # enough for the next step: octet by octet, joining at once is quadratic.
        self._later = bytearray()
        self._lengths: tuple[int, int] | None = None

    def feed(self, chunk: bytes) -> None:
        """Add octets; nothing is parsed yet."""
        if self._later or self._position < len(self._data):
            self._later += chunk
        else:
            self._data = bytes(chunk)  # no copy if it is `bytes`
            self._position = 0

    @property
    def unread(self) -> int:
        """Octets that were fed and not yet taken."""
        return len(self._data) - self._position + len(self._later)

    @property
    def inside_head(self) -> bool:
        """Whether some but not all octets of a header and its metadata have come."""
        return not self.payload_left and (self._lengths is not None or self.unread > 0)

    @property
    def inside_frame(self) -> bool:
        """Whether some but not all octets of a frame have come."""
        return self.payload_left > 0 or self.inside_head

    def read_head(self) -> Head | None:
        """Take header and metadata of the next frame; its payload is not awaited.

        Raises:
            FormatError: The first fault by *Precedence*, rows 1 to 7. The reader is
                of no use after it: nothing is looked for in what follows (HJP-FRM-3).
        """
        if self._lengths is None:
            self._lengths = self._read_header()
            if self._lengths is None:
                return None
        json_length, payload_length = self._lengths
        if not self._has(json_length):
            return None
        text = self._take(json_length)
        head = Head(text, loads(text), payload_length)
        self._lengths = None
        self.payload_left = payload_length
        return head

    def read_payload(self) -> bytes:
        """Take those octets of the present payload that have come; maybe none."""
        if self._later:
            self._join()
        part = self._take(min(self.payload_left, len(self._data) - self._position))
        self.payload_left -= len(part)
        return part

    def _read_header(self) -> tuple[int, int] | None:
        if not self._has(len(_INVARIANT)):
            return None
        if not self._data.startswith(_INVARIANT, self._position):
            raise _not_hjp1(self._data[self._position : self._position + 5])
        if not self._has(HEADER_LENGTH):
            return None
        _, _, reserved, json_length, payload_length = _HEADER.unpack_from(
            self._data, self._position
        )
        _check_reserved(reserved)
        _check_lengths(json_length, payload_length, self.max_payload)
        self._position += HEADER_LENGTH
        return json_length, payload_length

    def _has(self, count: int) -> bool:
        if len(self._data) - self._position >= count:
            return True
        if self.unread < count:
            return False
        self._join()
        return True

    def _join(self) -> None:
        self._data = self._data[self._position :] + self._later
        self._position = 0
        self._later = bytearray()

    def _take(self, count: int) -> bytes:
        taken = self._data[self._position : self._position + count]
        self._position += count
        return taken


class Decoder:
    """Octets to whole frames, in any split.

    After a `FormatError` the decoder raises the same one for whatever is fed.

    Args:
        max_payload: The limit in force, in octets (HJP-FRM-10).
    """

    def __init__(self, max_payload: int = DEFAULT_MAX_PAYLOAD) -> None:
        self._reader = Reader(max_payload)
        self._head: Head | None = None
        self._payload = bytearray()
        self._fault: FormatError | None = None

    def feed(self, chunk: bytes) -> list[Frame]:
        """Add octets and take the frames that they complete.

        Raises:
            FormatError: The first fault of the input (HJP-ERR-15). The frames that
                this call completed before it are in its attribute ``frames``.
        """
        if self._fault:
            self._fault.frames = ()
            raise self._fault
        self._reader.feed(chunk)
        frames: list[Frame] = []
        try:
            while (frame := self._next_frame()) is not None:
                frames.append(frame)
        except FormatError as fault:
            self._fault = fault
            fault.frames = tuple(frames)
            raise
        return frames

    def close(self) -> None:
        """Say that the input has ended.

        Raises:
            FormatError: The fault that `feed` raised before.
            IncompleteError: The input ended inside a frame.
        """
        if self._fault:
            raise self._fault
        if self._head or self._reader.inside_frame:
            raise IncompleteError("the octets end inside a frame")

    def _next_frame(self) -> Frame | None:
        self._head = self._head or self._reader.read_head()
        if self._head is None:
            return None
        payload = self._reader.read_payload()
        if self._reader.payload_left or self._payload:
            self._payload += payload
            if self._reader.payload_left:
                return None
            payload, self._payload = bytes(self._payload), bytearray()
        head, self._head = self._head, None
        return Frame(head.json, head.metadata, payload)


def encode(
    metadata: dict[str, Any],
    payload: bytes = b"",
    *,
    max_payload: int = DEFAULT_MAX_PAYLOAD,
) -> bytes:
    """Write a frame that its receiver accepts (HJP-FRM-1, HJP-FRM-19).

    Raises:
        FormatError: The code is the one that a receiver would give.
    """
    return _join_frame(dumps(metadata), payload, max_payload)


def encode_head(
    metadata: dict[str, Any], payload_length: int, *, max_payload: int
) -> bytes:
    """Write header and metadata of a frame, whose payload has to follow.

    Raises:
        FormatError: As `encode`.
    """
    return _head(dumps(metadata), payload_length, max_payload)


def encode_text(
    text: bytes, payload: bytes = b"", *, max_payload: int = DEFAULT_MAX_PAYLOAD
) -> bytes:
    """Write a frame with a JSON text as it is, after the checks of a receiver.

    Raises:
        FormatError: The code is the one that a receiver would give.
    """
    _check_lengths(len(text), len(payload), max_payload)
    loads(text)
    return _join_frame(text, payload, max_payload)


def _join_frame(text: bytes, payload: bytes, max_payload: int) -> bytes:
    return _head(text, len(payload), max_payload) + payload


def _head(text: bytes, payload_length: int, max_payload: int) -> bytes:
    _check_lengths(len(text), payload_length, max_payload)
    header = _HEADER.pack(MAGIC, VERSION, _RESERVED, len(text), payload_length)
    return header + text


def _not_hjp1(first: bytes) -> FormatError:
    """Rows 1 and 2; five octets decide, without a sixth (HJP-FRM-5)."""
    if not first.startswith(MAGIC):
        found = first[:4].hex(" ").upper()
        return FormatError(
            Code.BAD_MAGIC, f"the magic is {found}, not 48 4A 50 FF", "HJP-FRM-2"
        )
    return FormatError(
        Code.BAD_VERSION, f"the version is {first[4]}, not {VERSION}", "HJP-FRM-4"
    )


def _check_reserved(reserved: bytes) -> None:
    """Row 3."""
    if reserved != _RESERVED:
        raise FormatError(
            Code.BAD_FRAME, f"reserved is {reserved.hex(' ')}, not 0", "HJP-FRM-7"
        )


def _check_lengths(json_length: int, payload_length: int, max_payload: int) -> None:
    """Rows 4 to 6. Nothing is allocated before: the lengths are the peer's word."""
    if json_length < 2:
        raise FormatError(
            Code.BAD_FRAME, f"json_length is {json_length}, less than 2", "HJP-FRM-8"
        )
    if json_length > MAX_JSON:
        raise _too_large("json_length", json_length, MAX_JSON, "max_json", "HJP-FRM-9")
    if payload_length > max_payload:
        raise _too_large(
            "payload_length", payload_length, max_payload, "max_payload", "HJP-FRM-10"
        )


def _too_large(
    field: str, found: int, allowed: int, limit: str, requirement: str
) -> FormatError:
    message = f"{field} is {found}, {limit} is {allowed}"
    return FormatError(Code.TOO_LARGE, message, requirement, limit=limit)
