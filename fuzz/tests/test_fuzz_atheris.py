"""The engine atheris: what it instruments, what it finds, how it ends."""

import functools
import importlib.util
import json
import marshal
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hjp_fuzz.atheris_engine import functions, missing
from hjp_fuzz.cases import Case
from hjp_fuzz.checks import Check
from hjp_fuzz.engines import EngineError, Plan, check
from hjp_fuzz.findings import Finding
from hjp_fuzz.fleet_store import Alone
from hjp_fuzz.runner import Campaign, Report
from hjp_fuzz.targets import CallableTarget, Limits, Target, TargetError, load

Plant = Callable[..., Target]
TESTS = Path(__file__).parent
COMMAND = (sys.executable, "-c", "from hjp_fuzz.cli import main; main()")
installed = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris is not installed"
)
# Four octets that a comparison names: nothing but the comparison tells them.
GUARDED = """\
import planted_parsers

def parse(data):
    for metadata, payload in planted_parsers.parse(data):
        if payload[:4] == b"Bug!":
            raise KeyError("found")
        yield metadata, payload
"""
ODD = """\
import functools, json
from functools import cached_property
from json import loads

class Every:
    def __getattr__(self, name):
        return Every()

every = Every()

def wrapped(function):
    @functools.wraps(function)
    def outer(data):
        return function(data)
    return outer

@wrapped
def parse(data):
    return []

@functools.lru_cache
def cached(data): ...

class Outer:
    me = None
    class Inner:
        def deep(self): ...
    @staticmethod
    def static(): ...
    @classmethod
    def of_class(cls): ...
    @property
    def read(self): ...
    @cached_property
    def once(self): ...

Outer.me = Outer
def endless(): ...
endless.__wrapped__ = endless
"""


def hostile(name: str) -> Target:
    return load(f"hostile_parsers:{name}", folder=TESTS)


def campaign(target: Target, cache: Path, **more: Any) -> Report:
    patience = more.pop("patience", 5.0)
    plan = Plan(target, "test", "atheris", cache=str(cache), **{"count": 1500, **more})
    run = Campaign(plan, limits=Limits(patience=patience))
    for _ in run.run():
        pass
    return run.report


def first(target: Target, cache: Path, seconds: float) -> Finding | None:
    plan = Plan(target, "first", "atheris", seconds=seconds, cache=str(cache))
    steps = Campaign(plan).run()
    found = next((finding for finding in steps if finding is not None), None)
    steps.close()
    return found


@installed
@pytest.mark.parametrize(
    ("bug", "about"),
    [
        ("dup_names", "same-status HJP-MET-6"),
        ("chunk_edge", "any-split HJP-FRM-14"),
        ("key_error", "declared-exceptions HJP-FRM-12"),
        ("crash", "crash HJP-"),
    ],
)
def test_a_planted_bug_is_found_within_seconds(
    bug: str, about: str, planted: Plant, tmp_path: Path
) -> None:
    found = first(planted(bug), tmp_path, 45.0)
    assert found is not None
    assert f"{found.check} {found.requirement}".startswith(about)
    assert len(found.stream) <= 60


@installed
def test_a_correct_parser_has_no_findings(planted: Plant, tmp_path: Path) -> None:
    report = campaign(planted(), tmp_path, count=300)
    assert (report.findings, report.flaky) == ([], [])
    assert report.tally.streams == 300
    assert report.tally.reached["HJP-FRM-14"] > 50
    assert len(list(tmp_path.iterdir())) > 5


@installed
@pytest.mark.soak
@pytest.mark.timeout(200)
def test_an_input_that_only_a_comparison_tells_is_found(tmp_path: Path) -> None:
    (tmp_path / "guarded_parser.py").write_text(GUARDED)
    target = load("guarded_parser:parse", folder=tmp_path)
    found = first(target, tmp_path / "cache", 150.0)
    assert found is not None
    assert b"Bug!" in found.stream


@installed
@pytest.mark.parametrize(
    ("name", "got"), [("crashes", "signal SIGSEGV"), ("exits", "exit 7")]
)
def test_a_crash_yields_its_input(name: str, got: str, tmp_path: Path) -> None:
    found = first(hostile(name), tmp_path, 20.0)
    assert found is not None
    assert (found.check, found.got) == ("crash", got)
    assert b"\xff\xff" in found.stream[4:]


@installed
def test_a_hang_yields_its_input(tmp_path: Path) -> None:
    plan = Plan(hostile("hangs"), "hang", "atheris", seconds=45, cache=str(tmp_path))
    steps = Campaign(plan, limits=Limits(patience=0.4)).run()
    found = next(finding for finding in steps if finding is not None)
    steps.close()
    assert found.check == Check.HANG


@installed
def test_a_broken_contract_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="no pair of metadata and payload"):
        campaign(hostile("no_pairs"), tmp_path)


@installed
def test_it_ends_by_itself_without_a_cache(
    planted: Plant, capfd: pytest.CaptureFixture[str]
) -> None:
    run = Campaign(Plan(planted(), "alone", "atheris", count=50), jobs=2)
    assert list(filter(None, run.run())) == []
    assert run.report.tally.streams == 50
    assert capfd.readouterr() == ("", "")


class Collected(Alone):
    """A fleet of one that remembers what it was given."""

    def __init__(self) -> None:
        self.streams: dict[str, Case] = {}

    def add(self, tried: Case, why: str) -> None:
        self.streams[why] = tried


@installed
def test_what_reaches_something_new_is_shared_as_octets(
    planted: Plant, tmp_path: Path
) -> None:
    fleet = Collected()
    cache = str(tmp_path)
    plan = Plan(planted(), "new", "atheris", count=400, keep=True, cache=cache)
    for _ in Campaign(plan, fleet=fleet).run():
        pass
    reaching = [why for why in fleet.streams if not why.startswith("HJP-")]
    assert len(reaching) > 5
    assert all(len(bytes.fromhex(why)) == 8 for why in reaching)
    assert len(fleet.streams) > len(reaching)
    assert any(case.stream[:4] == b"HJP\xff" for case in fleet.streams.values())


@installed
def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "planted_parsers.py").write_text(
        (TESTS / "planted_parsers.py").read_text()
    )
    (tmp_path / "mine.py").write_text(
        "import planted_parsers\nTwice = planted_parsers.planted('dup_names')\n"
    )
    arguments = ("run", "mine:Twice", "--engine", "atheris", "--count", "800")
    done = subprocess.run(
        (*COMMAND, *arguments, "--cache", "cache", "--seed", "1", "--json", "-"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    report = json.loads(done.stdout)
    assert done.returncode == 1, done.stderr
    assert report["streams"] == 800
    assert [found["requirement"] for found in report["findings"]] == ["HJP-MET-6"]
    assert "INFO" not in done.stderr
    assert os.listdir(tmp_path / "cache")


def test_what_a_target_is_made_of_is_found(tmp_path: Path) -> None:
    (tmp_path / "odd_parser.py").write_text(ODD)
    target = load("odd_parser:parse", folder=tmp_path)
    names = {function.__qualname__ for function in functions(target)}
    inner = {f"Outer.{name}" for name in ("Inner.deep", "static", "of_class")}
    assert names == {
        *("Every.__getattr__", "wrapped", "parse", "cached"),
        *("Outer.read", "Outer.once", *inner),
    }
    assert target.parse is not None
    again = CallableTarget("partial", parse=functools.partial(target.parse))
    assert {function.__qualname__ for function in functions(again)} == names


def test_a_package_is_instrumented_as_a_whole_and_nothing_else() -> None:
    modules = {
        f.__module__ for f in functions(CallableTarget("json", parse=json.loads))
    }
    assert {"json.decoder", "json.encoder"} <= modules
    assert {module.partition(".")[0] for module in modules} == {"json"}


def test_a_module_alone_among_what_is_installed_is_instrumented_alone() -> None:
    modules = {
        f.__module__ for f in functions(CallableTarget("random", parse=random.seed))
    }
    assert modules == {"random"}


def test_a_parser_without_python_is_refused() -> None:
    target = CallableTarget("marshal:loads", parse=marshal.loads)
    assert missing(target) == (
        "the engine atheris needs a parser written in Python: marshal:loads"
    )


def test_without_atheris_it_is_said_what_to_install(
    planted: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EngineError, match=r"pip install 'hjp\[atheris\]'"):
        check("atheris", planted())
    check("random", planted())
