"""All cases of the codec mode."""

from collections.abc import Iterator
from functools import cache

from hjp_conformance.catalogue import Case, level_of
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


def as_cases() -> Iterator[Case]:
    """The same, as the cases of every mode are known."""
    for case in all_cases():
        yield Case(
            case.id,
            case.title,
            case.requirements,
            level_of(case.requirements),
            case.area,
            "codec",
            "full" if case.generated else "core",
            case,
        )
