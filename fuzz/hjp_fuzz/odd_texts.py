r"""The octets of which corners of JSON are made: tables, and nothing else.

In a context, ``%b`` stands for the odd value, name or octets.
"""

VALUE_CONTEXTS = (
    b'{"a":%b}',
    b'{"id":1,"op":"echo","data":%b}',
    b'{"a":[%b]}',
    b'{"a":[1,{"b":%b}],"c":{}}',
    b'{"a":{"b":{"c":{"d":[[[%b]]]}}}}',
    b'{ "a" : %b , "b" : "b" }',
)
NAME_CONTEXTS = (
    b"{%b:1}",
    b'{"id":1,"op":"echo","data":{%b:null}}',
    b'{"a":[{"b":[],%b:[]}]}',
)
ANY_CONTEXTS = VALUE_CONTEXTS + NAME_CONTEXTS

# Where octets that are not UTF-8 can stand: a value, a name, among the white space.
UTF8_CONTEXTS = (b'{"a":"%b"}', b'{"a":["x%by"]}', b'{"a%b":1}', b'{"a":1}%b', b"{%b}")
NOT_UTF8 = (
    b"\xff",
    b"\xfe",
    b"\x80",
    b"\xbf",
    b"\xc3",  # the rest of the character is missing
    b"\xe4\xbd",
    b"\xf0\x9f\x98",
    b"\xc0\x80",  # overlong forms of U+0000, "/", U+07FF, U+FFFF
    b"\xc1\xaf",
    b"\xe0\x9f\xbf",
    b"\xf0\x8f\xbf\xbf",
    b"\xed\xa0\x80",  # surrogates, alone and as a pair (CESU-8)
    b"\xed\xbf\xbf",
    b"\xed\xa0\xbd\xed\xb8\x80",
    b"\xf4\x90\x80\x80",  # above U+10FFFF
    b"\xf5\x80\x80\x80",
    b"\xf8\x88\x80\x80\x80",
    b"caf\xe9",  # Latin-1
)

NOT_AN_OBJECT = (
    b"[]",
    b"[{}]",
    b'["id",1]',
    b'""',
    b"12",
    b"-1.5",
    b"true",
    b"null",
    b"  ",
    b"\x00\x00",
    b"}{",
)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# White space, and what else may stand before an object.
BEFORE_AN_OBJECT = (
    *(b" ", b"\n", b"\t", b"\r\n"),
    *(b"\x00", b"\x1e", b"\xc2\xa0", b"//\n"),
)

BAD_LITERALS = (
    b"NaN",
    b"-NaN",
    b"Infinity",
    b"-Infinity",
    b"nan",
    b"True",
    b"None",
    b"nul",
    b"TRUE",
    b"undefined",
)
BAD_NUMBERS = (
    b"01",
    b"-01",
    b"00",
    b"+1",
    b".5",
    b"-.5",
    b"1.",
    b"1.e1",
    b"1e",
    b"1e+",
    b"-",
    b"- 1",
    b"0x1F",
    b"1_000",
    b"1,000",
    b"1 2",
    b"\xef\xbc\x91",  # digits that some regular expressions and functions take
    b"1\xd9\xa3",
    b"1.\xef\xbc\x91",
    b"1e\xd9\xa3",
)
BAD_STRINGS = (
    b"'a'",
    b'"a',
    b'"a\\"',
    b'"\\x41"',
    b'"\\a"',
    b'"\\0"',
    b'"\\U0041"',
    b'"\\u12"',
    b'"\\u12G4"',
    b'"\\u+123"',
    b'"\\u 123"',
    b'"\\u1_23"',
)
RAW_CONTROLS = (
    b'"\\\n"',
    b'"a\nb"',
    b'"a\tb"',
    b'"\x00"',
    b'"\x1f"',
    b'"\r"',
    b'"\x08\x0c"',
)
BAD_STRUCTURES = (
    b"[1,]",
    b"[,1]",
    b"[1,,2]",
    b"[1 2]",
    b"[1",
    b"1]",
    b"[1}",
    b'{"b":1,}',
    b'{"b"}',
    b'{"b":}',
    b'{"b" 1}',
    b'{"b"::1}',
    b"{b:1}",
    b"{'b':1}",
    b"{1:1}",
    b"{null:1}",
    b"/**/1",
    b"1//",
    b"#1",
)
# No-break space, vertical tab, form feed and others are no white space of JSON.
BAD_SPACES = (
    b"\xc2\xa01",
    b"\x0b1",
    b"\x0c1",
    b"\xe2\x80\xa81",
    b"\xef\xbb\xbf1",
    b"\x001",
)
BAD_TEXTS = (
    b"{",
    b"{ ",
    b"{}}",
    b"{}{}",
    b"{} {}",
    b"{},",
    b"{};",
    b"{}null",
    b'{}"a"',
    b"{}\x00",
    b"{}\x00\x00\x00",
    b"{}\x0b",
    b"{}\xc2\xa0",
    b"{}\xef\xbb\xbf",
    b"{}//",
    b"{}\x1a",
    b"{,}",
    b'{,"a":1}',
    b'{"a":1,}',
    b'{"a":}',
    b'{"a":1',
    b'{"a":1]',
    b'{"a"',
    b'{"a":1 "b":2}',
    b'{"a":1;"b":2}',
    b'{"a"=1}',
    b'{{"a":1}}',
    b'{"a":1}}',
    b'{"id":1,"op":"ping"}{"id":2,"op":"ping"}',
)

LONE_SURROGATES = (
    b'"\\ud800"',
    b'"\\uDFFF"',
    b'"\\ude00\\ud83d"',
    b'"\\ud83d\\ud83d"',
    b'"\\ud83d\\ud83d\\ude00"',
    b'"\\ud83d\\ude00\\ude00"',
    b'"\\ud83dx"',
    b'"\\ud83d\\n\\ude00"',
    b'"\\ud83d\\u0041"',
    b'"\\ud83d\\\\ude00"',
    b'"a\\udbffb"',
    b'"\\uDbFf"',
    b'"\\ud83d \\ude00"',
    b'"\\ud83d\\ue000"',  # the neighbours of the low ones, and of the high ones
    b'"\\ud83d\\udbff"',
    b'"\\ud7ff\\udc00"',
    b'"\\ud83d\\ude0"',
)

BEYOND = str(2**1024 - 2**970).encode()
TOO_BIG_EXPONENTS = (
    b"1e400",
    b"-1e400",
    b"1E+309",
    b"1.8e308",
    b"17976931348623159e292",
    b"0.1e310",
    b"1e99999999999999999999",
)
TOO_MANY_DIGITS = (
    BEYOND,
    b"-%b" % BEYOND,
    b"%b.5" % BEYOND,
    b"9" * 309,
    b"1" + b"0" * 400,
    b"9" * 4301,  # one more than Python reads as an integer by default
    b"1" + b"0" * 5000,
    b"%b.0e1" % (b"9" * 4400),
)
FINITE_NUMBERS = (
    b"1e308",
    b"1.7976931348623157e308",
    b"1.7976931348623158e308",
    b"-1.7976931348623158e+308",
    str(2**1024 - 2**970 - 1).encode(),
    b"1" + b"0" * 308,
    b"1e-400",
    b"-1e-400",
    b"1e-99999999999999999999",
    b"0e99999999999999999999",
    b"-0.0e400",
    b"1e%b1" % (b"0" * 30),
    b"5e-324",
    b"2.4703282292062327e-324",
    b"1." + b"0" * 4400,
    b"0." + b"0" * 4400 + b"1",
    b"1" + b"0" * 4400 + b"e-4400",
    b"9" * 300,
)

ODD_STRINGS = (
    b'"\\u0000"',
    b'"a\\u0000b"',
    b'"\\u001f"',
    b'"\x7f"',
    b'"\\/\\b\\f\\n\\r\\t\\\\\\""',
    b'"\xc2\x80"',
    b'"\xc2\xa0\xe2\x80\xa8\xe2\x80\xa9"',
    b'"\xef\xbb\xbf"',
    b'"\xef\xbf\xbe\xef\xbf\xbf"',  # noncharacters, as they are and escaped
    b'"\\ufffe\\uFFFF\\ufdd0"',
    b'"\xf0\x9f\xbf\xbf\xf4\x8f\xbf\xbf"',
    b'"\\ud83f\\udfff\\uDBFF\\uDFFF"',
    b'"\\ud800\\udc00"',
    b'"\xed\x9f\xbf\xee\x80\x80"',  # the neighbours of the surrogates
    b'"\xf0\x9f\x98\x80"',
    b'"\\ud83D\\uDe00"',
    b'"\\\\ud800"',
    b'"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["',
    b'"]}[{[{[{[{[{[{[{[{[{[{[{[{[{[{[{[{[{["',
    b'"\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["',
    b'"{\\"a\\":{\\"a\\":1}}"',
    b'"NaN"',
    b'"//"',
    b'"%s%d"',
    b'"__proto__"',
)

# Pairs of names that some library takes for one name, though none of their code
# points are the same: case, normalisation, truncation at U+0000, numbers, sorting.
ALIKE_NAMES = (
    (b'"id"', b'"ID"'),
    (b'"op"', b'"Op"'),
    (b'"\xc3\xa9"', b'"e\xcc\x81"'),
    (b'"\\u00e9"', b'"e\\u0301"'),
    (b'"\xe2\x84\xab"', b'"\xc3\x85"'),
    (b'"\xef\xac\x81"', b'"fi"'),
    (b'"a"', b'"a\\u0000"'),
    (b'"a\\u0000b"', b'"a\\u0000c"'),
    (b'""', b'"\\u0000"'),
    (b'"a"', b'"a "'),
    (b'"a"', b'"\xef\xbb\xbfa"'),
    (b'"a"', b'"a\xe2\x80\x8d"'),
    (b'"1"', b'"01"'),
    (b'"\xc3\x9f"', b'"ss"'),
    (b'"\xf0\x9f\x98\x80"', b'"\xf0\x9f\x98\x81"'),
    (b'"\\n"', b'"n"'),
    (b'"\\\\u0061"', b'"a"'),
)
PAIR_CONTEXTS = (
    b"{%b:1,%b:2}",
    b'{"a ":{%b:1,%b:2}}',
    b'{"id":1,"op":"echo","data":[{%b:[],%b:{}}]}',
    b'{%b:"x","c":{"d":1},%b:null}',
    b'{"e":{"f":[0,[{%b:1,"g":[],%b:1}]]}}',
)
NAMES = (
    "a",
    "id",
    "op",
    "",
    "more",
    "\u00e9",
    "\U0001f600",
    "a/b",
    "\n",
    "\x00",
    "x" * 40,
    "__proto__",  # an object of JavaScript has them already
    "constructor",
)
# The same code points, spelt in two ways.
ESCAPED_TWINS = (
    (b'"a"', b'"\\u0061"'),
    (b'"id"', b'"\\u0069d"'),
    (b'"op"', b'"o\\u0070"'),
    (b'"/"', b'"\\/"'),
    (b'"\\n"', b'"\\u000a"'),
    (b'"\\u000A"', b'"\\u000a"'),
    (b'"\\""', b'"\\u0022"'),
    (b'"\\\\"', b'"\\u005c"'),
    (b'"\xc3\xa9"', b'"\\u00e9"'),
    (b'"\xf0\x9f\x98\x80"', b'"\\ud83d\\ude00"'),
    (b'"\\uD83D\\uDE00"', b'"\\ud83d\\ude00"'),
    (b'"\x7f"', b'"\\u007f"'),
    (b'"\\u0061\\u0061"', b'"aa"'),
    (b'"\xef\xbf\xbf"', b'"\\uffff"'),
)
ESCAPED_NAMES = (
    b'{"\\u0069d":1,"o\\u0070":"echo"}',
    b'{"\\u0064ata":{"\\u006Co":1}}',
    b'{"\\ud83d\\ude00":1}',
    b'{"\\u0022":1,"\\\\":2,"\\/":3}',
)
