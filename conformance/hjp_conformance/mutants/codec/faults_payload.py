"""Faults in payloads (FRM-16)."""

from hjp_conformance.mutants.codec.frames import HEADER, MAGIC, Decoder
from hjp_conformance.mutants.codec.table import fault


@fault("FRM-16")
class MagicEndsPayload(Decoder):
    """Takes a magic in a payload for the beginning of the next frame."""

    def on_frame(self) -> None:
        found = self.buffer.find(MAGIC, self.text_end(), self.frame_end())
        if found >= 0:
            self.frame.payload_length = found - self.text_end()
        super().on_frame()


@fault("FRM-16")
class FrameInPayloadTaken(Decoder):
    """Unpacks a payload that is a whole frame."""

    def payload(self, octets: bytes) -> bytes:
        whole = octets.startswith(MAGIC) and octets.endswith(b"{}")
        return octets[HEADER:] if whole else octets


@fault("FRM-16")
class MagicInPayloadRefused(Decoder):
    """Refuses a payload that begins with the magic."""

    def payload(self, octets: bytes) -> bytes:
        if octets.startswith(MAGIC):
            self.refuse("magic")
        return octets


@fault("FRM-16")
class PayloadNewlines(Decoder):
    """Turns CR LF in a payload into LF."""

    def payload(self, octets: bytes) -> bytes:
        return octets.replace(b"\r\n", b"\n")


@fault("FRM-16")
class PayloadReturns(Decoder):
    """Turns LF in a payload into CR LF."""

    def payload(self, octets: bytes) -> bytes:
        return octets.replace(b"\n", b"\r\n")


@fault("FRM-16")
class PayloadEndsAtNul(Decoder):
    """Takes the first octet 00 for the end of a payload."""

    def payload(self, octets: bytes) -> bytes:
        return octets.partition(b"\0")[0]


@fault("FRM-16")
class PayloadNulsTrimmed(Decoder):
    """Trims octets 00 from the end of a payload."""

    def payload(self, octets: bytes) -> bytes:
        return octets.rstrip(b"\0")


@fault("FRM-16")
class PayloadTrimmed(Decoder):
    """Trims white space from the ends of a payload."""

    def payload(self, octets: bytes) -> bytes:
        return octets.strip()


@fault("FRM-16")
class PayloadEndsAtSub(Decoder):
    """Takes the octet 1A for the end of a payload."""

    def payload(self, octets: bytes) -> bytes:
        return octets.partition(b"\x1a")[0]


@fault("FRM-16")
class PayloadSevenBits(Decoder):
    """Strips the highest bit from the octets of a payload."""

    def payload(self, octets: bytes) -> bytes:
        return bytes(octet & 0x7F for octet in octets)


@fault("FRM-16")
class PayloadReplaced(Decoder):
    """Takes a payload for UTF-8 and replaces what is not."""

    def payload(self, octets: bytes) -> bytes:
        return octets.decode("utf-8", "replace").encode()


@fault("FRM-16")
class PayloadUtf8Only(Decoder):
    """Refuses a payload that is not UTF-8."""

    def payload(self, octets: bytes) -> bytes:
        try:
            octets.decode()
        except UnicodeDecodeError:
            self.refuse("text")
        return octets


@fault("FRM-16")
class PayloadMarkDropped(Decoder):
    """Drops a byte order mark at the beginning of a payload."""

    def payload(self, octets: bytes) -> bytes:
        return octets.removeprefix(b"\xef\xbb\xbf")


@fault("FRM-16")
class PayloadDoubledFf(Decoder):
    """Takes FF FF in a payload for one FF, as telnet does."""

    def payload(self, octets: bytes) -> bytes:
        return octets.replace(b"\xff\xff", b"\xff")


@fault("FRM-16")
class PayloadEscapes(Decoder):
    """Takes an octet 10 in a payload for an escape and drops it."""

    def payload(self, octets: bytes) -> bytes:
        return octets.replace(b"\x10", b"")


@fault("FRM-16")
class PayloadCutLate(Decoder):
    """Loses what a payload has beyond 65 535 octets."""

    def payload(self, octets: bytes) -> bytes:
        return octets[:65_535]
