"""Faults in what a client checks in the id of a reply."""

from hjp_conformance.mutants.client.catalogue import fault
from hjp_conformance.mutants.client.client import Client, Request
from hjp_conformance.mutants.client.putting_up import Mended, Skipping
from hjp_conformance.mutants.client.receiver import MAX_ID, Frame
from hjp_conformance.mutants.client.shared import Number, Object

# MSG-26: id


@fault("MSG-26")
class IdMissingIsOldest(Mended):
    """Takes a frame without id for the reply to the oldest request."""

    def mend(self, message: Object) -> None:
        if "id" not in message and self.waiting:
            message["id"] = Number(str(min(self.waiting)))


@fault("MSG-26")
class IdMistypedDropped(Skipping):
    """Drops a frame whose id is mistyped."""

    def check_id(self, frame: Frame) -> None:
        number = frame.message.get("id")
        if "id" in frame.message and self.integer(number, 0, MAX_ID) is None:
            self.drop(frame)
        else:
            super().check_id(frame)


@fault("MSG-26")
class IdUnknownDropped(Skipping):
    """Drops a frame whose id it does not wait for."""

    def check_waited(self, frame: Frame) -> None:
        if frame.id and not self.waits_for(frame.id):
            self.drop(frame)


@fault("MSG-26")
class IdUnchecked(Client):
    """Takes any reply for that to the oldest request, whatever its id."""

    def check_waited(self, frame: Frame) -> None:
        if frame.id:
            frame.id = min(self.waiting, default=0) or self.refuse_unasked()

    def refuse_unasked(self) -> int:
        self.refuse("bad_id")
        return 0


@fault("MSG-26")
class IdOldDropped(Skipping):
    """Drops another final reply to a request that has had one."""

    def check_waited(self, frame: Frame) -> None:
        if frame.id <= self.last_id and frame.id not in self.waiting and frame.id:
            self.drop(frame)
        else:
            super().check_waited(frame)


@fault("MSG-26")
class IdOldTaken(Client):
    """Takes another final reply to an earlier request for that to the next one."""

    def check_waited(self, frame: Frame) -> None:
        old = 0 < frame.id <= self.last_id and frame.id not in self.waiting
        if old and self.waiting:
            frame.id = min(self.waiting)
        super().check_waited(frame)


@fault("MSG-26")
class IdAheadKept(Client):
    """Keeps a reply whose id it has not used yet, until it uses it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.kept: dict[int, Frame] = {}

    def waits_for(self, number: int) -> bool:
        return number > self.last_id or super().waits_for(number)

    def accept(self, frame: Frame) -> None:
        if frame.id > self.last_id:
            self.kept[frame.id] = frame
        else:
            super().accept(frame)

    def note(self, request: Request) -> None:
        super().note(request)
        request.ended = True
        if request.id in self.kept:
            self.accept(self.kept.pop(request.id))


@fault("MSG-26")
class IdThirtyTwoBits(Client):
    """Keeps the id of a reply in 32 bits."""

    def check_id(self, frame: Frame) -> None:
        super().check_id(frame)
        frame.id &= 0xFFFFFFFF


@fault("MSG-26")
class IdUnknownBadFrame(Client):
    """Refuses an id that it does not wait for with bad_frame."""

    def check_waited(self, frame: Frame) -> None:
        if frame.id and not self.waits_for(frame.id):
            self.refuse("bad_frame")


@fault("MSG-26")
class IdMissingBadFrame(Client):
    """Refuses a frame without id with bad_frame."""

    def check_id(self, frame: Frame) -> None:
        if "id" not in frame.message:
            self.refuse("bad_frame")
        super().check_id(frame)


# MSG-27: id 0


@fault("MSG-27")
class ZeroDropped(Skipping):
    """Drops a frame with id 0 that is not a fatal error."""

    def check_connection(self, frame: Frame) -> None:
        if frame.id == 0 and not self.is_fatal(frame):
            self.drop(frame)


@fault("MSG-27")
class ZeroOkDropped(Skipping):
    """Drops a frame with id 0 whose ok is true, as a sign of life."""

    def check_connection(self, frame: Frame) -> None:
        if frame.id == 0 and frame.message["ok"] is True:
            self.drop(frame)
        else:
            super().check_connection(frame)


@fault("MSG-27")
class ZeroErrorIsFatal(Client):
    """Takes every error with id 0 for fatal, without looking at fatal."""

    def is_fatal(self, frame: Frame) -> bool:
        return frame.message.get("ok") is False


@fault("MSG-27")
class ZeroFatalThere(Client):
    """Takes an error with id 0 for fatal if it has a member fatal."""

    def is_fatal(self, frame: Frame) -> bool:
        error = frame.message.get("error")
        failed = frame.message["ok"] is False
        return failed and isinstance(error, dict) and "fatal" in error


@fault("MSG-27")
class ZeroIsOldest(Client):
    """Takes a frame with id 0 that is not fatal for a reply to the oldest request."""

    def check_connection(self, frame: Frame) -> None:
        if frame.id == 0 and not self.is_fatal(frame):
            frame.id = min(self.waiting, default=0)
        super().check_connection(frame)


@fault("MSG-27")
class ZeroBadId(Client):
    """Refuses a frame with id 0 that is not a fatal error with bad_id."""

    def check_connection(self, frame: Frame) -> None:
        if frame.id == 0 and not self.is_fatal(frame):
            self.refuse("bad_id")
