"""A testee: a process that answers a line with a line, in any language.

The lines are those of the specification's text *testee*; the same process serves the
conformance suite.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, ClassVar

from hjp_fuzz.targets.base import (
    LIMITS,
    Answer,
    Contract,
    Encode,
    Fate,
    Limits,
    Lost,
    NotFound,
    Question,
    TargetError,
    Unwritten,
    asked_in_turn,
)
from hjp_fuzz.targets.memory import MemoryWatch
from hjp_fuzz.targets.told import told
from hjp_spec.testee import Description, Testee, TesteeError, decode_line, decoded

_START_SECONDS = 20.0
"""How long a testee may take to start: some load a virtual machine first."""
_END_SECONDS = 0.5


class PipeTarget:
    """A testee that is asked line by line, or many lines at once.

    Args:
        command: the program and its arguments, as a shell has them.
        limits: what an answer may cost.
    """

    divides: ClassVar[bool] = True
    apart: ClassVar[bool] = True
    serves: ClassVar[bool] = False
    dialect: ClassVar[None] = None
    contract: ClassVar[Contract] = Contract()

    def __init__(self, command: str, limits: Limits = LIMITS) -> None:
        self.name = f"cmd:{command}"
        self._command = command
        self._limits = limits
        self._watch = MemoryWatch(limits.memory)
        self._testee = Testee(command, limits.patience, self._watch)
        self._description: Description | None = None

    @property
    def encode(self) -> Encode | None:
        """What writes a frame, if the testee offers it."""
        return self._encoded if "encode" in self._ready().commands else None

    def within(self, limits: Limits) -> "PipeTarget":
        """Return the testee with other limits, not started yet."""
        return PipeTarget(self._command, limits)

    def run(self, chunks: Sequence[bytes], canary: bytes = b"") -> Answer:
        """Ask one question."""
        size = sum(map(len, chunks))
        self._ready()
        try:
            answer = self._testee.decode([*chunks, canary] if canary else chunks)
            self._look()
        except TesteeError as error:
            return _refused(error)
        return told(answer, size, bool(canary)).read()

    def run_all(self, questions: Sequence[Question]) -> Iterator[Answer | Lost]:
        """Ask many questions at once; after a loss, those that are open one by one."""
        self._ready()
        answers: list[Answer | Lost] = []
        try:
            self._converse(questions, answers)
        except Lost as lost:
            if lost.check == "memory":  # it may have been any of them
                answers.clear()
            elif lost.check == "hang":  # once is long enough
                answers.append(lost)
            again = list(asked_in_turn(self, questions[len(answers) :]))
            if not any(isinstance(answer, Lost) for answer in (*answers, *again)):
                again[0] = lost  # it depends on the lines before
            answers += again
        return iter(answers)

    def close(self) -> None:
        """End the process, if need be by force."""
        self._testee.timeout = _END_SECONDS
        self._testee.close()

    def _converse(
        self, questions: Sequence[Question], answers: list[Answer | Lost]
    ) -> None:
        lines = [_line(question) for question in questions]
        try:
            with closing(self._testee.converse(lines)) as conversation:
                for question, line in zip(questions, conversation, strict=True):
                    answers.append(_answer(question, line))
        except TesteeError as error:
            raise _lost(error) from None
        self._look()

    def _look(self) -> None:
        """Look at the memory: what was taken and given back is seen as well.

        Raises:
            Lost: it was too much; the process is ended.
        """
        pid = self._testee.pid
        try:
            if pid is not None:
                self._watch(pid)
        except Lost:
            self.close()
            raise

    def _ready(self) -> Description:
        """Start the process if none is running, and ask what it is.

        Raises:
            NotFound: there is no such program.
            TargetError: it is no testee of a codec.
        """
        if self._description is None or self._testee.pid is None:
            self._description = self._described()
        return self._description

    def _described(self) -> Description:
        self._testee.timeout = max(_START_SECONDS, self._limits.patience)
        try:
            description = self._testee.describe()
        except TesteeError as error:
            raise self._unusable(" ".join(str(error).split())) from None
        self._testee.timeout = self._limits.patience
        self._watch.begin(self._testee.pid or 0)
        return description

    def _unusable(self, why: str) -> TargetError:
        if "cannot start" in why:
            return NotFound(f"{self.name}: {why}")
        hint = "see the text testee (hjp-spec) for what it has to answer to describe"
        return TargetError(f"{self.name} is no testee: {why}; {hint}")

    def _encoded(self, metadata: Any, payload: bytes) -> bytes:
        text = json.dumps(metadata, ensure_ascii=False)
        try:
            encoded = self._testee.encode(text, payload)
        except TesteeError as error:
            raise Unwritten(_refused(error).raised) from None
        if encoded.status != "ok":
            raise Unwritten(f"reject {encoded.code or ''}".strip())
        return encoded.octets


def _line(question: Question) -> bytes:
    chunks = question.chunks
    if question.canary:
        chunks.append(question.canary)
    return decode_line(chunks)


def _answer(question: Question, line: bytes) -> Answer:
    try:
        return told(decoded(line), len(question.stream), bool(question.canary))
    except TesteeError as error:
        return _refused(error)


_ENDINGS = (
    (re.compile(r"crash: it was ended by (SIG\w+)"), "signal {}"),
    (re.compile(r"crash: it ended with exit status (\d+)"), "exit {}"),
    (re.compile(r"\w+: ([^:;]*)"), "{}"),
)
"""How a testee was lost, without what changes from run to run; the last fits always."""


def _lost(error: TesteeError) -> Lost:
    """Say what became of a testee."""
    if error.kind == "hang":
        return Lost("hang", "none", str(error).removeprefix("hang: "))
    check: Fate = "garbage" if error.kind == "garbage" else "crash"
    says = str(error)
    found, got = next(
        (found, got) for pattern, got in _ENDINGS if (found := pattern.match(says))
    )
    message = " ".join(says[found.end() :].split()).lstrip(":; ")
    return Lost(check, got.format(found[1]), message)


def _refused(error: TesteeError) -> Answer:
    """Return the answer of a testee that made no sense of a right question.

    Its codec has raised what the testee does not take for a refusal.  The name in
    front is the same for every such input, the rest may not be.

    Raises:
        Lost: it is something else than that.
    """
    if error.kind != "refused":
        raise _lost(error) from None
    message = str(error).removeprefix("refused: ")
    name = re.match(r"[\w.]*", message)
    raised = name[0] if name and name[0] else "error"
    return Answer("raised", raised=raised, place="the testee", message=message[:200])
