"""What a format of header, JSON and payload looks like to the grammar.

A dialect knows the fields of a frame by their roles: constant, length, JSON text,
payload.  So the grammar can tell the truth everywhere but in one named place.
`derived` reads a dialect from a construct schema; a format without a schema is
described by writing its fields down.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property, lru_cache, partial
from typing import Any, Literal

from construct import Adapter, Bytes, Const, Container, FormatField

from hjp_fuzz.cases import Draft
from hjp_spec import schema


class Role(Enum):
    """What a field is for."""

    CONSTANT = "constant"
    LENGTH = "length"
    TEXT = "text"
    PAYLOAD = "payload"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a frame.

    Attributes:
        name: how the schema calls it.
        role: what it is for.
        width: octets of it; 0 if a length says how many.
        offset: where it begins, if all fields before it have a width.
        order: the byte order of a length.
        value: what a constant holds.
        of: the name of the field that a length counts.
        low: the least length allowed.
        high: the greatest length allowed.
        requirements: identifiers of the requirements on the field; of a length,
            the first is broken by too small a value, the last by too great a one.
    """

    name: str
    role: Role
    width: int = 0
    offset: int = 0
    order: Literal["little", "big"] = "little"
    value: bytes = b""
    of: str = ""
    low: int = 0
    high: int = 0
    requirements: tuple[str, ...] = ()

    def broken_by(self, length: int) -> tuple[str, ...]:
        """Return the requirement that such a length breaks by itself, if any."""
        if length < self.low:
            return self.requirements[:1]
        return self.requirements[-1:] if length > self.high else ()


@dataclass(frozen=True)
class Dialect:
    """A format: a header of constants and lengths, a JSON text, a payload.

    Attributes:
        fields: the fields in their order.
        early: after how many octets a receiver has to decide on the constants
            that these hold; 0 if it may wait for the whole header.
    """

    fields: tuple[Field, ...]
    early: int = 0

    @cached_property
    def constants(self) -> tuple[Field, ...]:
        """The fields that are the same in every frame."""
        return tuple(field for field in self.fields if field.role is Role.CONSTANT)

    @cached_property
    def lengths(self) -> tuple[Field, ...]:
        """The fields that count octets of others."""
        return tuple(field for field in self.fields if field.role is Role.LENGTH)

    @cached_property
    def text(self) -> Field:
        """The field that holds the JSON text."""
        return next(field for field in self.fields if field.role is Role.TEXT)

    @cached_property
    def payload(self) -> Field:
        """The field that holds the payload."""
        return next(field for field in self.fields if field.role is Role.PAYLOAD)

    @cached_property
    def _text_length(self) -> Field:
        return self.length_of(self.text)

    @cached_property
    def _payload_length(self) -> Field:
        return self.length_of(self.payload)

    @cached_property
    def magic(self) -> bytes:
        """The octets by which a frame is known: its first constant."""
        return self.constants[0].value

    @cached_property
    def lookalikes(self) -> tuple[bytes, ...]:
        """Octets that look like the beginning of a frame, or like frames."""
        smallest = self.write(Draft())
        return (self.magic, smallest, smallest * 2, self.magic[:3])

    @cached_property
    def header_length(self) -> int:
        """Octets before the JSON text."""
        return self.text.offset

    @cached_property
    def _header(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.width)

    def length_of(self, counted: Field) -> Field:
        """Return the field that counts the octets of another."""
        return next(field for field in self.lengths if field.of == counted.name)

    def write(self, draft: Draft) -> bytes:
        """Write a frame as its draft says, lies included."""
        octets = self._whole(draft) if draft.raw is None else draft.raw
        return octets if draft.keep is None else octets[: draft.keep]

    def _whole(self, draft: Draft) -> bytes:
        text, payload = len(draft.json), len(draft.payload)
        if draft.lies:
            header = self._header_of(draft.lies, text, payload)
        else:
            header = self._honest_header(text, payload)
        return header + draft.json + draft.payload

    @cached_property
    def _honest_header(self) -> Callable[[int, int], bytes]:
        """Writes the header of a frame without lies; the same come again and again."""
        return lru_cache(maxsize=4096)(partial(self._header_of, {}))

    def _header_of(
        self, lies: Mapping[str, int | bytes], text: int, payload: int
    ) -> bytes:
        true = {self.text.name: text, self.payload.name: payload}
        octets = b""
        for field in self._header:
            said = lies.get(field.name)
            if said is None:
                said = true[field.of] if field.of else field.value
            if isinstance(said, int):
                said = said.to_bytes(field.width, field.order)
            octets += said
        return octets

    def edges(self, draft: Draft) -> list[int]:
        """Return where the fields of a frame end, counted from its start."""
        if draft.raw is not None:
            return [self.early, self.header_length]
        text_end = self.header_length + len(draft.json)
        return [*self._header_edges, text_end, text_end + len(draft.payload)]

    @cached_property
    def _header_edges(self) -> tuple[int, ...]:
        ends = tuple(field.offset + field.width for field in self._header[-1:])
        return (self.early, *ends) if self.early else ends

    def write_all(self, drafts: Iterable[Draft]) -> tuple[bytes, list[int]]:
        """Write the frames one after another, and tell where their fields end."""
        parts: list[bytes] = []
        edges: list[int] = []
        start = 0
        for draft in drafts:
            octets = self.write(draft)
            end = start + len(octets)
            edges += [e for at in self.edges(draft) if (e := start + at) < end]
            edges.append(end)
            parts.append(octets)
            start = end
        return b"".join(parts), edges

    def read(self, octets: bytes) -> tuple[Draft, ...]:
        """Take octets apart into drafts, as far as the lengths can be believed."""
        drafts: list[Draft] = []
        while octets:
            draft = self._read_one(octets)
            drafts.append(draft)
            octets = octets[len(self.write(draft)) :]
        return tuple(drafts)

    def missing(self, octets: bytes) -> int:
        """Return how many octets a frame that begins so lacks, by its lengths."""
        header = octets.ljust(self.header_length, b"\x00")
        said = (header[f.offset : f.offset + f.width] for f in self.lengths)
        sizes = zip(said, self.lengths, strict=True)
        whole = sum(int.from_bytes(size, f.order) for size, f in sizes)
        return max(0, self.header_length + whole - len(octets))

    def _read_one(self, octets: bytes) -> Draft:
        if len(octets) < self.header_length:
            return Draft(raw=octets)
        said = {f.name: octets[f.offset : f.offset + f.width] for f in self._header}
        lies = {f.name: said[f.name] for f in self.constants if said[f.name] != f.value}
        text, payload = self._text_length, self._payload_length
        size = int.from_bytes(said[payload.name], payload.order)
        json_end = int.from_bytes(said[text.name], text.order) + self.header_length
        draft = Draft(octets[self.header_length : json_end], octets[json_end:], lies)
        if json_end > len(octets):
            lengths = {f.name: said[f.name] for f in (text, payload)}
            return replace(draft, lies={**lies, **lengths})
        if len(draft.payload) >= size:
            return replace(draft, payload=draft.payload[:size])
        if payload.broken_by(size):
            return replace(draft, lies={**lies, payload.name: size})
        whole = draft.payload.ljust(size, b"\x00")
        return replace(draft, payload=whole, keep=len(octets))


def derived(frame: Any, early: int = 0) -> Dialect:
    """Read a dialect from the construct schema of a frame.

    Args:
        frame: a Struct of constants, lengths, and octets that lengths count; the
            octets that an adapter looks into are the JSON text.
        early: see `Dialect.early`.
    """
    fields: list[Field] = []
    offset = 0
    for named in frame.subcons:
        field = replace(_field(named, frame.subcons), offset=offset)
        fields.append(field)
        offset += field.width
    return Dialect(tuple(fields), early)


def _field(named: Any, siblings: Sequence[Any]) -> Field:
    layers = list(_layers(named))
    requirements = tuple(named.docs.split())
    base = layers[-1]
    if any(isinstance(layer, Const) for layer in layers):
        value = named.build(None)
        return Field(
            named.name,
            Role.CONSTANT,
            len(value),
            value=value,
            requirements=requirements,
        )
    if isinstance(base, Bytes):
        role = Role.TEXT if _is_read(layers) else Role.PAYLOAD
        return Field(named.name, role, requirements=requirements)
    low, high = _range(layers, 8 * base.sizeof())
    return Field(
        named.name,
        Role.LENGTH,
        base.sizeof(),
        order="little" if base.fmtstr.startswith("<") else "big",
        of=_counted_by(named.name, siblings),
        low=low,
        high=high,
        requirements=requirements,
    )


def _layers(construct: Any) -> Iterator[Any]:
    """Yield a construct and what it wraps, down to what reads the octets."""
    yield construct
    while not isinstance(construct, FormatField | Bytes):
        construct = construct.subcon
        yield construct


def _is_read(layers: Sequence[Any]) -> bool:
    return any(isinstance(layer, Adapter) for layer in layers)


def _range(layers: Sequence[Any], bits: int) -> tuple[int, int]:
    for layer in layers:
        if isinstance(layer, schema.Within):
            most = layer.most
            if callable(most):  # a limit that is not the format's but the endpoint's
                most = most(Container(_params=Container()))
            return layer.least, most
    return 0, (1 << bits) - 1


def _counted_by(name: str, siblings: Sequence[Any]) -> str:
    for sibling in siblings:
        base = list(_layers(sibling))[-1]
        if isinstance(base, Bytes) and repr(base.length) == f"this[{name!r}]":
            return str(sibling.name)
    raise ValueError(f"nothing is counted by {name}")


def _hjp() -> Dialect:
    dialect = derived(schema.Frame)
    version = next(field for field in dialect.fields if field.name == "version")
    # Magic and version are decided on without the rest of the header (HJP-FRM-5).
    return replace(dialect, early=version.offset + version.width)


HJP = _hjp()
"""HJP/1, as its schema says."""
