"""Names of members: which two are the same, and which are not."""

from collections.abc import Iterator

from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.rows import accepts, object_of, refuses, two_members

SAME = {
    "plain": ("a", "a"),
    "empty": ("", ""),
    "escape-second": ("a", r"\u0061"),
    "escape-first": (r"\u0061", "a"),
    "escape-both": (r"\u0061", r"\u0061"),
    "escape-in-the-middle": ("abc", r"a\u0062c"),
    "hexadecimal-case": (r"\u00e9", r"\u00E9"),
    "escape-of-accent": ("é", r"\u00e9"),
    "escape-of-euro": ("€", r"\u20ac"),
    "pair-and-raw": ("\U0001f600", r"\ud83d\ude00"),
    "pair-case": (r"\ud83d\ude00", r"\uD83D\uDE00"),
    "solidus": ("a/b", r"a\/b"),
    "solidus-escape": (r"\/", r"\u002f"),
    "quote": (r"\"", r"\u0022"),
    "backslash": (r"\\", r"\u005c"),
    "line-feed": (r"\n", r"\u000a"),
    "tab": (r"\t", r"\u0009"),
    "backspace": (r"\b", r"\u0008"),
    "form-feed": (r"\f", r"\u000c"),
    "carriage-return": (r"\r", r"\u000D"),
    "nul": (r"\u0000", r"\u0000"),
    "nul-inside": (r"a\u0000b", r"a\u0000b"),
    "delete": ("\x7f", r"\u007f"),
    "byte-order-mark": ("\ufeff", r"\ufeff"),
    "noncharacter": ("\uffff", r"\uffff"),
    "proto": ("__proto__", "__proto__"),
    "proto-by-escape": ("__proto__", r"\u005f_proto__"),
    "constructor": ("constructor", "constructor"),
    "id": ("id", "id"),
    "op": ("op", r"o\u0070"),
    "space": (" ", r"\u0020"),
    "digits": ("0", r"\u0030"),
    "long": ("x" * 5000, "x" * 5000),
    "long-by-escape": ("x" * 5000, "x" * 4999 + r"\u0078"),
}

DIFFERENT = {
    "letters": ("a", "b"),
    "case": ("id", "ID"),
    "case-of-first": ("op", "Op"),
    "empty-and-space": ("", " "),
    "space-after": ("a", "a "),
    "space-before": ("a", " a"),
    "prefix": ("a", "aa"),
    "nul-after": ("a", r"a\u0000"),
    "nul-and-empty": ("", r"\u0000"),
    "after-nul": (r"a\u0000b", r"a\u0000c"),
    "normalisation": ("é", "e\u0301"),
    "normalisation-by-escape": (r"\u00e9", r"e\u0301"),
    "compatibility": ("ﬁ", "fi"),
    "full-width": ("a", "\uff41"),
    "greek": ("A", "\u0391"),
    "kelvin": ("K", "\u212a"),
    "dotless-i": ("i", "\u0131"),
    "dotted-i": ("i", "\u0130"),
    "sharp-s": ("ss", "ß"),
    "long-s": ("s", "\u017f"),
    "angstrom": ("\u00c5", "\u212b"),
    "zero-width-space": ("a", "a\u200b"),
    "soft-hyphen": ("ab", "a\u00adb"),
    "byte-order-mark": ("a", "\ufeffa"),
    "variation-selector": ("a", "a\ufe0f"),
    "no-break-space": (" ", "\u00a0"),
    "hyphens": ("-", "\u2010"),
    "digits": ("1", "\u0661"),
    "leading-zero": ("1", "01"),
    "number-forms": ("1", "1.0"),
    "escaped-backslash": ("a", r"\\u0061"),
    "backslash-and-letter": (r"\\n", r"\n"),
    "low-octet": ("a", "\u0161"),
    "sixteen-bits": ("\uf600", "\U0001f600"),
    "supplementary": ("\U0001f600", "\U0001f601"),
    "pair-and-pair": (r"\ud83d\ude00", r"\ud83d\ude01"),
    "replacement": ("\ufffd", "\ufffc"),
    "last-of-long": ("x" * 5000, "x" * 4999 + "y"),
    "length-of-long": ("x" * 5000, "x" * 5001),
    "null": ("null", ""),
    "proto": ("__proto__", "proto"),
    "prototype": ("constructor", "prototype"),
    "hash-of-some": ("Aa", "BB"),
}

PLACES = {
    "inner-object": '{"x":{"%s":1,"%s":2}}',
    "in-array": '{"x":[{"%s":1,"%s":2}]}',
    "apart": '{"%s":1,"between":[{}],"%s":2}',
    "of-objects": '{"%s":{"p":1},"%s":{"q":2}}',
    "same-value": '{"%s":null,"%s":null}',
    "with-space": '{ "%s" : 1 , "%s" : 2 }',
    "after-inner": '{"%s":{"z":{"z":1}},"%s":[]}',
}

SPECIAL = (
    *("__proto__", "constructor", "prototype", "toString", "hasOwnProperty"),
    *("valueOf", "__class__", "__dict__", "self", "this", "length", "__length__"),
    *("null", "true", "0", "-1", "NaN", "$ref", "@type", "#", "x-", "id ", "$id"),
)

SEPARATE = {
    "in-two-objects": '{"x":{"a":1},"y":{"a":1}}',
    "in-two-of-an-array": '{"x":[{"a":1},{"a":1}]}',
    "outside-and-inside": '{"a":{"a":{"a":1}}}',
    "inside-then-outside": '{"x":{"a":1},"a":1}',
    "outside-then-inside": '{"a":1,"x":{"a":1}}',
    "name-and-value": '{"a":"a"}',
    "in-strings": '{"a":["a","a","a"]}',
    "in-empty-objects": '{"x":{},"y":{}}',
    **{
        f"after-{count}-objects": '{"a":1,"x":[%s{"a":1}]}' % ("{}," * count)
        for count in (254, 255, 256, 257, 20_000)
    },
    "after-an-array": '{"x":[{"a":1},{"b":1},{"a":1}],"a":1}',
}


def cases() -> Iterator[DecodeCase]:
    """Two members of one object, of which the names are compared."""
    escaped = {row for row, (one, two) in SAME.items() if one != two}
    for row, two in SAME.items():
        cited = ("HJP-MET-6", "HJP-MET-7") if row in escaped else ("HJP-MET-6",)
        title = "Two members of one name are refused"
        yield from refuses(cited, "same", title, {row: two_members(*two)})
    title = "Two members of different names are accepted"
    found = {row: two_members(*two) for row, two in DIFFERENT.items()}
    yield from accepts(("HJP-MET-8",), "different", title, found)
    for name, place in PLACES.items():
        told = name.replace("-", " ")
        same = {row: place % SAME[row] for row in ("plain", "escape-second", "nul")}
        title = f"Two members of one name are refused, {told}"
        yield from refuses(("HJP-MET-6",), f"same-{name}", title, same)
        other = {row: place % DIFFERENT[row] for row in ("case", "nul-after")}
        title = f"Two members of different names are accepted, {told}"
        yield from accepts(("HJP-MET-8",), f"different-{name}", title, other)
    title = "A name in one object says nothing about another object"
    yield from accepts(("HJP-MET-8", "HJP-FRM-12"), "separate", title, SEPARATE)
    yield from _special()
    yield from _many()


def _special() -> Iterator[DecodeCase]:
    rows = {_row(name): f'{{"{name}":{{"x":1}}}}' for name in SPECIAL}
    title = "A name that some language treats in its own way is a name like others"
    yield from accepts(("HJP-MET-8",), "special", title, rows)
    twice = {_row(name): f'{{"{name}":1,"a":2,"{name}":3}}' for name in SPECIAL}
    title = "A name that some language treats in its own way is found twice"
    yield from refuses(("HJP-MET-6",), "special-twice", title, twice)


def _row(name: str) -> str:
    """A name in the letters that ids have; the others by their numbers."""
    return (
        "".join(
            letter if letter.isdigit() or letter.islower() else f"-{ord(letter):x}-"
            for letter in name
        )
        .strip("-")
        .replace("--", "-")
    )


def _many() -> Iterator[DecodeCase]:
    names = [f'"{n:x}":0' for n in range(6000)]
    found = {
        "first-and-last": [*names, names[0]],
        "last-two": [*names, names[-1]],
        "middle-and-last": [*names, names[3000]],
    }
    rows = {row: object_of(all_) for row, all_ in found.items()}
    title = "One name twice among thousands is refused"
    yield from refuses(("HJP-MET-6",), "same-of-many", title, rows)
    title = "Thousands of names are accepted"
    right = {"all": object_of(names)}
    yield from accepts(("HJP-MET-8", "HJP-FRM-12"), "different-of-many", title, right)
    three = {
        "twice-three": '{"a":1,"b":2,"a":3,"b":4}',
        "three-times": '{"a":1,"a":2,"a":3}',
        "last-of-three": '{"a":1,"b":2,"b":3}',
        "outer-around-inner": '{"a":1,"b":{"c":1,"d":2},"a":3}',
        "inner-of-last": '{"a":1,"b":{"c":1,"c":2}}',
    }
    title = "A name more than once is refused"
    yield from refuses(("HJP-MET-6",), "same", title, three)
