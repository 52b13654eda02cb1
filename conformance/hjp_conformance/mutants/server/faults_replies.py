"""Faults in the replies of a server: which, how many, when and what is in them."""

from hjp_conformance.mutants.server.core import Connection
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.holding import Held, Holding
from hjp_conformance.mutants.server.metadata import Number, Object, Value
from hjp_conformance.mutants.server.transport import Failed, Fatal, Frame

# MSG-13: what is in every frame


class OtherReply(Connection):
    """Changes the message of every reply without error."""

    def reply_message(self, frame: Frame, members: Object) -> Object:
        return self.change(super().reply_message(frame, members), frame)

    def change(self, message: Object, frame: Frame) -> Object:
        return message


@fault("MSG-13")
class OkNumber(OtherReply):
    """Writes ok as 1."""

    def change(self, message: Object, frame: Frame) -> Object:
        return {**message, "ok": 1}


@fault("MSG-13")
class OkMissingInPing(OtherReply):
    """Leaves ok out of replies without members."""

    def change(self, message: Object, frame: Frame) -> Object:
        return message if len(message) > 2 else {"id": frame.id}


@fault("MSG-13")
class IdAsString(OtherReply):
    """Writes the id of a reply as a string."""

    def change(self, message: Object, frame: Frame) -> Object:
        return {**message, "id": str(frame.id)}


@fault("MSG-13")
class OpInReply(OtherReply):
    """Repeats op in replies."""

    def change(self, message: Object, frame: Frame) -> Object:
        return {**message, "op": frame.op}


@fault("MSG-13")
class IdOf32Bits(OtherReply):
    """Writes the low 32 bits of the id."""

    def change(self, message: Object, frame: Frame) -> Object:
        return {**message, "id": frame.id & 0xFFFFFFFF}


@fault("MSG-13")
class IdAsFloat(OtherReply):
    """Writes the id with seven digits, as a float of 32 bits would."""

    def change(self, message: Object, frame: Frame) -> Object:
        return {**message, "id": int(float(f"{frame.id:.6e}"))}


@fault("MSG-13")
class RepliesCounted(OtherReply):
    """Counts replies instead of copying the id."""

    def change(self, message: Object, frame: Frame) -> Object:
        return {**message, "id": self.requests}


@fault("MSG-13")
class IdOfNewest(Holding):
    """Gives replies to requests that came together the id of the last one."""

    def arrange(self, held: Held) -> Held:
        newest = held[-1][0]["id"]
        return [({**message, "id": newest}, payload) for message, payload in held]


@fault("MSG-13")
class FatalWithoutId(Connection):
    """Leaves the id out of a fatal error."""

    def fatal_message(self, error: Fatal) -> Object:
        message = super().fatal_message(error)
        del message["id"]
        return message


# MSG-14 to MSG-19: how many replies, in which order, with which payload


@fault("MSG-14")
class UpperTwice(Connection):
    """Answers upper twice when its payload is empty."""

    async def answer(self, frame: Frame) -> None:
        empty = frame.op == "upper" and not frame.left
        await super().answer(frame)
        if empty:
            await super().answer(frame)


@fault("MSG-14")
class PingTwice(Connection):
    """Answers ping twice when it has a payload."""

    async def answer(self, frame: Frame) -> None:
        await super().answer(frame)
        if frame.op == "ping" and frame.payload_length:
            await super().answer(frame)


@fault("MSG-14")
class EmptyEchoSilent(Connection):
    """Does not answer an echo of nothing."""

    async def answer(self, frame: Frame) -> None:
        if frame.op != "echo" or frame.left or "data" in frame.message:
            await super().answer(frame)


@fault("MSG-14")
class ErrorSilent(Connection):
    """Does not answer an unknown operation when the next request has come."""

    async def fail(self, frame: Frame, error: Failed) -> None:
        if len(self.buffer) <= frame.left:
            await super().fail(frame, error)


@fault("MSG-15")
class RepliesReversed(Holding):
    """Answers requests that came together in reverse order."""

    def arrange(self, held: Held) -> Held:
        return held[::-1]


@fault("MSG-15")
class ErrorsFirst(Holding):
    """Sends errors before the replies that are due."""

    def arrange(self, held: Held) -> Held:
        return sorted(held, key=lambda item: item[0]["ok"] is True)


@fault("MSG-15")
class ShortFirst(Holding):
    """Sends replies without payload before those with one."""

    def arrange(self, held: Held) -> Held:
        return sorted(held, key=lambda item: len(item[1]) > 0)


@fault("MSG-16")
class InterimReply(Connection):
    """Announces the reply to an echo with a payload by an interim reply."""

    async def answer(self, frame: Frame) -> None:
        if frame.op == "echo" and frame.left and not frame.more:
            await self.send({"id": frame.id, "ok": True, "more": True})
        await super().answer(frame)


@fault("MSG-17")
class ErrorWaitsForEnd(Connection):
    """Answers an error when the request has ended."""

    waiting: Object | None = None

    async def fail(self, frame: Frame, error: Failed) -> None:
        if not frame.more:
            return await super().fail(frame, error)
        self.waiting = self.error_message(frame, error)
        return None

    async def drop(self, frame: Frame) -> None:
        await super().drop(frame)
        if not frame.more and self.waiting is not None:
            await self.send(self.waiting)


@fault("MSG-19")
class PingPayloadReturned(Connection):
    """Answers a ping with the payload it brought."""

    def do_ping(self, frame: Frame) -> tuple[Object, bytes]:
        return {}, frame.payload


@fault("MSG-19")
class HelloPayload(Connection):
    """Greets in the payload of the reply to hello."""

    def do_hello(self, frame: Frame) -> tuple[Object, bytes]:
        return super().do_hello(frame)[0], b"welcome"


# ERR-1 and ERR-2: what an error is made of


class OtherError(Connection):
    """Changes the message of every error that is not fatal."""

    def error_message(self, frame: Frame, error: Failed) -> Object:
        return self.change(super().error_message(frame, error), error)

    def change(self, message: Object, error: Failed) -> Object:
        return message


class OtherFatal(Connection):
    """Changes the message of every fatal error."""

    def fatal_message(self, error: Fatal) -> Object:
        return self.change(super().fatal_message(error), error)

    def change(self, message: Object, error: Fatal) -> Object:
        return message


@fault("ERR-1")
class MessageMissing(OtherError):
    """Leaves message out of errors that are not fatal."""

    def change(self, message: Object, error: Failed) -> Object:
        del error.body["message"]
        return message


@fault("ERR-1")
class MessageNull(OtherFatal):
    """Writes null for the message of a fatal error."""

    def change(self, message: Object, error: Fatal) -> Object:
        return {**message, "error": {**error.body, "fatal": True, "message": None}}


@fault("ERR-1")
class CodeMissing(OtherError):
    """Puts the code of an error beside error."""

    def change(self, message: Object, error: Failed) -> Object:
        return {**message, "code": error.body.pop("code")}


@fault("ERR-1")
class CodeNumber(OtherError):
    """Writes a number for a code."""

    def change(self, message: Object, error: Failed) -> Object:
        return {**message, "error": {**error.body, "code": 404}}


@fault("ERR-1")
class ErrorString(OtherError):
    """Writes the code as the whole error."""

    def change(self, message: Object, error: Failed) -> Object:
        return {**message, "error": error.body["code"]}


@fault("ERR-1")
class ErrorNull(OtherReply):
    """Writes an error of null into replies that are ok."""

    def change(self, message: Object, frame: Frame) -> Object:
        return {**message, "error": None}


@fault("ERR-2")
class ErrorWithMore(Connection):
    """Announces another frame in the error to a request that goes on."""

    def error_message(self, frame: Frame, error: Failed) -> Object:
        message = super().error_message(frame, error)
        return {**message, "more": True} if frame.more else message


@fault("ERR-2")
class ErrorWithPayload(Connection):
    """Writes the message of an error into the payload too."""

    async def fail(self, frame: Frame, error: Failed) -> None:
        text = str(error.body["message"]).encode()
        await self.send(self.error_message(frame, error), text)


@fault("ERR-2")
class FatalWithPayload(Connection):
    """Sends the first octets of a wrong head back in the payload."""

    async def end(self, error: Fatal) -> None:
        await self.send(self.fatal_message(error), bytes(self.buffer[:5]))
        await self.shut_down()
        await self.drain_input()


# ERR-3 and ERR-4: fatal or not


@fault("ERR-3")
class FatalWithRequestId(OtherFatal):
    """Sends a fatal error with the id of the newest request."""

    def change(self, message: Object, error: Fatal) -> Object:
        return {**message, "id": self.last_id}


@fault("ERR-3")
class FatalUnmarked(OtherFatal):
    """Does not say that a fatal error is fatal."""

    def change(self, message: Object, error: Fatal) -> Object:
        return {**message, "error": error.body}


@fault("ERR-3")
class FatalNumber(OtherFatal):
    """Writes fatal as 1."""

    def change(self, message: Object, error: Fatal) -> Object:
        return {**message, "error": {**error.body, "fatal": 1}}


@fault("ERR-3")
class FatalAtTop(OtherFatal):
    """Writes fatal beside error."""

    def change(self, message: Object, error: Fatal) -> Object:
        return {**message, "error": error.body, "fatal": True}


@fault("ERR-4")
class ErrorWithIdZero(OtherError):
    """Sends an error that is not fatal with id 0."""

    def change(self, message: Object, error: Failed) -> Object:
        return {**message, "id": 0}


@fault("ERR-4")
class ErrorFatalTrue(OtherError):
    """Says of unknown_op that it is fatal, and goes on."""

    def change(self, message: Object, error: Failed) -> Object:
        return {**message, "error": {**error.body, "fatal": True}}


@fault("ERR-4")
class ErrorFatalNull(OtherError):
    """Writes null for the fatal of an error that is not."""

    def change(self, message: Object, error: Failed) -> Object:
        return {**message, "error": {**error.body, "fatal": None}}


# ERR-6 and ERR-8: codes and limits


def with_code(error: Failed | Fatal, codes: dict[str, str]) -> Object:
    code: Value = error.body["code"]
    return {**error.body, "code": codes.get(str(code), code)}


@fault("ERR-6")
class CodeInCapitals(OtherFatal):
    """Writes the codes of fatal errors in capitals."""

    def change(self, message: Object, error: Fatal) -> Object:
        code = str(error.body["code"]).upper()
        return {**message, "error": {**error.body, "fatal": True, "code": code}}


@fault("ERR-6")
class CodeInvented(OtherFatal):
    """Calls bad_json parse_error."""

    def change(self, message: Object, error: Fatal) -> Object:
        body = with_code(error, {"bad_json": "parse_error"})
        return {**message, "error": {**body, "fatal": True}}


@fault("ERR-6")
class CodeWithHyphen(OtherError):
    """Writes hyphens into the codes of errors that are not fatal."""

    def change(self, message: Object, error: Failed) -> Object:
        body = with_code(error, {"unknown_op": "unknown-op"})
        return {**message, "error": body}


@fault("ERR-8")
class LimitMissing(OtherFatal):
    """Does not name the limit in too_large."""

    def change(self, message: Object, error: Fatal) -> Object:
        error.body.pop("limit", None)
        return {**message, "error": {**error.body, "fatal": True}}


@fault("ERR-8")
class LimitOfPayload(OtherFatal):
    """Names max_payload whatever limit was exceeded."""

    def change(self, message: Object, error: Fatal) -> Object:
        if "limit" in error.body:
            error.body["limit"] = "max_payload"
        return {**message, "error": {**error.body, "fatal": True}}


@fault("ERR-8")
class LimitAsNumber(OtherFatal):
    """States the size of the limit, not its name."""

    def change(self, message: Object, error: Fatal) -> Object:
        if "limit" in error.body:
            error.body["limit"] = Number("65536")
        return {**message, "error": {**error.body, "fatal": True}}
