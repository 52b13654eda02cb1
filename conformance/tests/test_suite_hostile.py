"""What a target says of itself cannot reach the terminal of the one who tests it."""

import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

HOSTILE = r"x\u001b]0;owned\u0007\u001b[2J\n\nCONFORMANT: 777 cases\u202egnp.exe\u0085"
OURS = re.compile(r"\x1b\[\d*m|\r\x1b\[K")
"""Colours, and the line of progress."""


def server(folder: Path, crashes: bool) -> str:
    """A server whose name is hostile; it may die of the second ping."""
    file = folder / "server.py"
    file.write_text(
        f"import os, socket, struct, sys\nNAME = {HOSTILE!r}\n"
        f"CRASHES = {crashes}\n" + SERVES
    )
    return f"{shlex.join([sys.executable, str(file)])} {{port}}"


SERVES = r"""
def frame(text):
    return b"HJP\xff\1\0\0\0" + struct.pack("<II", len(text), 0) + text
def answer(octets):
    if b'"hello"' in octets:
        told = '{"id":1,"ok":true,"server":"%s","features":["%s","%s"]}'
        return frame((told % (NAME, NAME, "y" * 900)).encode())
    if CRASHES and b'"echo"' in octets:
        sys.stderr.write(NAME.encode().decode("unicode_escape"))
        sys.stderr.flush()
        os._exit(3)
    return frame(b'{"id":1,"ok":true}')
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128)
while True:
    connection = listener.accept()[0]
    try:
        while octets := connection.recv(65536):
            connection.sendall(answer(octets))
    except OSError:
        pass
    connection.close()
"""


def on_a_terminal(*words: str) -> str:
    """What the command writes to a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "hjp_conformance", *words]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        octets = bytearray()
        try:
            while found := os.read(ours, 65_536):
                octets += found
        except OSError:  # so Linux tells that nobody has the other side any more
            pass
        process.wait(50)
    os.close(ours)
    return octets.decode().replace("\r\n", "\n")


def assert_harmless(text: str) -> None:
    left = OURS.sub("", text)
    assert left.replace("\n", "").isprintable(), left
    assert not any(line.startswith("CONFORMANT") for line in left.splitlines())


@pytest.mark.parametrize("crashes", [False, True])
def test_the_name_of_a_server(tmp_path: Path, crashes: bool) -> None:
    command = server(tmp_path, crashes)
    words = ("--cmd", command, "--deadline", "0.5", "-k", "server-cor-e", "-n", "1")
    text = on_a_terminal("server", *words)
    assert_harmless(text)
    assert "NOT CONFORMANT" in text
    assert "CONFORMANT: 777" in text.splitlines()[0], "told, in the line of its name"
    assert max(map(len, text.splitlines()[:2])) < 400


def test_the_last_words_of_what_is_no_target() -> None:
    program = f"import sys; sys.exit({HOSTILE!r}.encode().decode('unicode_escape'))"
    command = shlex.join([sys.executable, "-c", program])
    text = on_a_terminal("server", "--cmd", command)
    assert_harmless(text)
    assert "NO TARGET" in text
