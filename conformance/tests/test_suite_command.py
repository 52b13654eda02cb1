"""The command: what it lists, explains and counts, and how it is used wrongly."""

import json
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from hjp_conformance.cli import main
from hjp_spec.requirements import REQUIREMENTS


def run(*words: str) -> subprocess.CompletedProcess[str]:
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
    """The help of a command, whose lines may be broken anywhere."""
    done = run(*words, "--help")
    assert done.returncode == 0
    return " ".join(done.stdout.replace("│", " ").split())


@pytest.mark.parametrize(
    "command", ["server", "client", "codec", "run", "matrix", "replay"]
)
def test_the_help_names_exit_statuses(command: str) -> None:
    told = "Exit status: 0 conformant, 1 not conformant, 2 usage, 3 no target, "
    assert told in words_of_help(command)


def test_the_help_of_options_is_whole() -> None:
    found = words_of_help("server")
    assert "a table [known-failures], from ids" in found
    assert "'magic and not later' or 'HJP-FRM-2 or HJP-LIM-9'" in found
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


def test_version() -> None:
    done = run("--version")
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
    assert areas == ["FRM", "MET", "MSG", "ERR", "LIM", "LIF", "COR", "PRV"]


def test_list_for_people() -> None:
    done = run("list")
    assert done.returncode == 0
    assert "server-frm-magic-wrong-last-octet\n    MUST HJP-FRM-2\n" in done.stdout


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


def test_explain_requirement() -> None:
    done = run("explain", "HJP-COR-13")
    assert done.returncode == 0
    assert REQUIREMENTS["HJP-COR-13"].sentence in done.stdout
    assert "server-cor-upper-every-octet" in done.stdout


def test_explain_unobservable() -> None:
    done = run("explain", "HJP-MSG-31")
    assert done.returncode == 0
    assert "no case: " in done.stdout


def test_coverage() -> None:
    done = run("coverage")
    assert done.returncode == 0, done.stderr
    assert "HJP-FRM-2    MUST" in done.stdout
    assert "HJP-FRM-1 " in done.stdout
    server, client, codec = done.stdout.split(":\n")[1:]
    assert "HJP-MSG-1 " not in server, "that is about a client"
    assert "HJP-MSG-1 " in client
    assert "HJP-MSG-1 " not in codec
