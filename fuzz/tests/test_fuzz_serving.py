"""What is checked of a server's replies, and the connection that brings them."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from hjp_fuzz.cases import Case
from hjp_fuzz.dialect import HJP
from hjp_fuzz.grammar import case
from hjp_fuzz.serving import Service, as_requests
from hjp_fuzz.sources import RandomSource
from hjp_fuzz.targets import Lost
from hjp_fuzz.targets.exchange import Address, Unreachable, exchange
from hjp_spec.oracle import decode, encode, raw_frame

ECHO = encode(b'{"id":1,"op":"echo","data":[1]}', b"hi!")
UPPER = encode(b'{"id":1,"op":"upper"}', b"a\xe9z{`")
CANARY = encode(b'{"id":9007199254740991,"op":"x-canary"}', b"tweet")
SHOUTED = b"A\xe9Z{`"


def ok(number: int, payload: bytes = b"", **more: Any) -> bytes:
    return encode(json.dumps({"id": number, "ok": True, **more}).encode(), payload)


def error(number: int, code: str, **more: Any) -> bytes:
    content = {"code": code, "message": "no", **more}
    said = {"id": number, "ok": False, "error": content}
    return encode(json.dumps(said).encode())


def fatal(code: str) -> bytes:
    return error(0, code, fatal=True)


ECHOED = ok(1, b"hi!", data=[1.0])
EARLY = raw_frame(b"{]", json_length=9)
NO_ID = raw_frame(b'{"op":"ping"}', payload_length=9)
OPEN = raw_frame(b'{"id":1,"op":"ping"}', payload_length=9)


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        (ECHO, ECHOED),
        (UPPER, ok(1, SHOUTED)),
        (CANARY, error(2**53 - 1, "unknown_op")),
        (b"GET /", fatal("bad_magic")),
        (ECHO + raw_frame(b"[]"), ECHOED + fatal("bad_json")),
        (EARLY, b""),
        (EARLY, fatal("bad_json")),
        (NO_ID, b""),
        (NO_ID, fatal("bad_id")),
        (ECHO + NO_ID, ECHOED + fatal("bad_id")),
        (OPEN, b""),
        (encode(b'{"id":1,"op":"fly"}'), error(1, "unknown_op")),
        (encode(b'{"id":1.0,"op":"ping"}'), fatal("bad_id")),
        (encode(b'{"id":1,"op":"ping","more":true}'), error(1, "bad_request")),
    ],
)
def test_right_replies(sent: bytes, received: bytes) -> None:
    assert Service(Case((), sent), sent).judged(received, False) is None


@pytest.mark.parametrize(
    ("sent", "received", "check", "got", "requirement"),
    [
        (UPPER, ok(1, b"A\xc9Z{`"), "same-frames", "another payload", "COR-13"),
        (UPPER, error(1, "internal"), "same-frames", "error internal", "COR-13"),
        (ECHO, ok(1, b"hi!"), "same-frames", "another data", "COR-11"),
        (CANARY, fatal("unknown_op"), "same-status", "reject unknown_op", "FRM-12"),
        (CANARY, ok(2**53 - 1), "same-frames", "no unknown_op", "ERR-16"),
        (CANARY, error(3, "unknown_op"), "same-frames", "no unknown_op", "ERR-16"),
        (b"GET /", fatal("bad_frame"), "same-code", "reject bad_frame", "FRM-2"),
        (b"GET /", b"", "same-status", "a reset", "FRM-2"),
        (b"GET ", fatal("bad_json"), "same-status", "reject bad_json", "LIF-9"),
        (EARLY, fatal("bad_id"), "same-status", "reject bad_id", "LIF-9"),
        (OPEN, ok(1), "same-frames", "a reply too many", "LIF-8"),
        (OPEN, fatal("bad_id"), "same-status", "reject bad_id", "LIF-9"),
        (NO_ID, fatal("bad_id") * 2, "reject-is-final", None, "ERR-11"),
        (ECHO, ECHOED + fatal("bad_id"), "same-status", "reject bad_id", "FRM-12"),
        (ECHO, ECHOED + b"\n", "garbage", "incomplete", "FRM-1"),
    ],
)
def test_wrong_replies(
    sent: bytes, received: bytes, check: str, got: str | None, requirement: str
) -> None:
    failure = Service(Case((), sent), sent).judged(received, True)
    assert failure is not None
    assert (failure.check, failure.requirement) == (check, f"HJP-{requirement}")
    assert got in (failure.got, None)


def test_a_long_text_may_be_too_long_to_be_written_again() -> None:
    refused = error(1, "too_large", limit="max_json")
    long = encode(b'{"id":1,"op":"echo","data":"' + b"x" * 2000 + b'"}')
    assert Service(Case((), long), long).judged(refused, False) is None
    assert Service(Case((), ECHO), ECHO).judged(refused, False) is not None


def test_streams_are_made_requests_and_the_cuts_stay_where_they_were() -> None:
    source = RandomSource("requests")
    known = 0
    for _ in range(300):
        source.restart()
        wrote = case(source, HJP, 1)
        made = as_requests(wrote)
        assert len(made.drafts) == len(wrote.drafts)
        for cuts, old in zip(made.cuttings, wrote.cuttings, strict=True):
            assert list(cuts) == sorted(set(cuts))
            assert all(0 < cut < len(made.stream) for cut in cuts)
            assert len(cuts) <= len(old)
        frames = decode(made.stream).frames
        known += sum(frame.metadata.get("op") is not None for frame in frames)
    assert known > 150


@contextmanager
def answering(answer: Callable[[socket.socket], object]) -> Iterator[Address]:
    """Answer one connection in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[:2]
        thread.join()


def everything(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(1 << 16), b""))


MUCH = bytes(range(256)) * (1 << 16)


def test_much_is_sent_and_received_at_once() -> None:
    def echo(connection: socket.socket) -> None:
        while octets := connection.recv(1 << 16):
            connection.sendall(octets)

    with answering(echo) as address:
        assert exchange(address, [MUCH[:5], MUCH[5:]], 30) == (MUCH, False)


def test_who_does_not_read_does_not_hold_us() -> None:
    def refuse(connection: socket.socket) -> None:
        connection.sendall(b"no")
        connection.shutdown(socket.SHUT_WR)
        everything(connection)

    with answering(refuse) as address:
        assert exchange(address, [MUCH], 30)[0] == b"no"


def test_reads_are_sends_of_their_own_and_the_end_is_told() -> None:
    received: list[bytes] = []
    with answering(
        lambda connection: received.append(everything(connection))
    ) as address:
        assert exchange(address, [b"a", b"", b"bc"], 30) == (b"", False)
    assert received == [b"abc"]


def test_a_connection_that_is_not_taken_is_a_hang() -> None:
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as listener,
        ExitStack() as full,
    ):
        for _ in range(8):
            waiting = full.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        with pytest.raises(Lost) as lost:
            exchange(listener.getsockname(), [], 0.2)
    assert (lost.value.check, lost.value.got) == ("hang", "none")


def test_a_connection_that_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    with pytest.raises(Unreachable, match="refused"):
        exchange(address, [], 5)
