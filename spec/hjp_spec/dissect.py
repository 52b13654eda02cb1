"""Takes octets apart: every field, what it means, and everything that is wrong.

Beyond what a codec refuses it looks at what a server or a client checks in the
metadata of one frame; what only a whole connection can show is left out.
"""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from hjp_spec import messages, schema
from hjp_spec.captures import read_octets
from hjp_spec.oracle import Frame, Outcome, Status, decode
from hjp_spec.registry import DEFAULT_MAX_PAYLOAD, HEADER_LENGTH, Code
from hjp_spec.requirements import REQUIREMENTS

__all__ = [
    "Dissection",
    "Field",
    "FieldFault",
    "Row",
    "as_json",
    "dissect",
    "read_octets",
    "render",
    "rows",
]

Sender = Literal["client", "server"]

_ROW = 8
_ROWS_SHOWN = {"JSON text": 32}
_OTHER_ROWS_SHOWN = 4
_AROUND = 2 * _ROW
_TEXTS = ("JSON text", "payload", "rest")
_RED, _DIM, _BOLD, _PLAIN = "\x1b[31m", "\x1b[2m", "\x1b[1m", "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a frame, as much of it as is there.

    Attributes:
        offset: where it begins, in octets from the start of the input.
        length: how many octets of it are there.
        name: its name in the table of the text.
        text: what it says.
        requirements: the ids that a wrong value would break.
    """

    offset: int
    length: int
    name: str
    text: str
    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldFault:
    """Something that is wrong.

    Attributes:
        code: what a receiver refuses or answers with; None if that is not said.
        requirement: the id of what is broken.
        offset: where, in octets from the start of the input.
        message: what was found and what is allowed.
    """

    code: Code | None
    requirement: str
    offset: int
    message: str


@dataclass(frozen=True, slots=True)
class Dissection:
    """Octets taken apart."""

    octets: bytes
    fields: tuple[Field, ...]
    faults: tuple[FieldFault, ...]
    outcome: Outcome


def dissect(
    octets: bytes,
    max_payload: int = DEFAULT_MAX_PAYLOAD,
    sender: Sender | None = None,
) -> Dissection:
    """Take a stream apart; never raises, whatever the octets.

    Args:
        octets: frames, one after the other, right or wrong.
        max_payload: the limit in force, in octets.
        sender: who sent them; if None, a frame with ``ok`` and without ``op`` is a
            server's, every other a client's.
    """
    outcome = decode(octets, max_payload)
    fields: list[Field] = []
    faults: list[FieldFault] = []
    start = 0
    for frame in outcome.frames:
        fields += _fields(octets, start, None)
        faults += _message_faults(frame, start, sender)
        start += frame.size
    fields += _fields(octets, start, outcome.offset)
    faults += _stream_faults(outcome)
    return Dissection(octets, tuple(fields), tuple(faults), outcome)


def _fields(octets: bytes, start: int, fault: int | None) -> Iterator[Field]:
    """The fields of the frame at start, up to the first that is wrong or cut off."""
    offset = start
    for name, length, requirements in _layout(octets, start):
        found = octets[offset : offset + length]
        if not found:
            continue
        text = _meaning(name, found)
        if len(found) < length:
            text = f"{len(found)} of {length} octets"
        yield Field(offset, len(found), name, text, requirements)
        offset += len(found)
        if fault is not None and fault < offset:
            break
    rest = len(octets) - offset
    if fault is not None and rest:
        yield Field(offset, rest, "rest", "nobody looks at it", ("HJP-ERR-10",))


def _layout(octets: bytes, start: int) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Name, length and requirements of each field, as the schema has them."""
    for field in schema.Header.subcons:
        yield str(field.name), field.sizeof(), tuple(field.docs.split())
    lengths = [
        int.from_bytes(octets[start + at : start + at + 4], "little") for at in (8, 12)
    ]
    yield "JSON text", lengths[0], ("HJP-MET-1",)
    yield "payload", lengths[1], ("HJP-FRM-16",)


def _meaning(name: str, found: bytes) -> str:
    if name == "magic":
        return '"HJP", FF' if found == b"HJP\xff" else _printable(found)
    if name in ("JSON text", "payload"):
        return f"{len(found)} octets"
    if name == "reserved":
        return " ".join(str(octet) for octet in found)
    return str(int.from_bytes(found, "little"))


def _printable(octets: bytes) -> str:
    return "".join(chr(octet) if 0x20 <= octet < 0x7F else "." for octet in octets)


def _stream_faults(outcome: Outcome) -> Iterator[FieldFault]:
    if outcome.offset is not None and outcome.message is not None:
        requirement = str(outcome.requirement)
        yield FieldFault(outcome.code, requirement, outcome.offset, outcome.message)
    if outcome.early is not None:
        message = "no further octets could make this frame acceptable"
        yield FieldFault(outcome.early, "HJP-FRM-18", outcome.consumed, message)


def _message_faults(
    frame: Frame, start: int, sender: Sender | None
) -> Iterator[FieldFault]:
    metadata, text_at = frame.metadata, start + HEADER_LENGTH
    if sender is None:
        sender = "server" if "ok" in metadata and "op" not in metadata else "client"
    kind: messages.Kind = "request" if sender == "client" else "reply"
    for problem in messages.faults(kind, str(metadata.get("op")), metadata):
        requirement = str(problem.requirement)
        yield FieldFault(_code(requirement, kind), requirement, text_at, str(problem))
    if kind == "reply" and metadata.get("ok") is False and frame.payload:
        message = f"an error with a payload of {len(frame.payload)} octets"
        yield FieldFault(None, "HJP-ERR-2", text_at + len(frame.json), message)


def _code(requirement: str, kind: messages.Kind) -> Code | None:
    """What the sentence says; what it leaves open in a request is ``bad_request``."""
    code = REQUIREMENTS[requirement].code
    return Code.BAD_REQUEST if code is None and kind == "request" else code


def as_json(dissection: Dissection) -> dict[str, Any]:
    """The dissection as JSON values, with the sentences of what is broken."""
    outcome = dissection.outcome
    return {
        "octets": len(dissection.octets),
        "status": outcome.status,
        "code": outcome.code,
        "early": outcome.early,
        "frames": len(outcome.frames),
        "consumed": outcome.consumed,
        "fields": [_field_as_json(dissection, field) for field in dissection.fields],
        "faults": [
            asdict(fault) | {"sentence": _sentence(fault)}
            for fault in dissection.faults
        ],
    }


def _field_as_json(dissection: Dissection, field: Field) -> dict[str, Any]:
    found = dissection.octets[field.offset : field.offset + field.length]
    return asdict(field) | {"hex": found.hex()}


def _sentence(fault: FieldFault) -> str:
    return REQUIREMENTS[fault.requirement].sentence


@dataclass(frozen=True, slots=True)
class Row:
    """Up to eight octets of one field, to be shown in a line.

    Attributes:
        offset: of the first of them, in octets from the start of the input.
        octets: what stands there.
        name: of the field; empty in its further rows.
        rules: the ids that a wrong value would break, without ``HJP-``; so are these.
        text: what the octets say.
        marked: those of them that are marked, counted from the start of the input.
    """

    offset: int
    octets: bytes
    name: str
    rules: str
    text: str
    marked: tuple[int, ...]


def rows(
    dissection: Dissection, marks: Collection[int] = (), upto: int | None = None
) -> Iterator[Row]:
    """The rows to show: most of a long field is left out, but never a marked octet.

    Args:
        dissection: what to show.
        marks: octets to mark beyond those of the faults, and to show with the rows
            around them wherever they are.
        upto: the octet from which on only these are shown; None if there is none.
    """
    limit = len(dissection.octets) if upto is None else upto
    marked = {fault.offset for fault in dissection.faults if fault.offset < limit}
    marked.update(marks)
    around = {at + off for at in marked for off in range(-_AROUND, _AROUND + 1)}
    for field in dissection.fields:
        first = _ROWS_SHOWN.get(field.name, _OTHER_ROWS_SHOWN)
        end = min(field.offset + first * _ROW, limit)
        for at in range(field.offset, field.offset + field.length, _ROW):
            octets = range(at, min(at + _ROW, field.offset + field.length))
            if at < end or not around.isdisjoint(octets):
                found = dissection.octets[octets.start : octets.stop]
                yield _row(at, found, field, tuple(sorted(marked.intersection(octets))))


def _row(at: int, found: bytes, field: Field, marked: tuple[int, ...]) -> Row:
    if at > field.offset:
        return Row(at, found, "", "", _printable(found), marked)
    rules = " ".join(id_.removeprefix("HJP-") for id_ in field.requirements)
    is_text = field.length > _ROW or field.name in _TEXTS
    text = _printable(found) if is_text else field.text
    return Row(at, found, field.name, rules, text, marked)


def render(
    dissection: Dissection,
    color: bool = False,
    marks: Collection[int] = (),
    upto: int | None = None,
) -> str:
    """The dissection for people: a row for each eight octets, then the faults.

    Args:
        dissection: what to show.
        color: whether escape sequences for a terminal may be used.
        marks: octets to mark beyond those of the faults, always shown.
        upto: the octet from which on only these are shown; None if there is none.
    """
    lines = [
        _painted(f"  {'offset':>6}  {'octets':<23}  field           ", _BOLD, color)
        + _painted(f"{'rules':<12}meaning", _BOLD, color)
    ]
    end = 0
    for row in rows(dissection, marks, upto):
        lines += _gap(end, row.offset)
        lines.append(_line(row, color))
        end = row.offset + len(row.octets)
    lines += [*_gap(end, len(dissection.octets)), "", _summary(dissection)]
    for fault in dissection.faults:
        if upto is None or fault.offset < upto:
            lines += _told(fault, color)
    return "\n".join(lines) + "\n"


def _line(row: Row, color: bool) -> str:
    octets = row.octets.hex(" ").upper()
    line = f"{row.offset:>6}  {octets:<23}  {row.name:<16}{row.rules:<12}{row.text}"
    line = line.rstrip()
    return _painted(f"> {line}", _RED, color) if row.marked else f"  {line}"


def _gap(start: int, end: int) -> list[str]:
    count = end - start
    more = f"{count} octet{'' if count == 1 else 's'} more"
    return [f"  {'…':>6}  {more}"] if count > 0 else []


def _summary(dissection: Dissection) -> str:
    outcome = dissection.outcome
    frames = len(outcome.frames)
    text = f"{outcome.status}: {frames} frame{'' if frames == 1 else 's'}"
    if outcome.status == Status.ACCEPT:
        return text
    rest = len(dissection.octets) - outcome.consumed
    state = "refused" if outcome.status == Status.REJECT else "incomplete"
    return f"{text}, then {rest} octet{'' if rest == 1 else 's'} of one that is {state}"


def _told(fault: FieldFault, color: bool) -> Iterator[str]:
    code = fault.code or "fault"
    head = _painted(str(code), _RED, color)
    yield f"{head} at octet {fault.offset}: {fault.message}"
    yield _painted(f"    {fault.requirement}  {_sentence(fault)}", _DIM, color)


def _painted(text: str, paint: str, color: bool) -> str:
    return f"{paint}{text}{_PLAIN}" if color else text
