"""Targets are found by name, and what is wrong with them is told."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hjp_fuzz.cases import Case
from hjp_fuzz.checks import judge
from hjp_fuzz.targets import (
    Answer,
    Contract,
    Limits,
    NotFound,
    PipeTarget,
    Question,
    ServerTarget,
    SpawnTarget,
    TargetError,
    load,
    opened,
)
from hjp_spec.oracle import encode

FRAME = encode(b'{"id":1}', b"x")

SOURCE = """
import collections

class Oops(Exception): ...
class Short(Exception): ...

def parse(data):
    if not data:
        raise Short
    raise Oops("no")

def optional(data=b""):
    return []

class Decoder:
    def feed(self, chunk): return []
    def close(self): ...
    def encode(self, metadata, payload): return b""

class NoClose:
    def feed(self, chunk): ...

class NoFeed:
    def close(self): ...

class Fails:
    def __init__(self): raise RuntimeError("not today")

class Space:
    parse = staticmethod(parse)

number = 5
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    before, modules = list(sys.path), set(sys.modules)
    (tmp_path / "sut.py").write_text(SOURCE)
    (tmp_path / "sut_breaks.py").write_text("1 / 0\n")
    (tmp_path / "sut_needs.py").write_text("import no_such_thing\n")
    (tmp_path / "sut_broken.py").write_text("def parse(:\n")
    yield tmp_path
    sys.path[:] = before
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def test_a_function(folder: Path) -> None:
    target = load("sut:parse", folder=folder)
    assert target.parse is not None
    assert target.factory is None
    assert (target.error, target.incomplete) == (ValueError, EOFError)


def test_a_function_whose_argument_is_optional(folder: Path) -> None:
    assert load("sut:optional", folder=folder).parse is not None


def test_a_factory(folder: Path) -> None:
    target = load("sut:Decoder", folder=folder)
    assert target.factory is not None
    assert target.encode is not None


def test_something_inside_a_class(folder: Path) -> None:
    assert load("sut:Space.parse", folder=folder).parse is not None


def test_a_path(folder: Path) -> None:
    assert load(f"{folder}/sut.py:parse", folder=folder).parse is not None


def test_declared_exceptions(folder: Path) -> None:
    target = load("sut:parse", "sut:Oops", "sut:Short", folder=folder)
    assert target.run((FRAME,)).status == "reject"
    assert target.run((b"",)).status == "incomplete"


def test_declared_exceptions_may_be_builtin(folder: Path) -> None:
    target = load("sut:parse", "Exception", folder=folder)
    assert target.run((FRAME,)).status == "reject"


def test_an_undeclared_exception_says_where(folder: Path) -> None:
    answer = load("sut:parse", folder=folder).run((FRAME,))
    assert (answer.status, answer.raised) == ("raised", "sut.Oops")
    assert answer.place.startswith("sut.py:")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("sut", "not of the form"),
        ("sut:", "not of the form"),
        (":parse", "not of the form"),
        ("no_such:parse", "no module no_such"),
        ("sut:nothing", "module sut has no nothing"),
        ("sut.deep:parse", "no module sut.deep"),
    ],
)
def test_names_that_lead_nowhere(name: str, says: str, folder: Path) -> None:
    with pytest.raises(NotFound, match=says):
        load(name, folder=folder)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("sut:number", "not callable but int"),
        ("sut_breaks:parse", "ZeroDivisionError.* at sut_breaks.py:1"),
        ("sut_needs:parse", "imports no_such_thing"),
        ("sut_broken:parse", "SyntaxError"),
        ("sut:Fails", "RuntimeError: not today"),
        ("sut:NoClose", "feed but without close"),
        ("sut:NoFeed", "without feed"),
    ],
)
def test_targets_that_cannot_be_used(name: str, says: str, folder: Path) -> None:
    with pytest.raises(TargetError, match=says):
        load(name, folder=folder)


@pytest.mark.parametrize("name", ["sut:number", "sut:Decoder", "no_such:Error"])
def test_exceptions_that_are_none(name: str, folder: Path) -> None:
    with pytest.raises(NotFound):
        load("sut:parse", name, folder=folder)


def test_a_factory_that_fails_later(folder: Path) -> None:
    target = load("sut:Decoder", folder=folder)
    sys.modules["sut"].Decoder.__init__ = lambda self: 1 / 0
    with pytest.raises(TargetError, match="ZeroDivisionError"):
        judge(target, Case((), FRAME))


def test_feed_that_returns_nothing_has_no_frames(folder: Path) -> None:
    target = load("sut:Decoder", folder=folder)
    sys.modules["sut"].Decoder.feed = lambda self, chunk: None
    assert target.run((FRAME,)).frames == []


def test_an_open_target_says_what_opens_it_again(folder: Path) -> None:
    contract = Contract("sut:Oops", "sut:Short")
    target = opened("sut:parse", contract, folder=folder)
    assert (target.name, target.contract) == ("sut:parse", contract)
    assert target.within(Limits()) is target
    assert opened("sut:parse", folder=folder).contract == Contract(
        "builtins:ValueError", "builtins:EOFError"
    )


@pytest.mark.parametrize(
    ("name", "kind", "divides", "serves"),
    [
        ("cmd:./shim --fast", PipeTarget, True, False),
        ("spawn:./parser 'a b'", SpawnTarget, False, False),
        ("server:hjp://127.0.0.1:9507", ServerTarget, True, True),
        ("server:hjp://[::1]:9507/", ServerTarget, True, True),
        ("server:./server {port}", ServerTarget, True, True),
    ],
)
def test_the_kind_stands_in_front(
    name: str, kind: type, divides: bool, serves: bool
) -> None:
    target = opened(name, Contract(reject_status=3), Limits(7.0))
    assert type(target) is kind
    assert (target.name, target.divides, target.serves) == (name, divides, serves)
    assert target.apart
    assert target.within(Limits()).name == name
    assert target.contract.reject_status == (3 if kind is SpawnTarget else 1)


@pytest.mark.parametrize("name", ["cmd:", "spawn: ", "server:", "cmd:'", "server:x"])
def test_names_without_a_command(name: str) -> None:
    with pytest.raises(NotFound):
        opened(name)


def test_questions_may_be_asked_in_turn(folder: Path) -> None:
    target = load("sut:parse", "sut:Oops", "sut:Short", folder=folder)
    answers = list(target.run_all([Question(FRAME, (3,)), Question(b"")]))
    assert [answer.status for answer in answers if isinstance(answer, Answer)] == [
        *("reject", "incomplete")
    ]
    target.close()
