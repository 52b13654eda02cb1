"""One connection without input and output: octets in, events out, and back.

Whoever moves the octets does this and nothing else::

    connection.receive_data(octets, now)        # whatever came, in any split
    while (event := connection.next_event()) is not NEED_DATA:
        ...                                     # act on it
        transport.write(connection.send(answer))

Knows what a frame may say at its place; does not know what operations do. Has no
clock: what depends on time gets the time as an argument.
"""

from collections import deque
from collections.abc import Container
from enum import Enum
from typing import Final, Literal

from hjp.errors import (
    Code,
    ConnectionLost,
    FormatError,
    LimitExceeded,
    LocalProtocolError,
    RemoteProtocolError,
)
from hjp.events import NEED_DATA, End, Event, Need, Reply, Request
from hjp.frame import VERSION, Head, Reader, encode, encode_head
from hjp.limits import DEFAULT_MAX_PAYLOAD, MAX_U32, Limits
from hjp.messages import check_reply, check_request, check_sent_reply
from hjp.metadata import is_integer
from hjp.state import Exchanges, State, Step

__all__ = ["Awaiting", "Connection", "Role"]

# Enough for the reads that wait at once; more are dated like the last of these, which
# is earlier than they were: a server may shorten a deadline (HJP-MSG-32).
_MAX_MARKS: Final = 64

Metadata = dict[str, object]


class Role(Enum):
    """Which side this is."""

    CLIENT = "client"
    SERVER = "server"


class Awaiting(Enum):
    """What the next octet from the peer belongs to."""

    FRAME = "a new frame"
    HEAD = "header or metadata of a frame that has begun"
    PAYLOAD = "a payload"


class Connection:
    """One side of a connection.

    Args:
        role: Which side this is.
        limits: What this side accepts. A server's ``max_payload`` is in force after
            the peer's ``hello`` (HJP-LIM-2, HJP-LIM-3), a client's after its own.
        in_parts: The operations whose requests a server gets as they come: a frame is
            then several events with the same metadata, ``left`` telling what is still
            missing, the first one as soon as the metadata is complete.

    Attributes:
        peer_max_payload: Octets of payload that may be sent in one frame.
        frames: How many frames have come as far as the end of their metadata.
        octets: How many octets have come.
        over: No further event comes, and what still arrives is ignored.
        ended: This side has sent its last frame.
    """

    def __init__(
        self,
        role: Role,
        limits: Limits | None = None,
        in_parts: Container[str] = (),
    ) -> None:
        self.role = role
        self.limits = limits or Limits()
        self.peer_max_payload = DEFAULT_MAX_PAYLOAD
        self.frames = 0
        self.octets = 0
        self.over = False
        self.ended = False
        self._exchanges = Exchanges()
        self._reader = Reader()
        self._head: Head | None = None
        self._payload = bytearray()
        self._in_parts = in_parts
        self._has_news = False  # of a frame that is handed out in parts
        self._marks: deque[tuple[int, float]] = deque()
        self._dropped = 0
        self._hello_id = 0
        self._input_ended = False

    # What has come

    def receive_data(self, data: bytes, now: float = 0.0) -> None:
        """Add octets from the peer; nothing is parsed yet.

        Args:
            data: Octets in order of arrival, in any split. Empty is refused, because
                the end of the input is another fact: see `receive_eof`.
            now: The time, for ``Request.arrived``.

        Raises:
            ValueError: ``data`` is empty.
            RuntimeError: The input has already ended.
        """
        if not data:
            raise ValueError("no octets; receive_eof tells the end of the input")
        if self._input_ended:
            raise RuntimeError("octets after the end of the input")
        if self.over:
            return  # HJP-ERR-10: nothing after a refused frame is acted on
        if not self._reader.unread:
            self._marks.clear()
        self.octets += len(data)
        if len(self._marks) == _MAX_MARKS:
            now = self._marks.pop()[1]
        self._marks.append((self.octets, now))
        self._reader.feed(data)

    def receive_eof(self) -> None:
        """Say that the peer sends no more. What has come is still to be taken."""
        self._input_ended = True

    def skip(self, count: int) -> None:
        """Say that the next octets of the payload under way were taken elsewhere.

        Args:
            count: How many: at most ``payload_left``, and nothing is `unread`.
        """
        self.octets += count
        self._marks.clear()
        self._reader.payload_left -= count
        self._has_news = True

    @property
    def reply_under_way(self) -> int:
        """The ``id`` of a reply, no error, whose payload is coming; 0 for none."""
        head = self._head
        return int(head.metadata["id"]) if head and head.metadata.get("ok") else 0

    def take_part(self) -> Reply | None:
        """Take what is new of the reply under way, as if that were two replies.

        Returns:
            An interim reply with the same members; its payload will be missing in
            what `next_event` gives. ``None`` if nothing is new.
        """
        if not (self.reply_under_way and (self._payload or self._has_news)):
            return None
        assert self._head is not None  # it is under way
        self._has_news = False
        part, self._payload = bytes(self._payload), bytearray()
        return Reply({**self._head.metadata, "more": True}, part)

    @property
    def payload_left(self) -> int:
        """Octets of the payload under way that are still to come."""
        return self._reader.payload_left

    @property
    def unread(self) -> int:
        """Octets that have come and wait for `next_event`."""
        return self._reader.unread

    @property
    def awaiting(self) -> Awaiting:
        """What the next octet belongs to, once `next_event` gave ``NEED_DATA``."""
        if self._reader.payload_left:
            return Awaiting.PAYLOAD
        return Awaiting.HEAD if self._reader.inside_head else Awaiting.FRAME

    @property
    def payload_octets(self) -> int:
        """Octets of the payload under way that have come."""
        return (
            self._head.payload_length - self._reader.payload_left if self._head else 0
        )

    @property
    def next_id(self) -> int:
        """The smallest ``id`` that a new request may have (HJP-MSG-1)."""
        return self._exchanges.last_id + 1

    @property
    def unended(self) -> int | None:
        """The ``id`` of the request that has not ended, if there is one."""
        return self._exchanges.unended

    def state(self, request_id: int) -> State:
        """Tell where an ``id`` is in its life."""
        return self._exchanges.state(request_id)

    def next_event(self) -> Event | Literal[Need.DATA]:
        """Take the next event from what has come.

        Returns:
            A server gets each request frame that is to be acted on, a client each
            reply frame, both at last an `End`, which stays. ``NEED_DATA`` says that
            octets are missing.

        Raises:
            RemoteProtocolError: The peer broke the protocol. A server sends the
                error's ``reply``; both sides are done with the connection.
            ConnectionLost: On a client: the input ended inside a frame or before a
                final reply (HJP-LIF-10).
        """
        if self.over:
            return End()
        try:
            event = self._next()
        except FormatError as fault:
            self.over = True
            raise self._remote(fault) from fault
        return self._starved() if event is None else event

    def _next(self) -> Event | None:
        while True:
            if self._head is None and not self._read_head():
                return None
            head = self._head
            assert head is not None  # it was read above
            if self._is_in_parts(head):
                return self._next_part(head)
            payload = self._read_payload()
            if payload is None:
                return None
            self._head = None
            event = self._arrive(head, payload)
            if event is not None:
                return event

    def _read_head(self) -> bool:
        """Read and check all but the payload, which is not awaited (HJP-MET-14)."""
        head = self._reader.read_head()
        if head is None:
            return False
        check = check_request if self.role is Role.SERVER else check_reply
        check(head.metadata, self._exchanges)
        self._head = head
        self._has_news = True
        self.frames += 1
        return True

    def _when_it_arrived(self) -> float:
        """HJP-MSG-31: when the last octet taken so far came."""
        offset = self.octets - self._reader.unread
        while self._marks and self._marks[0][0] < offset:
            self._marks.popleft()
        return self._marks[0][1] if self._marks else 0.0

    def _read_payload(self) -> bytes | None:
        """Gather the payload; ``None`` while octets of it are missing.

        The one place that holds a payload: handing out its parts as they come would
        begin here.
        """
        part = self._reader.read_payload()
        if self._is_dropped():
            self._drop(len(part))
            part = b""
        if not self._reader.payload_left and not self._payload:
            return part
        self._payload += part
        if self._reader.payload_left:
            return None
        whole, self._payload = bytes(self._payload), bytearray()
        return whole

    def _is_in_parts(self, head: Head) -> bool:
        return (
            self.role is Role.SERVER
            and head.metadata["op"] in self._in_parts
            and not self._is_dropped()
        )

    def _next_part(self, head: Head) -> Request | None:
        part, left = self._reader.read_payload(), self._reader.payload_left
        if left and not part and not self._has_news:
            return None
        self._has_news = False
        request = Request(head.metadata, part, self._when_it_arrived(), left)
        if not left:
            self._head = None
            self._request_arrives(request)
        elif self._exchanges.state(request.id) is State.NEW:
            # Its final reply may come before the rest of the frame.
            self._exchanges.take(request.id, Step.REQUEST_MORE, request.op)
        return request

    def _is_dropped(self) -> bool:
        head = self._head
        return (
            self.role is Role.SERVER
            and head is not None
            and self._exchanges.state(head.metadata["id"]) is State.REPLY_ENDED
        )

    def _drop(self, count: int) -> None:
        """HJP-MSG-24: a client that goes on for ever is not listened to for ever."""
        self._dropped += count
        if self._dropped > self.limits.max_dropped:
            raise FormatError(
                Code.TOO_LARGE,
                f"more than {self.limits.max_dropped} octets after the final reply",
                "HJP-MSG-24",
                limit="max_dropped",
            )

    def _arrive(self, head: Head, payload: bytes) -> Event | None:
        if self.role is Role.SERVER:
            arrived = self._when_it_arrived()
            return self._request_arrives(Request(head.metadata, payload, arrived))
        return self._reply_arrives(Reply(head.metadata, payload))

    def _request_arrives(self, request: Request) -> Event | None:
        step = Step.REQUEST_MORE if request.more else Step.REQUEST_LAST
        before = self._exchanges.take(request.id, step, request.op)
        if before is State.REPLY_ENDED:
            if step is Step.REQUEST_LAST:
                self._dropped = 0
            return None  # HJP-MSG-20
        if request.op == "hello":
            self._reader.max_payload = self.limits.max_payload  # HJP-LIM-3
            self.peer_max_payload = _stated_max_payload(request.metadata)  # HJP-LIM-4
        return request

    def _reply_arrives(self, reply: Reply) -> Event:
        if reply.fatal:
            self.over = True
            return reply
        step = Step.INTERIM if reply.more else Step.FINAL
        self._exchanges.take(reply.id, step)
        if reply.id == self._hello_id and reply.ok:
            self.peer_max_payload = _stated_max_payload(reply.metadata)  # HJP-LIM-1
        return reply

    def _starved(self) -> End | Literal[Need.DATA]:
        if not self._input_ended:
            return NEED_DATA
        self.over = True
        if self.role is Role.CLIENT:
            self._check_nothing_is_lost()
        return End()  # HJP-LIF-8, HJP-LIF-9: what is incomplete has no effect

    def _check_nothing_is_lost(self) -> None:
        if self._head is not None or self._reader.inside_frame:
            raise ConnectionLost("the stream ended inside a frame")
        if any(True for _ in self._exchanges.unanswered()):
            raise ConnectionLost("the stream ended before a final reply")

    def _remote(self, fault: FormatError) -> RemoteProtocolError:
        adds: dict[str, object] = {"limit": fault.limit} if fault.limit else {}
        if fault.code is Code.BAD_VERSION:
            adds["versions"] = [VERSION]  # HJP-FRM-6
        reply = Reply.failure(0, fault.code, fault.message, adds)
        kind = LimitExceeded if fault.limit else RemoteProtocolError
        return kind(fault.code, fault.message, fault.requirement, fault.limit, reply)

    # What is to be sent

    def send(self, event: Event) -> bytes:
        """Give the octets of an event for the transport.

        `End` has none: it says that nothing more will be sent, and the transport
        shuts down its sending direction.

        Raises:
            LocalProtocolError: The peer would have to refuse it, or this side may not
                say it here. Nothing changed; the error's ``code`` and ``limit`` are
                those that a receiver would give.
        """
        if isinstance(event, Request):
            return self.send_head(event) + event.payload
        try:
            self._check_may_send()
            if isinstance(event, Reply):
                return self._send_reply(event)
            self.ended = True
            return b""
        except FormatError as fault:
            raise _local(fault) from fault

    def send_head(self, request: Request) -> bytes:
        """Give the octets of a request frame but its payload, which has to follow.

        Raises:
            LocalProtocolError: As with `send`.
        """
        try:
            self._check_may_send()
            return self._send_request(request)
        except FormatError as fault:
            raise _local(fault) from fault

    def _check_may_send(self) -> None:
        if self.ended:
            raise FormatError(
                Code.BAD_FRAME, "this side has sent its last frame", "HJP-ERR-11"
            )
        if self.over and self.role is Role.CLIENT:
            raise FormatError(
                Code.BAD_FRAME, "the connection is over for its client", "HJP-ERR-14"
            )

    def _check_role(self, role: Role) -> None:
        if self.role is not role:
            raise FormatError(
                Code.BAD_FRAME, f"only a {role.value} sends this", "HJP-MSG-13"
            )

    def _send_request(self, request: Request) -> bytes:
        self._check_role(Role.CLIENT)
        check_request(request.metadata, self._exchanges)
        early = self._exchanges.state(request.id) is State.REPLY_ENDED
        if early and (request.more or request.payload):
            raise FormatError(
                Code.BAD_FRAME,
                "the final reply has come: end the request",
                "HJP-MSG-23",
            )
        octets = encode_head(
            request.metadata, len(request.payload), max_payload=self.peer_max_payload
        )
        step = Step.REQUEST_MORE if request.more else Step.REQUEST_LAST
        self._exchanges.take(request.id, step, request.op)
        if request.op == "hello":
            self._hello_id = request.id
            self._reader.max_payload = _stated_max_payload(request.metadata)
        return octets

    def _send_reply(self, reply: Reply) -> bytes:
        self._check_role(Role.SERVER)
        check_reply(reply.metadata, self._exchanges)
        check_sent_reply(reply.metadata, reply.payload)
        if not reply.fatal:
            self._check_turn(reply)
            self._check_hello(reply)
        octets = encode(
            reply.metadata, reply.payload, max_payload=self.peer_max_payload
        )
        if reply.fatal:
            self.ended = self.over = True
        else:
            self._exchanges.take(reply.id, Step.INTERIM if reply.more else Step.FINAL)
        return octets

    def _check_turn(self, reply: Reply) -> None:
        oldest = next(self._exchanges.unanswered())
        if reply.id != oldest:
            raise FormatError(
                Code.BAD_ID, f"a reply to {reply.id} before {oldest}", "HJP-MSG-15"
            )

    def _check_hello(self, reply: Reply) -> None:
        if self._exchanges.op(reply.id) != "hello" or not reply.ok:
            return
        limits = reply.metadata.get("limits")
        stated = limits.get("max_payload") if isinstance(limits, dict) else None
        if stated != self.limits.max_payload:
            raise FormatError(
                Code.BAD_FRAME,
                f"hello states max_payload {stated}, "
                f"{self.limits.max_payload} is in force",
                "HJP-COR-3",
            )


def _local(fault: FormatError) -> LocalProtocolError:
    return LocalProtocolError(fault.code, fault.message, fault.requirement, fault.limit)


def _stated_max_payload(hello: Metadata) -> int:
    """Read ``max_payload`` in ``limits``; what is no such number states nothing."""
    limits = hello.get("limits")
    stated = limits.get("max_payload") if isinstance(limits, dict) else None
    if is_integer(stated, DEFAULT_MAX_PAYLOAD, MAX_U32):
        assert isinstance(stated, int)
        return stated
    return DEFAULT_MAX_PAYLOAD
