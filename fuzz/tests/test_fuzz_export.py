"""Findings as vectors and as test files: what is written does what it says."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from hjp_fuzz.cli import app
from hjp_fuzz.export import pytest_file
from hjp_fuzz.findings import read, read_all
from hjp_spec.jsonschemas import problems
from hjp_spec.oracle import decode, encode, raw_frame
from hjp_spec.vectors import octets

TESTS = Path(__file__).parent
FINDINGS = Path("hjp-fuzz-findings")
DUPLICATES = raw_frame(b'{"a":1,"a":2}')


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("planted_parsers.py", "ways_parsers.py"):
        (tmp_path / name).write_text((TESTS / name).read_text())
    return tmp_path


def fuzz(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, prog_name="hjp-fuzz")


def find(target: str, stream: bytes, *options: str) -> str:
    """Make a finding of octets; return its id."""
    before = set(FINDINGS.glob("*"))
    words = ("shrink", "--hex", stream.hex(), f"ways_parsers:{target}", *options)
    assert fuzz(*words).exit_code == 1
    (new,) = set(FINDINGS.glob("*")) - before
    return new.stem


def vectors(file: str = "found.json") -> list[dict[str, Any]]:
    content = json.loads(Path(file).read_text())
    assert problems("vector", content) == []
    found: list[dict[str, Any]] = content["vectors"]
    return found


def test_a_vector_has_the_octets_and_what_is_right() -> None:
    id_ = find("duplicates", DUPLICATES)
    done = fuzz("export", id_, "--vectors", "found.json")
    assert (done.exit_code, done.stdout) == (0, "found.json: 1 findings\n")
    (one,) = vectors()
    assert one["name"] == f"found-{id_[2:]}"
    assert one["requirements"] == ["HJP-MET-6"]
    assert octets(one["hex"]) == read(id_, FINDINGS).stream
    assert one["outcomes"] == [{"status": "reject", "code": "bad_json", "consumed": 0}]


def test_vectors_are_added_to_those_that_are_there() -> None:
    first = find("duplicates", DUPLICATES)
    fuzz("export", first, "--vectors", "found.json")
    find("edge", encode(b"{}", b"hi"))
    assert fuzz("export", "--vectors", "found.json").exit_code == 0
    assert fuzz("export", "--vectors", "found.json").exit_code == 0
    names = [one["name"] for one in vectors()]
    assert len(names) == len(set(names)) == 2
    assert names[0] == f"found-{first[2:]}"


def test_all_that_is_permitted_stands_in_a_vector() -> None:
    find("stubborn", b"GET /" + encode(b"{}"), "--cuts", "5")
    find("babbling", encode(b"{}", b"x") + raw_frame(b"[]", b"y" * 100))
    fuzz("export", "--vectors", "-")
    fuzz("export", "--vectors", "found.json")
    for one in vectors():
        outcome = decode(octets(one["hex"]))
        assert outcome.requirement in one["requirements"]
        assert len(one["outcomes"]) == 1 + bool(outcome.early)


def test_the_frame_after_the_input_is_part_of_the_vector(here: Path) -> None:
    id_ = find("stubborn", b"GET /")
    found = read(id_, FINDINGS)
    assert found.check == "canary"
    fuzz("export", id_, "--vectors", "found.json")
    (one,) = vectors()
    assert len(octets(one["hex"])) > len(found.stream)
    assert one["outcomes"] == [{"status": "reject", "code": "bad_magic", "consumed": 0}]


def test_an_end_that_may_be_refused_already_has_two_outcomes() -> None:
    id_ = find("edge", encode(b"{}", b"hi"))
    file = FINDINGS / f"{id_}.json"
    early = b"HJP\xff\x01\0\0\0\x04\0\0\0\0\0\0\0[" + b"\0" * 0
    whole = encode(b'{"a":"\xe2\x82\xac"}', bytes(100))
    content = json.loads(file.read_text())
    file.write_text(json.dumps({**content, "octets": (whole + early).hex()}))
    fuzz("export", id_, "--vectors", "found.json")
    (one,) = vectors()
    assert [outcome["status"] for outcome in one["outcomes"]] == [
        "incomplete",
        "reject",
    ]
    assert one["outcomes"][1]["code"] == "bad_json"
    frame = {"json": '{"a":"€"}', "payload": [{"hex": "00", "times": 100}]}
    assert all(outcome["frames"] == [frame] for outcome in one["outcomes"])
    assert octets(one["hex"]) == whole + early


def test_a_test_file_fails_until_the_fault_is_mended(here: Path) -> None:
    ids = [
        find("duplicates", DUPLICATES),
        find("duplicates", raw_frame(b'{"' + b"b" * 70 + b'":1,"c":[{"d":1,"d":2}]}')),
    ]
    done = fuzz("export", "--pytest", "test_found.py")
    assert (done.exit_code, done.stdout) == (0, "test_found.py: 2 findings\n")
    failed = pytest_in(here)
    assert failed.returncode == 1
    assert "2 failed" in failed.stdout
    assert all(f"test_found[{id_}]" in failed.stdout for id_ in ids)
    assert "HJP-MET-6: A receiver MUST refuse with bad_json" in failed.stdout
    mended = Path("ways_parsers.py")
    mended.write_text(mended.read_text().replace('planted("dup_names")', "planted()"))
    assert pytest_in(here).returncode == 0


def test_divisions_and_crashes_stand_in_test_files(here: Path) -> None:
    find("crashing", raw_frame(b'{"":1}'))
    (text,) = (pytest_file(read_all(FINDINGS)),)
    Path("test_found.py").write_text(text)
    failed = pytest_in(here)
    assert (failed.returncode, "1 failed" in failed.stdout) == (1, True)
    for file in FINDINGS.iterdir():
        file.unlink()
    find("edge", encode(b"{}", bytes(100)))
    assert fuzz("export", "--pytest", "test_found.py").exit_code == 0
    text = Path("test_found.py").read_text()
    assert re.search(r"^        \(\d[\d, ]*\),$", text, re.M)
    assert pytest_in(here).returncode == 1


def test_long_octets_are_short_in_a_test_file() -> None:
    id_ = find("edge", encode(b"{}", b"hi"))
    content = json.loads((FINDINGS / f"{id_}.json").read_text())
    stream = bytes(range(200)) + bytes(65_536) + b"end"
    content |= {"octets": stream.hex(), "id": "F-000001"}
    content |= {"target": 'a"""b\\:parse'}
    content["contract"]["error"] = "x:\n"
    Path("odd.json").write_text(json.dumps(content))
    Path("empty.json").write_text(json.dumps({**content, "octets": "", "cuts": []}))
    text = pytest_file([read("odd.json", FINDINGS)])
    assert len(text) < 3000
    assert "bytes.fromhex('00') * 65536" in text
    found = text[text.index("FOUND = ") : text.index("@pytest")]
    space: dict[str, Any] = {}
    exec(found, space)
    assert space["FOUND"]["F-000001"][0] == stream
    ast.parse(text)
    assert 'b"",' in pytest_file([read("empty.json", FINDINGS)])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "--vectors FILE or --pytest FILE"),
        (("--vectors", "a.json", "--out", "none"), "there are no findings in none"),
        (("F-000000", "--pytest", "a.py"), "there is no finding F-000000"),
        (("--vectors", "ways_parsers.py"), "ways_parsers.py is no file of vectors"),
        (("--vectors", "other.json"), "other.json is no file of vectors: $"),
        (("--vectors", "no/where.json"), "cannot write no/where.json: No such file"),
        (("--pytest", "a.py"), "a test file is about one parser, not ways_parsers:"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], says: str) -> None:
    find("duplicates", DUPLICATES)
    find("edge", encode(b"{}", b"hi"))
    Path("other.json").write_text('{"topic": 7}')
    done = fuzz("export", *arguments)
    assert done.exit_code == 2, done.output
    assert says in " ".join(done.stderr.replace("│", " ").split())


def test_what_vectors_cannot_tell() -> None:
    id_ = find("Writer", encode(b"{}"))
    assert read(id_, FINDINGS).check == "re-encode"
    done = fuzz("export", "--vectors", "a.json")
    assert (done.exit_code, "vectors are about decoding" in done.stderr) == (2, True)


def test_a_vector_that_would_be_none_is_not_written() -> None:
    id_ = find("duplicates", DUPLICATES)
    content = json.loads((FINDINGS / f"{id_}.json").read_text())
    Path("odd.json").write_text(json.dumps({**content, "id": "F-no name"}))
    done = fuzz("export", "odd.json", "--vectors", "a.json")
    assert done.exit_code == 2
    assert "a.json would not be a file of vectors" in done.stderr
    assert not Path("a.json").exists()


def pytest_in(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
