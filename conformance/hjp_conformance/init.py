"""Skeletons: first files for somebody who wants to run the suite."""

import shlex
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

DECLARATION = "sut.toml"

_LANGUAGES = {
    "python": (".py", "python3 {stem}.py", None),
    "c": (".c", "./{stem}", "gcc -std=c11 -Wall -Wextra -O2 -o {stem} {stem}.c"),
    "javascript": (".mjs", "node {stem}.mjs", None),
}
"""The end of a file's name, how it is run, and how it is built before."""

_SHARED = {"c": ("skeleton.h",)}
_STEMS = {"server": "server", "client": "client_testee", "codec": "codec_testee"}
_MARKS = {
    "server": "YOUR FRAMES HERE and YOUR OPERATIONS HERE",
    "client": "YOUR CLIENT HERE",
    "codec": "YOUR CODEC HERE",
}
_ARGUMENTS = {"server": " {port}", "client": "", "codec": ""}

_HEAD = """\
# What is to be tested. All of it: hjp-conformance run sut.toml

# strict = true                   # a broken SHOULD fails, too

[known-failures]
# Ids of cases, or patterns of ids, and why they may fail for now.
# "server-frm-*" = "frames are being written anew"
"""

_TABLES = {
    "server": """
[server]
# How to start it; {port} becomes a free port.
cmd = "{cmd}"
# url = "hjp://127.0.0.1:9507"    # instead of cmd: a server that runs
# limit = "{name}={value}"        # how cmd is told a limit, as by idle_ms=500
# deadline = 5.0                  # seconds to wait for an answer
""",
    "client": """
[client]
# How to start it; further arguments tell what to do.
cmd = "{cmd}"
# deadline = 5.0                  # seconds to wait for it
""",
    "codec": """
[codec]
# How to start it; it reads a line and answers it by a line.
cmd = "{cmd}"
# callable = "module:callable"    # instead of cmd: a codec in Python
# deadline = 5.0                  # seconds to wait for an answer
""",
}


class InitError(Exception):
    """Nothing was written; it says why."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A first server, or a first testee of a client or a codec.

    Attributes:
        mode: server, client or codec.
        language: python, c or javascript.
    """

    mode: str
    language: str

    @property
    def file(self) -> str:
        """The name of the file to work on."""
        return self._stem + _LANGUAGES[self.language][0]

    @property
    def shared(self) -> tuple[str, ...]:
        """The names of files that it needs, which all of this language share."""
        return _SHARED.get(self.language, ())

    @property
    def command(self) -> str:
        """How to run it, in its folder."""
        command = _LANGUAGES[self.language][1].format(stem=self._stem)
        return command + _ARGUMENTS[self.mode]

    @property
    def build(self) -> str | None:
        """How to build it, in its folder; None if there is nothing to build."""
        build = _LANGUAGES[self.language][2]
        return build and build.format(stem=self._stem)

    @property
    def _stem(self) -> str:
        return _STEMS[self.mode]

    def text(self, name: str) -> str:
        """The contents of one of its files."""
        folder = files("hjp_conformance") / "skeletons" / self.language
        return (folder / name).read_text(encoding="utf-8")


def write(skeleton: Skeleton, folder: Path, force: bool = False) -> list[str]:
    """Write the files of a skeleton, and declare it in `sut.toml`.

    Args:
        skeleton: which.
        folder: where; it is made if it is missing.
        force: whether to write over files that are there; `sut.toml` is never
            written over, it only grows.

    Returns:
        The names of the files that were written or have grown.

    Raises:
        InitError: a file is there, or `sut.toml` cannot be understood.
    """
    texts = {name: skeleton.text(name) for name in (skeleton.file, *skeleton.shared)}
    if not force:
        _check_free(skeleton, folder, texts)
    grown = _declaration(skeleton, folder / DECLARATION)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in (texts | grown).items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InitError(f"cannot write to {folder}: {error.strerror}") from None
    return [*texts, *grown]


def _check_free(skeleton: Skeleton, folder: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        path = folder / name
        # What skeletons share may be there from another one.
        is_ours = name != skeleton.file and path.is_file()
        if path.exists() and not (is_ours and path.read_bytes() == text.encode()):
            raise InitError(f"{path} is there already; --force writes over it")


def _declaration(skeleton: Skeleton, path: Path) -> dict[str, str]:
    """The new contents of the declaration, by its name, if it has to grow."""
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else _HEAD
        declared = tomllib.loads(before)
    except (OSError, ValueError) as error:
        raise InitError(f"{path} is no TOML: {error}") from None
    if skeleton.mode in declared:
        return {}
    end = "" if before.endswith("\n") else "\n"
    table = _TABLES[skeleton.mode].replace("{cmd}", skeleton.command)
    return {DECLARATION: before + end + table}


def advice(skeleton: Skeleton, folder: Path, written: list[str]) -> list[str]:
    """What to do next, a line a step."""
    told = [f"wrote {', '.join(str(folder / one) for one in written)}"]
    run = f"run {DECLARATION}"
    if not _is_declared(skeleton, folder / DECLARATION):
        told.append(
            f"{DECLARATION} has a table [{skeleton.mode}] of another one, and keeps it; "
            f'for this one put there: cmd = "{skeleton.command}"'
        )
        run = f"{skeleton.mode} --cmd {shlex.quote(skeleton.command)}"
    mark = _MARKS[skeleton.mode]
    there = (
        "" if folder.resolve() == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    )
    build = f"{skeleton.build} && " if skeleton.build else ""
    return [
        *told,
        f"try it: {there}{build}hjp-conformance {run} --tier smoke -x",
        f"it stops at a failure, since the skeleton is naive: put your own in, where "
        f"{skeleton.file} says {mark}; without --tier smoke -x all cases are run",
    ]


def _is_declared(skeleton: Skeleton, path: Path) -> bool:
    """Whether the file names just this skeleton."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))[skeleton.mode]
    return bool(table.get("cmd") == skeleton.command)
