"""The server under test: one that somebody else runs, or one that we start."""

import socket
from urllib.parse import urlsplit

from hjp_fuzz.targets import NotFound, TargetError
from hjp_fuzz.targets.process import ServerProcess

Address = tuple[str, int]

DEFAULT_PORT = 9507
_DYING = 0.2
_WINDOW = 1 << 16


class ServerGone(TargetError):  # noqa: N818
    """There is no server to talk to."""


class ServerDied(ServerGone):
    """There was a server, and it takes no more connections."""


class NoServer(NotFound):
    """What was named is no server."""


class Server:
    """A server under test.

    Args:
        named: its address, such as ``hjp://127.0.0.1:9507``, or the command that starts
            it, in which ``{port}`` stands for the port.

    Attributes:
        reached: whether it has ever taken a connection.
        states: the `max_payload` that it states, in octets; None if it was not asked.

    Raises:
        NoServer: it is neither.
    """

    def __init__(self, named: str) -> None:
        self.named = named
        self.reached = False
        self.states: int | None = None
        self._process: ServerProcess | None = None
        if named.startswith("hjp://"):
            self._address = _address(named)
        elif "{port}" in named:
            self._process = ServerProcess(named)
        else:
            message = f"{named!r} is no hjp://HOST:PORT and no command with {{port}}"
            raise NoServer(message)

    @property
    def ours(self) -> bool:
        """Whether we start it."""
        return self._process is not None

    @property
    def address(self) -> Address:
        """Where it listens; it is started if need be.

        Raises:
            ServerGone: it cannot be started.
        """
        if self._process is None:
            return self._address
        try:
            return self._process.address()
        except TargetError as error:
            raise ServerGone(str(error)) from None

    def connect(self, seconds: float) -> socket.socket:
        """Open a connection.

        Raises:
            ServerGone: it does not take one.
        """
        host, port = self.address
        kind = socket.AF_INET6 if ":" in host else socket.AF_INET
        connected = socket.socket(kind)
        try:
            # A small window, so that a client that does not read is felt soon.
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WINDOW)
            connected.settimeout(seconds)
            connected.connect((host, port))
        except OSError as error:
            connected.close()
            reason = self.epitaph(_DYING) or f"no connection to {host}:{port}: {error}"
            raise (ServerDied if self.reached else ServerGone)(reason) from None
        self.reached = True
        return connected

    def epitaph(self, seconds: float = 0) -> str | None:
        """How it died; None if it did not, as far as one can see.

        Args:
            seconds: how long to wait for it to be dead.
        """
        how = self._process.ended(seconds) if self._process else None
        if self._process is None or how is None:
            return None
        said = self._process.last_words()
        return f"the server ended: {how}" + (f"; {said}" if said else "")

    def tell_to_stop(self) -> None:
        """Send SIGTERM to a server that is ours."""
        if self._process is not None:
            self._process.tell_to_stop()

    def stop(self) -> None:
        """End it if it is ours; the next connection starts it again."""
        if self._process is not None:
            self._process.stop()


def _address(url: str) -> Address:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise NoServer(f"{url}: {error}") from None
    if not host or parts.path not in ("", "/"):
        raise NoServer(f"{url!r} is no hjp://HOST:PORT")
    return host, port or DEFAULT_PORT
