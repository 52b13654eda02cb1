"""Core clients that are broken on purpose, each in one requirement.

Usage: HJP_URL=hjp://HOST:PORT python -m hjp_conformance.mutants.client.broken FAULT ACTION [+ ACTION]...
       python -m hjp_conformance.mutants.client.broken --list
"""

import importlib
import sys
from pathlib import Path

from hjp_conformance.mutants.client import faults_reused
from hjp_conformance.mutants.client.catalogue import FAULTS, Fault
from hjp_conformance.mutants.client.testee import run

HERE = Path(__file__).parent
CHAPTERS = (
    "actions",
    "written",
    "sent",
    "numbered",
    "limits_sent",
    "ended",
    "taken_header",
    "taken_frame",
    "taken_payload",
    "taken_json",
    "checks",
    "whose",
    "failed",
    "choices",
)


def load_all() -> None:
    for chapter in CHAPTERS:
        importlib.import_module(f"hjp_conformance.mutants.client.faults_{chapter}")
    faults_reused.load_all()


def find(name: str) -> Fault:
    """The fault of a name; no chapter but its own is loaded, to start quickly."""
    if name in faults_reused.NAMES:
        faults_reused.load(name)
    class_name = "".join(part.capitalize() for part in name.split("-"))
    for chapter in CHAPTERS:
        path = HERE / f"faults_{chapter}.py"
        if f"class {class_name}(" in path.read_text(encoding="utf-8"):
            importlib.import_module(f"hjp_conformance.mutants.client.faults_{chapter}")
    return FAULTS[name]


def main() -> None:
    if sys.argv[1:] == ["--list"]:
        load_all()
        for name, fault in FAULTS.items():
            print(name, fault.requirement, fault.text, sep="\t")
        return
    run(find(sys.argv[1]).client(), sys.argv[2:])


if __name__ == "__main__":
    main()
