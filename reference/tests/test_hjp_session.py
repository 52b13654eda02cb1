"""How both servers keep time and how they stop."""

import asyncio
import os
import signal
import threading
from contextlib import closing, suppress
from typing import Any

import pytest

import hjp
from hjp import Limits, Server, threaded
from hjp.url import parse_url

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


ECHO = frame({"id": 1, "op": "echo"}, b"xy")
UNENDED = frame({"id": 4, "op": "ping", "more": True})


class TestClocks:
    """Short limits; the verdict is what the server says, not when."""

    @pytest.mark.parametrize(
        ("limit", "octets", "replies", "error", "last_id"),
        [
            ("first_frame_ms", b"", 0, "timeout", None),
            ("first_frame_ms", PING[:-1], 0, "timeout", None),
            ("frame_ms", PING + PING[:5], 1, "timeout", None),
            ("frame_ms", PING + PING[:20], 1, "timeout", None),
            ("payload_ms", ECHO[:-1], 0, "timeout", None),
            ("payload_ms", ECHO[:-2], 0, "timeout", None),
            ("idle_ms", PING, 1, "going_away", 1),
            ("idle_ms", UNENDED, 1, "going_away", 4),
        ],
    )
    def test_a_client_that_takes_too_long(
        self,
        engine: str,
        limit: str,
        octets: bytes,
        replies: int,
        error: str,
        last_id: int | None,
    ) -> None:
        """HJP-LIM-7, HJP-LIM-8."""
        with (
            serving(engine, limits=Limits(**{limit: 50})) as (where, _),
            closing(Peer(where)) as peer,
        ):
            peer.send(octets)
            assert all(peer.reply()[0]["id"] for _ in range(replies))
            metadata, _payload = peer.reply()
            assert (metadata["id"], metadata["error"]["code"]) == (0, error)
            assert metadata["error"].get("last_id") == last_id
            assert peer.rest() == b""

    def test_a_payload_that_comes_fast_enough(self, engine: str) -> None:
        """More than a span of `payload_ms`, each with its kilobyte a second."""
        with (
            serving(engine, limits=Limits(payload_ms=1_000)) as (where, _),
            closing(Peer(where)) as peer,
        ):
            octets = frame({"id": 1, "op": "upper"}, b"x" * 60_000)
            waiting = threading.Event()
            for start in range(0, len(octets), 10_000):
                peer.send(octets[start : start + 10_000])
                waiting.wait(0.25)
            assert peer.reply()[1] == b"X" * 60_000

    def test_no_clock_runs_while_a_handler_does(self, engine: str) -> None:
        """HJP-LIM-10; and a reset in the meantime harms nobody."""
        gate = Gate()
        limits = Limits(idle_ms=50, first_frame_ms=50)
        with serving(engine, gate.register, limits=limits) as (where, _):
            for reset in (False, True):
                gate.open.clear()
                with closing(Peer(where)) as peer:
                    peer.send(frame({"id": 3, "op": "x-wait", "n": 1}))
                    assert gate.entered.acquire(timeout=PATIENCE)
                    threading.Event().wait(0.2)
                    if reset:
                        peer.reset()
                        with closing(Peer(where)) as other:  # heard after the reset
                            assert other.send(PING).reply()[0]["ok"]
                    gate.open.set()
                    if not reset:
                        assert peer.reply()[0] == {"id": 3, "ok": True, "n": 1}

    def test_a_client_that_does_not_read_is_reset(self, engine: str) -> None:
        """HJP-LIM-9: after `write_ms` without an octet taken."""
        with (
            serving(engine, limits=Limits(write_ms=100)) as (where, _),
            closing(Peer(where)) as peer,
            pytest.raises(ConnectionError),
        ):
            peer.send_echoes()


class TestStopping:
    """SIGTERM, in effect."""

    def test_work_in_flight_is_finished(self, engine: str) -> None:
        """What was read is done, then `going_away` tells how far (HJP-LIF-11)."""
        gate = Gate()
        with (
            serving(engine, gate.register) as (where, stop),
            closing(Peer(where)) as peer,
        ):
            idle = Peer(where)
            idle.send(PING)  # answered: accepted, and not still on its way
            last = idle.reply()[0]["id"]
            peer.send(
                frame({"id": 3, "op": "x-wait", "n": 1})
                + frame({"id": 4, "op": "x-wait", "n": 2})
                + PING[:20]
            )
            assert gate.entered.acquire(timeout=PATIENCE)
            stopper = threading.Thread(target=stop)
            stopper.start()
            assert idle.reply()[0]["error"]["last_id"] == last
            assert idle.rest() == b""
            idle.close()
            gate.open.set()
            assert peer.reply()[0] == {"id": 3, "ok": True, "n": 1}
            assert peer.reply()[0] == {"id": 4, "ok": True, "n": 2}
            assert peer.reply()[0]["error"]["last_id"] == 4
            assert peer.end().rest() == b""
            stopper.join(PATIENCE)
            with pytest.raises(OSError, match="refused"):
                Peer(where)

    def test_grace_has_an_end(self, engine: str) -> None:
        """A handler that does not come back: what was read is cancelled, or cut off."""
        gate = Gate()
        with (
            serving(engine, gate.register, grace=0.05) as (where, stop),
            closing(Peer(where)) as peer,
        ):
            ping = frame({"id": 4, "op": "ping"})
            peer.send(frame({"id": 3, "op": "x-wait", "n": 1}) + ping)
            assert gate.entered.acquire(timeout=PATIENCE)
            stopper = threading.Thread(target=stop)
            stopper.start()
            with suppress(EOFError):  # threads cannot be interrupted
                assert peer.error() == (3, "cancelled")
                assert peer.error() == (4, "cancelled")
                assert peer.reply()[0]["error"]["last_id"] == 4
            peer.end()
            gate.open.set()
            stopper.join(PATIENCE)
            assert peer.rest() == b""

    def test_a_handler_that_will_not_be_cancelled(self) -> None:
        """The connection is closed without it."""
        entered, leave = threading.Event(), threading.Event()

        async def stay(_: dict[str, Any], __: bytes) -> Any:
            entered.set()
            while not leave.is_set():
                with suppress(asyncio.CancelledError):
                    await asyncio.sleep(0.01)
            return {}, b""

        def prepare(server: AnyServer) -> None:
            server.op("x-stay")(stay)

        with (
            serving("asyncio", prepare, grace=0.05) as (where, stop),
            closing(Peer(where)) as peer,
        ):
            peer.send(frame({"id": 3, "op": "x-stay"}))
            assert entered.wait(PATIENCE)
            stopper = threading.Thread(target=stop)
            stopper.start()
            assert peer.rest() == b""
            leave.set()
            stopper.join(PATIENCE)

    def test_a_client_that_never_reads_does_not_hold_the_server(
        self, engine: str
    ) -> None:
        """Output that nobody takes is given up after the grace time."""
        with (
            serving(engine, grace=0.05) as (where, stop),
            closing(Peer(where)) as peer,
        ):
            peer.socket.settimeout(0.5)
            with pytest.raises(TimeoutError):
                peer.send_echoes()
            stop()
            with pytest.raises(ConnectionError):
                peer.send_for_ever(bytes(65_536))

    def test_stopping_twice(self, engine: str) -> None:
        """The second time there is nothing to do."""
        with serving(engine) as (_, stop):
            stop()
            stop()

    @pytest.mark.parametrize("turns", range(6))
    def test_a_connection_that_comes_with_the_stop(self, turns: int) -> None:
        """Wherever in the loop it is, it is closed; the last one may say why."""

        async def run() -> Peer:
            async with Server(port=0) as server:
                peer = Peer(parse_url(server.urls[0])).send(PING).end()
                for _ in range(turns):
                    await asyncio.sleep(0)
            return peer

        with closing(asyncio.run(run())) as peer, suppress(ConnectionResetError):
            peer.rest()

    def test_serving_until_a_signal(self) -> None:
        """From a program: the signal is told, and the handlers of before are back."""
        before = signal.getsignal(signal.SIGTERM)

        async def run(server: Server) -> signal.Signals:
            serving_it = asyncio.create_task(hjp.serve(server))
            for _ in range(1_000):
                await asyncio.sleep(0)
            assert server.urls
            os.kill(os.getpid(), signal.SIGTERM)
            return await serving_it

        assert asyncio.run(run(Server(port=0))) is signal.SIGTERM
        raiser = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
        raiser.start()
        assert threaded.serve(threaded.Server(port=0)) is signal.SIGINT
        raiser.join()
        assert signal.getsignal(signal.SIGTERM) is before

    def test_a_server_that_never_started(self) -> None:
        """It has no address and nothing to stop."""
        threaded.Server().stop()
        asyncio.run(Server().stop())
        assert threaded.Server().urls == Server().urls == []
