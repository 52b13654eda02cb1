"""The suite against servers that are wrong altogether: a verdict, and soon."""

import json
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from time import monotonic

import pytest
from commanded import run

from hjp_conformance import judge
from hjp_conformance.judge import MAX_CRASHES

STUB = Path(__file__).parent / "stub_server.py"


def stub(behaviour: str) -> str:
    return f"{shlex.join([sys.executable, str(STUB), behaviour])} {{port}}"


def against(behaviour: str, *words: str) -> subprocess.CompletedProcess[str]:
    return run("server", "--cmd", stub(behaviour), "--deadline", "0.5", *words)


@pytest.fixture(name="lives")
def _lives(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that fails and does not die need not be waited for."""
    monkeypatch.setattr(judge, "DYING", 0.01)


@pytest.mark.usefixtures("lives")
@pytest.mark.parametrize(
    "behaviour", ["closes", "closes-unread", "echoes", "rejects", "accepts"]
)
def test_stub_fails(behaviour: str, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    words = ("-k", "server-cor", "--json", str(report))
    done = against(behaviour, *words)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "NOT CONFORMANT" in done.stdout
    told = json.loads(report.read_text())["runs"][0]
    counts = told["counts"]
    assert counts["harness"] == 0, told
    assert counts["fail"] > counts["pass"]
    core = [case for case in told["cases"] if case["requirements"] == ["HJP-COR-9"]]
    if behaviour != "accepts":
        assert [case["verdict"] for case in core] == ["fail"]


@pytest.mark.usefixtures("lives")
def test_most_cases_tell_a_closed_connection_from_an_error(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    assert against("closes", "--json", str(report)).returncode == 1
    told = json.loads(report.read_text())["runs"][0]
    assert told["complete"] is True
    assert told["counts"]["pass"] < len(told["cases"]) / 20


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("is-silent", "does not answer a ping"),
        ("speaks-http", "speaks HTTP, not HJP"),
        ("greets", "does not speak HJP"),
        ("no-such-behaviour", "KeyError: 'no-such-behaviour'"),
    ],
)
def test_target_that_is_none(behaviour: str, words: str, tmp_path: Path) -> None:
    begun = monotonic()
    report = tmp_path / "report.json"
    done = against(behaviour, "--json", str(report))
    assert done.returncode == 3, done.stdout + done.stderr
    assert words in done.stderr
    assert monotonic() - begun < 20
    assert json.loads(report.read_text())["runs"][0]["exit"] == 3


def test_target_that_is_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    done = run("server", f"hjp://127.0.0.1:{port}")
    assert done.returncode == 3
    assert done.stdout == ""
    assert f"hjp://127.0.0.1:{port}: cannot connect" in done.stderr


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("no-such-program {port}", "cannot start no-such-program"),
        (f"{sys.executable} -c pass", "ended with status 0"),
        (f"{sys.executable} -c 'import os; os.abort()' {{port}}", "SIGABRT"),
    ],
)
def test_target_that_cannot_start(command: str, words: str) -> None:
    done = run("server", "--cmd", command)
    assert done.returncode == 3
    assert words in done.stderr
    assert "hjp_conformance" not in done.stderr, "a traceback of ours"


def test_target_says_that_it_is_ready() -> None:
    done = against("says-ready", "--case", "server-cor-ping")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(120)
def test_crashes_are_verdicts() -> None:
    done = against("crashes-third", "-k", "server-cor-upper")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "status 7" in done.stdout
    assert "out of luck" in done.stdout
    assert re.search(r"\b[3-9] crash|\b\d\d crash", done.stdout), done.stdout


@pytest.mark.soak
def test_crashes_are_bounded(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = against("crashes-third", "--json", str(report))
    assert done.returncode == 1, done.stdout + done.stderr
    told = json.loads(report.read_text())["runs"][0]
    # The last one may be seen after it has been decided to stop.
    assert 10 <= told["counts"]["crash"] <= MAX_CRASHES + 1
    assert told["complete"] is False


def test_hanging_is_inconclusive_and_bounded(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = against("is-late", "--json", str(report), "-k", "server-cor-echo")
    assert done.returncode == 5, done.stdout + done.stderr
    told = json.loads(report.read_text())["runs"][0]
    assert 20 <= told["counts"]["inconclusive"] <= 25
    assert "25 questions unanswered" in told["stopped"]


def test_target_that_hangs_is_started_again(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    words = ("-k", "server-prv", "--json", str(report))
    done = against("hangs-from-fifth", *words)
    assert done.returncode in (1, 5), done.stdout + done.stderr
    told = json.loads(report.read_text())["runs"][0]
    assert told["complete"] is True
    assert any("new connection" in case["message"] for case in told["cases"])


def test_failure_tells_all() -> None:
    done = against("rejects", "--case", "server-cor-echo-both")
    assert done.returncode == 1
    for words in (
        "HJP-COR-10: A server MUST answer `echo`",
        "fatal error bad_frame, id 0",
        "accepted: reply to 1, ok, payload of 256 octets",
        "48 4A 50 FF",
        "--case server-cor-echo-both",
    ):
        assert words in done.stdout


@pytest.mark.usefixtures("lives")
def test_failures_at_length_are_few() -> None:
    done = against("closes", "-k", "server-met")
    assert done.stdout.count("only this case:") == 10
    assert "and 1" in done.stdout


def test_stops_after_first_failure() -> None:
    done = against("closes", "-x")
    assert done.returncode == 1
    assert "1 case, 1 failure" in done.stdout


@pytest.mark.usefixtures("lives")
def test_stops_after_so_many_failures() -> None:
    done = against("closes", "--max-fail", "3")
    assert done.returncode == 1
    assert "3 cases, 3 failures" in done.stdout


def test_broken_should_fails_only_if_strict() -> None:
    case = ("--case", "server-lif-told-to-stop")
    lax, strict = against("accepts", *case), against("accepts", *case, "--strict")
    assert (lax.returncode, strict.returncode) in {(0, 1), (1, 1)}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted(number: signal.Signals) -> None:
    """The servers that were started are stopped, too: their ports are closed."""
    command = [sys.executable, "-m", "hjp_conformance"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as suite:
        assert suite.stdout is not None
        first = suite.stdout.readline()
        suite.send_signal(number)
        # Python ends itself by SIGINT if Ctrl-C comes inside an exec: a shell says 130.
        assert suite.wait(20) in (130, -signal.SIGINT)
    port = int(first.split("127.0.0.1:")[1].split(":")[0])
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), 1)


def test_under_nohup_it_goes_on() -> None:
    """A hang-up that is ignored from outside is ignored by the suite, too."""
    suite = [sys.executable, "-m", "hjp_conformance", "--case", "server-cor-ping"]
    command = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh", *suite]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        assert process.wait(50) == 0


def test_remote_target_that_goes_away(tmp_path: Path) -> None:
    """A server that the suite did not start takes three connections, then none."""
    served: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listener:
        host, port = listener.getsockname()[:2]

        def serve() -> None:
            for _ in range(3):
                connection, _ = listener.accept()
                served.append(connection)
                connection.recv(1000)
                connection.close()
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

        thread = threading.Thread(target=serve)
        thread.start()
        report = tmp_path / "report.json"
        done = run("server", f"hjp://{host}:{port}", "--json", str(report))
        thread.join()
    assert done.returncode == 3, done.stdout + done.stderr
    assert "cannot connect" in report.read_text()
    assert json.loads(report.read_text())["runs"][0]["complete"] is False
