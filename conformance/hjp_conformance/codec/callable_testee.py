"""A testee around a parser in Python: `python -m … module:callable`.

The parser is a callable from octets to pairs of metadata (a dict) and payload (bytes),
or to objects with attributes of these names; or a factory, called without arguments,
of objects with `feed(octets)`, which gives such pairs, and `close()`. It refuses a
frame by ValueError, with the code in an attribute `code` if it tells codes, and tells
by EOFError that the input ends inside a frame. What it prints goes to standard error.
"""

import importlib
import inspect
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

NO_CALLABLE = "there is no callable "
"""How the line begins that says so, before the process ends."""


def resolve(name: str) -> Callable[..., Any]:
    """The callable that is named so; the current directory is looked at first.

    Before the module there may be a folder, as in `other/place/mine:parse`, which then
    is looked at before that.
    """
    module, _, path = name.partition(":")
    folder, slash, module = module.rpartition("/")
    if slash:
        sys.path.insert(0, folder or slash)
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    if not callable(found):
        raise TypeError(f"{name} is not callable")
    return found  # type: ignore[no-any-return]


def is_factory(found: Callable[..., Any]) -> bool:
    """Whether it is callable without arguments, and makes something with feed."""
    try:
        inspect.signature(found).bind()
    except (TypeError, ValueError):
        return isinstance(found, type)
    return hasattr(found(), "feed")


def given(found: Callable[..., Any], chunks: list[bytes]) -> Iterator[Any]:
    """The frames, as the parser gives them."""
    if not is_factory(found):
        yield from found(b"".join(chunks))
        return
    decoder = found()
    for chunk in chunks:
        yield from decoder.feed(chunk) or ()
    decoder.close()


def pair(frame: Any) -> dict[str, str]:
    """A frame as the reply has it, its metadata written as some text of that value."""
    if hasattr(frame, "payload"):
        frame = frame.metadata, frame.payload
    metadata, load = frame
    return {"json": json.dumps(metadata), "payload": bytes(load).hex()}


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
    # How many octets these frames took only their texts would tell.
    return {**reply, "frames": [*map(pair, frames)], "consumed": 0}


def main() -> None:
    """Answer the lines that the suite writes, until its input ends."""
    output, sys.stdout = sys.stdout, sys.stderr
    try:
        found = resolve(sys.argv[1])
    except Exception as error:  # whatever the module raises when it is imported
        sys.exit(f"{NO_CALLABLE}{sys.argv[1]}: {error!r:.300}")
    offered = ["describe", "decode", "reset"]
    about = {
        "status": "ok",
        "testee": 1,
        "name": sys.argv[1],
        "commands": offered,
        "codes": False,
    }
    for line in sys.stdin.buffer:
        request = json.loads(line)
        decodes = request["cmd"] == "decode"
        try:
            reply = decode(found, request["chunks"]) if decodes else about
        except Exception as error:  # whatever the parser raises that it must not
            reply = {"status": "error", "message": repr(error)[:500]}
        print(json.dumps(reply), flush=True, file=output)


if __name__ == "__main__":
    main()
