"""files, resume and delete on both servers, seen from a bare socket."""

import errno
import itertools
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from hjp.durability import Durability
from hjp.url import parse_url

from .hjp_files import ALL, Asker, digest, keeping, token
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


class TestOffer:
    """What hello says, and what is there without it."""

    def test_witness(self, peer: Asker) -> None:
        """The text's first example, there and back."""
        peer.send(
            bytes.fromhex(
                "48 4A 50 FF 01 00 00 00 27 00 00 00 02 00 00 00"
                "7B 22 69 64 22 3A 31 2C 22 6F 70 22 3A 22 70 75 74 22 2C"
                "22 6E 61 6D 65 22 3A 22 61 22 2C 22 73 69 7A 65 22 3A 32 7D 68 69"
            )
        )
        assert peer.exactly(43) == bytes.fromhex(
            "48 4A 50 FF 01 00 00 00 1B 00 00 00 00 00 00 00"
            "7B 22 69 64 22 3A 31 2C 22 6F 6B 22 3A 74 72 75 65 2C"
            "22 73 69 7A 65 22 3A 32 7D"
        )

    def test_hello(self, peer: Asker) -> None:
        """Features, and the greatest object (HJP-FIL-8)."""
        said = peer.ask("hello")
        assert said["features"] == ["files", "resume", "delete"]
        assert said["limits"] == {"max_payload": 65_536, "max_object": 2**40}

    def test_only_files(self, engine: str, root: Path) -> None:
        """No delete; what `resume` adds is read over."""
        with (
            keeping(engine, root, features=("files",)) as where,
            closing(Asker(where)) as peer,
        ):
            assert peer.ask("hello")["features"] == ["files"]
            assert peer.ask("delete", name="a")["code"] == "unknown_op"
            assert peer.ask("put", b"hi", name="a", upload=5) == {"size": 2}


MEMBERS: list[tuple[str, dict[str, Any], str]] = [
    # HJP-ERR-18, and the order of the table
    ("put", {}, "bad_request"),
    ("put", {"name": None}, "bad_request"),
    ("put", {"name": 5}, "bad_request"),
    ("put", {"name": "a/b", "size": "2"}, "bad_name"),
    ("put", {"name": "a", "size": None}, "bad_request"),
    ("put", {"name": "a", "size": -1}, "bad_request"),
    ("put", {"name": "a", "size": 1.5}, "bad_request"),
    ("put", {"name": "a", "size": 2**53}, "bad_request"),
    ("put", {"name": "a", "size": 2**40 + 1}, "too_large"),
    ("put", {"name": "a", "size": True, "digest": "md5:x"}, "bad_request"),
    ("put", {"name": "a", "digest": None}, "bad_request"),
    ("put", {"name": "a", "digest": ""}, "bad_request"),
    ("put", {"name": "a", "digest": "sha-256"}, "bad_request"),
    ("put", {"name": "a", "digest": "sha-256:"}, "bad_request"),
    ("put", {"name": "a", "digest": HI[:-1]}, "bad_request"),
    ("put", {"name": "a", "digest": HI + "0"}, "bad_request"),
    ("put", {"name": "a", "digest": HI + "\n"}, "bad_request"),
    ("put", {"name": "a", "digest": "sha-256:" + HI[8:].upper()}, "bad_request"),
    ("put", {"name": "a", "digest": "SHA-256" + HI[7:]}, "unsupported"),
    ("put", {"name": "a", "digest": ":"}, "unsupported"),
    ("put", {"name": "a", "digest": "md5:x", "overwrite": 1}, "unsupported"),
    ("put", {"name": "a", "overwrite": None}, "bad_request"),
    ("put", {"name": "a", "overwrite": 1, "upload": 1}, "bad_request"),
    ("put", {"name": "a", "upload": 1, "more": True}, "bad_request"),
    ("put", {"name": "a", "upload": "0" * 31, "more": True}, "bad_request"),
    ("put", {"name": "a", "upload": "A" * 32, "more": True}, "bad_request"),
    ("put", {"name": "a", "upload": "0" * 32}, "bad_request"),
    ("get", {"offset": 0}, "bad_request"),
    ("get", {"name": "CON", "offset": -1}, "bad_name"),
    ("get", {"name": "a", "offset": -1}, "bad_request"),
    ("get", {"name": "a", "length": "1"}, "bad_request"),
    ("get", {"name": "a", "digest": HI}, "bad_request"),
    ("get", {"name": "a", "if_tag": None}, "bad_request"),
    ("get", {"name": "a", "more": True}, "bad_request"),
    ("get", {"name": "none"}, "not_found"),
    ("stat", {}, "bad_request"),
    ("stat", {"name": ".."}, "bad_name"),
    ("stat", {"name": "a", "digest": None}, "bad_request"),
    ("stat", {"name": "none", "digest": True}, "not_found"),
    ("list", {"after": None}, "bad_request"),
    ("list", {"after": 1}, "bad_request"),
    ("list", {"limit": 0}, "bad_request"),
    ("list", {"limit": 1.0}, "bad_request"),
    ("delete", {}, "bad_request"),
    ("delete", {"name": "a\0"}, "bad_name"),
    ("delete", {"name": "a", "if_tag": 5}, "bad_request"),
    ("delete", {"name": "none", "if_tag": "x"}, "not_found"),
]


def test_members(peer: Asker, root: Path) -> None:
    """HJP-FIL-3 … -5, HJP-NAM-1, HJP-RSM-1; nothing is carried out."""
    for op, members, code in MEMBERS:
        assert peer.ask(op, **members)["code"] == code, (op, members)
        if members.get("more"):
            peer.frame(op)
    assert stages(root) == []
    assert os.listdir(root) == [".hjp:stage"]
    peer.alive()


class TestPut:
    """One object, whole or not at all."""

    def test_in_many_frames(self, peer: Asker, root: Path) -> None:
        """HJP-PUT-1, -2, -12: what the middle frames say means nothing."""
        octets = os.urandom(3)
        peer.begin("put", octets[:1], name="a", more=True)
        peer.frame("put", b"", more=True, size="x", digest=5, name=[])
        peer.frame("put", octets[1:2], more=True)
        assert "a" not in os.listdir(root)
        peer.frame("put", octets[2:], size=3, digest=digest(octets))
        assert peer.answer() == {"size": 3, "digest": digest(octets)}
        assert (root / "a").read_bytes() == octets
        assert stages(root) == []

    def test_empty(self, peer: Asker) -> None:
        """No octets are octets too."""
        assert peer.ask("put", name="a", size=0, digest=digest(b""))["size"] == 0
        assert peer.get("a", digest=True)[0]["digest"] == digest(b"")

    @pytest.mark.parametrize(
        ("first", "last", "code"),
        [
            ({}, {"size": "2"}, "bad_request"),
            ({}, {"size": None}, "bad_request"),
            ({"size": 2}, {"size": 3}, "bad_request"),
            ({}, {"size": 2**40 + 1}, "too_large"),
            ({}, {"digest": 5}, "bad_request"),
            ({}, {"digest": "sha-256:"}, "bad_request"),
            ({}, {"digest": "md5:x"}, "unsupported"),
            ({"digest": HI}, {"digest": digest(b"")}, "bad_request"),
            ({"size": 3}, {}, "size_mismatch"),
            ({}, {"size": 3}, "size_mismatch"),
            ({"size": 3, "digest": digest(b"")}, {}, "size_mismatch"),
            ({"digest": digest(b"")}, {}, "digest_mismatch"),
            ({}, {"digest": digest(b"")}, "digest_mismatch"),
            ({"name": "old", "overwrite": True}, {"size": 1}, "size_mismatch"),
        ],
    )
    def test_what_is_found_at_the_end(
        self,
        peer: Asker,
        root: Path,
        first: dict[str, Any],
        last: dict[str, Any],
        code: str,
    ) -> None:
        """HJP-PUT-3, -6, -7, -11: by an error, and nothing has changed."""
        peer.ask("put", b"old", name="old")
        peer.begin("put", b"h", **{"name": "a"} | first, more=True)
        peer.frame("put", b"i", **last)
        assert peer.answer()["code"] == code
        assert sorted(os.listdir(root)) == [".hjp:stage", "old"]
        assert (root / "old").read_bytes() == b"old"
        assert stages(root) == []

    def test_too_many_octets(self, peer: Asker, root: Path) -> None:
        """HJP-PUT-5: as soon as they are; the connection goes on."""
        peer.begin("put", b"hi", name="a", size=2, more=True)
        peer.frame("put", b"!", more=True)
        assert peer.answer()["code"] == "size_mismatch"
        peer.frame("put", b"dropped", more=True)
        peer.frame("put")
        peer.alive()
        assert stages(root) == []

    def test_max_object(self, engine: str, root: Path) -> None:
        """HJP-PUT-4, by the octets and by the word of both frames."""
        with (
            keeping(engine, root, max_object=3) as where,
            closing(Asker(where)) as peer,
        ):
            assert peer.ask("hello")["limits"]["max_object"] == 3
            too_large = {"code": "too_large", "limit": "max_object"}
            assert peer.ask("put", b"four", name="a") == too_large
            assert peer.ask("put", b"four", name="a", size=4) == too_large
            assert peer.ask("put", b"four", name="a", size=3) == {
                "code": "size_mismatch"
            }
            assert peer.ask("put", b"abc", name="a") == {"size": 3}

    def test_exists(self, peer: Asker, root: Path) -> None:
        """HJP-PUT-8, -9; `overwrite` replaces."""
        assert peer.ask("put", b"1", name="a") == {"size": 1}
        assert peer.ask("put", b"22", name="a")["code"] == "exists"
        assert peer.ask("put", b"22", name="a", overwrite=False)["code"] == "exists"
        assert peer.get("a")[1] == b"1"
        assert peer.ask("put", b"22", name="a", overwrite=True) == {"size": 2}
        assert peer.ask("put", b"", name="b", overwrite=True) == {"size": 0}
        assert peer.get("a")[1] == b"22"

    def test_exists_at_the_commit(self, peer: Asker, other: Asker) -> None:
        """The name was free when the request began."""
        peer.begin("put", b"late", name="a", more=True)
        peer.frame("put", b"", more=True)
        assert other.ask("put", b"early", name="a") == {"size": 5}
        peer.frame("put")
        assert peer.answer()["code"] == "exists"
        assert peer.get("a")[1] == b"early"

    def test_an_end_inside(self, peer: Asker, other: Asker, root: Path) -> None:
        """HJP-PUT-14, -15, -17, HJP-LIF-8: nothing, and nobody saw anything."""
        peer.begin("put", b"x" * 1000, name="a", size=2000, more=True)
        other.alive()
        assert other.ask("stat", name="a")["code"] == "not_found"
        assert other.ask("list") == {"entries": []}
        assert peer.end().rest() == b""
        with closing(Asker(other.server)) as third:
            third.send(frame({"id": 1, "op": "put", "name": "b"}, b"xyz")[:-1])
            assert third.end().rest() == b""
        assert sorted(os.listdir(root)) == [".hjp:stage"]
        assert stages(root) == []

    def test_an_error_before_the_payload(self, peer: Asker) -> None:
        """HJP-MSG-17 in the middle of a frame: what follows is dropped."""
        octets = bytes(60_000)
        whole = frame({"id": 1, "op": "put", "name": "..", "more": True}, octets)
        peer.id = 1
        peer.send(whole[:20_000])
        assert peer.answer()["code"] == "bad_name"
        peer.send(whole[20_000:])
        peer.frame("put")
        peer.alive()

    def test_pipelined(self, peer: Asker) -> None:
        """HJP-FIL-7: each sees what those before it did."""
        names = [f"n{number}" for number in range(50)]
        for name in names:
            peer.begin("put", name.encode(), name=name)
            peer.begin("get", name=name)
            peer.begin("delete", name=name)
            peer.begin("stat", name=name)
        for number, name in enumerate(names):
            replies = [peer.reply() for _ in range(4)]
            assert [it["id"] for it, _ in replies] == [
                4 * number + step for step in range(1, 5)
            ]
            assert replies[1][1] == name.encode()
            assert [it["ok"] for it, _ in replies] == [True, True, True, False]

    def test_rivals(self, address: Address) -> None:
        """HJP-PUT-8, -16: of many at once one is committed, and whole."""
        count = 8
        barrier = threading.Barrier(count)
        outcomes: list[tuple[int, dict[str, Any]]] = []

        def put(number: int) -> None:
            with closing(Asker(address)) as peer:
                peer.begin("put", bytes([number]) * 30_000, name="a", more=True)
                barrier.wait(PATIENCE)
                peer.frame("put", bytes([number]) * 30_000)
                outcomes.append((number, peer.answer()))

        threads = [threading.Thread(target=put, args=(it,)) for it in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        (winner,) = [number for number, said in outcomes if "size" in said]
        assert len(outcomes) == count
        with closing(Asker(address)) as peer:
            assert peer.get("a")[1] == bytes([winner]) * 60_000

    def test_a_name_that_changes_all_the_time(self, address: Address) -> None:
        """HJP-PUT-16, HJP-GET-5, HJP-LST-4: always there, always of one piece."""
        sizes, over = (70_000, 140_000), threading.Event()

        def replace() -> None:
            with closing(Asker(address)) as peer:
                while not over.is_set():
                    for size in sizes:
                        octets = bytes([size // 70_000]) * size
                        peer.begin("put", octets[:65_536], name="b", more=True,
                                   overwrite=True)  # fmt: skip
                        peer.frame("put", octets[65_536:131_072], more=True)
                        peer.frame("put", octets[131_072:])
                        assert peer.answer() == {"size": size}

        with closing(Asker(address)) as peer:
            for name in "abc":
                peer.ask("put", b"", name=name)
            thread = threading.Thread(target=replace)
            thread.start()
            try:
                for _ in range(60):
                    names = [it["name"] for it in peer.ask("list")["entries"]]
                    assert names == ["a", "b", "c"]
                    said, octets = peer.get("b", digest=True)
                    assert said["size"] == len(octets)
                    assert said["digest"] == digest(octets)
                    assert len(set(octets)) <= 1
            finally:
                over.set()
                thread.join(PATIENCE)

    @pytest.mark.parametrize("durability", Durability)
    def test_durability(self, engine: str, root: Path, durability: Durability) -> None:
        """What is answered is there, whatever is written when."""
        with (
            keeping(engine, root, durability=durability) as where,
            closing(Asker(where)) as peer,
        ):
            assert peer.ask("put", b"hi", name="a") == {"size": 2}
            assert peer.ask("put", b"ho", name="a", overwrite=True) == {"size": 2}
            peer.begin("put", name="b", upload=token(1), more=True)
            assert peer.answer() == {"more": True, "offset": 0}
            peer.frame("put", b"hi", offset=0)
            assert peer.answer() == {"size": 2}
            assert peer.ask("delete", name="a") == {}
        assert (root / "b").read_bytes() == b"hi"


class TestLarge:
    """Bodies that go to the disk beside the connection."""

    @pytest.fixture
    def peer(self, engine: str, root: Path) -> Iterator[Asker]:
        """A connection on which both sides take 1 MiB in a frame."""
        with (
            keeping(engine, root, max_payload=2**20) as where,
            closing(Asker(where)) as it,
        ):
            assert it.ask("hello", limits={"max_payload": 2**20})["features"]
            yield it

    @pytest.mark.parametrize("stated", ["first", "last", "none"])
    def test_there_and_back(self, peer: Asker, stated: str) -> None:
        """Twelve frames of 1 MiB and a bit, with the digest and without."""
        octets = os.urandom(2**20) * 12 + b"end"
        known = {"size": len(octets), "digest": digest(octets)}
        peer.begin("put", octets[:2**20], name="a", more=True,
                   **known if stated == "first" else {})  # fmt: skip
        for begin in range(2**20, 12 * 2**20, 2**20):
            peer.frame("put", octets[begin : begin + 2**20], more=True)
        peer.frame("put", b"end", **known if stated == "last" else {})
        expected = {"size": len(octets)} if stated == "none" else known
        assert peer.answer() == expected
        said, got = peer.get("a", digest=True)
        assert (said["digest"], got) == (known["digest"], octets)
        assert peer.ask("stat", name="a", digest=True)["digest"] == known["digest"]

    def test_a_wrong_digest(self, peer: Asker, root: Path) -> None:
        """One octet is enough."""
        octets = bytes(2**20)
        wrong = digest(octets[:-1] + b"x")
        assert peer.ask("put", octets, name="a", digest=wrong)["code"] == (
            "digest_mismatch"
        )
        assert stages(root) == []

    def test_too_many(self, peer: Asker) -> None:
        """HJP-PUT-5 in the middle of a large frame."""
        peer.begin("put", bytes(2**20), name="a", size=600_000, more=True)
        assert peer.answer()["code"] == "size_mismatch"
        peer.frame("put", bytes(2**20))
        peer.alive()

    def test_a_frame_that_comes_slowly(self, peer: Asker) -> None:
        """Now fast, now octet by octet."""
        octets = os.urandom(2**20)
        peer.id += 1
        whole = frame({"id": peer.id, "op": "put", "name": "a"}, octets)
        cuts = [0, 16, 100, 101, 102, 300_000, 300_001, 700_000, 2**20, len(whole)]
        for begin, end in itertools.pairwise(cuts):
            peer.send(whole[begin:end])
            threading.Event().wait(0.02)
        assert peer.answer() == {"size": 2**20}
        assert peer.get("a")[1] == octets

    def test_an_end_in_the_middle(self, peer: Asker, root: Path) -> None:
        """Nothing is left."""
        peer.begin("put", bytes(2**20), name="a", more=True)
        whole = frame({"id": peer.id, "op": "put"}, bytes(2**20))
        peer.send(whole[:800_000])
        assert peer.end().rest() == b""
        assert os.listdir(root) == [".hjp:stage"]
        assert stages(root) == []

    def test_a_reset_in_the_middle(self, peer: Asker, root: Path) -> None:
        """The others are served."""
        address = peer.server
        peer.begin("put", bytes(2**20), name="a", more=True)
        peer.send(frame({"id": peer.id, "op": "put"}, bytes(2**20))[:800_000])
        peer.reset()
        with closing(Asker(address)) as another:
            assert another.ask("put", b"hi", name="a") == {"size": 2}
            assert another.get("a")[1] == b"hi"

    def test_others_are_served_meanwhile(self, peer: Asker) -> None:
        """HJP-LIF-6: twelve that send without end, and one that asks a little."""
        address = peer.server
        over = threading.Event()

        def send(number: int) -> None:
            with closing(Asker(address)) as it:
                it.ask("hello")
                it.begin("put", name=f"n{number}", more=True)
                while not over.is_set():
                    it.frame("put", bytes(2**20), more=True)

        threads = [threading.Thread(target=send, args=(it,)) for it in range(12)]
        for thread in threads:
            thread.start()
        try:
            for number in range(20):
                assert peer.ask("put", b"x", name=f"s{number}") == {"size": 1}
                assert peer.get(f"s{number}")[1] == b"x"
        finally:
            over.set()
            for thread in threads:
                thread.join(PATIENCE)
        assert len(peer.ask("list")["entries"]) == 20


class TestGet:
    """Octets, all or some."""

    OCTETS = bytes(range(256)) * 1024

    @pytest.mark.parametrize(
        ("offset", "length"),
        [
            (0, 0), (0, 1), (0, 65_536), (0, 65_537), (1, 2**53 - 1), (262_143, 1),
            (262_143, 9), (262_144, 0), (262_144, 9), (5, 70_000), (0, 262_144),
        ],
    )  # fmt: skip
    def test_ranges(self, peer: Asker, root: Path, offset: int, length: int) -> None:
        """HJP-GET-1, -2, -7: size is that of all, the digest that of the range."""
        (root / "a").write_bytes(self.OCTETS)
        expected = self.OCTETS[offset : offset + length]
        said, got = peer.get("a", offset=offset, length=length, digest=True)
        assert got == expected
        assert said["size"] == 262_144
        assert said["digest"] == digest(expected)
        assert "digest" not in peer.get("a", offset=offset, length=length)[0]

    def test_behind_the_end(self, peer: Asker) -> None:
        """HJP-GET-3, -4: after the tag."""
        peer.ask("put", b"hi", name="a")
        tag = peer.ask("stat", name="a")["tag"]
        missed = {"code": "offset_mismatch", "offset": 2}
        assert peer.ask("get", name="a", offset=3) == missed
        assert peer.ask("get", name="a", offset=3, if_tag=tag) == missed
        assert peer.ask("get", name="a", offset=3, if_tag="x") == {"code": "changed"}
        assert peer.get("a", offset=2, if_tag=tag)[1] == b""

    def test_tags(self, peer: Asker, root: Path) -> None:
        """HJP-GET-8, -9: another one for each state, the same for the same."""
        tags = []
        for number in range(100):
            peer.ask("put", bytes([number]), name="a", overwrite=True)
            tags.append(peer.ask("stat", name="a")["tag"])
            assert peer.get("a")[0]["tag"] == tags[-1]
            assert peer.ask("list")["entries"][0]["tag"] == tags[-1]
        (root / "a").write_bytes(b"x")
        tags.append(peer.ask("stat", name="a")["tag"])
        assert len(set(tags)) == 101
        assert all(tag.isascii() and tag.isprintable() for tag in tags)
        assert all(0 < len(tag) <= 128 and " " not in tag for tag in tags)

    def test_an_object_that_goes_meanwhile(self, peer: Asker, other: Asker) -> None:
        """HJP-GET-5: what was begun is finished, of the state in which it began."""
        size = 16 * 2**20
        for begin in range(0, size, 65_536):
            send = peer.frame if begin else peer.begin
            send("put", bytes(65_536), name="a", more=begin + 65_536 < size)
        assert peer.answer() == {"size": size}
        peer.begin("get", name="a", digest=True)
        assert peer.reply()[0]["size"] == size
        assert other.ask("put", b"new", name="a", overwrite=True) == {"size": 3}
        assert other.ask("delete", name="a") == {}
        more, got = True, 65_536
        while more:
            reply, payload = peer.reply()
            got += len(payload)
            more = reply.get("more", False)
        assert got == size
        assert reply["digest"] == digest(bytes(size))

    @pytest.mark.parametrize("change", ["cut", "write"])
    def test_an_object_that_is_written_to(
        self, peer: Asker, root: Path, change: str
    ) -> None:
        """HJP-GET-6: `changed`, after interim replies too."""
        path = root / "a"
        path.write_bytes(bytes(32 * 2**20))
        peer.begin("get", name="a")
        assert peer.reply()[0]["more"]
        if change == "cut":
            os.truncate(path, 5)
        else:
            with path.open("r+b") as file:
                file.seek(-1, os.SEEK_END)
                file.write(b"x")
        reply: dict[str, Any] = {"more": True}
        while reply.get("more"):
            reply = peer.reply()[0]
        assert reply["error"]["code"] == "changed"
        peer.alive()


class TestStat:
    """What is known of an object."""

    def test_stat(self, peer: Asker, root: Path) -> None:
        """HJP-STA-1, -2; a time before 1970 is left out."""
        (root / "a").write_bytes(b"hi")
        os.utime(root / "a", ns=(0, 1_234_567_890_123_456))
        said = peer.ask("stat", name="a", digest=True)
        assert said.pop("tag")
        assert said == {"size": 2, "modified_ms": 1_234_567_890, "digest": HI}
        os.utime(root / "a", ns=(0, -1))
        assert peer.ask("stat", name="a", digest=False).keys() == {"size", "tag"}

    def test_a_large_one(self, peer: Asker, root: Path) -> None:
        """Its digest takes several turns."""
        octets = os.urandom(2**20) * 20
        (root / "a").write_bytes(octets)
        assert peer.ask("stat", name="a", digest=True)["digest"] == digest(octets)


class TestList:
    """All names, in order, in pages."""

    def names(self, peer: Asker, **members: Any) -> list[list[str]]:
        """The names of each page."""
        pages: list[list[str]] = []
        after: dict[str, Any] = {}
        while True:
            said = peer.ask("list", **members, **after)
            pages.append([it["name"] for it in said["entries"]])
            if "next" not in said:
                return pages
            assert said["next"] == pages[-1][-1]
            after = {"after": said["next"]}

    def test_order(self, peer: Asker) -> None:
        """By octets of UTF-8, not by units of UTF-16 or by case."""
        names = ["a", "B", "é", "\uffee", "\U0001f600", "a b", "a.b", "0", "Z", "z"]
        for name in names:
            assert peer.ask("put", b"", name=name) == {"size": 0}
        ordered = sorted(names, key=str.encode)
        assert self.names(peer) == [ordered]
        assert self.names(peer, limit=3) == [
            ordered[:3], ordered[3:6], ordered[6:9], ordered[9:],
        ]  # fmt: skip
        assert self.names(peer, limit=5) == [ordered[:5], ordered[5:]]

    def test_after(self, peer: Asker) -> None:
        """Any string, a name or not."""
        for name in ("a", "b"):
            peer.ask("put", b"x", name=name)
        for after, expected in (
            ("", ["a", "b"]), ("\0", ["a", "b"]), ("a", ["b"]), ("a/", ["b"]),
            ("b", []), ("\U0010ffff" * 500, []),
        ):  # fmt: skip
            said = peer.ask("list", after=after)
            assert [it["name"] for it in said["entries"]] == expected
            assert all(it["size"] == 1 for it in said["entries"])

    def test_pages_that_are_full(self, peer: Asker, root: Path) -> None:
        """Names of the greatest length, more than fit into one reply."""
        names = sorted(f"{number:03}".ljust(255, "x") for number in range(400))
        for name in names:
            (root / name).touch()
        pages = self.names(peer)
        assert [*itertools.chain(*pages)] == names
        assert len(pages) > 1
        assert [*itertools.chain(*self.names(peer, limit=2**53 - 1))] == names

    def test_many(self, peer: Asker, root: Path) -> None:
        """1 000 at most at once."""
        for number in range(1001):
            (root / str(number)).touch()
        assert sum(map(len, self.names(peer))) == 1001

    def test_what_is_left_out(self, peer: Asker, root: Path) -> None:
        """HJP-LST-5, HJP-NAM-6; `next` does not announce it either."""
        (root / "a").touch()
        (root / "b").mkdir()
        for octets in (b"c\xff", b"d:e", b"NUL", b"f.", b"\x80"):
            (root / os.fsdecode(octets)).touch()
        assert self.names(peer) == [["a"]]
        assert self.names(peer, limit=1) == [["a"]]


class TestDelete:
    """An object goes."""

    def test_delete(self, peer: Asker, root: Path) -> None:
        """HJP-DEL-1, HJP-GET-4."""
        peer.ask("put", b"hi", name="a")
        assert peer.ask("delete", name="a", if_tag="x")["code"] == "changed"
        tag = peer.ask("stat", name="a")["tag"]
        assert peer.ask("delete", name="a", if_tag=tag) == {}
        assert peer.ask("delete", name="a")["code"] == "not_found"
        assert os.listdir(root) == [".hjp:stage"]


def make_folder(path: Path, _: Path) -> None:
    """A folder with a file in it."""
    path.mkdir()
    (path / "inside").write_text("secret")


def make_socket(path: Path, _: Path) -> None:
    """A socket nobody listens to."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(os.path.relpath(path))


NO_OBJECTS: dict[str, Callable[[Path, Path], None]] = {
    "folder": make_folder,
    "socket": make_socket,
    "fifo": lambda path, _: os.mkfifo(path),
    "link": lambda path, outside: path.symlink_to(outside),
    "link-within": lambda path, _: path.symlink_to("real"),
    "link-to-folder": lambda path, outside: path.symlink_to(outside.parent),
    "link-to-nothing": lambda path, _: path.symlink_to("nothing"),
    "link-to-itself": lambda path, _: path.symlink_to(path),
    "link-to-device": lambda path, _: path.symlink_to("/dev/zero"),
}


class TestNoObjects:
    """HJP-NAM-6: what is no regular file has no name."""

    @pytest.mark.parametrize("make", NO_OBJECTS.values(), ids=NO_OBJECTS.keys())
    def test_it_is_not_there(
        self,
        peer: Asker,
        root: Path,
        tmp_path: Path,
        make: Callable[[Path, Path], None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Nothing is read, written or removed."""
        monkeypatch.chdir(root)  # a socket's path is a short one
        outside = tmp_path / "outside"
        outside.write_text("secret")
        (root / "real").write_text("real")
        make(root / "x", outside)
        before = (root / "x").lstat()
        for op in ("get", "stat", "delete"):
            assert peer.ask(op, name="x")["code"] == "not_found"
        assert peer.ask("stat", name="x", digest=True)["code"] == "not_found"
        assert [it["name"] for it in peer.ask("list")["entries"]] == ["real"]
        assert peer.ask("put", b"new", name="x")["code"] == "exists"
        said = peer.ask("put", b"new", name="x", overwrite=True)
        assert said["code"] == "forbidden"
        peer.begin("put", name="x", upload=token(1), more=True)
        assert peer.answer()["offset"] == 0
        peer.frame("put", b"new", offset=0)
        assert peer.answer()["code"] == "exists"
        assert (root / "x").lstat() == before
        assert outside.read_text() == "secret"
        assert (root / "real").read_text() == "real"

    def test_a_name_that_becomes_a_link(
        self, address: Address, root: Path, tmp_path: Path
    ) -> None:
        """However often it changes, what lies outside never comes."""
        outside = tmp_path / "outside"
        outside.write_text("secret")
        over = threading.Event()

        def change() -> None:
            link, file = root / "link", root / "file"
            while not over.is_set():
                link.symlink_to(outside)
                link.rename(root / "x")
                file.write_text("public")
                file.rename(root / "x")

        thread = threading.Thread(target=change)
        thread.start()
        seen = set()
        try:
            with closing(Asker(address)) as peer:
                for _ in range(1000):
                    said, octets = peer.get("x")
                    seen.add(said.get("code", octets))
        finally:
            over.set()
            thread.join(PATIENCE)
        assert seen <= {b"public", "not_found", "changed"}
        assert outside.read_text() == "secret"

    def test_a_root_that_is_moved(self, peer: Asker, root: Path) -> None:
        """The folder is the one that was opened, whatever its path leads to now."""
        peer.ask("put", b"hi", name="a")
        root.rename(root.with_name("elsewhere"))
        root.mkdir()
        (root / "a").write_text("another")
        assert peer.get("a")[1] == b"hi"
        assert peer.ask("put", b"hi", name="b") == {"size": 2}
        assert os.listdir(root) == ["a"]

    def test_names_of_the_file_system(self, peer: Asker) -> None:
        """HJP-NAM-2, -5: all that the table leaves are names, and different ones."""
        names = ["a", "A", "é", "e\u0301", "-rf", "~", "$HOME", "%00", "a\u202eb", " "]
        names[-1] = " a"
        for number, name in enumerate(names):
            assert peer.ask("put", bytes([number]), name=name) == {"size": 1}
        for number, name in enumerate(names):
            assert peer.get(name)[1] == bytes([number])


class TestRoom:
    """HJP-PUT-10, HJP-FOD-3."""

    def has_stage_of(self, root: Path, size: int) -> bool:
        """Whether the octets of a stage have come."""
        folder = root / ".hjp:stage"
        return any((folder / it).stat().st_size == size for it in stages(root))

    def test_quota(self, engine: str, root: Path) -> None:
        """Objects and stages together; what goes gives its room back."""
        (root / "old").write_bytes(bytes(400))
        with (
            keeping(engine, root, quota=1000) as where,
            closing(Asker(where)) as peer,
            closing(Asker(where)) as other,
        ):
            full = {"code": "no_space"}
            assert peer.ask("put", bytes(601), name="a") == full
            assert peer.ask("put", bytes(1), name="a", size=601) == full
            assert peer.ask("put", bytes(600), name="a") == {"size": 600}
            assert peer.ask("put", bytes(1), name="b") == full
            assert peer.ask("put", bytes(1), name="old", overwrite=True) == full
            assert peer.ask("delete", name="old") == {}
            put = {"name": "a", "overwrite": True}
            assert peer.ask("put", bytes(400), **put) == {"size": 400}
            assert peer.ask("put", bytes(600), **put) == {"size": 600}
            assert peer.ask("put", bytes(401), name="b") == full
            other.begin("put", bytes(400), name="c", more=True)
            deadline = time.monotonic() + PATIENCE
            while not self.has_stage_of(root, 400):
                assert time.monotonic() < deadline
            assert peer.ask("put", bytes(1), name="b") == full
            other.frame("put", size=5)
            assert other.answer() == {"code": "size_mismatch"}
            assert peer.ask("put", bytes(400), name="b") == {"size": 400}

    def test_stages(self, engine: str, root: Path) -> None:
        """So many uploads, not one more; what is done does not count."""
        with keeping(engine, root, max_stages=2) as where, ExitStack() as stack:
            peers = [stack.enter_context(closing(Asker(where))) for _ in range(3)]
            for number, peer in enumerate(peers):
                peer.begin("put", name=f"n{number}", upload=token(number), more=True)
            assert [it.answer().get("offset", "none") for it in peers[:2]] == [0, 0]
            assert peers[2].answer()["code"] == "no_space"
            peers[2].frame("put")
            peers[0].frame("put", b"x", offset=0)
            assert peers[0].answer() == {"size": 1}
            peers[2].begin("put", name="n2", upload=token(2), more=True)
            assert peers[2].answer()["offset"] == 0


def test_a_failure_of_the_disk(
    peer: Asker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """`internal` for the client, the cause for the log; the connection goes on."""

    def fail(*_: Any) -> int:
        raise OSError(errno.EIO, "secret")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fail)
        reply = peer.ask("put", b"hi", name="a")
    assert reply == {"code": "internal"}
    assert peer.ask("put", b"hi", name="a") == {"size": 2}
    assert len(caplog.records) == 1


READ_ONLY = """
import os, sys, hjp.files
"".encode("idna")  # loaded while everything may be read
if not os.geteuid():
    os.setgid(65534)
    os.setuid(65534)
server = hjp.threaded.Server(port=0)
hjp.files.Files(sys.argv[1], features=("files", "resume", "delete")).offer(server)
hjp.threaded.serve(server, lambda it: print(it.urls[0], flush=True))
"""


def test_a_root_that_can_only_be_read() -> None:
    """It is offered to be read; what would change it is `forbidden` (HJP-FIL-6)."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "a").write_text("hi")
        root.chmod(0o555)
        with subprocess.Popen(
            [sys.executable, "-c", READ_ONLY, folder], stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stdout is not None
                address = parse_url(process.stdout.readline().strip())
                with closing(Asker(address)) as peer:
                    assert peer.ask("put", b"hi", name="b")["code"] == "forbidden"
                    assert peer.ask("put", b"hi", name="..")["code"] == "bad_name"
                    assert peer.ask("delete", name="a")["code"] == "forbidden"
                    assert peer.get("a")[1] == b"hi"
            finally:
                process.terminate()
        root.chmod(0o755)


def test_all_features_are_known() -> None:
    """What the tests offer is what the package knows."""
    from hjp.service import FEATURES

    assert FEATURES == ALL
