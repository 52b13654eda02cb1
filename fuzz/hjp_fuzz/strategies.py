"""Strategies for Hypothesis: the same grammar, in other people's tests.

All of them give octets, so they compose with each other and with strategies of
one's own::

    @given(chunked(streams()))
    def test_any_split(chunks: list[bytes]) -> None:
        decoder = Decoder()
        for chunk in chunks:
            decoder.feed(chunk)

    @given(chunked(mutated(frames())))
    ...

What a stream means is told by `hjp_spec.oracle.decode`.
"""

from collections.abc import Callable

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
    "streams",
]


def _drawn(write: Callable[[Source], bytes]) -> SearchStrategy[bytes]:
    @st.composite
    def octets(draw: st.DrawFn) -> bytes:
        return write(HypothesisSource(draw))

    return octets()


def frames(dialect: Dialect = HJP) -> SearchStrategy[bytes]:
    """Frames that every receiver has to accept, each as its octets.

    Args:
        dialect: the format.
    """
    return _drawn(lambda source: dialect.write(grammar.valid_frame(source, dialect)))


def json_texts() -> SearchStrategy[bytes]:
    """JSON texts that every receiver has to accept as metadata.

    Among them: every kind of escape, white space at every place, numbers at the end
    of binary64, names that differ only in case or normal form, 32 levels.
    """

    def write(source: Source) -> bytes:
        odd = source.flag(3)
        text = json_corner(source, corners.VALID_CORNERS) if odd else json_text(source)
        return text.octets

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

    @st.composite
    def drawn(draw: st.DrawFn) -> int:
        return grammar.length(HypothesisSource(draw), true, named[field])

    return drawn()


def streams(
    min_frames: int = 1, max_frames: int | None = None, dialect: Dialect = HJP
) -> SearchStrategy[bytes]:
    """Streams of frames, right and wrong; about half of them are refused.

    Now and then the end is missing, so that the last frame is incomplete.

    Args:
        min_frames: how many frames at least.
        max_frames: how many at most.
        dialect: the format.
    """
    several = st.lists(
        st.composite(_frame)(dialect), min_size=min_frames, max_size=max_frames
    )
    return st.composite(_maybe_cut_short)(several)


def _maybe_cut_short(draw: st.DrawFn, several: SearchStrategy[list[bytes]]) -> bytes:
    octets = b"".join(draw(several))
    source = HypothesisSource(draw)
    return octets[: -source.int(1, 40)] if source.flag(12) else octets


def _frame(draw: st.DrawFn, dialect: Dialect) -> bytes:
    return dialect.write(grammar.frame(HypothesisSource(draw), dialect))


def mutated(octets: SearchStrategy[bytes]) -> SearchStrategy[bytes]:
    """Octets of another strategy, changed in one place or several.

    Args:
        octets: frames, streams, or captured traffic by ``sampled_from``.
    """

    @st.composite
    def changed(draw: st.DrawFn) -> bytes:
        return mutate.mutated(HypothesisSource(draw), draw(octets))

    return changed()


def chunked(octets: SearchStrategy[bytes]) -> SearchStrategy[list[bytes]]:
    """Octets of another strategy, divided into reads; none of them is empty.

    The cuts lie at the edges of fields, one octet beside them, or anywhere.  Joined
    again, the reads are what the other strategy gave.

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
