"""Frames that a server sent: read, and held against what every one must be.

A case looks at what it asked; this looks at everything else, in every frame of
every case.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from hjp_conformance.verdicts import Violation
from hjp_spec import oracle
from hjp_spec.registry import (
    FATAL,
    HEADER_LENGTH,
    LIMITS,
    MAX_INTEGER,
    VERSION,
    Code,
    Fatal,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A frame from a server that is right in itself."""

    metadata: dict[str, Any]
    payload: bytes
    octets: bytes = field(default=b"", repr=False)

    @property
    def id(self) -> int:
        """Which request it answers; 0 for the connection itself."""
        id_: int = self.metadata["id"]
        return id_

    @property
    def ok(self) -> bool:
        """Whether it is no error."""
        return self.metadata.get("ok") is True

    @property
    def error(self) -> dict[str, Any]:
        """The members of its `error`; empty where it is none."""
        error: dict[str, Any] = self.metadata.get("error", {})
        return {} if self.ok else error

    @property
    def fatal(self) -> bool:
        """Whether it is a fatal error."""
        return self.error.get("fatal") is True

    def offset_of(self, *names: str) -> int:
        """Where the value of the first of these members stands that is there."""
        return offset_of(self.octets, *names)

    def __str__(self) -> str:
        payload = f", payload of {len(self.payload)}" if self.payload else ""
        if self.ok:
            return f"reply to {self.id}, ok{payload}"
        kind = "fatal error" if self.fatal else "error"
        limit = f" (limit {self.error['limit']})" if "limit" in self.error else ""
        return f"{kind} {self.error['code']}{limit}, id {self.id}{payload}"


def offset_of(frame: bytes, *names: str) -> int:
    """Where in a frame the value of the first of these members stands.

    Where none of them is there, or is spelt with escapes, it is the JSON text.
    """
    for name in names:
        found = re.search(rb'"%b"[ \t\r\n]*:[ \t\r\n]*' % name.encode(), frame)
        if found:
            return found.end()
    return HEADER_LENGTH


def is_plain(value: Any, low: int = 0, high: int = MAX_INTEGER) -> bool:
    """Whether a parsed value is an integer in plain digits (HJP-MET-17)."""
    return type(value) is int and low <= value <= high


def read(
    octets: bytes, max_payload: int, interim: Collection[int] = frozenset()
) -> Reply:
    """The one frame in these octets.

    Args:
        octets: of the frame.
        max_payload: the limit that the server knows of, in octets.
        interim: the requests for which interim replies are defined.

    Raises:
        Violation: it is not as the text wants every frame of a server.
    """
    outcome = oracle.decode(octets, max_payload)
    if outcome.status != oracle.Status.ACCEPT:
        raise Violation(
            "a frame that its receiver has to refuse with "
            f"{outcome.code or outcome.early}: {outcome.message}",
            "HJP-FRM-19",
            outcome.offset or 0,
        )
    reply = Reply(outcome.frames[0].metadata, outcome.frames[0].payload, octets)
    _check(reply, _EVERY_FRAME if reply.ok else _ERRORS)
    if reply.id not in interim:
        _check(reply, _NO_INTERIM)
    return reply


def _check(reply: Reply, rules: "Iterable[_Rule]") -> None:
    for requirement, member, fault, is_right in rules:
        if not is_right(reply):
            told = f"a frame {fault}: {reply.metadata!r}"
            raise Violation(told, requirement, reply.offset_of(member))


_NAMES = tuple(LIMITS)


def _is_known(code: str) -> bool:
    return code in set(Code) or code.startswith("x-")


def _is_fatal_if_it_must(reply: Reply) -> bool:
    """Whether a code that is always fatal is; the others are where `hello` fails."""
    code = reply.error["code"]
    return FATAL.get(code) is not Fatal.YES or reply.fatal


def _versions_are_told(reply: Reply) -> bool:
    versions = reply.error.get("versions")
    if reply.error["code"] != Code.BAD_VERSION:
        return True
    if not isinstance(versions, list) or VERSION not in versions:
        return False
    return all(is_plain(version, 0, 255) for version in versions)


def _limit_is_told(reply: Reply) -> bool:
    return reply.error["code"] != Code.TOO_LARGE or reply.error.get("limit") in _NAMES


def _last_id_is_told(reply: Reply) -> bool:
    code, last_id = reply.error["code"], reply.error.get("last_id")
    return code != Code.GOING_AWAY or is_plain(last_id)


_Rule = tuple[str, str, str, Callable[[Reply], bool]]
"""Requirement, member to blame, what is wrong, whether it is right."""

_EVERY_FRAME: tuple[_Rule, ...] = (
    ("HJP-MSG-13", "ok", "without a boolean ok", lambda r: type(r.metadata.get("ok")) is bool),
    ("HJP-MSG-13", "op", "with an op", lambda r: "op" not in r.metadata),
    ("HJP-MSG-13", "id", "without an id", lambda r: "id" in r.metadata),
    ("HJP-MET-17", "id", "whose id is no integer in plain digits",
     lambda r: is_plain(r.metadata["id"])),
    ("HJP-MSG-13", "more", "with a mistyped more",
     lambda r: type(r.metadata.get("more", False)) is bool),
    ("HJP-ERR-1", "error", "with ok true and an error",
     lambda r: not r.ok or "error" not in r.metadata),
    ("HJP-MSG-13", "id", "with ok true and id 0", lambda r: not r.ok or r.id != 0),
)  # fmt: skip

_NO_INTERIM: tuple[_Rule, ...] = (
    ("HJP-MSG-16", "more", "with ok true and more, where no interim reply is defined",
     lambda r: not r.ok or r.metadata.get("more", False) is False),
)  # fmt: skip

_ERRORS: tuple[_Rule, ...] = (
    *_EVERY_FRAME,
    ("HJP-ERR-1", "error", "with ok false and no object error",
     lambda r: isinstance(r.metadata.get("error"), dict)),
    ("HJP-ERR-1", "code", "whose error has no string code",
     lambda r: isinstance(r.error.get("code"), str)),
    ("HJP-ERR-1", "message", "whose error has no string message",
     lambda r: isinstance(r.error.get("message"), str)),
    ("HJP-ERR-2", "more", "with an error and more",
     lambda r: r.metadata.get("more", False) is False),
    ("HJP-ERR-2", "code", "with an error and a payload", lambda r: not r.payload),
    ("HJP-ERR-6", "code", "with a code that is not in the table",
     lambda r: _is_known(r.error["code"])),
    ("HJP-ERR-4", "fatal", "whose fatal is no boolean",
     lambda r: type(r.error.get("fatal", False)) is bool),
    ("HJP-ERR-3", "fatal", "with id 0 whose error is not fatal", lambda r: r.id != 0 or r.fatal),
    ("HJP-ERR-3", "id", "with a fatal error whose id is not 0",
     lambda r: not r.fatal or r.id == 0),
    ("HJP-ERR-3", "fatal", "whose code is always fatal and that is not", _is_fatal_if_it_must),
    ("HJP-FRM-6", "versions", "with bad_version whose versions do not list 1", _versions_are_told),
    ("HJP-ERR-8", "limit", "with too_large whose limit is not in the table", _limit_is_told),
    ("HJP-LIF-13", "last_id", "with going_away and no last_id", _last_id_is_told),
)  # fmt: skip
