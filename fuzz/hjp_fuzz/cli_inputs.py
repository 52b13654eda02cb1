"""Octets and parsers as the commands are given them."""

from dataclasses import dataclass
from pathlib import Path

import typer

from hjp_fuzz.cases import Cuts
from hjp_fuzz.findings import Finding, NoFinding, read
from hjp_fuzz.targets import Target, load
from hjp_spec.captures import read_octets


@dataclass(frozen=True, slots=True)
class Given:
    """Octets that a user gave.

    Attributes:
        name: what they are called.
        stream: the octets.
        cuts: how they are divided; None if nothing was said of it.
        found: the finding that they are of, if they are of one.
    """

    name: str
    stream: bytes
    cuts: Cuts | None = None
    found: Finding | None = None


def given_hex(octets: str, cuts: str) -> Given:
    """Read what `--hex` and `--cuts` say."""
    try:
        stream = read_octets(octets)
        places = tuple(sorted({int(cut) for cut in cuts.split(",") if cut}))
    except ValueError as reason:
        raise typer.BadParameter(str(reason)) from None
    if any(not 0 < cut < len(stream) for cut in places):
        raise typer.BadParameter("cuts lie inside the octets")
    return Given("octets", stream, places if cuts else None)


def given_file(name: str, findings: Path, *, raw: bool = False) -> Given:
    """Read a finding, by its id or file, or a file of octets: raw, hex, or a dump.

    Raises:
        NoFinding: there is neither.
    """
    file = Path(name)
    if not raw and (file.suffix == ".json" or not file.is_file()):
        found = read(name, findings)
        return Given(found.id, found.stream, found.cuts, found)
    try:
        octets = file.read_bytes()
    except OSError as error:
        raise NoFinding(f"cannot read {file}: {error.strerror}") from None
    return Given(file.name, octets if raw else read_octets(octets))


def parser_of(name: str | None, error: str, incomplete: str, given: Given) -> Target:
    """Open the parser that was named, else the one of the finding."""
    found = given.found
    if found is None:
        if name is None:
            raise typer.BadParameter("which parser? name it as MODULE:CALLABLE")
        return load(name, error, incomplete)
    return load(
        name or found.target, error or found.error, incomplete or found.incomplete
    )
