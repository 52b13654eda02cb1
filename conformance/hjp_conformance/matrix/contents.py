"""Payloads that go wrong where somebody takes octets for something else."""

import random

from hjp_conformance.stimuli import ALL_OCTETS, ping

FULL = 65_536
"""The greatest payload that needs no `hello`, in octets."""

SIZES = (0, 1, 2, 15, 16, 17, 255, 256, 1_023, 4_096, FULL - 1, FULL)
"""Round the lengths of a header, of what fits into an octet, and of the limit."""


def of_size(octets: int) -> bytes:
    """So many octets, in which every shift and every loss is seen."""
    return (b"".join(b"%06x:" % n for n in range(octets // 7 + 1)))[:octets]


def by_chance(octets: int) -> bytes:
    """So many octets that nothing can compress; the same ones every time."""
    return random.Random(octets).randbytes(octets)


ODD = {
    "every-octet": ALL_OCTETS,
    "zeros": bytes(1_000),
    "high-octets": b"\xff" * 1_000,
    "magic": b"HJP\xff",
    "whole-frames": ping(1) + ping(2),
    "header-of-another-version": b"HJP\xff\2" + bytes(11),
    "http-request": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "ends-of-lines": b"one\r\ntwo\nthree\rfour\n\r\n",
    "white-space": b" \t\r\n",
    "end-of-text": b"before\x04between\x1aafter",
    "escapes": b"\\n \\u0000 %00 %s {} $HOME \"quoted'",
    "json": b'{"id":2,"op":"ping","more":true}',
    "byte-order-mark": b"\xef\xbb\xbftext",
    "not-utf8": b"\x80\xc0\xaf\xed\xa0\x80\xf5 and half a letter \xe6\xb1",
    "octets-by-chance": by_chance(FULL),
}
"""For `echo`, by the last part of the id."""

_MIXED = (
    "Straße 42: ÄÖÜ äöü, ıİ \u017f ÿ, ǆ, άλφα, кот, 漢字, \uff41\uff42, é e\u0301, "
    "👩\u200d🚀"
)

TEXTS = {
    "letters": b"The quick brown fox jumps over the lazy dog.",
    "neighbours-of-letters": b"@AZ[`az{",
    "every-octet": ALL_OCTETS,
    "utf8": _MIXED.encode(),
    "utf16": _MIXED.encode("utf-16-le"),
    "latin1": "naïve café, façade, ÿ, ß, \xd7 \xf7".encode("latin-1"),
    "gbk": "汉字 and 拼音: 騳 亄 乤 乫".encode("gbk"),
    "not-utf8": b"a\x80b\xc0\xafc\xed\xa0\x80d\xff",
    "zero-in-between": b"before\0after",
}
"""For `upper`."""


def upper(payload: bytes) -> bytes:
    """What HJP-COR-13 says: each octet from 61 to 7A less by 20 (hexadecimal)."""
    return bytes(one - 0x20 if 0x61 <= one <= 0x7A else one for one in payload)
