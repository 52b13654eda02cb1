"""Faults in surrogates and other code points (MET-9, MET-10)."""

import re

from hjp_conformance.mutants.codec.frames import MAX_JSON, Refused
from hjp_conformance.mutants.codec.shared import BadJson, Object, Scanner, Value
from hjp_conformance.mutants.codec.table import fault

LOW = tuple(rf"\ud{digit}" for digit in "cdef")

# MET-9: halves of pairs


@fault("MET-9")
class LoneFirstAtEnd(Scanner):
    """Accepts the first half of a pair at the end of a string."""

    def pair(self, first: int) -> str:
        return "\ufffd" if self.peek() == '"' else super().pair(first)


@fault("MET-9")
class LoneFirstBeforeLetter(Scanner):
    """Accepts the first half of a pair before a character that is no escape."""

    def pair(self, first: int) -> str:
        return super().pair(first) if self.peek() in '"\\' else "\ufffd"


@fault("MET-9")
class LoneFirstBeforeShort(Scanner):
    r"""Accepts the first half of a pair before an escape like \n."""

    def pair(self, first: int) -> str:
        short = re.compile(r'\\["\\/bfnrt]').match(self.text, self.at)
        return "\ufffd" if short else super().pair(first)


@fault("MET-9")
class LoneFirstTwice(Scanner):
    """Accepts two first halves as a pair."""

    def pair(self, first: int) -> str:
        twice = self.match(re.compile(r"\\u[dD][89abAB][0-9A-Fa-f]{2}"))
        return "\ufffd" if twice else super().pair(first)


@fault("MET-9")
class PairsReversed(Scanner):
    """Accepts a pair in the wrong order too."""

    def lone(self, unit: int) -> str:
        found = self.match(re.compile(r"\\u[dD][89abAB][0-9A-Fa-f]{2}"))
        return "\ufffd" if found and unit >= 0xDC00 else super().lone(unit)


@fault("MET-9")
class LoneSecondAfterPair(Scanner):
    """Accepts the second half of a pair after a pair."""

    def lone(self, unit: int) -> str:
        before = self.text[self.at - 12 : self.at - 8].lower()
        return "\ufffd" if unit >= 0xDC00 and before in LOW else super().lone(unit)


@fault("MET-9")
class LoneLeast(Scanner):
    """Accepts the least half, U+D800, alone."""

    def lone(self, unit: int) -> str:
        return "\ufffd" if unit == 0xD800 else super().lone(unit)


@fault("MET-9")
class LoneGreatest(Scanner):
    """Accepts the greatest half, U+DFFF, alone."""

    def lone(self, unit: int) -> str:
        return "\ufffd" if unit == 0xDFFF else super().lone(unit)


@fault("MET-9")
class LoneInArrays(Scanner):
    """Accepts half a surrogate pair in arrays."""

    arrays = 0

    def array(self, depth: int) -> list[Value]:
        self.arrays += 1
        values = super().array(depth)
        self.arrays -= 1
        return values

    def lone(self, unit: int) -> str:
        return "\ufffd" if self.arrays else super().lone(unit)


@fault("MET-9")
class LoneInLowerCase(Scanner):
    """Looks for halves of pairs in capital digits only."""

    def lone(self, unit: int) -> str:
        raw = self.text[self.at - 4 : self.at]
        return "\ufffd" if raw.islower() else super().lone(unit)


@fault("MET-9")
class LoneRefusedBadFrame(Scanner):
    """Refuses half a surrogate pair with bad_frame."""

    def lone(self, unit: int) -> str:
        raise Refused("bad_frame")


# MET-10: every other code point


class Choosy(Scanner):
    """Refuses some strings and names."""

    in_name = False

    def name(self) -> str:
        self.in_name = True
        name = super().name()
        self.in_name = False
        return name

    def string(self) -> str:
        start = self.at
        text = super().string()
        if self.unwelcome(text, self.text[start : self.at]):
            raise BadJson("this string is not welcome")
        return text

    def unwelcome(self, text: str, raw: str) -> bool:
        return False


@fault("MET-10")
class NulInNamesRefused(Choosy):
    """Refuses U+0000 in names."""

    def unwelcome(self, text: str, raw: str) -> bool:
        return self.in_name and "\0" in text


@fault("MET-10")
class EmptyNamesRefused(Choosy):
    """Refuses an empty name."""

    def unwelcome(self, text: str, raw: str) -> bool:
        return self.in_name and not text


@fault("MET-10")
class LongNamesRefused(Choosy):
    """Refuses names of more than 255 octets."""

    def unwelcome(self, text: str, raw: str) -> bool:
        return self.in_name and len(text.encode()) > 255


@fault("MET-10")
class LongStringsRefused(Choosy):
    """Refuses strings of more than 32 767 octets."""

    def unwelcome(self, text: str, raw: str) -> bool:
        return len(text.encode()) > 32_767


@fault("MET-10")
class ManyEscapesRefused(Choosy):
    """Refuses strings that are longer than 4 096 octets and have escapes."""

    def unwelcome(self, text: str, raw: str) -> bool:
        return len(raw) > 4096 and "\\" in raw


@fault("MET-10")
class ReplacementRefused(Choosy):
    """Takes U+FFFD for a sign of ill-formed UTF-8."""

    def unwelcome(self, text: str, raw: str) -> bool:
        return "\ufffd" in text


@fault("MET-10")
class DeleteRefused(Choosy):
    """Refuses U+007F, but not U+0080 to U+009F."""

    def unwelcome(self, text: str, raw: str) -> bool:
        return "\x7f" in text


@fault("MET-10")
class PrivateRefused(Choosy):
    """Refuses code points for private use."""

    def unwelcome(self, text: str, raw: str) -> bool:
        return re.search("[\ue000-\uf8ff\U000f0000-\U0010fffd]", text) is not None


@fault("MET-10")
class PairsRefused(Choosy):
    """Refuses pairs of escapes, but not the same in UTF-8."""

    def unwelcome(self, text: str, raw: str) -> bool:
        return any(char > "\uffff" for char in text) and raw.isascii()


@fault("MET-10")
class EscapedControlsRefused(Choosy):
    r"""Refuses control characters written as \u."""

    def unwelcome(self, text: str, raw: str) -> bool:
        return re.search(r"\\u00[01]", raw.replace(r"\\", "")) is not None


@fault("MET-10")
class EscapedBackslashMisread(Choosy):
    r"""Takes \\uD800 for half a pair, looking for it in the raw text."""

    def unwelcome(self, text: str, raw: str) -> bool:
        return re.search(r"\\\\u[dD][89a-fA-F]", raw) is not None


@fault("MET-10")
class LastPointRefused(Choosy):
    """Refuses U+10FFFF, comparing with less than."""

    def unwelcome(self, text: str, raw: str) -> bool:
        return "\U0010ffff" in text


@fault("MET-10")
class BelowSurrogatesRefused(Choosy):
    """Refuses U+D7FF, one below the surrogates."""

    def unwelcome(self, text: str, raw: str) -> bool:
        return "\ud7ff" in text


@fault("MET-10")
class AboveSurrogatesRefused(Choosy):
    """Refuses U+E000 as an escape, one above the surrogates."""

    def unwelcome(self, text: str, raw: str) -> bool:
        return r"\ue000" in raw.lower()


@fault("MET-10")
class LeastOfTwoRefused(Choosy):
    """Refuses the first code point of each length of UTF-8 as overlong."""

    def unwelcome(self, text: str, raw: str) -> bool:
        return re.search("[\x80\u0800\U00010000]", raw) is not None


@fault("MET-10")
class TextEndsLong(Scanner):
    """Refuses a text whose strings together exceed half the greatest json_length."""

    together = 0

    def string(self) -> str:
        text = super().string()
        self.together += len(text)
        if self.together > MAX_JSON // 2:
            raise BadJson("too many strings")
        return text


@fault("MET-10")
class ManyMembersRefused(Scanner):
    """Refuses an object of more than 1 000 names."""

    def add(self, members: Object, name: str, value: Value) -> None:
        if len(members) >= 1000:
            raise BadJson("too many names")
        super().add(members, name, value)
