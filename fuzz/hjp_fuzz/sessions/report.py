"""What is said of a session: the steps and what came back."""

from collections.abc import Iterable, Iterator, Sequence

from hjp_fuzz.sessions.live import Entry
from hjp_spec.dissect import dissect, render

_SHOWN_OCTETS = 256


def listing(journal: Iterable[Entry]) -> Iterator[str]:
    """Yield the steps of a session as numbered lines."""
    before = 0
    for entry in journal:
        number = f"{entry.number:>3}" if entry.number else "   "
        named = f"connection {entry.connection}" if entry.connection else ""
        shown = named if entry.number or entry.connection != before else ""
        yield f"{number}  {shown:<13} {entry.text}".rstrip()
        before = entry.connection


def octets_of_last(journal: Sequence[Entry], color: bool = False) -> Iterator[str]:
    """Yield the octets that were sent last, field by field, if they are few."""
    last = next((entry for entry in reversed(journal) if entry.octets), None)
    if last is not None and len(last.octets) <= _SHOWN_OCTETS:
        yield f"the octets of step {last.number}:"
        picture = render(dissect(last.octets, sender="client"), color=color)
        yield from (f"  {line}" for line in picture.rstrip().splitlines())
