"""Faults in how a testee feeds its codec (TST-4)."""

from hjp_conformance.mutants.codec.frames import Decoder, Refused
from hjp_conformance.mutants.codec.plain import Reply, Testee
from hjp_conformance.mutants.codec.table import fault


class Fed(Testee):
    """Feeds other chunks than those given."""

    def other(self, chunks: list[bytes]) -> list[bytes]:
        return chunks

    def feed_all(self, decoder: Decoder, chunks: list[bytes], reply: Reply) -> None:
        super().feed_all(decoder, self.other(chunks), reply)


@fault("TST-4")
class FirstChunkOnly(Fed):
    """Feeds the first chunk only."""

    def other(self, chunks: list[bytes]) -> list[bytes]:
        return chunks[:1]


@fault("TST-4")
class LastChunkOnly(Fed):
    """Feeds the last chunk only."""

    def other(self, chunks: list[bytes]) -> list[bytes]:
        return chunks[-1:]


@fault("TST-4")
class ChunksReversed(Fed):
    """Feeds the chunks from the last to the first."""

    def other(self, chunks: list[bytes]) -> list[bytes]:
        return chunks[::-1]


@fault("TST-4")
class ChunksSorted(Fed):
    """Feeds the chunks in the order of their octets after the first."""

    def other(self, chunks: list[bytes]) -> list[bytes]:
        return chunks[:1] + sorted(chunks[1:])


@fault("TST-4")
class ChunksOnce(Fed):
    """Feeds equal chunks only once."""

    def other(self, chunks: list[bytes]) -> list[bytes]:
        return list(dict.fromkeys(chunks))


@fault("TST-4")
class ChunksToEmpty(Fed):
    """Feeds the chunks before the first empty one."""

    def other(self, chunks: list[bytes]) -> list[bytes]:
        return chunks[: chunks.index(b"")] if b"" in chunks else chunks


@fault("TST-4")
class ChunksOfOneLost(Fed):
    """Does not feed a last chunk of one octet."""

    def other(self, chunks: list[bytes]) -> list[bytes]:
        lost = len(chunks) > 1 and len(chunks[-1]) == 1
        return chunks[:-1] if lost else chunks


@fault("TST-4")
class ThousandChunks(Fed):
    """Feeds the first thousand chunks only."""

    def other(self, chunks: list[bytes]) -> list[bytes]:
        return chunks[:1000]


@fault("TST-4")
class LongChunksCut(Fed):
    """Feeds the first 131 072 octets of a chunk only."""

    def other(self, chunks: list[bytes]) -> list[bytes]:
        return [chunk[:131_072] for chunk in chunks]


@fault("TST-4")
class EndEveryChunk(Testee):
    """Tells the codec after each chunk that the input has ended, and begins anew."""

    def feed_all(self, decoder: Decoder, chunks: list[bytes], reply: Reply) -> None:
        for chunk in chunks:
            decoder.buffer.clear()
            decoder.stage = 0
            super().feed_all(decoder, [chunk], reply)


@fault("TST-4")
class EndNeverTold(Testee):
    """Never tells the codec that the input has ended, so nothing is incomplete."""

    def end(self, decoder: Decoder) -> str:
        return "accept"


@fault("TST-4")
class EndAlwaysInside(Testee):
    """Takes the end for one inside a frame unless a frame has just been completed."""

    def end(self, decoder: Decoder) -> str:
        empty = decoder.frame.number == 0
        return "incomplete" if empty else super().end(decoder)


@fault("TST-4")
class EndNeedsFrame(Testee):
    """Answers accept once there is a frame, though the next one is unfinished."""

    def end(self, decoder: Decoder) -> str:
        return "accept" if decoder.frame.number else super().end(decoder)


@fault("TST-4")
class GoesOnAfterFault(Testee):
    """Feeds the rest of the chunks to a new decoder after a fault."""

    def feed_all(self, decoder: Decoder, chunks: list[bytes], reply: Reply) -> None:
        for count, chunk in enumerate(chunks, 1):
            try:
                super().feed_all(decoder, [chunk], reply)
            except Refused:
                fresh = self.decoder(decoder.max_payload)
                super().feed_all(fresh, chunks[count:], reply)
                raise


@fault("TST-4")
class LastFaultTold(Testee):
    """Feeds the chunks after a fault too, and tells the last fault."""

    def feed_all(self, decoder: Decoder, chunks: list[bytes], reply: Reply) -> None:
        for count, chunk in enumerate(chunks, 1):
            try:
                super().feed_all(decoder, [chunk], reply)
            except Refused:
                fresh = self.decoder(decoder.max_payload)
                self.feed_all(fresh, chunks[count:], {"frames": [], "consumed": 0})
                raise
