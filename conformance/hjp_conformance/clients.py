"""Clients under test: a command, started anew for each case (HJP-TST-7 and on)."""

import os
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic

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

Action = str | tuple[str | int | bytes, ...]
"""What the client is to do: words; octets become a file."""

_UNOFFERED = 127
_BUFFER = 65_536
_MAX_OUTPUT = 1 << 28
_READ = 1 << 18
_WORDS = 4096


class Client:
    """See `Target`: a command."""

    def __init__(self, command: str):
        self.command = command
        embedded = command == EMBEDDED
        self.arguments = (
            "client" if embedded else f"client --cmd {shlex.quote(command)}"
        )

    @property
    def title(self) -> str:
        """See `Target`."""
        return f"HJP/1 client {self.command}"

    def meet(self, patience: Patience) -> Facts:
        """See `Target`: a client that does not even connect is none."""
        with Visit(self.command, patience, "client-preflight", ("ping",)) as visit:
            try:
                visit.peer.send(ok(visit.peer.request("ping").id))
                visit.finish()
            except (Violation, Inconclusive, Crashed, Skipped) as error:
                if not visit.is_connected:
                    raise TargetGoneError(str(error)) from None
        return Facts(name=Path(shlex.split(self.command)[0]).name)

    def epitaph(self, seconds: float) -> None:
        """See `Target`: each case has a process of its own."""

    def silence(self, patience: Patience) -> None:
        """See `Target`."""

    def renew(self) -> None:
        """See `Target`."""

    def stop(self) -> None:
        """See `Target`."""


class Visit:
    """One run of the client, from its start to its end.

    Attributes:
        patience: how long to wait.
        words: the arguments that it was given.
        files: the octets of the files that these name.
        transcript: what went over its connection.
        lines: what it has printed, after its end.
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
        self._folder = tempfile.TemporaryDirectory(prefix="hjp-")
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed by close)
        self._listener = socket.create_server(("127.0.0.1", 0))
        # Otherwise the system takes megabytes that nobody reads, and a client that
        # does not read while it writes would not be seen (HJP-LIF-4).
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._peer: Peer | None = None
        self.transcript = Transcript()
        self._output = bytearray()
        self.lines: list[str] = []
        self.prompted = False
        self.files: dict[str, bytes] = {}
        self.words = words_of(actions, self.files, self._folder.name)
        for path, octets in self.files.items():
            Path(path).write_bytes(octets)
        with_input = any("call" in action for action in actions)
        try:
            self._popen = self._started(command, case, with_input)
        except OSError as error:
            self._release()
            told = f"cannot start {command}: {error.strerror}"
            raise TargetGoneError(told) from None

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_connected(self) -> bool:
        """Whether the client has connected."""
        return self._peer is not None

    @property
    def status(self) -> int | None:
        """The exit status of the client; None if it had to be ended."""
        status = self._popen.returncode
        return None if status is None or status < 0 else status

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
        assert self._popen.stdin is not None, "only for call"
        self.transcript.tell(line)
        with suppress(BrokenPipeError):
            self._popen.stdin.write(f"{line}\n".encode())
            self._popen.stdin.flush()

    def finish(self) -> None:
        """Wait until the client has ended, and take what it still says.

        Raises:
            Crashed: it was ended by a signal, or has another status than it may.
            Violation: it sent something wrong, or its status is not what its lines say.
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

    def close(self) -> None:
        """End the client, if it has not ended, and all that belongs to the visit."""
        if self._popen.stdin is not None:
            with suppress(BrokenPipeError):
                self._popen.stdin.close()
        if self._popen.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        if self._popen.stdout is not None:
            self._popen.stdout.close()
        self._release()

    def _release(self) -> None:
        self._listener.close()
        self._errors.close()
        self._folder.cleanup()
        if self._peer is not None:
            self._peer.close()

    def _started(
        self, command: str, case: str, with_input: bool
    ) -> subprocess.Popen[bytes]:
        host, port = self._listener.getsockname()
        told = {"HJP_URL": f"hjp://{host}:{port}", "HJP_CASE": case}
        return subprocess.Popen(
            [*shlex.split(command), *self.words],
            bufsize=0,
            stdin=subprocess.PIPE if with_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=os.environ | told,
            start_new_session=True,
        )

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
                self.peer.read_some()
            elif readable and not self._read_output():
                break
            if not readable:
                return False
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(max(expires - monotonic(), 0.01))
        return self._popen.poll() is not None

    def _select(
        self, others: Sequence[Peer | socket.socket], seconds: float
    ) -> list[object]:
        assert self._popen.stdout is not None, "it was started with a pipe"
        watched = [self._popen.stdout, *others]
        return list(select.select(watched, [], [], max(seconds, 0))[0])

    def _read_output(self) -> bool:
        """Take what was printed; False at its end."""
        assert self._popen.stdout is not None
        octets = os.read(self._popen.stdout.fileno(), _READ)
        if len(self._output) < _MAX_OUTPUT:
            self._output += octets
        return bool(octets)

    def _check_status(self) -> None:
        """Raise what the status and the lines say of the client."""
        self.lines = self._output.decode("utf-8", "replace").lower().splitlines()
        status = self._popen.returncode
        if status < 0:
            name = signal.Signals(-status).name
            raise Crashed(f"the client was ended by {name}{self._said()}")
        if status == _UNOFFERED and not self.lines and self._peer is None:
            raise Skipped(f"the client does not offer: {' '.join(self.words)}")
        all_ok = all(line.split(" ")[0] == "ok" for line in self.lines)
        if status not in (0, 1):
            raise Crashed(f"the client ended with status {status}{self._said()}")
        if (status == 0) != all_ok:
            told = f"the client ended with status {status}{self._said()}"
            raise Violation(told, "HJP-TST-10")

    def _said(self) -> str:
        """What it has printed, for people."""
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - _WORDS))
        errors = self._errors.read().decode("utf-8", "backslashreplace").strip()
        output = self._output[:_WORDS].decode("utf-8", "backslashreplace").strip()
        told = f"; it printed: {output}" if output else "; it printed nothing"
        return f"{told}; on standard error:\n{errors}" if errors else told


def words_of(
    actions: Sequence[Action], files: dict[str, bytes], folder: str = ""
) -> list[str]:
    """The arguments; octets become paths, and are put into `files` under them."""
    words: list[str] = []
    for number, action in enumerate(actions):
        words += ["+"] if number else []
        for word in (action,) if isinstance(action, str) else action:
            if isinstance(word, bytes):
                path = str(Path(folder) / f"payload-{number + 1}")
                files[path] = word
                words.append(path)
            else:
                words.append(str(word))
    return words
