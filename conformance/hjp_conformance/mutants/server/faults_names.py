"""Faults in the names and the code points of JSON texts."""

import re
import unicodedata

from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.metadata import BadJson, Object, Scanner, Value

KNOWN = {"id", "op", "ok", "more", "timeout_ms", "data", "token", "features", "limits"}

# MET-6 to MET-8: names


@fault("MET-6")
class LastOfName(Scanner):
    """Takes the last of several members of one name."""

    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        """The last one wins."""


@fault("MET-6")
class FirstOfName(LastOfName):
    """Takes the first of several members of one name."""

    def add(self, members: Object, name: str, value: Value) -> None:
        members.setdefault(name, value)


@fault("MET-6")
class NamesOfTopOnly(Scanner):
    """Looks for equal names in the outermost object only."""

    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        if depth == 0:
            super().check_name(members, name, value, depth)


@fault("MET-6")
class NamesInArraysIgnored(Scanner):
    """Does not look for equal names in objects that are in arrays."""

    arrays = 0

    def array(self, depth: int) -> list[Value]:
        self.arrays += 1
        values = super().array(depth)
        self.arrays -= 1
        return values

    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        if not self.arrays:
            super().check_name(members, name, value, depth)


@fault("MET-6")
class EqualMembersAccepted(Scanner):
    """Accepts two members of one name if their values are equal."""

    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        if members.get(name) != value:
            super().check_name(members, name, value, depth)


@fault("MET-6")
class NeighbourNamesOnly(Scanner):
    """Compares a name with the one just before it only."""

    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        if [name] == list(members)[-1:]:
            super().check_name(members, name, value, depth)


@fault("MET-6")
class KnownNamesOnly(Scanner):
    """Looks for equal names only among those of the specification."""

    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        if name in KNOWN:
            super().check_name(members, name, value, depth)


@fault("MET-7")
class RawNamesCompared(Scanner):
    """Compares names before their escapes are resolved."""

    def __init__(self, octets: bytes) -> None:
        super().__init__(octets)
        self.seen: set[str] = set()

    def name(self) -> str:
        start = self.at
        name = super().name()
        raw = self.text[start : self.at]
        if raw in self.seen:
            raise BadJson("two members of one name")
        self.seen.add(raw)
        return name

    def object(self, depth: int) -> Object:
        outer, self.seen = self.seen, set()
        members = super().object(depth)
        self.seen = outer
        return members

    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        """Done when the name was read."""


@fault("MET-7")
class EscapedNamesUnknown(Scanner):
    """Does not recognise a defined name that is spelt with escapes."""

    def name(self) -> str:
        start = self.at
        name = super().name()
        raw = self.text[start + 1 : self.at - 1]
        return raw if name in KNOWN else name


class TopNames(Scanner):
    """Changes the names of the outermost object."""

    def object(self, depth: int) -> Object:
        members = super().object(depth)
        if depth:
            return members
        return {self.change(name): value for name, value in members.items()}

    def change(self, name: str) -> str:
        return name


@fault("MET-8")
class NamesAnyCase(TopNames):
    """Takes ID for id."""

    def change(self, name: str) -> str:
        return name.lower()


@fault("MET-8")
class NamesTrimmed(TopNames):
    """Ignores spaces around names."""

    def change(self, name: str) -> str:
        return name.strip()


@fault("MET-8")
class NamesEndAtNul(TopNames):
    """Takes the first U+0000 for the end of a name."""

    def change(self, name: str) -> str:
        return name.partition("\0")[0]


@fault("MET-8")
class EqualButForCase(Scanner):
    """Refuses two names that differ in case only."""

    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        if name.lower() in {known.lower() for known in members}:
            raise BadJson("two members of one name")


@fault("MET-8")
class EqualButForForm(Scanner):
    """Refuses two names that differ in normalisation form only."""

    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        forms = {unicodedata.normalize("NFC", known) for known in members}
        if unicodedata.normalize("NFC", name) in forms:
            raise BadJson("two members of one name")


@fault("MET-6")
class NamesAcrossObjects(Scanner):
    """Keeps one set of names for all objects."""

    def __init__(self, octets: bytes) -> None:
        super().__init__(octets)
        self.names: set[str] = set()

    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        if name in self.names:
            raise BadJson("two members of one name")
        self.names.add(name)


# MET-9 and MET-10: code points


@fault("MET-9")
class LoneSurrogates(Scanner):
    """Accepts escapes of half a surrogate pair."""

    def lone(self, unit: int) -> str:
        return "\ufffd"


@fault("MET-9")
class LoneLowSurrogates(Scanner):
    """Accepts an escape of a low surrogate without a high one."""

    def lone(self, unit: int) -> str:
        return "\ufffd" if unit >= 0xDC00 else super().lone(unit)


@fault("MET-9")
class LoneHighSurrogates(Scanner):
    """Accepts an escape of a high surrogate that no escape follows."""

    def pair(self, first: int) -> str:
        if self.text[self.at : self.at + 2] != "\\u":
            return "\ufffd"
        return super().pair(first)


@fault("MET-9")
class AnyPair(Scanner):
    """Takes whatever escape follows a high surrogate for the other half."""

    def pair(self, first: int) -> str:
        if self.text[self.at : self.at + 2] != "\\u":
            return self.lone(first)
        self.at += 2
        low = self.unit() & 0x3FF
        return chr(0x10000 + ((first - 0xD800) << 10) + low)


@fault("MET-9")
class LoneInNames(Scanner):
    """Accepts half a surrogate pair in names."""

    in_name = False

    def name(self) -> str:
        self.in_name = True
        name = super().name()
        self.in_name = False
        return name

    def lone(self, unit: int) -> str:
        return "\ufffd" if self.in_name else super().lone(unit)


class Picky(Scanner):
    """Refuses some code points in strings and names."""

    refused = re.compile("(?!)")

    def string(self) -> str:
        text = super().string()
        if self.refused.search(text):
            raise BadJson("this character is not welcome")
        return text


@fault("MET-10")
class NulRefused(Picky):
    r"""Refuses \u0000."""

    refused = re.compile("\0")


@fault("MET-10")
class NoncharactersRefused(Picky):
    """Refuses noncharacters."""

    refused = re.compile("[\ufdd0-\ufdef\ufffe\uffff\U0010fffe\U0010ffff]")


@fault("MET-10")
class ControlsRefused(Picky):
    """Refuses U+007F to U+009F."""

    refused = re.compile("[\x7f-\x9f]")


@fault("MET-10")
class MarksRefused(Picky):
    """Refuses U+FEFF inside a string."""

    refused = re.compile("\ufeff")


@fault("MET-10")
class AstralRefused(Picky):
    """Refuses code points above U+FFFF."""

    refused = re.compile("[\U00010000-\U0010ffff]")


@fault("MET-10")
class LineSeparatorsRefused(Picky):
    """Refuses U+2028 and U+2029."""

    refused = re.compile("[\u2028\u2029]")
