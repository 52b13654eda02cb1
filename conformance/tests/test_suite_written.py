"""Cases are read as data: the same that pytest collects, whoever wants to know of them."""

import importlib.util
from pathlib import Path

import pytest
import typer

from hjp_conformance import collected, run, written
from hjp_conformance.catalogue import Case
from hjp_conformance.settings import MODES, Settings
from hjp_conformance.verdicts import Exit
from hjp_conformance.written import CaseError, cases_in

HEAD = "from hjp_conformance.authoring import requires, rows\n"
CASE = '''
@requires("HJP-FRM-2")
def test_frm_nothing():
    """Nothing is sent, and nothing is expected."""
'''


@pytest.fixture(autouse=True)
def _read_again() -> None:
    collected.cases_of.cache_clear()


def cases_of_text(folder: Path, text: str) -> list[Case]:
    path = folder / "server" / f"test_{folder.name}.py"
    path.parent.mkdir()
    path.write_text(HEAD + text)
    spec = importlib.util.spec_from_file_location("read", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(cases_in(module))


def told(case: Case) -> object:
    """All of it; of its code, which is made anew each time, the function and the row."""
    code = case.code if case.mode == "codec" else (case.code.func, case.code.keywords)
    return repr(case).partition(", code=")[0], code


@pytest.mark.parametrize("mode", MODES)
def test_they_are_those_that_pytest_collects(mode: str) -> None:
    items = run.Run(Settings(mode, tier="soak"))
    assert run.run_pytest(items, ["--collect-only"]) is Exit.CONFORMANT
    cases = collected.cases_of(mode)
    assert [told(one) for one in cases] == [told(one) for one in items.cases]
    assert len(cases) > 100


@pytest.mark.parametrize("mode", MODES)
def test_of_a_selection_pytest_collects_nothing_else(mode: str) -> None:
    every = collected.cases_of(mode)
    only = tuple(one.id for one in every[:: len(every) // 3])
    found = run.Run(Settings(mode, only=only))
    assert run.run_pytest(found, ["--collect-only"]) is Exit.CONFORMANT
    assert [one.id for one in found.cases] == list(only)
    assert found.total == len([one for one in every if one.tier != "soak"])


def test_each_row_of_each_table_is_one(tmp_path: Path) -> None:
    tables = '@rows("b", {"c": 1, "d": 2})\n@rows("a", {"x-y": 3})\n'
    case = CASE.replace("@req", f"{tables}@req").replace("nothing()", "nothing(a, b)")
    found = cases_of_text(tmp_path, case)
    assert [one.id for one in found] == [
        "server-frm-nothing-x-y-c",
        "server-frm-nothing-x-y-d",
    ]
    assert [one.code.keywords for one in found] == [{"a": 3, "b": 1}, {"a": 3, "b": 2}]
    assert found[0].title == "Nothing is sent, and nothing is expected: x y c"


def test_a_case_that_waits_is_one_of_the_last_tier(tmp_path: Path) -> None:
    waits = CASE.replace("@req", '@__import__("pytest").mark.soak\n@req')
    found = cases_of_text(tmp_path, waits + CASE.replace("nothing", "something"))
    assert [one.tier for one in found] == ["soak", "core"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("HJP-FRM-2", "HJP-FRM-999", "unknown requirement 'HJP-FRM-999'"),
        ('@requires("HJP-FRM-2")', "", "has to cite a requirement"),
        ("test_frm_nothing", "test_nothing", "test_<area>_"),
        ('"""Nothing is sent, and nothing is expected."""', "pass", "docstring"),
        (
            "@req",
            '@__import__("pytest").mark.parametrize("a", [1])\n@req',
            "rows need names",
        ),
    ],
)
def test_what_is_no_case_is_refused(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    with pytest.raises(CaseError) as caught:
        cases_of_text(tmp_path, CASE.replace(old, new))
    assert words in str(caught.value)


@pytest.mark.parametrize("what", ["not to be read", "two of one id"])
def test_what_cannot_be_read_is_a_fault_of_the_suite(
    what: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if what == "two of one id":
        twice = cases_of_text(tmp_path, CASE) * 2
        monkeypatch.setattr(collected, "cases_of_files", lambda mode: iter(twice))
        words = "two cases have the id server-frm-nothing"
    else:
        # A file that there is no module for.
        monkeypatch.setattr(written, "CASES", tmp_path)
        (tmp_path / "server").mkdir()
        (tmp_path / "server" / "test_nowhere.py").write_text("")
        words = "No module named 'hjp_conformance.cases.server.test_nowhere'"
    with pytest.raises(typer.Exit) as caught:
        collected.collected(("server",))
    assert caught.value.exit_code == Exit.HARNESS
    assert words in capsys.readouterr().err
