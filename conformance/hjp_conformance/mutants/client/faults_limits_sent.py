"""Faults in the length of the payloads that a client sends before it may."""

from hjp_conformance.mutants.client.catalogue import fault
from hjp_conformance.mutants.client.client import Client, Request
from hjp_conformance.mutants.client.receiver import Frame
from hjp_conformance.mutants.client.shared import Number, Object


@fault("LIM-1")
class LimitMebibyte(Client):
    """Sends up to 1 MiB of payload without having asked."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.send_limit = 1 << 20


@fault("LIM-1")
class LimitNone(Client):
    """Sends payloads of any length."""

    def check_payload(self, payload: bytes) -> None:
        """The server will say."""


@fault("LIM-1")
class LimitPlusOne(Client):
    """Sends 65 537 octets of payload without having asked."""

    def check_payload(self, payload: bytes) -> None:
        if len(payload) != 65_537:
            super().check_payload(payload)


@fault("LIM-1")
class LimitOfOwnHello(Client):
    """Takes the max_payload that it has stated itself for its own payloads too."""

    def greeted(self, frame: Frame) -> None:
        super().greeted(frame)
        self.send_limit = max(self.send_limit, self.take_limit)


@fault("LIM-1")
class LimitOfHelloReply(Client):
    """Sends up to 1 MiB after hello if the reply states no limit."""

    def greeted(self, frame: Frame) -> None:
        super().greeted(frame)
        if not frame.message.get("limits"):
            self.send_limit = 1 << 20


@fault("LIM-1")
class LimitOfAnyReply(Client):
    """Believes limits in a reply that is not one to hello."""

    def line(self, request: Request, frame: Frame) -> str:
        if request.op != "hello" and frame.message["ok"]:
            self.greeted(frame)
        return super().line(request, frame)


@fault("LIM-1")
class LimitWhileGreeting(Client):
    """Says hello by itself and, not waiting for the reply, sends up to 1 MiB."""

    def opened(self, actions: list[list[str]]) -> None:
        if actions[0][0] != "hello":
            self.own_id = self.start("hello", {}).id
            self.unprinted.clear()

    def check_payload(self, payload: bytes) -> None:
        # The reply to its own hello cannot be counted on yet.
        if self.sent != 1 or self.last_id != self.own_id or len(payload) > 1 << 20:
            super().check_payload(payload)

    own_id = 0


@fault("LIM-1")
class LimitAtTop(Client):
    """Believes a max_payload that stands beside limits in the reply to hello."""

    def greeted(self, frame: Frame) -> None:
        super().greeted(frame)
        beside: Object = {"limits": {"max_payload": frame.message.get("max_payload")}}
        if isinstance(frame.message.get("max_payload"), Number):
            super().greeted(Frame(message=beside))
