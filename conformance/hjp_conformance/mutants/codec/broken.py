"""Codecs that are broken on purpose, each in one requirement.

Usage: python -m hjp_conformance.mutants.codec.broken FAULT (requests on standard input, a line each)
       python -m hjp_conformance.mutants.codec.broken --list
"""

import importlib
import sys

from hjp_conformance.mutants.codec.table import FAULTS, Fault, testee_with

MODULES = (
    "magic",
    "reserved",
    "json_length",
    "payload_length",
    "division",
    "stream",
    "payload",
    "moment",
    "utf8",
    "grammar",
    "tokens",
    "space",
    "members",
    "points",
    "numbers",
    "depth",
    "precedence",
    "encoder",
    "sender",
    "lines",
    "asked",
    "unknown",
    "state",
    "feeding",
    "reused",
)


def find(name: str) -> Fault:
    """Import no more than is needed, so that most codecs start fast."""
    for module in MODULES:
        importlib.import_module(f"hjp_conformance.mutants.codec.faults_{module}")
        if name in FAULTS:
            return FAULTS[name]
    raise SystemExit(f"no fault is called {name}")


def everything() -> dict[str, Fault]:
    for module in MODULES:
        importlib.import_module(f"hjp_conformance.mutants.codec.faults_{module}")
    return FAULTS


def main() -> None:
    if sys.argv[1:] == ["--list"]:
        for name, fault in everything().items():
            print(name, fault.requirement, fault.text, sep="\t")
        return
    (name,) = sys.argv[1:]
    sys.exit(testee_with(find(name).how)().run())


if __name__ == "__main__":
    main()
