"""One connection as the specification has it: what was sent, what may come, what must.

`Connection` is told every octet that goes either way and raises `Broken` where the
server's are not permitted.  It opens no socket and looks at no clock, so it serves a
live server, a class under test and a recording alike.
"""

from collections import Counter

from hjp_fuzz.sessions.dues import Due, late_for, lengths, refusal
from hjp_fuzz.sessions.permits import Permit, permits
from hjp_fuzz.sessions.replies import (
    Broken,
    Check,
    Wrong,
    difference,
    error_of,
    ill_formed,
    next_frame,
    no_frame,
    said,
)
from hjp_fuzz.sessions.states import LAST_FATAL_ROW, Ids, Look, State, first_fault
from hjp_spec.oracle import Frame, Outcome, Status, decode
from hjp_spec.registry import DEFAULT_MAX_PAYLOAD, HEADER_LENGTH, Code

_END = "the end of the stream"
_CLOCKS = (Code.TIMEOUT, Code.GOING_AWAY)


class Inconclusive(Exception):  # noqa: N818  (it is nobody's error)
    """A clock of the server ran out: what it does then is not judged."""


class Connection:
    """One connection.

    Args:
        stated: the `max_payload` that the server states in its reply to `hello`, in
            octets; None to learn it from that reply, in which case frames behind a
            `hello` are looked at when its reply has come.

    Attributes:
        ids: the ids that the client has used.
        limit: the greatest payload that the server takes now, in octets.
        client_limit: the greatest payload that the server may send now, in octets.
        reply_limit: the same of replies to what the client sends now.
        answered: the greatest id with a final reply.
        fatal: whether a fatal error has come.
        closed: whether the server has ended its stream.
        input_ended: whether the client has ended its stream.
        stopping: whether the server was told to stop.
        tail: what may come for a frame that is not complete; None if nothing.
        reached: how often a server could have broken each requirement.
    """

    def __init__(self, stated: int | None = None) -> None:
        self.ids = Ids()
        self.limit = self.client_limit = self.reply_limit = DEFAULT_MAX_PAYLOAD
        self.answered = 0
        self.fatal = self.closed = self.input_ended = self.stopping = False
        self.tail: Due | None = None
        self.reached: Counter[str] = Counter()
        self._stated = stated
        self._unread = self._inbox = b""
        self._dues: list[Due] = []
        self._tail_taken = False
        self._spoken = self._refused = self._failed = self._dropping = False

    # What the client does

    def sent(self, octets: bytes) -> None:
        """Note octets that the client sends."""
        self._spoken |= bool(octets)
        if not self._refused:
            self._unread += octets
            self._read()

    def ended(self) -> None:
        """Note that the client ends its stream."""
        self.input_ended = True

    def told_to_stop(self) -> None:
        """Note that the server was told to stop: it may leave what it has not read."""
        self.stopping = True

    # What is expected

    @property
    def dues(self) -> tuple[Due, ...]:
        """What comes next, in order."""
        return (*self._dues, self.tail) if self.tail else tuple(self._dues)

    @property
    def unfinished(self) -> bool:
        """Whether the last frame that was sent is not complete."""
        return bool(self._unread) and not self._waits_for_hello

    @property
    def over(self) -> bool:
        """Whether the server looks at nothing more that the client sends."""
        return self._refused or self.input_ended or self.closed

    @property
    def owes(self) -> bool:
        """Whether the server has to send a frame."""
        return any(due.must for due in self._dues)

    @property
    def waits(self) -> bool:
        """Whether the server has to send a frame, or to end its stream."""
        return not self.closed and (self.fatal or self.input_ended or self.owes)

    @property
    def expected(self) -> str:
        """What comes next, in words."""
        if self.dues:
            return str(self.dues[0])
        return _END if self.fatal or self.input_ended else "no frame"

    # What the server does

    def received(self, octets: bytes) -> list[Frame]:
        """Note octets of the server.

        Returns:
            The frames that they complete.

        Raises:
            Broken: they are not permitted.
            Inconclusive: they tell that a clock of the server ran out.
        """
        self._inbox += octets
        frames = []
        while self._inbox:
            outcome = next_frame(self._inbox, self.client_limit)
            self._check(no_frame(outcome))
            if not outcome.frames:
                break
            frame = outcome.frames[0]
            self._inbox = self._inbox[frame.size :]
            self._take(frame)
            frames.append(frame)
        return frames

    def ends(self) -> None:
        """Note that the server ends its stream.

        Raises:
            Broken: it must not, here.
        """
        self.closed = True
        if self._inbox:
            got = f"{_END} after {len(self._inbox)} octets of a frame"
            raise Broken(Check.LOST, "HJP-FRM-1", self.expected, got)
        if self.fatal or self.stopping:
            return
        if self.input_ended and not self.owes:
            return
        raise Broken(Check.LOST, self._lost(), self.expected, _END)

    def breaks_off(self) -> None:
        """Note that the server resets the connection.

        Raises:
            Broken: it must not, here.
        """
        self.closed = True
        if not self.stopping:
            refused = self.fatal or (bool(self.dues) and self.dues[0].fatal)
            requirement = "HJP-ERR-13" if refused else self._lost()
            got = "a reset of the connection"
            raise Broken(Check.LOST, requirement, self.expected, got)

    def overdue(self) -> Broken:
        """What is broken by a server from which nothing more comes."""
        late = next((due.late for due in self._dues if due.must), None)
        if late is not None:
            requirement = "HJP-LIF-7" if self.input_ended else late
            return Broken(Check.SILENCE, requirement, self.expected, "nothing")
        requirement = "HJP-ERR-12" if self.fatal else "HJP-LIF-7"
        return Broken(Check.OPEN, requirement, _END, "nothing")

    # Reading what the client has sent

    def _read(self) -> None:
        """Look at the frames that were sent, up to a `hello` that has no reply yet."""
        while self._unread and not self._refused and not self._waits_for_hello:
            outcome = next_frame(self._unread, self.limit)
            if not outcome.frames:
                self._rest(outcome)
                return
            self._unread = self._unread[outcome.consumed :]
            self._frame(outcome.frames[0])

    @property
    def _waits_for_hello(self) -> bool:
        greetings = (p for due in self._dues for p in due.permitted if p.greets)
        return self._stated is None and any(greetings)

    def _frame(self, frame: Frame) -> None:
        """Note a whole frame and what it calls for."""
        look = Look(frame.metadata, self.ids, lenient=True)
        permitted, silent = permits(frame, look, self.reply_limit)
        if permitted and not self._tail_taken:
            self._add(Due(permitted, not silent, late_for(permitted, look)))
        self.tail, self._tail_taken = None, False
        if permitted and not silent and all(permit.fatal for permit in permitted):
            self._refuse()
            return
        self._dropping = look.state is not State.NEW
        look.note()
        for permit in permitted:
            if permit.greets:
                self.reply_limit = permit.client_limit
                self.limit = self._stated or self.limit

    def _refuse(self) -> None:
        self._refused = True
        self._unread = b""
        self.tail = None

    def _add(self, due: Due) -> None:
        self._dues.append(due)
        self.reached.update({permit.requirement for permit in due.permitted})

    def _rest(self, outcome: Outcome) -> None:
        """Note what is left of the octets: a fault, or a frame that goes on."""
        if outcome.status is Status.REJECT:
            self._add(refusal(outcome, self._unread))
            self._refuse()
        elif outcome.early is not None:
            early = Permit(0, "HJP-FRM-18", outcome.early)
            self.tail = Due((early,), must=False)
        elif not self._tail_taken:
            self.tail = None
            self._without_payload()

    def _without_payload(self) -> None:
        """Note what a frame calls for whose payload has not come (HJP-ERR-20)."""
        json_length, payload_length = lengths(self._unread)
        text = self._unread[HEADER_LENGTH : HEADER_LENGTH + json_length]
        if len(text) < max(json_length, 1):
            return
        bare = decode(self._unread[:12] + bytes(4) + text).frames[0]
        # Of the payload only the length matters before it has come (HJP-LIM-6).
        payload = bytes(min(payload_length, self.reply_limit + 1))
        frame = Frame(bare.json, payload, bare.metadata)
        look = Look(frame.metadata, self.ids, lenient=True)
        permitted, _ = permits(frame, look, self.reply_limit)
        fault = first_fault(look)
        if fault is not None and fault.row <= LAST_FATAL_ROW:
            self._add(Due(permitted, late="HJP-ERR-20"))
            self._refuse()
        elif errors := tuple(permit for permit in permitted if permit.code):
            self.tail = Due(errors, must=False)

    # Reading what the server sends

    def _take(self, frame: Frame) -> None:
        """Hold a frame against what is expected."""
        expected = self.expected
        if self.fatal:
            raise Broken(Check.EXTRA, "HJP-ERR-11", expected, said(frame))
        self._check(ill_formed(frame))
        if self._is_by_a_clock(frame):
            return
        for due in self.dues:
            wrong = self._held_against(due, frame)
            if wrong is None:
                return
            if due.must:
                raise Broken(Check.REPLY, wrong.requirement, expected, wrong.got)
        raise Broken(Check.EXTRA, self._unasked(frame), expected, said(frame))

    def _check(self, wrong: Wrong | None) -> None:
        if wrong is not None:
            raise Broken(Check.REPLY, wrong.requirement, self.expected, wrong.got)

    def _held_against(self, due: Due, frame: Frame) -> Wrong | None:
        """Accept the frame if one of its kind is due; else tell what is wrong."""
        wrong = None
        for permit in due.permitted:
            if permit.id == frame.metadata["id"]:
                found = difference(permit, frame)
                if found is None:
                    self._accept(due, permit, frame)
                    return None
                wrong = wrong or found
        return wrong or Wrong(self._misplaced(due, frame), said(frame))

    def _accept(self, due: Due, permit: Permit, frame: Frame) -> None:
        """Note that something due has come, and nothing of what was before it."""
        if due is self.tail:
            self._dues, self.tail, self._tail_taken = [], None, True
        else:
            self._dues = self._dues[self._dues.index(due) + 1 :]
        self._failed = bool(permit.code)
        if permit.fatal:
            self._end()
            return
        self.answered = permit.id
        if permit.greets:
            self.client_limit = permit.client_limit
            self.limit = frame.metadata["limits"]["max_payload"]
            self._read()

    def _end(self) -> None:
        self.fatal = True
        self._dues = []
        self._refuse()

    def _is_by_a_clock(self, frame: Frame) -> bool:
        """Tell whether a server that was told to stop does so.

        Raises:
            Broken: it tells the wrong `last_id` (HJP-LIF-13).
            Inconclusive: nobody has told it to stop.
        """
        error = error_of(frame)
        if error.get("fatal") is not True or error["code"] not in _CLOCKS:
            return False
        if error["code"] == Code.GOING_AWAY and error["last_id"] != self.answered:
            later = error["last_id"] > self.answered
            requirement = "HJP-LIF-13" if later else "HJP-LIF-12"
            expected = f"last_id {self.answered}"
            got = f"{said(frame)}, last_id {error['last_id']}"
            raise Broken(Check.REPLY, requirement, expected, got)
        if not self.stopping:
            raise Inconclusive(said(frame))
        self._end()
        return True

    # What is broken

    def _misplaced(self, due: Due, frame: Frame) -> str:
        """Tell what is broken by a frame with another id than the one that is due."""
        id_, code = frame.metadata["id"], error_of(frame).get("code")
        later = [permit for other in self.dues for permit in other.permitted]
        if id_ == 0 and any(p.fatal and p.code == code for p in later):
            return "HJP-ERR-9"
        if id_ == 0 or due.fatal:
            return due.permitted[0].requirement
        if any(permit.id == id_ for permit in later):
            return "HJP-MSG-15"
        return "HJP-MSG-14" if id_ <= self.answered else "HJP-MSG-13"

    def _unasked(self, frame: Frame) -> str:
        """Tell what is broken by a frame where none is due."""
        if not self._spoken:
            return "HJP-LIF-1"
        if self._unread:
            ok = frame.metadata["ok"] is True
            return (
                "HJP-LIF-8" if ok else "HJP-LIF-9" if self.input_ended else "HJP-FRM-14"
            )
        if frame.metadata["id"] == 0:
            return "HJP-ERR-5" if self._failed else "HJP-MSG-12"
        return "HJP-MSG-20" if self._dropping else "HJP-MSG-14"

    def _lost(self) -> str:
        """Tell what is broken by the end of the server's stream."""
        first = next((due.permitted[0] for due in self._dues if due.must), None)
        if first is not None and first.fatal:
            return first.requirement
        if self.input_ended:
            return "HJP-LIF-7"
        if self._failed:
            return "HJP-ERR-5"
        return "HJP-LIM-8" if first is None else first.requirement
