"""What a server makes of the frames of one connection: the tables of the text.

`LIFE` is the life of one `id`, `EVERY_FRAME` and `FIRST_FRAME` are the rows 8 to 17 of
*Precedence*.  A core server answers every request at its first frame, so that what is
left of one with `more` is dropped.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hjp_spec.registry import DEFAULT_MAX_PAYLOAD, MAX_INTEGER, OPS, Code
from hjp_spec.requirements import PRECEDENCE

MAX_UINT32 = 2**32 - 1
LAST_FATAL_ROW = 13


class State(StrEnum):
    """The states of an `id`."""

    NEW = "new"
    OPEN = "open"
    REQUEST_ENDED = "request ended"
    REPLY_ENDED = "reply ended"
    CLOSED = "closed"


class Event(StrEnum):
    """What happens to an `id`."""

    MORE = "request frame, `more`"
    LAST = "request frame, last"
    FINAL = "final reply"


LIFE: dict[State, dict[Event, State]] = {
    State.NEW: {Event.MORE: State.OPEN, Event.LAST: State.REQUEST_ENDED},
    State.OPEN: {
        Event.MORE: State.OPEN,
        Event.LAST: State.REQUEST_ENDED,
        Event.FINAL: State.REPLY_ENDED,
    },
    State.REQUEST_ENDED: {Event.FINAL: State.CLOSED},
    State.REPLY_ENDED: {Event.MORE: State.REPLY_ENDED, Event.LAST: State.CLOSED},
    State.CLOSED: {},
}
"""The state after each event; a request frame that is not in it is refused."""


@dataclass(slots=True)
class Ids:
    """The ids of one connection, as the frames that a server has read tell.

    Attributes:
        greatest: the greatest one; without `mux` no other can be unfinished.
        state: its state.
        op: what its request asks.
        requests: how many there were.
    """

    greatest: int = 0
    state: State = State.CLOSED
    op: str = ""
    requests: int = 0

    @property
    def unfinished(self) -> bool:
        """Whether a request has not ended, so that no other may begin."""
        return Event.LAST in LIFE[self.state]

    def state_of(self, id_: int) -> State:
        """The state of any id."""
        if id_ > self.greatest:
            return State.NEW
        return self.state if id_ == self.greatest else State.CLOSED

    def note(self, id_: int, op: str, more: bool) -> None:
        """Note a frame that is not refused."""
        before = self.state_of(id_)
        after = LIFE[before][Event.MORE if more else Event.LAST]
        if before is State.NEW:
            self.greatest, self.op, self.requests = id_, op, self.requests + 1
            after = LIFE[after][Event.FINAL]
        self.state = after


def integer(value: Any, low: int, high: int, lenient: bool = False) -> int | None:
    """The value as an integer of a range; None if it is mistyped (HJP-MET-18).

    Args:
        value: what `ijson.parse` gives, a float for what is not in plain digits.
        low: the least that is right.
        high: the greatest that is right.
        lenient: whether 1.0 is 1, which is for the server to choose (HJP-MET-19).
    """
    if lenient and type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and low <= value <= high else None


@dataclass(frozen=True, slots=True)
class Look:
    """A frame in its place.

    Attributes:
        metadata: its members.
        ids: those of the frames before it.
        lenient: how numbers are read that are not in plain digits.
    """

    metadata: Mapping[str, Any]
    ids: Ids
    lenient: bool = False

    @property
    def id(self) -> int:
        """Which request it is a frame of; 0 if that is not said rightly."""
        return self.number("id", 1) or 0

    @property
    def op(self) -> Any:
        """What is asked."""
        return self.metadata.get("op")

    @property
    def more(self) -> Any:
        """Whether another frame follows."""
        return self.metadata.get("more", False)

    @property
    def state(self) -> State:
        """The state of its id before it."""
        return self.ids.state_of(self.id)

    def number(self, name: str, default: int) -> int | None:
        """A member that is an integer from 1 on; None if it is mistyped."""
        value = self.metadata.get(name, 0 if name == "id" else default)
        return integer(value, 1, MAX_INTEGER, self.lenient)

    def note(self) -> None:
        """Note the frame among the ids."""
        self.ids.note(self.id, self.op, self.more)


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of *Precedence*, or a part of one.

    Attributes:
        row: its number.
        requirement: identifier of what a client breaks or a server has to do.
        broken: whether a frame breaks it.
    """

    row: int
    requirement: str
    broken: Callable[[Look], bool]

    @property
    def code(self) -> Code:
        """What the frame is refused or answered with."""
        return PRECEDENCE[self.row - 1].code or Code.BAD_REQUEST


def _used(look: Look) -> bool:
    return Event.LAST not in LIFE[look.state]


def _too_soon(look: Look) -> bool:
    return look.state is State.NEW and look.ids.unfinished


def _other_op(look: Look) -> bool:
    return look.state is not State.NEW and look.op != look.ids.op


def _late_hello(look: Look) -> bool:
    return look.op == "hello" and look.ids.requests > 0


def _wrong_hello(look: Look) -> bool:
    """Whether a member of `hello` is mistyped (HJP-COR-6)."""
    if look.op != "hello":
        return False
    features, limits = (
        look.metadata.get("features", []),
        look.metadata.get("limits", {}),
    )
    if not isinstance(look.metadata.get("token", ""), str):
        return True
    if not isinstance(features, list) or not isinstance(limits, dict):
        return True
    if not all(isinstance(feature, str) for feature in features):
        return True
    return "max_payload" in limits and client_limit(look) is None


def client_limit(look: Look) -> int | None:
    """The `max_payload` that a `hello` states; None if it is mistyped."""
    limits = look.metadata.get("limits", {})
    stated = limits.get("max_payload", DEFAULT_MAX_PAYLOAD)
    return integer(stated, DEFAULT_MAX_PAYLOAD, MAX_UINT32, look.lenient)


EVERY_FRAME = (
    Rule(8, "HJP-MSG-2", lambda look: look.id == 0),
    Rule(9, "HJP-MSG-4", _used),
    Rule(9, "HJP-MSG-5", _too_soon),
    Rule(10, "HJP-MSG-7", lambda look: not isinstance(look.op, str)),
    Rule(10, "HJP-MSG-8", lambda look: "ok" in look.metadata),
    Rule(11, "HJP-MSG-9", _other_op),
    Rule(12, "HJP-MSG-10", lambda look: not isinstance(look.more, bool)),
)
FIRST_FRAME = (
    Rule(13, "HJP-LIF-3", _late_hello),
    Rule(14, "HJP-ERR-16", lambda look: look.op not in OPS),
    Rule(15, "HJP-ERR-17", lambda look: look.more is True),
    Rule(16, "HJP-MSG-30", lambda look: look.number("timeout_ms", 1) is None),
    Rule(17, "HJP-COR-6", _wrong_hello),
)


def first_fault(look: Look) -> Rule | None:
    """The first row that a frame breaks; None if there is none (HJP-ERR-15)."""
    for rule in EVERY_FRAME:
        if rule.broken(look):
            return rule
    if look.state is not State.NEW:
        return None
    return next((rule for rule in FIRST_FRAME if rule.broken(look)), None)
