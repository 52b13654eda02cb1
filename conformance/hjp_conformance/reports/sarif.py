"""The report as SARIF 2.1.0, for platforms that keep what tools have found.

A rule is a requirement of the text, a result a case that somebody has to look into. A
known failure is a result that is suppressed, with its reason.
"""

import json
from typing import Any
from urllib.parse import quote

from hjp_conformance.reports import summary
from hjp_conformance.reports.cards import card, commands
from hjp_conformance.reports.octets import cited, plain
from hjp_conformance.reports.shape import (
    CaseReport,
    Report,
    RequirementReport,
    RunReport,
)

VERSION = "2.1.0"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_LEVELS = {"MUST": "error", "SHOULD": "warning", "MAY": "note"}
"""How bad a broken requirement is."""

_OF_VERDICTS = {
    "fail": "error",
    "crash": "error",
    "harness": "error",
    "inconclusive": "warning",
    "warn": "warning",
    "known": "note",
}
_CARD = 16_000
"""Characters of a card; platforms refuse files that are too long."""
_MESSAGE = 1_000
_UNDECIDED = ("inconclusive", "harness")


def sarif(report: Report) -> str:
    """One SARIF run with the results of all runs of the report."""
    whole = {"$schema": SCHEMA, "version": VERSION, "runs": [_run(report)]}
    return json.dumps(whole, indent=1) + "\n"


def _run(report: Report) -> dict[str, Any]:
    rules = {id_: place for place, id_ in enumerate(report["requirements"])}
    results = [
        _result(case, run, report, rules)
        for run in report["runs"]
        for case in sorted(run["cases"], key=lambda one: summary.rank(one["verdict"]))
        if case["verdict"] in _OF_VERDICTS
    ]
    driver = {
        "name": "hjp-conformance",
        "semanticVersion": report["suite"],
        "rules": [_rule(id_, one) for id_, one in report["requirements"].items()],
    }
    return {
        "tool": {"driver": driver},
        "invocations": [_invocation(report)],
        "results": results,
        "columnKind": "unicodeCodePoints",
        "properties": {"verdict": report["verdict"], "targets": _targets(report)},
    }


def _rule(id_: str, requirement: RequirementReport) -> dict[str, Any]:
    words = summary.words(requirement)
    plain_words = words.replace("`", "")
    level = requirement["level"].removesuffix(" NOT")
    return {
        "id": id_,
        "shortDescription": {"text": plain_words},
        "fullDescription": {"text": plain_words},
        "help": {"text": plain_words, "markdown": f"**{id_}.** {words}"},
        "defaultConfiguration": {"level": _LEVELS[level]},
        "properties": {
            "tags": [
                requirement["level"],
                requirement["actor"],
                requirement["document"],
            ],
            "section": requirement["section"],
        },
    }


def _invocation(report: Report) -> dict[str, Any]:
    told = [
        (summary.name(run), line)
        for run in report["runs"]
        for line in summary.trouble(run)
    ]
    return {
        "executionSuccessful": report["exit"] in (0, 1),
        "exitCode": report["exit"],
        "startTimeUtc": report["began"].replace("+00:00", "Z"),
        "toolExecutionNotifications": [
            {"level": "error", "message": {"text": plain(f"{name}: {line}")}}
            for name, line in told
        ],
    }


def _targets(report: Report) -> list[dict[str, str]]:
    return [
        {"name": plain(run["target"]["name"]), "arguments": run["target"]["arguments"]}
        for run in report["runs"]
    ]


def _result(
    case: CaseReport, run: RunReport, report: Report, rules: dict[str, int]
) -> dict[str, Any]:
    id_ = cited(case)[0]
    name = f"{summary.name(run)}/{case['id']}"
    found: dict[str, Any] = {
        "ruleId": id_,
        "ruleIndex": rules[id_],
        "kind": "open" if case["verdict"] in _UNDECIDED else "fail",
        "level": _OF_VERDICTS[case["verdict"]],
        "message": {"text": _message(case)},
        "locations": [_location(name, case, run)],
        # By which a platform knows the same failure again in the next run.
        "partialFingerprints": {"case/v1": name},
        "properties": _properties(case, run, report),
    }
    if found["kind"] == "open":
        found["level"] = "none"  # what is not a failure has no level
    if case["verdict"] == "known":
        reason = plain(case.get("message", ""))
        found["suppressions"] = [{"kind": "external", "justification": reason}]
    return found


def _message(case: CaseReport) -> str:
    message = plain(case.get("message", ""))
    cut = message if len(message) <= _MESSAGE else f"{message[:_MESSAGE]} …"
    return f"{case['verdict']}: {plain(case['title'])}\n{cut}".rstrip()


def _location(name: str, case: CaseReport, run: RunReport) -> dict[str, Any]:
    # A protocol is broken at no place of a file, and platforms want one all the same.
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": f"hjp-conformance/{quote(name)}"},
            "region": {"startLine": 1},
        },
        "logicalLocations": [
            {"name": case["id"], "fullyQualifiedName": name, "kind": "function"}
        ],
    }


def _properties(case: CaseReport, run: RunReport, report: Report) -> dict[str, Any]:
    text = card(case, report, run)
    return {
        "verdict": case["verdict"],
        "requirements": case["requirements"],
        "broken": case.get("broken", []),
        "target": plain(run["target"]["name"]),
        "again": next(iter(commands(case, run, None).values())),
        "card": text if len(text) <= _CARD else f"{text[:_CARD]}\n…",
    }
