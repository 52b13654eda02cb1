"""The numbers and names of HJP/1, as the tables of the text give them.

Tests hold every name here against those tables: change the text first.
"""

from enum import Enum, StrEnum, auto

MAGIC = b"HJP\xff"
"""Octets 0 to 3 of every frame (HJP-FRM-2)."""
VERSION = 1
"""Octet 4 of every frame (HJP-FRM-4)."""
HEADER_LENGTH = 16
"""Octets of a header."""
MIN_JSON = 2
"""The least json_length, in octets (HJP-FRM-8)."""
MAX_JSON = 65_536
"""The greatest json_length, in octets (HJP-FRM-9)."""
DEFAULT_MAX_PAYLOAD = 65_536
"""The greatest payload_length, in octets, where nothing else was stated."""
MAX_DEPTH = 32
"""How deep objects and arrays may nest, the metadata included (HJP-MET-12)."""
MAX_INTEGER = 2**53 - 1
"""The greatest integer that the specification defines (HJP-MET-18)."""
OPS = ("hello", "ping", "echo", "upper")
"""The operations of every core server (HJP-COR-1)."""

FEATURES = {
    "files": ("put", "get", "stat", "list"),
    "resume": (),
    "delete": ("delete",),
}
"""The operations that each feature adds (HJP-FIL-1, HJP-FIL-2)."""


class Code(StrEnum):
    """The codes of errors, in the order of the table."""

    BAD_MAGIC = auto()
    BAD_VERSION = auto()
    BAD_FRAME = auto()
    BAD_JSON = auto()
    BAD_ID = auto()
    TOO_LARGE = auto()
    TIMEOUT = auto()
    UNAUTHORIZED = auto()
    BAD_REQUEST = auto()
    GOING_AWAY = auto()
    UNKNOWN_OP = auto()
    UNSUPPORTED = auto()
    INTERNAL = auto()
    CANCELLED = auto()
    BUSY = auto()
    RATE_LIMITED = auto()
    FORBIDDEN = auto()
    BAD_NAME = auto()
    NOT_FOUND = auto()
    EXISTS = auto()
    CONFLICT = auto()
    NO_SPACE = auto()
    OFFSET_MISMATCH = auto()
    SIZE_MISMATCH = auto()
    DIGEST_MISMATCH = auto()
    SUPERSEDED = auto()
    CHANGED = auto()
    EXEC_FAILED = auto()
    COOKIE_REQUIRED = auto()


class Fatal(Enum):
    """Whether an error ends its connection."""

    YES = "yes"
    NO = "no"
    BY_PLACE = "by place"


_ALWAYS_FATAL = frozenset(
    {
        Code.BAD_MAGIC,
        Code.BAD_VERSION,
        Code.BAD_FRAME,
        Code.BAD_JSON,
        Code.BAD_ID,
        Code.GOING_AWAY,
    }
)
_FATAL_BY_PLACE = frozenset(
    {Code.TOO_LARGE, Code.TIMEOUT, Code.UNAUTHORIZED, Code.BAD_REQUEST}
)


def _fatal(code: Code) -> Fatal:
    if code in _ALWAYS_FATAL:
        return Fatal.YES
    return Fatal.BY_PLACE if code in _FATAL_BY_PLACE else Fatal.NO


FATAL: dict[Code, Fatal] = {code: _fatal(code) for code in Code}
"""Whether an error with the code is fatal."""

LIMITS: dict[str, int | None] = {
    "max_json": MAX_JSON,
    "max_payload": DEFAULT_MAX_PAYLOAD,
    "max_dropped": 16 * 2**20,
    "max_object": None,
    "max_exec_output": None,
    "max_inflight": None,
    "max_unacked": None,
    "max_datagram": None,
    "first_frame_ms": 10_000,
    "frame_ms": 30_000,
    "payload_ms": 30_000,
    "idle_ms": 60_000,
    "write_ms": 60_000,
}
"""The limits and their defaults in octets or milliseconds, None where a feature says.
"""
