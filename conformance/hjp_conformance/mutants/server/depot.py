"""What a server of files keeps, in memory: objects, stages, uploads."""

import itertools
from dataclasses import dataclass, field
from typing import Any

_TAGS = itertools.count(1)


@dataclass
class Thing:
    """One state of an object."""

    octets: bytes
    tag: str = field(default_factory=lambda: f"t{next(_TAGS)}")


@dataclass
class Upload:
    """What is known of an upload: its stage, who writes it, or what became of it."""

    terms: tuple[Any, ...]
    octets: bytearray = field(default_factory=bytearray)
    user: Any = None
    result: dict[str, Any] | None = None


@dataclass
class Put:
    """A put that has not ended, as its first frame has begun it."""

    id: int
    name: str
    size: int | None
    digest: str | None
    overwrite: bool
    upload: Upload | None = None
    token: str = ""
    octets: bytearray = field(default_factory=bytearray)
    offset: int = 0
    frames: int = 1


@dataclass
class Depot:
    """All that a server keeps; one for all of its connections."""

    things: dict[str, Thing] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    puts: list[Put] = field(default_factory=list)
