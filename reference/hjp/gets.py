"""How objects are got, asked about, listed and deleted."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hjp.digests import Hasher
from hjp.errors import Code, ConnectionLost, ReplyError, TransferError
from hjp.events import Reply
from hjp.metadata import is_integer
from hjp.sinks import FileSink, Octets, Sink, Writable
from hjp.sources import PathLike
from hjp.transfers import (
    Begin,
    Connect,
    Give,
    Leave,
    Progress,
    Receive,
    Steps,
    Stored,
    Tries,
    Work,
    ask,
    check_name,
    member,
)

__all__ = ["Entry", "GetOptions", "delete", "get", "list_all", "sink_for", "stat"]

# The object is not what a part of it was got of: there is nothing to go on with.
_OTHER_STATE: Final = (Code.CHANGED, Code.OFFSET_MISMATCH)


@dataclass(frozen=True, slots=True)
class GetOptions:
    """How to get."""

    digest: bool = True
    retries: int = 5
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What a server says of an object."""

    name: str
    """From the server: `get` refuses one that could be no file's (HJP-NAM-7)."""
    size: int
    tag: str | None = None
    modified_ms: int | None = None
    """When it was last changed, in milliseconds since 1970-01-01 00:00 UTC."""
    digest: str | None = None


# get


def sink_for(to: PathLike | Writable, name: str, origin: str, *, resume: bool) -> Sink:
    """Find out where an object goes.

    Raises:
        ValueError: The name cannot be that of a file.
    """
    check_name(name)
    if not isinstance(to, str | os.PathLike):
        return Sink(to)
    path = Path(to)
    if path.is_dir():
        path /= name
    return FileSink(path, f"{origin} {name}", resume=resume)


def get(name: str, sink: Sink, options: GetOptions) -> Steps[Stored]:
    """Get one object."""
    try:
        yield Work(sink.open)
        return (yield from _Get(name, sink, options).run())
    finally:
        sink.close()


class _Get:
    """One object on its way."""

    def __init__(self, name: str, sink: Sink, options: GetOptions) -> None:
        self._name = name
        self._sink = sink
        self._options = options
        self._tries = Tries(options.retries)
        self._hasher = Hasher()

    def run(self) -> Steps[Stored]:
        """Try until it is there, or cannot be."""
        if self._options.digest:
            yield Work(self._sink.hash_into, (self._hasher,))
        try:
            while True:
                before = self._sink.size
                try:
                    stored = yield from self._try()
                    break
                except (ConnectionLost, TimeoutError, ReplyError) as error:
                    yield from self._pause(error, before)
            yield Work(self._sink.finish)
        except TransferError:
            yield Work(self._sink.discard)
            raise
        finally:
            yield Work(self._hasher.wait)
        return stored

    def _pause(self, error: Exception, before: int) -> Steps[None]:
        if self._sink.size > before:
            self._tries.reset()
        if not (isinstance(error, ReplyError) and error.code in _OTHER_STATE):
            yield from self._tries.pause(error)
        elif self._tries.failed < self._tries.most:
            self._tries.failed += 1
            yield from self._restart()
        else:
            raise error

    def _restart(self) -> Steps[None]:
        yield Work(self._hasher.wait)
        self._hasher = Hasher()
        yield Work(self._sink.restart)

    def _try(self) -> Steps[Stored]:
        yield Connect()
        begin, members = self._sink.size, {"name": self._name, **self._range()}
        stream = yield Begin("get", members, in_parts=True)
        try:
            said = yield from self._take(stream)
        except BaseException as error:
            yield Leave(stream, error)
            raise
        yield Leave(stream, None)
        if not self._options.digest:
            return Stored(self._sink.size, None)
        digest = yield Work(self._hasher.digest)
        theirs = said.get("digest") if not begin else (yield from self._ask_digest())
        if theirs != digest:  # HJP-GET-10
            raise TransferError(f"the octets have the digest {digest}, not {theirs}")
        return Stored(self._sink.size, digest)

    def _range(self) -> dict[str, Any]:
        if self._sink.size:
            return {"offset": self._sink.size, "if_tag": self._sink.tag}
        return {"digest": True} if self._options.digest else {}

    def _take(self, stream: Any) -> Steps[Mapping[str, Any]]:
        """Take the replies; give what the last one says."""
        reply = yield Receive(stream)
        size = yield from self._begin(reply.unwrap())
        while True:
            self._check(len(reply.payload) + self._sink.size <= size, size)
            yield Work(self._add, (reply.payload,))
            if self._options.progress:
                self._options.progress(self._sink.size, size)
            if not reply.more:
                break
            reply = (yield Receive(stream)).unwrap()
        self._check(self._sink.size == size, size)
        return dict(reply.metadata)

    def _begin(self, reply: Reply) -> Steps[int]:
        size: int = member(reply, "size", is_integer, "HJP-GET-2")
        tag = member(reply, "tag", lambda it: isinstance(it, str), "HJP-GET-2")
        yield Work(self._sink.begin, (tag,))
        return size

    def _check(self, is_right: bool, size: int) -> None:
        """HJP-GET-10."""
        if not is_right:
            raise TransferError(f"the server sent another number of octets than {size}")

    def _add(self, octets: Octets) -> None:
        if self._options.digest:
            self._hasher.update(octets)
        self._sink.write(octets)

    def _ask_digest(self) -> Steps[str | None]:
        """Learn the digest of the whole, of which only the end was got just now."""
        reply = yield from ask("stat", {"name": self._name, "digest": True})
        if reply.metadata.get("tag") != self._sink.tag:
            raise ReplyError(Code.CHANGED, "the object changed while it was got")
        digest = reply.metadata.get("digest")
        return digest if isinstance(digest, str) else None


# stat, list, delete


def stat(name: str, *, digest: bool) -> Steps[Entry]:
    """Ask about an object."""
    check_name(name)
    members: dict[str, Any] = {"name": name} | ({"digest": True} if digest else {})
    reply = yield from ask("stat", members)
    member(reply, "tag", lambda it: isinstance(it, str), "HJP-STA-1")
    if digest:
        member(reply, "digest", lambda it: isinstance(it, str), "HJP-STA-2")
    return _entry({**reply.metadata, "name": name})


def list_all(after: str) -> Steps[None]:
    """List the objects whose names are greater; an `Entry` for each."""
    while True:
        reply = yield from ask("list", {"after": after} if after else {})
        entries = member(reply, "entries", lambda it: isinstance(it, list), "HJP-LST-1")
        for entry in entries:
            yield Give(_entry(entry))
        if "next" not in reply.metadata:
            return
        after = _next(reply, after)


def _next(reply: Reply, after: str) -> str:
    """Tell where the next page begins: a list that does not go on would never end."""

    def goes_on(name: Any) -> bool:
        return isinstance(name, str) and name.encode() > after.encode()

    return str(member(reply, "next", goes_on, "HJP-LST-3"))


def delete(name: str, if_tag: str | None) -> Steps[None]:
    """Delete an object."""
    check_name(name)
    members = {"name": name} | ({} if if_tag is None else {"if_tag": if_tag})
    yield from ask("delete", members)


def _entry(said: Any) -> Entry:
    values = said if isinstance(said, dict) else {}
    name, size = values.get("name"), values.get("size")
    if not (isinstance(name, str) and isinstance(size, int) and is_integer(size)):
        raise TransferError("the server sent an entry without name and size")
    tag, modified_ms, digest = map(values.get, ("tag", "modified_ms", "digest"))
    return Entry(
        name,
        size,
        tag if isinstance(tag, str) else None,
        modified_ms if is_integer(modified_ms) else None,
        digest if isinstance(digest, str) else None,
    )
