"""A core server of HJP/1 in which every decision is a small method of its own.

Usage: python -m hjp_conformance.mutants.server.core PORT (0 for any)
"""

import asyncio
import contextlib
import signal
import struct
import sys
from collections.abc import Callable
from typing import TypeAlias

from hjp_conformance.mutants.server.metadata import (
    BadJson,
    Number,
    Object,
    Scanner,
    Value,
    Writer,
)
from hjp_conformance.mutants.server.transport import (
    Failed,
    Fatal,
    Frame,
    HjpError,
    InputEnded,
    Transport,
    now,
)

MAGIC = b"HJP\xff"
MAX_ID = 2**53 - 1
MAX_JSON = 65_536
FIRST_MAX_PAYLOAD = 65_536
MAX_UINT32 = 2**32 - 1

UPPER = bytes(octet - 0x20 if 0x61 <= octet <= 0x7A else octet for octet in range(256))

Row: TypeAlias = Callable[[Frame], None]
Operation: TypeAlias = Callable[[Frame], tuple[Object, bytes]]


class Connection(Transport):
    """Serves one client from its first octet to its last."""

    scanner: type[Scanner] = Scanner
    json_writer: type[Writer] = Writer
    name = "plain core"
    max_payload = 1 << 20

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        super().__init__(reader, writer)
        self.frames = 0
        self.requests = 0
        self.last_id = 0
        self.open_op: str | None = None
        self.greeted = False
        self.client_max = FIRST_MAX_PAYLOAD

    # The life of the connection

    async def run(self) -> None:
        self.writer.transport.set_write_buffer_limits(high=0)
        with contextlib.suppress(OSError):
            try:
                await self.opened()
                while True:
                    await self.serve_frame()
            except InputEnded:
                await self.input_ended()
            except Fatal as error:
                await self.end(error)
        await self.close()

    async def opened(self) -> None:
        """Called before the first octet is read."""

    async def input_ended(self) -> None:
        """Called when the input has ended; every reply has been sent."""

    async def end(self, error: Fatal) -> None:
        await self.send(self.fatal_message(error))
        await self.shut_down()
        await self.drain_input()

    # One frame

    async def serve_frame(self) -> None:
        await self.begin()
        await self.read_head()
        frame = await self.read_header()
        await self.read_metadata(frame)
        for check in self.frame_rows():
            check(frame)
        self.note(frame)
        if frame.first:
            await self.answer(frame)
        else:
            await self.drop(frame)

    async def begin(self) -> None:
        """Wait for the first octet of a frame and start its clock."""
        if self.frames:
            if not self.buffer:
                await self.fill(now() + self.idle_seconds, idle=True)
            self.until = now() + self.frame_seconds
        self.frames += 1

    async def read_head(self) -> None:
        await self.need(5)
        self.check_head(bytes(self.buffer[:5]))

    def check_head(self, head: bytes) -> None:
        self.check_magic(head)
        self.check_version(head)

    def check_magic(self, head: bytes) -> None:
        if self.wrong_magic(head[:4]):
            raise Fatal("bad_magic", "the frame does not begin with the magic")

    def wrong_magic(self, magic: bytes) -> bool:
        return magic != MAGIC

    def check_version(self, head: bytes) -> None:
        if self.wrong_version(head[4]):
            versions = self.versions()
            raise Fatal("bad_version", "only version 1 is spoken here", **versions)

    def wrong_version(self, version: int) -> bool:
        return version != 1

    def versions(self) -> Object:
        return {"versions": [1]}

    async def read_header(self) -> Frame:
        header = await self.take(16)
        json_length, payload_length = self.lengths(header)
        frame = Frame(header[5:8], json_length, payload_length, left=payload_length)
        for check in self.header_rows():
            check(frame)
        return frame

    def lengths(self, header: bytes) -> tuple[int, int]:
        json_length, payload_length = struct.unpack_from("<II", header, 8)
        return json_length, payload_length

    def header_rows(self) -> list[Row]:
        return [
            self.check_reserved,
            self.check_json_min,
            self.check_json_max,
            self.check_payload_max,
        ]

    def check_reserved(self, frame: Frame) -> None:
        if any(frame.reserved):
            raise Fatal("bad_frame", "a reserved octet is not 0")

    def check_json_min(self, frame: Frame) -> None:
        if frame.json_length < 2:
            raise Fatal("bad_frame", "json_length is less than 2")

    def check_json_max(self, frame: Frame) -> None:
        if frame.json_length > MAX_JSON:
            raise Fatal("too_large", "the JSON text is too long", limit="max_json")

    def check_payload_max(self, frame: Frame) -> None:
        if frame.payload_length > self.payload_limit():
            raise Fatal("too_large", "the payload is too long", limit="max_payload")

    def payload_limit(self) -> int:
        return self.max_payload if self.greeted else FIRST_MAX_PAYLOAD

    async def read_metadata(self, frame: Frame) -> None:
        frame.message = self.parse(await self.take(frame.json_length))

    def parse(self, text: bytes) -> Object:
        try:
            return self.scanner(text).read()
        except BadJson as error:
            raise Fatal("bad_json", str(error)) from None

    # Rows 8 to 13

    def frame_rows(self) -> list[Row]:
        return [
            self.check_id,
            self.check_place,
            self.check_kind,
            self.check_op,
            self.check_more,
            self.check_hello,
        ]

    def integer(self, value: Value, low: int, high: int) -> int | None:
        """The value as an integer from low to high, None if it is mistyped."""
        if not isinstance(value, Number) or not self.plain(value):
            return None
        if value.value.is_integer() and low <= value.value <= high:
            return int(value.value)
        return None

    def plain(self, number: Number) -> bool:
        return number.text.isdigit()

    def check_id(self, frame: Frame) -> None:
        number = self.integer(frame.message.get("id"), 1, MAX_ID)
        if number is None:
            raise Fatal("bad_id", "the id is missing or mistyped")
        frame.id = number

    def check_place(self, frame: Frame) -> None:
        frame.first = self.is_new(frame.id)
        if frame.first and self.open_op is not None:
            raise Fatal("bad_id", "the request before has not ended")
        if not frame.first and not self.is_open(frame.id):
            raise Fatal("bad_id", "the id has been used")

    def is_new(self, number: int) -> bool:
        return number > self.last_id

    def is_open(self, number: int) -> bool:
        return number == self.last_id and self.open_op is not None

    def check_kind(self, frame: Frame) -> None:
        op = frame.message.get("op")
        if not isinstance(op, str):
            raise Fatal("bad_frame", "op is missing or mistyped")
        if "ok" in frame.message:
            raise Fatal("bad_frame", "a request has no ok")
        frame.op = op

    def check_op(self, frame: Frame) -> None:
        if not frame.first and frame.op != self.open_op:
            raise Fatal("bad_id", "op differs from that of the first frame")

    def check_more(self, frame: Frame) -> None:
        more = frame.message.get("more", False)
        if not isinstance(more, bool):
            raise Fatal("bad_frame", "more is mistyped")
        frame.more = more

    def check_hello(self, frame: Frame) -> None:
        if frame.first and frame.op == "hello" and self.requests:
            raise Fatal("bad_frame", "hello has to be the first request")

    def note(self, frame: Frame) -> None:
        """Keep what later frames are compared with."""
        self.requests += frame.first
        self.last_id = frame.id
        self.open_op = frame.op if frame.more else None

    async def drop(self, frame: Frame) -> None:
        await self.skip_payload(frame)

    # Rows 14 to 17

    async def answer(self, frame: Frame) -> None:
        try:
            await self.prepare(frame)
            for check in self.request_rows():
                check(frame)
            await self.read_payload(frame)
            members, payload = self.operations()[frame.op](frame)
            reply = self.reply_message(frame, members)
            self.check_reply(reply, payload)
        except Failed as error:
            await self.fail(frame, error)
        else:
            self.done_id = frame.id
            await self.send(reply, payload)
        self.answered_id = frame.id
        await self.skip_payload(frame)

    async def prepare(self, frame: Frame) -> None:
        """Called before the rows of the operation are checked."""

    def request_rows(self) -> list[Row]:
        return [
            self.check_offered,
            self.check_body,
            self.check_timeout,
            self.check_members,
        ]

    def bad_request(self, frame: Frame, message: str) -> HjpError:
        kind = Fatal if frame.op == "hello" else Failed
        return kind("bad_request", message)

    def check_offered(self, frame: Frame) -> None:
        if frame.op not in self.operations():
            raise Failed("unknown_op", "this operation is not offered here")

    def check_body(self, frame: Frame) -> None:
        if frame.more:
            raise self.bad_request(frame, "this operation has no body")

    def check_timeout(self, frame: Frame) -> None:
        if "timeout_ms" in frame.message:
            timeout = frame.message["timeout_ms"]
            if self.integer(timeout, 1, MAX_ID) is None:
                raise self.bad_request(frame, "timeout_ms is mistyped")

    def check_members(self, frame: Frame) -> None:
        if frame.op == "hello":
            self.check_token(frame)
            self.check_features(frame)
            self.check_limits(frame)

    def check_token(self, frame: Frame) -> None:
        if not isinstance(frame.message.get("token", ""), str):
            raise self.bad_request(frame, "token is not a string")

    def check_features(self, frame: Frame) -> None:
        features = frame.message.get("features", [])
        if not isinstance(features, list):
            raise self.bad_request(frame, "features is not an array")
        if not all(isinstance(feature, str) for feature in features):
            raise self.bad_request(frame, "a feature is not a string")

    def check_limits(self, frame: Frame) -> None:
        limits = frame.message.get("limits", {})
        if not isinstance(limits, dict):
            raise self.bad_request(frame, "limits is not an object")
        if "max_payload" in limits:
            limit = limits["max_payload"]
            if self.integer(limit, FIRST_MAX_PAYLOAD, MAX_UINT32) is None:
                raise self.bad_request(frame, "max_payload is mistyped")

    # Operations

    def operations(self) -> dict[str, Operation]:
        return {
            "hello": self.do_hello,
            "ping": self.do_ping,
            "echo": self.do_echo,
            "upper": self.do_upper,
        }

    def do_hello(self, frame: Frame) -> tuple[Object, bytes]:
        self.greeted = True
        self.client_max = self.stated_limit(frame.message)
        return self.hello_members(frame), b""

    def stated_limit(self, message: Object) -> int:
        limits = message.get("limits")
        limit = limits.get("max_payload") if isinstance(limits, dict) else None
        return int(limit.value) if isinstance(limit, Number) else FIRST_MAX_PAYLOAD

    def hello_members(self, frame: Frame) -> Object:
        return {
            "features": [],
            "limits": {"max_payload": self.max_payload},
            "server": self.name,
        }

    def do_ping(self, frame: Frame) -> tuple[Object, bytes]:
        return {}, b""

    def do_echo(self, frame: Frame) -> tuple[Object, bytes]:
        return self.echo_members(frame), frame.payload

    def echo_members(self, frame: Frame) -> Object:
        return {k: v for k, v in frame.message.items() if k == "data"}

    def do_upper(self, frame: Frame) -> tuple[Object, bytes]:
        return {}, self.upper(frame.payload)

    def upper(self, payload: bytes) -> bytes:
        return payload.translate(UPPER)

    # Output

    def reply_message(self, frame: Frame, members: Object) -> Object:
        return {"id": frame.id, "ok": True, **members}

    def error_message(self, frame: Frame, error: Failed) -> Object:
        return {"id": frame.id, "ok": False, "error": error.body}

    def fatal_message(self, error: Fatal) -> Object:
        return {"id": 0, "ok": False, "error": {**error.body, "fatal": True}}

    async def fail(self, frame: Frame, error: Failed) -> None:
        await self.send(self.error_message(frame, error))

    def check_reply(self, message: Object, payload: bytes) -> None:
        if len(self.encode(message)) > MAX_JSON:
            raise Failed("too_large", "the reply is too long", limit="max_json")
        if len(payload) > self.reply_limit():
            raise Failed("too_large", "the reply is too long", limit="max_payload")

    def reply_limit(self) -> int:
        return self.client_max

    async def send(self, message: Object, payload: bytes = b"") -> None:
        await self.write(self.pack(message, payload))

    def pack(self, message: Object, payload: bytes) -> bytes:
        text = self.encode(message)
        return self.header(text, payload) + text + payload

    def header(self, text: bytes, payload: bytes) -> bytes:
        return MAGIC + struct.pack("<B3xII", 1, len(text), len(payload))

    def encode(self, message: Object) -> bytes:
        return self.json_writer().write(message).encode()


class Server:
    """Listens on one port of the loopback and serves every connection."""

    stop_seconds = 5.0

    def __init__(self, connection: type[Connection] = Connection) -> None:
        self.connection = connection
        self.running: dict[asyncio.Task[None], Connection] = {}

    async def accepted(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        connection = self.connection(reader, writer)
        task = asyncio.current_task()
        assert task is not None
        self.running[task] = connection
        try:
            await self.serve(connection)
        finally:
            del self.running[task]

    async def serve(self, connection: Connection) -> None:
        await connection.run()

    async def listen(self, port: int) -> asyncio.Server:
        return await asyncio.start_server(self.accepted, "127.0.0.1", port)

    async def run(self, port: int) -> None:
        told_to_stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
        listener = await self.listen(port)
        port = listener.sockets[0].getsockname()[1]
        print(f"ready hjp://127.0.0.1:{port}", flush=True)
        await told_to_stop.wait()
        listener.close()
        for connection in self.running.values():
            connection.stop()
        if self.running:
            await asyncio.wait(self.running, timeout=self.stop_seconds)


def main() -> None:
    asyncio.run(Server().run(int(sys.argv[1])))


if __name__ == "__main__":
    main()
