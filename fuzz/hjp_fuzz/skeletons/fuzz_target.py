"""What `hjp-fuzz` fuzzes: a function from octets to frames.

The contract:

* ``parse(data)`` gives pairs of metadata (a dict) and payload (bytes), one for each
  frame.  As a generator it has given the frames before a fault when it raises.
* It refuses a frame by raising ValueError, or what `--error MODULE:CLASS` names.  If
  the error has an attribute ``code``, such as "bad_json", that is compared as well.
* An end inside a frame raises EOFError, or what `--incomplete MODULE:CLASS` names.

A parser that takes octets as they come is named by its factory in place of ``parse``:
called without arguments, it makes an object with ``feed(chunk)``, which gives the
frames that the chunk completes, and ``close()``, which raises EOFError inside a frame.
It is tried in many divisions of the octets.
"""

import json
from collections.abc import Iterator
from typing import Any


class RefusedError(ValueError):
    """A frame is wrong."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# YOUR PARSER HERE: this one believes most of what it reads.
def parse(data: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield metadata and payload of each frame."""
    while data:
        if len(data) < 16:
            raise EOFError("inside a header")
        if data[:4] != b"HJP\xff":
            raise RefusedError("bad_magic")
        json_length = int.from_bytes(data[8:12], "little")
        end = 16 + json_length + int.from_bytes(data[12:16], "little")
        if len(data) < end:
            raise EOFError("inside a frame")
        try:
            metadata = json.loads(data[16 : 16 + json_length])
        except ValueError:
            raise RefusedError("bad_json") from None
        yield metadata, data[16 + json_length : end]
        data = data[end:]
