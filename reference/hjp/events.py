"""What is sent and received: one vocabulary for both directions.

What one side gives to ``Connection.send``, the other side's ``Connection.next_event``
returns equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final

from hjp.errors import Code, ReplyError

__all__ = ["NEED_DATA", "End", "Event", "Need", "Reply", "Request"]


@dataclass(slots=True)
class Request:
    """A request frame."""

    metadata: dict[str, Any]
    payload: bytes = b""
    arrived: float = field(default=0.0, compare=False, repr=False)
    """When its last octet came, by the clock of whoever fed the connection."""
    left: int = 0
    """Octets of its payload that are still to come: this is a part of the frame. Only
    for operations whose payloads are handed out in parts."""

    @property
    def id(self) -> int:
        """Which request."""
        return int(self.metadata["id"])

    @property
    def op(self) -> str:
        """What is asked."""
        return str(self.metadata["op"])

    @property
    def more(self) -> bool:
        """Whether another frame of this request follows; absent is false (MSG-11)."""
        return self.metadata.get("more") is True


@dataclass(slots=True)
class Reply:
    """A reply frame; with ``id`` 0 a fatal error."""

    metadata: dict[str, Any]
    payload: bytes = b""

    @property
    def id(self) -> int:
        """Which request it answers, 0 for the connection itself."""
        return int(self.metadata["id"])

    @property
    def ok(self) -> bool:
        """False for an error."""
        return self.metadata["ok"] is True

    @property
    def more(self) -> bool:
        """Whether it is an interim reply; absent is false (MSG-11)."""
        return self.metadata.get("more") is True

    @property
    def fatal(self) -> bool:
        """Whether it is a fatal error: the last frame of its connection."""
        return self.id == 0

    @property
    def error(self) -> dict[str, Any]:
        """The member ``error``; empty where there is none."""
        return dict(self.metadata.get("error", {}))

    def unwrap(self) -> "Reply":
        """Give this reply if it is no error.

        Raises:
            ReplyError: It is one.
        """
        if not self.ok:
            raise ReplyError.from_reply(self)
        return self

    @classmethod
    def failure(
        cls,
        request_id: int,
        code: str,
        message: str,
        adds: Mapping[str, Any] | None = None,
    ) -> "Reply":
        """Make an error, fatal where the id is 0 (HJP-ERR-1 … HJP-ERR-4).

        Args:
            request_id: The ``id``.
            code: The code.
            message: For people.
            adds: What the code adds, such as ``limit``.
        """
        error: dict[str, Any] = {"code": str(code), "message": message}
        if request_id == 0:
            error["fatal"] = True
        error = error | dict(adds or {}) | error
        return cls({"id": request_id, "ok": False, "error": error})

    @classmethod
    def going_away(cls, last_id: int, message: str) -> "Reply":
        """Make the farewell of a server (HJP-LIF-11)."""
        return cls.failure(0, Code.GOING_AWAY, message, {"last_id": last_id})


@dataclass(slots=True)
class End:
    """No further frame comes from this side."""


class Need(Enum):
    """What ``Connection.next_event`` lacks."""

    DATA = auto()


NEED_DATA: Final = Need.DATA

Event = Request | Reply | End
