"""The chapter *Metadata*, as a client keeps it: which replies it takes, and as what."""

from hjp_conformance.authoring import requires, rows
from hjp_conformance.outcomes import Start, answered, expect, expect_any, replied
from hjp_conformance.stimuli import frame, ok
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


@requires("HJP-MET-2")
@rows("octets", NOT_UTF8)
def test_met_utf8_wrong(start: Start, octets: bytes) -> None:
    """A string that is not well-formed UTF-8 is refused with bad_json."""
    expect(answered(start, b'"x":"%b"' % octets), "refused bad_json")


@requires("HJP-MET-2")
def test_met_utf8_wrong_in_name(start: Start) -> None:
    """A name that is not well-formed UTF-8 is refused with bad_json."""
    expect(answered(start, b'"x\xff":1'), "refused bad_json")


@requires("HJP-MET-3")
@rows(
    "text",
    {
        "byte-order-mark": b'\xef\xbb\xbf{"id":%d,"ok":true}',
        "space": b' {"id":%d,"ok":true}',
        "line-feed": b'\n{"id":%d,"ok":true}',
        "array": b'["id",%d,"ok",true]',
        "array-of-an-object": b'[{"id":%d,"ok":true}]',
        "number": b"1%d",
    },
)
def test_met_first_octet(start: Start, text: bytes) -> None:
    """A JSON text that does not begin with 7B is refused with bad_json."""
    expect(replied(start, lambda id_: frame(text % id_)), "refused bad_json")


@requires("HJP-MET-3")
@rows(
    "text", {"string": b'"{}"', "null": b"null", "spaces": b"   ", "text": b"ok=1&id=1"}
)
def test_met_no_object(start: Start, text: bytes) -> None:
    """A JSON text that is no object is refused with bad_json."""
    expect(replied(start, lambda _: frame(text)), "refused bad_json")


@requires("HJP-MET-4")
@rows("members", NOT_JSON)
def test_met_grammar(start: Start, members: str) -> None:
    """A JSON text that the grammar does not allow is refused with bad_json."""
    expect(answered(start, members), "refused bad_json")


@requires("HJP-MET-4")
@rows(
    "rest",
    {
        "second-object": "{}",
        "a-letter": "x",
        "nul": "\0",
        "comma": ",",
        "second-brace": "}",
        "vertical-tab": "\v",
    },
)
def test_met_one_object(start: Start, rest: str) -> None:
    """A JSON text with more than one object is refused with bad_json."""
    visit = replied(start, lambda id_: frame(f'{{"id":{id_},"ok":true}}{rest}'))
    expect(visit, "refused bad_json")


@requires("HJP-MET-4")
def test_met_cut_off(start: Start) -> None:
    """A JSON text that json_length cuts off is refused with bad_json."""
    visit = replied(start, lambda id_: frame(f'{{"id":{id_},"ok":true', b"}"))
    expect(visit, "refused bad_json")


@requires("HJP-MET-5", "HJP-MSG-29")
def test_met_white_space(start: Start) -> None:
    """White space of all four kinds at every place of the grammar is accepted."""
    space = " \t\n\r"
    tokens = ('"ok"', ":", "true", ",", '"x"', ":", "[", "1", ",", "{", "}", "]", "}")

    def make(id_: int) -> bytes:
        start_ = ("{", '"id"', ":", str(id_), ",")
        return frame(space.join((*start_, *tokens)) + space)

    expect(replied(start, make), "ok")


@requires("HJP-MET-5", "HJP-MSG-29")
def test_met_white_space_after(start: Start) -> None:
    """White space after the object, up to json_length, is accepted."""
    make = '{{"id":{},"ok":true}}'.format
    expect(replied(start, lambda id_: frame(make(id_) + " \r\n\t" * 1000)), "ok")


@requires("HJP-MET-6")
@rows(
    "members", {"known": '"ok":true', "known-other-value": '"ok":false', **DUPLICATES}
)
def test_met_duplicate_names(start: Start, members: str) -> None:
    """An object with two members of one name is refused with bad_json."""
    expect(answered(start, members), "refused bad_json")


@requires("HJP-MET-6")
@rows("members", NAMES_APART)
def test_met_names_of_other_objects(start: Start, members: str) -> None:
    """Names are compared with those of the same object only."""
    expect(answered(start, members), "ok")


@requires("HJP-MET-7", "HJP-MET-6")
@rows("members", {"known": '"\\u006fk":true', **DUPLICATES_BY_ESCAPE})
def test_met_duplicate_names_by_escape(start: Start, members: str) -> None:
    """Two spellings of one name are two members of that name: bad_json."""
    expect(answered(start, members), "refused bad_json")


@requires("HJP-MET-7")
def test_met_escaped_names_are_used(start: Start) -> None:
    """Members whose names are spelt with escapes are those members."""
    make = '{{"\\u0069\\u0064":{},"o\\u006b":true}}'.format
    expect(replied(start, lambda id_: frame(make(id_))), "ok")


@requires("HJP-MET-7", "HJP-MSG-28")
def test_met_escaped_names_in_error(start: Start) -> None:
    """Members of an error whose names and values are spelt with escapes are used."""
    text = '{{"id":{},"ok":false,"\\u0065rror":{{"c\\u006fde":"b\\u0075sy"}}}}'.format
    expect(replied(start, lambda id_: frame(text(id_))), "error busy")


@requires("HJP-MET-8", "HJP-MSG-29")
@rows("members", DIFFERENT_NAMES)
def test_met_different_names(start: Start, members: str) -> None:
    """Names that differ in any code point are different members."""
    expect(answered(start, members), "ok")


@requires("HJP-MET-9")
@rows("text", LONE_SURROGATES)
def test_met_surrogates(start: Start, text: str) -> None:
    """An escape of a surrogate outside a pair is refused with bad_json."""
    expect(answered(start, f'"x":"{text}"'), "refused bad_json")


@requires("HJP-MET-9")
def test_met_surrogate_in_name(start: Start) -> None:
    """An escape of a lone surrogate in a name is refused with bad_json."""
    expect(answered(start, '"\\ud800":1'), "refused bad_json")


@requires("HJP-MET-10")
@rows("text", CODE_POINTS)
def test_met_code_points(start: Start, text: str) -> None:
    """Every code point is accepted in strings and in names."""
    expect(answered(start, f'"x":"{text}","y{text}":1'), "ok")


@requires("HJP-MET-11")
@rows("number", INFINITE)
def test_met_infinite_numbers(start: Start, number: str) -> None:
    """A number whose nearest binary64 value is infinite is refused with bad_json."""
    expect(answered(start, f'"x":{number}'), "refused bad_json")


@requires("HJP-MET-11", "HJP-MET-4")
@rows("number", FINITE)
def test_met_finite_numbers(start: Start, number: str) -> None:
    """A number that the grammar allows and that is finite is accepted."""
    expect(answered(start, f'"x":{number}'), "ok")


@requires("HJP-MET-12")
@rows("members", TOO_DEEP)
def test_met_depth_33(start: Start, members: str) -> None:
    """A JSON text that nests deeper than 32 is refused with bad_json."""
    expect(answered(start, members), "refused bad_json")


@requires("HJP-MET-13")
@rows("members", DEEP)
def test_met_depth_32(start: Start, members: str) -> None:
    """A JSON text that nests 32 deep is accepted."""
    expect(answered(start, members), "ok")


@requires("HJP-MET-14")
@rows(
    "text", {"cut-off": '{"id":1,"ok":true', "not-an-object": "[]", "nan": '{"a":NaN}'}
)
def test_met_decided_without_payload(start: Start, text: str) -> None:
    """A wrong JSON text is refused while its payload has not come."""
    visit = replied(start, lambda _: frame(text, payload_length=1000))
    expect(visit, "refused bad_json")


@requires("HJP-MET-15", "HJP-MSG-29")
def test_met_order_of_members(start: Start) -> None:
    """Members in any order are accepted."""
    visit = start("ping", "ping")
    first = visit.peer.request("ping").id
    visit.peer.send(frame(f'{{"more":false,"x":1,"ok":true,"id":{first}}}'))
    second = visit.peer.request("ping").id
    error = '{"message":"m","fatal":false,"code":"busy"}'
    visit.peer.send(frame(f'{{"error":{error},"ok":false,"id":{second}}}'))
    expect(visit, "ok", "error busy")


@requires("HJP-MET-15", "HJP-MET-16")
def test_met_members_inside_others_come_first(start: Start) -> None:
    """Members of the same names inside an unknown member are not those of the frame."""
    text = '{{"x":{{"id":70,"ok":false,"more":1,"op":"a"}},"id":{},"ok":true}}'.format
    expect(replied(start, lambda id_: frame(text(id_))), "ok")


@requires("HJP-MET-16", "HJP-MSG-29")
@rows(
    "members",
    {
        "private": '"x-a":[1],"":null',
        "of-requests": '"timeout_ms":"a","token":1,"limits":[],"data":{}',
        "of-errors": '"code":"busy","fatal":true,"message":1',
        "many": ",".join(f'"x{number}":{number}' for number in range(4000)),
    },
)
def test_met_unknown_members(start: Start, members: str) -> None:
    """Members that are not defined for their place are ignored."""
    expect(answered(start, members), "ok")


@requires("HJP-MET-16", "HJP-MSG-29")
def test_met_unknown_members_of_error(start: Start) -> None:
    """Members of an error that are not defined are ignored."""
    error = '{"code":"busy","message":"m","id":0,"limit":7,"last_id":"a","x":[{}]}'
    text = f'{{{{"id":{{}},"ok":false,"error":{error.replace("{", "{{").replace("}", "}}")}}}}}'
    expect(replied(start, lambda id_: frame(text.format(id_))), "error busy")


@requires("HJP-MET-18", "HJP-MSG-26")
@rows(
    "number",
    {
        "half": "1.5",
        "half-by-exponent": "15e-1",
        "negative": "-1",
        "2-to-53": "9007199254740992",
        "2-to-64-plus-1": "18446744073709551617",
        "2-to-32-squared": "1e19",
        "vanishing": "1e-400",
    },
)
def test_met_id_out_of_range(start: Start, number: str) -> None:
    """A number that is no integer of the range is mistyped: bad_id."""
    text = f'{{"id":{number},"ok":true}}'
    expect(replied(start, lambda _: frame(text)), "refused bad_id")


@requires("HJP-MET-18", "HJP-MSG-26")
@rows("form", {"string": '"{}"', "true": "true", "null": "null", "array": "[{}]"})
def test_met_id_of_another_type(start: Start, form: str) -> None:
    """An id of another type, whatever it could be taken for, is refused with bad_id."""
    visit = replied(start, lambda id_: frame(f'{{"id":{form.format(id_)},"ok":true}}'))
    expect(visit, "refused bad_id")


@requires("HJP-MET-18", "HJP-MSG-26")
@rows("add", {"2-to-32": 2**32, "2-to-31": 2**31, "2-to-16": 2**16, "2-to-8": 2**8})
def test_met_id_that_is_equal_when_narrowed(start: Start, add: int) -> None:
    """An id that only its low bits make that of the request is refused with bad_id."""
    visit = replied(start, lambda id_: frame(f'{{"id":{id_ + add},"ok":true}}'))
    expect(visit, "refused bad_id")


@requires("HJP-MET-19", "HJP-MSG-26")
@rows("form", {"point": "{}.0", "exponent": "{}e0", "nearly": "{}." + "0" * 30})
def test_met_id_not_in_plain_digits(start: Start, form: str) -> None:
    """The id of the request in other words: bad_id, or taken for it."""
    visit = replied(start, lambda id_: frame(f'{{"id":{form.format(id_)},"ok":true}}'))
    expect_any(visit, ["refused bad_id"], ["ok"])


@requires("HJP-MET-1", "HJP-FRM-1", "HJP-MSG-6")
@rows(
    "op",
    {
        "latin": "x-\u00e9\u00ff",
        "chinese": "x-\u5fd9",
        "astral": "x-\U0001f600",
        "quote": 'x-"q"',
        "backslash": "x-\\n\\u0041",
        "line-feed": "x-\n",
        "delete": "x-\x7f",
        "long": "x-" + "y" * 2000,
    },
)
def test_met_any_op_written(start: Start, op: str) -> None:
    """An operation of any name is written as JSON in UTF-8, frame by frame."""
    visit = start(("call", op))
    visit.tell("more 61")
    visit.tell("last")
    first, last = visit.peer.request(op), visit.peer.request(op)
    visit.peer.check(first.more and not last.more, "more is not as it was told")
    visit.peer.send(ok(last.id))
    expect(visit, "ok")


@requires("HJP-MET-17", "HJP-MET-1", "HJP-FRM-19")
def test_met_hello_written(start: Start) -> None:
    """The max_payload of a hello is written in plain digits, and is the one asked for."""
    visit = start(("hello", 4_294_967_295))
    request = visit.peer.request("hello")
    stated = request.metadata.get("limits", {}).get("max_payload")
    visit.peer.check(stated == 4_294_967_295, f"max_payload is {stated!r}")
    visit.peer.send(frame(f'{{"id":{request.id},"ok":true,"features":[],'
                          '"limits":{"max_payload":65536},"server":"s"}'))  # fmt: skip
    expect(visit, "ok")
