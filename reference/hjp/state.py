"""The life of one ``id``: the table of the chapter *Messages*, and what runs it.

Whatever decides about the state of an ``id`` is in `TABLE`. This module does not know
which side it serves: on a client requests are what is sent and replies what is
received, on a server the other way round, and both read the same table.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from hjp.errors import Code, FormatError

__all__ = ["TABLE", "Exchanges", "State", "Step"]


class State(Enum):
    """Where an ``id`` is in its life, by the names of the text."""

    NEW = "new"
    OPEN = "open"
    REQUEST_ENDED = "request ended"
    REPLY_ENDED = "reply ended"
    CLOSED = "closed"


class Step(Enum):
    """The columns of the table: what frames there are."""

    REQUEST_MORE = "request frame with more"
    REQUEST_LAST = "last request frame"
    INTERIM = "interim reply"
    FINAL = "final reply"


TABLE: Final[Mapping[State, Mapping[Step, State]]] = {
    State.NEW: {
        Step.REQUEST_MORE: State.OPEN,
        Step.REQUEST_LAST: State.REQUEST_ENDED,
    },
    State.OPEN: {
        Step.REQUEST_MORE: State.OPEN,
        Step.REQUEST_LAST: State.REQUEST_ENDED,
        Step.INTERIM: State.OPEN,
        Step.FINAL: State.REPLY_ENDED,
    },
    State.REQUEST_ENDED: {
        Step.INTERIM: State.REQUEST_ENDED,
        Step.FINAL: State.CLOSED,
    },
    # Frames on their way when the reply came: understood, and dropped (HJP-MSG-20).
    State.REPLY_ENDED: {
        Step.REQUEST_MORE: State.REPLY_ENDED,
        Step.REQUEST_LAST: State.CLOSED,
    },
    State.CLOSED: {},
}
"""State, then frame, then the next state; a frame that is missing is refused."""


@dataclass(slots=True)
class _Exchange:
    op: str
    state: State


class Exchanges:
    """The ids of one connection.

    Only ids between *new* and *closed* take memory: one number is enough to know
    all others, because ids rise (HJP-MSG-1).

    Attributes:
        last_id: The greatest ``id`` that was ever new, 0 before the first.
        unended: The ``id`` whose request has not ended. Without ``mux`` there is one
            at most, because the frames of a request stand together (HJP-MSG-5).
    """

    def __init__(self) -> None:
        self.last_id = 0
        self.unended: int | None = None
        self._alive: dict[int, _Exchange] = {}

    def state(self, request_id: int) -> State:
        """Tell where an ``id`` is in its life."""
        if request_id > self.last_id:
            return State.NEW
        exchange = self._alive.get(request_id)
        return exchange.state if exchange else State.CLOSED

    def op(self, request_id: int) -> str | None:
        """Tell the ``op`` of an ``id`` that is neither new nor closed."""
        exchange = self._alive.get(request_id)
        return exchange.op if exchange else None

    def unanswered(self) -> Iterator[int]:
        """Ids whose final reply has not been seen, oldest first."""
        return (
            request_id
            for request_id, exchange in self._alive.items()
            if exchange.state is not State.REPLY_ENDED
        )

    def take(self, request_id: int, step: Step, op: str = "") -> State:
        """Let a frame take effect.

        Args:
            request_id: The frame's ``id``.
            step: What frame it is.
            op: The frame's ``op``, kept for the first frame of a request.

        Returns:
            The state before the frame.

        Raises:
            FormatError: ``bad_id``; the table has no such step. Nothing changed.
        """
        before = self.state(request_id)
        after = TABLE[before].get(step)
        if after is None:
            raise FormatError(
                Code.BAD_ID,
                f"{step.value} of id {request_id}: {before.value}",
                "HJP-MSG-4",
            )
        if before is State.NEW:
            self.last_id = request_id
            self._alive[request_id] = _Exchange(op, after)
        elif after is State.CLOSED:
            del self._alive[request_id]
        else:
            self._alive[request_id].state = after
        if step is Step.REQUEST_MORE:
            self.unended = request_id
        elif step is Step.REQUEST_LAST:
            self.unended = None
        return before
