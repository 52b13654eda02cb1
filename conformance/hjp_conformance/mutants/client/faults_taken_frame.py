"""Faults in the lengths of a frame, in its reading and in its payload."""

from hjp_conformance.mutants.client.catalogue import fault
from hjp_conformance.mutants.client.client import Client
from hjp_conformance.mutants.client.receiver import MAX_JSON, MAX_UINT32, Frame
from hjp_conformance.mutants.client.shared import Object

# FRM-8, FRM-9 and FRM-12: json_length


@fault("FRM-8")
class JsonZeroAccepted(Client):
    """Takes a frame without JSON text for one with an empty object."""

    def check_json_min(self, frame: Frame) -> None:
        if frame.json_length:
            super().check_json_min(frame)

    def parse(self, text: bytes) -> Object:
        return super().parse(text or b"{}")


@fault("FRM-8")
class JsonZeroKeepsAlive(Client):
    """Takes a header with two zero lengths for a sign of life."""

    def read_header(self) -> None:
        if any(self.buffer[5:16]):
            super().read_header()
        else:
            self.take(16)
            self.stage = 0


@fault("FRM-8")
class JsonOneAccepted(Client):
    """Lets a json_length of 1 pass to the JSON parser."""

    def json_min(self) -> int:
        return 1


@fault("FRM-8")
class JsonShortBadJson(Client):
    """Refuses a json_length of 0 or 1 with bad_json."""

    json_min_code = "bad_json"


@fault("FRM-9")
class JsonMaxPlusOne(Client):
    """Takes 65 537 octets of JSON text."""

    def json_max(self) -> int:
        return MAX_JSON + 1


@fault("FRM-9")
class JsonMaxMebibyte(Client):
    """Takes JSON text of up to 1 MiB."""

    def json_max(self) -> int:
        return 1 << 20


@fault("FRM-9")
class JsonLengthSigned(Client):
    """Takes a json_length from 2^31 on for negative: bad_frame."""

    def check_json_min(self, frame: Frame) -> None:
        if frame.json_length >= 1 << 31:
            self.refuse(self.json_min_code)
        super().check_json_min(frame)


@fault("FRM-9")
class JsonLengthNarrowed(Client):
    """Compares json_length after narrowing it to 24 bits."""

    def lengths(self, header: bytes) -> tuple[int, int]:
        json_length, payload_length = super().lengths(header)
        return json_length & 0xFFFFFF, payload_length


@fault("FRM-9")
class JsonMaxBadFrame(Client):
    """Refuses too long a JSON text with bad_frame."""

    json_max_code = "bad_frame"


@fault("FRM-12")
class JsonMaxRefused(Client):
    """Refuses exactly 65 536 octets of JSON text."""

    def json_max(self) -> int:
        return MAX_JSON - 1


@fault("FRM-12")
class JsonMaxEightK(Client):
    """Takes no more than 8 192 octets of JSON text."""

    def json_max(self) -> int:
        return 8192


@fault("FRM-12")
class JsonLengthSixteenBits(Client):
    """Keeps json_length in sixteen bits, so that 65 536 becomes 0."""

    def lengths(self, header: bytes) -> tuple[int, int]:
        json_length, payload_length = super().lengths(header)
        wraps = json_length == MAX_JSON
        return 0 if wraps else json_length, payload_length


# FRM-10 and FRM-13: payload_length


@fault("FRM-10")
class PayloadMaxPlusOne(Client):
    """Takes one octet of payload more than the limit."""

    def payload_max(self) -> int:
        return super().payload_max() + 1


@fault("FRM-10")
class PayloadMaxMebibyte(Client):
    """Takes 1 MiB of payload without having said so in hello."""

    def payload_max(self) -> int:
        return max(super().payload_max(), 1 << 20)


@fault("FRM-10")
class PayloadLengthSigned(Client):
    """Takes a payload_length from 2^31 on for negative, hence for none."""

    def lengths(self, header: bytes) -> tuple[int, int]:
        json_length, payload_length = super().lengths(header)
        return json_length, payload_length if payload_length < 1 << 31 else 0


@fault("FRM-10")
class PayloadUnbounded(Client):
    """Has no limit for payloads."""

    def payload_max(self) -> int:
        return MAX_UINT32


@fault("FRM-10")
class PayloadSumOverflows(Client):
    """Compares the sum of both lengths after it has overflowed 32 bits."""

    def check_payload_max(self, frame: Frame) -> None:
        both = frame.json_length + frame.payload_length
        if both == both & MAX_UINT32:
            super().check_payload_max(frame)


@fault("FRM-10")
class PayloadMaxOfServer(Client):
    """Takes the max_payload that the server states for its own limit too."""

    def greeted(self, frame: Frame) -> None:
        super().greeted(frame)
        self.take_limit = self.send_limit


@fault("FRM-10")
class PayloadMaxBadFrame(Client):
    """Refuses too long a payload with bad_frame."""

    payload_max_code = "bad_frame"


@fault("FRM-10")
class PayloadMaxError(Client):
    """Skips a reply with too long a payload and calls that an error too_large."""

    def check_payload_max(self, frame: Frame) -> None:
        """Left to the line."""

    def read_payload(self) -> None:
        if self.frame.payload_length > self.take_limit:
            self.frame.message |= {"ok": False, "error": {"code": "too_large"}}
        super().read_payload()


@fault("FRM-13")
class PayloadMaxRefused(Client):
    """Refuses a payload of exactly the limit."""

    def payload_max(self) -> int:
        return super().payload_max() - 1


@fault("FRM-13")
class PayloadMaxKept(Client):
    """Keeps to 65 536 octets of payload though its hello stated more."""

    def payload_max(self) -> int:
        return min(super().payload_max(), 65_536)


@fault("FRM-13")
class PayloadBesideJson(Client):
    """Applies max_payload to JSON text and payload together."""

    def check_payload_max(self, frame: Frame) -> None:
        if frame.payload_length + frame.json_length > self.payload_max():
            self.refuse("too_large")


# FRM-14 and FRM-15: where frames begin and end


@fault("FRM-14")
class HeaderInOneRead(Client):
    """Refuses a header whose last octets come in another read."""

    def header_ready(self) -> bool:
        if not super().header_ready():
            self.refuse("bad_frame")
        return True


@fault("FRM-14")
class JsonInOneRead(Client):
    """Takes what has come of the JSON text for all of it."""

    def json_ready(self) -> bool:
        count = len(self.buffer)
        self.frame.json_length = min(self.frame.json_length, count)
        return count > 0


@fault("FRM-14")
class PayloadInOneRead(Client):
    """Takes what has come of the payload for all of it."""

    def payload_ready(self) -> bool:
        count = len(self.buffer)
        self.frame.payload_length = min(self.frame.payload_length, count)
        return count > 0 or not self.frame.payload_length


@fault("FRM-14")
class PayloadInTwoReads(Client):
    """Reads once more for what is missing of a payload, and no third time."""

    looks = 0

    def payload_ready(self) -> bool:
        self.looks += 1
        if self.looks == 3:
            count = len(self.buffer)
            self.frame.payload_length = min(self.frame.payload_length, count)
        ready = super().payload_ready()
        self.looks *= not ready
        return ready


@fault("FRM-15")
class RestOfReadLost(Client):
    """Throws away what a read has brought after the end of a frame."""

    def read_payload(self) -> None:
        self.frame.payload = self.take(self.frame.payload_length)
        self.buffer.clear()
        self.accept(self.frame)


@fault("FRM-15")
class NewlineSkipped(Client):
    """Skips CR and LF before a frame."""

    def head_ready(self) -> bool:
        while bytes(self.buffer[:1]) in (b"\r", b"\n"):
            del self.buffer[0]
        return super().head_ready()


@fault("FRM-15")
class ZerosSkipped(Client):
    """Skips octets 00 before a frame, as if frames were padded."""

    def head_ready(self) -> bool:
        while self.buffer[:1] == b"\0":
            del self.buffer[0]
        return super().head_ready()


@fault("FRM-15")
class ErrorPayloadLeft(Client):
    """Leaves the payload of an error in the stream, since errors have none."""

    def check_error(self, frame: Frame) -> None:
        super().check_error(frame)
        if frame.message["ok"] is False:
            frame.payload_length = 0
