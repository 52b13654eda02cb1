"""The command: what it lists, explains and counts, and how it is used wrongly."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from commanded import run

from hjp_conformance.cli import main
from hjp_conformance.clients import EMBEDDED, Client
from hjp_conformance.process import Process
from hjp_conformance.verdicts import TargetGoneError
from hjp_spec.requirements import REQUIREMENTS


def alone(*words: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    command = [sys.executable, "-m", "hjp_conformance", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=55)


@pytest.fixture(scope="module")
def listed() -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads(run("list", "--json").stdout)
    return cases


@pytest.mark.parametrize(
    "words",
    [
        ("server", "http://127.0.0.1:80"),
        ("server", "hjp://127.0.0.1"),
        ("server", "hjp://127.0.0.1:1/path"),
        ("server", "hjp://127.0.0.1:1", "--cmd", "x {port}"),
        ("server", "--cmd", ""),
        ("server", "--cmd", "'"),
        ("--no-such-option",),
        ("no-such-command",),
        ("explain", "no-such-case"),
        ("explain", "HJP-FRM-999"),
        ("list", "-k", "nothing_is_named_so"),
        ("list", "server", "-k", "client-frm"),
        ("coverage", "--requirement", "FRM-999"),
        ("--requirement", "HJP-FRM-999"),
        ("-k", "nothing_is_named_so"),
        ("-k", "and and"),
        ("--case", "no-such-case"),
        ("--case", "server-cor-ping", "--case", "no-such-case"),
        ("--max-fail", "-1"),
        ("--tier", "none"),
        ("-n", "0"),
        ("client", "hjp://127.0.0.1:1"),
        ("client", "--cmd", ""),
        ("codec", "module"),
        ("codec", "module:callable", "--cmd", "x"),
        ("--known-failures", "no-such-file"),
        ("--json", "no-such-folder/report.json"),
        ("--json", "."),
        ("run", "no-such-file"),
        ("replay", "no-such-file"),
        ("diff", "no-such-file", "no-such-file"),
    ],
)
def test_wrong_usage(
    words: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["hjp-conformance", *words])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    assert capsys.readouterr().err


@pytest.fixture(autouse=True)
def _keep_handler() -> Iterator[None]:
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def words_of_help(*words: str) -> str:
    """The help of a command, whose lines may be broken anywhere, also at a hyphen."""
    done = run(*words, "--help")
    assert done.returncode == 0
    return " ".join(done.stdout.split()).replace("- ", "-")


COMMANDS = (
    "server", "client", "codec", "run", "matrix", "replay", "diff", "mutants", "init",
    "list", "explain", "coverage",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_names_exit_statuses(command: str) -> None:
    told = "Exit status: 0 conformant, 1 not conformant, 2 usage, 3 no target, "
    assert told in words_of_help(command)


@pytest.mark.parametrize("words", [(), *((one,) for one in COMMANDS)])
def test_the_help_fits_a_narrow_terminal(words: tuple[str, ...]) -> None:
    lines = on_a_terminal(60, *words, "-h")
    assert max(map(len, lines)) <= 60
    assert not any("…" in line or "[[" in line for line in lines)


@pytest.mark.parametrize("words", [["--version"], ["-h"], ["matrix", "-h"]])
def test_what_does_the_work_is_not_waited_for_by_who_reads(words: list[str]) -> None:
    program = (
        "import sys; from hjp_conformance.cli import app\n"
        f"try: app({words!r})\n"
        "finally: sys.stderr.write(' '.join(sys.modules))"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=55)
    assert done.returncode == 0
    assert {"typer", "hjp_conformance.cli"} <= set(done.stderr.split())
    assert not {"pytest", "jinja2", "jsonschema"} & set(done.stderr.split())


def test_the_help_says_what_the_bare_command_does() -> None:
    told = words_of_help()
    assert "Without the name of a command it is `server`, and without a target" in told
    assert set(COMMANDS) <= set(told.split())


def test_wrong_usage_is_told_in_a_line() -> None:
    done = alone("--cmd", "x", "hjp://127.0.0.1:1")
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last == "Error: Invalid value: give a URL or --cmd, not both"


@pytest.mark.parametrize("room", ["hjp_conformance", "hjp_fuzz"])
def test_ctrl_c_while_it_is_imported(tmp_path: Path, room: str) -> None:
    """Which takes most of the first second."""
    raises = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"
    (tmp_path / "typer.py").write_text(raises)
    env = os.environ | {"PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", room]
    done = subprocess.run(command, capture_output=True, text=True, timeout=55, env=env)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_the_help_of_options_is_whole() -> None:
    found = words_of_help("server")
    assert "a table [known-failures], from ids" in found
    assert "'magic and not later', 'messages' or 'HJP-FRM-2 or HJP-LIM-9'" in found
    assert "just this requirement, such as HJP-MSG-2 or MSG-2; may be given" in found
    assert "Exit status: 0 conformant" in words_of_help()


def test_an_expression_as_in_the_help() -> None:
    done = run(
        "codec", "-k", "version and not HJP-FRM-5 or HJP-ERR-15", "--tier", "core"
    )
    assert done.returncode == 0
    assert "CONFORMANT" in done.stdout


def test_an_address_alone_is_a_server(unused: int) -> None:
    done = run(f"hjp://127.0.0.1:{unused}")
    assert done.returncode == 3
    assert "cannot connect" in done.stderr


@pytest.fixture(name="unused")
def _unused() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def test_a_codec_that_cannot_be_imported_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def parse(octets): raise ValueError\n1 / 0")
    (tmp_path / "yours.py").write_text("def parse(octets): raise ValueError")
    for name, why in (
        ("nosuch:parse", "No module named 'nosuch'"),
        (f"{tmp_path}/mine:parse", "division by zero"),
        (f"{tmp_path}/yours:other", "has no attribute 'other'"),
        (f"{tmp_path}/yours:__name__", "is not callable"),
    ):
        done = run("codec", name, "--case", "codec-frm-version-00")
        assert done.returncode == 3
        [line] = done.stderr.splitlines()
        assert f"there is no callable {name}: " in line
        assert why in line
    done = run("codec", f"{tmp_path}/yours:parse", "--case", "codec-frm-version-00")
    assert done.returncode == 0


def test_a_missing_port_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hjp_conformance.process.START_SECONDS", 0.1)
    for command, is_told in (("sleep 9", True), ("sh -c 'sleep 9' {port}", False)):
        with pytest.raises(TargetGoneError) as caught:
            Process(command)
        assert ("without {port} in the command" in str(caught.value)) == is_told
    assert "prints a line 'ready hjp://host:port'" in words_of_help("server")


def test_what_a_client_is_called() -> None:
    embedded = Client(EMBEDDED)
    assert (embedded.title, embedded.is_embedded) == ("HJP/1 client", True)
    done = run(
        "client", "--cmd", EMBEDDED + " ", "--case", "client-msg-op-in-reply-ping"
    )
    head = done.stdout.splitlines()[0]
    assert head == f"HJP/1 client: {EMBEDDED} "
    assert "features" not in done.stdout


def test_version() -> None:
    done = alone("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("hjp-conformance ")


def test_list(listed: list[dict[str, Any]]) -> None:
    ids = [case["id"] for case in listed]
    assert len(set(ids)) == len(ids)
    modes = Counter(case["mode"] for case in listed)
    assert modes["server"] >= 200
    assert modes["client"] >= 100
    tiers = Counter(case["tier"] for case in listed if case["mode"] == "codec")
    assert tiers["core"] >= 1000
    assert tiers["full"] >= 6000
    for case in listed:
        assert set(case["requirements"]) <= REQUIREMENTS.keys()
        assert case["title"]
        area = "" if case["mode"] == "codec" else f"{case['area'].lower()}-"
        assert case["id"].startswith(f"{case['mode']}-{area}")
    titles = [case["title"] for case in listed if is_of_server(case)]
    assert len(set(titles)) == len(titles)


def is_of_server(case: dict[str, Any]) -> bool:
    return bool(case["mode"] == "server")


def test_list_is_in_the_order_of_the_text(listed: list[dict[str, Any]]) -> None:
    areas = list(dict.fromkeys(case["area"] for case in listed if is_of_server(case)))
    assert areas == [
        "FRM",
        "MET",
        "MSG",
        "ERR",
        "LIM",
        "LIF",
        "COR",
        "PRV",
        "FIL",
        "NAM",
        "PUT",
        "GET",
        "STA",
        "LST",
        "DEL",
        "RSM",
    ]


def test_list_for_people() -> None:
    done = run("list")
    assert done.returncode == 0
    title = "A frame with a wrong magic is refused with bad_magic: last octet"
    row = f"server-frm-magic-wrong-last-octet  MUST HJP-FRM-2  {title}"
    assert row in done.stdout.splitlines()
    assert len(done.stdout.splitlines()) == int(done.stderr.split()[0])


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (("server", "--requirement", "frm-2", "-k", "last-octet"), 1),
        (("server", "--requirement", "HJP-FRM-2"), 23),
        (("client", "-k", "private-names"), 1),
        (("server", "-k", "Frame", "--tier", "smoke"), 38),
    ],
)
def test_list_takes_what_a_run_takes(words: tuple[str, ...], ids: int) -> None:
    found = json.loads(run("list", *words, "--json").stdout)
    assert {one["mode"] for one in found} == {words[0]}
    assert len(found) == ids
    if "--requirement" in words:
        assert all("HJP-FRM-2" in one["requirements"] for one in found)


def on_a_terminal(columns: int, *words: str) -> list[str]:
    """The lines that a command writes to a terminal of this width."""
    pty = pytest.importorskip("pty")
    ours, its = pty.openpty()
    env = os.environ | {"COLUMNS": str(columns), "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "hjp_conformance", *words]
    with subprocess.Popen(command, stdout=its, stderr=its, env=env) as process:
        os.close(its)
        found = b""
        with suppress(OSError):  # Linux: its end is an error
            while octets := os.read(ours, 65_536):
                found += octets
        os.close(ours)
        assert process.wait() == 0
    return found.decode().replace("\r\n", "\n").splitlines()


@pytest.mark.parametrize("words", [("list", "server", "-k", "frm"), ("coverage",)])
def test_rows_fit_a_terminal(words: tuple[str, ...]) -> None:
    found, whole = on_a_terminal(60, *words), run(*words).stdout.splitlines()
    assert max(map(len, found)) == 60
    assert any(line.endswith("…") for line in found)
    assert max(map(len, whole)) > 60
    assert not any("…" in line for line in whole)
    assert len(whole) in (len(found), len(found) - 1), "list counts, but to no program"


def test_explain_case() -> None:
    done = run("explain", "server-frm-magic-wrong-last-octet")
    assert done.returncode == 0
    for words in (
        "HJP-FRM-2: A receiver MUST refuse",
        "48 4A 50 FE",
        "fatal error bad_magic, then the end of the stream",
        "def test_frm_magic_wrong",
    ):
        assert words in done.stdout


@pytest.mark.parametrize("name", ["HJP-COR-13", "COR-13", "cor-13"])
def test_explain_requirement(name: str) -> None:
    done = run("explain", name)
    assert done.returncode == 0
    assert REQUIREMENTS["HJP-COR-13"].sentence in done.stdout
    assert "server-cor-upper-every-octet" in done.stdout


def test_explain_unobservable() -> None:
    done = run("explain", "HJP-MSG-31")
    assert done.returncode == 0
    assert "no case: " in done.stdout


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("explain", "server-frm-magic-wron"), "server-frm-magic-wrong-apart"),
        (("explain", "MSG-222"), "HJP-MSG-22"),
        (("--requirement", "MGS-2"), "HJP-MSG-2"),
        (("--case", "server-cor-pign"), "server-cor-ping"),
        (("explain", "zzz"), "hjp-conformance list"),
    ],
)
def test_what_is_near_is_told(words: tuple[str, ...], near: str) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert near in "".join(done.stderr.replace("│", "").split()).replace(
        "hjp-conformancelist", "hjp-conformance list"
    )


@pytest.mark.parametrize(
    "words", [("-k", "and and"), ("-k", "nowhere"), ("--case", "server-x")]
)
def test_a_wrong_selection_starts_nothing(tmp_path: Path, words: tuple[str]) -> None:
    started = tmp_path / "started"
    done = run("server", "--cmd", f"touch {started}", *words)
    assert done.returncode == 2
    assert not started.exists()
    assert run("server", "--cmd", f"touch {started}").returncode == 3
    assert started.exists()


def test_coverage_of_a_few() -> None:
    done = run("coverage", "server", "--requirement", "FRM-2")
    assert done.returncode == 0
    head, row, count = done.stdout.splitlines()
    assert head == "server:"
    assert row.startswith("HJP-FRM-2    MUST")
    assert len(row.split()) == 3 + int(row.split()[2])
    assert count == "1 of 1 requirements have cases"
    by_word = run("coverage", "-k", "server-cor-ping").stdout
    assert by_word.startswith("server:\nHJP-COR-9")
    assert "client:" not in by_word


def completed(words: str) -> list[str]:
    """What a shell offers for the last word."""
    env = os.environ | {
        "_HJP_CONFORMANCE_COMPLETE": "complete_bash",
        "COMP_WORDS": f"hjp-conformance {words}",
        "COMP_CWORD": str(len(words.split(" "))),
    }
    command = [sys.executable, "-m", "hjp_conformance"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=55, env=env)
    return done.stdout.split()


def test_a_shell_completes_ids(tmp_path: Path) -> None:
    wrong = "server-frm-magic-wrong-"
    assert f"{wrong}apart" in completed(f"explain {wrong}")
    assert "HJP-MSG-2" in completed("explain HJP-MSG")
    assert "MSG-2" in completed("server --requirement MSG")
    assert completed("server --case server-cor-pin") == ["server-cor-ping"]
    assert completed("client --case server-cor-pin") == []
    assert "pair-cor-hello" in completed("matrix --case pair-cor")
    report = tmp_path / "report.json"
    assert run("--case", "server-cor-ping", "--json", str(report)).returncode == 0
    assert completed(f"replay {report} s") == ["server-cor-ping"]


def test_coverage() -> None:
    done = run("coverage")
    assert done.returncode == 0, done.stderr
    assert "HJP-FRM-2    MUST" in done.stdout
    assert "HJP-FRM-1 " in done.stdout
    server, client, codec = done.stdout.split(":\n")[1:]
    assert "HJP-MSG-1 " not in server, "that is about a client"
    assert "HJP-MSG-1 " in client
    assert "HJP-MSG-1 " not in codec
