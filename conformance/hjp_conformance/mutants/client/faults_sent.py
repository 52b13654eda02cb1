"""Faults in what a client sends though its receiver has to refuse it."""

from hjp_conformance.mutants.client.catalogue import fault
from hjp_conformance.mutants.client.client import Client, Request
from hjp_conformance.mutants.client.faults_written import LimitWritten
from hjp_conformance.mutants.client.shared import Number, Object, Value

# FRM-19: limits, and the place of hello


@fault("FRM-19")
class LateHello(Client):
    """Says hello after other requests."""

    def check_first(self, request: Request) -> None:
        """Any time is good."""


@fault("FRM-19")
class HelloBelowLeast(Client):
    """Sends a max_payload below 65 536."""

    def check_hello(self, request: Request) -> None:
        if self.stated_limit(request) > 65_536:
            super().check_hello(request)


@fault("FRM-19")
class HelloAboveGreatest(Client):
    """Sends a max_payload above 4 294 967 295."""

    def check_hello(self, request: Request) -> None:
        if self.stated_limit(request) < 65_536:
            super().check_hello(request)


@fault("FRM-19")
class JsonTooLong(Client):
    """Sends a JSON text of more than 65 536 octets."""

    def check_text(self, text: bytes) -> None:
        """Any length is good."""


@fault("FRM-19")
class JsonMaxDecimal(Client):
    """Sends a JSON text of up to 70 000 octets."""

    def check_text(self, text: bytes) -> None:
        if len(text) > 70_000:
            super().check_text(text)


@fault("FRM-19")
class StatedLimitIgnored(Client):
    """Sends payloads of any length once the server has stated a limit."""

    def greeted(self, frame: object) -> None:
        self.send_limit = 1 << 40


@fault("FRM-19")
class StatedLimitPlusOne(Client):
    """Sends one octet of payload more than the server has stated."""

    def check_payload(self, payload: bytes) -> None:
        if self.send_limit == 65_536 or len(payload) > self.send_limit + 1:
            super().check_payload(payload)


@fault("FRM-19")
class HalvesSent(Client):
    """Sends the octets of an argument that are not UTF-8 as they are."""

    def encode(self, message: Object) -> bytes:
        text = self.json_writer().write(message)
        return text.encode("utf-8", "surrogateescape")


# FRM-19: members of a request


class Dressed(Client):
    """Changes the message of a frame before it is written."""

    def encode(self, message: Object) -> bytes:
        self.dress(message)
        return super().encode(message)

    def dress(self, message: Object) -> None:
        """Change the message."""


@fault("FRM-19")
class OkInRequest(Dressed):
    """Puts ok into requests."""

    def dress(self, message: Object) -> None:
        message["ok"] = True


@fault("FRM-19")
class OkNull(Dressed):
    """Writes every member that it knows, those that are not there as null."""

    def dress(self, message: Object) -> None:
        message.update(ok=None, error=None)


@fault("FRM-19")
class MoreNull(Dressed):
    """Writes more as null in the last frame of a request."""

    def dress(self, message: Object) -> None:
        message.setdefault("more", None)


@fault("FRM-19")
class MoreNumber(Dressed):
    """Writes more as 1."""

    def dress(self, message: Object) -> None:
        if "more" in message:
            message["more"] = 1


@fault("FRM-19")
class MoreString(Dressed):
    """Writes more as the string "true"."""

    def dress(self, message: Object) -> None:
        if "more" in message:
            message["more"] = "true"


@fault("FRM-19")
class IdString(Dressed):
    """Writes ids as strings."""

    def dress(self, message: Object) -> None:
        number = message["id"]
        message["id"] = number.text if isinstance(number, Number) else ""


@fault("FRM-19")
class IdOfFrame(Client):
    """Gives every frame of a request an id of its own."""

    offset = 0

    def request_message(self, request: Request, more: bool, first: bool) -> Object:
        message = super().request_message(request, more, first)
        self.offset += not first
        message["id"] = Number(str(request.id + self.offset))
        return message


@fault("FRM-19")
class MembersTwice(Client):
    """Writes id both first and last."""

    def encode(self, message: Object) -> bytes:
        text = super().encode(message)
        number = self.json_writer().write(message["id"]).encode()
        return text[:-1] + b',"id":' + number + b"}"


@fault("FRM-19")
class HelloMore(Dressed):
    """Sends hello with more true."""

    def dress(self, message: Object) -> None:
        if message["op"] == "hello":
            message["more"] = True


@fault("FRM-19")
class HelloTimeoutZero(Dressed):
    """Writes timeout_ms 0 for no time limit into hello."""

    def dress(self, message: Object) -> None:
        if message["op"] == "hello":
            message["timeout_ms"] = Number("0")


@fault("FRM-19")
class TokenNull(Dressed):
    """Writes a token that it does not have as null into hello."""

    def dress(self, message: Object) -> None:
        if message["op"] == "hello":
            message["token"] = None


@fault("FRM-19")
class FeaturesString(Dressed):
    """Writes features as one string into hello."""

    def dress(self, message: Object) -> None:
        if message["op"] == "hello":
            message["features"] = ""


@fault("FRM-19")
class LimitsArray(Dressed):
    """Writes limits without members as an empty array into hello."""

    def dress(self, message: Object) -> None:
        if message["op"] == "hello" and "limits" not in message:
            message["limits"] = []


@fault("FRM-19")
class LimitNull(Dressed):
    """Writes a max_payload that it has not been told as null."""

    def dress(self, message: Object) -> None:
        if message["op"] == "hello" and "limits" not in message:
            message["limits"] = {"max_payload": None}


@fault("FRM-19")
class LimitString(LimitWritten):
    """Writes max_payload as a string."""

    def form(self, value: Value) -> Value:
        return value.text if isinstance(value, Number) else value


# PRV-1: names of its own


@fault("PRV-1")
class MadeUpMember(Dressed):
    """Puts a member of its own, seq, into requests."""

    def dress(self, message: Object) -> None:
        message["seq"] = message["id"]


@fault("PRV-1")
class MadeUpGreeting(Dressed):
    """Names itself in a member of its own, client, of hello."""

    def dress(self, message: Object) -> None:
        if message["op"] == "hello":
            message["client"] = "sabotage"


@fault("PRV-1")
class PrefixDropped(Dressed):
    """Leaves the x- of a private operation out."""

    def dress(self, message: Object) -> None:
        message["op"] = str(message["op"]).removeprefix("x-")
