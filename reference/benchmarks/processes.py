"""Each peer has a process for its server and one for its client.

Both end when their pipe does, so that nothing is left running however this ends.
"""

import contextlib
import importlib
import multiprocessing
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing import resource_tracker, util
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, NoReturn

from benchmarks.tasks import NO_FILES, Client, Files, Once, Task

__all__ = [
    "Child",
    "PeerError",
    "Site",
    "client",
    "free_port",
    "run",
    "server",
    "wait_until_listening",
]

_SPAWN: Final = multiprocessing.get_context("spawn")
_ROOM: Final = Path(__file__).parents[1]
_MOST_SECONDS: Final = 600.0  # of a start, a round; more is a peer that hangs
_MOST_SECONDS_TO_END: Final = 6.0


class PeerError(Exception):
    """A peer does not do what it is asked to."""


class Child:
    """A process that answers messages.

    Args:
        target: What it runs: `server` or `client`.
        *arguments: What that is told.
    """

    def __init__(self, target: Any, *arguments: Any) -> None:
        self._pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=target, args=(theirs, *arguments))
        # Ctrl-C reaches every process of the terminal; this one tells the others.
        resource_tracker.ensure_running()  # else the first start would do it, and
        # that lets signals through.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process.start()
        finally:
            theirs.close()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def ask(self, *message: Any) -> Any:
        """Send a message and wait for its answer.

        Raises:
            PeerError: What was asked for failed.
        """
        try:
            self._pipe.send(message)
        except OSError:
            raise PeerError("its process has ended") from None
        return self.answer()

    def answer(self) -> Any:
        """Wait for an answer.

        Raises:
            PeerError: It is an error, or there is none.
        """
        try:
            if not self._pipe.poll(_MOST_SECONDS):
                raise PeerError(f"no answer in {_MOST_SECONDS:.0f} s")
            is_fine, value = self._pipe.recv()
        except (EOFError, OSError):
            raise PeerError("its process has ended") from None
        if not is_fine:
            raise PeerError(value)
        return value

    def hang_up(self) -> None:
        """Let the process end."""
        self._pipe.close()

    def join(self) -> None:
        """Wait until it has ended; do not wait for what it may be about."""
        self._process.join(_MOST_SECONDS_TO_END)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


@dataclass(frozen=True, slots=True)
class Site:
    """What a server is told, and how it says that it listens."""

    root: Path
    variant: str
    pipe: Connection

    def ready(self, port: int, program: subprocess.Popen[str] | None = None) -> None:
        """Say that the server listens; it ends with the pipe."""
        threading.Thread(target=self._wait, args=(program,), daemon=True).start()
        self.pipe.send((True, (port, program.pid if program else os.getpid())))

    def _wait(self, program: subprocess.Popen[str] | None) -> None:
        with contextlib.suppress(EOFError, OSError):
            self.pipe.recv()
        if program:
            _end_program(program)
        _end()

    def run(self, command: Sequence[str | Path], port: int | None = None) -> None:
        """Run a program as the server.

        Args:
            command: With its arguments.
            port: Where it listens; if none, its line ``ready URL`` tells.
        """
        program = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(_ROOM)},
        )
        try:
            self.ready(port or _told(program), program)
        except BaseException:
            program.kill()
            raise
        program.wait()


def _end_program(program: subprocess.Popen[str]) -> None:
    """In good order, but sooner than who waits for this process loses patience."""
    program.terminate()
    try:
        program.wait(_MOST_SECONDS_TO_END / 2)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()


def _told(program: subprocess.Popen[str]) -> int:
    assert program.stdout is not None  # it is a pipe
    line = program.stdout.readline()
    if not line.startswith("ready "):
        raise PeerError("the server has not started")
    return int(line.rsplit(":", 1)[1])


def run(*command: str | Path) -> None:
    """Run a program as the client.

    Raises:
        PeerError: It failed.
    """
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        why = result.stderr.strip().partition("\n")[0]
        raise PeerError(f"{command[0]} ended with {result.returncode}: {why}")


def free_port() -> int:
    """Choose a port for a program that cannot choose one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def wait_until_listening(port: int) -> None:
    """Wait for a program that does not say when it listens."""
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 10).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)


def _end() -> NoReturn:
    """End this process, although a library may have threads that nothing ends."""
    # As multiprocessing does: gives back what is shared, as locks of libraries are.
    util._exit_function()  # type: ignore[attr-defined]
    os._exit(0)


@contextlib.contextmanager
def _telling(pipe: Connection) -> Iterator[None]:
    """Answer with an error what raises one."""
    try:
        yield
    except Exception as error:
        kind = "" if isinstance(error, PeerError) else f"{type(error).__name__}: "
        text = f"{kind}{error}".partition("\n")[0]
        with contextlib.suppress(OSError):
            pipe.send((False, text[:200]))


def server(pipe: Connection, module: str, variant: str, root: Path) -> None:
    """Be a peer's server."""
    with _telling(pipe):
        importlib.import_module(module).serve(Site(root, variant, pipe))


def client(
    pipe: Connection, module: str, variant: str, files: Files, address: tuple[int, int]
) -> None:
    """Be a peer's client: tell which rows there are, then do what is asked for."""
    with _telling(pipe):
        rows = importlib.import_module(module).clients(variant)
        worker = _Worker(rows, files, address)
        pipe.send((True, {work: tuple(names) for work, names in rows.items()}))
        with contextlib.suppress(EOFError, OSError):
            while True:
                name, *arguments = pipe.recv()
                with _telling(pipe):
                    pipe.send((True, getattr(worker, name)(*arguments)))
    _end()


class _Worker:
    """What a client's process can be asked for."""

    def __init__(
        self,
        rows: dict[str, dict[str, Client]],
        files: Files,
        address: tuple[int, int],
    ) -> None:
        self._rows = rows
        self._port, pid = address
        self._files = replace(files, pid=pid)
        self._stacks: dict[str, contextlib.ExitStack] = {}
        self._once: dict[str, Once] = {}

    def open(self, task: Task, row: str) -> None:
        """Connect."""
        stack = contextlib.ExitStack()
        self._files.serve(task)
        opening = self._rows[task.work][row](task, self._files, self._port)
        self._once[row] = stack.enter_context(opening)
        self._stacks[row] = stack

    def round(self, task: Task, row: str, first: bool) -> Any:
        """Do one round; return its seconds, or the figures that it gives."""
        moves_files = task.work in ("put", "get", "small")
        if moves_files:
            self._files.warm(task)
        began = time.perf_counter()
        result = self._once[row]()
        seconds = time.perf_counter() - began
        if moves_files and result is not NO_FILES:
            self._files.check(task, thoroughly=first)
        return result if isinstance(result, dict) else seconds

    def close(self, row: str) -> None:
        """Disconnect."""
        self._once.pop(row, None)
        if stack := self._stacks.pop(row, None):
            stack.close()
