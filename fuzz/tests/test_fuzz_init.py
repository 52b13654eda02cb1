"""The skeletons: each runs as it is, and is what it says."""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hjp_fuzz.cli import app
from hjp_fuzz.grammar import case
from hjp_fuzz.sources import RandomSource
from hjp_spec.oracle import decode, encode, raw_frame
from hjp_spec.testee import Testee, TesteeError

BUILD = ("gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-O2")
SANITIZED = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fuzz(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, prog_name="hjp-fuzz")


def command(lang: str, folder: Path) -> list[str]:
    """Build a skeleton; return what runs it."""
    tool = {"c": "gcc", "javascript": "node"}[lang]
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    if lang == "javascript":
        return ["node", str(folder / "fuzz_testee.mjs")]
    built = folder / "fuzz_testee"
    words = (*BUILD, *SANITIZED, "-o", built, folder / "fuzz_testee.c")
    subprocess.run(words, check=True, timeout=50)
    return [str(built)]


def test_python_runs_as_it_is(here: Path) -> None:
    done = fuzz("init", "--dir", "mine")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "wrote fuzz_target.py, test_fuzz_target.py",
        "run it: cd mine && hjp-fuzz run fuzz_target:parse",
        "run it: cd mine && pytest test_fuzz_target.py",
        "then put your own in, where fuzz_target.py says YOUR PARSER HERE",
    ]
    words = "from hjp_fuzz.cli import main; main()"
    ran = subprocess.run(
        (sys.executable, "-c", words, "run", "fuzz_target:parse", "--count", "300"),
        cwd=here / "mine",
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr
    assert "HJP-FRM-7" in ran.stdout
    tested = subprocess.run(
        (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        cwd=here / "mine",
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert tested.returncode == 1
    assert "hjp_fuzz.Broken: HJP-" in tested.stdout


@pytest.mark.parametrize("lang", ["c", "javascript"])
def test_a_testee_answers_as_the_text_says(lang: str, here: Path) -> None:
    assert fuzz("init", "--lang", lang).exit_code == 0
    with Testee(command(lang, here)) as testee:
        described = testee.describe()
        assert (described.name, described.codes) == ("my-parser", True)
        assert described.commands == ("describe", "decode", "reset")
        odd = encode(b'{"a\\n":"\\"\xe2\x82\xac",\n\t"b":1}', bytes(range(256)))
        answer = testee.decode([odd[:7], b"", odd[7:30], odd[30:] + odd[:20]])
        (frame,) = decode(odd).frames
        assert answer.status == "incomplete"
        assert answer.frames == ((frame.json.decode(), frame.payload),)
        assert answer.consumed == len(odd)
        assert testee.decode([]).status == "accept"
        refused = testee.decode([odd, b"GET / HT", b"TP"])
        assert (refused.status, refused.code) == ("reject", "bad_magic")
        assert len(refused.frames) == 1
        testee.reset()


@pytest.mark.parametrize("lang", ["c", "javascript"])
def test_a_testee_survives_what_the_fuzzer_sends(lang: str, here: Path) -> None:
    assert fuzz("init", "--lang", lang).exit_code == 0
    source = RandomSource("skeletons")
    wrong = 0
    with Testee(command(lang, here)) as testee:
        for _ in range(300):
            source.restart()
            wrote = case(source)
            outcome = decode(wrote.stream)
            try:
                answer = testee.decode([wrote.stream])
            except TesteeError as garbage:
                if garbage.kind != "garbage":
                    raise
                # A text that is no UTF-8 was believed: it cannot stand in an answer.
                wrong += 1
                continue
            wrong += not outcome.permits(answer.status, answer.code)
    assert 0 < wrong < 150  # it believes most of what it reads, and no more


def test_from_a_skeleton_to_a_test_file(here: Path) -> None:
    """All the ways at once, on a target that is no callable."""
    assert fuzz("init", "--lang", "c").exit_code == 0
    target = shlex.join(["cmd:" + command("c", here)[0]])
    assert (
        fuzz("corpus", "write", "seeds", "--seed", "1", "--count", "3000").exit_code
        == 0
    )
    assert fuzz("corpus", "run", "seeds", target).exit_code == 1
    number = raw_frame(b'{"a":NaN}', b"!").hex()
    shrunk = fuzz("shrink", "--hex", number, target, "--out", "one")
    assert shrunk.exit_code == 1, shrunk.output
    assert "HJP-MET-4" in shrunk.stdout
    exported = fuzz("export", "--out", "one", "--pytest", "test_found.py")
    assert exported.exit_code == 0
    tested = subprocess.run(
        (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (tested.returncode, "1 failed" in tested.stdout) == (1, True)


def test_files_that_are_there_are_kept(here: Path) -> None:
    (here / "test_fuzz_target.py").write_text("mine")
    done = fuzz("init")
    assert done.exit_code == 2
    assert "test_fuzz_target.py is there already; --force" in done.stderr
    assert not (here / "fuzz_target.py").exists()
    assert fuzz("init", "--force").exit_code == 0
    assert "fuzz(" in (here / "test_fuzz_target.py").read_text()


def test_a_folder_that_cannot_be_written(here: Path) -> None:
    (here / "file").write_text("")
    done = fuzz("init", "--dir", "file/below")
    assert done.exit_code == 2
    assert "cannot write to file/below: " in done.stderr
