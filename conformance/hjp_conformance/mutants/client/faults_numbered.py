"""Faults in the ids and the frames of a request."""

from hjp_conformance.mutants.client.catalogue import fault
from hjp_conformance.mutants.client.client import Client, Request
from hjp_conformance.mutants.client.link import Lost
from hjp_conformance.mutants.client.receiver import MAX_ID, Frame
from hjp_conformance.mutants.client.shared import Number, Object

# MSG-1: ids


@fault("MSG-1")
class IdFromZero(Client):
    """Begins with the id 0."""

    def id_value(self, request: Request) -> Number:
        return Number(str(request.id - 1))

    def waits_for(self, number: int) -> bool:
        return super().waits_for(number + 1)


@fault("MSG-1")
class IdAlwaysOne(Client):
    """Gives every request the id 1."""

    def next_id(self) -> int:
        return 1


@fault("MSG-1")
class IdFalls(Client):
    """Counts ids down from 1 000."""

    def next_id(self) -> int:
        return (self.last_id or 1001) - 1


@fault("MSG-1")
class IdByOp(Client):
    """Counts ids for every operation by itself."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.counts: dict[str, int] = {}

    def begin(self, op: str, members: Object) -> Request:
        self.counts[op] = self.counts.get(op, 0) + 1
        self.count = self.counts[op]
        return super().begin(op, members)

    def next_id(self) -> int:
        return self.count


@fault("MSG-1")
class IdPastMax(Client):
    """Begins with the id 2^53."""

    def next_id(self) -> int:
        return max(self.last_id, MAX_ID) + 1


@fault("MSG-1")
class IdByReplies(Client):
    """Counts replies, so that requests sent ahead have the same id."""

    done = 0

    def next_id(self) -> int:
        return self.done + 1

    def line(self, request: Request, frame: Frame) -> str:
        self.done += 1
        return super().line(request, frame)


@fault("MSG-1")
class IdAgainAfterHello(Client):
    """Begins to count again after hello."""

    def next_id(self) -> int:
        return 1 if self.sent == 1 and self.greeting else super().next_id()

    greeting = False

    def do_hello(self, limit: str = "") -> None:
        super().do_hello(limit)
        self.greeting = True


@fault("MSG-1")
class IdWraps(Client):
    """Keeps ids in eight bits."""

    def next_id(self) -> int:
        return self.last_id % 255 + 1


@fault("MSG-1")
class IdAgainAfterError(Client):
    """Uses the id of a request that failed again."""

    failed = 0

    def next_id(self) -> int:
        number, self.failed = self.failed, 0
        return number or super().next_id()

    def print_line(self, request: Request) -> None:
        if request.line.startswith("error"):
            self.failed = request.id
        super().print_line(request)


# MSG-6: op


class LaterOp(Client):
    """Has an op of its own for frames after the first."""

    def request_message(self, request: Request, more: bool, first: bool) -> Object:
        message = super().request_message(request, more, first)
        return message if first else self.later(message)

    def later(self, message: Object) -> Object:
        return message


@fault("MSG-6")
class OpFirstOnly(LaterOp):
    """Leaves op out of the frames after the first."""

    def later(self, message: Object) -> Object:
        del message["op"]
        return message


@fault("MSG-6")
class OpNullLater(LaterOp):
    """Writes op as null in the frames after the first."""

    def later(self, message: Object) -> Object:
        return message | {"op": None}


@fault("MSG-6")
class OpContinues(LaterOp):
    """Puts another op, x-continue, on the frames after the first."""

    def later(self, message: Object) -> Object:
        return message | {"op": "x-continue"}


@fault("MSG-6")
class OpShort(LaterOp):
    """Shortens op to its first eight characters after the first frame."""

    def later(self, message: Object) -> Object:
        return message | {"op": str(message["op"])[:8]}


@fault("MSG-6")
class OpOfEnd(Client):
    """Ends a request whose reply came early with the op x-end."""

    def end_message(self, request: Request) -> Object:
        return super().end_message(request) | {"op": "x-end"}


# MSG-23: a final reply before the last frame


@fault("MSG-23")
class NeverEnds(Client):
    """Does not end a request whose final reply came early."""

    def end_request(self, request: Request) -> None:
        request.ended = True
        self.report()


@fault("MSG-23")
class EndsGoodOnly(NeverEnds):
    """Does not end a request whose early final reply was an error."""

    def end_request(self, request: Request) -> None:
        if request.line.startswith("error"):
            super().end_request(request)
        else:
            Client.end_request(self, request)


@fault("MSG-23")
class EndsFailedOnly(NeverEnds):
    """Does not end a request whose early final reply was good."""

    def end_request(self, request: Request) -> None:
        if request.line.startswith("ok"):
            super().end_request(request)
        else:
            Client.end_request(self, request)


@fault("MSG-23")
class EndsWithPayload(Client):
    """Ends a request whose final reply came early by a frame with a payload."""

    def end_request(self, request: Request) -> None:
        request.ended = True
        self.send(self.pack(self.end_message(request), b"end"))
        self.report()


@fault("MSG-23")
class EndsWithMore(Client):
    """Ends a request whose final reply came early by a frame with more true."""

    def end_message(self, request: Request) -> Object:
        return super().end_message(request) | {"more": True}


@fault("MSG-23")
class EndsUnderNewId(Client):
    """Ends a request whose final reply came early by a frame with a new id."""

    def end_message(self, request: Request) -> Object:
        self.last_id += 1
        return super().end_message(request) | {"id": Number(str(self.last_id))}


@fault("MSG-23")
class EndsTwice(Client):
    """Ends a request whose final reply came early twice."""

    def end_request(self, request: Request) -> None:
        request.ended = True
        self.send(self.pack(self.end_message(request), b"") * 2)
        self.report()


@fault("MSG-23")
class EndsEndedToo(Client):
    """Sends an ending frame after the last frame as well."""

    def settle(self, request: Request) -> None:
        super().settle(request)
        if request.op.startswith("x-"):
            self.send(self.pack(self.end_message(request), b""))


@fault("MSG-23")
class GoesOnSending(Client):
    """Sends all the frames of a request though its final reply has come."""

    def final_came_early(self, request: Request) -> bool:
        return False


@fault("MSG-23")
class FinishesTheFrame(Client):
    """Sends one frame more, with its payload, before it ends an answered request."""

    def end_request(self, request: Request) -> None:
        super().end_request(request)

    def call_frame(self, request: Request, payload: bytes, more: bool) -> None:
        self.catch_up()
        if request.line and not request.ended and more and not self.one_more:
            self.one_more = True
            self.send_frame(request, payload, more)
        else:
            super().call_frame(request, payload, more)

    one_more = False


@fault("MSG-23")
class ClosesInstead(Client):
    """Gives the connection up when a final reply comes before the last frame."""

    def end_request(self, request: Request) -> None:
        raise Lost
