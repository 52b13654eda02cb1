"""The command `init`: first files for somebody who wants to fuzz a parser."""

import shlex
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import typer

from hjp_fuzz.cli_common import Exit, complain, statuses

_TEST = '''\
"""Fuzzes the parser of fuzz_target.py, as part of the tests."""

from fuzz_target import parse
from hjp_fuzz import fuzz

# Settings of Hypothesis: how long to look, and whether to show all at once.
test_parse = fuzz(
    parse,
    error=ValueError,
    incomplete=EOFError,
    max_examples=1000,
    report_multiple_bugs=False,
)
'''
_FILES: dict[str, dict[str, str | None]] = {
    "python": {"fuzz_target.py": None, "test_fuzz_target.py": _TEST},
    "c": {"fuzz_testee.c": None},
    "javascript": {"fuzz_testee.mjs": None},
}
"""The files of each language; without a text they are among the skeletons."""
_BUILD = "gcc -std=c11 -Wall -Wextra -O2 -o fuzz_testee fuzz_testee.c"
_NEXT = {
    "python": ("hjp-fuzz run fuzz_target:parse", "pytest test_fuzz_target.py"),
    "c": (f"{_BUILD} && hjp-fuzz run --cmd ./fuzz_testee",),
    "javascript": ("hjp-fuzz run --cmd 'node fuzz_testee.mjs'",),
}


def init(
    lang: Annotated[
        Literal["python", "c", "javascript"],
        typer.Option(help="What the parser is written in."),
    ] = "python",
    folder: Annotated[
        Path, typer.Option("--dir", file_okay=False, help="Where to write.")
    ] = Path(),
    force: Annotated[
        bool, typer.Option("--force", help="Write over files that are there.")
    ] = False,
) -> None:
    """Write a parser that can be fuzzed at once, to put your own into."""
    with statuses():
        texts = {name: text or _text(name) for name, text in _FILES[lang].items()}
        there = [name for name in texts if (folder / name).exists()]
        if there and not force:
            message = f"{folder / there[0]} is there already; --force writes over it"
            complain(message, Exit.USAGE)
        _write(folder, texts)
    first, *_ = texts
    cd = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
    typer.echo(f"wrote {', '.join(texts)}")
    for command in _NEXT[lang]:
        typer.echo(f"run it: {cd}{command}")
    typer.echo(f"then put your own in, where {first} says YOUR PARSER HERE")


def _text(name: str) -> str:
    return (files("hjp_fuzz") / "skeletons" / name).read_text("utf-8")


def _write(folder: Path, texts: dict[str, str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8")
    except OSError as error:
        complain(f"cannot write to {folder}: {error.strerror}", Exit.USAGE)
