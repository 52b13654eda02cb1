"""The testees: the codec and the client as programs that suites talk to."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hjp import encode
from hjp.testee_codec import answer
from hjp_spec.testee import Testee
from hjp_spec.vectors import VECTORS

Play = Callable[[socket.socket], None]


def run(url: str, *words: str, lines: str = "") -> tuple[int, list[str]]:
    """Exit status and lines of the client's testee."""
    done = subprocess.run(
        [sys.executable, "-m", "hjp.testee_client", *words],
        input=lines,
        capture_output=True,
        text=True,
        timeout=50,
        env=os.environ | {"HJP_URL": url, "HJP_CASE": "test"},
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of a server of this project."""
    command = [sys.executable, "-m", "hjp", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[1]
        process.terminate()


def scripted(play: Play, *words: str) -> tuple[int, list[str]]:
    """The testee against a server that plays a part."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                play(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        host, port = listener.getsockname()
        found = run(f"hjp://{host}:{port}", *words)
        thread.join()
    return found


def test_actions(server: str, tmp_path: Path) -> None:
    file = tmp_path / "hi"
    file.write_bytes(b"hi")
    words = ["hello", "70000", "+", "ping", "+", "upper", str(file), "+"]
    words += ["echo", str(file), "+", "ahead", "2", "upper", str(file)]
    assert run(server, *words) == (
        0,
        ["ok", "ok", "ok 4849", "ok 6869", "ok 4849", "ok 4849"],
    )


def test_errors_go_on(server: str) -> None:
    found = run(server, "call", "x-none", "+", "ping", lines="more 61\nlast\n")
    assert found == (1, ["error unknown_op", "ok"])


def test_what_must_not_be_sent(server: str, tmp_path: Path) -> None:
    file = tmp_path / "long"
    file.write_bytes(bytes(65_537))
    found = run(server, "upper", str(file), "+", "hello", "+", "ping")
    assert found[0] == 1
    assert found[1][0] == "unsent too_large"


@pytest.mark.parametrize(
    "words", [[], ["fly"], ["ping", "1"], ["ping", "+", "fly"], ["echo"]]
)
def test_actions_that_are_not_offered(words: list[str]) -> None:
    assert run("hjp://127.0.0.1:1", *words) == (127, [])


def test_a_frame_that_is_refused() -> None:
    def play(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(b"HTTP/1.1")

    assert scripted(play, "ping", "+", "ping") == (1, ["refused bad_magic"])


def test_a_connection_that_is_lost() -> None:
    assert scripted(lambda connection: None, "ping") == (1, ["lost"])


@pytest.mark.parametrize("words", [["ping"], ["ahead", "2", "ping"], ["call", "x-any"]])
def test_a_fatal_error(words: list[str]) -> None:
    error = {"code": "internal", "message": "m", "fatal": True}
    octets = encode({"id": 0, "ok": False, "error": error})

    def play(connection: socket.socket) -> None:
        connection.sendall(octets)
        while connection.recv(100):
            pass

    assert scripted(play, *words, "+", "ping") == (1, ["fatal internal"])


def test_an_error_of_what_was_sent_ahead() -> None:
    def play(connection: socket.socket) -> None:
        octets = b""
        while octets.count(b"ping") < 2:
            octets += connection.recv(100)
        for id_ in (1, 2):
            error = {"code": "busy", "message": "m"}
            connection.sendall(encode({"id": id_, "ok": False, "error": error}))
        while connection.recv(100):
            pass

    assert scripted(play, "ahead", "2", "ping") == (1, ["error busy"] * 2)


def test_the_codec_agrees_on_every_vector() -> None:
    with Testee([sys.executable, "-m", "hjp.testee_codec"]) as testee:
        assert testee.describe().codes
        testee.reset()
        for vector in VECTORS:
            found = testee.decode([vector.octets], vector.max_payload)
            permitted = {(one.status, one.code) for one in vector.outcomes}
            assert (found.status, found.code) in permitted, vector.name
        assert testee.encode("{}", b"x").octets == encode({}, b"x")
        assert testee.encode("[]", b"").code == "bad_json"
        assert testee.encode('"\ud800"', b"").code == "bad_json"
        assert testee.close() == 0


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"x",
        b"[]",
        b"{}",
        b'{"cmd":"fly"}',
        b'{"cmd":"decode"}',
        b'{"cmd":"decode","chunks":"00"}',
        b'{"cmd":"decode","chunks":["0"]}',
        b'{"cmd":"decode","chunks":[7]}',
        b'{"cmd":"decode","chunks":[],"max_payload":-1}',
        b'{"cmd":"decode","chunks":[],"max_payload":true}',
        b'{"cmd":"encode","json":7}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_lines_without_sense(line: bytes) -> None:
    assert answer(line)["status"] == "error"
    assert json.dumps(answer(line))
