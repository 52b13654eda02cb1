"""Drives a codec under test: a process that answers each line with one line.

The lines are those of the text *testee*. Written for POSIX: the pipes are watched
with a selector, so that neither a full pipe nor a silent process can hold the caller.
"""

import fcntl
import json
import os
import selectors
import shlex
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import IO, Any, Literal, Self

from hjp_spec.jsonschemas import problems
from hjp_spec.registry import DEFAULT_MAX_PAYLOAD, Code
from hjp_spec.schema import CODES

Kind = Literal["crash", "hang", "garbage", "refused"]
"""What became of a testee: it ended, it was silent, it wrote what no testee writes,
or it answered that it could not make sense of the line."""

_VERDICTS = {
    ("accept", None),
    ("incomplete", None),
    ("reject", None),
    *(("reject", str(code)) for code in CODES.values()),
    ("reject", str(Code.BAD_JSON)),
}
_CHUNK = 1 << 20  # as much as a pipe holds at most
_STDERR_TAIL = 4_096
_LONGEST_LINE = 1 << 28
_SHOWN = 200
_WATCH_EVERY = 0.05  # seconds; a process fills some hundred MiB in that time

Watch = Callable[[int], None]
"""Looks at a process, given its id, while an answer is awaited; may raise."""
_TOO_DEEP = "nested too deeply"


class TesteeError(Exception):
    """A testee did not answer as the text *testee* says.

    Attributes:
        kind: what became of it.
    """

    __test__ = False  # no test, whatever pytest thinks of the name

    def __init__(self, kind: Kind, message: str):
        super().__init__(f"{kind}: {message}")
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Description:
    """What a testee says of itself."""

    name: str
    commands: tuple[str, ...]
    codes: bool


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a testee made of a stream; ``frames`` are JSON texts and payloads."""

    status: str
    code: str | None
    frames: tuple[tuple[str, bytes], ...]
    consumed: int


@dataclass(frozen=True, slots=True)
class Encoded:
    """What a testee wrote: status ``ok`` and octets, or ``reject`` and its code."""

    status: str
    octets: bytes
    code: str | None


class Testee:
    """A codec under test; its process starts with the first command.

    A process that crashed, hung or wrote garbage is ended, and the next command
    starts a new one, so that one bad input loses only itself.

    Args:
        command: the program and its arguments, or one string as a shell has it.
        timeout: how long one answer may take, in seconds.
        watch: called with the process's id now and then while an answer is awaited;
            what it raises ends the process and comes out of the command.

    Attributes:
        asked: the line of the last command, without its LF.
        answered: the line that came back, right or wrong, as it was; None where none
            came.
    """

    __test__ = False  # no test, whatever pytest thinks of the name

    def __init__(
        self,
        command: Sequence[str] | str,
        timeout: float = 10.0,
        watch: Watch | None = None,
    ):
        self.command = shlex.split(command) if isinstance(command, str) else command
        self.timeout = timeout
        self._watch = watch
        self.asked = b""
        self.answered: bytes | None = None
        self._running: _Process | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The process, or None if none is running."""
        return None if self._running is None else self._running.popen.pid

    def describe(self) -> Description:
        """Ask what this is.

        Raises:
            TesteeError: it did not answer as a testee does; so do all commands.
        """
        reply = self._ask("describe", {})
        return Description(reply["name"], tuple(reply["commands"]), reply["codes"])

    def decode(
        self, chunks: Iterable[bytes], max_payload: int = DEFAULT_MAX_PAYLOAD
    ) -> Decoded:
        """Feed octets to the codec as a receiver, chunk by chunk, then the end."""
        return _decoded(self._exchange(decode_line(chunks, max_payload), "decode"))

    def encode(
        self, json: str, payload: bytes, max_payload: int = DEFAULT_MAX_PAYLOAD
    ) -> Encoded:
        """Let the codec write one frame as a sender."""
        request = {"json": json, "payload": payload.hex(), "max_payload": max_payload}
        reply = self._ask("encode", request)
        octets = bytes.fromhex(reply.get("hex", ""))
        return Encoded(reply["status"], octets, reply.get("code"))

    def reset(self) -> None:
        """Let the testee forget everything."""
        self._ask("reset", {})

    def converse(self, lines: Sequence[bytes]) -> Generator[bytes, None, None]:
        """Write lines of any kind at once and give the answers as they come.

        Whoever does not take all answers ends the process: what it still says would
        be taken for an answer to the next line.

        Args:
            lines: right or wrong; what ends a line is part of it.

        Raises:
            TesteeError: it ended, was silent, or gave an answer too many.
        """
        finished = False
        try:
            yield from self._process().converse(lines, self.timeout)
            finished = True
        finally:
            if not finished:
                self._abandon()

    def close(self) -> int | None:
        """End the input, wait for the process, and kill it if it does not end.

        Returns:
            The exit status, negative for a signal; None if nothing was running.
        """
        process, self._running = self._running, None
        return None if process is None else process.finish(self.timeout)

    def _ask(self, command: str, request: dict[str, Any]) -> dict[str, Any]:
        """One line out, one line in, by the schema of the command."""
        line = json.dumps({"cmd": command, **request}).encode() + b"\n"
        return self._exchange(line, command)

    def _exchange(self, line: bytes, command: str) -> dict[str, Any]:
        self.asked, self.answered = line.removesuffix(b"\n"), None
        try:
            for answer in self._process().converse([line], self.timeout):
                self.answered = answer.removesuffix(b"\n")
            assert self.answered is not None, "a line was asked, or something raised"
            reply = _parsed(self.answered, command)
        except BaseException:
            self._abandon()
            raise
        return _understood(reply)

    def _process(self) -> "_Process":
        if self._running is None:
            self._running = _Process(self.command, self._watch)
        return self._running

    def _abandon(self) -> None:
        process, self._running = self._running, None
        if process is not None:
            process.kill()


def decode_line(
    chunks: Iterable[bytes], max_payload: int = DEFAULT_MAX_PAYLOAD
) -> bytes:
    """The line that asks for a `decode`, for `Testee.converse`."""
    # By hand: nothing in it needs an escape, and there are many such lines.
    octets = ",".join([f'"{chunk.hex()}"' for chunk in chunks])
    line = f'{{"cmd":"decode","chunks":[{octets}],"max_payload":{max_payload}}}\n'
    return line.encode()


def decoded(line: bytes) -> Decoded:
    """Read the answer to a `decode`.

    Raises:
        TesteeError: it is garbage, or says that the question was refused.
    """
    return _decoded(_understood(_parsed(line, "decode")))


def _decoded(reply: dict[str, Any]) -> Decoded:
    frames = tuple(
        [(frame["json"], bytes.fromhex(frame["payload"])) for frame in reply["frames"]]
    )
    return Decoded(reply["status"], reply.get("code"), frames, reply["consumed"])


def _understood(reply: dict[str, Any]) -> dict[str, Any]:
    if reply["status"] == "error":
        raise TesteeError("refused", reply["message"])
    return reply


def _parsed(line: bytes, command: str) -> dict[str, Any]:
    try:
        reply = parsed(line)
    except ValueError as error:
        raise _garbage(line, f"not JSON: {error}") from None
    definition = command
    if isinstance(reply, dict) and reply.get("status") == "error":
        definition = "error"
    wrong = fault(reply, definition)
    if wrong is not None:
        raise _garbage(line, f"not by the schema: {wrong}")
    return dict(reply)


def parsed(line: bytes) -> Any:
    """A line as JSON parses it.

    Raises:
        ValueError: it is no JSON, or nested deeper than any reply is.
    """
    try:
        return json.loads(line)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None


def fault(reply: Any, definition: str) -> str | None:
    """What is wrong with a reply, as JSON parses it; None if nothing.

    Args:
        reply: the line of a testee.
        definition: the command that it answers, or ``error``.
    """
    # The schemas cost more than the exchange: they are asked only where this fails.
    if _is_decoded(reply, definition) or _is_error(reply, definition):
        return None
    try:
        return next(map(str, problems("testee/reply", reply, definition)), None)
    except RecursionError:  # to tell what is wrong is to go down as deep
        return _TOO_DEEP


def _is_decoded(reply: Any, command: str) -> bool:
    """Whether this is surely a right answer to decode, the one that must be fast."""
    return (
        command == "decode"
        and type(reply) is dict
        and (reply.get("status"), reply.get("code")) in _VERDICTS
        and type(reply.get("consumed")) is int
        and reply["consumed"] >= 0
        and type(reply.get("frames")) is list
        and all(map(_is_frame, reply["frames"]))
    )


def _is_error(reply: Any, definition: str) -> bool:
    return (
        definition == "error"
        and type(reply) is dict
        and reply.get("status") == "error"
        and type(reply.get("message")) is str
    )


def _is_frame(frame: Any) -> bool:
    return (
        type(frame) is dict
        and type(frame.get("json")) is str
        and type(frame.get("payload")) is str
        and _is_hex(frame["payload"])
    )


def _is_hex(digits: str) -> bool:
    try:
        return len(bytes.fromhex(digits)) * 2 == len(digits)
    except ValueError:
        return False


def _garbage(line: bytes, why: str) -> TesteeError:
    shown = line[:_SHOWN].decode(errors="backslashreplace")
    return TesteeError("garbage", f"{why}; it wrote: {shown}")


class _Process:
    """One process and its three pipes, none of which can hold us."""

    def __init__(self, command: Sequence[str], watch: Watch | None = None):
        pipe = subprocess.PIPE
        self._watch = watch
        try:
            self.popen = subprocess.Popen(
                command,
                bufsize=0,
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                start_new_session=True,
            )
        except OSError as error:
            raise TesteeError("crash", f"cannot start {command}: {error}") from None
        self._selector = selectors.DefaultSelector()
        self._stdin, self._stdout, self._stderr = map(
            _file, (self.popen.stdin, self.popen.stdout, self.popen.stderr)
        )
        for pipe_file in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(pipe_file.fileno(), False)
            _widen(pipe_file)
        self._selector.register(self._stdout, selectors.EVENT_READ, self._read_stdout)
        self._selector.register(self._stderr, selectors.EVENT_READ, self._read_stderr)
        self._waiting = memoryview(b"")
        self._lines: deque[bytes] = deque()  # whole ones, each with its end
        self._rest = bytearray()
        self._watched = 0.0
        self._ended = False
        self._tail = b""

    def converse(
        self, lines: Sequence[bytes], timeout: float
    ) -> Generator[bytes, None, None]:
        """Write lines at once, give the answers as they come; each has a timeout."""
        self._read_stdout()
        if unasked := self._unread():
            raise _garbage(unasked, "a line that nobody asked for")
        self._waiting = memoryview(b"".join(lines))
        self._write()
        answer = b""
        for _ in lines:
            answer = self._answer(timeout)
            yield answer
        if self._waiting:
            raise _garbage(answer, "an answer before the line was read")
        if unasked := self._unread():
            raise _garbage(answer + unasked, "more than one line")

    def _unread(self) -> bytes:
        return b"".join(self._lines) + self._rest

    def _answer(self, timeout: float) -> bytes:
        deadline = monotonic() + timeout
        while not self._lines:
            if self._ended:
                raise TesteeError("crash", self._last_words(timeout))
            self._wait(deadline, timeout)
        return self._lines.popleft()

    def _wait(self, deadline: float, timeout: float) -> None:
        now = monotonic()
        if self._watch is not None and now >= self._watched + _WATCH_EVERY:
            self._watched = now
            self._watch(self.popen.pid)
        left = max(0.0, deadline - now)
        ready = self._selector.select(min(left, _WATCH_EVERY) if self._watch else left)
        for key, _ in ready:
            key.data()
        if not ready and monotonic() >= deadline:
            raise TesteeError(
                "hang", f"no answer in {timeout:g} s{self._stderr_tail()}"
            )

    def _write(self) -> None:
        """Write what the pipe takes, and wait for room for the rest."""
        try:
            self._waiting = self._waiting[
                os.write(self._stdin.fileno(), self._waiting) :
            ]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self._waiting = memoryview(b"")
        watched = self._stdin in self._selector.get_map()
        if self._waiting and not watched:
            self._selector.register(self._stdin, selectors.EVENT_WRITE, self._write)
        elif watched and not self._waiting:
            self._selector.unregister(self._stdin)

    def _read_stdout(self) -> None:
        with suppress(BlockingIOError):
            octets = os.read(self._stdout.fileno(), _CHUNK)
            self._ended = not octets
            self._rest += octets
            if b"\n" in octets:
                *lines, self._rest = self._rest.split(b"\n")
                self._lines.extend([bytes(line) + b"\n" for line in lines])
        if len(self._rest) > _LONGEST_LINE:
            raise _garbage(bytes(self._rest[:_SHOWN]), "a line without an end")

    def _read_stderr(self) -> None:
        with suppress(BlockingIOError):
            octets = os.read(self._stderr.fileno(), _CHUNK)
            self._tail = (self._tail + octets)[-_STDERR_TAIL:]
            if not octets:
                self._selector.unregister(self._stderr)

    def _last_words(self, timeout: float) -> str:
        """How it ended; a process that only closed its output is ended here."""
        try:
            status = self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            return f"it closed its output but went on{self._stderr_tail()}"
        if self._stderr in self._selector.get_map():
            self._read_stderr()
        return f"{_how(status)}{self._stderr_tail()}"

    def _stderr_tail(self) -> str:
        words = self._tail.decode(errors="backslashreplace").strip()
        return f"; standard error ends: {words}" if words else ""

    def finish(self, timeout: float) -> int:
        """End the input and wait, then kill; the exit status."""
        self._stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self.popen.wait(timeout)
        return self.kill()

    def kill(self) -> int:
        """End the process, if it has not ended, and what it started; its status."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        status = self.popen.wait()
        self._close()
        return status

    def _close(self) -> None:
        self._selector.close()
        for pipe in (self._stdin, self._stdout, self._stderr):
            pipe.close()


def _file(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "all three were asked for"
    return pipe


def _widen(pipe: IO[bytes]) -> None:
    """Let a pipe hold many lines, where that can be told: fewer changes of process."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # the system may allow less
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _CHUNK)


def _how(status: int) -> str:
    if status >= 0:
        return f"it ended with exit status {status}"
    return f"it was ended by {signal_name(-status)}"


def signal_name(number: int) -> str:
    """The name of a signal; those of real time have none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
