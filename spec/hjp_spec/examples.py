r"""The examples of the texts: octets typed by hand beside the parts they stand for.

They are the fences ``hjp-example``: name, sender, expectation and ids (without their
``HJP-``) in the first line, then hex with comments, a line with ``.``, then the
``json`` and ``payload`` of each frame; ``\n`` in a ``json`` line means LF.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hjp_spec.requirements import documents, text

_FENCE = re.compile(r"^```hjp-example (.+?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """What one frame of an example consists of, as JSON text and payload."""

    json: bytes
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Example:
    """Octets of the text and what a receiver makes of them.

    Attributes:
        name: unique in all documents.
        sender: ``client`` or ``server``.
        expected: ``accept``, ``incomplete`` or ``reject:`` and a code.
        requirements: the ids that it shows.
        octets: what is on the wire.
        parts: the frames that are accepted.
        document: the text it stands in, without ``.md``.
    """

    name: str
    sender: str
    expected: str
    requirements: tuple[str, ...]
    octets: bytes
    parts: tuple[Part, ...]
    document: str


def parse(markdown: str, document: str) -> Iterator[Example]:
    """The examples of a text.

    Raises:
        ValueError: a fence is not as this module's first lines say.
    """
    for info, body in _FENCE.findall(markdown):
        name, sender, expected, *ids = info.split()
        octets, dot, parts = f"\n{body}".partition("\n.\n")
        if not dot:
            raise ValueError(f"{name}: no line '.' after the octets")
        yield Example(
            name,
            sender,
            expected,
            tuple(f"HJP-{id_}" for id_ in ids),
            _octets(octets),
            tuple(_parts(name, parts.splitlines())),
            document,
        )


def _octets(lines: str) -> bytes:
    return bytes.fromhex("".join(line.partition(";")[0] for line in lines.split("\n")))


def _parts(name: str, lines: list[str]) -> Iterator[Part]:
    json: bytes | None = None
    for line in lines:
        word, _, value = line.partition(" ")
        if word == "json":
            if json is not None:
                yield Part(json)
            json = value.replace(r"\n", "\n").encode()
        elif word == "payload" and json is not None:
            yield Part(json, bytes.fromhex(value))
            json = None
        else:
            raise ValueError(f"{name}: a line that is no part of a frame: {line}")
    if json is not None:
        yield Part(json)


def index(examples: Iterable[Example]) -> dict[str, Example]:
    """Examples by their names.

    Raises:
        ValueError: two have the same.
    """
    found: dict[str, Example] = {}
    for example in examples:
        if example.name in found:
            raise ValueError(f"two examples are named {example.name}")
        found[example.name] = example
    return found


EXAMPLES: dict[str, Example] = index(
    example for document in documents() for example in parse(text(document), document)
)
"""Every example by its name, in the order of the texts."""
