"""Faults in which of several faults is reported (ERR-15)."""

from collections.abc import Callable, Iterator

from hjp_conformance.mutants.codec.frames import HEADER, Decoder, Frame, Refused
from hjp_conformance.mutants.codec.table import fault


@fault("ERR-15")
class VersionBeforeMagic(Decoder):
    """Looks at the version before the magic."""

    def head_rows(self) -> list[Callable[[bytes], None]]:
        return [self.check_version, self.check_magic]


class Peeking(Decoder):
    """Looks at later octets first, if they are there."""

    def on_head(self) -> None:
        if len(self.buffer) >= HEADER:
            self.peek_before_head()
        super().on_head()

    def peek_before_head(self) -> None:
        """Nothing is looked at."""

    def whole_header(self) -> Frame:
        header = bytes(self.buffer[:HEADER])
        return Frame(self.frame.number, header[5:8], *self.lengths(header))


@fault("ERR-15")
class LengthsBeforeMagic(Peeking):
    """Looks at the lengths before magic and version."""

    def peek_before_head(self) -> None:
        for check in self.header_rows()[1:]:
            check(self.whole_header())


@fault("ERR-15")
class ReservedBeforeVersion(Peeking):
    """Looks at the reserved octets between magic and version."""

    def peek_before_head(self) -> None:
        self.check_magic(bytes(self.buffer[:5]))
        self.check_reserved(self.whole_header())


@fault("ERR-15")
class LengthsBeforeVersion(Peeking):
    """Looks at the limits of the lengths between magic and version."""

    def peek_before_head(self) -> None:
        self.check_magic(bytes(self.buffer[:5]))
        self.check_json_max(self.whole_header())
        self.check_payload_max(self.whole_header())


@fault("ERR-15")
class TextBeforeVersion(Peeking):
    """Looks at the first octet of the JSON text between magic and version."""

    def peek_before_head(self) -> None:
        self.check_magic(bytes(self.buffer[:5]))
        if not b"{".startswith(bytes(self.buffer[HEADER : HEADER + 1])):
            self.refuse("text")


class Order(Decoder):
    """Checks the rows of the header in some other order."""

    order = (0, 1, 2, 3)

    def header_rows(self) -> list[Callable[[Frame], None]]:
        rows = super().header_rows()
        return [rows[number] for number in self.order]


@fault("ERR-15")
class LimitsBeforeReserved(Order):
    """Looks at the limits of both lengths before the reserved octets."""

    order = (2, 3, 0, 1)


@fault("ERR-15")
class JsonMaxBeforeReserved(Order):
    """Looks at the greatest json_length before the reserved octets."""

    order = (2, 0, 1, 3)


@fault("ERR-15")
class PayloadBeforeReserved(Order):
    """Looks at payload_length before the reserved octets."""

    order = (3, 0, 1, 2)


@fault("ERR-15")
class PayloadBeforeJson(Order):
    """Looks at payload_length before json_length."""

    order = (0, 3, 1, 2)


@fault("ERR-15")
class LaterRowsReversed(Order):
    """Checks the rows of the header in reverse order in every frame but the first."""

    def header_rows(self) -> list[Callable[[Frame], None]]:
        rows = super().header_rows()
        return rows[::-1] if self.frame.number else rows


class TextFirst(Decoder):
    """Looks at the JSON text before some rows of the header, if it is there."""

    def rows_before(self) -> int:
        return 0

    def header_rows(self) -> list[Callable[[Frame], None]]:
        rows = super().header_rows()
        rows.insert(self.rows_before(), self.check_early)
        return rows

    def check_early(self, frame: Frame) -> None:
        text = bytes(self.buffer[HEADER : HEADER + frame.json_length])
        if text and len(text) == frame.json_length:
            self.check_text(Frame(frame.number, text=text))


@fault("ERR-15")
class TextBeforeReserved(TextFirst):
    """Looks at the JSON text before the reserved octets, if it is there."""


@fault("ERR-15")
class TextBeforeJsonMax(TextFirst):
    """Looks at the JSON text before the greatest json_length, if it is there."""

    def rows_before(self) -> int:
        return 2


@fault("ERR-15")
class TextBeforePayloadMax(TextFirst):
    """Looks at the JSON text before payload_length, if it is there."""

    def rows_before(self) -> int:
        return 3


@fault("ERR-15")
class NextMagicFirst(Decoder):
    """Reports a wrong magic of the next frame before a bad JSON text."""

    def check_text(self, frame: Frame) -> None:
        try:
            super().check_text(frame)
        except Refused:
            follows = bytes(self.buffer[self.frame_end() :][:4])
            if len(follows) == 4 and self.wrong_magic(follows):
                self.refuse("magic")
            raise


@fault("ERR-15")
class LaterFaultsFirst(Decoder):
    """Reports a bad JSON text at the end only, after the faults of later headers."""

    bad = False

    def check_text(self, frame: Frame) -> None:
        try:
            super().check_text(frame)
        except Refused:
            self.bad = True

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        for frame in super().feed(chunk):
            if not self.bad:
                yield frame

    def end(self) -> str:
        if self.bad:
            self.refuse("text")
        return super().end()
