"""A live server: every stream on a connection of its own.

What a server has read is seen from what it answers, so it is given requests; what
these are, and what has to become of them, is told in `hjp_fuzz.serving`.  After the
streams it has to answer a ping on a fresh connection.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
    TargetError,
    asked_in_turn,
)
from hjp_fuzz.targets.exchange import Address, Unreachable, exchange
from hjp_fuzz.targets.process import ServerProcess
from hjp_spec.oracle import decode, encode

_PING = encode(b'{"id":1,"op":"ping"}')
_URL = re.compile(r"hjp://(?P<host>\[[0-9a-fA-F:.]+\]|[^/:\s]+):(?P<port>\d{1,5})/?")
_DYING_SECONDS = 2.0
"""How long a process may take to end whose connections are refused: some write a
core first."""


@dataclass(slots=True)
class Served(Answer):
    """What a server sent.

    Attributes:
        octets: all of it.
        reset: whether the connection was reset, not closed.
    """

    octets: bytes = b""
    reset: bool = False


class ServerTarget:
    """A server, running already or started by us.

    Args:
        where: its address as ``hjp://host:port``, or the command that starts it, in
            which ``{port}`` stands for the port that it has to listen on.
        limits: what an answer may cost.

    Raises:
        NotFound: it is neither of the two.
    """

    divides: ClassVar[bool] = True
    apart: ClassVar[bool] = True
    serves: ClassVar[bool] = True
    dialect: ClassVar[None] = None
    contract: ClassVar[Contract] = Contract()

    def __init__(self, where: str, limits: Limits = LIMITS) -> None:
        self.name = f"server:{where}"
        self.encode: Encode | None = None
        self._where = where
        self._limits = limits
        self._process: ServerProcess | None = None
        self._answered = False
        found = _URL.fullmatch(where)
        if found:
            self._address: Address = found["host"].strip("[]"), int(found["port"])
        elif "{port}" in where and "://" not in where:
            self._process = ServerProcess(where, limits.memory)
        else:
            message = (
                f"{where!r} is neither hjp://HOST:PORT nor a command with {{port}}"
            )
            raise NotFound(message)

    @property
    def ours(self) -> bool:
        """Whether we start it, and can start it again."""
        return self._process is not None

    def within(self, limits: Limits) -> "ServerTarget":
        """Return the server with other limits; one that we start is another one."""
        return ServerTarget(self._where, limits)

    def run(self, chunks: Sequence[bytes], canary: bytes = b"") -> Answer:
        """Send the stream, read what comes, and see whether the server is well."""
        self._ready()
        try:
            answer = self._exchange([*chunks, canary])
            self._well()
        except Lost:
            self.close()
            raise
        return answer

    def run_all(self, questions: Sequence[Question]) -> Iterator[Answer | Lost]:
        """Send many streams, then see whether the server is well.

        If it is not, they are sent again one by one, to see which of them it was; if
        that cannot be, the last one that was taken has to bear it.
        """
        self._ready()
        answers: list[Answer | Lost] = []
        try:
            for question in questions:
                answers.append(self._exchange([*question.chunks, question.canary]))
            self._well()
        except Lost as lost:
            self.close()
            return self._after(lost, questions, answers)
        return iter(answers)

    def close(self) -> None:
        """Stop the server, if we have started it."""
        if self._process is not None:
            self._process.stop()

    def _after(
        self, lost: Lost, questions: Sequence[Question], answers: list[Answer | Lost]
    ) -> Iterator[Answer | Lost]:
        if self.ours:
            again = list(asked_in_turn(self, questions))
            if not any(isinstance(answer, Lost) for answer in again):
                again[-1] = lost
            yield from again
            return
        gone = lost.check == "crash"
        # A connection that is refused tells of the stream before it.
        last = len(answers) - 1 if gone else len(answers)
        at = min(max(0, last), len(questions) - 1)
        yield from answers[:at]
        yield lost
        if gone:
            raise TargetError(f"{self.name} is gone: start it again, then replay")
        yield from asked_in_turn(self, questions[at + 1 :])

    def _exchange(self, chunks: Sequence[bytes]) -> Served:
        octets, reset = self._connection(chunks)
        return Served(octets=octets, reset=reset)

    def _connection(self, chunks: Sequence[bytes]) -> tuple[bytes, bool]:
        address = self._process.address() if self._process else self._address
        try:
            return exchange(address, chunks, self._limits.patience)
        except Unreachable as error:
            got = self._end() or "no more connections"
            raise Lost("crash", got, str(error)) from None
        except Lost:
            self._look()  # whoever fills the memory is slow as well
            raise

    def _look(self) -> None:
        if self._process is not None:
            self._process.look()

    def _end(self) -> str | None:
        return self._process.ended(_DYING_SECONDS) if self._process else None

    def _ready(self) -> None:
        """See once whether there is a server at all.

        Raises:
            TargetError: there is none, or not of HJP.
        """
        if self._answered:
            return
        try:
            self._well()
        except Lost as lost:
            self.close()
            message = f"{self.name} answers no ping: {lost.check}, {lost.got}"
            raise TargetError(f"{message}; {lost.message}".strip("; ")) from None
        self._answered = True

    def _well(self) -> None:
        """See whether the server answers on a fresh connection.

        Raises:
            Lost: it does not, or has taken too much memory.
        """
        octets, _ = self._connection([_PING])
        self._look()
        pong = decode(octets).frames
        if len(pong) != 1 or pong[0].metadata.get("ok") is not True:
            got = "no answer to a ping on a fresh connection"
            raise Lost("crash", self._end() or got)
