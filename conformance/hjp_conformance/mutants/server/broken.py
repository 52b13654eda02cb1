"""Core servers that are broken on purpose, each in one requirement.

Usage: python -m hjp_conformance.mutants.server.broken FAULT PORT (0 for any)
       python -m hjp_conformance.mutants.server.broken --list
"""

import asyncio
import importlib
import sys

from hjp_conformance.mutants.server.faults import FAULTS, Fault
from hjp_conformance.mutants.server.unobservable import UNOBSERVABLE

CHAPTERS = (
    "header",
    "frame",
    "json",
    "names",
    "values",
    "ids",
    "requests",
    "replies",
    "errors",
    "order",
    "limits",
    "life",
    "hello",
    "echo",
    "object_names",
    "objects",
    "put",
    "commit",
    "get",
    "list",
    "resume",
)
for chapter in CHAPTERS:
    importlib.import_module(f"hjp_conformance.mutants.server.faults_{chapter}")

__all__ = ["FAULTS", "UNOBSERVABLE", "Fault"]


def main() -> None:
    if sys.argv[1:] == ["--list"]:
        for name, fault in FAULTS.items():
            print(name, fault.requirement, fault.text, sep="\t")
        return
    name, port = sys.argv[1:]
    asyncio.run(FAULTS[name].server().run(int(port)))


if __name__ == "__main__":
    main()
