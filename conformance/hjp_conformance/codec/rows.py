"""What the tables of cases are made with: many cases at once, each row one case.

A row's name ends its case's permanent id, and the name of the table stands before it:
`codec-met-grammar-nan`. Neither depends on a position, so rows may be added anywhere.
"""

from collections.abc import Iterable, Iterator, Mapping

from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.expected import Expected, Part
from hjp_conformance.stimuli import frame
from hjp_spec.registry import DEFAULT_MAX_PAYLOAD

Cited = tuple[str, ...]
Text = str | bytes


def area_of(cited: Cited) -> str:
    """The chapter of the first requirement, such as `FRM`."""
    return cited[0].split("-")[1]


def named(cited: Cited, table: str, row: str) -> str:
    """The id of a row's case."""
    return "-".join(filter(None, ("codec", area_of(cited).lower(), table, row)))


def titled(title: str, row: str) -> str:
    """The title of a row's case."""
    return f"{title}: {row.replace('-', ' ')}" if row else title


def decodes(
    cited: Cited,
    table: str,
    title: str,
    rows: Mapping[str, tuple[bytes, Expected]],
    max_payload: int = DEFAULT_MAX_PAYLOAD,
) -> Iterator[DecodeCase]:
    """Cases of octets and what is permitted."""
    for row, (octets, outcome) in rows.items():
        yield DecodeCase(
            id=named(cited, table, row),
            title=titled(title, row),
            requirements=cited,
            area=area_of(cited),
            octets=octets,
            max_payload=max_payload,
            outcome=outcome,
        )


def accepts(
    cited: Cited, table: str, title: str, rows: Mapping[str, Text]
) -> Iterator[DecodeCase]:
    """Cases of JSON texts that are accepted, each in a frame of its own."""
    found = {row: (frame(text), accepted(text)) for row, text in rows.items()}
    return decodes(cited, table, title, found)


def refuses(
    cited: Cited, table: str, title: str, rows: Mapping[str, Text]
) -> Iterator[DecodeCase]:
    """Cases of JSON texts that are refused for what the first requirement says."""
    outcome = refused("bad_json", cited[0])
    found = {row: (frame(text), outcome) for row, text in rows.items()}
    return decodes(cited, table, title, found)


def accepted(*parts: Text | tuple[Text, bytes]) -> Expected:
    """Accept with these frames: JSON texts, or pairs of JSON text and payload."""
    return Expected("accept", tuple(map(part, parts)))


def refused(
    code: str, requirement: str, *before: Text | tuple[Text, bytes]
) -> Expected:
    """Reject for this requirement, after these frames."""
    return Expected("reject", tuple(map(part, before)), code, requirement)


def incomplete(
    *before: Text | tuple[Text, bytes], early: str | None = None
) -> Expected:
    """An end inside a frame after these; the code that may be told already."""
    return Expected("incomplete", tuple(map(part, before)), early=early)


def part(given: Text | tuple[Text, bytes]) -> Part:
    """JSON text and payload in octets."""
    text, payload = given if isinstance(given, tuple) else (given, b"")
    return text.encode() if isinstance(text, str) else text, payload


def member(value: Text) -> bytes:
    """An object whose member `x` has this value, as it stands."""
    return b'{"x":%b}' % (value.encode() if isinstance(value, str) else value)


def two_members(one: str, two: str) -> str:
    """An object with two members, their names as they stand."""
    return f'{{"{one}":1,"{two}":2}}'


def object_of(members: Iterable[str]) -> str:
    """An object of these members, as they stand."""
    return "{" + ",".join(members) + "}"


def members(rows: Mapping[str, Text]) -> dict[str, bytes]:
    """A table of values as one of JSON texts."""
    return {row: member(value) for row, value in rows.items()}


def strings(rows: Mapping[str, Text]) -> dict[str, bytes]:
    """A table of what stands between quotes as one of JSON texts."""
    return {row: b'{"x":"%b"}' % part(inside)[0] for row, inside in rows.items()}
