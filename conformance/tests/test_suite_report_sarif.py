import copy
import json
import re
from typing import Any
from urllib.parse import unquote

import pytest
import report_samples as samples
from report_samples import HOSTILE, big, case, conformant, report, run, small

from hjp_conformance.reports import summary
from hjp_conformance.reports.sarif import sarif
from hjp_conformance.reports.shape import Report

# The members of SARIF 2.1.0 that are used, with what the standard asks of them.
LEVELS = {"none", "note", "warning", "error"}
KINDS = {"notApplicable", "pass", "fail", "review", "open", "informational"}
OF_RESULT = {
    "ruleId", "ruleIndex", "kind", "level", "message", "locations",
    "partialFingerprints", "properties", "suppressions",
}  # fmt: skip


def the_run(whole: Report) -> Any:
    found = json.loads(sarif(whole))
    assert found["version"] == "2.1.0"
    assert found["$schema"].startswith("https://")
    assert set(found) == {"$schema", "version", "runs"}
    assert len(found["runs"]) == 1
    return found["runs"][0]


@pytest.mark.parametrize("make", [small, conformant, lambda: big(400, 40)])
def test_the_essential_structure(make: Any) -> None:
    one = the_run(make())
    rules = one["tool"]["driver"]["rules"]
    assert one["tool"]["driver"]["name"] == "hjp-conformance"
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["defaultConfiguration"]["level"] in LEVELS
        for text in ("shortDescription", "fullDescription", "help"):
            assert rule[text]["text"]
    for result in one["results"]:
        assert set(result) <= OF_RESULT
        assert result["level"] in LEVELS
        assert result["kind"] in KINDS
        assert result["kind"] == "fail" or result["level"] == "none"
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        [location] = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri)
        assert location["physicalLocation"]["region"]["startLine"] == 1


def test_rules_are_requirements_and_results_are_failures() -> None:
    whole = small()
    one = the_run(whole)
    assert [rule["id"] for rule in one["tool"]["driver"]["rules"]] == [
        *whole["requirements"]
    ]
    bad = sum(len(summary.bad(run)) for run in whole["runs"])
    known = sum(
        case["verdict"] == "known" for run in whole["runs"] for case in run["cases"]
    )
    assert len(one["results"]) == bad + known
    found = next(
        result
        for result in one["results"]
        if samples.MAGIC["id"] in str(result["locations"])
    )
    assert found["ruleId"] == "HJP-FRM-2"
    assert found["level"] == "error"
    assert found["message"]["text"].startswith("fail: ")
    assert "> " in found["properties"]["card"]
    assert samples.MAGIC["id"] in found["properties"]["again"]


def test_the_invocation_tells_how_it_went() -> None:
    one = the_run(small())["invocations"][0]
    assert one["exitCode"] == small()["exit"]
    assert one["startTimeUtc"].endswith("Z")
    texts = [told["message"]["text"] for told in one["toolExecutionNotifications"]]
    assert any("a fault of the suite" in text for text in texts)


def test_verdicts() -> None:
    verdicts = (
        "fail",
        "crash",
        "warn",
        "inconclusive",
        "known",
        "harness",
        "pass",
        "skip",
    )
    cases = [
        case(f"server-cor-{one}", one, "HJP-COR-8", message=one) for one in verdicts
    ]
    results = the_run(report(run("server", cases)))["results"]
    found = {one["properties"]["verdict"]: one for one in results}
    assert {name: (one["kind"], one["level"]) for name, one in found.items()} == {
        "harness": ("open", "none"),
        "crash": ("fail", "error"),
        "fail": ("fail", "error"),
        "inconclusive": ("open", "none"),
        "warn": ("fail", "warning"),
        "known": ("fail", "note"),
    }
    suppressed = {name for name, one in found.items() if "suppressions" in one}
    assert suppressed == {"known"}
    assert found["known"]["suppressions"][0]["justification"] == "known"


def test_fingerprints_tell_results_apart_and_stay() -> None:
    first, second = (the_run(small())["results"] for _ in range(2))
    prints = [json.dumps(one["partialFingerprints"]) for one in first]
    assert len(set(prints)) == len(prints)
    assert prints == [json.dumps(one["partialFingerprints"]) for one in second]


def test_what_a_target_says_is_text() -> None:
    whole = small()
    whole["runs"][0]["target"]["name"] = HOSTILE
    one = the_run(whole)
    assert "<script>" in one["properties"]["targets"][0]["name"]
    text = json.dumps(one, ensure_ascii=False)
    assert "\u202e" not in text
    assert "\\u001b" not in text.replace("\\\\", "")


def test_a_pair_is_named_in_the_location() -> None:
    one = copy.deepcopy(run("server", [case("pair-cor-x", "fail", "HJP-COR-8")]))
    one["pair"] = {"client": "a b", "server": "ü"}
    one["target"]["name"] = "a b → ü"
    [result] = the_run(report(one))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(uri) == "hjp-conformance/a b → ü/pair-cor-x"


def test_it_is_bounded() -> None:
    assert len(sarif(big(12_000, 400))) < 10_000_000
