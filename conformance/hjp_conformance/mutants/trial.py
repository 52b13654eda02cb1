"""The suite tried: does it catch what is broken on purpose, does it pass what is odd?"""

import json
import shlex
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from hjp_conformance.reports.shape import CaseReport, RunReport
from hjp_conformance.verdicts import CAUGHT, Verdict

_PACKAGE = "hjp_conformance.mutants"
_DEADLINES = {"broken": "2", "odd": "60"}
"""Seconds: the broken ones may not answer, the odd ones may be slow."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """An endpoint that was written to try the suite.

    Attributes:
        mode: server, client or codec.
        kind: broken or odd.
        name: unique in its mode and kind.
        requirement: the one that it breaks; empty for an odd one.
        text: what it does.
    """

    mode: str
    kind: str
    name: str
    requirement: str
    text: str

    @property
    def command(self) -> str:
        """What starts it, for `--cmd`."""
        module = f"{_PACKAGE}.{self.mode}.{self.kind}"
        words = shlex.join([sys.executable, "-m", module, self.name])
        return f"{words} {{port}}" if self.mode == "server" else words


@dataclass(frozen=True, slots=True)
class Trial:
    """How the suite ended on a mutant.

    Attributes:
        mutant: which.
        report: of the run that says most.
    """

    mutant: Mutant
    report: RunReport

    @property
    def about(self) -> list[CaseReport]:
        """The cases that cite what it breaks, or have seen that broken."""
        requirement = self.mutant.requirement
        return [
            case
            for case in self.report["cases"]
            if requirement in (*case["requirements"], *case.get("broken", ()))
        ]

    @property
    def kills(self) -> list[str]:
        """The cases that caught it for what it breaks."""
        return [case["id"] for case in self.about if case["verdict"] in CAUGHT]

    @property
    def is_silent(self) -> bool:
        """Whether those cases only waited in vain."""
        verdicts = {case["verdict"] for case in self.about}
        return not self.kills and Verdict.INCONCLUSIVE in verdicts

    @property
    def complaints(self) -> list[str]:
        """The cases that did not pass, for an odd one."""
        fine = (Verdict.PASS, Verdict.SKIP)
        return [one["id"] for one in self.report["cases"] if one["verdict"] not in fine]


@cache
def mutants(mode: str, kind: str) -> tuple[Mutant, ...]:
    """Those of a mode, broken or odd, as their program lists them."""
    command = [sys.executable, "-m", f"{_PACKAGE}.{mode}.{kind}", "--list"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = []
    for line in done.stdout.splitlines():
        name, *requirement, text = line.split("\t")
        found.append(Mutant(mode, kind, name, "".join(requirement), text))
    return tuple(found)


@cache
def survivors() -> dict[str, dict[str, str]]:
    """Reasons by mode and name, of what no case fails for.

    The kinds of reasons are kept apart in the file: `[server.unseen]` and so on.
    """
    text = (files(_PACKAGE) / "survivors.toml").read_text("utf-8")
    listed = tomllib.loads(text)
    return {
        mode: {name: why for kind in kinds.values() for name, why in kind.items()}
        for mode, kinds in listed.items()
    }


@cache
def listed_as(kind: str, mode: str) -> frozenset[str]:
    """The names of one kind: unseen, silent or times."""
    text = (files(_PACKAGE) / "survivors.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text).get(mode, {}).get(kind, {}))


def tried(mutant: Mutant) -> Trial:
    """Run the suite on a mutant.

    First the cases that cite what it breaks, up to the first failure; where none of
    them minds, every case.
    """
    if mutant.kind == "broken":
        trial = Trial(mutant, _run(mutant, "-k", mutant.requirement, "-x"))
        if trial.kills or trial.is_silent:
            return trial
    if mutant.kind == "odd" and mutant.mode == "client":
        # A process for each case: all cases on all of them take half an hour.
        return Trial(mutant, _run(mutant, "--tier", "smoke"))
    return Trial(mutant, _run(mutant))


def _run(mutant: Mutant, *options: str) -> RunReport:
    with tempfile.TemporaryDirectory(prefix="hjp-") as folder:
        path = Path(folder) / "report.json"
        command: Sequence[str] = (
            *(sys.executable, "-m", "hjp_conformance", mutant.mode),
            *("--cmd", mutant.command, "--json", str(path)),
            *("--deadline", _DEADLINES[mutant.kind], *options),
        )
        done = subprocess.run(command, capture_output=True, text=True)
        if not path.exists():
            raise RuntimeError(f"{mutant.name}: {done.stdout}{done.stderr}")
        report: RunReport = json.loads(path.read_text("utf-8"))["runs"][0]
    return report
