"""What a client may do next: one table for the state machine and for the command."""

from collections.abc import Callable
from dataclasses import dataclass

from hjp_fuzz.sessions import moves, wrong_moves
from hjp_fuzz.sessions.client import Client
from hjp_fuzz.sessions.moves import Move
from hjp_fuzz.sessions.steps import Act, Step
from hjp_fuzz.sources import Source

Choose = Callable[[Source, Client], list[Step]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that a client may do.

    Attributes:
        name: as the state machine calls it.
        text: what it is.
        choose: chooses the steps.
        ours: whether it needs a server that we have started.
    """

    name: str
    text: str
    choose: Choose
    ours: bool = False


def _move(name: str, text: str, move: Move, fresh: bool = False) -> Rule:
    return Rule(name, text, lambda source, client: client.move(source, move, fresh))


def _wrong(name: str, text: str, move: Move, fresh: bool = False) -> Rule:
    return _move(name, text, wrong_moves.trailed(move), fresh)


def _leave(name: str, text: str, act: Act) -> Rule:
    return Rule(name, text, lambda source, client: client.leave(source, act))


RULES = (
    _move("ping", "Ask whether anybody is there.", moves.ping),
    _move("echo", "Ask for something to be returned.", moves.echo),
    _move("upper", "Ask for something in upper case.", moves.upper),
    _move("hello", "Greet as the first request.", moves.hello, fresh=True),
    _move("unknown_op", "Ask for what is not offered.", moves.unknown_op),
    _move("wrong_timeout", "Ask with a wrong `timeout_ms`.", moves.wrong_timeout),
    _move("streamed", "Begin a request of several frames.", moves.streamed),
    _move("later_frame", "Go on with such a request.", moves.later_frame),
    _move("several", "Send requests ahead.", wrong_moves.several),
    _wrong("wrong_members", "Send a wrong frame.", wrong_moves.wrong_members),
    _wrong(
        "wrong_later", "Go on wrongly with a request.", wrong_moves.wrong_later_frame
    ),
    _wrong("late_hello", "Greet at any time.", moves.hello),
    _wrong("wrong_hello", "Greet wrongly.", wrong_moves.wrong_hello, fresh=True),
    _wrong("wrong_frame", "Send what is no frame.", wrong_moves.wrong_frame),
    Rule("rest", "Send the rest of a frame.", lambda s, client: client.rest(s)),
    _leave("end", "End the client's stream.", Act.END),
    _leave("reset", "Break a connection off.", Act.RESET),
    Rule("flood", "Ask for much and read nothing.", lambda s, client: client.flood(s)),
    Rule("stop", "Stop the server.", lambda s, client: client.stop(s), ours=True),
)
"""All rules; each is as likely as the others."""


def rules_for(ours: bool) -> tuple[Rule, ...]:
    """The rules for a server that is ours, or that is not."""
    return tuple(rule for rule in RULES if ours or not rule.ours)
