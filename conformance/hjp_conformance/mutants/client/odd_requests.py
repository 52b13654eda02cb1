"""Odd requests: hello unasked, and members in other clothes."""

import struct

from hjp_conformance.mutants.client.client import Client, Request
from hjp_conformance.mutants.client.oddities import odd
from hjp_conformance.mutants.client.receiver import FIRST_MAX_PAYLOAD, MAX_ID, MAX_JSON
from hjp_conformance.mutants.client.shared import Number, Object, Value, Writer

# Saying hello


class Greeting(Client):
    """Says hello by itself before the first action."""

    patient = True
    own: Request | None = None

    def opened(self, actions: list[list[str]]) -> None:
        if actions[0][0] != "hello":
            self.own = self.begin("hello", self.greeting())
            self.send_frame(self.own, b"", more=False)
            if self.patient:
                self.settle(self.own)

    def greeting(self) -> Object:
        return {}

    def settle(self, request: Request) -> None:
        super().settle(request)
        # What was not sent has no reply to wait for, but its line comes after hello.
        while any(one is request for one in self.unprinted) and self.waiting:
            self.fill()

    def print_line(self, request: Request) -> None:
        # A hello that no action asks for has a line only if it fails, and then
        # that line is the only one (HJP-TST-11).
        if request is not self.own:
            super().print_line(request)
        elif not request.line.startswith("ok"):
            super().print_line(request)
            raise SystemExit(1)


@odd
class Greets(Greeting):
    """Says hello first by itself."""


@odd
class GreetsImpatiently(Greeting):
    """Says hello first by itself, and does not wait for the reply."""

    patient = False

    def greeting(self) -> Object:
        return {"limits": {"max_payload": Number(str(FIRST_MAX_PAYLOAD))}}


@odd
class TokenAndFeatures(Greeting):
    """Says hello first by itself, with a token, features and unknown limits."""

    def greeting(self) -> Object:
        return {
            "token": "s\u00e9same \U0001f511\0",
            "features": ["x-one", "x-\ufffe"],
            "limits": {"x-most": Number("-1.5e3"), "max_object": Number("1")},
        }


# Requests in other clothes


class Dressed(Client):
    """Dresses every frame up, as long as it still fits."""

    def encode(self, message: Object) -> bytes:
        plain = super().encode(message)
        text = self.dress(message)
        return text if len(text) <= MAX_JSON and len(plain) <= MAX_JSON else plain

    def dress(self, message: Object) -> bytes:
        return self.json_writer().write(message).encode()


class Spaced(Writer):
    """Writes white space of every kind between tokens."""

    comma = " ,\r\n\t"
    colon = "\t: \n"

    def object(self, members: Object) -> str:
        return "{ \n" + super().object(members)[1:-1] + "\r }"


@odd
class WhiteSpace(Dressed):
    """Writes white space between the tokens of requests and after them."""

    def dress(self, message: Object) -> bytes:
        return Spaced().write(message).encode() + b" \t\r\n\n"


@odd
class LongestText(Dressed):
    """Fills every JSON text with white space up to 65 536 octets."""

    def dress(self, message: Object) -> bytes:
        return super().dress(message).ljust(MAX_JSON)


@odd
class MembersReversed(Dressed):
    """Writes the members of requests in reverse order."""

    def dress(self, message: Object) -> bytes:
        return super().dress(dict(reversed(message.items())))


class EscapingWriter(Writer):
    """Writes every character of every string and name as an escape."""

    def string(self, text: str) -> str:
        units = struct.iter_unpack(">H", text.encode("utf-16-be"))
        return '"' + "".join(f"\\u{unit:04X}" for (unit,) in units) + '"'


@odd
class Escapes(Dressed):
    """Writes every character of names and strings as an escape."""

    def dress(self, message: Object) -> bytes:
        return EscapingWriter().write(message).encode()


def nested(depth: int) -> Value:
    value: Value = Number("-0")
    for _ in range(depth):
        value = [value]
    return value


@odd
class ExtraMembers(Dressed):
    """Adds private members to requests, some of them strange."""

    def dress(self, message: Object) -> bytes:
        extra: Object = {
            "x-deep": nested(31),
            "x-small": Number("1e-400"),
            "x-digits": Number("1" * 300),
            "x-\0\uffff": {"id": None, "ID": [], "\u00e9": "", "e\u0301": ""},
            "x-\U0010ffff": "\ufeff\u2028\x7f",
        }
        return super().dress(extra | message | {"x-last": False})


@odd
class MoreFalse(Dressed):
    """Writes more out as false in the last frame of every request."""

    def dress(self, message: Object) -> bytes:
        return super().dress({"more": False} | message)


@odd
class Timeouts(Dressed):
    """States a timeout_ms in every request."""

    def dress(self, message: Object) -> bytes:
        limits = (Number(str(MAX_ID)), Number("3600000"))
        return super().dress(message | {"timeout_ms": limits[self.sent % 2]})


@odd
class IdGaps(Client):
    """Leaves gaps between ids that grow."""

    def next_id(self) -> int:
        return self.last_id * 2 + 7 if self.last_id < 1 << 40 else self.last_id + 12_345


@odd
class IdNearMax(Client):
    """Chooses ids so that the last request has the id 2^53 - 1."""

    def opened(self, actions: list[list[str]]) -> None:
        ahead = sum(int(action[1]) for action in actions if action[0] == "ahead")
        self.last_id = MAX_ID - ahead - len([a for a in actions if a[0] != "ahead"])


@odd
class PaddedPings(Client):
    """Pads ping with a payload that nobody asked for."""

    def ask(self, op: str, members: Object, payload: bytes = b"") -> None:
        super().ask(op, members, b"HJP\xff\1" if op == "ping" else payload)
