"""The probe and what is expected of a target, against peers that follow a script."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from hjp_conformance.expect import (
    Echo,
    Ended,
    Failed,
    Fatal,
    Ok,
    expect,
    expect_alive,
    expect_end,
    expect_fatal,
    expect_hello,
    expect_reply,
    expect_taken,
)
from hjp_conformance.patience import Patience
from hjp_conformance.probe import End, Probe
from hjp_conformance.stimuli import frame, ping
from hjp_conformance.transcript import Way
from hjp_conformance.verdicts import Inconclusive, TargetGoneError, Violation

Script = Callable[[socket.socket], None]
PONG = frame('{"id":1,"ok":true}')


def fatal(code: str = "bad_json", **members: object) -> bytes:
    error = {"code": code, "message": "m", "fatal": True, **members}
    return frame({"id": 0, "ok": False, "error": error})


@contextmanager
def peer(script: Script, patience: float = 5.0) -> Iterator[Probe]:
    """A probe that talks to a script; the script's thread ends with it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                script(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        with Probe(listener.getsockname(), Patience(patience)) as probe:
            yield probe
        thread.join()


def says(*pieces: bytes, then: Script = lambda connection: None) -> Script:
    """Write the pieces, then do something more, then close."""

    def script(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
        then(connection)

    return script


def drain(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)
    wait_for_end(connection)


def wait_for_end(connection: socket.socket) -> None:
    try:
        while connection.recv(1 << 16):
            pass
    except OSError:
        pass


def reset(connection: socket.socket) -> None:
    # Not before the probe has its connection: connecting may swallow a reset.
    connection.recv(1)
    linger = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def test_reply() -> None:
    with peer(says(PONG)) as probe:
        expect_reply(probe, 1)
        expect_end(probe)


def test_reply_octet_by_octet() -> None:
    with peer(says(*(PONG[at : at + 1] for at in range(len(PONG))))) as probe:
        expect_reply(probe, 1)


def test_replies_coalesced() -> None:
    second = frame('{"ok":true,"id":2,"x":1} ')
    with peer(says(PONG + second)) as probe:
        expect_reply(probe, 1)
        expect_reply(probe, 2)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        frame('{"id":2,"ok":true}'),
        frame('{"id":1,"ok":true}', b"x"),
        frame('{"id":1,"ok":false,"error":{"code":"internal","message":""}}'),
        fatal(),
    ],
)
def test_reply_that_is_another(octets: bytes) -> None:
    with peer(says(octets)) as probe, pytest.raises(Violation):
        expect_reply(probe, 1)


def test_payload_that_differs_is_shown() -> None:
    told = r"octet 1 of the payload is 7A instead of 62"
    octets = frame('{"id":1,"ok":true}', b"azc")
    with peer(says(octets)) as probe, pytest.raises(Violation, match=told):
        expect_reply(probe, 1, b"abc")


@pytest.mark.parametrize("cut", [1, 15, 16, len(PONG) - 1])
def test_stream_that_ends_inside_a_frame(cut: int) -> None:
    with peer(says(PONG[:cut])) as probe, pytest.raises(Violation) as caught:
        expect_reply(probe, 1)
    assert caught.value.requirement == "HJP-FRM-1"


@pytest.mark.parametrize("octets", [b"HTTP/1.1 200 OK\r\n", b"X", PONG[:4] + b"\2"])
def test_stream_that_is_no_frame(octets: bytes) -> None:
    with peer(says(octets)) as probe, pytest.raises(Violation) as caught:
        expect_reply(probe, 1)
    assert caught.value.requirement == "HJP-FRM-19"


def test_payload_longer_than_the_client_takes() -> None:
    octets = frame('{"id":1,"ok":true}', bytes(65_537))
    with peer(says(octets)) as probe, pytest.raises(Violation):
        expect_reply(probe, 1, bytes(65_537))
    with peer(says(octets)) as probe:
        probe.max_payload = 65_537
        expect_reply(probe, 1, bytes(65_537))


def test_fatal() -> None:
    with peer(says(fatal(), then=drain)) as probe:
        probe.send(b"x" * 1000)
        expect_fatal(probe, "bad_json")
        probe.send(b"x" * 100_000)
        expect_taken(probe)


def test_close_is_not_a_fatal_error() -> None:
    with peer(says()) as probe, pytest.raises(Violation):
        expect_fatal(probe, "bad_json")


def test_reset_is_not_a_fatal_error() -> None:
    with peer(says(then=reset)) as probe:
        probe.send(ping(1))
        with pytest.raises(Violation, match="reset"):
            expect_fatal(probe, "bad_json")


def test_other_code_is_not_the_fatal_error() -> None:
    with peer(says(fatal("bad_frame"), then=drain)) as probe, pytest.raises(Violation):
        expect_fatal(probe, "bad_json")


def test_other_limit_is_not_the_fatal_error() -> None:
    octets = fatal("too_large", limit="max_json")
    with peer(says(octets, then=drain)) as probe:
        expect_fatal(probe, "too_large", "max_json")
    with peer(says(octets, then=drain)) as probe, pytest.raises(Violation):
        expect_fatal(probe, "too_large", "max_payload")


def test_frame_after_fatal() -> None:
    octets = fatal() + PONG
    with peer(says(octets, then=drain)) as probe, pytest.raises(Violation) as caught:
        expect_fatal(probe, "bad_json")
    assert caught.value.requirement == "HJP-ERR-11"


def test_reset_after_fatal() -> None:
    """It closes with octets unread: TCP resets."""
    sent = threading.Event()

    def script(connection: socket.socket) -> None:
        sent.wait()
        connection.recv(1)
        connection.sendall(fatal())

    with peer(script) as probe:
        probe.send(b"x" * 1000)
        sent.set()
        with pytest.raises(Violation) as caught:
            expect_fatal(probe, "bad_json")
    assert caught.value.requirement == "HJP-ERR-13"


def test_close_after_fatal_while_more_is_sent() -> None:
    with peer(says(fatal())) as probe:
        expect_fatal(probe, "bad_json")
        for _ in range(20):
            probe.send(b"x" * 1000)
        with pytest.raises(Violation) as caught:
            expect_taken(probe)
    assert caught.value.requirement == "HJP-ERR-13"


def test_fatal_without_end_is_inconclusive() -> None:
    with (
        peer(says(fatal(), then=wait_for_end), patience=0.2) as probe,
        pytest.raises(Inconclusive, match="HJP-ERR-12"),
    ):
        expect_fatal(probe, "bad_json")


def test_nothing_at_all_is_inconclusive() -> None:
    ended = threading.Event()

    def script(_: socket.socket) -> None:
        ended.wait()

    with peer(script, patience=0.2) as probe:
        with pytest.raises(Inconclusive):
            expect_reply(probe, 1)
        ended.set()


def test_nothing_even_when_the_input_ends_is_a_violation() -> None:
    """A target that owes a reply says it before it closes: no clock is needed."""
    with (
        peer(says(then=wait_for_end), patience=0.2) as probe,
        pytest.raises(Violation, match="until the suite ended its input"),
    ):
        expect_reply(probe, 1)


def test_late_reply_is_inconclusive() -> None:
    def script(connection: socket.socket) -> None:
        wait_for_end(connection)
        connection.sendall(PONG)

    with (
        peer(script, patience=0.2) as probe,
        pytest.raises(Inconclusive, match="only after the input had ended"),
    ):
        expect_reply(probe, 1)


def test_barrier_sees_a_frame_before_it() -> None:
    octets = PONG + frame('{"id":2,"ok":true}')
    with peer(says(octets, then=wait_for_end)) as probe, pytest.raises(Violation):
        expect_alive(probe, 2)


def test_any_of_several_outcomes() -> None:
    outcomes = (Ok(1), Failed(1, "timeout"), Fatal("bad_id"), Ended())
    timeout = '{"id":1,"ok":false,"error":{"code":"timeout","message":"m"}}'
    for octets in (PONG, frame(timeout), fatal("bad_id"), b""):
        with peer(says(octets, then=drain)) as probe:
            expect(probe, *outcomes)
    with peer(says(fatal(), then=drain)) as probe, pytest.raises(Violation):
        expect(probe, *outcomes)


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        ('{"id":1,"ok":true,"data":[1.0,{"b":-0,"a":"\\u00e9"}]}', True),
        ('{"data":[1e0,{"a":"é","b":0}],"ok":true,"id":1}', True),
        ('{"id":1,"ok":true,"data":[1,{"a":"é"}]}', False),
        ('{"id":1,"ok":true,"data":[true,{"a":"é","b":0}]}', False),
        ('{"id":1,"ok":true,"data":null}', False),
        ('{"id":1,"ok":true}', False),
    ],
)
def test_echo(text: str, is_right: bool) -> None:
    with peer(says(frame(text))) as probe:
        outcome = Echo(1, b"", '[1,{"a":"é","b":0}]')
        if is_right:
            expect(probe, outcome)
        else:
            with pytest.raises(Violation):
                expect(probe, outcome)


def test_echo_without_data() -> None:
    text = '{"id":1,"ok":true,"data":null}'
    with peer(says(frame(text))) as probe, pytest.raises(Violation, match="with data"):
        expect(probe, Echo(1))


@pytest.mark.parametrize(
    "members",
    [
        '"features":[],"limits":{"max_payload":65536},"server":"s"',
        '"features":["x"],"limits":{"max_payload":4294967295,"a":1},"server":""',
    ],
)
def test_hello(members: str) -> None:
    with peer(says(frame(f'{{"id":1,"ok":true,{members}}}'))) as probe:
        assert expect_hello(probe, 1)["ok"] is True


@pytest.mark.parametrize(
    "members",
    [
        '"x":1',
        '"features":null,"limits":{"max_payload":65536},"server":"s"',
        '"features":[1],"limits":{"max_payload":65536},"server":"s"',
        '"features":[],"limits":{},"server":"s"',
        '"features":[],"limits":{"max_payload":65535},"server":"s"',
        '"features":[],"limits":{"max_payload":65536.0},"server":"s"',
        '"features":[],"limits":{"max_payload":4294967296},"server":"s"',
        '"features":[],"limits":{"max_payload":65536},"server":1',
        '"features":[],"limits":{"max_payload":65536}',
    ],
)
def test_hello_that_is_wrong(members: str) -> None:
    octets = frame(f'{{"id":1,"ok":true,{members}}}')
    with peer(says(octets)) as probe, pytest.raises(Violation):
        expect_hello(probe, 1)


def test_send_reads_meanwhile() -> None:
    """A peer that echoes megabytes and cannot go on unless it is read."""

    def script(connection: socket.socket) -> None:
        left = 8 << 20
        while left:
            octets = connection.recv(1 << 16)
            left -= len(octets)
            connection.sendall(PONG[:0] + octets)

    octets = frame('{"id":1,"ok":true}', bytes(60_000))
    count = (8 << 20) // len(octets)
    rest = bytes((8 << 20) - count * len(octets))
    with peer(script) as probe:
        probe.send(octets * count + rest)
        for _ in range(count):
            expect_reply(probe, 1, bytes(60_000))


def test_a_peer_that_only_sends_is_not_listened_to_for_ever() -> None:
    def floods(connection: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection.sendall(PONG)

    with peer(floods, patience=0.2) as probe:
        with pytest.raises(Inconclusive, match="did not take"):
            probe.send(bytes(1 << 26))
        probe.close()


def test_send_until_blocked() -> None:
    go = threading.Event()

    def script(connection: socket.socket) -> None:
        go.wait()
        wait_for_end(connection)

    with peer(script) as probe:
        rest = probe.send_until_blocked(bytes(64 << 20), 0.05)
        assert 0 < len(rest) < 64 << 20
        go.set()


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    with pytest.raises(TargetGoneError, match="refused"):
        Probe(address, Patience(1))


def test_end_is_told() -> None:
    with peer(says()) as probe:
        assert probe.next() is End.ORDERLY
    with peer(says(then=reset)) as probe:
        probe.send(ping(1))
        assert probe.next() is End.RESET


def test_transcript() -> None:
    with peer(says(PONG, then=wait_for_end)) as probe:
        probe.send(ping(1))
        expect_reply(probe, 1)
        probe.half_close()
        expect_end(probe)
    transcript = probe.transcript
    # The script speaks at once: which of the two came first is not decided.
    assert transcript.octets(Way.SENT) == ping(1)
    assert transcript.octets(Way.RECEIVED) == PONG
    assert [step.then for step in transcript.steps if step.then] == ["end", "end"]
    assert transcript.notes == [
        "the suite ended the stream",
        "received: the end of the stream",
    ]


def test_patience_shrinks() -> None:
    patience = Patience(5.0)
    spans = []
    for _ in range(30):
        spans.append(patience.seconds)
        patience.exceed()
    assert spans[0] == 5.0
    assert spans == sorted(spans, reverse=True)
    assert sum(spans[:25]) < 30
