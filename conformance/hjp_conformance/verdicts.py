"""What a case and a run can end in."""

from collections.abc import Collection, Iterable
from enum import IntEnum, StrEnum, auto


class Verdict(StrEnum):
    """How one case ended."""

    PASS = auto()
    FAIL = auto()
    CRASH = auto()
    WARN = auto()
    INCONCLUSIVE = auto()
    SKIP = auto()
    KNOWN = auto()
    HARNESS = auto()


class Exit(IntEnum):
    """The status of the command."""

    CONFORMANT = 0
    FAILURES = 1
    USAGE = 2
    UNREACHABLE = 3
    HARNESS = 4
    INCONCLUSIVE = 5
    INTERRUPTED = 130


NAMES = {
    Exit.CONFORMANT: "CONFORMANT",
    Exit.FAILURES: "NOT CONFORMANT",
    Exit.USAGE: "USAGE",
    Exit.UNREACHABLE: "NO TARGET",
    Exit.HARNESS: "HARNESS ERROR",
    Exit.INCONCLUSIVE: "INCONCLUSIVE",
    Exit.INTERRUPTED: "INTERRUPTED",
}

_WORST_FIRST = (
    (Verdict.HARNESS, Exit.HARNESS),
    (Verdict.FAIL, Exit.FAILURES),
    (Verdict.CRASH, Exit.FAILURES),
    (Verdict.INCONCLUSIVE, Exit.INCONCLUSIVE),
)


def exit_of(verdicts: Collection[str], *, gone: bool) -> Exit:
    """The status of a run with these verdicts.

    Args:
        verdicts: those of all cases that ran.
        gone: the target went away and could not be had again.
    """
    found = [status for verdict, status in _WORST_FIRST if verdict in verdicts]
    if gone and Exit.HARNESS not in found:
        return Exit.UNREACHABLE
    return found[0] if found else Exit.CONFORMANT


_WORST_STATUS_FIRST = (
    Exit.INTERRUPTED,
    Exit.HARNESS,
    Exit.UNREACHABLE,
    Exit.USAGE,
    Exit.FAILURES,
    Exit.INCONCLUSIVE,
    Exit.CONFORMANT,
)


def worst(statuses: Iterable[Exit]) -> Exit:
    """The status of a command that has made several runs."""
    return min(statuses, key=_WORST_STATUS_FIRST.index, default=Exit.CONFORMANT)


class Violation(Exception):  # noqa: N818  (a verdict, as Inconclusive is)
    """The target did what the text does not allow.

    Attributes:
        requirement: the requirement that is broken, where it is another one than
            those that the case cites.
        offset: which octet of the frame is wrong, as far as one can be blamed.
    """

    def __init__(self, what: str, requirement: str | None = None, offset: int = 0):
        super().__init__(what)
        self.requirement = requirement
        self.offset = offset


class Inconclusive(Exception):  # noqa: N818
    """A deadline passed: nothing is known about the target."""


class Crashed(Exception):  # noqa: N818
    """The target, or a part of it, has ended where it should have gone on."""


class Skipped(Exception):  # noqa: N818
    """The case is about something that the target does not offer."""


class TargetGoneError(Exception):
    """Nothing can be asked of the target any more, or nothing ever could."""
