"""Faults in the moment of a decision: too late, too early (FRM-17, FRM-18)."""

from collections.abc import Iterator

from hjp_conformance.mutants.codec.frames import HEADER, MAGIC, Decoder, Frame
from hjp_conformance.mutants.codec.plain import Reply, Request, Testee
from hjp_conformance.mutants.codec.table import fault

# FRM-17: act when the last octet is there


class Waiting(Decoder):
    """Gives some frames only when an octet follows them."""

    def waits(self) -> bool:
        return True

    def frame_end(self) -> int:
        return super().frame_end() + (self.stage == 3 and self.waits())

    def on_frame(self) -> None:
        end = super().frame_end()
        self.frame.payload = self.payload(bytes(self.buffer[self.text_end() : end]))


@fault("FRM-17")
class WaitsForNext(Waiting):
    """Gives a frame when an octet follows it."""


@fault("FRM-17")
class WaitsAfterPayload(Waiting):
    """Gives a frame with a payload when an octet follows it."""

    def waits(self) -> bool:
        return self.frame.payload_length > 0


@fault("FRM-17")
class WaitsAfterText(Waiting):
    """Gives a frame without payload when an octet follows it."""

    def waits(self) -> bool:
        return self.frame.payload_length == 0


@fault("FRM-17")
class WaitsLater(Waiting):
    """Gives every frame but the first when an octet follows it."""

    def waits(self) -> bool:
        return self.frame.number > 0


@fault("FRM-17")
class WaitsForChunk(Decoder):
    """Gives the frames of a chunk when the next chunk comes."""

    held: tuple[Frame, ...] = ()

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        yield from self.held
        self.held = tuple(super().feed(chunk))


@fault("FRM-17")
class FaultLosesFrames(Testee):
    """Loses the frames that were accepted before a fault."""

    def decode(self, request: Request) -> Reply:
        reply = super().decode(request)
        if reply["status"] == "reject":
            reply |= {"frames": [], "consumed": 0}
        return reply


@fault("FRM-17")
class UnfinishedLosesFrames(Testee):
    """Loses the frames that were accepted before an unfinished one."""

    def decode(self, request: Request) -> Reply:
        reply = super().decode(request)
        if reply["status"] == "incomplete":
            reply |= {"frames": [], "consumed": 0}
        return reply


# FRM-18: refusing too early


@fault("FRM-18")
class EndIsBadFrame(Decoder):
    """Refuses with bad_frame a frame that the end of the input has cut."""

    def end(self) -> str:
        if self.buffer:
            self.refuse("reserved")
        return super().end()


@fault("FRM-18")
class EndOfMagicIsBad(Decoder):
    """Refuses with bad_magic a stream that ends inside the magic."""

    def end(self) -> str:
        if 0 < len(self.buffer) < len(MAGIC):
            self.refuse("magic")
        return super().end()


@fault("FRM-18")
class EndOfTextIsBad(Decoder):
    """Refuses with bad_json a JSON text that the end of the input has cut."""

    def end(self) -> str:
        if self.stage == 2 and len(self.buffer) > HEADER:
            self.refuse("text")
        return super().end()


class Early(Decoder):
    """Refuses a frame by what has come of it, before it is certain."""

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        yield from super().feed(chunk)
        if self.stage == 1:
            self.look_at_header(bytes(self.buffer))
        if self.stage == 2:
            self.look_at_text(bytes(self.buffer[HEADER:]))

    def look_at_header(self, header: bytes) -> None:
        """Nothing is refused."""

    def look_at_text(self, text: bytes) -> None:
        """Nothing is refused."""


@fault("FRM-18")
class EarlyJsonLength(Early):
    """Takes octets of json_length that have not come for zeros: bad_frame."""

    def look_at_header(self, header: bytes) -> None:
        if 9 <= len(header) < 12 and int.from_bytes(header[8:12], "little") < 2:
            self.refuse("json_min")


@fault("FRM-18")
class EarlyPayloadLength(Early):
    """Compares octets of payload_length from the wrong end: too_large."""

    def look_at_header(self, header: bytes) -> None:
        if int.from_bytes(header[12:].rjust(4, b"\0"), "little") > self.max_payload:
            self.refuse("payload_max")


@fault("FRM-18")
class EarlyNumber(Early):
    """Refuses 310 digits before an exponent can make them finite."""

    def look_at_text(self, text: bytes) -> None:
        start = text.rstrip(b"0123456789")
        if len(text) - len(start) > 309 and b"." not in start[-1:]:
            self.refuse("text")


@fault("FRM-18")
class EarlyCharacter(Early):
    """Refuses a character of which only some octets have come."""

    def look_at_text(self, text: bytes) -> None:
        try:
            text.decode()
        except UnicodeDecodeError:
            self.refuse("text")


@fault("FRM-18")
class EarlyRoom(Early):
    """Refuses a JSON text in which two octets are left for two open brackets."""

    def look_at_text(self, text: bytes) -> None:
        open_brackets = text.count(b"{") + text.count(b"[")
        closed = text.count(b"}") + text.count(b"]")
        left = self.frame.json_length - len(text)
        if 1 < left <= open_brackets - closed:
            self.refuse("text")


@fault("FRM-18")
class EarlySurrogate(Early):
    """Refuses the first half of a pair when the second has not come."""

    def look_at_text(self, text: bytes) -> None:
        if text[-6:-3].lower() == rb"\ud" and text[-3:-2] in b"89abAB":
            self.refuse("text")


@fault("FRM-18")
class EarlyTwin(Early):
    """Refuses a name that has only begun like an earlier one."""

    def look_at_text(self, text: bytes) -> None:
        names = text.split(b'"')[1::2]
        if text.count(b'"') % 2 and names[-1] in names[:-1]:
            self.refuse("text")
