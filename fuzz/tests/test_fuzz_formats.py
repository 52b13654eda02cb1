"""Dialects: what is right of other formats is let alone, what is wrong is found."""

import importlib
import io
import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from construct import (
    Byte,
    Bytes,
    Const,
    GreedyBytes,
    Int16ub,
    PascalString,
    Struct,
    this,
)
from hypothesis import Phase

from hjp_fuzz import Broken, check, fuzz
from hjp_fuzz.cases import Case
from hjp_fuzz.failures import Check, Failure
from hjp_fuzz.formats import UNDECIDED, Draft, Format, Json, Source, dialect, member
from hjp_fuzz.formats.checks import judge
from hjp_fuzz.formats.grammar import case
from hjp_fuzz.smaller import judged, made_small
from hjp_fuzz.sources import RandomSource
from hjp_fuzz.targets import LIMITS, CallableTarget, TargetError, target_of

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
NEEDED = "the packages of the examples are not installed: pip install 'hjp[formats]'"
sys.path[:0] = [str(HERE), str(EXAMPLES)]
parsers = importlib.import_module("planted_formats")


@pytest.fixture(scope="session")
def tensors() -> Any:
    """Import the example of safetensors."""
    pytest.importorskip("safetensors", reason=NEEDED)
    return importlib.import_module("safetensors_dialect")


@pytest.fixture(scope="session")
def events() -> Any:
    """Import the example of wyoming."""
    pytest.importorskip("wyoming", reason=NEEDED)
    return importlib.import_module("wyoming_dialect")


def cases(dialect: Format, seed: str) -> Iterator[Case]:
    source = RandomSource(seed)
    while True:
        source.restart()
        yield case(source, dialect)


def failures(target: CallableTarget, dialect: Format, count: int) -> Iterator[Failure]:
    for _, made in zip(range(count), cases(dialect, "failures"), strict=False):
        failure = judge(target, made, dialect, dialect.decode(made.stream))
        if failure is not None:
            yield failure


# What a finding has to be about, for some of the bugs.
BLAMED = {
    "begins": {"ST-3"},
    "twice": {"ST-7"},
    "holes": {"ST-8"},
    "overlap": {"ST-9"},
    "ends": {"ST-5"},
    "clipped": {"ST-2"},
    "notes": {"ST-6"},
    "absolute": {"ST-5"},
    "endless": {"ST-2"},
    "header_wins": {"WY-7"},
    "replaced": {"WY-7", "ST-2"},
    "any_type": {"WY-2"},
    "any_data": {"WY-3"},
    "text_length": {"WY-4", "WY-5"},
    "stale": {"WY-8"},
    "nan": {"WY-1", "WY-6"},
    "last_line": {"WY-1", "WY-6", "WY-8"},
    "dropped": {"any-split", "same-status"},
}


@pytest.mark.parametrize("bug", parsers.TENSOR_BUGS)
def test_a_bug_in_a_reader_of_tensors_is_found(bug: str, tensors: Any) -> None:
    found = _hunted(tensors.SAFETENSORS, parsers.tensors(bug))
    assert found.requirement in BLAMED.get(bug, {found.requirement})


@pytest.mark.parametrize("bug", parsers.EVENT_BUGS)
def test_a_bug_in_a_reader_of_events_is_found(bug: str, events: Any) -> None:
    found = _hunted(events.WYOMING, parsers.events(bug))
    assert found.requirement in BLAMED.get(bug, {found.requirement})


def _hunted(dialect: Format, parser: Callable[..., Any]) -> Failure:
    found = next(failures(target_of(parser, "planted"), dialect, 12_000), None)
    assert found is not None
    return found


def test_right_readers_are_let_alone(tensors: Any, events: Any) -> None:
    right = (
        (tensors.SAFETENSORS, parsers.tensors()),
        (events.WYOMING, parsers.events()),
    )
    for known, parser in right:
        assert list(failures(target_of(parser, "right"), known, 2000)) == []


# What was seen of the packages, and is told in OBSERVATIONS.md: no more than this.
SEEN_OF_TENSORS = {("same-status", "ST-3"), ("same-status", "ST-7")}
SEEN_OF_EVENTS = {
    *((Check.STATUS, f"WY-{number}") for number in (1, 2, 3, 5, 6)),
    *((Check.DECLARED, f"WY-{number}") for number in range(1, 9)),
    (Check.DECLARED, Check.DECLARED),
    (Check.STATUS, Check.STATUS),
}


def test_what_is_seen_of_safetensors(tensors: Any) -> None:
    from safetensors import SafetensorError

    target = target_of(tensors.parse, "parse", SafetensorError)
    found = {
        (f.check, f.requirement) for f in failures(target, tensors.SAFETENSORS, 3000)
    }
    assert found <= SEEN_OF_TENSORS


@pytest.mark.parametrize("name", ["parse", "parse_async"])
def test_what_is_seen_of_wyoming(name: str, events: Any) -> None:
    target = target_of(getattr(events, name), name)
    found = {(f.check, f.requirement) for f in failures(target, events.WYOMING, 1000)}
    assert found <= SEEN_OF_EVENTS


def test_the_dialect_of_the_readme(tensors: Any) -> None:
    from safetensors import SafetensorError

    page = (HERE.parent / "README.md").read_text("utf-8")
    block = page.split("## Your own format")[1].split("```python\n")[1].split("```")[0]
    module: dict[str, Any] = {}
    exec(compile(block, "README.md", "exec"), module)
    known, target = module["SAFETENSORS"], target_of(module["parse"], "parse")
    target = replace(target, error=SafetensorError)
    seen = [(f.check, f.requirement) for f in failures(target, known, 3000)]
    assert set(seen) <= SEEN_OF_TENSORS
    statuses = {
        known.decode(made.stream).status for made in islice(cases(known, "page"), 500)
    }
    assert statuses == {"accept", "incomplete", "reject", UNDECIDED}


@pytest.mark.parametrize("what", ["frame", "fault", "told"])
def test_what_a_user_wrote_is_blamed_where_it_fails(what: str) -> None:
    def fails(_: Any) -> Any:
        raise KeyError("dtype")

    hooks: Any = {what: fails}
    target = CallableTarget("tiny", parse=tiny, dialect=replace(TINY, **hooks))
    blamed = f"{what} of the dialect raised KeyError at test_fuzz_formats.py:"
    with pytest.raises(TargetError, match=blamed):
        list(failures(target, target.dialect or TINY, 20))


def test_what_safetensors_writes_is_right(tensors: Any) -> None:
    import ctypes

    from safetensors import TensorSpec, serialize

    data = ctypes.create_string_buffer(bytes(range(12)), 12)
    at = ctypes.addressof(data)
    spec = TensorSpec(dtype="float32", shape=[3], data_ptr=at, data_len=12)
    octets = serialize({"a": spec}, {"by": "hand"})
    verdict = tensors.SAFETENSORS.decode(octets)
    assert verdict.status == "accept"
    assert verdict.frames == (({"a": ["F32", [3], bytes(data).hex()]}, b""),)
    assert tensors.parse(octets) == [*verdict.frames]


def test_what_wyoming_writes_is_right(events: Any) -> None:
    from wyoming.event import Event, write_event

    stream = io.BytesIO()
    write_event(Event("a", {"b": "\u00e9\n"}, b"{}\n"), stream)
    write_event(Event("c"), stream)
    verdict = events.WYOMING.decode(stream.getvalue())
    assert verdict.status == "accept"
    assert verdict.frames == (
        ({"type": "a", "data": {"b": "\u00e9\n"}}, b"{}\n"),
        ({"type": "c", "data": {}}, b""),
    )
    assert [*events.parse(stream.getvalue())] == [*verdict.frames]


def file(header: bytes, data: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header)) + header + data


TENSOR = b'"dtype":"U8","shape":[1],"data_offsets":'


@pytest.mark.parametrize(
    ("octets", "status", "rule"),
    [
        (file(b"{}"), "accept", ""),
        (file(b"{}  "), "accept", ""),
        (file(b'{"a":{%b[0,1]}}' % TENSOR, b"x"), "accept", ""),
        (b"", "incomplete", "ST-1"),
        (b"\x02" + bytes(6), "incomplete", "ST-1"),
        (file(b"{}")[:-1], "incomplete", "ST-2"),
        (struct.pack("<Q", 2**63) + b"{}", "incomplete", "ST-2"),
        (file(b"{}\n"), UNDECIDED, ""),
        (file(b" {}"), "reject", "ST-3"),
        (file(b"\xef\xbb\xbf{}"), "reject", "ST-3"),
        (file(b"[]"), "reject", "ST-4"),
        (file(b"{"), "reject", "ST-2"),
        (file(b'{"\xff":0}'), "reject", "ST-2"),
        (file(b'{"a":1}'), "reject", "ST-4"),
        (file(b'{"__metadata__":{"a":1}}'), "reject", "ST-6"),
        (file(b'{"__metadata__":null}'), UNDECIDED, ""),
        (
            file(b'{"a":{%b[0,1]},"a":{%b[0,1]}}' % (TENSOR, TENSOR), b"x"),
            "reject",
            "ST-7",
        ),
        (file(b"{}", b"x"), "reject", "ST-8"),
        (
            file(b'{"a":{%b[0,1]},"b":{%b[0,1]}}' % (TENSOR, TENSOR), b"x"),
            "reject",
            "ST-9",
        ),
        (file(b'{"a":{%b[0,1]}}' % TENSOR), "reject", "ST-5"),
        (file(b'{"a":{%b[0,2]}}' % TENSOR, b"xx"), "reject", "ST-5"),
        (file(b'{"a":{%b[0,1.0]}}' % TENSOR, b"x"), UNDECIDED, ""),
        (file(b'{"a":{%b[-1,0]}}' % TENSOR, b"x"), "reject", "ST-4"),
    ],
)
def test_what_is_right_of_a_file(
    octets: bytes, status: str, rule: str, tensors: Any
) -> None:
    verdict = tensors.SAFETENSORS.decode(octets)
    assert (verdict.status, verdict.rule) == (status, rule)


@pytest.mark.parametrize(
    ("octets", "status", "rule", "frames"),
    [
        (b"", "accept", "", 0),
        (b'{"type":"a"}\n' * 2, "accept", "", 2),
        (b'{"type":"a"}\r\n', "accept", "", 1),
        (b' {"type":"a"}\n', "accept", "", 1),
        (b'{"type":"a","data_length":2,"payload_length":1}\n{}!', "accept", "", 1),
        (b'{"type":"a"}', "incomplete", "WY-1", 0),
        (b'{"type":"a"}\n{"type":"b","data_length":2}\n{', "incomplete", "WY-6", 1),
        (b'{"type":"a","payload_length":1}\n', "incomplete", "WY-8", 0),
        (b"{}\n", "reject", "WY-2", 0),
        (b'{"type":1}\n', "reject", "WY-2", 0),
        (b'{"type":"a","data":[]}\n', "reject", "WY-3", 0),
        (b'{"type":"a","data":null}\n', UNDECIDED, "", 0),
        (b'{"type":"a","data_length":"1"}\n{}', "reject", "WY-4", 0),
        (b'{"type":"a","payload_length":true}\n!', "reject", "WY-5", 0),
        (b'{"type":"a","payload_length":1.0}\n!', UNDECIDED, "", 0),
        (b'{"type":"a","payload_length":-1}\n', UNDECIDED, "", 0),
        (b'{"type":"a","payload_length":null}\n', UNDECIDED, "", 0),
        (b'{"type":"a","data_length":2}\n[]', "reject", "WY-6", 0),
        (b'\xef\xbb\xbf{"type":"a"}\n', UNDECIDED, "", 0),
        (b'{"type":"a","type":"a"}\n', UNDECIDED, "", 0),
        (b"nothing\n", "reject", "WY-1", 0),
    ],
)
def test_what_is_right_of_an_event(
    octets: bytes, status: str, rule: str, frames: int, events: Any
) -> None:
    verdict = events.WYOMING.decode(octets)
    assert (verdict.status, verdict.rule, len(verdict.frames)) == (status, rule, frames)


@pytest.mark.parametrize("seed", range(100))
def test_streams_are_taken_apart_and_put_together(
    seed: int, tensors: Any, events: Any
) -> None:
    for known in (tensors.SAFETENSORS, events.WYOMING):
        made = next(cases(known, str(seed)))
        octets, edges = known.write_all(known.read(made.stream))
        assert octets == made.stream
        assert edges == sorted(edges)
        assert edges[-1:] in ([len(octets)], [])


def test_every_rule_is_exercised(tensors: Any, events: Any) -> None:
    for known in (tensors.SAFETENSORS, events.WYOMING):
        left = set(known.rules)
        for made in islice(cases(known, "rules"), 20_000):
            left -= known.exercised(known.decode(made.stream))
            if not left:
                break
        assert left == set()


RULES = {
    "X-1": "It begins with X.",
    "X-2": "Two octets count the text.",
    "X-3": "JSON.",
}


def plain(source: Source) -> Draft:
    return Draft(b'{"n":%d}' % source.int(0, 9), bytes(source.int(0, 3)))


TINY = dialect(
    Struct(
        "mark" / Const(b"X") * "X-1",
        "size" / Int16ub * "X-2",
        "more" / Byte * "X-2",
        "text" / Json(Bytes(this.size), json="X-3", object="X-3") * "X-3",
        "blob" / Bytes(this.more),
    ),
    rules=RULES,
    frame=plain,
)


def no_number(text: str) -> None:
    """Refuse NaN and its like, which the standard library takes for numbers."""
    raise ValueError(text)


def tiny(data: bytes) -> Iterator[tuple[Any, bytes]]:
    """Read the tiny format, rightly."""
    while data:
        if data[:1] != b"X":
            raise ValueError("no X")
        if len(data) < 4:
            raise EOFError
        size, more = struct.unpack(">HB", data[1:4])
        if len(data) < 4 + size:
            raise EOFError
        try:
            text = json.loads(data[4 : 4 + size].decode(), parse_constant=no_number)
        except RecursionError:
            raise ValueError("too deep") from None
        if not isinstance(text, dict):
            raise ValueError("no object")
        if len(data) < 4 + size + more:
            raise EOFError
        yield text, data[4 + size : 4 + size + more]
        data = data[4 + size + more :]


def tiny_without_x(data: bytes) -> Iterator[tuple[Any, bytes]]:
    """Read it without a look at the mark."""
    return tiny(data and b"X" + data[1:])


def tiny_in_one(data: bytes) -> list[tuple[Any, bytes]]:
    """Read it, and give nothing where anything is wrong."""
    return list(tiny(data))


def tiny_short(data: bytes) -> list[tuple[Any, bytes]]:
    """Read it, but refuse all where there are two frames, or more."""
    found = list(tiny(data))
    if len(found) > 1:
        raise ValueError("too many")
    return found


def tiny_twice(data: bytes) -> Iterator[tuple[Any, bytes]]:
    """Read it, and give the last frame once more."""
    for frame in tiny(data):
        yield frame
    if data:
        yield frame


def tiny_crash(data: bytes) -> Iterator[tuple[Any, bytes]]:
    """Read it, and end the process if there is no X."""
    if data[:1] not in (b"X", b""):
        os._exit(3)
    return tiny(data)


def test_constants_and_ends_of_a_format_of_ones_own() -> None:
    assert TINY.plain == b'X\x00\x07\x00{"n":0}'
    assert TINY.several
    assert TINY.header_length == 4
    decoded = [TINY.decode(octets) for octets in (b"Y", b"X\x00", TINY.plain * 2)]
    assert [(one.status, one.rule) for one in decoded] == [
        *(("reject", "X-1"), ("incomplete", "X-2"), ("accept", ""))
    ]
    assert decoded[2].frames == (({"n": 0}, b""),) * 2


@pytest.mark.parametrize(
    ("parser", "kind", "rule"),
    [
        (tiny_without_x, Check.STATUS, {"X-1"}),
        (tiny_short, Check.STATUS, {"same-status"}),
        (tiny_twice, Check.FRAMES, {"same-frames", "same-status"}),
    ],
)
def test_a_bug_is_found_and_made_small(
    parser: Callable[..., Any], kind: Check, rule: set[str]
) -> None:
    target = CallableTarget("tiny", parse=parser, dialect=TINY)
    for made in cases(TINY, "small"):
        failure = judge(target, made, TINY, TINY.decode(made.stream))
        if failure is not None and failure.check is kind:
            break
    assert failure is not None
    found = made_small(target, made, failure, LIMITS)
    assert found is not None
    assert (found.check, found.requirement in rule) == (kind, True)
    assert len(found.stream) <= 22
    assert found.sentence == TINY.sentence(found.requirement)


@pytest.mark.parametrize("parser", [tiny, tiny_in_one])
def test_a_right_reader_of_it_is_let_alone(parser: Callable[..., Any]) -> None:
    target = CallableTarget("tiny", parse=parser)
    assert list(failures(target, TINY, 3000)) == []


def test_a_crash_cites_the_rule_of_the_input() -> None:
    target = CallableTarget("tiny", parse=tiny_crash, dialect=TINY)
    failure = judged(target, Case((), b"Y"), LIMITS)
    assert failure is not None
    assert (failure.check, failure.requirement) == (Check.CRASH, "X-1")
    assert failure.got == "exit 3"


def test_a_hang_cites_the_check_where_no_rule_is_broken() -> None:
    def sleeps(data: bytes) -> list[Any]:
        while data:
            pass
        return []

    target = CallableTarget("sleeps", parse=sleeps, dialect=TINY)
    short = type(LIMITS)(patience=0.3)
    failure = judged(target, Case((), TINY.plain), short)
    assert failure is not None
    assert (failure.check, failure.requirement) == (Check.HANG, "hang")


def test_a_schema_is_refused_that_is_no_dialect() -> None:
    def made(*fields: Any) -> Format:
        return dialect(Struct(*fields), rules=RULES, frame=plain)

    text = "text" / Json(GreedyBytes)
    with pytest.raises(ValueError, match="text: there is no rule X-9"):
        made(text * "X-9")
    with pytest.raises(ValueError, match="nothing is counted by size"):
        made("size" / Int16ub, text)
    with pytest.raises(ValueError, match="a dialect has no"):
        made("name" / PascalString(Byte, "utf8"), text)
    with pytest.raises(TypeError, match="none for depht"):
        Json(GreedyBytes, depht="X-3")


def test_only_what_the_format_decides_is_refused() -> None:
    lax = dialect(
        Struct("text" / Json(GreedyBytes)), rules=RULES, frame=lambda _: Draft()
    )
    assert not lax.several
    target = CallableTarget("lax", parse=lambda data: [(json.loads(data), b"")])
    assert {f.check for f in failures(target, lax, 300)} == {Check.DECLARED}
    for text in (b"[]", b"{", b'{"a":"\xff"}', b'{"a":1e400}', b'{"a":0,"a":0}'):
        assert lax.decode(text).status == UNDECIDED
    assert lax.decode(b" {}").frames == (({}, b""),)
    assert lax.read_by("payload") == lax.rule_of("text") == ""


def test_a_length_is_said_by_a_member() -> None:
    said = dialect(
        Struct(
            "text" / Json(Bytes(2), optional=True),
            "blob" / Bytes(member("text", "size")),
        ),
        rules=RULES,
        frame=lambda _: Draft(),
    )
    assert said.write(Draft(b"[]", b"xyz")) == b"[]xyz"  # no place for a member
    assert said.write(Draft(b"{}", b"xyz")) == b'{"size":3}xyz'
    assert said.write(Draft(b'{"a":0}', b"x")) == b'{"size":1,"a":0}x'


def test_three_lines_for_pytest() -> None:
    fuzz(tiny, dialect=TINY, max_examples=200)()
    with pytest.raises(Broken, match=r"X-1: It begins with X\."):
        fuzz(
            tiny_without_x,
            dialect=TINY,
            max_examples=500,
            report_multiple_bugs=False,
            database=None,
            phases=[Phase.generate],
        )()


def test_a_decoder_of_a_dialect_is_given_reads() -> None:
    events = pytest.importorskip("wyoming_dialect", reason=NEEDED)
    fuzz(parsers.events(), dialect=events.WYOMING, name="right", max_examples=100)()
    octets = b'{"type":"a","payload_length":1}\n!'
    with pytest.raises(Broken, match="any-split"):
        check(parsers.events("edge"), octets, (32,), dialect=events.WYOMING)


UNDECIDED_EVENT = b'{"type":"a","type":"b"}\n'


@pytest.mark.parametrize("does", ["refuses", "drops"])
def test_what_is_undecided_is_the_same_in_every_division(
    does: str, events: Any
) -> None:
    class Moody(parsers.Events):  # type: ignore[misc,name-defined]
        def feed(self, chunk: bytes) -> Iterator[Any]:
            found = list(super().feed(chunk))
            if len(chunk) == 1 and does == "refuses":
                raise ValueError("one octet is too few")
            yield from found if len(chunk) > 1 else ()

    cuts = (len(UNDECIDED_EVENT) - 1,)
    assert events.WYOMING.decode(UNDECIDED_EVENT).status == UNDECIDED
    with pytest.raises(Broken, match="any-split"):
        check(lambda: Moody(()), UNDECIDED_EVENT, cuts, dialect=events.WYOMING)
    check(parsers.events(), UNDECIDED_EVENT, cuts, dialect=events.WYOMING)


@pytest.fixture
def shop(here: Path) -> Path:
    """Make a folder with the tiny format and two readers of it."""
    (here / "planted_formats.py").write_text((HERE / "planted_formats.py").read_text())
    source = Path(__file__).read_text()
    start, end = source.index("RULES = {"), source.index("def tiny_twice")
    imports = source[source.index("import json") : source.index("HERE = Path")]
    (here / "shop.py").write_text(f"{imports}\n\n{source[start:end]}")
    return here


Run = Callable[..., subprocess.CompletedProcess[str]]
OF = ("--dialect", "shop:TINY")


def test_from_a_shell(shop: Path, fuzz: Run) -> None:
    done = fuzz(shop, "run", "shop:tiny_without_x", *OF, "--count", "400", "--seed", "1",
                *("--json", "run.json", "--junit", "run.xml", "--markdown", "run.md"))  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "X-1  It begins with X." in done.stdout
    assert "by the dialect:" in done.stdout
    assert "undecided" in done.stdout
    assert "HJP-" not in done.stdout
    run = json.loads((shop / "run.json").read_text())
    assert run["rules"] == RULES
    found = next(one for one in run["findings"] if one["requirement"] == "X-1")
    assert found["sentence"] == RULES["X-1"]
    assert 'classname="X-1"' in (shop / "run.xml").read_text()
    assert "X-1: It begins with X." in (shop / "run.md").read_text()
    again = fuzz(shop, "report", "run.json")
    assert "X-1  It begins with X." in again.stdout
    assert "by the dialect:" in again.stdout


def test_a_finding_is_shrunk_replayed_and_exported(shop: Path, fuzz: Run) -> None:
    octets = (b"Y" + TINY.plain[1:]).hex()
    done = fuzz(shop, "shrink", "--hex", octets, "shop:tiny_without_x", *OF)
    assert "X-1  It begins with X." in done.stdout
    done = fuzz(shop, "replay", "--hex", octets, "shop:tiny", *OF)
    assert done.stdout.startswith("FIXED")
    (found,) = (shop / "hjp-fuzz-findings").iterdir()
    _is_replayed(shop, fuzz, found.stem)


def _is_replayed(shop: Path, fuzz: Run, name: str) -> None:
    assert fuzz(shop, "replay", name).stdout.startswith("FAILED")
    assert fuzz(shop, "replay", name, "shop:tiny").stdout.startswith("FIXED")
    done = fuzz(shop, "export", name, "--vectors", "found.json")
    assert done.returncode == 2
    assert "is of another format" in done.stderr
    assert fuzz(shop, "export", name, "--pytest", "test_found.py").returncode == 0
    _fails_again(shop, (shop / "test_found.py").read_text())


def _fails_again(shop: Path, exported: str) -> None:
    """Run an exported test where its parser is, as pytest would."""
    module: dict[str, Any] = {"__name__": "found"}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(shop)
        patch.syspath_prepend(str(shop))
        exec(compile(exported, "test_found.py", "exec"), module)
        ((octets, cuts),) = module["FOUND"].values()
        with pytest.raises(Broken, match=r"X-1: It begins with X\."):
            module["test_found"](octets, cuts)
    sys.modules.pop("shop")


@pytest.mark.parametrize("engine", ["hypothesis", "random"])
def test_engines(engine: str, shop: Path, fuzz: Run) -> None:
    options = ("--engine", engine, "--count", "300")
    done = fuzz(shop, "run", "shop:tiny", *OF, *options)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("shop:tiny", "--dialect", "shop:NONE"), "module shop has no NONE"),
        (("shop:tiny", "--dialect", "shop:RULES"), "shop:RULES is no dialect"),
        (("--cmd", "cat", *OF), "a dialect needs a callable of Python, not cmd:"),
        (("shop:tiny", *OF, "--redis", "redis://127.0.0.1:1"), "not of a dialect"),
    ],
)
def test_what_cannot_be_run(
    arguments: tuple[str, ...], message: str, shop: Path, fuzz: Run
) -> None:
    done = fuzz(shop, "run", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
