"""The codec mode under test: right codecs pass, wrong ones are caught for what is wrong.

All of them are in this process, so every written case is run against each.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from json import dumps

import pytest

from hjp_conformance.codec.case import Codec, CodecCase, Record
from hjp_conformance.codec.cases import all_cases, curated
from hjp_conformance.verdicts import Skipped, Violation
from hjp_spec import ijson, oracle
from hjp_spec.registry import MAGIC
from hjp_spec.testee import Decoded, Encoded

FRAMES = tuple[tuple[str, bytes], ...]


class Oracle:
    """The oracle of the specification as a codec."""

    name = "oracle"
    codes = encodes = texts = limits = True
    lines = False

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        return told(oracle.decode(b"".join(chunks), max_payload))

    def encode(self, json: str, payload: bytes, max_payload: int) -> Encoded:
        try:
            octets = oracle.encode(json.encode(), payload, max_payload)
        except UnicodeEncodeError:
            return Encoded("reject", b"", "bad_json")
        except oracle.FormatFault as fault:
            return Encoded("reject", b"", str(fault.code))
        return Encoded("ok", octets, None)

    def converse(self, lines: Sequence[bytes]) -> Generator[bytes, None, None]:
        raise NotImplementedError

    def last_words(self, octets: bytes, lines: int) -> tuple[bytes, int]:
        raise NotImplementedError


def told(outcome: oracle.Outcome) -> Decoded:
    frames = tuple((frame.json.decode(), frame.payload) for frame in outcome.frames)
    code = outcome.code and str(outcome.code)
    return Decoded(str(outcome.status), code, frames, outcome.consumed)


class Early(Oracle):
    """Refuses as soon as it is certain."""

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        outcome = oracle.decode(b"".join(chunks), max_payload)
        found = told(outcome)
        if outcome.early is None:
            return found
        return Decoded("reject", str(outcome.early), found.frames, found.consumed)


class Silent(Oracle):
    """Tells no codes."""

    codes = False

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        found = super().decode(chunks, max_payload)
        return Decoded(found.status, None, found.frames, found.consumed)

    def encode(self, json: str, payload: bytes, max_payload: int) -> Encoded:
        found = super().encode(json, payload, max_payload)
        return Encoded(found.status, found.octets, None)


class Values(Oracle):
    """Tells and writes values: every text is parsed and written anew."""

    texts = False

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        found = super().decode(chunks, max_payload)
        frames = tuple((anew(json), payload) for json, payload in found.frames)
        return Decoded(found.status, found.code, frames, found.consumed)

    def encode(self, json: str, payload: bytes, max_payload: int) -> Encoded:
        try:
            written = anew(json)
        except (oracle.FormatFault, UnicodeEncodeError):
            return Encoded("reject", b"", "bad_json")
        return super().encode(written, payload, max_payload)


def anew(text: str) -> str:
    return dumps(ijson.parse(text.encode()), ensure_ascii=False)


class Asleep(Oracle):
    """Has not one frame for anybody."""

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        return Decoded("incomplete", None, (), 0)

    def encode(self, json: str, payload: bytes, max_payload: int) -> Encoded:
        return Encoded("reject", b"", "bad_json")


class Content(Oracle):
    """Accepts everything and writes everything."""

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        return Decoded("accept", None, (("{}", b""),), sum(map(len, chunks)))

    def encode(self, json: str, payload: bytes, max_payload: int) -> Encoded:
        octets = oracle.raw_frame(json.encode(errors="replace"), payload)
        return Encoded("ok", octets, None)


class Grumpy(Oracle):
    """Refuses everything."""

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        return Decoded("reject", "bad_json", (), 0)


class Strict(Oracle):
    """Takes one octet of text less than it has to, and one level."""

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        outcome = oracle.decode(b"".join(chunks), max_payload)
        for number, frame in enumerate(outcome.frames):
            found = Decoded("reject", "too_large", told(outcome).frames[:number], 0)
            if len(frame.json) == 65_536:
                return found
        return told(outcome)


class Lenient(Oracle):
    """Takes one octet of payload more than it may."""

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        return super().decode(chunks, max_payload + 1)


class LosesFrames(Oracle):
    """Forgets the frames before a fault."""

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        found = super().decode(chunks, max_payload)
        return Decoded(found.status, found.code, (), 0) if found.code else found


class CountsAll(Oracle):
    """Takes all octets for consumed."""

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        found = super().decode(chunks, max_payload)
        octets = sum(map(len, chunks))
        return Decoded(found.status, found.code, found.frames, octets)


class ByReads(Oracle):
    """Takes each read for a stream of its own."""

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        frames: FRAMES = ()
        consumed = 0
        found = Decoded("accept", None, (), 0)
        for chunk in chunks:
            found = super().decode([chunk], max_payload)
            frames, consumed = frames + found.frames, consumed + found.consumed
            if found.status == "reject":
                break
        return Decoded(found.status, found.code, frames, consumed)


class Remembers(Oracle):
    """Begins with what the decode before has left."""

    left = b""

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        octets = self.left + b"".join(chunks)
        found = super().decode([octets], max_payload)
        self.left = octets[found.consumed :] if found.status == "incomplete" else b""
        return found


class Resumes(Oracle):
    """Looks for a magic after octets that are none."""

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        stream = b"".join(chunks)
        found = super().decode([stream], max_payload)
        later = stream.find(MAGIC, found.consumed + 1)
        if found.code != "bad_magic" or later < 0:
            return found
        rest = self.decode([stream[later:]], max_payload)
        frames = found.frames + rest.frames
        return Decoded(rest.status, rest.code, frames, found.consumed + rest.consumed)


class Waits(Oracle):
    """Looks at a header when an octet more has come."""

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        found = super().decode(chunks, max_payload)
        rest = sum(map(len, chunks)) - found.consumed
        if found.code in ("bad_frame", "too_large") and rest == 16:
            return Decoded("incomplete", None, found.frames, found.consumed)
        return found


class VersionFirst(Oracle):
    """Looks at the version before the magic."""

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        found = super().decode(chunks, max_payload)
        rest = b"".join(chunks)[found.consumed :]
        if found.code == "bad_magic" and rest[4] != 1:
            return Decoded("reject", "bad_version", found.frames, found.consumed)
        return found


class Normalises(Oracle):
    """Gives the text as it would have written it."""

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        found = super().decode(chunks, max_payload)
        frames = tuple((json.replace(" ", ""), load) for json, load in found.frames)
        return Decoded(found.status, found.code, frames, found.consumed)


class Trims(Oracle):
    """Takes the ends of a payload for text."""

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        found = super().decode(chunks, max_payload)
        frames = tuple((json, load.rstrip(b"\n")) for json, load in found.frames)
        return Decoded(found.status, found.code, frames, found.consumed)


class Swapped(Oracle):
    """Writes its lengths in the other byte order."""

    def encode(self, json: str, payload: bytes, max_payload: int) -> Encoded:
        found = super().encode(json, payload, max_payload)
        start = found.octets[:8] + found.octets[8:12][::-1] + found.octets[12:16][::-1]
        return Encoded(found.status, start + found.octets[16:], found.code)


class Marked(Oracle):
    """Writes a byte order mark before each text."""

    def encode(self, json: str, payload: bytes, max_payload: int) -> Encoded:
        found = super().encode(json, payload, max_payload)
        if found.code:
            return found
        octets = oracle.raw_frame(b"\xef\xbb\xbf" + json.encode(), payload)
        return Encoded("ok", octets, None)


class Hasty(Oracle):
    """Sends whatever JSON it gets, and only looks at sizes."""

    def encode(self, json: str, payload: bytes, max_payload: int) -> Encoded:
        if len(json) > 65_536 or len(payload) > max_payload:
            return Encoded("reject", b"", "too_large")
        octets = oracle.raw_frame(json.encode(errors="replace"), payload)
        return Encoded("ok", octets, None)


WRONG: dict[str, tuple[type[Oracle], set[str]]] = {
    "asleep": (Asleep, {"HJP-FRM-17", "HJP-FRM-2", "HJP-MET-4", "HJP-TST-16"}),
    "content": (Content, {"HJP-FRM-2", "HJP-MET-6", "HJP-TST-15", "HJP-FRM-19"}),
    "grumpy": (Grumpy, {"HJP-FRM-12", "HJP-FRM-14", "HJP-MET-5", "HJP-FRM-2"}),
    "strict": (Strict, {"HJP-FRM-12"}),
    "lenient": (Lenient, {"HJP-FRM-10"}),
    "loses-frames": (LosesFrames, {"HJP-FRM-17"}),
    "counts-all": (CountsAll, {"HJP-TST-15"}),
    "by-reads": (ByReads, {"HJP-FRM-14"}),
    "remembers": (Remembers, {"HJP-TST-3"}),
    "resumes": (Resumes, {"HJP-FRM-2", "HJP-FRM-3"}),
    "waits": (Waits, {"HJP-FRM-11"}),
    "version-first": (VersionFirst, {"HJP-ERR-15"}),
    "normalises": (Normalises, {"HJP-TST-15"}),
    "trims": (Trims, {"HJP-FRM-15"}),
    "swapped": (Swapped, {"HJP-FRM-1"}),
    "marked": (Marked, {"HJP-MET-1"}),
    "hasty": (Hasty, {"HJP-FRM-19"}),
}
"""Wrong codecs, and requirements that have to be named."""


def broken(codec: Codec, cases: Iterable[CodecCase]) -> dict[str, str | None]:
    """The requirement that is named as broken, by the id of the case."""
    found: dict[str, str | None] = {}
    for case in cases:
        record = Record()
        try:
            case.check(codec, record)
        except Skipped:
            continue
        except Violation as violation:
            found[case.id] = violation.requirement
            assert record.said, case.id
        assert record.accepted, case.id
    return found


@pytest.mark.parametrize("codec", [Oracle, Early, Silent, Values])
def test_right_codecs_pass(codec: type[Oracle]) -> None:
    """Whatever the text leaves open."""
    assert broken(codec(), all_cases()) == {}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_codecs_are_caught(name: str) -> None:
    codec, requirements = WRONG[name]
    found = Counter(broken(codec(), curated()).values())
    assert requirements <= set(found), found
    assert None not in found
