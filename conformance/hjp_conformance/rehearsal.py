"""What a case sends first and what it then accepts, without any target."""

import inspect
from contextlib import suppress
from math import inf
from typing import Any, NoReturn

from hjp_conformance.catalogue import Case
from hjp_conformance.preflight import Facts
from hjp_conformance.probe import Probe
from hjp_conformance.transcript import Transcript, Way

_CONNECTING = ("connect", "hurried", "hurried_writer", "doomed")


class _RehearsedError(Exception):
    """The case would have to read now: the rehearsal is over."""


class _Actor(Probe):
    """A probe without a socket, up to the first thing that it would have to read."""

    def __init__(self) -> None:
        self.transcript = Transcript()

    def asked(self, accepted: str) -> None:
        super().asked(accepted)
        raise _RehearsedError

    def next(self, at_most: float = inf) -> NoReturn:
        raise _RehearsedError

    def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.transcript.add(Way.SENT, piece)

    def send_until_blocked(self, octets: bytes, quiet: float) -> bytes:
        self.send(octets)
        return b""

    def wait_for_break(self, seconds: float) -> None:
        self.transcript.notes.append("the suite waits without reading")

    def half_close(self) -> None:
        self.transcript.notes.append("the suite ended its input")

    def reset(self) -> None:
        self.transcript.notes.append("the suite reset the connection")


def rehearse(case: Case) -> Transcript:
    """The first connection of a case on which anything is sent, or the last one."""
    actors: list[_Actor] = []

    def connect(**_: Any) -> _Actor:
        actors.append(_Actor())
        return actors[-1]

    given: dict[str, Any] = dict.fromkeys(_CONNECTING, connect)
    given |= {"facts": Facts(max_payload=2**32 - 1), "doomed_process": None}
    wanted = inspect.signature(case.function).parameters
    if "probe" in wanted:
        given["probe"] = connect()
    with suppress(_RehearsedError):
        case.function(**{name: given[name] for name in wanted if name in given})
    asked = [actor.transcript for actor in actors if actor.transcript.accepted]
    return (asked or [Transcript()])[0]
