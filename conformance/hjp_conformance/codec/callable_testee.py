"""A testee around a parser in Python: `python -m … module:callable`.

The parser is a callable from octets to pairs of metadata (a dict) and payload (bytes),
or to objects with attributes of these names; or a factory, called without arguments,
of objects with `feed(octets)`, which gives such pairs, and `close()`. It refuses a
frame by ValueError, with the code in an attribute `code` if it tells codes, and tells
by EOFError that the input ends inside a frame.
"""

import importlib
import inspect
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from hjp_spec.registry import HEADER_LENGTH


def resolve(name: str) -> Callable[..., Any]:
    """The callable that is named so, from the current directory first."""
    sys.path.insert(0, "")
    module, _, path = name.partition(":")
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    if not callable(found):
        raise TypeError(f"{name} is not callable")
    return found  # type: ignore[no-any-return]


def feeds(found: Callable[..., Any]) -> bool:
    """Whether it is a factory: callable without arguments, for something with feed."""
    try:
        inspect.signature(found).bind()
    except (TypeError, ValueError):
        return isinstance(found, type)
    return hasattr(found(), "feed")


def given(found: Callable[..., Any], chunks: list[bytes]) -> Iterator[Any]:
    """The frames, as the parser gives them."""
    if not feeds(found):
        yield from found(b"".join(chunks))
        return
    decoder = found()
    for chunk in chunks:
        yield from decoder.feed(chunk) or ()
    decoder.close()


def pair(frame: Any) -> dict[str, str]:
    """A frame as the reply has it, its metadata written as some text of that value."""
    has_names = hasattr(frame, "payload")
    metadata, load = (frame.metadata, frame.payload) if has_names else frame
    return {"json": json.dumps(metadata), "payload": bytes(load).hex()}


def size(octets: bytes, frames: int) -> int:
    """What so many frames take at the start of the octets, by their headers."""
    start = 0
    for _ in range(frames):
        lengths = octets[start + 8 : start + 12], octets[start + 12 : start + 16]
        start += HEADER_LENGTH + sum(int.from_bytes(one, "little") for one in lengths)
    return start


def decode(found: Callable[..., Any], chunks: Iterable[str]) -> dict[str, Any]:
    """The reply to decode."""
    octets = [bytes.fromhex(chunk) for chunk in chunks]
    frames: list[Any] = []
    reply = {"status": "accept"}
    try:
        for frame in given(found, octets):
            frames.append(frame)
    except EOFError:
        reply = {"status": "incomplete"}
    except ValueError as error:
        reply = {"status": "reject"}
        if isinstance(getattr(error, "code", None), str):
            reply["code"] = str(error.code)  # type: ignore[attr-defined]
    taken = size(b"".join(octets), len(frames))
    return {**reply, "frames": [*map(pair, frames)], "consumed": taken}


def main() -> None:
    """Answer the lines that the suite writes, until its input ends."""
    output, sys.stdout = sys.stdout, sys.stderr  # a parser may print what it likes
    found = resolve(sys.argv[1])
    offered = ["describe", "decode", "reset"]
    about = {"testee": 1, "name": sys.argv[1], "commands": offered, "codes": False}
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            reply = {"status": "ok", **about}
            if request["cmd"] == "decode":
                reply = decode(found, request["chunks"])
        except Exception as error:  # whatever the parser raises that it must not
            reply = {"status": "error", "message": repr(error)[:500]}
        print(json.dumps(reply), flush=True, file=output)


if __name__ == "__main__":
    main()
