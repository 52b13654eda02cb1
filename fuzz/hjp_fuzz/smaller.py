"""Octets from anywhere: tried in all likely divisions, confirmed, and made small."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from hjp_fuzz.cases import Case, Cuts
from hjp_fuzz.dialect import HJP, Dialect
from hjp_fuzz.failures import Check, Failure
from hjp_fuzz.findings import Finding, Trial, finding
from hjp_fuzz.formats import grammar as formats
from hjp_fuzz.grammar import every_octet
from hjp_fuzz.serving import as_requests
from hjp_fuzz.shrink import Shrinker
from hjp_fuzz.targets import Limits, Target
from hjp_fuzz.workers import Judge

CONFIRMATIONS = 3
SHORT_PATIENCE = 0.5
_SPARE = 200
"""How many calls deeper a target may go while a finding is made small: an input that
just overflows the stack here has to overflow it wherever it is replayed."""
_SOURCE = "octets"


def case_of(stream: bytes, cuts: Cuts | None = None, dialect: Dialect = HJP) -> Case:
    """Return octets as a case.

    Args:
        stream: the octets.
        cuts: how they are divided; None for all that is likely: not at all, at the
            edges of fields, and at every octet.
        dialect: the format.
    """
    if cuts is not None:
        return Case((), stream, (cuts,))
    _, edges = dialect.write_all(dialect.read(stream))
    size = len(stream)
    at_edges = tuple(sorted({edge for edge in edges if 0 < edge < size}))
    divisions = ((), at_edges, every_octet(size, edges))
    return Case((), stream, tuple(dict.fromkeys(divisions)))


def judged(target: Target, case: Case, limits: Limits) -> Failure | None:
    """Return the first check that fails, in a process of its own.

    Raises:
        TargetError: the target does not keep the contract.
    """
    with closing(Judge(target, limits)) as judge:
        return judge(case)


def confirmed(
    target: Target,
    case: Case,
    failure: Failure,
    limits: Limits,
    times: int = CONFIRMATIONS,
) -> bool:
    """Tell whether a failure happens every time, each in a fresh process.

    Raises:
        TargetError: the target does not keep the contract.
    """
    for _ in range(times):
        again = judged(target, case, limits)
        if again is None or again.signature != failure.signature:
            return False
    return True


@dataclass(frozen=True, slots=True)
class Small:
    """What has become of a case.

    Attributes:
        case: the smallest that was found.
        failure: how it fails.
        calls: how often the target was run.
    """

    case: Case
    failure: Failure
    calls: int


def shrunk(
    target: Target,
    case: Case,
    failure: Failure,
    limits: Limits,
    ways: int = 1,
    choices: Sequence[int] = (),
) -> Small:
    """Make a case small that fails every time.

    Args:
        target: what it fails on.
        case: as it was found.
        failure: how it fails.
        limits: what an answer may cost.
        ways: how many divisions it was written with.
        choices: what it was made of; none if it is known by its octets.

    Raises:
        TargetError: the target does not keep the contract.
    """
    hangs = failure.check is Check.HANG
    # Every success takes as long as the patience lasts.
    patience = min(SHORT_PATIENCE, limits.patience)
    short = replace(limits, patience=patience) if hangs else limits
    with closing(Judge(target, short, spare=_SPARE)) as judge:
        shrinker = Shrinker(judge, case, failure, ways)
        if target.dialect is not None:
            shrinker.dialect, shrinker.write = target.dialect, formats.case
            shrinker.alike = _with_its_rule
        if target.serves:
            shrinker.shape = as_requests
        small = shrinker.shrink(choices)
    if hangs and not confirmed(target, small, shrinker.failure, limits, 1):
        return Small(case, failure, shrinker.calls)
    return Small(small, shrinker.failure, shrinker.calls)


def _with_its_rule(failure: Failure) -> tuple[str, ...]:
    """Keep the rule, which a smaller input of a dialect may easily change."""
    return (*failure.signature, failure.requirement)


def made_small(
    target: Target, case: Case, failure: Failure, limits: Limits
) -> Finding | None:
    """Confirm a failure in fresh processes, then shrink it.

    Returns:
        The finding; None if it does not happen every time.

    Raises:
        TargetError: the target does not keep the contract.
    """
    if not confirmed(target, case, failure, limits):
        return None
    small = shrunk(target, case, failure, limits)
    trial = Trial(len(case.stream), small.calls, _SOURCE, CONFIRMATIONS)
    return finding(target, small.failure, small.case, limits, trial)
