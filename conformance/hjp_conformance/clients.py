"""Clients under test: a command, started anew for each case (HJP-TST-7 and on)."""

import shlex
import socket
import sys
from collections.abc import Sequence
from time import monotonic

from hjp_conformance.client_process import Action, ClientProcess, words_of
from hjp_conformance.patience import Patience
from hjp_conformance.peer import Peer
from hjp_conformance.preflight import Facts
from hjp_conformance.process import START_SECONDS
from hjp_conformance.stimuli import ok
from hjp_conformance.transcript import Transcript
from hjp_conformance.verdicts import (
    Crashed,
    Inconclusive,
    Skipped,
    TargetGoneError,
    Violation,
)

EMBEDDED = shlex.join([sys.executable, "-m", "hjp.testee_client"])
"""The reference client, as a process: the suite never imports it."""

__all__ = ["EMBEDDED", "Action", "Client", "Visit", "words_of"]

_BUFFER = 65_536


class Client:
    """See `Target`: a command."""

    def __init__(self, command: str):
        self.command = command
        self.is_embedded = command == EMBEDDED
        self.arguments = (
            "client" if self.is_embedded else f"client --cmd {shlex.quote(command)}"
        )

    @property
    def title(self) -> str:
        """See `Target`."""
        return "HJP/1 client"

    def meet(self, patience: Patience) -> Facts:
        """See `Target`: a client that does not even connect is none."""
        with Visit(self.command, patience, "client-preflight", ("ping",)) as visit:
            try:
                visit.peer.send(ok(visit.peer.request("ping").id))
                visit.finish()
            except (Violation, Inconclusive, Crashed, Skipped) as error:
                if not visit.is_connected:
                    raise TargetGoneError(str(error)) from None
        return Facts(name="the reference" if self.is_embedded else self.command)

    def epitaph(self, seconds: float) -> None:
        """See `Target`: each case has a process of its own."""

    def silence(self, patience: Patience) -> None:
        """See `Target`."""

    def renew(self) -> None:
        """See `Target`."""

    def stop(self) -> None:
        """See `Target`."""


class Visit(ClientProcess):
    """One run of the client against the suite, which plays the server.

    Attributes:
        patience: how long to wait.
        transcript: what went over its connection.
        prompted: whether the suite ended its output because nothing came.
    """

    def __init__(
        self, command: str, patience: Patience, case: str, actions: Sequence[Action]
    ):
        """Start the client.

        Raises:
            TargetGoneError: the command cannot be started.
        """
        self.patience = patience
        self._listener = socket.create_server(("127.0.0.1", 0))
        # Otherwise the system takes megabytes that nobody reads, and a client that
        # does not read while it writes would not be seen (HJP-LIF-4).
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._peer: Peer | None = None
        self.transcript = Transcript()
        self.prompted = False
        host, port = self._listener.getsockname()
        super().__init__(command, f"hjp://{host}:{port}", case, actions)

    @property
    def is_connected(self) -> bool:
        """Whether the client has connected."""
        return self._peer is not None

    @property
    def peer(self) -> Peer:
        """The connection of the client; waits for it.

        Raises:
            Skipped: the client does not offer one of the actions.
            Crashed: it was ended by a signal.
            Violation: it has ended without connecting.
            Inconclusive: it did not connect in time.
        """
        if self._peer is None:
            self._accept()
        assert self._peer is not None, "accepted, or something was raised"
        return self._peer

    def tell(self, line: str) -> None:
        """Write a line to the client's standard input."""
        self.transcript.tell(line)
        super().tell(line)

    def finish(self) -> None:
        """Wait until the client has ended, and take what it still says.

        Raises:
            Crashed: it was ended by a signal, or has another status than it may.
            Violation: it sent something wrong, or more than anybody asked for, or its
                status is not what its lines say.
            Inconclusive: it did not end.
        """
        peer = self.peer
        expires = monotonic() + self.patience.seconds
        while not self._ended(expires - monotonic()):
            self.patience.exceed()
            if self.prompted:
                raise Inconclusive("the client does not end" + self._said())
            self.prompted = True
            peer.half_close()
            expires = monotonic() + self.patience.seconds
        peer.rest()
        self._check_status()

    def _release(self) -> None:
        self._listener.close()
        super()._release()
        if self._peer is not None:
            self._peer.close()

    def _accept(self) -> None:
        # Not the patience of answers, which shrinks: an interpreter takes its time.
        expires = monotonic() + START_SECONDS
        while True:
            readable = self._select([self._listener], expires - monotonic())
            if self._listener in readable:
                connected, _ = self._listener.accept()
                self._listener.close()
                self._peer = Peer(connected, self.patience, self.transcript)
                return
            if not readable:
                told = f"the client did not connect within {START_SECONDS:g} s"
                raise Inconclusive(told + self._said())
            if not self._read_output():
                self._popen.wait()
                self._check_status()
                told = "the client ended without connecting" + self._said()
                raise Violation(told, "HJP-TST-8")

    def _ended(self, seconds: float) -> bool:
        """Read what the client sends and prints until it ends; False if it does not."""
        expires = monotonic() + seconds
        while True:
            left = expires - monotonic()
            watched = [] if self.peer.end is not None else [self.peer]
            readable = self._select(watched, left)
            if self.peer in readable:
                self.peer.take()
            elif readable and not self._read_output():
                break
            if not readable:
                return False
        return self._has_ended(expires - monotonic())
