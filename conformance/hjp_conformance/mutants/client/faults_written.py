"""Faults in the header and the octets of the frames that a client writes."""

import json
import re
import struct

from hjp_conformance.mutants.client.catalogue import fault
from hjp_conformance.mutants.client.client import Client
from hjp_conformance.mutants.client.receiver import MAGIC
from hjp_conformance.mutants.client.shared import Number, Object, Value, Writer

# FRM-1: the frame


@fault("FRM-1")
class BigEndian(Client):
    """Writes the lengths big-endian."""

    def header(self, text: bytes, payload: bytes) -> bytes:
        return MAGIC + struct.pack(">B3xII", 1, len(text), len(payload))


@fault("FRM-1")
class LengthOfCharacters(Client):
    """Counts characters, not octets, in json_length."""

    def header(self, text: bytes, payload: bytes) -> bytes:
        return MAGIC + struct.pack("<B3xII", 1, len(text.decode()), len(payload))


@fault("FRM-1")
class LengthOfBoth(Client):
    """Counts the JSON text in payload_length too."""

    def header(self, text: bytes, payload: bytes) -> bytes:
        both = len(text) + len(payload)
        return MAGIC + struct.pack("<B3xII", 1, len(text), both)


@fault("FRM-1")
class LengthsSwapped(Client):
    """Writes payload_length before json_length."""

    def header(self, text: bytes, payload: bytes) -> bytes:
        return MAGIC + struct.pack("<B3xII", 1, len(payload), len(text))


@fault("FRM-1")
class PayloadLengthSixteenBits(Client):
    """Keeps payload_length in sixteen bits, so that 65 536 becomes 0."""

    def header(self, text: bytes, payload: bytes) -> bytes:
        return super().header(text, payload[: len(payload) & 0xFFFF])


@fault("FRM-1")
class NewlineAfterFrame(Client):
    """Writes a newline after every frame."""

    def frame_octets(self, header: bytes, text: bytes, payload: bytes) -> bytes:
        return header + text + payload + b"\n"


@fault("FRM-1")
class PaddedFrames(Client):
    """Pads every frame with zeros to a multiple of eight octets."""

    def frame_octets(self, header: bytes, text: bytes, payload: bytes) -> bytes:
        octets = header + text + payload
        return octets + bytes(-len(octets) % 8)


@fault("FRM-1")
class MagicAsText(Client):
    """Writes the magic as UTF-8 text, so that FF becomes C3 BF."""

    def header(self, text: bytes, payload: bytes) -> bytes:
        return MAGIC.decode("latin-1").encode() + super().header(text, payload)[4:]


@fault("FRM-1")
class MagicOnlyFirst(Client):
    """Writes the magic before the first frame only."""

    begun = False

    def header(self, text: bytes, payload: bytes) -> bytes:
        header = super().header(text, payload)
        begun, self.begun = self.begun, True
        return header[4:] if begun else header


@fault("FRM-1")
class VersionTwo(Client):
    """Writes version 2."""

    def header(self, text: bytes, payload: bytes) -> bytes:
        header = super().header(text, payload)
        return header[:4] + b"\2" + header[5:]


@fault("FRM-1")
class ReservedFlag(Client):
    """Sets a reserved octet in frames with a payload."""

    def header(self, text: bytes, payload: bytes) -> bytes:
        header = super().header(text, payload)
        return header[:5] + bytes([bool(payload)]) + header[6:]


@fault("FRM-1")
class ReservedCounter(Client):
    """Counts its frames in the last reserved octet."""

    count = 0

    def header(self, text: bytes, payload: bytes) -> bytes:
        header = super().header(text, payload)
        self.count += 1
        return header[:7] + bytes([(self.count - 1) & 0xFF]) + header[8:]


@fault("FRM-1")
class PayloadFirst(Client):
    """Writes the payload before the JSON text."""

    def frame_octets(self, header: bytes, text: bytes, payload: bytes) -> bytes:
        return header + payload + text


@fault("FRM-1")
class PayloadLinesWritten(Client):
    """Opens files as text, so that CR LF in a payload becomes LF."""

    def read_file(self, path: str) -> bytes:
        return super().read_file(path).replace(b"\r\n", b"\n")


# MET-1: the JSON text


@fault("MET-1")
class BomWritten(Client):
    """Writes a byte order mark before the object."""

    def encode(self, message: Object) -> bytes:
        return b"\xef\xbb\xbf" + super().encode(message)


@fault("MET-1")
class SpaceWrittenFirst(Client):
    """Writes a newline before the object."""

    def encode(self, message: Object) -> bytes:
        return b"\n" + super().encode(message)


@fault("MET-1")
class Latin1Written(Client):
    """Writes Latin-1."""

    def encode(self, message: Object) -> bytes:
        return super().encode(message).decode().encode("latin-1", "replace")


@fault("MET-1")
class SurrogatesWritten(Client):
    """Writes code points above U+FFFF as two encoded surrogates."""

    def encode(self, message: Object) -> bytes:
        text = super().encode(message).decode()
        halves = re.sub("[\U00010000-\U0010ffff]", self.halve, text)
        return halves.encode("utf-8", "surrogatepass")

    def halve(self, found: re.Match[str]) -> str:
        rest = ord(found.group()) - 0x10000
        return chr(0xD800 + (rest >> 10)) + chr(0xDC00 + (rest & 0x3FF))


@fault("MET-1")
class Utf16Written(Client):
    """Writes the JSON text in UTF-16."""

    def encode(self, message: Object) -> bytes:
        return super().encode(message).decode().encode("utf-16-le")


@fault("MET-1")
class ArrayWritten(Client):
    """Writes an array around the object."""

    def encode(self, message: Object) -> bytes:
        return b"[" + super().encode(message) + b"]"


@fault("MET-1")
class NulWritten(Client):
    """Counts a closing octet 00 to the JSON text."""

    def encode(self, message: Object) -> bytes:
        return super().encode(message) + b"\0"


@fault("MET-1")
class QuotesUnescaped(Writer):
    """Writes strings between quotes without escaping anything."""

    def string(self, text: str) -> str:
        return f'"{text}"'


@fault("MET-1")
class SingleQuotesWritten(Writer):
    """Writes strings in single quotes."""

    def string(self, text: str) -> str:
        return "'" + json.dumps(text, ensure_ascii=False)[1:-1] + "'"


@fault("MET-1")
class TrailingCommaWritten(Writer):
    """Writes a comma after the last member."""

    def object(self, members: Object) -> str:
        return super().object(members)[:-1] + ",}"


@fault("MET-1")
class CapitalTrueWritten(Writer):
    """Writes True for true."""

    def atom(self, value: bool | int | None) -> str:
        return str(value)


@fault("MET-1")
class LeadingZerosWritten(Client):
    """Writes ids with leading zeros."""

    def id_value(self, request: object) -> Number:
        return Number(f"{self.last_id + 1:08}")


# MET-17: numbers


class LimitWritten(Client):
    """Writes the max_payload of hello in a way of its own."""

    def encode(self, message: Object) -> bytes:
        return super().encode(message | self.rewritten(message))

    def rewritten(self, message: Object) -> Object:
        limits = message.get("limits")
        if not isinstance(limits, dict):
            return {}
        return {"limits": {name: self.form(value) for name, value in limits.items()}}

    def form(self, value: Value) -> Value:
        return value


@fault("MET-17")
class LimitWithPoint(LimitWritten):
    """Writes max_payload with a fraction."""

    def form(self, value: Value) -> Value:
        return Number(value.text + ".0") if isinstance(value, Number) else value


@fault("MET-17")
class LimitWithExponent(LimitWritten):
    """Writes max_payload with an exponent."""

    def form(self, value: Value) -> Value:
        return Number(f"{value.value:.10e}") if isinstance(value, Number) else value


class IdWritten(Client):
    """Writes ids in a way of its own."""

    def encode(self, message: Object) -> bytes:
        number = message["id"]
        text = number.text if isinstance(number, Number) else ""
        return super().encode(message | {"id": Number(self.form(text))})

    def form(self, digits: str) -> str:
        return digits


@fault("MET-17")
class IdWithPoint(IdWritten):
    """Writes ids with a fraction."""

    def form(self, digits: str) -> str:
        return digits + ".0"


@fault("MET-17")
class IdWithExponent(IdWritten):
    """Writes ids with an exponent."""

    def form(self, digits: str) -> str:
        return digits + "e0"
