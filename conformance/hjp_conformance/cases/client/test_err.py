"""The chapter *Errors*, as a client keeps it: codes, fatal errors, precedence."""

from collections.abc import Callable

from hjp_conformance.authoring import requires, rows
from hjp_conformance.outcomes import Start, expect, expect_any, replied
from hjp_conformance.stimuli import error, fatal, frame, ok
from hjp_spec.registry import FATAL, Code, Fatal

DEFINED_BY_FEATURES = tuple(
    code for code in list(Code)[list(Code).index(Code.BAD_NAME) :]
)
CORE_CODES = [code for code in Code if code not in DEFINED_BY_FEATURES]
NOT_FATAL = [code for code in CORE_CODES if FATAL[code] is not Fatal.YES]


@requires("HJP-MSG-29", "HJP-ERR-7")
@rows("code", {code.replace("_", "-"): str(code) for code in NOT_FATAL})
def test_err_known_code(start: Start, code: str) -> None:
    """An error with a code of the core is told as that; the connection goes on."""
    visit = replied(start, lambda id_: error(id_, code, limit="max_json"), "ping")
    visit.peer.send(ok(visit.peer.request("ping").id))
    expect(visit, f"error {code}", "ok")


@requires("HJP-ERR-7")
@rows("code", {code.replace("_", "-"): str(code) for code in DEFINED_BY_FEATURES})
def test_err_code_of_a_feature(start: Start, code: str) -> None:
    """An error with a code of a feature is told as that, or as internal."""
    visit = replied(start, lambda id_: error(id_, code), "ping")
    visit.peer.send(ok(visit.peer.request("ping").id))
    expect_any(visit, [f"error {code}", "ok"], ["error internal", "ok"])


@requires("HJP-ERR-7")
@rows(
    "code",
    {
        "made-up": "too_cold",
        "capitals": "BUSY",
        "hyphen": "not-found",
        "space": "busy ",
        "empty": "",
        "number": "503",
        "chinese": "忙",
        "long": "z" * 1000,
        "nul": "busy\0",
    },
)
def test_err_unknown_code(start: Start, code: str) -> None:
    """An error with a code that nobody knows is internal; the connection goes on."""
    visit = replied(start, lambda id_: error(id_, code), "ping")
    visit.peer.send(ok(visit.peer.request("ping").id))
    expect(visit, "error internal", "ok")


@requires("HJP-ERR-7")
def test_err_unknown_fatal_code(start: Start) -> None:
    """A fatal error with a code that nobody knows is internal, and fatal."""
    expect(replied(start, lambda _: fatal("too_cold")), "fatal internal")


@requires("HJP-ERR-14")
@rows("code", {code.replace("_", "-"): str(code) for code in CORE_CODES})
def test_err_fatal(start: Start, code: str) -> None:
    """A fatal error ends the connection: the client tells it and sends no more."""
    visit = replied(start, lambda _: fatal(code, last_id=0), "ping", ("upper", b"x"))
    expect(visit, f"fatal {code}")
    visit.peer.expect_no_more("HJP-ERR-14")


@requires("HJP-ERR-14")
def test_err_fatal_in_a_request(start: Start) -> None:
    """A fatal error before the last frame of a request: no further frame is sent."""
    visit = start(("call", "x-suite"), "ping")
    visit.tell("more 61")
    visit.peer.request("x-suite")
    visit.peer.send(fatal("internal"))
    visit.tell("more 62")
    visit.tell("last 63")
    expect(visit, "fatal internal")
    visit.peer.expect_no_more("HJP-ERR-14")


@requires("HJP-ERR-14", "HJP-MSG-29")
def test_err_fatal_after_replies(start: Start) -> None:
    """Replies before a fatal error count, those that it takes away do not."""
    visit = start(("ahead", 3, "ping"), "ping")
    first = visit.peer.request("ping")
    visit.peer.request("ping")
    visit.peer.request("ping")
    visit.peer.send(ok(first.id) + fatal("going_away", last_id=first.id))
    expect(visit, "ok", "fatal going_away")
    visit.peer.expect_no_more("HJP-ERR-14")


@requires("HJP-ERR-14")
def test_err_fatal_for_hello(start: Start) -> None:
    """A hello that is refused: the client tells why and sends no more."""
    visit = start("hello", "ping")
    visit.peer.request("hello")
    visit.peer.send(fatal("unauthorized"))
    expect(visit, "fatal unauthorized")
    visit.peer.expect_no_more("HJP-ERR-14")


WRONG = b"HJP\0"
LONG = 65_537
BAD = '{"id":1,"ok":tru}'
GOOD = '{"id":1,"ok":true}'


@requires("HJP-ERR-15")
@rows(
    "octets",
    {
        "magic-and-version": frame(GOOD, magic=WRONG, version=2),
        "magic-and-reserved": frame(GOOD, magic=WRONG, reserved=b"\0\0\1"),
        "magic-and-lengths": frame(GOOD, magic=WRONG, json_length=0),
        "magic-and-json": frame(BAD, magic=WRONG),
        "all": frame(BAD, magic=WRONG, version=2, reserved=b"\1\0\0", json_length=LONG),
    },
)
def test_err_magic_first(start: Start, octets: bytes) -> None:
    """A wrong magic counts before every other fault of the frame."""
    expect(replied(start, lambda _: octets), "refused bad_magic")


@requires("HJP-ERR-15")
@rows(
    "octets",
    {
        "version-and-reserved": frame(GOOD, version=2, reserved=b"\0\0\1"),
        "version-and-json-length": frame(GOOD, version=2, json_length=LONG),
        "version-and-payload-length": frame(GOOD, version=2, payload_length=LONG),
        "version-and-json": frame(BAD, version=2),
    },
)
def test_err_version_second(start: Start, octets: bytes) -> None:
    """A wrong version counts before what follows it."""
    expect(replied(start, lambda _: octets), "refused bad_version")


@requires("HJP-ERR-15")
@rows(
    "octets",
    {
        "reserved-and-json-length": frame(GOOD, reserved=b"\0\0\1", json_length=LONG),
        "reserved-and-payload-length": frame(
            GOOD, reserved=b"\0\0\1", payload_length=LONG
        ),
        "reserved-and-json": frame(BAD, reserved=b"\0\0\1"),
        "json-length-and-payload-length": frame("", json_length=0, payload_length=LONG),
    },
)
def test_err_bad_frame_before_too_large(start: Start, octets: bytes) -> None:
    """Reserved octets and a short json_length count before a payload too long."""
    expect(replied(start, lambda _: octets), "refused bad_frame")


@requires("HJP-ERR-15")
@rows(
    "octets",
    {
        "payload-length-and-json": frame(BAD, payload_length=LONG),
        "both-lengths": frame("", json_length=LONG, payload_length=LONG),
    },
)
def test_err_lengths_before_json(start: Start, octets: bytes) -> None:
    """Lengths count before the JSON text."""
    expect(replied(start, lambda _: octets), "refused too_large")


@requires("HJP-ERR-15")
@rows(
    "text",
    {
        "json-and-id": '{"id":99,"ok":true,}',
        "json-and-ok": '{"id":1,"ok":1,"ok":1}',
        "json-and-op": '{"id":1,"ok":true,"op":"\\ud800"}',
    },
)
def test_err_json_before_members(start: Start, text: str) -> None:
    """The JSON text counts before its members."""
    expect(replied(start, lambda _: frame(text)), "refused bad_json")


@requires("HJP-ERR-15")
@rows(
    "text",
    {
        "id-missing-and-ok-missing": "{}",
        "id-mistyped-and-ok-mistyped": '{"id":"1","ok":1}',
        "id-unknown-and-ok-missing": '{"id":9999}',
        "id-unknown-and-op": '{"id":9999,"ok":true,"op":"a"}',
        "id-unknown-and-error-missing": '{"id":9999,"ok":false}',
        "id-unknown-and-code-missing": '{"id":9999,"ok":false,"error":{}}',
        "id-unknown-and-more": '{"id":9999,"ok":true,"more":1}',
    },
)
def test_err_id_before_other_members(start: Start, text: str) -> None:
    """The id counts before the other members."""
    expect(replied(start, lambda _: frame(text)), "refused bad_id")


@requires("HJP-ERR-15")
@rows(
    "make",
    {
        "json-then-magic": lambda _: frame(BAD) + frame(GOOD, magic=WRONG),
        "json-then-fatal": lambda _: frame(BAD) + fatal("internal"),
        "json-then-good": lambda id_: frame(BAD) + ok(id_),
    },
)
def test_err_earliest_frame_first(start: Start, make: Callable[[int], bytes]) -> None:
    """The fault of the earliest frame counts, whatever follows it."""
    expect(replied(start, make), "refused bad_json")


@requires("HJP-ERR-15", "HJP-LIF-10")
@rows(
    "octets",
    {
        "magic": frame(GOOD, magic=WRONG),
        "json": frame(BAD),
        "id": frame('{"id":9999,"ok":true}'),
        "ok": frame('{"id":1}'),
    },
)
def test_err_wrong_frame_then_end(start: Start, octets: bytes) -> None:
    """A wrong frame that comes together with the end of the stream is refused."""
    visit = start("ping", "ping")
    first = visit.peer.request("ping")
    visit.peer.send(ok(first.id))
    second = visit.peer.request("ping")
    visit.peer.send_and_end(octets.replace(b'"id":1}', b'"id":%d}' % second.id))
    code = {WRONG: "bad_magic"}.get(octets[:4])
    accepted = [code] if code else ["bad_json", "bad_id", "bad_frame"]
    expect_any(visit, *[["ok", f"refused {one}"] for one in accepted])


@requires("HJP-ERR-15", "HJP-ERR-14")
def test_err_fatal_then_wrong_frame(start: Start) -> None:
    """What follows a fatal error does not count."""
    visit = replied(start, lambda _: fatal("busy") + frame(BAD), "ping")
    expect(visit, "fatal busy")
    visit.peer.expect_no_more("HJP-ERR-14")
