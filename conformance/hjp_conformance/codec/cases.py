"""All cases of the codec mode."""

from functools import cache

from hjp_conformance.codec import generated
from hjp_conformance.codec.case import CodecCase
from hjp_conformance.codec.curated import (
    depth,
    far,
    grammar,
    headers,
    incomplete,
    lengths,
    lines,
    names,
    numbers,
    precedence,
    senders,
    splits,
    streams,
    strings,
    unicode,
    vectors,
)

_CURATED = (
    *(headers, lengths, incomplete, splits, streams, precedence),
    *(grammar, unicode, strings, numbers, names, depth),
    *(far, senders, vectors, lines),
)


@cache
def curated() -> tuple[CodecCase, ...]:
    """The cases whose outcomes are written, in the order of the text."""
    return tuple(case for module in _CURATED for case in module.cases())


@cache
def all_cases() -> tuple[CodecCase, ...]:
    """Every case: the written ones, then the generated ones."""
    return (*curated(), *generated.cases())
