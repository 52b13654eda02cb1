"""Octets from anywhere: tried in all likely divisions, confirmed, and made small."""

from contextlib import closing

from hjp_fuzz.cases import Case, Cuts
from hjp_fuzz.checks import Check, Failure
from hjp_fuzz.dialect import HJP
from hjp_fuzz.findings import Finding, finding
from hjp_fuzz.grammar import every_octet
from hjp_fuzz.runner import CONFIRMATIONS, SPARE
from hjp_fuzz.shrink import Shrinker
from hjp_fuzz.targets import Target
from hjp_fuzz.workers import Judge

_SHORT_PATIENCE = 0.5
_SOURCE = "octets"


def case_of(stream: bytes, cuts: Cuts | None = None) -> Case:
    """Return octets as a case.

    Args:
        stream: the octets.
        cuts: how they are divided; None for all that is likely: not at all, at the
            edges of fields, and at every octet.
    """
    if cuts is not None:
        return Case((), stream, (cuts,))
    _, edges = HJP.write_all(HJP.read(stream))
    size = len(stream)
    at_edges = tuple(sorted({edge for edge in edges if 0 < edge < size}))
    divisions = ((), at_edges, every_octet(size, edges))
    return Case((), stream, tuple(dict.fromkeys(divisions)))


def judged(target: Target, case: Case, patience: float) -> Failure | None:
    """Return the first check that fails, in a process of its own.

    Raises:
        TargetError: the target does not keep the contract.
    """
    with closing(Judge(target, patience)) as judge:
        return judge(case)


def made_small(
    target: Target, case: Case, failure: Failure, patience: float
) -> Finding | None:
    """Confirm a failure in fresh processes, then shrink it.

    Returns:
        The finding; None if it does not happen every time.

    Raises:
        TargetError: the target does not keep the contract.
    """
    for _ in range(CONFIRMATIONS):
        again = judged(target, case, patience)
        if again is None or again.signature != failure.signature:
            return None
    hangs = failure.check is Check.HANG  # each success takes all of the patience
    short = min(_SHORT_PATIENCE, patience) if hangs else patience
    with closing(Judge(target, short, spare=SPARE)) as judge:
        shrinker = Shrinker(judge, case, failure)
        small = shrinker.shrink()
    size = len(case.stream)
    return finding(target, shrinker.failure, small, size, shrinker.calls, _SOURCE)
