"""A server as a process of ours: started when it is needed, watched, stopped."""

import os
import random
import shlex
import signal
import socket
import subprocess
import time
from contextlib import suppress
from time import monotonic

from hjp_fuzz.targets.base import NotFound, TargetError
from hjp_fuzz.targets.exchange import Address
from hjp_fuzz.targets.memory import MemoryWatch

_HOST = "127.0.0.1"
_START_SECONDS = 20.0
_STOP_SECONDS = 1.0
_CONNECT_EVERY = 0.02
_PORTS = 16_384, 32_768


class ServerProcess:
    """A server that we start.

    Args:
        command: the program and its arguments, as a shell has them; ``{port}`` becomes
            the port that it has to listen on.
        memory: octets by which it may grow.
    """

    def __init__(self, command: str, memory: int) -> None:
        self._command = command
        self._watch = MemoryWatch(memory)
        self._popen: subprocess.Popen[bytes] | None = None
        self._address: Address = (_HOST, 0)

    def address(self) -> Address:
        """Return where it listens; start it, if it does not run.

        Raises:
            NotFound: there is no such program.
            TargetError: it does not listen.
        """
        if self._popen is None:
            self._address = _HOST, _free_port()
            self._popen = self._started(self._address[1])
            self._listens(self._popen)
            self._watch.begin(self._popen.pid)
        return self._address

    def ended(self, seconds: float) -> str | None:
        """Return how it ended, if it does in so much time."""
        if self._popen is None:
            return None
        with suppress(subprocess.TimeoutExpired):
            status = self._popen.wait(seconds)
            return (
                f"signal {signal.Signals(-status).name}"
                if status < 0
                else f"exit {status}"
            )
        return None

    def look(self) -> None:
        """Look at its memory.

        Raises:
            Lost: it is too much.
        """
        if self._popen is not None:
            self._watch(self._popen.pid)

    def stop(self) -> None:
        """End it, with what it has started, if need be by force."""
        popen, self._popen = self._popen, None
        if popen is None or popen.poll() is not None:
            return
        os.killpg(popen.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            popen.wait(_STOP_SECONDS)
        if popen.poll() is None:
            os.killpg(popen.pid, signal.SIGKILL)
            popen.wait()

    def _started(self, port: int) -> subprocess.Popen[bytes]:
        words = shlex.split(self._command.replace("{port}", str(port)))
        try:
            return subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            message = f"server:{self._command}: cannot start: {error.strerror}"
            raise NotFound(message) from None

    def _listens(self, popen: subprocess.Popen[bytes]) -> None:
        """Wait until it takes connections."""
        expires = monotonic() + _START_SECONDS
        while monotonic() < expires and popen.poll() is None:
            with suppress(OSError):
                socket.create_connection(self._address, 1).close()
                return
            time.sleep(_CONNECT_EVERY)
        how = self.ended(0)
        self.stop()
        why = f"it ended: {how}" if how else f"not within {_START_SECONDS:g} s"
        raise TargetError(
            f"server:{self._command} does not listen on port {self._address[1]}: {why}"
        )


def _free_port() -> int:
    # Not one that the system chooses: it gives those to connections going out as
    # well, and there are many of these.
    while True:
        port = random.randrange(*_PORTS)
        with socket.socket() as listener, suppress(OSError):
            listener.bind((_HOST, port))
            return port
