"""Faults in what an encoder refuses to write (FRM-19)."""

from collections.abc import Callable

from hjp_conformance.mutants.codec.frames import CODES, MAX_JSON, Encoder, Frame
from hjp_conformance.mutants.codec.shared import BadJson, Number, Object, Scanner, Value
from hjp_conformance.mutants.codec.table import fault


class Missing(Encoder):
    """Leaves out the row of this name."""

    missing = ""

    def rows(self) -> list[Callable[[Frame], None]]:
        return [row for row in super().rows() if row.__name__ != self.missing]


@fault("FRM-19")
class WritesAnyText(Missing):
    """Writes any text, without a look at it."""

    missing = "check_text"


@fault("FRM-19")
class WritesLongText(Missing):
    """Writes JSON texts of any length."""

    missing = "check_json_max"


@fault("FRM-19")
class WritesLongPayload(Missing):
    """Writes payloads of any length."""

    missing = "check_payload_max"


@fault("FRM-19")
class WritesNoText(Encoder):
    """Writes a frame without JSON text where the text is empty."""

    def rows(self) -> list[Callable[[Frame], None]]:
        return [self.check_json_max, self.check_payload_max, self.check_text]

    def scan(self, frame: Frame) -> None:
        if frame.json_length:
            super().scan(frame)


@fault("FRM-19")
class WritesOneCharacter(Encoder):
    """Writes any text of one character, without a look at it."""

    def rows(self) -> list[Callable[[Frame], None]]:
        return [self.check_json_max, self.check_payload_max, self.check_text]

    def scan(self, frame: Frame) -> None:
        if frame.json_length != 1:
            super().scan(frame)


@fault("FRM-19")
class WritesOneMore(Encoder):
    """Writes JSON texts of up to 65 537 octets."""

    def check_json_max(self, frame: Frame) -> None:
        if frame.json_length > MAX_JSON + 1:
            self.refuse("json_max")


@fault("FRM-19")
class CountsCharacters(Encoder):
    """Compares the characters of the JSON text with the limit, not its octets."""

    def check_json_max(self, frame: Frame) -> None:
        if len(frame.text.decode("utf-8", "replace")) > MAX_JSON:
            self.refuse("json_max")


@fault("FRM-19")
class WritesOneOctetMore(Encoder):
    """Writes one octet of payload more than the limit."""

    def payload_limit(self, frame: Frame) -> int:
        return self.max_payload + 1


@fault("FRM-19")
class LimitIgnored(Encoder):
    """Always has a limit of 65 536 octets of payload at the least."""

    def payload_limit(self, frame: Frame) -> int:
        return max(self.max_payload, 65_536)


@fault("FRM-19")
class LimitZeroIgnored(Encoder):
    """Takes a max_payload of 0 for no limit."""

    def payload_limit(self, frame: Frame) -> int:
        return self.max_payload or 1 << 32


@fault("TST-16")
class LimitStuck(Encoder):
    """Refuses more than 65 536 octets of payload even where they are welcome."""

    def payload_limit(self, frame: Frame) -> int:
        return min(self.max_payload, 65_536)


@fault("TST-16")
class FullTextRefused(Encoder):
    """Refuses to write 65 536 octets of JSON text, which are welcome."""

    def check_json_max(self, frame: Frame) -> None:
        if frame.json_length >= MAX_JSON:
            self.refuse("json_max")


@fault("FRM-19")
class FullPayloadRefused(Encoder):
    """Refuses to write a payload of exactly the limit, which is welcome."""

    def check_payload_max(self, frame: Frame) -> None:
        if frame.payload_length >= self.max_payload > 0:
            self.refuse("payload_max")


@fault("FRM-19")
class SurrogateReplaced(Encoder):
    """Writes a question mark for a lone surrogate."""

    def octets(self, text: str) -> bytes:
        return text.encode("utf-8", "replace")


@fault("FRM-19")
class SurrogateEncoded(Encoder):
    """Writes a lone surrogate as three octets."""

    def octets(self, text: str) -> bytes:
        return text.encode("utf-8", "surrogatepass")

    def scan(self, frame: Frame) -> None:
        text = frame.text.decode("utf-8", "surrogatepass")
        self.scanner(text.encode("utf-8", "replace")).read()


@fault("FRM-19")
class SurrogateWrongCode(Encoder):
    """Refuses a lone surrogate with bad_frame."""

    def octets(self, text: str) -> bytes:
        try:
            return text.encode()
        except UnicodeEncodeError:
            self.refuse("json_min")


@fault("FRM-19")
class BadTextBadFrame(Encoder):
    """Refuses a text that is no JSON with bad_frame."""

    codes = CODES | {"text": "bad_frame"}


@fault("FRM-19")
class LongTextBadFrame(Encoder):
    """Refuses a JSON text that is too long with bad_frame."""

    codes = CODES | {"json_max": "bad_frame"}


@fault("FRM-19")
class LongPayloadBadFrame(Encoder):
    """Refuses a payload that is too long with bad_frame."""

    codes = CODES | {"payload_max": "bad_frame"}


# Texts that a careless check lets pass


class Markless(Scanner):
    def decode(self, octets: bytes) -> str:
        return super().decode(octets).removeprefix("\ufeff")


@fault("FRM-19")
class WritesMark(Encoder):
    """Writes a text with a byte order mark."""

    scanner = Markless


class Spaced(Scanner):
    def check_start(self) -> None:
        self.skip()
        if self.peek() != "{":
            raise BadJson("not an object")


@fault("FRM-19")
class WritesSpaceFirst(Encoder):
    """Writes a text with white space before the object."""

    scanner = Spaced


class AnyValue(Scanner):
    def check_start(self) -> None:
        if self.peek() in " \t\r\n":
            raise BadJson("white space before the value")

    def whole(self, value: Value) -> Object:
        return {}


@fault("FRM-19")
class WritesAnyValue(Encoder):
    """Writes arrays, strings, numbers and literals in place of an object."""

    scanner = AnyValue


class Twins(Scanner):
    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        """The last one wins."""


@fault("FRM-19")
class WritesTwins(Encoder):
    """Writes objects that have two members of one name."""

    scanner = Twins


class RawTwins(Scanner):
    def name(self) -> str:
        start = self.at
        super().name()
        return self.text[start : self.at]


@fault("FRM-19")
class WritesEscapedTwins(Encoder):
    """Writes objects with two members of one name, one spelt with an escape."""

    scanner = RawTwins


class Halves(Scanner):
    def lone(self, unit: int) -> str:
        return "\ufffd"


@fault("FRM-19")
class WritesHalves(Encoder):
    """Writes texts with escapes of half a surrogate pair."""

    scanner = Halves


class Endless(Scanner):
    def infinite(self, number: Number) -> bool:
        return False


@fault("FRM-19")
class WritesInfinite(Encoder):
    """Writes numbers that are infinite as binary64."""

    scanner = Endless


class NotNumbers(Scanner):
    literals = Scanner.literals | {"NaN": None, "Infinity": None}


@fault("FRM-19")
class WritesNan(Encoder):
    """Writes NaN and Infinity."""

    scanner = NotNumbers


class Deep(Scanner):
    max_depth = 33


@fault("FRM-19")
class WritesDepth33(Encoder):
    """Writes 33 levels."""

    scanner = Deep


class Deeper(Scanner):
    max_depth = 200


@fault("FRM-19")
class WritesDepth200(Encoder):
    """Writes 200 levels."""

    scanner = Deeper


class Followed(Scanner):
    def check_end(self) -> None:
        """Whatever it is."""


@fault("FRM-19")
class WritesRest(Encoder):
    """Writes texts in which something follows the object."""

    scanner = Followed
