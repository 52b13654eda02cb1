"""A client under test as a process: what it is told, what it prints, how it ends."""

import os
import re
import select
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, Protocol, Self

from hjp_conformance.verdicts import Crashed, Skipped, TargetGoneError, Violation
from hjp_spec.testee import signal_name

Action = str | tuple[str | int | bytes, ...]
"""What the client is to do: words; octets become a file."""

_UNOFFERED = 127
_MAX_OUTPUT = 1 << 26
"""Octets that a client may print; what is asked for is much less."""
_KEPT_OUTPUT = 1 << 16
"""Octets that are kept of what is too much."""
_READ = 1 << 18
_WORDS = 4096
_FEW = 8
"""Lines of a client that stand in a message; its card has more."""
_SHOWN = 200
_LINE = re.compile(
    "ok( ([0-9A-Fa-f]{2})+)?|(error|unsent|fatal|refused) [!-~]+|lost", re.ASCII
)
"""What a client may print for an action; a code may be any that it knows."""


class Readable(Protocol):
    """What can be waited for."""

    def fileno(self) -> int:
        """Its descriptor."""


class ClientProcess:
    """One run of a client, from its start to its end.

    Attributes:
        words: the arguments that it was given.
        files: the octets of the files that these name.
    """

    def __init__(self, command: str, url: str, case: str, actions: Sequence[Action]):
        """Start the client.

        Args:
            command: as a shell would split it.
            url: where it is to connect to.
            case: the id of the case.
            actions: what it is to do.

        Raises:
            TargetGoneError: the command cannot be started.
        """
        self._folder = tempfile.TemporaryDirectory(prefix="hjp-")
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed by close)
        self._output = bytearray()
        self._most_lines = lines_of(actions)
        self._offers = " with ".join(sorted(set(map(_name, actions))))
        self.files: dict[str, bytes] = {}
        self.words = words_of(actions, self.files, self._folder.name)
        for path, octets in self.files.items():
            Path(path).write_bytes(octets)
        with_input = any("call" in action for action in actions)
        try:
            self._popen = subprocess.Popen(
                [*shlex.split(command), *self.words],
                bufsize=0,
                stdin=subprocess.PIPE if with_input else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=os.environ | {"HJP_URL": url, "HJP_CASE": case},
                start_new_session=True,
            )
        except OSError as error:
            self._release()
            told = f"cannot start {command}: {error.strerror}"
            raise TargetGoneError(told) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_connected(self) -> bool:
        """Whether the suite has seen the client connect."""
        return False

    @property
    def lines(self) -> list[str]:
        """What it has printed so far, as it was printed."""
        self._drain()
        *lines, rest = self._output.decode("utf-8", "backslashreplace").split("\n")
        return [*lines, rest] if rest else lines

    @property
    def outcome(self) -> list[str]:
        """Its lines, which are checked, with HEX in lower case."""
        return [line.lower() if line.startswith("ok ") else line for line in self.lines]

    @property
    def status(self) -> int | None:
        """Its exit status; None while it runs, and if it had to be ended."""
        status = self._popen.poll()
        return None if status is None or status < 0 else status

    def tell(self, line: str) -> None:
        """Write a line to the client's standard input."""
        assert self._popen.stdin is not None, "only for call"
        with suppress(BrokenPipeError):
            self._popen.stdin.write(f"{line}\n".encode())
            self._popen.stdin.flush()

    def close(self) -> None:
        """End the client, if it has not ended, and all that belongs to it."""
        if self._popen.stdin is not None:
            with suppress(BrokenPipeError):
                self._popen.stdin.close()
        # Also where it has ended: what it has started may go on.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        if self._popen.stdout is not None:
            self._popen.stdout.close()
        self._release()

    def _release(self) -> None:
        self._errors.close()
        self._folder.cleanup()

    def _select(self, others: Sequence[Readable], seconds: float) -> list[object]:
        assert self._popen.stdout is not None, "it was started with a pipe"
        if seconds <= 0:
            return []  # what prints without end would be readable for ever
        watched = [self._popen.stdout, *others]
        return list(select.select(watched, [], [], seconds)[0])

    def _read_output(self) -> bool:
        """Take what was printed; False at its end.

        Raises:
            Violation: it is more than the actions ask for. One line too many is proof:
                a client that prints for ever is not waited for.
        """
        assert self._popen.stdout is not None
        octets = os.read(self._popen.stdout.fileno(), _READ)
        self._output += octets
        lines = self._output.count(b"\n") if b"\n" in octets else 0
        if lines > self._most_lines or len(self._output) > _MAX_OUTPUT:
            self._flooded(lines)
        return bool(octets)

    def _drain(self) -> None:
        """Take what lies in the pipe, for the reports: without waiting or judging."""
        stdout = self._popen.stdout
        while stdout and not stdout.closed and len(self._output) < _KEPT_OUTPUT:
            octets = b""
            if select.select([stdout], [], [], 0)[0]:
                octets = os.read(stdout.fileno(), _KEPT_OUTPUT)
            if not octets:
                return
            self._output += octets

    def _flooded(self, lines: int) -> NoReturn:
        told = f"the client printed line {lines}, {self._most_lines} at most is right"
        if lines <= self._most_lines:
            told = f"the client printed more than {_MAX_OUTPUT} octets"
        del self._output[_KEPT_OUTPUT:]
        raise Violation(told + self._said(), "HJP-TST-9")

    def _has_ended(self, seconds: float) -> bool:
        """Whether it ends in this time, after its output has ended."""
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(max(seconds, 0.01))
        return self._popen.poll() is not None

    def _check_status(self) -> None:
        """Raise what the status and the lines say of the client."""
        status = self._popen.returncode
        if status < 0:
            name = signal_name(-status)
            raise Crashed(f"the client was ended by {name}{self._said()}")
        if status == _UNOFFERED and not self._output and not self.is_connected:
            raise Skipped(f"the client does not offer {self._offers}")
        if status not in (0, 1):
            raise Crashed(f"the client ended with status {status}{self._said()}")
        self._check_form()
        all_ok = all(line.startswith("ok") for line in self.lines)
        if (status == 0) != all_ok:
            told = f"the client ended with status {status}{self._said()}"
            raise Violation(told, "HJP-TST-10")

    def _check_form(self) -> None:
        """Each line is one of the table, ended by LF and by nothing else."""
        if self._output and not self._output.endswith(b"\n"):
            told = f"the last line has no LF at its end{self._said()}"
            raise Violation(told, "HJP-TST-9")
        for line in self.lines:
            if not _LINE.fullmatch(line):
                told = f"no such line is to be printed: {line[:_SHOWN]!r}"
                raise Violation(told, "HJP-TST-9")

    def _said(self) -> str:
        """What it has printed, for people."""
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - _WORDS))
        errors = self._errors.read().decode("utf-8", "backslashreplace").strip()
        lines = [f"{line:.{_SHOWN}}" for line in self.lines]
        more = [f"… and {len(lines) - _FEW} more lines"] if len(lines) > _FEW else []
        printed = "\n".join([*lines[:_FEW], *more])
        told = f"; it printed: {printed}" if printed else "; it printed nothing"
        last = "\n".join(f"{line:.{_SHOWN}}" for line in errors.splitlines()[-_FEW:])
        return f"{told}; on standard error:\n{last}" if last else told


def _name(action: Action) -> str:
    """What it is, without its words: those of a case are its own."""
    return action if isinstance(action, str) else str(action[0])


def ok_line(payload: bytes = b"") -> str:
    """The line for a final reply that is ok and has this payload."""
    return f"ok {payload.hex()}" if payload else "ok"


def lines_of(actions: Sequence[Action]) -> int:
    """How many lines a client prints at most."""
    ahead = (one for one in actions if isinstance(one, tuple) and one[0] == "ahead")
    return len(actions) + sum(int(one[1]) - 1 for one in ahead)


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
