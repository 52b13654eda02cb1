"""Faults in put."""

from collections.abc import Callable

from hjp_conformance.mutants.server.depot import Put, Thing
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.files import Files, digest
from hjp_conformance.mutants.server.transport import Failed, Frame

# PUT-1: the octets


@fault("PUT-1")
class PutFirstOnly(Files):
    """Takes the payload of the first frame only."""

    def taken(self, frame: Frame, put: Put) -> bytes:
        return frame.payload if put.frames == 1 or put.upload else b""


@fault("PUT-1")
class PutLastOnly(Files):
    """Keeps the payload of the last frame only."""

    def taken(self, frame: Frame, put: Put) -> bytes:
        put.octets.clear()
        return frame.payload


@fault("PUT-1")
class PutBackwards(Files):
    """Puts each payload before those that came earlier."""

    def taken(self, frame: Frame, put: Put) -> bytes:
        before = bytes(put.octets)
        put.octets.clear()
        return frame.payload + before


@fault("PUT-1")
class PutAsText(Files):
    """Changes line ends."""

    def taken(self, frame: Frame, put: Put) -> bytes:
        return frame.payload.replace(b"\r\n", b"\n")


@fault("PUT-1")
class PutUntilNul(Files):
    """Ends at an octet of 0."""

    def taken(self, frame: Frame, put: Put) -> bytes:
        return frame.payload.split(b"\0")[0]


@fault("PUT-1")
class PutEmptyEnds(Files):
    """Takes a frame without payload for the last one."""

    async def feed(self, frame: Frame, put: Put) -> None:
        frame.more = frame.more and frame.payload_length > 0
        await super().feed(frame, put)


@fault("PUT-1")
class PutKeepsTail(Files):
    """Overwrites the start of a longer object and keeps its tail."""

    def commit(self, put: Put) -> None:
        before = self.depot.things.get(put.name, Thing(b"")).octets
        put.octets += before[len(put.octets) :]
        super().commit(put)


# PUT-3: the last frame


@fault("PUT-3")
class LastUnchecked(Files):
    """Takes a mistyped size or digest of the last frame for none."""

    def stated(self, frame: Frame, put: Put) -> tuple[int | None, str | None]:
        for check, name in ((self.check_size, "size"), (self.check_digest, "digest")):
            try:
                check(frame)
            except Failed as error:
                if error.body["code"] == "bad_request":
                    del frame.message[name]
        return super().stated(frame, put)


@fault("PUT-3")
class LastSizeWins(Files):
    """Forgets the first frame's size where the last has one."""

    def stated(self, frame: Frame, put: Put) -> tuple[int | None, str | None]:
        put.size = None if "size" in frame.message else put.size
        return super().stated(frame, put)


@fault("PUT-3")
class LastDigestIgnored(Files):
    """Forgets the last frame's digest where the first has one."""

    def stated(self, frame: Frame, put: Put) -> tuple[int | None, str | None]:
        if put.digest is not None:
            frame.message.pop("digest", None)
        return super().stated(frame, put)


@fault("PUT-1")
class MiddleChecked(Files):
    """Minds a size in a frame that is neither first nor last."""

    async def feed(self, frame: Frame, put: Put) -> None:
        self.check_size(frame)
        await super().feed(frame, put)


@fault("FIL-4")
class LastAlgorithm(Files):
    """Answers bad_request to another algorithm on the last frame."""

    def stated(self, frame: Frame, put: Put) -> tuple[int | None, str | None]:
        try:
            return super().stated(frame, put)
        except Failed:
            raise Failed("bad_request", "the last frame is wrong") from None


# PUT-4: max_object


@fault("PUT-4")
class MaxObjectUnchecked(Files):
    """Takes more than the max_object that it states."""

    def is_too_large(self, octets: int) -> bool:
        return False


@fault("PUT-4")
class MaxObjectOfSizeOnly(Files):
    """Looks at the size only, and lets the octets become more."""

    def check_length(self, put: Put) -> None:
        if put.size is not None:
            super().check_length(put)


@fault("PUT-4")
class MaxObjectOfOctetsOnly(Files):
    """Does not look at the size that is stated."""

    def check_size(self, frame: Frame) -> None:
        self.whole("size")(frame)


@fault("PUT-4")
class MaxObjectNamed(Files):
    """Names another limit."""

    def too_large(self) -> Failed:
        return Failed("too_large", "too many octets", limit="max_payload")


@fault("PUT-4")
class MaxObjectNoSpace(Files):
    """Answers size_mismatch to more than max_object."""

    def too_large(self) -> Failed:
        return Failed("size_mismatch", "too many octets")


@fault("FIL-8")
class MaxObjectLess(Files):
    """Takes one octet less than it states."""

    def is_too_large(self, octets: int) -> bool:
        return octets >= self.max_object


# PUT-5 to PUT-7, PUT-11: sizes and digests


@fault("PUT-5")
class SizeAtTheEnd(Files):
    """Counts the octets at the end only."""

    def check_length(self, put: Put) -> None:
        if self.is_too_large(len(put.octets)):
            raise self.too_large()


@fault("PUT-6")
class SizeUnchecked(Files):
    """Takes fewer octets than size says."""

    def check_final_size(self, put: Put, size: int | None) -> None:
        if size is not None and len(put.octets) > size:
            super().check_final_size(put, size)


@fault("PUT-6")
class SizeOfLastUnchecked(Files):
    """Does not compare the last frame's size with the octets."""

    def check_final_size(self, put: Put, size: int | None) -> None:
        super().check_final_size(put, put.size)


@fault("PUT-6")
class SizeZero(Files):
    """Takes a size of 0 for none."""

    def check_final_size(self, put: Put, size: int | None) -> None:
        super().check_final_size(put, size or None)

    def check_length(self, put: Put) -> None:
        put.size = put.size or None
        super().check_length(put)


@fault("PUT-6")
class SizeAsDigest(Files):
    """Answers bad_request to a size that is wrong."""

    def check_final_size(self, put: Put, size: int | None) -> None:
        if size is not None and len(put.octets) != size:
            raise Failed("bad_request", "another size")


@fault("PUT-7")
class DigestUnchecked(Files):
    """Does not work the digest out."""

    def check_final_digest(self, put: Put, told: str | None) -> None:
        """It believes what it is told."""


@fault("PUT-7")
class DigestOfLastUnchecked(Files):
    """Does not look at a digest that only the last frame has."""

    def check_final_digest(self, put: Put, told: str | None) -> None:
        super().check_final_digest(put, put.digest)


@fault("PUT-7")
class DigestOfLastFrame(Files):
    """Works out the digest of the first 40 000 octets."""

    def check_final_digest(self, put: Put, told: str | None) -> None:
        if told is not None and digest(put.octets[:40_000]) != told:
            raise Failed("digest_mismatch", "other octets")


@fault("PUT-7")
class DigestByStart(Files):
    """Compares the first digits of a digest only."""

    def check_final_digest(self, put: Put, told: str | None) -> None:
        if told is not None and digest(put.octets)[:-1] != told[:-1]:
            raise Failed("digest_mismatch", "other octets")


@fault("PUT-11")
class DigestBeforeSize(Files):
    """Checks the digest before the size."""

    def final_rows(
        self, size: int | None, told: str | None
    ) -> list[Callable[[Put], None]]:
        first, second, *others = super().final_rows(size, told)
        return [second, first, *others]


@fault("PUT-11")
class SizeBeforeMembers(Files):
    """Checks the size before the members of the last frame."""

    def stated(self, frame: Frame, put: Put) -> tuple[int | None, str | None]:
        self.check_final_size(put, put.size)
        return super().stated(frame, put)
