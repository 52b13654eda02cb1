"""All cases of the codec mode, and the requirements that they are about."""

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

REQUIREMENTS = (
    *(f"HJP-FRM-{number}" for number in range(1, 20) if number != 6),
    *(f"HJP-MET-{number}" for number in range(1, 15)),
    "HJP-ERR-15",
    *(f"HJP-TST-{number}" for number in (*range(1, 7), 15, 16)),
)
"""Those that a codec and its testee have to obey."""


@cache
def curated() -> tuple[CodecCase, ...]:
    """The cases whose outcomes are written, in the order of the text."""
    return tuple(case for module in _CURATED for case in module.cases())


@cache
def all_cases() -> tuple[CodecCase, ...]:
    """Every case: the written ones, then the generated ones."""
    return (*curated(), *generated.cases())
