"""What is checked of a parser, and against what: the schema of the specification.

Each check has an id, which a finding carries.  The checks run in the order of
`CHECKS`, and the first that fails is the finding: what fails after it is mostly a
consequence.
"""

import marshal
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hjp_fuzz.cases import Case, Cuts, pieces
from hjp_fuzz.dialect import HJP
from hjp_fuzz.equality import equal
from hjp_fuzz.expected import decode
from hjp_fuzz.failures import NO_FAULT, Check, Failure, failed, lost, said
from hjp_fuzz.serving import Service
from hjp_fuzz.targets import (
    Answer,
    Encode,
    Lost,
    Pair,
    Question,
    Served,
    Target,
    Told,
    Unwritten,
    place,
    type_name,
)
from hjp_spec.oracle import Frame, Outcome, Status, encode

__all__ = [
    "CANARY",
    "Check",
    "Failure",
    "Review",
    "equal",
    "glance",
    "judge",
    "judge_outcome",
]

CANARY = encode(b'{"id":9007199254740991,"op":"x-canary"}', b"tweet")
"""A frame that is fed after the input: read after a valid one, else never."""
_CANARY_FRAME = decode(CANARY).frames[0]
_ENCODED_UP_TO = 1024


def judge(target: Target, case: Case) -> Failure | None:
    """Run a case in every way and return the first check that fails."""
    return judge_outcome(target, case, decode(case.stream))


def judge_outcome(target: Target, case: Case, outcome: Outcome) -> Failure | None:
    """Do as `judge` does, the outcome by the specification being known."""
    review = Review(target, case, outcome)
    try:
        return review.whole() or review.divided() or review.encoded()
    except Lost as how:
        return lost(how, case)


def glance(target: Target, case: Case, outcome: Outcome) -> Failure | None:
    """Do as `judge_outcome` does, in a single run as long as nothing fails in that.

    A stream without cuts is tried as it is, any other one divided and with a canary
    behind it: to try each in both ways would find little more in twice the time.
    """
    review = Review(target, case, outcome)
    try:
        failure = review.once()
    except Lost as how:
        return lost(how, case)
    return failure and (judge_outcome(target, case, outcome) or failure)


def _same_frame(frame: Frame, pair: Pair) -> bool:
    if pair[1] != frame.payload:
        return False
    # Most targets read the very same values: one look in C saves a walk in Python.
    return _alike(frame.metadata, pair[0]) or equal(frame.metadata, pair[0])


def _alike(expected: Any, got: Any) -> bool:
    try:
        return marshal.dumps(got, 2) == marshal.dumps(expected, 2)
    except ValueError:
        return False


class Review:
    """The checks of one case."""

    __slots__ = ("case", "outcome", "rejected", "target")

    def __init__(self, target: Target, case: Case, outcome: Outcome) -> None:
        self.target = target
        self.case = case
        self.outcome = outcome
        self.rejected = outcome.status is Status.REJECT

    @property
    def canary(self) -> bytes:
        """What is fed after the stream: nothing where that would complete a frame."""
        return b"" if self.outcome.status is Status.INCOMPLETE else CANARY

    def one(self, question: Question, answer: Answer) -> Failure | None:
        """Check the answer to one question, which may have been asked before.

        Raises:
            Lost: the target was asked again and gave no answer.
        """
        answer = self._completed(answer, question.canary)
        if not question.cuts and not question.canary:
            return self._seen(answer)
        if not self.target.divides:
            return self._behind(answer)
        failure = self._divided(answer, question.cuts, bool(question.canary))
        return failure and replace(failure, cuts=question.cuts)

    def once(self) -> Failure | None:
        """Check what one run tells, and rewrite the frames of one that is undivided.

        Raises:
            Lost: there is no answer.
        """
        if any(self.case.cuttings):
            return self.divided()
        return self.whole() or self.encoded()

    def whole(self) -> Failure | None:
        """Check the input taken as one read."""
        return self._seen(self._run((self.case.stream,)))

    def divided(self) -> Failure | None:
        """Check the input in reads, then a canary."""
        canary = self.canary
        if not self.target.divides:
            behind = self._run((self.case.stream,), canary) if canary else None
            return self._behind(behind) if behind else None
        for cuts in self.case.cuttings or ((),):
            try:
                answer = self._run(pieces(self.case.stream, cuts), canary)
                failure = self._divided(answer, cuts, bool(canary))
            except Lost as how:
                return lost(how, self.case, cuts)
            if failure is not None:
                return replace(failure, cuts=cuts)
        return None

    def encoded(self) -> Failure | None:
        """Check that what was read is written as it was, if it can be written."""
        write = self.target.encode
        if write is None:
            return None
        for frame in self.outcome.frames:
            if len(frame.json) <= _ENCODED_UP_TO:
                failure = _rewritten(write, frame)
                if failure is not None:
                    return failure
        return None

    def _run(self, chunks: Sequence[bytes], canary: bytes = b"") -> Answer:
        return self._completed(self.target.run(chunks, canary), canary)

    def _completed(self, answer: Answer, canary: bytes) -> Answer:
        """Let a target that tells no frames tell those that it has to."""
        if answer.told:
            return answer
        frames = decode(self.case.stream + canary).frames
        told = [(frame.metadata, frame.payload) for frame in frames]
        return replace(answer, frames=told, known=len(self.case.stream))

    def _seen(
        self, answer: Answer, canary: bytes = b"", cuts: Cuts = ()
    ) -> Failure | None:
        if isinstance(answer, Served):
            service = Service(self.case, self.case.stream + canary)
            return service.judged(answer.octets, answer.reset)
        failure = self._answered(answer, cuts)
        if failure is None and isinstance(answer, Told):
            return self._retold(answer)
        return failure

    def _retold(self, answer: Told) -> Failure | None:
        """Check what only a testee tells: the very texts, and the octets of them."""
        texts = [frame.json.decode() for frame in self.outcome.frames]
        got = [text for text, _ in answer.decoded.frames]
        if got[: len(texts)] != texts:
            got_ = "another JSON text"
            return self._failure(Check.FRAMES, got_, "HJP-TST-15", "the text as it is")
        if not answer.canary and answer.decoded.consumed != self.outcome.consumed:
            got_, expected = f"consumed {answer.decoded.consumed}", "the octets of them"
            return self._failure(Check.FRAMES, got_, "HJP-TST-15", expected)
        return None

    def _answered(self, answer: Answer, cuts: Cuts) -> Failure | None:
        """Look for the first difference in the order of the stream."""
        got, expected = len(answer.frames), len(self.outcome.frames)
        failure = self._other_frame(answer)
        if failure is not None:
            return failure
        if self.rejected and got > expected:
            # Whatever came after it, the frame that had to be refused was accepted.
            return self._failure(Check.STATUS, NO_FAULT, self.outcome.requirement)
        if got < expected:
            if got < self._due(answer.known):
                return self._stopped_early(answer)
            failure = self._unseen(answer, cuts)
            if failure is not None:
                return failure
        if answer.status == "raised":
            return self._escaped(answer, self.outcome.requirement)
        if not self.outcome.permits(answer.status, answer.code or None):
            if not self.outcome.permits(answer.status, None):
                return self._wrong_status(answer)
            return self._failure(Check.CODE, _said(answer), self.outcome.requirement)
        if got > expected:
            return self._failure(Check.FRAMES, "a frame that is none", "HJP-FRM-15")
        return None

    def _other_frame(self, answer: Answer) -> Failure | None:
        frames = zip(self.outcome.frames, answer.frames, strict=False)
        for at, (frame, pair) in enumerate(frames):
            if not _same_frame(frame, pair):
                what, requirement = _difference(frame.payload, pair[1])
                expected = f"the {what} of the frame"
                return self._failure(
                    Check.FRAMES, f"another {what}", requirement, expected, at
                )
        return None

    def _unseen(self, got: Answer, cuts: Cuts) -> Failure | None:
        """Check the right frames alone, which a call read that raised in the end.

        A call that raises need not give them; but a parser that gives them before it
        raises, undivided, has to do so in every division.
        """
        right = self.case.stream[: self.outcome.consumed]
        inside = tuple(cut for cut in cuts if cut < len(right))
        answer = self._run(pieces(right, inside))
        failure = self._other_frame(answer)
        if failure is None and len(answer.frames) < len(self.outcome.frames):
            return self._stopped_early(answer)
        if failure is None and cuts:
            whole = self._run((self.case.stream,))
            if len(whole.frames) > len(got.frames):
                return self._failure(Check.STATUS, "fewer frames", None, NO_FAULT)
        return failure

    def _stopped_early(self, answer: Answer) -> Failure:
        """Tell of a frame that is right and was not read."""
        at = len(answer.frames)
        if answer.status == "raised":
            return self._escaped(answer, None)
        requirement = _NOT_READ.get(answer.status)
        return self._failure(Check.STATUS, _said(answer), requirement, NO_FAULT, at)

    def _escaped(self, answer: Answer, requirement: str | None) -> Failure:
        at, expected = len(answer.frames), NO_FAULT if requirement is None else ""
        failure = self._failure(
            Check.DECLARED, answer.raised, requirement, expected, at
        )
        where = f"{answer.raised} at {answer.place}"
        return replace(failure, error=where, message=answer.message)

    def _wrong_status(self, answer: Answer) -> Failure:
        got, at = _said(answer), len(answer.frames)
        requirement = self.outcome.requirement
        if requirement is None:
            expected = NO_FAULT if answer.status == "reject" else ""
            requirement = _WRONG_END.get(answer.status)
            return self._failure(Check.STATUS, got, requirement, expected, at)
        if answer.status == "incomplete" and self._knows_later():
            requirement = _IN_TIME.get(requirement, "HJP-MET-14")
            return self._failure(Check.STATUS, got, requirement)
        return self._failure(Check.STATUS, NO_FAULT, requirement)

    def _knows_later(self) -> bool:
        """Tell whether the target refuses the frame once all of it is there."""
        rest = self.case.stream[self.outcome.consumed :]
        missing = bytes(min(_MOST_MISSING, HJP.missing(rest)))
        answer = self.target.run((self.case.stream + missing,))
        return answer.status == "reject" and self._other_frame(answer) is None

    def _due(self, known: int) -> int:
        """Return how many frames have to be there after so many octets."""
        frames = self.outcome.frames
        if known >= self.outcome.consumed:
            return len(frames)
        end, count = 0, 0
        for frame in frames:
            end += frame.size
            count += end <= known
        return count

    def _divided(self, answer: Answer, cuts: Cuts, canary: bool) -> Failure | None:
        failure = self._seen(answer, CANARY if canary else b"", cuts)
        if failure is not None:
            return self._because_divided(failure, cuts, canary)
        if self.rejected and answer.later:
            return self._after_reject(Check.FINAL)
        if self.rejected and answer.canary:
            return self._after_reject(Check.CANARY)
        if self.target.serves:
            return None  # the reply to the canary was among the others
        if canary and not self.rejected and not _is_canary(answer.canary):
            return self._no_canary("no canary")
        return None

    def _because_divided(self, failure: Failure, cuts: Cuts, canary: bool) -> Failure:
        """Tell a fault of the division from one that the canary brought out."""
        if failure.check in _NOT_OF_A_DIVISION:
            return failure
        if canary:
            without = self._run(pieces(self.case.stream, cuts))
            if self._seen(without, cuts=cuts) is None:
                return self._no_canary(failure.got)
        return self._failure(
            Check.SPLIT, failure.got, "HJP-FRM-14", "the same as of one read"
        )

    def _behind(self, answer: Answer) -> Failure | None:
        """Check a target that takes the canary with the input."""
        if answer.status == "raised":
            return self._escaped(answer, self.outcome.requirement)
        frames = len(self.outcome.frames)
        if self.rejected:
            good = answer.status == "reject" and len(answer.frames) <= frames
            return None if good else self._after_reject(Check.CANARY)
        if answer.status == "accept" and _is_canary(answer.frames[frames:]):
            return None
        return self._no_canary(_said(answer))

    def _no_canary(self, got: str) -> Failure:
        return self._failure(Check.CANARY, got, "HJP-FRM-15", "the canary is read")

    def _after_reject(self, check: Check) -> Failure:
        after_magic = self.outcome.requirement == "HJP-FRM-2"
        requirement = "HJP-FRM-3" if after_magic else "HJP-ERR-10"
        return self._failure(check, "frames after the reject", requirement, "nothing")

    def _failure(
        self,
        check: Check,
        got: str,
        requirement: str | None = None,
        expected: str = "",
        at: int = 0,
    ) -> Failure:
        """Write a failure down; see `failed`."""
        return failed(check, got, self.case, self.outcome, requirement, expected, at)


_NOT_OF_A_DIVISION = (Check.DECLARED, Check.GARBAGE, Check.FINAL)
_MOST_MISSING = 1 << 18
_NOT_READ = {"incomplete": "HJP-FRM-17", "accept": "HJP-FRM-15"}
_WRONG_END = {"incomplete": "HJP-FRM-17", "accept": "HJP-LIF-8"}
_IN_TIME = {
    **dict.fromkeys(("HJP-FRM-2", "HJP-FRM-4"), "HJP-FRM-5"),
    **dict.fromkeys(
        ("HJP-FRM-7", "HJP-FRM-8", "HJP-FRM-9", "HJP-FRM-10"), "HJP-FRM-11"
    ),
}
"""Which requirement tells when a fault has to be known; else HJP-MET-14 does."""


def _rewritten(write: Encode, frame: Frame) -> Failure | None:
    error = ""
    try:
        back = decode(bytes(write(frame.metadata, frame.payload)))
    except Lost:
        raise
    except Unwritten as unwritten:
        got = str(unwritten)
    except Exception as raised:
        got = type_name(raised)
        error = f"{got} at {place(raised)}"
    else:
        if back.status is Status.ACCEPT and len(back.frames) == 1:
            if _same_frame(frame, (back.frames[0].metadata, back.frames[0].payload)):
                return None
            got = "another frame"
        else:
            got = said(back)
    return Failure(Check.ENCODE, "HJP-FRM-19", "the frame", got, error)


def _is_canary(got: Sequence[Pair]) -> bool:
    return len(got) == 1 and _same_frame(_CANARY_FRAME, got[0])


def _difference(expected: bytes, got: bytes) -> tuple[str, str | None]:
    """Return which part of a frame is another one, and what that breaks."""
    if got == expected:
        return "metadata", None
    return "payload", "HJP-FRM-16" if expected else "HJP-FRM-13"


def _said(answer: Answer) -> str:
    return f"{answer.status} {answer.code}" if answer.code else answer.status
