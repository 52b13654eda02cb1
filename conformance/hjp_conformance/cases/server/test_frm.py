"""The chapter *Frame*: where a frame begins and ends, and what its header may say."""

from hjp_conformance.authoring import requires, rows
from hjp_conformance.expect import (
    Echo,
    Ended,
    Fatal,
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
from hjp_conformance.probe import Probe
from hjp_conformance.stimuli import (
    ALL_OCTETS,
    frame,
    padded,
    pieces,
    ping,
    pings,
    request,
    splits,
)
from hjp_spec.registry import MAGIC

PING = '{"id":1,"op":"ping"}'
HEADER = 16
LARGE = {"one-too-many": 65_537, "sign-bit": 2**31, "all-ones": 2**32 - 1}

WRONG_MAGICS = {
    "first-octet": b"IJP\xff",
    "second-octet": b"HKP\xff",
    "third-octet": b"HJQ\xff",
    "last-octet": b"HJP\xfe",
    "without-its-high-bit": b"HJP\x7f",
    "reversed": b"\xffPJH",
    "lower-case": b"hjp\xff",
}


@requires("HJP-FRM-2")
@rows("magic", WRONG_MAGICS)
def test_frm_magic_wrong(probe: Probe, magic: bytes) -> None:
    """A frame with a wrong magic is refused with bad_magic."""
    probe.send(frame(PING, magic=magic))
    expect_fatal(probe, "bad_magic")


@requires("HJP-FRM-2", "HJP-FRM-5")
def test_frm_magic_wrong_in_five_octets(probe: Probe) -> None:
    """Five octets that begin no frame are refused with bad_magic, without a sixth."""
    probe.send(b"\0\0\0\0\0")
    expect_fatal(probe, "bad_magic")


@requires("HJP-FRM-2", "HJP-FRM-5")
def test_frm_magic_wrong_apart(connect: Connect) -> None:
    """Five octets that begin no frame, one by one, are refused with bad_magic."""
    probe, other = connect(), connect()
    send_apart(probe, other, pieces(b"HJP\0\1", range(1, 5)), 1)
    expect_fatal(probe, "bad_magic")


@requires("HJP-FRM-2")
def test_frm_magic_wrong_in_second_frame(probe: Probe) -> None:
    """A wrong magic after a good frame: the reply, then bad_magic."""
    probe.send(ping(1) + frame('{"id":2,"op":"ping"}', magic=b"HJP\0"))
    expect_reply(probe, 1)
    expect_fatal(probe, "bad_magic")


@requires("HJP-FRM-18", "HJP-LIF-9")
def test_frm_magic_wrong_cut_off(probe: Probe) -> None:
    """Four wrong octets, then the end: bad_magic or nothing, no other error."""
    probe.send(b"GET ")
    probe.half_close()
    expect(probe, Fatal("bad_magic"), Ended())


@requires("HJP-FRM-3", "HJP-FRM-2")
@rows(
    "garbage",
    {
        "one-octet": b"\0",
        "line-feed": b"\n",
        "half-a-magic": b"HJ",
        "a-line": b"hello\r\n",
        "a-whole-frame-with-a-wrong-magic": frame(PING, magic=b"HJP\0"),
    },
)
def test_frm_magic_later(probe: Probe, garbage: bytes) -> None:
    """Octets before a good frame: bad_magic, and the good frame is not looked for."""
    probe.send(garbage + ping(1))
    expect_fatal(probe, "bad_magic")


@requires("HJP-FRM-15", "HJP-FRM-3")
@rows(
    "octets",
    {
        "line-feed": b"\n",
        "crlf": b"\r\n",
        "nul": b"\0",
        "zeros": bytes(8),
        "space": b" ",
    },
)
def test_frm_octets_between_frames(probe: Probe, octets: bytes) -> None:
    """Octets between two frames: the reply to the first, then bad_magic."""
    probe.send(ping(1) + octets + ping(2))
    expect_reply(probe, 1)
    expect_fatal(probe, "bad_magic")


@requires("HJP-FRM-4", "HJP-FRM-6", "HJP-FRM-1")
@rows("version", {"zero": 0, "two": 2, "all-ones": 255, "bit-seven": 129})
def test_frm_version_wrong(probe: Probe, version: int) -> None:
    """A frame of another version is refused with bad_version, versions listing 1."""
    probe.send(frame(PING, version=version))
    expect_fatal(probe, "bad_version")


@requires("HJP-FRM-5", "HJP-FRM-4", "HJP-FRM-6")
def test_frm_version_wrong_in_five_octets(probe: Probe) -> None:
    """Magic and version 2 and nothing more are refused with bad_version."""
    probe.send(MAGIC + b"\x02")
    expect_fatal(probe, "bad_version")


@requires("HJP-FRM-5", "HJP-FRM-4")
def test_frm_version_wrong_in_second_frame(probe: Probe) -> None:
    """A good frame, then five octets of version 2: the reply, then bad_version."""
    probe.send(ping(1) + MAGIC + b"\x02")
    expect_reply(probe, 1)
    expect_fatal(probe, "bad_version")


@requires("HJP-FRM-7")
@rows(
    "reserved",
    {
        "first-octet": b"\1\0\0",
        "second-octet": b"\0\1\0",
        "third-octet": b"\0\0\1",
        "high-bit": b"\0\0\x80",
        "all-ones": b"\xff\xff\xff",
    },
)
def test_frm_reserved(probe: Probe, reserved: bytes) -> None:
    """A frame with a reserved octet that is not 0 is refused with bad_frame."""
    probe.send(frame(PING, reserved=reserved))
    expect_fatal(probe, "bad_frame")


@requires("HJP-FRM-7", "HJP-FRM-11")
def test_frm_reserved_in_header_alone(probe: Probe) -> None:
    """A header with a reserved octet, and nothing more, is refused with bad_frame."""
    probe.send(frame(PING, reserved=b"\0\1\0")[:HEADER])
    expect_fatal(probe, "bad_frame")


@requires("HJP-FRM-8", "HJP-FRM-11")
@rows("length", {"zero": 0, "one": 1})
def test_frm_json_length_too_small(probe: Probe, length: int) -> None:
    """A header with a json_length of 0 or 1 is refused with bad_frame."""
    probe.send(frame(b"", json_length=length))
    expect_fatal(probe, "bad_frame")


@requires("HJP-FRM-8")
def test_frm_json_length_zero_with_payload(probe: Probe) -> None:
    """A frame of payload only is refused with bad_frame."""
    probe.send(frame(b"", b"hello"))
    expect_fatal(probe, "bad_frame")


@requires("HJP-FRM-9", "HJP-FRM-11", "HJP-ERR-8")
@rows("length", {**LARGE, "big-endian": 20 << 24, "big-endian-short": 20 << 16})
def test_frm_json_length_too_large(probe: Probe, length: int) -> None:
    """A header with a json_length over 65 536 is refused with too_large."""
    probe.send(frame(b"", json_length=length))
    expect_fatal(probe, "too_large", "max_json")


@requires("HJP-FRM-10", "HJP-FRM-11", "HJP-ERR-8")
@rows("length", {**LARGE, "wraps-to-zero": 2**32 - 36, "big-endian": 1 << 24})
def test_frm_payload_length_too_large(probe: Probe, length: int) -> None:
    """A header with a payload_length over 65 536 is refused with too_large."""
    probe.send(frame(PING, payload_length=length)[:HEADER])
    expect_fatal(probe, "too_large", "max_payload")


@requires("HJP-FRM-9", "HJP-FRM-10")
@rows("length", {"sign-bits": 2**31, "all-ones": 2**32 - 1})
def test_frm_lengths_whose_sum_overflows(probe: Probe, length: int) -> None:
    """Two lengths whose sum does not fit: too_large for max_json, the first fault."""
    probe.send(frame(b"", json_length=length, payload_length=length))
    expect_fatal(probe, "too_large", "max_json")


@requires("HJP-FRM-9", "HJP-FRM-15")
def test_frm_json_length_too_large_in_second_frame(probe: Probe) -> None:
    """A json_length of 65 537 after a good frame: the reply, then too_large."""
    probe.send(ping(1) + frame(b"", json_length=65_537))
    expect_reply(probe, 1)
    expect_fatal(probe, "too_large", "max_json")


@requires("HJP-FRM-12", "HJP-MSG-2")
def test_frm_json_length_two(probe: Probe) -> None:
    """The JSON text {} is acceptable as such: what is missing is the id."""
    probe.send(frame("{}"))
    expect_fatal(probe, "bad_id")


@requires("HJP-FRM-12")
@rows("length", {"255": 255, "256": 256, "257": 257, "4096": 4096, "32768": 32_768})
def test_frm_json_length(probe: Probe, length: int) -> None:
    """A ping whose JSON text has this many octets is answered."""
    probe.send(frame(padded(PING, length)))
    expect_reply(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-FRM-12")
def test_frm_json_length_every_short_one(probe: Probe) -> None:
    """Pings of every json_length from 24 to 300 are answered, in order."""
    for id_ in range(1, 278):
        probe.send(frame(padded(f'{{"id":{id_},"op":"ping"}}', 23 + id_)))
    expect_replies(probe, 1, 277)


@requires("HJP-FRM-12")
@rows("length", {"65535": 65_535, "65536": 65_536})
def test_frm_json_length_greatest(probe: Probe, length: int) -> None:
    """A ping with the longest JSON text is answered, and so is the next one."""
    probe.send(frame(padded(PING, length)))
    expect_reply(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-FRM-13", "HJP-COR-10")
@rows(
    "length",
    {"0": 0, "1": 1, "255": 255, "256": 256, "257": 257, "65535": 65_535},
)
def test_frm_payload_length(probe: Probe, length: int) -> None:
    """An echo of this many octets of payload comes back whole."""
    payload = (ALL_OCTETS * 256)[:length]
    probe.send(request(1, "echo", payload))
    expect(probe, Echo(1, payload))
    expect_alive(probe, 2)


@requires("HJP-FRM-12", "HJP-FRM-13")
def test_frm_largest_frame(probe: Probe) -> None:
    """A frame of 16 + 65 536 + 65 536 octets is accepted."""
    payload = ALL_OCTETS * 256
    probe.send(frame(padded('{"id":1,"op":"echo"}', 65_536), payload))
    expect(probe, Echo(1, payload))
    expect_alive(probe, 2)


@requires("HJP-FRM-14")
def test_frm_every_split(connect: Connect) -> None:
    """Two frames cut in two at every place get the same two replies."""
    octets = request(1, "upper", b"hi!") + ping(2)
    other, id_ = connect(), 1
    for halves in splits(octets):
        probe = connect()
        id_ = send_apart(probe, other, halves, id_)
        expect_reply(probe, 1, b"HI!")
        expect_reply(probe, 2)
        probe.close()


@requires("HJP-FRM-14")
def test_frm_split_inside_characters(connect: Connect) -> None:
    """A JSON text cut inside characters and escapes is read as a whole."""
    value = '"é€\U0001f600\\u00e9\\ud83d\\ude00"'
    octets = frame(f'{{"id":1,"op":"echo","data":{value}}}')
    probe, other = connect(), connect()
    send_apart(probe, other, pieces(octets, range(1, len(octets))), 1)
    expect(probe, Echo(1, b"", value))


@requires("HJP-FRM-14")
def test_frm_octet_by_octet(connect: Connect) -> None:
    """Two frames sent one octet at a time get their replies."""
    probe, other = connect(), connect()
    octets = request(1, "upper", b"hi!") + ping(2)
    send_apart(probe, other, pieces(octets, range(1, len(octets))), 1)
    expect_reply(probe, 1, b"HI!")
    expect_reply(probe, 2)


@requires("HJP-FRM-14")
@rows("size", {"7": 7, "1000": 1000, "4096": 4096, "65536": 65_536})
def test_frm_pieces(connect: Connect, size: int) -> None:
    """Large frames cut into pieces of one size, whatever lies in them, are read."""
    probe, other = connect(), connect()
    payload = ALL_OCTETS * (4 if size < 1000 else 200)
    octets = request(1, "echo", payload) + request(2, "echo", payload)
    send_apart(probe, other, pieces(octets, range(size, len(octets), size)), 1)
    expect(probe, Echo(1, payload))
    expect(probe, Echo(2, payload))


@requires("HJP-FRM-14", "HJP-FRM-15")
def test_frm_coalesced(probe: Probe) -> None:
    """Two hundred frames in one write are all answered."""
    probe.send(pings(1, 200))
    expect_replies(probe, 1, 200)


@requires("HJP-FRM-15")
def test_frm_coalesced_with_payloads(probe: Probe) -> None:
    """Frames with payloads of many sizes in one write do not run into each other."""
    payloads = [ALL_OCTETS[:size] for size in (3, 0, 255, 1, 16, 0, 128, 17)]
    probe.send(
        b"".join(request(id_, "echo", data) for id_, data in enumerate(payloads, 1))
    )
    for id_, payload in enumerate(payloads, 1):
        expect(probe, Echo(id_, payload))


@requires("HJP-FRM-16")
@rows(
    "payload",
    {
        "every-octet": ALL_OCTETS,
        "a-magic": MAGIC,
        "a-whole-request": ping(2),
        "a-fault": frame("{]"),
        "zeros": bytes(100),
        "line-ends": b"\r\n\r\n\n\r\0\x1a\x04",
    },
)
def test_frm_payload_octets(probe: Probe, payload: bytes) -> None:
    """A payload may hold anything: it is echoed and otherwise without effect."""
    probe.send(request(1, "echo", payload))
    expect(probe, Echo(1, payload))
    expect_alive(probe, 2)


@requires("HJP-FRM-16", "HJP-FRM-15")
def test_frm_payload_of_ignored_request(probe: Probe) -> None:
    """A whole request in the payload of an error is not taken for a request."""
    probe.send(request(1, "no-such-op", ping(2)))
    expect_error(probe, 1, "unknown_op")
    expect_alive(probe, 2)


@requires("HJP-FRM-17")
def test_frm_answered_at_last_octet(probe: Probe) -> None:
    """A request is answered though no octet follows it, payload or not."""
    probe.send(ping(1))
    expect_reply(probe, 1)
    probe.send(request(2, "upper", b"a"))
    expect_reply(probe, 2, b"A")


@requires("HJP-FRM-17")
def test_frm_answered_before_rest_of_next(probe: Probe) -> None:
    """A request is answered while the next frame is still cut off in its header."""
    second = ping(2)
    probe.send(ping(1) + second[:7])
    expect_reply(probe, 1)
    probe.send(second[7:])
    expect_reply(probe, 2)


@requires("HJP-FRM-11", "HJP-FRM-14")
def test_frm_header_alone_is_no_fault(connect: Connect) -> None:
    """A good header waits for its JSON text, and that for its payload."""
    probe, other = connect(), connect()
    octets = request(1, "upper", b"hi!")
    cuts = (HEADER, len(octets) - 3)
    send_apart(probe, other, pieces(octets, cuts), 1)
    expect_reply(probe, 1, b"HI!")


@requires("HJP-FRM-1", "HJP-FRM-19", "HJP-MET-1", "HJP-MET-17")
def test_frm_every_reply_is_a_frame(probe: Probe) -> None:
    """Replies to every operation, errors included, are frames that may be sent."""
    text = '"é\\u0000\U0001f600"'
    probe.send(
        request(1, "hello"),
        ping(2),
        frame(f'{{"id":3,"op":"echo","data":{text}}}', ALL_OCTETS),
        request(4, "upper", ALL_OCTETS),
        request(9_007_199_254_740_990, "no\U0001f600op"),
        frame("{]"),
    )
    expect_hello(probe, 1)
    expect_reply(probe, 2)
    expect(probe, Echo(3, ALL_OCTETS, text))
    expect_reply(probe, 4, ALL_OCTETS.upper())
    expect_error(probe, 9_007_199_254_740_990, "unknown_op")
    expect_fatal(probe, "bad_json")


@requires("HJP-FRM-17", "HJP-LIF-7")
def test_frm_last_frame_before_the_end(probe: Probe) -> None:
    """A request right before the end of the input is answered."""
    probe.send(request(1, "upper", b"x"))
    probe.half_close()
    expect_reply(probe, 1, b"X")
    expect_end(probe)


TLS_CLIENT_HELLO = bytes.fromhex(
    "16030100c8010000c40303b6a1e4e0d8c0f5f0a0d1c2b3a4958677685948392a1b0c0d0e0f1011"
)


@requires("HJP-FRM-2", "HJP-ERR-13")
@rows(
    "octets",
    {
        "http-get": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "http-post": b"POST / HTTP/1.1\r\nContent-Length: 9999\r\n\r\n" + ping(1),
        "http-2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "tls": TLS_CLIENT_HELLO,
        "ssh": b"SSH-2.0-OpenSSH_9.6\r\n",
        "proxy-protocol": b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n" + ping(1),
        "hjp-0": b"\x15\x00\x00\x00" + b'{"op":"ping"}        ',
        "random": bytes(pow(3, power, 65_537) % 256 for power in range(5000)),
    },
)
def test_frm_stranger(connect: Connect, octets: bytes) -> None:
    """What other protocols say first is refused with bad_magic; others are served."""
    probe = connect()
    probe.send(octets)
    expect_fatal(probe, "bad_magic")
    expect_alive(connect(), 1)
