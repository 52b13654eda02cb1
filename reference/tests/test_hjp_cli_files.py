"""hjp put, get, ls, stat, rm, as processes: what they print, where, and exit codes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from .hjp_files import digest, keeping
from .hjp_peer import PATIENCE, Peer, serving
from .test_hjp_cli import on_a_terminal
from .test_hjp_files_client import BIG, HELLO, cut, scripted

HJP: Final = [sys.executable, "-m", "hjp"]
Result = subprocess.CompletedProcess[bytes]


@pytest.fixture(autouse=True)
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No colours, and a place for what is remembered."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def hjp(*arguments: str | Path, octets: bytes = b"", cwd: Path | None = None) -> Result:
    """Run a command that ends by itself, without a terminal."""
    result = subprocess.run(
        [*HJP, *arguments],
        input=octets,
        capture_output=True,
        timeout=50,
        check=False,
        cwd=cwd,
    )
    assert b"Traceback" not in result.stderr
    assert b"\x1b" not in result.stderr
    return result


def said(result: Result, code: int) -> str:
    """The one line on standard error."""
    assert result.returncode == code, result.stderr
    (line,) = result.stderr.decode().splitlines()
    assert line.startswith("hjp: ")
    return line


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """What the server keeps."""
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of several sizes, a folder and a link."""
    it = tmp_path / "in"
    (it / "inner").mkdir(parents=True)
    (it / "inner" / "deep").write_bytes(b"deep")
    (it / "link").symlink_to(it / "inner" / "deep")
    for name, octets in (("empty", b""), ("日本.txt", b"hi"), ("big", BIG)):
        (it / name).write_bytes(octets)
    return it


@pytest.fixture
def url(root: Path) -> Iterator[str]:
    """A server."""
    with keeping("asyncio", root, max_payload=2**20) as (host, port):
        yield f"hjp://{host}:{port}"


class TestCommands:
    """All goes well."""

    def test_a_folder_there_and_back(
        self, url: str, folder: Path, root: Path, tmp_path: Path
    ) -> None:
        """The regular files directly inside it; nothing is printed."""
        put = hjp("put", url, folder)
        assert (put.returncode, put.stdout, put.stderr) == (0, b"", b"")
        names = sorted(it.name for it in root.iterdir() if it.is_file())
        assert [name for name in names if name[0] != "."] == [
            "big",
            "empty",
            "日本.txt",
        ]
        out = tmp_path / "out"
        out.mkdir()
        get = hjp("get", url, "big", "empty", "日本.txt", "-o", out)
        assert (get.returncode, get.stdout, get.stderr) == (0, b"", b"")
        for name in ("big", "empty", "日本.txt"):
            assert (out / name).read_bytes() == (folder / name).read_bytes()
        assert len(list(out.iterdir())) == 3

    @pytest.mark.parametrize("jobs", ["1", "3"])
    def test_several_files(self, url: str, tmp_path: Path, jobs: str) -> None:
        """One connection or more; --overwrite replaces."""
        paths = [tmp_path / f"{number:02}" for number in range(40)]
        for path in paths:
            path.write_bytes(path.name.encode())
        assert hjp("put", url, *paths, "--jobs", jobs).returncode == 0
        again = hjp("put", url, *paths, "--jobs", jobs)
        assert again.returncode == 1
        assert len(again.stderr.splitlines()) == 40
        over = hjp("put", url, *paths, "--overwrite", "--jobs", jobs, "--no-digest")
        assert (over.returncode, over.stderr) == (0, b"")
        assert len(hjp("ls", url).stdout.splitlines()) == 40

    def test_standard_input_and_output(self, url: str, tmp_path: Path) -> None:
        """As they are, without a newline."""
        assert hjp("put", url, "-", "--name", "a", octets=BIG).returncode == 0
        assert hjp("get", url, "a", "-o", "-").stdout == BIG
        assert hjp("get", url, "a", cwd=tmp_path).stdout == b""
        assert (tmp_path / "a").read_bytes() == BIG
        assert hjp("get", url, "a", "-o", tmp_path / "b").returncode == 0
        assert (tmp_path / "b").read_bytes() == BIG

    def test_a_list(self, url: str, folder: Path) -> None:
        """Size, time and name; or an object in a line."""
        hjp("put", url, folder)
        lines = hjp("ls", url).stdout.decode().splitlines()
        assert [line.split()[0] for line in lines] == [str(len(BIG)), "0", "2"]
        assert [line[35:] for line in lines] == ["big", "empty", "日本.txt"]
        entries = [
            json.loads(it) for it in hjp("ls", url, "--json").stdout.splitlines()
        ]
        assert [it["name"] for it in entries] == ["big", "empty", "日本.txt"]
        assert {frozenset(it) for it in entries} == {
            frozenset({"name", "size", "tag", "modified_ms"})
        }

    def test_stat_and_rm(self, url: str) -> None:
        """A line for each member; and what is removed is gone."""
        hjp("put", url, "-", "--name", "a", octets=b"hi")
        lines = hjp("stat", url, "a", "--digest").stdout.decode().splitlines()
        members = dict(line.split(": ", 1) for line in lines)
        assert list(members) == ["name", "size", "tag", "digest", "modified"]
        assert (members["size"], members["digest"]) == ("2", digest(b"hi"))
        shown = json.loads(hjp("stat", url, "a", "--json").stdout)
        assert (shown["name"], shown["size"]) == ("a", 2)
        assert hjp("rm", url, "a").returncode == 0
        assert hjp("ls", url).stdout == b""

    def test_a_bar_is_for_terminals(self, url: str, folder: Path) -> None:
        """Both ways."""
        environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "80"}
        put = on_a_terminal("put", url, str(folder), environment=environment)
        assert "put" in put
        assert "MiB" in put
        out = ["-o", str(folder)]
        get = on_a_terminal("get", url, "big", *out, environment=environment)
        assert "2.9/2.9 MiB" in get


class TestFailure:
    """One line on standard error that says what to do, and the exit code."""

    def test_what_the_server_refuses(
        self, url: str, folder: Path, tmp_path: Path
    ) -> None:
        """1; the other files are served."""
        hjp("put", url, folder)
        line = said(hjp("put", url, folder / "big"), 1)
        assert line.startswith("hjp: big: exists: ")
        assert line.endswith("--overwrite replaces it, --name gives another name")
        got = hjp("get", url, "none", "日本.txt", "-o", tmp_path)
        assert "hjp ls shows" in said(got, 1)
        assert (tmp_path / "日本.txt").read_bytes() == b"hi"
        for command in ("stat", "rm"):
            assert "not_found" in said(hjp(command, url, "none"), 1)

    def test_local_files(self, url: str, tmp_path: Path) -> None:
        """5."""
        line = said(hjp("put", url, tmp_path / "none"), 5)
        assert "No such file" in line
        hjp("put", url, "-", "--name", "a", octets=b"hi")
        line = said(hjp("get", url, "a", "-o", tmp_path / "none" / "a"), 5)
        assert "No such file" in line

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["put", "-"], "--name NAME"),
            (["put", "-", "in", "--name", "a"], "- goes alone"),
            (["put", "in", "--name", "a"], "only one file"),
            (["put", "in/big", "in/empty", "--name", "a"], "only one file"),
            (["put", "in/big", "in/inner/big"], "one by one with --name"),
            (["put", "in/big", "--name", "a/b"], "cannot be stored"),
            (["put", "in/inner"], "rename the file"),
            (["put", "in/big", "--jobs", "0"], "jobs"),
            (["get", "a", "b", "-o", "in/big"], "is no folder"),
            (["get"], "NAME"),
        ],
    )
    def test_usage(
        self, folder: Path, tmp_path: Path, arguments: list[str], words: str
    ) -> None:
        """2, before anything is asked."""
        (folder / "inner" / "big").write_bytes(b"")
        (folder / "inner" / "a:b").write_bytes(b"")
        command, *others = arguments
        result = hjp(command, "hjp://127.0.0.1:1", *others, cwd=tmp_path)
        assert (result.returncode, result.stdout) == (2, b"")
        text = b" ".join(result.stderr.replace("│".encode(), b"").split()).decode()
        assert words in text

    def test_names_that_are_none(self, url: str, tmp_path: Path) -> None:
        """2; nothing is written."""
        line = said(hjp("get", url, "../a", "-o", tmp_path), 2)
        assert "no name of an object" in line

    def test_nobody_listens(self, folder: Path) -> None:
        """3."""
        line = said(hjp("ls", "hjp://127.0.0.1:1"), 3)
        assert "cannot connect" in line

    def test_a_server_without_files(self) -> None:
        """1, and how to see what it offers."""
        with serving("threaded") as ((host, port), _):
            line = said(hjp("ls", f"hjp://{host}:{port}"), 1)
        assert line.endswith("hjp hello shows what it does")


class TestInterrupted:
    """Ctrl-C, and going on."""

    @contextmanager
    def stuck(self, *arguments: str | Path) -> Iterator[subprocess.Popen[bytes]]:
        """A command that does not end."""
        with subprocess.Popen(
            [*HJP, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    @pytest.mark.parametrize("jobs", ["1", "2"])
    def test_ctrl_c_in_a_put(self, folder: Path, jobs: str) -> None:
        """130, no traceback; what to do next is said."""
        assert HELLO["features"] == ["files", "resume"]
        processes: list[subprocess.Popen[bytes]] = []

        def play(peer: Peer) -> None:
            assert peer.reply()[0]["name"] in ("big", "other")
            processes[0].send_signal(signal.SIGINT)
            processes[0].wait(PATIENCE)

        with scripted(play) as (host, port):
            (folder / "other").write_bytes(BIG)
            files = [folder / name for name in ("big", "other")]
            url = f"hjp://{host}:{port}"
            with self.stuck("put", url, *files, "--jobs", jobs) as process:
                processes.append(process)
                assert process.wait(PATIENCE) == 130
                assert process.stderr is not None
                line = process.stderr.read().decode()
        assert line == "hjp: interrupted; the same command goes on where it stopped\n"

    def test_a_put_that_was_killed_goes_on(
        self, folder: Path, root: Path, tmp_path: Path
    ) -> None:
        """The same command sends only the rest."""
        with (
            keeping("asyncio", root, max_payload=2**20) as where,
            cut(where, ("up", 2_500_000), ("up", 1), ("up", 1)) as proxy,
        ):
            url = "hjp://{}:{}".format(*proxy.address)
            assert hjp("put", url, folder / "big").returncode == 0
            assert proxy.counts[-1]["up"] < 1_100_000
        assert (root / "big").read_bytes() == BIG
