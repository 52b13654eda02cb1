"""All pairs, several at a time."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event

from hjp_conformance.catalogue import Case
from hjp_conformance.matrix.pair import Pair, test
from hjp_conformance.reports.shape import RunReport


def play(
    pairs: Sequence[Pair],
    cases: Sequence[Case],
    workers: int,
    tell: Callable[[RunReport], None],
) -> tuple[list[RunReport], bool]:
    """Test the pairs.

    Args:
        pairs: who takes part.
        cases: what each of them does.
        workers: how many pairs at a time.
        tell: is called with each report as soon as it is there.

    Returns:
        A report for each, in their order, and whether some were left out by Ctrl-C.
    """
    over = Event()
    gone: dict[str, str] = {}

    def one(pair: Pair) -> RunReport:
        found = test(pair, cases, over, gone)
        tell(found)
        return found

    with ThreadPoolExecutor(workers) as pool:
        futures: list[Future[RunReport]] = []
        try:
            futures += (pool.submit(one, pair) for pair in pairs)
            wait(futures)
        except KeyboardInterrupt:
            over.set()
            pool.shutdown(cancel_futures=True)
    return [one.result() for one in futures if not one.cancelled()], over.is_set()
