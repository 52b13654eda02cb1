"""The report for programs."""

import json
from pathlib import Path
from typing import Any

from hjp_conformance.run import Result, Run
from hjp_conformance.transcript import Transcript, Way
from hjp_conformance.verdicts import NAMES, Exit, Verdict

FORMAT = 1
"""Grows when a member changes its meaning."""


def write(path: Path, run: Run, status: Exit) -> None:
    """Write what the run found.

    Raises:
        OSError: the file cannot be written.
    """
    path.write_text(json.dumps(report(run, status), indent=1) + "\n", encoding="utf-8")


def report(run: Run, status: Exit) -> dict[str, Any]:
    """What the run found, as JSON values."""
    facts = run.facts
    return {
        "format": FORMAT,
        "mode": "server",
        "verdict": NAMES[status],
        "exit": int(status),
        "target": {
            "arguments": run.target.arguments if run.target else None,
            "server": facts.server,
            "features": list(facts.features),
            "max_payload": facts.max_payload,
        },
        "strict": run.strict,
        "complete": len({one.case.id for one in run.results}) == len(run.cases),
        "stopped": run.stopped,
        "trouble": run.trouble,
        "counts": {str(verdict): run.count(verdict) for verdict in Verdict},
        "cases": [_case(result) for result in run.results],
    }


def _case(result: Result) -> dict[str, Any]:
    case = result.case
    told: dict[str, Any] = {
        "id": case.id,
        "title": case.title,
        "requirements": list(case.requirements),
        "level": case.level,
        "verdict": str(result.verdict),
        "seconds": round(result.seconds, 6),
    }
    if result.message:
        told["message"] = result.message
    if result.broken:
        told["broken"] = list(result.broken)
        told["connections"] = [_connection(one) for one in result.transcripts]
    return told


def _connection(transcript: Transcript) -> dict[str, Any]:
    return {
        "accepted": transcript.accepted,
        **{str(way): bytes(transcript.octets[way]).hex() for way in Way},
        **{f"{way}_octets": transcript.totals[way] for way in Way},
        "notes": transcript.notes,
    }
