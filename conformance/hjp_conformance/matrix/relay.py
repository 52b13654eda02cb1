"""A recorder between a client and a server: for evidence, never for a verdict."""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from hjp_conformance.probe import Address
from hjp_conformance.transcript import Transcript, Way

_READ = 1 << 16
_KEPT = 1 << 23
"""Octets of a way that are kept to find out what is wrong with them."""
_JOIN_SECONDS = 2.0

_ENDS = {
    Way.SENT: "the client ended its stream",
    Way.RECEIVED: "the server ended its stream",
}
_RESETS = {
    Way.SENT: "the client reset the connection",
    Way.RECEIVED: "the server reset the connection",
}


@dataclass(slots=True)
class Recording:
    """What went over one connection: `SENT` is the client's, `RECEIVED` the server's.

    Attributes:
        transcript: for the report.
        octets: of each way, as far as they were kept.
    """

    transcript: Transcript = field(default_factory=Transcript)
    octets: dict[Way, bytearray] = field(
        default_factory=lambda: {way: bytearray() for way in Way}
    )


class Relay:
    """Passes the connections of a client on to a server, and keeps what went over them.

    Attributes:
        url: where clients connect to.
        recordings: one for each connection, in their order.
    """

    def __init__(self, server: Address):
        self._server = server
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.recordings: list[Recording] = []
        host, port = self._listener.getsockname()
        self.url = f"hjp://{host}:{port}"
        self._start(self._accept)

    def __enter__(self) -> "Relay":
        return self

    def __exit__(self, *_: object) -> None:
        """Break off what is still open, and wait until all has been noted."""
        for one in (self._listener, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(_JOIN_SECONDS)
        for one in (self._listener, *self._sockets):
            one.close()

    def _start(self, task: object, *arguments: object) -> None:
        thread = threading.Thread(target=task, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):  # by which `__exit__` ends it
            while True:
                client, _ = self._listener.accept()
                self._sockets.append(client)
                self._connect(client)

    def _connect(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._server)
        except OSError:
            client.shutdown(socket.SHUT_RDWR)
            return
        self._sockets.append(server)
        recording = Recording()
        self.recordings.append(recording)
        self._start(self._pass, client, server, recording, Way.SENT)
        self._start(self._pass, server, client, recording, Way.RECEIVED)

    def _pass(
        self,
        source: socket.socket,
        sink: socket.socket,
        recording: Recording,
        way: Way,
    ) -> None:
        sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transcript, kept = recording.transcript, recording.octets[way]
        try:
            while octets := source.recv(_READ):
                with self._lock:
                    transcript.add(way, octets)
                    kept += octets[: _KEPT - len(kept)]
                sink.sendall(octets)
        except OSError:
            self._end(recording, way, _RESETS[way])
        else:
            self._end(recording, way, _ENDS[way])
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _end(self, recording: Recording, way: Way, note: str) -> None:
        with self._lock:
            recording.transcript.end(way, "reset" if "reset" in note else "end", note)
