"""What a run says: on a terminal while it goes on, and at its end."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hjp_fuzz.findings import Finding, as_json, lines, plain
from hjp_fuzz.runner import Report
from hjp_spec.dissect import Dissection, dissect, render
from hjp_spec.requirements import REQUIREMENTS, Requirement

_LAST_OF_METADATA = 14
_SHOWN_OCTETS = 256
_OCTETS_A_LINE = 16


def of_a_codec() -> list[Requirement]:
    """Return the requirements that a parser can be seen to break.

    These are the receiver's of the chapters Frame and Metadata, as far as the text
    counts them to a codec, and the order of the checks.
    """
    return [
        requirement
        for requirement in REQUIREMENTS.values()
        if requirement.actor == "receiver" and _concerns_a_codec(requirement)
    ]


def _concerns_a_codec(requirement: Requirement) -> bool:
    if requirement.area == "MET":
        return int(requirement.id.rpartition("-")[2]) <= _LAST_OF_METADATA
    return requirement.area == "FRM" or requirement.id == "HJP-ERR-15"


def rules_of(report: Report) -> Mapping[str, str]:
    """Return what a run was about: sentences by their identifiers."""
    return report.rules or _of_hjp()


@cache
def _of_hjp() -> dict[str, str]:
    return {requirement.id: requirement.sentence for requirement in of_a_codec()}


def progress(report: Report) -> str:
    """Return the line that is shown while a run goes on."""
    wanted = rules_of(report)
    reached = sum(rule in report.tally.reached for rule in wanted)
    found = len(report.findings)
    return (
        f"{report.seconds:5.1f} s   {report.tally.streams:,} streams   "
        f"{report.rate:,.0f}/s   requirements {reached}/{len(wanted)}   "
        f"{found} finding{'' if found == 1 else 's'}"
    )


def show_finding(console: Console, found: Finding, replay: str = "") -> None:
    """Print a finding, its octets field by field."""
    first, *others = lines(found)
    console.print(Text(first, style="bold red"))
    console.print(Text("\n".join(others)))
    show_octets(console, found.stream, "all in the file", bool(found.rule))
    if replay:
        console.print(Text(f"  replay    {replay}"))
    console.print()


def show_octets(
    console: Console, stream: bytes, rest: str, foreign: bool = False
) -> None:
    """Print octets; of many only the first, and where the rest is.

    Args:
        console: where to.
        stream: the octets.
        rest: where the rest is.
        foreign: whether they are of another format, of which the fields are unknown.
    """
    shown = picture(stream, rest, color=console.is_terminal, foreign=foreign)
    console.print(Text.from_ansi(shown))


def card(found: Finding) -> str:
    """Return all that there is to say of a finding, as plain text."""
    return "\n".join((*lines(found), picture(found.stream, foreign=bool(found.rule))))


def picture(
    stream: bytes,
    rest: str = "all in the file",
    *,
    color: bool = False,
    foreign: bool = False,
) -> str:
    """Return octets field by field; of many only the first, and where the rest is.

    Octets of another format are shown in lines of as many octets.
    """
    if len(stream) > _SHOWN_OCTETS:
        return f"  octets    {stream[:32].hex()}… ({rest})"
    if foreign:
        return _indented("\n".join(_dumped(stream)))
    return _indented(render(_dissected(stream), color=color))


def _dumped(stream: bytes) -> Iterator[str]:
    for at in range(0, len(stream), _OCTETS_A_LINE):
        octets = stream[at : at + _OCTETS_A_LINE]
        shown = "".join(chr(octet) if 32 <= octet < 127 else "." for octet in octets)
        yield f"{at:6}  {octets.hex(' ').upper():{3 * _OCTETS_A_LINE}} {shown}"


def _dissected(stream: bytes) -> Dissection:
    """Take a stream apart as a codec sees it: what messages say is not its affair."""
    whole = dissect(stream)
    concern = {requirement.id for requirement in of_a_codec()}
    faults = tuple(fault for fault in whole.faults if fault.requirement in concern)
    return replace(whole, faults=faults)


def _indented(picture: str) -> str:
    return "\n".join(f"    {line}" for line in picture.rstrip().splitlines())


def show_summary(console: Console, report: Report) -> None:
    """Print what was tried, what was exercised how often, and what never."""
    tally = report.tally
    outcomes = ", ".join(
        f"{share / max(1, tally.streams):.1%} {name}"
        for name, share in sorted(tally.outcomes.items())
    )
    console.print(reached_table(report))
    console.print(progress(report).strip())
    law = "dialect" if report.rules else "specification"
    console.print(f"by the {law}: {outcomes or 'nothing tried'}")
    if missing := ", ".join(never_reached(report)):
        console.print(f"never exercised: {missing}")
    if report.replayed:
        console.print(f"replayed from the fleet: {report.replayed:,} streams")
    if report.flaky:
        kinds = ", ".join(sorted({failure.check.value for failure in report.flaky}))
        console.print(f"did not happen again, so no findings: {kinds}")


def never_reached(report: Report) -> Iterator[str]:
    """Yield the requirements on a parser that no stream exercised."""
    for rule in rules_of(report):
        if rule not in report.tally.reached:
            yield rule


def reached_table(report: Report) -> Table:
    """Return how often each requirement was exercised, and what it says."""
    table = Table(box=None, pad_edge=False, expand=True)
    table.add_column("requirement", no_wrap=True)
    table.add_column("exercised", justify="right", no_wrap=True)
    table.add_column("says", no_wrap=True, overflow="ellipsis", ratio=1)
    for rule, sentence in rules_of(report).items():
        table.add_row(rule, f"{report.tally.reached[rule]:,}", Text(plain(sentence)))
    return table


def summary(report: Report, seed: str) -> dict[str, Any]:
    """Return what a run came to, for `--json`."""
    tally = report.tally
    return {
        "streams": tally.streams,
        "octets": tally.octets,
        "failed": tally.failed,
        "replayed": report.replayed,
        "seconds": round(report.seconds, 3),
        "rate": round(report.rate),
        "seed": seed,
        "outcomes": dict(sorted(tally.outcomes.items())),
        "requirements": {rule: tally.reached[rule] for rule in rules_of(report)},
        "never_exercised": list(never_reached(report)),
        "flaky": [failure.check.value for failure in report.flaky],
        "findings": [as_json(found) for found in report.findings],
    }
