"""Both clients against both servers, and against servers that misbehave."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any, Final

import pytest

from hjp import (
    AsyncClient,
    AsyncStream,
    Client,
    Code,
    ConnectionLost,
    Exchange,
    Limits,
    LocalProtocolError,
    RemoteProtocolError,
    Reply,
    ReplyError,
    Server,
    Stream,
    threaded,
)
from hjp.url import format_url

from .hjp_peer import ENGINES, PATIENCE, Address, AnyServer, Peer, frame, serving

KINDS: Final = ("asyncio", "blocking")


class AnyStream:
    """A stream of either client, used in one way."""

    def __init__(self, stream: AsyncStream | Stream, run: Callable[[Any], Any]) -> None:
        self._stream = stream
        self._run = run

    def send(self, *args: Any, **options: Any) -> bool:
        """Send a frame."""
        return bool(self._run(self._stream.send(*args, **options)))

    def final(self) -> Reply:
        """Wait for the final reply."""
        reply = self._run(self._stream.final())
        assert isinstance(reply, Reply)
        return reply

    def replies(self) -> list[Reply]:
        """All replies."""
        if isinstance(self._stream, Stream):
            return list(self._stream)
        stream = self._stream

        async def collect() -> list[Reply]:
            return [reply async for reply in stream]

        replies = self._run(collect())
        assert isinstance(replies, list)
        return replies

    def __enter__(self) -> "AnyStream":
        return self

    def __exit__(self, *error: Any) -> None:
        if isinstance(self._stream, Stream):
            self._stream.__exit__(*error)
        else:
            self._run(self._stream.__aexit__(*error))


class AnyClient:
    """Either client, used in one way: the methods have the same names."""

    def __init__(self, kind: str, address: Address, **options: Any) -> None:
        url = format_url(*address)
        self._runner = asyncio.Runner() if kind == "asyncio" else None
        self.client: AsyncClient | Client
        if self._runner:
            self.client = AsyncClient(url, **{"timeout": PATIENCE} | options)
        else:
            self.client = Client(url, **{"timeout": PATIENCE} | options)

    def _run(self, result: Any) -> Any:
        return self._runner.run(result) if self._runner else result

    def do(self, name: str, *args: Any, **options: Any) -> Any:
        """Call a method."""
        return self._run(getattr(self.client, name)(*args, **options))

    def pipeline(self, requests: Any) -> list[Reply]:
        """All replies."""
        if isinstance(self.client, Client):
            return list(self.client.pipeline(requests))
        client = self.client

        async def collect() -> list[Reply]:
            return [reply async for reply in client.pipeline(requests)]

        replies = self._run(collect())
        assert isinstance(replies, list)
        return replies

    def stream(self, op: str, metadata: dict[str, Any] | None = None) -> AnyStream:
        """Ask for several frames."""
        return AnyStream(self.client.stream(op, metadata), self._run)

    def close(self) -> None:
        """Close the client and what ran it."""
        self.do("close")
        if self._runner:
            self._runner.close()


@contextmanager
def connected(kind: str, address: Address, **options: Any) -> Iterator[AnyClient]:
    """A client that is connected."""
    with closing(AnyClient(kind, address, **options)) as client:
        client.do("connect")
        yield client


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each of the clients."""
    return str(request.param)


def register(server: AnyServer) -> None:
    """``x-sum`` of any frames, ``x-count`` of one, ``x-first`` that ends at once."""
    if isinstance(server, Server):
        server.stream("x-sum", body=True)(sum_asyncio)
        server.stream("x-count")(count_asyncio)
        server.stream("x-first", body=True)(first_asyncio)
    else:
        server.stream("x-sum", body=True)(sum_threaded)
        server.stream("x-count")(count_threaded)
        server.stream("x-first", body=True)(first_threaded)


async def sum_asyncio(exchange: Exchange) -> Any:
    total = 0
    async for request in exchange:
        total += len(request.payload)
        await exchange.reply({"so far": total})
    return {"total": total}, b""


def sum_threaded(exchange: threaded.Exchange) -> Any:
    total = 0
    for request in exchange:
        total += len(request.payload)
        exchange.reply({"so far": total})
    return {"total": total}, b""


async def count_asyncio(exchange: Exchange) -> Any:
    for number in range(exchange.metadata["to"]):
        await exchange.reply({"n": number}, bytes(10_000))
    return {}, b""


def count_threaded(exchange: threaded.Exchange) -> Any:
    for number in range(exchange.metadata["to"]):
        exchange.reply({"n": number}, bytes(10_000))
    return {}, b""


async def first_asyncio(exchange: Exchange) -> Any:
    return {}, exchange.payload


def first_threaded(exchange: threaded.Exchange) -> Any:
    return {}, exchange.payload


class TestPairs:
    """All four pairs of a client and a server."""

    @pytest.fixture(params=ENGINES)
    def client(self, request: pytest.FixtureRequest, kind: str) -> Iterator[AnyClient]:
        """A client that is connected to a server."""
        with (
            serving(request.param, register) as (where, _),
            connected(kind, where) as it,
        ):
            yield it

    def test_the_four_operations(self, client: AnyClient) -> None:
        """Each by its name."""
        hello = client.do("hello", token="t", features=["x-y"])
        assert hello.metadata["features"] == []
        assert client.do("ping") is None
        echo = client.do("echo", b"\0\xff", data=[None, {"a": 1.5}])
        assert (echo.payload, echo.metadata["data"]) == (b"\0\xff", [None, {"a": 1.5}])
        assert "data" not in client.do("echo").metadata
        assert client.do("echo", data=None).metadata["data"] is None
        assert client.do("upper", b"straGe \xe4") == b"STRAGE \xe4"

    def test_an_error_is_raised_and_survived(self, client: AnyClient) -> None:
        """The next request is answered."""
        with pytest.raises(ReplyError) as error:
            client.do("request", "fly")
        assert (error.value.code, error.value.fatal) == ("unknown_op", False)
        client.do("ping")

    def test_10_mib_of_pipelined_echoes(self, client: AnyClient) -> None:
        """HJP-LIF-4: the client reads while it writes, or both sides would wait."""
        payloads = [bytes([n]) * 65_536 for n in range(160)]
        replies = client.pipeline(("echo", {}, payload) for payload in payloads)
        assert [reply.payload for reply in replies] == payloads

    def test_many_small_requests(self, client: AnyClient) -> None:
        """More than may be under way at once; errors are among the replies."""
        ops = ["ping", "fly"] * 500
        replies = client.pipeline((op, {}, b"") for op in ops)
        assert [reply.ok for reply in replies] == [True, False] * 500
        with pytest.raises(ReplyError):
            replies[1].unwrap()

    def test_a_body_and_interim_replies(self, client: AnyClient) -> None:
        """Frames out, replies in, the final one last."""
        with client.stream("x-sum") as stream:
            assert stream.send(b"abc")
            assert stream.send(b"defg", {"x": 1}, more=False)
            replies = stream.replies()
        assert [reply.metadata.get("so far") for reply in replies] == [3, 7, None]
        assert replies[-1].metadata["total"] == 7
        client.do("ping")

    def test_a_large_body(self, client: AnyClient) -> None:
        """10 MiB in, while nobody takes the replies."""
        with client.stream("x-sum") as stream:
            for _ in range(160):
                stream.send(bytes(65_536))
            stream.send(more=False)
            assert stream.final().metadata["total"] == 160 * 65_536

    def test_a_large_reply(self, client: AnyClient) -> None:
        """A request that is not begun is one frame; 5 MB of replies come in order."""
        with client.stream("x-count", {"to": 500}) as stream:
            replies = stream.replies()
        assert [reply.metadata.get("n") for reply in replies] == [*range(500), None]
        assert {len(reply.payload) for reply in replies} == {10_000, 0}

    def test_an_early_final_reply(self, client: AnyClient) -> None:
        """HJP-MSG-23: the client ends the request, and the next one is served."""
        with client.stream("x-first") as stream:
            assert stream.send(b"a")
            assert stream.final().payload == b"a"
            assert not stream.send(b"b")
            assert not stream.send(more=False)
        client.do("ping")

    def test_leaving_a_stream(self, client: AnyClient) -> None:
        """The request is ended, its replies are dropped."""
        with client.stream("x-sum") as stream:
            stream.send(b"a")
        with client.stream("x-sum"):
            pass  # nothing was begun
        with client.stream("x-count", {"to": 3}) as stream:
            stream.send(more=False)
            client.do("ping")  # brings in what nobody will take
        assert client.do("upper", b"a") == b"A"

    def test_a_final_reply_is_taken_once(self, client: AnyClient) -> None:
        """Asking again is a mistake of the program."""
        with client.stream("ping") as stream:
            stream.final()
            with pytest.raises(RuntimeError):
                stream.final()

    def test_an_error_ends_a_stream(self, client: AnyClient) -> None:
        """It is raised where the final reply is awaited."""
        with client.stream("fly") as stream:
            stream.send(b"a")
            with pytest.raises(ReplyError):
                stream.replies()
        client.do("ping")

    def test_leaving_a_stream_by_an_exception(self, client: AnyClient) -> None:
        """Half a request cannot be taken back: the connection is closed."""

        def leave() -> None:
            with client.stream("x-sum") as stream:
                stream.send(b"a")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            leave()
        with pytest.raises(ConnectionLost):
            client.do("ping")

    def test_leaving_an_ended_stream_by_an_exception(self, client: AnyClient) -> None:
        """A whole request is only no longer waited for."""

        def leave() -> None:
            with client.stream("x-sum") as stream:
                stream.send(b"a", more=False)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            leave()
        client.do("ping")

    def test_what_the_server_would_refuse_is_not_sent(self, client: AnyClient) -> None:
        """The connection is as it was."""
        with pytest.raises(LocalProtocolError):
            client.do("echo", bytes(65_537))
        with pytest.raises(LocalProtocolError):
            client.do("hello", token="\ud800")
        client.do("ping")

    def test_finishing(self, client: AnyClient) -> None:
        """Nothing more is asked, and the server closes."""
        client.do("ping")
        client.do("finish", PATIENCE)
        with pytest.raises(ConnectionLost):
            client.do("ping")


class TestLarge:
    """Payloads above 65 536 octets."""

    @pytest.mark.parametrize("engine", ENGINES)
    def test_both_state_more(self, engine: str, kind: str) -> None:
        """After `hello` on both sides."""
        limits = Limits(max_payload=3_000_000)
        with (
            serving(engine, limits=limits) as (where, _),
            connected(kind, where, limits=limits) as client,
        ):
            client.do("hello")
            payload = bytes(range(256)) * 10_000
            assert client.do("echo", payload).payload == payload


@contextmanager
def scripted(play: Callable[[Peer], None]) -> Iterator[Address]:
    """A server for one connection that follows a script, then closes."""
    failures: list[BaseException] = []

    def serve() -> None:
        try:
            peer = Peer.of(listener.accept()[0])
            with closing(peer):
                play(peer)
        except BaseException as error:
            failures.append(error)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        thread = threading.Thread(target=serve)
        thread.start()
        host, port = listener.getsockname()
        yield host, port
        thread.join(PATIENCE)
    assert not failures


class TestMisfortune:
    """What a server does wrong, and what the program is told."""

    @pytest.mark.parametrize(
        ("octets", "code"),
        [
            (b"HTTP/1.1 400 Bad Request\r\n", Code.BAD_MAGIC),
            (b"HJP\xff\x02", Code.BAD_VERSION),
            (frame({"id": 1, "ok": True})[:-1] + b"]", Code.BAD_JSON),
            (frame({"id": 2, "ok": True}), Code.BAD_ID),
            (frame({"id": 1, "ok": True, "op": "ping"}), Code.BAD_FRAME),
            (frame({"id": 1, "ok": True}, bytes(65_537)), Code.TOO_LARGE),
        ],
    )
    def test_a_server_that_breaks_the_protocol(
        self, kind: str, octets: bytes, code: Code
    ) -> None:
        """The code is told, and the connection closed."""

        def play(peer: Peer) -> None:
            peer.reply()
            peer.send(octets)
            with suppress(ConnectionError):  # the client closes with octets unread
                assert peer.rest() == b""

        with scripted(play) as where, connected(kind, where) as client:
            with pytest.raises(RemoteProtocolError) as error:
                client.do("ping")
            assert error.value.code is code
            with pytest.raises(ConnectionLost):
                client.do("ping")
            client.do("close")

    @pytest.mark.parametrize("octets", [b"", frame({"id": 1, "ok": True}, b"xy")[:-1]])
    def test_a_server_that_goes(self, kind: str, octets: bytes) -> None:
        """HJP-LIF-10: before the reply, and inside it."""

        def play(peer: Peer) -> None:
            peer.reply()
            peer.send(octets)

        with scripted(play) as where, connected(kind, where) as client:
            with pytest.raises(ConnectionLost):
                client.do("ping")
            with pytest.raises(ConnectionLost):
                client.do("ping")

    def test_a_server_that_resets(self, kind: str) -> None:
        """A lost connection as well."""

        def play(peer: Peer) -> None:
            peer.reply()
            peer.reset()

        with (
            scripted(play) as where,
            connected(kind, where) as client,
            pytest.raises(ConnectionLost),
        ):
            client.pipeline(("echo", {}, bytes(65_536)) for _ in range(500))

    def test_a_fatal_error(self, kind: str) -> None:
        """It is raised by what waits; then the connection is over (HJP-ERR-14)."""
        error = {"code": "going_away", "message": "m", "fatal": True, "last_id": 0}

        def play(peer: Peer) -> None:
            peer.reply()
            peer.send(frame({"id": 0, "ok": False, "error": error}))
            assert peer.rest() == b""

        with scripted(play) as where, connected(kind, where) as client:
            with pytest.raises(ReplyError) as raised:
                client.do("ping")
            assert raised.value.fatal
            assert raised.value.details == {"last_id": 0}
            with pytest.raises(ConnectionLost) as lost:
                client.do("ping")
            assert lost.value.__cause__ is raised.value
            client.do("close")

    def test_a_fault_while_nothing_is_asked(self, kind: str) -> None:
        """It is told to the next call, once; then the connection is over."""

        def play(peer: Peer) -> None:
            peer.reply()
            peer.send(frame({"id": 1, "ok": True}) + b"HTTP/")
            with suppress(ConnectionError):  # the client closes with octets unread
                peer.rest()

        with scripted(play) as where, connected(kind, where) as client:
            client.do("ping")
            with pytest.raises(RemoteProtocolError):
                client.do("ping")
            with pytest.raises(ConnectionLost):
                client.do("ping")

    def test_a_reply_that_is_late(self, kind: str) -> None:
        """A TimeoutError, and the reply is dropped when it comes."""
        asked = threading.Event()

        def play(peer: Peer) -> None:
            peer.reply()
            assert asked.wait(PATIENCE)
            peer.send(frame({"id": 1, "ok": True}, b"late"))
            assert peer.reply()[0]["id"] == 2
            peer.send(frame({"id": 2, "ok": True}, b"in time"))

        with scripted(play) as where, connected(kind, where) as client:
            with pytest.raises(TimeoutError):
                client.do("request", "echo", timeout=0.05)
            asked.set()
            assert client.do("echo").payload == b"in time"

    def test_a_server_that_does_not_read(self, kind: str) -> None:
        """The time is up while the client writes; what was not sent is not lost."""
        asked = threading.Event()
        count = 100

        def play(peer: Peer) -> None:
            assert asked.wait(PATIENCE)
            sizes: list[int] = []
            while len(sizes) < 2 or sizes[-1]:
                metadata, payload = peer.reply()
                sizes.append(len(payload))
                peer.send(frame({"id": metadata["id"], "ok": True}, payload[:5]))
            assert set(sizes) == {65_536, 0}

        with scripted(play) as where, connected(kind, where, timeout=0.3) as client:
            with pytest.raises(TimeoutError):
                client.pipeline(("echo", {}, bytes(65_536)) for _ in range(count))
            asked.set()
            assert client.do("request", "echo", timeout=PATIENCE).payload == b""

    def test_an_early_final_reply(self, kind: str) -> None:
        """HJP-MSG-23, on the wire: an empty last frame, then nothing of that id."""
        seen: list[tuple[dict[str, Any], bytes]] = []

        def play(peer: Peer) -> None:
            seen.append(peer.reply())
            peer.send(frame({"id": 1, "ok": True}))
            seen.append(peer.reply())
            seen.append(peer.reply())
            peer.send(frame({"id": 2, "ok": True}))

        with scripted(play) as where, connected(kind, where) as client:
            with client.stream("x-log") as stream:
                stream.send(b"a")
                stream.final()
                stream.send(b"b")
            client.do("ping")
        assert seen == [
            ({"id": 1, "op": "x-log", "more": True}, b"a"),
            ({"id": 1, "op": "x-log"}, b""),
            ({"id": 2, "op": "ping"}, b""),
        ]

    def test_interim_replies_to_a_plain_request(self, kind: str) -> None:
        """They are dropped; the final one is what was asked for."""

        def play(peer: Peer) -> None:
            peer.reply()
            peer.send(frame({"id": 1, "ok": True, "more": True}, b"no") * 3)
            peer.send(frame({"id": 1, "ok": True}, b"yes"))

        with scripted(play) as where, connected(kind, where) as client:
            assert client.do("request", "x-count").payload == b"yes"

    def test_nobody_listens(self, kind: str) -> None:
        """An OSError, as the system says it; and nothing can be asked."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            host, port = listener.getsockname()
        with closing(AnyClient(kind, (host, port))) as client:
            with pytest.raises(ConnectionRefusedError):
                client.do("connect")
            with pytest.raises(ConnectionLost):
                client.do("ping")

    def test_a_wrong_url(self) -> None:
        """Refused before anything is opened."""
        for make in (Client, AsyncClient):
            with pytest.raises(ValueError, match="hjp://"):
                make("http://127.0.0.1")

    def test_finishing_takes_too_long(self, kind: str) -> None:
        """A server that does not close."""
        done = threading.Event()

        def play(peer: Peer) -> None:
            assert peer.rest() == b""
            assert done.wait(PATIENCE)

        with scripted(play) as where, connected(kind, where) as client:
            with pytest.raises(TimeoutError):
                client.do("finish", 0.05)
            done.set()

    def test_a_last_word_that_is_no_frame(self, kind: str) -> None:
        """What comes after the end is looked at too."""

        def play(peer: Peer) -> None:
            assert peer.rest() == b""
            peer.send(b"<!DOCTYPE HTML>")

        with (
            scripted(play) as where,
            connected(kind, where) as client,
            pytest.raises(RemoteProtocolError),
        ):
            client.do("finish", PATIENCE)

    def test_finishing_after_a_reset(self, kind: str) -> None:
        """Nobody is there to be told."""

        def play(peer: Peer) -> None:
            peer.reply()
            peer.reset()

        with scripted(play) as where, connected(kind, where) as client:
            with pytest.raises(ConnectionLost):
                client.do("ping")
            client.do("finish", PATIENCE)


class TestConcurrency:
    """What only the asyncio client can do: several tasks on one connection."""

    @pytest.mark.parametrize("engine", ENGINES)
    def test_tasks_share_a_connection(self, engine: str) -> None:
        """Requests are pipelined; a stream makes the others wait."""

        async def run(url: str) -> None:
            async with AsyncClient(url, timeout=PATIENCE) as client:
                texts = [b"a%d" % n for n in range(200)]
                upper = await asyncio.gather(*map(client.upper, texts))
                assert upper == [text.upper() for text in texts]
                async with client.stream("x-sum") as stream:
                    await stream.send(b"x")
                    waiting = asyncio.create_task(client.upper(b"w"))
                    await stream.send(b"x", more=False)
                    assert (await stream.final()).metadata["total"] == 2
                    assert await waiting == b"W"

        with serving(engine, register) as (where, _):
            asyncio.run(run(format_url(*where)))

    def test_replies_that_nobody_takes_wait_outside(self) -> None:
        """The client stops reading when it holds enough, and loses nothing."""

        async def run(url: str) -> None:
            async with AsyncClient(url, timeout=PATIENCE) as client:
                async with client.stream("x-count", {"to": 3_000}) as stream:
                    await stream.send(more=False)
                    pump = client._connected()
                    for _ in range(1_000_000):
                        if not pump._transport.is_reading():
                            break
                        await asyncio.sleep(0)
                    assert 1_000_000 < pump.caller.queued < 3_000_000
                    await client.ping()  # answered behind all that waits
                    total = 0
                    async for reply in stream:
                        total += len(reply.payload)
                    assert total == 30_000_000
                assert pump.caller.queued == 0

        with serving("asyncio", register) as (where, _):
            asyncio.run(run(format_url(*where)))

    def test_a_blocking_stream_is_not_shared(self) -> None:
        """A request inside another is refused here, not there (HJP-MSG-5)."""
        with (
            serving("threaded", register) as (where, _),
            Client(format_url(*where), timeout=PATIENCE) as client,
            client.stream("x-sum") as stream,
        ):
            stream.send(b"x")
            with pytest.raises(LocalProtocolError):
                client.ping()
