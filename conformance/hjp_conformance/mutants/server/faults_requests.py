"""Faults in what a server makes of requests beyond id, op and ok."""

from hjp_conformance.mutants.server.core import Connection
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.transport import Failed, Fatal, Frame

# MSG-10 to MSG-12: more, and requests sent ahead


@fault("MSG-10")
class MoreNull(Connection):
    """Takes null for an absent more."""

    def check_more(self, frame: Frame) -> None:
        if frame.message.get("more", 0) is None:
            del frame.message["more"]
        super().check_more(frame)


@fault("MSG-10")
class MoreTruthy(Connection):
    """Takes every value of more for true or false."""

    def check_more(self, frame: Frame) -> None:
        frame.more = frame.message.get("more") not in (None, False, "", [], {})


@fault("MSG-10")
class MoreBadRequest(Connection):
    """Answers bad_request to a mistyped more."""

    def check_more(self, frame: Frame) -> None:
        if isinstance(frame.message.get("more", True), bool):
            super().check_more(frame)

    def check_body(self, frame: Frame) -> None:
        if not isinstance(frame.message.get("more", True), bool):
            raise self.bad_request(frame, "more is mistyped")
        super().check_body(frame)


@fault("MSG-11")
class MorePresent(Connection):
    """Takes a present more for true, even if it is false."""

    def check_more(self, frame: Frame) -> None:
        super().check_more(frame)
        frame.more = "more" in frame.message


@fault("MSG-12")
class AheadBusy(Connection):
    """Answers busy to a request when another one has already come."""

    async def prepare(self, frame: Frame) -> None:
        if len(self.buffer) > frame.left:
            raise Failed("busy", "one request at a time")


@fault("MSG-12")
class AheadFatal(Connection):
    """Refuses a request that has come before the one before was answered."""

    busy = False

    async def serve_frame(self) -> None:
        self.busy = len(self.buffer) > 0 and self.frames > 0
        await super().serve_frame()

    def check_place(self, frame: Frame) -> None:
        super().check_place(frame)
        if self.busy and frame.first:
            raise Fatal("bad_frame", "one request at a time")


# MSG-18: payloads nobody asked for


@fault("MSG-18")
class PingPayloadRefused(Connection):
    """Answers bad_request to a ping with a payload."""

    def check_members(self, frame: Frame) -> None:
        super().check_members(frame)
        if frame.op == "ping" and frame.payload_length:
            raise Failed("bad_request", "ping has no payload")


@fault("MSG-18")
class HelloPayloadRefused(Connection):
    """Refuses a hello with a payload."""

    def check_members(self, frame: Frame) -> None:
        super().check_members(frame)
        if frame.op == "hello" and frame.payload_length:
            raise Fatal("bad_request", "hello has no payload")


# MSG-30: timeout_ms


@fault("MSG-30")
class TimeoutIgnored(Connection):
    """Does not look at timeout_ms."""

    def check_timeout(self, frame: Frame) -> None:
        """Whatever it is."""


@fault("MSG-30")
class TimeoutZero(Connection):
    """Accepts a timeout_ms of 0."""

    def check_timeout(self, frame: Frame) -> None:
        if self.integer(frame.message.get("timeout_ms"), 0, 0) is None:
            super().check_timeout(frame)


@fault("MSG-30")
class TimeoutNull(Connection):
    """Takes null for an absent timeout_ms."""

    def check_timeout(self, frame: Frame) -> None:
        if frame.message.get("timeout_ms") is not None:
            super().check_timeout(frame)


@fault("MSG-30")
class TimeoutFatal(Connection):
    """Refuses a mistyped timeout_ms with a fatal bad_request."""

    def check_timeout(self, frame: Frame) -> None:
        try:
            super().check_timeout(frame)
        except Failed:
            raise Fatal("bad_request", "timeout_ms is mistyped") from None


@fault("MSG-30")
class TimeoutOf32Bits(Connection):
    """Answers bad_request to a timeout_ms from 2^32 on."""

    def check_timeout(self, frame: Frame) -> None:
        super().check_timeout(frame)
        timeout = frame.message.get("timeout_ms")
        if timeout and self.integer(timeout, 1, (1 << 32) - 1) is None:
            raise self.bad_request(frame, "timeout_ms is too long")


# ERR-16 and ERR-17: operations that are not offered, bodies


class OtherOps(Connection):
    """Changes the name of an operation before it is looked up."""

    def check_offered(self, frame: Frame) -> None:
        name = self.change(frame.op)
        frame.op = name if name in self.operations() else frame.op
        super().check_offered(frame)

    def change(self, op: str) -> str:
        return op


@fault("ERR-16")
class OpAnyCase(OtherOps):
    """Offers its operations in capitals too."""

    def change(self, op: str) -> str:
        return op.lower()


@fault("ERR-16")
class OpTrimmed(OtherOps):
    """Ignores white space around op."""

    def change(self, op: str) -> str:
        return op.strip()


@fault("ERR-16")
class OpEndsAtNul(OtherOps):
    """Takes the first U+0000 for the end of op."""

    def change(self, op: str) -> str:
        return op.partition("\0")[0]


@fault("ERR-16")
class OpPrefix(OtherOps):
    """Takes every op that begins like one of its own for that one."""

    def change(self, op: str) -> str:
        return next((name for name in self.operations() if op.startswith(name)), op)


class OtherUnknown(Connection):
    """Answers something else to an unknown operation."""

    def check_offered(self, frame: Frame) -> None:
        if frame.op not in self.operations():
            raise self.unknown(frame)

    def unknown(self, frame: Frame) -> Fatal | Failed:
        return Failed("unknown_op", "this operation is not offered here")


@fault("ERR-16")
class UnknownBadRequest(OtherUnknown):
    """Answers bad_request to an unknown operation."""

    def unknown(self, frame: Frame) -> Fatal | Failed:
        return Failed("bad_request", "this operation is not offered here")


@fault("ERR-16")
class UnknownUnsupported(OtherUnknown):
    """Answers unsupported to an unknown operation."""

    def unknown(self, frame: Frame) -> Fatal | Failed:
        return Failed("unsupported", "this operation is not offered here")


@fault("ERR-16")
class UnknownFatal(OtherUnknown):
    """Refuses an unknown operation."""

    def unknown(self, frame: Frame) -> Fatal | Failed:
        return Fatal("unknown_op", "this operation is not offered here")


@fault("ERR-16")
class OpEmptyBadFrame(OtherUnknown):
    """Refuses an empty op with bad_frame."""

    def unknown(self, frame: Frame) -> Fatal | Failed:
        if frame.op:
            return super().unknown(frame)
        return Fatal("bad_frame", "op is empty")


@fault("ERR-16")
class PrivateUnsupported(OtherUnknown):
    """Answers unsupported to a private operation."""

    def unknown(self, frame: Frame) -> Fatal | Failed:
        if frame.op.startswith("x-"):
            return Failed("unsupported", "no private operations here")
        return super().unknown(frame)


@fault("ERR-16")
class PrivateAccepted(Connection):
    """Answers ok to every private operation, and does nothing."""

    def check_offered(self, frame: Frame) -> None:
        if frame.op.startswith("x-"):
            frame.op = "ping"
        super().check_offered(frame)


@fault("ERR-17")
class BodyIgnored(Connection):
    """Answers ok to a request whose operation has no body, and drops the body."""

    def check_body(self, frame: Frame) -> None:
        if frame.op == "hello":
            super().check_body(frame)


@fault("ERR-17")
class UpperTakesBody(Connection):
    """Lets upper have a body, and answers when the request has ended."""

    body = b""

    async def answer(self, frame: Frame) -> None:
        if frame.op != "upper" or not frame.more:
            return await super().answer(frame)
        await self.read_payload(frame)
        self.body = frame.payload
        return None

    async def drop(self, frame: Frame) -> None:
        if frame.op != "upper":
            return await super().drop(frame)
        await self.read_payload(frame)
        self.body += frame.payload
        if not frame.more:
            await self.send(self.reply_message(frame, {}), self.upper(self.body))
        return None
