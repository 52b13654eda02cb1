"""Both servers, seen from a bare socket: what is written there was typed by hand."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from hjp import Limits, Server, threaded

from .hjp_peer import (
    ENGINES,
    PATIENCE,
    PING,
    Address,
    Peer,
    frame,
    serving,
)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Each of the servers."""
    return str(request.param)


@pytest.fixture
def address(engine: str) -> Iterator[Address]:
    """A server with nothing special."""
    with serving(engine) as (where, _):
        yield where


@pytest.fixture
def peer(address: Address) -> Iterator[Peer]:
    """A connection to it."""
    with closing(Peer(address)) as it:
        yield it


class TestWitness:
    """Octets of the text, typed by hand."""

    def test_upper(self, peer: Peer) -> None:
        """The first example, there and back."""
        peer.send(
            bytes.fromhex(
                "48 4A 50 FF 01 00 00 00 15 00 00 00 03 00 00 00"
                "7B 22 69 64 22 3A 31 2C 22 6F 70 22 3A 22 75 70 70 65 72 22 7D"
                "68 69 21"
            )
        )
        assert peer.exactly(37) == bytes.fromhex(
            "48 4A 50 FF 01 00 00 00 12 00 00 00 03 00 00 00"
            "7B 22 69 64 22 3A 31 2C 22 6F 6B 22 3A 74 72 75 65 7D"
            "48 49 21"
        )

    def test_http_is_answered_after_five_octets(self, peer: Peer) -> None:
        """The error, then the end, though the client sends no more."""
        peer.send(b"GET /")
        assert peer.error() == (0, "bad_magic")
        assert peer.rest() == b""

    def test_another_version_is_answered_after_five_octets(self, peer: Peer) -> None:
        """With the versions that are spoken (HJP-FRM-6)."""
        peer.send(b"HJP\xff\x02")
        metadata, _ = peer.reply()
        assert metadata["error"]["code"] == "bad_version"
        assert metadata["error"]["versions"] == [1]
        assert peer.rest() == b""


class TestRequests:
    """What is answered."""

    def test_hello(self, peer: Peer) -> None:
        """HJP-COR-2 to -5, -8: what is offered, whatever is asked for."""
        hello = {"id": 7, "op": "hello", "token": "t", "features": ["x-y", "mux"]}
        metadata, payload = peer.send(frame(hello)).reply()
        assert metadata.pop("server").startswith("hjp-python/")
        assert metadata == {
            "id": 7,
            "ok": True,
            "features": [],
            "limits": {"max_payload": 65_536},
        }
        assert payload == b""

    def test_errors_that_are_not_fatal(self, peer: Peer) -> None:
        """The connection goes on, and every request is answered in order."""
        peer.send(
            frame({"id": 1, "op": "fly"})
            + frame({"id": 2, "op": "ping", "more": True})
            + frame({"id": 2, "op": "ping", "more": True, "timeout_ms": 0}, b"dropped")
            + frame({"id": 2, "op": "ping"})
            + frame({"id": 3, "op": "ping", "timeout_ms": "soon"})
            + frame({"id": 900, "op": "echo", "data": {"a": [None]}}, b"\0\xff")
        )
        assert peer.error() == (1, "unknown_op")
        assert peer.error() == (2, "bad_request")
        assert peer.error() == (3, "bad_request")
        expected = {"id": 900, "ok": True, "data": {"a": [None]}}
        assert peer.reply() == (expected, b"\0\xff")

    @pytest.mark.parametrize(
        ("octets", "code"),
        [
            (frame(b"[]"), "bad_json"),
            (frame({"op": "ping"}), "bad_id"),
            (frame({"id": 1, "op": "ping"}), "bad_id"),
            (frame({"id": 2}), "bad_frame"),
            (frame({"id": 2, "op": "hello"}), "bad_frame"),
            (frame({"id": 2, "op": "ping"}, bytes(65_537)), "too_large"),
        ],
    )
    def test_fatal_errors(self, peer: Peer, octets: bytes, code: str) -> None:
        """Owed replies first, then the error, then the end (HJP-ERR-9 to -12)."""
        peer.send(PING + octets + frame({"id": 3, "op": "ping"}))
        assert peer.reply() == ({"id": 1, "ok": True}, b"")
        assert peer.error() == (0, code)
        assert peer.rest() == b""

    @pytest.mark.parametrize(
        "member",
        [
            {"token": 1},
            {"features": {}},
            {"limits": {"max_payload": 1}},
            {"more": True},
        ],
    )
    def test_a_refused_hello_is_fatal(self, peer: Peer, member: dict[str, Any]) -> None:
        """HJP-COR-6, HJP-COR-7."""
        peer.send(frame({"id": 1, "op": "hello"} | member) + frame(b"{}"))
        assert peer.error() == (0, "bad_request")
        assert peer.rest() == b""

    def test_a_reply_that_would_be_too_large(self, peer: Peer) -> None:
        """HJP-LIM-6: these numbers are written longer than they came."""
        text = b'{"id":1,"op":"echo","data":[' + b"1e9," * 16_000 + b"0]}"
        metadata, _ = peer.send(frame(text) + frame({"id": 2, "op": "ping"})).reply()
        assert (metadata["id"], metadata["error"]["limit"]) == (1, "max_json")
        assert peer.reply() == ({"id": 2, "ok": True}, b"")

    def test_a_payload_that_the_client_does_not_take(self, engine: str) -> None:
        """HJP-LIM-4: the server takes more than the client does."""
        with (
            serving(engine, limits=Limits(max_payload=70_000)) as (where, _),
            closing(Peer(where)) as peer,
        ):
            peer.send(frame({"id": 1, "op": "hello"}))
            assert peer.reply()[0]["limits"] == {"max_payload": 70_000}
            peer.send(frame({"id": 2, "op": "echo"}, bytes(70_000)))
            assert peer.reply()[0]["error"]["limit"] == "max_payload"
            peer.send(frame({"id": 3, "op": "upper"}, bytes(65_536)))
            assert peer.reply()[1] == bytes(65_536)


class TestEnds:
    """Of the input, and of the connection."""

    def test_an_end_at_every_octet(self, address: Address) -> None:
        """The replies to what was whole, no error, the end (HJP-LIF-7 to -9)."""
        octets = PING + frame({"id": 2, "op": "upper"}, b"abc")
        replies = [frame(b'{"id":1,"ok":true}'), frame(b'{"id":2,"ok":true}', b"ABC")]
        for cut in range(len(octets) + 1):
            with closing(Peer(address)) as peer:
                whole = (cut >= len(PING)) + (cut == len(octets))
                answer = peer.send(octets[:cut]).end().rest()
                assert answer == b"".join(replies[:whole]), cut

    def test_an_end_inside_a_request_that_was_answered(self, peer: Peer) -> None:
        """What was due before the end is sent all the same."""
        peer.send(frame({"id": 1, "op": "fly", "more": True})).end()
        assert peer.error() == (1, "unknown_op")
        assert peer.rest() == b""

    def test_a_fatal_error_reaches_a_client_that_still_sends(self, peer: Peer) -> None:
        """8 MB after the fault: no reset eats the error (HJP-ERR-13)."""
        sender = threading.Thread(target=peer.send, args=(bytes(8_000_000),))
        sender.start()
        assert peer.error() == (0, "bad_magic")
        sender.join(PATIENCE)
        assert peer.end().rest() == b""

    def test_a_client_that_does_not_end_is_left(self, peer: Peer) -> None:
        """Two seconds after the error the server closes, whatever the client does."""
        peer.send(b"GET / HTTP/1.1\r\n")
        assert peer.error() == (0, "bad_magic")
        with pytest.raises(ConnectionError):  # taken while it drops, then reset
            peer.send_for_ever(bytes(65_536))

    def test_a_reset_is_survived(self, address: Address) -> None:
        """In mid-frame, with replies owed, while lingering."""
        for octets in (PING[:20], PING * 1, b"GET /"):
            with closing(Peer(address)) as peer:
                peer.send(octets).reset()
        with closing(Peer(address)) as peer:
            assert peer.send(PING).reply()[0]["ok"]


class TestLoad:
    """Slow, idle and broken clients harm nobody else."""

    def test_a_slow_reader_loses_nothing(self, address: Address) -> None:
        """10 MiB of echoes that nobody reads for a while; others are served."""
        count = 160
        with closing(Peer(address)) as slow:
            requests = (
                frame({"id": number, "op": "echo"}, number.to_bytes(4, "big") * 16_384)
                for number in range(1, count + 1)
            )
            sender = threading.Thread(target=lambda: [slow.send(it) for it in requests])
            sender.start()
            for _ in range(20):
                with closing(Peer(address)) as other:
                    assert other.send(PING).reply()[0]["ok"]
            for number in range(1, count + 1):
                metadata, payload = slow.reply()
                assert metadata == {"id": number, "ok": True}
                assert payload == number.to_bytes(4, "big") * 16_384
            sender.join(PATIENCE)

    def test_connections_do_not_wait_for_each_other(self, address: Address) -> None:
        """A hundred that say nothing, half a header, or half a payload."""
        beginnings = (
            b"",
            PING[:3],
            PING[:30],
            frame({"id": 1, "op": "echo"}, b"xy")[:-1],
        )
        peers = [Peer(address).send(beginnings[n % 4]) for n in range(100)]
        try:
            with closing(Peer(address)) as peer:
                assert peer.send(PING).reply()[0]["ok"]
        finally:
            for it in peers:
                it.close()


class TestAddresses:
    """Where a server listens."""

    def test_ipv6(self, engine: str) -> None:
        """A URL with brackets, and it answers."""
        options: dict[str, Any] = {"host": "::1"}
        with serving(engine, **options) as (where, _), closing(Peer(where)) as peer:
            assert where[0] == "::1"
            assert peer.send(PING).reply()[0]["ok"]

    def test_several_addresses(self) -> None:
        """Each has its URL."""

        async def run() -> list[str]:
            async with Server(("127.0.0.1", "::1"), port=0) as server:
                return server.urls

        urls = asyncio.run(run())
        assert sorted(url.rpartition(":")[0] for url in urls) == [
            "hjp://127.0.0.1",
            "hjp://[::1]",
        ]

    def test_a_port_in_use(self, address: Address) -> None:
        """An OSError, and nothing is left open."""
        with pytest.raises(OSError, match="in use"):
            threaded.Server(port=address[1]).start()
        with pytest.raises(OSError, match="in use"):
            asyncio.run(Server(port=address[1]).start())
