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

GREATEST_DOUBLE = 2**1024 - 2**970
"""The least integer whose nearest binary64 value is infinite."""


def ping_with(members: str | bytes) -> bytes:
    """A ping with more members, as they stand in the JSON text."""
    text = members if isinstance(members, bytes) else members.encode()
    return frame(b'{"id":1,"op":"ping",%b}' % text)


def nested(levels: int, start: str = "[", end: str = "]") -> str:
    """A member whose value has so many levels."""
    return f'"x":{start * levels}{end * levels}'


@requires("HJP-MET-2")
@rows(
    "octets",
    {
        "lone-continuation": b"\x80",
        "lone-start": b"\xc3",
        "overlong-two": b"\xc0\x80",
        "overlong-quote": b"\xc0\xa2",
        "overlong-slash": b"\xc0\xaf",
        "overlong-letter": b"\xc1\xa1",
        "overlong-three": b"\xe0\x80\xaf",
        "overlong-four": b"\xf0\x80\x80\x80",
        "high-surrogate": b"\xed\xa0\x80",
        "low-surrogate": b"\xed\xbf\xbf",
        "surrogate-pair": b"\xed\xa0\xbd\xed\xb8\x80",
        "above-10ffff": b"\xf4\x90\x80\x80",
        "five-octets": b"\xf8\x88\x80\x80\x80",
        "fe": b"\xfe",
        "ff": b"\xff",
        "latin-1": "é".encode("latin-1"),
        "cut-off": b"\xe2\x82",
    },
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
    {
        "nan": '"x":NaN',
        "infinity": '"x":Infinity',
        "minus-infinity": '"x":-Infinity',
        "block-comment": '"x":1/**/',
        "line-comment": '"x":1//\n',
        "trailing-comma": '"x":1,',
        "trailing-comma-in-array": '"x":[1,]',
        "leading-comma-in-array": '"x":[,1]',
        "two-commas": '"x":1,,"y":2',
        "no-comma": '"x":1 "y":2',
        "no-colon": '"x" 1',
        "no-value": '"x":',
        "name-alone": '"x"',
        "single-quotes": "'x':1",
        "single-quotes-around-value": "\"x\":'a'",
        "name-without-quotes": "x:1",
        "number-as-name": "1:1",
        "leading-zero": '"x":01',
        "minus-leading-zero": '"x":-01',
        "plus": '"x":+1',
        "no-digit-before-point": '"x":.5',
        "no-digit-after-point": '"x":1.',
        "no-digit-in-exponent": '"x":1e',
        "sign-alone-in-exponent": '"x":1e+',
        "minus-alone": '"x":-',
        "hexadecimal": '"x":0x10',
        "digits-of-another-script": '"x":\u0661',
        "digits-of-another-script-in-fraction": '"x":1.\u0661',
        "digits-of-another-script-in-exponent": '"x":1e\u0661',
        "underscore": '"x":1_000',
        "escape-x": '"x":"\\x41"',
        "escape-quote": '"x":"\\\'"',
        "escape-capital": '"x":"\\N"',
        "escape-u-short": '"x":"\\u12"',
        "escape-u-not-hexadecimal": '"x":"\\u12G4"',
        "escape-u-sign": '"x":"\\u+123"',
        "raw-nul": '"x":"\0"',
        "raw-tab": '"x":"\t"',
        "raw-line-feed": '"x":"\n"',
        "raw-1f": '"x":"\x1f"',
        "capital-true": '"x":True',
        "python-none": '"x":None',
        "undefined": '"x":undefined',
        "cut-literal": '"x":nul',
        "literal-begun-twice": '"x":ttrue',
        "literal-begun-by-another": '"x":tfalse',
        "literal-of-two": '"x":trfalse',
        "literal-that-goes-on": '"x":nulll',
        "no-end-of-string": '"x":"',
        "no-end-of-array": '"x":[1',
        "wrong-end-of-array": '"x":[1}',
        "form-feed-as-space": '\f"x":1',
        "no-break-space-as-space": '\u00a0"x":1',
        "byte-order-mark-inside": '\ufeff"x":1',
    },
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
    {
        "known": '"id":1',
        "known-other-value": '"op":"echo"',
        "unknown": '"x":1,"x":1',
        "far-apart": '"x":1,"a":2,"b":3,"c":[],"d":{},"x":1',
        "nested": '"x":{"y":1,"y":2}',
        "nested-in-array": '"x":[0,{"y":1,"z":0,"y":2}]',
        "deep": '"x":' + '{"y":' * 30 + '{"z":1,"z":1}' + "}" * 30,
        "empty-name": '"":1,"":2',
        "not-ascii": '"é":1,"é":2',
    },
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
    {
        "nested": '"x":{"id":7,"op":"a","x":{"x":1}}',
        "side-by-side": '"x":{"a":1},"y":{"a":1},"z":[{"a":1},{"a":1}]',
    },
)
def test_met_names_of_other_objects(probe: Probe, members: str) -> None:
    """Names are compared with those of the same object only."""
    probe.send(ping_with(members))
    expect_reply(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-MET-7", "HJP-MET-6")
@rows(
    "members",
    {
        "known": '"\\u0069d":1',
        "unknown": '"x":1,"\\u0078":2',
        "pair": '"\U0001f600":1,"\\ud83d\\ude00":2',
        "slash": '"a/b":1,"a\\/b":2',
        "capital-digits": '"\\u00e9":1,"\\u00E9":2',
        "nul": '"\\u0000":1,"\\u0000":2',
    },
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
    {
        "case": '"ID":"a","Id":[],"OP":1,"Ok":1,"MORE":1',
        "normal-form": '"\u00e9":1,"e\u0301":2',
        "compatibility": '"\ufb01":1,"fi":2,"\uff49\uff44":3',
        "white-space": '"id ":0," id":0',
        "nul": '"id\\u0000":"a","op\\u0000x":1',
        "prototype": '"__proto__":{"id":7},"constructor":1,"toString":2',
    },
)
def test_met_different_names(probe: Probe, members: str) -> None:
    """Names that differ in any code point are different members."""
    probe.send(ping_with(members))
    expect_reply(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-MET-9")
@rows(
    "text",
    {
        "high-alone": "\\ud83d",
        "low-alone": "\\ude00",
        "high-then-letter": "\\ud83dx",
        "high-then-escape": "\\ud83d\\n",
        "high-then-other": "\\ud83d\\u0041",
        "two-high": "\\ud83d\\ud83d\\ude00",
        "reversed": "\\ude00\\ud83d",
        "capital-digits": "\\uD800",
        "last-low": "\\uDFFF",
    },
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
    {
        "nul": "a\\u0000b",
        "controls": "\\u0001\\u001f\x7f\x80\x9f",
        "noncharacters": "\ufdd0\ufffe\uffff\U0010fffe\U0010ffff",
        "noncharacters-escaped": "\\ufdd0\\uFFFE\\uffff\\udbff\\udfff",
        "astral": "\U00010000\U0001f600\U0010fffd",
        "astral-escaped": "\\ud800\\udc00\\uD83D\\uDE00",
        "line-separators": "\u2028\u2029\u0085",
        "byte-order-mark": "\ufeff",
        "every-short-escape": '\\"\\\\\\/\\b\\f\\n\\r\\t',
        "unassigned": "\u0378\ue000\U000f0000",
        "last-before-surrogates": "\ud7ff\\ud7ff\ue000\\ue000",
    },
)
def test_met_code_points(probe: Probe, text: str) -> None:
    """Every code point is accepted in strings and in names."""
    probe.send(ping_with(f'"x":"{text}","y{text}":1'))
    expect_reply(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-MET-11")
@rows(
    "number",
    {
        "1e400": "1e400",
        "minus-1e400": "-1e400",
        "1e309": "1e309",
        "capital-e": "17.5E+999",
        "half-way": str(GREATEST_DOUBLE),
        "many-digits": "1" + "0" * 400,
        "huge-exponent": "1e99999999999999999999",
        "past-the-greatest": "1.7976931348623159e308",
    },
)
def test_met_infinite_numbers(probe: Probe, number: str) -> None:
    """A number whose nearest binary64 value is infinite is refused with bad_json."""
    probe.send(ping_with(f'"x":{number}'))
    expect_fatal(probe, "bad_json")


@requires("HJP-MET-11", "HJP-MET-4")
@rows(
    "number",
    {
        "greatest": "1.7976931348623157e308",
        "just-finite": str(GREATEST_DOUBLE - 1),
        "vanishing": "1e-400",
        "least": "5e-324",
        "zero-with-exponent": "0e400",
        "minus-zero": "-0",
        "many-digits": "0." + "1" * 2000,
        "thousands-of-digits": "1." + "1" * 60_000,
        "thousands-of-digits-before-the-point": "1" * 5000 + "e-4900",
        "long-and-finite": "0." + "0" * 400 + "1e400",
        "vanishing-exponent": "1e-99999999999999999999",
        "padded-exponent": "1e0000000000000000000000005",
        "capital-e": "1E+2",
    },
)
def test_met_finite_numbers(probe: Probe, number: str) -> None:
    """A number that the grammar allows and that is finite is accepted."""
    probe.send(ping_with(f'"x":{number}'))
    expect_reply(probe, 1)
    expect_alive(probe, 2)


@requires("HJP-MET-12")
@rows(
    "members",
    {
        "arrays": nested(32),
        "objects": '"x":' + '{"y":' * 31 + "{}" + "}" * 31,
        "mixed": '"x":' + '[{"y":' * 16 + "0" + "}]" * 16,
        "thousand": nested(1000),
        "as-deep-as-it-fits": nested(32_000),
        "opened-only": '"x":' + "[" * 60_000,
        "deep-then-wrong": '"x":' + "[" * 40 + "?",
    },
)
def test_met_depth_33(probe: Probe, members: str) -> None:
    """A JSON text that nests deeper than 32 is refused with bad_json."""
    probe.send(ping_with(members))
    expect_fatal(probe, "bad_json")


@requires("HJP-MET-13")
@rows(
    "members",
    {
        "arrays": nested(31),
        "objects": '"x":' + '{"y":' * 30 + "{}" + "}" * 30,
        "mixed": '"x":' + '[{"y":' * 15 + "[]" + "}]" * 15,
        "side-by-side": '"x":[' + ",".join(["[]"] * 1000) + "]",
        "brackets-in-string": '"x":"' + "[{" * 100 + '"',
        "twice": f'{nested(31)},"y":{nested(31)[4:]}',
    },
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
