"""From a run to its report as JSON values, and to the file that programs read."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from time import monotonic
from typing import Literal, Protocol

from hjp_conformance.catalogue import AREAS, Case
from hjp_conformance.reports import shape, summary
from hjp_conformance.reports.shape import (
    FORMAT,
    CaseReport,
    Conversation,
    Report,
    RequirementReport,
    RunReport,
    TargetReport,
)
from hjp_conformance.run import Run
from hjp_conformance.transcript import Step, Transcript, Way
from hjp_conformance.verdicts import Exit, Verdict, word, worst
from hjp_spec.requirements import REQUIREMENTS

_UNTOLD = (Verdict.PASS, Verdict.SKIP)


class OfClient(Protocol):
    """What a client was told, and what it told."""

    words: list[str]
    files: dict[str, bytes]

    @property
    def lines(self) -> list[str]:
        """What it has printed so far."""

    @property
    def status(self) -> int | None:
        """Its exit status; None where it was ended."""


def case_report(
    case: Case,
    verdict: Verdict,
    message: str,
    broken: Sequence[str],
    seconds: float,
    transcripts: Iterable[Transcript],
    of_client: OfClient | None = None,
) -> CaseReport:
    """How a case ended, with what went over the wire where something was wrong."""
    told: CaseReport = {
        "id": case.id,
        "title": case.title,
        "requirements": list(case.requirements),
        "level": case.level,
        "area": case.area,
        "feature": case.feature,
        "verdict": str(verdict),
        "seconds": round(seconds, 6),
    }
    if message:
        told["message"] = message
    if broken:
        told["broken"] = list(broken)
    if verdict in _UNTOLD:
        return told
    if of_client is not None:
        told["arguments"] = of_client.words
        told["files"] = {name: one.hex() for name, one in of_client.files.items()}
        told["printed"] = of_client.lines
        told["status"] = of_client.status
    used = [one for one in transcripts if one.steps or one.asked is not None]
    with_turns = len(used) > 1
    told["conversations"] = [_conversation(one, with_turns) for one in used]
    return told


def _conversation(transcript: Transcript, with_turns: bool) -> Conversation:
    told: Conversation = {
        "accepted": transcript.accepted,
        "steps": [_step(step, with_turns) for step in transcript.steps],
        "notes": transcript.notes,
    }
    if transcript.asked is not None:
        told["asked"] = transcript.asked
    if transcript.answered is not None:
        told["answered"] = transcript.answered
    if not transcript.is_answer_kept:
        told["answered"] = None
    if transcript.wrong is not None:
        way, offset = transcript.wrong
        told["wrong"] = {"way": _way(way), "offset": offset}
    return told


def _step(step: Step, with_turn: bool) -> shape.Step:
    told: shape.Step = {
        "way": _way(step.way),
        "hex": step.kept.hex(),
        "octets": step.total,
    }
    if step.then is not None:
        told["then"] = step.then
    if step.input:
        told["input"] = step.input
    if with_turn:
        told["turn"] = step.turn
    return told


def _way(way: Way) -> Literal["sent", "received"]:
    return "sent" if way is Way.SENT else "received"


def run_report(run: Run, status: Exit) -> RunReport:
    """What a run found."""
    settings = run.settings
    told: RunReport = {
        "mode": settings.mode,
        "verdict": verdict_of(run, status),
        "exit": int(status),
        "target": _target(run),
        "tier": settings.tier,
        "strict": settings.strict,
        "options": settings.options,
        "shuffle": settings.shuffle,
        "seconds": round(monotonic() - run.began, 3),
        "complete": 0 < run.selected == len(run.results),
        "stopped": run.stopped or run.gone,
        "trouble": run.trouble,
        "dead": run.dead,
        "counts": {str(verdict): run.count(verdict) for verdict in Verdict},
        "cases": list(run.results.values()),
    }
    return told | {"total": run.total} if run.total else told


def verdict_of(run: Run, status: Exit) -> str:
    """What a run came to, in words."""
    known = run.count(Verdict.KNOWN)
    return word(status, ran=len(run.results), total=run.total, known=known)


def _target(run: Run) -> TargetReport:
    facts = run.facts
    return {
        "arguments": run.target.arguments if run.target else run.settings.mode,
        "name": facts.name,
        "features": list(facts.features),
        "max_payload": facts.max_payload,
    }


def report(runs: Sequence[RunReport], least: Exit = Exit.CONFORMANT) -> Report:
    """What the command found.

    Args:
        runs: one for each mode and time.
        least: the status where none of the runs has a worse one.
    """
    cited = {
        id_
        for run in runs
        for case in run["cases"]
        for id_ in (*case["requirements"], *case.get("broken", ()))
    }
    status = worst([least, *(Exit(run["exit"]) for run in runs)])
    return {
        "format": FORMAT,
        "suite": version("hjp"),
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "verdict": _verdict(runs, status),
        "exit": int(status),
        "areas": AREAS,
        "requirements": {
            id_: told for id_, told in _requirements().items() if id_ in cited
        },
        "runs": list(runs),
    }


def _verdict(runs: Sequence[RunReport], status: Exit) -> str:
    ran, total = summary.extent(runs)
    known = sum(run["counts"][Verdict.KNOWN] for run in runs)
    return word(status, ran=ran, total=total, known=known)


@cache
def _requirements() -> dict[str, RequirementReport]:
    return {
        one.id: {
            "level": one.level,
            "actor": one.actor,
            "sentence": one.sentence,
            "document": one.document,
            "section": one.section,
        }
        for one in REQUIREMENTS.values()
        if not one.withdrawn
    }


def to_json(told: Report) -> str:
    """The report for programs."""
    return json.dumps(told, indent=1) + "\n"
