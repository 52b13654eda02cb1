"""Faults that show at certain divisions of the input only (FRM-14)."""

from collections.abc import Iterator

from hjp_conformance.mutants.codec.frames import HEADER, MAGIC, Decoder, Frame
from hjp_conformance.mutants.codec.table import fault


@fault("FRM-14")
class HeaderInOneChunk(Decoder):
    """Refuses a header whose last octets come in another chunk."""

    def take_in(self, chunk: bytes) -> None:
        if 0 < len(self.buffer) < HEADER:
            self.refuse("magic")
        super().take_in(chunk)


@fault("FRM-14")
class TextInOneChunk(Decoder):
    """Takes what the chunk of the header brings for the whole JSON text."""

    def on_header(self) -> None:
        super().on_header()
        there = len(self.buffer) - HEADER
        if there:
            self.frame.json_length = min(there, self.frame.json_length)


@fault("FRM-14")
class PayloadInOneChunk(Decoder):
    """Takes what the chunk that ends the JSON text brings for the whole payload."""

    def on_text(self) -> None:
        super().on_text()
        there = len(self.buffer) - self.text_end()
        if there:
            self.frame.payload_length = min(there, self.frame.payload_length)


@fault("FRM-14")
class FrameInOneChunk(Decoder):
    """Forgets an unfinished frame when the next chunk comes."""

    def take_in(self, chunk: bytes) -> None:
        self.buffer.clear()
        self.stage = 0
        self.frame = Frame(self.frame.number)
        super().take_in(chunk)


@fault("FRM-14")
class MagicBeginsAnew(Decoder):
    """Takes a chunk that begins with the magic for a new frame, forgetting the old."""

    def take_in(self, chunk: bytes) -> None:
        if chunk.startswith(MAGIC):
            self.buffer.clear()
            self.stage = 0
            self.frame = Frame(self.frame.number)
        super().take_in(chunk)


@fault("FRM-14")
class OneFramePerChunk(Decoder):
    """Gives no more than one frame for each chunk; the others wait for the next."""

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        for frame in super().feed(chunk):
            yield frame
            return


@fault("FRM-14")
class TextDecodedByChunk(Decoder):
    """Decodes the JSON text chunk by chunk, splitting characters."""

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        yield from super().feed(chunk)
        if self.stage == 2:
            try:
                self.buffer[HEADER:].decode()
            except UnicodeDecodeError:
                self.refuse("text")


@fault("FRM-14")
class TextReplacedByChunk(Decoder):
    """Replaces the halves of a character that a boundary of chunks splits."""

    def take_in(self, chunk: bytes) -> None:
        if self.stage == 2 and len(self.buffer) > HEADER:
            count = self.frame.json_length + HEADER - len(self.buffer)
            text = self.clean(chunk[:count])
            chunk = text + chunk[count:]
        super().take_in(chunk)

    def clean(self, octets: bytes) -> bytes:
        return octets.translate(bytes(range(128)) + b"?" * 64 + bytes(range(192, 256)))


@fault("FRM-14")
class EmptyChunkEnds(Decoder):
    """Takes an empty chunk for the end of the input."""

    ended = False

    def take_in(self, chunk: bytes) -> None:
        self.ended = self.ended or not chunk
        if not self.ended:
            super().take_in(chunk)


@fault("FRM-14")
class EmptyChunkResets(Decoder):
    """Takes an empty chunk for a lost connection and forgets the unfinished frame."""

    def take_in(self, chunk: bytes) -> None:
        if not chunk:
            self.buffer.clear()
            self.stage = 0
        super().take_in(chunk)


@fault("FRM-14")
class ShortChunkLost(Decoder):
    """Loses a chunk of one octet between two frames, as if it kept alive."""

    def take_in(self, chunk: bytes) -> None:
        if self.buffer or len(chunk) != 1 or self.frame.number == 0:
            super().take_in(chunk)


@fault("FRM-14")
class LongChunkCut(Decoder):
    """Cuts chunks longer than 4 096 octets at that length."""

    def take_in(self, chunk: bytes) -> None:
        super().take_in(chunk[:4096])


@fault("FRM-14")
class BoundaryInMagic(Decoder):
    """Refuses a magic that is divided after its third octet."""

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        yield from super().feed(chunk)
        if self.buffer == MAGIC[:3]:
            self.refuse("magic")


@fault("FRM-14")
class BoundaryInLengths(Decoder):
    """Takes octets of a length that come in another chunk for 0."""

    split = HEADER

    def take_in(self, chunk: bytes) -> None:
        if 8 < len(self.buffer) < HEADER:
            self.split = min(self.split, len(self.buffer))
        super().take_in(chunk)

    def lengths(self, header: bytes) -> tuple[int, int]:
        split, self.split = self.split, HEADER
        end = 12 if split < 12 else HEADER
        return super().lengths(header[:split].ljust(end, b"\0") + header[end:])


@fault("FRM-14")
class BoundaryAfterHeader(Decoder):
    """Loses the first octet of a chunk if the one before ended with the header."""

    def take_in(self, chunk: bytes) -> None:
        lost = self.stage == 2 and len(self.buffer) == HEADER
        super().take_in(chunk[1:] if lost and len(chunk) > 1 else chunk)


@fault("FRM-14")
class BoundaryAfterText(Decoder):
    """Completes a frame at the end of a chunk that ends with its JSON text."""

    def on_text(self) -> None:
        super().on_text()
        if len(self.buffer) == self.text_end():
            self.frame.payload_length = 0


@fault("FRM-14")
class BoundaryInSecondHeader(Decoder):
    """Loses the part of a later header that came with the frame before it."""

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        number = self.frame.number
        yield from super().feed(chunk)
        if self.frame.number > number and len(self.buffer) < HEADER:
            self.buffer.clear()
            self.stage = 0


@fault("FRM-14")
class BoundaryInSecondText(Decoder):
    """Loses the part of a later JSON text that came with the frame before it."""

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        number = self.frame.number
        yield from super().feed(chunk)
        if self.frame.number > number and self.stage == 2:
            del self.buffer[HEADER:]


@fault("FRM-14")
class ManyChunks(Decoder):
    """Loses everything after the 256th chunk of one frame."""

    chunks = 0

    def take_in(self, chunk: bytes) -> None:
        self.chunks = self.chunks + 1 if self.buffer else 1
        if self.chunks <= 256:
            super().take_in(chunk)


@fault("FRM-14")
class SameChunkLost(Decoder):
    """Loses a chunk that equals the one before it, as if it were sent again."""

    last = b""

    def take_in(self, chunk: bytes) -> None:
        last, self.last = self.last, chunk
        if last != chunk or not chunk:
            super().take_in(chunk)


@fault("FRM-14")
class FaultLosesChunk(Decoder):
    """Loses the frames of a chunk that holds a fault as well."""

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        yield from list(super().feed(chunk))


@fault("FRM-14")
class ChunkStripped(Decoder):
    """Strips line ends from the end of each chunk."""

    def take_in(self, chunk: bytes) -> None:
        super().take_in(chunk.rstrip(b"\r\n"))


@fault("FRM-14")
class CompactsTooSoon(Decoder):
    """Loses an octet when more than 40 000 octets of a frame wait for the next."""

    def take_in(self, chunk: bytes) -> None:
        if len(self.buffer) > 40_000 and self.stage == 3:
            del self.buffer[-1]
        super().take_in(chunk)
