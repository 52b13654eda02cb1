"""The chapter *Operations*: hello, ping, echo and upper."""

from typing import Any

from hjp_conformance.authoring import requires, rows
from hjp_conformance.expect import (
    Echo,
    Fatal,
    Ok,
    expect,
    expect_alive,
    expect_error,
    expect_fatal,
    expect_hello,
    expect_reply,
)
from hjp_conformance.probe import Probe
from hjp_conformance.stimuli import ALL_OCTETS, frame, ping, request
from hjp_conformance.verdicts import Violation

NOT_STRINGS: dict[str, Any] = {
    "null": None,
    "number": 1,
    "true": True,
    "array": ["a"],
    "object": {},
}
NOT_OBJECTS: dict[str, Any] = {
    "null": None,
    "number": 1,
    "string": "a",
    "array": [],
    "true": True,
}
UPPER = bytes(octet - 0x20 if 0x61 <= octet <= 0x7A else octet for octet in range(256))


@requires("HJP-COR-1")
@rows("op", {"hello": "hello", "ping": "ping", "echo": "echo", "upper": "upper"})
def test_cor_offered(probe: Probe, op: str) -> None:
    """Each of the four operations is offered, in its shortest form."""
    probe.send(request(1, op))
    expect(probe, Ok(1, op=op))
    expect_alive(probe, 2)


@requires("HJP-COR-2", "HJP-COR-3", "HJP-COR-4")
def test_cor_hello(probe: Probe) -> None:
    """The reply to hello has features, limits with max_payload, and server."""
    probe.send(request(1, "hello"))
    features = expect_hello(probe, 1)["features"]
    if len(set(features)) < len(features):
        raise Violation(f"a feature is listed twice: {features}", "HJP-COR-2")


@requires("HJP-COR-2")
def test_cor_hello_says_the_same_again(probe: Probe) -> None:
    """What a client asks for does not change which features are listed."""
    asked = ["mux", "files", "exec", "x-none"]
    probe.send(request(1, "hello", features=asked))
    unoffered = {"x-none"} & set(expect_hello(probe, 1)["features"])
    if unoffered:
        raise Violation("a feature that nobody has is listed", "HJP-COR-2")


@requires("HJP-COR-5")
@rows(
    "features",
    {
        "none": [],
        "unknown": ["no-such-feature"],
        "private": ["x-a", "x-b"],
        "empty": [""],
        "twice": ["x-a", "x-a"],
        "many": [f"x-{number}" for number in range(2000)],
        "not-ascii": ["\0", "\U0001f600"],
    },
)
def test_cor_hello_features(probe: Probe, features: list[str]) -> None:
    """Features that the server does not know are ignored."""
    probe.send(request(1, "hello", features=features))
    expect_hello(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-COR-6", "HJP-ERR-18")
@rows("token", NOT_STRINGS)
def test_cor_hello_token_mistyped(probe: Probe, token: Any) -> None:
    """A hello whose token is no string is refused with bad_request."""
    probe.send(request(1, "hello", token=token))
    expect_fatal(probe, "bad_request")


@requires("HJP-COR-6", "HJP-ERR-18")
@rows(
    "features",
    {
        "null": None,
        "string": "mux",
        "object": {},
        "true": True,
        "of-numbers": [1],
        "of-arrays": [["mux"]],
        "one-null-at-the-end": ["x-a", "x-b", None],
        "one-number-at-the-start": [1, "x-a", "x-b"],
        "one-object-between": ["x-a", {}, "x-b"],
    },
)
def test_cor_hello_features_mistyped(probe: Probe, features: Any) -> None:
    """A hello whose features is no array of strings is refused with bad_request."""
    probe.send(request(1, "hello", features=features))
    expect_fatal(probe, "bad_request")


@requires("HJP-COR-6", "HJP-ERR-18")
@rows("limits", NOT_OBJECTS)
def test_cor_hello_limits_mistyped(probe: Probe, limits: Any) -> None:
    """A hello whose limits is no object is refused with bad_request."""
    probe.send(request(1, "hello", limits=limits))
    expect_fatal(probe, "bad_request")


@requires("HJP-COR-6", "HJP-MET-18")
@rows(
    "value",
    {
        "65535": "65535",
        "zero": "0",
        "negative": "-65536",
        "2-to-32": "4294967296",
        "2-to-53": "9007199254740992",
        "fraction": "65536.5",
        "string": '"65536"',
        "null": "null",
        "true": "true",
        "array": "[65536]",
    },
)
def test_cor_hello_max_payload_wrong(probe: Probe, value: str) -> None:
    """A max_payload that is not from 65 536 to 4 294 967 295: bad_request."""
    probe.send(frame(f'{{"id":1,"op":"hello","limits":{{"max_payload":{value}}}}}'))
    expect_fatal(probe, "bad_request")


@requires("HJP-COR-6", "HJP-MET-16")
@rows(
    "limits",
    {
        "none": {},
        "least": {"max_payload": 65_536},
        "greatest": {"max_payload": 4_294_967_295},
        "others": {"max_json": "a", "idle_ms": -1, "x-a": None},
    },
)
def test_cor_hello_limits(probe: Probe, limits: dict[str, Any]) -> None:
    """A hello with limits in range, or with others that nobody reads, is answered."""
    probe.send(request(1, "hello", limits=limits))
    expect_hello(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-MET-19", "HJP-COR-6")
@rows("value", {"point": "65536.0", "exponent": "1e5"})
def test_cor_hello_max_payload_not_in_plain_digits(probe: Probe, value: str) -> None:
    """A max_payload in other words: bad_request, or taken for the number."""
    probe.send(frame(f'{{"id":1,"op":"hello","limits":{{"max_payload":{value}}}}}'))
    expect(probe, Ok(1, op="hello"), Fatal("bad_request"))


@requires("HJP-COR-7")
@rows(
    "members",
    {
        "more": {"more": True},
        "timeout-zero": {"timeout_ms": 0},
        "timeout-string": {"timeout_ms": "1"},
        "timeout-null": {"timeout_ms": None},
        "more-and-token": {"more": True, "token": 1},
    },
)
def test_cor_hello_refused(probe: Probe, members: dict[str, Any]) -> None:
    """A hello with more true or a mistyped timeout_ms is refused with bad_request."""
    probe.send(request(1, "hello", **members))
    expect_fatal(probe, "bad_request")


@requires("HJP-COR-8")
@rows("token", {"empty": "", "some": "secret", "long": "t" * 60_000, "nul": "\0"})
def test_cor_hello_token(probe: Probe, token: str) -> None:
    """A server that needs no token ignores the value of token."""
    probe.send(request(1, "hello", token=token))
    expect_hello(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-COR-1", "HJP-LIM-3")
def test_cor_hello_with_everything(probe: Probe) -> None:
    """A hello with every member it may have is answered."""
    limits = {"max_payload": 100_000}
    members = {"token": "t", "features": ["x-a"], "limits": limits, "more": False}
    probe.send(request(1, "hello", timeout_ms=60_000, **members))
    expect_hello(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-COR-9")
def test_cor_ping(probe: Probe) -> None:
    """A ping is answered with ok true."""
    probe.send(ping(1))
    expect_reply(probe, 1)


@requires("HJP-COR-10")
@rows(
    "payload",
    {
        "none": b"",
        "one-octet": b"\0",
        "white-space-around": b" \t\r\n a \n\r\t ",
        "every-octet": ALL_OCTETS,
        "every-octet-reversed": ALL_OCTETS[::-1],
        "not-utf-8": b"\xff\xfe\x80\xc0",
        "line-ends": b"a\r\nb\nc\rd\x1a",
        "greatest": ALL_OCTETS * 256,
    },
)
def test_cor_echo_payload(probe: Probe, payload: bytes) -> None:
    """An echo returns the payload octet for octet, and no data."""
    probe.send(request(1, "echo", payload))
    expect(probe, Echo(1, payload))


@requires("HJP-COR-11")
@rows(
    "value",
    {
        "null": "null",
        "false": "false",
        "true": "true",
        "zero": "0",
        "minus-zero": "-0",
        "minus-zero-point": "-0.0",
        "one": "1",
        "one-point-zero": "1.0",
        "exponent": "1e5",
        "negative-exponent": "-12.5E-3",
        "1e308": "1e308",
        "greatest": "1.7976931348623157e308",
        "least": "5e-324",
        "least-normal": "2.2250738585072014e-308",
        "vanishing": "1e-400",
        "seventeen-digits": "0.30000000000000004",
        "seventeen-other-digits": "1.2345678901234567",
        "2-to-53": "9007199254740992",
        "2-to-53-plus-1": "9007199254740993",
        "2-to-64": "18446744073709551616",
        "minus-2-to-63": "-9223372036854775808",
        "big-integer": "1" + "0" * 308,
        "many-digits": "3." + "1415926535" * 100,
        "empty-string": '""',
        "string": '"a"',
        "nul": '"a\\u0000b\\u0000"',
        "controls": '"\\u0001\\b\\f\\n\\r\\t\\u001f\u007f\u0080"',
        "quotes": '"\\"\\\\\\/\'"',
        "astral": '"\U0001f600\U00010000\U0010ffff"',
        "astral-escaped": '"\\ud83d\\ude00"',
        "noncharacters": '"\ufffe\uffff\ufdd0\\uffff\U0001fffe"',
        "not-normalised": '"e\u0301\u00e9\u1e9b\u0323"',
        "separators": '"\u2028\u2029\ufeff"',
        "like-html": '"</script><!--&amp;"',
        "empty-array": "[]",
        "empty-object": "{}",
        "order": "[3,1,2,[],{},null,false]",
        "order-of-strings": '["b","a","c","B"]',
        "empty-name": '{"":1,"a":{"":2}}',
        "names-that-differ-in-case": '{"a":1,"A":2,"aa":3,"Aa":4}',
        "names-not-normalised": '{"\u00e9":1,"e\u0301":2}',
        "names-like-numbers": '{"2":1,"1":2,"-0":3,"1e0":4}',
        "names-of-members": '{"id":0,"ok":false,"op":"x","more":true,"error":{}}',
        "names-of-prototypes": '{"__proto__":{"a":1},"constructor":2,"toString":3}',
        "names-with-nul": '{"a\\u0000":1,"a\\u0000b":2,"a":3}',
        "null-in-object": '{"a":null,"b":[null]}',
        "depth": "[" * 31 + "]" * 31,
        "depth-of-objects": '{"a":' * 30 + "{}" + "}" * 30,
        "like-a-date": '"2024-01-01T00:00:00Z"',
        "white-space": '[ 1 ,\t{ "a" : 2 }\r\n]',
    },
)
def test_cor_echo_data(probe: Probe, value: str) -> None:
    """An echo returns a data that equals the one of the request."""
    probe.send(frame(f'{{"id":1,"op":"echo","data":{value}}}'))
    expect(probe, Echo(1, b"", value))
    expect_alive(probe, 2)


@requires("HJP-COR-10", "HJP-COR-11")
def test_cor_echo_both(probe: Probe) -> None:
    """An echo with data and payload returns both."""
    probe.send(frame('{"data":{"a":[1]},"op":"echo","id":1}', ALL_OCTETS))
    expect(probe, Echo(1, ALL_OCTETS, '{"a":[1]}'))


@requires("HJP-COR-10", "HJP-COR-11")
def test_cor_echo_keeps_nothing(probe: Probe) -> None:
    """An echo without data or payload after one with both returns neither."""
    probe.send(request(1, "echo", b"abc", data=1) + request(2, "echo"))
    expect(probe, Echo(1, b"abc", "1"))
    expect(probe, Echo(2))


@requires("HJP-COR-11", "HJP-MET-7")
def test_cor_echo_data_by_escapes(probe: Probe) -> None:
    """A data whose name and whose names are spelt with escapes is echoed."""
    probe.send(frame('{"id":1,"op":"echo","d\\u0061ta":{"\\u0061\\u002f":"\\u0062"}}'))
    expect(probe, Echo(1, b"", '{"a/":"b"}'))


@requires("HJP-COR-13", "HJP-COR-12")
@rows(
    "text",
    {
        "every-octet": (ALL_OCTETS, UPPER),
        "none": (b"", b""),
        "letters": (b"azAZ`{@[", b"AZAZ`{@["),
        "utf-8": ("éß\u0131\ufb01µÿ".encode(), "éß\u0131\ufb01µÿ".encode()),
        "latin-1": (bytes(range(0xDF, 0x100)), bytes(range(0xDF, 0x100))),
        "not-utf-8": (b"\xffa\xc0b\x80c", b"\xffA\xc0B\x80C"),
        "gbk": ("把a变大".encode("gbk"), b"\xb0\xd1A\xb1\xe4\xb4\xf3"),
        "utf-16": ("aé".encode("utf-16-le"), b"A\0\xe9\0"),
        "nul": (b"a\0b\0", b"A\0B\0"),
        "greatest": (ALL_OCTETS * 256, UPPER * 256),
    },
)
def test_cor_upper(probe: Probe, text: tuple[bytes, bytes]) -> None:
    """The octets 61 to 7A of the payload come back less by 20, all others as are."""
    probe.send(request(1, "upper", text[0]))
    expect_reply(probe, 1, text[1])


@requires("HJP-COR-13", "HJP-ERR-5")
def test_cor_upper_after_error(probe: Probe) -> None:
    """An upper after a request that failed is answered as ever."""
    probe.send(request(1, "upper", b"a", timeout_ms=0) + request(2, "upper", b"b"))
    expect_error(probe, 1, "bad_request")
    expect_reply(probe, 2, b"B")
