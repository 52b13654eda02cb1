"""Other people's formats of a header, JSON and a payload.

A format is described with `construct`, and a `Format` is read from that: how frames
are written, right and wrong, and what is right of them.  What its own text does not
decide is no finding.  Worked examples are in ``fuzz/examples``.
"""

from hjp_fuzz.cases import Draft
from hjp_fuzz.formats.format import Format, dialect
from hjp_fuzz.formats.schema import UNDECIDED, Json, Text, member
from hjp_fuzz.sources import Source

__all__ = [
    "UNDECIDED",
    "Draft",
    "Format",
    "Json",
    "Source",
    "Text",
    "dialect",
    "member",
]
