"""A core server of HJP/1 on 127.0.0.1: python core_server.py PORT (0: any free one)."""

import asyncio
import json
import signal
import struct
import sys
from contextlib import suppress
from typing import Any

# MSG-15 stands for HJP-MSG-15; the rows are those of the table of precedence (ERR-15).
MAX = 65_536  # octets of JSON text, and of payload
HELLO = {"features": [], "limits": {"max_payload": MAX}, "server": "core_server.py"}
compact = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class HjpError(Exception):
    def __init__(self, code: str, message: str, number: int = 0, **more: object):
        error = {"code": code, "message": message, "fatal": number == 0, **more}
        self.reply: Any = {"id": number, "ok": False, "error": error}  # ERR-3, ERR-4


def check(good: bool, code: str, message: str, number: int = 0, **more: object) -> None:
    if not good:
        raise HjpError(code, message, number, **more)


def depth(value: Any) -> int:
    inner = list(value.values()) if isinstance(value, dict) else value
    return 1 + max(map(depth, inner), default=0) if isinstance(inner, list) else 0


def parse(octets: bytes) -> Any:  # row 7
    def unique(pairs: list[tuple[str, Any]]) -> Any:  # json keeps the last (MET-6)
        check(len(dict(pairs)) == len(pairs), "bad_json", "a name comes twice")
        return dict(pairs)

    check(octets[:1] == b"{", "bad_json", "metadata does not begin with {")  # MET-3
    try:
        meta = json.loads(octets.decode(), object_pairs_hook=unique)
        check(depth(meta) <= 32, "bad_json", "nested deeper than 32")  # MET-12
        # json reads NaN, 1e400 and half a surrogate pair, but cannot write them again.
        compact.encode(json.loads(octets.decode(), parse_int=float)).encode()
    except (ValueError, RecursionError) as fault:  # UnicodeError is a ValueError
        raise HjpError("bad_json", str(fault)) from None
    return meta


async def receive(read: Any, last: int, dropping: str | None) -> tuple[Any, bytes]:
    start = await read(5)  # and no octet more before these five are judged (FRM-5)
    check(start[:4] == b"HJP\xff", "bad_magic", "a frame begins with 48 4A 50 FF")
    check(start[4] == 1, "bad_version", "only 1 is spoken here", versions=[1])
    reserved, size, rest = struct.unpack("<3sII", await read(11))
    check(not any(reserved), "bad_frame", "a reserved octet is not 0")
    check(size >= 2, "bad_frame", f"json_length is {size}")
    check(size <= MAX, "too_large", f"json_length exceeds {MAX}", limit="max_json")
    check(rest <= MAX, "too_large", f"payload exceeds {MAX}", limit="max_payload")
    meta = parse(await read(size))
    number, op, new = meta.get("id"), meta.get("op"), dropping is None
    good = type(number) is int and (last < number < 2**53 if new else number == last)
    check(good, "bad_id", f"id must be {'an integer above' if new else 'still'} {last}")
    check(type(op) is str and "ok" not in meta, "bad_frame", "op wrong or ok present")
    check(new or op == dropping, "bad_id", "op differs from that of the first frame")
    check(type(meta.get("more", False)) is bool, "bad_frame", "more is not a boolean")
    check(op != "hello" or not last, "bad_frame", "hello is not the first request")
    return meta, await read(rest)  # rows 1 to 13 do not wait for the payload (MET-14)


def operate(meta: Any, payload: bytes) -> tuple[Any, bytes]:  # rows 14 to 17
    op, wait = meta["op"], meta.get("timeout_ms", 1)
    number = 0 if op == "hello" else meta["id"]  # errors of hello are fatal (COR-7)
    bodies = {"hello": b"", "ping": b"", "echo": payload, "upper": payload.upper()}
    check(op in bodies, "unknown_op", f"no {op[:40]!r} here, only {[*bodies]}", number)
    check(not meta.get("more"), "bad_request", f"{op} takes one frame", number)
    good = type(wait) is int and 0 < wait < 2**53
    check(good, "bad_request", "timeout_ms is not from 1 to 2^53 - 1", number)
    if op == "hello":
        names, limits = meta.get("features", []), meta.get("limits", {})
        good = type(meta.get("token", "")) is str and type(names) is list
        good = good and {*map(type, names)} <= {str} and type(limits) is dict
        check(good, "bad_request", "token, features or limits is mistyped")  # COR-6
        good = type(cap := limits.get("max_payload", MAX)) is int and MAX <= cap < 2**32
        check(good, "bad_request", f"max_payload is not from {MAX} to 2^32 - 1")
    data = {"data": meta["data"]} if op == "echo" and "data" in meta else {}
    reply = {"id": meta["id"], "ok": True, **(HELLO if op == "hello" else data)}
    good = len(compact.encode(reply).encode()) <= MAX  # 1e9 returns as 1000000000.0
    check(good, "too_large", "the reply exceeds max_json", number, limit="max_json")
    return reply, bodies[op]


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    last, reply = 0, {"id": -1}  # last: the greatest id so far, answered at once
    dropping: str | None = None  # the op of a request answered before its end (MSG-20)
    writer.transport.set_write_buffer_limits(0)  # drain() waits for all of it (LIF-5)
    with suppress(OSError, EOFError, asyncio.CancelledError):  # end of input: LIF-7
        while reply["id"]:  # 0: a fatal error. One after the other: MSG-15, LIF-5
            try:
                await asyncio.sleep(0)  # others too, however full our buffer (LIF-6)
                async with asyncio.timeout(180):  # one late clock for LIM-7, LIM-8
                    meta, body = await receive(reader.readexactly, last, dropping)
                new, last = dropping is None, meta["id"]
                dropping = meta["op"] if meta.get("more") else None  # no op has a body
                if not new:
                    continue
                reply, body = operate(meta, body)
            except HjpError as fault:
                reply, body = fault.reply, b""
            except (TimeoutError, asyncio.CancelledError):  # LIF-11
                away = HjpError("going_away", "idle, or told to stop", last_id=last)
                reply, body = away.reply, b""
            text = compact.encode(reply).encode()
            head = struct.pack("<5s3xII", b"HJP\xff\x01", len(text), len(body))
            writer.write(head + text + body)
            await writer.drain()  # without a clock: LIM-9 is a SHOULD
        writer.write_eof()  # ERR-12
        async with asyncio.timeout(2):  # ERR-13: closing with octets unread is a reset
            while await reader.read(MAX):
                pass
    writer.transport.abort()


async def main() -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    print(f"ready hjp://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await stop.wait()
    server.close()  # and run() cancels what is still being served


if __name__ == "__main__":
    asyncio.run(main()) if len(sys.argv) == 2 else sys.exit(__doc__)
