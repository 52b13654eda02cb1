"""Sessions on live servers: right ones, broken ones, and processes that misbehave."""

import json
import shlex
import shutil
import subprocess
import sys
import unittest
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from hjp_fuzz.sessions import Check, Server, ServerGone, session_machine
from hjp_fuzz.sessions.campaign import Campaign
from hjp_fuzz.sessions.client import Client
from hjp_fuzz.sessions.link import Patience
from hjp_fuzz.sessions.live import play
from hjp_fuzz.sessions.report import listing, octets_of_last
from hjp_fuzz.sessions.rules import rules_for
from hjp_fuzz.sessions.servers import NoServer
from hjp_fuzz.sessions.smaller import smaller
from hjp_fuzz.sessions.steps import Act, NoSession, Session, Step, Then, read, save
from hjp_fuzz.sources import RandomSource
from hjp_spec.oracle import decode, encode, raw_frame

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "conformance" / "peers"
ONE_FILE = ROOT / "reference" / "examples" / "core_server.py"
ODD = Path(__file__).with_name("odd_servers.py")


def command(*words: str) -> str:
    return f"{shlex.join((sys.executable, *words))} {{port}}"


def broken(name: str) -> str:
    return command("-m", "hjp_conformance.mutants.server.broken", name)


REFERENCE = command("-m", "hjp", "serve", "--port")


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    """Servers that are stopped in the end."""
    started: list[Server] = []
    yield started
    for server in started:
        server.stop()


def sent(json_text: bytes, payload: bytes = b"", to: int = 1, **more: Then) -> Step:
    return Step(to, Act.SEND, encode(json_text, payload), **more)


PING = sent(b'{"id":1,"op":"ping"}')
HALF = Step(1, octets=PING.octets[:20], then=Then.APART)
SESSION: Session = (
    sent(b'{"id":1,"op":"hello"}'),
    sent(b'{"id":2,"op":"echo"}', b"a" * 65_536, then=Then.DEAF),
    Step(2, octets=PING.octets[:20], then=Then.APART),
    Step(3, Act.RESET),
    Step(2, octets=PING.octets[20:], then=Then.ON),
    Step(2, Act.END),
    Step(2, octets=b"nobody hears this"),
    sent(b'{"id":0}', to=4),
    Step(4, octets=b"nor this"),
    Step(0, Act.STOP),
)


def test_a_session_step_by_step(servers: list[Server]) -> None:
    server = Server(REFERENCE)
    servers.append(server)
    found, played = play(SESSION, server, Patience())
    assert found is None
    lines = list(listing(played.journal))
    assert lines[0] == '  1  connection 1  sent     {"id":1,"op":"hello"}'
    assert lines[1].endswith("received reply to 1, ok")
    assert "  6  connection 2  ended    the client's stream" in lines
    assert "                   received the end of the stream" in lines
    assert " 10                told the server to stop" in lines
    assert lines[-1].endswith("the end of the stream")
    assert next(octets_of_last(played.journal)) == "the octets of step 9:"
    assert not list(octets_of_last(played.journal[:4]))
    assert server.epitaph() is None  # stopped, not dead


def campaign(named: str, servers: list[Server], seed: str = "0") -> Campaign:
    server = Server(named)
    servers.append(server)
    return Campaign(server, seed, patience=2.0)


def test_nothing_is_found_where_nothing_is_wrong(servers: list[Server]) -> None:
    run = campaign(REFERENCE, servers)
    assert run.run(examples=15, steps=20) is None
    assert run.flaky is None
    assert run.tally.sessions == 15
    assert run.tally.steps >= 300
    assert len(run.tally.reached) > 15


@pytest.mark.parametrize(
    ("name", "requirements"),
    [
        ("replies-reversed", {"HJP-MSG-15", "HJP-ERR-9"}),
        ("hello-once-per-server", {"HJP-COR-1", "HJP-COR-6", "HJP-COR-7"}),
        ("end-in-header-error", {"HJP-LIF-9"}),
    ],
)
def test_a_fault_is_found_and_made_small(
    servers: list[Server], name: str, requirements: set[str]
) -> None:
    run = campaign(broken(name), servers)
    found = run.run(examples=200, steps=30)
    assert found is not None
    assert found.requirement in requirements
    assert len(found.steps) <= 3
    assert run.journal


def test_a_server_that_hangs(servers: list[Server]) -> None:
    server = Server(f"{command(str(ODD), 'mute')}")
    servers.append(server)
    patience = Patience(0.2)
    found, _ = play((PING,), server, patience)
    assert found is not None
    assert (found.check, found.requirement) == (Check.SILENCE, "HJP-MSG-14")
    found, _ = play((HALF,), server, patience)
    assert found is not None
    assert found.check is Check.OTHERS
    patience.hurried = True
    assert patience.seconds == 0.2


FAULT = Step(1, octets=b"GET /" + bytes(300_000))


def test_a_server_that_resets(
    servers: list[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(broken("resets"))
    servers.append(server)
    found, played = play((FAULT,), server, Patience())
    assert found is not None
    assert (found.check, found.requirement) == (Check.LOST, "HJP-ERR-13")
    assert played.journal[-1].text == "got      a reset of the connection"
    # Two seconds after the fatal error it may.
    monkeypatch.setattr("hjp_fuzz.sessions.link._DROPPING", -1.0)
    assert play((FAULT,), server, Patience())[0] is None


def test_a_server_that_serves_nobody_else(servers: list[Server]) -> None:
    server = Server(broken("fatal-blocks-all"))
    servers.append(server)
    found, _ = play((sent(b'{"id":0}', to=2), PING), server, Patience())
    assert found is not None
    assert (found.check, found.requirement) == (Check.OTHERS, "HJP-LIF-6")
    assert found.got == "it is served when the other one is closed"


def test_a_server_that_closes_while_octets_come(servers: list[Server]) -> None:
    server = Server(broken("closes-at-once"))
    servers.append(server)
    much = Step(1, octets=b"GET /" + bytes(10_000_000))
    found, _ = play((much,), server, Patience())
    assert found is not None
    assert (found.check, found.requirement) == (Check.LOST, "HJP-ERR-13")


def test_a_server_for_one_at_a_time(servers: list[Server]) -> None:
    server = Server(broken("one-at-a-time"))
    servers.append(server)
    other = replace(PING, connection=2)
    found, _ = play((replace(HALF, then=Then.ON), other), server, Patience(0.5))
    assert found is not None
    assert (found.check, found.requirement) == (Check.OTHERS, "HJP-LIF-6")


def test_a_server_that_takes_nothing(servers: list[Server]) -> None:
    server = Server(command(str(ODD), "sleeps"))
    servers.append(server)
    much = Step(1, octets=encode(b'{"id":1,"op":"x"}', bytes(65_000)) * 200)
    found, _ = play((much,), server, Patience(0.2))
    assert found is not None
    assert found.check is Check.SILENCE
    assert found.got.endswith(" octets are not taken")


@pytest.mark.parametrize(
    ("kind", "told"),
    [("dies", "signal SIGKILL; out of luck"), ("exits", "exit 7; out of luck")],
)
def test_a_server_that_dies(servers: list[Server], kind: str, told: str) -> None:
    server = Server(command(str(ODD), kind))
    servers.append(server)
    found, played = play((PING,), server, Patience())
    assert found is not None
    assert (found.check, found.requirement) == (Check.CRASH, "HJP-LIF-6")
    assert found.got == f"the server ended: {told}"
    assert played.journal[-1].text == f"got      {found.got}"
    assert play((), server, Patience())[0] is not None  # it was started again


def test_a_clock_of_the_server_ends_a_session(servers: list[Server]) -> None:
    run = campaign(command(str(ODD), "times-out"), servers)
    assert run.run(examples=3, steps=3) is None
    assert run.tally.inconclusive == 3


def test_a_stubborn_server_is_killed() -> None:
    server = Server(command(str(ODD), "stubborn"))
    server.connect(5.0).close()
    server.stop()
    assert server.epitaph() is None
    with pytest.raises(NoServer):
        Server("./no-port")


@pytest.mark.parametrize(
    "named", ["hjp://127.0.0.1:1", "./no-such-file {port}", "false {port}"]
)
def test_no_server(named: str) -> None:
    server = Server(named)
    with pytest.raises(ServerGone):
        server.connect(1.0)


@pytest.mark.parametrize("url", ["hjp://", "hjp://a:b", "hjp://a/b", "./srv"])
def test_no_address(url: str) -> None:
    with pytest.raises(NoServer):
        Server(url)
    assert Server("hjp://[::1]").address == ("::1", 9507)


def test_a_finding_is_kept(tmp_path: Path, servers: list[Server]) -> None:
    found = campaign(broken("upper-swaps"), servers).run(100, 30)
    assert found is not None
    file = save(found, tmp_path / "new")
    assert file.name == f"{found.id}.json"
    assert json.loads(file.read_text())["sentence"] == found.sentence
    assert read(str(file), tmp_path) == read(found.id, tmp_path / "new") == found
    for content in ("{", "{}", '{"steps": [{}]}', "[]"):
        (tmp_path / "S-1.json").write_text(content)
        with pytest.raises(NoSession, match="holds no session"):
            read("S-1", tmp_path)
    with pytest.raises(NoSession, match="there is no session"):
        read("S-2", tmp_path)


def steps_of(seed: int) -> list[Step]:
    source, client = RandomSource(seed), Client(stated=1 << 20)
    steps: list[Step] = []
    while len(steps) < 40:
        steps += source.choice(rules_for(ours=True)).choose(source, client)
    return steps


def test_the_same_choices_make_the_same_session() -> None:
    assert steps_of(1) == steps_of(1)
    sessions = [step for seed in range(40) for step in steps_of(seed)]
    assert {step.act for step in sessions} == set(Act)
    assert {step.then for step in sessions} == set(Then)
    assert max(len(step.octets) for step in sessions) > 1 << 20
    assert not any(rule.ours for rule in rules_for(ours=False))


NEEDLE = b"needle"
HAY = encode(b'{"id":900,"x":1,"op":"echo", "data":"needle"}', b"hay" * 100)


@pytest.mark.parametrize(
    ("octets", "most"),
    [
        (HAY * 3, 22),
        (HAY[:30] + NEEDLE, 30),
        (encode(b'{"id":1,"op":"x"}', b"hay" * 99 + NEEDLE), 33),
        (raw_frame(b"[" + NEEDLE + b"]", reserved=b"\1\0\0"), 22),
        (raw_frame(b'["needle"]'), 26),
        (b"HJP" + NEEDLE, 6),
    ],
)
def test_a_session_is_made_smaller(octets: bytes, most: int) -> None:
    steps = (
        *(PING, HALF, Step(7, Act.END), Step(7, octets=octets[:20], then=Then.APART)),
        *(Step(7, octets=octets[20:], then=Then.DEAF), Step(7, Act.END), PING),
    )
    small = smaller(steps, lambda few: any(NEEDLE in step.octets for step in few))
    (step,) = small
    assert (step.connection, step.then) == (1, Then.WAIT)
    assert NEEDLE in step.octets
    assert len(step.octets) <= most


def test_members_are_left_out() -> None:
    def fails(few: Session) -> bool:
        frames = decode(few[0].octets).frames
        return any("data" in frame.metadata for frame in frames)

    (step,) = smaller((Step(1, octets=HAY * 2),), fails)
    assert step.octets == encode(b'{"id":1,"op":"echo","data":"needle"}')


def run_case(named: str, examples: int, steps: int = 15) -> unittest.TestResult:
    case = session_machine(named, patience=2.0).TestCase
    case.settings = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return result


def test_the_machine_is_a_test_case() -> None:
    result = run_case(REFERENCE, examples=8)
    assert result.wasSuccessful(), result.failures + result.errors
    assert result.testsRun == 1


def test_the_machine_tells_the_session() -> None:
    result = run_case(broken("first-id-one"), examples=30)
    ((_, told),) = result.failures + result.errors
    assert "Broken: HJP-" in told
    assert "  1  connection 1  sent " in told


def test_the_machine_ends_where_a_clock_runs_out() -> None:
    result = run_case(command(str(ODD), "times-out"), examples=2)
    assert result.wasSuccessful(), result.failures + result.errors


def in_c(folder: Path) -> str:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler is installed")
    program = folder / "core_server"
    sources = [str(PEERS / "c" / name) for name in ("core_server.c", "hjp.c")]
    flags = ["-std=c11", "-O2", "-pthread", "-o", str(program)]
    subprocess.run([compiler, *flags, *sources], check=True)
    return f"{program} {{port}}"


def in_javascript(folder: Path) -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    return f"{node} {PEERS / 'javascript' / 'server.mjs'} {{port}}"


RIGHT = {
    "asyncio": lambda folder: REFERENCE,
    "threaded": lambda folder: f"{REFERENCE} --engine threaded",
    "one-file": lambda folder: command(str(ONE_FILE)),
    "c": in_c,
    "javascript": in_javascript,
}


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", RIGHT)
def test_no_false_positive(servers: list[Server], kind: str, tmp_path: Path) -> None:
    run = campaign(RIGHT[kind](tmp_path), servers, seed="soak")
    assert run.run(examples=500, steps=30) is None
    assert run.flaky is None


FOUND = (
    *("id-missing-bad-frame", "id-zero-accepted", "id-gap-refused", "new-while-open"),
    *("id-again-accepted", "id-smaller-accepted", "ids-of-all-connections"),
    *("open-never-ends", "op-missing-unknown", "ok-ignored", "op-may-change"),
    *("more-null", "more-present", "ahead-busy", "timeout-zero", "private-accepted"),
    *("upper-takes-body", "replies-counted", "id-of-newest", "upper-twice"),
    *("empty-echo-silent", "error-silent", "replies-reversed", "errors-first"),
    *("short-first", "interim-reply", "error-waits-for-end", "dropped-answered"),
    *("end-served", "final-closes", "error-ends", "fatal-first", "fatal-alone"),
    *("id-silent", "serves-after-fatal", "fatal-twice", "no-shutdown", "resets"),
    *("closes-at-once", "kind-before-place", "banner", "hello-needed", "hello-twice"),
    *("one-at-a-time", "frame-blocks-all", "broken-stops-listening"),
    *("replies-lost-at-end", "never-closes", "resets-at-end", "acts-before-payload"),
    *("end-in-payload-error", "client-limit-ignored", "limit-never-rises"),
    *("last-id-forgotten", "last-id-too-small", "waits-for-next", "header-in-one-read"),
)


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", FOUND)
def test_a_broken_server_is_found(servers: list[Server], name: str) -> None:
    found = campaign(broken(name), servers).run(examples=200, steps=30)
    assert found is not None
