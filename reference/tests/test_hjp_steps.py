"""Frames in parts, and handlers that work in steps: connection.py, steps.py, servers."""

import asyncio
import os
import queue
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from hjp import NEED_DATA, Connection, End, Limits, Reply, Request, Role
from hjp.errors import RemoteProtocolError, ReplyError
from hjp.operations import Answer, Operation
from hjp.steps import Link, Steps, Turn, Want, advance

from .hjp_peer import ENGINES, PATIENCE, AnyServer, Peer, frame, serving

PUT = {"id": 1, "op": "put", "more": True}


def connection(**limits: int) -> Connection:
    """A server's, on which ``put`` comes in parts."""
    return Connection(Role.SERVER, Limits(**limits), {"put"})


def parts_of(it: Connection) -> list[tuple[bytes, int]]:
    """What next_event gives: octets, and how many are left."""
    parts = []
    while isinstance(event := it.next_event(), Request):
        parts.append((event.payload, event.left))
    return parts


class TestParts:
    """A frame as several events."""

    def test_every_division(self) -> None:
        """The same octets, the first part as soon as the metadata is complete."""
        whole = frame(PUT, b"abcdef") + frame({"id": 1, "op": "put"}, b"")
        head = len(frame(PUT, b"abcdef")) - 6
        for cut in range(1, len(whole)):
            it = connection()
            it.receive_data(whole[:cut])
            first = parts_of(it)
            assert bool(first) is (cut >= head)
            it.receive_data(whole[cut:])
            octets, left = zip(*(first + parts_of(it)), strict=True)
            assert b"".join(octets) == b"abcdef"
            assert left[-1] == 0
            assert it.unended is None

    def test_other_operations_come_whole(self) -> None:
        """As they always did."""
        it = connection()
        echo = frame({"id": 1, "op": "echo"}, b"abc")
        it.receive_data(echo[:-1])
        assert it.next_event() is NEED_DATA
        it.receive_data(echo[-1:])
        assert parts_of(it) == [(b"abc", 0)]

    def test_octets_taken_elsewhere(self) -> None:
        """Counted, not seen; the next frame follows."""
        it = connection()
        it.receive_data(frame(PUT, b"abcdef")[:-5], 7.0)
        assert parts_of(it) == [(b"a", 5)]
        it.skip(4)
        assert (it.payload_left, it.payload_octets) == (1, 5)
        assert parts_of(it) == [(b"", 1)]
        it.skip(1)
        assert parts_of(it) == [(b"", 0)]
        it.receive_data(frame({"id": 1, "op": "put"}, b"x"), 8.0)
        event = it.next_event()
        assert isinstance(event, Request)
        assert (event.payload, event.left, event.arrived) == (b"x", 0, 8.0)

    def test_a_reply_before_the_end_of_a_frame(self) -> None:
        """What is left of it is dropped (HJP-MSG-20), the next request is heard."""
        it = connection()
        last = frame({"id": 1, "op": "put"}, b"abcdef")
        it.receive_data(last[:-4])
        assert parts_of(it) == [(b"ab", 4)]
        it.send(Reply.failure(1, "exists", "it is there"))
        it.receive_data(last[-4:] + frame({"id": 2, "op": "ping"}))
        assert parts_of(it) == [(b"", 0)]
        assert it.state(1).value == "closed"

    def test_an_end_inside(self) -> None:
        """Nothing more is said of it."""
        it = connection()
        it.receive_data(frame(PUT, b"abcdef")[:-5])
        assert parts_of(it) == [(b"a", 5)]
        it.receive_eof()
        assert it.next_event() == End()

    def test_max_dropped(self) -> None:
        """HJP-MSG-24 counts what follows the reply only."""
        it = connection(max_payload=2**25)
        it.receive_data(frame({"id": 1, "op": "hello"}))
        assert len(parts_of(it)) == 1
        hello = {"limits": {"max_payload": 2**25}, "features": [], "server": ""}
        it.send(Reply({"id": 1, "ok": True} | hello))
        large = frame({"id": 2, "op": "put", "more": True}, bytes(2**25))
        it.receive_data(large[: 2**24 + 1000])
        parts_of(it)
        it.send(Reply.failure(2, "exists", "it is there"))
        it.receive_data(large[2**24 + 1000 :])
        assert parts_of(it) == []
        it.receive_data(frame({"id": 2, "op": "put", "more": True}, bytes(1000)))
        with pytest.raises(RemoteProtocolError, match="after the final reply"):
            it.next_event()


class TestAdvance:
    """What a handler does in its turn."""

    def steps(self) -> Steps:
        """Ask, answer much, rest, end."""
        request = yield Want()
        assert request is not None
        yield {}, b"y"
        for _ in range(2):
            yield {}, bytes(2**19)
        yield None
        return {"done": True}, request.payload

    def test_turns(self) -> None:
        """It stops where it waits, where it has answered much, where it rests."""
        steps = self.steps()
        assert advance(steps, None) == Turn(want=Want())
        large: Answer = ({}, bytes(2**19))
        small: Answer = ({}, b"y")
        assert advance(steps, Request({}, b"x")) == Turn([small, large])
        assert advance(steps, None) == Turn([large])
        assert advance(steps, None) == Turn()
        assert advance(steps, None) == Turn(final=({"done": True}, b"x"))


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Each of the servers."""
    return str(request.param)


def offering(handler: Callable[..., Steps], **options: Any) -> Callable[..., None]:
    """Offers ``x-steps``."""

    def prepare(server: AnyServer) -> None:
        operation = Operation(handler, steps=True, **options)
        server.offer(["x-f"], {"x-steps": operation}, {"x-l": 5})

    return prepare


class TestServers:
    """Both run the same handlers."""

    def test_answers(self, engine: str) -> None:
        """Interim replies, a rest, a final one that comes with interim ones."""

        def handler(request: Request, link: Link) -> Steps:
            yield {"n": 1}, request.payload
            yield None
            yield {"n": 2}, b""
            return {"most": link.max_payload}, b""

        with (
            serving(engine, offering(handler)) as (where, _),
            closing(Peer(where)) as peer,
        ):
            hello = peer.send(frame({"id": 1, "op": "hello"})).reply()[0]
            assert hello["features"] == ["x-f"]
            assert hello["limits"]["x-l"] == 5
            peer.send(frame({"id": 2, "op": "x-steps"}, b"abc"))
            more = {"id": 2, "ok": True, "more": True}
            assert peer.reply() == (more | {"n": 1}, b"abc")
            assert peer.reply() == (more | {"n": 2}, b"")
            assert peer.reply()[0] == {"id": 2, "ok": True, "most": 65_536}

    def test_an_error_after_answers(self, engine: str) -> None:
        """It ends the reply; the handler is closed once."""
        closed: queue.Queue[str] = queue.Queue()

        def handler(_: Request, __: Link) -> Steps:
            try:
                yield {}, b"x"
                yield None
                raise ReplyError("busy", "later")
            finally:
                closed.put("closed")

        with (
            serving(engine, offering(handler)) as (where, _),
            closing(Peer(where)) as peer,
        ):
            peer.send(frame({"id": 1, "op": "x-steps"}))
            assert peer.reply()[1] == b"x"
            assert peer.error() == (1, "busy")
        assert closed.get(timeout=PATIENCE) == "closed"
        assert closed.empty()

    @pytest.mark.parametrize("early", [True, False])
    def test_woken(self, engine: str, early: bool) -> None:
        """A wait ends without a frame, be it under way or the next one."""
        wakers: queue.Queue[Callable[[], None]] = queue.Queue()

        def handler(_: Request, link: Link) -> Steps:
            wake = link.waker()
            if early:
                wake()
            else:
                wakers.put(wake)
            parts = [(yield Want()), (yield Want())]
            assert parts.count(None) == 1  # first, unless the frame had come already
            return {}, b"".join(part.payload for part in parts if part)

        prepare = offering(handler, body=True)
        with (
            serving(engine, prepare) as (where, _),
            closing(Peer(where)) as peer,
        ):
            peer.send(frame({"id": 1, "op": "x-steps", "more": True}))
            if not early:
                wakers.get(timeout=PATIENCE)()
            peer.send(frame({"id": 1, "op": "x-steps"}, b"abc"))
            assert peer.reply() == ({"id": 1, "ok": True}, b"abc")

    def test_a_waker_that_outlives_its_connection(self, engine: str) -> None:
        """It does nothing: to the next request, after the end, after the server's."""
        wakers: list[Callable[[], None]] = []

        def handler(_: Request, link: Link) -> Steps:
            yield None
            wakers.append(link.waker())
            return {}, b""

        with serving(engine, offering(handler)) as (where, _):
            with closing(Peer(where)) as peer:
                assert peer.send(frame({"id": 1, "op": "x-steps"})).reply()[0]["ok"]
                wakers[0]()
                assert peer.send(frame({"id": 2, "op": "ping"})).reply()[0]["ok"]
                assert peer.end().rest() == b""
            wakers[0]()
        wakers[0]()

    @pytest.mark.parametrize("place", ["waits", "works"])
    def test_a_connection_that_breaks(self, engine: str, place: str) -> None:
        """The handler is closed, after its present step and before the next one."""
        entered, go_on = threading.Event(), threading.Event()
        seen: queue.Queue[str] = queue.Queue()

        def handler(_: Request, __: Link) -> Steps:
            try:
                yield {}, b"x"
                if place == "works":
                    yield None
                    entered.set()
                    assert go_on.wait(PATIENCE)
                    seen.put("worked")
                yield Want()
                seen.put("went on")
            finally:
                seen.put("closed")
            return {}, b""

        with serving(engine, offering(handler, body=True)) as (where, _):
            with closing(Peer(where)) as peer:
                peer.send(frame({"id": 1, "op": "x-steps", "more": True}))
                assert peer.reply()[1] == b"x"
                if place == "works":
                    assert entered.wait(PATIENCE)
                peer.reset()
            go_on.set()
            if place == "works":
                assert seen.get(timeout=PATIENCE) == "worked"
            assert seen.get(timeout=PATIENCE) == "closed"
            with closing(Peer(where)) as peer:
                assert peer.send(frame({"id": 1, "op": "ping"})).reply()[0]["ok"]

    @pytest.mark.parametrize("is_done", [True, False])
    def test_a_stop_that_cannot_wait(self, is_done: bool) -> None:
        """What was done in the step that was under way is answered so."""
        entered, go_on = threading.Event(), threading.Event()

        def handler(_: Request, __: Link) -> Steps:
            entered.set()
            assert go_on.wait(PATIENCE)
            while not is_done:
                yield None
            return {"done": True}, b""

        with (
            serving("asyncio", offering(handler), grace=0.05) as (where, stop),
            closing(Peer(where)) as peer,
        ):
            peer.send(frame({"id": 1, "op": "x-steps"}))
            assert entered.wait(PATIENCE)
            stopper = threading.Thread(target=stop)
            stopper.start()
            threading.Event().wait(0.3 * is_done)  # most often it is cancelled by now
            go_on.set()
            if is_done:
                assert peer.reply()[0] == {"id": 1, "ok": True, "done": True}
            else:
                assert peer.error() == (1, "cancelled")
            assert peer.reply()[0]["error"]["last_id"] == 1
            peer.end().rest()
            stopper.join(PATIENCE)

    def test_a_sink_that_takes_nothing(self, engine: str) -> None:
        """The octets come as they always do, also those behind it."""

        class Refusing:
            calls = 0

            def receive(self, descriptor: int, most: int) -> int:
                os.fstat(descriptor)
                assert 0 < most < 2**20
                self.calls += 1
                return 0

        sink = Refusing()

        def handler(request: Request, _: Link) -> Steps:
            octets = [request.payload]
            while request.left or request.more:
                part = yield Want(sink)
                assert part is not None
                request = part
                octets.append(request.payload)
            return {"size": sum(map(len, octets))}, b""

        limits = Limits(max_payload=2**20)
        prepare = offering(handler, body=True)
        with (
            serving(engine, prepare, limits=limits) as (where, _),
            closing(Peer(where)) as peer,
        ):
            peer.send(frame({"id": 1, "op": "hello"})).reply()
            large = frame({"id": 2, "op": "x-steps"}, bytes(2**20))
            peer.send(large + frame({"id": 3, "op": "ping"}))
            assert peer.reply()[0] == {"id": 2, "ok": True, "size": 2**20}
            assert peer.reply()[0] == {"id": 3, "ok": True}
        assert sink.calls

    def test_a_stop_while_octets_come(self, engine: str) -> None:
        """The request cannot end any more; the octets that came are dropped."""

        def handler(request: Request, _: Link) -> Steps:
            yield {}, b"x"
            while request.left or request.more:
                part = yield Want()
                assert part is not None
                request = part
            return {}, b""

        prepare = offering(handler, body=True)
        with (
            serving(engine, prepare) as (where, stop),
            closing(Peer(where)) as peer,
        ):
            whole = frame({"id": 1, "op": "x-steps", "more": True}, bytes(60_000))
            peer.send(whole[:30_000])
            assert peer.reply()[1] == b"x"
            stopper = threading.Thread(target=stop)
            stopper.start()
            assert peer.reply()[0]["error"]["last_id"] == 1
            assert peer.end().rest() == b""
            stopper.join(PATIENCE)


def test_waking_a_loop_that_is_closed() -> None:
    """Nobody is there; nothing happens."""
    from hjp.exchange import Exchange

    async def waker() -> Callable[[], None]:
        pump: Any = None
        return Exchange(pump, Request({"id": 1})).waker()

    asyncio.run(waker())()
