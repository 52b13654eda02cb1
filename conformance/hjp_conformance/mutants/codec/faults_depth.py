"""Faults in nesting (MET-12, MET-13) and in when a text is judged (MET-14)."""

import re

from hjp_conformance.mutants.codec.frames import HEADER, Decoder, Frame, Refused
from hjp_conformance.mutants.codec.shared import BadJson, Object, Scanner, Value
from hjp_conformance.mutants.codec.table import fault

# MET-12: not deeper than 32


@fault("MET-12")
class DepthOfArraysOnly(Scanner):
    """Does not count objects, but the first."""

    def object(self, depth: int) -> Object:
        return super().object(max(depth - 1, 0))

    def read(self) -> Object:
        try:
            return super().read()
        except RecursionError:
            raise BadJson("much too deep") from None


@fault("MET-12")
class DepthOfFullOnly(Scanner):
    """Accepts an empty object or array at depth 33."""

    def enter(self, depth: int) -> None:
        if not re.compile(r"[\[{][ \t\n\r]*[\]}]").match(self.text, self.at):
            super().enter(depth)


@fault("MET-12")
class DepthOfEach(Scanner):
    """Counts objects and arrays apart."""

    objects = 0
    arrays = 0

    def object(self, depth: int) -> Object:
        outer, self.objects = self.objects, self.objects + 1
        members = super().object(depth)
        self.objects = outer
        return members

    def array(self, depth: int) -> list[Value]:
        outer, self.arrays = self.arrays, self.arrays + 1
        values = super().array(depth)
        self.arrays = outer
        return values

    def enter(self, depth: int) -> None:
        super().enter(max(self.objects, self.arrays) - 1)


@fault("MET-12")
class DepthResetBySibling(Scanner):
    """Begins to count anew after an empty array."""

    base = 0

    def enter(self, depth: int) -> None:
        super().enter(depth - self.base)
        if self.text.startswith("[]", self.at):
            self.base = depth


@fault("MET-12")
class DepthMeasuredAfter(Scanner):
    """Measures the depth of what it has built: the stack overflows before that."""

    deepest = 0

    def enter(self, depth: int) -> None:
        self.deepest = max(self.deepest, depth)

    def check_end(self) -> None:
        super().check_end()
        super().enter(self.deepest)


@fault("MET-12")
class DepthTooLarge(Scanner):
    """Refuses depth 33 with too_large."""

    def enter(self, depth: int) -> None:
        if depth >= self.max_depth:
            raise Refused("too_large")


@fault("MET-12")
class Depth64(Scanner):
    """Accepts 64 levels."""

    max_depth = 64


@fault("MET-12")
class DepthOfFirstFrame(Decoder):
    """Limits the depth of the first frame only, to 100 levels later."""

    def scan(self, frame: Frame) -> None:
        scanner = self.scanner(frame.text)
        scanner.max_depth = 100 if frame.number else scanner.max_depth
        scanner.read()


# MET-13: 32 levels


@fault("MET-13")
class DepthOfScalars(Scanner):
    """Counts a number, string or literal as a level."""

    def value(self, depth: int) -> Value:
        if self.peek() not in "{[":
            self.enter(depth)
        return super().value(depth)


@fault("MET-13")
class DepthInStrings(Scanner):
    """Counts brackets in strings too."""

    def check_start(self) -> None:
        super().check_start()
        depth = 0
        for char in self.text:
            depth += (char in "{[") - (char in "]}")
            if depth > self.max_depth:
                raise BadJson("nested too deep")


@fault("MET-13")
class Depth16(Scanner):
    """Refuses 17 levels."""

    max_depth = 16


@fault("MET-13")
class DepthOfNames(Scanner):
    """Counts an object in an object as two levels."""

    twice = 0

    def object(self, depth: int) -> Object:
        outer, self.twice = self.twice, self.twice + (depth > 0)
        members = super().object(depth)
        self.twice = outer
        return members

    def enter(self, depth: int) -> None:
        super().enter(depth + self.twice)


@fault("MET-13")
class DepthKept(Decoder):
    """Does not begin to count anew with the next frame."""

    deepest = 0

    def scan(self, frame: Frame) -> None:
        scanner = self.scanner(frame.text)
        scanner.max_depth -= self.deepest
        scanner.read()
        self.deepest += 1


# MET-14: no waiting for the payload


class TextWaits(Decoder):
    """Decides on some JSON texts when the payload has come as well."""

    def late(self, frame: Frame) -> bool:
        return True

    def on_text(self) -> None:
        self.frame.text = bytes(self.buffer[HEADER : self.text_end()])
        if not self.late(self.frame):
            self.check_text(self.frame)

    def on_frame(self) -> None:
        if self.late(self.frame):
            self.check_text(self.frame)
        super().on_frame()


@fault("MET-14")
class JsonWaitsForPayload(TextWaits):
    """Decides on the JSON text when the payload has come as well."""


@fault("MET-14")
class JsonWaitsForShortPayload(TextWaits):
    """Decides on the JSON text with a payload of up to 4 096 octets."""

    def late(self, frame: Frame) -> bool:
        return frame.payload_length <= 4096


@fault("MET-14")
class LongJsonWaits(TextWaits):
    """Decides on a JSON text of more than 4 096 octets with the payload."""

    def late(self, frame: Frame) -> bool:
        return frame.json_length > 4096


@fault("MET-14")
class LaterJsonWaits(TextWaits):
    """Decides on the JSON text of a later frame with the payload."""

    def late(self, frame: Frame) -> bool:
        return frame.number > 0


@fault("MET-14")
class NamesWait(TextWaits):
    """Looks for equal names when the payload has come as well."""

    def late(self, frame: Frame) -> bool:
        try:
            AnyNames(frame.text).read()
        except BadJson:
            return False
        return True


class AnyNames(Scanner):
    """Looks for no equal names."""

    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        """Left for later."""


@fault("MET-14")
class JsonWaitsForOctet(Decoder):
    """Decides on the JSON text when the first octet of a payload has come."""

    def text_end(self) -> int:
        waits = self.stage == 2 and self.frame.payload_length > 0
        return super().text_end() + waits

    def on_text(self) -> None:
        self.frame.text = bytes(self.buffer[HEADER : super().text_end()])
        self.check_text(self.frame)
