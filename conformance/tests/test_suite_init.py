"""The skeletons: written, built, and answering as what they are."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from hjp_conformance.cli_init import init
from hjp_conformance.init import Skeleton
from hjp_spec.examples import EXAMPLES
from hjp_spec.jsonschemas import problems
from hjp_spec.oracle import Frame, decode, raw_frame
from hjp_spec.testee import Testee

LANGUAGES = ("python", "c", "javascript")
MODES = ("server", "client", "codec")
TOOLS = {"python": sys.executable, "c": "gcc", "javascript": "node"}
SECONDS = 20

APP = typer.Typer()
APP.command()(init)


def run_init(folder: Path, mode: str, language: str, *more: str) -> Result:
    words = [mode, "--lang", language, "--dir", str(folder), *more]
    return CliRunner().invoke(APP, words)


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    language = str(request.param)
    if shutil.which(TOOLS[language]) is None:
        pytest.skip(f"no {TOOLS[language]} here")
    return language


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, language: str) -> Path:
    return tmp_path_factory.mktemp(language)


def made(folder: Path, mode: str, language: str) -> list[str]:
    """The command that runs a skeleton, which has been written and built."""
    assert run_init(folder, mode, language).exit_code == 0
    skeleton = Skeleton(mode, language)
    if skeleton.build:
        strict = [*shlex.split(skeleton.build), "-Werror"]
        subprocess.run(strict, cwd=folder, check=True, timeout=50)
    program, *words = shlex.split(skeleton.command)
    if language == "c":
        return [str(folder / program), *words]
    return [TOOLS[language], str(folder / words[0]), *words[1:]]


# ---- The server ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(folder: Path, language: str) -> Iterator[tuple[str, int]]:
    words = [word.replace("{port}", "0") for word in made(folder, "server", language)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.fullmatch(
                r"ready hjp://(127\.0\.0\.1):(\d+)\n", process.stdout.readline()
            )
            assert found
            yield found[1], int(found[2])
        finally:
            process.terminate()


def exchange(address: tuple[str, int], *pieces: bytes) -> tuple[list[Frame], bytes]:
    """Send pieces, then the end; the frames that came, and what is none."""
    received = b""
    with socket.create_connection(address, SECONDS) as connection:
        for piece in pieces:
            connection.sendall(piece)
        connection.shutdown(socket.SHUT_WR)
        while some := connection.recv(65_536):
            received += some
    found = decode(received)
    return list(found.frames), received[found.consumed :]


def test_server_answers(address: tuple[str, int]) -> None:
    requests = [
        raw_frame(b'{"id":1,"op":"hello"}'),
        raw_frame(b'{"id":2,"op":"ping"}'),
        raw_frame(b'{"id":3,"op":"echo","data":[1,{"a":"\xc3\xa9"}]}', b"\x00\xff"),
        raw_frame(b'{"id":4,"op":"upper"}', b"az{`\xe9"),
        raw_frame(b'{"id":5,"op":"fly"}'),
    ]
    replies, rest = exchange(address, *requests)
    assert rest == b""
    assert [reply.metadata["id"] for reply in replies] == [1, 2, 3, 4, 5]
    assert [reply.metadata["ok"] for reply in replies] == [True] * 4 + [False]
    assert replies[0].metadata["limits"] == {"max_payload": 65_536}
    assert replies[2].metadata["data"] == [1, {"a": "é"}]
    assert replies[2].payload == b"\x00\xff"
    assert replies[3].payload == b"AZ{`\xe9"
    assert replies[4].metadata["error"]["code"] == "unknown_op"


def test_server_takes_octets_as_they_come(address: tuple[str, int]) -> None:
    payload = bytes(range(256)) * 256
    request = raw_frame(b'{"id":1,"op":"echo"}', payload)
    pieces = [request[n : n + 1] for n in range(60)] + [request[60:]]
    replies, rest = exchange(address, *pieces)
    assert [reply.payload for reply in replies] == [payload]
    assert rest == b""


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"GET / HTTP/1.1\r\n\r\n" + bytes(100_000), "bad_magic"),
        (raw_frame(b"{}", json_length=65_537), "too_large"),
        (raw_frame(b"{}", payload_length=65_537), "too_large"),
        (raw_frame(b"{"), "bad_json"),
    ],
    ids=["magic", "json-length", "payload-length", "json"],
)
def test_server_refuses_and_lives(
    address: tuple[str, int], octets: bytes, code: str
) -> None:
    replies, rest = exchange(address, raw_frame(b'{"id":1,"op":"ping"}') + octets)
    assert rest == b""
    assert replies[0].metadata == {"id": 1, "ok": True}
    fatal = replies[1].metadata
    assert (fatal["id"], fatal["ok"]) == (0, False)
    assert (fatal["error"]["code"], fatal["error"]["fatal"]) == (code, True)
    assert len(exchange(address, raw_frame(b'{"id":1,"op":"ping"}'))[0]) == 1


# ---- The client ---------------------------------------------------------------------

Script = Callable[[Frame], bytes]


def right(frame: Frame) -> bytes:
    """What a server answers to one frame."""
    number, op = frame.metadata["id"], frame.metadata["op"]
    if frame.metadata.get("more"):
        return b""
    payloads = {"echo": frame.payload, "upper": frame.payload.upper()}
    return raw_frame(b'{"id":%d,"ok":true}' % number, payloads.get(op, b""))


@contextmanager
def scripted(script: Script) -> Iterator[tuple[str, list[Frame]]]:
    """A server for one connection: its URL, and the frames that came."""
    frames: list[Frame] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(SECONDS)
        thread = threading.Thread(target=_serve, args=(listener, script, frames))
        thread.start()
        yield f"hjp://127.0.0.1:{listener.getsockname()[1]}", frames
        thread.join(SECONDS)
        assert not thread.is_alive()


def _serve(listener: socket.socket, script: Script, frames: list[Frame]) -> None:
    connection, _ = listener.accept()
    waiting = b""
    with connection:
        connection.settimeout(SECONDS)
        while some := _received(connection):
            found = decode(waiting + some)
            waiting = (waiting + some)[found.consumed :]
            frames += found.frames
            for frame in found.frames:
                connection.sendall(script(frame))


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65_536)
    except ConnectionResetError:  # it went with octets unread
        return b""


def run_client(
    words: list[str], url: str, actions: str, lines: str = ""
) -> tuple[int, list[str]]:
    found = subprocess.run(
        [*words, *actions.split()],
        env=os.environ | {"HJP_URL": url, "HJP_CASE": "test"},
        input=lines,
        stdout=subprocess.PIPE,
        text=True,
        timeout=SECONDS,
    )
    return found.returncode, found.stdout.splitlines()


@pytest.fixture(scope="module")
def client(folder: Path, language: str) -> list[str]:
    return made(folder, "client", language)


def test_client_does_its_actions(client: list[str], tmp_path: Path) -> None:
    file = tmp_path / "hi"
    file.write_bytes(b"hi!\x00\xff")
    actions = f"hello 70000 + ping + echo {file} + upper {file} + ahead 3 upper {file}"
    with scripted(right) as (url, frames):
        status, lines = run_client(client, url, actions)
    assert status == 0
    assert lines[:3] == ["ok", "ok", "ok 68692100ff"]
    assert lines[3:] == ["ok 48492100ff"] * 4
    told = [(frame.metadata["id"], frame.metadata["op"]) for frame in frames]
    ops = ["hello", "ping", "echo", *["upper"] * 4]
    assert told == list(enumerate(ops, 1))
    assert frames[0].metadata["limits"] == {"max_payload": 70_000}
    assert [frame.payload for frame in frames] == [b""] * 2 + [b"hi!\x00\xff"] * 5


def test_client_calls(client: list[str]) -> None:
    with scripted(right) as (url, frames):
        lines = "more 6162\nmore\nmore \nlast 63\nlast\n"
        found = run_client(client, url, "call x-a + call x-b", lines)
    assert found == (0, ["ok", "ok"])
    told = [
        (frame.metadata["op"], frame.metadata.get("more", False), frame.payload)
        for frame in frames
    ]
    first = [("x-a", True, b"ab"), ("x-a", True, b""), ("x-a", True, b"")]
    assert told == [*first, ("x-a", False, b"c"), ("x-b", False, b"")]
    assert [frame.metadata["id"] for frame in frames] == [1, 1, 1, 1, 2]


def test_client_ends_a_call_that_is_answered_early(client: list[str]) -> None:
    seen: SimpleQueue[Frame] = SimpleQueue()
    error = b'{"id":1,"ok":false,"error":{"code":"unknown_op","message":""}}'

    def early(frame: Frame) -> bytes:
        seen.put(frame)
        if frame.metadata["op"] == "ping":
            return right(frame)
        return raw_frame(error) if frame.payload == b"a" else b""

    with (
        scripted(early) as (url, _),
        subprocess.Popen(
            [*client, "call", "x-a", "+", "ping"],
            env=os.environ | {"HJP_URL": url, "HJP_CASE": "test"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):

        def tell(line: str) -> Frame:
            assert process.stdin is not None
            process.stdin.write(line)
            process.stdin.flush()
            return seen.get(timeout=SECONDS)

        assert process.stdout is not None
        assert tell("more 61\n").metadata["more"] is True
        end = tell("more 62\n")
        if "more" in end.metadata:  # the reply was still on its way, and is there now
            end = tell("more 63\n")
        assert (end.metadata["op"], end.payload) == ("x-a", b"")
        assert not end.metadata.get("more")
        assert tell("more 64\nlast 65\n").metadata["op"] == "ping"
        assert process.stdout.read() == "error unknown_op\nok\n"
        assert process.wait(SECONDS) == 1


@pytest.mark.parametrize(
    ("reply", "lines"),
    [
        (
            b'{"id":1,"ok":false,"error":{"code":"busy","message":""}}',
            ["error busy", "ok"],
        ),
        (
            b'{"id":0,"ok":false,"error":{"code":"busy","message":"","fatal":true}}',
            ["fatal busy"],
        ),
        (b"{", ["refused bad_json"]),
        (b'{"id":1}', ["refused bad_frame"]),
    ],
    ids=["error", "fatal", "no-json", "no-ok"],
)
def test_client_tells_what_came(
    client: list[str], reply: bytes, lines: list[str]
) -> None:
    def script(frame: Frame) -> bytes:
        return raw_frame(reply) if frame.metadata["id"] == 1 else right(frame)

    with scripted(script) as (url, _):
        assert run_client(client, url, "ping + ping") == (1, lines)


def test_client_refuses_a_stranger(client: list[str]) -> None:
    with scripted(lambda frame: b"HTTP/") as (url, _):
        assert run_client(client, url, "ping") == (1, ["refused bad_magic"])


def test_client_without_a_server(client: list[str]) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"hjp://127.0.0.1:{bound.getsockname()[1]}"
        assert run_client(client, url, "ping + ping") == (1, ["lost"])


def test_client_that_does_not_offer_an_action(client: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"hjp://127.0.0.1:{listener.getsockname()[1]}"
        assert run_client(client, url, "ping + x-fly 1") == (127, [])
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


# ---- The codec ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def codec(folder: Path, language: str) -> list[str]:
    return made(folder, "codec", language)


def test_codec_answers(codec: list[str]) -> None:
    example = EXAMPLES["upper-request"].octets
    text, payload = '{"id":1,"op":"upper"}', b"hi!"
    with Testee(codec, SECONDS) as testee:
        assert set(testee.describe().commands) == {
            "describe",
            "decode",
            "encode",
            "reset",
        }
        pieces = [example[n : n + 1] for n in range(len(example))]
        for chunks in [example], pieces, [example + example[:20]], [b"", example, b""]:
            found = testee.decode(chunks)
            rest = sum(map(len, chunks)) > len(example)
            assert found.status == ("incomplete" if rest else "accept")
            assert found.frames == ((text, payload),)
            assert found.consumed == len(example)
        refused = testee.decode([example, b"GET /"])
        assert (refused.status, refused.code) == ("reject", "bad_magic")
        assert refused.frames == ((text, payload),)
        assert testee.decode([]).status == "accept"
        testee.reset()
        assert testee.encode(text, payload).octets == example
        long = '{"x":"é\U0001f600\u2028\\u0000' + "y" * 60_000 + '"}'
        octets = testee.encode(long, bytes(65_536)).octets
        assert testee.decode([octets]).frames == ((long, bytes(65_536)),)
        assert testee.close() == 0


def test_codec_cannot_write_half_a_pair(codec: list[str]) -> None:
    with Testee(codec, SECONDS) as testee:
        found = testee.encode('{"x":"\ud800"}', b"")
    assert (found.status, found.code) == ("reject", "bad_json")


BAD_LINES = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"decode"',
    b"{}",
    b'{"cmd":1}',
    b'{"cmd":null}',
    b'{"cmd":["decode"]}',
    b'{"cmd":"fly"}',
    b'{"cmd":"toString"}',
    b'{"cmd":"reset"} {}',
    b'{"cmd":"reset",}',
    b'{"cmd":"reset","x":NaN}',
    b'{"cmd":"reset","x":01}',
    b'{"cmd":"reset","x":"\xff"}',
    b'{"cmd":"reset","x":"\t"}',
    b'\xef\xbb\xbf{"cmd":"reset"}',
    '{"cmd":"reset"}'.encode("utf-16"),
    b'{"cmd":"reset","x":' + b"[" * 100_000,
    b'{"cmd":"decode"}',
    b'{"cmd":"decode","chunks":null}',
    b'{"cmd":"decode","chunks":""}',
    b'{"cmd":"decode","chunks":["4"]}',
    b'{"cmd":"decode","chunks":["00","4 8 "]}',
    b'{"cmd":"decode","chunks":["0x"]}',
    b'{"cmd":"decode","chunks":[1]}',
    b'{"cmd":"decode","chunks":["\\ud800\\ud800"]}',
    b'{"cmd":"decode","chunks":["4\xc3\xa9"]}',
    b'{"cmd":"decode","chunks":[],"max_payload":-1}',
    b'{"cmd":"decode","chunks":[],"max_payload":4294967296}',
    b'{"cmd":"decode","chunks":[],"max_payload":1.5}',
    b'{"cmd":"decode","chunks":[],"max_payload":null}',
    b'{"cmd":"decode","chunks":[],"max_payload":true}',
    b'{"cmd":"decode","chunks":[],"max_payload":"1"}',
    b'{"cmd":"encode"}',
    b'{"cmd":"encode","json":{}}',
    b'{"cmd":"encode","json":"{}","payload":null}',
    b'{"cmd":"encode","json":"{}","payload":"0"}',
    b'{"cmd":"encode","json":"{}","max_payload":[]}',
)
GOOD_LINES = (
    b'{"\\u0063md":"\\u0072eset","x":{"cmd":"fly"},"y":[1e5,-0.5,true,null]}',
    b' {\t"cmd" : "reset" }\r',
    '{"cmd":"reset","\u2028":"\u2028\u0085"}'.encode(),
)


def test_codec_answers_lines_without_sense_and_goes_on(codec: list[str]) -> None:
    wrong = [line for bad in BAD_LINES for line in (bad, GOOD_LINES[0])]
    lines = b"\n".join([*wrong, *GOOD_LINES])  # the last one without LF
    found = subprocess.run(
        codec, input=lines, stdout=subprocess.PIPE, timeout=SECONDS, check=True
    )
    replies = [json.loads(reply) for reply in found.stdout.splitlines()]
    assert len(replies) == 2 * len(BAD_LINES) + len(GOOD_LINES)
    for bad, reply in zip(BAD_LINES, replies[: 2 * len(BAD_LINES) : 2], strict=True):
        assert reply["status"] == "error", bad[:100]
        assert not problems("testee/reply", reply, "error"), bad[:100]
    assert replies[1 : 2 * len(BAD_LINES) : 2] == [{"status": "ok"}] * len(BAD_LINES)
    assert replies[2 * len(BAD_LINES) :] == [{"status": "ok"}] * len(GOOD_LINES)


# ---- The command --------------------------------------------------------------------


def declared(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "sut.toml").read_text())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_says_what_is_next(tmp_path: Path, mode: str, lang: str) -> None:
    skeleton = Skeleton(mode, lang)
    found = run_init(tmp_path / "new" / "folder", mode, lang)
    assert found.exit_code == 0
    wrote, run, then = found.output.splitlines()
    new = tmp_path / "new" / "folder"
    assert wrote.startswith(f"wrote {new / skeleton.file}, ")
    assert wrote.endswith("sut.toml")
    assert run.endswith("hjp-conformance run sut.toml --tier smoke -x")
    assert then.startswith("it stops at a failure, since the skeleton is naive")
    assert (skeleton.build or "cd ") in run
    text = (tmp_path / "new" / "folder" / skeleton.file).read_text()
    marks = re.findall(r"YOUR [A-Z]+ HERE", then)
    assert marks
    assert marks == re.findall(r"YOUR [A-Z]+ HERE", text)
    assert declared(tmp_path / "new" / "folder")[mode] == {"cmd": skeleton.command}


def test_it_writes_over_nothing(tmp_path: Path) -> None:
    (tmp_path / "codec_testee.py").write_text("mine")
    refused = run_init(tmp_path, "codec", "python")
    assert refused.exit_code == 2
    assert "already" in refused.output
    assert [path.name for path in tmp_path.iterdir()] == ["codec_testee.py"]
    assert (tmp_path / "codec_testee.py").read_text() == "mine"
    assert run_init(tmp_path, "codec", "python", "--force").exit_code == 0
    assert "YOUR CODEC HERE" in (tmp_path / "codec_testee.py").read_text()


def test_what_is_shared_may_be_there(tmp_path: Path) -> None:
    for mode in MODES:
        assert run_init(tmp_path, mode, "c").exit_code == 0
    (tmp_path / "server.c").unlink()
    (tmp_path / "skeleton.h").write_text("mine")
    assert run_init(tmp_path, "server", "c").exit_code == 2
    assert (tmp_path / "skeleton.h").read_text() == "mine"
    assert not (tmp_path / "server.c").exists()


def test_a_declaration_grows(tmp_path: Path) -> None:
    path = tmp_path / "sut.toml"
    path.write_text('# mine\n[client]\ncmd = "./mine"')
    assert run_init(tmp_path, "server", "python").exit_code == 0
    assert run_init(tmp_path, "codec", "javascript").exit_code == 0
    kept = run_init(tmp_path, "client", "c")
    assert kept.exit_code == 0
    _, table, run, _ = kept.output.splitlines()
    assert "[client] of another one, and keeps it; for this one put there" in table
    assert table.endswith('cmd = "./client_testee"')
    assert run.endswith("hjp-conformance client --cmd ./client_testee --tier smoke -x")
    again = run_init(tmp_path, "server", "python", "--force").output
    assert "of another one" not in again
    assert "hjp-conformance run sut.toml" in again
    assert path.read_text().startswith("# mine\n")
    assert declared(tmp_path) == {
        "client": {"cmd": "./mine"},
        "server": {"cmd": "python3 server.py {port}"},
        "codec": {"cmd": "node codec_testee.mjs"},
    }


@pytest.mark.parametrize("octets", [b"[client", b"\xff"])
def test_a_declaration_that_is_none(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "sut.toml").write_bytes(octets)
    assert run_init(tmp_path, "client", "python", "--force").exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["sut.toml"]
    assert (tmp_path / "sut.toml").read_bytes() == octets


def test_a_declaration_tells_what_else_can_be_said(tmp_path: Path) -> None:
    for mode in MODES:
        assert run_init(tmp_path, mode, "python").exit_code == 0
    text = (tmp_path / "sut.toml").read_text()
    all_said = tomllib.loads(re.sub(r"(?m)^# (?=[\w\"*-]+ = )", "", text))
    assert all_said.pop("strict") is True
    assert list(all_said.pop("known-failures").values()) == [
        "frames are being written anew"
    ]
    assert {mode: set(table) for mode, table in all_said.items()} == {
        "server": {"cmd", "url", "limit", "deadline"},
        "client": {"cmd", "deadline"},
        "codec": {"cmd", "callable", "deadline"},
    }


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert run_init(tmp_path / "file", "codec", "python").exit_code == 2
    assert run_init(tmp_path / "file" / "in", "codec", "python").exit_code == 2


@pytest.mark.parametrize("words", [("peer", "c"), ("codec", "cobol")])
def test_what_is_not_offered(tmp_path: Path, words: tuple[str, str]) -> None:
    assert run_init(tmp_path, *words).exit_code == 2
