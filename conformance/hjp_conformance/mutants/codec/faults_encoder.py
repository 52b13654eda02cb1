"""Faults in the frames that an encoder writes (FRM-1, MET-1)."""

import json
import re
import struct

from hjp_conformance.mutants.codec.frames import HEADER, MAGIC, Encoder, Frame
from hjp_conformance.mutants.codec.table import fault

# FRM-1: the header


@fault("FRM-1")
class BigEndian(Encoder):
    """Writes the lengths big-endian."""

    def pack_lengths(self, json_length: int, payload_length: int) -> bytes:
        return struct.pack(">II", json_length, payload_length)


@fault("FRM-1")
class LengthsSwapped(Encoder):
    """Writes payload_length before json_length."""

    def pack_lengths(self, json_length: int, payload_length: int) -> bytes:
        return super().pack_lengths(payload_length, json_length)


@fault("FRM-1")
class LengthsOfSixteenBits(Encoder):
    """Writes the low sixteen bits of the lengths only."""

    def pack_lengths(self, json_length: int, payload_length: int) -> bytes:
        return super().pack_lengths(json_length & 0xFFFF, payload_length & 0xFFFF)


@fault("FRM-1")
class LengthOfEightBytes(Encoder):
    """Writes payload_length in eight octets."""

    def pack_lengths(self, json_length: int, payload_length: int) -> bytes:
        return struct.pack("<IQ", json_length, payload_length)


@fault("FRM-1")
class LengthOfCharacters(Encoder):
    """Counts characters, not octets, in json_length."""

    def header(self, frame: Frame) -> bytes:
        lengths = self.pack_lengths(len(frame.text.decode()), frame.payload_length)
        return self.head() + lengths


@fault("FRM-1")
class LengthOfUtf16(Encoder):
    """Counts units of UTF-16 in json_length where a character is above U+FFFF."""

    def header(self, frame: Frame) -> bytes:
        text = frame.text.decode()
        if max(text) <= "\uffff":
            return super().header(frame)
        units = len(text.encode("utf-16-le")) // 2
        return self.head() + self.pack_lengths(units, frame.payload_length)


@fault("FRM-1")
class LengthOfBoth(Encoder):
    """Counts the JSON text in payload_length too."""

    def pack_lengths(self, json_length: int, payload_length: int) -> bytes:
        return super().pack_lengths(json_length, json_length + payload_length)


@fault("FRM-1")
class LengthWithHeader(Encoder):
    """Counts the header in json_length."""

    def pack_lengths(self, json_length: int, payload_length: int) -> bytes:
        return super().pack_lengths(json_length + HEADER, payload_length)


@fault("FRM-1")
class MagicAsText(Encoder):
    """Writes the magic as UTF-8 text, so that FF becomes C3 BF."""

    def head(self) -> bytes:
        return super().head().decode("latin-1").encode()


@fault("FRM-1")
class MagicReversed(Encoder):
    """Writes the magic as a number of the other byte order."""

    def head(self) -> bytes:
        return MAGIC[::-1] + super().head()[4:]


@fault("FRM-1")
class VersionZeroWritten(Encoder):
    """Writes version 0."""

    def head(self) -> bytes:
        return MAGIC + bytes(4)


@fault("FRM-1")
class VersionDigitWritten(Encoder):
    """Writes the version as the digit 1."""

    def head(self) -> bytes:
        return MAGIC + b"1\0\0\0"


@fault("FRM-1")
class VersionWide(Encoder):
    """Writes version and reserved octets as a big-endian number."""

    def head(self) -> bytes:
        return MAGIC + b"\0\0\0\x01"


@fault("FRM-1")
class ReservedFlagWritten(Encoder):
    """Sets a reserved octet in frames with a payload."""

    def header(self, frame: Frame) -> bytes:
        header = super().header(frame)
        return header[:5] + bytes([frame.payload_length > 0]) + header[6:]


@fault("FRM-1")
class ReservedNotCleared(Encoder):
    """Leaves what was in memory in the reserved octets of long frames."""

    def header(self, frame: Frame) -> bytes:
        header = super().header(frame)
        long = frame.json_length > 1024
        return header[:7] + (b"\xa5" if long else b"\0") + header[8:]


# FRM-1: the rest of the frame


@fault("FRM-1")
class PayloadFirst(Encoder):
    """Writes the payload before the JSON text."""

    def body(self, frame: Frame) -> bytes:
        return frame.payload + frame.text


@fault("FRM-1")
class PayloadDropped(Encoder):
    """Announces a payload of one octet, but does not write it."""

    def write_payload(self, payload: bytes) -> bytes:
        return payload if len(payload) > 1 else b""


@fault("FRM-1")
class PayloadCut(Encoder):
    """Writes no more than 65 535 octets of a payload."""

    def write_payload(self, payload: bytes) -> bytes:
        return payload[:65_535]


@fault("FRM-1")
class PayloadTextMode(Encoder):
    """Writes LF in a payload as CR LF."""

    def write_payload(self, payload: bytes) -> bytes:
        return payload.replace(b"\n", b"\r\n")


@fault("FRM-1")
class PayloadAsUtf8(Encoder):
    """Writes octets of a payload from 80 on as UTF-8 of Latin-1."""

    def write_payload(self, payload: bytes) -> bytes:
        return payload.decode("latin-1").encode()


@fault("FRM-1")
class PayloadToNul(Encoder):
    """Writes a payload up to its first octet 00."""

    def write_payload(self, payload: bytes) -> bytes:
        return payload.partition(b"\0")[0]


@fault("FRM-1")
class NewlineAfterFrame(Encoder):
    """Writes a newline after every frame."""

    def pack(self, frame: Frame) -> bytes:
        return super().pack(frame) + b"\n"


@fault("FRM-1")
class NewlineAfterText(Encoder):
    """Writes a newline after the JSON text that json_length does not count."""

    def write_text(self, text: bytes) -> bytes:
        return text + b"\n"


@fault("FRM-1")
class NulAfterText(Encoder):
    """Writes an octet 00 after the JSON text that json_length does not count."""

    def write_text(self, text: bytes) -> bytes:
        return text + b"\0"


@fault("FRM-1")
class PaddedFrames(Encoder):
    """Pads every frame with zeros to a multiple of eight octets."""

    def pack(self, frame: Frame) -> bytes:
        octets = super().pack(frame)
        return octets + bytes(-len(octets) % 8)


class Other(Encoder):
    """Writes the JSON text of another value, with its right length."""

    def octets(self, text: str) -> bytes:
        octets = super().octets(text)
        try:
            return self.change(text).encode()
        except ValueError:
            return octets

    def change(self, text: str) -> str:
        return text


@fault("FRM-1")
class NullsDropped(Other):
    """Drops members whose value is null."""

    def change(self, text: str) -> str:
        return re.sub(r'"\w+":null,|,"\w+":null', "", text)


@fault("FRM-1")
class AsciiWritten(Other):
    """Writes a question mark for what is not ASCII."""

    def change(self, text: str) -> str:
        return text.encode("ascii", "replace").decode()


@fault("FRM-1")
class SinglesWritten(Other):
    """Writes numbers with six digits."""

    def change(self, text: str) -> str:
        value = json.loads(text, parse_float=self.six, parse_int=self.six)
        return json.dumps(value, ensure_ascii=False)

    def six(self, digits: str) -> float | int:
        value = float(f"{float(digits):.6g}")
        return int(value) if value.is_integer() else value


@fault("FRM-1")
class NamesLowered(Other):
    """Writes names in lower case."""

    def change(self, text: str) -> str:
        return re.sub('"[A-Z]+":', lambda found: found.group().lower(), text)


# MET-1: the JSON text


class Rewritten(Encoder):
    """Writes the JSON text in another form, with its right length."""

    def form(self, text: bytes) -> bytes:
        return text

    def pack(self, frame: Frame) -> bytes:
        text = self.form(frame.text)
        lengths = len(text), frame.payload_length
        return super().pack(Frame(0, b"", *lengths, text, frame.payload))


@fault("MET-1")
class MarkWritten(Rewritten):
    """Writes a byte order mark before the object."""

    def form(self, text: bytes) -> bytes:
        return b"\xef\xbb\xbf" + text


@fault("MET-1")
class SpaceWrittenFirst(Rewritten):
    """Writes a line feed before the object."""

    def form(self, text: bytes) -> bytes:
        return b"\n" + text


@fault("MET-1")
class Latin1Written(Rewritten):
    """Writes Latin-1 where it can."""

    def form(self, text: bytes) -> bytes:
        try:
            return text.decode().encode("latin-1")
        except UnicodeEncodeError:
            return text


@fault("MET-1")
class GbkWritten(Rewritten):
    """Writes GBK where it can."""

    def form(self, text: bytes) -> bytes:
        try:
            return text.decode().encode("gbk")
        except UnicodeEncodeError:
            return text


@fault("MET-1")
class SurrogatesWritten(Rewritten):
    """Writes code points above U+FFFF as two encoded surrogates."""

    def form(self, text: bytes) -> bytes:
        chars = [self.halves(char) for char in text.decode()]
        return "".join(chars).encode("utf-8", "surrogatepass")

    def halves(self, char: str) -> str:
        rest = ord(char) - 0x10000
        return (
            char
            if rest < 0
            else chr(0xD800 + (rest >> 10)) + chr(0xDC00 + (rest & 1023))
        )


@fault("MET-1")
class Utf16Written(Rewritten):
    """Writes UTF-16."""

    def form(self, text: bytes) -> bytes:
        return text.decode().encode("utf-16-le")


@fault("MET-1")
class NulCounted(Rewritten):
    """Counts a closing octet 00 to the JSON text."""

    def form(self, text: bytes) -> bytes:
        return text + b"\0"


@fault("MET-1")
class WrappedInArray(Rewritten):
    """Writes the object as the one element of an array."""

    def form(self, text: bytes) -> bytes:
        return b"[" + text + b"]"


@fault("MET-1")
class WrappedInString(Rewritten):
    """Writes the text once more as a JSON string."""

    def form(self, text: bytes) -> bytes:
        return json.dumps(text.decode()).encode()


@fault("MET-1")
class ControlsWritten(Rewritten):
    r"""Resolves \n and \t in strings and writes them as they are."""

    def form(self, text: bytes) -> bytes:
        return text.replace(rb"\n", b"\n").replace(rb"\t", b"\t")


@fault("MET-1")
class EscapedByRepr(Rewritten):
    r"""Writes characters up to U+00FF that are not ASCII as \x."""

    def form(self, text: bytes) -> bytes:
        return text.decode().encode("ascii", "backslashreplace")
