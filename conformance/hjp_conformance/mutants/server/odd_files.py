"""Servers of files that are correct, but odd in what the text leaves free."""

import asyncio
import itertools

from hjp_conformance.mutants.server.core import Operation
from hjp_conformance.mutants.server.depot import Put, Thing
from hjp_conformance.mutants.server.files import Files, digest
from hjp_conformance.mutants.server.metadata import Object, Value
from hjp_conformance.mutants.server.oddities import odd
from hjp_conformance.mutants.server.transport import Failed, Frame

COUNT = itertools.count(1)


@odd
class GetInCrumbs(Files):
    """Sends the first sixteen octets of a get in a frame each, then 40 000 at a time."""

    def slice(self, frame: Frame, thing: Thing, begin: int, end: int) -> bytes:
        most = 1 if begin - self.first_offset(frame) < 16 else 40_000
        return super().slice(frame, thing, begin, min(end, begin + most))


@odd
class GetEndsEmpty(Files):
    """Sends all octets of a get in interim replies, and a final one without any."""

    async def send(self, message: Object, payload: bytes = b"") -> None:
        if not self.is_getting or message.get("more") is True or "error" in message:
            await super().send(message, payload)
            return
        last = {name: message.pop(name) for name in ("digest",) if name in message}
        await super().send({**message, "more": True}, payload)
        await super().send({"id": message["id"], "ok": True, **last})

    is_getting = False

    async def do_get(self, frame: Frame) -> None:
        self.is_getting = True
        try:
            await super().do_get(frame)
        finally:
            self.is_getting = False


@odd
class GetSaysAllEachTime(Files):
    """Repeats size and tag in every frame of a get."""

    def later_members(self, members: Object) -> Object:
        return members


@odd
class ListOneByOne(Files):
    """Lists one entry a page."""

    def count(self, frame: Frame, names: list[str]) -> int:
        return min(1, super().count(frame, names))


@odd
class ListEndsEmpty(Files):
    """Tells a next behind the last entry too: there may be more by then."""

    def next_of(self, names: list[str], count: int) -> Object:
        return {"next": names[count - 1]} if count else {}


@odd
class ListSaysMore(Files):
    """Has tag, time and private members in its entries."""

    def entry(self, name: str) -> Object:
        tag = self.depot.things[name].tag
        return {"x-a": None, "modified_ms": 1, "tag": tag, **super().entry(name)}


@odd
class ExistsEarly(Files):
    """Says exists at the first frame, and again at the end."""

    def check_early(self, put: Put) -> None:
        self.check_exists(put)


@odd
class ExistsAtEachFrame(Files):
    """Says exists as soon as there is an object, of an upload too."""

    async def feed(self, frame: Frame, put: Put) -> None:
        self.check_exists(put)
        await super().feed(frame, put)


@odd
class TagsOfMarks(Files):
    """Makes tags of 128 characters that are marks."""

    def commit(self, put: Put) -> None:
        super().commit(put)
        marks = "\"\\/'<>~!{}"
        self.depot.things[put.name].tag = (marks + f"{next(COUNT)}").rjust(128, "~")


@odd
class SmallObjects(Files):
    """Takes objects of 1000 octets at most."""

    max_object = 1000


@odd
class NoMaxObject(Files):
    """States no max_object."""

    max_object = 2**53

    def limits(self) -> Object:
        return {}


@odd
class CaseFolded(Files):
    """Cannot tell names apart that differ in case."""

    def key(self, name: str) -> str:
        for one in self.depot.things:
            if one.lower() == name.lower():
                return one
        return name

    async def begin_put(self, frame: Frame) -> None:
        frame.message["name"] = self.key(str(frame.message["name"]))
        await super().begin_put(frame)

    def commit(self, put: Put) -> None:
        put.name = self.key(put.name)
        super().commit(put)

    def check_exists(self, put: Put) -> None:
        put.name = self.key(put.name)
        super().check_exists(put)

    def found(self, frame: Frame) -> Thing:
        frame.message["name"] = self.key(str(frame.message["name"]))
        return super().found(frame)


@odd
class AsciiNames(Files):
    """Has a file system that holds ASCII names of 143 octets."""

    def check_name(self, frame: Frame) -> None:
        super().check_name(frame)
        name = str(frame.message["name"])
        if not name.isascii() or len(name) > 143:
            raise Failed("bad_name", "this file system cannot hold it")


@odd
class ReadOnly(Files):
    """Lets nobody put or delete."""

    async def begin_put(self, frame: Frame) -> None:
        raise Failed("forbidden", "the store is read-only")

    def do_delete(self, frame: Frame) -> tuple[Object, bytes]:
        raise Failed("forbidden", "the store is read-only")


@odd
class FullStore(Files):
    """Has no room for more than twenty objects."""

    def check_length(self, put: Put) -> None:
        if len(self.depot.things) >= 20:
            raise Failed("no_space", "the store is full")
        super().check_length(put)


@odd
class FilesOnly(Files):
    """Offers neither resume nor delete."""

    def features(self) -> list[Value]:
        return ["files"]

    def operations(self) -> dict[str, Operation]:
        return {op: do for op, do in super().operations().items() if op != "delete"}

    def check_upload(self, frame: Frame) -> None:
        frame.message.pop("upload", None)


@odd
class StageInBlocks(Files):
    """Keeps of an upload that was interrupted only whole blocks of 4096 octets."""

    def leave(self, put: Put, code: str | None) -> None:
        if put.upload is not None and put.upload.user is put:
            del put.octets[len(put.octets) // 4096 * 4096 :]
        super().leave(put, code)


@odd
class DigestsUnasked(Files):
    """Tells a digest whether or not it was asked for."""

    def put_members(self, put: Put, told: str | None) -> Object:
        return super().put_members(put, digest(put.octets))

    def stat_members(self, thing: Thing) -> Object:
        return {**super().stat_members(thing), "digest": digest(thing.octets)}


@odd
class CommitsSlowly(Files):
    """Thinks before it looks at a put that has ended."""

    async def feed(self, frame: Frame, put: Put) -> None:
        await self.read_payload(frame)
        if not frame.more:
            await asyncio.sleep(0.01)
        await super().feed(frame, put)
