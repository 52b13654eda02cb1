"""Live servers: every stream on a connection of its own, and a ping after it."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from hjp_fuzz.cases import Case
from hjp_fuzz.checks import judge
from hjp_fuzz.engines import Plan
from hjp_fuzz.failures import Failure
from hjp_fuzz.runner import Campaign, Report
from hjp_fuzz.targets import (
    Answer,
    Limits,
    Lost,
    NotFound,
    Question,
    ServerTarget,
    TargetError,
)
from hjp_spec.oracle import encode, raw_frame

HERE = Path(__file__).parent
PEERS = HERE.parents[1] / "conformance" / "peers"
GOOD = encode(b'{"id":1,"op":"echo","data":[1]}', b"hi!")
BAD = encode(b'{"id":1,"op":"echo"}', b"\xff\xff")
PING = encode(b'{"id":1,"op":"ping"}', b"\xff\xff")
LIMITS = Limits(patience=1.0, memory=256 << 20)


def command(way: str) -> str:
    return f"{sys.executable} {HERE}/hostile_server.py {way} {{port}}"


@contextmanager
def running(way: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run a server that is not the target's to start."""
    words = command(way).format(port=0).split()
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield f"hjp://127.0.0.1:{int(server.stdout.readline())}", server
        server.kill()


def campaign(target: ServerTarget, count: int, limits: Limits = LIMITS) -> Report:
    run = Campaign(Plan(target, "serve", count=count), limits=limits)
    assert [found for found in run.run() if found] == run.report.findings
    assert run.report.tally.streams == count
    return run.report


def failure_of(way: str, stream: bytes, *cuts: int) -> Failure | None:
    # Memory takes its time on a busy machine.
    limits = Limits(patience=20, memory=LIMITS.memory) if way == "bomb" else LIMITS
    with closing(ServerTarget(command(way), limits)) as target:
        return judge(target, Case((), stream, (cuts,)))


FRAMES, STATUS = "same-frames", "same-status"


@pytest.mark.parametrize(
    ("way", "stream", "check", "got", "requirement"),
    [
        ("crash", BAD, "crash", "signal SIGSEGV", "FRM-12"),
        ("ends", BAD, "crash", "signal SIGTERM", "FRM-12"),
        ("hang", BAD, "hang", "none", "FRM-12"),
        ("bomb", BAD, "memory", "more than 256 MiB", "OPD-1"),
        ("garbage", BAD, "garbage", "reject bad_magic", "FRM-2"),
        ("flood", BAD, "garbage", "output without an end", "FRM-12"),
        ("half", BAD, "garbage", "incomplete", "FRM-1"),
        ("silent", BAD, STATUS, "the end", "MSG-14"),
        ("reset", BAD, STATUS, "a reset", "MSG-14"),
        ("refuses", BAD, STATUS, "reject bad_frame", "FRM-12"),
        ("twice", BAD, FRAMES, "a reply too many", "MSG-14"),
        ("other-payload", BAD, FRAMES, "another payload", "COR-10"),
        ("other-data", BAD, FRAMES, "another data", "COR-11"),
        ("other-id", BAD, FRAMES, "another id", "MSG-15"),
        ("declines", BAD, FRAMES, "error busy", "COR-10"),
        ("declines", PING, FRAMES, "error busy", "COR-9"),
        ("other-code", BAD + b"GET /", "same-code", "reject bad_id", "FRM-2"),
        ("forgives", BAD + b"GET /", STATUS, "a reply", "FRM-2"),
        ("silent", PING + b"GET /", STATUS, "the end", "MSG-14"),
        (
            "twice",
            BAD + b"GET /",
            "reject-is-final",
            "a frame after a fatal error",
            "ERR-11",
        ),
        ("tells-of-the-end", BAD + GOOD[:9], STATUS, "reject bad_frame", "LIF-9"),
        ("twice", BAD + GOOD[:9], FRAMES, "a reply too many", "LIF-8"),
    ],
)
def test_what_a_server_gets_wrong(
    way: str, stream: bytes, check: str, got: str, requirement: str
) -> None:
    failure = failure_of(way, stream)
    assert failure is not None
    assert (failure.check, failure.got) == (check, got)
    assert failure.requirement == f"HJP-{requirement}"


@pytest.mark.parametrize(
    "stream",
    [
        *(b"", GOOD, GOOD + GOOD[:9], GOOD[:-1], b"GET / HTTP/1.1\r\n\r\n", BAD),
        raw_frame(b"[]"),
        encode(b"{}"),
        encode(b'{"id":1,"op":"fly","more":true}'),
        raw_frame(b'{"id":0,"op":"ping"}', payload_length=9),
        raw_frame(b"{]", json_length=9),
        encode(b'{"id":2,"op":"upper"}', b"a\xe9z{`") + GOOD,
    ],
)
def test_who_obeys_fails_nothing(stream: bytes) -> None:
    assert failure_of("obey", stream, *range(1, min(4, len(stream)))) is None


def server_of(kind: str, tmp_path: Path) -> str:
    if kind == "javascript":
        node = shutil.which("node") or pytest.skip("there is no node")
        return f"{node} {PEERS}/javascript/server.mjs {{port}}"
    if kind == "python":
        return f"{sys.executable} -m hjp serve --port {{port}}"
    compiler = shutil.which("gcc") or pytest.skip("there is no gcc")
    built = tmp_path / "core_server"
    sources = [str(PEERS / "c" / name) for name in ("core_server.c", "hjp.c")]
    options = ["-std=c11", "-O2", "-pthread", "-o", str(built)]
    subprocess.run([compiler, *options, *sources], check=True)
    return f"{built} {{port}}"


@pytest.mark.parametrize("kind", ["python", "javascript", "c"])
def test_core_servers_have_no_findings(kind: str, tmp_path: Path) -> None:
    report = campaign(ServerTarget(server_of(kind, tmp_path)), 300, Limits(10.0))
    assert not report.findings
    assert not report.flaky


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_twenty_thousand_streams_on_the_reference(tmp_path: Path) -> None:
    report = campaign(ServerTarget(server_of("python", tmp_path)), 20_000, Limits(10.0))
    assert not report.findings
    assert not report.flaky


def test_a_crash_has_a_finding_that_is_small() -> None:
    report = campaign(ServerTarget(command("crash")), 100)
    found = report.findings[0]
    assert (found.check, found.got) == ("crash", "signal SIGSEGV")
    assert b"\xff\xff" in found.stream
    assert len(found.stream) <= 60


def test_losses_in_a_batch_are_blamed_on_their_streams() -> None:
    with closing(ServerTarget(command("crash"), LIMITS)) as target:
        streams = (GOOD, BAD, GOOD, BAD)
        answers = list(target.run_all([Question(stream) for stream in streams]))
    losses = [isinstance(answer, Lost) for answer in answers]
    assert losses == [False, True, False, True]


def test_a_server_that_runs_already() -> None:
    with running("obey") as (url, _):
        assert campaign(ServerTarget(url), 40).findings == []


def test_a_server_of_others_that_dies_has_a_finding_all_the_same() -> None:
    with running("crash") as (url, _):
        run = Campaign(Plan(ServerTarget(url), "dies", count=4000), limits=LIMITS)
        with pytest.raises(TargetError, match="is gone: start it again"):
            list(run.run())
    [found] = run.report.findings
    assert (found.check, found.confirmations) == ("crash", 0)
    assert b"\xff\xff" in found.stream


def test_a_server_of_others_that_hangs_is_blamed_on_the_stream() -> None:
    with running("hang") as (url, _), closing(ServerTarget(url, LIMITS)) as target:
        answers = target.run_all([Question(GOOD), Question(BAD), Question(GOOD)])
        good, bad = next(answers), next(answers)
    assert isinstance(good, Answer)
    assert isinstance(bad, Lost)
    assert bad.check == "hang"


@pytest.mark.parametrize(
    ("where", "error", "says"),
    [
        ("http://127.0.0.1:1", NotFound, "neither"),
        ("127.0.0.1:9507", NotFound, "neither"),
        ("./server", NotFound, "neither"),
        ("/no/such/server {port}", NotFound, "cannot start"),
        ("false {port}", TargetError, "does not listen .* it ended: exit 1"),
    ],
)
def test_what_is_no_server(where: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says), closing(ServerTarget(where)) as target:
        target.run((GOOD,))


def test_a_port_where_nobody_listens_or_somebody_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(TargetError, match="answers no ping: hang"):
            ServerTarget(f"hjp://127.0.0.1:{port}", Limits(0.2)).run((GOOD,))
    with pytest.raises(TargetError, match="answers no ping"):
        ServerTarget(f"hjp://127.0.0.1:{port}", Limits(0.2)).run((GOOD,))


def test_nothing_is_left_running() -> None:
    with closing(ServerTarget(command("obey"))) as target:
        target.run((GOOD,))
        process = target._process
        assert process is not None
        assert process._popen is not None
        pid = process._popen.pid
    assert not Path(f"/proc/{pid}").exists()
