"""Faults in the order in which things are checked."""

from hjp_conformance.mutants.server.core import Connection, Row
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.metadata import BadJson, Object
from hjp_conformance.mutants.server.transport import Fatal, Frame


@fault("ERR-15")
class VersionBeforeMagic(Connection):
    """Checks the version before the magic."""

    def check_head(self, head: bytes) -> None:
        self.check_version(head)
        self.check_magic(head)


class HeaderOrder(Connection):
    """Checks the rows 3 to 6 in another order."""

    order = (0, 1, 2, 3)

    def header_rows(self) -> list[Row]:
        rows = super().header_rows()
        return [rows[place] for place in self.order]


@fault("ERR-15")
class ReservedLast(HeaderOrder):
    """Checks the reserved octets after the lengths."""

    order = (1, 2, 3, 0)


@fault("ERR-15")
class PayloadBeforeJsonMax(HeaderOrder):
    """Checks payload_length before the greatest json_length."""

    order = (0, 1, 3, 2)


@fault("ERR-15")
class PayloadBeforeJsonMin(HeaderOrder):
    """Checks both limits before the smallest json_length."""

    order = (0, 2, 3, 1)


class FrameOrder(Connection):
    """Checks the rows 8 to 13 in another order."""

    order = (0, 1, 2, 3, 4, 5)

    def frame_rows(self) -> list[Row]:
        rows = super().frame_rows()
        return [rows[place] for place in self.order]


@fault("ERR-15")
class KindBeforeId(FrameOrder):
    """Checks op and ok before the id."""

    order = (2, 0, 1, 3, 4, 5)


@fault("ERR-15")
class KindBeforePlace(FrameOrder):
    """Checks op and ok before it looks whether the id is new."""

    order = (0, 2, 1, 3, 4, 5)


@fault("ERR-15")
class MoreBeforePlace(FrameOrder):
    """Checks more before it looks whether the id is new."""

    order = (0, 4, 1, 2, 3, 5)


@fault("ERR-15")
class MoreBeforeOp(FrameOrder):
    """Checks more before it compares op with that of the first frame."""

    order = (0, 1, 2, 4, 3, 5)


@fault("ERR-15")
class OkAfterOp(Connection):
    """Looks for ok after it has compared op."""

    def check_kind(self, frame: Frame) -> None:
        message = frame.message
        frame.message = {k: v for k, v in message.items() if k != "ok"}
        super().check_kind(frame)
        frame.message = message

    def check_op(self, frame: Frame) -> None:
        super().check_op(frame)
        super().check_kind(frame)


class RequestOrder(Connection):
    """Checks the rows 14 to 17 in another order."""

    order = (0, 1, 2, 3)

    def request_rows(self) -> list[Row]:
        rows = super().request_rows()
        return [rows[place] for place in self.order]


@fault("ERR-15")
class BodyBeforeOffered(RequestOrder):
    """Checks more before it looks whether the op is offered."""

    order = (1, 0, 2, 3)


@fault("ERR-15")
class TimeoutBeforeOffered(RequestOrder):
    """Checks timeout_ms before it looks whether the op is offered."""

    order = (2, 0, 1, 3)


@fault("ERR-15")
class LateHelloLast(Connection):
    """Checks the members of a hello before it looks whether it is late."""

    def check_hello(self, frame: Frame) -> None:
        if frame.first and frame.op == "hello":
            for check in self.request_rows():
                check(frame)
        super().check_hello(frame)


@fault("ERR-15")
class JsonBeforePayloadMax(Connection):
    """Reports bad_json before a payload_length that is too large."""

    def header_rows(self) -> list[Row]:
        return super().header_rows()[:3]

    async def read_metadata(self, frame: Frame) -> None:
        await super().read_metadata(frame)
        self.check_payload_max(frame)


@fault("ERR-20")
class FrameWaitsForPayload(Connection):
    """Checks the rows 8 to 13 when the payload has come as well."""

    async def read_metadata(self, frame: Frame) -> None:
        await super().read_metadata(frame)
        await self.need(frame.left)


@fault("ERR-15")
class LateErrorFirst(Connection):
    """Reports a wrong head that has come before faults of the frame in front."""

    async def answer(self, frame: Frame) -> None:
        rest = bytes(self.buffer[frame.left : frame.left + 5])
        if len(rest) == 5:
            self.check_head(rest)
        await super().answer(frame)


@fault("ERR-15")
class DuplicatesAfterId(Connection):
    """Reports a bad id before two members of one name."""

    def parse(self, text: bytes) -> Object:
        try:
            return self.scanner(text).read()
        except BadJson as error:
            if str(error) == "two members of one name" and b'"id":0' in text:
                raise Fatal("bad_id", "the id is 0") from None
        return super().parse(text)
