"""Faults in what all operations of files have in common."""

from hjp_conformance.mutants.server.core import Operation, Row
from hjp_conformance.mutants.server.depot import Thing
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.files import Files
from hjp_conformance.mutants.server.metadata import Object, Value
from hjp_conformance.mutants.server.transport import Failed, Frame

# What is offered


class OpMissing(Files):
    """Does not offer an operation."""

    missing = ""

    def operations(self) -> dict[str, Operation]:
        return {op: do for op, do in super().operations().items() if op != self.missing}


@fault("FIL-1")
class ListMissing(OpMissing):
    """Lists files and does not offer list."""

    missing = "list"


@fault("FIL-1")
class StatMissing(OpMissing):
    """Lists files and does not offer stat."""

    missing = "stat"


@fault("FIL-1")
class GetMissing(OpMissing):
    """Lists files and does not offer get."""

    missing = "get"


@fault("FIL-2")
class DeleteMissing(OpMissing):
    """Lists delete and does not offer it."""

    missing = "delete"


@fault("COR-2")
class FeaturesHidden(Files):
    """Offers all operations and lists no feature."""

    def features(self) -> list[Value]:
        return []


@fault("COR-2")
class DeleteHidden(Files):
    """Offers delete and does not list it."""

    def features(self) -> list[Value]:
        return ["files", "resume"]


# Members


@fault("FIL-3")
class DigestCapitals(Files):
    """Takes a digest in capitals."""

    def check_digest_value(self, told: str) -> None:
        super().check_digest_value(told[:8] + told[8:].lower())


@fault("FIL-3")
class DigestOfAnyLength(Files):
    """Takes a digest of fewer than 64 digits."""

    def check_digest_value(self, told: str) -> None:
        super().check_digest_value(told + "0" * (72 - len(told)))


@fault("FIL-3")
class DigestTrimmed(Files):
    """Takes a digest with white space behind it."""

    def check_digest_value(self, told: str) -> None:
        super().check_digest_value(told.rstrip())


@fault("FIL-3")
class DigestWithoutColon(Files):
    """Answers unsupported to a digest without a colon."""

    def check_digest_value(self, told: str) -> None:
        super().check_digest_value(told if ":" in told else told + ":")


@fault("FIL-3")
class DigestMalformedMismatch(Files):
    """Answers digest_mismatch to a malformed digest."""

    def check_digest_value(self, told: str) -> None:
        try:
            super().check_digest_value(told)
        except Failed as error:
            if error.body["code"] == "unsupported":
                raise
            raise Failed("digest_mismatch", "no such digest") from None


@fault("FIL-4")
class DigestUnsupportedBadRequest(Files):
    """Answers bad_request to a digest with another algorithm."""

    def check_digest_value(self, told: str) -> None:
        try:
            super().check_digest_value(told)
        except Failed:
            raise Failed("bad_request", "no such digest") from None


@fault("FIL-4")
class DigestOthersIgnored(Files):
    """Ignores a digest with another algorithm."""

    def check_digest(self, frame: Frame) -> None:
        told = frame.message.get("digest")
        if isinstance(told, str) and ":" in told and not told.startswith("sha-256:"):
            del frame.message["digest"]
        super().check_digest(frame)


@fault("FIL-4")
class DigestNameInCapitals(Files):
    """Takes SHA-256 for sha-256."""

    def check_digest_value(self, told: str) -> None:
        algorithm, colon, digits = told.partition(":")
        super().check_digest_value(algorithm.lower() + colon + digits)


@fault("FIL-5")
class GetOfNothing(Files):
    """Answers a get of a name without object with no octets."""

    def found(self, frame: Frame) -> Thing:
        if frame.op == "get":
            return self.depot.things.get(str(frame.message["name"]), Thing(b""))
        return super().found(frame)


@fault("FIL-5")
class StatOfNothing(Files):
    """Answers a stat of a name without object with changed."""

    def found(self, frame: Frame) -> Thing:
        try:
            return super().found(frame)
        except Failed:
            raise Failed("changed", "it is not there") from None


@fault("FIL-5")
class DeleteOfNothing(Files):
    """Answers a delete of a name without object with ok."""

    def do_delete(self, frame: Frame) -> tuple[Object, bytes]:
        if frame.message["name"] not in self.depot.things:
            return {}, b""
        return super().do_delete(frame)


@fault("FIL-7")
class GetsCached(Files):
    """Keeps for its connection what it has once got."""

    def found(self, frame: Frame) -> Thing:
        cache: dict[str, Thing] = vars(self).setdefault("cache", {})
        name = str(frame.message["name"])
        return cache.setdefault(name, super().found(frame))


@fault("ERR-18")
class OverwriteTruthy(Files):
    """Takes anything for overwrite."""

    def truth(self, name: str) -> Row:
        return (lambda _: None) if name == "overwrite" else super().truth(name)


@fault("ERR-18")
class EntriesZero(Files):
    """Takes a limit of 0."""

    def whole(self, name: str, low: int = 0) -> Row:
        return super().whole(name)


@fault("ERR-18")
class IfTagUnchecked(Files):
    """Answers changed to a mistyped if_tag."""

    def text(self, name: str) -> Row:
        return (lambda _: None) if name == "if_tag" else super().text(name)


@fault("ERR-18")
class OffsetUnchecked(Files):
    """Takes a mistyped offset of a get for 0."""

    def whole(self, name: str, low: int = 0) -> Row:
        return (lambda _: None) if name == "offset" else super().whole(name, low)

    def first_offset(self, frame: Frame) -> int:
        return self.integer(frame.message.get("offset"), 0, 2**53 - 1) or 0


@fault("ERR-15")
class MembersBackwards(Files):
    """Checks the members from the last to the first."""

    def member_rows(self) -> dict[str, list[Row]]:
        return {op: rows[::-1] for op, rows in super().member_rows().items()}


@fault("ERR-15")
class ObjectBeforeMembers(Files):
    """Looks for the object before it looks at members behind the name."""

    def member_rows(self) -> dict[str, list[Row]]:
        rows = super().member_rows()
        for op in ("get", "stat"):
            rows[op].insert(1, self.check_there)
        return rows

    def check_there(self, frame: Frame) -> None:
        self.found(frame)


@fault("ERR-17")
class GetWithBody(Files):
    """Waits for more frames of a get."""

    def check_body(self, frame: Frame) -> None:
        if frame.op != "get":
            super().check_body(frame)


@fault("NAM-1")
class NameErrorAtTheEnd(Files):
    """Answers bad_name only when the put has ended."""

    def check_name(self, frame: Frame) -> None:
        try:
            super().check_name(frame)
        except Failed:
            if not frame.more:
                raise
