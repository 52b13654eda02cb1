"""The frame as construct schemas, in the order of the text's table.

Each field carries the ids of its requirements in ``docs``. ``max_payload`` comes in
as a keyword argument of parse and build; the lengths are built from what follows.
"""

from collections.abc import Iterator
from typing import Any

from construct import (
    Bytes,
    Const,
    Construct,
    Int8ub,
    Int32ul,
    Rebuild,
    Struct,
    Validator,
    len_,
    this,
)

from hjp_spec import ijson
from hjp_spec.faults import FormatFault
from hjp_spec.registry import (
    DEFAULT_MAX_PAYLOAD,
    MAGIC,
    MAX_JSON,
    MIN_JSON,
    VERSION,
    Code,
)

CODES = {
    "HJP-FRM-2": Code.BAD_MAGIC,
    "HJP-FRM-4": Code.BAD_VERSION,
    "HJP-FRM-7": Code.BAD_FRAME,
    "HJP-FRM-8": Code.BAD_FRAME,
    "HJP-FRM-9": Code.TOO_LARGE,
    "HJP-FRM-10": Code.TOO_LARGE,
}
"""What a header that breaks a requirement is refused with."""


class Within(Validator):  # type: ignore[type-arg]
    """A number of a range, both ends included; an end may be a context lambda."""

    def __init__(self, subcon: "Construct[int, int]", least: int, most: Any):
        super().__init__(subcon)
        self.least = least
        self.most = most

    def _validate(self, obj: Any, context: Any, path: Any) -> bool:
        most = self.most(context) if callable(self.most) else self.most
        return bool(self.least <= obj <= most)


class IJson(Validator):  # type: ignore[type-arg]
    """Octets that are a JSON text as metadata has to be; they stay as they are.

    Raises:
        FormatFault: they are not; the offset counts from the start of the text.
    """

    def _validate(self, obj: Any, context: Any, path: Any) -> bool:
        ijson.parse(obj)
        return True


def max_payload_in_force(context: Any) -> int:
    """The keyword argument ``max_payload``, 65 536 where it was not given."""
    value: int = context._params.get("max_payload", DEFAULT_MAX_PAYLOAD)
    return value


Header = Struct(
    "magic" / Const(MAGIC) * "HJP-FRM-2",
    "version" / Const(VERSION, Int8ub) * "HJP-FRM-4",
    "reserved" / Const(bytes(3)) * "HJP-FRM-7",
    "json_length" / Within(Int32ul, MIN_JSON, MAX_JSON) * "HJP-FRM-8 HJP-FRM-9",
    "payload_length" / Within(Int32ul, 0, max_payload_in_force) * "HJP-FRM-10",
)
"""The sixteen octets at the start of a frame (HJP-FRM-1)."""

Frame = Struct(
    Header.magic,
    Header.version,
    Header.reserved,
    "json_length"
    / Rebuild(Header.json_length, len_(this.json))
    * Header.json_length.docs,
    "payload_length"
    / Rebuild(Header.payload_length, len_(this.payload))
    * Header.payload_length.docs,
    "json" / IJson(Bytes(this.json_length)) * "HJP-MET-4",
    "payload" / Bytes(this.payload_length) * "HJP-FRM-16",
)
"""A whole frame (HJP-FRM-1): ``Frame.build({"json": …, "payload": …})``."""


def _places() -> Iterator[tuple[Any, int, int, bytes | None]]:
    """The fields of a header, where they lie, and the octets of a constant."""
    start = 0
    fields: list[Any] = Header.subcons
    for field in fields:
        end = start + field.sizeof()
        constant = None if hasattr(field.subcon, "least") else field.build(None)
        yield field, start, end, constant
        start = end


_PLACES = tuple(_places())


def header_fault(
    octets: bytes, max_payload: int = DEFAULT_MAX_PAYLOAD
) -> FormatFault | None:
    """Why the schema refuses a header, or as much of one as there is.

    It looks at the fields as construct does, in a tenth of the time.

    Returns:
        The first fault in the order of the fields, which is the order of the rows 1
        to 6 of *Precedence*; None where every whole field is right.
    """
    for field, start, end, constant in _PLACES:
        if len(octets) < end:
            return None
        found = octets[start:end]
        if constant is not None:
            if found != constant:
                return _other_octets(field, start, found, constant)
            continue
        most = MAX_JSON if field.name == "json_length" else max_payload
        length = int.from_bytes(found, "little")
        if not field.subcon.least <= length <= most:
            return _out_of_range(field, start, length, most)
    return None


def _other_octets(field: Any, start: int, found: bytes, allowed: bytes) -> FormatFault:
    wrong = next(i for i, octet in enumerate(found) if octet != allowed[i])
    message = (
        f"{field.name}: found {found.hex(' ').upper()}; "
        f"allowed: {allowed.hex(' ').upper()}"
    )
    return FormatFault(CODES[field.docs], field.docs, start + wrong, message)


def _out_of_range(field: Any, start: int, found: int, most: int) -> FormatFault:
    least = field.subcon.least
    requirement = field.docs.split()[0 if found < least else -1]
    message = f"{field.name}: found {found}; allowed: {least} to {most}"
    return FormatFault(CODES[requirement], requirement, start, message)
