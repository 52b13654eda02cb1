"""Faults of the scanner that the servers broken on purpose have as well."""

import importlib

from hjp_conformance.mutants.codec import shared
from hjp_conformance.mutants.codec.shared import Scanner
from hjp_conformance.mutants.codec.table import enter

SERVER = "hjp_conformance.mutants.server"
CHAPTERS = ("faults_json", "faults_names", "faults_values")

# What only shows in what a server makes of a name cannot be seen through a codec.
INVISIBLE = {
    "escaped-names-unknown",
    "names-any-case",
    "names-trimmed",
    "names-end-at-nul",
}

__all__ = ["reuse", "shared"]


def reuse() -> None:
    for chapter in CHAPTERS:
        importlib.import_module(f"{SERVER}.{chapter}")
    server_faults = importlib.import_module(f"{SERVER}.faults").FAULTS
    for name, fault in server_faults.items():
        if issubclass(fault.how, Scanner) and name not in INVISIBLE:
            enter(name, fault.requirement, fault.text, fault.how)


reuse()
