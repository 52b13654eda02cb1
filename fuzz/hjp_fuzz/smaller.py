"""Octets from anywhere: tried in all likely divisions, confirmed, and made small."""

from contextlib import closing
from dataclasses import replace

from hjp_fuzz.cases import Case, Cuts
from hjp_fuzz.dialect import HJP
from hjp_fuzz.failures import Check, Failure
from hjp_fuzz.findings import Finding, Trial, finding
from hjp_fuzz.grammar import every_octet
from hjp_fuzz.runner import CONFIRMATIONS, SPARE
from hjp_fuzz.shrink import Shrinker
from hjp_fuzz.targets import Limits, Target
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


def judged(target: Target, case: Case, limits: Limits) -> Failure | None:
    """Return the first check that fails, in a process of its own.

    Raises:
        TargetError: the target does not keep the contract.
    """
    with closing(Judge(target, limits)) as judge:
        return judge(case)


def made_small(
    target: Target, case: Case, failure: Failure, limits: Limits
) -> Finding | None:
    """Confirm a failure in fresh processes, then shrink it.

    Returns:
        The finding; None if it does not happen every time.

    Raises:
        TargetError: the target does not keep the contract.
    """
    for _ in range(CONFIRMATIONS):
        again = judged(target, case, limits)
        if again is None or again.signature != failure.signature:
            return None
    hangs = failure.check is Check.HANG  # each success takes all of the patience
    patience = min(_SHORT_PATIENCE, limits.patience)
    short = replace(limits, patience=patience) if hangs else limits
    with closing(Judge(target, short, spare=SPARE)) as judge:
        shrinker = Shrinker(judge, case, failure)
        small = shrinker.shrink()
    trial = Trial(len(case.stream), shrinker.calls, _SOURCE, CONFIRMATIONS)
    return finding(target, shrinker.failure, small, limits, trial)
