"""The cases of a report, packed for the script of the page.

Ids and titles of neighbours begin alike: each is told as the number of UTF-16 code
units, which are what JavaScript counts, that it shares with the one before it, and
the rest. So twelve thousand cases take less than a megabyte.
"""

from typing import Any

from hjp_conformance.reports import summary
from hjp_conformance.reports.octets import plain
from hjp_conformance.reports.shape import CaseReport, Report, RunReport
from hjp_conformance.verdicts import QUIET

_MESSAGE = 400
"""Characters of a message; cards have more of it."""


def packed(report: Report) -> dict[str, Any]:
    """The data of the page; `report.js` unpacks it."""
    cases = [case for run in report["runs"] for case in run["cases"]]
    names = {
        "verdicts": list(summary.WORST_FIRST),
        "levels": list(summary.LEVELS),
        "areas": list(report["areas"]),
        "features": list(dict.fromkeys(case["feature"] for case in cases)),
        "ids": list(report["requirements"]),
    }
    places = {
        label: {name: place for place, name in enumerate(found)}
        for label, found in names.items()
    }
    return {
        **names,
        "bad": [one for one in summary.WORST_FIRST if one not in QUIET],
        "titles": report["areas"],
        "requirements": [
            [one["level"], one["actor"], summary.words(one), one["section"]]
            for one in report["requirements"].values()
        ],
        "runs": [
            {"mode": run["mode"], "cases": _cases(run, places)}
            for run in report["runs"]
        ],
    }


def _cases(run: RunReport, places: dict[str, dict[str, int]]) -> list[list[Any]]:
    cases = run["cases"]
    if run["shuffle"] is not None:
        cases = sorted(cases, key=lambda case: case["id"])
    made = []
    id_ = title = ""
    for case in cases:
        told = plain(case["title"])
        rest = [*_rest(id_, case["id"]), *_rest(title, told), *_facts(case, places)]
        made.append(rest)
        id_, title = case["id"], told
    return made


def _rest(before: str, text: str) -> tuple[int, str]:
    pairs = enumerate(zip(before, text, strict=False))
    least = min(len(before), len(text))
    shared = next((place for place, (one, two) in pairs if one != two), least)
    return len(text[:shared].encode("utf-16-le")) // 2, text[shared:]


def _facts(case: CaseReport, places: dict[str, dict[str, int]]) -> list[Any]:
    ids = places["ids"]
    facts: list[Any] = [
        [ids[id_] for id_ in case["requirements"]],
        places["verdicts"][case["verdict"]],
        places["levels"][case["level"]],
        places["areas"].get(case["area"], -1),
        places["features"][case["feature"]],
        round(case["seconds"] * 1000, 1),
    ]
    if "message" in case or "broken" in case:
        facts.append(plain(case.get("message", "")[:_MESSAGE]))
        facts.append([ids[id_] for id_ in case.get("broken", ())])
    return facts
