"""A server as a process of ours: started when it is needed, watched, stopped."""

import os
import random
import shlex
import signal
import socket
import subprocess
import tempfile
from contextlib import suppress
from time import monotonic
from typing import IO

from hjp_fuzz.targets.base import NotFound, TargetError
from hjp_fuzz.targets.exchange import Address
from hjp_fuzz.targets.memory import MemoryWatch

_HOST = "127.0.0.1"
_START_SECONDS = 20.0
_STOP_SECONDS = 3.0
_CONNECT_EVERY = 0.01
_TRIES = 3
"""How many ports are tried: somebody else may take one before the server does."""
_PORTS = 16_384, 32_768


class ServerProcess:
    """A server that we start.

    Args:
        command: the program and its arguments, as a shell has them; ``{port}`` becomes
            the port that it has to listen on.
        memory: octets by which it may grow; None for any number.
    """

    def __init__(self, command: str, memory: int | None = None) -> None:
        self._command = command
        self._watch = None if memory is None else MemoryWatch(memory)
        self._popen: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._address: Address = (_HOST, 0)

    def address(self) -> Address:
        """Return where it listens; start it, if it does not run.

        Raises:
            NotFound: there is no such program.
            TargetError: it does not listen.
        """
        if self._popen is None:
            self._start()
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

    def last_words(self) -> str:
        """Return the last line that it has written to its standard error."""
        if self._errors is None:
            return ""
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return f"{lines[-1]:.200}" if lines else ""

    def look(self) -> None:
        """Look at its memory.

        Raises:
            Lost: it is too much.
        """
        if self._popen is not None and self._watch is not None:
            self._watch(self._popen.pid)

    def tell_to_stop(self) -> None:
        """Send it SIGTERM."""
        self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """End it, with what it has started, if need be by force."""
        if self._popen is None:
            return
        self.tell_to_stop()
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(_STOP_SECONDS)
        self._signal(signal.SIGKILL)
        self._popen.wait()
        self._popen = None
        if self._errors is not None:
            self._errors.close()

    def _signal(self, number: signal.Signals) -> None:
        if self._popen is not None:
            # The group outlives its leader as long as there is anybody in it.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, number)

    def _start(self) -> None:
        for _ in range(_TRIES - 1):
            try:
                return self._start_on(_free_port())
            except NotFound:
                raise
            except TargetError:
                continue
        return self._start_on(_free_port())

    def _start_on(self, port: int) -> None:
        words = shlex.split(self._command.replace("{port}", str(port)))
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed by `stop`)
        try:
            self._popen = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                start_new_session=True,
            )
        except OSError as error:
            self._errors.close()
            message = f"server:{self._command}: cannot start: {error.strerror}"
            raise NotFound(message) from None
        self._address = _HOST, port
        self._wait_until_it_listens()
        if self._watch is not None:
            self._watch.begin(self._popen.pid)

    def _wait_until_it_listens(self) -> None:
        expires = monotonic() + _START_SECONDS
        how = None
        while how is None and monotonic() < expires:
            with suppress(OSError):
                socket.create_connection(self._address, 1).close()
                return
            how = self.ended(_CONNECT_EVERY)
        said = self.last_words()
        self.stop()
        why = f"it ended: {how}" if how else f"not within {_START_SECONDS:g} s"
        raise TargetError(
            f"server:{self._command} does not listen on port {self._address[1]}: "
            + "; ".join(filter(None, (why, said)))
        )


def _free_port() -> int:
    # Not one that the system chooses: it gives those to outgoing connections as well,
    # and one that goes to a server that has just died could reach itself. Not one of
    # the common sequence: forked processes and seeded ones go through it together.
    chance = random.SystemRandom()
    while True:
        port = chance.randrange(*_PORTS)
        with socket.socket() as listener, suppress(OSError):
            listener.bind((_HOST, port))
            return port
