"""The command with targets that are processes: run, replay, grid."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Fuzz = Callable[..., subprocess.CompletedProcess[str]]
Way = Callable[[str], str]
TESTS = Path(__file__).parent


def test_a_testee_and_its_finding(here: Path, hostile: Way, fuzz: Fuzz) -> None:
    arguments = ("--cmd", hostile("pipe crash"), "--count", "60", "--seed", "3")
    done = fuzz(here, "run", *arguments)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "crash: the process survives" in done.stdout
    [kept] = (here / "hjp-fuzz-findings").glob("F-*.json")
    again = fuzz(here, "replay", kept.stem)
    assert again.returncode == 1
    assert again.stdout.startswith(f"FAILED  {kept.stem}: crash")
    for other in (
        ("planted_parsers:parse",),
        ("--cmd", hostile("pipe obey")),
        ("--spawn", hostile("lines obey")),
        ("spawn:" + hostile("spawn obey"),),
    ):
        fixed = fuzz(here, "replay", kept.stem, *other)
        assert (fixed.returncode, fixed.stdout) == (
            *(0, f"FIXED  {kept.stem}: no check fails\n"),
        )
    gone = fuzz(here, "replay", kept.stem, "--cmd", "cat")
    assert gone.returncode == 3
    assert gone.stdout.startswith(f"ERROR  {kept.stem}: cmd:cat is no testee")


def test_a_program_its_statuses_and_limits_are_kept(
    here: Path, hostile: Way, fuzz: Fuzz
) -> None:
    script = here / "shifted.sh"
    script.write_text(f"{hostile('spawn crash')}; exit $(($? + 10))\n")
    options = ("--reject-status", "11", "--incomplete-status", "12")
    limits = ("--memory", "200", "--patience", "3")
    done = fuzz(
        *(here, "run", "--spawn", f"sh -c '{script.read_text().strip()}'"),
        *("--count", "20", *options, *limits),
    )
    # 0 has become 10, which is none of the three.
    assert done.returncode == 1, done.stdout + done.stderr
    assert "got       exit 10" in done.stdout
    kept = next((here / "hjp-fuzz-findings").glob("F-*.json"))
    found = json.loads(kept.read_text())
    assert found["contract"]["reject_status"] == 11
    assert found["limits"] == {"patience": 3.0, "memory": 200 << 20}
    assert fuzz(here, "replay", kept.stem).returncode == 1


def test_a_server_that_is_started(here: Path, fuzz: Fuzz) -> None:
    server = f"{sys.executable} -m hjp serve --port {{port}}"
    done = fuzz(here, "run", "--server-cmd", server, "--count", "60")
    assert done.returncode == 0, done.stdout + done.stderr
    octets = "474554202f20485454502f312e310d0a"
    again = fuzz(here, "replay", "--hex", octets, "--server-cmd", server)
    assert again.stdout == "FIXED  octets: no check fails\n"


def test_a_server_that_dies_ends_the_run_with_its_finding(
    here: Path, fuzz: Fuzz
) -> None:
    words = (sys.executable, str(TESTS / "hostile_server.py"), "crash", "0")
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = f"hjp://127.0.0.1:{int(server.stdout.readline())}"
        done = fuzz(here, "run", "--server", url, "--count", "4000")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "the run ended early: server:hjp://" in done.stdout
    assert "seen      once" in done.stdout
    assert "1 finding" in done.stdout


def test_a_grid(here: Path, hostile: Way, fuzz: Fuzz) -> None:
    targets = ("planted_parsers:parse", "mine:parse", "cmd:" + hostile("pipe obey"))
    done = fuzz(here, "grid", *targets, "--count", "150", "--seed", "7")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "A  planted_parsers:parse" in done.stdout
    assert "150 streams" in done.stdout
    assert "spec/B, A/B, B/C, on " in done.stdout
    assert "  B     incomplete" in done.stdout
    whole = fuzz(here, "grid", *targets[::2], "--count", "50", "--json", "-")
    assert whole.returncode == 0
    assert json.loads(whole.stdout)["pairs"] == []


def test_a_grid_as_json(here: Path, fuzz: Fuzz) -> None:
    arguments = ("mine:parse", "--count", "150", "--seed", "7", "--json")
    report = json.loads(fuzz(here, "grid", *arguments, "-").stdout)
    done = fuzz(here, "grid", *arguments, str(here / "grid.json"))
    assert "150 streams" in done.stdout
    assert json.loads((here / "grid.json").read_text())["pairs"] == report["pairs"]
    assert fuzz(here, "grid", *arguments, "no/such.json").returncode == 2
    [pair] = report["pairs"]
    assert pair["pair"] == ["specification", "mine:parse"]
    assert pair["disagree"] > 0
    assert bytes.fromhex(pair["octets"])
    assert len(pair["say"]) == 2
