"""What targets make of one stream, so that they can be compared with each other.

A target that does what the specification says has its view, however it says so: what
is permitted in several ways (HJP-FRM-18) is no disagreement.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from hjp_fuzz.cases import Case
from hjp_fuzz.checks import Review
from hjp_fuzz.failures import Check, Failure, said
from hjp_fuzz.targets import Answer, Fate, Limits, Lost, Question, Served, Target, Told
from hjp_fuzz.workers import Slot, Worker, received
from hjp_spec.oracle import Outcome, decode


@dataclass(frozen=True, slots=True)
class View:
    """What somebody makes of a stream.

    Attributes:
        says: the verdict, as it is shown.
        code: the code, where it is not the one of the specification.
        digest: of what else there is; empty if it is as the specification has it.
    """

    says: str
    code: str = ""
    digest: str = ""

    def differs(self, other: "View") -> bool:
        """Tell whether two views differ, codes apart."""
        return self.digest != other.digest

    def differs_in_code(self, other: "View") -> bool:
        """Tell whether both refuse, each with another code."""
        return self.digest == other.digest and self.code != other.code

    def __str__(self) -> str:
        return f"reject {self.code}" if self.code else self.says


def specified(outcome: Outcome) -> View:
    """Return the view of the specification."""
    return View(said(outcome))


def view(target: Target, stream: bytes, answer: Answer | Lost) -> View:
    """Return the view of a target, given its answer to the stream in one read."""
    if isinstance(answer, Lost):
        return _lost(answer)
    outcome = decode(stream)
    if isinstance(answer, Told):
        answer.read()
    review = Review(target, Case((), stream), outcome)
    failure = review.one(Question(stream), answer)
    if failure is None:
        return specified(outcome)
    if failure.check is Check.CODE:
        return View(said(outcome), code=failure.got.removeprefix("reject "))
    return View(failure.got, digest=_digest(answer, failure))


def _digest(answer: Answer, failure: Failure) -> str:
    content: Any = [answer.status, answer.raised]
    if isinstance(answer, Served):  # its words are its own, only the fault counts
        content.append(failure.got)
    else:
        content += [[metadata, payload.hex()] for metadata, payload in answer.frames]
    text = json.dumps(content, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


def views(target: Target, streams: Sequence[bytes]) -> Iterator[View]:
    """Yield what a target makes of each stream."""
    asked = [Question(stream) for stream in streams]
    for stream, answer in zip(streams, target.run_all(asked), strict=True):
        try:
            yield view(target, stream, answer)
        except Lost as lost:  # it was asked once more and gave no answer
            yield view(target, stream, lost)


class Viewer:
    """A target in a child, which is asked for its views.

    Args:
        target: whom to ask.
        limits: what an answer may cost.
    """

    def __init__(self, target: Target, limits: Limits) -> None:
        self.name = target.name
        self._target = target.within(limits)
        self._limits = limits
        self._worker: Worker | None = None
        self._streams: Sequence[bytes] = ()

    def ask(self, streams: Sequence[bytes]) -> None:
        """Give it some streams; go on without waiting."""
        if self._worker is None:
            self._worker = Worker(self._serve, self._target, self._limits)
        self._streams = streams
        self._worker.connection.send(streams)

    def answers(self) -> list[View]:
        """Return what it makes of them.

        Raises:
            TargetError: the target cannot be used.
        """
        found: list[View] = []
        while len(found) < len(self._streams):
            assert self._worker is not None, "it was asked"
            try:
                found.append(self._next(self._worker))
            except (EOFError, OSError):
                found.append(_gone("crash", self._worker.died()))
                self._again(len(found))
            except _Silent:
                found.append(_gone("hang", "none"))
                self._again(len(found))
        return found

    def _again(self, answered: int) -> None:
        """Ask another child about the streams that are left."""
        self.close()
        streams = self._streams
        self.ask(streams[answered:])
        self._streams = streams

    def close(self) -> None:
        """End the child."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def _next(self, worker: Worker) -> View:
        # A target apart is watched by itself.
        patience = None if self._target.apart else self._limits.patience
        if not wait([worker.connection, worker.process.sentinel], patience):
            raise _Silent
        _, content = received(worker)
        answer: View = content
        return answer

    def _serve(self, connection: Connection, slot: Slot) -> None:
        while True:
            for answer in views(self._target, connection.recv()):
                connection.send(("view", answer))


class _Silent(Exception):  # noqa: N818
    """No answer came in time."""


def _gone(check: Fate, got: str) -> View:
    return _lost(Lost(check, got))


def _lost(lost: Lost) -> View:
    return View(f"{lost.check} ({lost.got})", digest=lost.check)
