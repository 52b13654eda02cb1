"""The codec as a testee, for suites and fuzzers: a line of JSON in, a line out.

``python -m hjp.testee_codec``: the lines are those of the specification's text
*testee*.
"""

import json
import re
import sys
from collections.abc import Callable
from typing import Any, Final

from hjp.errors import FormatError, IncompleteError
from hjp.frame import HEADER_LENGTH, Decoder, encode_text
from hjp.limits import DEFAULT_MAX_PAYLOAD

__all__ = ["answer", "main"]

_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})*")
_GREATEST: Final = 2**32 - 1

_Line = dict[str, Any]


def answer(line: bytes) -> _Line:
    """The reply to one line; one without sense gets an error (HJP-TST-2)."""
    try:
        request = json.loads(line.decode())
        return _ANSWERS[request["cmd"]](request)
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        return {"status": "error", "message": repr(error)}


def main() -> None:
    """Answer each line of standard input (HJP-TST-1)."""
    for line in sys.stdin.buffer:
        print(json.dumps(answer(line)), flush=True)


def _describe(request: _Line) -> _Line:
    return {
        "status": "ok",
        "testee": 1,
        "name": "hjp-python",
        "commands": list(_ANSWERS),
        "codes": True,
    }


def _decode(request: _Line) -> _Line:
    chunks = [_octets(chunk) for chunk in _typed(request["chunks"], list)]
    decoder = Decoder(_limit(request))
    frames, told = [], {"status": "accept"}
    try:
        for chunk in chunks:
            frames += decoder.feed(chunk)
        decoder.close()
    except FormatError as error:
        frames += error.frames
        told = {"status": "reject", "code": str(error.code)}
    except IncompleteError:
        told = {"status": "incomplete"}
    return told | {
        "frames": [
            {"json": frame.json.decode(), "payload": frame.payload.hex()}
            for frame in frames
        ],
        "consumed": sum(
            HEADER_LENGTH + len(frame.json) + len(frame.payload) for frame in frames
        ),
    }


def _encode(request: _Line) -> _Line:
    text, payload = _typed(request["json"], str), _octets(request.get("payload", ""))
    limit = _limit(request)
    try:
        octets = encode_text(text.encode(), payload, max_payload=limit)
    except FormatError as error:
        return {"status": "reject", "code": str(error.code)}
    except UnicodeEncodeError:  # half of a surrogate pair
        return {"status": "reject", "code": "bad_json"}
    return {"status": "ok", "hex": octets.hex()}


def _reset(request: _Line) -> _Line:
    return {"status": "ok"}


def _octets(digits: Any) -> bytes:
    if not _HEX.fullmatch(digits):
        raise ValueError("not hexadecimal digits in pairs")
    return bytes.fromhex(digits)


def _limit(request: _Line) -> int:
    limit: int = _typed(request.get("max_payload", DEFAULT_MAX_PAYLOAD), int)
    if not 0 <= limit <= _GREATEST:
        raise ValueError(f"max_payload is {limit}")
    return limit


def _typed(value: Any, kind: type[Any]) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{value!r:.80} is of another type")
    return value


_ANSWERS: dict[str, Callable[[_Line], _Line]] = {
    "describe": _describe,
    "decode": _decode,
    "encode": _encode,
    "reset": _reset,
}

if __name__ == "__main__":
    main()
