"""How much of a long run is run: `HJP_SOAK_SHARE=4` runs each fourth of what repeats."""

import os
from collections.abc import Sequence
from typing import TypeVar

_One = TypeVar("_One")


def share(ones: Sequence[_One]) -> list[_One]:
    """All, or an evenly spread share of them."""
    return list(ones[:: int(os.environ.get("HJP_SOAK_SHARE", "1"))])
