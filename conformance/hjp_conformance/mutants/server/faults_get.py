"""Faults in get and stat."""

import asyncio
import itertools
import socket

from hjp_conformance.mutants.server.depot import Thing
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.files import Files, digest
from hjp_conformance.mutants.server.metadata import Object
from hjp_conformance.mutants.server.transport import Failed, Frame

COUNT = itertools.count(1)

# GET-1: the range


@fault("GET-1")
class OffsetIgnored(Files):
    """Sends an object from its start."""

    def first_offset(self, frame: Frame) -> int:
        return 0


@fault("GET-1")
class LengthIgnored(Files):
    """Sends an object to its end."""

    def end_of(self, frame: Frame, thing: Thing, begin: int) -> int:
        return len(thing.octets)


@fault("GET-1")
class LengthZero(Files):
    """Takes a length of 0 for none."""

    def end_of(self, frame: Frame, thing: Thing, begin: int) -> int:
        length = self.number(frame, "length") or len(thing.octets)
        return min(len(thing.octets), begin + length)


@fault("GET-1")
class LengthAsEnd(Files):
    """Takes the length for where the range ends."""

    def end_of(self, frame: Frame, thing: Thing, begin: int) -> int:
        return super().end_of(frame, thing, 0)


@fault("GET-1")
class LengthOneMore(Files):
    """Sends an octet too many."""

    def end_of(self, frame: Frame, thing: Thing, begin: int) -> int:
        more = "length" in frame.message
        return min(super().end_of(frame, thing, begin) + more, len(thing.octets))


@fault("GET-1")
class LengthOf32Bits(Files):
    """Adds offset and length in 32 bits."""

    def end_of(self, frame: Frame, thing: Thing, begin: int) -> int:
        length = self.number(frame, "length")
        size = len(thing.octets)
        return size if length is None else min(size, (begin + length) % 2**32)


@fault("GET-1")
class RangeBeyondRefused(Files):
    """Refuses a range that ends behind the object."""

    def end_of(self, frame: Frame, thing: Thing, begin: int) -> int:
        length = self.number(frame, "length") or 0
        if begin + length > len(thing.octets):
            raise Failed("bad_request", "the object is shorter")
        return super().end_of(frame, thing, begin)


@fault("GET-1")
class OffsetAtEndRefused(Files):
    """Refuses an offset that is the size."""

    def check_begin(self, thing: Thing, begin: int) -> None:
        super().check_begin(thing, begin + (0 < begin == len(thing.octets)))


@fault("GET-1")
class OneFrameOnly(Files):
    """Sends no more than one frame has."""

    def end_of(self, frame: Frame, thing: Thing, begin: int) -> int:
        return min(super().end_of(frame, thing, begin), begin + 65_536)


@fault("GET-1")
class PiecesOverlap(Files):
    """Sends an octet twice where two frames meet."""

    def slice(self, frame: Frame, thing: Thing, begin: int, end: int) -> bytes:
        again = begin > self.first_offset(frame) and begin % 65_536 == 0
        return thing.octets[begin - again : end - again]


# GET-2: size and tag


class FirstFrame(Files):
    """Says something else of an object."""


@fault("GET-2")
class SizeMissing(FirstFrame):
    """Answers a get without size."""

    def get_members(self, thing: Thing) -> Object:
        return {"tag": thing.tag}

    def stat_members(self, thing: Thing) -> Object:
        return Files.get_members(self, thing)


@fault("GET-2")
class TagMissing(FirstFrame):
    """Answers a get without tag."""

    def get_members(self, thing: Thing) -> Object:
        return {"size": len(thing.octets)}

    def stat_members(self, thing: Thing) -> Object:
        return Files.get_members(self, thing)


@fault("GET-2")
class SizeOfRange(Files):
    """Tells how many octets follow, not how many the object has."""

    async def do_get(self, frame: Frame) -> None:
        thing = self.found(frame)
        begin = self.first_offset(frame)
        self.left = max(0, self.end_of(frame, thing, begin) - begin)
        await super().do_get(frame)

    def get_members(self, thing: Thing) -> Object:
        return {**super().get_members(thing), "size": vars(self).get("left", 0)}

    def stat_members(self, thing: Thing) -> Object:
        return super().get_members(thing)


@fault("GET-2")
class SizeInTheLast(Files):
    """Says size and tag in the final reply only."""

    async def send(self, message: Object, payload: bytes = b"") -> None:
        if message.get("more") is True and "tag" in message:
            self.kept = {name: message.pop(name) for name in ("size", "tag")}
        elif message.get("ok") is True and vars(self).get("kept"):
            message |= self.kept
            self.kept = {}
        await super().send(message, payload)


@fault("GET-2")
class TagWithSpace(Files):
    """Makes tags with a space."""

    def get_members(self, thing: Thing) -> Object:
        return {**super().get_members(thing), "tag": f"v {thing.tag}"}


@fault("GET-2")
class TagTooLong(Files):
    """Makes tags of 129 characters."""

    def get_members(self, thing: Thing) -> Object:
        return {**super().get_members(thing), "tag": thing.tag.rjust(129, "x")}


# GET-3, GET-4


@fault("GET-3")
class OffsetBehindIsEmpty(Files):
    """Answers an offset behind the end with no octets."""

    def check_begin(self, thing: Thing, begin: int) -> None:
        """It sends what is there."""


@fault("GET-3")
class OffsetErrorBare(Files):
    """Does not say which offset would be right."""

    def check_begin(self, thing: Thing, begin: int) -> None:
        if begin > len(thing.octets):
            raise Failed("offset_mismatch", "the object is shorter")


@fault("GET-3")
class OffsetErrorAsked(Files):
    """Tells the offset that was asked for."""

    def check_begin(self, thing: Thing, begin: int) -> None:
        if begin > len(thing.octets):
            raise Failed("offset_mismatch", "the object is shorter", offset=begin)


@fault("GET-3")
class OffsetErrorBadRequest(Files):
    """Answers bad_request to an offset behind the end."""

    def check_begin(self, thing: Thing, begin: int) -> None:
        if begin > len(thing.octets):
            raise Failed("bad_request", "the object is shorter")


@fault("GET-4")
class IfTagIgnored(Files):
    """Does not look at if_tag."""

    def check_tag(self, frame: Frame, thing: Thing) -> None:
        """Any will do."""


@fault("GET-4")
class IfTagIgnoredByGet(Files):
    """Does not look at the if_tag of a get."""

    def check_tag(self, frame: Frame, thing: Thing) -> None:
        if frame.op != "get":
            super().check_tag(frame, thing)


@fault("GET-4")
class IfTagIgnoredByDelete(Files):
    """Does not look at the if_tag of a delete."""

    def check_tag(self, frame: Frame, thing: Thing) -> None:
        if frame.op != "delete":
            super().check_tag(frame, thing)


@fault("GET-4")
class IfTagEmpty(Files):
    """Takes an empty if_tag for none."""

    def check_tag(self, frame: Frame, thing: Thing) -> None:
        if frame.message.get("if_tag"):
            super().check_tag(frame, thing)


@fault("GET-4")
class IfTagStar(Files):
    """Takes * for every tag."""

    def check_tag(self, frame: Frame, thing: Thing) -> None:
        if frame.message.get("if_tag") != "*":
            super().check_tag(frame, thing)


@fault("GET-4")
class IfTagByStart(Files):
    """Compares the start of a tag only."""

    def check_tag(self, frame: Frame, thing: Thing) -> None:
        asked = frame.message.get("if_tag")
        if not isinstance(asked, str) or not thing.tag.startswith(asked or "-"):
            super().check_tag(frame, thing)


@fault("GET-4")
class IfTagAfterOffset(Files):
    """Looks at the offset before it looks at if_tag."""

    def check_tag(self, frame: Frame, thing: Thing) -> None:
        self.check_begin(thing, self.first_offset(frame))
        super().check_tag(frame, thing)


# GET-5, GET-6: one state


class Slow(Files):
    """Sends as slowly as the client reads."""

    async def opened(self) -> None:
        plug = self.writer.transport.get_extra_info("socket")
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)

    def now_there(self, frame: Frame) -> Thing | None:
        return self.depot.things.get(str(frame.message["name"]))


@fault("GET-5")
class StatesMixed(Slow):
    """Goes on in whatever object the name has by then."""

    def slice(self, frame: Frame, thing: Thing, begin: int, end: int) -> bytes:
        there = self.now_there(frame) or thing
        return there.octets[begin:end]


@fault("GET-6")
class CutAtChange(Slow):
    """Ends a get as if it were done where the object has changed."""

    def slice(self, frame: Frame, thing: Thing, begin: int, end: int) -> bytes:
        return thing.octets[begin:end] if self.now_there(frame) is thing else b""


@fault("GET-6")
class NotFoundAtChange(Slow):
    """Answers not_found where the object has changed."""

    def slice(self, frame: Frame, thing: Thing, begin: int, end: int) -> bytes:
        if self.now_there(frame) is not thing:
            raise Failed("not_found", "it has gone")
        return thing.octets[begin:end]


# GET-7: the digest


@fault("GET-7")
class DigestOfWhole(Files):
    """Tells the digest of the whole object, not of the range."""

    def range_digest(self, thing: Thing, octets: bytes) -> str:
        return digest(thing.octets)


@fault("GET-7")
class DigestOfLastPiece(Files):
    """Tells the digest of the octets of the last frame."""

    def range_digest(self, thing: Thing, octets: bytes) -> str:
        return digest(octets[-(len(octets) % 65_536) :] if octets else octets)


@fault("GET-7")
class DigestMissing(Files):
    """Answers a get with digest true without one."""

    def reply_message(self, frame: Frame, members: Object) -> Object:
        if frame.op == "get":
            members = {k: v for k, v in members.items() if k != "digest"}
        return super().reply_message(frame, members)


@fault("GET-7")
class DigestInTheFirst(Files):
    """Tells the digest in the first of several frames only."""

    async def send(self, message: Object, payload: bytes = b"") -> None:
        if "digest" in message and "tag" not in message and "size" not in message:
            del message["digest"]
        await super().send(message, payload)


@fault("GET-7")
class DigestCapital(Files):
    """Writes digests in capitals."""

    def range_digest(self, thing: Thing, octets: bytes) -> str:
        told = digest(octets)
        return told[:8] + told[8:].upper()


# GET-8, GET-9: tags


@fault("GET-8")
class TagOfName(Files):
    """Gives all states of an object one tag."""

    def commit(self, put: "object") -> None:
        super().commit(put)  # type: ignore[arg-type]
        for name, thing in self.depot.things.items():
            thing.tag = f"n{abs(hash(name))}"


@fault("GET-9")
class TagAnew(Files):
    """Gives an object another tag at each look."""

    def found(self, frame: Frame) -> Thing:
        thing = super().found(frame)
        if "if_tag" not in frame.message:
            thing.tag = f"a{next(COUNT)}"
        return thing


# The limit, and readers that are slow


@fault("LIM-4")
class PiecesTooLong(Files):
    """Sends as much in a frame as it would itself take."""

    def most(self) -> int:
        return self.max_payload


@fault("LIF-6")
class GetBlocksAll(Slow):
    """Serves nobody else while the reader of a get is slow."""

    turn = asyncio.Lock()

    async def do_get(self, frame: Frame) -> None:
        async with self.turn:
            await super().do_get(frame)


# STA-1, STA-2


@fault("STA-1")
class StatWithoutTag(Files):
    """Answers a stat without tag."""

    def stat_members(self, thing: Thing) -> Object:
        return {"size": len(thing.octets)}


@fault("STA-1")
class StatWithoutSize(Files):
    """Answers a stat without size."""

    def stat_members(self, thing: Thing) -> Object:
        return {"tag": thing.tag}


@fault("STA-1")
class StatInBlocks(Files):
    """Tells the size in blocks of 512 octets."""

    def stat_members(self, thing: Thing) -> Object:
        return {"size": (len(thing.octets) + 511) // 512 * 512, "tag": thing.tag}


@fault("STA-1")
class StatOtherTag(Files):
    """Tells another tag by stat than by get."""

    def stat_members(self, thing: Thing) -> Object:
        return {"size": len(thing.octets), "tag": f"W/{thing.tag}"}


@fault("STA-2")
class StatWithoutDigest(Files):
    """Answers a stat with digest true without one."""

    def do_stat(self, frame: Frame) -> tuple[Object, bytes]:
        return self.stat_members(self.found(frame)), b""


@fault("STA-2")
class StatDigestCached(Files):
    """Keeps the digest of a name of its first state."""

    def do_stat(self, frame: Frame) -> tuple[Object, bytes]:
        members, payload = super().do_stat(frame)
        cache: dict[str, object] = vars(self).setdefault("digests", {})
        if "digest" in members:
            name = str(frame.message["name"])
            members["digest"] = str(cache.setdefault(name, members["digest"]))
        return members, payload


@fault("STA-2")
class StatDigestOfStart(Files):
    """Works out the digest of the first 65 536 octets."""

    def stat_digest(self, thing: Thing) -> str:
        return digest(thing.octets[:65_536])
