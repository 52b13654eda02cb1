"""The testee of a right codec, every decision a method of its own.

Usage: python -m hjp_conformance.mutants.codec.plain (requests on standard input, a line each)
"""

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from hjp_conformance.mutants.codec.frames import (
    HEADER,
    MAX_UINT32,
    Decoder,
    Encoder,
    Frame,
    Refused,
)

DEFAULT_MAX_PAYLOAD = 65_536
HEX = frozenset("0123456789abcdefABCDEF")

Request = dict[str, Any]
Reply = dict[str, Any]


class Unclear(Exception):
    """The testee cannot make sense of a line (HJP-TST-2)."""


class Testee:
    """Answers lines; all that it knows of one is gone with its answer."""

    name = "plain codec"
    decoder: type[Decoder] = Decoder
    encoder: type[Encoder] = Encoder

    def run(self) -> int:
        for line in self.lines():
            self.write(self.answer(line))
        return self.status()

    def lines(self) -> Iterator[bytes]:
        yield from sys.stdin.buffer

    def status(self) -> int:
        return 0  # HJP-TST-5

    def write(self, reply: Reply) -> None:
        self.put(self.dump(reply) + b"\n")
        self.flush()

    def put(self, octets: bytes) -> None:
        sys.stdout.buffer.write(octets)

    def flush(self) -> None:
        sys.stdout.buffer.flush()

    def dump(self, reply: Reply) -> bytes:
        return json.dumps(reply).encode()

    def answer(self, line: bytes) -> Reply:
        try:
            request = self.load(line)
            return self.command(request)(request)
        except Unclear as error:
            return self.error(str(error))

    def error(self, message: str) -> Reply:
        return {"status": "error", "message": message}

    # What a line says

    def load(self, line: bytes) -> Request:
        try:
            request = self.parse(self.text_of(line))
        except (ValueError, RecursionError) as error:
            raise Unclear("the line is not JSON") from error
        if not isinstance(request, dict):
            raise Unclear("the line is not an object")
        return request

    def text_of(self, line: bytes) -> str:
        return line.decode()

    def parse(self, text: str) -> Any:
        return json.loads(text, parse_int=self.integer, parse_constant=self.constant)

    def integer(self, digits: str) -> int | float:
        return int(digits) if len(digits) < 20 else float(digits)

    def constant(self, text: str) -> NoReturn:
        raise ValueError(f"{text} is not JSON")

    def command(self, request: Request) -> Callable[[Request], Reply]:
        name = request.get("cmd")
        if not isinstance(name, str) or name not in self.commands():
            raise Unclear("no such command")
        return self.commands()[name]

    def commands(self) -> dict[str, Callable[[Request], Reply]]:
        return {
            "describe": self.describe,
            "decode": self.decode,
            "encode": self.encode,
            "reset": self.reset,
        }

    def chunks(self, request: Request) -> list[bytes]:
        chunks = request.get("chunks")
        if not isinstance(chunks, list):
            raise Unclear("chunks is not an array")
        return [self.octets(chunk) for chunk in chunks]

    def max_payload(self, request: Request) -> int:
        limit = request.get("max_payload", DEFAULT_MAX_PAYLOAD)
        if type(limit) is not int or not 0 <= limit <= MAX_UINT32:
            raise Unclear("max_payload is not an integer of its range")
        return limit

    def json_text(self, request: Request) -> str:
        text = request.get("json")
        if not isinstance(text, str):
            raise Unclear("json is not a string")
        return text

    def payload(self, request: Request) -> bytes:
        return self.octets(request.get("payload", ""))

    def octets(self, text: Any) -> bytes:
        if not isinstance(text, str) or len(text) % 2 or not HEX.issuperset(text):
            raise Unclear("octets are hexadecimal digits in pairs")
        return bytes.fromhex(text)

    # The commands

    def describe(self, request: Request) -> Reply:
        return {
            "status": "ok",
            "testee": 1,
            "name": self.name,
            "commands": list(self.commands()),
            "codes": True,
        }

    def decode(self, request: Request) -> Reply:
        chunks = self.chunks(request)
        decoder = self.new_decoder(self.max_payload(request))
        reply: Reply = {"status": "", "frames": [], "consumed": 0}
        try:
            self.feed_all(decoder, chunks, reply)
            reply["status"] = self.end(decoder)
        except Refused as error:
            reply |= self.refusal(error)
        return reply

    def new_decoder(self, max_payload: int) -> Decoder:
        return self.decoder(max_payload)  # HJP-TST-3

    def feed_all(self, decoder: Decoder, chunks: list[bytes], reply: Reply) -> None:
        for chunk in chunks:  # HJP-TST-4
            for frame in decoder.feed(chunk):
                reply["frames"].append(self.report(frame))
                reply["consumed"] += self.size(frame)

    def end(self, decoder: Decoder) -> str:
        return decoder.end()

    def report(self, frame: Frame) -> Reply:
        text = frame.text.decode("utf-8", "replace")
        return {"json": text, "payload": self.hex(frame.payload)}

    def size(self, frame: Frame) -> int:
        return HEADER + frame.json_length + frame.payload_length

    def hex(self, octets: bytes) -> str:
        return octets.hex()

    def refusal(self, error: Refused) -> Reply:
        return {"status": "reject", "code": error.code}

    def encode(self, request: Request) -> Reply:
        text, payload = self.json_text(request), self.payload(request)
        encoder = self.new_encoder(self.max_payload(request))
        try:
            return {"status": "ok", "hex": self.hex(encoder.encode(text, payload))}
        except Refused as error:
            return self.refusal(error)

    def new_encoder(self, max_payload: int) -> Encoder:
        return self.encoder(max_payload)

    def reset(self, request: Request) -> Reply:
        return {"status": "ok"}


def main() -> None:
    sys.exit(Testee().run())


if __name__ == "__main__":
    main()
