"""The suite against servers that are right: all of it passes, in every report."""

import json
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hjp_conformance", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=55)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any, Any]:
    """The console, the JSON and the JUnit report of one run without arguments."""
    folder = tmp_path_factory.mktemp("reports")
    json_file, junit = folder / "report.json", folder / "junit.xml"
    done = run("--json", str(json_file), "--junit", str(junit))
    assert done.returncode == 0, done.stdout + done.stderr
    root = ElementTree.parse(junit).getroot()
    return done.stdout, json.loads(json_file.read_text())["runs"][0], root


def test_embedded_server_passes_everything(reports: tuple[str, Any, Any]) -> None:
    console, report, _ = reports
    assert report["verdict"] == "CONFORMANT"
    odd = [case["id"] for case in report["cases"] if case["verdict"] != "pass"]
    # Their times are short: a machine that stands still for one warns, no more.
    assert [id_ for id_ in odd if not id_.startswith("server-lim-")] == []
    assert f"CONFORMANT: {len(report['cases'])} cases, 0 failures" in console


def test_console_is_plain_when_piped(reports: tuple[str, Any, Any]) -> None:
    console, _, _ = reports
    assert "\x1b" not in console
    assert "\r" not in console
    assert "Metadata" in console


def test_no_case_waits_long(reports: tuple[str, Any, Any]) -> None:
    _, report, _ = reports
    slow = {case["id"]: case["seconds"] for case in report["cases"]}
    assert sorted(slow.values())[len(slow) // 2] < 0.1, slow


def test_json_tells_of_every_case(reports: tuple[str, Any, Any]) -> None:
    _, report, _ = reports
    listed = json.loads(run("list", "server", "--json").stdout)
    assert [case["id"] for case in report["cases"]] == [case["id"] for case in listed]
    assert report["complete"] is True
    assert report["exit"] == 0
    assert sum(report["counts"].values()) == len(listed)


def test_junit_has_one_testcase_a_case(reports: tuple[str, Any, Any]) -> None:
    _, report, junit = reports
    testcases = junit.findall(".//testcase")
    ids = [testcase.get("name") for testcase in testcases]
    assert ids == [case["id"] for case in report["cases"]]
    first = testcases[0].findall(".//property[@name='requirement']")
    assert [one.get("value") for one in first] == report["cases"][0]["requirements"]


def test_threaded_server_passes_everything(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "hjp", "serve", "--engine", "threaded"]
    command = f"{shlex.join(words)} --limit max_payload=1000000 --port {{port}}"
    command += " --root {folder} --enable delete --durability none --max-object 4M"
    report = tmp_path / "report.json"
    words = ["server", "--cmd", command, "--limit", "--limit {name}={value}"]
    done = run(*words, "--strict", "--json", str(report))
    assert done.returncode == 0, done.stdout + done.stderr
    cases = json.loads(report.read_text())["runs"][0]["cases"]
    assert {case["verdict"] for case in cases} == {"pass"}


def test_running_server_is_tested_by_url() -> None:
    words = [sys.executable, "-m", "hjp", "serve", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[1]
        done = run("server", url, "-k", "server-cor")
        server.terminate()
    assert done.returncode == 0, done.stdout + done.stderr
    assert url in done.stdout
    assert "Frame" not in done.stdout


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", ["client", "codec"])
def test_embedded_client_and_codec_pass_everything(mode: str) -> None:
    words = [sys.executable, "-m", "hjp_conformance", mode, "--strict", "-n", "2"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
