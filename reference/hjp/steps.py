"""Operations that work in steps: written once, run by both servers.

The handler of such an operation is a generator function. It gets the first frame of
a request, and a `Link` to its connection. It yields

- an answer, which is sent as an interim reply;
- a `Want`, and gets the next frame of the request or a part of it. It may get
  ``None`` instead: then somebody has called what ``Link.waker`` gave;
- ``None``, where others may be served before it goes on;

and returns the final reply. What it does between two yields may block: the asyncio
server does it in a worker thread. When the request cannot end any more, it is closed.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Final, Protocol

from hjp.events import Request
from hjp.operations import Answer

__all__ = ["LANE_LENGTH", "Link", "Sink", "Steps", "Turn", "Want", "advance"]

LANE_LENGTH: Final = 262_144
"""Octets of a payload from which on it is worth while to let a `Sink` take them."""

_ENOUGH: Final = 65_536  # octets of interim replies that are made ahead


class Sink(Protocol):
    """Takes the octets of a payload from the transport itself."""

    def receive(self, descriptor: int, most: int) -> int:
        """Take octets until none are there for a moment, or there were many.

        Args:
            descriptor: Of a socket that does not block.
            most: As many octets may be taken.

        Returns:
            How many were taken. 0 also where the input has ended or broken, which
            is for others to find out. What went wrong with the octets afterwards
            is kept for the handler.
        """


@dataclass(frozen=True, slots=True)
class Want:
    """A handler waits for the next frame of the request, or a part of it."""

    sink: Sink | None = None
    """Takes what it can in the handler's stead; the handler then gets a part that
    has no octets."""


Steps = Generator[Answer | Want | None, Request | None, Answer]


@dataclass(frozen=True, slots=True)
class Link:
    """What a handler may know of the connection."""

    max_payload: int
    """Octets of payload that the client takes in one frame."""

    waker: Callable[[], Callable[[], None]]
    """Gives a function that may be called from any thread, at any time later: it
    ends the present or the next wait of the handler."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a handler has done in its turn."""

    answers: list[Answer] = field(default_factory=list)
    """Interim replies, to be sent first."""
    want: Want | None = None
    """What it waits for, if it does."""
    final: Answer | None = None
    """The final reply, once there is one."""


def advance(steps: Steps, request: Request | None) -> Turn:
    """Let a handler go on until it waits, has answered much, or is done.

    Args:
        steps: The handler.
        request: What it waits for; ``None`` at the beginning.
    """
    answers: list[Answer] = []
    octets = 0
    try:
        step = steps.send(request)
        while step is not None and not isinstance(step, Want):
            answers.append(step)
            octets += len(step[1])
            if octets >= _ENOUGH:
                return Turn(answers)
            step = steps.send(None)
    except StopIteration as end:
        return Turn(answers, final=end.value)
    return Turn(answers, step)
