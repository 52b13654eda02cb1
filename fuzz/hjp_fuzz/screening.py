"""Trying targets whose every answer costs a journey: few questions, many at once.

A stream is asked about once, whole or divided in turn, and only what looks wrong
is asked about as thoroughly as `checks` does it, which then also says what it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hjp_fuzz.cases import Case
from hjp_fuzz.checks import CANARY, Review, judge_outcome
from hjp_fuzz.failures import Failure, lost
from hjp_fuzz.targets import Answer, Lost, Question, Target, Told
from hjp_spec.oracle import Outcome, Status, decode

_WRITES_EVERY = 64
"""Every so often what was read is to be written as well; one by one, which is slow."""
_CANARY_FRAMES = decode(CANARY).frames


@dataclass(frozen=True, slots=True)
class Asked:
    """A case that is asked about, with what is known of it.

    Attributes:
        case: the case.
        outcome: what the specification makes of it.
        choices: of what it was made.
    """

    case: Case
    outcome: Outcome
    choices: list[int]


def tried(
    target: Target, batch: Sequence[Asked], turn: int
) -> Iterator[tuple[Asked, Failure | None]]:
    """Ask about some cases at once, and yield each with what is wrong with it.

    Args:
        target: who is asked.
        batch: the cases.
        turn: how many were before them.

    Raises:
        TargetError: the target cannot be used any more.
    """
    asked = [
        (at, question)
        for at, one in enumerate(batch)
        for question in questions(target, one.case, one.outcome, turn + at)
    ]
    failures: dict[int, Failure] = {}
    answers = target.run_all([question for _, question in asked])
    for (at, question), answer in zip(asked, answers, strict=True):
        if at not in failures:
            one = batch[at]
            failure = screened(target, one.case, one.outcome, question, answer)
            if failure is not None:
                failures[at] = failure
                yield one, failure
    for at, one in enumerate(batch):
        if at not in failures:
            yield one, writes(target, one.case, one.outcome, turn + at)


def questions(
    target: Target, case: Case, outcome: Outcome, turn: int
) -> list[Question]:
    """Return what is asked about a case.

    Args:
        target: who is asked.
        case: the case; of more than one division all are asked about, and the whole.
        outcome: what the specification makes of it.
        turn: how many cases were before it.
    """
    canary = Review(target, case, outcome).canary
    ways = case.cuttings if target.divides else ()
    whole = Question(case.stream)
    divided = [Question(case.stream, cuts, canary) for cuts in ways or ((),)]
    if len(ways) > 1:
        return [whole, *divided]
    return divided if in_reads(case, turn) else [whole]


def in_reads(case: Case, turn: int) -> bool:
    """Tell whether a case is asked about in the reads of its division."""
    return len(case.cuttings) > 1 or turn % 2 == 1


def screened(
    target: Target,
    case: Case,
    outcome: Outcome,
    question: Question,
    answer: Answer | Lost,
) -> Failure | None:
    """Look at an answer; where it is wrong, say what is.

    Returns:
        What `judge` says; if it says nothing, what was wrong with the answer, which
        then depends on what was asked before.  A target that was lost is not asked
        again here: whoever confirms the failure will do so.
    """
    if isinstance(answer, Lost):
        return lost(answer, case, question.cuts)
    if isinstance(answer, Told) and _is_right(answer, outcome, bool(question.canary)):
        return None
    if isinstance(answer, Told):
        answer.read()
    try:
        failure = Review(target, case, outcome).one(question, answer)
    except Lost as how:
        failure = lost(how, case, question.cuts)
    return failure and (judge_outcome(target, case, outcome) or failure)


def _is_right(told: Told, outcome: Outcome, canary: bool) -> bool:
    """Tell whether an answer is surely right, without reading any JSON text."""
    frames, consumed = outcome.frames, outcome.consumed
    if canary and outcome.status is Status.ACCEPT:
        frames, consumed = frames + _CANARY_FRAMES, consumed + len(CANARY)
    said = told.decoded
    return (
        outcome.permits(said.status, said.code)
        and said.consumed == consumed
        and said.frames == tuple([(f.json.decode(), f.payload) for f in frames])
    )


def writes(target: Target, case: Case, outcome: Outcome, turn: int) -> Failure | None:
    """Check, now and then, that what was read is written as it was."""
    if turn % _WRITES_EVERY or not outcome.frames:
        return None
    try:
        return Review(target, case, outcome).encoded()
    except Lost as how:
        return lost(how, case)
