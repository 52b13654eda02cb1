"""Cases about the testee itself: lines right and wrong, and the end of the input."""

import json
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from hjp_conformance.codec.case import Codec, CodecCase, Record
from hjp_conformance.verdicts import Crashed, Skipped, Violation
from hjp_spec import testee

_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Question:
    """A line for a testee, and what it answers.

    Attributes:
        line: the octets, with what ends the line.
        kind: the definition of its answer in the schema of replies: `decode`, … or
            `error`; a testee that does not offer `encode` answers that by `error`.
        members: those of the answer that are known, octets in lower-case digits.
    """

    line: bytes
    kind: str
    members: tuple[tuple[str, Any], ...] = ()

    def accepted(self) -> str:
        """The answer in words."""
        known = json.dumps(dict(self.members), ensure_ascii=False)
        return f"{self.kind}: {known}" if self.members else f"an answer to {self.kind}"

    def fault(self, answer: bytes, codec: Codec) -> str | None:
        """What is wrong with an answer."""
        try:
            found = testee.parsed(answer)
        except ValueError as error:
            raise Crashed(
                f"no line of JSON: {error}; it wrote {_cut(answer)}"
            ) from None
        kind = "error" if self.kind == "encode" and not codec.encodes else self.kind
        if testee.fault(found, kind) is not None:
            return f"to {_cut(self.line)} it answered {_cut(answer)}"
        for name, value in self.members if kind == self.kind else ():
            given = found.get(name)
            untold = name == "code" and given is None and not codec.codes
            if _lower(given) != value and not untold:
                return f"to {_cut(self.line)} it answered {_cut(answer)}"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesCase(CodecCase):
    """Lines for the running testee.

    Attributes:
        questions: the lines, in order.
        together: whether they are written at once; else each waits for the answer to
            the one before.
    """

    questions: tuple[Question, ...]
    together: bool = True

    @property
    def stimulus(self) -> bytes:
        """The lines."""
        return b"".join(question.line for question in self.questions)

    def check(self, codec: Codec, record: Record) -> None:
        """Write the lines and compare each answer as it comes."""
        _ask(self.questions, codec, record)
        batches = [self.questions]
        if not self.together:
            batches = [(question,) for question in self.questions]
        for batch in batches:
            lines = [question.line for question in batch]
            with closing(codec.converse(lines)) as answers:
                # One by one: an answer left out shows in the next one, not by waiting.
                for question, answer in zip(batch, answers, strict=True):
                    _judge(question, answer, codec, record, self.requirements[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCase(CodecCase):
    """Lines for a new process, then the end of its input.

    Attributes:
        questions: the lines, in order.
    """

    questions: tuple[Question, ...]

    @property
    def stimulus(self) -> bytes:
        """The lines."""
        return b"".join(question.line for question in self.questions)

    def check(self, codec: Codec, record: Record) -> None:
        """Run it to its end; compare the answers and the exit status."""
        _ask(self.questions, codec, record)
        record.accepted.append("exit status 0")
        written, status = codec.last_words(self.stimulus, len(self.questions))
        answers = _lines(written)
        record.said += [_cut(answer) for answer in answers]
        record.said.append(f"exit status {status}")
        if status:
            raise Violation(f"exit status {status}", "HJP-TST-5")
        if len(answers) != len(self.questions):
            what = f"{len(answers)} lines for {len(self.questions)}"
            raise Violation(what, "HJP-TST-1")
        for question, answer in zip(self.questions, answers, strict=True):
            fault = question.fault(answer, codec)
            if fault:
                raise Violation(fault, self.requirements[0])


def _ask(questions: tuple[Question, ...], codec: Codec, record: Record) -> None:
    record.asked = [_cut(question.line) for question in questions]
    record.accepted = [question.accepted() for question in questions]
    if not codec.lines:
        raise Skipped("the codec has no testee of its own")


def _judge(
    question: Question, answer: bytes, codec: Codec, record: Record, broken: str
) -> None:
    record.said.append(_cut(answer))
    fault = question.fault(answer, codec)
    if fault:
        raise Violation(fault, broken)


def _lines(written: bytes) -> list[bytes]:
    """Lines end with LF and with nothing else; the last one has to have it too."""
    *lines, rest = written.split(b"\n")
    if rest:
        raise Crashed(f"a line without an end: {_cut(rest)}")
    return lines


def _lower(value: Any) -> Any:
    """The value with the digits of octets in lower case; they may be in either."""
    if isinstance(value, list):
        return [_lower(one) for one in value]
    if isinstance(value, dict):
        digits = {name: value[name].lower() for name in ("payload",) if name in value}
        return value | digits
    return value


def _cut(line: bytes) -> str:
    text = line[:_SHOWN].decode(errors="backslashreplace").rstrip("\n")
    return f"{text}… ({len(line)} octets)" if len(line) > _SHOWN else text
