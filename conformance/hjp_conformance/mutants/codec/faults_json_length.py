"""Faults in json_length (FRM-8, FRM-9, FRM-12)."""

from hjp_conformance.mutants.codec.frames import (
    CODES,
    HEADER,
    MAX_JSON,
    MAX_UINT32,
    Decoder,
    Frame,
)
from hjp_conformance.mutants.codec.table import fault

SIGN = 1 << 31

# FRM-8: json_length 0 and 1


class NoText(Decoder):
    """Lets frames without JSON text pass, and does not parse what is not there."""

    def check_text(self, frame: Frame) -> None:
        if frame.json_length:
            super().check_text(frame)


@fault("FRM-8")
class JsonZeroAccepted(NoText):
    """Accepts a frame without JSON text."""

    def check_json_min(self, frame: Frame) -> None:
        if frame.json_length:
            super().check_json_min(frame)


@fault("FRM-8")
class JsonZeroWithPayload(NoText):
    """Accepts a frame without JSON text if it has a payload."""

    def check_json_min(self, frame: Frame) -> None:
        if frame.json_length or not frame.payload_length:
            super().check_json_min(frame)


@fault("FRM-8")
class JsonZeroKeepsAlive(Decoder):
    """Skips a header with two zero lengths as a sign of life."""

    def ready(self) -> bool:
        while self.stage == 0 and self.buffer[:HEADER] == self.sign_of_life():
            del self.buffer[:HEADER]
        return super().ready()

    def sign_of_life(self) -> bytes:
        return b"HJP\xff\x01" + bytes(11)


@fault("FRM-8")
class JsonOneAccepted(Decoder):
    """Lets a json_length of 1 pass to the JSON parser: bad_json."""

    def check_json_min(self, frame: Frame) -> None:
        if frame.json_length < 1:
            super().check_json_min(frame)


@fault("FRM-8")
class JsonZeroBadJson(Decoder):
    """Lets a json_length of 0 pass to the JSON parser: bad_json."""

    def check_json_min(self, frame: Frame) -> None:
        if frame.json_length == 1:
            super().check_json_min(frame)


@fault("FRM-8")
class JsonShortBadJson(Decoder):
    """Refuses a json_length of 0 or 1 with bad_json."""

    codes = CODES | {"json_min": "bad_json"}


@fault("FRM-8")
class JsonShortTooLarge(Decoder):
    """Refuses a json_length outside its range with too_large on both sides."""

    codes = CODES | {"json_min": "too_large"}


@fault("FRM-8")
class JsonMinOnce(Decoder):
    """Checks the least json_length of the first frame only: later bad_json."""

    def check_json_min(self, frame: Frame) -> None:
        if frame.number == 0:
            super().check_json_min(frame)


# FRM-9: the greatest json_length


class JsonMax(Decoder):
    """Has a limit of its own for json_length."""

    def json_limit(self) -> int:
        return MAX_JSON

    def compared(self, length: int) -> int:
        return length

    def check_json_max(self, frame: Frame) -> None:
        if self.compared(frame.json_length) > self.json_limit():
            self.refuse("json_max")


@fault("FRM-9")
class JsonMaxPlusOne(JsonMax):
    """Takes 65 537 octets of JSON text."""

    def json_limit(self) -> int:
        return MAX_JSON + 1


@fault("FRM-9")
class JsonMaxPlusHeader(JsonMax):
    """Has the limit with the sixteen octets of the header on top."""

    def json_limit(self) -> int:
        return MAX_JSON + HEADER


@fault("FRM-9")
class JsonMaxMebibyte(JsonMax):
    """Takes JSON text of up to 1 MiB."""

    def json_limit(self) -> int:
        return 1 << 20


@fault("FRM-9")
class JsonMaxOfPayload(JsonMax):
    """Takes as much JSON text as payload, if that is more."""

    def json_limit(self) -> int:
        return max(MAX_JSON, self.max_payload)


@fault("FRM-9")
class JsonUnbounded(JsonMax):
    """Has no limit for JSON texts."""

    def json_limit(self) -> int:
        return MAX_UINT32


@fault("FRM-9")
class JsonLengthSigned(Decoder):
    """Takes a json_length from 2^31 on for negative: bad_frame."""

    def check_json_min(self, frame: Frame) -> None:
        if frame.json_length >= SIGN:
            self.refuse("json_min")
        super().check_json_min(frame)


@fault("FRM-9")
class JsonLengthNegativePasses(JsonMax):
    """Compares json_length with its greatest value as a signed number."""

    def compared(self, length: int) -> int:
        return length - (1 << 32) if length & SIGN else length


@fault("FRM-9")
class JsonLengthNarrowed(JsonMax):
    """Compares json_length after narrowing it to 24 bits."""

    def compared(self, length: int) -> int:
        return length & 0xFFFFFF


@fault("FRM-9")
class JsonLengthShort(JsonMax):
    """Compares json_length after narrowing it to 17 bits and sees no more."""

    def compared(self, length: int) -> int:
        return length & 0x1FFFF


@fault("FRM-9")
class JsonMaxOnce(JsonMax):
    """Checks the greatest json_length of the first frame only."""

    def check_json_max(self, frame: Frame) -> None:
        if frame.number == 0:
            super().check_json_max(frame)


@fault("FRM-9")
class JsonMaxBadFrame(Decoder):
    """Refuses too long a JSON text with bad_frame."""

    codes = CODES | {"json_max": "bad_frame"}


@fault("FRM-9")
class JsonMaxBadJson(Decoder):
    """Refuses too long a JSON text with bad_json."""

    codes = CODES | {"json_max": "bad_json"}


# FRM-12: every json_length


@fault("FRM-12")
class JsonMaxRefused(JsonMax):
    """Refuses exactly 65 536 octets of JSON text."""

    def json_limit(self) -> int:
        return MAX_JSON - 1


@fault("FRM-12")
class JsonMaxSigned(JsonMax):
    """Refuses 32 768 octets of JSON text and more."""

    def json_limit(self) -> int:
        return (1 << 15) - 1


@fault("FRM-12")
class JsonMaxEightK(JsonMax):
    """Takes no more than 8 192 octets of JSON text."""

    def json_limit(self) -> int:
        return MAX_JSON >> 3


@fault("FRM-12")
class JsonMaxLikePayload(JsonMax):
    """Takes no more JSON text than payload, if that is less."""

    def json_limit(self) -> int:
        return min(MAX_JSON, max(self.max_payload, 2))


@fault("FRM-12")
class JsonTwoRefused(Decoder):
    """Refuses a json_length of 2."""

    def check_json_min(self, frame: Frame) -> None:
        if frame.json_length <= 2:
            self.refuse("json_min")


@fault("FRM-12")
class JsonLowOctetZero(Decoder):
    """Refuses a json_length whose low octet is 0 or 1, as if it were that."""

    def check_json_min(self, frame: Frame) -> None:
        if frame.json_length & 0xFF < 2:
            self.refuse("json_min")


@fault("FRM-12")
class JsonOddRefused(Decoder):
    """Refuses an odd json_length above 65 000, as if text came in pairs."""

    def check_json_min(self, frame: Frame) -> None:
        if frame.json_length > 65_000 and frame.json_length % 2:
            self.refuse("json_min")
        super().check_json_min(frame)
