"""The command, run as a user runs it: output, exit status, never a traceback."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Fuzz = Callable[..., subprocess.CompletedProcess[str]]


def test_the_help(here: Path, fuzz: Fuzz) -> None:
    whole = fuzz(here, "-h")
    assert whole.returncode == 0
    assert "Exit status: 0 nothing found, 1 findings, 2 usage" in whole.stdout
    assert "--install-completion" in whole.stdout
    assert "FILE" in fuzz(here, "grid", "-h").stdout


def test_a_clean_run(here: Path, fuzz: Fuzz) -> None:
    done = fuzz(here, "run", "planted_parsers:parse", "--count", "400", "--seed", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "seed 1" in done.stdout
    assert "400 streams" in done.stdout
    assert "0 findings" in done.stdout
    assert "HJP-MET-13" in done.stdout
    assert not (here / "hjp-fuzz-findings").exists()


def test_findings_are_shown_kept_and_replayed(here: Path, fuzz: Fuzz) -> None:
    done = fuzz(here, "run", "mine:parse", "--count", "300", "--seed", "7")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "HJP-MET-6  A receiver MUST refuse with bad_json" in done.stdout
    assert "7B 22 61 22 3A" in done.stdout
    kept = sorted((here / "hjp-fuzz-findings").glob("F-*.json"))
    assert len(kept) >= 3
    for file in kept:
        assert f"hjp-fuzz replay {file.stem}" in done.stdout
    again = fuzz(here, "replay", kept[0].stem)
    assert again.returncode == 1
    assert again.stdout.startswith(f"FAILED  {kept[0].stem}: ")
    by_file = fuzz(here, "replay", str(kept[0]))
    assert by_file.stdout == again.stdout
    fixed = fuzz(here, "replay", kept[0].stem, "planted_parsers:parse")
    assert fixed.returncode == 0
    assert fixed.stdout == f"FIXED  {kept[0].stem}: no check fails\n"


def test_a_replay_whose_parser_breaks_the_contract_is_an_error(
    here: Path, fuzz: Fuzz
) -> None:
    fuzz(here, "run", "mine:parse", "--count", "30", "--seed", "7")
    kept = next((here / "hjp-fuzz-findings").glob("F-*.json"))
    done = fuzz(here, "replay", kept.stem, "hostile_parsers:no_pairs")
    assert done.returncode == 3
    assert done.stdout.startswith(f"ERROR  {kept.stem}: ")


def test_octets_are_replayed_without_a_finding(here: Path, fuzz: Fuzz) -> None:
    octets = "484a50ff0100000002000000000000005b5d"
    done = fuzz(here, "replay", "--hex", octets, "mine:parse")
    assert done.returncode == 1
    assert "FAILED  octets: same-status" in done.stdout
    assert "HJP-MET-3" in done.stdout
    done = fuzz(
        here, "replay", "--hex", octets, "--cuts", "3,16", "planted_parsers:Parser"
    )
    assert (done.returncode, done.stdout) == (0, "FIXED  octets: no check fails\n")


def test_json_is_one_object(here: Path, fuzz: Fuzz) -> None:
    done = fuzz(
        here, "run", "mine:parse", "--count", "200", "--seed", "7", "--json", "-"
    )
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert report["streams"] == 200
    assert report["seed"] == "7"
    assert sum(report["outcomes"].values()) == 200
    assert {"HJP-FRM-2", "HJP-MET-14"} <= report["requirements"].keys()
    assert all("octets" in finding for finding in report["findings"])
    assert "HJP-MET-6" in done.stderr


def test_never_exercised_requirements_are_named(here: Path, fuzz: Fuzz) -> None:
    done = fuzz(here, "run", "planted_parsers:parse", "--count", "1", "--seed", "2")
    assert "never exercised: HJP-FRM-" in done.stdout


def test_every_octet_and_several_divisions(here: Path, fuzz: Fuzz) -> None:
    arguments = ("--count", "40", "--cuts", "3", "--jobs", "2", "--seed", "1")
    done = fuzz(here, "run", "planted_parsers:Parser", *arguments)
    assert done.returncode == 0, done.stdout


def test_the_engine_hypothesis(here: Path, fuzz: Fuzz) -> None:
    arguments = ("--count", "400", "--engine", "hypothesis", "--seed", "1")
    done = fuzz(here, "run", "mine:parse", *arguments)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "400 streams" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run",), "--server-cmd is needed"),
        (("run", "mine:parse", "--cmd", "cat"), "one target at a time"),
        (("run", "--cmd", "/no/such/testee"), "cannot start"),
        (("run", "--cmd", "'"), "No closing quotation"),
        (("run", "--cmd", " "), "names no command"),
        (("run", "--spawn", "/no/such/parser"), "cannot start"),
        (("run", "--spawn", "true", "--reject-status", "2"), "have to differ"),
        (("run", "--server", "127.0.0.1:1"), "neither hjp://HOST:PORT"),
        (("run", "--server", "hjp://127.0.0.1:1", "--jobs", "2"), "one job"),
        (("grid", *(["mine:parse"] * 27)), "at most 26"),
        (("grid",), "TARGET"),
        (("run", "mine"), "not of the form module:callable"),
        (("run", "nowhere:parse"), "no module nowhere"),
        (("replay", "S-12"), "in hjp-fuzz-findings: hjp-fuzz session --replay S-12"),
        (("run", "mine:nothing"), "module mine has no nothing"),
        (("run", "mine:parse", "--error", "mine.Bad"), "'mine.Bad' is neither MODULE:"),
        (("run", "mine:parse", "--time", "soon"), "soon"),
        (("run", "mine:parse", "--engine", "steam"), "random and hypothesis"),
        (("run", "mine:parse", "--count", "0"), "--count"),
        (("run", "mine:parse", "--error", "mine:parse"), "not an exception"),
        (("replay", "F-000000"), "no finding F-000000"),
        (("replay",), "a finding, or --hex"),
        (("replay", "--hex", "4", "mine:parse"), "hex"),
        (("replay", "--hex", "48", "--cuts", "1", "mine:parse"), "inside the octets"),
        (("replay", "--hex", "48"), "MODULE:CALLABLE"),
        (("shrinkwrap",), "shrinkwrap"),
    ],
)
def test_wrong_usage(
    arguments: tuple[str, ...], says: str, here: Path, fuzz: Fuzz
) -> None:
    done = fuzz(here, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert says in done.stderr


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("mine_broken:parse", "ZeroDivisionError"),
        ("hostile_parsers:no_pairs", "no pair"),
        ("cmd:cat", "no testee"),
        ("server:hjp://127.0.0.1:1", "answers no ping"),
    ],
)
def test_a_broken_parser(target: str, says: str, here: Path, fuzz: Fuzz) -> None:
    done = fuzz(here, "run", target, "--count", "5")
    assert done.returncode == 3
    assert says in done.stderr


def test_a_file_where_the_folder_should_be(here: Path, fuzz: Fuzz) -> None:
    (here / "hjp-fuzz-findings").touch()
    done = fuzz(here, "run", "mine:parse", "--count", "100", "--seed", "7")
    assert done.returncode == 2
    assert done.stderr == "hjp-fuzz: hjp-fuzz-findings: File exists\n"


def test_a_fault_of_our_own(here: Path) -> None:
    broken = "from hjp_fuzz import cli, runner; runner.Campaign.run = None; cli.main()"
    done = subprocess.run(
        (sys.executable, "-c", broken, "run", "mine:parse", "--count", "1"),
        cwd=here,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert "a fault of hjp-fuzz itself: TypeError: " in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupt_still_reports(here: Path, fuzz_command: tuple[str, ...]) -> None:
    running = subprocess.Popen(
        (*fuzz_command, "run", "planted_parsers:parse", "--time", "60"),
        cwd=here,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert running.stdout.readline().startswith("hjp-fuzz planted_parsers:parse")
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "streams" in out
    assert "Traceback" not in out + err


def test_the_version(here: Path, fuzz: Fuzz) -> None:
    done = fuzz(here, "--version")
    assert (done.returncode, done.stdout.split()[0]) == (0, "hjp-fuzz")
    assert done.stdout.split()[1][0].isdigit()


def test_help_names_the_commands(here: Path, fuzz: Fuzz) -> None:
    done = fuzz(here, "--help")
    assert done.returncode == 0
    assert "run" in done.stdout
    assert "replay" in done.stdout
