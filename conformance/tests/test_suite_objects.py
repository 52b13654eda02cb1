"""What the suite does with the objects of a target: it writes, judges, and cleans up."""

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

from hjp_conformance.expect import Outcome
from hjp_conformance.objects import Store, check, same
from hjp_conformance.objects_expected import Detailed, Done, Part
from hjp_conformance.preflight import Facts
from hjp_conformance.process import Process
from hjp_conformance.replies import Reply, read
from hjp_conformance.stimuli import error, frame, ok
from hjp_conformance.verdicts import Skipped, TargetGoneError, Violation
from hjp_conformance.wire import End

PYTHON = shlex.quote(sys.executable)
ODD = f"{PYTHON} -m hjp_conformance.mutants.server.odd"
FEW = "server-put-of-one-frame or server-lst-entries or server-rsm-new or del-object"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hjp_conformance", "server", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=55)


def verdicts(tmp_path: Path, target: str, *words: str) -> dict[str, Any]:
    """How the cases ended, by their ids."""
    report = tmp_path / "report.json"
    done = run("--cmd", target, "--json", str(report), *words)
    assert report.exists(), done.stdout + done.stderr
    [found] = json.loads(report.read_text(encoding="utf-8"))["runs"]
    return {case["id"]: case for case in found["cases"]}


def test_what_was_put_is_deleted(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    target = f"{PYTHON} -m hjp serve --port 0 --enable delete --root {root}"
    found = verdicts(tmp_path, target, "-k", FEW)
    assert {case["verdict"] for case in found.values()} == {"pass"}
    assert len(found) == 4
    assert [one.name for one in root.iterdir() if one.is_file()] == []


def test_what_is_not_offered_is_skipped(tmp_path: Path) -> None:
    found = verdicts(tmp_path, f"{ODD} files-only {{port}}", "-k", FEW)
    told = {id_: (case["verdict"], case.get("message")) for id_, case in found.items()}
    assert told["server-put-of-one-frame"][0] == "pass"
    assert told["server-rsm-new"] == ("skip", "the target does not offer resume")
    assert told["server-del-object"] == ("skip", "the target does not offer delete")


def test_what_an_operator_does_not_allow_is_skipped(tmp_path: Path) -> None:
    words = "server-put-that-never-ends-end or server-put-of-one-frame"
    found = verdicts(tmp_path, f"{ODD} read-only {{port}}", "-k", words)
    messages = {case["message"] for case in found.values()}
    assert messages == {"the target declines: forbidden"}
    assert {case["verdict"] for case in found.values()} == {"skip"}


def test_a_core_server_is_tested_as_one(tmp_path: Path) -> None:
    target = f"{PYTHON} -m hjp serve --port 0"
    words = "server-put or server-cor-op-of-a-feature"
    found = verdicts(tmp_path, target, "-k", words)
    of_core = [id_ for id_ in found if id_.startswith("server-cor")]
    assert {found[id_]["verdict"] for id_ in of_core} == {"pass"}
    others = {case["verdict"] for id_, case in found.items() if id_ not in of_core}
    assert (len(of_core), others) == (5, {"skip"})


def test_a_folder_is_empty_and_goes_with_the_server(tmp_path: Path) -> None:
    note = tmp_path / "note"
    script = (
        "import os, pathlib, socket, sys; folder, port, note = sys.argv[1:]; "
        "pathlib.Path(note).write_text(f'{folder} {os.listdir(folder)}'); "
        "open(f'{folder}/a', 'w').close(); "
        "listener = socket.create_server(('127.0.0.1', int(port))); "
        "print('ready', flush=True); listener.accept(); listener.accept()"
    )
    target = Process(f"{PYTHON} -c {shlex.quote(script)} {{folder}} {{port}} {note}")
    folder, listed = note.read_text().split(" ")
    assert Path(folder, "a").exists()
    target.stop()
    assert (listed, Path(folder).exists()) == ("[]", False)


def test_a_command_that_is_none_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(TargetGoneError):
        Process("/no/such/program {folder} {port}")
    assert [*tmp_path.iterdir()] == []


def of(octets: bytes) -> Reply:
    return read(octets, 65_536, {1})


SIZE = {"size": 2}
RIGHT: list[tuple[Outcome, bytes]] = [
    (Done(1, "put", SIZE), ok(1, size=2)),
    (Done(1, "put", SIZE), ok(1, size=2, more=False, digest="sha-256:" + "0" * 64)),
    (Done(1, "put", {"offset": 4}, more=True), ok(1, more=True, offset=4)),
    (
        Detailed(1, "offset_mismatch", {"offset": 3}),
        error(1, "offset_mismatch", offset=3),
    ),
    (Part(1, is_first=True), ok(1, b"a", size=1, tag="x", more=True)),
    (Part(1, is_first=False), ok(1, b"a")),
]
WRONG: list[tuple[Outcome, bytes]] = [
    (Done(1, "put", SIZE), ok(1)),
    (Done(1, "put", SIZE), ok(1, size=3)),
    (Done(1, "put", SIZE), ok(1, b"a", size=2)),
    (Done(1, "put", SIZE), ok(1, size=2, more=True, offset=0)),
    (Done(1, "put", {}), ok(1)),
    (Done(1, "put", {}, more=True), ok(1, more=True)),
    (Done(1, "put", {}, more=True), ok(1, size=2)),
    (Done(1, "list", {}), ok(1)),
    (Done(1, "put", SIZE), error(1, "exists")),
    (Detailed(1, "exists", {}), error(1, "conflict")),
    (Detailed(1, "offset_mismatch", {"offset": 3}), error(1, "offset_mismatch")),
    (Detailed(1, "offset_mismatch", {"offset": 3}), error(1, "offset_mismatch", offset=4)),
    (Part(1, is_first=True), ok(1, b"a", size=1)),
    (Part(1, is_first=True), ok(1, b"a", size=1, tag="a b")),
    (Part(1, is_first=False), ok(2, b"a")),
    (Part(1, is_first=False), error(1, "changed")),
]  # fmt: skip


@pytest.mark.parametrize(("outcome", "octets"), RIGHT)
def test_outcomes_accept(outcome: Outcome, octets: bytes) -> None:
    assert outcome.problem(of(octets)) is None
    assert outcome.problem(End.ORDERLY) is not None
    assert str(outcome)


@pytest.mark.parametrize(("outcome", "octets"), WRONG)
def test_outcomes_do_not_accept(outcome: Outcome, octets: bytes) -> None:
    assert outcome.problem(of(octets)) is not None


def test_interim_replies_are_defined_for_some_requests_only() -> None:
    octets = frame({"id": 1, "ok": True, "more": True})
    assert read(octets, 65_536, {1}).metadata["more"]
    with pytest.raises(Violation) as raised:
        read(octets, 65_536, {2})
    assert raised.value.requirement == "HJP-MSG-16"


def unconnected(**_: Any) -> NoReturn:
    raise AssertionError("no connection is needed")


def test_a_store_skips_what_the_target_cannot_take() -> None:
    facts = Facts(features=("files",), max_object=10)
    store = Store(unconnected, facts, "files")
    assert store.octets(10)[:3] == b"\0\1\2"
    assert store.most(10) == 10
    for wrong in (lambda: store.octets(11), lambda: store.most(9)):
        with pytest.raises(Skipped):
            wrong()
    assert store.name() < store.name()
    with pytest.raises(Skipped, match="does not offer delete"):
        Store(unconnected, facts, "delete")


def test_checks_name_what_is_broken() -> None:
    check(is_right=True, told="")
    same(b"a", b"a")
    with pytest.raises(
        Violation, match=r"1 octets \(61\) instead of 0 octets"
    ) as raised:
        same(b"a", b"", "HJP-GET-1")
    assert raised.value.requirement == "HJP-GET-1"
