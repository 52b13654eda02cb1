"""Faults in what a put commits, when, and in who sees it."""

import asyncio

from hjp_conformance.mutants.server.depot import Put, Thing
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.files import Files, digest
from hjp_conformance.mutants.server.metadata import Object
from hjp_conformance.mutants.server.transport import Failed, Frame

# PUT-8, PUT-14: exists, and what is committed


@fault("PUT-8")
class ExistsUnchecked(Files):
    """Replaces every object."""

    def check_exists(self, put: Put) -> None:
        """It looks for none."""


@fault("PUT-8")
class ExistsAtTheFirstFrame(Files):
    """Looks for an object at the first frame only."""

    def check_early(self, put: Put) -> None:
        super().check_exists(put)

    def check_exists(self, put: Put) -> None:
        """It has looked."""


@fault("PUT-8")
class ExistsUnlessSame(Files):
    """Takes the same octets again."""

    def check_exists(self, put: Put) -> None:
        thing = self.depot.things.get(put.name)
        if thing is None or thing.octets != put.octets:
            super().check_exists(put)


@fault("PUT-8")
class ExistsUnlessFalse(Files):
    """Takes an overwrite that is false for true."""

    def check_members(self, frame: Frame) -> None:
        super().check_members(frame)
        if frame.op == "put" and "overwrite" in frame.message:
            frame.message["overwrite"] = True


@fault("PUT-8")
class ExistsAsConflict(Files):
    """Answers conflict instead of exists."""

    def check_exists(self, put: Put) -> None:
        try:
            super().check_exists(put)
        except Failed:
            raise Failed("conflict", "there is one") from None


@fault("PUT-14")
class CommitDespiteDigest(Files):
    """Commits, and then finds the digest wrong."""

    def check_final_digest(self, put: Put, told: str | None) -> None:
        if told is not None and digest(put.octets) != told and not put.upload:
            self.commit(put)
        super().check_final_digest(put, told)


@fault("PUT-14")
class CommitDespiteSize(Files):
    """Keeps what has come when it is more than size."""

    def check_length(self, put: Put) -> None:
        if put.size is not None and len(put.octets) > put.size:
            self.commit(put)
        super().check_length(put)


@fault("PUT-14")
class CommitDespiteExists(Files):
    """Says exists and replaces the object all the same."""

    def check_exists(self, put: Put) -> None:
        try:
            super().check_exists(put)
        except Failed:
            self.commit(put)
            raise


@fault("PUT-14")
class CommitAtTheEnd(Files):
    """Commits what the end of the connection has left."""

    async def close(self) -> None:
        if self.put is not None and self.put.upload is None:
            self.commit(self.put)
        await super().close()


@fault("PUT-14")
class CommitRefused(Files):
    """Begins anew with the frames that follow an error."""

    refused: Put | None = None

    async def fail(self, frame: Frame, error: Failed) -> None:
        self.refused = self.put
        await super().fail(frame, error)

    async def drop(self, frame: Frame) -> None:
        if self.put is None and self.refused is not None and frame.payload_length:
            put = self.refused
            await self.read_payload(frame)
            put.octets[:] = frame.payload
            self.commit(put)
            return
        await super().drop(frame)


# PUT-12, PUT-13: the reply


@fault("PUT-12")
class ReplyWithoutSize(Files):
    """Answers a put without its size."""

    def put_members(self, put: Put, told: str | None) -> Object:
        members = super().put_members(put, told)
        del members["size"]
        return members


@fault("PUT-12")
class ReplyOfLastFrame(Files):
    """Tells half of the octets as the size."""

    def put_members(self, put: Put, told: str | None) -> Object:
        return {**super().put_members(put, told), "size": len(put.octets) // 2}


@fault("PUT-12")
class ReplyWithoutDigest(Files):
    """Answers a put with a digest without it."""

    def put_members(self, put: Put, told: str | None) -> Object:
        return super().put_members(put, None)


@fault("PUT-12")
class ReplyWithoutLastDigest(Files):
    """Tells the digest only where the first frame had it."""

    def put_members(self, put: Put, told: str | None) -> Object:
        return super().put_members(put, put.digest)


@fault("PUT-13")
class CommitLater(Files):
    """Commits half a second after the reply."""

    def commit(self, put: Put) -> None:
        asyncio.get_running_loop().call_later(0.5, super().commit, put)


@fault("PUT-13")
class ListedLater(Files):
    """Lists an object only when the next one is put."""

    def visible(self) -> list[str]:
        return super().visible()[:-1]


# PUT-15, PUT-16: what others see


@fault("PUT-15")
class StageListed(Files):
    """Lists what is being put."""

    def visible(self) -> list[str]:
        return [*{*super().visible(), *(put.name for put in self.depot.puts)}]

    def entry_size(self, name: str) -> int:
        return super().entry_size(name) if name in self.depot.things else 0


@fault("PUT-15")
class StageListedAsPart(StageListed):
    """Lists what is being put under another name."""

    def visible(self) -> list[str]:
        names = {f"{put.name}.part" for put in self.depot.puts}
        return [*{*Files.visible(self), *names}]


@fault("PUT-15")
class StageListedWhenLeft(Files):
    """Lists the stages of uploads under the names that they shall get."""

    def visible(self) -> list[str]:
        uploads = self.depot.uploads.values()
        left = {str(one.terms[0]) for one in uploads if one.octets and not one.result}
        return [*{*super().visible(), *left}]

    def entry_size(self, name: str) -> int:
        return super().entry_size(name) if name in self.depot.things else 0


@fault("PUT-15")
class StageGot(Files):
    """Finds what is being put."""

    def found(self, frame: Frame) -> Thing:
        for put in self.depot.puts:
            if put.name == frame.message["name"]:
                return Thing(bytes(put.octets))
        return super().found(frame)


@fault("PUT-16")
class EmptiedFirst(Files):
    """Empties an object when a put begins that is to replace it."""

    async def begin_put(self, frame: Frame) -> None:
        name = str(frame.message["name"])
        if name in self.depot.things and frame.message.get("overwrite") is True:
            self.depot.things[name] = Thing(b"")
        await super().begin_put(frame)


@fault("PUT-16")
class RemovedFirst(Files):
    """Removes an object when a put begins that is to replace it."""

    async def begin_put(self, frame: Frame) -> None:
        if frame.message.get("overwrite") is True:
            self.depot.things.pop(str(frame.message["name"]), None)
        await super().begin_put(frame)


@fault("PUT-16")
class SizeFirst(Files):
    """Tells the size that an object will have."""

    def get_members(self, thing: Thing) -> Object:
        members = super().get_members(thing)
        for put in self.depot.puts:
            if self.depot.things.get(put.name) is thing:
                members["size"] = len(put.octets)
        return members


# What follows an error


@fault("MSG-20")
class ErrorTwice(Files):
    """Answers the frames that follow an error with it again."""

    last: Failed | None = None

    async def fail(self, frame: Frame, error: Failed) -> None:
        self.last = error if frame.op == "put" else None
        await super().fail(frame, error)

    async def drop(self, frame: Frame) -> None:
        was = self.put
        await super().drop(frame)
        if was is None and self.last is not None and frame.payload_length:
            await Files.fail(self, frame, self.last)


@fault("MSG-17")
class ErrorAtTheEnd(Files):
    """Says that octets are too many only when the put has ended."""

    late: Failed | None = None

    def check_length(self, put: Put) -> None:
        try:
            super().check_length(put)
        except Failed as error:
            self.late = error

    def finish(self, frame: Frame, put: Put) -> Object:
        if self.late is not None:
            raise self.late
        return super().finish(frame, put)


@fault("ERR-5")
class EndsAfterPutError(Files):
    """Ends the connection when frames follow an error."""

    refused = False

    async def fail(self, frame: Frame, error: Failed) -> None:
        self.refused = frame.op == "put"
        await super().fail(frame, error)

    async def drop(self, frame: Frame) -> None:
        if self.put is None and self.refused:
            raise ConnectionAbortedError
        await super().drop(frame)
