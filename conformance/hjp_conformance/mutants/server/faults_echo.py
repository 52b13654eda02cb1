"""Faults in ping, echo and upper."""

import struct
import unicodedata

from hjp_conformance.mutants.server.core import Connection
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.metadata import Number, Object, Value
from hjp_conformance.mutants.server.transport import Failed, Frame

# COR-9 to COR-11: ping and echo


@fault("COR-9")
class PingInternal(Connection):
    """Answers internal to a ping with a timeout_ms."""

    def do_ping(self, frame: Frame) -> tuple[Object, bytes]:
        if "timeout_ms" in frame.message:
            raise Failed("internal", "there is no clock")
        return super().do_ping(frame)


class OtherEcho(Connection):
    """Changes the payload of an echo."""

    def do_echo(self, frame: Frame) -> tuple[Object, bytes]:
        members, payload = super().do_echo(frame)
        return members, self.change(payload)

    def change(self, payload: bytes) -> bytes:
        return payload


@fault("COR-10")
class EchoAsText(OtherEcho):
    """Decodes the payload of an echo as UTF-8, with replacement."""

    def change(self, payload: bytes) -> bytes:
        return payload.decode("utf-8", "replace").encode()


@fault("COR-10")
class EchoTrimmed(OtherEcho):
    """Cuts white space off the end of the payload of an echo."""

    def change(self, payload: bytes) -> bytes:
        return payload.rstrip(b" \t\r\n")


@fault("COR-10")
class EchoCut(OtherEcho):
    """Returns at most 65 535 octets of the payload of an echo."""

    def change(self, payload: bytes) -> bytes:
        return payload[:65_535]


@fault("COR-10")
class EchoDataOnly(Connection):
    """Returns no payload where there is data."""

    def do_echo(self, frame: Frame) -> tuple[Object, bytes]:
        members, payload = super().do_echo(frame)
        return members, b"" if members else payload


class OtherData(Connection):
    """Changes the data of an echo, at every depth."""

    def echo_members(self, frame: Frame) -> Object:
        members = super().echo_members(frame)
        return {name: self.deep(value) for name, value in members.items()}

    def deep(self, value: Value) -> Value:
        if isinstance(value, list):
            value = [self.deep(element) for element in value]
        if isinstance(value, dict):
            value = {name: self.deep(element) for name, element in value.items()}
        return self.change(value)

    def change(self, value: Value) -> Value:
        return value


@fault("COR-11")
class DataAlways(Connection):
    """Answers data null where the request has none."""

    def echo_members(self, frame: Frame) -> Object:
        return {"data": frame.message.get("data")}


@fault("COR-11")
class DataNullLost(Connection):
    """Loses data that is null."""

    def echo_members(self, frame: Frame) -> Object:
        members = super().echo_members(frame)
        return {k: v for k, v in members.items() if v is not None}


@fault("COR-11")
class DataEmptyLost(Connection):
    """Loses data that is empty, false or null."""

    def echo_members(self, frame: Frame) -> Object:
        return {k: v for k, v in super().echo_members(frame).items() if v}


@fault("COR-11")
class FloatOf32Bits(OtherData):
    """Rounds fractions to binary32."""

    def change(self, value: Value) -> Value:
        if not isinstance(value, Number) or value.text.lstrip("-").isdigit():
            return value
        if not 1e-38 < abs(value.value) < 3e38:
            return value
        return Number(repr(struct.unpack("f", struct.pack("f", value.value))[0]))


@fault("COR-11")
class FloatOf15Digits(OtherData):
    """Writes numbers with fifteen digits."""

    def change(self, value: Value) -> Value:
        if not isinstance(value, Number):
            return value
        number = Number(f"{value.value:.15g}")
        finite = abs(number.value) < float("inf")
        return number if finite else value


@fault("COR-11")
class IntegersOf64Bits(OtherData):
    """Keeps integers within 64 bits."""

    def change(self, value: Value) -> Value:
        if not isinstance(value, Number) or not value.text.lstrip("-").isdigit():
            return value
        if abs(value.value) < 2.0**63:
            return value
        return Number(str((1 << 63) - 1 if value.value > 0 else -(1 << 63)))


@fault("COR-11")
class TinyIsZero(OtherData):
    """Takes subnormal numbers for 0."""

    def change(self, value: Value) -> Value:
        tiny = isinstance(value, Number) and abs(value.value) < 2.0**-1022
        return Number("0") if tiny else value


@fault("COR-11")
class FractionsAsStrings(OtherData):
    """Writes fractions as strings."""

    def change(self, value: Value) -> Value:
        return value.text if isinstance(value, Number) and "." in value.text else value


@fault("COR-11")
class StringsEndAtNul(OtherData):
    """Cuts strings at the first U+0000."""

    def change(self, value: Value) -> Value:
        return value.partition("\0")[0] if isinstance(value, str) else value


@fault("COR-11")
class StringsNormalised(OtherData):
    """Writes strings in normalisation form C."""

    def change(self, value: Value) -> Value:
        return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


@fault("COR-11")
class AstralReplaced(OtherData):
    """Replaces code points above U+FFFF."""

    def change(self, value: Value) -> Value:
        if not isinstance(value, str):
            return value
        return "".join(char if char <= "\uffff" else "\ufffd" for char in value)


@fault("COR-11")
class NoncharactersReplaced(OtherData):
    """Replaces U+FFFE and U+FFFF."""

    def change(self, value: Value) -> Value:
        if not isinstance(value, str):
            return value
        return value.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


@fault("COR-11")
class TrueAsNumber(OtherData):
    """Writes 1 for true and 0 for false."""

    def change(self, value: Value) -> Value:
        return int(value) if isinstance(value, bool) else value


@fault("COR-11")
class EmptyObjectAsArray(OtherData):
    """Writes an empty array for an empty object."""

    def change(self, value: Value) -> Value:
        return [] if value == {} else value


@fault("COR-11")
class MembersNullLost(OtherData):
    """Loses members of objects in data that are null."""

    def change(self, value: Value) -> Value:
        if not isinstance(value, dict):
            return value
        return {k: v for k, v in value.items() if v is not None}


@fault("COR-11")
class EmptyNameLost(OtherData):
    """Loses members whose name is empty."""

    def change(self, value: Value) -> Value:
        if not isinstance(value, dict):
            return value
        return {k: v for k, v in value.items() if k}


@fault("COR-11")
class PrototypeLost(OtherData):
    """Loses members whose name is __proto__."""

    def change(self, value: Value) -> Value:
        if not isinstance(value, dict):
            return value
        return {k: v for k, v in value.items() if k != "__proto__"}


@fault("COR-11")
class ArraysSorted(OtherData):
    """Sorts arrays of strings."""

    def change(self, value: Value) -> Value:
        if not isinstance(value, list):
            return value
        strings = [element for element in value if isinstance(element, str)]
        return [*sorted(strings)] if len(strings) == len(value) else value


@fault("COR-11")
class DeepDataCut(Connection):
    """Writes null for what lies deeper than 16 levels in data."""

    def echo_members(self, frame: Frame) -> Object:
        members = super().echo_members(frame)
        return {name: self.cut(value, 16) for name, value in members.items()}

    def cut(self, value: Value, levels: int) -> Value:
        if levels == 0 and isinstance(value, list | dict):
            return None
        if isinstance(value, list):
            return [self.cut(element, levels - 1) for element in value]
        if isinstance(value, dict):
            return {name: self.cut(each, levels - 1) for name, each in value.items()}
        return value


# COR-12 and COR-13: upper


@fault("COR-12")
class UpperUnicode(Connection):
    """Takes the payload of upper for UTF-8 if it is well-formed."""

    def upper(self, payload: bytes) -> bytes:
        try:
            return payload.decode().upper().encode()
        except UnicodeDecodeError:
            return super().upper(payload)


@fault("COR-12")
class UpperLatin1(Connection):
    """Takes the payload of upper for Latin-1."""

    def upper(self, payload: bytes) -> bytes:
        text = payload.decode("latin-1")
        return "".join(
            char.upper() if char.upper() <= "\xff" and len(char.upper()) == 1 else char
            for char in text
        ).encode("latin-1")


@fault("COR-12")
class UpperRefusesBinary(Connection):
    """Answers bad_request to an upper of something that is not UTF-8."""

    def upper(self, payload: bytes) -> bytes:
        try:
            payload.decode()
        except UnicodeDecodeError:
            raise Failed("bad_request", "the payload is not text") from None
        return super().upper(payload)


@fault("COR-13")
class UpperToY(Connection):
    """Leaves z as it is."""

    def upper(self, payload: bytes) -> bytes:
        return b"z".join(map(super().upper, payload.split(b"z")))


@fault("COR-13")
class UpperMasks(Connection):
    """Clears the bit 20 of every octet from 60 to 7F."""

    def upper(self, payload: bytes) -> bytes:
        return bytes(o & 0xDF if 0x60 <= o < 0x80 else o for o in payload)


@fault("COR-13")
class UpperMasksAll(Connection):
    """Clears the bit 20 of every octet whose low seven bits are a letter's."""

    def upper(self, payload: bytes) -> bytes:
        return bytes(o & 0xDF if 0x61 <= o & 0x7F <= 0x7A else o for o in payload)


@fault("COR-13")
class UpperSwaps(Connection):
    """Makes capitals small as well."""

    def upper(self, payload: bytes) -> bytes:
        return payload.swapcase()


@fault("COR-13")
class UpperEndsAtNul(Connection):
    """Leaves everything after an octet 00 as it is."""

    def upper(self, payload: bytes) -> bytes:
        head, nul, rest = payload.partition(b"\0")
        return super().upper(head) + nul + rest
