"""Cases that are enumerated, not written: every member of a family, in a fixed order.

The oracle of the specification says what is permitted, when a case is run.

Ids are permanent: each is the family's name and what varies, by its value and never by
its position, as in `codec-met-octet-034-as-5c`. So a family grows by more values, which
only adds cases; a value that is taken out takes its cases with it and comes back under
the same ids. What does not vary (the text around, the frame before) is part of the
family's meaning: it never changes, a family with another one has another name. A test
holds a sample of ids against the octets that they stand for.
"""

from collections.abc import Iterator

from hjp_conformance.codec.decoding import DecodeCase
from hjp_conformance.codec.generated import frames, scalars, texts


def cases() -> Iterator[DecodeCase]:
    """All of them, family by family."""
    yield from frames.cases()
    yield from texts.cases()
    yield from scalars.cases()
