"""Faults in which names are the same (MET-6 to MET-8)."""

import re
import unicodedata

from hjp_conformance.mutants.codec.frames import Decoder, Frame, Refused
from hjp_conformance.mutants.codec.shared import BadJson, Object, Scanner, Value
from hjp_conformance.mutants.codec.table import fault

# MET-6: no name twice


class Unchecked(Scanner):
    """Does not look for some equal names."""

    def overlooked(self, members: Object, name: str, value: Value, depth: int) -> bool:
        return True

    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        if not self.overlooked(members, name, value, depth):
            super().check_name(members, name, value, depth)


@fault("MET-6")
class NullsOverwritten(Unchecked):
    """Overlooks an earlier member of the name whose value is null."""

    def overlooked(self, members: Object, name: str, value: Value, depth: int) -> bool:
        return members.get(name) is None


@fault("MET-6")
class FalsyOverwritten(Unchecked):
    """Overlooks an earlier member whose value is null, false or empty."""

    def overlooked(self, members: Object, name: str, value: Value, depth: int) -> bool:
        return not members.get(name)


@fault("MET-6")
class ObjectsMerged(Unchecked):
    """Merges two members of one name whose values are objects."""

    def overlooked(self, members: Object, name: str, value: Value, depth: int) -> bool:
        return isinstance(value, dict) and isinstance(members.get(name), dict)


@fault("MET-6")
class LongNamesUnchecked(Unchecked):
    """Does not compare names of more than 64 characters."""

    def overlooked(self, members: Object, name: str, value: Value, depth: int) -> bool:
        return len(name) > 64


@fault("MET-6")
class EmptyNamesUnchecked(Unchecked):
    """Does not compare empty names."""

    def overlooked(self, members: Object, name: str, value: Value, depth: int) -> bool:
        return not name


@fault("MET-6")
class ProtoUnchecked(Unchecked):
    """Overlooks a second __proto__, which is no member of its own there."""

    def overlooked(self, members: Object, name: str, value: Value, depth: int) -> bool:
        return name == "__proto__"


@fault("MET-6")
class ForeignNamesUnchecked(Unchecked):
    """Does not compare names that are not ASCII."""

    def overlooked(self, members: Object, name: str, value: Value, depth: int) -> bool:
        return not name.isascii()


@fault("MET-6")
class ManyNamesUnchecked(Unchecked):
    """Compares a name with the first 64 of its object only."""

    def overlooked(self, members: Object, name: str, value: Value, depth: int) -> bool:
        return name not in list(members)[:64]


@fault("MET-6")
class DeepNamesUnchecked(Unchecked):
    """Does not compare names below the eighth level."""

    def overlooked(self, members: Object, name: str, value: Value, depth: int) -> bool:
        return depth >= 8


@fault("MET-6")
class SecondLevelUnchecked(Unchecked):
    """Does not compare the names of objects in the outermost object."""

    def overlooked(self, members: Object, name: str, value: Value, depth: int) -> bool:
        return depth == 1


@fault("MET-6")
class ThirdOfName(Scanner):
    """Refuses a name only when it comes for the third time."""

    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        again = name + " again"
        if again in members:
            raise BadJson("three members of one name")
        if name in members:
            members[again] = None


@fault("MET-6")
class NamesOfFirstFrame(Decoder):
    """Looks for equal names in the first frame only."""

    def scan(self, frame: Frame) -> None:
        scanner = Unchecked if frame.number else self.scanner
        scanner(frame.text).read()


@fault("MET-6")
class TwinBadFrame(Scanner):
    """Refuses two members of one name with bad_frame."""

    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        if name in members:
            raise Refused("bad_frame")


# MET-7: escapes are resolved first


class HalfResolved(Scanner):
    """Compares names in which only some escapes are resolved."""

    one = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)")

    def name(self) -> str:
        start = self.at
        super().name()
        return self.one.sub(self.resolve, self.text[start + 1 : self.at - 1])

    def resolve(self, found: re.Match[str]) -> str:
        text = found.group(1)
        return self.resolve_unit(text) if len(text) == 5 else self.resolve_short(text)

    def resolve_unit(self, text: str) -> str:
        return chr(int(text[1:], 16))

    def resolve_short(self, text: str) -> str:
        return self.escapes[text]


@fault("MET-7")
class ShortEscapesCompared(HalfResolved):
    r"""Compares \n and the like as they are written."""

    def resolve_short(self, text: str) -> str:
        return "\\" + text

    def name(self) -> str:
        name = super().name().encode("utf-16", "surrogatepass")
        return name.decode("utf-16", "replace")


@fault("MET-7")
class SolidusCompared(Scanner):
    r"""Takes \/ in a name for two characters."""

    def name(self) -> str:
        start = self.at
        name = super().name()
        raw = self.text[start : self.at].replace(r"\\", "")
        return name.replace("/", r"\/") if r"\/" in raw else name


@fault("MET-7")
class PairsCompared(HalfResolved):
    """Takes the two escapes of a pair in a name for two characters."""


@fault("MET-7")
class CapitalUnitsCompared(Scanner):
    r"""Compares \u with capital digits as it is written."""

    def name(self) -> str:
        start = self.at
        name = super().name()
        raw = self.text[start : self.at].replace(r"\\", "")
        return raw if re.search(r"\\u[0-9A-Fa-f]*[A-F]", raw) else name


@fault("MET-7")
class WideUnitsCompared(Scanner):
    r"""Resolves \u in names up to U+007F only."""

    def name(self) -> str:
        start = self.at
        name = super().name()
        raw = self.text[start : self.at].replace(r"\\", "")
        return raw if re.search(r"\\u(?!00[0-7])", raw) else name


@fault("MET-7")
class NamesResolvedTwice(Scanner):
    """Resolves the escapes of a name a second time."""

    def name(self) -> str:
        return re.sub(r"\\u([0-9A-Fa-f]{4})", self.resolve, super().name())

    def resolve(self, found: re.Match[str]) -> str:
        return chr(int(found.group(1), 16))


@fault("MET-7")
class EscapedNamesUnchecked(Scanner):
    """Compares a name with escapes only with names with escapes."""

    def name(self) -> str:
        start = self.at
        name = super().name()
        return name + "\\" * ("\\" in self.text[start : self.at])


@fault("MET-7")
class InnerNamesRaw(Scanner):
    """Resolves the escapes of names in the outermost object only."""

    depth = 0

    def object(self, depth: int) -> Object:
        outer, self.depth = self.depth, depth
        members = super().object(depth)
        self.depth = outer
        return members

    def name(self) -> str:
        start = self.at
        name = super().name()
        return self.text[start + 1 : self.at - 1] if self.depth else name


# MET-8: different names are different


class Folded(Scanner):
    """Compares names after some change."""

    def fold(self, name: str) -> str:
        return name

    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        if self.fold(name) in {self.fold(known) for known in members}:
            raise BadJson("two members of one name")


@fault("MET-8")
class EqualCompatibly(Folded):
    """Takes names for equal that are compatible, such as a ligature and its letters."""

    def fold(self, name: str) -> str:
        return name if name.isascii() else unicodedata.normalize("NFKC", name)


@fault("MET-8")
class EqualFolded(Folded):
    """Takes names for equal that differ in the case of other scripts only."""

    def fold(self, name: str) -> str:
        return name if name.isascii() else name.casefold()


@fault("MET-8")
class EqualToNul(Folded):
    """Compares names up to the first U+0000."""

    def fold(self, name: str) -> str:
        return name.partition("\0")[0]


@fault("MET-8")
class EqualTrimmed(Folded):
    """Compares names without the spaces around them."""

    def fold(self, name: str) -> str:
        return name.strip(" ")


@fault("MET-8")
class EqualSixtyFour(Folded):
    """Compares the first 64 characters of names."""

    def fold(self, name: str) -> str:
        return name[:64]


@fault("MET-8")
class EqualLong(Folded):
    """Compares the first 255 octets of names."""

    def fold(self, name: str) -> str:
        return repr(name.encode()[:255])


@fault("MET-8")
class EqualNarrowed(Folded):
    """Compares the low sixteen bits of code points."""

    def fold(self, name: str) -> str:
        return "".join(chr(ord(char) & 0xFFFF) for char in name)


@fault("MET-8")
class EqualHashes(Folded):
    """Takes names with the same hash for equal."""

    def fold(self, name: str) -> str:
        return str(sum(map(ord, name)))


@fault("MET-8")
class EqualNumbers(Folded):
    """Takes the names 1 and 01 for equal."""

    def fold(self, name: str) -> str:
        return (name.lstrip("0") or "0") if name.isdecimal() else name


@fault("MET-8")
class EqualIgnorable(Folded):
    """Ignores U+FEFF and other invisible characters in names."""

    def fold(self, name: str) -> str:
        return re.sub("[\ufeff\u200b-\u200f\u00ad]", "", name)


@fault("MET-8")
class EqualDashes(Folded):
    """Takes - and _ in names for the same."""

    def fold(self, name: str) -> str:
        return name.replace("-", "_")


@fault("MET-8")
class ProtoRefused(Scanner):
    """Refuses __proto__, which every object has there already."""

    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        super().check_name({**members, "__proto__": None}, name, value, depth)
