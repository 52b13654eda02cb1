"""Faults in limits, and in the beginning of a connection."""

from hjp_conformance.mutants.server.core import FIRST_MAX_PAYLOAD, MAX_JSON, Connection
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.metadata import Object
from hjp_conformance.mutants.server.transport import Failed, Fatal, Frame

# LIM-2 to LIM-6: max_payload


@fault("LIM-2")
class LimitFromStart(Connection):
    """Applies the limit that it states to frames before hello too."""

    def payload_limit(self) -> int:
        return self.max_payload


@fault("LIM-2")
class LimitForHello(Connection):
    """Applies the limit that it states to the hello itself."""

    def payload_limit(self) -> int:
        return super().payload_limit() if self.frames > 1 else self.max_payload


@fault("LIM-3")
class LimitNeverRises(Connection):
    """Applies 65 536 after hello as well."""

    def payload_limit(self) -> int:
        return FIRST_MAX_PAYLOAD


@fault("LIM-3")
class LimitOfClient(Connection):
    """Applies the smaller of both stated limits to what the client sends."""

    def payload_limit(self) -> int:
        return min(super().payload_limit(), self.client_max)


@fault("LIM-3")
class LimitOverstated(Connection):
    """States twice the limit that it applies."""

    def hello_members(self, frame: Frame) -> Object:
        limit = self.max_payload * 2
        return {**super().hello_members(frame), "limits": {"max_payload": limit}}


@fault("LIM-3")
class LimitUnderstated(Connection):
    """Applies twice the limit that it states."""

    def payload_limit(self) -> int:
        return super().payload_limit() * (1 + self.greeted)


@fault("LIM-4")
class ClientLimitIgnored(Connection):
    """Sends payloads of any length."""

    def reply_limit(self) -> int:
        return self.max_payload


@fault("LIM-4")
class ClientLimitPlusOne(Connection):
    """Sends one octet of payload more than the client takes."""

    def reply_limit(self) -> int:
        return super().reply_limit() + 1


@fault("LIM-4")
class ClientLimitUnstated(Connection):
    """Takes a hello without max_payload for one without a limit."""

    def stated_limit(self, message: Object) -> int:
        limits = message.get("limits")
        stated = isinstance(limits, dict) and "max_payload" in limits
        return super().stated_limit(message) if stated else self.max_payload


@fault("LIM-4")
class ClientLimitShared(Connection):
    """Keeps one limit for the clients of all connections."""

    shared = FIRST_MAX_PAYLOAD

    def do_hello(self, frame: Frame) -> tuple[Object, bytes]:
        reply = super().do_hello(frame)
        ClientLimitShared.shared = max(self.shared, self.client_max)
        return reply

    def reply_limit(self) -> int:
        return max(self.shared, self.client_max)


@fault("LIM-5")
class LimitBelowLeast(Connection):
    """States a max_payload of 65 535."""

    def hello_members(self, frame: Frame) -> Object:
        limit = FIRST_MAX_PAYLOAD - 1
        return {**super().hello_members(frame), "limits": {"max_payload": limit}}


@fault("LIM-5")
class LimitAboveGreatest(Connection):
    """States a max_payload of 2^32."""

    max_payload = 1 << 32


@fault("LIM-5")
class LimitZero(Connection):
    """States a max_payload of 0 for no limit."""

    max_payload = (1 << 32) - 1

    def hello_members(self, frame: Frame) -> Object:
        return {**super().hello_members(frame), "limits": {"max_payload": 0}}


class OtherReplyTooLarge(Connection):
    """Does something else when a reply would be too large."""

    def check_reply(self, message: Object, payload: bytes) -> None:
        try:
            super().check_reply(message, payload)
        except Failed as error:
            raise self.instead(error) from None

    def instead(self, error: Failed) -> Exception:
        return error


@fault("LIM-6")
class ReplyTooLargeFatal(OtherReplyTooLarge):
    """Ends the connection when a reply would be too large."""

    def instead(self, error: Failed) -> Exception:
        return Fatal("too_large", "the reply is too long", limit="max_payload")


@fault("LIM-6")
class ReplyTooLargeInternal(OtherReplyTooLarge):
    """Answers internal when a reply would be too large."""

    def instead(self, error: Failed) -> Exception:
        return Failed("internal", "the reply is too long")


@fault("LIM-6")
class ReplyTooLargeCut(Connection):
    """Cuts the payload of a reply to the length that the client takes."""

    def check_reply(self, message: Object, payload: bytes) -> None:
        super().check_reply(message, payload[: self.reply_limit()])

    async def send(self, message: Object, payload: bytes = b"") -> None:
        await super().send(message, payload[: self.reply_limit()])


@fault("LIM-6")
class ReplyLimitAtMost(Connection):
    """Answers too_large when a reply has just the length that the client takes."""

    def reply_limit(self) -> int:
        return super().reply_limit() - 1


@fault("LIM-6")
class ReplyOfRequestSize(Connection):
    """Answers too_large when the JSON text of the request was nearly too large."""

    def check_reply(self, message: Object, payload: bytes) -> None:
        super().check_reply(message, payload)
        if len(self.encode(message)) > MAX_JSON - 64:
            raise Failed("too_large", "the reply is too long", limit="max_json")


# LIF-1 to LIF-3: the beginning


@fault("LIF-1")
class Banner(Connection):
    """Greets the client before it has said anything."""

    async def opened(self) -> None:
        await self.send({"id": 0, "ok": True, "server": self.name})


@fault("LIF-2")
class HelloNeeded(Connection):
    """Answers unauthorized to requests before hello."""

    def check_members(self, frame: Frame) -> None:
        super().check_members(frame)
        if frame.op != "hello" and not self.greeted:
            raise Failed("unauthorized", "say hello first")


@fault("LIF-3")
class HelloAnyTime(Connection):
    """Accepts hello at any time."""

    def check_hello(self, frame: Frame) -> None:
        """There is no late hello."""


@fault("LIF-3")
class HelloTwice(Connection):
    """Accepts a second hello after a first one."""

    def check_hello(self, frame: Frame) -> None:
        if not self.greeted:
            super().check_hello(frame)


@fault("LIF-3")
class HelloAfterErrors(Connection):
    """Accepts hello as long as every request before it had an error."""

    def check_hello(self, frame: Frame) -> None:
        if self.done_id:
            super().check_hello(frame)


@fault("LIF-3")
class HelloOnlyOnce(Connection):
    """Accepts hello after other requests, but not a second one."""

    def check_hello(self, frame: Frame) -> None:
        if self.greeted:
            super().check_hello(frame)


@fault("LIF-3")
class LateHelloNotFatal(Connection):
    """Answers bad_request to a late hello, and goes on."""

    def check_hello(self, frame: Frame) -> None:
        """Left to the request."""

    def check_members(self, frame: Frame) -> None:
        if frame.op == "hello" and self.requests > 1:
            raise Failed("bad_request", "hello has to be the first request")
        super().check_members(frame)


@fault("LIF-3")
class HelloOncePerServer(Connection):
    """Refuses a hello when another connection has had one."""

    greetings = 0

    def check_hello(self, frame: Frame) -> None:
        super().check_hello(frame)
        if frame.first and frame.op == "hello" and self.greetings:
            raise Fatal("bad_frame", "only one hello")

    def do_hello(self, frame: Frame) -> tuple[Object, bytes]:
        HelloOncePerServer.greetings += 1
        return super().do_hello(frame)
