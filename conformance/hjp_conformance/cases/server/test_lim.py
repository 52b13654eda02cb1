"""The chapter *Limits*: sizes, as the text gives them and as hello states them."""

import pytest

from hjp_conformance.authoring import requires, rows
from hjp_conformance.expect import (
    Echo,
    Failed,
    expect,
    expect_alive,
    expect_error,
    expect_fatal,
    expect_hello,
    expect_reply,
)
from hjp_conformance.fixtures.server import Hurried
from hjp_conformance.preflight import Facts
from hjp_conformance.probe import End, Probe
from hjp_conformance.stimuli import frame, padded, ping, request
from hjp_conformance.verdicts import Inconclusive

HEADER = 16
DEFAULT = 65_536
AT_MOST = 8 * 2**20
"""Octets of payload that a case sends; what a server states may be more."""

SMALL_BUFFER = 65_536


def hello(max_payload: int | None = None) -> bytes:
    """A hello that states the client's max_payload, or nothing."""
    members = {} if max_payload is None else {"limits": {"max_payload": max_payload}}
    return request(1, "hello", **members)


def header_of(payload_length: int) -> bytes:
    """The header of a ping with such a payload."""
    return frame('{"id":2,"op":"ping"}', payload_length=payload_length)[:HEADER]


def needs_more_than_default(facts: Facts) -> None:
    """Skip what cannot happen where no request has a payload over 65 536."""
    if facts.max_payload <= DEFAULT + 1:
        pytest.skip("the target states a max_payload of 65 536")


@requires("HJP-LIM-2")
def test_lim_payload_without_hello(probe: Probe) -> None:
    """A payload of 65 536 is accepted on a connection without hello."""
    probe.send(request(1, "upper", b"a" * DEFAULT))
    expect_reply(probe, 1, b"A" * DEFAULT)
    expect_alive(probe, 2)


@requires("HJP-LIM-2")
def test_lim_payload_without_hello_one_more(probe: Probe) -> None:
    """A whole frame with a payload of 65 537 is refused without hello."""
    probe.send(request(1, "ping", bytes(DEFAULT + 1)))
    expect_fatal(probe, "too_large", "max_payload")


@requires("HJP-LIM-2")
def test_lim_payload_of_a_later_frame_without_hello(probe: Probe) -> None:
    """A payload of 65 537 is refused without hello after good frames, too."""
    probe.send(ping(1) + header_of(DEFAULT + 1))
    expect_reply(probe, 1)
    expect_fatal(probe, "too_large", "max_payload")


@requires("HJP-LIM-2")
def test_lim_payload_of_hello(probe: Probe) -> None:
    """A hello with a payload of 65 536 is accepted."""
    probe.send(request(1, "hello", bytes(DEFAULT)))
    expect_hello(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-LIM-2")
def test_lim_payload_of_hello_one_more(probe: Probe) -> None:
    """A hello with a payload of 65 537 is refused, whatever it would state."""
    stated = {"max_payload": 2**32 - 1}
    probe.send(request(1, "hello", bytes(DEFAULT + 1), limits=stated))
    expect_fatal(probe, "too_large", "max_payload")


@requires("HJP-LIM-5", "HJP-COR-3")
@rows("stated", {"nothing": None, "65536": DEFAULT, "greatest": 2**32 - 1})
def test_lim_stated(probe: Probe, stated: int | None) -> None:
    """The reply to hello states a max_payload from 65 536 to 4 294 967 295."""
    probe.send(hello(stated))
    expect_hello(probe, 1)


@requires("HJP-LIM-3")
def test_lim_payload_as_stated(probe: Probe) -> None:
    """A payload of as many octets as the server stated is accepted."""
    probe.send(hello())
    stated = expect_hello(probe, 1)["limits"]["max_payload"]
    probe.send(request(2, "ping", bytes(min(stated, AT_MOST))))
    expect_reply(probe, 2)
    expect_alive(probe, 3)


@requires("HJP-LIM-3")
@rows("client", {"nothing": None, "65536": DEFAULT, "greatest": 2**32 - 1})
def test_lim_payload_as_stated_one_more(probe: Probe, client: int | None) -> None:
    """One octet more than the server stated is refused, whatever the client stated."""
    probe.send(hello(client))
    stated = expect_hello(probe, 1)["limits"]["max_payload"]
    if stated == 2**32 - 1:
        pytest.skip("the target states the greatest max_payload that there is")
    probe.send(header_of(stated + 1))
    expect_fatal(probe, "too_large", "max_payload")


@requires("HJP-LIM-3")
def test_lim_payload_as_stated_at_once(probe: Probe, facts: Facts) -> None:
    """The stated max_payload holds for a frame right behind hello, in one write."""
    size = min(facts.max_payload, AT_MOST)
    probe.send(hello() + request(2, "ping", bytes(size)) + ping(3))
    expect_hello(probe, 1)
    expect_reply(probe, 2)
    expect_reply(probe, 3)


@requires("HJP-LIM-4", "HJP-LIM-6")
@rows("stated", {"nothing": None, "65536": DEFAULT})
def test_lim_reply_beyond_client(
    probe: Probe, facts: Facts, stated: int | None
) -> None:
    """A reply with 65 537 octets, for a client that takes 65 536: too_large."""
    needs_more_than_default(facts)
    probe.send(hello(stated))
    expect_hello(probe, 1)
    probe.send(request(2, "echo", bytes(DEFAULT + 1)))
    expect_error(probe, 2, "too_large", "max_payload")
    expect_alive(probe, 3)


@requires("HJP-LIM-4", "HJP-LIM-6")
def test_lim_reply_as_client_stated(probe: Probe, facts: Facts) -> None:
    """A client that takes 65 537 octets gets 65 537, and not 65 538."""
    needs_more_than_default(facts)
    probe.max_payload = DEFAULT + 1
    probe.send(hello(DEFAULT + 1) + request(2, "echo", bytes(DEFAULT + 1)))
    expect_hello(probe, 1)
    expect(probe, Echo(2, bytes(DEFAULT + 1)))
    probe.send(request(3, "upper", bytes(DEFAULT + 2)))
    expect_error(probe, 3, "too_large", "max_payload")
    expect_alive(probe, 4)


@requires("HJP-LIM-6", "HJP-COR-11")
@rows(
    "value",
    {
        "numbers": "[" + ",".join(["1e300"] * 10_900) + "]",
        "long-integers": "[" + ",".join(["9e20"] * 13_000) + "]",
        "astral": '"' + "\U0001f600" * 16_000 + '"',
        "slashes": '"' + "/" * 65_000 + '"',
        "string": '"' + "\u20acx" * 10_000 + '"',
        "integers": "[" + ",".join(str(number) for number in range(8000)) + "]",
    },
)
def test_lim_reply_may_exceed_max_json(probe: Probe, value: str) -> None:
    """A data that some would write longer: equal data, or too_large, not fatal."""
    probe.send(frame(f'{{"id":1,"op":"echo","data":{value}}}'))
    expect(probe, Echo(1, b"", value), Failed(1, "too_large", "max_json"))
    expect_alive(probe, 2)


@requires("HJP-LIM-6", "HJP-COR-11")
def test_lim_short_data_in_long_text(probe: Probe) -> None:
    """An echo whose JSON text has 65 536 octets, white space nearly all: equal data."""
    probe.send(frame(padded('{"id":1,"op":"echo","data":[1,"a"]}', DEFAULT)))
    expect(probe, Echo(1, b"", '[1,"a"]'))
    expect_alive(probe, 2)


@requires("HJP-LIM-6", "HJP-COR-11")
def test_lim_longest_data(probe: Probe) -> None:
    """An echo whose JSON text has 65 536 octets: equal data, or too_large."""
    value = '"' + "x" * (DEFAULT - len('{"id":1,"op":"echo","data":""}')) + '"'
    probe.send(frame(f'{{"id":1,"op":"echo","data":{value}}}'))
    expect(probe, Echo(1, b"", value), Failed(1, "too_large", "max_json"))
    expect_alive(probe, 2)


@requires("HJP-LIM-7")
def test_lim_first_frame_ms(hurried: Hurried) -> None:
    """Connections whose first frame does not come whole are refused with timeout."""
    probes = [hurried.connect() for _ in range(3)]
    for probe, octets in zip(probes, (b"", ping(1)[:8], ping(1)[:-1]), strict=True):
        probe.send(octets)
    for probe in probes:
        expect_fatal(probe, "timeout")


@requires("HJP-LIM-7")
def test_lim_frame_ms(hurried: Hurried) -> None:
    """A connection on which a later frame stays incomplete is refused with timeout."""
    probe = hurried.connect()
    probe.send(ping(1) + ping(2)[:-1])
    expect_reply(probe, 1)
    expect_fatal(probe, "timeout")


@requires("HJP-LIM-7")
def test_lim_payload_ms(hurried: Hurried) -> None:
    """A connection on which a payload does not come is refused with timeout."""
    probe = hurried.connect()
    probe.send(request(1, "upper", b"half of it")[:-5])
    expect_fatal(probe, "timeout")


@requires("HJP-LIM-8")
def test_lim_idle_ms(hurried: Hurried) -> None:
    """An idle connection is ended with going_away."""
    probe = hurried.connect()
    expect_alive(probe, 1)
    expect_fatal(probe, "going_away")


QUIET = 0.1
"""Seconds in which a server that reads takes something."""
COUNT = 200
"""Echoes of 64 KiB: more than sockets buffer."""


def blocked(probe: Probe, quiet: float) -> bytes:
    """Send echoes until the server stops reading; returns the octets not sent."""
    payload = bytes(DEFAULT)
    echoes = (request(id_, "echo", payload) for id_ in range(1, COUNT + 1))
    return probe.send_until_blocked(b"".join(echoes), quiet)


@requires("HJP-LIM-9")
def test_lim_write_ms(hurried_writer: Hurried) -> None:
    """A connection whose client reads nothing is aborted."""
    probe = hurried_writer.connect(receive_buffer=SMALL_BUFFER)
    write_ms = hurried_writer.times["write_ms"]
    blocked(probe, QUIET)
    probe.wait_for_break(3 * write_ms)
    probe.asked("fewer replies than requests")
    replies = 0
    while not isinstance(probe.next(), End):
        replies += 1
    if replies == COUNT or probe.prompted:
        raise Inconclusive("the connection went on after three times write_ms")


@requires("HJP-LIM-10")
def test_lim_clocks_stand_while_blocked(hurried: Hurried) -> None:
    """A server that waits for its reader does not blame it for octets it left unread."""
    probe = hurried.connect(receive_buffer=SMALL_BUFFER)
    rest = blocked(probe, QUIET)
    probe.wait_for_break(1.5 * hurried.times["frame_ms"])
    probe.send(rest)
    for id_ in range(1, COUNT + 1):
        expect(probe, Echo(id_, bytes(DEFAULT)))
