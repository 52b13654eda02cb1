"""Faults in what is offered, and in hello."""

from hjp_conformance.mutants.server.core import FIRST_MAX_PAYLOAD, Connection, Operation
from hjp_conformance.mutants.server.faults import fault
from hjp_conformance.mutants.server.metadata import Number, Object, Value
from hjp_conformance.mutants.server.transport import Failed, Fatal, Frame

# COR-1: what is offered


class Missing(Connection):
    """Lacks one operation."""

    lacking = ""

    def operations(self) -> dict[str, Operation]:
        operations = super().operations()
        return {op: do for op, do in operations.items() if op != self.lacking}


@fault("COR-1")
class NoHello(Missing):
    """Does not offer hello."""

    lacking = "hello"


@fault("COR-1")
class NoPing(Missing):
    """Does not offer ping."""

    lacking = "ping"


@fault("COR-1")
class NoEcho(Missing):
    """Does not offer echo."""

    lacking = "echo"


@fault("COR-1")
class NoUpper(Missing):
    """Does not offer upper."""

    lacking = "upper"


# COR-2 to COR-5: the reply to hello


class OtherHello(Connection):
    """Changes the members of the reply to hello."""

    def hello_members(self, frame: Frame) -> Object:
        return self.change(super().hello_members(frame), frame)

    def change(self, members: Object, frame: Frame) -> Object:
        return members


@fault("COR-2")
class FeaturesMissing(OtherHello):
    """Leaves features out when there are none."""

    def change(self, members: Object, frame: Frame) -> Object:
        return {k: v for k, v in members.items() if k != "features"}


@fault("COR-2")
class FeaturesNull(OtherHello):
    """Writes null for no features."""

    def change(self, members: Object, frame: Frame) -> Object:
        return {**members, "features": None}


@fault("COR-2")
class FeaturesObject(OtherHello):
    """Writes an object for the array of features."""

    def change(self, members: Object, frame: Frame) -> Object:
        return {**members, "features": {}}


@fault("COR-2")
class FeaturesOfClient(OtherHello):
    """Lists the features that the client has named."""

    def change(self, members: Object, frame: Frame) -> Object:
        return {**members, "features": frame.message.get("features", [])}


@fault("COR-3")
class LimitsEmpty(OtherHello):
    """States no max_payload, though it is not the default."""

    def change(self, members: Object, frame: Frame) -> Object:
        return {**members, "limits": {}}


@fault("COR-3")
class LimitAtTop(OtherHello):
    """States max_payload beside limits."""

    def change(self, members: Object, frame: Frame) -> Object:
        return {**members, "limits": {}, "max_payload": self.max_payload}


@fault("COR-3")
class LimitAsString(OtherHello):
    """States max_payload as a string."""

    def change(self, members: Object, frame: Frame) -> Object:
        return {**members, "limits": {"max_payload": str(self.max_payload)}}


@fault("COR-4")
class ServerMissing(OtherHello):
    """Does not name its software."""

    def change(self, members: Object, frame: Frame) -> Object:
        return {k: v for k, v in members.items() if k != "server"}


@fault("COR-4")
class ServerObject(OtherHello):
    """Writes an object with name and version for server."""

    def change(self, members: Object, frame: Frame) -> Object:
        return {**members, "server": {"name": self.name, "version": "1"}}


@fault("COR-5")
class FeatureUnknownRefused(Connection):
    """Refuses a hello that names a feature it does not know."""

    def check_features(self, frame: Frame) -> None:
        super().check_features(frame)
        if frame.message.get("features"):
            raise Fatal("bad_request", "unknown feature")


# COR-6 to COR-8: what hello checks


@fault("COR-6")
class TokenUnchecked(Connection):
    """Does not look at token."""

    def check_token(self, frame: Frame) -> None:
        """Whatever it is."""


@fault("COR-6")
class TokenNull(Connection):
    """Takes null for an absent token."""

    def check_token(self, frame: Frame) -> None:
        if frame.message.get("token") is not None:
            super().check_token(frame)


@fault("COR-6")
class FeaturesUnchecked(Connection):
    """Does not look at features."""

    def check_features(self, frame: Frame) -> None:
        """Whatever it is."""


@fault("COR-6")
class FeaturesOfAnything(Connection):
    """Does not look at the elements of features."""

    def check_features(self, frame: Frame) -> None:
        if not isinstance(frame.message.get("features"), list):
            super().check_features(frame)


@fault("COR-6")
class FeaturesFirstOnly(Connection):
    """Looks at the first element of features only."""

    def check_features(self, frame: Frame) -> None:
        features = frame.message.get("features")
        if not (isinstance(features, list) and isinstance([*features, ""][0], str)):
            super().check_features(frame)


@fault("COR-6")
class LimitsUnchecked(Connection):
    """Ignores limits that are not an object."""

    def check_limits(self, frame: Frame) -> None:
        if isinstance(frame.message.get("limits"), dict):
            super().check_limits(frame)


class OtherLimit(Connection):
    """Accepts some values of the client's max_payload that are not allowed."""

    def check_limits(self, frame: Frame) -> None:
        limits = frame.message.get("limits")
        if isinstance(limits, dict) and "max_payload" in limits:
            limits["max_payload"] = self.change(limits["max_payload"])
        super().check_limits(frame)

    def change(self, limit: Value) -> Value:
        return limit


@fault("COR-6")
class LimitTooSmall(OtherLimit):
    """Takes a max_payload below 65 536 for 65 536."""

    def change(self, limit: Value) -> Value:
        small = self.integer(limit, 0, FIRST_MAX_PAYLOAD) is not None
        return Number("65536") if small else limit


@fault("COR-6")
class LimitTooGreat(OtherLimit):
    """Takes a max_payload from 2^32 on for 2^32 - 1."""

    def change(self, limit: Value) -> Value:
        great = self.integer(limit, 1 << 32, 1 << 53) is not None
        return Number("4294967295") if great else limit


@fault("COR-6")
class LimitNull(OtherLimit):
    """Takes a max_payload of null for none."""

    def change(self, limit: Value) -> Value:
        return Number("65536") if limit is None else limit


@fault("COR-6")
class LimitOfDigits(OtherLimit):
    """Takes a max_payload that is a string of digits."""

    def change(self, limit: Value) -> Value:
        return Number(limit) if isinstance(limit, str) and limit.isdigit() else limit


@fault("COR-6")
class LimitOf31Bits(Connection):
    """Refuses a max_payload from 2^31 on."""

    def check_limits(self, frame: Frame) -> None:
        super().check_limits(frame)
        if self.stated_limit(frame.message) >= 1 << 31:
            raise self.bad_request(frame, "max_payload is too large")


@fault("COR-6")
class LimitLeastRefused(Connection):
    """Refuses a max_payload of just 65 536."""

    def check_limits(self, frame: Frame) -> None:
        super().check_limits(frame)
        limits = frame.message.get("limits")
        stated = isinstance(limits, dict) and "max_payload" in limits
        if stated and self.stated_limit(frame.message) == FIRST_MAX_PAYLOAD:
            raise self.bad_request(frame, "max_payload is too small")


@fault("COR-6")
class HelloErrorNotFatal(Connection):
    """Answers a bad hello with an error that is not fatal."""

    def bad_request(self, frame: Frame, message: str) -> Failed:
        return Failed("bad_request", message)


@fault("COR-6")
class HelloErrorUnauthorized(Connection):
    """Refuses a token that is not a string with unauthorized."""

    def check_token(self, frame: Frame) -> None:
        if not isinstance(frame.message.get("token", ""), str):
            raise Fatal("unauthorized", "token is not a string")


@fault("COR-7")
class HelloMayGoOn(Connection):
    """Accepts a hello with more true."""

    def check_body(self, frame: Frame) -> None:
        if frame.op != "hello":
            super().check_body(frame)


@fault("COR-7")
class HelloTimeoutUnchecked(Connection):
    """Does not look at the timeout_ms of hello."""

    def check_timeout(self, frame: Frame) -> None:
        if frame.op != "hello":
            super().check_timeout(frame)


@fault("COR-7")
class HelloMoreNotFatal(Connection):
    """Answers a hello with more true with an error that is not fatal."""

    def check_body(self, frame: Frame) -> None:
        if frame.more:
            raise Failed("bad_request", "this operation has no body")


@fault("COR-8")
class TokenRefused(Connection):
    """Refuses a token, since it needs none."""

    def check_token(self, frame: Frame) -> None:
        super().check_token(frame)
        if frame.message.get("token"):
            raise Fatal("unauthorized", "no such token")
