"""The vectors: octets typed by hand, and every outcome that the text permits.

The files ``vectors/*.json`` are for every language; ``schemas/vector.schema.json``
says how they are written.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from hjp_spec.examples import Part
from hjp_spec.registry import DEFAULT_MAX_PAYLOAD


@dataclass(frozen=True, slots=True)
class Permitted:
    """One outcome that the text permits."""

    status: str
    code: str | None
    frames: tuple[Part, ...]
    consumed: int


@dataclass(frozen=True, slots=True)
class Vector:
    """Octets that a codec receives, then the end of the input.

    Attributes:
        topic: the file it is in, without ``.json``.
        name: unique and permanent.
        title: what is special about it.
        requirements: the ids that it shows.
        octets: the whole input.
        max_payload: the limit in force, in octets.
        outcomes: what the codec may make of it.
    """

    topic: str
    name: str
    title: str
    requirements: tuple[str, ...]
    octets: bytes
    max_payload: int
    outcomes: tuple[Permitted, ...]


def octets(pieces: list[Any]) -> bytes:
    """The octets of a vector file's list: hex, or ``{"hex": …, "times": …}``."""
    return b"".join(_repeated(piece, "hex", bytes.fromhex) for piece in pieces)


def _json_text(value: Any) -> bytes:
    pieces = value if isinstance(value, list) else [value]
    return b"".join(_repeated(piece, "text", str.encode) for piece in pieces)


def _repeated(piece: Any, key: str, convert: Any) -> bytes:
    if isinstance(piece, str):
        return bytes(convert(piece))
    return bytes(convert(piece[key])) * int(piece["times"])


def _outcome(found: dict[str, Any]) -> Permitted:
    frames = tuple(
        Part(_json_text(frame["json"]), octets(frame.get("payload", [])))
        for frame in found.get("frames", [])
        for _ in range(frame.get("times", 1))
    )
    return Permitted(found["status"], found.get("code"), frames, found["consumed"])


def _vector(topic: str, found: dict[str, Any]) -> Vector:
    return Vector(
        topic,
        found["name"],
        found["title"],
        tuple(found["requirements"]),
        octets(found["hex"]),
        found.get("max_payload", DEFAULT_MAX_PAYLOAD),
        tuple(map(_outcome, found["outcomes"])),
    )


def vector_files() -> Iterator[tuple[str, Any]]:
    """The topic and the content of every file, in the order of their names."""
    folder = files("hjp_spec") / "vectors"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        yield entry.name.removesuffix(".json"), json.loads(entry.read_text("utf-8"))


VECTORS: tuple[Vector, ...] = tuple(
    _vector(topic, vector)
    for topic, content in vector_files()
    for vector in content["vectors"]
)
"""Every vector, file by file."""
