"""resume on both servers: uploads that go on where they stopped."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from hjp.url import parse_url

from .hjp_files import Asker, digest, keeping, token
from .hjp_peer import ENGINES, PATIENCE, Address, frame

HI = digest(b"hi")


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Each of the servers."""
    return str(request.param)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder with the objects."""
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


@pytest.fixture
def address(engine: str, root: Path) -> Iterator[Address]:
    """A server that keeps files there."""
    with keeping(engine, root) as where:
        yield where


@pytest.fixture
def peer(address: Address) -> Iterator[Asker]:
    """A connection to it."""
    with closing(Asker(address)) as it:
        yield it


@pytest.fixture
def other(address: Address) -> Iterator[Asker]:
    """Another connection to it."""
    with closing(Asker(address)) as it:
        yield it


def stages(root: Path) -> list[str]:
    """What lies in the folder of stages."""
    return sorted(os.listdir(root / ".hjp:stage"))


def upload(peer: Asker, number: int, **members: Any) -> dict[str, Any]:
    """Send the first frame of an upload; give the answer."""
    shown = {"name": "a", "upload": token(number), "more": True} | members
    peer.begin("put", b"", **shown)
    return peer.answer()


def at(offset: int) -> dict[str, Any]:
    """The interim reply."""
    return {"more": True, "offset": offset}


class TestResume:
    """Uploads that go on where they stopped."""

    def test_interrupted(self, address: Address, root: Path) -> None:
        """HJP-RSM-3, -7, -10: by ends at several places, then the result, twice."""
        octets = os.urandom(100_000)
        members = {"size": 100_000, "digest": digest(octets)}
        for begin, end in ((0, 1), (1, 50_000), (50_000, 50_000), (50_000, 99_999)):
            with closing(Asker(address)) as peer:
                assert upload(peer, 1, **members) == at(begin)
                peer.frame("put", octets[begin:end], offset=begin, more=True)
                assert peer.end().rest() == b""
        with closing(Asker(address)) as peer:
            assert upload(peer, 1, **members, overwrite=False) == at(99_999)
            peer.frame("put", octets[99_999:], offset=99_999)
            result = {"size": 100_000, "digest": digest(octets)}
            assert peer.answer() == result
            assert peer.get("a")[1] == octets
            for _ in range(2):
                assert upload(peer, 1, **members) == result
                peer.frame("put")
            peer.ask("delete", name="a")
            assert upload(peer, 1, **members) == result
            peer.frame("put")
            peer.alive()
        assert stages(root) == [f"{token(1)}.json"]

    def test_a_frame_that_was_not_whole(self, address: Address) -> None:
        """HJP-LIF-8: as if it had not come."""
        with closing(Asker(address)) as peer:
            assert upload(peer, 1) == at(0)
            peer.frame("put", b"abc", offset=0, more=True)
            peer.send(frame({"id": 1, "op": "put"}, b"defghi")[:-1])
            assert peer.end().rest() == b""
        with closing(Asker(address)) as peer:
            assert upload(peer, 1) == at(3)
            peer.frame("put", b"def", offset=3)
            assert peer.answer() == {"size": 6}
            assert peer.get("a")[1] == b"abcdef"

    @pytest.mark.parametrize(
        "members",
        [{"name": "b"}, {"size": 6}, {"digest": HI}, {"overwrite": True}],
    )
    def test_conflict(self, peer: Asker, other: Asker, members: dict[str, Any]) -> None:
        """HJP-RSM-2: also with a result; whoever was there is not disturbed."""
        assert upload(peer, 1) == at(0)
        assert upload(other, 1, **members)["code"] == "conflict"
        other.frame("put")
        peer.frame("put", b"hi", offset=0)
        assert peer.answer() == {"size": 2}
        assert upload(other, 1, **members)["code"] == "conflict"
        other.frame("put")
        assert upload(other, 1) == {"size": 2}

    @pytest.mark.parametrize(
        ("second", "said"),
        [
            ({}, {"code": "bad_request"}),
            ({"offset": None}, {"code": "bad_request"}),
            ({"offset": "0"}, {"code": "bad_request"}),
            ({"offset": 1.0}, {"code": "bad_request"}),
            ({"offset": 0}, {"code": "offset_mismatch", "offset": 1}),
            ({"offset": 2, "more": True}, {"code": "offset_mismatch", "offset": 1}),
        ],
    )
    def test_the_second_frame(
        self, peer: Asker, second: dict[str, Any], said: dict[str, Any]
    ) -> None:
        """HJP-RSM-5, -6; the stage stays (HJP-RSM-7)."""
        with closing(Asker(peer.server)) as first:
            assert upload(first, 1) == at(0)
            first.frame("put", b"h", offset=0, more=True)
            assert first.end().rest() == b""
        assert upload(peer, 1) == at(1)
        peer.frame("put", b"i", **second)
        assert peer.answer() == said
        if second.get("more"):
            peer.frame("put")
        assert upload(peer, 1) == at(1)
        peer.frame("put", b"i", offset=1)
        assert peer.answer() == {"size": 2}

    @pytest.mark.parametrize(
        ("first", "last", "code", "offset"),
        [
            ({"size": 2}, {}, "size_mismatch", 0),
            ({"size": 4}, {}, "size_mismatch", 0),
            ({"digest": HI}, {}, "digest_mismatch", 0),
            ({}, {"size": 2**40 + 1}, "too_large", 0),
            ({}, {"size": []}, "bad_request", 3),
            ({}, {"digest": "md5:x"}, "unsupported", 3),
            ({"name": "old"}, {}, "exists", 3),
        ],
    )
    def test_what_is_kept(
        self,
        peer: Asker,
        first: dict[str, Any],
        last: dict[str, Any],
        code: str,
        offset: int,
    ) -> None:
        """HJP-RSM-7, -8."""
        peer.ask("put", b"", name="old")
        assert upload(peer, 1, **first) == at(0)
        peer.frame("put", b"abc", offset=0, **last)
        assert peer.answer()["code"] == code
        assert upload(peer, 1, **first) == at(offset)

    def test_no_space(self, engine: str, root: Path) -> None:
        """The stage is kept until there is room (HJP-RSM-7)."""
        (root / "old").write_bytes(bytes(90))
        with keeping(engine, root, quota=100) as where, closing(Asker(where)) as peer:
            assert upload(peer, 1) == at(0)
            peer.frame("put", b"12345", offset=0, more=True)
            peer.frame("put", b"6789abcdef")
            assert peer.answer()["code"] == "no_space"
            assert peer.ask("delete", name="old") == {}
            assert upload(peer, 1) == at(5)
            peer.frame("put", b"6789abcdef", offset=5)
            assert peer.answer() == {"size": 15}
            assert peer.get("a")[1] == b"123456789abcdef"

    def test_superseded(self, peer: Asker, other: Asker) -> None:
        """HJP-RSM-12, -13: at once, without a further frame; its end is awaited."""
        assert upload(peer, 1) == at(0)
        peer.frame("put", b"abc", offset=0, more=True)
        assert upload(other, 1)["offset"] in (0, 3)
        assert peer.answer() == {"code": "superseded"}
        peer.frame("put", b"dropped", more=True)
        peer.frame("put")
        peer.alive()
        assert upload(peer, 1)["more"]
        assert other.answer() == {"code": "superseded"}

    def test_superseded_while_it_sends(self, engine: str, root: Path) -> None:
        """What the later one is told is what it finds."""
        with (
            keeping(engine, root, max_payload=2**20) as where,
            closing(Asker(where)) as peer,
            closing(Asker(where)) as other,
        ):
            for it in (peer, other):
                it.ask("hello")
            octets = os.urandom(2**20)
            assert upload(peer, 1) == at(0)

            def send() -> None:
                peer.frame("put", octets, offset=0, more=True)
                for _ in range(30):
                    peer.frame("put", octets, more=True)
                peer.frame("put")

            thread = threading.Thread(target=send)
            thread.start()
            offset = 0
            while not offset:
                offset = upload(other, 1)["offset"]
                if not offset:
                    other.frame("put", offset=1)
                    assert other.answer()["code"] == "offset_mismatch"
                    break
            outcome = peer.answer()
            thread.join(PATIENCE)
            if offset:
                assert outcome == {"code": "superseded"}
                other.frame("put", b"end", offset=offset)
                assert other.answer() == {"size": offset + 3}
                whole = octets * 31
                assert other.get("a")[1] == whole[:offset] + b"end"

    def test_rivals(self, address: Address) -> None:
        """HJP-RSM-11: many on one upload; one commit, and every octet right."""
        octets = os.urandom(200_000)
        results: list[dict[str, Any]] = []

        def put() -> None:
            with closing(Asker(address)) as peer:
                said: dict[str, Any] = {}
                while "size" not in said:  # what HJP-RSM-14 forbids to others
                    said = upload(peer, 1, size=len(octets))
                    begin = said.get("offset", 0)
                    while "more" in said and begin < len(octets):
                        step = {} if begin != said["offset"] else {"offset": begin}
                        end = begin + 50_000
                        last = {} if end >= len(octets) else {"more": True}
                        peer.frame("put", octets[begin:end], **step, **last)
                        begin = end
                    if "more" in said:
                        if said["offset"] == len(octets):
                            peer.frame("put", offset=len(octets))
                        said = peer.answer()
                    else:
                        peer.frame("put")
                results.append(said)

        threads = [threading.Thread(target=put) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert results == [{"size": 200_000}] * 4
        with closing(Asker(address)) as peer:
            assert peer.get("a")[1] == octets

    def test_another_server(self, engine: str, root: Path) -> None:
        """Stages and results are there after a restart; what has no upload is not."""
        with keeping(engine, root) as where, closing(Asker(where)) as peer:
            assert upload(peer, 1, name="done") == at(0)
            peer.frame("put", b"hi", offset=0)
            assert peer.answer() == {"size": 2}
            assert upload(peer, 2) == at(0)
            peer.frame("put", b"abc", offset=0, more=True)
            assert peer.end().rest() == b""
        with keeping(engine, root) as where, closing(Asker(where)) as peer:
            assert upload(peer, 1, name="done") == {"size": 2}
            peer.frame("put")
            assert upload(peer, 2) == at(3)
            peer.frame("put", b"def", offset=3, digest=digest(b"abcdef"))
            assert peer.answer() == {"size": 6, "digest": digest(b"abcdef")}


@contextmanager
def process(engine: str, root: Path) -> Iterator[tuple[subprocess.Popen[str], Address]]:
    """A server as a process of its own."""
    command = [sys.executable, "-m", "hjp", "serve", "--port", "0"]
    options = [
        "--engine",
        engine,
        "--root",
        str(root),
        "--limit",
        "max_payload=1048576",
    ]
    with subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            yield server, parse_url(server.stdout.readline().split()[1])
        finally:
            server.kill()


def die_in_the_middle(engine: str, root: Path, octets: bytes, moment: float) -> int:
    """Upload; kill the server after a while; go on. Give the offset it knew."""
    members = {"size": len(octets), "digest": digest(octets)}
    with process(engine, root) as (server, address), closing(Asker(address)) as peer:
        peer.ask("hello")
        assert upload(peer, 1, **members) == at(0)
        timer = threading.Timer(moment, server.send_signal, [signal.SIGKILL])
        timer.start()
        try:
            peer.frame("put", octets[: 2**20], offset=0, more=True)
            for begin in range(2**20, len(octets), 2**20):
                peer.frame("put", octets[begin : begin + 2**20], more=True)
            peer.frame("put")
            peer.answer()
        except (OSError, EOFError):
            pass
        timer.join()
        server.wait(PATIENCE)
    with process(engine, root) as (_, address), closing(Asker(address)) as peer:
        peer.ask("hello")
        said = upload(peer, 1, **members)
        offset = int(said.get("offset", len(octets)))
        if "offset" in said:
            peer.frame("put", octets[offset : offset + 2**20], offset=offset, more=True)
            for begin in range(offset + 2**20, len(octets), 2**20):
                peer.frame("put", octets[begin : begin + 2**20], more=True)
            peer.frame("put")
            assert peer.answer() == members
        else:
            assert said == members
            peer.frame("put")
        peer.alive()
    assert (root / "a").read_bytes() == octets
    assert os.listdir(root / ".hjp:stage") == [f"{token(1)}.json"]
    return offset


def test_kill_in_the_middle(engine: str, tmp_path: Path) -> None:
    """Kill -9 of the server in mid-put, at a few moments."""
    octets = os.urandom(2**20) * 40
    for moment in (0.01, 0.05, 0.2):
        root = tmp_path / str(moment)
        root.mkdir()
        die_in_the_middle(engine, root, octets, moment)


def memory(server: subprocess.Popen[str]) -> int:
    """The most that a process has had in memory so far, in octets."""
    status = Path(f"/proc/{server.pid}/status")
    if not status.exists():
        pytest.skip("the system does not tell")
    (line,) = [it for it in status.read_text().splitlines() if "VmHWM" in it]
    return int(line.split()[1]) * 1024


def test_memory_is_bounded(engine: str, tmp_path: Path) -> None:
    """Eighty that do not read what they asked for, eighty that stop in mid-frame."""
    with (tmp_path / "large").open("wb") as file:
        file.truncate(2**30)
    with ExitStack() as stack:
        server, address = stack.enter_context(process(engine, tmp_path))

        def join() -> Asker:
            peer = stack.enter_context(closing(Asker(address)))
            peer.ask("hello", limits={"max_payload": 2**20})
            return peer

        with_everything_loaded = join()
        with_everything_loaded.begin("put", bytes(2**20), name="loaded")
        assert with_everything_loaded.answer() == {"size": 2**20}
        assert len(with_everything_loaded.get("loaded", digest=True)[1]) == 2**20
        before = memory(server)
        for number in range(80):
            reader, sender = join(), join()
            reader.begin("get", name="large", digest=True)
            assert reader.reply()[0]["more"]
            sender.begin("put", bytes(2**20), name=f"n{number}", more=True)
            sender.send(frame({"id": 2, "op": "put"}, bytes(2**20))[:900_000])
        with_everything_loaded.alive()
        assert memory(server) - before < 64 * 2**20


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_kill_in_the_middle_often(engine: str, tmp_path: Path) -> None:
    """At a hundred moments from the first frame to the commit."""
    octets = os.urandom(2**20) * 40
    offsets = []
    for number in range(100):
        root = tmp_path / str(number)
        root.mkdir()
        offsets.append(die_in_the_middle(engine, root, octets, number / 400))
        (root / "a").unlink()
    assert len(set(offsets)) > 10
