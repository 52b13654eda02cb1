"""Sessions for servers without a socket: a class that takes octets and gives octets."""

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from hjp_fuzz.sessions import moves, wrong_moves
from hjp_fuzz.sessions.client import Client
from hjp_fuzz.sessions.dues import Due
from hjp_fuzz.sessions.model import Connection
from hjp_fuzz.sessions.moves import Move
from hjp_fuzz.sessions.replies import describe
from hjp_fuzz.sessions.steps import Step
from hjp_fuzz.sources import HypothesisSource
from hjp_spec.registry import DEFAULT_MAX_PAYLOAD

_MOVES: tuple[Move, ...] = (
    *(moves.ping, moves.echo, moves.upper, moves.unknown_op, moves.wrong_timeout),
    *(
        wrong_moves.several,
        moves.streamed,
        moves.later_frame,
        moves.ping,
        wrong_moves.several,
    ),
    *(moves.upper, moves.echo, moves.ping, wrong_moves.several, moves.later_frame),
    *(
        *wrong_moves.WRONG,
        moves.hello,
        wrong_moves.wrong_frame,
        wrong_moves.wrong_frame,
    ),
)
_GREETINGS: tuple[Move, ...] = (moves.hello, wrong_moves.wrong_hello)


@dataclass(frozen=True, slots=True)
class Turn:
    """A step of a session on one connection.

    Attributes:
        octets: what the client sends.
        expected: what the server sends then, in order.  What it may but need not send
            now (`must` is false) it need not send later either.
    """

    octets: bytes
    expected: tuple[Due, ...]

    def __str__(self) -> str:
        expected = "; ".join(map(str, self.expected)) or "no frame"
        return f"{', '.join(describe(self.octets))} → {expected}"


def sessions(
    max_turns: int = 20, max_payload: int = DEFAULT_MAX_PAYLOAD
) -> SearchStrategy[list[Turn]]:
    """Sessions on one connection, right and wrong, each a list of `Turn`.

    What a client sends is divided as it likes, so that a turn may end inside a frame.
    `judge` holds a server against one.

    Args:
        max_turns: how many turns at most.
        max_payload: what the server states in its reply to `hello`, in octets.
    """

    @st.composite
    def drawn(draw: DrawFn) -> list[Turn]:
        source = HypothesisSource(draw)
        client, model = Client(max_payload, most_open=1), Connection(max_payload)
        turns: list[Turn] = []
        if source.flag():
            first = source.choice(_GREETINGS)
            turns += _turns(model, client.move(source, first))
        while len(turns) < max_turns and not model.over and not source.flag(max_turns):
            turns += _turns(model, client.move(source, source.choice(_MOVES)))
        return turns

    return drawn()


def _turns(model: Connection, steps: list[Step]) -> list[Turn]:
    turns = []
    for step in steps:
        known = len(model.dues) - (model.tail is not None)
        model.sent(step.octets)
        turns.append(Turn(step.octets, model.dues[known:]))
    return turns


def judge(
    session: list[Turn],
    feed: Callable[[bytes], bytes],
    end: Callable[[], bytes] | None = None,
) -> None:
    """Hold a server against a session.

    Args:
        session: what a client sends.
        feed: gives the server octets and returns what it sends then.
        end: tells it that the client's stream has ended, and returns the same.

    Raises:
        Broken: it breaks a requirement.
        Inconclusive: it says that a clock ran out.
    """
    connection = Connection()
    for turn in session:
        connection.sent(turn.octets)
        connection.received(feed(turn.octets))
        if connection.owes:
            raise connection.overdue()
    if end is not None:
        connection.ended()
        connection.received(end())
        connection.ends()
