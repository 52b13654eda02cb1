"""Each check, on a small parser that fails it and on the octets that show it."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from hjp_fuzz.cases import Case, Draft
from hjp_fuzz.checks import Check, Failure, equal, judge
from hjp_fuzz.dialect import HJP
from hjp_fuzz.targets import CallableTarget
from hjp_spec.oracle import Outcome, decode, encode, raw_frame

GOOD = encode(b'{"id":1}', b"hi!")
EMPTY = encode(b"{}")
BAD_JSON = raw_frame(b"[]")
NO_MAGIC = b"GET / HTTP/1.1\r\n\r\n"

Pairs = Iterable[tuple[Any, bytes]]


class Refused(ValueError):  # noqa: N818
    def __init__(self, code: str | None) -> None:
        super().__init__(code)
        self.code = code


def obey(outcome: Outcome) -> Iterator[tuple[Any, bytes]]:
    for frame in outcome.frames:
        yield frame.metadata, frame.payload
    if outcome.code is not None:
        raise Refused(outcome.code)
    if outcome.status == "incomplete":
        raise EOFError


def obedient(data: bytes) -> Pairs:
    return obey(decode(data))


def failure_of(
    parse: Callable[[bytes], Pairs], stream: bytes, *drafts: Draft
) -> Failure | None:
    return judge(CallableTarget("parser", parse=parse), Case(drafts, stream))


class Obedient:
    """A decoder that asks the specification itself."""

    def __init__(self) -> None:
        self.octets = b""
        self.given = 0
        self.failed = False

    def feed(self, chunk: bytes) -> Pairs:
        if self.failed:
            raise Refused("bad_frame")
        self.octets += chunk
        outcome = decode(self.octets)
        new = outcome.frames[self.given :]
        self.given += len(new)
        for frame in new:
            yield frame.metadata, frame.payload
        if outcome.code is not None:
            self.failed = True
            raise Refused(outcome.code)

    def close(self) -> object:
        if decode(self.octets).status == "incomplete":
            raise EOFError
        return None


def failure_of_decoder(
    decoder: type[Obedient], stream: bytes, *cuts: int
) -> Failure | None:
    return judge(CallableTarget("decoder", factory=decoder), Case((), stream, (cuts,)))


STREAMS = (
    *(b"", GOOD, EMPTY, GOOD + EMPTY, GOOD[:-1], GOOD[:3], NO_MAGIC, BAD_JSON),
    *(GOOD + BAD_JSON + GOOD, GOOD + NO_MAGIC, raw_frame(b"{}", json_length=65_537)),
)


@pytest.mark.parametrize("stream", STREAMS)
def test_who_obeys_fails_nothing(stream: bytes) -> None:
    assert failure_of(obedient, stream) is None
    every = range(1, len(stream))
    assert failure_of_decoder(Obedient, stream, *every) is None


def test_an_undeclared_exception() -> None:
    def parse(data: bytes) -> Pairs:
        raise KeyError("id")

    failure = failure_of(parse, GOOD)
    assert failure is not None
    assert (failure.check, failure.got) == (Check.DECLARED, "KeyError")
    assert failure.error.startswith("KeyError at test_fuzz_checks.py:")
    assert failure.message == "'id'"
    assert failure.expected == "no fault"


def test_an_exit_is_an_undeclared_exception() -> None:
    def parse(data: bytes) -> Pairs:
        raise SystemExit(3)

    failure = failure_of(parse, GOOD)
    assert failure is not None
    assert failure.got == "SystemExit"


@pytest.mark.parametrize(
    ("stream", "requirement"),
    [
        (BAD_JSON, "HJP-MET-3"),
        (NO_MAGIC, "HJP-FRM-2"),
        (raw_frame(b"{}", version=2), "HJP-FRM-4"),
        (raw_frame(b'{"a":1,"a":1}'), "HJP-MET-6"),
    ],
)
def test_another_status_names_the_requirement(stream: bytes, requirement: str) -> None:
    failure = failure_of(lambda data: [({}, b"")], stream)
    assert failure is not None
    assert (failure.check, failure.got) == (Check.STATUS, "no fault")
    assert (failure.requirement, failure.aimed) == (requirement, False)


def test_a_refused_frame_of_a_good_stream_names_what_it_was_written_for() -> None:
    def parse(data: bytes) -> Pairs:
        raise Refused("bad_json")

    failure = failure_of(parse, GOOD, Draft(aims=("HJP-MET-10",)))
    assert failure is not None
    assert (failure.requirement, failure.aimed) == ("HJP-MET-10", True)
    assert failure.got == "reject bad_json"


@pytest.mark.parametrize(
    ("late", "requirement", "got"),
    [(True, "HJP-MET-14", "incomplete"), (False, "HJP-MET-3", "no fault")],
)
def test_knowing_late_is_told_from_not_knowing(
    late: bool, requirement: str, got: str
) -> None:
    stream = raw_frame(b"[]", payload_length=4)

    def parse(data: bytes) -> Pairs:
        if len(data) < len(stream) + 4:
            raise EOFError
        if late:
            raise Refused("bad_json")
        return [([], data[-4:])]

    failure = failure_of(parse, stream)
    assert failure is not None
    assert (failure.got, failure.requirement) == (got, requirement)


def test_an_end_inside_a_frame_taken_for_the_end() -> None:
    failure = failure_of(lambda data: [], GOOD[:-1])
    assert failure is not None
    assert (failure.check, failure.requirement) == (Check.STATUS, "HJP-LIF-8")


def test_an_early_reject_is_permitted_and_a_wrong_code_is_not() -> None:
    stream = raw_frame(b"[1,")[:-1]
    early = decode(raw_frame(b"[1,2]", b"")[:-2])
    assert early.early == "bad_json"

    def parse_with(code: str | None) -> Callable[[bytes], Pairs]:
        def parse(data: bytes) -> Pairs:
            raise Refused(code)

        return parse

    assert failure_of(parse_with("bad_json"), stream) is None
    assert failure_of(parse_with(None), stream) is None
    failure = failure_of(parse_with("bad_id"), stream)
    assert failure is not None
    assert failure.check is Check.CODE


def test_another_code() -> None:
    def parse(data: bytes) -> Pairs:
        raise Refused("bad_frame")

    failure = failure_of(parse, BAD_JSON)
    assert failure is not None
    assert failure.check is Check.CODE
    assert (failure.expected, failure.got) == ("reject bad_json", "reject bad_frame")


@pytest.mark.parametrize(
    ("pair", "got", "requirement"),
    [
        (({"id": 1}, b"hi?"), "another payload", "HJP-FRM-16"),
        (({"id": True}, b"hi!"), "another metadata", "HJP-FRM-12"),
        (({"id": "1"}, b"hi!"), "another metadata", "HJP-FRM-12"),
    ],
)
def test_another_frame(
    pair: tuple[dict[str, Any], bytes], got: str, requirement: str
) -> None:
    failure = failure_of(lambda data: [pair], GOOD)
    assert failure is not None
    assert (failure.check, failure.got) == (Check.FRAMES, got)
    assert failure.requirement == requirement


def test_frames_too_few_and_too_many() -> None:
    pair = ({"id": 1}, b"hi!")
    few = failure_of(lambda data: [pair], GOOD + GOOD)
    many = failure_of(lambda data: [pair, pair], GOOD)
    assert few is not None
    assert many is not None
    assert (few.check, few.requirement) == (Check.STATUS, "HJP-FRM-15")
    assert (many.check, many.got) == (Check.FRAMES, "a frame that is none")


def test_a_list_that_an_exception_swallowed_is_not_missed() -> None:
    def parse(data: bytes) -> Pairs:
        return list(obedient(data))

    assert failure_of(parse, GOOD + BAD_JSON) is None


def test_a_generator_that_loses_frames_is_caught() -> None:
    def parse(data: bytes) -> Pairs:
        outcome = decode(data)
        if outcome.code is None:
            yield from obey(outcome)
        yield outcome.frames[0].metadata, outcome.frames[0].payload
        raise Refused(outcome.code)

    failure = failure_of(parse, GOOD + GOOD + BAD_JSON)
    assert failure is not None
    assert (failure.check, failure.expected) == (Check.STATUS, "no fault")


class LosesOctets(Obedient):
    def feed(self, chunk: bytes) -> Pairs:
        yield from super().feed(chunk[:-1] if len(chunk) == 5 else chunk)


class GoesOn(Obedient):
    def feed(self, chunk: bytes) -> Pairs:
        if self.failed:
            self.octets, self.given, self.failed = b"", 0, False
        yield from super().feed(chunk)


class Deaf(Obedient):
    def feed(self, chunk: bytes) -> Pairs:
        if not chunk.endswith(b"tweet"):
            yield from super().feed(chunk)


def test_a_division_that_matters() -> None:
    failure = failure_of_decoder(LosesOctets, GOOD, 3, 8)
    assert failure is not None
    assert (failure.check, failure.requirement) == (Check.SPLIT, "HJP-FRM-14")
    assert failure.cuts == (3, 8)
    assert failure_of_decoder(LosesOctets, GOOD, 3, 7) is None


def test_a_reject_that_is_not_final() -> None:
    failure = failure_of_decoder(GoesOn, NO_MAGIC[:5] + GOOD, 5)
    assert failure is not None
    assert (failure.check, failure.requirement) == (Check.FINAL, "HJP-FRM-3")


def test_a_canary_that_is_read_after_a_reject() -> None:
    failure = failure_of_decoder(GoesOn, BAD_JSON)
    assert failure is not None
    assert (failure.check, failure.requirement) == (Check.CANARY, "HJP-ERR-10")


def test_a_canary_that_is_not_read() -> None:
    failure = failure_of_decoder(Deaf, GOOD)
    assert failure is not None
    assert (failure.check, failure.requirement) == (Check.CANARY, "HJP-FRM-15")


def test_a_function_that_reads_only_what_it_knows() -> None:
    failure = failure_of(lambda data: obedient(data[: len(GOOD)]), GOOD)
    assert failure is not None
    assert failure.check is Check.CANARY


def test_a_function_that_looks_for_the_next_frame() -> None:
    def parse(data: bytes) -> Pairs:
        found = data.find(b"HJP\xff")
        if found < 0:
            raise Refused("bad_magic")
        return obedient(data[found:])

    failure = failure_of(parse, NO_MAGIC)
    assert failure is not None
    assert (failure.check, failure.requirement) == (Check.CANARY, "HJP-FRM-3")


@pytest.mark.parametrize(
    ("write", "got"),
    [
        (lambda metadata, payload: raw_frame(b"[]", payload), "reject bad_json"),
        (lambda metadata, payload: encode(b"{}", payload), "another frame"),
        (lambda metadata, payload: GOOD[:-1], "incomplete"),
        (lambda metadata, payload: GOOD + GOOD, "accept"),
        (lambda metadata, payload: 1 // 0, "ZeroDivisionError"),
    ],
)
def test_what_is_written_has_to_be_what_was_read(
    write: Callable[[Any, bytes], bytes], got: str
) -> None:
    target = CallableTarget("decoder", factory=Obedient, encode=write)
    failure = judge(target, Case((), GOOD))
    assert failure is not None
    assert (failure.check, failure.got) == (Check.ENCODE, got)


def test_who_writes_what_was_read_fails_nothing() -> None:
    target = CallableTarget(
        "decoder", factory=Obedient, encode=lambda m, p: encode(b"{}", p)
    )
    assert judge(target, Case((), EMPTY)) is None


EQUAL: list[tuple[Any, Any]] = [
    (1, 1.0),
    (0, -0.0),
    (2**53 + 1, float(2**53)),
    (1e300, 10**300),
    (1, Decimal(1)),
    ([1, [2]], (1, (2.0,))),
    ({"a": None, "b": [True]}, {"b": [True], "a": None}),
    ("\ud7ff", "\ud7ff"),
]
DIFFERENT: list[tuple[Any, Any]] = [
    *((1, True), (True, 1), (0, False), (None, 0), (None, False), (1, "1")),
    *(("1", 1), ("a", b"a"), ([], {}), ({}, []), ([1], [1, 2]), (1, None)),
    *(({"a": 1}, {"A": 1}), ({"a": 1}, {"a": 1, "b": 1}), ("e", "é"), (1, 2)),
    *((1.5, 10**400), ({"a": 1}, [("a", 1)]), ("ab", ["a", "b"])),
]


@pytest.mark.parametrize(("expected", "got"), EQUAL)
def test_equal_values(expected: Any, got: Any) -> None:
    assert equal(expected, got)


@pytest.mark.parametrize(("expected", "got"), DIFFERENT)
def test_different_values(expected: Any, got: Any) -> None:
    assert not equal(expected, got)


@pytest.mark.parametrize(
    "given",
    [
        [1],
        [({},)],
        [({}, "text")],
        ["ab"],
        [({}, b"", b"")],
        5,
        None,
    ],
)
def test_what_is_no_pair_is_garbage(given: Any) -> None:
    failure = failure_of(lambda data: given, GOOD)
    assert failure is not None
    assert failure.check is Check.GARBAGE
    assert failure.message in repr(given)


def test_objects_with_these_attributes_are_pairs() -> None:
    frame = decode(GOOD).frames[0]
    target = CallableTarget("frames", parse=lambda data: decode(data).frames)
    assert judge(target, Case((), GOOD)) is None
    assert frame.payload == b"hi!"


def test_payloads_may_be_any_buffer() -> None:
    target = CallableTarget(
        "buffers",
        parse=lambda data: [
            (frame.metadata, memoryview(bytearray(frame.payload)))
            for frame in decode(data).frames
        ],
    )
    assert judge(target, Case((), GOOD)) is None


def test_a_generator_without_an_end_is_ended() -> None:
    def parse(data: bytes) -> Pairs:
        while True:
            yield {}, b""

    failure = failure_of(parse, EMPTY)
    assert failure is not None
    assert failure.check is Check.FRAMES


def test_what_a_frame_lacks_is_counted_from_its_lengths() -> None:
    assert HJP.missing(GOOD) == 0
    assert HJP.missing(GOOD[:-2]) == 2
    assert HJP.missing(GOOD[:5]) == 11
    assert HJP.missing(b"") == 16
