"""The suite under test: what is broken on purpose is caught, what is odd passes.

The servers in `mutants` were written from the text, without a look at the cases.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

HERE = Path(__file__).parent
BROKEN = HERE / "mutants" / "broken.py"
ODD = HERE / "mutants" / "odd.py"
LISTED: dict[str, dict[str, str]] = tomllib.loads(
    (HERE / "survivors.toml").read_text(encoding="utf-8")
)
UNSEEN, SILENT, TIMES = (LISTED[name] for name in ("unseen", "silent", "times"))
SURVIVORS = UNSEEN | SILENT | TIMES

QUICK = (
    "single-octets",
    "white-space",
    "escapes",
    "extra-members",
    "early-refusals",
    "late-errors",
)
"""Odd servers of the ordinary run; the others differ less, or are slow on purpose."""


class Fault(NamedTuple):
    """A server that breaks one requirement."""

    name: str
    requirement: str
    text: str


def listed(program: Path) -> list[list[str]]:
    """What a program of mutants offers."""
    command = [sys.executable, str(program), "--list"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [line.split("\t") for line in lines.splitlines()]


FAULTS = [Fault(*row) for row in listed(BROKEN)]
ODDITIES = [row[0] for row in listed(ODD)]


def first_of_each_requirement() -> list[str]:
    """The first fault of each requirement that is no survivor."""
    first: dict[str, str] = {}
    for fault in FAULTS:
        if fault.name not in SURVIVORS:
            first.setdefault(fault.requirement, fault.name)
    return list(first.values())


ORDINARY = first_of_each_requirement()[::3]
"""The faults of the ordinary run; the long one has them all."""


def faults() -> list[Any]:
    """All faults that are run, most of them in the long run only."""
    return [
        pytest.param(
            fault,
            id=fault.name,
            marks=() if fault.name in ORDINARY else pytest.mark.soak,
        )
        for fault in FAULTS
        if fault.name not in TIMES
    ]


def run_suite(folder: Path, program: Path, name: str, *options: str) -> dict[str, Any]:
    """The suite's report on a mutant."""
    server = subprocess.list2cmdline([sys.executable, str(program), name])
    report = folder / "report.json"
    command = [sys.executable, "-m", "hjp_conformance", "server"]
    command += ["--cmd", f"{server} {{port}}", "--json", str(report), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500)
    assert report.exists(), done.stdout + done.stderr
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))["runs"][0]
    return found


def verdicts_on(fault: Fault, folder: Path) -> set[str]:
    """How the cases ended that are about what the fault breaks.

    First those that cite it; where none of them minds, every case, of which those
    count that have seen it broken.
    """
    for options in (["-k", fault.requirement], []):
        report = run_suite(folder, BROKEN, fault.name, *options, "--deadline", "2")
        found = {
            case["verdict"]
            for case in report["cases"]
            if fault.requirement in (*case["requirements"], *case.get("broken", ()))
        }
        if found - {"pass", "skip"}:
            return found
    return set()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("fault", faults())
def test_a_broken_server_is_caught_by_a_case_about_what_it_breaks(
    fault: Fault, tmp_path: Path
) -> None:
    found = verdicts_on(fault, tmp_path)
    caught = found & {"fail", "crash", "warn"}
    if fault.name not in SURVIVORS:
        assert caught, f"{fault.requirement}: {fault.text}"
    else:
        assert not caught, "no survivor any more: take it out of survivors.toml"
        assert ("inconclusive" in found) == (fault.name in SILENT)


def test_at_least_thirty_requirements_have_a_fault_in_every_run() -> None:
    assert len(ORDINARY) >= 30


def test_what_is_listed_exists() -> None:
    assert SURVIVORS.keys() <= {fault.name for fault in FAULTS}
    assert set(QUICK) <= set(ODDITIES)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "oddity",
    [
        pytest.param(name, marks=() if name in QUICK else pytest.mark.soak)
        for name in ODDITIES
    ],
)
def test_an_odd_but_correct_server_passes(oddity: str, tmp_path: Path) -> None:
    report = run_suite(tmp_path, ODD, oddity, "--deadline", "60")
    bad = [case["id"] for case in report["cases"] if case["verdict"] == "fail"]
    assert report["verdict"] == "CONFORMANT", bad
    assert not bad
