"""What can go wrong, as one tree.

::

    HjpError                     everything that this package raises on purpose
    ├── FormatError              octets or values do not obey the format; knows no side
    │                            (also a ValueError)
    ├── IncompleteError          the octets end inside a frame (also an EOFError)
    ├── ProtocolError
    │   ├── LocalProtocolError   you asked for it; nothing was sent, no state changed
    │   └── RemoteProtocolError  the peer did it; the connection is over
    │       └── LimitExceeded    … by exceeding a limit
    ├── ConnectionLost           the stream ended too early (also a ConnectionError)
    │   └── NotConnected         nobody has opened it, or the program has closed it
    ├── TransferError            what was put or got is not what was meant
    └── ReplyError               the peer answered with an error

``OSError`` and ``TimeoutError`` pass through unchanged. Codecs raise `FormatError`;
``Connection.send`` makes it local, ``Connection.next_event`` makes it remote, and
nothing else does.
"""

from collections.abc import Mapping, Sequence
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hjp.events import Reply
    from hjp.frame import Frame

__all__ = [
    "Code",
    "ConnectionLost",
    "FormatError",
    "HjpError",
    "IncompleteError",
    "LimitExceeded",
    "LocalProtocolError",
    "NotConnected",
    "ProtocolError",
    "RemoteProtocolError",
    "ReplyError",
    "Severity",
    "TransferError",
]


class Code(StrEnum):
    """Every code of the table of errors (HJP-ERR-6)."""

    BAD_MAGIC = "bad_magic"
    BAD_VERSION = "bad_version"
    BAD_FRAME = "bad_frame"
    BAD_JSON = "bad_json"
    BAD_ID = "bad_id"
    TOO_LARGE = "too_large"
    TIMEOUT = "timeout"
    UNAUTHORIZED = "unauthorized"
    BAD_REQUEST = "bad_request"
    GOING_AWAY = "going_away"
    UNKNOWN_OP = "unknown_op"
    UNSUPPORTED = "unsupported"
    INTERNAL = "internal"
    CANCELLED = "cancelled"
    BUSY = "busy"
    RATE_LIMITED = "rate_limited"
    FORBIDDEN = "forbidden"
    BAD_NAME = "bad_name"
    NOT_FOUND = "not_found"
    EXISTS = "exists"
    CONFLICT = "conflict"
    NO_SPACE = "no_space"
    OFFSET_MISMATCH = "offset_mismatch"
    SIZE_MISMATCH = "size_mismatch"
    DIGEST_MISMATCH = "digest_mismatch"
    SUPERSEDED = "superseded"
    CHANGED = "changed"
    EXEC_FAILED = "exec_failed"
    COOKIE_REQUIRED = "cookie_required"

    @property
    def severity(self) -> "Severity":
        """Whether an error of this code ends the connection."""
        return _SEVERITY.get(self, Severity.REQUEST)


class Severity(Enum):
    """What an error ends: the column *fatal* of the table of errors."""

    CONNECTION = "yes"
    REQUEST = "no"
    BY_PLACE = "by place"


_SEVERITY = {
    Code.BAD_MAGIC: Severity.CONNECTION,
    Code.BAD_VERSION: Severity.CONNECTION,
    Code.BAD_FRAME: Severity.CONNECTION,
    Code.BAD_JSON: Severity.CONNECTION,
    Code.BAD_ID: Severity.CONNECTION,
    Code.GOING_AWAY: Severity.CONNECTION,
    Code.TOO_LARGE: Severity.BY_PLACE,
    Code.TIMEOUT: Severity.BY_PLACE,
    Code.UNAUTHORIZED: Severity.BY_PLACE,
    Code.BAD_REQUEST: Severity.BY_PLACE,
}


class HjpError(Exception):
    """Everything that this package raises on purpose."""


class _FaultError(HjpError):
    """A breach of the specification, with its code and its requirement."""

    def __init__(
        self, code: Code, message: str, requirement: str, limit: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.requirement = requirement
        self.limit = limit

    def __str__(self) -> str:
        return f"{self.code}: {self.message} ({self.requirement})"


class FormatError(_FaultError, ValueError):
    """Octets or values that do not obey the format.

    Attributes:
        code: The code of the table of errors.
        message: What was found and what is allowed.
        requirement: The requirement that was not obeyed, such as ``HJP-FRM-2``.
        limit: With ``too_large``, the name of the limit that was exceeded.
        frames: The frames that ``Decoder.feed`` completed before the fault.
    """

    frames: Sequence["Frame"] = ()


class IncompleteError(HjpError, EOFError):
    """The octets end inside a frame."""


class ProtocolError(_FaultError):
    """One side of a connection broke the protocol; attributes as `FormatError`."""


class LocalProtocolError(ProtocolError):
    """This side was asked to break the protocol; nothing was sent, no state changed."""


class RemoteProtocolError(ProtocolError):
    """The peer broke the protocol; nothing more will come from this connection.

    Attributes:
        reply: The fatal error that a server sends now; a client closes the connection.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        requirement: str,
        limit: str | None,
        reply: "Reply",
    ) -> None:
        super().__init__(code, message, requirement, limit)
        self.reply = reply


class LimitExceeded(RemoteProtocolError):  # noqa: N818 (says what happened)
    """The peer exceeded the limit that the attribute ``limit`` names."""


class ConnectionLost(HjpError, ConnectionError):  # noqa: N818 (says what happened)
    """The stream ended inside a frame or before a final reply (HJP-LIF-10)."""


class TransferError(HjpError):
    """What was put or got is not what was meant; nothing of it is kept.

    A file changed while it was read, octets are too few or have another digest
    (HJP-GET-10), or a reply lacks what it has to say.
    """


class NotConnected(ConnectionLost):
    """The program has not connected the client, or has closed it."""


class ReplyError(HjpError):
    """The peer answered with an error; a handler raises it to answer with one.

    Attributes:
        code: The code. One that this version does not know reads ``internal``
            (HJP-ERR-7), except a private one (``x-…``), which its users know.
        message: For people.
        details: What the code adds, such as ``limit`` or ``last_id``.
        fatal: Whether the error ended the connection.
    """

    def __init__(
        self,
        code: str,
        message: str,
        details: Mapping[str, Any] | None = None,
        *,
        fatal: bool = False,
    ) -> None:
        super().__init__(message)
        known = code in _CODES or code.startswith("x-")
        self.code = code if known else str(Code.INTERNAL)
        self.message = message
        self.details = (
            dict(details or {}) if known else {"code": code, **(details or {})}
        )
        self.fatal = fatal

    @classmethod
    def from_reply(cls, reply: "Reply") -> "ReplyError":
        """Make the exception for a reply whose ``ok`` is false."""
        error = dict(reply.error)
        message = error.pop("message", "")
        fatal = error.pop("fatal", False) is True
        return cls(str(error.pop("code")), str(message), error, fatal=fatal)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" if self.message else self.code


_CODES = frozenset(Code)
