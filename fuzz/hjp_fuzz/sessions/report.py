"""What is said of a session: the steps, what came back, what is broken."""

from collections.abc import Iterable, Iterator

from hjp_fuzz.sessions.live import Entry


def listing(journal: Iterable[Entry]) -> Iterator[str]:
    """Yield the steps of a session as numbered lines."""
    before = 0
    for entry in journal:
        number = f"{entry.number:>3}" if entry.number else "   "
        named = f"connection {entry.connection}" if entry.connection else ""
        shown = named if entry.number or entry.connection != before else ""
        yield f"{number}  {shown:<13} {entry.text}".rstrip()
        before = entry.connection
