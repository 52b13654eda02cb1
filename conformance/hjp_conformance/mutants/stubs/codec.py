"""Testees of codecs that are wrong in everything.

Usage: python -m hjp_conformance.mutants.stubs.codec KIND (requests on standard input, a line each)
       python -m hjp_conformance.mutants.stubs.codec --list
"""

import importlib
import json
import os
import random
import sys
import time
from collections.abc import Callable
from typing import Any

LIFE_SECONDS = 300.0  # so that none outlives a suite that forgets it
Reply = dict[str, Any]

DESCRIPTION: Reply = {
    "status": "ok",
    "testee": 1,
    "name": "stub",
    "commands": ["describe", "decode", "encode", "reset"],
    "codes": True,
}

Kind = Callable[[], None]
KINDS: dict[str, Kind] = {}


def kind(play: Kind) -> Kind:
    """Enter a function under its name; its docstring is the description."""
    KINDS[play.__name__.replace("_", "-")] = play
    return play


def say(octets: bytes) -> None:
    sys.stdout.buffer.write(octets + b"\n")
    sys.stdout.buffer.flush()


def answer_all(answer: Callable[[dict[str, Any]], Reply]) -> None:
    """Describe itself rightly and answer all else in one way."""
    for line in sys.stdin.buffer:
        say(json.dumps(reply_to(line, answer)).encode())


def reply_to(line: bytes, answer: Callable[[dict[str, Any]], Reply]) -> Reply:
    try:
        request = json.loads(line)
        simple: dict[str, Reply] = {"describe": DESCRIPTION, "reset": {"status": "ok"}}
        return simple.get(request["cmd"]) or answer(request)
    except (ValueError, TypeError, KeyError):
        return answer({})


def octets_of(request: dict[str, Any]) -> str:
    chunks = request.get("chunks")
    return "".join(map(str, chunks)) if isinstance(chunks, list) else ""


@kind
def accepts_all() -> None:
    """Accepts everything as one frame that is not there."""

    def answer(request: dict[str, Any]) -> Reply:
        consumed = len(octets_of(request)) // 2
        accept = {"status": "accept", "frames": [], "consumed": consumed}
        encoded = {"status": "ok", "hex": "7b7d"}
        return encoded if request.get("cmd") == "encode" else accept

    answer_all(answer)


@kind
def rejects_all() -> None:
    """Refuses everything with bad_magic."""
    refusal = {"status": "reject", "code": "bad_magic", "frames": [], "consumed": 0}
    answer_all(lambda request: refusal)


@kind
def incomplete_all() -> None:
    """Takes everything for incomplete."""
    reply = {"status": "incomplete", "frames": [], "consumed": 0}
    answer_all(lambda request: reply)


@kind
def errors_all() -> None:
    """Makes no sense of anything but describe and reset."""
    answer_all(lambda request: {"status": "error", "message": "no"})


@kind
def describes_only() -> None:
    """Answers describe, and nothing else."""
    for line in sys.stdin.buffer:
        if b"describe" in line:
            say(json.dumps(DESCRIPTION).encode())


@kind
def garbage_lines() -> None:
    """Answers each line with random octets."""
    source = random.Random(9507)
    for _ in sys.stdin.buffer:
        say(source.randbytes(200).replace(b"\n", b""))


@kind
def no_output() -> None:
    """Reads everything and says nothing."""
    for _ in sys.stdin.buffer:
        pass


@kind
def dies_every_third() -> None:
    """Answers rightly, and dies instead of answering its third line."""
    testee = right()
    for count, line in enumerate(sys.stdin.buffer, 1):
        if count == 3:
            os._exit(1)
        testee.write(testee.answer(line))


@kind
def echoes_the_line() -> None:
    """Answers each line with itself."""
    for line in sys.stdin.buffer:
        say(line.rstrip(b"\n"))


@kind
def two_lines_each() -> None:
    """Answers each line rightly, twice."""
    testee = right()
    for line in sys.stdin.buffer:
        reply = testee.answer(line)
        testee.write(reply)
        testee.write(reply)


@kind
def hangs() -> None:
    """Does not read and does not end."""
    time.sleep(LIFE_SECONDS)


@kind
def exits_at_once() -> None:
    """Exits with status 0 before it reads anything."""


@kind
def slow() -> None:
    """Answers rightly, each line after two seconds."""
    testee = right()
    for line in sys.stdin.buffer:
        time.sleep(2)
        testee.write(testee.answer(line))


@kind
def floods() -> None:
    """Writes lines without end, whatever it is asked."""
    start = time.monotonic()
    while time.monotonic() < start + LIFE_SECONDS:
        say(b'{"status":"ok"}\n' * 500)
        time.sleep(0.01)


@kind
def endless_line() -> None:
    """Answers with a line that does not end."""
    start = time.monotonic()
    sys.stdout.write('{"status":"')
    while time.monotonic() < start + LIFE_SECONDS:
        sys.stdout.write("ok" * 1000)
        sys.stdout.flush()
        time.sleep(0.01)


def right() -> Any:
    """A right testee, imported only where it is needed."""
    return importlib.import_module("hjp_conformance.mutants.codec.plain").Testee()


def main() -> None:
    if sys.argv[1:] == ["--list"]:
        for name, play in KINDS.items():
            print(name, play.__doc__, sep="\t")
        return
    (name,) = sys.argv[1:]
    KINDS[name]()


if __name__ == "__main__":
    main()
