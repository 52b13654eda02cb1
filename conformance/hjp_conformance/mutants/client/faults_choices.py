"""Faults in accepting what the text lets a server choose, and in codes."""

import re

from hjp_conformance.mutants.client.catalogue import fault
from hjp_conformance.mutants.client.client import CODES, Client, Request
from hjp_conformance.mutants.client.receiver import Fatal, Frame, Row
from hjp_conformance.mutants.client.shared import Number, Object

# MSG-29: replies in other clothes


@fault("MSG-29")
class ReplyExactOctets(Client):
    """Knows a good reply only by the octets that it expects."""

    def parse(self, text: bytes) -> Object:
        message = super().parse(text)
        if (
            message.get("ok") is True
            and re.match(rb'\{"id":\d+,"ok":true', text) is None
        ):
            self.refuse("bad_frame")
        return message


@fault("MSG-29")
class ReplyLinesOnly(Client):
    """Refuses a JSON text of several lines."""

    def parse(self, text: bytes) -> Object:
        if b"\n" in text:
            self.refuse("bad_json")
        return super().parse(text)


@fault("MSG-29")
class OkInText(Client):
    """Looks for "ok":true in the text to tell a good reply from an error."""

    text = b""

    def parse(self, text: bytes) -> Object:
        self.text = text
        return super().parse(text)

    def line(self, request: Request, frame: Frame) -> str:
        if b'"ok":true' not in self.text:
            frame.message["ok"] = False
            frame.message.setdefault("error", {"code": "internal"})
        return super().line(request, frame)


class MessageCheck(Client):
    """Refuses an error for its message."""

    def check_code(self, frame: Frame) -> None:
        super().check_code(frame)
        error = frame.message["error"]
        message = error.get("message", "?") if isinstance(error, dict) else "?"
        if isinstance(message, str) and self.dislikes(message):
            self.refuse("bad_frame")

    def dislikes(self, message: str) -> bool:
        return False


@fault("MSG-29")
class MessageEmptyRefused(MessageCheck):
    """Refuses an error whose message is empty."""

    def dislikes(self, message: str) -> bool:
        return not message


@fault("MSG-29")
class MessageLongRefused(MessageCheck):
    """Refuses an error whose message is longer than 1 000 characters."""

    def dislikes(self, message: str) -> bool:
        return len(message) > 1000


@fault("MSG-29")
class MessageAsciiOnly(MessageCheck):
    """Refuses an error whose message is not ASCII."""

    def dislikes(self, message: str) -> bool:
        return not message.isascii()


@fault("MSG-29")
class MessageDecides(Client):
    """Takes the words of the message for the code, if they look like one."""

    def code_of(self, error: object) -> str:
        message = error.get("message") if isinstance(error, dict) else None
        words = message.strip().replace(" ", "_") if isinstance(message, str) else ""
        return words if words in CODES else super().code_of(error)


@fault("MSG-29")
class FatalThereIsFatal(Client):
    """Takes an error of a request for fatal if it has a member fatal at all."""

    def line(self, request: Request, frame: Frame) -> str:
        error = frame.message.get("error")
        if isinstance(error, dict) and "fatal" in error:
            raise Fatal(self.code(frame))
        return super().line(request, frame)


@fault("MSG-29")
class FatalByCode(Client):
    """Takes errors too_large, timeout and unauthorized of a request for fatal."""

    def line(self, request: Request, frame: Frame) -> str:
        line = super().line(request, frame)
        if line in ("error too_large", "error timeout", "error unauthorized"):
            raise Fatal(self.code(frame))
        return line


class GreetingCheck(Client):
    """Refuses a reply to hello for what it says."""

    def greeted(self, frame: Frame) -> None:
        if self.dislikes(frame.message):
            self.refuse("bad_frame")
        super().greeted(frame)

    def dislikes(self, message: Object) -> bool:
        return False


@fault("MSG-29")
class FeaturesUnknownRefused(GreetingCheck):
    """Refuses a reply to hello that lists features."""

    def dislikes(self, message: Object) -> bool:
        return bool(message.get("features"))


@fault("MSG-29")
class EncodingNeeded(GreetingCheck):
    """Refuses a reply to hello without encoding."""

    def dislikes(self, message: Object) -> bool:
        return "encoding" not in message


@fault("MSG-29")
class ServerNeedsVersion(GreetingCheck):
    """Refuses a reply to hello whose server does not look like name/version."""

    def dislikes(self, message: Object) -> bool:
        return re.fullmatch(r"[ -~]+/[0-9.]+", str(message.get("server"))) is None


@fault("MSG-29")
class StatedLimitSigned(Client):
    """Takes a max_payload from 2^31 on for negative."""

    def greeted(self, frame: Frame) -> None:
        super().greeted(frame)
        self.send_limit -= (self.send_limit >= 1 << 31) << 32


@fault("MSG-29")
class LimitMustBeOurs(GreetingCheck):
    """Refuses a reply to hello that states another max_payload than 65 536."""

    def dislikes(self, message: Object) -> bool:
        return message.get("limits") != {"max_payload": Number("65536")}


@fault("MSG-29")
class EarlyReplyRefused(Client):
    """Knows a request only when its last octet is written: bad_id for early replies."""

    def note(self, request: Request) -> None:
        super().note(request)
        self.coming = self.waiting.pop(request.id)

    def send(self, octets: bytes) -> None:
        super().send(octets)
        if self.coming:
            self.waiting[self.coming.id] = self.coming
            self.coming = None

    coming: Request | None = None


@fault("MSG-29")
class ErrorPatienceLost(Client):
    """Takes an error that comes before the payload is sent for a lost connection."""

    sending = False

    def send(self, octets: bytes) -> None:
        self.sending = True
        super().send(octets)
        self.sending = False

    def line(self, request: Request, frame: Frame) -> str:
        line = super().line(request, frame)
        if self.sending and line.startswith("error"):
            self.input_ended()
        return line


# ERR-7: codes that are not known


@fault("ERR-7")
class UnknownCodeKept(Client):
    """Reports a code that it does not know as it came."""

    def knows(self, code: str) -> bool:
        return True


@fault("ERR-7")
class PrivateCodeKept(Client):
    """Reports a code that begins with x- as it came, without knowing it."""

    def knows(self, code: str) -> bool:
        return code.startswith("x-") or super().knows(code)


class UnknownCode(Client):
    """Does something of its own with a code that it does not know."""

    def frame_rows(self) -> list[Row]:
        return [*super().frame_rows(), self.check_known]

    def check_known(self, frame: Frame) -> None:
        error = frame.message.get("error")
        failed = frame.message["ok"] is False
        if failed and not self.knows(self.code_of(error)):
            self.unknown(frame)

    def unknown(self, frame: Frame) -> None:
        """Do something of one's own."""


@fault("ERR-7")
class UnknownCodeRefused(UnknownCode):
    """Refuses an error whose code it does not know with bad_frame."""

    def unknown(self, frame: Frame) -> None:
        self.refuse("bad_frame")


@fault("ERR-7")
class UnknownCodeFatal(UnknownCode):
    """Takes an error of a request for fatal if it does not know the code."""

    def unknown(self, frame: Frame) -> None:
        raise Fatal("internal")


@fault("ERR-7")
class UnknownCodeDropped(UnknownCode):
    """Drops an error of a request if it does not know the code, and waits on."""

    def unknown(self, frame: Frame) -> None:
        frame.more = True


@fault("ERR-7")
class UnknownFatalDropped(UnknownCode):
    """Drops a fatal error if it does not know the code: the connection is lost."""

    def unknown(self, frame: Frame) -> None:
        if frame.id == 0:
            self.input_ended()


@fault("ERR-7")
class UnknownCodeBadRequest(Client):
    """Treats a code that it does not know as bad_request."""

    def code(self, frame: Frame) -> str:
        code = self.code_of(frame.message["error"])
        return code if self.knows(code) else "bad_request"


@fault("ERR-7")
class CodeAnyCaseKnown(Client):
    """Takes codes in capitals for those that it knows."""

    def code_of(self, error: object) -> str:
        return super().code_of(error).lower()


@fault("ERR-7")
class CodeBeginning(Client):
    """Takes a code for one that it knows if it begins like that."""

    def code_of(self, error: object) -> str:
        code = super().code_of(error)
        return max((each for each in CODES if code.startswith(each)), default=code)
