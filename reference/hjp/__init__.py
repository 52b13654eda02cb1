"""HJP/1: frames of a fixed header, a JSON object and a raw payload.

The core (`Decoder`, `encode`, `Connection`) does no input or output. `Server` and
`AsyncClient` move its octets on asyncio, `hjp.threaded.Server` and `Client` on
threads and blocking sockets.
"""

__version__ = "0.1.0"

from hjp import threaded
from hjp.blocking import Client, Stream
from hjp.client import AsyncClient, AsyncStream
from hjp.connection import Awaiting, Connection, Role
from hjp.errors import (
    Code,
    ConnectionLost,
    FormatError,
    HjpError,
    IncompleteError,
    LimitExceeded,
    LocalProtocolError,
    NotConnected,
    ProtocolError,
    RemoteProtocolError,
    ReplyError,
    Severity,
    TransferError,
)
from hjp.events import NEED_DATA, End, Event, Need, Reply, Request
from hjp.exchange import Exchange
from hjp.frame import Decoder, Frame, encode, encode_text
from hjp.gets import Entry
from hjp.limits import Limits
from hjp.many_puts import Outcome
from hjp.metadata import dumps, loads
from hjp.operations import Answer
from hjp.server import Server, serve
from hjp.state import State, Step
from hjp.transfers import Stored

__all__ = [
    "NEED_DATA",
    "Answer",
    "AsyncClient",
    "AsyncStream",
    "Awaiting",
    "Client",
    "Code",
    "Connection",
    "ConnectionLost",
    "Decoder",
    "End",
    "Entry",
    "Event",
    "Exchange",
    "FormatError",
    "Frame",
    "HjpError",
    "IncompleteError",
    "LimitExceeded",
    "Limits",
    "LocalProtocolError",
    "Need",
    "NotConnected",
    "Outcome",
    "ProtocolError",
    "RemoteProtocolError",
    "Reply",
    "ReplyError",
    "Request",
    "Role",
    "Server",
    "Severity",
    "State",
    "Step",
    "Stored",
    "Stream",
    "TransferError",
    "__version__",
    "dumps",
    "encode",
    "encode_text",
    "loads",
    "serve",
    "threaded",
]
