"""What a case sends first and what it then accepts, without any target."""

import inspect
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from math import inf
from typing import Any, NoReturn

from hjp_conformance.catalogue import Case
from hjp_conformance.clients import Action, Visit, words_of
from hjp_conformance.fixtures.server import Hurried
from hjp_conformance.patience import Patience
from hjp_conformance.peer import STATED, Peer
from hjp_conformance.preflight import Facts
from hjp_conformance.probe import Probe
from hjp_conformance.requests import Request
from hjp_conformance.transcript import Transcript, Way
from hjp_conformance.verdicts import Violation

_CONNECTING = ("connect", "doomed")
_HURRYING = ("hurried", "hurried_writer")


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


class _Host(Peer):
    """A peer without a socket: the client asks for just what is expected of it."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.stated = STATED
        self.ids: list[int] = []

    def request(self, op: str | None = None) -> Request:
        self.ids.append(len(self.ids) + 1)
        return Request({"id": self.ids[-1], "op": op or "ping"}, b"")

    def next(self) -> Request:
        return self.request()

    def rest(self) -> list[Request]:
        return []

    def check(self, is_right: bool, told: str, requirement: str | None = None) -> None:
        """Everything is: nobody has sent it."""

    def half_close(self) -> None:
        self.transcript.notes.append("the suite ended its output")

    def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.transcript.add(Way.SENT, piece)

    def send_apart(self, *pieces: bytes) -> None:
        self.send(*pieces)

    def peek_id(self) -> int:
        return len(self.ids) + 1

    def send_until_blocked(self, octets: bytes, quiet: float) -> bytes:
        self.send(octets)
        return b""

    def reset(self) -> None:
        self.transcript.notes.append("the suite reset the connection")


class _Guest(Visit):
    """A client that is never started."""

    def __init__(self, actions: Sequence[Action]) -> None:
        self.transcript = Transcript()
        self.patience = Patience(0)
        self.words = words_of(actions, {})
        self.transcript.notes.append(f"the client is told: {' '.join(self.words)}")
        self._host = _Host(self.transcript)

    @property
    def peer(self) -> _Host:
        return self._host

    def tell(self, line: str) -> None:
        self.transcript.notes.append(f"standard input: {line}")

    def finish(self) -> NoReturn:
        raise _RehearsedError


def rehearse(case: Case) -> list[Transcript]:
    """What the case does up to the first thing that it would have to read.

    Returns:
        The connections on which it does anything, the last of them with what is
        accepted then.
    """
    transcripts: list[Transcript] = []

    def connect(**_: Any) -> _Actor:
        actor = _Actor()
        transcripts.append(actor.transcript)
        return actor

    def start(*actions: Action) -> _Guest:
        guest = _Guest(actions)
        transcripts.append(guest.transcript)
        return guest

    given: dict[str, Any] = dict.fromkeys(_CONNECTING, connect) | {"start": start}
    given |= dict.fromkeys(_HURRYING, Hurried(connect, defaultdict(float)))
    given |= {"facts": Facts(max_payload=2**32 - 1), "doomed_process": None}
    wanted = inspect.signature(case.code).parameters.keys() - case.code.keywords.keys()
    if "probe" in wanted:
        given["probe"] = connect()
    # What nobody has sent can also look wrong to a case: it has said enough by then.
    with suppress(_RehearsedError, Violation):
        case.code(**{name: given[name] for name in wanted if name in given})
    return [one for one in transcripts if one.accepted or one.steps or one.notes]
