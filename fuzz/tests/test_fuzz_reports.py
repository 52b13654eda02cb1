"""Reports: as JSON by its schema, as JUnit, as Markdown, and read again."""

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from hjp_fuzz.checks import Check
from hjp_fuzz.cli import app
from hjp_fuzz.report import of_a_codec
from hjp_fuzz.report_junit import junit
from hjp_fuzz.report_markdown import markdown
from hjp_fuzz.runner import Report
from hjp_fuzz.runs import Run, read_run, schema

REPORTS = ("--json", "run.json", "--junit", "run.xml", "--markdown", "run.md")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNSTEADY", str(tmp_path / "once"))
    return tmp_path


def fuzz(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, prog_name="hjp-fuzz")


def run(target: str, *options: str, count: int = 400) -> Result:
    words = ("run", f"ways_parsers:{target}", "--count", str(count), "--seed", "3")
    return fuzz(*words, *options)


def document(file: str = "run.json") -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(file).read_text())
    Draft202012Validator(schema()).validate(content)
    return content


def suite(file: str = "run.xml") -> ElementTree.Element:
    found = ElementTree.parse(file).getroot().find("testsuite")
    assert found is not None
    for name, element in (("failures", "failure"), ("skipped", "skipped")):
        assert found.get(name) == str(len(found.findall(f"testcase/{element}")))
    assert found.get("tests") == str(len(found.findall("testcase")))
    return found


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


def test_a_run_as_json_junit_and_markdown() -> None:
    done = run("duplicates", *REPORTS, "--jobs", "2")
    assert done.exit_code == 1, done.output
    told = document()
    assert (told["target"], told["seed"], told["jobs"]) == (
        "ways_parsers:duplicates",
        "3",
        2,
    )
    assert told["streams"] == 400
    (found,) = told["findings"]
    assert found["requirement"] == "HJP-MET-6"

    cases = suite().findall("testcase")
    assert len(cases) == len(of_a_codec()) * len(Check)
    (failed,) = [case for case in cases if case.find("failure") is not None]
    assert failed.get("classname") == "HJP-MET-6"
    assert failed.get("name", "").startswith("same-status: ")
    card = failed.findtext("failure") or ""
    assert f"{found['id']}  HJP-MET-6  A receiver MUST refuse" in card
    assert "7B 22" in card

    text = Path("run.md").read_text()
    assert text.startswith("## ❌ 1 finding: <code>ways&#95;parsers&#58;duplicates")
    assert f"| {found['id']} | HJP-MET-6 | same-status |" in text
    assert "<details><summary>30 of 30 requirements exercised</summary>" in text


def test_what_no_stream_exercised_is_skipped_and_told() -> None:
    done = run("duplicates", *REPORTS, count=3)
    assert done.exit_code == 0
    never = document()["never_exercised"]
    assert never
    skipped = {
        case.get("classname")
        for case in suite().findall("testcase")
        if case.find("skipped") is not None
    }
    assert skipped == set(never)
    text = Path("run.md").read_text()
    assert text.startswith("## ✅ no findings: ")
    assert text.count("| never |") == len(never)


def test_a_report_is_read_again(here: Path) -> None:
    first = run("duplicates", *REPORTS)
    for file in ("run.json", "run.xml", "run.md"):
        (here / file).rename(here / f"first.{file}")
    again = fuzz("report", "first.run.json", *REPORTS)
    assert again.exit_code == 0, again.output
    assert document() == document("first.run.json")
    for file in ("run.xml", "run.md"):
        assert (here / file).read_text() == (here / f"first.{file}").read_text()
    *_, requirements, figures, outcomes = again.stdout.splitlines()
    assert [figures, outcomes] == first.stdout.splitlines()[-2:]
    assert requirements.startswith("HJP-ERR-15")
    assert re.search(r"^F-[0-9a-f]{6}  HJP-MET-6", again.stdout, re.M)


def test_a_folder_of_findings_is_a_report() -> None:
    run("duplicates")
    done = fuzz("report", "hjp-fuzz-findings", "--junit", "run.xml", "--markdown", "-")
    assert done.exit_code == 0
    assert done.stderr.endswith("1 findings\n")
    assert done.stdout.startswith("## ❌ 1 finding: ")
    assert "exercised" not in done.stdout
    (case,) = suite().findall("testcase")
    assert case.get("classname") == "HJP-MET-6"
    asked = fuzz("report", "hjp-fuzz-findings", "--json", "run.json")
    assert (asked.exit_code, "run has --json" in asked.stderr) == (2, True)


def test_json_alone_is_on_the_output() -> None:
    done = run("duplicates", "--json", "-", count=50)
    assert json.loads(done.stdout)["streams"] == 50
    assert "50 streams" in done.stderr


def test_what_a_target_says_breaks_no_report() -> None:
    done = run("babbling", *REPORTS)
    assert done.exit_code == 1
    assert "\x1b" not in done.stdout
    checks = {found["check"] for found in document()["findings"]}
    assert checks == {"declared-exceptions", "same-code"}
    said = " ".join(
        part
        for failure in suite().findall("testcase/failure")
        for part in (failure.text or "", failure.get("message", ""))
    )
    assert "]]></failure>" in said
    text = Path("run.md").read_text()
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        text.splitlines()[0]
    ]
    # Markup is ours alone: what is said is neither HTML, nor a mention, nor a row.
    assert text.count("</pre>") == text.count("<pre>") == len(document()["findings"])
    assert text.count("</details>") == text.count("<details>")
    rows = [line for line in text.splitlines() if line.startswith("| F-")]
    assert all(line.count("|") == 6 for line in rows)
    outside = re.sub(r"<pre>.*?</pre>", "", text, flags=re.S)
    assert not re.search(r"@octocat|#1 |\*b\*|`a`|\$\{\{", outside)
    assert fuzz("report", "run.json").exit_code == 0


def test_what_is_flaky_is_told_and_read_again(here: Path) -> None:
    done = run("unsteady", *REPORTS)
    assert done.exit_code == 0, done.output
    assert document()["flaky"] == ["declared-exceptions"]
    assert "Did not happen again, so no findings: declared-exceptions" in (
        Path("run.md").read_text()
    )
    again = fuzz("report", "run.json")
    assert "did not happen again, so no findings: declared-exceptions" in again.stdout


def test_a_long_name_is_cut() -> None:
    told = markdown(Run(Report(), "x" * 400))
    assert told == f"## ✅ no findings: <code>{'x' * 300}&#8230;</code>\n\n"
    assert "\ufffd" in junit(Run(Report(), "a\x00b"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot read it: No such file"),
        ("{", "it is no report: Expecting property name"),
        ("{}", "it is no report: $: "),
        ('{"report": 2}', "it is no report: $"),
    ],
)
def test_what_is_no_report(content: str | None, says: str, here: Path) -> None:
    if content is not None:
        (here / "it").write_text(content)
    done = fuzz("report", "it")
    assert (done.exit_code, says in done.stderr) == (2, True), done.stderr


def test_a_finding_of_a_report_that_is_none(here: Path) -> None:
    run("duplicates", *REPORTS)
    told = document()
    for wrong in ({"check": "no-check"}, {"extra": 1}):
        content = {**told, "findings": [{**told["findings"][0], **wrong}]}
        (here / "it").write_text(json.dumps(content))
        done = fuzz("report", "it")
        assert (done.exit_code, "it is no report" in done.stderr) == (2, True)
    (here / "empty").mkdir()
    assert "there are no findings in empty" in fuzz("report", "empty").stderr


def test_a_report_that_cannot_be_written() -> None:
    done = run("duplicates", "--junit", "no/where.xml", count=5)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "hjp-fuzz: cannot write no/where.xml: there is no no\n"
    done = run("duplicates", "--junit", ".", count=5)
    assert done.exit_code == 2
    assert "cannot write .: Is a directory" in done.stderr


def test_read_run_gives_the_run() -> None:
    run("duplicates", *REPORTS)
    found = read_run(Path("run.json"))
    assert found.whole
    assert found.report.rate > 0
    assert found.report.findings[0].requirement == "HJP-MET-6"
