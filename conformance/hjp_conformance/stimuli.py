"""Octets to send, right or wrong."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from hjp_spec.oracle import raw_frame

Metadata = Mapping[str, Any] | str | bytes
"""Members to be written as JSON, or a JSON text to be sent as it stands."""


def json_text(metadata: Metadata) -> bytes:
    """The JSON text of a frame; a dict is written compactly, without escapes."""
    if isinstance(metadata, bytes):
        return metadata
    if isinstance(metadata, str):
        return metadata.encode()
    return json.dumps(metadata, ensure_ascii=False, separators=(",", ":")).encode()


def frame(metadata: Metadata, payload: bytes = b"", **wrong: Any) -> bytes:
    """A frame with this metadata.

    Args:
        metadata: the members, or the JSON text itself.
        payload: the octets after it.
        wrong: header fields that are not what they should be: `magic`, `version`,
            `reserved`, `json_length`, `payload_length`.
    """
    return raw_frame(json_text(metadata), payload, **wrong)


def request(id_: int, op: str, payload: bytes = b"", /, **members: Any) -> bytes:
    """A request of one frame."""
    return frame({"id": id_, "op": op, **members}, payload)


def ping(id_: int, **members: Any) -> bytes:
    """A `ping`, which every server answers."""
    return request(id_, "ping", **members)


def pings(first: int, last: int) -> bytes:
    """Pings with all ids from first to last."""
    return b"".join(ping(id_) for id_ in range(first, last + 1))


def padded(text: str, octets: int) -> str:
    """The JSON object with white space inside, so that it has this many octets."""
    return text[:-1] + " " * (octets - len(text.encode())) + text[-1]


def splits(octets: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every way to cut the octets in two."""
    for cut in range(1, len(octets)):
        yield octets[:cut], octets[cut:]


def pieces(octets: bytes, cuts: Iterable[int]) -> list[bytes]:
    """The octets cut at these offsets."""
    return [octets[a:b] for a, b in pairwise([0, *cuts, len(octets)])]


ALL_OCTETS = bytes(range(256))
"""Each octet once."""


def ok(id_: int, payload: bytes = b"", /, **members: Any) -> bytes:
    """The final reply to a request, ok."""
    return frame({"id": id_, "ok": True, **members}, payload)


def error(id_: int, code: str, /, **members: Any) -> bytes:
    """An error that is not fatal; the members are those of its `error`."""
    told = {"code": code, "message": "by the suite", **members}
    return frame({"id": id_, "ok": False, "error": told})


def fatal(code: str, /, **members: Any) -> bytes:
    """A fatal error; the members are those of its `error`."""
    return error(0, code, fatal=True, **members)


def hello_reply(id_: int, max_payload: int, /, **members: Any) -> bytes:
    """The reply to a `hello`."""
    told = {"features": [], "limits": {"max_payload": max_payload}, "server": "suite"}
    return ok(id_, **(told | members))
