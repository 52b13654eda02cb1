"""A parser in three lines of somebody's test file.

For example::

    from hjp_fuzz import fuzz
    from mine import parse

    test_parse = fuzz(parse, error=ValueError, incomplete=EOFError)

The test is one of Hypothesis: its settings, its profiles, its database and its
decorators do what they always do.  It runs the parser in the process of the test; a
parser that may hang or take the process down is a case for `hjp-fuzz run`.
"""

import inspect
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import accumulate
from typing import Any

from hypothesis import event, given, note, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from hjp_fuzz import grammar
from hjp_fuzz.cases import Case, Cuts, Draft, pieces
from hjp_fuzz.checks import CANARY, judge_outcome
from hjp_fuzz.dialect import HJP
from hjp_fuzz.engines import exercised
from hjp_fuzz.failures import Check, Failure
from hjp_fuzz.findings import Finding, Trial, account, finding, plain
from hjp_fuzz.formats import Format
from hjp_fuzz.formats.checks import judge
from hjp_fuzz.formats.grammar import stream as stream_of
from hjp_fuzz.report import picture
from hjp_fuzz.smaller import judged
from hjp_fuzz.sources import HypothesisSource
from hjp_fuzz.targets import LIMITS, CallableTarget, Limits, Target, target_of
from hjp_spec.oracle import decode

_RUN = re.compile(rb"(.)\1{47,}", re.DOTALL)
Places = tuple[int, ...]
Divide = Callable[[Places, int, Sequence[int]], Iterable[int]]
"""Makes cuts of places, for a stream of a size and with edges."""


class Broken(AssertionError):  # noqa: N818
    """A parser breaks a requirement; the text says which, and how."""


class Octets(bytes):
    """Octets that know what they were written for, and are short on paper.

    Attributes:
        drafts: the frames as they were meant; of reads, the first one has them.
    """

    drafts: tuple[Draft, ...] = ()

    def __repr__(self) -> str:
        return " + ".join(_terms(bytes(self))) or "b''"


def _terms(octets: bytes) -> Iterator[str]:
    """Yield terms of a sum in Python, long runs of one octet as products."""
    start = 0
    for run in _RUN.finditer(octets):
        if run.start() > start:
            yield repr(octets[start : run.start()])
        yield f"{run[1]!r} * {len(run[0])}"
        start = run.end()
    if start < len(octets):
        yield repr(octets[start:])


def fuzz(
    parser: Callable[..., Any],
    *,
    error: type[BaseException] = ValueError,
    incomplete: type[BaseException] = EOFError,
    dialect: Format | None = None,
    name: str = "",
    **options: Any,
) -> Callable[[], None]:
    """Make a test of a parser: streams of frames, right and wrong, by Hypothesis.

    A function gets each stream whole, as the argument ``stream`` of the test; an
    object with ``feed`` and ``close`` gets it also divided, as ``reads``.  So what is
    printed of a failure can be kept: ``example(stream=b"…")(fuzz(parse))``.

    Args:
        parser: a function of octets, or a factory of objects with ``feed`` and
            ``close``; see `hjp_fuzz.targets`.
        error: what it raises to refuse a frame; an attribute ``code`` is compared.
        incomplete: what it raises at an end inside a frame.
        dialect: the format that it reads, by `hjp_fuzz.formats`; HJP unless given.
        name: tells it from others in what is printed and in Hypothesis's database;
            module and name of the parser unless given.
        options: settings of Hypothesis for this test, such as ``max_examples``, or
            ``parent`` for a whole object of them; the others are the profile's.  The
            decorator ``settings`` is taken: there is no ``deadline`` unless you give
            one, since frames at the limits take a while on a busy machine.

    Returns:
        A test without arguments, to be given a name that pytest collects.

    Raises:
        TypeError: the parser is not callable.
        TargetError: it is a factory of what is no parser.
    """
    target = _target(parser, error, incomplete, name, dialect)
    test = _of_streams(target) if target.parse is not None else _of_reads(target)
    if "parent" not in options:
        options = {"deadline": None, **options}
    made: Callable[[], None] = settings(**options)(test)
    return made


def check(
    parser: Callable[..., Any] | Target,
    octets: bytes,
    cuts: Cuts = (),
    *,
    error: type[BaseException] = ValueError,
    incomplete: type[BaseException] = EOFError,
    dialect: Format | None = None,
    limits: Limits = LIMITS,
) -> None:
    """Check a parser with one stream, in a process of its own.

    Args:
        parser: as for `fuzz`, or a target from `hjp_fuzz.targets`.
        octets: the stream.
        cuts: offsets at which reads end, for a parser that is fed.
        error: what refuses a frame.
        incomplete: what tells of an end inside a frame.
        dialect: the format that it reads; HJP unless given.
        limits: what it may cost: seconds until it counts as hung, and memory.

    Raises:
        Broken: the parser breaks a requirement, crashes or hangs.
        TargetError: it does not keep the contract.
    """
    target: Any = parser
    if not hasattr(parser, "run_all"):
        target = _target(target, error, incomplete, "", dialect)
    tried = Case((), octets, (tuple(cuts),))
    failure = judged(target, tried, limits)
    if failure is not None:
        found = _found(target, failure, tried, limits)
        shown = picture(octets, foreign=bool(found.rule))
        raise Broken(f"{_told(found)}\n{shown}")


def _found(
    target: Target, failure: Failure, tried: Case, limits: Limits = LIMITS
) -> Finding:
    return finding(target, failure, tried, limits, Trial(len(tried.stream)))


def _target(
    parser: Callable[..., Any],
    error: type[BaseException],
    incomplete: type[BaseException],
    name: str = "",
    dialect: Format | None = None,
) -> CallableTarget:
    if not callable(parser):
        raise TypeError(f"{parser!r:.80} is no parser: it cannot be called")
    made = target_of(parser, name or _name(parser), error, incomplete)
    return replace(made, dialect=dialect)


def _name(parser: Callable[..., Any]) -> str:
    named = parser if hasattr(parser, "__qualname__") else type(parser)
    return f"{named.__module__}:{named.__qualname__}"


def _of_streams(target: CallableTarget) -> Callable[[], None]:
    @_named(target, "stream", bytes)
    def check_stream(stream: bytes) -> None:
        _check(target, Case(_drafts(stream), stream))

    return given(stream=_streams(target.dialect))(check_stream)


def _of_reads(target: CallableTarget) -> Callable[[], None]:
    @_named(target, "reads", list[bytes])
    def check_reads(reads: list[bytes]) -> None:
        full = [read for read in reads if read]
        ends = tuple(accumulate(map(len, full)))
        drafts = _drafts(reads[0]) if reads else ()
        _check(target, Case(drafts, b"".join(full), (ends[:-1],)))

    return given(reads=_reads(target.dialect))(check_reads)


def _drafts(octets: bytes) -> tuple[Draft, ...]:
    return octets.drafts if isinstance(octets, Octets) else ()


def _named(target: CallableTarget, argument: str, kind: Any) -> Callable[[Any], Any]:
    """Give a test the name of its parser.

    The signature has the parser's whole name, since it is what Hypothesis's database
    tells tests of one source apart by.
    """

    def name(test: Any) -> Any:
        last = target.name.rpartition(":")[2].rpartition(".")[2]
        test.__name__ = "test_" + re.sub(r"\W", "", last)
        parameter = inspect.Parameter(
            argument, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=kind
        )
        test.__signature__ = inspect.Signature(
            [parameter], return_annotation=target.name
        )
        return test

    return name


@st.composite
def _streams(draw: st.DrawFn, dialect: Format | None) -> Octets:
    drafts = _written(draw, dialect)
    return _meant((dialect or HJP).write_all(drafts)[0], drafts)


def _written(draw: st.DrawFn, dialect: Format | None) -> tuple[Draft, ...]:
    source = HypothesisSource(draw)
    return grammar.stream(source) if dialect is None else stream_of(source, dialect)


@st.composite
def _reads(draw: st.DrawFn, dialect: Format | None) -> list[Octets]:
    # First how it is divided: so a stream can be made small without moving the cuts.
    divide, places = draw(_DIVISIONS)
    drafts = _written(draw, dialect)
    stream, edges = (dialect or HJP).write_all(drafts)
    cuts = divide(places, len(stream), edges) if len(stream) > 1 else ()
    first, *others = pieces(stream, tuple(sorted(set(cuts))))
    return [_meant(first, drafts), *map(Octets, others)]


def _whole(places: Places, size: int, edges: Sequence[int]) -> Iterable[int]:
    return ()


def _at_edges(places: Places, size: int, edges: Sequence[int]) -> Iterable[int]:
    """Cut where a field ends, or one octet beside: place 4 of any stream is alike."""
    beside = (at for edge in edges for at in (edge, edge - 1, edge + 1))
    inside = [at for at in beside if 0 < at < size]
    return (inside[place % len(inside)] for place in places) if inside else ()


def _anywhere(places: Places, size: int, edges: Sequence[int]) -> Iterable[int]:
    return (1 + place % (size - 1) for place in places)


def _octet_by_octet(places: Places, size: int, edges: Sequence[int]) -> Iterable[int]:
    """Cut at every octet of a run."""
    more, start = places
    first = 1 + start % (size - 1)
    return range(first, min(size, first + more + 1))


def _divisions() -> SearchStrategy[tuple[Divide, Places]]:
    """Ways to divide a stream; what Hypothesis leaves out of them is a cut."""
    edges = st.tuples(st.just(_at_edges), _places(24))
    run = st.tuples(st.integers(0, grammar.SHORT), st.integers(0, 63))
    runs = st.tuples(st.just(_octet_by_octet), run)
    anywhere = st.tuples(st.just(_anywhere), _places(grammar.SHORT))
    whole = st.just((_whole, ()))
    return st.one_of(whole, edges, edges, anywhere, runs, runs)


def _places(most: int) -> SearchStrategy[Places]:
    return st.lists(st.integers(0, most), min_size=1, max_size=4).map(tuple)


_DIVISIONS = _divisions()


def _meant(octets: bytes, drafts: tuple[Draft, ...]) -> Octets:
    known = Octets(octets)
    known.drafts = drafts
    return known


def _check(target: CallableTarget, tried: Case) -> None:
    if target.dialect is not None:
        _check_format(target, tried, target.dialect)
        return
    outcome = decode(tried.stream)
    for requirement in sorted(exercised(tried, outcome)):
        event(requirement)
    failure = judge_outcome(target, tried, outcome)
    if failure is not None:
        _fail(target, failure, tried)


def _check_format(target: CallableTarget, tried: Case, dialect: Format) -> None:
    verdict = dialect.decode(tried.stream)
    for rule in sorted(dialect.exercised(verdict)):
        event(rule)
    failure = judge(target, tried, dialect, verdict)
    if failure is not None:
        _fail(target, failure, tried)


def _fail(target: CallableTarget, failure: Failure, tried: Case) -> None:
    """Raise what is wrong, the octets being noted, after what the parser raised."""
    __tracebackhide__ = True
    found = _found(target, failure, tried)
    note(picture(tried.stream, foreign=bool(found.rule)))
    raise _kind(failure.key)(_told(found)) from _escaped(target, failure, tried)


def _told(found: Finding) -> str:
    first = f"{found.requirement}: {plain(found.sentence)}"
    return "\n".join((first, *account(found)))


@cache
def _kind(key: tuple[str, ...]) -> type[Broken]:
    """Return a class for each way to fail: by it Hypothesis tells failures apart."""
    return type(Broken.__name__, (Broken,), {"__module__": "hjp_fuzz"})


def _escaped(
    target: CallableTarget, failure: Failure, tried: Case
) -> BaseException | None:
    """Return what the parser raised, with its traceback, where that is the failure."""
    if failure.check is not Check.DECLARED:
        return None
    whole, divided = [tried.stream], pieces(tried.stream, failure.cuts)
    for reads in (whole, divided, [*whole, CANARY]):
        try:
            _read(target, reads)
        except (target.error, target.incomplete):
            continue
        except BaseException as error:
            return error
    return None


def _read(target: CallableTarget, reads: Sequence[bytes]) -> None:
    """Let a parser read, as `Target.run` does, but with nothing caught."""
    if target.parse is not None:
        deque(target.parse(b"".join(reads)) or (), 0)
        return
    decoder = target.factory()  # type: ignore[misc]
    for read in reads:
        deque(decoder.feed(read) or (), 0)
    decoder.close()
