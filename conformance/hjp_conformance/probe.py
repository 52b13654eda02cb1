"""A client of the suite's: it asks a server, and reads what that answers.

Waiting has a deadline, and a deadline is never a verdict against the target: what is
missing then is asked for by ending the input, since a target that owes something has
to say it before it closes (HJP-LIF-7).
"""

import socket
from contextlib import suppress
from math import inf
from time import monotonic

from hjp_conformance.patience import Patience
from hjp_conformance.replies import Reply, read
from hjp_conformance.reports.summary import counted
from hjp_conformance.transcript import Way
from hjp_conformance.verdicts import Inconclusive, TargetGoneError, Violation
from hjp_conformance.wire import End, Wire
from hjp_spec.registry import DEFAULT_MAX_PAYLOAD

__all__ = ["Address", "End", "Probe"]

Address = tuple[str, int]


class Probe(Wire):
    """One connection to a server under test.

    A case that states another `max_payload` in `hello` sets it.

    Attributes:
        prompted: whether the suite ended the input because nothing came.
    """

    def __init__(
        self, address: Address, patience: Patience, receive_buffer: int | None = None
    ):
        self.prompted = False
        connected = _connected(address, patience.seconds, receive_buffer)
        super().__init__(connected, patience, DEFAULT_MAX_PAYLOAD)

    def next(self, at_most: float = inf) -> Reply | End:
        """The next frame, or how the stream ended.

        Args:
            at_most: how many seconds to wait before the input is ended, where that
                is less than the suite's patience.

        Raises:
            Violation: a frame is wrong in itself, or the stream ends inside one.
            Inconclusive: a deadline passed.
        """
        expires = monotonic() + min(at_most, self._patience.seconds)
        while True:
            octets = self._frame()
            if octets is not None:
                return self._read_reply(octets)
            if self.end is not None:
                return self._ended(self.end)
            if not self._receive(expires - monotonic()):
                expires = self._prompt()

    def _read_reply(self, octets: bytes) -> Reply:
        try:
            reply = read(octets, self.max_payload)
        except Violation as violation:
            self.blame(violation.offset)
            raise
        if self.prompted:
            raise Inconclusive(f"only after the input had ended came: {reply}")
        return reply

    def _ended(self, end: End) -> End:
        if self._inbox and end is End.ORDERLY:
            count = len(self._inbox)
            self.transcript.wrong = Way.RECEIVED, self._taken + count - 1
            octets = counted(count, "octet", "octets")
            raise Violation(f"the stream ends {octets} into a frame", "HJP-FRM-1")
        return end

    def _prompt(self) -> float:
        """Nothing came in time: end the input, and say until when to wait now."""
        self._patience.exceed()
        if not self._input_open:
            raise Inconclusive("nothing came, not even the end of the stream")
        self.prompted = True
        self.half_close()
        return monotonic() + self._patience.seconds


def _connected(address: Address, seconds: float, buffer: int | None) -> socket.socket:
    """A connection by any of the addresses that the host's name has."""
    told = "no address"
    try:
        infos = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)
    except OSError as error:
        raise TargetGoneError(f"cannot connect: {error.strerror}") from None
    for family, kind, protocol, _, found in infos:
        made = socket.socket(family, kind, protocol)
        try:
            _set_buffers(made, buffer)
            made.settimeout(seconds)
            # A reset at once is something that the target did: reading will tell.
            with suppress(ConnectionResetError):
                made.connect(found)
        except OSError as error:
            made.close()
            told = error.strerror or str(error)
        else:
            return made
    raise TargetGoneError(f"cannot connect: {told}")


def _set_buffers(made: socket.socket, octets: int | None) -> None:
    """Before connecting: the window is agreed on there."""
    if octets is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, octets)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, octets)
