"""Sessions without a socket: the reference as a class, right and spoilt."""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hjp.connection import Connection, Role
from hjp.errors import RemoteProtocolError
from hjp.events import Request
from hjp.limits import Limits
from hjp.service import Service
from hjp_fuzz.sessions import Broken, Turn, judge, sessions

GREATER = 100_000
quick = settings(
    max_examples=50,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


class Memory:
    """The reference without a socket: octets in, octets out."""

    def __init__(self, max_payload: int = 65_536) -> None:
        limits = Limits(max_payload=max_payload)
        self.service = Service(limits)
        self.connection = Connection(Role.SERVER, limits)

    def feed(self, octets: bytes) -> bytes:
        if self.connection.ended:
            return b""
        self.connection.receive_data(octets)
        return b"".join(self._replies())

    def end(self) -> bytes:
        if not self.connection.ended:
            self.connection.receive_eof()
        return b"".join(self._replies())

    def _replies(self) -> Iterator[bytes]:
        while not self.connection.ended:
            try:
                event = self.connection.next_event()
            except RemoteProtocolError as error:
                yield self.connection.send(error.reply)
                return
            if not isinstance(event, Request):
                return
            yield self._reply(event)

    def _reply(self, request: Request) -> bytes:
        fault = self.service.fault(request, 0.0)
        if fault is not None:
            return self.service.refusal(self.connection, request, fault)
        answer = self.service.operations[request.op].handler(
            request.metadata, request.payload
        )
        assert isinstance(answer, tuple)
        return self.service.final(self.connection, request, answer)


class Late(Memory):
    """Keeps the replies to a request until the next one comes."""

    kept = b""

    def feed(self, octets: bytes) -> bytes:
        kept, self.kept = self.kept, super().feed(octets)
        return kept


class Shy(Memory):
    """Forgets what it owes when the input ends."""

    def end(self) -> bytes:
        return b"HJP"


@quick
@given(sessions(max_payload=GREATER))
def test_the_reference_is_right(session: list[Turn]) -> None:
    server = Memory(GREATER)
    judge(session, server.feed, server.end)


@quick
@given(sessions(max_turns=5))
def test_so_it_is_without_being_told_of_the_end(session: list[Turn]) -> None:
    assert len(session) <= 5 + 8  # a move may take several turns
    judge(session, Memory().feed)


@pytest.mark.parametrize("spoilt", [Late, Shy])
def test_a_spoilt_one_is_not(spoilt: type[Memory]) -> None:
    @settings(quick, phases=[Phase.generate], max_examples=200)
    @given(sessions())
    def judged(session: list[Turn]) -> None:
        server = spoilt()
        judge(session, server.feed, server.end)

    with pytest.raises(Broken):
        judged()


@settings(quick, max_examples=20)
@given(sessions())
def test_what_is_expected_is_told(session: list[Turn]) -> None:
    for turn in session:
        sent, arrow, expected = str(turn).partition(" → ")
        assert sent
        assert arrow
        assert expected == "; ".join(map(str, turn.expected)) or expected == "no frame"


def test_every_kind_of_answer_is_called_for() -> None:
    codes: Counter[str] = Counter()

    @settings(quick, max_examples=200)
    @given(sessions(), st.none())
    def counted(session: list[Turn], _: None) -> None:
        for turn in session:
            for due in turn.expected:
                codes.update(permit.code or permit.op for permit in due.permitted)

    counted()
    ops = {"ping", "echo", "upper", "hello"}
    fatal = {"bad_magic", "bad_json", "bad_id", "bad_frame", "too_large"}
    assert ops | {"unknown_op", "bad_request"} <= codes.keys()
    assert len(fatal & codes.keys()) >= 4
