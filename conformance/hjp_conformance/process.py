"""A server as a process of ours: started, watched, stopped."""

import os
import random
import re
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from time import monotonic
from typing import IO
from urllib.parse import urlsplit

from hjp_conformance.probe import Address
from hjp_conformance.verdicts import TargetGoneError
from hjp_spec.testee import signal_name

START_SECONDS = 10.0
STOP_SECONDS = 3.0
_KEPT_LINES = 30
_URL = re.compile(r"hjp://\S+")
_CONNECT_EVERY = 0.02
_PORTS = 16_384, 32_768


_Note = Callable[[str], None]


class Process:
    """A running server.

    Attributes:
        address: where it listens.
    """

    def __init__(self, command: str):
        """Start the server and wait until it is ready.

        Args:
            command: as a shell would split it; `{port}` becomes a free port, and
                `{folder}` an empty folder, which goes with the server.

        Raises:
            TargetGoneError: it cannot be started, ends, or is not ready in time.
        """
        port = _free_port() if "{port}" in command else None
        self._folder = tempfile.mkdtemp(prefix="hjp-") if "{folder}" in command else ""
        places = {"{port}": str(port), "{folder}": self._folder}
        self._words = shlex.split(_replaced(command, places))
        self._ready: SimpleQueue[str] = SimpleQueue()
        self._tail: deque[str] = deque(maxlen=_KEPT_LINES)
        try:
            self._popen = _started(self._words)
        except TargetGoneError:
            self._remove_folder()
            raise
        self._readers = [
            self._reading(self._popen.stdout, self._note_output),
            self._reading(self._popen.stderr, self._tail.append),
        ]
        try:
            self.address = self._wait(port)
        except BaseException:
            self.stop()
            raise

    @property
    def running(self) -> bool:
        """Whether the process has not ended."""
        return self._popen.poll() is None

    def epitaph(self) -> str:
        """How it ended, with the last lines of its standard error."""
        for reader in self._readers:
            reader.join(STOP_SECONDS)
        status = self._popen.poll()
        ended = (
            f"status {status}" if (status or 0) >= 0 else signal_name(-(status or 0))
        )
        lines = "".join(f"\n    {line.rstrip()}" for line in self._tail)
        return f"the target ended with {ended}" + (
            lines and f"; its last words:{lines}"
        )

    def terminate(self) -> None:
        """Tell it to stop, as an operator would; a script around it, too."""
        self._signal(signal.SIGTERM)

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended; False if it did not in time."""
        if seconds:
            with suppress(subprocess.TimeoutExpired):
                self._popen.wait(seconds)
        return not self.running

    def stop(self) -> None:
        """Stop it and what it has started, if need be by force."""
        self._signal(signal.SIGTERM)
        self.wait(STOP_SECONDS)
        # Also where it has ended: a server that a script has started may go on.
        self._signal(signal.SIGKILL)
        self._popen.wait()
        for reader, stream in zip(
            self._readers, (self._popen.stdout, self._popen.stderr), strict=True
        ):
            # A grandchild may hold the pipe open for ever: not worth waiting for.
            reader.join(STOP_SECONDS)
            if stream is not None and not reader.is_alive():
                stream.close()
        self._remove_folder()

    def _remove_folder(self) -> None:
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, number)

    def _reading(self, stream: IO[str] | None, note: _Note) -> threading.Thread:
        assert stream is not None, "it was started with pipes"
        thread = threading.Thread(target=_each_line, args=(stream, note), daemon=True)
        thread.start()
        return thread

    def _note_output(self, line: str) -> None:
        if line.startswith("ready"):
            self._ready.put(line)

    def _wait(self, port: int | None) -> Address:
        """Until a `ready` line or a connection says that it listens."""
        expires = monotonic() + START_SECONDS
        while monotonic() < expires:
            with suppress(Empty):
                url = _URL.search(self._ready.get(timeout=_CONNECT_EVERY))
                if url or port:
                    return address_of(url[0]) if url else ("127.0.0.1", port or 0)
            if not self.running:
                raise TargetGoneError(f"cannot start: {self.epitaph()}")
            if port is not None and _accepts(("127.0.0.1", port)):
                return "127.0.0.1", port
        raise TargetGoneError(
            f"cannot start: neither a line 'ready hjp://…' nor a connection within "
            f"{START_SECONDS:g} s of: {shlex.join(self._words)}" + _hint(port)
        )


def _replaced(command: str, places: Mapping[str, str]) -> str:
    for place, text in places.items():
        command = command.replace(place, text)
    return command


def _hint(port: int | None) -> str:
    """What whoever gave a command may have forgotten."""
    if port is not None:
        return ""
    return (
        "; without {port} in the command, which becomes a free port, the server has to "
        "print that line: it says where it listens"
    )


def address_of(url: str) -> Address:
    """Host and port of `hjp://host:port`.

    Raises:
        ValueError: it is another scheme, or host or port is missing or more is there.
    """
    parts = urlsplit(url)
    if parts.scheme != "hjp":
        raise ValueError(f"{url!r} is not of the form hjp://host:port")
    if not parts.hostname or not parts.port or parts.path.strip("/") or parts.query:
        raise ValueError(f"{url!r} is not of the form hjp://host:port")
    return parts.hostname, parts.port


def checked_command(command: str) -> str:
    """The command, if it can be split into words.

    Raises:
        ValueError: it is empty, or a quote is not closed.
    """
    if not shlex.split(command):
        raise ValueError("the command is empty")
    return command


def _each_line(stream: IO[str], note: _Note) -> None:
    for line in stream:
        note(line)


def _started(words: list[str]) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            # A group of its own, so that what it starts is stopped with it.
            start_new_session=True,
        )
    except OSError as error:
        raise TargetGoneError(f"cannot start {words[0]}: {error.strerror}") from None


def _free_port() -> int:
    # Not one that the system chooses: it gives those to connections going out as
    # well, and to the next one who asks, before the target has taken it. Not one of
    # the common sequence: forked processes and seeded ones go through it together.
    chance = random.SystemRandom()
    while True:
        port = chance.randrange(*_PORTS)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


def _accepts(address: Address) -> bool:
    try:
        socket.create_connection(address, 1).close()
    except OSError:
        return False
    return True
