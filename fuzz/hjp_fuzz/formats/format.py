"""A format with its rules: how frames of it are written, and which of them are right."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from functools import cached_property
from io import BytesIO
from typing import Any, TypeVar

from construct import ConstructError, StreamError

from hjp_fuzz.cases import Draft
from hjp_fuzz.dialect import Dialect, Role
from hjp_fuzz.failures import MEANING, Check
from hjp_fuzz.formats.layout import Part, Short, parts_of, taken, written
from hjp_fuzz.formats.schema import UNDECIDED, Fault, Refused
from hjp_fuzz.sources import ReplaySource, Source
from hjp_fuzz.targets import Pair, TargetError, place, type_name

A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a parser has to make of a stream.

    Attributes:
        status: accept, incomplete, reject, or undecided where the format's own text
            says neither.
        frames: what it has to give before that.
        consumed: the octets of those frames together.
        rule: identifier of the rule that the next frame breaks; empty if none.
    """

    status: str
    frames: tuple[Pair, ...] = ()
    consumed: int = 0
    rule: str = ""


@dataclass(frozen=True)
class Format(Dialect):
    """A dialect that is not HJP; `dialect` makes it.

    Attributes:
        schema: what reads a frame.
        rules: the sentences of the format's own text, by identifiers of yours.
        frame: writes a right frame, out of choices.
        fault: says which rule a frame breaks whose fields are right.
        told: says what a parser gives for a frame.
        ends: whether a parser tells an end inside a frame from a fault.
        name: how the user named it, by which it is found again.
    """

    _: KW_ONLY
    schema: Any
    rules: Mapping[str, str]
    frame: Callable[[Source], Draft]
    fault: Fault | None = None
    told: Callable[[Any], Pair] | None = None
    ends: bool = True
    name: str = ""

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The fields in their order."""
        return parts_of(self.schema)

    @cached_property
    def several(self) -> bool:
        """Whether a stream holds more than one frame: none goes to the end."""
        counted = {part.of for part in self.parts}
        free = (p for p in self.parts if p.role in (Role.TEXT, Role.PAYLOAD))
        return all(part.end or part.said or part.name in counted for part in free)

    @cached_property
    def _text(self) -> str:
        return next(part.name for part in self.parts if part.role is Role.TEXT)

    @cached_property
    def _payload(self) -> str:
        named = [part.name for part in self.parts if part.role is Role.PAYLOAD]
        return named[-1] if named else ""

    @cached_property
    def header_length(self) -> int:
        """Octets before the JSON text, as far as they have a width."""
        before = [part.name for part in self.parts].index(self._text)
        return sum(part.width for part in self.parts[:before])

    @cached_property
    def lookalikes(self) -> tuple[bytes, ...]:
        """Octets that look like frames."""
        return (self.plain, self.plain * 2, self.plain[:3])

    @property
    def plain(self) -> bytes:
        """A right frame, of the simplest choices."""
        return self.write(self.drawn(ReplaySource(())))

    def drawn(self, source: Source) -> Draft:
        """Write a right frame.

        Raises:
            TargetError: what the user wrote for that fails.
        """
        return _asked("frame", self.frame, source)

    def sentence(self, rule: str) -> str:
        """Return what a rule says, or what the check of that name is about."""
        return self.rules.get(rule) or MEANING[Check(rule)]

    def rule_of(self, field: str) -> str:
        """Return the first rule on a field; empty if there is none."""
        of_it = (part.rules for part in self.parts if part.name == field)
        return next(iter(next(of_it, ())), "")

    def read_by(self, what: str) -> str:
        """Return the rule by which the metadata, or else the payload, is read.

        It is the last one on the last field of that role.
        """
        role = Role.TEXT if what == "metadata" else Role.PAYLOAD
        rules = [part.rules for part in self.parts if part.role is role and part.rules]
        return rules[-1][-1] if rules else ""

    def exercised(self, verdict: Verdict) -> set[str]:
        """Return the rules that a stream exercises.

        These are the broken one, and those on the fields of right frames.
        """
        right = {rule for part in self.parts for rule in part.rules}
        return {verdict.rule} - {""} | (right if verdict.frames else set())

    def _fields(self, draft: Draft) -> list[bytes]:
        free = [p.name for p in self.parts if p.role in (Role.TEXT, Role.PAYLOAD)]
        said = ((name, draft.lies.get(name, b"")) for name in free)
        contents = {name: said for name, said in said if isinstance(said, bytes)}
        contents[self._text] = draft.json
        if self._payload:
            contents[self._payload] = draft.payload
        return written(self.parts, contents, draft.lies)

    def _whole(self, draft: Draft) -> bytes:
        return b"".join(self._fields(draft))

    def edges(self, draft: Draft) -> list[int]:
        """Return where the fields of a frame end, counted from its start."""
        if draft.raw is not None:
            return [self.header_length]
        ends, at = [], 0
        for octets in self._fields(draft):
            at += len(octets)
            ends.append(at)
        return ends

    def _read_one(self, octets: bytes) -> Draft:
        try:
            found = taken(self.parts, octets)
        except Short:
            return Draft(raw=octets)
        lies: dict[str, int | bytes] = {}
        for part in self.parts:
            spare = part.name not in (self._text, self._payload)
            if not part.of and spare and found[part.name] != part.value:
                lies[part.name] = found[part.name]
        text, payload = found[self._text], found.get(self._payload, b"")
        draft = Draft(self._without_members(text, found), payload, lies)
        if draft.json + payload and octets.startswith(self.write(draft)):
            return draft
        size = sum(len(found[part.name]) + len(part.end) for part in self.parts)
        return Draft(raw=octets[: max(1, size)])

    def _without_members(self, text: bytes, found: Mapping[str, bytes]) -> bytes:
        """Leave the lengths out of a text that are written into it anyway."""
        for part in self.parts:
            if part.said and found[part.name]:
                spelt = b'"%b":%d' % (part.said.encode(), len(found[part.name]))
                at = text.find(spelt)
                rest = text[at + len(spelt) :]
                text = text[:at] + rest.removeprefix(b",") if at >= 0 else text
        return text

    def decode(self, stream: bytes) -> Verdict:
        """Return what a parser has to make of a stream.

        Raises:
            TargetError: what the user wrote to judge frames fails.
        """
        octets, frames, start = BytesIO(stream), list[Pair](), 0
        status, rule = "accept", ""
        try:
            while start < len(stream) or not (frames or self.several):
                frames.append(self._frame(octets))
                start = octets.tell()
        except Refused as refused:
            undecided = refused.rule == UNDECIDED
            status = UNDECIDED if undecided else "reject"
            rule = "" if undecided else refused.rule
        except ConstructError as error:
            status = "incomplete" if isinstance(error, StreamError) else "reject"
            rule = self.rule_of((error.path or "").rpartition(" -> ")[2])
        return Verdict(status, tuple(frames), start, rule)

    def _frame(self, octets: BytesIO) -> Pair:
        frame = self.schema.parse_stream(octets)
        rule = _asked("fault", self.fault, frame) if self.fault else None
        if rule:
            raise Refused(rule)
        if self.told:
            return _asked("told", self.told, frame)
        return frame[self._text].value, frame[self._payload] if self._payload else b""


def _asked(what: str, asked: Callable[[A], B], argument: A) -> B:
    """Call what the user wrote, and tell that it is to blame if it fails."""
    try:
        return asked(argument)
    except Exception as error:
        where = f"{type_name(error)} at {place(error)}"
        message = f"{what} of the dialect raised {where}: {error!s:.200}"
        raise TargetError(message) from error


def dialect(
    schema: Any,
    *,
    rules: Mapping[str, str],
    frame: Callable[[Source], Draft],
    fault: Fault | None = None,
    told: Callable[[Any], Pair] | None = None,
    ends: bool = True,
) -> Format:
    """Read a dialect from the construct schema of somebody's format.

    Args:
        schema: a ``Struct`` of one frame: constants, lengths, a JSON text (`Json`),
            a payload.  What stands behind a field after ``*`` are identifiers of the
            rules on it; the first is cited where the field is wrong, the last where
            something else is read from it.
        rules: the sentences of the format's own text by those identifiers.
        frame: writes a right frame out of choices: a draft of the JSON text and the
            payload, and further texts among its lies, by the names of their fields.
            Lengths are written by themselves.
        fault: gets the fields of a frame, and returns the rule that they break,
            `UNDECIDED`, or None.
        told: gets the same of a right frame, and returns what a parser makes of it:
            metadata and payload; the object and the payload unless given.
        ends: whether a parser tells an end inside a frame from a fault.

    Raises:
        ValueError: a field has a rule that is not among the rules, or there is
            something in the schema that a dialect has not.
    """
    made = Format((), schema=schema, rules=rules, frame=frame)
    for part in made.parts:
        for rule in part.rules:
            if rule not in rules:
                raise ValueError(f"{part.name}: there is no rule {rule}")
    return replace(made, fault=fault, told=told, ends=ends)
