"""Both clients: put, get, stat, list and delete, with real servers and scripted ones."""

import asyncio
import io
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import pytest

from hjp import (
    AsyncClient,
    Client,
    ConnectionLost,
    Entry,
    NotConnected,
    ReplyError,
    Stored,
    TransferError,
    unfinished,
)
from hjp.url import format_url

from .hjp_files import digest, keeping
from .hjp_peer import ENGINES, PATIENCE, Address, Peer, frame

KINDS: Final = ("asyncio", "blocking")
MIB: Final = 1024 * 1024
BIG: Final = bytes(range(256)) * 12_000  # 3 072 000 octets


class AnyClient:
    """Either client, used in one way: the methods have the same names."""

    def __init__(self, kind: str, address: Address, **options: Any) -> None:
        url = format_url(*address)
        self._runner = asyncio.Runner() if kind == "asyncio" else None
        self._ended = False
        make = AsyncClient if kind == "asyncio" else Client
        self.client: Any = make(url, **{"timeout": PATIENCE} | options)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Call a method."""
        method = getattr(self.client, name)
        return lambda *args, **options: self._run(method(*args, **options))

    def all(self, name: str, *args: Any, **options: Any) -> list[Any]:
        """Collect what a method gives one by one."""
        results = getattr(self.client, name)(*args, **options)
        if not self._runner:
            return list(results)

        async def collect() -> list[Any]:
            return [it async for it in results]

        return self._runner.run(collect())

    def first(self, name: str, *args: Any) -> Any:
        """Take one of what a method gives, and stop."""
        results = getattr(self.client, name)(*args)
        if not self._runner:
            with closing(results):
                return next(results)

        async def take() -> Any:
            it = await anext(results)
            await results.aclose()
            return it

        return self._runner.run(take())

    def _run(self, result: Any) -> Any:
        return self._runner.run(result) if self._runner else result

    def end(self) -> None:
        """Close the client and what ran it."""
        if self._ended:
            return
        self._ended = True
        self.close()
        if self._runner:
            self._runner.close()


@contextmanager
def connected(kind: str, address: Address, **options: Any) -> Iterator[AnyClient]:
    """A client that is connected."""
    client = AnyClient(kind, address, **options)
    try:
        client.connect()
        yield client
    finally:
        client.end()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each of the clients."""
    return str(request.param)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the client remembers what was interrupted."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "hjp"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """What the server keeps."""
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """A file of several frames."""
    (tmp_path / "big").write_bytes(BIG)
    return tmp_path / "big"


def remembered(state: Path) -> list[dict[str, str]]:
    """What the client has written down."""
    return [json.loads(path.read_text()) for path in state.glob("*")]


def write_all(descriptor: int, octets: bytes) -> None:
    """Write into a pipe, as long as somebody reads it."""
    with suppress(BrokenPipeError), os.fdopen(descriptor, "wb", buffering=0) as file:
        left = memoryview(octets)
        while left:
            left = left[file.write(left) :]


class TestRoundTrips:
    """What is put is got."""

    @pytest.fixture(params=ENGINES)
    def client(
        self, request: pytest.FixtureRequest, kind: str, root: Path
    ) -> Iterator[AnyClient]:
        with (
            keeping(request.param, root, max_payload=MIB) as where,
            connected(kind, where) as it,
        ):
            yield it

    @pytest.mark.parametrize(
        "size", [0, 1, 65_535, 65_536, 65_537, MIB - 1, MIB, MIB + 1, 2 * MIB]
    )
    def test_sizes(self, client: AnyClient, size: int, tmp_path: Path) -> None:
        """From and to a file, at the edges of frames; the digest is checked."""
        octets = os.urandom(size)
        (tmp_path / "x").write_bytes(octets)
        stored = Stored(size, digest(octets))
        assert client.put(tmp_path / "x", "a") == stored
        assert client.get("a", tmp_path / "y") == stored
        assert (tmp_path / "y").read_bytes() == octets
        assert client.get("a", digest=False) == octets

    def test_octets_and_file_objects(self, client: AnyClient, tmp_path: Path) -> None:
        """Read from where they stand; with and without a digest."""
        for number, source in enumerate((b"hi", bytearray(b"hi"), memoryview(b"hi"))):
            assert client.put(source, f"{number}") == Stored(2, digest(b"hi"))
        file = io.BytesIO(b"..hi")
        file.seek(2)
        assert client.put(file, "4", digest=False) == Stored(2, None)
        assert client.get("4") == b"hi"
        to = io.BytesIO()
        assert client.get("4", to, digest=False) == Stored(2, None)
        assert to.getvalue() == b"hi"

    def test_a_pipe(self, client: AnyClient) -> None:
        """Nobody knows its size; what is there is sent."""
        ours, theirs = os.pipe()
        thread = threading.Thread(target=write_all, args=(theirs, BIG))
        thread.start()
        with os.fdopen(ours, "rb") as pipe:
            assert client.put(pipe, "a") == Stored(len(BIG), digest(BIG))
        thread.join(PATIENCE)
        assert client.get("a") == BIG

    def test_a_path_of_a_pipe(self, client: AnyClient, tmp_path: Path) -> None:
        """It has a name and no size."""
        os.mkfifo(tmp_path / "fifo")
        write = (tmp_path / "fifo").write_bytes
        thread = threading.Thread(target=write, args=(b"hi",))
        thread.start()
        assert client.put(tmp_path / "fifo", digest=False) == Stored(2, None)
        thread.join(PATIENCE)
        assert client.get("fifo") == b"hi"

    def test_names(self, client: AnyClient, tmp_path: Path) -> None:
        """That of the file, in normalisation form C (HJP-NAM-4)."""
        (tmp_path / "e\u0301").write_bytes(b"")
        client.put(tmp_path / "e\u0301")
        assert [entry.name for entry in client.all("list")] == ["\xe9"]

    def test_a_folder(self, client: AnyClient, tmp_path: Path) -> None:
        """A file in it appears, and nothing else is left."""
        client.put(BIG, "a")
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "a").write_bytes(b"before")
        client.get("a", tmp_path / "out")
        assert [it.name for it in (tmp_path / "out").iterdir()] == ["a"]
        assert (tmp_path / "out" / "a").read_bytes() == BIG

    def test_progress(self, client: AnyClient, big: Path) -> None:
        """Grows to all of it, both ways."""
        told: list[tuple[int, int | None]] = []

        def tell(done: int, total: int | None) -> None:
            told.append((done, total))

        for call, what in ((client.put, (big, "a")), (client.get, ("a",))):
            told.clear()
            call(*what, progress=tell)
            assert told == sorted(told)
            assert told[-1] == (len(BIG), len(BIG))

    def test_stat_list_and_delete(self, client: AnyClient) -> None:
        """What the server says of objects."""
        client.put(b"hi", "a")
        entry = client.stat("a", digest=True)
        assert (entry.name, entry.size, entry.digest) == ("a", 2, digest(b"hi"))
        assert client.stat("a").digest is None
        assert [client.stat("a")] == client.all("list")
        assert client.all("list", "a") == []
        with pytest.raises(ReplyError, match="changed"):
            client.delete("a", if_tag="another")
        client.delete("a", if_tag=entry.tag)
        with pytest.raises(ReplyError, match="not_found"):
            client.stat("a")

    def test_many(self, client: AnyClient, root: Path, tmp_path: Path) -> None:
        """Small files go without waiting for each; pages follow each other."""
        folder = tmp_path / "in"
        folder.mkdir()
        names = [f"{number:04}" for number in range(1_100)]
        for name in names:
            (folder / name).write_bytes(name.encode() * 10)
        (folder / names[500]).write_bytes(BIG)
        outcomes = client.all("put_all", [folder / name for name in names])
        assert [it.source.name for it in outcomes] == names
        assert {it.stored.size for it in outcomes} == {40, len(BIG)}
        assert client.first("list").name == "0000"
        assert [it.name for it in client.all("list")] == names
        assert (root / "1099").read_bytes() == b"1099" * 10

    def test_some_of_many_fail(self, client: AnyClient, tmp_path: Path) -> None:
        """The others are stored; outcomes come in the order of the sources."""
        (tmp_path / "a").write_bytes(b"a")
        sources = [
            tmp_path / "a",
            tmp_path / "none",
            (tmp_path / "a", "a"),
            (b"octets", "b"),
            (tmp_path / "a", "a/b"),
            (tmp_path / "a", "c"),
        ]
        outcomes = client.all("put_all", sources, digest=False)
        assert [it.source for it in outcomes] == sources
        kinds = [type(it.error) for it in outcomes]
        none = type(None)
        wrong = [none, FileNotFoundError, ReplyError, none, ValueError, none]
        assert kinds == wrong
        again = client.all("put_all", sources[:1], overwrite=True)
        assert again[0].stored == Stored(1, digest(b"a"))

    def test_overwriting(self, client: AnyClient, big: Path) -> None:
        """Only if it is asked for; the connection goes on."""
        for source in (b"x", big):
            client.put(source, "a", overwrite=True)
            with pytest.raises(ReplyError, match="exists"):
                client.put(source, "a")
        assert client.get("a") == BIG


class Proxy:
    """Forwards connections, and cuts each after so many octets of one direction."""

    def __init__(self, server: Address, cuts: list[tuple[str, int]]) -> None:
        self.counts: list[dict[str, int]] = []
        self._server = server
        self._cuts = cuts
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address: Address = self._listener.getsockname()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        with suppress(OSError):  # it was closed
            while True:
                client = self._listener.accept()[0]
                server = socket.create_connection(self._server, PATIENCE)
                way, most = self._cuts.pop(0) if self._cuts else ("", 0)
                self._sockets += client, server
                count = {"up": 0, "down": 0}
                self.counts.append(count)
                for name, source, sink in (
                    ("up", client, server),
                    ("down", server, client),
                ):
                    limit = most if name == way else None
                    thread = threading.Thread(
                        target=self._forward, args=(name, source, sink, limit, count)
                    )
                    self._threads.append(thread)
                    thread.start()

    def _forward(
        self,
        way: str,
        source: socket.socket,
        sink: socket.socket,
        limit: int | None,
        count: dict[str, int],
    ) -> None:
        with suppress(OSError):
            while octets := source.recv(65_536):
                if limit is not None:
                    octets = octets[: limit - count[way]]
                count[way] += len(octets)
                sink.sendall(octets)
                if count[way] == limit:
                    break
        for sock in (source, sink):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop, when both ends have gone."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE)
        for sock in self._sockets:
            sock.close()


@contextmanager
def cut(server: Address, *cuts: tuple[str, int]) -> Iterator[Proxy]:
    """A proxy before a server."""
    with closing(Proxy(server, list(cuts))) as proxy:
        yield proxy


class TestInterrupted:
    """Connections that are cut in the middle."""

    @pytest.fixture(params=ENGINES)
    def server(self, request: pytest.FixtureRequest, root: Path) -> Iterator[Address]:
        with keeping(request.param, root, max_payload=MIB) as where:
            yield where

    def test_a_put_goes_on(
        self, kind: str, server: Address, root: Path, big: Path, state: Path
    ) -> None:
        """By itself, at the offset that the server tells; nothing is remembered."""
        with (
            cut(server, ("up", 2_500_000), ("up", 300)) as proxy,
            connected(kind, proxy.address) as client,
        ):
            assert client.put(big) == Stored(len(BIG), digest(BIG))
            client.end()
        assert (root / "big").read_bytes() == BIG
        assert len(proxy.counts) == 3
        assert proxy.counts[2]["up"] < 1_100_000
        assert remembered(state) == []

    def test_a_put_goes_on_in_another_process(
        self, kind: str, server: Address, root: Path, big: Path, state: Path
    ) -> None:
        """The token is kept beside the file's identity."""
        with cut(server, ("up", 2_500_000)) as proxy:
            with connected(kind, proxy.address) as client:
                with pytest.raises(ConnectionLost):
                    client.put(big, retries=0)
                (kept,) = remembered(state)
                assert len(kept["upload"]) == 32
            with connected(kind, proxy.address) as client:
                assert client.put(big, retries=0).digest == digest(BIG)
            assert proxy.counts[1]["up"] < 1_100_000
        assert (root / "big").read_bytes() == BIG
        assert remembered(state) == []

    def test_another_file_is_another_upload(
        self, kind: str, server: Address, root: Path, big: Path, state: Path
    ) -> None:
        """A file that changed since begins at the beginning."""
        with cut(server, ("up", 2_500_000)) as proxy:
            with (
                connected(kind, proxy.address) as client,
                pytest.raises(ConnectionLost),
            ):
                client.put(big, retries=0)
            big.write_bytes(BIG[::-1])
            with connected(kind, proxy.address) as client:
                client.put(big)
            assert proxy.counts[1]["up"] > len(BIG)
        assert (root / "big").read_bytes() == BIG[::-1]
        assert len(remembered(state)) == 1

    def test_octets_go_on_too(self, kind: str, server: Address) -> None:
        """What can be read once more is resumed by this client; nothing is kept."""
        with (
            cut(server, ("up", 2_500_000)) as proxy,
            connected(kind, proxy.address) as client,
        ):
            client.put(io.BytesIO(BIG), "a", digest=False)
            assert client.get("a") == BIG
            client.end()
        assert proxy.counts[1]["up"] < 1_100_000

    def test_without_resume(self, kind: str, server: Address, big: Path) -> None:
        """From the beginning again."""
        with (
            cut(server, ("up", 2_500_000)) as proxy,
            connected(kind, proxy.address) as client,
        ):
            client.put(big, resume=False)
            assert client.get("big") == BIG
            client.end()
        assert proxy.counts[1]["up"] > len(BIG)

    def test_a_pipe_cannot_go_on(self, kind: str, server: Address) -> None:
        """What was read is gone."""
        ours, theirs = os.pipe()
        thread = threading.Thread(target=write_all, args=(theirs, BIG))
        thread.start()
        with (
            cut(server, ("up", 1_500_000)) as proxy,
            connected(kind, proxy.address) as client,
            os.fdopen(ours, "rb") as pipe,
        ):
            with pytest.raises(ConnectionLost):
                client.put(pipe, "a")
            pipe.close()
            thread.join(PATIENCE)
            with pytest.raises(ReplyError, match="not_found"):
                client.stat("a")
            client.end()

    @pytest.mark.parametrize("cuts", [[1_500_000], [200, 1_500_000, 100_000]])
    def test_a_get_goes_on(
        self,
        kind: str,
        server: Address,
        root: Path,
        tmp_path: Path,
        cuts: list[int],
        state: Path,
    ) -> None:
        """By itself, and the whole is checked."""
        (root / "a").write_bytes(BIG)
        with (
            cut(server, *(("down", count) for count in cuts)) as proxy,
            connected(kind, proxy.address) as client,
        ):
            assert client.get("a", tmp_path / "b") == Stored(len(BIG), digest(BIG))
            client.end()
        assert (tmp_path / "b").read_bytes() == BIG
        assert proxy.counts[-1]["down"] < len(BIG)
        assert remembered(state) == []

    def test_a_get_goes_on_in_another_process(
        self, kind: str, server: Address, root: Path, tmp_path: Path, state: Path
    ) -> None:
        """What has come is kept beside the place, and no half file is seen there."""
        (root / "a").write_bytes(BIG)
        out = tmp_path / "out"
        out.mkdir()
        with cut(server, ("down", 1_500_000)) as proxy:
            with connected(kind, proxy.address) as client:
                with pytest.raises(ConnectionLost):
                    client.get("a", out, retries=0)
                (draft,) = out.iterdir()
                assert draft.name.startswith(".hjp-")
                assert len(remembered(state)) == 1
            with connected(kind, proxy.address) as client:
                assert client.get("a", out, digest=False) == Stored(len(BIG), None)
            assert proxy.counts[1]["down"] < 2_000_000
        assert [it.name for it in out.iterdir()] == ["a"]
        assert (out / "a").read_bytes() == BIG

    def test_an_object_that_changed(
        self, kind: str, server: Address, root: Path, tmp_path: Path
    ) -> None:
        """Two states are never joined: it is got from the beginning."""
        (root / "a").write_bytes(BIG)
        with cut(server, ("down", 1_500_000)) as proxy:
            with (
                connected(kind, proxy.address) as client,
                pytest.raises(ConnectionLost),
            ):
                client.get("a", tmp_path / "b", retries=0)
            (root / "a").write_bytes(BIG[::-1])
            with connected(kind, proxy.address) as client:
                client.get("a", tmp_path / "b")
        assert (tmp_path / "b").read_bytes() == BIG[::-1]

    def test_a_draft_that_was_damaged(
        self, kind: str, server: Address, root: Path, tmp_path: Path
    ) -> None:
        """The digest of the whole tells; the next try begins at the beginning."""
        (root / "a").write_bytes(BIG)
        out = tmp_path / "out"
        out.mkdir()
        with cut(server, ("down", 1_500_000)) as proxy:
            with connected(kind, proxy.address) as client:
                with pytest.raises(ConnectionLost):
                    client.get("a", out, retries=0)
                (draft,) = out.iterdir()
                with draft.open("r+b") as file:
                    file.write(b"damage")
            with connected(kind, proxy.address) as client:
                with pytest.raises(TransferError, match="digest"):
                    client.get("a", out)
                assert list(out.iterdir()) == []
                client.get("a", out)
        assert (out / "a").read_bytes() == BIG

    def test_many_go_on(
        self, kind: str, server: Address, root: Path, tmp_path: Path
    ) -> None:
        """Those without a reply are put once more, and are not told to exist."""
        paths = [tmp_path / f"{number:03}" for number in range(100)]
        for path in paths:
            path.write_bytes(path.name.encode() * 1_000)
        with (
            cut(server, ("down", 3_000), ("up", 50_000)) as proxy,
            connected(kind, proxy.address) as client,
        ):
            outcomes = client.all("put_all", paths)
            client.end()
        assert [it.error for it in outcomes] == [None] * 100
        assert all((root / it.name).read_bytes() == it.read_bytes() for it in paths)

    def test_the_server_has_gone(self, kind: str, root: Path, big: Path) -> None:
        """It is tried some times, then told."""
        (root / "a").write_bytes(BIG)
        with keeping("threaded", root) as where, connected(kind, where) as client:
            client.stat("a")
            client.client._connected().close()
            client.client._address = ("127.0.0.1", 1)
            for _ in range(2):
                with pytest.raises(ConnectionLost, match="again"):
                    client.put(big, retries=1)
            with pytest.raises(ConnectionLost, match="again"):
                client.all("put_all", [big, big], retries=0)

    def test_a_program_that_gives_up(
        self, kind: str, server: Address, big: Path, root: Path
    ) -> None:
        """Its exception is raised, and the client remains of use."""
        (root / "a").write_bytes(BIG)

        def tell(done: int, total: int | None) -> None:
            if done:
                raise ZeroDivisionError

        with connected(kind, server) as client:
            with pytest.raises(ZeroDivisionError):
                client.put(big, progress=tell)
            with pytest.raises(ZeroDivisionError):
                client.get("a", progress=tell)
            assert client.get("a") == BIG
            client.close()
            with pytest.raises(NotConnected):
                client.stat("a")


HELLO: Final = {"ok": True, "features": ["files", "resume"]}
Play = Callable[[Peer], None]


def hello(peer: Peer) -> None:
    """Answer the first request."""
    assert peer.reply()[0]["op"] == "hello"
    peer.send(frame({"id": 1} | HELLO))


@contextmanager
def scripted(*plays: Play) -> Iterator[Address]:
    """A server for so many connections, each with a script after `hello`."""
    failures: list[BaseException] = []

    def serve() -> None:
        try:
            for play in plays:
                with closing(Peer.of(listener.accept()[0])) as peer:
                    hello(peer)
                    play(peer)
                    peer.end()
                    with suppress(ConnectionError):
                        peer.rest()
        except BaseException as error:
            failures.append(error)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()
        thread.join(PATIENCE)
    assert not failures


def saying(*replies: dict[str, Any], payload: bytes = b"") -> Play:
    """Answer a request with each of these, whatever is asked."""

    def play(peer: Peer) -> None:
        for number, reply in enumerate(replies, 2):
            while peer.reply()[0]["id"] != number:  # the end of what was refused
                pass
            peer.send(frame({"id": number} | reply, payload if reply["ok"] else b""))

    return play


def wrong(code: str) -> dict[str, Any]:
    """An error."""
    return {"ok": False, "error": {"code": code, "message": "m"}}


class TestMisfortune:
    """What a server answers that is no success, or not true."""

    def refused(self, kind: str, play: Play, error: type[Exception], *call: Any) -> str:
        """See one call fail; give what is said."""
        with scripted(play) as where, connected(kind, where) as client:
            with pytest.raises(error) as raised:
                getattr(client, call[0])(*call[1:], retries=0)
            client.end()
        return str(raised.value)

    def test_superseded_is_never_repeated(
        self, kind: str, big: Path, state: Path
    ) -> None:
        """HJP-RSM-14; the other one still needs the token."""
        with (
            scripted(saying(wrong("superseded"))) as where,
            connected(kind, where) as client,
        ):
            with pytest.raises(ReplyError, match="superseded"):
                client.put(big)
            client.end()
        assert len(remembered(state)) == 1

    def test_busy_is_repeated(self, kind: str) -> None:
        """After a while, on the same connection."""
        stored = {"ok": True, "size": 2}
        with (
            scripted(saying(wrong("busy"), wrong("rate_limited"), stored)) as where,
            connected(kind, where) as client,
        ):
            assert client.put(b"hi", "a", digest=False) == Stored(2, None)
            client.end()

    def test_a_token_of_another_put(self, kind: str, big: Path, state: Path) -> None:
        """HJP-RSM-2: another one is made up, once."""
        tokens: list[str] = []

        def play(peer: Peer) -> None:
            for number, code in enumerate(("no_space", "conflict", "conflict"), 2):
                while (said := peer.reply()[0])["id"] != number:
                    pass
                tokens.append(said["upload"])
                peer.send(frame({"id": number} | wrong(code)))

        with scripted(play) as where, connected(kind, where) as client:
            with pytest.raises(ReplyError, match="no_space"):
                client.put(big)
            with pytest.raises(ReplyError, match="conflict"):
                client.put(big)
            client.end()
        assert tokens[0] == tokens[1] != tokens[2]

    @pytest.mark.parametrize("code", ["size_mismatch", "digest_mismatch", "too_large"])
    def test_errors_in_the_octets(
        self, kind: str, big: Path, state: Path, code: str
    ) -> None:
        """HJP-RSM-8: there is nothing to go on with."""
        play = saying(wrong(code))
        assert code in self.refused(kind, play, ReplyError, "put", big)
        assert remembered(state) == []

    def test_a_put_that_was_committed(self, kind: str, big: Path) -> None:
        """HJP-RSM-10: the final reply comes first, and the request is ended."""
        with (
            scripted(saying({"ok": True, "size": len(BIG)}, {"ok": True})) as where,
            connected(kind, where) as client,
        ):
            assert client.put(big) == Stored(len(BIG), None)
            client.ping()
            client.end()

    def test_a_small_put_without_an_answer(self, kind: str) -> None:
        """What exists then is ours if it is the same."""
        entry = {"ok": True, "size": 2, "tag": "t", "digest": digest(b"hi")}
        for mine in (b"hi", b"ho"):
            with (
                scripted(Peer.hear, saying(wrong("exists"), entry)) as where,
                connected(kind, where) as client,
            ):
                if mine == b"hi":
                    assert client.put(mine, "a") == Stored(2, digest(mine))
                else:
                    with pytest.raises(ReplyError, match="exists"):
                        client.put(mine, "a")
                client.end()

    @pytest.mark.parametrize(
        ("reply", "call"),
        [
            ({"size": 3}, ("put", b"hi", "a")),
            ({"size": 2, "digest": "sha-256:00"}, ("put", b"hi", "a")),
            ({}, ("put", b"hi", "a")),
            ({"more": True, "offset": 5}, ("put", io.BytesIO(BIG[:70_000]), "a")),
            ({"more": True}, ("put", io.BytesIO(BIG), "a")),
            ({"size": 2}, ("get", "a")),
            ({"size": "2", "tag": "t"}, ("get", "a")),
            ({"size": 1, "tag": "t"}, ("get", "a")),
            ({"size": 3, "tag": "t"}, ("get", "a")),
            ({"size": 2, "tag": "t"}, ("get", "a")),
            ({"size": 2, "tag": "t", "digest": digest(b"ho")}, ("get", "a")),
        ],
    )
    def test_replies_that_are_not_true(
        self, kind: str, reply: dict[str, Any], call: Any
    ) -> None:
        """HJP-GET-10 and what else cannot be."""
        if reply.get("offset"):
            reply = reply | {"offset": 70_001}
        self.refused(
            kind, saying({"ok": True} | reply, payload=b"hi"), TransferError, *call
        )

    @pytest.mark.parametrize(
        "reply",
        [
            {},
            {"entries": 5},
            {"entries": [5]},
            {"entries": [{"name": "a", "size": -1}]},
            {"entries": [{"size": 1}]},
            {"entries": [{"name": "b", "size": 1}], "next": "a"},
            {"entries": [], "next": 5},
        ],
    )
    def test_lists_that_are_none(self, kind: str, reply: dict[str, Any]) -> None:
        """Nor may they go on for ever."""
        with (
            scripted(saying({"ok": True} | reply)) as where,
            connected(kind, where) as client,
        ):
            with pytest.raises(TransferError):
                client.all("list", "a")
            client.end()

    def test_names_that_a_server_should_not_send(
        self, kind: str, tmp_path: Path
    ) -> None:
        """HJP-NAM-7: they are shown, and never used as those of files."""
        names = ["../a", "/etc/passwd", "a\\b", "CON", "a.", "", "..", "a\0"]
        entries = [{"name": name, "size": 1} for name in names]
        with (
            scripted(saying({"ok": True, "entries": entries})) as where,
            connected(kind, where) as client,
        ):
            assert client.all("list") == [Entry(name, 1) for name in names]
            for name in names:
                for call in (client.get, client.stat, client.delete):
                    with pytest.raises(ValueError, match="no name"):
                        call(name)
                with pytest.raises(ValueError, match="no name"):
                    client.get(name, tmp_path)
            client.end()
        assert list(tmp_path.iterdir()) == []

    def test_a_silent_server(self, kind: str, tmp_path: Path) -> None:
        """The time is up; nothing is left of a file that never began."""
        out = tmp_path / "out"
        out.mkdir()
        with scripted(Peer.hear) as where, connected(kind, where) as client:
            client.client._timeout = 0.2
            with pytest.raises((TimeoutError, ConnectionLost)):
                client.get("a", out, retries=0)
            client.end()
        assert list(out.iterdir()) == []

    def test_a_list_that_is_left(self, kind: str) -> None:
        """Whoever takes one entry only may go on with the client."""
        entries = [{"name": "a", "size": 1}, {"name": "b", "size": 1}]
        with (
            scripted(saying({"ok": True, "entries": entries}, {"ok": True})) as where,
            connected(kind, where) as client,
        ):
            assert client.first("list") == Entry("a", 1)
            client.ping()
            client.end()


class TestSources:
    """What cannot be put as it is."""

    @pytest.fixture
    def client(self, kind: str, root: Path) -> Iterator[AnyClient]:
        with keeping("threaded", root) as where, connected(kind, where) as it:
            yield it

    def test_a_file_that_changes(
        self, client: AnyClient, big: Path, root: Path
    ) -> None:
        """Nothing of it is stored."""

        def grow(done: int, total: int | None) -> None:
            with big.open("ab") as file:
                file.write(b"x")

        with pytest.raises(TransferError, match="changed"):
            client.put(big, progress=grow)
        assert [it.name for it in client.all("list")] == []

    def test_a_file_that_is_cut(self, client: AnyClient, big: Path) -> None:
        """The same."""
        with pytest.raises(TransferError, match="changed"):
            client.put(big, progress=lambda done, total: os.truncate(big, 5))
        with io.BytesIO(BIG) as file, pytest.raises(TransferError, match="shorter"):
            client.put(file, "a", progress=lambda done, total: file.truncate(5))
        assert client.all("list") == []

    def test_a_small_one_that_is_cut(self, client: AnyClient) -> None:
        """Its size was told too soon."""

        class Shrinking(io.BytesIO):
            def read1(self, size: int | None = -1, /) -> bytes:
                return b""

        with pytest.raises(TransferError, match="another size"):
            client.put(Shrinking(b"hi"), "a")

    def test_what_is_no_source(self, client: AnyClient, tmp_path: Path) -> None:
        """Mistakes of the program, and files that are not there."""
        for source, error in (
            (io.StringIO("text"), TypeError),
            (5, TypeError),
            (tmp_path, IsADirectoryError),
            (tmp_path / "none", FileNotFoundError),
        ):
            with pytest.raises(error):
                client.put(source, "a")
        for name in (None, "a/b", "CON"):
            with pytest.raises(ValueError, match="name"):
                client.put(b"hi", name)

    def test_places_that_are_none(self, client: AnyClient, tmp_path: Path) -> None:
        """The error is the disk's, and the client remains of use."""
        client.put(b"hi", "a")
        with pytest.raises(FileNotFoundError):
            client.get("a", tmp_path / "none" / "a")
        with pytest.raises(ReplyError, match="not_found"):
            client.get("b", tmp_path)
        assert client.get("a") == b"hi"

    def test_two_gets_into_one_place(self, client: AnyClient, tmp_path: Path) -> None:
        """The second one does not take the draft of the first."""
        client.put(b"hi", "a")

        def again(done: int, total: int | None) -> None:
            with Client(client.client.origin) as other:
                other.get("a", tmp_path / "b")

        with pytest.raises(TransferError, match="already"):
            client.get("a", tmp_path / "b", progress=again)
        client.get("a", tmp_path / "b")

    def test_a_sink_that_cannot_go_back(self, kind: str) -> None:
        """Another state of the object cannot be joined to what was given away."""

        class Pipe:
            def __init__(self) -> None:
                self.octets = b""

            def write(self, octets: bytes) -> None:
                self.octets += octets

        part = {"ok": True, "more": True, "size": 5, "tag": "t"}

        def play(peer: Peer) -> None:
            peer.reply()
            peer.send(frame({"id": 2} | part, b"hi"))
            peer.send(frame({"id": 2} | wrong("changed")))

        whole = {"ok": True, "size": 2, "tag": "u", "digest": digest(b"ho")}

        def play_twice(peer: Peer) -> None:
            play(peer)
            peer.reply()
            peer.send(frame({"id": 3} | whole, b"ho"))

        with scripted(play_twice) as where, connected(kind, where) as client:
            assert client.get("a") == b"ho"
            client.end()
        with scripted(play) as where, connected(kind, where) as client:
            with pytest.raises(TransferError, match="again"):
                client.get("a", Pipe())
            client.end()
        with scripted(play) as where, connected(kind, where) as client:
            with pytest.raises(ReplyError, match="changed"):
                client.get("a", retries=0)
            client.end()


class TestUnfinished:
    """What is remembered."""

    def test_only_for_this_user(self, state: Path) -> None:
        """A token is a secret."""
        unfinished.keep("key", upload="t")
        (path,) = state.iterdir()
        assert (state.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (
            0o700,
            0o600,
        )
        assert unfinished.find("key") == {"upload": "t"}
        unfinished.drop("key")
        unfinished.drop("key")
        assert unfinished.find("key") == {}

    def test_it_is_bounded(self, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """In number and in age."""
        monkeypatch.setattr(unfinished, "_MOST", 3)
        for number in range(5):
            unfinished.keep(f"{number}", upload="t")
            for path in state.iterdir():
                os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 10))
        assert len(list(state.iterdir())) == 3
        assert unfinished.find("4") == {"upload": "t"}
        assert unfinished.find("0") == {}
        for path in state.iterdir():
            os.utime(path, (0, 0))
        unfinished.keep("5", upload="t")
        assert len(list(state.iterdir())) == 1

    def test_what_it_cannot_use(
        self, state: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Is as if it were not there."""
        unfinished.keep("key", upload="t")
        (path,) = state.iterdir()
        for text in ("{", "[]", '{"key":"other","upload":"t"}'):
            path.write_text(text)
            assert unfinished.find("key") == {}
        monkeypatch.setenv("XDG_STATE_HOME", str(path))
        unfinished.keep("key", upload="t")
        assert unfinished.find("key") == {}
        monkeypatch.setenv("XDG_STATE_HOME", "relative")
        monkeypatch.setenv("HOME", "/home/x")
        assert unfinished.folder() == Path("/home/x/.local/state/hjp")


class TestTasks:
    """What only the asyncio client can do."""

    def test_together(self, root: Path, big: Path) -> None:
        """Puts of several tasks on one connection follow each other."""

        async def run(url: str) -> None:
            async with AsyncClient(url, timeout=PATIENCE) as client:
                names = [f"{number}" for number in range(5)]
                await asyncio.gather(*(client.put(big, name) for name in names))
                got = await asyncio.gather(*map(client.get, names))
                assert set(got) == {BIG}

        with keeping("asyncio", root) as where:
            asyncio.run(run(format_url(*where)))

    def test_cancelled(self, root: Path, big: Path) -> None:
        """A put that is cancelled stores nothing, and can be taken up."""

        async def run(url: str) -> None:
            begun = asyncio.Event()
            async with AsyncClient(url, timeout=PATIENCE) as client:
                put = client.put(big, progress=lambda done, total: begun.set())
                task = asyncio.create_task(put)
                await begun.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert (await client.put(big)).size == len(BIG)

        with keeping("asyncio", root) as where:
            asyncio.run(run(format_url(*where)))
