"""Runs and tests that share what they find, by a Redis server started here."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from hjp_fuzz import fleet, runner
from hjp_fuzz.cases import Case
from hjp_fuzz.engines import Plan
from hjp_fuzz.findings import Finding, save
from hjp_fuzz.fleet import FleetError, FleetWarning, linked
from hjp_fuzz.fleet_examples import TolerantDatabase
from hjp_fuzz.fleet_store import MOST_KEPT, Alone, Shared, joined, read_case
from hjp_fuzz.runner import Campaign, Report
from hjp_fuzz.targets import Target
from hjp_spec.oracle import encode

redis = pytest.importorskip("redis", reason="redis-py is not installed")
if shutil.which("redis-server") is None:
    pytest.skip("redis-server is not installed", allow_module_level=True)

Plant = Callable[..., Target]
TESTS = Path(__file__).parent
COMMAND = (sys.executable, "-c", "from hjp_fuzz.cli import main; main()")
STREAM = encode(b'{"id":1}', b"\xff\xff") * 2
# A parser with a bug that can be switched on while it runs.
GATED = """\
from pathlib import Path
import planted_parsers

GATE = Path("gate")

def parse(data):
    if GATE.exists():
        raise KeyError("open")
    return planted_parsers.parse(data)

Twice = planted_parsers.planted("dup_names")
"""


@dataclass
class Server:
    """A Redis server on a socket of its own, which keeps nothing on disk."""

    folder: str
    running: subprocess.Popen[str] | None = None
    said: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"unix://{self.folder}/redis.sock"

    def start(self) -> None:
        options = f"--port 0 --unixsocket {self.folder}/redis.sock --dir {self.folder}"
        self.running = subprocess.Popen(
            ["redis-server", *options.split(), "--save", "", "--appendonly", "no"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.running.stdout is not None
        for line in self.running.stdout:
            if "eady to accept connections" in line:
                return
        raise AssertionError("redis-server does not start")

    def stop(self) -> None:
        if self.running is not None:
            self.running.kill()
            self.running.communicate()
            self.running = None

    def client(self) -> Any:
        return linked(self.url).client

    def shared(self, target: str = "mine") -> Shared:
        return Shared(linked(self.url), target, self.said.append)


@pytest.fixture
def server() -> Iterator[Server]:
    # Not tmp_path: the name of a socket has at most 107 octets.
    with tempfile.TemporaryDirectory(prefix="hjp-") as folder:
        started = Server(folder)
        started.start()
        yield started
        started.stop()


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(GATED)
    shutil.copy(TESTS / "planted_parsers.py", tmp_path)
    return tmp_path


def start(here: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        (*COMMAND, "run", *arguments),
        cwd=here,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **more},
    )


def fuzz(here: Path, *arguments: str, **more: str) -> tuple[int, str, str]:
    done = start(here, *arguments, **more)
    out, err = done.communicate(timeout=50)
    assert "Traceback" not in out + err
    return done.returncode, out, err


def campaign(target: Target, shared: Shared, **more: Any) -> Report:
    plan = Plan(target, "test", keep=True, **{"count": 600, **more})
    run = Campaign(plan, fleet=shared)
    for _ in run.run():
        pass
    return run.report


@pytest.fixture
def found(planted: Plant) -> Finding:
    run = Campaign(Plan(planted("dup_names"), "found", count=600))
    return next(finding for finding in run.run() if finding is not None)


def test_a_third_worker_replays_at_once_what_two_have_found(
    server: Server, here: Path
) -> None:
    share = ("mine:Twice", "--redis", server.url, "--json", "-")
    workers = [start(here, *share, "--count", "500", "--seed", seed) for seed in "ab"]
    reports = [json.loads(worker.communicate(timeout=50)[0]) for worker in workers]
    assert [worker.returncode for worker in workers] == [1, 1]
    found = {entry["id"] for report in reports for entry in report["findings"]}
    kept = {
        name.decode() for name in server.client().hkeys("hjp-fuzz:mine:Twice:findings")
    }
    assert kept == found
    status, out, err = fuzz(here, *share, "--count", "1", "--seed", "c")
    third = json.loads(out)
    assert status == 1, err
    assert third["streams"] == 1
    assert third["replayed"] > len(kept)
    assert {entry["requirement"] for entry in third["findings"]} == {"HJP-MET-6"}
    assert "replayed from the fleet" in err
    for entry in third["findings"]:
        assert (here / "hjp-fuzz-findings" / f"{entry['id']}.json").exists()


def test_what_is_shared_is_named_readable_and_never_expires(
    server: Server, planted: Plant
) -> None:
    report = campaign(planted("dup_names"), server.shared("mine:parse"))
    client = server.client()
    assert client.smembers("hjp-fuzz:targets") == {b"mine:parse"}
    findings = client.hgetall("hjp-fuzz:mine:parse:findings")
    corpus = client.hgetall("hjp-fuzz:mine:parse:corpus")
    assert findings.keys() == {finding.id.encode() for finding in report.findings}
    assert {b"HJP-FRM-2", b"HJP-MET-6"} <= corpus.keys()
    assert corpus.keys() <= {name.encode() for name in report.tally.reached}
    for content in (*findings.values(), *corpus.values()):
        assert {"octets", "cuts"} <= json.loads(content).keys()
    assert {client.ttl(key) for key in client.scan_iter()} == {-1}


def test_every_stream_that_is_kept_exercises_what_it_is_kept_for(
    server: Server, planted: Plant
) -> None:
    campaign(planted(), server.shared())
    cases = list(server.shared().streams())
    assert len(cases) > 20
    assert all(case.drafts and case.cuttings for case in cases)
    report = campaign(planted(), server.shared(), count=1)
    assert report.replayed == len({(case.stream, case.cuttings) for case in cases})
    assert report.tally.streams == 1


def test_a_requirement_that_octets_do_not_tell_is_kept(
    server: Server, planted: Plant
) -> None:
    first = campaign(planted("depth_31"), server.shared(), count=1500).findings
    assert {finding.requirement for finding in first} == {"HJP-MET-13"}
    again = campaign(planted("depth_31"), server.shared(), count=1).findings
    assert {finding.requirement for finding in again} == {"HJP-MET-13"}
    assert campaign(planted(), server.shared(), count=1).findings == []


def test_what_others_find_meanwhile_is_tried_too(
    server: Server, planted: Plant, found: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_NEWS_EVERY", 0.0)
    plan = Plan(planted("dup_names"), "nothing of its own", count=1)
    steps = Campaign(plan, fleet=server.shared()).run()
    assert next(steps) is None
    server.shared().publish(found)
    assert [finding.requirement for finding in steps if finding] == ["HJP-MET-6"]


def test_news_are_what_others_share_and_come_once(
    server: Server, found: Finding
) -> None:
    one, other = server.shared(), server.shared()
    one.publish(found)
    one.publish(found)
    one.add(Case((), STREAM, ((3, 16), (4,))), "HJP-FRM-14")
    assert one.news() == []
    first, second = other.news()
    assert (first.stream, first.cuttings) == (found.stream, (found.cuts,))
    assert (second.stream, second.cuttings) == (STREAM, ((3, 16),))
    assert other.news() == []
    assert server.shared("another target").news() == []


def test_of_several_streams_for_one_reason_the_first_is_kept(server: Server) -> None:
    one, other = server.shared(), server.shared()
    one.add(Case((), STREAM), "why")
    other.add(Case((), STREAM, ((5,),)), "why")
    assert [case.cuttings for case in server.shared().streams()] == [((),)]


def test_the_same_stream_for_two_reasons_is_tried_once(server: Server) -> None:
    shared = server.shared()
    shared.add(Case((), STREAM), "one")
    shared.add(Case((), STREAM), "other")
    assert len(server.shared().news()) == 1


def test_a_corpus_has_an_end(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_KEPT > 100
    monkeypatch.setattr("hjp_fuzz.fleet_store.MOST_KEPT", 2)
    shared = server.shared()
    for why in "abc":
        shared.add(Case((), STREAM), why)
    assert server.client().hlen("hjp-fuzz:mine:corpus") == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b'{"octets": "00", "cuts": [], "aims": [[[]]]}',
        b'{"octets": "00", "cuts": [], "requirement": {}}',
        b"[]",
        b"null",
        b'{"octets": "zz", "cuts": []}',
        b'{"octets": "00"}',
        b'{"octets": "00", "cuts": [1]}',
        b'{"octets": "000000", "cuts": [2, 1]}',
        b'{"octets": "000000", "cuts": [1, 1]}',
        b'{"octets": "000000", "cuts": [0]}',
        b'{"octets": "000000", "cuts": ["x"]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_entry_is_left_out(content: bytes, server: Server) -> None:
    assert read_case(content) is None
    server.client().hset("hjp-fuzz:mine:findings", "F-1", content)
    shared = server.shared()
    assert shared.news() == []
    shared.close()
    assert server.said == ["1 entries of the fleet are not readable"]


def test_an_empty_stream_is_an_entry() -> None:
    entry = b'{"octets": "", "cuts": [], "requirement": "HJP-FRM-2"}'
    assert read_case(entry) == Case((), b"", ((),))


def test_what_frames_were_written_for_is_kept() -> None:
    entry = {"octets": STREAM.hex(), "cuts": [], "aims": [["HJP-MET-8", "none"]]}
    case = read_case(json.dumps(entry).encode())
    assert case is not None
    assert [draft.aims for draft in case.drafts] == [("HJP-MET-8",), ()]


def test_a_server_that_is_lost_and_comes_back(server: Server, found: Finding) -> None:
    shared = server.shared()
    server.stop()
    shared.publish(found)
    assert shared.news() == []
    (lost,) = server.said
    assert lost.startswith("nothing is shared for now, the run goes on: ")
    server.start()
    shared.link.wake()
    shared.close()
    assert server.said[1:] == ["the fleet is back"]
    assert [case.stream for case in server.shared().findings()] == [found.stream]


def test_a_server_that_stays_away_is_said_to_be(server: Server, found: Finding) -> None:
    shared = server.shared()
    server.stop()
    shared.publish(found)
    shared.close()
    assert server.said[1:] == ["1 entries could not be shared; findings are on disk"]


def test_a_run_goes_on_without_its_server(server: Server, here: Path) -> None:
    running = start(here, "mine:parse", "--time", "50", "--redis", server.url)
    assert running.stdout is not None
    assert running.stdout.readline().startswith("hjp-fuzz mine:parse")
    server.stop()
    (here / "gate").touch()
    assert any(line.startswith("F-") for line in running.stdout)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130, err
    assert "Traceback" not in out + err
    assert "hjp-fuzz: nothing is shared for now, the run goes on: " in err
    assert "could not be shared; findings are on disk" in err
    assert list((here / "hjp-fuzz-findings").glob("F-*.json"))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("unix:///nowhere/redis.sock", "start one, or leave --redis out"),
        ("redis://:secret@127.0.0.1:1", "at redis://127.0.0.1:1: "),
        ("http://127.0.0.1", "no address such as redis://127.0.0.1:6379"),
    ],
)
def test_a_server_that_is_not_there_is_wrong_usage(
    url: str, says: str, here: Path
) -> None:
    status, out, err = fuzz(here, "mine:parse", "--count", "5", "--redis", url)
    assert (status, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1
    assert "secret" not in err


def test_the_server_is_named_by_the_environment(server: Server, here: Path) -> None:
    arguments = ("mine:parse", "--count", "50")
    assert fuzz(here, *arguments, HJP_FUZZ_REDIS=server.url)[0] == 0
    assert server.client().hlen("hjp-fuzz:mine:parse:corpus") > 0


def test_a_password_is_asked_for(server: Server) -> None:
    server.client().config_set("requirepass", "secret")
    with (
        pytest.raises(FleetError, match="uthenticat"),
        joined(server.url, "mine", server.said.append),
    ):
        pass
    with joined(f"{server.url}?password=secret", "mine", server.said.append) as shared:
        assert shared.news() == []


def test_without_redis_py_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(FleetError, match=r"pip install 'hjp\[fleet\]'"):
        linked("redis://127.0.0.1:1")


@pytest.mark.parametrize(
    "url", ["http://:secret@127.0.0.1", "127.0.0.1:6379", "redis://x:y/z"]
)
def test_what_is_no_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(FleetError, match="is no address such as") as refused:
        linked(url)
    assert "secret" not in str(refused.value)


def test_alone_nothing_is_shared(found: Finding) -> None:
    with joined("", "mine", print) as alone:
        assert isinstance(alone, Alone)
        alone.publish(found)
        alone.add(Case((), STREAM), "why")
        assert alone.news() == []


def test_a_finding_is_the_same_on_disk_and_on_the_server(
    server: Server, found: Finding, tmp_path: Path
) -> None:
    server.shared().publish(found)
    kept = server.client().hget("hjp-fuzz:mine:findings", found.id)
    assert json.loads(kept) == json.loads(save(found, tmp_path).read_text())


def failing(database: Any, phases: list[Phase]) -> Callable[[], int]:
    """Return a test that fails, and that returns how often it was tried if it does."""
    calls = 0

    @settings(database=database, phases=phases, deadline=None)
    @given(st.integers(0, 10**6))
    def test(number: int) -> None:
        nonlocal calls
        calls += 1
        assert number < 1000

    def tried() -> int:
        with pytest.raises(AssertionError):
            test()
        return calls

    return tried


def test_a_test_elsewhere_fails_at_once_by_a_shared_example(
    server: Server, tmp_path: Path
) -> None:
    here, there = (fleet.database(server.url, tmp_path / name) for name in "ab")
    failing(here, [Phase.generate, Phase.shrink])()
    assert failing(there, [Phase.reuse])() <= 2
    (key, *_) = server.client().keys("hypothesis-example:*")
    assert server.client().ttl(key) > 300 * 24 * 3600


def test_examples_are_kept_moved_and_dropped(server: Server, tmp_path: Path) -> None:
    one, other = (fleet.database(server.url, tmp_path / name) for name in "ab")
    one.save(b"key", b"one")
    one.save(b"key", b"two")
    one.move(b"key", b"else", b"one")
    one.delete(b"key", b"two")
    assert set(one.fetch(b"key")) == set()
    assert set(other.fetch(b"else")) == {b"one"}
    assert "TolerantDatabase" in repr(one)


def test_tests_go_on_without_the_server(server: Server, tmp_path: Path) -> None:
    database = fleet.database(server.url, tmp_path / "examples")
    server.stop()
    database.save(b"key", b"value")
    with pytest.warns(FleetWarning, match="out of reach"):
        assert set(database.fetch(b"key")) == {b"value"}
    assert set(database.fetch(b"key")) == {b"value"}


def test_databases_of_one_server_and_folder_are_equal(
    server: Server, tmp_path: Path
) -> None:
    one, other = (fleet.database(server.url, tmp_path) for _ in range(2))
    assert one == other
    assert one != fleet.database(server.url + "?db=1", tmp_path)
    tolerant = (TolerantDatabase(linked(server.url)) for _ in range(2))
    assert len(set(tolerant)) == 1


def test_who_listens_is_not_troubled_by_the_server(server: Server) -> None:
    def listener(event: object) -> None:
        raise AssertionError(event)

    database = TolerantDatabase(linked(server.url))
    database.add_listener(listener)
    assert server.client().pubsub_channels() == [b"hypothesis-changes"]
    database.remove_listener(listener)
    server.stop()
    database.add_listener(listener)
    database.remove_listener(listener)


def test_the_database_of_the_environment(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(fleet.ENVIRONMENT, raising=False)
    local = fleet.database(folder=tmp_path / "local")
    local.save(b"key", b"local")
    monkeypatch.setenv(fleet.ENVIRONMENT, server.url)
    shared = fleet.database(folder=tmp_path / "shared")
    shared.save(b"key", b"shared")
    assert set(shared.fetch(b"key")) == {b"shared"}
    assert server.client().smembers("hypothesis-example:key") == {b"shared"}
