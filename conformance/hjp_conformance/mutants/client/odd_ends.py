"""Odd ways to end a request, and a connection."""

import socket
import struct
import time

from hjp_conformance.mutants.client.client import Client, Request
from hjp_conformance.mutants.client.oddities import odd
from hjp_conformance.mutants.client.receiver import Frame

# Requests of several frames


@odd
class EndsAtOnce(Client):
    """Ends a request whose final reply came early as soon as that has come."""

    sends = False
    answered: Request | None = None

    def accept_final(self, frame: Frame) -> None:
        self.answered = self.waiting[frame.id]
        super().accept_final(frame)
        self.end_answered()

    def send_frame(self, request: Request, payload: bytes, more: bool) -> None:
        # A reply that comes meanwhile is acted on after the frame, not inside it.
        self.sends = True
        super().send_frame(request, payload, more)
        self.sends = False
        self.end_answered()

    def end_answered(self) -> None:
        request = self.answered
        if request is not None and not request.ended and not self.sends:
            self.end_request(request)


# The end


@odd
class EndsByReset(Client):
    """Ends the connection by a reset."""

    def close(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        super().close()


@odd
class HalfCloses(Client):
    """Shuts down its sending direction right after its last request."""

    def opened(self, actions: list[list[str]]) -> None:
        self.left = len(actions)

    def act(self, action: list[str]) -> None:
        self.left -= 1
        super().act(action)

    def settle(self, request: Request) -> None:
        if not self.left and self.writable:
            self.writable = False
            self.shut_down()
        super().settle(request)

    def shut_down(self) -> None:
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.writable = False


@odd
class ReadsOn(Client):
    """Shuts down its sending direction, and drops what comes for half a second."""

    def close(self) -> None:
        until = time.monotonic() + 0.5
        try:
            self.socket.shutdown(socket.SHUT_WR)
            while self.select_input(max(until - time.monotonic(), 0)):
                if not self.socket.recv(self.chunk):
                    break
        except OSError:
            self.writable = False
        super().close()


@odd
class ClosesSlowly(Client):
    """Waits 300 ms before it closes."""

    def close(self) -> None:
        time.sleep(0.3)
        super().close()


@odd
class ClosesForReading(Client):
    """Shuts the reading direction down as well before it closes."""

    def close(self) -> None:
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            self.writable = False
        super().close()
