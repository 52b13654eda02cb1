"""Faults in where frames begin and end (FRM-15)."""

from hjp_conformance.mutants.codec.frames import HEADER, MAGIC, Decoder, Frame
from hjp_conformance.mutants.codec.plain import Reply, Request, Testee
from hjp_conformance.mutants.codec.table import fault

# FRM-15: the next frame


@fault("FRM-15")
class RestOfChunkLost(Decoder):
    """Loses what comes after a frame in the chunk that ends it."""

    def next_frame(self, frame: Frame) -> int:
        return len(self.buffer)


@fault("FRM-15")
class RestAfterPayloadLost(Decoder):
    """Loses what comes after a frame with a payload in the same chunk."""

    def next_frame(self, frame: Frame) -> int:
        if frame.payload_length:
            return len(self.buffer)
        return super().next_frame(frame)


class Skipping(Decoder):
    """Skips some octets between frames."""

    skipped = b""

    def ready(self) -> bool:
        if self.stage == 0 and self.frame.number:
            while self.buffer[:1] and self.buffer[0] in self.skipped:
                del self.buffer[0]
        return super().ready()


@fault("FRM-15")
class NewlinesSkipped(Skipping):
    """Skips CR and LF between frames."""

    skipped = b"\r\n"


@fault("FRM-15")
class ZerosSkipped(Skipping):
    """Skips octets 00 between frames, as if they were padding."""

    skipped = b"\0"


@fault("FRM-15")
class SpacesSkipped(Skipping):
    """Skips spaces and tabs between frames."""

    skipped = b" \t"


@fault("FRM-15")
class PaddingExpected(Decoder):
    """Expects every frame to be padded to a multiple of four octets."""

    def next_frame(self, frame: Frame) -> int:
        return -(-super().next_frame(frame) // 4) * 4


@fault("FRM-15")
class OddPayloadPadded(Decoder):
    """Expects an octet more after a payload of odd length."""

    def next_frame(self, frame: Frame) -> int:
        return super().next_frame(frame) + frame.payload_length % 2


@fault("FRM-15")
class ClosingNulSkipped(Decoder):
    """Steps over an octet 00 that follows the frame."""

    def next_frame(self, frame: Frame) -> int:
        end = super().next_frame(frame)
        return end + (self.buffer[end : end + 1] == b"\0")


@fault("FRM-15")
class PayloadLeft(Decoder):
    """Takes the payload for the next frame when it begins with the magic."""

    def next_frame(self, frame: Frame) -> int:
        end = super().next_frame(frame)
        return self.text_end() if frame.payload.startswith(MAGIC) else end


@fault("FRM-15")
class FirstPayloadEverywhere(Decoder):
    """Steps over as much payload as the first frame had."""

    first = -1

    def next_frame(self, frame: Frame) -> int:
        self.first = frame.payload_length if frame.number == 0 else self.first
        return self.text_end() + self.first


@fault("FRM-15")
class LengthOfMember(Decoder):
    """Takes a member length of the metadata for the length of the payload."""

    def next_frame(self, frame: Frame) -> int:
        if b'"length":0' in frame.text or b'"payload_length":0' in frame.text:
            return self.text_end()
        return super().next_frame(frame)


@fault("FRM-15")
class SixtyFourFrames(Decoder):
    """Takes no more than 64 frames from a stream."""

    def ready(self) -> bool:
        return self.frame.number < 64 and super().ready()


@fault("FRM-15")
class OneFrameOnly(Decoder):
    """Takes one frame and then nothing more."""

    def ready(self) -> bool:
        return self.frame.number < 1 and super().ready()


class Consumed(Testee):
    """Says something else of where the first unfinished frame begins."""

    def decode(self, request: Request) -> Reply:
        reply = super().decode(request)
        if reply["status"] != "error":
            chunks = self.chunks(request)
            reply["consumed"] = self.consumed(reply, sum(map(len, chunks)))
        return reply

    def consumed(self, reply: Reply, fed: int) -> int:
        return int(reply["consumed"])


@fault("FRM-15")
class ConsumedAll(Consumed):
    """Counts all octets that were fed as consumed."""

    def consumed(self, reply: Reply, fed: int) -> int:
        return fed


@fault("FRM-15")
class ConsumedWithFault(Consumed):
    """Counts the header of a refused frame as consumed, if all of it has come."""

    def consumed(self, reply: Reply, fed: int) -> int:
        start = super().consumed(reply, fed)
        refused = reply["status"] == "reject" and fed >= start + HEADER
        return start + HEADER * refused


@fault("FRM-15")
class ConsumedWithUnfinished(Consumed):
    """Counts the octets of an unfinished frame as consumed."""

    def consumed(self, reply: Reply, fed: int) -> int:
        return fed if reply["status"] == "incomplete" else int(reply["consumed"])


@fault("FRM-15")
class ConsumedWithoutHeader(Testee):
    """Counts only JSON text and payload as consumed."""

    def size(self, frame: Frame) -> int:
        return super().size(frame) - HEADER


@fault("FRM-15")
class ConsumedCharacters(Testee):
    """Counts the characters of the JSON text as consumed, not its octets."""

    def size(self, frame: Frame) -> int:
        characters = len(frame.text.decode("utf-8", "replace"))
        return HEADER + characters + frame.payload_length


@fault("FRM-15")
class ConsumedOfLast(Consumed):
    """Tells the size of the last frame only as consumed."""

    def consumed(self, reply: Reply, fed: int) -> int:
        if not reply["frames"]:
            return 0
        last = reply["frames"][-1]
        return HEADER + len(last["json"].encode()) + len(last["payload"]) // 2


@fault("FRM-15")
class ConsumedNothingAtFault(Consumed):
    """Tells 0 as consumed where a later frame is refused."""

    def consumed(self, reply: Reply, fed: int) -> int:
        return 0 if reply["status"] == "reject" else int(reply["consumed"])
