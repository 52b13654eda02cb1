"""Faults in what a client checks in ok, op and more of a reply."""

from hjp_conformance.mutants.client.catalogue import fault
from hjp_conformance.mutants.client.client import Client
from hjp_conformance.mutants.client.putting_up import Mended, Skipping
from hjp_conformance.mutants.client.receiver import Frame
from hjp_conformance.mutants.client.shared import Number, Object, Value

# MSG-11: more


@fault("MSG-11")
class MoreThereIsMore(Client):
    """Takes a reply with a member more for an interim one, whatever its value."""

    def check_more(self, frame: Frame) -> None:
        super().check_more(frame)
        frame.more = "more" in frame.message


@fault("MSG-11")
class MoreFalseRefused(Client):
    """Refuses a reply in which more is written out as false."""

    def check_more(self, frame: Frame) -> None:
        super().check_more(frame)
        if "more" in frame.message and not frame.more:
            self.refuse("bad_frame")


@fault("MSG-11")
class MoreInErrorRefused(Client):
    """Refuses an error with a member more, even if it is false."""

    def check_error_more(self, frame: Frame) -> None:
        if "more" in frame.message:
            self.refuse("bad_frame")


# MSG-25: ok, op and more


@fault("MSG-25")
class OkMissingIsTrue(Mended):
    """Takes a frame without ok for a good reply."""

    def mend(self, message: Object) -> None:
        message.setdefault("ok", True)


@fault("MSG-25")
class OkMissingIsError(Mended):
    """Takes a frame without ok for an error internal."""

    def mend(self, message: Object) -> None:
        if "ok" not in message:
            message.update(ok=False, error={"code": "internal"})


@fault("MSG-25")
class OkMissingDropped(Skipping):
    """Drops a frame without ok and waits for the next one."""

    def check_ok(self, frame: Frame) -> None:
        if "ok" in frame.message:
            super().check_ok(frame)
        else:
            self.drop(frame)


class Truthy(Mended):
    """Takes values of other types for booleans."""

    member = "ok"

    def mend(self, message: Object) -> None:
        if self.member in message:
            message[self.member] = self.truth(message[self.member])

    def truth(self, value: Value) -> bool:
        return value.value != 0 if isinstance(value, Number) else bool(value)


@fault("MSG-25")
class OkTruthy(Truthy):
    """Takes every value of ok that is not empty or zero for true."""

    def mend(self, message: Object) -> None:
        super().mend(message)
        if message.get("ok") is False:
            message.setdefault("error", {"code": "internal"})


@fault("MSG-25")
class OkNumber(Mended):
    """Takes 1 for true in ok."""

    def mend(self, message: Object) -> None:
        if message.get("ok") == Number("1"):
            message["ok"] = True


@fault("MSG-25")
class OkString(Mended):
    """Takes the string "true" for true in ok."""

    def mend(self, message: Object) -> None:
        if message.get("ok") == "true":
            message["ok"] = True


@fault("MSG-25")
class OkBadJson(Client):
    """Refuses a mistyped ok with bad_json."""

    def check_ok(self, frame: Frame) -> None:
        if not isinstance(frame.message.get("ok"), bool):
            self.refuse("bad_json")


@fault("MSG-25")
class OpIgnored(Client):
    """Does not mind a member op in a reply."""

    def check_op(self, frame: Frame) -> None:
        """Everything is welcome."""


@fault("MSG-25")
class OpOfRequest(Client):
    """Does not mind a member op in a reply if it is that of the request."""

    def check_op(self, frame: Frame) -> None:
        request = self.waiting.get(frame.id)
        if request is None or frame.message.get("op") != request.op:
            super().check_op(frame)


@fault("MSG-25")
class OpNotString(Client):
    """Does not mind a member op in a reply if it is no string."""

    def check_op(self, frame: Frame) -> None:
        if isinstance(frame.message.get("op"), str):
            super().check_op(frame)


@fault("MSG-25")
class MoreTruthy(Truthy):
    """Takes every value of more that is not empty or zero for true."""

    member = "more"


@fault("MSG-25")
class MoreNullIsFalse(Mended):
    """Takes null for false in more."""

    def mend(self, message: Object) -> None:
        if message.get("more", False) is None:
            del message["more"]


@fault("MSG-25")
class MoreOfErrorIgnored(Client):
    """Does not look at the type of more in an error."""

    def check_more(self, frame: Frame) -> None:
        if frame.message["ok"]:
            super().check_more(frame)
