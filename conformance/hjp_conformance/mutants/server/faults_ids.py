"""Faults in what a server makes of id, op and ok."""

from hjp_conformance.mutants.server.core import MAX_ID, Connection
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.metadata import Number, Object
from hjp_conformance.mutants.server.transport import Fatal, Frame

# MSG-2 to MSG-5: id


@fault("MSG-2")
class IdMissingBadFrame(Connection):
    """Refuses a missing id with bad_frame."""

    def check_id(self, frame: Frame) -> None:
        if "id" not in frame.message:
            raise Fatal("bad_frame", "the id is missing")
        super().check_id(frame)


@fault("MSG-2")
class IdMistypedBadFrame(Connection):
    """Refuses a mistyped id with bad_frame."""

    def check_id(self, frame: Frame) -> None:
        number = frame.message.get("id", Number("0"))
        if self.integer(number, 0, MAX_ID) is None:
            raise Fatal("bad_frame", "the id is mistyped")
        super().check_id(frame)


@fault("MSG-2")
class IdMissingCounted(Connection):
    """Takes the next number for a missing id."""

    def check_id(self, frame: Frame) -> None:
        if "id" in frame.message:
            super().check_id(frame)
        else:
            frame.id = self.last_id + 1


@fault("MSG-2")
class IdZeroAccepted(Connection):
    """Answers requests with id 0."""

    def check_id(self, frame: Frame) -> None:
        if self.integer(frame.message.get("id"), 0, 0) is None:
            super().check_id(frame)

    def is_new(self, number: int) -> bool:
        return number == 0 or super().is_new(number)

    def note(self, frame: Frame) -> None:
        newest = max(self.last_id, frame.id)
        super().note(frame)
        self.last_id = newest


@fault("MSG-2")
class IdErrorNotFatal(Connection):
    """Answers a frame without id with an error that is not fatal."""

    async def serve_frame(self) -> None:
        try:
            await super().serve_frame()
        except Fatal as error:
            if error.body["message"] != "the id is missing or mistyped":
                raise
            body: Object = {"id": 0, "ok": False, "error": error.body}
            await self.send(body)


@fault("MSG-3")
class IdGapRefused(Connection):
    """Wants every id to be the one before plus 1."""

    def is_new(self, number: int) -> bool:
        return number == self.last_id + 1 or (number > 0 and self.last_id == 0)


@fault("MSG-3")
class FirstIdOne(Connection):
    """Wants the first id to be 1."""

    def is_new(self, number: int) -> bool:
        return super().is_new(number) and (self.last_id > 0 or number == 1)


@fault("MSG-3")
class IdOf31Bits(Connection):
    """Refuses ids from 2^31 on."""

    def is_new(self, number: int) -> bool:
        return super().is_new(number) and number < 1 << 31


@fault("MSG-3")
class IdNarrowed(Connection):
    """Compares the low 32 bits of ids."""

    def is_new(self, number: int) -> bool:
        mask = (1 << 32) - 1
        return number & mask > self.last_id & mask


@fault("MSG-4")
class IdAgainAccepted(Connection):
    """Answers a second request with the id of the last one."""

    def is_new(self, number: int) -> bool:
        return super().is_new(number) or (
            number == self.last_id and self.open_op is None
        )


@fault("MSG-4")
class IdSmallerAccepted(Connection):
    """Answers a request with a smaller id that was not used."""

    used: frozenset[int] = frozenset()

    def is_new(self, number: int) -> bool:
        return number not in self.used

    def note(self, frame: Frame) -> None:
        self.used |= {frame.id}
        super().note(frame)


@fault("MSG-4")
class IdUsedBadFrame(Connection):
    """Refuses a used id with bad_frame."""

    def check_place(self, frame: Frame) -> None:
        if not self.is_new(frame.id) and not self.is_open(frame.id):
            raise Fatal("bad_frame", "the id has been used")
        super().check_place(frame)


@fault("MSG-4")
class ClosedIdDropped(Connection):
    """Drops a frame of the request that has ended last."""

    def is_open(self, number: int) -> bool:
        return 0 < number == self.last_id

    def check_op(self, frame: Frame) -> None:
        if self.open_op is not None:
            super().check_op(frame)


@fault("MSG-4")
class IdsOfAllConnections(Connection):
    """Compares ids with those of all connections."""

    newest = 0

    def note(self, frame: Frame) -> None:
        super().note(frame)
        IdsOfAllConnections.newest = max(self.newest, frame.id)

    def is_new(self, number: int) -> bool:
        return number > self.newest


@fault("MSG-5")
class NewWhileOpen(Connection):
    """Takes a new id for the end of the request before."""

    def check_place(self, frame: Frame) -> None:
        if self.is_new(frame.id):
            self.open_op = None
        super().check_place(frame)


@fault("MSG-5")
class OpenNeverEnds(Connection):
    """Does not notice the last frame of a request that was answered early."""

    def note(self, frame: Frame) -> None:
        frame.more = frame.more or not frame.first
        super().note(frame)


# MSG-7 to MSG-9: op and ok


@fault("MSG-7")
class OpMissingUnknown(Connection):
    """Answers unknown_op to a request without op."""

    def check_kind(self, frame: Frame) -> None:
        frame.message.setdefault("op", "")
        super().check_kind(frame)


@fault("MSG-7")
class OpMistypedUnknown(Connection):
    """Answers unknown_op to a request with a mistyped op."""

    def check_kind(self, frame: Frame) -> None:
        if not isinstance(frame.message.get("op", ""), str):
            frame.message["op"] = ""
        super().check_kind(frame)


@fault("MSG-7")
class OpBadRequest(Connection):
    """Refuses a missing or mistyped op with bad_request."""

    def check_kind(self, frame: Frame) -> None:
        if not isinstance(frame.message.get("op"), str):
            raise Fatal("bad_request", "op is missing or mistyped")
        super().check_kind(frame)


@fault("MSG-8")
class OkIgnored(Connection):
    """Ignores ok in a request."""

    def check_kind(self, frame: Frame) -> None:
        frame.message.pop("ok", None)
        super().check_kind(frame)


@fault("MSG-8")
class OkFalseIgnored(Connection):
    """Ignores ok in a request if its value is false."""

    def check_kind(self, frame: Frame) -> None:
        if frame.message.get("ok") is False:
            del frame.message["ok"]
        super().check_kind(frame)


@fault("MSG-8")
class OkMistypedIgnored(Connection):
    """Ignores ok in a request if its value is no boolean."""

    def check_kind(self, frame: Frame) -> None:
        if not isinstance(frame.message.get("ok", True), bool):
            del frame.message["ok"]
        super().check_kind(frame)


@fault("MSG-9")
class OpMayChange(Connection):
    """Does not compare the op of later frames."""

    def check_op(self, frame: Frame) -> None:
        """Whatever it is."""


@fault("MSG-9")
class OpChangeBadFrame(Connection):
    """Refuses a changed op with bad_frame."""

    def check_op(self, frame: Frame) -> None:
        if not frame.first and frame.op != self.open_op:
            raise Fatal("bad_frame", "op differs from that of the first frame")
