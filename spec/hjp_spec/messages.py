"""What the metadata of requests and replies looks like, by JSON Schema.

One file per operation below ``schemas/messages/``, with the members that its request
and its reply add to those of ``common``. That is what a sender has to write; what a
receiver does about anything else is in the text only.
"""

from typing import Any, Literal

from hjp_spec import jsonschemas
from hjp_spec.registry import FEATURES, OPS

Kind = Literal["request", "reply"]

_KNOWN = frozenset(OPS).union(*FEATURES.values())

_PRECEDENCE = (
    "HJP-MSG-2",
    "HJP-MSG-26",
    "HJP-MSG-7",
    "HJP-MSG-8",
    "HJP-MSG-10",
    "HJP-MSG-25",
    "HJP-MSG-27",
    "HJP-MSG-28",
    "HJP-COR-7",
    "HJP-ERR-17",
    "HJP-MSG-30",
)
"""What is reported before everything else, as rows 8 to 16 of *Precedence* say."""


def faults(kind: Kind, op: str, metadata: dict[str, Any]) -> list[jsonschemas.Problem]:
    """What is wrong with the members of a message, in the order of *Precedence*.

    Args:
        kind: whether a client or a server sends it.
        op: the operation; of one that no text knows only the members that all have
            are looked at, and so it is with a reply that tells of an error. Of a
            request the first frame is meant.
        metadata: the members, as ``ijson.parse`` gives them.
    """
    found = jsonschemas.problems("messages/common", metadata, kind)
    if op in _KNOWN and (kind == "request" or metadata.get("ok") is True):
        found += jsonschemas.problems(f"messages/{op}", metadata, kind)
    return sorted(found, key=_rank)


def problems(kind: Kind, op: str, metadata: dict[str, Any]) -> list[str]:
    """The same as :func:`faults`, one line each."""
    return [str(problem) for problem in faults(kind, op, metadata)]


def _rank(problem: jsonschemas.Problem) -> int:
    if problem.requirement in _PRECEDENCE:
        return _PRECEDENCE.index(problem.requirement)
    return len(_PRECEDENCE)
