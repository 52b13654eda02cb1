"""The chapter *Lifecycle*: before the first frame, beside others, after the last."""

from collections.abc import Callable

from hjp_conformance.authoring import requires, rows
from hjp_conformance.expect import (
    Echo,
    Ended,
    Fatal,
    Ok,
    expect,
    expect_alive,
    expect_end,
    expect_error,
    expect_fatal,
    expect_hello,
    expect_replies,
    expect_reply,
    send_apart,
)
from hjp_conformance.fixtures.server import Connect
from hjp_conformance.probe import End, Probe
from hjp_conformance.process import Process
from hjp_conformance.replies import Reply
from hjp_conformance.stimuli import frame, ping, pings, request, splits
from hjp_conformance.verdicts import Violation

SMALL_BUFFER = 65_536
QUIET = 0.1
"""Seconds without an octet taken, after which a target is left as blocked: that
only ends the stimulus, it is no verdict."""


def echoes(count: int) -> list[tuple[bytes, bytes]]:
    """Requests of some 60 KiB, each with a payload of its own, and the payloads."""
    payloads = [id_.to_bytes(4, "big") * 15_000 for id_ in range(1, count + 1)]
    made = [request(id_, "echo", payload) for id_, payload in enumerate(payloads, 1)]
    return list(zip(made, payloads, strict=True))


@requires("HJP-LIF-1", "HJP-LIF-9")
def test_lif_empty_connection(probe: Probe) -> None:
    """A connection that ends without an octet is closed without one."""
    probe.half_close()
    expect_end(probe)


@requires("HJP-LIF-1")
def test_lif_client_speaks_first(connect: Connect) -> None:
    """Nothing comes before the reply to the first request."""
    probe, other = connect(), connect()
    expect_alive(other, 1)
    expect_alive(probe, 1)


@requires("HJP-LIF-2")
def test_lif_no_hello(probe: Probe) -> None:
    """Requests on a connection that never says hello are answered."""
    probe.send(ping(1) + request(2, "echo", b"e") + request(3, "upper", b"u"))
    expect_reply(probe, 1)
    expect(probe, Echo(2, b"e"))
    expect_reply(probe, 3, b"U")


@requires("HJP-LIF-3")
@rows(
    "before",
    {
        "ping": ping(1),
        "hello": request(1, "hello"),
        "unknown-op": request(1, "no-such-op"),
        "bad-request": ping(1, timeout_ms=0),
        "failed-and-ended": ping(1, more=True) + ping(1),
    },
)
def test_lif_late_hello(probe: Probe, before: bytes) -> None:
    """A hello after another request, whatever became of it, is refused."""
    probe.send(before)
    probe.asked("any reply to request 1, not fatal")
    found = probe.next()
    if isinstance(found, End) or found.id != 1:
        raise Violation(str(found), "HJP-MSG-14")
    probe.send(request(2, "hello"))
    expect_fatal(probe, "bad_frame")


@requires("HJP-LIF-3")
def test_lif_late_hello_at_once(probe: Probe) -> None:
    """Two hellos in one write: the reply to the first, then bad_frame."""
    probe.send(request(1, "hello") + request(2, "hello") + ping(3))
    expect_hello(probe, 1)
    expect_fatal(probe, "bad_frame")


@requires("HJP-LIF-5", "HJP-MSG-15")
def test_lif_slow_reader(connect: Connect) -> None:
    """Megabytes of echoes, not read until the server stops reading, come back whole."""
    probe = connect(receive_buffer=SMALL_BUFFER)
    exchanges = echoes(200)
    octets = b"".join(octets for octets, _ in exchanges)
    rest = probe.send_until_blocked(octets, QUIET)
    probe.send(rest)
    for id_, (_, payload) in enumerate(exchanges, 1):
        expect(probe, Echo(id_, payload))


@requires("HJP-LIF-5", "HJP-LIF-7")
def test_lif_slow_reader_that_has_ended(connect: Connect) -> None:
    """Echoes that are read only after the end of the input come back whole."""
    probe = connect(receive_buffer=SMALL_BUFFER)
    exchanges = echoes(40)
    probe.send(b"".join(octets for octets, _ in exchanges))
    probe.half_close()
    for id_, (_, payload) in enumerate(exchanges, 1):
        expect(probe, Echo(id_, payload))
    expect_end(probe)


def _idle(probe: Probe) -> None:
    pass


def _half_a_header(probe: Probe) -> None:
    probe.send(ping(1)[:10])


def _half_a_payload(probe: Probe) -> None:
    probe.send(request(1, "echo", b"half of it")[:-5])


def _open_request(probe: Probe) -> None:
    probe.send(ping(1, more=True))


def _blocked(probe: Probe) -> None:
    octets = b"".join(octets for octets, _ in echoes(200))
    probe.send_until_blocked(octets, QUIET)


def _refused(probe: Probe) -> None:
    probe.send(frame("[]") + bytes(1000))


def _reset(probe: Probe) -> None:
    probe.send(request(1, "echo", b"half of it")[:-5])
    probe.reset()


def _closed(probe: Probe) -> None:
    probe.send(pings(1, 50))
    probe.close()


@requires("HJP-LIF-6")
@rows(
    "disturb",
    {
        "idle": _idle,
        "slow-with-a-header": _half_a_header,
        "slow-with-a-payload": _half_a_payload,
        "with-an-open-request": _open_request,
        "blocked": _blocked,
        "refused": _refused,
        "reset": _reset,
        "closed-without-reading": _closed,
    },
)
def test_lif_beside(connect: Connect, disturb: Callable[[Probe], None]) -> None:
    """A connection is served, and so is a new one, while another is in this state."""
    probe = connect()
    expect_alive(probe, 1)
    disturb(connect(receive_buffer=SMALL_BUFFER))
    expect_alive(probe, 2)
    expect_alive(connect(), 1)


@requires("HJP-LIF-6", "HJP-LIF-14")
def test_lif_many_connections(connect: Connect) -> None:
    """Fifty connections at once: each is served, or closed as one too many."""
    probes = [connect() for _ in range(50)]
    for probe in probes:
        probe.send(ping(1))
    for probe in reversed(probes):
        expect(probe, Ok(1), Ended())
    expect_alive(probes[0], 2)


@requires("HJP-LIF-7")
@rows(
    "count",
    {"1": 1, "2": 2, "500": 500},
)
def test_lif_replies_then_end(probe: Probe, count: int) -> None:
    """Requests, then the end of the input: all replies, then the end of the stream."""
    probe.send(pings(1, count))
    probe.half_close()
    expect_replies(probe, 1, count)
    expect_end(probe)


@requires("HJP-LIF-7")
def test_lif_end_after_replies(probe: Probe) -> None:
    """The end of the input after all replies is answered by the end of the stream."""
    expect_alive(probe, 1)
    probe.half_close()
    expect_end(probe)


@requires("HJP-LIF-7")
def test_lif_errors_then_end(probe: Probe) -> None:
    """Errors that are owed when the input ends are sent."""
    probe.send(request(1, "no-such-op") + ping(2, timeout_ms=0))
    probe.half_close()
    expect_error(probe, 1, "unknown_op")
    expect_error(probe, 2, "bad_request")
    expect_end(probe)


@requires("HJP-LIF-7", "HJP-LIF-5")
def test_lif_many_errors_then_end(connect: Connect) -> None:
    """Short requests with longer replies, to a slow reader, then the end: all come."""
    probe, count = connect(receive_buffer=SMALL_BUFFER), 4000
    octets = b"".join(request(id_, "x") for id_ in range(1, count + 1))
    rest = probe.send_until_blocked(octets, 0.1)
    probe.send(rest)
    probe.half_close()
    for id_ in range(1, count + 1):
        expect_error(probe, id_, "unknown_op")
    expect_end(probe)


@requires("HJP-LIF-7", "HJP-ERR-12")
def test_lif_fatal_then_end(probe: Probe) -> None:
    """A fatal error that is due when the input ends is sent."""
    probe.send(ping(1) + frame("[]"))
    probe.half_close()
    expect_reply(probe, 1)
    expect_fatal(probe, "bad_json")


@requires("HJP-LIF-8", "HJP-LIF-9")
@rows(
    "octets",
    {
        "one-octet": ping(1)[:1],
        "magic": ping(1)[:4],
        "header-without-one-octet": ping(1)[:15],
        "header": ping(1)[:16],
        "json-without-one-octet": ping(1)[:-1],
        "json-without-its-white-space": frame('{"id":1,"op":"ping"}  ')[:-1],
        "json-and-no-payload": request(1, "upper", b"abc")[:-3],
        "payload-without-one-octet": request(1, "upper", b"abc")[:-1],
        "payload-of-ping": request(1, "ping", bytes(100))[:-1],
        "large-payload": request(1, "echo", bytes(65_536))[:-1],
    },
)
def test_lif_incomplete_frame(probe: Probe, octets: bytes) -> None:
    """The end of the input inside a good frame: no reply, no error, the end."""
    probe.send(octets)
    probe.half_close()
    expect_end(probe)


@requires("HJP-LIF-7", "HJP-LIF-8", "HJP-LIF-9")
def test_lif_end_at_every_place(connect: Connect) -> None:
    """The end of the input at every place of two frames: the replies, then the end."""
    first, second = request(1, "upper", b"hi!"), request(2, "upper", b"yo")
    for octets, _ in splits(first + second):
        probe = connect()
        probe.send(octets)
        probe.half_close()
        if len(octets) >= len(first):
            expect_reply(probe, 1, b"HI!")
        expect_end(probe)
        probe.close()


@requires("HJP-LIF-8", "HJP-LIF-9")
def test_lif_incomplete_hello(probe: Probe) -> None:
    """The end of the input inside a hello: nothing but the end of the stream."""
    probe.send(request(1, "hello")[:-2])
    probe.half_close()
    expect_end(probe)


@requires("HJP-LIF-9", "HJP-FRM-18")
@rows(
    "stimulus",
    {
        "magic": (b"HTTP", "bad_magic"),
        "version": (b"HJP\xff", None),
        "reserved": (frame("{}", reserved=b"\1\0\0")[:8], "bad_frame"),
        "json-length": (frame("{}", json_length=0)[:12], "bad_frame"),
        "json": (frame('{"id":1,}', json_length=100), "bad_json"),
    },
)
def test_lif_incomplete_and_wrong(
    probe: Probe, stimulus: tuple[bytes, str | None]
) -> None:
    """The end of the input before an error is due: nothing, or that error."""
    octets, code = stimulus
    probe.send(octets)
    probe.half_close()
    expect(probe, Ended(), *([Fatal(code)] if code else []))


@requires("HJP-LIF-7")
def test_lif_end_apart(connect: Connect) -> None:
    """A request, and only later the end of the input: the reply, then the end."""
    probe, other = connect(), connect()
    send_apart(probe, other, [ping(1)], 1)
    probe.half_close()
    expect(probe, Ok(1))
    expect_end(probe)


@requires("HJP-LIF-11", "HJP-LIF-12", "HJP-LIF-13")
def test_lif_told_to_stop(doomed: Connect, doomed_process: Process) -> None:
    """A server that gets SIGTERM ends each connection with going_away and last_id."""
    probe, other = doomed(), doomed()
    expect_alive(probe, 7)
    expect_alive(other, 1)
    expect_alive(other, 1000)
    unused = doomed()
    expect_alive(other, 1001)
    doomed_process.terminate()
    for ended, last_id in ((probe, 7), (other, 1001), (unused, 0)):
        _expect_going_away(ended, last_id)


@requires("HJP-LIF-13", "HJP-LIF-11")
def test_lif_last_id_of_errors(doomed: Connect, doomed_process: Process) -> None:
    """A request that was answered with an error counts for last_id like any other."""
    probe, other = doomed(), doomed()
    expect_alive(probe, 1)
    probe.send(request(5, "no-such-op") + ping(9, timeout_ms=0))
    expect_error(probe, 5, "unknown_op")
    expect_error(probe, 9, "bad_request")
    expect_alive(other, 1)
    doomed_process.terminate()
    _expect_going_away(probe, 9)


def _expect_going_away(probe: Probe, last_id: int) -> None:
    probe.asked(f"going_away with last_id {last_id}, then the end of the stream")
    found = probe.next()
    if not last_id and not isinstance(found, Reply):
        return  # nothing was answered on it: it may not have been accepted yet
    if not isinstance(found, Reply) or found.error.get("code") != "going_away":
        raise Violation(str(found), "HJP-LIF-11")
    if found.error["last_id"] != last_id:
        told = f"last_id {found.error['last_id']}, but {last_id} was the last answered"
        raise Violation(told, "HJP-LIF-13")
    expect_end(probe)
