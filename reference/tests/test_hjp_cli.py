"""The command, as a process: what it prints, where, and its exit code."""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from hjp import __version__
from hjp.url import parse_url

from .hjp_peer import ENGINES, PATIENCE, PING, Peer, frame

HJP = [sys.executable, "-m", "hjp"]
PLAIN = os.environ | {"NO_COLOR": "1", "TERM": "dumb"}


def hjp(*arguments: str, octets: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a command that ends by itself, without a terminal."""
    result = subprocess.run(
        [*HJP, *arguments],
        input=octets,
        capture_output=True,
        timeout=50,
        check=False,
        env=PLAIN,
    )
    assert b"Traceback" not in result.stderr
    assert b"\x1b" not in result.stderr
    return result


@contextmanager
def serving(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process and its URL."""
    process = subprocess.Popen(
        [*HJP, "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=PLAIN,
    )
    with process:
        try:
            assert process.stdout is not None
            word, url = process.stdout.readline().split()
            assert word == "ready"
            yield process, url
        finally:
            process.kill()


@pytest.fixture(scope="module", params=ENGINES)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server of each kind."""
    with serving("--engine", request.param) as (_, where):
        yield where


class TestClient:
    """hello, ping, echo, upper."""

    def test_upper(self, url: str) -> None:
        """Only the result and a newline."""
        assert hjp("upper", url, "Grüße").stdout == "GRüßE\n".encode()

    def test_standard_input(self, url: str) -> None:
        """Any octets, as they are."""
        octets = bytes(range(256)) * 256
        assert hjp("echo", url, "-", octets=octets).stdout == octets + b"\n"

    def test_echo(self, url: str) -> None:
        """The payload, the data, or both."""
        assert hjp("echo", url, "hi").stdout == b"hi\n"
        assert hjp("echo", url).stdout == b"\n"
        data = '{"a":[1,null,"é"]}'
        assert hjp("echo", url, "--data", data).stdout == f"{data}\n".encode()
        assert hjp("echo", url, "hi", "--data", "5").stdout == b"hi\n5\n"

    def test_hello(self, url: str) -> None:
        """A line for each member."""
        lines = hjp("hello", url).stdout.decode().splitlines()
        assert b"\x1b" not in hjp("hello", url).stdout
        assert lines[:2] == ["features: []", 'limits: {"max_payload":65536}']
        assert lines[2] == f"server: hjp-python/{__version__}"

    def test_ping(self, url: str) -> None:
        """A time."""
        assert hjp("ping", url).stdout.startswith(b"pong in ")

    @pytest.mark.parametrize(
        ("arguments", "metadata", "payload"),
        [
            (["ping"], {"id": 1, "ok": True}, ""),
            (["upper", "hi"], {"id": 1, "ok": True}, "4849"),
            (["echo", "hi", "--data", "1"], {"id": 1, "ok": True, "data": 1}, "6869"),
        ],
    )
    def test_json(
        self, url: str, arguments: list[str], metadata: object, payload: str
    ) -> None:
        """The whole reply in one line."""
        result = hjp(arguments[0], url, *arguments[1:], "--json")
        expected = {"metadata": metadata, "payload": payload}
        assert json.loads(result.stdout) == expected
        assert result.stdout.count(b"\n") == 1

    def test_hello_as_json(self, url: str) -> None:
        """The same way."""
        result = hjp("hello", url, "--json")
        assert json.loads(result.stdout)["metadata"]["features"] == []

    def test_a_large_payload(self) -> None:
        """The client says hello first, to learn what the server takes."""
        octets = b"x" * 300_000
        with serving("--limit", "max_payload=1000000") as (_, url):
            assert (
                hjp("upper", url, "-", octets=octets).stdout == b"X" * 300_000 + b"\n"
            )

    def test_a_payload_that_is_too_large(self, url: str) -> None:
        """A sentence, and no connection is harmed."""
        result = hjp("upper", url, "-", octets=bytes(70_000))
        assert (result.returncode, result.stdout) == (2, b"")
        assert b"max_payload is 65536" in result.stderr

    def test_colours_are_for_terminals(self, url: str) -> None:
        """On one there are, unless NO_COLOR is set."""
        terminal = {"TERM": "xterm-256color"}
        environment = {key: os.environ[key] for key in os.environ if key != "NO_COLOR"}
        assert "\x1b[1m" in on_a_terminal(
            "hello", url, environment=environment | terminal
        )
        quiet = environment | terminal | {"NO_COLOR": "1"}
        assert "\x1b[3" not in on_a_terminal("ping", "x", environment=quiet)


def on_a_terminal(*arguments: str, environment: dict[str, str]) -> str:
    """What a command writes to a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*HJP, *arguments], stdout=theirs, stderr=theirs, stdin=theirs, env=environment
    ) as process:
        os.close(theirs)
        output = bytearray()
        try:
            while part := os.read(ours, 65_536):
                output += part
        except OSError:  # how a terminal tells its end
            pass
        finally:
            os.close(ours)
        process.wait(PATIENCE)
    return output.decode()


class TestUsage:
    """Exit code 2, and a sentence that says what would be right."""

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["fly"], b"No such command"),
            (["ping"], b"URL"),
            (["ping", "http://127.0.0.1"], b"does not begin with"),
            (["ping", "hjp://host/path"], b"hjp://host:port"),
            (["upper", "hjp://host"], b"TEXT"),
            (["echo", "hjp://host", "--data", "{"], b"no JSON value"),
            (["echo", "hjp://host", "--data", '1,"x":2'], b"more than one"),
            (["ping", "hjp://host", "--timeout", "0"], b"timeout"),
            (["serve", "--limit", "max_json=5"], b"max_payload"),
            (["serve", "--limit", "max_payload=5"], b"from 65536"),
            (["serve", "--enable", "files,mux"], b"no feature 'mux'"),
            (["serve", "--disable", "mux"], b"files, resume, delete"),
            (["serve", "--enable", "delete"], b"needs --root DIR"),
            (["serve", "--root", ".", "--disable", "files"], b"of no use"),
            (["serve", "--quota", "5G"], b"no feature that is offered"),
            (["serve", "--durability", "file"], b"no feature that is offered"),
            (["serve", "--root", ".", "--quota", "5X"], b"no size such as"),
            (["serve", "--root", ".", "--quota", "0"], b"no size such as"),
            (["serve", "--root", ".", "--max-object", "-1"], b"no size such as"),
            (["serve", "--root", ".", "--max-stages", "0"], b"max-stages"),
            (["serve", "--root", ".", "--durability", "most"], b"full"),
            (["serve", "--token-file", "x"], b"no feature that is offered"),
            (["serve", "--engine", "steam"], b"threaded"),
            (["serve", "--port", "65536"], b"65535"),
        ],
    )
    def test_usage(self, arguments: list[str], words: bytes) -> None:
        """Nothing on standard output."""
        result = hjp(*arguments)
        assert (result.returncode, result.stdout) == (2, b"")
        assert words in b" ".join(result.stderr.replace("│".encode(), b"").split())

    def test_version_and_help(self) -> None:
        """Both are asked for, so they go to standard output."""
        assert hjp("--version").stdout == f"hjp {__version__}\n".encode()
        assert b"serve" in hjp("--help").stdout
        assert b"NAME=VALUE" in hjp("serve", "-h").stdout

    def test_completion(self) -> None:
        """There is one to install."""
        assert b"--show-completion" in hjp("--help").stdout


@contextmanager
def fake(play: Callable[[Peer], None]) -> Iterator[str]:
    """A server for one connection that does one thing, then closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)

        def serve() -> None:
            with closing(Peer.of(listener.accept()[0])) as peer:
                play(peer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"hjp://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(PATIENCE)


class TestFailure:
    """What else can go wrong: one sentence on standard error, and the exit code."""

    def check(self, result: subprocess.CompletedProcess[bytes], code: int) -> str:
        """One line, beginning with the command's name."""
        assert (result.returncode, result.stdout) == (code, b"")
        (line,) = result.stderr.decode().splitlines()
        assert line.startswith("hjp: ")
        return line

    def test_the_peer_answers_with_an_error(self) -> None:
        """1; and its words cannot command the terminal."""
        error = {"code": "busy", "message": "later\x1b[31m\n\u202e"}

        def play(peer: Peer) -> None:
            peer.reply()
            peer.send(frame({"id": 1, "ok": False, "error": error}))

        with fake(play) as url:
            line = self.check(hjp("ping", url), 1)
        assert line == "hjp: busy: later\\x1b[31m\\n\\u202e"

    def test_nobody_listens(self) -> None:
        """3."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        line = self.check(hjp("ping", f"hjp://127.0.0.1:{port}"), 3)
        assert "Connection refused" in line

    def test_no_such_host(self) -> None:
        """3."""
        assert "cannot connect" in self.check(hjp("ping", "hjp://nowhere.invalid"), 3)

    def test_the_server_closes(self) -> None:
        """3."""
        with fake(Peer.hear) as url:
            assert "lost" in self.check(hjp("ping", url), 3)

    def test_the_server_is_silent(self) -> None:
        """3, after the time; nothing came that would break the protocol."""
        with fake(Peer.hear_all) as url:
            assert "in time" in self.check(hjp("ping", url, "--timeout", "0.2"), 3)

    def test_the_server_speaks_http_at_once(self) -> None:
        """4."""

        def play(peer: Peer) -> None:
            peer.reply()
            peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        with fake(play) as url:
            assert "does not speak HJP/1" in self.check(hjp("ping", url), 4)

    def test_the_server_speaks_http_when_a_line_ends(self) -> None:
        """4: Python's http.server waits for the end of our "line"."""
        script = (
            "from http.server import *\n"
            "server = HTTPServer(('127.0.0.1', 0), BaseHTTPRequestHandler)\n"
            "print(server.server_port, flush=True)\n"
            "server.serve_forever()\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", script],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert process.stdout is not None
            url = f"hjp://127.0.0.1:{int(process.stdout.readline())}"
            result = hjp("ping", url, "--timeout", "0.5")
            process.kill()
        assert "bad_magic" in self.check(result, 4)

    def test_a_port_in_use(self, url: str) -> None:
        """3, and a sentence."""
        port = str(parse_url(url)[1])
        for engine in ENGINES:
            result = hjp("serve", "--port", port, "--engine", engine)
            assert "already in use" in self.check(result, 3)

    def test_an_address_that_is_not_ours(self) -> None:
        """3."""
        for engine in ENGINES:
            result = hjp("serve", "--host", "nowhere.invalid", "--engine", engine)
            assert "cannot listen" in self.check(result, 3)

    def test_ctrl_c(self) -> None:
        """130, and silence."""
        asked, done = threading.Event(), threading.Event()

        def play(peer: Peer) -> None:
            peer.reply()
            asked.set()
            done.wait(PATIENCE)

        with (
            fake(play) as url,
            subprocess.Popen([*HJP, "ping", url], stderr=subprocess.PIPE) as process,
        ):
            assert asked.wait(PATIENCE)
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 130
            done.set()
            assert process.stderr is not None
            assert process.stderr.read() == b""


class TestServe:
    """hjp serve."""

    @pytest.mark.parametrize("engine", ENGINES)
    @pytest.mark.parametrize(
        ("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)]
    )
    def test_signals(self, engine: str, number: signal.Signals, code: int) -> None:
        """What is open is told `going_away`, and the process ends in order."""
        with (
            serving("--engine", engine) as (process, url),
            closing(Peer(parse_url(url))) as peer,
        ):
            assert peer.send(PING).reply()[0]["ok"]
            process.send_signal(number)
            assert peer.reply()[0]["error"]["last_id"] == 1
            assert peer.end().rest() == b""
            assert process.wait(PATIENCE) == code
            assert process.stdout is not None
            assert process.stderr is not None
            assert (process.stdout.read(), process.stderr.read()) == ("", "")

    def test_a_limit(self) -> None:
        """It is in force."""
        with (
            serving("--limit", "first_frame_ms=50") as (_, url),
            closing(Peer(parse_url(url))) as peer,
        ):
            assert peer.error() == (0, "timeout")

    def test_ipv6(self) -> None:
        """The ready line has brackets."""
        with serving("--host", "::1") as (_, url):
            assert url.startswith("hjp://[::1]:")
            assert hjp("upper", url, "x").stdout == b"X\n"

    @pytest.mark.parametrize("engine", ENGINES)
    def test_files(self, engine: str, tmp_path: Path) -> None:
        """--root offers files and resume, with the limits that were asked for."""
        options = ["--engine", engine, "--root", str(tmp_path), "--max-object", "1M"]
        with (
            serving(*options, "--enable", "delete", "--disable", "resume") as (_, url),
            closing(Peer(parse_url(url))) as peer,
        ):
            said = peer.send(frame({"id": 1, "op": "hello"})).reply()[0]
            assert said["features"] == ["files", "delete"]
            assert said["limits"] == {"max_payload": 2**22, "max_object": 2**20}
            put = frame({"id": 2, "op": "put", "name": "a"}, b"hi")
            assert peer.send(put).reply()[0] == {"id": 2, "ok": True, "size": 2}
        assert (tmp_path / "a").read_bytes() == b"hi"

    def test_a_root_that_is_none(self, tmp_path: Path) -> None:
        """2, and one line that says why."""
        (tmp_path / "file").touch()
        for name, why in (("none", "No such file"), ("file", "Not a directory")):
            result = hjp("serve", "--root", str(tmp_path / name))
            assert (result.returncode, result.stdout) == (2, b"")
            (line,) = result.stderr.decode().splitlines()
            assert line.startswith("hjp: cannot keep files in ")
            assert why in line

    def test_a_root_that_is_in_use(self, tmp_path: Path) -> None:
        """By another server; free again once that was killed."""
        with serving("--root", str(tmp_path)) as (process, _):
            result = hjp("serve", "--root", str(tmp_path))
            assert result.returncode == 2
            assert b"another server keeps files there" in result.stderr
            process.kill()
            process.wait(PATIENCE)
            with serving("--root", str(tmp_path)):
                pass

    def test_several_addresses_are_one_line(self) -> None:
        """However many there are, the line is not wrapped."""
        with subprocess.Popen(
            [*HJP, "serve", "--host", "localhost", "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            first, *urls = process.stdout.readline().split()
            process.terminate()
        assert first == "ready"
        assert all(parse_url(url) for url in urls)
        assert urls
