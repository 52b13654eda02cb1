"""Faults in what a client makes of a payload, and of the end of a frame."""

from hjp_conformance.mutants.client.catalogue import fault
from hjp_conformance.mutants.client.client import Client
from hjp_conformance.mutants.client.receiver import MAGIC, Fatal, Frame

# FRM-16: what a payload holds


@fault("FRM-16")
class MagicInPayload(Client):
    """Takes a magic in a payload for the beginning of the next frame."""

    def payload_ready(self) -> bool:
        at = self.buffer[: self.frame.payload_length].find(MAGIC)
        if at >= 0:
            self.frame.payload_length = at
        return super().payload_ready()


@fault("FRM-16")
class PayloadLines(Client):
    """Turns CR LF in a payload into LF."""

    def payload(self, octets: bytes) -> bytes:
        return octets.replace(b"\r\n", b"\n")


@fault("FRM-16")
class PayloadEndsAtNul(Client):
    """Takes the first octet 00 for the end of a payload."""

    def payload(self, octets: bytes) -> bytes:
        return octets.partition(b"\0")[0]


@fault("FRM-16")
class PayloadText(Client):
    """Decodes a payload as UTF-8 and replaces what is not."""

    def payload(self, octets: bytes) -> bytes:
        return octets.decode("utf-8", "replace").encode()


@fault("FRM-16")
class PayloadStripped(Client):
    """Takes white space off the end of a payload."""

    def payload(self, octets: bytes) -> bytes:
        return octets.rstrip()


@fault("FRM-16")
class PayloadUtf8Only(Client):
    """Refuses a payload that is not UTF-8."""

    def payload(self, octets: bytes) -> bytes:
        if octets.decode("utf-8", "replace").encode() != octets:
            self.refuse("bad_frame")
        return octets


# FRM-17: acting too late


@fault("FRM-17")
class WaitsForNextOctet(Client):
    """Acts on a frame when an octet or the end of the input follows it."""

    ended = False

    def payload_ready(self) -> bool:
        return self.have(self.frame.payload_length + (not self.ended))

    def input_ended(self) -> None:
        self.ended = True
        waited = len(self.waiting)
        self.digest()
        if len(self.waiting) == waited:
            super().input_ended()


@fault("FRM-17")
class PayloadWaitsForNextOctet(WaitsForNextOctet):
    """Acts on a frame with a payload when something follows it."""

    def payload_ready(self) -> bool:
        more = bool(self.frame.payload_length) and not self.ended
        return self.have(self.frame.payload_length + more)


@fault("FRM-17")
class FatalWaitsForEnd(Client):
    """Acts on a fatal error when the input has ended."""

    held = ""

    def accept_fatal(self, frame: Frame) -> None:
        self.held = self.code(frame)

    def input_ended(self) -> None:
        if self.held:
            raise Fatal(self.held)
        super().input_ended()


@fault("FRM-17")
class EndBeforeFrames(Client):
    """Drops the frames that have come together with the end of the input."""

    def digest(self) -> None:
        if self.select_input(0.05) and not self.receive_more():
            self.input_ended()
        super().digest()

    def receive_more(self) -> bool:
        octets = self.receive()
        self.buffer += octets
        return bool(octets)
