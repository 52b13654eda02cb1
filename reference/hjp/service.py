"""What a server offers and how it answers, whatever moves its octets.

Both servers are a service with a pump: they take octets from a transport, and ask
here what to do with a request and which octets answer it.
"""

import inspect
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from hjp import __version__
from hjp.connection import Connection
from hjp.errors import Code, LocalProtocolError, ReplyError
from hjp.events import Reply, Request
from hjp.limits import Limits
from hjp.operations import CORE, HELLO_MEMBERS, Answer, Handler, Operation, fault

__all__ = ["FEATURES", "Service"]

FEATURES: Final = ("files", "resume", "delete")
"""The features that this version knows; what a server offers is among them."""

_log: Final = logging.getLogger("hjp")
_RESERVED: Final = frozenset({"id", "ok", "op", "more", "error"})

H = TypeVar("H", bound=Handler)


class Service:
    """The operations of a server; base of both servers.

    Args:
        limits: What is accepted from clients.
        name: The member ``server`` of the reply to ``hello`` (HJP-COR-4).
    """

    awaits = False
    """Whether the pump can run handlers that are coroutine functions."""

    def __init__(self, limits: Limits | None = None, name: str | None = None) -> None:
        self.limits = limits or Limits()
        self.name = name or f"hjp-python/{__version__}"
        hello = Operation(self._hello, HELLO_MEMBERS, inline=True)
        self.operations: dict[str, Operation] = {"hello": hello, **CORE}
        self.in_parts: set[str] = set()
        self._features: list[str] = []
        self._stated = {"max_payload": self.limits.max_payload}

    def offer(
        self,
        features: Iterable[str],
        operations: Mapping[str, Operation],
        limits: Mapping[str, int],
    ) -> None:
        """Offer features, before the server is started.

        Args:
            features: What `hello` lists (HJP-COR-2).
            operations: Their operations.
            limits: Limits that `hello` states beside ``max_payload``.
        """
        self._features += features
        self._stated |= limits
        self.operations |= operations
        self.in_parts |= {
            name for name, it in operations.items() if it.steps and it.body
        }

    def op(self, name: str) -> Callable[[H], H]:
        """Offer an operation of one frame each way.

        The decorated function gets the metadata and the payload of the request and
        returns those of the final reply; ``id`` and ``ok`` are added. It raises
        `ReplyError` to answer with an error; any other exception is logged and
        answered with ``internal``. With the asyncio server it may be a coroutine
        function; a plain function then runs in a worker thread, so that a slow one
        delays its own connection only.

        Args:
            name: The ``op``; one that is made up begins with ``x-`` (HJP-PRV-1).

        Raises:
            ValueError: The name is taken.
            TypeError: This server cannot run such a function.
        """
        return self._registering(name, stream=False, body=False)

    def stream(self, name: str, *, body: bool = False) -> Callable[[H], H]:
        """Offer an operation of several frames, in requests, in replies or in both.

        The decorated function gets an exchange: its ``metadata`` and ``payload`` are
        those of the first request frame, its ``reply(metadata, payload)`` sends an
        interim reply, and iterating over it gives the request's frames as they come,
        the first included. What it returns is the final reply, as with `op`.
        It is a coroutine function with the asyncio server, a plain one with the
        threaded server.

        Args:
            name: As with `op`.
            body: Whether a request may have several frames; if not, one with ``more``
                is answered with ``bad_request`` (HJP-ERR-17).

        Raises:
            ValueError: The name is taken.
            TypeError: This server cannot run such a function.
        """
        return self._registering(name, stream=True, body=body)

    def _registering(self, name: str, *, stream: bool, body: bool) -> Callable[[H], H]:
        if name in self.operations:
            raise ValueError(f"the op {name!r} is taken")

        def register(handler: H) -> H:
            awaits = inspect.iscoroutinefunction(handler)
            if awaits > self.awaits or (stream and awaits < self.awaits):
                kind = "a coroutine function" if self.awaits else "a plain function"
                raise TypeError(f"the handler of {name!r} must be {kind}")
            self.operations[name] = Operation(handler, stream=stream, body=body)
            return handler

        return register

    def _hello(self, _metadata: dict[str, Any], _payload: bytes) -> Answer:
        """HJP-COR-2 … HJP-COR-4."""
        shown = {"features": self._features, "limits": self._stated}
        return {**shown, "server": self.name}, b""

    # Answers, as octets

    def fault(self, request: Request, now: float) -> ReplyError | None:
        """Find what is wrong with the first frame of a request, if anything is."""
        return fault(self.operations, request, now)

    def final(self, connection: Connection, request: Request, answer: Answer) -> bytes:
        """Give the octets of a final reply, or of the error that takes its place."""
        try:
            return self.reply(connection, request, answer)
        except LocalProtocolError as error:
            if error.code is not Code.TOO_LARGE:
                return self.failed(connection, request, error)
            large = ReplyError(error.code, error.message, {"limit": error.limit})
            return self.refusal(connection, request, large)  # HJP-LIM-6
        except Exception as error:
            return self.failed(connection, request, error)

    def reply(
        self,
        connection: Connection,
        request: Request,
        answer: Answer,
        *,
        more: bool = False,
    ) -> bytes:
        """Give the octets of a reply that is no error.

        Raises:
            LocalProtocolError: The client could not accept it.
            ValueError: The answer has a member that the server sets.
        """
        metadata, payload = answer
        if not _RESERVED.isdisjoint(metadata):
            raise ValueError(f"an answer sets one of {', '.join(sorted(_RESERVED))}")
        shown: dict[str, Any] = {"id": request.id, "ok": True}
        if more:
            shown["more"] = True
        return connection.send(Reply(shown | metadata, payload))

    def refusal(
        self, connection: Connection, request: Request, error: ReplyError
    ) -> bytes:
        """Give the octets of an error; fatal if `hello` is refused (HJP-COR-7).

        Raises:
            LocalProtocolError: The client could not accept it.
        """
        request_id = 0 if request.op == "hello" else request.id
        return connection.send(
            Reply.failure(request_id, error.code, error.message, error.details)
        )

    def failed(
        self, connection: Connection, request: Request, error: BaseException
    ) -> bytes:
        """Give the octets that answer an exception of a handler."""
        if isinstance(error, ReplyError):
            try:
                return self.refusal(connection, request, error)
            except LocalProtocolError as wrong:
                error = wrong
        _log.error("op %r failed", request.op[:60], exc_info=error)
        message = "the server failed; its log says why"
        return self.refusal(connection, request, ReplyError(Code.INTERNAL, message))
