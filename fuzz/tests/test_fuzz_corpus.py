"""Corpora: what is written, read, distilled and run; and shrinking what fails."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hjp_fuzz import corpus
from hjp_fuzz.cli import app
from hjp_fuzz.corpus import Entry, NoCorpus, distilled, entry
from hjp_fuzz.report import of_a_codec
from hjp_spec.oracle import encode, raw_frame

WANTED = {requirement.id for requirement in of_a_codec()}
RIGHT = encode(b'{"id":7,"op":"ping"}', b"hi") + encode(b"{}")
TWICE = RIGHT + raw_frame(b'{"op":"x","aa":[1,2],"aa":3}', b"..")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fuzz(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, prog_name="hjp-fuzz")


def test_few_files_exercise_all(here: Path) -> None:
    done = fuzz("corpus", "write", "seeds", "--seed", "1", "--count", "4000")
    assert done.exit_code == 0, done.output
    assert "never exercised: none" in done.output
    files = sorted((here / "seeds").iterdir())
    assert 10 <= len(files) <= 30
    entries = corpus.load(here / "seeds")
    assert set().union(*(one.requirements for one in entries)) >= WANTED
    assert [one.name for one in entries] == [file.name for file in files]
    assert [one.stream for one in entries] == [file.read_bytes() for file in files]

    again = fuzz("corpus", "write", "seeds", "--seed", "1", "--count", "4000")
    assert again.exit_code == 0
    assert sorted((here / "seeds").iterdir()) == files


def test_each_requirement_as_often_as_told() -> None:
    few, more = corpus.written(4000, "1"), corpus.written(4000, "1", each=4)
    assert len(few) < len(more) < 5 * len(few)
    for id_ in WANTED:
        assert sum(id_ in one.requirements for one in more) >= 4


def test_distilling_prefers_what_adds_most_then_what_is_small() -> None:
    a, b, c = "HJP-FRM-2", "HJP-FRM-3", "HJP-MET-2"
    both = Entry(b"1234", None, frozenset({a, b}))
    small, large = (Entry(x, None, frozenset({c})) for x in (b"1", b"12345"))
    alone = Entry(b"2", None, frozenset({a}))
    foreign = Entry(b"3", None, frozenset({"HJP-MSG-1"}))
    assert distilled([large, alone, foreign, small, both]) == [both, small]
    assert distilled([]) == []


def test_what_the_octets_do_not_say_is_kept_beside(here: Path) -> None:
    corpus.add([entry(TWICE, (3, 9), ["HJP-MET-10"])], here / "seeds")
    assert [file.name for file in here.iterdir() if file.is_file()] == [
        "seeds.index.json"
    ]
    (known,) = corpus.load(here / "seeds")
    assert known.cuts == (3, 9)
    assert {"HJP-MET-6", "HJP-MET-10", "HJP-FRM-14", "HJP-FRM-15"} <= known.requirements
    (here / "seeds.index.json").unlink()
    (unknown,) = corpus.load(here / "seeds")
    assert (unknown.stream, unknown.cuts) == (TWICE, None)
    assert unknown.requirements == {"HJP-MET-6", "HJP-FRM-15"}


def test_a_frame_cut_short_exercises_nothing_that_it_was_written_for() -> None:
    assert entry(TWICE[:20]).requirements == frozenset()


@pytest.mark.parametrize("index", ["[]", "{", '{"a":{"cuts":["x"]}}', '{"a":7}'])
def test_an_index_that_is_none(index: str, here: Path) -> None:
    corpus.add([entry(TWICE)], here / "seeds")
    (here / "seeds.index.json").write_text(index)
    with pytest.raises(NoCorpus, match="no index of a corpus"):
        corpus.load(here / "seeds")
    done = fuzz("corpus", "info", "seeds")
    assert done.exit_code == 2
    assert "delete it" in done.stderr


def test_octets_come_in_as_hex_raw_and_findings(here: Path) -> None:
    (here / "a.hex").write_text("48 4A 50 FF 02 ; another version\n")
    (here / "b.bin").write_bytes(b"GET / HTTP/1.1\r\n")
    (here / "c.txt").write_text("4142")
    done = fuzz("corpus", "import", "seeds", "a.hex", "b.bin")
    assert (done.exit_code, done.stdout) == (0, "2 new, 0 were there already\n")
    done = fuzz("corpus", "import", "seeds", "b.bin", "c.txt", "--raw")
    assert done.stdout == "1 new, 1 were there already\n"
    streams = {one.stream for one in corpus.load(here / "seeds")}
    assert streams == {b"HJP\xff\x02", b"GET / HTTP/1.1\r\n", b"4142"}

    assert fuzz("shrink", "--hex", RIGHT.hex(), "ways_parsers:edge").exit_code == 1
    (found,) = (here / "hjp-fuzz-findings").iterdir()
    assert fuzz("corpus", "import", "other", found.stem).exit_code == 0
    (one,) = corpus.load(here / "other")
    assert one.cuts is not None


def test_info_tells_sizes_outcomes_and_what_is_missing(here: Path) -> None:
    corpus.add([entry(TWICE), entry(b""), entry(b"GET")], here / "seeds")
    done = fuzz("corpus", "info", "seeds")
    assert done.exit_code == 0
    assert f"3 files, {len(TWICE) + 3} octets: from 0 to {len(TWICE)}," in done.output
    assert "by the specification: 1 accept, 1 incomplete, 1 reject" in done.output
    assert "never exercised: HJP-FRM-2, HJP-FRM-3," in done.output
    (here / "empty").mkdir()
    empty = fuzz("corpus", "info", "empty")
    assert "0 files, 0 octets" in empty.output
    assert "by the specification: nothing" in empty.output


def test_a_corpus_is_run(here: Path) -> None:
    corpus.add([entry(TWICE), entry(TWICE[7:]), entry(TWICE[36 + 2 :])], here / "seeds")
    good = fuzz("corpus", "run", "seeds", "planted_parsers:Parser")
    assert (good.exit_code, good.stdout) == (0, "3 streams, 0 fail, 0 findings\n")
    bad = fuzz("corpus", "run", "seeds", "ways_parsers:duplicates")
    assert bad.exit_code == 1
    assert "3 streams, 2 fail, 1 findings\n" in bad.stdout
    (kept,) = (here / "hjp-fuzz-findings").iterdir()
    assert f"replay    hjp-fuzz replay {kept.stem}\n" in bad.stdout
    assert json.loads(kept.read_text())["requirement"] == "HJP-MET-6"


def test_a_division_of_the_corpus_is_tried(here: Path) -> None:
    stream = encode(b"{}", b"hi")
    corpus.add([entry(stream, (18,))], here / "seeds")
    bad = fuzz("corpus", "run", "seeds", "ways_parsers:edge")
    assert bad.exit_code == 1
    assert "any-split" in bad.stdout


def test_what_does_not_fail_again_is_no_finding(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNSTEADY", str(here / "once"))
    corpus.add([entry(b"GET")], here / "seeds")
    done = fuzz("corpus", "run", "seeds", "ways_parsers:unsteady")
    assert done.exit_code == 0
    assert "1 streams, 1 fail, 0 findings" in done.stdout
    assert "1 did not fail every time" in done.stdout
    (here / "once").unlink()
    done = fuzz("shrink", "--hex", "474554", "ways_parsers:unsteady")
    assert (done.exit_code, done.stdout) == (
        0,
        "octets: declared-exceptions fails, but not every time\n",
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("corpus", "run", "nothing", "ways_parsers:edge"), "no folder nothing"),
        (("corpus", "run", ".", "ways_parsers:edge"), "holds no streams"),
        (("corpus", "import", "seeds", "F-123456"), "no finding F-123456"),
        (("corpus", "import", "seeds", "nothing", "--raw"), "cannot read nothing"),
        (("shrink",), "a finding, a file or --hex is needed"),
        (("shrink", "--hex", "4"), "neither hexadecimal digits nor a dump"),
        (("shrink", "--hex", "48"), "which target? MODULE:CALLABLE"),
        (("shrink", "--hex", "48", "--cuts", "1", "m:p"), "inside the octets"),
        (("shrink", "--hex", "48", "--cuts", "x", "m:p"), "invalid literal"),
        (("shrink", "--hex", "48", "no_such:parse"), "no module no_such"),
        (("shrink", "gone.json"), "no finding gone.json"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], says: str) -> None:
    done = fuzz(*arguments)
    assert done.exit_code == 2, done.output
    assert says in " ".join(done.stderr.replace("│", " ").split())


def test_octets_from_anywhere_are_made_small(here: Path) -> None:
    (here / "captured.hex").write_text(TWICE.hex(" "))
    done = fuzz("shrink", "captured.hex", "ways_parsers:duplicates")
    assert done.exit_code == 1, done.output
    (kept,) = (here / "hjp-fuzz-findings").iterdir()
    found = json.loads(kept.read_text())
    assert found["requirement"] == "HJP-MET-6"
    assert found["found_at"] == len(TWICE)
    assert len(found["octets"]) // 2 <= 36
    assert found["cuts"] == []
    assert f"replay    hjp-fuzz replay {found['id']}" in done.stdout
    assert fuzz("replay", found["id"]).exit_code == 1

    smallest = fuzz("shrink", found["id"])
    assert smallest.exit_code == 1
    fine = fuzz("shrink", found["id"], "planted_parsers:parse")
    assert (fine.exit_code, fine.stdout) == (
        0,
        f"{found['id']}: no check fails, so there is nothing to shrink\n",
    )


def test_a_division_is_found_and_made_coarse(here: Path) -> None:
    (here / "raw").write_bytes(RIGHT)
    done = fuzz("shrink", "raw", "ways_parsers:edge", "--out", "a b")
    assert done.exit_code == 1
    (kept,) = (here / "a b").iterdir()
    found = json.loads(kept.read_text())
    assert (found["check"], len(found["cuts"])) == ("any-split", 1)
    assert "--out 'a b'" in done.stdout
    cut = fuzz(
        "shrink", "--hex", found["octets"], "--cuts", str(found["cuts"][0]),
        "ways_parsers:edge",
    )  # fmt: skip
    assert cut.exit_code == 1


def test_a_crash_and_a_hang_are_made_small(here: Path) -> None:
    stream = encode(b'{"a":[1,2,3],"":4}', b"some") + encode(b"{}", bytes(256))
    crash = fuzz("shrink", "--hex", stream.hex(), "ways_parsers:crashing")
    assert crash.exit_code == 1
    assert "got       signal SIGSEGV" in crash.stdout
    hang = fuzz(
        "shrink", "--hex", stream.hex(), "ways_parsers:hanging", "--patience", "0.2"
    )
    assert hang.exit_code == 1
    assert "check     hang: an answer comes in time" in hang.stdout
    sizes = {
        found["check"]: len(found["octets"]) // 2
        for found in map(json.loads, map(Path.read_text, here.glob("*/F-*.json")))
    }
    assert sizes["crash"] <= 28
    assert sizes["hang"] == 18 + 256
