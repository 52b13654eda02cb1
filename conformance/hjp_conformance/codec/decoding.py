"""Cases that feed octets to a codec as a receiver."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from hjp_conformance.codec import blame
from hjp_conformance.codec.case import Codec, CodecCase, Declined, Record
from hjp_conformance.codec.expected import Expected, of_outcome, told, told_frames
from hjp_conformance.equality import equal
from hjp_conformance.stimuli import pieces
from hjp_conformance.verdicts import Skipped, Violation
from hjp_spec import ijson
from hjp_spec.oracle import FormatFault, decode
from hjp_spec.registry import DEFAULT_MAX_PAYLOAD
from hjp_spec.testee import Decoded


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeCase(CodecCase):
    """Octets, cut into reads, then the end of the input.

    Attributes:
        octets: the whole input.
        cuts: the offsets between two reads, in order; one twice is an empty read.
        max_payload: the limit in force, in octets.
        outcome: what is permitted as it is written in a table; the oracle is asked
            when the case is run if there is none.
        before: an input that is decoded first, and left as it is.
    """

    octets: bytes
    cuts: Sequence[int] = ()
    max_payload: int = DEFAULT_MAX_PAYLOAD
    outcome: Expected | None = None
    before: bytes | None = None

    @property
    def chunks(self) -> tuple[bytes, ...]:
        """The reads; none at all for no octets."""
        if not self.octets and not self.cuts:
            return ()
        return tuple(pieces(self.octets, self.cuts))

    @property
    def stimulus(self) -> bytes:
        """The octets, and in front of them what else the codec is given."""
        reads = ",".join(str(len(chunk)) for chunk in self.chunks)
        told_too = f"{self.max_payload};{reads};".encode()
        return (self.before or b"") + told_too + self.octets

    def expected(self) -> Expected:
        """What is permitted."""
        return self.outcome or of_outcome(decode(self.octets, self.max_payload))

    def check(self, codec: Codec, record: Record) -> None:
        """Decode and compare status, code, frames and what they take."""
        expected = self.expected()
        record.chunks, record.accepted = self.chunks, expected.lines()
        if self.max_payload != DEFAULT_MAX_PAYLOAD and not codec.limits:
            raise Skipped("max_payload cannot be set")
        if self.before is not None:
            record.asked.append(f"before that, in a decode: {self.before.hex()}")
            self._leave_behind(codec, self.before)
        try:
            self._ask(codec, record.chunks, expected, record)
        except Violation as violation:
            record.wrong = decode(self.octets, self.max_payload).offset
            if self.cuts and self._takes_whole(codec, expected, record):
                violation.requirement = "HJP-FRM-14"
            raise

    def _leave_behind(self, codec: Codec, before: bytes) -> None:
        with suppress(Declined):
            codec.decode([before], DEFAULT_MAX_PAYLOAD)

    def _takes_whole(self, codec: Codec, expected: Expected, record: Record) -> bool:
        """Whether it is the reads that are at fault."""
        try:
            self._ask(codec, (self.octets,), expected, record)
        except Violation:
            return False
        record.said[-1] += " (in one read)"
        return True

    def _ask(
        self,
        codec: Codec,
        chunks: tuple[bytes, ...],
        expected: Expected,
        record: Record,
    ) -> None:
        try:
            found = codec.decode(chunks, self.max_payload)
        except Declined as error:
            record.said.append(f"error: {error}")
            broken = blame.of_status(expected, "error", 0, self.requirements)
            raise Violation(f"answered with an error: {error}", broken) from None
        record.said.append(_told(found))
        self._compare(codec, found, expected)

    def _compare(self, codec: Codec, found: Decoded, expected: Expected) -> None:
        cited, count = self.requirements, len(found.frames)
        if not expected.permits(found.status, found.code, codes=codec.codes):
            if found.status == "reject":
                broken = blame.of_refusal(expected, found.code, cited)
            else:
                broken = blame.of_status(expected, found.status, count, cited)
            raise Violation(f"answered {_told(found)}", broken)
        if count != len(expected.frames) and not _may_lose(codec, found):
            broken = blame.of_count(expected, count)
            raise Violation(f"answered {_told(found)}", broken)
        for number, frame in enumerate(found.frames):
            self._compare_frame(codec, number, frame, expected)
        if codec.texts and found.consumed != expected.consumed:
            raise Violation(f"answered {_told(found)}", "HJP-TST-15")

    def _compare_frame(
        self, codec: Codec, number: int, frame: tuple[str, bytes], expected: Expected
    ) -> None:
        json, payload = frame
        right, right_payload = expected.frames[number]
        if payload != right_payload:
            what = f"frame {number + 1} has the payload {payload[:64].hex(' ')}"
            raise Violation(what, blame.of_payload(payload, right_payload))
        if not _same_json(codec, json, right):
            what = f"frame {number + 1} has the JSON text {json[:200]!r}"
            broken = blame.of_text(self.requirements, is_equal=_is_equal(json, right))
            raise Violation(what, broken)


def single_octets(octets: bytes) -> range:
    """Cuts that make a read of each octet."""
    return range(1, len(octets))


def _may_lose(codec: Codec, found: Decoded) -> bool:
    """Whether frames may be missing: a function cannot both return and raise."""
    return not codec.texts and not found.frames and found.status != "accept"


def _same_json(codec: Codec, found: str, right: bytes) -> bool:
    """Whether this is the text; its value, for a codec that gives only that."""
    if codec.texts or found == right.decode():
        return found == right.decode()
    return _is_equal(found, right)


def _is_equal(found: str, right: bytes) -> bool:
    try:
        return equal(
            ijson.parse(found.encode(errors="surrogatepass")), ijson.parse(right)
        )
    except FormatFault:
        return False


def _told(found: Decoded) -> str:
    frames = tuple(
        (json.encode(errors="surrogatepass"), payload) for json, payload in found.frames
    )
    return f"{told(found.status, found.code)}, {told_frames(frames, found.consumed)}"
