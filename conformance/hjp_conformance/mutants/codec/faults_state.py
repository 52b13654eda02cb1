"""Faults in the state that a testee keeps (TST-3)."""

from typing import ClassVar

from hjp_conformance.mutants.codec.frames import Decoder, Frame
from hjp_conformance.mutants.codec.plain import Reply, Request, Testee
from hjp_conformance.mutants.codec.shared import BadJson, Object, Scanner, Value
from hjp_conformance.mutants.codec.table import fault

# TST-3: a fresh state


@fault("TST-3")
class DecoderKept(Testee):
    """Goes on with the decoder of the last decode, unless there is a reset."""

    kept: ClassVar[dict[int, Decoder]] = {}

    def new_decoder(self, max_payload: int) -> Decoder:
        return self.kept.setdefault(max_payload, self.decoder(max_payload))

    def reset(self, request: Request) -> Reply:
        self.kept.clear()
        return super().reset(request)


@fault("TST-3")
class DecoderNeverReset(Testee):
    """Goes on with the decoder of the last decode if it ended inside a frame."""

    kept: ClassVar[dict[int, Decoder]] = {}

    def new_decoder(self, max_payload: int) -> Decoder:
        return self.kept.pop(max_payload, None) or self.decoder(max_payload)

    def end(self, decoder: Decoder) -> str:
        if decoder.buffer:
            self.kept[decoder.max_payload] = decoder
        return super().end(decoder)


@fault("TST-3")
class RefusalKept(Testee):
    """Answers every decode after a refusal with that refusal, until a reset."""

    refused: tuple[Reply, ...] = ()

    def decode(self, request: Request) -> Reply:
        reply = super().decode(request)
        if not self.refused and reply["status"] == "reject":
            self.refused = ({**reply, "frames": [], "consumed": 0},)
        return self.refused[0] if self.refused else reply

    def reset(self, request: Request) -> Reply:
        self.refused = ()
        return super().reset(request)


@fault("TST-3")
class LimitKept(Testee):
    """Keeps the max_payload of the last decode where none is given."""

    kept = 65_536

    def max_payload(self, request: Request) -> int:
        self.kept = super().max_payload({"max_payload": self.kept, **request})
        return self.kept


@fault("TST-3")
class LimitGrows(Testee):
    """Keeps the greatest max_payload that it was ever given."""

    greatest = 0

    def max_payload(self, request: Request) -> int:
        self.greatest = max(self.greatest, super().max_payload(request))
        return self.greatest


@fault("TST-3")
class FramesKept(Testee):
    """Reports the frames of the decode before too, unless there was a reset."""

    kept: tuple[Reply, ...] = ()

    def decode(self, request: Request) -> Reply:
        reply = super().decode(request)
        before, self.kept = self.kept, tuple(reply["frames"])
        return {**reply, "frames": [*before, *self.kept]}

    def reset(self, request: Request) -> Reply:
        self.kept = ()
        return super().reset(request)


@fault("TST-3")
class ConsumedKept(Testee):
    """Adds up what all decodes consumed."""

    total = 0

    def decode(self, request: Request) -> Reply:
        reply = super().decode(request)
        self.total += reply["consumed"]
        return {**reply, "consumed": self.total}


@fault("TST-3")
class FirstFrameOnce(Testee):
    """Takes the first frame of every decode but the first for a later one."""

    frames = 0

    def new_decoder(self, max_payload: int) -> Decoder:
        decoder = Later(max_payload)
        decoder.frame = Frame(self.frames)
        self.frames += 1
        return decoder


class Later(Decoder):
    """Checks the magic of the very first frame only."""

    def wrong_magic(self, magic: bytes) -> bool:
        return self.frame.number == 0 and super().wrong_magic(magic)


class Sunk(Scanner):
    """Keeps a depth for all texts and forgets to leave what it has refused."""

    sunk = 0

    def enter(self, depth: int) -> None:
        try:
            super().enter(depth + Sunk.sunk)
        except Exception:
            Sunk.sunk = min(Sunk.sunk + 1, 20)
            raise


class SunkDecoder(Decoder):
    """Reads texts with one depth for all of them."""

    scanner = Sunk


@fault("TST-3")
class DepthForever(Testee):
    """Loses a level of depth for ever with each text that is too deep."""

    decoder = SunkDecoder


class Remembering(Scanner):
    """Keeps the names of a text in which it found a fault."""

    names: ClassVar[set[str]] = set()

    def __init__(self, octets: bytes) -> None:
        super().__init__(octets)
        self.found: list[str] = []

    def check_name(self, members: Object, name: str, value: Value, depth: int) -> None:
        known = {**members, **dict.fromkeys(self.names)}
        super().check_name(known, name, value, depth)

    def add(self, members: Object, name: str, value: Value) -> None:
        super().add(members, name, value)
        self.found.append(name)

    def read(self) -> Object:
        try:
            return super().read()
        except BadJson:
            self.names.update(self.found)
            raise


class RememberingDecoder(Decoder):
    """Keeps names from one text to the next after a fault."""

    scanner = Remembering


@fault("TST-3")
class NamesForever(Testee):
    """Keeps the names of a text with a fault and refuses them later."""

    decoder = RememberingDecoder

    def reset(self, request: Request) -> Reply:
        Remembering.names.clear()
        return super().reset(request)


@fault("TST-3")
class ErrorsKept(Testee):
    """Refuses every decode after a line that it could not make sense of."""

    broken = False

    def error(self, message: str) -> Reply:
        self.broken = True
        return super().error(message)

    def new_decoder(self, max_payload: int) -> Decoder:
        if self.broken:
            raise SystemExit(1)
        return super().new_decoder(max_payload)

    def reset(self, request: Request) -> Reply:
        self.broken = False
        return super().reset(request)


@fault("TST-3")
class PayloadKept(Testee):
    """Writes the payload of the last encode where none is given."""

    kept = ""

    def payload(self, request: Request) -> bytes:
        octets = super().payload({"payload": self.kept, **request})
        self.kept = octets.hex()
        return octets


@fault("TST-3")
class EncoderKept(Testee):
    """Writes the frame of the encode before once more, unless there was a reset."""

    written = ""

    def encode(self, request: Request) -> Reply:
        reply = super().encode(request)
        if reply["status"] == "ok":
            before, self.written = self.written, reply["hex"]
            reply["hex"] = before + self.written
        return reply

    def reset(self, request: Request) -> Reply:
        self.written = ""
        return super().reset(request)


@fault("TST-3")
class BufferShared(Testee):
    """Writes a shorter frame over a longer one and sends the end of that as well."""

    buffer = b""

    def encode(self, request: Request) -> Reply:
        reply = super().encode(request)
        if reply["status"] == "ok":
            octets = bytes.fromhex(reply["hex"])
            self.buffer = octets + self.buffer[len(octets) :]
            reply["hex"] = self.buffer.hex()
        return reply
