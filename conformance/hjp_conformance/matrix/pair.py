"""One cell: all cases of one client with one server, which is started for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import Any

from hjp_conformance.catalogue import Case
from hjp_conformance.judge import Judgement, bury, judge, weigh
from hjp_conformance.matrix.cases import cases as every_case
from hjp_conformance.matrix.culprit import culprit
from hjp_conformance.matrix.exchange import MODE
from hjp_conformance.matrix.parties import ClientParty, ServerParty
from hjp_conformance.matrix.relay import Relay
from hjp_conformance.matrix.visitor import Party, Visitor, told
from hjp_conformance.modes import target_of
from hjp_conformance.patience import Patience
from hjp_conformance.reports.shape import CaseReport, RunReport
from hjp_conformance.reports.write import case_report, run_report
from hjp_conformance.run import Run
from hjp_conformance.servers import Server
from hjp_conformance.settings import Settings
from hjp_conformance.transcript import Transcript
from hjp_conformance.verdicts import TargetGoneError, Verdict

_KEPT_FILE = 4_096
_KEPT_LINE = 400


@dataclass(slots=True)
class Pair:
    """A client and a server.

    Attributes:
        client: who asks.
        server: who answers.
        arguments: those of `hjp-conformance` that name the pair again.
        tier: which cases were asked for.
    """

    client: ClientParty
    server: ServerParty
    arguments: str
    tier: str

    @property
    def name(self) -> str:
        """Both, for people."""
        return f"{self.client.name} → {self.server.name}"


def test(
    pair: Pair, cases: Sequence[Case], over: Event, gone: dict[str, str]
) -> RunReport:
    """Start the server, let the client do all cases, tell.

    Args:
        pair: who takes part.
        cases: what they do.
        over: is set where the rest of the cases is not wanted any more.
        gone: why servers cannot be had, by their names; is added to, since waiting for
            one of them again would only take as long again.
    """
    deadline = max(pair.client.deadline, pair.server.settings.deadline)
    settings = Settings(MODE, deadline=deadline, tier=pair.tier)
    run = Run(settings, selected=len(cases), total=len(every_case()))
    try:
        _Meeting(pair, run, _had(pair.server, run, gone)).go_through(cases, over)
    except TargetGoneError as error:
        run.gone = run.stopped = str(error)
    finally:
        if run.target is not None:
            run.target.stop()
    run.interrupted = over.is_set()
    return _report(pair, run)


def _had(party: ServerParty, run: Run, gone: dict[str, str]) -> Server:
    """The server, which runs and speaks HJP."""
    if party.name in gone:
        raise TargetGoneError(gone[party.name])
    try:
        run.target = target = target_of(party.settings)
        run.facts = target.meet(run.patience)
    except TargetGoneError as error:
        gone[party.name] = f"server {party.name}: {error}"
        raise TargetGoneError(gone[party.name]) from None
    assert isinstance(target, Server), "its settings are those of a server"
    return target


def _report(pair: Pair, run: Run) -> RunReport:
    found = run_report(run, run.status())
    found["target"] |= {"arguments": pair.arguments, "name": pair.name}
    found["pair"] = {"client": pair.client.name, "server": pair.server.name}
    return found


@dataclass(slots=True)
class _Meeting:
    """A client at a server that runs."""

    pair: Pair
    run: Run
    server: Server

    def go_through(self, cases: Sequence[Case], over: Event) -> None:
        """All cases, one after the other, as long as there is a server."""
        for case in cases:
            if over.is_set() or self.run.stopped is not None:
                break
            bury(self.run)
            began = monotonic()
            self.run.take(self.run.news)
            self.run.take([self._tried(case, began)])
            self.run.news.clear()
        bury(self.run)
        self.run.take(self.run.news)

    def _tried(self, case: Case, began: float) -> CaseReport:
        error, visitor = self._played(case, self.server.url, self.run.patience)
        seconds = monotonic() - began
        judgement, transcripts = judge(self.run, case, error), [Transcript()]
        weigh(self.run, judgement[0], seconds)
        if judgement[0] is Verdict.FAIL and visitor is not None:
            judgement, transcripts = self._examined(case, judgement)
        for one in transcripts:
            one.accepted = told(case.code.outcomes(self.run.facts.max_payload))
        return case_report(case, *judgement, seconds, transcripts, _Told.of(visitor))

    def _played(
        self, case: Case, url: str, patience: Patience
    ) -> tuple[Exception | None, Visitor | None]:
        """How the exchange ended, and the client of which there is something to tell."""
        with Party(self.pair.client.command, url, case.id, patience) as party:
            try:
                party.play(case.code, self.run.facts.max_payload)
            except TargetGoneError:
                raise
            except Exception as error:  # what is none of ours is a fault of the suite
                return error, party.visitors[0] if party.visitors else None
            return None, None

    def _examined(
        self, case: Case, judgement: Judgement
    ) -> tuple[Judgement, list[Transcript]]:
        """The same once more with a recorder in between: what was wrong, and whose."""
        verdict, message, broken = judgement
        with Relay(self.server.address) as relay:
            error, _ = self._played(
                case, relay.url, Patience(self.run.patience.seconds)
            )
        transcripts = [one.transcript for one in relay.recordings]
        if error is None:
            message += "\na second run was recorded, and went right"
            return (verdict, message, broken), transcripts
        if len(transcripts) != 1:  # whose of several connections it was is not known
            return judgement, transcripts
        found = culprit(relay.recordings[0])
        transcripts[0].wrong = found.wrong
        message += (
            f"\na second run was recorded: the {found.who} is wrong: {found.message}"
        )
        return (
            verdict,
            message,
            (found.requirement,) if found.requirement else broken,
        ), transcripts


@dataclass(frozen=True, slots=True)
class _Told:
    """What a client was told and has told, cut to what a report has room for."""

    words: list[str]
    files: dict[str, bytes]
    lines: list[str]
    status: int | None

    @classmethod
    def of(cls, visitor: Visitor | None) -> Any:
        if visitor is None:
            return None
        short = {
            name: one for name, one in visitor.files.items() if len(one) <= _KEPT_FILE
        }
        lines = [
            line if len(line) <= _KEPT_LINE else f"{line[:_KEPT_LINE]} …"
            for line in visitor.lines
        ]
        return cls(visitor.words, short, lines, visitor.status)
