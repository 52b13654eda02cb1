"""From a run to its report as JSON values, and to the file that programs read."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from time import monotonic
from typing import Literal

from hjp_conformance.catalogue import AREAS, Case
from hjp_conformance.reports.shape import (
    CaseReport,
    Conversation,
    Report,
    RequirementReport,
    RunReport,
    Step,
    TargetReport,
)
from hjp_conformance.run import Run
from hjp_conformance.transcript import Transcript, Way
from hjp_conformance.verdicts import NAMES, Exit, Verdict, worst
from hjp_spec.requirements import REQUIREMENTS

FORMAT = 1
"""Grows when a member changes its meaning."""

_UNTOLD = (Verdict.PASS, Verdict.SKIP)


def case_report(
    case: Case,
    verdict: Verdict,
    message: str,
    broken: Sequence[str],
    seconds: float,
    transcripts: Iterable[Transcript],
    arguments: list[str] | None = None,
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
    if arguments is not None:
        told["arguments"] = arguments
    if verdict not in _UNTOLD:
        told["conversations"] = [_conversation(one) for one in transcripts]
    return told


def _conversation(transcript: Transcript) -> Conversation:
    told: Conversation = {
        "accepted": transcript.accepted,
        "steps": [
            Step(way=_way(step.way), hex=step.kept.hex(), octets=step.total)
            for step in transcript.steps
        ],
        "notes": transcript.notes,
    }
    if transcript.wrong is not None:
        way, offset = transcript.wrong
        told["wrong"] = {"way": _way(way), "offset": offset}
    return told


def _way(way: Way) -> Literal["sent", "received"]:
    return "sent" if way is Way.SENT else "received"


def run_report(run: Run, status: Exit) -> RunReport:
    """What a run found."""
    settings = run.settings
    return {
        "mode": settings.mode,
        "verdict": NAMES[status],
        "exit": int(status),
        "target": _target(run),
        "tier": settings.tier,
        "strict": settings.strict,
        "shuffle": settings.shuffle,
        "seconds": round(monotonic() - run.began, 3),
        "complete": len(run.results) == run.selected,
        "stopped": run.stopped,
        "trouble": run.trouble,
        "dead": run.dead,
        "counts": {str(verdict): run.count(verdict) for verdict in Verdict},
        "cases": list(run.results.values()),
    }


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
        "verdict": NAMES[status],
        "exit": int(status),
        "areas": AREAS,
        "requirements": {
            id_: told for id_, told in _requirements().items() if id_ in cited
        },
        "runs": list(runs),
    }


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
