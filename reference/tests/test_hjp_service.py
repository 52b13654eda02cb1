"""Operations that a program adds to either server."""

import asyncio
import queue
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

import hjp
from hjp import Limits, ReplyError, Server, threaded

from .hjp_peer import (
    ENGINES,
    PATIENCE,
    PING,
    AnyServer,
    Gate,
    Peer,
    frame,
    serving,
)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Each of the servers."""
    return str(request.param)


class TestHandlers:
    """Own operations of one frame each way."""

    def test_what_handlers_do(self, engine: str) -> None:
        """A reply with members and payload, and an error with what it adds."""

        def prepare(server: AnyServer) -> None:
            @server.op("x-reverse")
            def reverse(metadata: dict[str, Any], payload: bytes) -> Any:
                return {"op was": metadata["op"]}, payload[::-1]

            @server.op("x-busy")
            def busy(_: dict[str, Any], __: bytes) -> Any:
                raise ReplyError("busy", "later", {"retry_ms": 5})

        with serving(engine, prepare) as (where, _), closing(Peer(where)) as peer:
            peer.send(frame({"id": 1, "op": "x-reverse"}, b"abc"))
            assert peer.reply() == (
                {"id": 1, "ok": True, "op was": "x-reverse"},
                b"cba",
            )
            peer.send(frame({"id": 2, "op": "x-busy"}))
            error = {"code": "busy", "message": "later", "retry_ms": 5}
            assert peer.reply()[0] == {"id": 2, "ok": False, "error": error}

    @pytest.mark.parametrize(
        "outcome",
        [
            ZeroDivisionError("secret"),
            ReplyError("bad_id", "secret: not a handler's business"),
            ReplyError("busy", "secret" * 20_000),
            ({"id": 5}, b"secret"),
            ({"secret": float("nan")}, b""),
            "secret",
        ],
        ids=[
            "crash",
            "fatal code",
            "long message",
            "reserved",
            "unwritable",
            "no pair",
        ],
    )
    def test_a_handler_that_fails(
        self, engine: str, outcome: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        """`internal` for the client, the cause for the log; the connection goes on."""

        def prepare(server: AnyServer) -> None:
            @server.op("x-fail")
            def fail(_: dict[str, Any], __: bytes) -> Any:
                if isinstance(outcome, Exception):
                    raise outcome
                return outcome

        with serving(engine, prepare) as (where, _), closing(Peer(where)) as peer:
            metadata, _payload = peer.send(frame({"id": 1, "op": "x-fail"})).reply()
            assert metadata["error"]["code"] == "internal"
            assert "secret" not in metadata["error"]["message"]
            assert peer.send(frame({"id": 2, "op": "ping"})).reply()[0]["ok"]
        (record,) = caplog.records
        assert "x-fail" in record.getMessage()

    def test_a_coroutine_function(self) -> None:
        """Its connection waits for it, others do not; also one that is cancelled."""

        def prepare(server: AnyServer) -> None:
            @server.op("x-meet")
            async def meet(_: dict[str, Any], __: bytes) -> Any:
                await both.wait()
                return {}, b""

            @server.op("x-cancel")
            async def cancel(_: dict[str, Any], __: bytes) -> Any:
                raise asyncio.CancelledError

        both = asyncio.Barrier(2)
        with (
            serving("asyncio", prepare) as (where, _),
            closing(Peer(where)) as one,
            closing(Peer(where)) as two,
        ):
            meet = frame({"id": 1, "op": "x-meet"}) + frame({"id": 2, "op": "ping"})
            one.send(meet)
            two.send(meet)
            assert [one.reply()[0]["id"], one.reply()[0]["id"]] == [1, 2]
            assert [two.reply()[0]["id"], two.reply()[0]["id"]] == [1, 2]
            assert one.send(frame({"id": 3, "op": "x-cancel"})).error() == (
                3,
                "internal",
            )

    def test_a_request_that_waited_too_long(self, engine: str) -> None:
        """HJP-MSG-31: behind a slow one, on one connection."""
        gate = Gate()
        with serving(engine, gate.register) as (where, _), closing(Peer(where)) as peer:
            peer.send(
                frame({"id": 1, "op": "x-wait", "n": 1})
                + frame({"id": 2, "op": "ping", "timeout_ms": 1})
                + frame({"id": 3, "op": "ping", "timeout_ms": 10**9})
            )
            assert gate.entered.acquire(timeout=PATIENCE)
            threading.Event().wait(0.01)
            gate.open.set()
            assert peer.reply()[0] == {"id": 1, "ok": True, "n": 1}
            assert peer.error() == (2, "timeout")
            assert peer.reply()[0] == {"id": 3, "ok": True}

    def test_a_fault_and_an_end_behind_a_slow_request(self, engine: str) -> None:
        """Its reply, the error, the end (HJP-ERR-9)."""
        gate = Gate()
        with serving(engine, gate.register) as (where, _), closing(Peer(where)) as peer:
            slow = frame({"id": 1, "op": "x-wait", "n": 1})
            peer.send(slow + b"GET / HTTP/1.1").end()
            assert gate.entered.acquire(timeout=PATIENCE)
            gate.open.set()
            assert peer.reply()[0] == {"id": 1, "ok": True, "n": 1}
            assert peer.error() == (0, "bad_magic")
            assert peer.rest() == b""

    def test_much_input_behind_a_slow_request(self, engine: str) -> None:
        """The server stops reading, and loses nothing."""
        gate = Gate()
        with serving(engine, gate.register) as (where, _), closing(Peer(where)) as peer:
            pings = b"".join(frame({"id": n, "op": "ping"}) for n in range(2, 9_000))
            peer.send(frame({"id": 1, "op": "x-wait", "n": 1}))
            sender = threading.Thread(target=peer.send, args=(pings,))
            sender.start()
            assert gate.entered.acquire(timeout=PATIENCE)
            gate.open.set()
            assert [peer.reply()[0]["id"] for _ in range(1, 9_000)] == [
                *range(1, 9_000)
            ]
            sender.join(PATIENCE)

    def test_registering(self) -> None:
        """A name is taken once, by a function that the server can run."""

        async def later(*_: Any) -> Any:
            """A coroutine function."""

        def now(*_: Any) -> Any:
            """A plain one."""

        for server in (Server(), threaded.Server()):
            with pytest.raises(ValueError, match="taken"):
                server.op("ping")
        with pytest.raises(TypeError, match="a plain function"):
            threaded.Server().op("x-a")(later)
        with pytest.raises(TypeError, match="a plain function"):
            threaded.Server().stream("x-a")(later)
        with pytest.raises(TypeError, match="a coroutine function"):
            Server().stream("x-a")(now)


def register_sum(server: AnyServer) -> None:
    """``x-sum`` adds up the octets of its frames and tells how far it is."""
    if isinstance(server, Server):

        @server.stream("x-sum", body=True)
        async def sum_asyncio(exchange: hjp.Exchange) -> hjp.operations.Answer:
            total = 0
            async for request in exchange:
                total += len(request.payload)
                await exchange.reply({"so far": total}, request.payload[:1])
                if request.payload == b"enough":
                    break
            return {"total": total, "n": exchange.metadata["n"]}, exchange.payload
    else:

        @server.stream("x-sum", body=True)
        def sum_threaded(exchange: threaded.Exchange) -> hjp.operations.Answer:
            total = 0
            for request in exchange:
                total += len(request.payload)
                exchange.reply({"so far": total}, request.payload[:1])
                if request.payload == b"enough":
                    break
            return {"total": total, "n": exchange.metadata["n"]}, exchange.payload


class TestStreams:
    """Own operations of several frames."""

    @pytest.fixture
    def peer(self, engine: str) -> Iterator[Peer]:
        """A connection to a server that offers ``x-sum``."""
        with serving(engine, register_sum) as (where, _), closing(Peer(where)) as it:
            yield it

    def test_frames_and_interim_replies(self, peer: Peer) -> None:
        """One for one, then the final reply, then the next request."""
        total = 0
        for number, payload in enumerate((b"a", b"", b"ccc")):
            more = {"more": True} if number < 2 else {}
            request = {"id": 1, "op": "x-sum", "n": 5} | more
            total += len(payload)
            interim = {"id": 1, "ok": True, "more": True, "so far": total}
            assert peer.send(frame(request, payload)).reply() == (interim, payload[:1])
        assert peer.reply() == ({"id": 1, "ok": True, "total": 4, "n": 5}, b"a")
        assert peer.send(frame({"id": 2, "op": "ping"})).reply()[0]["ok"]

    def test_frames_ahead(self, peer: Peer) -> None:
        """All at once, with another request behind."""
        body = frame({"id": 1, "op": "x-sum", "n": 5, "more": True}, b"x") * 50
        peer.send(
            body + frame({"id": 1, "op": "x-sum"}) + frame({"id": 2, "op": "ping"})
        )
        replies = [peer.reply()[0] for _ in range(53)]
        assert [it["id"] for it in replies] == [1] * 52 + [2]
        assert replies[51] == {"id": 1, "ok": True, "total": 50, "n": 5}

    def test_an_early_final_reply(self, peer: Peer) -> None:
        """What comes after it is dropped until the request ends (HJP-MSG-20)."""
        enough = frame({"id": 1, "op": "x-sum", "n": 5, "more": True}, b"enough")
        peer.send(enough + enough)
        assert peer.reply()[0]["more"]
        assert peer.reply()[0]["total"] == 6
        peer.send(
            enough + frame({"id": 1, "op": "x-sum"}) + frame({"id": 2, "op": "ping"})
        )
        assert peer.reply()[0] == {"id": 2, "ok": True}

    def test_an_end_inside_the_body(self, peer: Peer) -> None:
        """The request is abandoned: no reply, no error (HJP-LIF-9)."""
        peer.send(frame({"id": 1, "op": "x-sum", "n": 5, "more": True}, b"x"))
        assert peer.reply()[0]["more"]
        assert peer.end().rest() == b""

    def test_a_handler_that_does_not_give_up(self, engine: str) -> None:
        """What it does after the end of the input reaches nobody."""
        outcome: queue.Queue[list[Exception]] = queue.Queue()

        def prepare(server: AnyServer) -> None:
            if isinstance(server, Server):

                @server.stream("x-stubborn", body=True)
                async def stubborn_asyncio(exchange: hjp.Exchange) -> Any:
                    errors: list[Exception] = []
                    try:
                        async for _ in exchange:
                            pass
                    except hjp.ConnectionLost as error:
                        errors.append(error)
                    try:
                        await exchange.reply({"still": "here"})
                    except hjp.ConnectionLost as error:
                        errors.append(error)
                    outcome.put(errors)
                    return {}, b"still here"
            else:

                @server.stream("x-stubborn", body=True)
                def stubborn_threaded(exchange: threaded.Exchange) -> Any:
                    errors: list[Exception] = []
                    try:
                        list(exchange)
                    except hjp.ConnectionLost as error:
                        errors.append(error)
                    try:
                        exchange.reply({"still": "here"})
                    except hjp.ConnectionLost as error:
                        errors.append(error)
                    outcome.put(errors)
                    return {}, b"still here"

        body = frame({"id": 1, "op": "x-stubborn", "more": True})
        with serving(engine, prepare) as (where, _), closing(Peer(where)) as peer:
            assert peer.send(body).end().rest() == b""
            assert len(outcome.get(timeout=PATIENCE)) == 2

    def test_a_reset_inside_the_body(
        self, engine: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The handler learns it; it is nobody's fault here, so nothing is logged."""
        with serving(engine, register_sum) as (where, _):
            with closing(Peer(where)) as peer:
                peer.send(frame({"id": 1, "op": "x-sum", "n": 5, "more": True}, b"x"))
                assert peer.reply()[0]["more"]
                peer.reset()
            with closing(Peer(where)) as peer:
                assert peer.send(PING).reply()[0]["ok"]
        assert not caplog.records

    def test_a_fault_inside_the_body(self, peer: Peer) -> None:
        """The fatal error, and no reply to the request that did not end."""
        peer.send(frame({"id": 1, "op": "x-sum", "n": 5, "more": True}, b"x"))
        assert peer.reply()[0]["more"]
        peer.send(frame({"id": 2, "op": "ping"}))
        assert peer.error() == (0, "bad_id")
        assert peer.rest() == b""

    def test_a_handler_that_fails_inside_the_body(self, peer: Peer) -> None:
        """`internal` at once; the rest is dropped."""
        body = frame({"id": 1, "op": "x-sum", "more": True}, b"enough")
        peer.send(body)
        assert peer.reply()[0]["more"]
        assert peer.error() == (1, "internal")
        peer.send(
            body + frame({"id": 1, "op": "x-sum"}) + frame({"id": 2, "op": "ping"})
        )
        assert peer.reply()[0] == {"id": 2, "ok": True}

    def test_a_stop_inside_the_body(self, engine: str) -> None:
        """The request cannot be finished; `last_id` says that it was begun."""
        with (
            serving(engine, register_sum) as (where, stop),
            closing(Peer(where)) as peer,
        ):
            peer.send(frame({"id": 6, "op": "x-sum", "n": 1, "more": True}))
            assert peer.reply()[0]["more"]
            stopper = threading.Thread(target=stop)
            stopper.start()
            assert peer.reply()[0]["error"]["last_id"] == 6
            assert peer.end().rest() == b""
            stopper.join(PATIENCE)

    def test_waiting_for_the_body_has_an_end(self, engine: str) -> None:
        """`idle_ms` runs between two frames of one request as well."""
        limits = Limits(idle_ms=50)
        with (
            serving(engine, register_sum, limits=limits) as (where, _),
            closing(Peer(where)) as peer,
        ):
            peer.send(frame({"id": 6, "op": "x-sum", "n": 1, "more": True}))
            assert peer.reply()[0]["more"]
            assert peer.error() == (0, "going_away")
            assert peer.rest() == b""

    def test_without_a_body_there_is_one_frame(self, engine: str) -> None:
        """Row 15 for a stream that only replies; and replies that nobody reads."""
        ended: queue.Queue[BaseException] = queue.Queue()

        def prepare(server: AnyServer) -> None:
            if isinstance(server, Server):

                @server.stream("x-flood")
                async def flood_asyncio(exchange: hjp.Exchange) -> Any:
                    try:
                        while True:
                            await exchange.reply(payload=bytes(65_536))
                    except BaseException as error:
                        ended.put(error)
                        raise
            else:

                @server.stream("x-flood")
                def flood_threaded(exchange: threaded.Exchange) -> Any:
                    try:
                        while True:
                            exchange.reply(payload=bytes(65_536))
                    except BaseException as error:
                        ended.put(error)
                        raise

        with serving(engine, prepare) as (where, _):
            with closing(Peer(where)) as peer:
                peer.send(frame({"id": 1, "op": "x-flood", "more": True}))
                assert peer.error() == (1, "bad_request")
                peer.send(frame({"id": 1, "op": "x-flood"}))
                peer.send(frame({"id": 2, "op": "x-flood"}))
                assert peer.reply()[0] == {"id": 2, "ok": True, "more": True}
            assert isinstance(
                ended.get(timeout=PATIENCE), (OSError, asyncio.CancelledError)
            )
