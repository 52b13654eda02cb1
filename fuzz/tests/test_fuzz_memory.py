"""Memory: of processes as Linux tells it, and of this one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from hjp_fuzz.cases import Case
from hjp_fuzz.engines import Plan
from hjp_fuzz.runner import Campaign
from hjp_fuzz.targets import CallableTarget, Limits, Lost
from hjp_fuzz.targets.memory import MIB, MemoryWatch, peak
from hjp_fuzz.workers import Judge, Scales, heavy
from hjp_spec.oracle import decode, encode

GOOD = encode(b'{"id":1}', b"hi!")
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")

GROWS = """\
import sys
sys.stdin.readline()
{}
print("done", flush=True)
sys.stdin.readline()
"""


@contextmanager
def growing(how: str, *around: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program that takes memory when it gets a line."""
    words = [*around, sys.executable, "-c", GROWS.format(how)]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True) as process:
        yield process
        process.kill()


def grow(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "done\n"


def wait_until_loaded(process: subprocess.Popen[str]) -> None:
    """Wait for the program to be the one that was asked for, and to be idle."""
    while "S (sleeping)" not in Path(f"/proc/{process.pid}/status").read_text():
        os.sched_yield()


@linux
@pytest.mark.parametrize(
    ("how", "what"),
    [
        ("import mmap; mmap.mmap(-1, 300 << 20)", "address space grew by"),
        ("b'x' * (300 << 20)", "resident memory grew by"),
        ("pass", None),
    ],
)
def test_what_was_taken_is_seen_though_it_was_given_back(
    how: str, what: str | None
) -> None:
    watch = MemoryWatch(100 * MIB)
    with growing(how) as process:
        wait_until_loaded(process)
        watch.begin(process.pid)
        watch(process.pid)
        grow(process)
        if what is None:
            watch(process.pid)
            return
        with pytest.raises(Lost) as lost:
            watch(process.pid)
    assert (lost.value.check, lost.value.got) == ("memory", "more than 100 MiB")
    assert lost.value.message.startswith(what)


@linux
def test_children_count() -> None:
    with growing("pass", "sh", "-c", '"$@"; true', "sh") as shell:
        grow(shell)
        alone = peak(os.getpid())
        both = peak(shell.pid)
    assert both.resident > 5 * MIB  # more than a shell alone has
    assert alone.space > alone.resident > 0


@linux
def test_a_process_that_has_ended_has_nothing() -> None:
    with growing("pass") as process:
        process.kill()
        process.wait()
        watch = MemoryWatch(MIB)
        watch.begin(process.pid)
        watch(process.pid)
        assert peak(process.pid).space == 0


def swallows(data: bytes) -> list[Any]:
    try:
        return [bytearray(1 << 40)]
    except MemoryError:
        raise ValueError("too large") from None


def grows(data: bytes) -> list[Any]:
    assert b"x" * (200 << 20)
    return [(frame.metadata, frame.payload) for frame in decode(data).frames]


def test_growth_is_told_once_where_the_address_space_has_no_limit() -> None:
    scales = Scales(100 * MIB)
    assert not scales.tipped()
    with closing(Judge(CallableTarget("grows", parse=grows), Limits())) as judge:
        assert judge(Case((), GOOD)) is None
    grows(GOOD)
    assert scales.tipped()
    assert not scales.tipped()
    failure = heavy(CallableTarget("heavy", parse=list), Case((), GOOD), 100 * MIB)
    assert (failure.check, failure.got) == ("memory", "more than 100 MiB")


@linux
def test_the_limit_is_a_parameter() -> None:
    limits = Limits(memory=150 * MIB)
    target = CallableTarget("grows", parse=grows)
    with closing(Judge(target, limits)) as judge:
        failure = judge(Case((), GOOD))
    assert failure is not None
    assert (failure.check, failure.got) == ("memory", "MemoryError")
    assert failure.message.startswith("at test_fuzz_memory.py:")
    run = Campaign(Plan(target, "grows", count=5), limits=limits)
    checks = [found.check for found in run.run() if found]
    assert "memory" in checks


@linux
def test_who_has_a_memory_error_and_refuses_is_let_alone() -> None:
    target = CallableTarget("swallows", parse=swallows)
    with closing(Judge(target, Limits())) as judge:
        assert judge(Case((), b"GET / HTTP/1.1\r\n\r\n")) is None
