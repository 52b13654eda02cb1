"""What is checked of a parser of somebody else's format.

A subset of the checks of `hjp_fuzz.checks`: what can be said of any such format.  A
failure cites a rule of the format, or the check itself where no rule is concerned.
"""

from collections.abc import Sequence

from hjp_fuzz.cases import Case, Cuts, pieces
from hjp_fuzz.equality import equal
from hjp_fuzz.failures import NO_FAULT, Check, Failure
from hjp_fuzz.formats.format import Format, Verdict
from hjp_fuzz.formats.schema import UNDECIDED
from hjp_fuzz.targets import Answer, Lost, Pair, Target

_FOLLOWS = ("incomplete", "reject")
_NO_FRAME = "a frame"


def judge(
    target: Target, case: Case, dialect: Format, verdict: Verdict
) -> Failure | None:
    """Run a case in every way and return the first check that fails."""
    review = _Review(target, case, dialect, verdict)
    cuts: Cuts = ()
    try:
        whole = target.run((case.stream,))
        failure = review.judged(whole)
        if failure is not None or not target.divides:
            return failure
        for cuts in filter(None, case.cuttings):
            divided = target.run(pieces(case.stream, cuts))
            failure = review.judged(divided, cuts)
            if failure is not None or not _alike(whole, divided):
                return _split(divided, failure, cuts)
    except Lost as how:
        return lost(how, cuts, verdict)
    return None


def lost(how: Lost, cuts: Sequence[int], verdict: Verdict) -> Failure:
    """Return the failure of a target that gave no answer."""
    check = Check(how.check)
    return Failure(
        check,
        verdict.rule or check,
        "an answer",
        how.got,
        error=how.got,
        message=how.message,
        cuts=tuple(cuts),
        aimed=True,
    )


def _split(answer: Answer, failure: Failure | None, cuts: Cuts) -> Failure:
    got = failure.got if failure else answer.raised or answer.status
    expected = "the same as of one read"
    return Failure(Check.SPLIT, Check.SPLIT, expected, got, cuts=cuts)


def _alike(one: Answer, other: Answer) -> bool:
    """Tell whether a division changes nothing, as far as that can be seen.

    Of what was read before a refusal, a call need not give all.
    """
    if (one.status, one.raised) != (other.status, other.raised):
        return False
    surely = not (one.stopped or other.stopped)
    if surely and len(one.frames) != len(other.frames):
        return False
    # What is equal in Python may be nothing that JSON can say.
    pairs = zip(one.frames, other.frames, strict=False)
    return all(left == right or _same(left, right) for left, right in pairs)


def _same(expected: Pair, got: Pair) -> bool:
    return expected[1] == got[1] and equal(expected[0], got[0])


class _Review:
    """The checks of what came of one stream."""

    __slots__ = ("case", "dialect", "target", "verdict")

    def __init__(
        self, target: Target, case: Case, dialect: Format, verdict: Verdict
    ) -> None:
        self.target = target
        self.case = case
        self.dialect = dialect
        self.verdict = verdict

    def judged(self, answer: Answer, cuts: Cuts = ()) -> Failure | None:
        """Look for the first difference in the order of the stream."""
        return (
            self._escaped(answer)
            or self._other_frame(answer)
            or self._missing(answer, cuts)
            or self._other_status(answer)
        )

    def _escaped(self, answer: Answer) -> Failure | None:
        if answer.status != "raised":
            return None
        rule = self.verdict.rule or Check.DECLARED
        where = f"{answer.raised} at {answer.place}"
        return Failure(
            Check.DECLARED,
            rule,
            self._expected(),
            answer.raised,
            where,
            answer.message,
            aimed=True,
        )

    def _other_frame(self, answer: Answer) -> Failure | None:
        for right, pair in zip(self.verdict.frames, answer.frames, strict=False):
            if not _same(right, pair):
                what = "metadata" if right[1] == pair[1] else "payload"
                rule = self.dialect.read_by(what)
                expected = f"the {what} of the frame"
                return self._failure(Check.FRAMES, rule, f"another {what}", expected)
        return None

    def _missing(self, answer: Answer, cuts: Cuts) -> Failure | None:
        """Look for right frames that were not given."""
        frames = len(self.verdict.frames)
        if len(answer.frames) < frames and answer.known < self.verdict.consumed:
            # A call that raised in the end had no way to give what it read before.
            right = self.case.stream[: self.verdict.consumed]
            inside = tuple(cut for cut in cuts if cut < len(right))
            answer = self.target.run(pieces(right, inside))
            if failure := self._escaped(answer) or self._other_frame(answer):
                return failure
        if len(answer.frames) < frames:
            return self._failure(Check.STATUS, "", self._said(answer), NO_FAULT)
        return None

    def _other_status(self, answer: Answer) -> Failure | None:
        if self.verdict.status == UNDECIDED:
            return None
        got, more = self._said(answer), len(answer.frames) > len(self.verdict.frames)
        if more and self.verdict.status == "accept":
            return self._failure(Check.FRAMES, "", "a frame that is none", _NO_FRAME)
        if got == self._expected() and not more:
            return None
        got = NO_FAULT if more or got == "accept" else got
        return self._failure(Check.STATUS, self.verdict.rule, got, self._expected())

    def _said(self, answer: Answer) -> str:
        """Return the status, an end being a fault where that is not told apart."""
        return self._as_told(answer.status)

    def _expected(self) -> str:
        return self._as_told(self.verdict.status)

    def _as_told(self, status: str) -> str:
        return "reject" if status in _FOLLOWS and not self.dialect.ends else status

    def _failure(self, check: Check, rule: str, got: str, expected: str) -> Failure:
        return Failure(check, rule or check, expected, got)
