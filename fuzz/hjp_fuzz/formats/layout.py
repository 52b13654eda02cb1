"""Where the fields of a frame lie, read from its schema, for formats of any shape."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from construct import (
    Adapter,
    Bytes,
    Const,
    Default,
    FormatField,
    GreedyBytes,
    NullTerminated,
    Rebuild,
    Renamed,
)

from hjp_fuzz.dialect import Role
from hjp_fuzz.formats.schema import OPEN, Json, Member


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a frame.

    Attributes:
        name: how the schema calls it.
        role: what it is for.
        rules: identifiers of the rules on it.
        width: octets of a constant or a length.
        order: the byte order of a length.
        value: what a constant holds.
        of: the field that a length counts.
        said: the member of the JSON text that says how long it is, if one does.
        end: the octets that end it, if any do.
    """

    name: str
    role: Role
    rules: tuple[str, ...] = ()
    width: int = 0
    order: Literal["little", "big"] = "little"
    value: bytes = b""
    of: str = ""
    said: str = ""
    end: bytes = b""


class Short(Exception):  # noqa: N818
    """There are fewer octets than a field has."""


def parts_of(schema: Any) -> tuple[Part, ...]:
    """Read the fields of a frame from its schema.

    Args:
        schema: a ``Struct`` of constants, lengths, JSON texts (`Json`) and octets
            that are counted by a length, by a member of the first text, end with
            something, or go to the end.

    Raises:
        ValueError: there is something else in it.
    """
    return tuple(_part(named, schema.subcons) for named in schema.subcons)


def _part(named: Any, siblings: Sequence[Any]) -> Part:
    rules = tuple(named.docs.split())
    layers = list(_layers(named))
    base = layers[-1]
    if any(isinstance(layer, Const) for layer in layers):
        value = named.build(None)
        return Part(named.name, Role.CONSTANT, rules, len(value), value=value)
    if isinstance(base, FormatField):
        order: Literal["little", "big"]
        order = "little" if base.fmtstr.startswith("<") else "big"
        of = _counted_by(named.name, siblings)
        return Part(named.name, Role.LENGTH, rules, base.sizeof(), order, of=of)
    is_text = any(isinstance(layer, Json) for layer in layers)
    ended = [layer.term for layer in layers if isinstance(layer, NullTerminated)]
    counted = getattr(base, "length", None)
    return Part(
        named.name,
        Role.TEXT if is_text else Role.PAYLOAD,
        rules,
        said=counted.name if isinstance(counted, Member) else "",
        end=b"".join(ended),
    )


# What changes neither the octets of a field nor how many they are.
_WRAPPERS = (Adapter, Const, Default, NullTerminated, Rebuild, Renamed)


def _layers(construct: Any) -> Iterator[Any]:
    """Yield a construct and what it wraps, down to what reads the octets."""
    yield construct
    while not isinstance(construct, FormatField | Bytes | type(GreedyBytes)):
        if not isinstance(construct, _WRAPPERS):
            raise ValueError(f"a dialect has no {type(construct).__name__}")
        construct = construct.subcon
        yield construct


def _counted_by(name: str, siblings: Sequence[Any]) -> str:
    for sibling in siblings:
        base = list(_layers(sibling))[-1]
        if repr(getattr(base, "length", None)) == f"this[{name!r}]":
            return str(sibling.name)
    raise ValueError(f"nothing is counted by {name}")


def written(
    parts: Sequence[Part],
    contents: Mapping[str, bytes],
    lies: Mapping[str, int | bytes],
) -> list[bytes]:
    """Write the fields of a frame, one after the other.

    Args:
        parts: the fields.
        contents: what the texts and payloads hold.
        lies: what constants, lengths and members say that is not so; of a member the
            octets, or the number.
    """
    contents = {**contents, **_with_members(parts, contents, lies)}
    octets: list[bytes] = []
    for part in parts:
        if part.name in contents:
            octets.append(contents[part.name] + part.end)
            continue
        said = lies.get(part.name)
        if said is None:
            said = len(contents[part.of]) if part.of else part.value
        if isinstance(said, int):
            said = (said % (1 << 8 * part.width)).to_bytes(part.width, part.order)
        octets.append(said)
    return octets


def _with_members(
    parts: Sequence[Part],
    contents: Mapping[str, bytes],
    lies: Mapping[str, int | bytes],
) -> dict[str, bytes]:
    """Return the first text with the lengths in it that its members say."""
    members: list[bytes] = []
    for part in parts:
        true = len(contents.get(part.name, b""))
        if part.said and (true or part.said in lies):
            lie = lies.get(part.said, true)
            spelt = lie if isinstance(lie, bytes) else b"%d" % lie
            members.append(b"%b:%b" % (json.dumps(part.said).encode(), spelt))
    name = next(part.name for part in parts if part.role is Role.TEXT)
    before, open_, rest = contents[name].partition(OPEN)
    if not members or not open_:
        return {}
    comma = b"" if rest.lstrip().startswith(b"}") else b","
    return {name: before + open_ + b",".join(members) + comma + rest}


def taken(parts: Sequence[Part], octets: bytes) -> dict[str, bytes]:
    """Take the first frame apart, as far as its lengths can be believed.

    Raises:
        Short: it is not all there.
    """
    found: dict[str, bytes] = {}
    sizes: dict[str, int] = {}
    for part in parts:
        size = part.width or _size(part, found, sizes, octets)
        if size > len(octets):
            raise Short
        found[part.name], octets = octets[:size], octets[size + len(part.end) :]
        if part.of:
            sizes[part.of] = int.from_bytes(found[part.name], part.order)
    return found


def _size(
    part: Part, found: Mapping[str, bytes], sizes: Mapping[str, int], octets: bytes
) -> int:
    if part.said:
        return _member_of(found, part.said)
    if part.end:
        at = octets.find(part.end)
        return at if at >= 0 else len(octets) + 1
    return sizes.get(part.name, len(octets))


def _member_of(found: Mapping[str, bytes], name: str) -> int:
    """Return the length that some JSON text before says; 0 if none does."""
    for text in found.values():
        try:
            said = json.loads(text).get(name)
        except (ValueError, AttributeError, RecursionError):
            continue
        if isinstance(said, int) and said > 0:
            return said
    return 0
