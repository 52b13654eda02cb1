"""What is tested: a testee's process, or a Python callable in a process of its own."""

import shlex
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from hjp_conformance.codec.callable_testee import NO_CALLABLE
from hjp_conformance.codec.case import Declined
from hjp_conformance.codec.last_words import last_words
from hjp_conformance.verdicts import Crashed, Inconclusive, Skipped, TargetGoneError
from hjp_spec.testee import Decoded, Encoded, Testee, TesteeError

CALLABLE_TESTEE = "hjp_conformance.codec.callable_testee"

Exchange = tuple[bytes, bytes | None]
"""A line and the one that came back, if one did."""


class ProcessCodec:
    """A codec behind a testee, by the text *testee*; a context manager.

    A process that crashed, hung or wrote garbage is ended, and the next question
    starts a new one: it loses only its case.

    Args:
        command: the program and its arguments, or one string as a shell has it.
        timeout: how long one answer may take, in seconds.
    """

    texts = limits = lines = True

    def __init__(self, command: Sequence[str] | str, timeout: float = 10.0):
        self.command = shlex.split(command) if isinstance(command, str) else command
        self.timeout = timeout
        self.name = ""
        self.codes = self.encodes = False
        self._exchanges: list[Exchange] | None = None
        self._testee = Testee(self.command, timeout)

    def __enter__(self) -> Self:
        """Start it and ask what it is.

        Raises:
            TargetGoneError: it cannot be started, or does not say.
        """
        try:
            found = self._testee.describe()
        except TesteeError as error:
            self._testee.close()
            raise TargetGoneError(f"no answer to describe: {error}") from None
        self.name, self.codes = found.name, found.codes
        self.encodes = "encode" in found.commands
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._testee.close()

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        """Feed octets chunk by chunk, then the end of the input."""
        with self._noted() as testee:
            return testee.decode(chunks, max_payload)

    def encode(self, json: str, payload: bytes, max_payload: int) -> Encoded:
        """Let it write one frame."""
        with self._noted() as testee:
            return testee.encode(json, payload, max_payload)

    def converse(self, lines: Sequence[bytes]) -> Generator[bytes, None, None]:
        """Write lines of any kind at once; give the answers as they come."""
        try:
            yield from self._testee.converse(lines)
        except TesteeError as error:
            raise _verdict(error) from None

    def note(self) -> list[Exchange]:
        """Where the lines of `decode` and `encode` are noted from now on."""
        self._exchanges = []
        return self._exchanges

    @contextmanager
    def _noted(self) -> Iterator[Testee]:
        """One line and its answer, whatever becomes of it."""
        try:
            yield self._testee
        except TesteeError as error:
            raise _verdict(error) from None
        finally:
            if self._exchanges is not None:
                self._exchanges.append((self._testee.asked, self._testee.answered))

    def last_words(self, octets: bytes, lines: int) -> tuple[bytes, int]:
        """Run a process of its own on an input that ends."""
        return last_words(self.command, octets, lines, self.timeout)


class CallableCodec(ProcessCodec):
    """A parser in Python, as the fuzzer takes them; a context manager.

    It tells values, not texts, and codes only where its errors have some; it writes
    nothing, and its limit is 65 536.

    Args:
        name: `module:callable`, looked for in the current directory first.
        timeout: how long one answer may take, in seconds.
    """

    texts = limits = lines = False

    def __init__(self, name: str, timeout: float = 10.0):
        super().__init__([sys.executable, "-m", CALLABLE_TESTEE, name], timeout)

    def __enter__(self) -> Self:
        """Start it; see `ProcessCodec`.

        Raises:
            TargetGoneError: also if there is no such callable.
        """
        try:
            return super().__enter__()
        except TargetGoneError as error:
            _, mark, why = str(error).partition(NO_CALLABLE)
            raise TargetGoneError(mark + why) if mark else error from None

    def encode(self, json: str, payload: bytes, max_payload: int) -> Encoded:
        """Not offered."""
        raise Skipped("a callable is a receiver only")


_VERDICTS = {
    "crash": Crashed,
    "garbage": Crashed,
    "hang": Inconclusive,
    "refused": Declined,
}


def _verdict(error: TesteeError) -> Exception:
    message = str(error).removeprefix(f"{error.kind}: ")
    return _VERDICTS[error.kind](message)
