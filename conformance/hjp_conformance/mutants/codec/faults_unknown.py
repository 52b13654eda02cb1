"""Faults with members of a request that are not known (TST-6)."""

from collections.abc import Callable
from typing import ClassVar

from hjp_conformance.mutants.codec.plain import Reply, Request, Testee, Unclear
from hjp_conformance.mutants.codec.table import fault


class Known(Testee):
    """Refuses members that it does not know in some command."""

    known: ClassVar[dict[str, set[str]]] = {
        "describe": {"cmd"},
        "decode": {"cmd", "chunks", "max_payload"},
        "encode": {"cmd", "json", "payload", "max_payload"},
        "reset": {"cmd"},
    }
    strict: tuple[str, ...] = ()

    def command(self, request: Request) -> Callable[[Request], Reply]:
        command = super().command(request)
        name = request["cmd"]
        if name in self.strict and request.keys() - self.known[name]:
            raise Unclear("unknown member")
        return command


@fault("TST-6")
class UnknownInDecode(Known):
    """Refuses a decode with a member it does not know."""

    strict = ("decode",)


@fault("TST-6")
class UnknownInEncode(Known):
    """Refuses an encode with a member it does not know."""

    strict = ("encode",)


@fault("TST-6")
class UnknownInReset(Known):
    """Refuses a reset with a member it does not know."""

    strict = ("reset",)


@fault("TST-6")
class UnknownInDescribe(Known):
    """Refuses a describe with a member it does not know."""

    strict = ("describe",)


@fault("TST-6")
class UnknownNull(Testee):
    """Refuses a line with a member null, whatever its name."""

    def command(self, request: Request) -> Callable[[Request], Reply]:
        if None in request.values():
            raise Unclear("a member is null")
        return super().command(request)


@fault("TST-6")
class InnerCommand(Testee):
    """Takes the last cmd of a line, even if it lies inside another member."""

    def command(self, request: Request) -> Callable[[Request], Reply]:
        found = [
            inner["cmd"]
            for inner in request.values()
            if isinstance(inner, dict) and inner.get("cmd") in self.commands()
        ]
        known = request.get("cmd") in self.commands()
        return super().command({"cmd": found[-1]} if found and known else request)


@fault("TST-6")
class MembersOfOthers(Testee):
    """Checks json and payload in a decode too, where they mean nothing."""

    def decode(self, request: Request) -> Reply:
        self.payload(request)
        self.json_text({"json": "", **request})
        return super().decode(request)


@fault("TST-6")
class LimitOfAll(Testee):
    """Checks max_payload in every command."""

    def command(self, request: Request) -> Callable[[Request], Reply]:
        command = super().command(request)
        self.max_payload(request)
        return command


@fault("TST-6")
class UnknownEchoed(Testee):
    """Puts members of a request that it does not know over those of the reply."""

    def answer(self, line: bytes) -> Reply:
        reply = super().answer(line)
        if reply["status"] == "error":
            return reply
        request = self.load(line)
        return reply | {name: request[name] for name in reply if name in request}
