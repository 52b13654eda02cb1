"""Every client against every server, with real processes, right and broken ones."""

import json
import os
import shlex
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from contextlib import chdir
from pathlib import Path
from typing import Any

import commanded
import pytest
from chromium import PROGRAM, Browser
from test_suite_peers import in_c, in_javascript

from hjp_conformance.mutants.trial import mutants
from hjp_conformance.schema_files import problems

BROKEN = f"{sys.executable} -m hjp_conformance.mutants"


class Matrix:
    """Files that declare, and runs of the command on them."""

    def __init__(self, folder: Path):
        self.folder = folder

    def declare(
        self, name: str, server: str | None = None, client: str | None = None
    ) -> str:
        """Write a file; a server is told its port at the end."""
        text = ""
        if server is not None:
            text += f"[server]\ncmd = {json.dumps(f'{server} {{port}}')}\n"
        if client is not None:
            text += f"[client]\ncmd = {json.dumps(client)}\n"
        (self.folder / f"{name}.toml").write_text(text)
        return f"{name}.toml"

    def script(self, text: str) -> str:
        """A program in Python; the command that runs it."""
        number = len(list(self.folder.glob("*.py")))
        path = self.folder / f"script{number}.py"
        path.write_text(text)
        return shlex.join([sys.executable, str(path)])

    def run(
        self, *words: str, status: int | None = None
    ) -> subprocess.CompletedProcess[str]:
        with chdir(self.folder):
            done = commanded.run("matrix", *words)
        assert status in (done.returncode, None), done.stdout + done.stderr
        return done

    def report(self, *words: str, status: int) -> dict[tuple[str, str], Any]:
        """The runs of a report, by client and server."""
        self.run(*words, "--json", "report.json", status=status)
        report = json.loads((self.folder / "report.json").read_text())
        assert problems("report", report) == []
        assert report["exit"] == status
        return {
            (run["pair"]["client"], run["pair"]["server"]): run
            for run in report["runs"]
        }


@pytest.fixture
def matrix(tmp_path: Path) -> Matrix:
    return Matrix(tmp_path)


def verdicts(run: Any) -> dict[str, str]:
    return {case["id"]: case["verdict"] for case in run["cases"]}


def bad(run: Any) -> dict[str, Any]:
    return {case["id"]: case for case in run["cases"] if case["verdict"] != "pass"}


def peers(matrix: Matrix) -> list[str]:
    """The files of the endpoints in C and in JavaScript."""
    found = []
    for name, made, server in (
        ("c", in_c, "core_server"),
        ("javascript", in_javascript, "server"),
    ):
        words = [made(one, matrix.folder) for one in (server, "client_testee")]
        found.append(matrix.declare(name, *map(shlex.join, words)))
    return found


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Matrix, str, Any]:
    """A run with a broken client, a broken server and a dead one, in all reports."""
    matrix = Matrix(tmp_path_factory.mktemp("broken"))
    files = peers(matrix)
    files.append(
        matrix.declare(
            "broken",
            f"{BROKEN}.server.broken echo-cut",
            f"{BROKEN}.client.broken payload-length-sixteen-bits",
        )
    )
    files.append(matrix.declare("dead", matrix.script("raise SystemExit(7)")))
    ids = ("pair-frm-echo-65536", "pair-cor-upper-every-octet", "pair-cor-ping")
    words = [*files, "--reference", "-n", "2"]
    for id_ in ids:
        words += ["--case", id_]
    for kind in ("json", "html", "markdown", "junit"):
        words += [f"--{kind}", f"report.{kind}"]
    done = matrix.run(*words, status=3)
    return matrix, done.stdout, json.loads((matrix.folder / "report.json").read_text())


def cells(report: Any) -> dict[tuple[str, str], Any]:
    return {
        (run["pair"]["client"], run["pair"]["server"]): run for run in report["runs"]
    }


RIGHT = ("c", "javascript", "reference")


@pytest.mark.timeout(180)
def test_right_ones_get_along_whoever_else_is_broken(
    broken: tuple[Matrix, str, Any],
) -> None:
    _, _, report = broken
    assert problems("report", report) == []
    found = cells(report)
    assert len(found) == 4 * 5
    for client in RIGHT:
        for server in RIGHT:
            assert (found[client, server]["exit"], bad(found[client, server])) == (
                0,
                {},
            )


def test_the_broken_ones_are_named(broken: tuple[Matrix, str, Any]) -> None:
    found = cells(broken[2])
    for other in RIGHT:
        [case] = bad(found[other, "broken"]).values()
        assert case["id"] == "pair-frm-echo-65536"
        assert case["verdict"] == "fail"
        assert case["broken"] == ["HJP-COR-10"]
        assert "a payload that ends after 65535 octets" in case["message"]
        assert "the server is wrong" in case["message"]
        [case] = bad(found["broken", other]).values()
        assert case["broken"] == ["HJP-FRM-1"]
        assert "the client is wrong" in case["message"]
        [talk] = case["conversations"]
        assert talk["wrong"] == {"way": "sent", "offset": 36}


def test_a_server_that_cannot_start_loses_only_its_cells(
    broken: tuple[Matrix, str, Any],
) -> None:
    found = cells(broken[2])
    for client in (*RIGHT, "broken"):
        run = found[client, "dead"]
        assert (run["exit"], run["cases"], run["complete"]) == (3, [], False)
        assert "status 7" in run["stopped"]


def test_the_console_has_a_table_and_cards(broken: tuple[Matrix, str, Any]) -> None:
    lines = broken[1].splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("client \\ server"))
    table = [line.split() for line in lines[at + 1 : at + 5]]
    assert {row[0]: row[1:] for row in table} == {
        "c": ["3/3", "3/3", "2/3", "none", "3/3"],
        "javascript": ["3/3", "3/3", "2/3", "none", "3/3"],
        "broken": ["2/3", "2/3", "2/3", "none", "2/3"],
        "reference": ["3/3", "3/3", "2/3", "none", "3/3"],
    }
    assert broken[1].count("status 7") == 1
    assert "FAIL pair-frm-echo-65536" in broken[1]
    assert lines[-1] == "NO TARGET: 9 of 20 pairs right, 48 cases, 7 fail"
    assert "\x1b" not in broken[1]


def test_the_command_of_a_card_repeats_it(broken: tuple[Matrix, str, Any]) -> None:
    matrix, told, _ = broken
    line = next(line for line in told.splitlines() if "only this case: " in line)
    program, *words = shlex.split(line.partition(": ")[2])
    assert (program, words.pop(0)) == ("hjp-conformance", "matrix")
    done = matrix.run(*words, status=1)
    assert "0 of 1 pair right, 1 case, 1 fail" in done.stdout


def test_the_other_reports(broken: tuple[Matrix, str, Any]) -> None:
    folder = broken[0].folder
    text = (folder / "report.markdown").read_text("utf-8")
    assert "| **c** | ✅ 3/3 | ✅ 3/3 | ❌ 2/3 | ❔ none | ✅ 3/3 |" in text
    assert text.count("<details>") == 7
    assert "status 7" in text
    root = ElementTree.parse(folder / "report.junit").getroot()
    suites = {suite.get("name"): suite for suite in root}
    assert len(suites) == 20
    assert suites["c → broken"].get("failures") == "1"


def test_replay_does_a_pair_again(broken: tuple[Matrix, str, Any]) -> None:
    words = ["replay", "report.json", "pair-cor-ping"]
    folder = broken[0].folder
    report = json.loads((folder / "report.json").read_text())
    report["runs"] = [cells(report)["c", "javascript"]]
    (folder / "one.json").write_text(json.dumps(report))
    words[1] = "one.json"
    with chdir(folder):
        done = commanded.run(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 pair right, 1 case" in done.stdout


@pytest.mark.skipif(PROGRAM is None, reason="no browser is installed")
def test_a_cell_of_the_page_opens_what_failed(
    broken: tuple[Matrix, str, Any], tmp_path: Path
) -> None:
    page = broken[0].folder / "report.html"
    with Browser(tmp_path) as browser:
        browser.open(page.as_uri())
        assert browser.run("document.querySelectorAll('.grid tbody td').length") == 20
        assert browser.run("document.querySelectorAll('.grid tbody td a').length") == 11
        browser.run("document.querySelector('.grid tbody td a').click()")
        shown = (
            "document.querySelector(':target details[open] .command code').textContent"
        )
        wanted = "--client c --server broken --case pair-frm-echo-65536"
        while wanted not in (
            told := browser.run(
                f"{shown.replace('.textContent', '?.textContent')} || ''"
            )
        ):
            assert not told
        anchors = "[...document.querySelectorAll('a[href^=\"#\"]')]"
        lost = f"{anchors}.filter((one) => !document.getElementById(one.hash.slice(1))).length"
        assert browser.run(lost) == 0
        assert browser.console == []


@pytest.mark.soak
@pytest.mark.timeout(500)
def test_all_cases_of_all_right_ones(matrix: Matrix) -> None:
    words = [*peers(matrix), "--reference", "-n", "2", "--deadline", "60"]
    for pair, run in matrix.report(*words, status=0).items():
        assert (pair, bad(run)) == (pair, {})


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("side", ["server", "client"])
def test_odd_ones_get_along_with_one_that_is_not(matrix: Matrix, side: str) -> None:
    files = [
        matrix.declare(one.name, **{side: one.command.removesuffix(" {port}")})
        for one in mutants(side, "odd")
    ]
    assert len(files) > 20
    other = "client" if side == "server" else "server"
    words = [*files, "--reference", f"--{other}", "reference", "-n", "2"]
    words += ["--tier", "smoke", "--deadline", "60"]
    for pair, run in matrix.report(*words, status=0).items():
        assert (pair, bad(run)) == (pair, {})


# Programs that crash, hang and lie

STUBS = f"{BROKEN}.stubs"


def test_a_server_that_crashes_is_started_again(matrix: Matrix) -> None:
    file = matrix.declare("mortal", f"{STUBS}.server dies-every-third")
    words = [file, "--reference", "--client", "reference"]
    for id_ in ("frm-echo-0", "lim-hello-65536", "cor-hello", "cor-ping"):
        words += ["--case", f"pair-{id_}"]
    found = matrix.report(*words, status=1)
    mine = list(verdicts(found["reference", "mortal"]).values())
    assert len(mine) == 4
    assert set(mine) == {"crash", "pass"}
    message = next(iter(bad(found["reference", "mortal"]).values()))["message"]
    assert "the target ended with status" in message
    assert bad(found["reference", "reference"]) == {}


def test_a_server_that_hangs_loses_only_its_cells(matrix: Matrix) -> None:
    stubs = {"never-answers": 5, "speaks-http": 3, "half-a-frame": 5}
    files = [matrix.declare(stub, f"{STUBS}.server {stub}") for stub in stubs]
    # As long as the right ones may take on a machine that is busy; waited for at once.
    words = [*files, "--reference", "--client", "reference", "--deadline", "6"]
    found = matrix.report(*words, "-n", "4", "--case", "pair-cor-ping", status=3)
    assert found["reference", "reference"]["exit"] == 0
    assert verdicts(found["reference", "reference"]) == {"pair-cor-ping": "pass"}
    for stub, status in stubs.items():
        assert found["reference", stub]["exit"] == status
        assert set(verdicts(found["reference", stub]).values()) <= {"inconclusive"}


@pytest.mark.parametrize(
    ("stub", "verdict", "status"),
    [
        ("hangs", "inconclusive", 5),
        ("ignores-signals", "inconclusive", 5),
        ("prints-without-end", "fail", 1),
        ("crashes", "crash", 1),
        ("prints-garbage", "fail", 1),
        ("claims-ok", "fail", 1),
        ("claims-lost", "fail", 1),
        ("exits-at-once-0", "fail", 1),
        ("unsupported-always", "skip", 5),
    ],
)
def test_clients_that_are_wrong_altogether(
    matrix: Matrix, stub: str, verdict: str, status: int
) -> None:
    file = matrix.declare("stub", client=f"{STUBS}.client {stub}")
    words = [file, "--reference", "--server", "reference", "--client", "stub"]
    words += ["--case", "pair-cor-echo-json"]
    words += ["--deadline", "1.5" if verdict == "inconclusive" else "30"]
    [run] = matrix.report(*words, status=status).values()
    assert verdicts(run) == {"pair-cor-echo-json": verdict}


@pytest.mark.parametrize(
    ("stub", "verdict", "status"),
    [("hangs", "inconclusive", 5), ("exits-at-once-0", "fail", 1)],
)
def test_a_client_that_does_not_stay_inside_its_request(
    matrix: Matrix, stub: str, verdict: str, status: int
) -> None:
    file = matrix.declare("stub", client=f"{STUBS}.client {stub}")
    words = [file, "--reference", "--client", "stub", "--case", "pair-lif-one-waits"]
    words += ["--deadline", "1.5" if verdict == "inconclusive" else "30"]
    [run] = matrix.report(*words, status=status).values()
    assert verdicts(run) == {"pair-lif-one-waits": verdict}


def test_a_client_that_prints_as_fast_as_it_can_is_ended(matrix: Matrix) -> None:
    """A line too many is proof: it is not waited for."""
    endless = matrix.script("while True: print('ok ' * 1000)")
    file = matrix.declare("endless", client=endless)
    words = [file, "--reference", "--client", "endless", "--deadline", "30"]
    [run] = matrix.report(*words, "--case", "pair-cor-ping", status=1).values()
    assert verdicts(run) == {"pair-cor-ping": "fail"}


def test_a_client_that_is_not_there(matrix: Matrix) -> None:
    files = [matrix.declare("none", client="./no-such-program"), "--reference"]
    found = matrix.report(*files, "--case", "pair-cor-ping", status=3)
    assert "cannot start ./no-such-program" in found["none", "reference"]["stopped"]
    assert found["reference", "reference"]["exit"] == 0


def test_a_status_that_does_not_fit(matrix: Matrix) -> None:
    liar = matrix.script(
        "import os, subprocess, sys\n"
        "done = subprocess.run([sys.executable, '-m', 'hjp.testee_client', *sys.argv[1:]])\n"
        "sys.exit(1 - done.returncode)\n"
    )
    words = [matrix.declare("liar", client=liar), "--reference", "--client", "liar"]
    [run] = matrix.report(*words, "--case", "pair-cor-ping", status=1).values()
    [case] = run["cases"]
    assert case["broken"] == ["HJP-TST-10"]
    assert case["printed"] == ["ok"]


def test_a_failure_that_does_not_come_again_is_told_as_such(matrix: Matrix) -> None:
    moody = matrix.script(
        "import pathlib, subprocess, sys\n"
        "mark = pathlib.Path('mark')\n"
        "if not mark.exists():\n"
        "    mark.touch()\n"
        "    print('lost')\n"
        "    sys.exit(1)\n"
        "command = [sys.executable, '-m', 'hjp.testee_client', *sys.argv[1:]]\n"
        "sys.exit(subprocess.run(command).returncode)\n"
    )
    words = [matrix.declare("moody", client=moody), "--reference", "--client", "moody"]
    [run] = matrix.report(*words, "--case", "pair-cor-ping", status=1).values()
    [case] = run["cases"]
    assert case["verdict"] == "fail"
    assert case["message"].endswith("a second run was recorded, and went right")
    assert len(case["conversations"]) == 1


def test_one_of_several_clients_is_wrong(matrix: Matrix) -> None:
    file = matrix.declare("cutting", f"{BROKEN}.server.broken echo-trimmed")
    several = matrix.script(
        "import subprocess, sys\n"
        "if 'ahead' in sys.argv: print('lost'); sys.exit(1)\n"
        "command = [sys.executable, '-m', 'hjp.testee_client', *sys.argv[1:]]\n"
        "sys.exit(subprocess.run(command).returncode)\n"
    )
    words = [file, matrix.declare("several", client=several)]
    [run] = matrix.report(*words, "--case", "pair-lif-four-clients", status=1).values()
    [case] = run["cases"]
    assert case["verdict"] == "fail"
    assert "recorded" not in case["message"]


def test_a_client_without_call_skips_its_cases(matrix: Matrix) -> None:
    some = matrix.script(
        "import subprocess, sys\n"
        "if 'call' in sys.argv: sys.exit(127)\n"
        "command = [sys.executable, '-m', 'hjp.testee_client', *sys.argv[1:]]\n"
        "sys.exit(subprocess.run(command).returncode)\n"
    )
    words = [matrix.declare("some", client=some), "--reference", "--client", "some"]
    done = matrix.run(*words, "-k", "pair-lif", "--markdown", "m.md", status=0)
    assert "some             2/2" in done.stdout
    assert "1 skip" in done.stdout
    assert "✅ 2/2, 1 not offered" in (matrix.folder / "m.md").read_text("utf-8")


def test_ctrl_c(matrix: Matrix) -> None:
    begun = matrix.folder / "begun"
    os.mkfifo(begun)
    slow = matrix.script(
        f"import time; open({str(begun)!r}, 'w').close(); time.sleep(60)"
    )
    file = matrix.declare("slow", client=slow)
    words = [sys.executable, "-m", "hjp_conformance", "matrix", file, "--reference"]
    with subprocess.Popen(
        [*words, "--deadline", "2", "--client", "slow", "--json", "report.json"],
        cwd=matrix.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("HJP/1: 1 pair")
        assert begun.read_text() == ""  # after somebody has opened it to write
        process.send_signal(signal.SIGINT)
        told, errors = process.communicate(timeout=50)
    assert process.returncode == 130, told + errors
    assert "Traceback" not in errors
    [run] = json.loads((matrix.folder / "report.json").read_text())["runs"]
    assert run["exit"] == 130
    assert not run["complete"]


# Usage

TOML = '[server]\nurl = "hjp://127.0.0.1:1"\n'


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["server.toml"], "no file declares a client"),
        (["client.toml"], "no file declares a server"),
        (["no-such-file"], "no-such-file"),
        (["bad.toml"], "is no TOML"),
        (["wrong.toml"], "wrong.toml"),
        (["--reference", "--client", "x"], "no client is named x: reference"),
        (["--reference", "--server", "x"], "no server is named x: reference"),
        (["--case", "pair-no-such"], "pair-no-such"),
        (["-k", "nothing-is-named-so"], "matrix --list"),
        (["--html", "no-such-folder/x"], "no-such-folder"),
        (["--tier", "full"], "full"),
        (["-n", "0"], "-n"),
    ],
)
def test_wrong_usage(matrix: Matrix, words: list[str], told: str) -> None:
    for name, text in (
        ("server", TOML),
        ("client", '[client]\ncmd = "x"\n'),
        ("bad", "="),
        ("wrong", "[server]\n"),
    ):
        (matrix.folder / f"{name}.toml").write_text(text)
    done = matrix.run(*words, status=2)
    assert told in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


def test_without_files_the_reference_meets_itself(matrix: Matrix) -> None:
    done = matrix.run("--tier", "smoke", "-k", "pair-cor", status=0)
    assert "CONFORMANT as far as " in done.stdout
    assert " of 61 cases go: 1 of 1 pair right" in done.stdout


def test_the_cases_are_listed(matrix: Matrix) -> None:
    lines = matrix.run("--list", status=0).stdout.splitlines()
    assert len(lines) > 50
    assert all(line.startswith("pair-") and "(HJP-" in line for line in lines)


def test_a_case_is_explained() -> None:
    done = commanded.run("explain", "pair-cor-ping")
    assert done.returncode == 0, done.stderr
    assert "HJP-COR-9: A server MUST answer `ping`" in done.stdout
    assert "the client is told: ping\naccepted: the client prints: ok\n" in done.stdout


def test_a_server_that_runs(matrix: Matrix) -> None:
    words = [sys.executable, "-m", "hjp", "serve", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[1]
        (matrix.folder / "sut.toml").write_text(f'[server]\nurl = "{url}"\n')
        words = ["sut.toml", "--reference", "--server", matrix.folder.name]
        found = matrix.report(*words, "--case", "pair-cor-ping", status=0)
        server.terminate()
    assert list(found) == [("reference", matrix.folder.name)]
