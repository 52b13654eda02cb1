"""A program that is started for every input, the stream on its standard input.

Its exit status is its verdict: 0 accepts, another number refuses (1 unless told
otherwise), a third tells of an end inside a frame (2).  Any other status is a crash.
If it prints the line that a testee answers to `decode`, its frames are compared as
well; whether it does is asked of it once, with a stream that everybody accepts.
"""

import os
import resource
import shlex
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from tempfile import TemporaryFile
from time import monotonic
from typing import ClassVar

from hjp_fuzz.targets.base import (
    LIMITS,
    Answer,
    Contract,
    Encode,
    Limits,
    Lost,
    NotFound,
    Question,
    asked_in_turn,
)
from hjp_fuzz.targets.memory import MIB, peak, too_much
from hjp_fuzz.targets.told import told
from hjp_spec.oracle import encode
from hjp_spec.testee import TesteeError, decoded

_PLAIN = encode(b'{"id":1}', b"plain")
_FIRST_SECONDS = 20.0
"""How long the first start may take: the program has to be read from a disk."""
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.0002, 0.01  # seconds between two looks at it
_MOST_OUTPUT = 1 << 24


class SpawnTarget:
    """A program that reads one stream and ends.

    Args:
        command: the program and its arguments, as a shell has them.
        contract: which exit status means what.
        limits: what an answer may cost.
    """

    divides: ClassVar[bool] = False
    apart: ClassVar[bool] = True
    serves: ClassVar[bool] = False
    dialect: ClassVar[None] = None

    def __init__(
        self, command: str, contract: Contract | None = None, limits: Limits = LIMITS
    ) -> None:
        self.name = f"spawn:{command}"
        self.encode: Encode | None = None
        self.contract = contract or Contract()
        self._command = command
        self._words = shlex.split(command)
        self._limits = limits
        self._tells: bool | None = None
        self._statuses = {
            0: "accept",
            self.contract.reject_status: "reject",
            self.contract.incomplete_status: "incomplete",
        }
        if len(self._statuses) < 3:
            raise NotFound(f"{self.name}: the exit statuses have to differ, and from 0")

    def within(self, limits: Limits) -> "SpawnTarget":
        """Return the program with other limits."""
        return SpawnTarget(self._command, self.contract, limits)

    def run(self, chunks: Sequence[bytes], canary: bytes = b"") -> Answer:
        """Start it, give it the stream, and look at how it ends."""
        return self._answer(b"".join(chunks) + canary, self._telling())

    def run_all(self, questions: Sequence[Question]) -> Iterator[Answer | Lost]:
        """Answer one question after the other."""
        return asked_in_turn(self, questions)

    def close(self) -> None:
        """Do nothing: every process has ended."""

    def _telling(self) -> bool:
        """Find out whether it prints frames.

        Raises:
            NotFound: it cannot be started.
        """
        if self._tells is None:
            seconds = max(_FIRST_SECONDS, self._limits.patience)
            status, output = self._ended(_PLAIN, seconds)
            self._tells = status in self._statuses and _is_told(output)
        return self._tells

    def _answer(self, octets: bytes, tells: bool) -> Answer:
        status, output = self._ended(octets, self._limits.patience)
        if status not in self._statuses:
            raise Lost("crash", _how(status), f"its status is not {self._agreed()}")
        verdict = self._statuses[status]
        if not tells:
            return Answer(verdict, told=False)
        try:
            answer = decoded(output)
        except TesteeError as error:
            message = " ".join(str(error).split())
            raise Lost("garbage", "no line of a testee", message) from None
        if answer.status != verdict:
            got = f"{answer.status} in the line, {verdict} by the exit status"
            raise Lost("garbage", got)
        return told(answer, len(octets)).read()

    def _agreed(self) -> str:
        return ", ".join(f"{number} {what}" for number, what in self._statuses.items())

    def _ended(self, octets: bytes, seconds: float) -> tuple[int, bytes]:
        """Run the program over octets; return its exit status and its output."""
        with closing(_Run(self._words, octets, self._limits)) as run:
            return run.finish(seconds)


def _is_told(output: bytes) -> bool:
    with suppress(TesteeError):
        return decoded(output).status == "accept"
    return False


def _how(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit {status}"


class _Run:
    """One process over one stream.

    Files stand for its standard input and output: no pipe can fill up, and all that
    is to be done meanwhile is to look at the clock and the memory.
    """

    def __init__(self, words: list[str], octets: bytes, limits: Limits) -> None:
        self._memory = limits.memory
        self._input, self._output = TemporaryFile(), TemporaryFile()  # noqa: SIM115
        self._input.write(octets)
        self._input.seek(0)
        self._usage: resource.struct_rusage | None = None
        try:
            self._pid = self._started(words)
        except OSError as error:
            self._files_closed()
            message = f"spawn:{shlex.join(words)}: cannot start: {error.strerror}"
            raise NotFound(message) from None

    def _started(self, words: list[str]) -> int:
        nowhere = os.open(os.devnull, os.O_RDWR)
        files = (self._input.fileno(), self._output.fileno(), nowhere)
        try:
            return os.posix_spawnp(
                words[0],
                words,
                os.environ,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, file, number)
                    for number, file in enumerate(files)
                ],
                setpgroup=0,
                setsigdef=[signal.SIGINT],
            )
        finally:
            os.close(nowhere)

    def finish(self, seconds: float) -> tuple[int, bytes]:
        """Wait for the end; return the status, negative for a signal, and the output.

        Raises:
            Lost: it takes too long, too much memory, or writes too much.
        """
        status = self._wait(monotonic() + seconds)
        if status is None:
            raise Lost("hang", "none", f"gave up after {seconds:g} s")
        self._weigh(self._resident())
        self._output.seek(0)
        return status, self._output.read(_MOST_OUTPUT)

    def _wait(self, deadline: float) -> int | None:
        pause = _SHORTEST_PAUSE
        while (status := self._poll()) is None and monotonic() < deadline:
            self._weigh(peak(self._pid).resident)
            if os.fstat(self._output.fileno()).st_size > _MOST_OUTPUT:
                raise Lost("garbage", "output without an end")
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        return status

    def _poll(self) -> int | None:
        pid, status, usage = os.wait4(self._pid, os.WNOHANG)
        if not pid:
            return None
        self._usage = usage
        return os.waitstatus_to_exitcode(status)

    def _resident(self) -> int:
        """Return the most memory that it had, as far as that can be told.

        What starts a process counts as the process, up to the moment it is another
        program: so what is less than we have ourselves says nothing.
        """
        if self._usage is None or sys.platform != "linux":
            return 0
        ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        its = self._usage.ru_maxrss
        return its * 1024 if its > ours else 0

    def _weigh(self, resident: int) -> None:
        if resident > self._memory:
            raise too_much(self._memory, f"it had {resident // MIB} MiB")

    def close(self) -> None:
        """End it, with what it has started, if it has not ended."""
        if self._usage is None:
            os.killpg(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        self._files_closed()

    def _files_closed(self) -> None:
        self._input.close()
        self._output.close()
