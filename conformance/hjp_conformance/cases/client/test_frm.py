"""The chapter *Frame*, as a client keeps it: what it sends, what it takes."""

from hjp_conformance.authoring import requires, rows
from hjp_conformance.client_process import ok_line
from hjp_conformance.outcomes import Start, expect, expect_any, replied
from hjp_conformance.stimuli import ALL_OCTETS, frame, ok, padded, pieces
from hjp_spec.registry import MAGIC

HEADER = 16
DEFAULT = 65_536
LARGE = {"one-too-many": 65_537, "sign-bit": 2**31, "all-ones": 2**32 - 1}


def pong(id_: int) -> str:
    """The JSON text of a reply."""
    return f'{{"id":{id_},"ok":true}}'


@requires("HJP-FRM-1", "HJP-FRM-19", "HJP-MET-1", "HJP-MET-17")
def test_frm_written(start: Start) -> None:
    """Every kind of request is written as a frame that any server accepts."""
    visit = start("hello", "ping", ("echo", b"e"), ("upper", b"u"), ("echo", b""))
    peer = visit.peer
    hello = peer.request("hello")
    peer.send(frame({"id": hello.id, "ok": True, "features": [],
                     "limits": {"max_payload": DEFAULT}, "server": "s"}))  # fmt: skip
    for op, payload in (("ping", b""), ("echo", b"e"), ("upper", b"U"), ("echo", b"")):
        peer.send(ok(peer.request(op).id, payload))
    expect(visit, "ok", "ok", "ok 65", "ok 55", "ok")


@requires("HJP-FRM-1", "HJP-FRM-19")
@rows("size", {"none": 0, "one": 1, "255": 255, "256": 256, "64-kib": DEFAULT})
def test_frm_payload_written(start: Start, size: int) -> None:
    """A payload of this size is sent whole, octet for octet."""
    octets = (ALL_OCTETS * 256)[:size]
    visit = start(("upper", octets))
    request = visit.peer.request("upper")
    visit.peer.check(request.payload == octets, "the payload is another")
    visit.peer.send(ok(request.id, b"x"))
    expect(visit, "ok 78")


@requires("HJP-FRM-2")
@rows(
    "magic",
    {
        "first-octet": b"IJP\xff",
        "second-octet": b"HKP\xff",
        "third-octet": b"HJQ\xff",
        "last-octet": b"HJP\xfe",
        "without-its-high-bit": b"HJP\x7f",
        "reversed": b"\xffPJH",
        "lower-case": b"hjp\xff",
    },
)
def test_frm_magic_wrong(start: Start, magic: bytes) -> None:
    """A frame with a wrong magic is refused with bad_magic."""
    visit = replied(start, lambda id_: frame(pong(id_), magic=magic))
    expect(visit, "refused bad_magic")


@requires("HJP-FRM-2", "HJP-FRM-5")
@rows(
    "octets",
    {"zeros": bytes(5), "last-octet": b"HJP\0\1", "http": b"HTTP/", "ssh": b"SSH-2"},
)
def test_frm_magic_wrong_in_five_octets(start: Start, octets: bytes) -> None:
    """Five octets that begin no frame are refused with bad_magic, without a sixth."""
    expect(replied(start, lambda _: octets), "refused bad_magic")


@requires("HJP-FRM-2")
def test_frm_magic_wrong_in_second_frame(start: Start) -> None:
    """A wrong magic after a good frame: the reply counts, then bad_magic."""
    visit = replied(start, lambda id_: ok(id_) + frame("{}", magic=b"HJP\0"), "ping")
    expect(visit, "ok", "refused bad_magic")


@requires("HJP-FRM-18", "HJP-LIF-10")
def test_frm_magic_wrong_cut_off(start: Start) -> None:
    """Four wrong octets, then the end: bad_magic or a lost connection."""
    visit = replied(start, lambda _: b"HTTP")
    visit.peer.half_close()
    expect_any(visit, ["refused bad_magic"], ["lost"])


@requires("HJP-FRM-3", "HJP-FRM-2")
@rows(
    "garbage",
    {
        "one-octet": b"\0",
        "line-feed": b"\n",
        "half-a-magic": b"HJ",
        "a-line": b"hello\r\n",
        "a-whole-frame-with-a-wrong-magic": frame(pong(1), magic=b"HJP\0"),
    },
)
def test_frm_magic_later(start: Start, garbage: bytes) -> None:
    """Octets before a good frame: bad_magic, and the good frame is not looked for."""
    expect(replied(start, lambda id_: garbage + ok(id_)), "refused bad_magic")


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
def test_frm_octets_between_frames(start: Start, octets: bytes) -> None:
    """Octets between two frames: the first counts, then bad_magic."""
    visit = start(("ahead", 2, "ping"))
    first, second = visit.peer.request("ping"), visit.peer.request("ping")
    visit.peer.send(ok(first.id) + octets + ok(second.id))
    expect(visit, "ok", "refused bad_magic")


@requires("HJP-FRM-4")
@rows("version", {"zero": 0, "two": 2, "all-ones": 255, "bit-seven": 129})
def test_frm_version_wrong(start: Start, version: int) -> None:
    """A frame of another version is refused with bad_version."""
    visit = replied(start, lambda id_: frame(pong(id_), version=version))
    expect(visit, "refused bad_version")


@requires("HJP-FRM-5", "HJP-FRM-4")
def test_frm_version_wrong_in_five_octets(start: Start) -> None:
    """Magic and version 2 and nothing more are refused with bad_version."""
    expect(replied(start, lambda _: MAGIC + b"\x02"), "refused bad_version")


@requires("HJP-FRM-5", "HJP-FRM-4")
def test_frm_version_wrong_in_second_frame(start: Start) -> None:
    """A good frame, then five octets of version 2: bad_version after the reply."""
    visit = replied(start, lambda id_: ok(id_) + MAGIC + b"\x02", "ping")
    expect(visit, "ok", "refused bad_version")


@requires("HJP-FRM-7")
@rows(
    "reserved",
    {
        "first-octet": b"\1\0\0",
        "second-octet": b"\0\1\0",
        "third-octet": b"\0\0\1",
        "high-bit": b"\0\0\x80",
        "all-ones": b"\xff\xff\xff",
        "sum-of-256": b"\x80\x80\0",
        "sum-of-256-apart": b"\xff\0\1",
    },
)
def test_frm_reserved(start: Start, reserved: bytes) -> None:
    """A reserved octet other than 0 is refused with bad_frame."""
    visit = replied(start, lambda id_: frame(pong(id_), reserved=reserved))
    expect(visit, "refused bad_frame")


@requires("HJP-FRM-8", "HJP-FRM-11")
@rows("length", {"zero": 0, "one": 1})
def test_frm_json_too_short(start: Start, length: int) -> None:
    """A header whose json_length is less than 2 is refused, without a 17th octet."""
    visit = replied(start, lambda _: frame("", json_length=length))
    expect(visit, "refused bad_frame")


@requires("HJP-FRM-9", "HJP-FRM-11")
@rows("length", LARGE)
def test_frm_json_too_long(start: Start, length: int) -> None:
    """A header whose json_length is over 65 536 is refused, without a 17th octet."""
    visit = replied(start, lambda _: frame("", json_length=length))
    expect(visit, "refused too_large")


@requires("HJP-FRM-10", "HJP-FRM-11")
@rows("length", LARGE)
def test_frm_payload_too_long(start: Start, length: int) -> None:
    """A header whose payload_length is over 65 536 is refused, without a 17th octet."""
    visit = replied(start, lambda _: frame("", json_length=20, payload_length=length))
    expect(visit, "refused too_large")


@requires("HJP-FRM-10", "HJP-FRM-11")
def test_frm_lengths_whose_sum_wraps(start: Start) -> None:
    """Lengths that together wrap at 2^32 are compared before they are added."""
    visit = replied(
        start, lambda id_: frame(pong(id_), payload_length=2**32 - HEADER - 21)
    )
    expect(visit, "refused too_large")


@requires("HJP-FRM-7", "HJP-FRM-11")
def test_frm_reserved_in_sixteen_octets(start: Start) -> None:
    """A header with a wrong reserved octet is refused, without a 17th octet."""
    header = frame("", json_length=20, reserved=b"\0\0\1")
    expect(replied(start, lambda _: header), "refused bad_frame")


@requires("HJP-FRM-12", "HJP-MET-5")
@rows("length", {"255": 255, "256": 256, "65535": 65_535, "65536": 65_536})
def test_frm_json_length(start: Start, length: int) -> None:
    """A reply whose JSON text has this length is accepted."""
    expect(replied(start, lambda id_: frame(padded(pong(id_), length))), "ok")


@requires("HJP-FRM-12", "HJP-MSG-25", "HJP-MSG-26")
def test_frm_json_length_two(start: Start) -> None:
    """The shortest JSON text is a frame without members: bad_id."""
    expect(replied(start, lambda _: frame("{}")), "refused bad_id")


@requires("HJP-FRM-13")
@rows(
    "length",
    {"0": 0, "1": 1, "255": 255, "256": 256, "257": 257, "65535": 65_535, "65536": DEFAULT},
)  # fmt: skip
def test_frm_payload_length(start: Start, length: int) -> None:
    """A reply with a payload of this length is accepted, octet for octet."""
    payload = (ALL_OCTETS * 256)[:length]
    visit = start(("upper", b"x"))
    visit.peer.send(ok(visit.peer.request("upper").id, payload))
    expect(visit, ok_line(payload))


@requires("HJP-FRM-14")
def test_frm_single_octets(start: Start) -> None:
    """A reply that comes octet by octet is the same reply."""
    visit = start(("upper", b"abc"), "ping")
    octets = ok(visit.peer.request("upper").id, b"A\0C")
    visit.peer.send_apart(*pieces(octets, range(1, len(octets))))
    visit.peer.send(ok(visit.peer.request("ping").id))
    expect(visit, "ok 410043", "ok")


@requires("HJP-FRM-14")
def test_frm_every_split(start: Start) -> None:
    """Replies cut in two at every octet are the same replies."""
    count = len(ok(10, b"xy"))
    visit = start(*[("upper", b"x")] * count)
    for cut in range(count):
        octets = ok(visit.peer.request("upper").id, b"xy")
        visit.peer.send_apart(octets[:cut], octets[cut:])
    expect(visit, *["ok 7879"] * count)


@requires("HJP-FRM-14", "HJP-FRM-15")
@rows(
    "cuts",
    {
        "not-at-all": [],
        "in-the-first-header": [7],
        "after-the-first-header": [HEADER],
        "in-the-second-header": [HEADER + 19 + 3],
        "in-many-places": range(3, 90, 7),
    },
)
def test_frm_several_frames(start: Start, cuts: list[int]) -> None:
    """Three replies in one write, or cut where they do not end, are three replies."""
    visit = start(("ahead", 3, "ping"))
    octets = b"".join(ok(visit.peer.request("ping").id) for _ in range(3))
    visit.peer.send_apart(*pieces(octets, cuts))
    expect(visit, "ok", "ok", "ok")


@requires("HJP-FRM-16")
@rows(
    "payload",
    {
        "magic": MAGIC,
        "a-frame": ok(1),
        "a-wrong-frame": frame("{}", magic=b"HJP\0"),
        "ends-with-half-a-magic": b"xxHJ",
        "every-octet": ALL_OCTETS,
        "braces": b'}{"id":1}',
        "zeros": bytes(40),
        "line-feeds": b"\r\n\r\n",
    },
)
def test_frm_any_payload(start: Start, payload: bytes) -> None:
    """A payload of any octets is taken as it is, and the next frame begins after it."""
    visit = start(("upper", b"x"), "ping")
    visit.peer.send(ok(visit.peer.request("upper").id, payload))
    visit.peer.send(ok(visit.peer.request("ping").id))
    expect(visit, ok_line(payload), "ok")


@requires("HJP-FRM-17")
def test_frm_acts_without_waiting(start: Start) -> None:
    """Each reply is acted on when its last octet has come: the next request follows."""
    visit = start("ping", ("upper", b"x"), "ping")
    for op in ("ping", "upper", "ping"):
        payload = b"X" if op == "upper" else b""
        visit.peer.send(ok(visit.peer.request(op).id, payload))
    expect(visit, "ok", "ok 58", "ok")


@requires("HJP-FRM-17", "HJP-LIF-10")
def test_frm_last_frame_and_end(start: Start) -> None:
    """A reply that comes together with the end of the stream counts."""
    visit = start("ping", ("upper", b"x"))
    visit.peer.send(ok(visit.peer.request("ping").id))
    visit.peer.send_and_end(ok(visit.peer.request("upper").id, b"X"))
    expect(visit, "ok", "ok 58")


@requires("HJP-FRM-18", "HJP-FRM-12")
def test_frm_json_length_in_pieces(start: Start) -> None:
    """A json_length whose first octet alone would be too small is not refused."""
    visit = start("ping")
    octets = frame(padded(pong(visit.peer.request("ping").id), 256))
    visit.peer.send_apart(octets[:9], octets[9:10], octets[10:])
    expect(visit, "ok")


@requires("HJP-FRM-18", "HJP-ERR-15")
@rows(
    "begin",
    {
        "id-unknown": '{"id":99999,"ok":true',
        "id-mistyped": '{"id":"1","ok":true',
        "op": '{"id":1,"ok":true,"op":"x"',
        "ok-mistyped": '{"id":1,"ok":1',
    },
)
def test_frm_not_before_json_text_is_whole(start: Start, begin: str) -> None:
    """A fault of a member is not told while the JSON text may be wrong itself."""
    visit = start("ping")
    visit.peer.request("ping")
    octets = frame(begin + ",}")
    visit.peer.send_apart(octets[:-2], octets[-2:])
    expect(visit, "refused bad_json")


@requires("HJP-FRM-1", "HJP-FRM-19")
@rows(
    "payload",
    {
        "crlf": b"a\r\nb\n",
        "nul": b"\0\0",
        "every-octet": ALL_OCTETS,
        "mark": b"\xef\xbb\xbfa",
    },
)
def test_frm_any_payload_written(start: Start, payload: bytes) -> None:
    """A payload of any octets is sent as it is."""
    visit = start(("echo", payload))
    request = visit.peer.request("echo")
    visit.peer.check(request.payload == payload, "the payload is another")
    visit.peer.send(ok(request.id, payload))
    expect(visit, ok_line(payload))
