"""What a schema of somebody else's format is made of, besides what construct has."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from construct import Adapter, Construct

from hjp_fuzz.odd_texts import BYTE_ORDER_MARK
from hjp_spec import ijson
from hjp_spec.faults import FormatFault

UNDECIDED = "undecided"
"""In the place of a rule: the format's own text says neither yes nor no."""
WHITE_SPACE = b" \t\n\r"
OPEN = b"{"


class Refused(Exception):  # noqa: N818
    """A frame breaks a rule of its format, or does what the format does not decide.

    Attributes:
        rule: identifier of the rule, or `UNDECIDED`.
    """

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Text:
    """A JSON text that was read.

    Attributes:
        octets: as it stands in the frame.
        value: the object that it holds; None where there is no text.
    """

    octets: bytes
    value: dict[str, Any] | None


# By which requirement of HJP the strict reader knows what a text gets wrong.
_ASPECTS = {
    "HJP-MET-2": "utf8",
    "HJP-MET-3": "object",
    "HJP-MET-4": "json",
    "HJP-MET-6": "names",
    "HJP-MET-7": "names",
    "HJP-MET-9": "surrogates",
    "HJP-MET-11": "numbers",
    "HJP-MET-12": "depth",
}
_KNOWN = {*_ASPECTS.values(), "begins"}


class Json(Adapter):  # type: ignore[type-arg]
    """Octets that are a JSON text of one object.

    A text that gets wrong what no rule is named for is undecided.

    Args:
        subcon: what reads the octets.
        optional: whether no octets are no text, and right.
        rules: identifiers of the rules that a text breaks which is not ``utf8``, no
            ``object``, not ``json`` by RFC 8259; of which the object does not begin
            at once (``begins``); with two members of one name (``names``), half a
            ``surrogates`` pair, ``numbers`` beyond binary64, or more ``depth`` than
            32 levels.

    Raises:
        TypeError: there is nothing of that kind to be named a rule for.
    """

    def __init__(
        self, subcon: "Construct[Any, Any]", optional: bool = False, **rules: str
    ) -> None:
        super().__init__(subcon)
        if unknown := sorted(rules.keys() - _KNOWN):
            known = ", ".join(sorted(_KNOWN))
            raise TypeError(f"Json knows rules for {known}, none for {unknown[0]}")
        self.optional = optional
        self.rules = rules

    def _decode(self, obj: Any, context: Any, path: Any) -> Text:
        if self.optional and not obj:
            return Text(obj, None)
        if obj.startswith(BYTE_ORDER_MARK):  # RFC 8259 leaves it to the parser
            raise Refused(self.rules.get("begins", UNDECIDED))
        begun = obj.lstrip(WHITE_SPACE)
        if begun[:1] == OPEN and begun != obj and "begins" in self.rules:
            raise Refused(self.rules["begins"])
        try:
            return Text(obj, ijson.parse(begun))
        except FormatFault as fault:
            raise Refused(self._broken_by(begun, fault)) from None

    def _broken_by(self, text: bytes, fault: FormatFault) -> str:
        aspect = _ASPECTS[fault.requirement]
        if aspect == "object" and not _is_json(text):
            aspect = "json"  # neither: the rule on JSON is the one to cite
        return self.rules.get(aspect, UNDECIDED)


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def member(text: str, name: str, rule: str = UNDECIDED) -> "Member":
    """Return the length that a member of a JSON text says, for ``Bytes``.

    Args:
        text: the field that holds the JSON text.
        name: the member's name; where there is none, the length is 0.
        rule: what is broken where it is no number at all; what kind of number a
            length is, unless it is written as an integer, is undecided.
    """
    return Member(text, name, rule)


@dataclass(frozen=True, slots=True)
class Member:
    """See `member`."""

    text: str
    name: str
    rule: str

    def __call__(self, context: Any) -> int:
        """Return the length."""
        said = (context[self.text].value or {}).get(self.name, 0)
        if type(said) is int and said >= 0:
            return said
        if said is None or (isinstance(said, int | float) and said is not True):
            raise Refused(UNDECIDED)
        raise Refused(self.rule)


Fault = Callable[[Any], str | None]
"""Takes the fields of a frame by their names; returns the rule that they break."""
