"""The members that a request may have, right and wrong, as JSON texts: tables only.

Where a table is of the wrong, None stands for the member left out.
"""

UNKNOWN_OPS: tuple[bytes, ...] = (
    *(b'"x-hjp-fuzz"', b'""', b'"Ping"', b'"PING"', b'"ping "', b'" ping"', b'"pin"'),
    *(b'"pingx"', b'"ping\\u0000"', b'"echo\\u0000x"', b'"UPPER"', b'"uppe\xc5\x99"'),
    *(b'"hell"', b'"x-"', b'"__proto__"', b'"null"', b'"\xf0\x9f\x98\x80"'),
    b'"x-%b"' % (b"y" * 3000),
)
WRONG_IDS: tuple[bytes | None, ...] = (
    *(None, b"0") * 3,
    *(None, b"0", b'"1"', b"null", b"true", b"false", b"-1", b"1.5", b"[1]", b"{}"),
    *(b"9007199254740992", b"9007199254740993", b"18446744073709551617", b'""'),
    *(b"1e300", b"-0", b"0.0", b"4503599627370496.5", b"1e-400"),
)
# A server may take these or refuse them (HJP-MET-19); N is a number that is right.
ODD_IDS = (b"%d.0", b"%de0", b"%d0e-1", b"%d.000")
WRONG_OPS: tuple[bytes | None, ...] = (
    *(None,) * 3,
    *(None, b"null", b"1", b"true", b"[]", b"{}", b'["ping"]', b'{"op":"ping"}'),
)
# A request has none at all.
OKS = (b"true", b"false", b"null", b"0", b'"ok"', b"{}")
WRONG_MORES = (b"null", b"0", b"1", b'"true"', b'""', b"[]", b"{}", b"0.0")
TIMEOUTS = (b"60000", b"4294967296", b"9007199254740991", b"2147483648", b"5000")
WRONG_TIMEOUTS = (
    *(b"0", b"-1", b"null", b'"60000"', b"true", b"1.5", b"[]", b"{}", b"1e300"),
    *(b"9007199254740992", b"-0", b"0.0"),
)
TOKENS = (b'""', b'"secret"', b'"\\u0000"', b'"\xf0\x9f\x98\x80"')
WRONG_TOKENS = (b"null", b"1", b"true", b"[]", b"{}", b'["secret"]')
FEATURES = (
    *(b"[]", b'["x-hjp-fuzz"]', b'["x-hjp-fuzz-1","x-hjp-fuzz-2"]', b'[""]'),
    b'["x-hjp-fuzz","x-hjp-fuzz"]',
)
WRONG_FEATURES = (
    *(b"null", b'"x-hjp-fuzz"', b"{}", b"true", b"[1]", b"[null]", b"[[]]"),
    *(b'["x-hjp-fuzz",1]', b'["x-hjp-fuzz",null]', b"0"),
)
LIMITS = (
    *(b"{}", b'{"max_payload":65536}', b'{"max_payload":131072}'),
    *(b'{"max_payload":4294967295}', b'{"max_payload":70000,"x-max":null}'),
    *(b'{"max_payload":2147483648}', b'{"idle_ms":0,"max_json":"x"}'),
)
ODD_LIMITS = (b'{"max_payload":65536.0}', b'{"max_payload":1e6}')
WRONG_LIMITS = (
    *(b"null", b"[]", b'"65536"', b"65536", b"true", b'{"max_payload":65535}'),
    *(b'{"max_payload":0}', b'{"max_payload":null}', b'{"max_payload":"65536"}'),
    *(
        b'{"max_payload":4294967296}',
        b'{"max_payload":-65536}',
        b'{"max_payload":true}',
    ),
    *(b'{"max_payload":65536.5}', b'{"max_payload":[]}', b'{"max_payload":1e300}'),
)
# Members that are not defined at their place, so that their values do not matter.
STRAYS: tuple[tuple[bytes, bytes], ...] = (
    *((b'"x-a"', b"1"), (b'"error"', b"{}"), (b'"error"', b"null"), (b'"ID"', b"7")),
    *((b'"Op"', b'"hello"'), (b'"MORE"', b"true"), (b'"fatal"', b"true")),
    *((b'"id "', b"0"), (b'"id\\u0000"', b'"x"'), (b'""', b"[]"), (b'"code"', b'"x"')),
    *((b'"__proto__"', b'{"ok":true}'), (b'"x"', b'{"id":9,"op":"hello","more":true}')),
    *((b'"last_id"', b"-1"), (b'"version"', b"2"), (b'"length"', b"99999999")),
)
# Strays too, as long as the operation is no `hello`.
STRAYS_BUT_IN_HELLO: tuple[tuple[bytes, bytes], ...] = (
    *((b'"token"', b"null"), (b'"features"', b"0"), (b'"limits"', b'"x"')),
    (b'"limits"', b'{"max_payload":0}'),
)
# Names that are spelt in two ways, and are the same.
TWINS = (
    *((b'"x"', b'"\\u0078"'), (b'"data"', b'"dat\\u0061"'), (b'"op"', b'"\\u006fp"')),
    (b'"id"', b'"i\\u0064"'),
)
DATA: tuple[bytes, ...] = (
    *(b"1", b"null", b"true", b"false", b"0", b'""', b"[]", b"{}", b"-0", b"0.1"),
    *(b'"a"', b'"\\u0000"', b'"a\\u0000b"', b'"\\ud83d\\ude00"', b'"\xf0\x9f\x98\x80"'),
    *(b'"\\u2028\xc2\x85\x7f"', b'"\\ufffe\\uffff"', b'"e\\u0301 \xc3\xa9"', b'"\\/"'),
    *(b"9007199254740993", b"18446744073709551616", b"1e308", b"5e-324", b"1e-400"),
    *(b"0.30000000000000004", b"1.7976931348623157e308", b"123456789.123456789"),
    *(
        b'["b","a"]',
        b'[1,[2,[3,{"a":[]}]]]',
        b'{"":1}',
        b'{"a":null}',
        b'{"b":1,"a":2}',
    ),
    *(b'{"__proto__":{"a":1}}', b'{"id":1,"op":"x","ok":false}', b"[1.0,1,true,null]"),
    *(b"[" * 31 + b"]" * 31, b'{"a":' * 20 + b"{}" + b"}" * 20),
    *(b'"%b"' % (b"x" * 60_000), b"[%b]" % b",".join([b"1e200"] * 300)),
    b'"%b"' % (b"y" * 65_450),
)
PAYLOADS: tuple[bytes, ...] = (
    *(
        b"hi",
        b"",
        b"`az{AZ@[",
        b"\x00",
        b"abc\x00def",
        b"\r\n",
        b" a ",
        b"\xc3\xa9\xff",
    ),
    *(
        b"HJP\xff",
        b"HJP\xff\x01\0\0\0\2\0\0\0\0\0\0\0{}",
        bytes(range(256)),
        b"\xe1\xfa",
    ),
    *(b"\n\n", b"a" * 1000, b"\xc3\x9f\xef\xac\x81", b"\0\0\0abc", b"x\r\ny "),
)
HEADERS: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("magic", (b"hjp\xff", b"HJP\x7f", b"HJP\xfe", b"\xffPJH", b"\0HJP", b"HJP ")),
    ("version", (b"\x02", b"\x00", b"\x11", b"\x81", b"\xff", b"1")),
    ("reserved", (b"\1\0\0", b"\0\1\0", b"\0\0\1", b"\0\0\x80", b"\xff\xff\xff")),
    ("json_length", (b"\0\0\0\0", b"\1\0\0\0", b"\1\0\1\0", b"\0\0\0\x80")),
)
"""Fields of a header that are refused, in their octets."""
SIZES = (65_536, 65_535, 40_000)
"""Payloads that a connection without `hello` takes."""
