"""Runs of the command against clients that are wrong, and what is written about them."""

import json
import shlex
import sys
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from commanded import run

from hjp_conformance.schema_files import problems

RIGHT = f"{sys.executable} -m hjp.testee_client"
BEGINS = """
import os, struct, sys
import socket
host, port = os.environ["HJP_URL"].removeprefix("hjp://").split(":")
def frame(id_, op="ping", payload=b""):
    text = b'{"id":%d,"op":"%s"}' % (id_, op.encode())
    return b"HJP\\xff\\1\\0\\0\\0" + struct.pack("<II", len(text), len(payload)) + text + payload
def connected():
    return socket.create_connection((host, int(port)))
if os.environ["HJP_CASE"] == "client-preflight":
    server = connected()
    server.sendall(frame(1))
    server.recv(1000)
    print("ok")
    sys.exit()
"""


def suite(*words: str) -> CompletedProcess[str]:
    return run("client", *words)


def run_on(folder: Path, command: str, *words: str) -> tuple[int, Any]:
    """The exit status and the report, which is as its schema wants it."""
    path = folder / "report.json"
    done = suite("--cmd", command, "--json", str(path), *words)
    assert path.exists(), done.stdout + done.stderr
    report = json.loads(path.read_text(encoding="utf-8"))
    assert problems("report", report) == []
    return done.returncode, report


def one_case(folder: Path, command: str, case: str, *words: str) -> Any:
    """How one case ended."""
    _, report = run_on(folder, command, "--case", case, *words)
    [found] = report["runs"][0]["cases"]
    return found


def program(folder: Path, text: str) -> str:
    """A client that passes the preflight, and is started with this text then."""
    file = folder / "client.py"
    file.write_text(f"{BEGINS}\n{text}", encoding="utf-8")
    return shlex.join([sys.executable, str(file)])


PING = "client-frm-magic-wrong-first-octet"


# A client without an end

SENDS = """
server = connected()
number = 0
while True:
    number += 1
    server.sendall(frame(number, "ping", bytes(65536)))
"""
SENDS_LITTLE = """
server = connected()
number = 0
while True:
    number += 1
    server.sendall(frame(number))
"""
PRINTS = """
server = connected()
server.sendall(frame(1))
server.recv(1000)
while True: print("ok")
"""
PRINTS_NO_LINE = PRINTS.replace('print("ok")', 'sys.stdout.write("ok" * 40_000)')


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        (SENDS, "HJP-TST-11"),
        (SENDS_LITTLE, "HJP-TST-11"),
        (PRINTS, "HJP-TST-9"),
        (PRINTS_NO_LINE, "HJP-TST-9"),
    ],
    ids=["sends", "sends-little", "prints", "prints-no-line"],
)
def test_a_client_without_an_end_is_wrong_at_once(
    tmp_path: Path, text: str, broken: str
) -> None:
    """What is too much is proof: no clock decides, and no memory is filled."""
    command = program(tmp_path, text)
    case = one_case(tmp_path, command, PING, "--deadline", "30")
    assert (case["verdict"], case["broken"]) == ("fail", [broken])
    assert case["seconds"] < 25
    assert len(json.dumps(case)) < 1_000_000


# What a client prints

SAYS = """
import subprocess
done = subprocess.run(
    [sys.executable, "-m", "hjp.testee_client", *sys.argv[1:]], stdout=subprocess.PIPE
)
octets = done.stdout
sys.stdout.buffer.write({})
sys.exit(done.returncode)
"""
ECHO = "client-frm-payload-written-255"


def saying(folder: Path, text: str) -> str:
    """The right client, whose output becomes this."""
    return program(folder, SAYS.format(text))


@pytest.mark.parametrize(
    "text",
    [
        "octets.replace(b'\\n', b'\\f')",
        "octets.replace(b'\\n', b'\\r\\n')",
        "octets.replace(b'\\n', b'\\xe2\\x80\\xa8')",
        "octets.removesuffix(b'\\n')",
        "octets.replace(b'ok', b'OK')",
        "octets.replace(b'ok', b' ok')",
        "octets.replace(b'ok ', b'ok  ')",
        "octets.replace(b'\\n', b' \\n')",
        "octets.replace(b'ok', b'okay')",
        "octets.replace(b'ok', b'o\\xffk')",
        "b'\\n' + octets",
    ],
)
def test_lines_that_are_none(tmp_path: Path, text: str) -> None:
    """What only looks like the right lines is not: another reader would stumble."""
    case = one_case(tmp_path, saying(tmp_path, text), ECHO)
    assert (case["verdict"], case["broken"]) == ("fail", ["HJP-TST-9"])


def test_digits_may_be_in_either_case(tmp_path: Path) -> None:
    text = "octets.upper().replace(b'OK', b'ok')"
    assert one_case(tmp_path, saying(tmp_path, text), ECHO)["verdict"] == "pass"


BREAKS_OFF = """
server = connected()
server.sendall(frame(1, "hello"))
print("ok", flush=True)
server.sendall(b"no frame at all")
sys.stderr.write("".join(f"word {n}\\n" for n in range(100)))
sys.stderr.flush()
server.recv(1000)
server.recv(1000)
"""
PRINTS_MUCH = """
server, came = connected(), b""
for n in range(600): server.sendall(frame(n + 1))
while came.count(b"HJP") < 600: came += server.recv(65536)
sys.stdout.write("error busy\\n" * 600)
sys.stderr.write("".join(f"word {n}\\n" for n in range(100)))
sys.exit(9)
"""


def test_the_card_has_what_was_printed_before_the_fault(tmp_path: Path) -> None:
    """The client still runs then: nobody had asked yet what it has printed."""
    done = suite("--cmd", program(tmp_path, BREAKS_OFF), "--case", "client-frm-written")
    assert "what happened: a frame that its receiver has to refuse" in done.stdout
    assert "\n  the client printed: ok\n" in done.stdout


def test_a_message_has_a_few_lines_of_what_was_printed(tmp_path: Path) -> None:
    command = program(tmp_path, PRINTS_MUCH)
    case = one_case(tmp_path, command, "client-msg-many-ids")
    assert case["printed"][0] == "error busy"
    assert len(case["printed"]) == 600
    told = case["message"].splitlines()
    assert (len(told), told[-1]) == (17, "word 99")


def test_a_signal_without_a_name_ends_a_client(tmp_path: Path) -> None:
    command = program(tmp_path, "os.kill(os.getpid(), 40)")
    case = one_case(tmp_path, command, PING)
    assert case["verdict"] == "crash"
    assert "ended by signal 40" in case["message"]


PINGS_ONLY = """
if sys.argv[1:] != ["ping"]: sys.exit(127)
os.execv(sys.executable, [sys.executable, "-m", "hjp.testee_client", *sys.argv[1:]])
"""


def test_what_is_not_offered_is_told_once(tmp_path: Path) -> None:
    """Not once for each temporary file: a reason names the actions alone."""
    command = program(tmp_path, PINGS_ONLY)
    done = suite("--cmd", command, "-k", "client-frm-payload-written")
    reasons = [line for line in done.stdout.splitlines() if "skipped: " in line]
    assert reasons == ["5 cases skipped: the client does not offer upper"]
    assert done.returncode == 5


# A client whose request is looked at before it is whole

WHOLE = "client-msg-error-before-the-request-is-whole"
LEAVES = """
server = connected()
server.sendall(frame(1, "hello"))
server.recv(1000)
server.close()
print("ok\\nlost")
sys.exit(1)
"""
NO_FRAME = LEAVES.replace("server.close()", "server.sendall(b'no frame at all')")
NO_ID = LEAVES.replace(
    "server.close()",
    "server.sendall(frame(2, 'upper', bytes(99)).replace(b'\"id\"', b'\"no\"'))",
)


@pytest.mark.parametrize(
    ("text", "broken"),
    [(LEAVES, "HJP-TST-8"), (NO_FRAME, "HJP-FRM-1"), (NO_ID, "HJP-MSG-1")],
    ids=["leaves", "no-frame", "no-id"],
)
def test_a_request_that_never_comes(tmp_path: Path, text: str, broken: str) -> None:
    """The end of the stream tells: nobody waits for a deadline."""
    case = one_case(tmp_path, program(tmp_path, text), WHOLE)
    assert (case["verdict"], case["broken"]) == ("fail", [broken])


def test_the_id_of_a_request_may_come_last(tmp_path: Path) -> None:
    odd = "hjp_conformance.mutants.client.odd members-reversed"
    case = one_case(tmp_path, f"{sys.executable} -m {odd}", WHOLE)
    assert case["verdict"] == "pass", case
