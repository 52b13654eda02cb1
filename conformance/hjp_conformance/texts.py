"""Pieces of JSON texts, right and wrong, for the cases of servers and clients."""

GREATEST_DOUBLE = 2**1024 - 2**970
"""The least integer whose nearest binary64 value is infinite."""


def nested(levels: int, start: str = "[", end: str = "]") -> str:
    """A member whose value has so many levels."""
    return f'"x":{start * levels}{end * levels}'


NOT_UTF8: dict[str, bytes] = {
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
}
"""Octets in a string that are not well-formed UTF-8."""

NOT_JSON: dict[str, str] = {
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
}
"""Members that the grammar does not allow."""

DUPLICATES: dict[str, str] = {
    "unknown": '"x":1,"x":1',
    "far-apart": '"x":1,"a":2,"b":3,"c":[],"d":{},"x":1',
    "nested": '"x":{"y":1,"y":2}',
    "nested-in-array": '"x":[0,{"y":1,"z":0,"y":2}]',
    "deep": '"x":' + '{"y":' * 30 + '{"z":1,"z":1}' + "}" * 30,
    "empty-name": '"":1,"":2',
    "not-ascii": '"é":1,"é":2',
}
"""Members of which two have one name."""

NAMES_APART: dict[str, str] = {
    "nested": '"x":{"id":7,"op":"a","x":{"x":1}}',
    "side-by-side": '"x":{"a":1},"y":{"a":1},"z":[{"a":1},{"a":1}]',
}
"""Equal names in different objects."""

DUPLICATES_BY_ESCAPE: dict[str, str] = {
    "unknown": '"x":1,"\\u0078":2',
    "pair": '"\U0001f600":1,"\\ud83d\\ude00":2',
    "slash": '"a/b":1,"a\\/b":2',
    "capital-digits": '"\\u00e9":1,"\\u00E9":2',
    "nul": '"\\u0000":1,"\\u0000":2',
}
"""Two spellings of one name."""

DIFFERENT_NAMES: dict[str, str] = {
    "case": '"ID":"a","Id":[],"OP":1,"Ok":1,"MORE":1',
    "normal-form": '"\u00e9":1,"e\u0301":2',
    "compatibility": '"\ufb01":1,"fi":2,"\uff49\uff44":3',
    "white-space": '"id ":0," id":0',
    "nul": '"id\\u0000":"a","op\\u0000x":1',
    "prototype": '"__proto__":{"id":7},"constructor":1,"toString":2',
}
"""Names that are not equal, nor those of members that are defined."""

LONE_SURROGATES: dict[str, str] = {
    "high-alone": "\\ud83d",
    "low-alone": "\\ude00",
    "high-then-letter": "\\ud83dx",
    "high-then-escape": "\\ud83d\\n",
    "high-then-other": "\\ud83d\\u0041",
    "two-high": "\\ud83d\\ud83d\\ude00",
    "reversed": "\\ude00\\ud83d",
    "capital-digits": "\\uD800",
    "last-low": "\\uDFFF",
}
"""Strings with an escape of a surrogate outside a pair."""

CODE_POINTS: dict[str, str] = {
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
}
"""Strings that are right."""

INFINITE: dict[str, str] = {
    "1e400": "1e400",
    "minus-1e400": "-1e400",
    "1e309": "1e309",
    "capital-e": "17.5E+999",
    "half-way": str(GREATEST_DOUBLE),
    "many-digits": "1" + "0" * 400,
    "huge-exponent": "1e99999999999999999999",
    "past-the-greatest": "1.7976931348623159e308",
}
"""Numbers whose nearest binary64 value is infinite."""

FINITE: dict[str, str] = {
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
}
"""Numbers that are right."""

TOO_DEEP: dict[str, str] = {
    "arrays": nested(32),
    "objects": '"x":' + '{"y":' * 31 + "{}" + "}" * 31,
    "mixed": '"x":' + '[{"y":' * 16 + "0" + "}]" * 16,
    "thousand": nested(1000),
    "as-deep-as-it-fits": nested(32_000),
    "opened-only": '"x":' + "[" * 60_000,
    "deep-then-wrong": '"x":' + "[" * 40 + "?",
}
"""Members that nest deeper than 32, the metadata being at depth 1."""

DEEP: dict[str, str] = {
    "arrays": nested(31),
    "objects": '"x":' + '{"y":' * 30 + "{}" + "}" * 30,
    "mixed": '"x":' + '[{"y":' * 15 + "[]" + "}]" * 15,
    "arrays-around-a-number": '"x":' + "[" * 31 + "1" + "]" * 31,
    "objects-around-a-string": '"x":' + '{"y":' * 31 + '""' + "}" * 31,
    "side-by-side": '"x":[' + ",".join(["[]"] * 1000) + "]",
    "brackets-in-string": '"x":"' + "[{" * 100 + '"',
    "twice": f'{nested(31)},"y":{nested(31)[4:]}',
}
"""Members that nest 32 deep."""
