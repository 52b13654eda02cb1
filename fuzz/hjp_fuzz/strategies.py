"""Strategies for Hypothesis: the same grammar, in other people's tests.

All of them give octets, so they compose with each other and with strategies of
one's own::

    @given(chunked(streams()))
    def test_any_split(chunks: list[bytes]) -> None:
        decoder = Decoder()
        for chunk in chunks:
            decoder.feed(chunk)

    @given(chunked(mutated(frames())))
    def test_nothing_else_is_raised(chunks: list[bytes]) -> None: ...

    @given(mutated(st.sampled_from(CAPTURED)))
    def test_traffic_that_was_damaged(octets: bytes) -> None: ...

What a stream means is told by `hjp_spec.oracle.decode`.  What Hypothesis reports is
small: the smallest choices make the smallest octets, and frames that are not needed
are left out.
"""

from collections.abc import Callable
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from hjp_fuzz import corners, grammar, mutate
from hjp_fuzz.cases import pieces
from hjp_fuzz.dialect import HJP, Dialect
from hjp_fuzz.sources import HypothesisSource, Source
from hjp_fuzz.texts import json_corner, json_text

__all__ = [
    "chunked",
    "frames",
    "invalid_json_texts",
    "json_texts",
    "lengths",
    "mutated",
    "payloads",
    "streams",
]

T = TypeVar("T")


def _drawn(write: Callable[[Source], T]) -> SearchStrategy[T]:
    @st.composite
    def written(draw: st.DrawFn) -> T:
        return write(HypothesisSource(draw))

    return written()


def frames(dialect: Dialect = HJP) -> SearchStrategy[bytes]:
    """Frames that every receiver has to accept, each as its octets.

    All are short; frames at the limit of a length are among `streams`.

    Args:
        dialect: the format.
    """
    return _drawn(lambda source: dialect.write(grammar.valid_frame(source, dialect)))


def payloads(dialect: Dialect = HJP) -> SearchStrategy[bytes]:
    """Payloads: none, a few octets, every octet value, what looks like a frame.

    All are shorter than 2 000 octets.

    Args:
        dialect: the format that they look like.
    """
    return _drawn(lambda source: grammar.payload(source, dialect))


def json_texts() -> SearchStrategy[bytes]:
    """JSON texts that every receiver has to accept as metadata.

    Among them: every kind of escape, white space at every place, numbers at the end
    of binary64, names that differ only in case or normal form, 32 levels.
    """
    valid = corners.by_share(corners.VALID_CORNERS)

    def write(source: Source) -> bytes:
        odd = source.flag(3)
        return (json_corner(source, valid) if odd else json_text(source)).octets

    return _drawn(write)


def invalid_json_texts(rule: str | None = None) -> SearchStrategy[bytes]:
    """JSON texts that every receiver has to refuse with `bad_json`.

    Args:
        rule: the identifier of the requirement that they break, such as
            ``HJP-MET-6``; any of them if None.

    Raises:
        ValueError: no text breaks that requirement.
    """
    among = tuple(c for c in corners.INVALID_CORNERS if rule in (None, *c.aims))
    if not among:
        known = sorted({aim for c in corners.INVALID_CORNERS for aim in c.aims})
        raise ValueError(f"no text for {rule}; there are some for {', '.join(known)}")
    return _drawn(lambda source: json_corner(source, among).octets)


def lengths(
    true: int = 21, field: str = "json_length", dialect: Dialect = HJP
) -> SearchStrategy[int]:
    """Lengths as they go wrong: off by one, huge, byte-swapped, with a sign bit.

    A length may come out true by accident.

    Args:
        true: what the length would have to be, in octets.
        field: the name of the length in the dialect.
        dialect: the format.

    Raises:
        ValueError: the dialect has no length of that name.
    """
    named = {length.name: length for length in dialect.lengths}
    if field not in named:
        raise ValueError(f"no length {field}; there are {', '.join(named)}")
    return _drawn(lambda source: grammar.length(source, true, named[field]))


def streams(
    min_frames: int = 1, max_frames: int | None = None, dialect: Dialect = HJP
) -> SearchStrategy[bytes]:
    """Streams of frames, right and wrong; about half of them are refused.

    Most are of one frame or two.  Now and then the end is missing, so that the last
    frame is incomplete.

    Args:
        min_frames: how many frames at least; 0 is as good as 1.
        max_frames: how many at most; None for any number.
        dialect: the format.

    Raises:
        ValueError: there is no number of frames between the two.
    """
    if max_frames is not None and max_frames < max(min_frames, 0):
        raise ValueError(f"no stream has {min_frames} to {max_frames} frames")

    def write(source: Source) -> bytes:
        drafts = grammar.stream(source, dialect, min_frames, max_frames)
        return dialect.write_all(drafts)[0]

    return _drawn(write)


def mutated(octets: SearchStrategy[bytes]) -> SearchStrategy[bytes]:
    """Octets of another strategy, changed in one place or several.

    Bits are flipped, octets overwritten, inserted, left out, repeated or swapped, or
    the end is cut off.

    Args:
        octets: frames, streams, or captured traffic by ``sampled_from``.
    """

    @st.composite
    def changed(draw: st.DrawFn) -> bytes:
        return mutate.mutated(HypothesisSource(draw), draw(octets))

    return changed()


def chunked(octets: SearchStrategy[bytes]) -> SearchStrategy[list[bytes]]:
    """Octets of another strategy, divided into reads; none of them is empty.

    The cuts lie at the edges of fields, one octet beside them, or anywhere; a third
    of the streams comes in one read.  Joined again, the reads are what the other
    strategy gave.

    Args:
        octets: what to divide.
    """

    @st.composite
    def divided(draw: st.DrawFn) -> list[bytes]:
        stream = draw(octets)
        _, edges = HJP.write_all(HJP.read(stream))
        cuts = grammar.cuts(HypothesisSource(draw), len(stream), edges)
        return [piece for piece in pieces(stream, cuts) if piece]

    return divided()
