"""Faults in resume."""

from typing import Any

from hjp_conformance.mutants.server.depot import Put, Upload
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.files import Files
from hjp_conformance.mutants.server.metadata import Object
from hjp_conformance.mutants.server.transport import Failed, Frame

# RSM-1: the first frame


@fault("RSM-1")
class TokenAny(Files):
    """Takes any string for an upload."""

    def is_token(self, token: str) -> bool:
        return True


@fault("RSM-1")
class TokenCapitals(Files):
    """Takes capitals in an upload."""

    def is_token(self, token: str) -> bool:
        return super().is_token(token.lower())


@fault("RSM-1")
class TokenLonger(Files):
    """Takes an upload of more than 32 digits."""

    def is_token(self, token: str) -> bool:
        return super().is_token(token[:32])


@fault("RSM-1")
class TokenUuid(Files):
    """Takes an upload with hyphens."""

    def is_token(self, token: str) -> bool:
        return super().is_token(token.replace("-", ""))


@fault("RSM-1")
class UploadWithPayload(Files):
    """Drops a payload of the first frame of an upload."""

    def check_upload(self, frame: Frame) -> None:
        length, frame.payload_length = frame.payload_length, 0
        super().check_upload(frame)
        frame.payload_length = length


@fault("RSM-1")
class UploadWithoutMore(Files):
    """Takes a first frame of an upload without more."""

    def check_upload(self, frame: Frame) -> None:
        more, frame.more = frame.more, True
        super().check_upload(frame)
        frame.more = more


@fault("ERR-15")
class UploadFirst(Files):
    """Looks at the upload before the other members."""

    def check_name(self, frame: Frame) -> None:
        if frame.op == "put":
            self.check_upload(frame)
        super().check_name(frame)


# RSM-2: conflict


@fault("RSM-2")
class ConflictUnseen(Files):
    """Does not compare what the first frames say."""

    def terms(self, put: Put) -> tuple[Any, ...]:
        return ()


@fault("RSM-2")
class ConflictOfNameOnly(Files):
    """Compares the names only."""

    def terms(self, put: Put) -> tuple[Any, ...]:
        return (put.name,)


@fault("RSM-2")
class ConflictWithoutOverwrite(Files):
    """Does not compare overwrite."""

    def terms(self, put: Put) -> tuple[Any, ...]:
        return put.name, put.size, put.digest


@fault("RSM-2")
class ConflictWithoutName(Files):
    """Does not compare the names."""

    def terms(self, put: Put) -> tuple[Any, ...]:
        return put.size, put.digest, put.overwrite


class Unlike(Files):
    """Compares what the first frames say by a rule of its own."""

    async def begin_upload(self, frame: Frame, put: Put, token: str) -> None:
        upload = self.depot.uploads.get(token)
        if upload is not None and self.is_like(upload, frame, put):
            upload.terms = self.terms(put)
        await super().begin_upload(frame, put, token)

    def is_like(self, upload: Upload, frame: Frame, put: Put) -> bool:
        return False


@fault("RSM-2")
class ConflictOfResults(Unlike):
    """Does not compare where the upload was committed."""

    def is_like(self, upload: Upload, frame: Frame, put: Put) -> bool:
        return upload.result is not None


@fault("RSM-2")
class ConflictOfStages(Unlike):
    """Compares only where the upload was committed."""

    def is_like(self, upload: Upload, frame: Frame, put: Put) -> bool:
        return upload.result is None


@fault("RSM-2")
class ConflictAbsentTaken(Unlike):
    """Takes a size that is absent for any."""

    def is_like(self, upload: Upload, frame: Frame, put: Put) -> bool:
        return put.size is None


@fault("RSM-2")
class ConflictOfLiterals(Files):
    """Takes an absent overwrite and a false one for two."""

    literal = False

    async def begin_upload(self, frame: Frame, put: Put, token: str) -> None:
        self.literal = "overwrite" in frame.message
        await super().begin_upload(frame, put, token)

    def terms(self, put: Put) -> tuple[Any, ...]:
        return *super().terms(put), self.literal


@fault("RSM-2")
class ConflictAsBadRequest(Files):
    """Answers bad_request instead of conflict."""

    async def begin_upload(self, frame: Frame, put: Put, token: str) -> None:
        try:
            await super().begin_upload(frame, put, token)
        except Failed as error:
            if error.body["code"] != "conflict":
                raise
            raise Failed("bad_request", "other members") from None


# RSM-3, RSM-5, RSM-6: offsets


@fault("RSM-3")
class OffsetZero(Files):
    """Says 0 and goes on where it stopped."""

    def told_offset(self, put: Put) -> int:
        return 0


@fault("RSM-3")
class OffsetMore(Files):
    """Says an octet more than it has."""

    def told_offset(self, put: Put) -> int:
        return super().told_offset(put) + bool(put.octets)


@fault("RSM-16")
class OffsetRounded(Files):
    """Counts in blocks, the last of which is not full."""

    def told_offset(self, put: Put) -> int:
        return (super().told_offset(put) + 65_535) // 65_536 * 65_536


class Interim(Files):
    """Changes its interim replies to put."""

    def change(self, message: Object) -> Object | None:
        return message

    async def send(self, message: Object, payload: bytes = b"") -> None:
        if message.get("more") is True and "offset" in message:
            changed = self.change(message)
            if changed is None:
                return
            message = changed
        await super().send(message, payload)


@fault("RSM-3")
class InterimMissing(Interim):
    """Sends no interim reply where it has nothing."""

    def change(self, message: Object) -> Object | None:
        return message if message["offset"] else None


@fault("RSM-3")
class InterimWithoutOffset(Interim):
    """Sends an interim reply without offset."""

    def change(self, message: Object) -> Object:
        return {name: value for name, value in message.items() if name != "offset"}


@fault("RSM-3")
class InterimFinal(Interim):
    """Forgets more in its interim reply."""

    def change(self, message: Object) -> Object:
        return {**message, "more": False}


@fault("RSM-5")
class OffsetOptional(Files):
    """Takes a second frame without offset."""

    def check_offset(self, frame: Frame, put: Put) -> None:
        frame.message.setdefault("offset", None)
        if frame.message["offset"] is not None:
            super().check_offset(frame, put)


@fault("RSM-5")
class OffsetMistyped(Files):
    """Answers offset_mismatch to an offset that is mistyped."""

    def check_offset(self, frame: Frame, put: Put) -> None:
        try:
            super().check_offset(frame, put)
        except Failed:
            where = put.offset
            raise Failed("offset_mismatch", "another", offset=where) from None


@fault("RSM-5")
class OffsetWanted(Files):
    """Wants an offset in every later frame."""

    def check_user(self, put: Put) -> None:
        super().check_user(put)

    async def feed(self, frame: Frame, put: Put) -> None:
        if put.upload is not None and "offset" not in frame.message:
            raise Failed("bad_request", "offset is missing")
        await super().feed(frame, put)


@fault("RSM-6")
class OffsetBelieved(Files):
    """Does not compare the offset of the second frame."""

    def check_offset(self, frame: Frame, put: Put) -> None:
        if self.integer(frame.message.get("offset"), 0, 2**53 - 1) is None:
            super().check_offset(frame, put)


@fault("RSM-6")
class OffsetBeforeTaken(Files):
    """Takes an offset that is less than its own, and writes there."""

    def check_offset(self, frame: Frame, put: Put) -> None:
        offset = self.integer(frame.message.get("offset"), 0, 2**53 - 1)
        if offset is None or offset >= put.offset:
            super().check_offset(frame, put)
            return
        del put.octets[offset:]


@fault("RSM-6")
class UploadOffsetBare(Files):
    """Does not say which offset would be right."""

    def check_offset(self, frame: Frame, put: Put) -> None:
        try:
            super().check_offset(frame, put)
        except Failed as error:
            error.body.pop("offset", None)
            raise


@fault("RSM-6")
class UploadOffsetZero(Files):
    """Says 0 where an upload has gone farther."""

    def check_offset(self, frame: Frame, put: Put) -> None:
        try:
            super().check_offset(frame, put)
        except Failed as error:
            if "offset" in error.body:
                error.body["offset"] = 0
            raise


# RSM-7, RSM-8: what is kept


@fault("RSM-7")
class StageDropped(Files):
    """Discards the stage of an upload that was interrupted."""

    def discards(self, code: str | None) -> bool:
        return code is None or super().discards(code)


@fault("RSM-7")
class StageDroppedByErrors(Files):
    """Discards the stage of an upload after any error."""

    def discards(self, code: str | None) -> bool:
        return code is not None


@fault("RSM-7")
class StageDroppedByOffset(Files):
    """Discards the stage after offset_mismatch."""

    def discards(self, code: str | None) -> bool:
        return code == "offset_mismatch" or super().discards(code)


@fault("RSM-7")
class StageOfConnection(Files):
    """Knows an upload only on the connection on which it has begun."""

    async def begin_upload(self, frame: Frame, put: Put, token: str) -> None:
        await super().begin_upload(frame, put, f"{id(self)} {token}")


class StageKept(Files):
    """Keeps the stage after an error in its octets."""

    kept = ""

    def discards(self, code: str | None) -> bool:
        return code != self.kept and super().discards(code)


@fault("RSM-8")
class StageKeptAfterSize(StageKept):
    """Keeps the stage after size_mismatch."""

    kept = "size_mismatch"


@fault("RSM-8")
class StageKeptAfterDigest(StageKept):
    """Keeps the stage after digest_mismatch."""

    kept = "digest_mismatch"


@fault("RSM-8")
class StageKeptAfterTooLarge(StageKept):
    """Keeps the stage after too_large."""

    kept = "too_large"


# RSM-10, RSM-11: results


@fault("RSM-10")
class ResultForgotten(Files):
    """Forgets an upload once it is committed."""

    def keep_result(self, upload: Upload, members: Object) -> None:
        for token, one in [*self.depot.uploads.items()]:
            if one is upload:
                del self.depot.uploads[token]


@fault("RSM-10")
class ResultWithoutDigest(Files):
    """Leaves the digest out of a result that it tells again."""

    def stored(self, upload: Upload) -> Object:
        members = super().stored(upload)
        return {name: value for name, value in members.items() if name == "size"}


@fault("RSM-10")
class ResultAsExists(Files):
    """Answers exists to an upload that was committed."""

    def stored(self, upload: Upload) -> Object:
        raise Failed("exists", "it is there")


@fault("RSM-10")
class ResultAsInterim(Files):
    """Tells at the first frame of a committed upload that it has all octets."""

    def keep_result(self, upload: Upload, members: Object) -> None:
        """It asks for the last frame once more."""


@fault("RSM-11")
class ResultCommittedAgain(Files):
    """Commits an upload again when its result is asked for."""

    def stored(self, upload: Upload) -> Object:
        put = Put(0, str(upload.terms[0]), None, None, overwrite=True)
        put.octets = upload.octets
        self.commit(put)
        return super().stored(upload)


# RSM-12, RSM-13: one after the other


@fault("RSM-12")
class BothWrite(Files):
    """Lets two requests with one upload write to the stage."""

    def check_user(self, put: Put) -> None:
        """Whoever comes."""


@fault("RSM-12")
class EarlierWrites(Files):
    """Tells the earlier request that it has lost at its end only."""

    def check_user(self, put: Put) -> None:
        """Whoever comes."""

    def finish(self, frame: Frame, put: Put) -> Object:
        super().check_user(put)
        return super().finish(frame, put)


@fault("RSM-13")
class SupersededAsConflict(Files):
    """Answers conflict instead of superseded."""

    def check_user(self, put: Put) -> None:
        try:
            super().check_user(put)
        except Failed:
            raise Failed("conflict", "a later request has this upload") from None


@fault("RSM-13")
class EarlierWins(Files):
    """Answers superseded to the later request."""

    def claimant(self, upload: Upload, put: Put) -> Any:
        if upload.user is not None:
            raise Failed("superseded", "an earlier request has this upload")
        return put


@fault("RSM-12")
class ConflictSupersedes(Files):
    """Stops a request for a later one that is answered with conflict."""

    async def begin_upload(self, frame: Frame, put: Put, token: str) -> None:
        upload = self.depot.uploads.get(token)
        if upload is not None:
            upload.user = put
        await super().begin_upload(frame, put, token)
