"""The server under test: one that somebody else runs, or one that we start."""

import os
import random
import shlex
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from hjp_fuzz.targets import NotFound, TargetError

Address = tuple[str, int]

DEFAULT_PORT = 9507
_STARTING = 10.0
"""Seconds in which a command has to listen."""
_STOPPING = 3.0
"""Seconds after which a server that was told to stop is killed."""
_POLL = 0.01
_DYING = 0.2
_WINDOW = 1 << 16
_TRIES = 3
_PORTS = 16_384, 32_768


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
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: Any = None
        self._address: Address | None = None
        if named.startswith("hjp://"):
            self._address = _address(named)
        elif "{port}" not in named:
            message = f"{named!r} is no hjp://HOST:PORT and no command with {{port}}"
            raise NoServer(message)

    @property
    def ours(self) -> bool:
        """Whether we start it."""
        return not self.named.startswith("hjp://")

    @property
    def address(self) -> Address:
        """Where it listens; it is started if need be.

        Raises:
            ServerGone: it cannot be started.
        """
        if self._address is None:
            self._address = self._start()
        return self._address

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
        if self._process is None:
            return None
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        status = self._process.returncode
        if status is None:
            return None
        how = f"exit status {status}"
        if status < 0:
            how = signal.Signals(-status).name
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        last = f": {said[-1]:.200}" if said else ""
        return f"the server ended with {how}{last}"

    def tell_to_stop(self) -> None:
        """Send SIGTERM to a server that is ours."""
        if self._process is not None:
            self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """End it if it is ours; the next connection starts it again."""
        if self._process is None:
            return
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(_STOPPING)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.wait()
        self._signal(signal.SIGKILL)  # what it may have started and left
        self._errors.close()
        self._process = self._address = None

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _start(self) -> Address:
        for _ in range(_TRIES - 1):
            with suppress(ServerGone):  # somebody else may have taken the port
                return self._started_on(_free_port())
        return self._started_on(_free_port())

    def _started_on(self, port: int) -> Address:
        words = shlex.split(self.named.replace("{port}", str(port)))
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed by `stop`)
        try:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                start_new_session=True,
            )
        except OSError as error:
            self._errors.close()
            message = f"{words[0]} cannot be started: {error.strerror}"
            raise ServerGone(message) from None
        self._wait_until_it_listens(("127.0.0.1", port))
        return "127.0.0.1", port

    def _wait_until_it_listens(self, address: Address) -> None:
        ends_at = time.monotonic() + _STARTING
        reason = None
        while reason is None and time.monotonic() < ends_at:
            with suppress(OSError), socket.create_connection(address, 1):
                return
            reason = self.epitaph(_POLL)
        self.stop()
        raise ServerGone(reason or f"{self.named} does not listen on {address[1]}")


def _free_port() -> int:
    # Not one that the system chooses: it gives those to outgoing connections as well,
    # and one that goes to a server that has just died could reach itself.
    while True:
        port = random.randrange(*_PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def _address(url: str) -> Address:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise NoServer(f"{url}: {error}") from None
    if not host or parts.path not in ("", "/"):
        raise NoServer(f"{url!r} is no hjp://HOST:PORT")
    return host, port or DEFAULT_PORT
