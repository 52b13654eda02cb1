"""How deep objects and arrays nest: 32 levels, the metadata being the first."""

from collections.abc import Iterator

from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.rows import accepts, refuses

MOST = 32


def arrays(levels: int, inside: str = "") -> str:
    """A text of so many levels: the object, and arrays in it."""
    return '{"x":' + "[" * (levels - 1) + inside + "]" * (levels - 1) + "}"


def objects(levels: int, inside: str = "{}") -> str:
    """A text of so many levels, all of them objects."""
    return '{"x":' * (levels - 1) + inside + "}" * (levels - 1)


def turns(levels: int, inside: str = "") -> str:
    """A text of so many levels, objects and arrays by turns."""
    opening = ['{"x":' if n % 2 == 0 else "[" for n in range(levels)]
    closing = ["}" if n % 2 == 0 else "]" for n in range(levels)]
    found = inside or ("0" if levels % 2 else "")
    return "".join(opening) + found + "".join(reversed(closing))


ACCEPTED = {
    **{f"arrays-{n}": arrays(n) for n in (2, 16, 30, 31, 32)},
    **{f"objects-{n}": objects(n) for n in (2, 16, 30, 31, 32)},
    **{f"turns-{n}": turns(n) for n in (2, 16, 30, 31, 32)},
    "scalar-inside": arrays(MOST, "1"),
    "string-inside": arrays(MOST, '"[[[["'),
    "scalars-inside": arrays(MOST, '1,"a",null'),
    "scalar-in-objects": objects(MOST, '{"y":1}'),
    "siblings": '{"a":' + "[" * 31 + "]" * 31 + ',"b":' + "[" * 31 + "]" * 31 + "}",
    "many-siblings": '{"x":[' + "[]," * 10_000 + "[]]}",
    "many-deep-siblings": '{"x":[' + ("[" * 30 + "]" * 30 + ",") * 300 + "0]}",
    "wide-then-deep": '{"a":[[],[],[]],"x":%s}' % ("[" * 31 + "]" * 31),
    "deep-then-wide": '{"x":%s,"a":[[],[],[]]}' % ("[" * 31 + "]" * 31),
    "brackets-in-string": '{"x":"%s"}' % ("[" * 1000),
    "braces-in-name": '{"%s":1}' % ("{" * 1000),
    "brackets-after-escaped-quote": r'{"x":"\"%s"}' % ("[" * 100),
    "spaces-between": '{"x":' + "[ " * 31 + "] " * 31 + "}",
}

REFUSED = {
    **{f"arrays-{n}": arrays(n) for n in (33, 34, 64, 65, 128, 256, 1000, 10_000)},
    **{f"objects-{n}": objects(n) for n in (33, 34, 64, 129, 1000, 9000)},
    **{f"turns-{n}": turns(n) for n in (33, 34, 65, 1000)},
    "most-arrays": arrays(32_765),
    "object-in-arrays": arrays(MOST, "{}"),
    "array-in-objects": objects(MOST, '{"y":[]}'),
    "object-in-objects": objects(MOST, '{"y":{}}'),
    "after-scalars": arrays(MOST, "1,2,[]"),
    "second-sibling": '{"a":[],"b":' + "[" * 32 + "]" * 32 + "}",
    "after-a-deep-sibling": '{"a":'
    + "[" * 31
    + "]" * 31
    + ',"b":'
    + "[" * 32
    + "]" * 32
    + "}",
    "after-brackets-in-string": '{"a":"]]]]","x":' + "[" * 32 + "]" * 32 + "}",
    "not-known": '{"id":1,"op":"ping","x-y":' + "[" * 32 + "]" * 32 + "}",
    "with-scalar": arrays(33, "1"),
}

OPEN = {
    "arrays-32": '{"x":' + "[" * 31,
    "arrays-33": '{"x":' + "[" * 32,
    "arrays-60000": '{"x":' + "[" * 60_000,
    "objects-10000": '{"x":' * 10_000,
    "turns-10000": '{"x":[' * 10_000,
    "arrays-33-closed-but-for-one": '{"x":' + "[" * 32 + "]" * 31 + "}",
    "objects-33-closed-but-for-one": '{"x":' * 32 + "{" + "}" * 32,
    "turns-33-closed-but-for-one": '{"x":[' * 16 + "{" + "]}" * 16,
}
"""Never closed: refused for the depth or for the grammar, with the same code."""


def cases() -> Iterator[DecodeCase]:
    """All of depth."""
    title = "A JSON text of at most 32 levels is accepted"
    yield from accepts(("HJP-MET-13",), "depth", title, ACCEPTED)
    title = "A JSON text deeper than 32 levels is refused"
    yield from refuses(("HJP-MET-12",), "depth", title, REFUSED)
    deep = {row: text for row, text in OPEN.items() if row != "arrays-32"}
    title = "A JSON text of brackets that nobody closes is refused"
    yield from refuses(("HJP-MET-12", "HJP-MET-4"), "depth-open", title, deep)
    shallow = {"arrays-32": OPEN["arrays-32"]}
    yield from refuses(("HJP-MET-4", "HJP-MET-12"), "depth-open", title, shallow)
