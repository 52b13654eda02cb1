import ast
import copy
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import report_samples as samples
from report_samples import HOSTILE, conversation, report, run, step

from hjp_conformance.reports.script import script
from hjp_conformance.reports.shape import CaseReport
from hjp_spec.oracle import raw_frame

SERVER = [
    samples.MAGIC, samples.HALF_CLOSED, samples.CRASH, samples.TWO, samples.LONG,
    samples.SILENT, samples.SLOW, samples.HOSTILE_CASE,
]  # fmt: skip
CLIENT = [samples.UPPER, samples.CALL]
ALL = [*SERVER, *CLIENT, samples.CODEC]
ORACLE = Path(__file__).parents[2] / "spec" / "tests" / "oracle_testee.py"


def source(case: CaseReport) -> str:
    one = run(case["id"].split("-")[0], [case])
    return script(case, one, report(one))


def play(
    case: CaseReport, folder: Path, *words: str, patient: bool = True
) -> tuple[int, str]:
    """The exit status and the output of the script of a case."""
    file = folder / "again.py"
    text = source(case)
    file.write_text(text if patient else text.replace("= 5.0", "= 0.3"), "utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", str(file), *words],
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@contextmanager
def server(*behaviours: Callable[[socket.socket], None]) -> Iterator[tuple[str, str]]:
    """A server that does so on its connections, one after the other."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(20)  # so that a script that does not come fails its test

    def serve() -> None:
        for behaviour in behaviours:
            with listener.accept()[0] as connection:
                connection.settimeout(20)
                behaviour(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield "127.0.0.1", str(listener.getsockname()[1])
    finally:
        thread.join()
        listener.close()


def answer(count: int, reply: bytes) -> Callable[[socket.socket], None]:
    """Read so much, answer, wait for the end."""

    def behave(connection: socket.socket) -> None:
        left = count
        while left:
            left -= len(connection.recv(left))
        connection.sendall(reply)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass

    return behave


@contextmanager
def reference() -> Iterator[tuple[str, str]]:
    """The server that is right."""
    words = [sys.executable, "-m", "hjp", "serve", "--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield "127.0.0.1", process.stdout.readline().strip().rpartition(":")[2]
        finally:
            process.terminate()


# What is written


@pytest.mark.parametrize("case", ALL, ids=lambda case: str(case["id"]))
def test_the_source_is_clean_and_short(case: CaseReport, tmp_path: Path) -> None:
    text = source(case)
    file = tmp_path / "again.py"
    file.write_text(text, encoding="utf-8")
    for words in (["check", "--isolated"], ["format", "--isolated", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *words, "--no-cache", str(file)],
            capture_output=True,
            text=True,
            timeout=50,
        )
        assert done.returncode == 0, done.stdout
    assert lines_of_code(text) < (140 if "client" in case["id"] else 120)
    assert max(map(len, text.splitlines())) <= 88
    assert text.replace("\n", "").isprintable()


def lines_of_code(text: str) -> int:
    """Without data, comments, docstrings and empty lines."""
    tree = ast.parse(text)
    bodies = [
        node.body
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
    ]
    left_out = [body[0] for body in bodies if isinstance(body[0], ast.Expr)]
    data = [node for node in tree.body if isinstance(node, ast.Assign)]
    gone = {
        number
        for node in (*left_out, *data)
        for number in range(node.lineno, (node.end_lineno or 0) + 1)
    }
    return sum(
        number not in gone and bool(line.strip()) and line.lstrip()[0] != "#"
        for number, line in enumerate(text.splitlines(), 1)
    )


def test_it_needs_the_standard_library_alone() -> None:
    for case in ALL:
        tree = ast.parse(source(case))
        names = {
            name.split(".")[0]
            for node in ast.walk(tree)
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [str(node.module)]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        assert names <= sys.stdlib_module_names


def test_octets_stand_in_the_source_as_they_went() -> None:
    for case in ALL:
        made: dict[str, Any] = {"__name__": "read"}
        exec(source(case), made)
        for way in ("sent", "received"):
            wanted = [
                bytes.fromhex(one["hex"])
                for talk in case["conversations"]
                for one in talk["steps"]
                if one["way"] == way
            ]
            found = [
                made["octets"](rows)
                for _, told, rows, _ in made["STEPS"]
                if told == way
            ]
            assert b"".join(sorted(found)) == b"".join(sorted(wanted)), case["id"]


def test_what_a_target_says_is_no_code() -> None:
    clean = copy.deepcopy(samples.HOSTILE_CASE)
    clean["message"] = "clean"
    kinds = [type(node) for node in ast.parse(source(clean)).body]
    found = ast.parse(source(samples.HOSTILE_CASE))
    assert [type(node) for node in found.body] == kinds
    codec = copy.deepcopy(samples.CODEC)
    hostile = f"{HOSTILE}\"\"\"'''\\"
    codec["conversations"][0]["answered"] = hostile
    made: dict[str, Any] = {"__name__": "read"}
    exec(source(codec), made)
    assert made["ANSWERS"] == [hostile]
    client = copy.deepcopy(samples.UPPER)
    client["printed"] = [hostile]
    client["arguments"] = [hostile]
    exec(source(client), made)
    assert (made["PRINTED"], made["ARGUMENTS"]) == ([hostile], [hostile])


def test_octets_that_were_not_kept_whole_are_refused() -> None:
    with pytest.raises(ValueError, match="of 1000000 octets that were received the"):
        source(samples.CUT)
    with pytest.raises(ValueError, match="the report has no octets of this case"):
        source(samples.PASSED)


@pytest.mark.parametrize("case", [samples.MAGIC, samples.UPPER, samples.CODEC])
def test_without_arguments_it_explains_itself(case: CaseReport, tmp_path: Path) -> None:
    status, out = play(case, tmp_path)
    assert status == 2
    assert out.startswith("usage: ")
    assert play(case, tmp_path, "--help") == play(case, tmp_path, "-h") == (0, out)
    assert "Exit status: 1 if" in out


# What it does: servers


def test_a_fault_is_seen_again(tmp_path: Path) -> None:
    with server(answer(36, samples.OK)) as address:
        status, out = play(samples.MAGIC, tmp_path, *address)
    assert status == 1, out
    assert "\nreproduced: as it was\n" in out
    assert "sent on connection 1: 36 octets\n    68 6A 70 FF              magic" in out
    assert (
        "came then on connection 1: 34 octets\n    48 4A 50 FF              mag" in out
    )
    assert "came now on connection 1: 34 octets\n    48 4A 50 FF 01 00 00 00" in out
    assert "\nthen: reply to 1, ok\n" in out
    assert f"\naccepted: {samples.ACCEPTED}\n" in out


@pytest.mark.parametrize("case", SERVER[:7], ids=lambda case: str(case["id"]))
def test_the_reference_is_right(case: CaseReport, tmp_path: Path) -> None:
    with reference() as address:
        status, out = play(case, tmp_path, *address)
    # One sample is of times, and what went over the wire was right.
    assert status == int(case is samples.SLOW), out


def test_an_end_is_seen_again(tmp_path: Path) -> None:
    with server(answer(36, b"")) as address:
        status, out = play(samples.HALF_CLOSED, tmp_path, *address)
    assert (status, "after them then: end, now: end" in out) == (1, True), out
    with server(answer(36, samples.OK)) as address:
        assert play(samples.HALF_CLOSED, tmp_path, *address)[0] == 0


def test_a_crash_is_seen_again_however_the_connection_goes(tmp_path: Path) -> None:
    with server(lambda connection: connection.close()) as address:
        status, out = play(samples.CRASH, tmp_path, *address)
    assert status == 1, out
    assert "after them then: gone, now: " in out


def test_silence_is_seen_again(tmp_path: Path) -> None:
    def silent(connection: socket.socket) -> None:
        while connection.recv(65_536):
            pass

    with server(silent) as address:
        status, out = play(samples.SILENT, tmp_path, *address, patient=False)
    assert status == 1, out
    with server(answer(36, b"?")) as address:
        assert play(samples.SILENT, tmp_path, *address, patient=False)[0] == 0


def test_a_server_that_must_be_read_while_it_is_written_to(tmp_path: Path) -> None:
    def mirror(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        while octets := connection.recv(1_024):
            connection.sendall(octets)

    octets = raw_frame(b'{"id":1,"op":"echo"}', b"A" * 2_000_000)
    case = copy.deepcopy(samples.MAGIC)
    talk = conversation(step("sent", octets), step("received", octets))
    case["conversations"] = [talk]
    with server(mirror) as address:
        assert play(case, tmp_path, *address)[0] == 1


def test_connections_take_turns(tmp_path: Path) -> None:
    order = []

    def behave(name: str, reply: bytes) -> Callable[[socket.socket], None]:
        def behaviour(connection: socket.socket) -> None:
            connection.recv(65_536)
            order.append(name)
            connection.sendall(reply)

        return behaviour

    other = samples.OK.replace(b"1", b"2")
    case = copy.deepcopy(samples.TWO)
    with server(behave("one", samples.OK), behave("two", other)) as address:
        status, out = play(case, tmp_path, *address)
    assert (status, order) == (1, ["one", "two"]), out
    places = [out.index(f"sent on connection {number}") for number in (1, 2)]
    assert places == sorted(places)
    for talk in case["conversations"]:
        for one in talk["steps"]:
            one["turn"] = 3 - one["turn"]
    made: dict[str, Any] = {"__name__": "read"}
    exec(source(case), made)
    assert [one[:2] for one in made["STEPS"]] == [
        (1, "received"),
        (2, "received"),
        (2, "sent"),
        (1, "sent"),
    ]


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    status, out = play(samples.MAGIC, tmp_path, "127.0.0.1", str(port))
    assert (status, out.startswith("\nsent")) == (2, False)
    assert "no connection: " in out


def test_nothing_came_then(tmp_path: Path) -> None:
    case = copy.deepcopy(samples.MAGIC)
    case["conversations"] = [conversation(step("sent", samples.PING))]
    with server(answer(36, b"")) as address:
        status, out = play(case, tmp_path, *address)
    assert (status, "undecided" in out) == (2, True)


# Clients and codecs

UPPERS = """
import os, socket, sys
host, port = os.environ["HJP_URL"].removeprefix("hjp://").split(":")
assert sys.argv[1:2] == ["upper"] and os.environ["HJP_CASE"].startswith("client-")
payload = open(sys.argv[2], "rb").read()
with socket.create_connection((host, int(port))) as connection:
    text = b'{"id":1,"op":"upper"}'
    head = b"HJP\\xff\\1\\0\\0\\0" + len(text).to_bytes(4, "little")
    connection.sendall(head + len(payload).to_bytes(4, "little") + text + payload)
    connection.recv(100)
print(*LINE)
sys.exit(STATUS)
"""
CALLS = """
import os, socket, sys
from hjp_spec.oracle import raw_frame
host, port = os.environ["HJP_URL"].removeprefix("hjp://").split(":")
with socket.create_connection((host, int(port))) as connection:
    assert sys.stdin.readline() == "more 61\\n"
    connection.sendall(raw_frame(b'{"id":1,"op":"x-sum","more":true}', b"a"))
    connection.recv(34)
    assert sys.stdin.readline() == "more 62\\n"
    connection.sendall(raw_frame(LAST))
    assert sys.stdin.readline() == "last 63\\n"
print("ok")
"""


def program(folder: Path, text: str, **values: object) -> list[str]:
    for name, value in values.items():
        text = text.replace(name, repr(value))
    file = folder / "target.py"
    file.write_text(text)
    return [sys.executable, str(file)]


@pytest.mark.parametrize(
    ("line", "status", "expected"),
    [
        (("ok", "484921"), 0, 1),
        (("ok", "484921"), 1, 0),
        (("refused", "bad_id"), 1, 0),
    ],
)
def test_a_client_does_it_again(
    tmp_path: Path, line: tuple[str, ...], status: int, expected: int
) -> None:
    client = program(tmp_path, UPPERS, LINE=line, STATUS=status)
    found, out = play(samples.UPPER, tmp_path, *client)
    assert found == expected, out
    assert "printed then: ['ok 484921'], exit status 0\n" in out
    assert f"printed now: ['{' '.join(line)}'], exit status {status}\n" in out


def test_a_client_is_given_lines(tmp_path: Path) -> None:
    wrong = raw_frame(b'{"id":1,"more":true}', b"b")
    text = CALLS.replace("raw_frame(LAST)", repr(wrong))
    assert play(samples.CALL, tmp_path, *program(tmp_path, text))[0] == 1
    client = program(tmp_path, CALLS, LAST=b'{"id":1}')
    assert play(samples.CALL, tmp_path, *client, patient=False)[0] == 0


def test_a_client_that_does_not_come(tmp_path: Path) -> None:
    client = program(tmp_path, "print('lost')")
    status, out = play(samples.UPPER, tmp_path, *client, patient=False)
    assert status == 0
    assert "the client was gone, or never came: timed out" in out


def test_a_client_that_does_not_end(tmp_path: Path) -> None:
    case = copy.deepcopy(samples.UPPER)
    case["printed"], case["status"] = [], None
    client = program(tmp_path, "import time\ntime.sleep(99)")
    status, out = play(case, tmp_path, *client, patient=False)
    assert "printed now: [], exit status None\n" in out
    assert status == 0  # it has sent nothing


def test_a_codec_is_asked_again(tmp_path: Path) -> None:
    oracle = [sys.executable, str(ORACLE)]
    octets = raw_frame(b'{"a":1,"a":2}')
    case = copy.deepcopy(samples.CODEC)
    asked = {"cmd": "decode", "chunks": [octets[:20].hex(), octets[20:].hex()]}
    case["conversations"][0]["asked"] = json.dumps(asked)
    status, out = play(case, tmp_path, *oracle)
    assert status == 0, out
    assert '"bad_json"' in out.partition("answered now: ")[2].partition("\n")[0]
    assert "fed by line 1: 20 octets\n    48 4A 50 FF              magic" in out
    wrong = json.loads(case["conversations"][0]["answered"] or "")
    codec = program(
        tmp_path, "import json; print(json.dumps(LINE, indent=None))", LINE=wrong
    )
    assert play(case, tmp_path, *codec)[0] == 1


def test_a_codec_that_does_not_answer(tmp_path: Path) -> None:
    case = copy.deepcopy(samples.CODEC)
    del case["conversations"][0]["answered"]
    codec = program(tmp_path, "import time\ntime.sleep(99)")
    status, out = play(case, tmp_path, *codec, patient=False)
    assert (status, out.count("answered now: nothing")) == (1, 1), out
    codec = program(tmp_path, "print('{}')")
    assert play(case, tmp_path, *codec)[0] == 0


def test_a_codec_whose_line_was_not_kept_is_fed_the_steps(tmp_path: Path) -> None:
    case = copy.deepcopy(samples.CODEC)
    del case["conversations"][0]["asked"], case["conversations"][0]["answered"]
    status, out = play(case, tmp_path, sys.executable, str(ORACLE))
    assert status == 2
    assert '"bad_json"' in out.partition("answered now: ")[2].partition("\n")[0]
    assert "undecided" in out
