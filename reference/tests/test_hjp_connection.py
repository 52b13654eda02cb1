"""connection.py: two connections and a link that cuts where it likes."""

from collections.abc import Iterable
from typing import Any

import pytest

from hjp import (
    NEED_DATA,
    Awaiting,
    Code,
    Connection,
    ConnectionLost,
    End,
    Event,
    HjpError,
    LimitExceeded,
    Limits,
    LocalProtocolError,
    RemoteProtocolError,
    Reply,
    Request,
    Role,
    State,
    encode,
    encode_text,
)


def take(connection: Connection) -> list[Event]:
    """All events that have come."""
    events: list[Event] = []
    while (event := connection.next_event()) is not NEED_DATA:
        events.append(event)
        if isinstance(event, End):
            break
    return events


def feed(connection: Connection, octets: bytes, size: int = 1 << 30) -> list[Event]:
    """The events of octets that come in reads of one size."""
    events: list[Event] = []
    for start in range(0, len(octets), size):
        connection.receive_data(octets[start : start + size])
        events += take(connection)
    return events


def refused(connection: Connection, octets: bytes) -> RemoteProtocolError:
    """The breach that octets are."""
    with pytest.raises(RemoteProtocolError) as error:
        feed(connection, octets)
    return error.value


def unsent(connection: Connection, event: Event) -> LocalProtocolError:
    """Why an event may not be sent; nothing has changed by trying."""
    before = (connection.next_id, connection.unended, connection.ended)
    with pytest.raises(LocalProtocolError) as error:
        connection.send(event)
    assert (connection.next_id, connection.unended, connection.ended) == before
    return error.value


def request(request_id: int, op: str, payload: bytes = b"", **members: Any) -> Request:
    """A request frame."""
    return Request({"id": request_id, "op": op, **members}, payload)


def reply(request_id: int, payload: bytes = b"", **members: Any) -> Reply:
    """A reply frame that is no error."""
    return Reply({"id": request_id, "ok": True, **members}, payload)


def client() -> Connection:
    """A fresh client's side."""
    return Connection(Role.CLIENT)


def server(**limits: int) -> Connection:
    """A fresh server's side."""
    return Connection(Role.SERVER, Limits(**limits))


REQUESTS: list[Event] = [
    request(1, "hello", limits={"max_payload": 65_536}),
    request(2, "upper", b"hi!"),
    request(5, "echo", bytes(20), data=[1, {"a": None}]),
    request(9, "x-log", b"first", more=True),
    request(9, "x-log", more=True),
    request(9, "x-log", b"last"),
    request(2**53 - 1, "ping", more=False),
]
REPLIES: list[Event] = [
    reply(1, features=[], limits={"max_payload": 65_536}, server="s"),
    reply(2, b"HI!"),
    reply(5, bytes(20), data=[1, {"a": None}]),
    reply(9, more=True, offset=5),
    Reply.failure(9, "busy", "later"),
    reply(2**53 - 1),
]


def octets_of(connection: Connection, events: Iterable[Event]) -> bytes:
    """What a side writes for events."""
    return b"".join(connection.send(event) for event in events)


TO_SERVER = octets_of(client(), REQUESTS)


def answering_pair() -> tuple[Connection, Connection]:
    """A client that has asked and a server that has heard."""
    asking, answering = client(), server()
    assert feed(answering, octets_of(asking, REQUESTS)) == REQUESTS
    return asking, answering


TO_CLIENT = octets_of(answering_pair()[1], REPLIES)


class TestLink:
    """What one side sends is what the other side gets, however it travels."""

    def test_requests_cut_anywhere(self) -> None:
        """Two reads, at every octet."""
        for cut in range(1, len(TO_SERVER)):
            side = server()
            events = feed(side, TO_SERVER[:cut]) + feed(side, TO_SERVER[cut:])
            assert events == REQUESTS, cut

    def test_replies_cut_anywhere(self) -> None:
        """Two reads, at every octet."""
        for cut in range(1, len(TO_CLIENT)):
            side, _ = answering_pair()
            events = feed(side, TO_CLIENT[:cut]) + feed(side, TO_CLIENT[cut:])
            assert events == REPLIES, cut

    @pytest.mark.parametrize("size", [1, 2, 3, 7, 16, 64])
    def test_reads_of_one_size(self, size: int) -> None:
        """Both directions."""
        side, _ = answering_pair()
        assert feed(server(), TO_SERVER, size) == REQUESTS
        assert feed(side, TO_CLIENT, size) == REPLIES

    def test_the_server_sees_every_prefix(self) -> None:
        """An end at every octet: whole frames, then the end, no error (LIF-8, LIF-9)."""
        for cut in range(len(TO_SERVER)):
            side = server()
            events = feed(side, TO_SERVER[:cut])
            assert events == REQUESTS[: len(events)], cut
            side.receive_eof()
            assert take(side) == take(side) == [End()], cut

    def test_the_client_sees_every_prefix(self) -> None:
        """An end at every octet is a lost connection: replies are owed (LIF-10)."""
        for cut in range(len(TO_CLIENT)):
            side, _ = answering_pair()
            events = feed(side, TO_CLIENT[:cut])
            assert events == REPLIES[: len(events)], cut
            side.receive_eof()
            with pytest.raises(ConnectionLost):
                take(side)
            assert take(side) == [End()], cut

    def test_the_client_sees_the_end(self) -> None:
        """Nothing is owed."""
        side, _ = answering_pair()
        feed(side, TO_CLIENT)
        side.receive_eof()
        assert take(side) == [End()]

    def test_a_flipped_bit_to_the_server(self) -> None:
        """The server goes on, or refuses with a fatal error that it may send."""
        for bit in range(8 * len(TO_SERVER)):
            octets = flipped(TO_SERVER, bit)
            whole, cut = (self.outcome(server(), octets, n) for n in (1 << 30, 5))
            assert whole == cut, bit
            assert "breach" not in whole or "'fatal': True" in whole, bit

    def test_a_flipped_bit_to_the_client(self) -> None:
        """The client goes on, or refuses, or was told a fatal error."""
        for bit in range(8 * len(TO_CLIENT)):
            octets = flipped(TO_CLIENT, bit)
            asking, asking_too = answering_pair()[0], answering_pair()[0]
            whole = self.outcome(asking, octets, 1 << 30)
            assert whole == self.outcome(asking_too, octets, 5), bit

    @staticmethod
    def outcome(side: Connection, octets: bytes, size: int) -> str:
        """What comes of octets: the events, and the breach if there was one."""
        events: list[Event] = []
        try:
            for start in range(0, len(octets), size):
                side.receive_data(octets[start : start + size])
                while (event := side.next_event()) is not NEED_DATA:
                    if isinstance(event, End):
                        break
                    events.append(event)
            side.receive_eof()
            side.next_event()
        except RemoteProtocolError as error:
            if side.role is Role.SERVER:
                events += feed(client(), side.send(error.reply))
            return f"{events} breach: {error}"
        except ConnectionLost as error:
            return f"{events} {error}"
        return repr(events)


def flipped(octets: bytes, bit: int) -> bytes:
    """Octets with one bit wrong."""
    changed = bytearray(octets)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


class TestServer:
    """What a server receives and may send."""

    def test_a_fatal_error_ends_it(self) -> None:
        """One fatal error, then neither events nor frames (HJP-ERR-10, HJP-ERR-11)."""
        side = server()
        error = refused(side, octets_of(client(), [request(1, "ping")]) + b"GET /")
        assert error.code is Code.BAD_MAGIC
        side.receive_data(TO_SERVER)
        assert take(side) == [End()]
        assert side.send(error.reply).endswith(b'"fatal":true}}')
        assert unsent(side, reply(1)).requirement == "HJP-ERR-11"

    def test_bad_version_lists_the_versions(self) -> None:
        """HJP-FRM-6."""
        error = refused(server(), b"HJP\xff\x09")
        assert error.reply.error["versions"] == [1]

    def test_too_large_names_the_limit(self) -> None:
        """HJP-ERR-8."""
        error = refused(server(), encode({}, bytes(70_000), max_payload=70_000))
        assert isinstance(error, LimitExceeded)
        assert (error.limit, error.reply.error["limit"]) == (
            "max_payload",
            "max_payload",
        )

    def test_rows_8_to_13_do_not_await_the_payload(self) -> None:
        """They are due with the last octet of the JSON text."""
        octets = encode({"id": 0, "op": "ping"}, b"x")[:-1]
        assert refused(server(), octets).code is Code.BAD_ID

    def test_one_fault_of_each_later_row(self) -> None:
        """The rows run on a connection as they do alone."""
        side = server()
        feed(side, encode({"id": 3, "op": "x-log", "more": True}))
        assert refused(side, encode({"id": 3, "op": "x-lag"})).code is Code.BAD_ID

    def test_max_payload_is_in_force_after_hello(self) -> None:
        """HJP-LIM-2 and HJP-LIM-3: up to and including hello 65 536, then as stated."""
        side = server(max_payload=100_000)
        assert refused(side, encode({}, bytes(65_537), max_payload=1 << 20)).limit
        side = server(max_payload=100_000)
        ping = encode({"id": 2, "op": "ping"}, bytes(100_000), max_payload=1 << 20)
        hello = encode({"id": 1, "op": "hello"})
        assert [type(event) for event in feed(side, hello + ping)] == [Request] * 2
        assert refused(side, ping[:12] + (100_001).to_bytes(4, "little")).limit

    def test_max_payload_without_hello(self) -> None:
        """A connection without hello stays at 65 536."""
        side = server(max_payload=100_000)
        feed(side, encode({"id": 1, "op": "ping"}))
        assert refused(side, encode({}, bytes(65_537), max_payload=1 << 20)).limit

    def test_it_states_what_is_in_force(self) -> None:
        """HJP-COR-3: a hello that states another limit is not sent."""
        side = server(max_payload=100_000)
        feed(side, encode({"id": 1, "op": "hello"}))
        for limits in ({"max_payload": 65_536}, {}, None):
            assert unsent(side, reply(1, limits=limits)).requirement == "HJP-COR-3"
        assert side.send(reply(1, limits={"max_payload": 100_000}))

    def test_it_sends_what_the_client_takes(self) -> None:
        """HJP-LIM-4: 65 536, or what the client's hello stated."""
        side = server()
        feed(side, encode({"id": 1, "op": "ping"}))
        assert unsent(side, reply(1, bytes(65_537))).limit == "max_payload"
        side = server()
        hello = {"id": 1, "op": "hello", "limits": {"max_payload": 70_000}}
        feed(side, encode(hello) + encode({"id": 2, "op": "echo"}))
        assert side.peer_max_payload == 70_000
        side.send(reply(1, limits={"max_payload": 65_536}))
        assert unsent(side, reply(2, bytes(70_001))).limit == "max_payload"
        assert side.send(reply(2, bytes(70_000)))

    @pytest.mark.parametrize(
        "limits", [None, [], {}, {"max_payload": 1}, {"max_payload": 1e9}]
    )
    def test_a_hello_that_states_nothing_of_use(self, limits: object) -> None:
        """It is for the operation to refuse; until then the default holds."""
        side = server()
        feed(side, encode({"id": 1, "op": "hello", "limits": limits}))
        assert side.peer_max_payload == 65_536

    def test_replies_go_in_order(self) -> None:
        """HJP-MSG-15, without mux."""
        side = server()
        feed(side, encode({"id": 1, "op": "ping"}) + encode({"id": 2, "op": "ping"}))
        assert unsent(side, reply(2)).requirement == "HJP-MSG-15"
        side.send(reply(1))
        side.send(reply(2))

    @pytest.mark.parametrize(
        ("event", "requirement"),
        [
            (reply(2), "HJP-MSG-26"),
            (Reply({"id": 1}), "HJP-MSG-25"),
            (reply(1, error={}), "HJP-ERR-1"),
            (Reply.failure(1, "bad_id", ""), "HJP-ERR-6"),
            (request(1, "ping"), "HJP-MSG-13"),
            (reply(1, data=float("nan")), "HJP-MET-1"),
            (reply(1, data="x" * 65_536), "HJP-FRM-9"),
        ],
    )
    def test_what_may_not_be_said(self, event: Event, requirement: str) -> None:
        """Refused before anything changes; the right reply is still possible."""
        side = server()
        feed(side, encode({"id": 1, "op": "ping"}))
        assert unsent(side, event).requirement == requirement
        assert side.send(reply(1))

    def test_the_end_may_be_said(self) -> None:
        """It has no octets, and nothing goes after it."""
        side = server()
        assert side.send(End()) == b""
        assert unsent(side, End()).requirement == "HJP-ERR-11"

    def test_frames_after_an_early_final_reply_are_dropped(self) -> None:
        """HJP-MSG-20 to -22: no event, no look at other members, and the id closes."""
        side = server()
        feed(side, encode({"id": 1, "op": "x-log", "more": True}))
        side.send(reply(1))
        more = {"id": 1, "op": "x-log", "more": True, "timeout_ms": "wrong"}
        assert feed(side, encode(more, bytes(5_000)) * 3, 999) == []
        assert side.unended == 1
        assert feed(side, encode({"id": 1, "op": "x-log"}, b"x")) == []
        assert [side.unended, side.state(1)] == [None, State.CLOSED]
        assert len(feed(side, encode({"id": 2, "op": "ping"}))) == 1

    @pytest.mark.parametrize(
        ("metadata", "code"),
        [
            ({"op": "x-log"}, Code.BAD_ID),
            ({"id": 2, "op": "x-log"}, Code.BAD_ID),
            ({"id": 1, "op": "x-log", "ok": True}, Code.BAD_FRAME),
            ({"id": 1, "op": "x-lag"}, Code.BAD_ID),
            ({"id": 1, "op": "x-log", "more": 1}, Code.BAD_FRAME),
        ],
    )
    def test_dropped_frames_are_checked(
        self, metadata: dict[str, Any], code: Code
    ) -> None:
        """HJP-MSG-21: rows 1 to 12 hold for them."""
        side = server()
        feed(side, encode({"id": 1, "op": "x-log", "more": True}))
        side.send(reply(1))
        assert refused(side, encode(metadata)).code is code

    def test_dropping_has_an_end(self) -> None:
        """HJP-MSG-24: counted for each request, in octets of payload."""
        side = server()
        for request_id in (1, 2):
            feed(side, encode({"id": request_id, "op": "x", "more": True}))
            side.send(reply(request_id))
            more = {"id": request_id, "op": "x", "more": True}
            feed(side, encode(more, bytes(65_536)) * 256, 1 << 20)
            feed(side, encode({"id": request_id, "op": "x"}))
        feed(side, encode({"id": 3, "op": "x", "more": True}))
        side.send(reply(3))
        octets = encode({"id": 3, "op": "x", "more": True}, bytes(65_536))
        feed(side, octets * 256, 1 << 20)
        assert refused(side, octets[:-65_535]).limit == "max_dropped"

    def test_a_reply_while_a_payload_is_under_way(self) -> None:
        """The rest of that payload is dropped with the frame."""
        side = server()
        more = encode({"id": 1, "op": "x", "more": True}, bytes(100))
        feed(side, more + more[:-50])
        side.send(reply(1))
        assert feed(side, more[-50:]) == []
        assert feed(side, encode({"id": 1, "op": "x"})) == []

    def test_what_it_waits_for(self) -> None:
        """Between frames, in header and metadata, in the payload."""
        side = server()
        seen = []
        for octet in encode_text(b'{"id":1,"op":"p"}', b"xy"):
            seen.append(side.awaiting)
            feed(side, bytes([octet]))
        seen.append(side.awaiting)
        heads = 16 + len(b'{"id":1,"op":"p"}') - 1
        assert seen == (
            [Awaiting.FRAME]
            + [Awaiting.HEAD] * heads
            + [Awaiting.PAYLOAD] * 2
            + [Awaiting.FRAME]
        )
        assert (side.frames, side.octets, side.unread) == (1, len(seen) - 1, 0)


class TestArrival:
    """Each request is dated by the read that completed its frame (HJP-MSG-31)."""

    def test_frames_of_several_reads(self) -> None:
        """A read may complete one frame and begin the next one."""
        side = server()
        ping = encode({"id": 1, "op": "ping"}, b"xyz")
        pong = encode({"id": 2, "op": "ping"}, b"xyz")
        side.receive_data(ping[:10], 1.0)
        side.receive_data(ping[10:-1], 2.0)
        side.receive_data(ping[-1:] + pong[:20], 3.0)
        side.receive_data(pong[20:], 4.0)
        arrived = [event.arrived for event in take(side) if isinstance(event, Request)]
        assert arrived == [3.0, 4.0]

    def test_dates_do_not_gather(self) -> None:
        """Small reads of one long text are dated early rather than remembered."""
        side = server()
        octets = encode({"id": 1, "op": "ping", "x": "x" * 5_000})
        for number, octet in enumerate(octets):
            side.receive_data(bytes([octet]), float(number))
        assert len(side._marks) <= 64
        (event,) = take(side)
        assert isinstance(event, Request)
        assert 0 < event.arrived <= len(octets)


class TestClient:
    """What a client receives and may send."""

    def test_a_fatal_error_is_an_event(self) -> None:
        """Then there is only the end, and nothing may be sent (HJP-ERR-14)."""
        side = client()
        side.send(request(1, "ping"))
        fatal = Reply.failure(0, "timeout", "too slow")
        assert feed(side, encode(fatal.metadata)) == [fatal, End()]
        assert fatal.fatal
        assert unsent(side, request(2, "ping")).requirement == "HJP-ERR-14"
        side.receive_eof()
        assert take(side) == [End()]

    @pytest.mark.parametrize(
        ("octets", "code"),
        [
            (b"HTTP/1.1 400", Code.BAD_MAGIC),
            (encode({"id": 2, "ok": True}), Code.BAD_ID),
            (encode({"id": 1, "ok": True}) * 2, Code.BAD_ID),
            (encode({"id": 1, "ok": "yes"}), Code.BAD_FRAME),
            (encode({"id": 0, "ok": True}), Code.BAD_FRAME),
        ],
    )
    def test_what_it_refuses(self, octets: bytes, code: Code) -> None:
        """The program is told the code; nothing more comes."""
        side = client()
        side.send(request(1, "ping"))
        with pytest.raises(RemoteProtocolError) as error:
            feed(side, octets)
        assert error.value.code is code
        assert take(side) == [End()]

    @pytest.mark.parametrize(
        ("event", "requirement"),
        [
            (request(0, "ping"), "HJP-MSG-2"),
            (request(1, "ping"), "HJP-MSG-4"),
            (request(3, "hello"), "HJP-LIF-3"),
            (request(3, "ping", more=1), "HJP-MSG-10"),
            (request(3, "ping", bytes(65_537)), "HJP-FRM-10"),
            (request(3, "ping", x="\ud800"), "HJP-MET-1"),
            (reply(1), "HJP-MSG-13"),
        ],
    )
    def test_what_may_not_be_asked(self, event: Event, requirement: str) -> None:
        """Refused before anything changes; the next request is still possible."""
        side = client()
        side.send(request(2, "ping"))
        assert unsent(side, event).requirement == requirement
        assert side.send(request(3, "ping"))

    def test_a_request_inside_another(self) -> None:
        """HJP-MSG-5, without mux."""
        side = client()
        side.send(request(1, "x-log", more=True))
        assert unsent(side, request(2, "ping")).requirement == "HJP-MSG-5"
        side.send(request(1, "x-log"))
        side.send(request(2, "ping"))

    def test_max_payload_of_the_server(self) -> None:
        """HJP-LIM-1: 65 536 until the reply to hello states more."""
        side = client()
        side.send(request(1, "hello"))
        assert unsent(side, request(2, "echo", bytes(65_537))).limit == "max_payload"
        feed(side, encode({"id": 1, "ok": True, "limits": {"max_payload": 70_000}}))
        assert side.send(request(2, "echo", bytes(70_000)))
        assert unsent(side, request(3, "echo", bytes(70_001))).limit == "max_payload"

    def test_its_own_max_payload_binds_from_its_hello_on(self) -> None:
        """As stated; without hello 65 536."""
        large = encode({"id": 1, "ok": True}, bytes(70_000), max_payload=70_000)
        side = client()
        side.send(request(1, "hello", limits={"max_payload": 70_000}))
        assert len(feed(side, large)) == 1
        side = client()
        side.send(request(1, "hello"))
        assert refused(side, large).limit == "max_payload"

    def test_an_early_final_reply_is_answered_by_an_empty_last_frame(self) -> None:
        """HJP-MSG-23: nothing else may be sent for that id."""
        side = client()
        side.send(request(1, "x-log", more=True))
        feed(side, encode({"id": 1, "ok": True}))
        for event in (request(1, "x-log", more=True), request(1, "x-log", b"x")):
            assert unsent(side, event).requirement == "HJP-MSG-23"
        side.send(request(1, "x-log"))
        assert (side.state(1), side.next_id) == (State.CLOSED, 2)


def test_receive_data_is_used_rightly() -> None:
    """No octets are no end, and nothing comes after the end."""
    side = server()
    with pytest.raises(ValueError, match="receive_eof"):
        side.receive_data(b"")
    side.receive_eof()
    with pytest.raises(RuntimeError):
        side.receive_data(b"x")


def test_every_error_is_ours() -> None:
    """A caller needs one except clause."""
    assert issubclass(RemoteProtocolError, HjpError)
    assert issubclass(LocalProtocolError, HjpError)
