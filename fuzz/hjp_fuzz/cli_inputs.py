"""Octets and parsers as the commands are given them."""

from dataclasses import dataclass
from pathlib import Path

import typer

from hjp_fuzz.cases import Case, Cuts
from hjp_fuzz.cli_targets import NO_TARGET, contract_of, limits_of
from hjp_fuzz.findings import Finding, NoFinding, read
from hjp_fuzz.targets import LIMITS, Contract, Limits, Target, opened
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

    @property
    def case(self) -> Case:
        """The octets in the one division that was given."""
        return Case((), self.stream, (self.cuts or (),))


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


Said = tuple[str | None, str | None, int | None, int | None, str | None]
"""What the options say of a contract: two exceptions, two exit statuses, a dialect."""


def target_of(
    given: Given,
    name: str | None,
    said: Said,
    patience: float | None,
    memory: float | None,
) -> tuple[Target, Limits]:
    """Open the target that was named, else the one of the finding.

    Raises:
        NotFound: there is nothing of that name.
        TargetError: it cannot be used.
    """
    found = given.found
    if name is None and found is None:
        raise typer.BadParameter(NO_TARGET)
    again = found is not None and name in (None, found.target)
    known = found.contract if found else Contract()
    # Another target is another contract, but the octets are of the same format.
    contract = contract_of(*said, known if again else Contract(dialect=known.dialect))
    limits = limits_of(patience, memory, found.limits if found else LIMITS)
    return opened(name or (found.target if found else ""), contract, limits), limits
