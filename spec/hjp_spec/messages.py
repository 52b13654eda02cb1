"""What the metadata of requests and replies looks like, by JSON Schema.

One file per operation below ``schemas/messages/``, with the members that its request
and its reply add to those of ``common``. That is what a sender has to write; what a
receiver does about anything else is in the text only.
"""

from typing import Any, Literal

from hjp_spec import jsonschemas
from hjp_spec.registry import OPS

Kind = Literal["request", "reply"]


def problems(kind: Kind, op: str, metadata: dict[str, Any]) -> list[str]:
    """What is wrong with the members of a message, one line each.

    Args:
        kind: whether a client or a server sends it.
        op: the operation; of one that is not in ``OPS`` only the members that all
            have are looked at, and so it is with a reply that tells of an error.
        metadata: the members, as ``ijson.parse`` gives them.
    """
    found = jsonschemas.problems("messages/common", metadata, kind)
    if op in OPS and (kind == "request" or metadata.get("ok") is True):
        found += jsonschemas.problems(f"messages/{op}", metadata, kind)
    return found
