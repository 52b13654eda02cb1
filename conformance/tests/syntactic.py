"""Try the suite on small changes of right programs, made by a machine.

    python conformance/tests/syntactic.py c|javascript|python [--sample N] [-n W] [-k TEXT]

What is broken on purpose shows what somebody thought of; these show what nobody thinks
of. A change survives where the suite does not mind it; `syntactic_survivors.toml` says
of each of those why.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import syntactic_braces
import syntactic_python
from syntactic_mutant import Mutant, numbered, spread

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "conformance" / "peers"
SURVIVORS = Path(__file__).with_name("syntactic_survivors.toml")
MEMORY = 2_000_000
"""KiB that a program in C or Python may take: some changes take all there is."""
CONFORMANT, KILLED = 0, (1, 3, 5)

Command = list[str]


@dataclass(frozen=True, slots=True)
class Language:
    """Programs of one language, and how the suite is run on them.

    Attributes:
        program: the right one.
        mode: server or codec.
        mutants: of its text, under its name.
        build: the command of a program that has been written to a folder, None where it
            cannot be compiled.
        runs: the options of the suite, first those that find most in the least time.
    """

    program: Path
    mode: str
    mutants: Callable[[str, str], Iterator[Mutant]]
    build: Callable[[Path], Command | None]
    runs: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Trial:
    """How the suite ended on a mutant.

    Attributes:
        mutant: which.
        end: what killed it: an exit status, `no program` or `hangs`; None if nothing.
    """

    mutant: Mutant
    end: str | None


def _in_c(folder: Path) -> Command | None:
    compiler = shutil.which("gcc") or shutil.which("cc") or "cc"
    program, peers = str(folder / "testee"), str(PEERS / "c")
    sources = [str(PEERS / "c" / "codec_testee.c"), str(folder / "hjp.c")]
    flags = ["-std=c11", "-w", "-O1", "-I", peers, "-o", program]
    done = subprocess.run([compiler, *flags, *sources], capture_output=True)
    return _bounded(program) if done.returncode == 0 else None


def _in_javascript(folder: Path) -> Command:
    node = shutil.which("node") or "node"
    shutil.copy(PEERS / "javascript" / "codec_testee.mjs", folder)
    return [node, "--max-old-space-size=256", str(folder / "codec_testee.mjs")]


def _in_python(folder: Path) -> Command:
    return [*_bounded(sys.executable, str(folder / "core_server.py")), "{port}"]


def _bounded(*command: str) -> Command:
    return ["sh", "-c", f'ulimit -v {MEMORY} && exec "$@"', "sh", *command]


def _of_braces(language: str) -> Callable[[str, str], Iterator[Mutant]]:
    return lambda name, text: numbered(
        name, text, syntactic_braces.changes(text, language)
    )


def _of_python(name: str, text: str) -> Iterator[Mutant]:
    normal = syntactic_python.normal(text)
    return numbered(name, normal, syntactic_python.changes(text))


_CODEC = tuple(
    ("--tier", tier, "--deadline", "2") for tier in ("smoke", "core", "full")
)
LANGUAGES = {
    "c": Language(PEERS / "c" / "hjp.c", "codec", _of_braces("c"), _in_c, _CODEC),
    "javascript": Language(
        PEERS / "javascript" / "codec.mjs",
        "codec",
        _of_braces("javascript"),
        _in_javascript,
        _CODEC,
    ),
    "python": Language(
        ROOT / "reference" / "examples" / "core_server.py",
        "server",
        _of_python,
        _in_python,
        (("--deadline", "1", "--strict"),),
    ),
}


@cache
def mutants(language: str) -> list[Mutant]:
    """All of a language, in the order of the text."""
    program = LANGUAGES[language].program
    text = program.read_text("utf-8")
    return list(LANGUAGES[language].mutants(program.name, text))


@cache
def survivors() -> dict[str, str]:
    """Reasons by id, of what the suite does not mind."""
    listed = tomllib.loads(SURVIVORS.read_text("utf-8"))
    return {id_: why for kind in listed.values() for id_, why in kind.items()}


def tried(language: str, mutant: Mutant, patience: float = 300) -> Trial:
    """Run the suite on a mutant, up to the first failure.

    Args:
        language: its language.
        mutant: which.
        patience: seconds for a run of the suite; what takes longer hangs.
    """
    about = LANGUAGES[language]
    with tempfile.TemporaryDirectory(prefix="hjp-") as name:
        folder = Path(name)
        (folder / about.program.name).write_text(mutant.source, "utf-8")
        command = about.build(folder)
        if command is None:
            return Trial(mutant, "no program")
        for options in about.runs:
            words = ["--cmd", shlex.join(command).replace("'{port}'", "{port}")]
            end = _run([about.mode, *words, "-x", *options], patience)
            if end is not None:
                return Trial(mutant, end)
    return Trial(mutant, None)


def _run(options: Sequence[str], patience: float) -> str | None:
    suite = subprocess.Popen(
        [sys.executable, "-m", "hjp_conformance", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        told = suite.communicate(timeout=patience)[0]
    except subprocess.TimeoutExpired:
        suite.terminate()  # so that it ends what it has started
        suite.communicate()
        return "hangs"
    if suite.returncode in KILLED:
        return f"exit status {suite.returncode}"
    if suite.returncode != CONFORMANT:
        raise RuntimeError(f"the suite ended with {suite.returncode}: {told}")
    return None


def wrong(trial: Trial) -> str | None:
    """What is wrong with the suite or the list, as this trial shows it."""
    listed = survivors().get(trial.mutant.id)
    if trial.end is None:
        return None if listed else "survives, and is not listed"
    return f"killed ({trial.end}), and still listed" if listed else None


def told(trial: Trial) -> str:
    """A trial in a line or more."""
    fault, id_ = wrong(trial), trial.mutant.id
    if fault is not None:
        return f"WRONG    {id_}: {fault}\n{trial.mutant.shown}"
    if trial.end is None:
        return f"survived {id_}: {survivors()[id_]}"
    return f"killed   {id_}: {trial.end}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Try the suite on small changes.")
    parser.add_argument("language", choices=LANGUAGES)
    parser.add_argument("--sample", type=int, metavar="N", help="only so many, spread")
    parser.add_argument(
        "-n", type=int, default=1, metavar="W", help="so many at a time"
    )
    parser.add_argument(
        "-k", default="", metavar="TEXT", help="only with this in the id"
    )
    return parser.parse_args()


def main() -> int:
    """The command; its exit status is 1 where a survivor is not listed."""
    options = _options()
    found = [one for one in mutants(options.language) if options.k in one.id]
    found = spread(found, options.sample or len(found))
    faults = killed = 0
    with ThreadPoolExecutor(options.n) as pool:
        for trial in pool.map(lambda one: tried(options.language, one), found):
            print(told(trial), flush=True)
            faults += wrong(trial) is not None
            killed += trial.end is not None
    rate = 100 * killed / max(1, len(found))
    listed = len(found) - killed
    print(
        f"{options.language}: {len(found)} mutants, {killed} killed ({rate:.1f} %)",
        end="",
    )
    print(f", {listed} survived, {faults} wrong")
    return int(faults > 0)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    sys.exit(main())
