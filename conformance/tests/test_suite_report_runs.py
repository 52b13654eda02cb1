"""Reports of real runs: what is hard to write by hand, and easy to lie about."""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import typer
from commanded import run

from hjp_conformance.outputs import Outputs

FLAKY = Path(__file__).parent / "flaky_codec.py"
CASES = ("--case", "codec-frm-version-00", "--case", "codec-frm-version-02")
KINDS = ("json", "junit", "markdown", "html")


def written(folder: Path, *words: str) -> tuple[int, dict[str, str]]:
    """The exit status of a run, and its reports."""
    paths = {kind: folder / kind for kind in KINDS}
    asked = [word for kind in KINDS for word in (f"--{kind}", str(paths[kind]))]
    done = run(*words, *asked)
    return done.returncode, {kind: path.read_text() for kind, path in paths.items()}


def errors(text: str) -> list[str]:
    """The names of the testcases with an error, whose numbers are right."""
    suite = ElementTree.fromstring(text).find("testsuite")
    assert suite is not None
    found = {
        kind: suite.findall(f"testcase/{kind}/..") for kind in ("error", "failure")
    }
    assert suite.get("errors") == str(len(found["error"]))
    assert suite.get("failures") == str(len(found["failure"]))
    assert suite.get("tests") == str(len(suite.findall("testcase")))
    return [f"{one.get('name')}: {one[-1].get('message')}" for one in found["error"]]


def test_without_a_target_junit_is_red(tmp_path: Path) -> None:
    status, found = written(tmp_path, "codec", "--cmd", "no-such-program", *CASES)
    assert status == 3
    [told] = errors(found["junit"])
    assert told.startswith("(run): NO TARGET: ")
    assert "no-such-program" in told


def test_with_a_dead_pattern_junit_is_red(tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    known.write_text('[known-failures]\n"codec-none" = "why"\n')
    status, found = written(tmp_path, "codec", *CASES, "--known-failures", str(known))
    assert status == 1
    [told] = errors(found["junit"])
    assert (
        told == "(run): NOT CONFORMANT: this known failure matches no case: codec-none"
    )


SERVER = f"{sys.executable} -m hjp serve --port 0"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("server", "--cmd", SERVER, "--case", "server-lim-idle-ms"), "INCONCLUSIVE"),
    ],
)
def test_what_tells_nothing_is_red_in_junit(
    tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    """Every case was skipped."""
    _, found = written(tmp_path, *words)
    assert errors(found["junit"])[0].startswith(f"(run): {told}")


def test_a_run_that_stopped_is_red_in_junit(tmp_path: Path) -> None:
    wrong = (
        f"{sys.executable} -m hjp_conformance.mutants.codec.broken version-bad-magic"
    )
    status, found = written(tmp_path, "codec", "--cmd", wrong, *CASES, "-x")
    assert status == 1
    [told] = errors(found["junit"])
    assert told.startswith("(run): NOT CONFORMANT: not all cases were run")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """One report cannot be written: it is a fault of ours, and the others are."""
    paths = ["--json", "/dev/full", "--markdown", str(tmp_path / "report.md")]
    done = run("codec", *CASES, *paths)
    assert done.returncode == 4
    assert done.stderr == "/dev/full is not written: No space left on device\n"
    assert (tmp_path / "report.md").read_text().startswith("## ")


def test_a_file_that_may_not_be_written_is_told_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = Outputs(json_path=tmp_path / "report.json")
    options.check_folders()
    monkeypatch.setattr("os.access", lambda path, mode: path != tmp_path)
    with pytest.raises(typer.BadParameter, match="json cannot be written"):
        options.check_folders()


def test_a_run_that_is_right_is_green(tmp_path: Path) -> None:
    status, found = written(tmp_path, "codec", *CASES)
    assert (status, errors(found["junit"])) == (0, [])


def test_tables_count_every_time(tmp_path: Path) -> None:
    """The second time all is well: the failures of the first are in the tables."""
    command = f"{sys.executable} {FLAKY} {tmp_path / 'flag'}"
    status, found = written(
        tmp_path, "codec", "--cmd", command, *CASES, "--repeat", "2"
    )
    assert status == 1
    rows = found["markdown"].splitlines()
    [frame] = [row for row in rows if "FRM Frame" in row]
    [must] = [row for row in rows if row.startswith("| MUST")]
    assert "❌ 2 of 4, 2 fail" in frame
    assert "❌ 2 of 4, 2 fail" in must
    assert found["html"].count('<span class="of v-fail">2/4</span>') == 3
    assert "had no room" not in found["html"]
