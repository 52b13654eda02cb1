"""What the codecs share with the servers broken on purpose: scanner and writer."""

from hjp_conformance.mutants.server.metadata import (
    BadJson,
    Cut,
    Number,
    Object,
    Scanner,
    Value,
    Writer,
)

__all__ = ["BadJson", "Cut", "Number", "Object", "Scanner", "Value", "Writer"]
