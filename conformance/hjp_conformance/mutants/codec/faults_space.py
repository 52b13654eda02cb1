"""Faults in white space that the grammar allows (MET-5)."""

import re
from collections.abc import Iterator

from hjp_conformance.mutants.codec.shared import BadJson, Scanner
from hjp_conformance.mutants.codec.table import fault

WHITE = " \t\n\r"


@fault("MET-5")
class LineFeedRefused(Scanner):
    """Refuses a line feed between tokens."""

    space = re.compile(r"[ \t\r]*")


@fault("MET-5")
class SpaceAfterOpenRefused(Scanner):
    """Refuses white space after an opening bracket."""

    def items(self, closer: str) -> Iterator[None]:
        if self.text[self.at + 1 : self.at + 2] in WHITE:
            raise BadJson("white space")
        return super().items(closer)


class Fussy(Scanner):
    """Refuses white space around some token."""

    before = ""
    after = ""

    def expect(self, char: str) -> None:
        if char in self.before and self.text[self.at - 1] in WHITE:
            raise BadJson("white space")
        super().expect(char)
        if char in self.after and self.peek() in WHITE:
            raise BadJson("white space")


@fault("MET-5")
class SpaceBeforeCommaRefused(Fussy):
    """Refuses white space before a comma."""

    before = ","


@fault("MET-5")
class SpaceAfterCommaRefused(Fussy):
    """Refuses white space after a comma."""

    after = ","


@fault("MET-5")
class SpaceAfterColonRefused(Fussy):
    """Refuses white space after a colon."""

    after = ":"


@fault("MET-5")
class SpaceInArrayRefused(Scanner):
    """Refuses white space in arrays."""

    def items(self, closer: str) -> Iterator[None]:
        for item in super().items(closer):
            yield item
            if closer == "]" and self.peek() in WHITE:
                raise BadJson("white space")


@fault("MET-5")
class MuchSpaceRefused(Scanner):
    """Refuses more than 1 024 octets of white space in one place."""

    space = re.compile(r"[ \t\n\r]{0,1024}")


@fault("MET-5")
class OneSpaceAfter(Scanner):
    """Accepts no more than one octet of white space after the object."""

    def check_end(self) -> None:
        if re.search(r"[ \t\n\r]{2}\Z", self.text):
            raise BadJson("too much white space after the object")
        super().check_end()


@fault("MET-5")
class ReturnNeedsLineFeed(Scanner):
    """Accepts CR only where LF follows it."""

    space = re.compile(r"([ \t\n]|\r\n)*")
