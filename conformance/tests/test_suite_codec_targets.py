"""Codecs in processes: right ones pass, one that fails as a process loses its cases."""

import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from hjp_conformance.codec.case import Codec, CodecCase, Record
from hjp_conformance.codec.cases import curated
from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.rows import incomplete
from hjp_conformance.codec.target import CallableCodec, ProcessCodec
from hjp_conformance.verdicts import (
    Crashed,
    Inconclusive,
    Skipped,
    TargetGoneError,
    Violation,
)

HERE = Path(__file__).parent
TESTEE = [sys.executable, str(HERE / "codec_testee.py")]
JAVASCRIPT = HERE.parent / "peers" / "javascript" / "codec_testee.mjs"

PARSERS = '''
import json, struct
from dataclasses import dataclass

class Refused(ValueError):
    def __init__(self, code):
        super().__init__(code)
        self.code = code

@dataclass
class Frame:
    metadata: dict
    payload: bytes

def parse(data):
    """The parser of the README: a generator, not strict about anything."""
    print("parsing", len(data))
    while data:
        if len(data) < 16: raise EOFError
        head, n, m = struct.unpack("<8sII", data[:16])
        if head != b"HJP\\xff\\1\\0\\0\\0" or not 2 <= n <= 65536 or m > 65536:
            raise ValueError("not HJP/1")
        if len(data) < 16 + n + m: raise EOFError
        yield json.loads(data[16:16 + n]), data[16 + n:16 + n + m]
        data = data[16 + n + m:]

def listed(data):
    return [Frame(metadata, payload) for metadata, payload in parse(data)]

class Decoder:
    def __init__(self):
        self.left = b""
    def feed(self, octets):
        self.left += octets
        if len(self.left) >= 5 and self.left[:4] != b"HJP\\xff":
            raise Refused("bad_magic")
        if len(self.left) >= 16 and self.left[4:8] == b"\\1\\0\\0\\0":
            n, m = struct.unpack("<II", self.left[8:16])
            if len(self.left) >= 16 + n + m:
                text, load = self.left[16:16 + n], self.left[16 + n:16 + n + m]
                self.left = self.left[16 + n + m:]
                return [(json.loads(text), load)]
        return None
    def close(self):
        if self.left: raise EOFError

def broken(data):
    raise KeyError("what is this?")

def stubborn(data):
    raise SystemExit(9)

number = 7
'''


def judged(codec: Codec, cases: Iterable[CodecCase]) -> dict[str, Exception]:
    """What was raised, by the id of the case."""
    found: dict[str, Exception] = {}
    for case in cases:
        try:
            case.check(codec, Record())
        except (Violation, Inconclusive, Crashed, Skipped) as error:
            found[case.id] = error
    return found


def the(id_: str) -> CodecCase:
    return next(case for case in curated() if case.id == id_)


def test_the_oracle_passes_as_a_testee() -> None:
    """In this process it has passed them all."""
    with ProcessCodec(TESTEE) as codec:
        assert (codec.name, codec.codes, codec.encodes) == ("oracle", True, True)
        assert judged(codec, curated()) == {}


@pytest.mark.parametrize(
    ("fault", "cases", "requirement"),
    [
        ("skips-bad-lines", "error-then-decode-cmd", "HJP-TST-2"),
        ("answers-errors-by-ok", "error-then-decode-cmd", "HJP-TST-2"),
        ("splits-at-separators", "line-ends", "HJP-TST-1"),
        ("knows-few-members", "unknown", "HJP-TST-6"),
        ("exits-with-3", "end", "HJP-TST-5"),
        ("answers-reset-twice", "end", "HJP-TST-1"),
    ],
)
def test_a_wrong_testee_is_caught(fault: str, cases: str, requirement: str) -> None:
    """By what it answers, not by waiting: no answer is ever late."""
    asked = [case for case in curated() if case.id.startswith(f"codec-tst-{cases}")]
    with ProcessCodec([*TESTEE, fault]) as codec:
        found = judged(codec, asked)
    assert {type(one) for one in found.values()} == {Violation}
    broken = {one.requirement for one in found.values() if isinstance(one, Violation)}
    assert broken == {requirement}


def on_q() -> list[DecodeCase]:
    """Cases of which the second makes the wrong testees do what is wrong with them."""
    octets = {"first": b"H", "second": b"Q", "third": b"HJ", "fourth": b"HJP"}
    return [
        DecodeCase(
            id=row,
            title="Octets that are too few",
            requirements=("HJP-FRM-14",),
            area="FRM",
            octets=one,
            outcome=incomplete(early="bad_magic" if row == "second" else None),
        )
        for row, one in octets.items()
    ]


@pytest.mark.parametrize(
    ("fault", "verdict", "words"),
    [
        ("dies", Crashed, "SIGKILL"),
        ("exits", Crashed, "exit status 7"),
        ("babbles", Crashed, "I am no testee"),
        ("hangs", Inconclusive, "no answer in 4 s"),
    ],
)
def test_a_process_that_fails_loses_only_its_case(
    fault: str, verdict: type[Exception], words: str
) -> None:
    with ProcessCodec([*TESTEE, fault], timeout=4) as codec:
        found = judged(codec, on_q())
    assert list(found) == ["second"]
    assert type(found["second"]) is verdict
    assert words in str(found["second"])


@pytest.mark.parametrize(
    "command", [["/nowhere/codec"], [sys.executable, "-c", "pass"], ["echo", "hello"]]
)
def test_a_command_that_is_no_testee_is_no_target(command: list[str]) -> None:
    with pytest.raises(TargetGoneError, match="describe"), ProcessCodec(command):
        pass


def test_a_process_that_goes_on_after_its_input_is_inconclusive() -> None:
    program = "import sys, signal; sys.stdin.read(); signal.pause()"
    codec = ProcessCodec([sys.executable, "-c", program], timeout=0.3)
    with pytest.raises(Inconclusive, match="goes on"):
        codec.last_words(b"", 0)


@pytest.fixture
def parsers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "parsers.py").write_text(PARSERS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def named(codec: Codec) -> set[str | None]:
    """The requirements that written cases name as broken."""
    found = judged(codec, curated())
    assert not any(isinstance(one, Crashed | Inconclusive) for one in found.values())
    return {one.requirement for one in found.values() if isinstance(one, Violation)}


@pytest.mark.usefixtures("parsers")
@pytest.mark.parametrize("name", ["parsers:parse", "parsers:listed"])
def test_a_callable_is_judged_by_values(name: str) -> None:
    """It finds what Python's parser lets pass, and nothing in what it gets right."""
    with CallableCodec(name) as codec:
        found = named(codec)
        assert {"HJP-MET-3", "HJP-MET-6", "HJP-MET-9", "HJP-MET-12"} <= found
        assert not {"HJP-FRM-15", "HJP-FRM-17", "HJP-MET-5", "HJP-FRM-13"} & found
        others = [the("codec-frm-send-text-ping"), the("codec-tst-answered-reset")]
        skipped = judged(codec, others)
        assert [type(one) for one in skipped.values()] == [Skipped, Skipped]


@pytest.mark.usefixtures("parsers")
def test_a_factory_gets_the_reads_and_tells_codes() -> None:
    """It gives one frame for each read, whatever the read holds."""
    with CallableCodec("parsers:Decoder") as codec:
        assert judged(codec, [the("codec-frm-split-two-frames-single-octets")]) == {}
        assert judged(codec, [the("codec-frm-magic-zeros")]) == {}
        [wrong] = judged(codec, [the("codec-frm-frames-2")]).values()
    assert isinstance(wrong, Violation)
    assert wrong.requirement in ("HJP-FRM-15", "HJP-FRM-17")


@pytest.mark.usefixtures("parsers")
def test_an_exception_of_another_kind_is_an_answer_that_is_wrong() -> None:
    with CallableCodec("parsers:broken") as codec:
        [wrong] = judged(codec, [the("codec-met-same-plain")]).values()
    assert isinstance(wrong, Violation)
    assert wrong.requirement == "HJP-MET-6"
    assert "KeyError" in str(wrong)


@pytest.mark.usefixtures("parsers")
def test_a_callable_that_ends_its_process_loses_its_case() -> None:
    with CallableCodec("parsers:stubborn") as codec:
        [wrong] = judged(codec, [the("codec-met-same-plain")]).values()
    assert isinstance(wrong, Crashed)


@pytest.mark.usefixtures("parsers")
@pytest.mark.parametrize("name", ["parsers:nothing", "nowhere:parse", "parsers:number"])
def test_a_callable_that_is_not_there_is_no_target(name: str) -> None:
    with pytest.raises(TargetGoneError), CallableCodec(name):
        pass


def test_a_record_tells_what_happened() -> None:
    record = Record()
    with ProcessCodec(TESTEE) as codec:
        the("codec-frm-split-bad-text-at-036").check(codec, record)
        sent = Record()
        the("codec-frm-send-max-payload-0-above").check(codec, sent)
        asked = Record()
        the("codec-tst-fresh-after-a-refusal").check(codec, asked)
    assert [len(chunk) for chunk in record.chunks] == [36, 37]
    [accepted], [said] = record.accepted, record.said
    assert accepted.startswith("reject bad_json, 1 frame: {")
    assert said == accepted
    assert sent.accepted == ["reject too_large"]
    assert sent.said == ["reject too_large"]
    assert "max_payload 0" in sent.asked[0]
    assert len(asked.asked) == len(asked.accepted) == len(asked.said) == 2
