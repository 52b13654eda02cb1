"""Which texts are one JSON object: punctuation, white space, words, first octet."""

from collections.abc import Iterator

from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.rows import accepts, members, object_of, refuses
from hjp_conformance.stimuli import padded

FIRST_OCTET: dict[str, str | bytes] = {
    "byte-order-mark": b"\xef\xbb\xbf{}",
    "space": " {}",
    "tab": "\t{}",
    "line-feed": "\n{}",
    "carriage-return": "\r{}",
    "form-feed": "\f{}",
    "nul": "\0{}",
    "comma": ",{}",
    "comment": "/**/{}",
    "array": "[]",
    "array-of-an-object": "[{}]",
    "string": '"{}"',
    "empty-string": '""',
    "number": "17",
    "minus": "-1",
    "true": "true",
    "null": "null",
    "closing-brace": "}{",
    "two-spaces": "  ",
    "utf-16-be": '{"x":1}'.encode("utf-16-be"),
    "utf-32-be": "{}".encode("utf-32-be"),
    "parenthesis": "({})",
    "full-width-brace": "\uff5b}",
    "text": "id=1&op=ping",
    "record-separator": "\x1e{}",
}
"""Texts whose first octet is not 7B."""

VALUES_REFUSED = {
    "nan": "NaN",
    "minus-nan": "-NaN",
    "infinity": "Infinity",
    "minus-infinity": "-Infinity",
    "inf": "inf",
    "none": "None",
    "nil": "nil",
    "undefined": "undefined",
    "capital-true": "True",
    "capital-false": "False",
    "capital-null": "Null",
    "all-capitals": "TRUE",
    "cut-true": "tru",
    "cut-false": "fals",
    "cut-null": "nul",
    "longer-true": "truee",
    "longer-null": "nulll",
    "word-begun-twice": "ttrue",
    "word-begun-by-another": "tfalse",
    "word-of-two": "trlse",
    "word-with-space": "tr ue",
    "word-with-escape": "\\u0074rue",
    "yes": "yes",
    "block-comment": "1/**/",
    "block-comment-before": "/* x */1",
    "line-comment": "1//\n",
    "hash-comment": "1#\n",
    "single-quotes": "'a'",
    "back-quotes": "`a`",
    "typographic-quotes": "“a”",
    "no-quotes": "a",
    "no-value": "",
    "two-values": "1 2",
    "two-strings": '"a""b"',
    "value-and-colon": "1:2",
    "plus-string": '"a"+"b"',
    "parenthesis": "(1)",
    "angle": "<1>",
    "semicolon": "1;",
    "equals": "=1",
    "hexadecimal": "0x10",
    "octal": "0o7",
    "binary": "0b1",
    "big-integer": "1n",
    "date": "2020-01-01",
    "regular-expression": "/a/",
    "function": "f()",
    "closing-bracket": "]",
    "closing-brace-twice": "}",
    "comma": ",",
    "colon": ":",
    "no-end-of-string": '"a',
    "no-start-of-string": 'a"',
    "no-end-of-array": "[1",
    "no-end-of-object": '{"y":1',
    "no-start-of-array": "1]",
    "array-ends-as-object": "[1}",
    "object-ends-as-array": '{"y":1]',
    "array-trailing-comma": "[1,]",
    "array-leading-comma": "[,1]",
    "array-two-commas": "[1,,2]",
    "array-comma-alone": "[,]",
    "array-no-comma": "[1 2]",
    "array-colon": "[1:2]",
    "array-member": '["y":1]',
    "array-semicolon": "[1;2]",
    "object-trailing-comma": '{"y":1,}',
    "object-leading-comma": '{,"y":1}',
    "object-comma-alone": "{,}",
    "object-value-alone": "{1}",
    "object-string-alone": '{"y"}',
    "object-no-value": '{"y":}',
    "object-no-name": "{:1}",
    "object-colon-alone": "{:}",
    "object-two-colons": '{"y"::1}',
    "object-equals": '{"y"=1}',
    "object-arrow": '{"y"=>1}',
    "object-comma-for-colon": '{"y",1}',
    "object-bare-name": "{y:1}",
    "object-number-name": "{1:1}",
    "object-null-name": "{null:1}",
    "object-array-name": "{[]:1}",
    "object-single-quoted-name": "{'y':1}",
    "object-no-comma": '{"y":1 "z":2}',
    "object-semicolon": '{"y":1;"z":2}',
    "object-spread": "{...y}",
    "ellipsis": "[1,...]",
    "escape-outside": "\\n",
    "backslash-space": "1\\ ",
    "nul": "1\0",
    "delete": "\x7f",
}
"""What stands as the value of a member and is none."""

TEXTS_REFUSED = {
    "second-object": '{"x":1}{}',
    "second-object-after-line-feed": '{"x":1}\n{}',
    "comma-after": '{"x":1},',
    "second-brace": '{"x":1}}',
    "bracket-after": '{"x":1}]',
    "letter-after": '{"x":1}x',
    "digit-after": '{"x":1}0',
    "word-after": '{"x":1}null',
    "string-after": '{"x":1}""',
    "colon-after": '{"x":1}:',
    "nul-after": '{"x":1}\0',
    "nuls-after": "{}" + "\0" * 6,
    "nul-before-brace": '{"x":1\0}',
    "nul-after-brace": '{\0"x":1}',
    "control-z-after": '{"x":1}\x1a',
    "semicolon-after": '{"x":1};',
    "comment-after": '{"x":1}//',
    "byte-order-mark-after": '{"x":1}\ufeff',
    "space-then-letter": '{"x":1} x',
    "no-end": '{"x":1',
    "no-end-after-comma": '{"x":1,',
    "no-end-after-name": '{"x"',
    "no-end-after-colon": '{"x":',
    "no-end-in-name": '{"x',
    "no-end-after-space": '{"x":1 ',
    "brace-alone": "{ ",
    "brace-and-quote": '{"',
    "two-braces": "{{",
    "braces-in-braces": "{{}}",
    "bracket-for-brace": "{]",
    "comma-alone": "{,}",
    "colon-alone": "{:}",
    "name-alone": '{"x"}',
    "value-alone": "{1}",
    "array-alone": "{[]}",
    "trailing-comma": '{"x":1,}',
    "two-commas": '{"x":1,,"y":2}',
    "no-comma": '{"x":1 "y":2}',
    "no-colon": '{"x" 1}',
    "two-members-without-quotes": "{x:1,y:2}",
}
"""Texts that begin with 7B and are not one object."""

NOT_SPACE = {
    "nul": "\0",
    "backspace": "\b",
    "vertical-tab": "\v",
    "form-feed": "\f",
    "file-separator": "\x1c",
    "record-separator": "\x1e",
    "unit-separator": "\x1f",
    "delete": "\x7f",
    "next-line": "\x85",
    "no-break-space": "\xa0",
    "soft-hyphen": "\xad",
    "ogham-space": "\u1680",
    "mongolian-vowel-separator": "\u180e",
    "en-quad": "\u2000",
    "hair-space": "\u200a",
    "zero-width-space": "\u200b",
    "line-separator": "\u2028",
    "paragraph-separator": "\u2029",
    "narrow-no-break-space": "\u202f",
    "mathematical-space": "\u205f",
    "word-joiner": "\u2060",
    "ideographic-space": "\u3000",
    "byte-order-mark": "\ufeff",
}
SPACE = {"space": " ", "tab": "\t", "line-feed": "\n", "carriage-return": "\r"}
PLACES = {
    "after-brace": '{%s"x":[1,2]}',
    "in-empty-object": "{%s}",
    "before-colon": '{"x"%s:[1,2]}',
    "after-colon": '{"x":%s[1,2]}',
    "after-bracket": '{"x":[%s1,2]}',
    "in-empty-array": '{"x":[%s]}',
    "before-comma": '{"x":[1%s,2]}',
    "after-comma": '{"x":[1,%s2]}',
    "before-bracket": '{"x":[1,2%s]}',
    "before-brace": '{"x":[1,2]%s}',
    "before-name": '{"x":1,%s"y":2}',
    "after-word": '{"x":true%s,"y":2}',
    "after-string": '{"x":"a"%s,"y":2}',
    "after-object": '{"x":{}%s,"y":2}',
    "after-the-object": '{"x":1}%s',
}

ACCEPTED = {
    "empty": "{}",
    "null": '{"x":null}',
    "true": '{"x":true}',
    "false": '{"x":false}',
    "empty-array": '{"x":[]}',
    "empty-object": '{"x":{}}',
    "empty-string": '{"x":""}',
    "empty-name": '{"":1}',
    "all-kinds": '{"a":null,"b":true,"c":false,"d":0,"e":"","f":[],"g":{}}',
    "nested": '{"a":[{"b":[{"c":[]}]},[[]],{}]}',
    "brackets-in-strings": '{"]":"}","{":"[",",":":"}',
    "comment-in-string": '{"x":"/* no */ // comment"}',
    "words-in-strings": '{"NaN":"Infinity","null":"true"}',
    "quotes-in-strings": '{"x":"\'`\\""}',
    "long-array": '{"x":[%s1]}' % ("1," * 20_000),
    "many-members": object_of(f'"{n}":{n}' for n in range(5000)),
    "long-string": '{"x":"%s"}' % ("y" * 60_000),
    "long-name": '{"%s":1}' % ("y" * 60_000),
    "members-of-any-order": '{"op":"ping","z":1,"id":1,"a":2}',
    "no-members-of-the-protocol": '{"hello":"world"}',
    "mistyped-members-of-the-protocol": '{"id":"1","op":7,"ok":[],"more":{}}',
    "error": '{"id":0,"ok":false,"error":{"code":"x","message":""}}',
}


def cases() -> Iterator[DecodeCase]:
    """All of the grammar, apart from strings, numbers and depth."""
    title = "A JSON text by the grammar is accepted"
    yield from accepts(("HJP-MET-4", "HJP-FRM-12"), "grammar", title, ACCEPTED)
    title = "A JSON text whose first octet is not 7B is refused"
    yield from refuses(("HJP-MET-3",), "first-octet", title, FIRST_OCTET)
    title = "A member with what is no value is refused"
    yield from refuses(("HJP-MET-4",), "value", title, members(VALUES_REFUSED))
    title = "A JSON text that is not one object is refused"
    yield from refuses(("HJP-MET-4",), "object", title, TEXTS_REFUSED)
    yield from _space()


def _space() -> Iterator[DecodeCase]:
    for name, place in PLACES.items():
        found = {row: place % space for row, space in SPACE.items()}
        found["all-four"] = place % "".join(SPACE.values())
        found["many"] = place % (" \r\n\t" * 500)
        title = f"White space is accepted {name.replace('-', ' ')}"
        yield from accepts(("HJP-MET-5",), f"space-{name}", title, found)
    for name in ("after-brace", "after-colon", "before-comma", "after-the-object"):
        found = {row: PLACES[name] % space for row, space in NOT_SPACE.items()}
        title = f"What is no white space is refused {name.replace('-', ' ')}"
        yield from refuses(("HJP-MET-4",), f"not-space-{name}", title, found)
    filled = {
        "to-the-limit": '{"x":1}' + " " * (65_536 - 7),
        "inside-to-the-limit": padded('{"x":1}', 65_536),
        "line-feeds-to-the-limit": '{"x":1}' + "\n" * (65_536 - 7),
    }
    title = "White space fills a JSON text"
    yield from accepts(("HJP-MET-5", "HJP-FRM-12"), "space-filled", title, filled)
