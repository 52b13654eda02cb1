"""What `replay` does again, of reports that the command has written."""

import json
import shlex
import sys
from pathlib import Path
from typing import Any

from commanded import run

from hjp_conformance.schema_files import problems

BROKEN = "hjp_conformance.mutants.{}.broken"


def mutant(mode: str, name: str) -> list[str]:
    words = shlex.join([sys.executable, "-m", BROKEN.format(mode), name])
    return [mode, "--cmd", f"{words} {{port}}" if mode == "server" else words]


def report_of(path: Path, *words: str) -> Any:
    done = run(*words, "--json", str(path))
    assert path.exists(), done.stdout + done.stderr
    report = json.loads(path.read_text(encoding="utf-8"))
    assert problems("report", report) == []
    assert report["exit"] == done.returncode
    return report


def write(path: Path, report: Any) -> str:
    path.write_text(json.dumps(report), encoding="utf-8")
    return str(path)


def options_of(report: Any) -> str:
    options: str = report["runs"][0]["options"]
    return options


def test_a_strict_failure_is_strict_again(tmp_path: Path) -> None:
    target = mutant("client", "made-up-member")
    report = report_of(
        tmp_path / "a.json", *target, "--case", "client-prv-names", "--strict"
    )
    assert (report["exit"], options_of(report)) == (1, "--strict")
    done = run("replay", str(tmp_path / "a.json"))
    assert done.returncode == 1, done.stdout
    assert "--strict --case" in done.stdout


def test_the_options_of_a_run_are_told(tmp_path: Path) -> None:
    words = ("codec", "--case", "codec-frm-version-00")
    known = tmp_path / "known failures.toml"
    known.write_text('[known-failures]\n"codec-frm-version-00" = "why"\n')
    more = ("--tier", "soak", "--deadline", "2.5", "--known-failures", str(known))
    assert options_of(report_of(tmp_path / "a.json", *words)) == ""
    report = report_of(tmp_path / "b.json", *words, *more)
    assert shlex.split(options_of(report)) == list(more)
    assert report["exit"] == 1, "it passes, but is known to fail"
    done = run("replay", str(tmp_path / "b.json"))
    assert (done.returncode, "known failure: why" in done.stdout) == (1, True)


def test_what_was_skipped_is_not_conformant() -> None:
    """The reference takes shorter times; without a way to tell it nobody waits."""
    server = f"{sys.executable} -m hjp serve --port 0"
    done = run("server", "--cmd", server, "--case", "server-lim-idle-ms")
    assert (done.returncode, "INCONCLUSIVE: 1 case" in done.stdout) == (5, True)


def test_one_failure_is_worse_than_one_that_does_not_answer(tmp_path: Path) -> None:
    case = ("--case", "codec-frm-version-00")
    fails = report_of(tmp_path / "a.json", *mutant("codec", "version-bad-magic"), *case)
    silent = f"{sys.executable} -c {shlex.quote(SILENT)}"
    waits = report_of(
        tmp_path / "b.json", "codec", "--cmd", silent, *case, "--deadline", "0.5"
    )
    assert (fails["exit"], waits["exit"]) == (1, 5)
    for runs in (fails["runs"] + waits["runs"], waits["runs"] + fails["runs"]):
        path = write(tmp_path / "both.json", fails | {"runs": runs})
        assert run("replay", path).returncode == 1


SILENT = """
import sys
for line in sys.stdin:
    if "describe" in line:
        print('{"status":"ok","testee":1,"name":"it","codes":true,'
              '"commands":["describe","decode","reset"]}', flush=True)
"""


def test_a_fault_of_the_suite_is_run_again(tmp_path: Path) -> None:
    report = report_of(tmp_path / "a.json", "codec", "--case", "codec-frm-version-00")
    assert run("replay", str(tmp_path / "a.json")).returncode == 2, "nothing failed"
    report["runs"][0]["cases"][0]["verdict"] = "harness"
    done = run("replay", write(tmp_path / "b.json", report))
    assert (done.returncode, "cases go: 1 case, 0" in done.stdout) == (0, True)


def test_a_report_without_options_is_played_again(tmp_path: Path) -> None:
    """It was written by an older suite."""
    target = mutant("codec", "version-bad-magic")
    report = report_of(tmp_path / "a.json", *target, "--case", "codec-frm-version-00")
    del report["runs"][0]["options"]
    assert problems("report", report) == []
    assert run("replay", write(tmp_path / "b.json", report)).returncode == 1
