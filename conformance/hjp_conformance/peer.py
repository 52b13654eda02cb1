"""A server of the suite's: what a client under test is connected to.

It sends right and wrong frames as the case wants it, and believes nothing.
"""

import re
import socket
from time import monotonic

from hjp_conformance.patience import Patience
from hjp_conformance.reports.summary import counted
from hjp_conformance.requests import Book, Request, read
from hjp_conformance.stimuli import hello_reply
from hjp_conformance.transcript import Transcript, Way
from hjp_conformance.unread import unread
from hjp_conformance.verdicts import Inconclusive, Violation
from hjp_conformance.wire import End, Wire, frame_size
from hjp_spec.registry import DEFAULT_MAX_PAYLOAD, HEADER_LENGTH

STATED = 2**20
"""The `max_payload` that the suite states where the case says nothing else."""

_ID = re.compile(rb'"id"[ \t\r\n]*:[ \t\r\n]*([0-9]+)')
_FLOOD = 1 << 26
_FLOOD_FRAMES = 1 << 12
"""Octets and frames that nobody has asked for; no case leaves as many unread."""
_SHOWN = 200
_HESITATION = 0.1
"""Seconds; a client that does not wait has sent more by then, as a rule."""
_UNREAD = 0.02
"""Seconds in which a client that reads has read."""


class Peer(Wire):
    """One connection of a client under test.

    Attributes:
        book: the requests so far.
        hesitates: whether a `hello` of the client's own is answered late, so that it
            is seen whether it waits.
        ids: those of the frames that were asked for, in order.
        after: the frames that came after those.
        stated: the `max_payload` for a `hello` that the client says by itself.
    """

    def __init__(
        self, connected: socket.socket, patience: Patience, transcript: Transcript
    ):
        super().__init__(connected, patience, DEFAULT_MAX_PAYLOAD)
        self.transcript = transcript
        self.book = Book()
        self.stated = STATED
        self.hesitates = False
        self.ids: list[int] = []
        self.after: list[Request] = []
        self._left = 0

    def next(self) -> Request | End:
        """The next frame, or how the stream ended.

        Raises:
            Violation: a frame is wrong, or the stream ends inside one.
            Inconclusive: a deadline passed.
        """
        expires = monotonic() + self._patience.seconds
        while True:
            octets = self._frame()
            if octets is not None:
                return self._enter(octets)
            if self.end is not None:
                return self._ended(self.end)
            if not self._receive(expires - monotonic()):
                self._patience.exceed()
                raise Inconclusive("the client sent nothing more in time")

    def request(self, op: str | None = None) -> Request:
        """The next frame, of this operation if one is named.

        A `hello` that nobody asked for is answered on the way (HJP-TST-11).

        Raises:
            Violation: another one came, or the end.
        """
        self.transcript.accepted = f"a request {op or ''}".rstrip()
        found = self.next()
        if isinstance(found, Request) and found.op == "hello" != op:
            self._hesitate()
            self.send(hello_reply(found.id, self.stated))
            self.max_payload = self.stated
            found = self.next()
        if isinstance(found, End):
            raise Violation(f"instead of a request came {found}", "HJP-TST-8")
        if op not in (None, found.op):
            self.blame(found.octets.find(b'"op"'))
            raise Violation(f"instead of {op} came: {found}", "HJP-TST-11")
        self.ids.append(found.id)
        return found

    def _hesitate(self) -> None:
        """Where a case wants that: see what the client sends before its reply."""
        if self.hesitates and (self._inbox or self._receive(_HESITATION)):
            octets = self._frame()
            if octets is not None:
                self._enter(octets)

    def peek_id(self) -> int:
        """The id of the request that is coming in, before its payload is whole.

        Raises:
            Violation: the frame is wrong, or the end came instead.
            Inconclusive: it does not come.
        """
        expires = monotonic() + self._patience.seconds
        while (text := self._coming_text()) is None:
            if self.end is not None:
                raise Violation(f"instead of a request came {self.end}", "HJP-TST-8")
            if not self._receive(expires - monotonic()):
                self._patience.exceed()
                raise Inconclusive("the client sent no request in time")
        found = _ID.search(text)
        if found is None:
            raise Violation(f"a request without an id: {text[:_SHOWN]!r}", "HJP-MSG-1")
        return int(found[1])

    def _coming_text(self) -> bytes | None:
        """The JSON text of the frame that is coming in; None while it is not whole.

        Raises:
            Violation: no frame begins so.
        """
        size = frame_size(self._inbox, self.max_payload)
        json_length = int.from_bytes(self._inbox[8:12], "little")
        end = HEADER_LENGTH + json_length
        if size is not None and size > HEADER_LENGTH and end <= len(self._inbox):
            return bytes(self._inbox[HEADER_LENGTH:end])
        if size == len(self._inbox):
            self.next()
        return None

    def send_and_end(self, octets: bytes) -> None:
        """Send so that the client finds octets and end in one go, as far as may be."""
        self.send(octets)
        self.half_close()

    def check(self, is_right: bool, told: str, requirement: str | None = None) -> None:
        """Something about the frame read last.

        Raises:
            Violation: it is not right.
        """
        if not is_right:
            self.blame(HEADER_LENGTH)
            raise Violation(told, requirement)

    def expect_no_more(self, requirement: str) -> None:
        """The client has sent nothing after the frames that were read.

        Raises:
            Violation: it has.
        """
        if self.after:
            told = f"the client sent more: {self.after[0]}"
            raise Violation(told, requirement)

    def rest(self) -> list[Request]:
        """All that the client still sends before it closes.

        Raises:
            Violation: it is more than anybody has asked for.
            Inconclusive: it does not close.
        """
        while not isinstance(one := self.next(), End):
            self._leave(one)
        return self.after

    def take(self) -> None:
        """Read what has come, without waiting, as far as it is whole frames.

        Raises:
            Violation: a frame is wrong, or there are more than anybody has asked for.
        """
        self.read_some()
        while (octets := self._frame()) is not None:
            self._leave(self._enter(octets))

    def _leave(self, request: Request) -> None:
        """Keep a frame that no case has asked for, up to a bound."""
        self.after.append(request)
        self._left += len(request.octets)
        if self._left > _FLOOD or len(self.after) > _FLOOD_FRAMES:
            told = (
                f"{len(self.after)} frames of {self._left} octets more than asked for"
            )
            raise Violation(f"the client sent {told}", "HJP-TST-11")

    def send_apart(self, *pieces: bytes) -> None:
        """Send pieces so that the client has read each before the next one comes.

        That it has read is known where the system tells; elsewhere, and where the
        client does not read, the next piece follows soon.
        """
        for piece in pieces:
            self.send(piece)
            expires = monotonic() + _UNREAD
            while monotonic() < expires and unread(self._socket):
                pass

    def _enter(self, octets: bytes) -> Request:
        try:
            request = read(octets, self.max_payload)
            self.book.enter(request)
        except Violation as violation:
            self.blame(violation.offset)
            raise
        return request

    def _ended(self, end: End) -> End:
        if self._inbox and end is End.ORDERLY:
            count = len(self._inbox)
            self.transcript.wrong = Way.RECEIVED, self._taken + count - 1
            octets = counted(count, "octet", "octets")
            raise Violation(f"the stream ends {octets} into a frame", "HJP-FRM-1")
        return end
