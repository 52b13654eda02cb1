"""Cases that catch nothing: whatever is broken, they pass. None is wanted.

A case that no broken endpoint fails may still be worth having, for a mistake that
nobody has thought of; but it may as well check nothing at all.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from hjp_conformance.catalogue import Case
from hjp_conformance.collected import cases_of
from hjp_conformance.mutants.direct import failed_by
from hjp_conformance.mutants.trial import Mutant, mutants

Watch = Callable[[Iterable[str]], Iterable[object]]
"""Goes through the names of what has been tried, as they come."""


def idle_cases(mode: str, workers: int = 1, watch: Watch = list) -> list[Case]:
    """The cases that no broken endpoint of the mode fails.

    Each case is tried on those that break what it cites, up to the first that fails
    it; what is left then, on all others.

    Args:
        mode: server, client or codec.
        workers: how many endpoints are tried at a time.
        watch: told of each that has been tried.
    """
    left = {case.id: case for case in cases_of(mode)}

    def untried(mutant: Mutant, cites: bool) -> Iterator[Case]:
        for case in list(left.values()):
            if case.id in left and (mutant.requirement in case.requirements) is cites:
                yield case

    def strike(mutant: Mutant, cites: bool) -> str:
        for id_ in failed_by(mutant, untried(mutant, cites)):
            left.pop(id_, None)
        return mutant.name

    broken = mutants(mode, "broken")
    with ThreadPoolExecutor(workers) as pool:
        for cites in (True, False):
            watch(pool.map(strike, broken, [cites] * len(broken)))
    return list(left.values())
