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


FAILED = frozenset({Verdict.FAIL, Verdict.CRASH})
"""The target is wrong."""

CAUGHT = FAILED | {Verdict.WARN}
"""It has broken a requirement, were it only a SHOULD."""

UNDECIDED = frozenset({Verdict.INCONCLUSIVE, Verdict.HARNESS})
"""Nothing is known about the target, by its silence or by a fault of the suite."""

BAD = FAILED | UNDECIDED
"""With one of these a run is not conformant."""

QUIET = frozenset({Verdict.PASS, Verdict.SKIP, Verdict.KNOWN})
"""Nobody has to look into these."""

COLORS = {
    Verdict.PASS: "32",
    Verdict.FAIL: "31",
    Verdict.CRASH: "31",
    Verdict.WARN: "33",
    Verdict.INCONCLUSIVE: "35",
    Verdict.SKIP: "2",
    Verdict.KNOWN: "36",
    Verdict.HARNESS: "31",
}
"""Numbers of SGR, by which a terminal paints them."""


def painted(verdict: str, text: str) -> str:
    """A text in the colour of a verdict, for a terminal."""
    return f"\x1b[{COLORS[Verdict(verdict)]}m{text}\x1b[0m"


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

AS_EXPECTED = "AS EXPECTED, NOT CONFORMANT"
"""Exit status 0, since all failures were known; no badge for that."""


def word(status: Exit, *, ran: int, total: int, known: int) -> str:
    """What one run or several came to, in the words of every report.

    Args:
        status: the exit status.
        ran: how many cases were run.
        total: how many there are.
        known: how many of them failed as it was known.
    """
    if status is Exit.CONFORMANT and known:
        return AS_EXPECTED
    if status is Exit.CONFORMANT and ran < total:
        return f"{NAMES[status]} as far as {ran} of {total} cases go"
    return NAMES[status]


def face(status: int, known: int) -> Verdict:
    """The verdict whose colour and sign a run has: pass, known or fail."""
    if status != Exit.CONFORMANT:
        return Verdict.FAIL
    return Verdict.KNOWN if known else Verdict.PASS


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
    if verdicts and all(one == Verdict.SKIP for one in verdicts):
        return Exit.INCONCLUSIVE  # nothing was tested
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


def is_worse(one: Exit, other: Exit) -> bool:
    """Whether the first status is worse than the second."""
    return one is not other and worst((one, other)) is one


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
