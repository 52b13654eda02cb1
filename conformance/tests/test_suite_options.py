"""Which cases are run, in which order, how often, and what is known before."""

import json
import shlex
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
import typer
from commanded import run

from hjp_conformance import sut
from hjp_conformance.catalogue import Case, of_tier
from hjp_conformance.schema_files import problems
from hjp_conformance.settings import Settings
from hjp_conformance.testing import wavering
from hjp_conformance.verdicts import AS_EXPECTED

BROKEN = f"{sys.executable} -m hjp_conformance.mutants.server.broken magic-any-case"
LOWER = "server-frm-magic-wrong-lower-case"
FRM2 = ("-k", "HJP-FRM-2")
NOTHING = "it declares nothing to test: give a table [server], [client] or [codec]"


def report_of(folder: Path, *words: str) -> tuple[int, Any]:
    """Exit status and report, which is as its schema wants it."""
    path = folder / "report.json"
    done = run(*words, "--json", str(path))
    report = json.loads(path.read_text(encoding="utf-8"))
    assert problems("report", report) == []
    return done.returncode, report


def verdicts(report: Any, run_: int = 0) -> dict[str, str]:
    return {case["id"]: case["verdict"] for case in report["runs"][run_]["cases"]}


def known(folder: Path, *lines: str) -> str:
    path = folder / "known.toml"
    path.write_text("\n".join(["[known-failures]", *lines]), encoding="utf-8")
    return str(path)


def broken_server(*words: str) -> tuple[str, ...]:
    return "server", "--cmd", f"{BROKEN} {{port}}", *words


def test_a_known_failure_is_run_and_does_not_fail(tmp_path: Path) -> None:
    file = known(tmp_path, f'"{LOWER}" = "ticket 12"')
    status, report = report_of(
        tmp_path, *broken_server(*FRM2, "--known-failures", file)
    )
    assert status == 0
    [case] = [one for one in report["runs"][0]["cases"] if one["id"] == LOWER]
    assert case["verdict"] == "known"
    assert "ticket 12" in case["message"]
    assert case["conversations"]
    assert report["verdict"] == report["runs"][0]["verdict"] == AS_EXPECTED


def test_a_selection_is_said_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    words = ("codec", "--case", VERSION, "-n", "2", "--junit", str(path))
    status, report = report_of(tmp_path, *words)
    total = report["runs"][0]["total"]
    assert (status, total > 15_000) == (0, True)
    told = f"CONFORMANT as far as 1 of {total} cases go"
    assert report["verdict"] == told
    found = ElementTree.parse(path).getroot().find("testsuite/properties/property")
    assert found is not None
    assert found.get("value") == told
    assert f"{told}: 1 case, 0 failures" in run(*words[:3]).stdout


def test_a_known_failure_that_passes_fails(tmp_path: Path) -> None:
    file = known(tmp_path, '"server-frm-magic-wrong-*" = "we do not look at it"')
    status, report = report_of(
        tmp_path, *broken_server(*FRM2, "--known-failures", file)
    )
    assert status == 1
    found = verdicts(report)
    assert found[LOWER] == "known"
    assert found["server-frm-magic-wrong-reversed"] == "fail"


def test_a_pattern_that_matches_nothing_fails(tmp_path: Path) -> None:
    file = known(tmp_path, f'"{LOWER}" = "a"', '"server-frm-none-*" = "b"')
    status, report = report_of(
        tmp_path, *broken_server(*FRM2, "--known-failures", file)
    )
    assert status == 1
    assert report["runs"][0]["dead"] == ["server-frm-none-*"]


def test_patterns_of_other_modes_are_not_dead(tmp_path: Path) -> None:
    file = known(tmp_path, f'"{LOWER}" = "a"', '"client-*" = "b"')
    status, _ = report_of(tmp_path, *broken_server(*FRM2, "--known-failures", file))
    assert status == 0


@pytest.mark.parametrize(
    "text", ["", "x = 1", "[known-failures]\na = 1", '[known-failures]\na = " "', "]"]
)
def test_a_list_of_known_failures_needs_reasons(tmp_path: Path, text: str) -> None:
    path = tmp_path / "known.toml"
    path.write_text(text)
    done = run("server", "--known-failures", str(path))
    assert done.returncode == 2
    assert "known" in done.stderr


def test_a_smoke_run_has_a_case_a_requirement(tmp_path: Path) -> None:
    status, report = report_of(tmp_path, "server", "--tier", "smoke")
    cases = report["runs"][0]["cases"]
    first = [case["requirements"][0] for case in cases]
    assert status == 0
    assert len(set(first)) == len(first) >= 90
    assert report["runs"][0]["tier"] == "smoke"


def case(id_: str, requirement: str, tier: str) -> Case:
    return Case(id_, "t", (requirement,), "MUST", "FRM", "codec", tier, None)


def test_each_tier_has_the_cases_of_those_before_it() -> None:
    cases = [
        case("a", "HJP-FRM-2", "core"),
        case("b", "HJP-FRM-2", "core"),
        case("c", "HJP-FRM-2", "full"),
        case("d", "HJP-FRM-4", "soak"),
    ]
    assert of_tier(cases, "smoke") == {"a"}
    assert of_tier(cases, "core") == {"a", "b"}
    assert of_tier(cases, "full") == {"a", "b", "c"}
    assert of_tier(cases, "soak") == {"a", "b", "c", "d"}


def test_the_order_follows_from_the_seed(tmp_path: Path) -> None:
    orders = []
    for seed in ("7", "7", "8"):
        words = ("codec", "--requirement", "FRM-4", "--shuffle", seed)
        _, report = report_of(tmp_path, *words)
        orders.append(list(verdicts(report)))
    assert len(orders[0]) > 20
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2])


def test_a_repeated_run_tells_whether_verdicts_differ(tmp_path: Path) -> None:
    words = ("server", "-k", "server-cor-ping", "--repeat", "3", "--shuffle", "1")
    status, report = report_of(tmp_path, *words)
    assert status == 0
    assert [one["shuffle"] for one in report["runs"]] == [1, 2, 3]
    assert verdicts(report, 0).keys() == verdicts(report, 2).keys()


def test_what_wavers_is_named() -> None:
    def told(*found: str) -> Any:
        cases = [{"id": f"case-{n}", "verdict": one} for n, one in enumerate(found)]
        return {"cases": cases}

    assert wavering([told("pass", "pass"), told("pass", "pass")]) == {}
    found = wavering([told("pass", "fail"), told("pass", "pass"), told("pass", "pass")])
    assert found == {"case-1": {"fail": 1, "pass": 2}}


def test_two_processes_find_the_same(tmp_path: Path) -> None:
    alone = report_of(tmp_path, *broken_server(*FRM2))
    spread = report_of(tmp_path, *broken_server(*FRM2, "-n", "2"))
    assert alone[0] == spread[0] == 1
    assert verdicts(alone[1]) == verdicts(spread[1])
    assert spread[1]["runs"][0]["complete"] is True


def test_a_file_declares_what_is_tested(tmp_path: Path) -> None:
    peer = f"{sys.executable} -m hjp"
    (tmp_path / "sut.toml").write_text(
        f'strict = true\n[server]\ncmd = "{peer} serve --port 0"\n'
        'limit = "--limit {name}={value}"\n'
        f'[client]\ncmd = "{peer}.testee_client"\n'
        f'[codec]\ncmd = "{peer}.testee_codec"\ndeadline = 7\n'
        '[known-failures]\n"codec-none-*" = "dead in the codec only"\n'
    )
    ids = (PING, "server-lim-idle-ms", "client-msg-op-in-reply-ping", VERSION)
    cases = [word for id_ in ids for word in ("--case", id_)]
    status, report = report_of(tmp_path, "run", str(tmp_path / "sut.toml"), *cases)
    assert status == 1
    found = [verdicts(report, number) for number in range(3)]
    assert {**found[0], **found[1], **found[2]} == dict.fromkeys(ids, "pass")
    assert [one["mode"] for one in report["runs"]] == ["server", "client", "codec"]
    assert [one["exit"] for one in report["runs"]] == [0, 0, 1]
    assert all(one["strict"] for one in report["runs"])
    assert report["runs"][2]["dead"] == ["codec-none-*"]


def declared(folder: Path, *lines: str) -> str:
    """A file that declares the reference as a server and as a codec."""
    peer = f"{sys.executable} -m hjp"
    text = (
        f'[server]\ncmd = "{peer} serve --port 0"\n[codec]\ncmd = "{peer}.testee_codec"'
    )
    path = folder / "sut.toml"
    path.write_text("\n".join([text, *lines]))
    return str(path)


PING, VERSION = "server-cor-ping", "codec-frm-version-00"


@pytest.mark.parametrize(
    ("words", "status", "modes"),
    [
        (("--case", PING), 0, ["server"]),
        (("--case", VERSION), 0, ["codec"]),
        (("--case", VERSION, "--case", PING), 0, ["server", "codec"]),
        (("-k", "server-cor-ping"), 0, ["server"]),
        (("--requirement", "FRM-4", "--tier", "smoke"), 0, ["server", "codec"]),
    ],
)
def test_a_selection_is_one_of_all_that_a_file_declares(
    tmp_path: Path, words: tuple[str, ...], status: int, modes: list[str]
) -> None:
    found, report = report_of(tmp_path, "run", declared(tmp_path), *words)
    assert (found, [one["mode"] for one in report["runs"]]) == (status, modes)


def test_a_case_of_what_a_file_does_not_declare(tmp_path: Path) -> None:
    for id_ in ("client-frm-payload-written-one", "codec-none"):
        done = run("run", declared(tmp_path), "--case", PING, "--case", id_)
        assert done.returncode == 2
        assert id_ in "".join(done.stderr.replace("│", "").split())


def test_a_pattern_is_dead_if_no_mode_has_a_case_for_it(tmp_path: Path) -> None:
    """One without the name of a mode may be about any of them."""
    lines = ('[known-failures]\n"*-cor-ping" = "a"', '"*-nowhere-*" = "b"')
    file = declared(tmp_path, *lines)
    words = ("run", file, "--case", PING, "--case", VERSION)
    _, report = report_of(tmp_path, *words)
    assert [one["dead"] for one in report["runs"]] == [["*-nowhere-*"]] * 2
    status, report = report_of(
        tmp_path, "codec", "--case", VERSION, "--known-failures", file
    )
    assert (status, report["runs"][0]["dead"]) == (1, ["*-nowhere-*"])


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    file = declared(tmp_path, "deadline = 7.0")
    _, report = report_of(tmp_path, "run", file, "--case", VERSION)
    assert report["runs"][0]["options"] == "--deadline 7"
    words = ("run", file, "--case", VERSION, "--deadline")
    for given, told in (("3", "--deadline 3"), ("5", "")):
        _, report = report_of(tmp_path, *words, given)
        assert report["runs"][0]["options"] == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", NOTHING),
        ("strict = true", NOTHING),
        ("[server]", "[server]: url or cmd is missing"),
        (
            '[server]\nurl = "hjp://a:1"\ncmd = "x"',
            "[server]: give url or cmd, not both",
        ),
        (
            '[server]\nurl = "http://a:1"',
            "[server] url: 'http://a:1' is not of the form hjp://host:port",
        ),
        ('[server]\nurl = "hjp://a"', "[server]: 'hjp://a' is not of the form"),
        (
            '[server]\ncmd = "x"\nlimit = "--no-place"',
            "[server] limit: '--no-place' is not words with {name} and {value}",
        ),
        ('[server]\nurl = "hjp://a:1"\nlimit = "{name}{value}"', "limit needs cmd"),
        ('[server]\ncmd = "x"\ndeadline = 0', "[server] deadline: 0 is less than 0.1"),
        ("[client]", "[client]: cmd is missing"),
        ('[client]\ncmd = ""', "[client] cmd: '' is not a command"),
        ('[client]\ncmd = "a \'"', "[client]: No closing quotation"),
        (
            '[codec]\ncallable = "mine"',
            "[codec] callable: 'mine' is not of the form module:callable",
        ),
        ("strict = 1\n[codec]", "[codec]: cmd or callable is missing"),
        ('strict = 1\n[codec]\ncmd = "x"', "strict: 1 is not true or false"),
        ("[codec]\ncmd = 1", "[codec] cmd: 1 is not text in quotes"),
        (
            '[codec]\ncmd = "x"\nother = 1',
            "[codec]: 'other' is not known; what may be there: cmd, callable, deadline",
        ),
        ('[other]\ncmd = "x"', "'other' is not known; what may be there: strict,"),
        (
            '[codec]\ncmd = "x"\n[known-failures]\na = " "',
            "[known-failures] a: ' ' is not a reason",
        ),
        ("[server", "is no TOML"),
    ],
)
def test_a_file_that_declares_nothing_of_use(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "sut.toml"
    path.write_text(text)
    with pytest.raises(typer.BadParameter) as caught:
        sut.declared(path)
    assert caught.value.message.startswith(f"{path}")
    assert told in caught.value.message


def test_a_wrong_file_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "sut.toml").write_text("[server]")
    done = run("run", str(tmp_path / "sut.toml"))
    assert done.returncode == 2
    assert "url or cmd is missing" in done.stderr


PARSER = """
def parse(octets):
    raise ValueError
"""


def test_what_a_file_declares_runs_in_its_folder(tmp_path: Path) -> None:
    """And what the report tells to run it again does so from anywhere."""
    folder = tmp_path / "a b'c"
    folder.mkdir()
    for name, words in (
        ("server", "-m hjp serve"),
        ("client", "-m hjp.testee_client"),
    ):
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {sys.executable} {words} "$@"\n')
        script.chmod(0o755)
    (folder / "mine.py").write_text(PARSER)
    declaration = folder / "sut.toml"
    declaration.write_text(
        "[server]\ncmd = \"./server --port {port} --host '127.0.0.1'\"\n"
        'limit = "--limit {name}={value}"\n'
        '[client]\ncmd = "./client"\n[codec]\ncallable = "mine:parse"\n'
    )
    ids = (PING, "server-lim-idle-ms", "client-msg-op-in-reply-ping", VERSION)
    cases = [word for id_ in ids for word in ("--case", id_)]
    status, report = report_of(tmp_path, "run", str(declaration), *cases)
    told = [verdicts(report, number) for number in range(3)]
    assert (status, set().union(*(one.values() for one in told))) == (0, {"pass"})
    for one in report["runs"]:
        again = shlex.split(one["target"]["arguments"])
        assert run(*again, "--case", one["cases"][0]["id"]).returncode == 0


def test_several_modes_have_one_verdict_at_the_end(tmp_path: Path) -> None:
    done = run("run", declared(tmp_path), "--case", PING, "--case", VERSION)
    last = done.stdout.splitlines()[-1]
    assert last.startswith("all: CONFORMANT as far as 2 of ")
    assert "(server CONFORMANT as far as 1 of " in last
    assert "; codec CONFORMANT as far as 1 of " in last
    assert "all: " not in run("run", declared(tmp_path), "--case", PING).stdout


def test_every_report_can_be_written_at_once(tmp_path: Path) -> None:
    names = ("json", "junit", "markdown", "html")
    files = {name: tmp_path / name for name in names}
    words = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    assert run(*broken_server(*FRM2, *words)).returncode == 1
    suite = ElementTree.parse(files["junit"]).getroot().find("testsuite")
    assert suite is not None
    assert suite.get("failures") == "1"
    [failed] = [one for one in suite if one.find("failure") is not None]
    assert failed.get("name") == LOWER
    assert "HJP-FRM-2: A receiver MUST refuse" in failed.findtext("failure", "")
    assert LOWER in files["markdown"].read_text(encoding="utf-8")
    assert LOWER in files["html"].read_text(encoding="utf-8")


def test_a_case_of_a_report_is_played_again(tmp_path: Path) -> None:
    report_of(tmp_path, *broken_server(*FRM2))
    done = run("replay", str(tmp_path / "report.json"))
    assert done.returncode == 1
    assert f"FAIL {LOWER}" in done.stdout
    assert "1 case, 1 failure" in done.stdout


def test_a_case_of_a_report_becomes_a_script(tmp_path: Path) -> None:
    report_of(tmp_path, *broken_server(*FRM2))
    script = tmp_path / "script.py"
    words = ("replay", str(tmp_path / "report.json"), LOWER, "--script", str(script))
    assert run(*words).returncode == 0
    text = script.read_text(encoding="utf-8")
    script.write_text("mine")
    refused = run(*words)
    assert (refused.returncode, script.read_text()) == (2, "mine")
    assert "script.py is there already; --force" in refused.stderr
    assert run(*words, "--force").returncode == 0
    assert script.read_text(encoding="utf-8") == text
    assert "hjp_conformance" not in text.replace("hjp_conformance.mutants", "")
    assert "import socket" in text


def test_two_reports_are_compared(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    report_of(tmp_path / "a", "server", *FRM2)
    report_of(tmp_path / "b", *broken_server(*FRM2))
    files = [str(tmp_path / name / "report.json") for name in "ab"]
    worse, better = run("diff", *files), run("diff", *reversed(files))
    assert worse.returncode == 1
    assert f"{LOWER}: pass, now fail" in worse.stdout
    assert better.returncode == 0
    assert f"{LOWER}: fail, now pass" in better.stdout


def test_settings_survive_the_way_to_a_worker() -> None:
    settings = Settings("client", cmd="x", only=("a", "b"), known={"a*": "why"})
    assert Settings.of_json(json.loads(json.dumps(settings.as_json()))) == settings
