"""The pytest way in: what a user's test file says, and what comes out of it."""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, settings

import hjp_fuzz
from hjp_fuzz import Broken, TargetError, check, fuzz
from hjp_fuzz.testing import Octets

TESTS = Path(__file__).parent
planted = importlib.import_module("planted_parsers").planted
# What Hypothesis draws depends on what is imported: each bug has room to be found.
QUICK = settings(
    max_examples=3000,
    database=None,
    deadline=None,
    derandomize=True,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
NAN = b'HJP\xff\x01\0\0\0\x09\0\0\0\0\0\0\0{"a":NaN}'


def failure(test: Callable[[], None]) -> Broken:
    with pytest.raises(Broken) as caught:
        test()
    return caught.value


def argument(broken: Broken, name: str) -> Any:
    """Read the argument from the call that is printed, as a user would copy it."""
    call = re.search(r"\w+\(.*?^\)", "\n".join(broken.__notes__), re.S | re.M)
    assert call is not None
    keywords = ast.parse(call[0], mode="eval").body.keywords  # type: ignore[attr-defined]
    assert [keyword.arg for keyword in keywords] == [name]
    return eval(ast.unparse(keywords[0].value))


def test_every_public_name_is_there() -> None:
    for name in hjp_fuzz.__all__:
        assert getattr(hjp_fuzz, name).__module__.startswith("hjp_fuzz")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = hjp_fuzz.nothing


def test_a_correct_parser_passes() -> None:
    few = settings(QUICK, max_examples=150)
    fuzz(planted(), parent=few)()
    parse = importlib.import_module("planted_parsers").parse
    fuzz(parse, parent=few)()


@pytest.mark.parametrize(
    ("bug", "requirement"),
    [("dup_names", "HJP-MET-6"), ("trailing", "HJP-MET-4")],
)
def test_a_finding_is_small_and_can_be_kept(bug: str, requirement: str) -> None:
    parser = planted(bug)
    broken = failure(fuzz(parser, parent=QUICK))
    assert str(broken).startswith(f"{requirement}: A receiver MUST refuse with")
    assert "  expected  reject bad_json\n" in str(broken)
    reads = argument(broken, "reads")
    assert len(b"".join(reads)) <= 80
    again = example(reads=reads)(fuzz(parser, max_examples=1, database=None))
    assert str(failure(again)) == str(broken)
    with pytest.raises(Broken, match=requirement):
        check(parser, b"".join(reads))


def test_the_octets_are_annotated() -> None:
    broken = failure(fuzz(planted("dup_names"), parent=QUICK))
    picture = "\n".join(broken.__notes__)
    assert re.search(r"\n +4  01 +version +FRM-4 +1\n", picture)
    assert re.search(r"\n +> +\d+  7B 22 .* JSON text +MET-1 +\{\"", picture)


def test_a_division_is_part_of_the_finding() -> None:
    broken = failure(fuzz(planted("chunk_edge"), parent=QUICK))
    assert str(broken).startswith("HJP-FRM-14: ")
    reads = argument(broken, "reads")
    assert 2 <= len(reads) <= 3
    assert len(b"".join(reads)) <= 80
    fine = b"".join(reads)
    check(planted("chunk_edge"), fine)
    with pytest.raises(Broken, match="any-split"):
        check(planted("chunk_edge"), fine, tuple(accumulate(map(len, reads[:-1]))))


def test_what_escapes_is_the_cause() -> None:
    broken = failure(fuzz(planted("key_error"), parent=QUICK))
    assert isinstance(broken.__cause__, KeyError)
    assert "raised    KeyError at planted_parsers.py:" in str(broken)
    assert len(b"".join(argument(broken, "reads"))) <= 80


def forgetful(data: bytes) -> list[tuple[Any, bytes]]:
    """Read one frame, and stumble over what is behind it."""
    frames = list(importlib.import_module("planted_parsers").parse(data))
    return frames[:1] if len(frames) < 2 else [*frames[:1], frames[9]]


def test_what_only_the_canary_brings_out_is_the_cause_too() -> None:
    test = example(stream=NAN.replace(b"NaN", b"0.0"))(fuzz(forgetful, parent=QUICK))
    broken = failure(test)
    assert isinstance(broken.__cause__, IndexError)


def test_ways_to_fail_are_told_apart() -> None:
    several = settings(QUICK, report_multiple_bugs=True)
    with pytest.raises(BaseExceptionGroup) as caught:
        fuzz(planted("dup_names", "nan"), parent=several)()
    starts = {str(one).split(":")[0] for one in caught.value.exceptions}
    assert starts == {"HJP-MET-6", "HJP-MET-4"}
    assert all(isinstance(one, Broken) for one in caught.value.exceptions)


def test_examples_compose() -> None:
    test = example(reads=[NAN[:7], b"", NAN[7:]])(
        fuzz(planted("nan"), max_examples=1, database=None)
    )
    assert str(failure(test)).startswith("HJP-MET-4: ")
    empty = example(reads=[])(fuzz(planted(), max_examples=1, database=None))
    empty()


def test_the_name_is_the_parsers() -> None:
    assert fuzz(planted()).__name__ == "test_Parser"
    assert fuzz(planted(), name="mine:strict").__name__ == "test_strict"
    assert fuzz(lambda data: []).__name__ == "test_lambda"


def test_what_is_no_parser() -> None:
    with pytest.raises(TypeError, match="b'HJP' is no parser"):
        fuzz(b"HJP")  # type: ignore[arg-type]
    with pytest.raises(TargetError, match="without feed"):
        fuzz(Octets)
    with pytest.raises(Broken, match="which holds no frames"):
        check(lambda data: 7, NAN)
    assert "holds no frames" in str(failure(fuzz(lambda data: 7, parent=QUICK)))


def test_a_parser_that_is_checked_may_crash() -> None:
    empty_name = NAN.replace(b'"a":NaN', b'"":"00"')
    with pytest.raises(Broken, match="crash: the process survives"):
        check(planted("crash"), empty_name)
    check(planted(), empty_name)


def test_octets_are_short_on_paper() -> None:
    assert repr(Octets(b"HJP" + bytes(65_536) + b"\n")) == (
        "b'HJP' + b'\\x00' * 65536 + b'\\n'"
    )
    for octets in (b"", b"HJP\xff", b"\n" * 48, b"ab" * 60):
        assert eval(repr(Octets(octets))) == octets


LINES = """\
from hjp_fuzz import fuzz
from mine import parse
test_parse = fuzz(parse, error=ValueError, incomplete=EOFError)
"""
MINE = """\
from planted_parsers import planted

calls = open("calls", "a")

def parse(data):
    parser = planted("dup_names")()
    print(data.hex(), file=calls)
    yield from parser.feed(data)
    parser.close()
"""


def test_three_lines_in_somebodys_file(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(LINES)
    (tmp_path / "mine.py").write_text(MINE)
    (tmp_path / "conftest.py").write_text(
        "from hypothesis import settings\n"
        "from hypothesis.database import DirectoryBasedExampleDatabase as Folder\n"
        # Where `CI` is set, Hypothesis keeps nothing unless it is told to.
        "kept = Folder('.hypothesis/examples')\n"
        "settings.register_profile('deep', max_examples=3000, database=kept)\n"
        "settings.load_profile('deep')\n"
    )
    copy = tmp_path / "planted_parsers.py"
    copy.write_text((TESTS / copy.name).read_text())

    first = pytest_in(tmp_path)
    assert first.returncode == 1, first.stdout
    assert "HJP-MET-6: A receiver MUST refuse with bad_json" in first.stdout
    small = re.findall(r"stream=(b'.*'),", first.stdout)[-1]
    calls = tmp_path / "calls"
    calls.unlink()
    again = pytest_in(tmp_path)
    assert again.returncode == 1
    # From Hypothesis's database, at once.
    assert calls.read_text().splitlines()[0] == eval(small).hex()


def pytest_in(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


class Brittle:
    """Breaks at its second read, whatever is in it."""

    def __init__(self) -> None:
        self.reads = 0

    def feed(self, chunk: bytes) -> list[Any]:
        self.reads += 1
        assert self.reads < 2
        return []

    def close(self) -> None:
        raise EOFError


def test_what_escapes_from_a_division_is_the_cause() -> None:
    test = example(reads=[NAN[:7], NAN[7:12]])(fuzz(Brittle, parent=QUICK))
    broken = failure(test)
    assert type(broken.__cause__) is AssertionError
    assert "reads     2, ending at 7 and the end" in str(broken)


def test_what_escapes_only_once_has_no_cause() -> None:
    raised: list[bytes] = []

    def once(data: bytes) -> list[Any]:
        if not raised:
            raised.append(data)
            raise KeyError("now and then")
        raise EOFError

    test = example(stream=NAN[:7])(fuzz(once, parent=QUICK))
    assert failure(test).__cause__ is None
