"""What the plugin refuses to collect, and the ledger of requirements and cases."""

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from hjp_conformance import run
from hjp_conformance.catalogue import Case, expected_of, gaps, ledger, level_of
from hjp_conformance.patience import Patience
from hjp_conformance.servers import Remote
from hjp_conformance.settings import MODES
from hjp_conformance.unobservable import UNOBSERVABLE
from hjp_conformance.verdicts import Exit
from hjp_conformance.written import CASES

GOOD = '''
from hjp_conformance.authoring import requires, rows

@requires("HJP-FRM-2")
def test_frm_nothing():
    """Nothing is sent, and nothing is expected."""
'''


def collect(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Collect a file of cases, below a folder named for the mode."""
    cases = folder / "server"
    cases.mkdir()
    (cases / "test_frm.py").write_text(text)
    command = [
        *(sys.executable, "-m", "pytest", "-p", "hjp_conformance.plugin"),
        *("-c", os.devnull, "--rootdir", str(folder), "--collect-only", str(cases)),
        *("-p", "no:cacheprovider"),
    ]
    return alone(command)


def alone(command: list[str]) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, capture_output=True, text=True, timeout=55, env=env)


def test_good_case_is_collected(tmp_path: Path) -> None:
    done = collect(tmp_path, GOOD)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("HJP-FRM-2", "HJP-FRM-999", "unknown requirement 'HJP-FRM-999'"),
        ('@requires("HJP-FRM-2")', "", "has to cite a requirement"),
        ('"HJP-FRM-2"', "", "has to cite a requirement"),
        ("test_frm_nothing", "test_nothing", "test_<area>_"),
        (
            '    """Nothing is sent, and nothing is expected."""',
            "    pass",
            "docstring",
        ),
        (
            "def test_frm_nothing():",
            '@__import__("pytest").mark.parametrize("a", [1])\ndef test_frm_nothing(a):',
            "rows need names",
        ),
        (
            "def test_frm_nothing():",
            '@rows("a", {"b_c": 1, "b-c": 2})\ndef test_frm_nothing(a):',
            None,
        ),
    ],
)
def test_what_is_no_case_is_refused(
    tmp_path: Path, old: str, new: str, words: str | None
) -> None:
    done = collect(tmp_path, GOOD.replace(old, new))
    if words is None:
        assert done.returncode == 0, done.stderr
        return
    assert done.returncode == pytest.ExitCode.USAGE_ERROR, done.stdout
    assert words in done.stderr


def test_two_cases_of_one_id_are_refused(tmp_path: Path) -> None:
    done = collect(
        tmp_path,
        GOOD.replace("nothing():", "a_b():")
        + GOOD.replace(
            "def test_frm_nothing():", '@rows("a", {"b": 1})\ndef test_frm_a(a):'
        ),
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR, done.stdout
    assert "two cases have the id server-frm-a-b" in done.stderr


def test_case_without_target_says_so(tmp_path: Path) -> None:
    text = GOOD.replace("nothing():", "nothing(probe):")
    done = collect(tmp_path, text)
    assert done.returncode == 0
    command = [sys.executable, "-m", "pytest", "-p", "hjp_conformance.plugin"]
    command += ["-p", "hjp_conformance.fixtures.server"]
    command += ["-c", os.devnull, "--rootdir", str(tmp_path), str(tmp_path)]
    command += ["-p", "no:cacheprovider"]
    done = alone(command)
    assert done.returncode != 0
    assert "start the suite with hjp-conformance" in done.stdout + done.stderr


class Healthy(Remote):
    """A target that nothing is asked of."""

    def __init__(self) -> None:
        super().__init__("hjp://127.0.0.1:1")

    def silence(self, patience: Patience) -> None:
        """It lives."""


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("", "", Exit.CONFORMANT),
        ("is expected.", 'is expected."""\n    raise Violation("x")\n    """', 1),
        ("is expected.", 'is expected."""\n    raise Inconclusive("x")\n    """', 5),
        ("is expected.", 'is expected."""\n    1 / 0\n    """', Exit.HARNESS),
        ("HJP-FRM-2", "HJP-FRM-999", Exit.HARNESS),
        ("def test", "deaf test", Exit.HARNESS),
        ("nothing():", "nothing(no_such_fixture):", Exit.HARNESS),
    ],
)
def test_faults_of_the_suite_are_none_of_the_target(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    old: str,
    new: str,
    status: int,
) -> None:
    imports = "from hjp_conformance.verdicts import Inconclusive, Violation\n"
    (tmp_path / "server").mkdir()
    # A name of its own: Python keeps modules by name.
    cases = tmp_path / "server" / f"test_{tmp_path.name}.py"
    cases.write_text(imports + GOOD.replace(old, new))
    shutil.copy(CASES / "pytest.ini", tmp_path)
    monkeypatch.setattr(run, "CASES", tmp_path)
    assert run.run_pytest(run.Run(target=Healthy())) == status


@pytest.mark.parametrize(
    ("requirements", "level"),
    [
        (("HJP-FRM-2",), "MUST"),
        (("HJP-FRM-3",), "MUST"),
        (("HJP-MET-19",), "SHOULD"),
        (("HJP-LIM-10",), "SHOULD"),
        (("HJP-FRM-18",), "MAY"),
        (("HJP-FRM-18", "HJP-MET-19"), "SHOULD"),
        (("HJP-MET-19", "HJP-FRM-2"), "MUST"),
    ],
)
def test_level_is_the_strongest(requirements: tuple[str, ...], level: str) -> None:
    assert level_of(requirements) == level


def case_for(*requirements: str) -> Case:
    code = partial(print)
    return Case("x", "x", requirements, "MUST", "FRM", "server", "core", code)


def cases_for_all() -> list[Case]:
    ids = [one.id for one in expected_of("server")]
    return [case_for(id_) for id_ in ids if id_ not in UNOBSERVABLE["server"]]


def test_ledger_without_gaps() -> None:
    assert gaps(ledger(cases_for_all())) == []


def test_ledger_misses_a_must() -> None:
    cases = [case for case in cases_for_all() if case.requirements != ("HJP-FRM-2",)]
    assert gaps(ledger(cases)) == [
        "HJP-FRM-2 has no case and is not listed as unobservable"
    ]


def test_ledger_does_not_miss_a_may() -> None:
    cases = [case for case in cases_for_all() if case.requirements != ("HJP-FRM-18",)]
    assert gaps(ledger(cases)) == []


def test_ledger_finds_a_case_of_the_unobservable() -> None:
    id_ = next(iter(UNOBSERVABLE["server"]))
    assert gaps(ledger([*cases_for_all(), case_for(id_)])) == [
        f"{id_} is listed as unobservable and has cases"
    ]


def test_ledger_finds_unobservable_that_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(UNOBSERVABLE["server"], "HJP-MSG-1", "no reason")
    assert gaps(ledger(cases_for_all())) == [
        "HJP-MSG-1 is listed as unobservable and is none of ours"
    ]


@pytest.mark.parametrize("mode", MODES)
def test_few_are_unobservable(mode: str) -> None:
    assert len(UNOBSERVABLE[mode]) <= 8
