"""The chapter *Metadata*: which JSON texts are accepted, and as what."""

from hjp_conformance.authoring import requires, rows
from hjp_conformance.expect import (
    Echo,
    Failed,
    Fatal,
    Ok,
    expect,
    expect_alive,
    expect_fatal,
    expect_reply,
)
from hjp_conformance.probe import Probe
from hjp_conformance.stimuli import frame
from hjp_conformance.texts import (
    CODE_POINTS,
    DEEP,
    DIFFERENT_NAMES,
    DUPLICATES,
    DUPLICATES_BY_ESCAPE,
    FINITE,
    INFINITE,
    LONE_SURROGATES,
    NAMES_APART,
    NOT_JSON,
    NOT_UTF8,
    TOO_DEEP,
)


def ping_with(members: str | bytes) -> bytes:
    """A ping with more members, as they stand in the JSON text."""
    text = members if isinstance(members, bytes) else members.encode()
    return frame(b'{"id":1,"op":"ping",%b}' % text)


@requires("HJP-MET-2")
@rows(
    "octets",
    NOT_UTF8,
)
def test_met_utf8_wrong(probe: Probe, octets: bytes) -> None:
    """A string that is not well-formed UTF-8 is refused with bad_json."""
    probe.send(ping_with(b'"x":"%b"' % octets))
    expect_fatal(probe, "bad_json")


@requires("HJP-MET-2")
def test_met_utf8_wrong_in_name(probe: Probe) -> None:
    """A name that is not well-formed UTF-8 is refused with bad_json."""
    probe.send(ping_with(b'"x\xff":1'))
    expect_fatal(probe, "bad_json")


@requires("HJP-MET-2", "HJP-MET-4")
def test_met_utf8_cut_off_by_json_length(probe: Probe) -> None:
    """A character that json_length cuts in two is refused, whatever follows."""
    text = '{"id":1,"op":"ping","x":"€"}'.encode()
    probe.send(frame(text[:-3], text[-3:]))
    expect_fatal(probe, "bad_json")


@requires("HJP-MET-3")
@rows(
    "text",
    {
        "byte-order-mark": b'\xef\xbb\xbf{"id":1,"op":"ping"}',
        "space": b' {"id":1,"op":"ping"}',
        "line-feed": b'\n{"id":1,"op":"ping"}',
        "array": b'["id",1,"op","ping"]',
        "array-of-an-object": b'[{"id":1,"op":"ping"}]',
        "string": b'"{}"',
        "number": b"17",
        "null": b"null",
        "two-spaces": b"  ",
        "utf-16": '{"id":1,"op":"ping"}'.encode("utf-16-be"),
        "text": b"id=1&op=ping",
    },
)
def test_met_first_octet(probe: Probe, text: bytes) -> None:
    """A JSON text that does not begin with 7B is refused with bad_json."""
    probe.send(frame(text))
    expect_fatal(probe, "bad_json")


@requires("HJP-MET-4")
@rows(
    "members",
    NOT_JSON,
)
def test_met_grammar(probe: Probe, members: str) -> None:
    """A JSON text that the grammar does not allow is refused with bad_json."""
    probe.send(ping_with(members))
    expect_fatal(probe, "bad_json")


@requires("HJP-MET-4")
@rows(
    "text",
    {
        "second-object": '{"id":1,"op":"ping"}{}',
        "a-letter": '{"id":1,"op":"ping"}x',
        "nul": '{"id":1,"op":"ping"}\0',
        "comma": '{"id":1,"op":"ping"},',
        "second-brace": '{"id":1,"op":"ping"}}',
        "cut-off": '{"id":1,"op":"ping"',
        "vertical-tab": '{"id":1,"op":"ping"}\v',
        "wrong-brace": "{]",
        "comma-alone": "{,}",
    },
)
def test_met_one_object(probe: Probe, text: str) -> None:
    """A JSON text that is not exactly one object is refused with bad_json."""
    probe.send(frame(text))
    expect_fatal(probe, "bad_json")


@requires("HJP-MET-5")
def test_met_white_space(probe: Probe) -> None:
    """White space of all four kinds at every place of the grammar is accepted."""
    space = " \t\n\r"
    tokens = ('"id"', ":", "1", ",", '"op"', ":", '"ping"', ",", '"x"', ":")
    rest = ("[", "1", ",", "{", "}", ",", "[", "]", "]", "}")
    probe.send(frame("{" + space + space.join((*tokens, *rest)) + space))
    expect_reply(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-MET-5")
def test_met_white_space_after(probe: Probe) -> None:
    """White space after the object, up to json_length, is accepted."""
    probe.send(frame('{"id":1,"op":"ping"}' + " \r\n\t" * 1000))
    expect_reply(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-MET-6")
@rows(
    "members",
    {"known": '"id":1', "known-other-value": '"op":"echo"', **DUPLICATES},
)
def test_met_duplicate_names(probe: Probe, members: str) -> None:
    """An object with two members of one name is refused with bad_json."""
    probe.send(ping_with(members))
    expect_fatal(probe, "bad_json")


@requires("HJP-MET-6")
def test_met_duplicate_name_in_data(probe: Probe) -> None:
    """Two members of one name in the data of an echo are refused with bad_json."""
    probe.send(frame('{"id":1,"op":"echo","data":{"a":1,"b":{"c":1,"c":1}}}'))
    expect_fatal(probe, "bad_json")


@requires("HJP-MET-6")
@rows(
    "members",
    NAMES_APART,
)
def test_met_names_of_other_objects(probe: Probe, members: str) -> None:
    """Names are compared with those of the same object only."""
    probe.send(ping_with(members))
    expect_reply(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-MET-7", "HJP-MET-6")
@rows(
    "members",
    {"known": '"\\u0069d":1', **DUPLICATES_BY_ESCAPE},
)
def test_met_duplicate_names_by_escape(probe: Probe, members: str) -> None:
    """Two spellings of one name are two members of that name: bad_json."""
    probe.send(ping_with(members))
    expect_fatal(probe, "bad_json")


@requires("HJP-MET-7")
def test_met_escaped_names_are_used(probe: Probe) -> None:
    """Members whose names are spelt with escapes are those members."""
    probe.send(frame('{"\\u0069\\u0064":1,"o\\u0070":"p\\u0069ng"}'))
    expect_reply(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-MET-8")
@rows(
    "members",
    DIFFERENT_NAMES,
)
def test_met_different_names(probe: Probe, members: str) -> None:
    """Names that differ in any code point are different members."""
    probe.send(ping_with(members))
    expect_reply(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-MET-9")
@rows(
    "text",
    LONE_SURROGATES,
)
def test_met_surrogates(probe: Probe, text: str) -> None:
    """An escape of a surrogate outside a pair is refused with bad_json."""
    probe.send(ping_with(f'"x":"{text}"'))
    expect_fatal(probe, "bad_json")


@requires("HJP-MET-9")
def test_met_surrogate_in_name(probe: Probe) -> None:
    """An escape of a lone surrogate in a name is refused with bad_json."""
    probe.send(ping_with('"\\ud800":1'))
    expect_fatal(probe, "bad_json")


@requires("HJP-MET-10")
@rows(
    "text",
    CODE_POINTS,
)
def test_met_code_points(probe: Probe, text: str) -> None:
    """Every code point is accepted in strings and in names."""
    probe.send(ping_with(f'"x":"{text}","y{text}":1'))
    expect_reply(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-MET-11")
@rows(
    "number",
    INFINITE,
)
def test_met_infinite_numbers(probe: Probe, number: str) -> None:
    """A number whose nearest binary64 value is infinite is refused with bad_json."""
    probe.send(ping_with(f'"x":{number}'))
    expect_fatal(probe, "bad_json")


@requires("HJP-MET-11", "HJP-MET-4")
@rows(
    "number",
    FINITE,
)
def test_met_finite_numbers(probe: Probe, number: str) -> None:
    """A number that the grammar allows and that is finite is accepted."""
    probe.send(ping_with(f'"x":{number}'))
    expect_reply(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-MET-12")
@rows(
    "members",
    TOO_DEEP,
)
def test_met_depth_33(probe: Probe, members: str) -> None:
    """A JSON text that nests deeper than 32 is refused with bad_json."""
    probe.send(ping_with(members))
    expect_fatal(probe, "bad_json")


@requires("HJP-MET-13")
@rows(
    "members",
    DEEP,
)
def test_met_depth_32(probe: Probe, members: str) -> None:
    """A JSON text that nests 32 deep is accepted."""
    probe.send(ping_with(members))
    expect_reply(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-MET-14")
@rows(
    "text",
    {
        "cut-off": '{"id":1,"op":"ping"',
        "duplicate": '{"id":1,"op":"ping","id":1}',
        "not-an-object": "[]",
    },
)
def test_met_decided_without_payload(probe: Probe, text: str) -> None:
    """A wrong JSON text is refused while its payload has not come."""
    probe.send(frame(text, payload_length=1000))
    expect_fatal(probe, "bad_json")


@requires("HJP-MET-15")
def test_met_order_of_members(probe: Probe) -> None:
    """Members in any order are accepted."""
    probe.send(
        frame('{"more":false,"op":"ping","timeout_ms":60000,"id":1}'),
        frame('{"op":"echo","data":1,"id":2,"more":false}'),
    )
    expect_reply(probe, 1)
    expect_reply(probe, 2)


@requires("HJP-MET-15")
def test_met_operation_after_its_members(probe: Probe) -> None:
    """Members of an operation that stand before id and op are its members."""
    probe.send(frame('{"data":[1],"op":"echo","id":1}'))
    expect(probe, Echo(1, b"", "[1]"))


@requires("HJP-MET-15", "HJP-MET-16")
def test_met_members_inside_others_come_first(probe: Probe) -> None:
    """Members of the same names inside an unknown member are not those of the frame."""
    probe.send(frame('{"x":{"id":7,"op":"echo","more":1},"id":1,"op":"ping"}'))
    expect_reply(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-MET-16")
@rows(
    "text",
    {
        "request": '{"id":1,"op":"ping","fatal":true,"error":{},"x-a":[1],"":null}',
        "members-of-others": '{"id":1,"op":"ping","data":1,"token":2,"limits":[]}',
        "many": '{"id":1,"op":"ping",'
        + ",".join(f'"x{number}":{number}' for number in range(4000))
        + "}",
        "hello": '{"id":1,"op":"hello","data":1,"limits":{"x":[],"max_json":"a"}}',
    },
)
def test_met_unknown_members(probe: Probe, text: str) -> None:
    """Members that are not defined for their place are ignored."""
    probe.send(frame(text))
    expect(probe, Ok(1, op="hello" if "hello" in text else "ping"))
    expect_alive(probe, 2)


@requires("HJP-MET-18", "HJP-MSG-2")
@rows(
    "number",
    {
        "half": "1.5",
        "half-by-exponent": "15e-1",
        "negative": "-1",
        "2-to-53": "9007199254740992",
        "2-to-53-plus-1": "9007199254740993",
        "2-to-64-plus-1": "18446744073709551617",
        "2-to-32-squared": "1e19",
        "vanishing": "1e-400",
    },
)
def test_met_id_out_of_range(probe: Probe, number: str) -> None:
    """A number that is no integer of the range is mistyped: bad_id."""
    probe.send(frame(f'{{"id":{number},"op":"ping"}}'))
    expect_fatal(probe, "bad_id")


@requires("HJP-MET-19", "HJP-MET-17")
@rows(
    "number",
    {"point": "1.0", "exponent": "1e0", "shifted": "10e-1", "nearly": "1." + "0" * 30},
)
def test_met_id_not_in_plain_digits(probe: Probe, number: str) -> None:
    """An id of 1 in other words: bad_id, or taken for 1."""
    probe.send(frame(f'{{"id":{number},"op":"ping"}}'))
    found = expect(probe, Ok(1), Fatal("bad_id"))
    if Ok(1).problem(found) is None:
        expect_alive(probe, 2)


@requires("HJP-MET-19", "HJP-MSG-30")
@rows("number", {"point": "60000.0", "exponent": "6e4"})
def test_met_timeout_not_in_plain_digits(probe: Probe, number: str) -> None:
    """A timeout_ms in other words: bad_request, or taken for the number."""
    probe.send(frame(f'{{"id":1,"op":"ping","timeout_ms":{number}}}'))
    expect(probe, Ok(1), Failed(1, "bad_request"))
    expect_alive(probe, 2)
