"""A codec for HJP/1, made testable: a line of JSON in, a line of JSON out.

    echo '{"cmd":"describe"}' | python3 codec_testee.py

It runs as it is. Replace the naive codec below by your own: the rest can stay.
"""

import json
import struct
import sys
from binascii import unhexlify
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

# ---- YOUR CODEC HERE ---------------------------------------------------------------
#
# Call your codec in Decoder (octets to frames) and encode (a frame to octets).
# What is here instead believes most of what it reads.

START = b"HJP\xff\x01"  # magic and version


class RefusedError(Exception):
    """A frame is refused; the code, such as bad_magic, says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Decoder:
    """Turns octets into frames, however the octets are divided."""

    def __init__(self, max_payload: int) -> None:
        self.max_payload = max_payload
        self.waiting = bytearray()

    def feed(self, chunk: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Take some octets; yield JSON text and payload of each frame they complete.

        Raises:
            RefusedError: after the frames before the one that is refused.
        """
        self.waiting += chunk
        while len(self.waiting) >= 5:  # which tell a stranger
            if self.waiting[:5] != START:
                raise RefusedError("bad_magic")
            if len(self.waiting) < 16:
                break
            size, rest = struct.unpack("<II", self.waiting[8:16])
            if len(self.waiting) < 16 + size + rest:
                break
            text = bytes(self.waiting[16 : 16 + size])
            payload = bytes(self.waiting[16 + size : 16 + size + rest])
            if not is_object(text):
                raise RefusedError("bad_json")
            del self.waiting[: 16 + size + rest]
            yield text, payload

    def close(self) -> bool:
        """Take the end of the input; return whether it lies between two frames."""
        return not self.waiting


def is_object(text: bytes) -> bool:
    """Whether a text is a JSON object, as far as the parser of Python can tell."""
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def encode(text: bytes, payload: bytes, max_payload: int) -> bytes:
    """Write one frame.

    Raises:
        RefusedError: no receiver with this limit could accept it.
    """
    header = struct.pack("<5s3xII", START, len(text), len(payload))
    return header + text + payload


# ---- End of your codec. What follows speaks with the suite. ------------------------


class BadLineError(Exception):
    """The line makes no sense. It is answered, and the next one is read."""


def needed(good: bool, what: str) -> None:
    """Complain about a line that lacks something."""
    if not good:
        raise BadLineError(what)


def octets(digits: Any) -> bytes:
    """Octets from hexadecimal digits, two an octet, without spaces."""
    try:
        return unhexlify(digits)
    except (TypeError, ValueError):
        raise BadLineError("octets are hexadecimal digits in pairs") from None


def limit(request: dict[str, Any]) -> int:
    """The limit in force for payloads, in octets."""
    value = request.get("max_payload", 65_536)
    needed(type(value) is int and 0 <= value < 2**32, "max_payload is out of range")
    return int(value)


def run_describe(request: dict[str, Any]) -> dict[str, Any]:
    """Say what this is; leave out "encode" if your codec only reads."""
    commands = ["describe", "decode", "encode", "reset"]
    own = {"name": "my-codec 0.1", "commands": commands, "codes": True}
    return {"status": "ok", "testee": 1} | own


def run_decode(request: dict[str, Any]) -> dict[str, Any]:
    """Feed the chunks to a new decoder, one by one, then the end of the input."""
    needed(type(request.get("chunks")) is list, "chunks is a list")
    chunks = [octets(digits) for digits in request["chunks"]]
    decoder = Decoder(limit(request))
    frames: list[dict[str, str]] = []
    consumed = 0
    try:
        for chunk in chunks:
            for text, payload in decoder.feed(chunk):
                # Text that is no UTF-8 should have been refused: it shows in the report.
                told = {"json": text.decode(errors="replace"), "payload": payload.hex()}
                frames.append(told)
                consumed += 16 + len(text) + len(payload)
        outcome = {"status": "accept" if decoder.close() else "incomplete"}
    except RefusedError as refused:
        outcome = {"status": "reject", "code": refused.code}
    return outcome | {"frames": frames, "consumed": consumed}


def run_encode(request: dict[str, Any]) -> dict[str, Any]:
    """Let the codec write one frame."""
    text, payload = request.get("json"), octets(request.get("payload", ""))
    needed(type(text) is str, "json is a string")
    most = limit(request)
    try:
        return {"status": "ok", "hex": encode(str(text).encode(), payload, most).hex()}
    except UnicodeEncodeError:  # half a surrogate pair, which UTF-8 cannot hold
        return {"status": "reject", "code": "bad_json"}
    except RefusedError as refused:
        return {"status": "reject", "code": refused.code}


def run_reset(request: dict[str, Any]) -> dict[str, Any]:
    """Forget everything: nothing is kept between two lines anyway."""
    return {"status": "ok"}


COMMANDS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "describe": run_describe,
    "decode": run_decode,
    "encode": run_encode,
    "reset": run_reset,
}


def no_json(word: str) -> NoReturn:
    """Refuse NaN and Infinity, which json.loads would take."""
    raise BadLineError(f"{word} is not JSON")


def answer(line: bytes) -> dict[str, Any]:
    """The reply to one line, whatever it holds."""
    try:
        request = json.loads(line.decode(), parse_constant=no_json)
        needed(type(request) is dict, "a line is a JSON object")
        needed(str(request.get("cmd")) in COMMANDS, "cmd is not one of these")
    except (BadLineError, ValueError, RecursionError) as error:
        return {"status": "error", "message": str(error)}
    try:
        return COMMANDS[request["cmd"]](request)
    except BadLineError as error:
        return {"status": "error", "message": str(error)}


if __name__ == "__main__":
    for line in sys.stdin.buffer:  # as octets: only LF ends a line
        print(json.dumps(answer(line)), flush=True)
