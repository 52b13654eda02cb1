"""Faults in payload_length and when both lengths are judged (FRM-10, 11, 13)."""

import struct
from collections.abc import Callable

from hjp_conformance.mutants.codec.frames import (
    CODES,
    HEADER,
    MAX_UINT32,
    Decoder,
    Frame,
)
from hjp_conformance.mutants.codec.table import fault

SIGN = 1 << 31

# FRM-10: the greatest payload_length


@fault("FRM-10")
class PayloadMaxPlusOne(Decoder):
    """Takes one octet of payload more than the limit."""

    def payload_limit(self, frame: Frame) -> int:
        return self.max_payload + 1


@fault("FRM-10")
class PayloadMaxAtLeastDefault(Decoder):
    """Takes 65 536 octets of payload even where the limit is smaller."""

    def payload_limit(self, frame: Frame) -> int:
        return max(self.max_payload, 65_536)


@fault("FRM-10")
class PayloadMaxZeroIsDefault(Decoder):
    """Takes a limit of 0 for no limit given."""

    def payload_limit(self, frame: Frame) -> int:
        return self.max_payload or 65_536


@fault("FRM-10")
class PayloadMaxZeroIsNone(Decoder):
    """Takes a limit of 0 for no limit at all."""

    def payload_limit(self, frame: Frame) -> int:
        return self.max_payload or MAX_UINT32


@fault("FRM-10")
class PayloadMaxOnce(Decoder):
    """Checks the payload_length of the first frame only."""

    def payload_limit(self, frame: Frame) -> int:
        return MAX_UINT32 if frame.number else self.max_payload


@fault("FRM-10")
class PayloadMaxPages(Decoder):
    """Rounds the limit up to whole pages of 4 096 octets."""

    def payload_limit(self, frame: Frame) -> int:
        return -(-self.max_payload // 4096) * 4096


@fault("FRM-10")
class PayloadUnbounded(Decoder):
    """Has no limit for payloads."""

    def check_payload_max(self, frame: Frame) -> None:
        """Every length is welcome."""


class PayloadCompared(Decoder):
    """Compares something else than payload_length."""

    def compared(self, frame: Frame) -> int:
        return frame.payload_length

    def check_payload_max(self, frame: Frame) -> None:
        if self.compared(frame) > self.payload_limit(frame):
            self.refuse("payload_max")


@fault("FRM-10")
class PayloadLengthSigned(PayloadCompared):
    """Compares payload_length as a signed number."""

    def compared(self, frame: Frame) -> int:
        length = frame.payload_length
        return length - (1 << 32) if length & SIGN else length


@fault("FRM-10")
class PayloadLengthNarrowed(PayloadCompared):
    """Compares payload_length after narrowing it to 24 bits."""

    def compared(self, frame: Frame) -> int:
        return frame.payload_length & 0xFFFFFF


@fault("FRM-10")
class PayloadSumOverflows(PayloadCompared):
    """Compares what is left of the frame's length after it overflowed 32 bits."""

    def compared(self, frame: Frame) -> int:
        whole = (HEADER + frame.json_length + frame.payload_length) & MAX_UINT32
        return max(whole - HEADER - frame.json_length, 0)


@fault("FRM-10")
class PayloadMaxBadFrame(Decoder):
    """Refuses too long a payload with bad_frame."""

    codes = CODES | {"payload_max": "bad_frame"}


@fault("FRM-10")
class PayloadMaxWithoutText(PayloadCompared):
    """Subtracts the JSON text from payload_length, which does not hold it."""

    def compared(self, frame: Frame) -> int:
        return frame.payload_length - frame.json_length


# FRM-11: sixteen octets are enough


@fault("FRM-11")
class HeaderWaitsForMore(Decoder):
    """Decides on the header when a seventeenth octet has come."""

    def header_end(self) -> int:
        return HEADER + 1


@fault("FRM-11")
class LaterHeaderWaits(Decoder):
    """Decides on the header of a later frame when two octets more have come."""

    def header_end(self) -> int:
        return HEADER + 2 if self.frame.number else super().header_end()


class RowWaits(Decoder):
    """Decides on some rows of the header when the JSON text has come."""

    def late(self) -> list[Callable[[Frame], None]]:
        return []

    def header_rows(self) -> list[Callable[[Frame], None]]:
        return [row for row in super().header_rows() if row not in self.late()]

    def on_text(self) -> None:
        for check in self.late():
            check(self.frame)
        super().on_text()


@fault("FRM-11")
class ReservedWaits(RowWaits):
    """Decides on the reserved octets when the JSON text has come."""

    def late(self) -> list[Callable[[Frame], None]]:
        return [self.check_reserved]


@fault("FRM-11")
class JsonMaxWaits(RowWaits):
    """Decides on the greatest json_length when the JSON text has come."""

    def late(self) -> list[Callable[[Frame], None]]:
        return [self.check_json_max]


@fault("FRM-11")
class PayloadMaxWaits(RowWaits):
    """Decides on payload_length when the JSON text has come."""

    def late(self) -> list[Callable[[Frame], None]]:
        return [self.check_payload_max]


@fault("FRM-11")
class JsonMinWaits(Decoder):
    """Waits for a JSON text of two octets, even if fewer were announced."""

    def check_json_min(self, frame: Frame) -> None:
        """Left to the text."""

    def text_end(self) -> int:
        return HEADER + max(self.frame.json_length, 2)

    def on_text(self) -> None:
        super().check_json_min(self.frame)
        super().on_text()


# FRM-13: every payload_length


@fault("FRM-13")
class PayloadMaxRefused(PayloadCompared):
    """Refuses a payload of exactly the limit."""

    def compared(self, frame: Frame) -> int:
        return frame.payload_length + (frame.payload_length > 0)


@fault("FRM-13")
class PayloadBesideJson(PayloadCompared):
    """Applies max_payload to JSON text and payload together."""

    def compared(self, frame: Frame) -> int:
        return frame.payload_length + frame.json_length


@fault("FRM-13")
class PayloadBesideHeader(PayloadCompared):
    """Applies max_payload to the whole frame."""

    def compared(self, frame: Frame) -> int:
        return HEADER + frame.json_length + frame.payload_length


@fault("FRM-13")
class PayloadNoneRefused(Decoder):
    """Refuses a frame without payload where max_payload is 0."""

    def check_payload_max(self, frame: Frame) -> None:
        if frame.payload_length >= self.max_payload == 0:
            self.refuse("payload_max")
        super().check_payload_max(frame)


@fault("FRM-13")
class PayloadMaxStuck(Decoder):
    """Takes no more than 65 536 octets, even where the limit is greater."""

    def payload_limit(self, frame: Frame) -> int:
        return min(self.max_payload, 65_536)


@fault("FRM-13")
class PayloadMaxSigned(Decoder):
    """Reads max_payload as a signed number: from 2^31 on nothing is accepted."""

    def payload_limit(self, frame: Frame) -> int:
        return self.max_payload if self.max_payload < SIGN else -1


@fault("FRM-13")
class PayloadGreatRefused(Decoder):
    """Refuses a payload_length from 2^31 on whatever the limit."""

    def payload_limit(self, frame: Frame) -> int:
        return min(self.max_payload, SIGN - 1)


@fault("FRM-13")
class PayloadShort(Decoder):
    """Reads payload_length as sixteen bits once it is within the limit."""

    def check_payload_max(self, frame: Frame) -> None:
        super().check_payload_max(frame)
        frame.payload_length &= 0xFFFF


@fault("FRM-13")
class PayloadLengthMixed(Decoder):
    """Takes a payload_length from 65 536 on for one in the other byte order."""

    def lengths(self, header: bytes) -> tuple[int, int]:
        json_length, payload_length = super().lengths(header)
        if payload_length == 65_536:
            (payload_length,) = struct.unpack_from(">I", header, 12)
        return json_length, payload_length
