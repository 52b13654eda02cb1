"""store.py, stages.py, uploads.py: what is on the disk, at any moment of a crash."""

import contextlib
import errno
import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hjp import stages, uploads
from hjp.durability import Durability
from hjp.errors import ReplyError
from hjp.files import Files
from hjp.stages import Stage
from hjp.store import STAGE_FOLDER, Room, Store, Syncer
from hjp.uploads import Terms, Uploads, UploadStage

from .hjp_files import digest, token
from .hjp_peer import PATIENCE, Peer

TERMS = Terms("a", None, None, overwrite=False)
OVER = Terms("a", None, None, overwrite=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty one."""
    it = Store(tmp_path, Durability.NONE)
    yield it
    it.close()


def code_of(call: Callable[[], Any]) -> str:
    """The code of what is raised."""
    with pytest.raises(ReplyError) as info:
        call()
    return info.value.code


def claim(it: Uploads, number: int = 1, terms: Terms = TERMS) -> UploadStage:
    """A stage of which nothing was committed."""
    stage = it.claim(token(number), terms, lambda: None)
    assert isinstance(stage, UploadStage)
    return stage


def add(stage: Stage, octets: bytes) -> None:
    """A whole frame."""
    with stage.held():
        stage.write(octets)
        stage.keep()


class TestOpening:
    """What a store needs of its folder."""

    def test_nothing_there(self, tmp_path: Path) -> None:
        """An OSError that says so."""
        with pytest.raises(FileNotFoundError):
            Store(tmp_path / "none")
        (tmp_path / "file").touch()
        with pytest.raises(NotADirectoryError):
            Store(tmp_path / "file")

    def test_another_server(self, tmp_path: Path, store: Store) -> None:
        """One at a time."""
        with pytest.raises(OSError, match="another server"):
            Store(tmp_path)
        assert store.stages is not None

    def test_a_folder_for_stages_that_is_none(self, tmp_path: Path) -> None:
        """A link in its place is not followed."""
        (tmp_path / STAGE_FOLDER).symlink_to("/tmp")
        with pytest.raises(OSError, match="Not a directory"):
            Store(tmp_path)

    def test_no_hard_links(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without them nothing can be put under a name at once."""

        def link(*_: Any, **__: Any) -> None:
            raise PermissionError(errno.EPERM, "no")

        with monkeypatch.context() as patch:
            patch.setattr(os, "link", link)
            with pytest.raises(OSError, match="no hard links"):
                Store(tmp_path)
        assert os.listdir(tmp_path / STAGE_FOLDER) == []
        Store(tmp_path).close()

    def test_stages_on_another_file_system(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """HJP-FOD-2."""
        real = os.fstat

        def fstat(descriptor: int) -> os.stat_result:
            status = [*real(descriptor)]
            status[2] = descriptor  # st_dev
            return os.stat_result(status)

        with monkeypatch.context() as patch:
            patch.setattr(os, "fstat", fstat)
            with pytest.raises(OSError, match="another file system"):
                Store(tmp_path)

    @pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM])
    def test_only_reading(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        """What is there is offered; a put is `forbidden`."""

        def mkdir(*_: Any, **__: Any) -> None:
            raise OSError(number, "no")

        (tmp_path / "a").write_text("hi")
        with monkeypatch.context() as patch:
            patch.setattr(os, "mkdir", mkdir)
            files = Files(tmp_path)
        with files:
            store = files._store
            assert store.stages is None
            assert store.stat("a").size == 2

    def test_the_folder_is_ours_alone(self, tmp_path: Path, store: Store) -> None:
        """Mode 0700, whatever the umask."""
        assert (tmp_path / STAGE_FOLDER).stat().st_mode & 0o777 == 0o700

    def test_not_on_windows(self) -> None:
        """A sentence, where the system lacks what is needed."""
        script = (
            "import sys; sys.modules['fcntl'] = None\n"
            "try:\n import hjp.files\n"
            "except ImportError as error:\n print(error)"
        )
        run = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )
        assert run.stdout == "keeping files needs a POSIX system\n"


class TestErrors:
    """What the system says, as a client is told it."""

    @pytest.mark.parametrize(
        ("number", "code"),
        [
            (errno.ENOSPC, "no_space"),
            (errno.EDQUOT, "no_space"),
            (errno.EFBIG, "no_space"),
            (errno.EROFS, "forbidden"),
            (errno.EACCES, "forbidden"),
            (errno.EMFILE, "busy"),
            (errno.EILSEQ, "bad_name"),
        ],
    )
    def test_codes(
        self, store: Store, monkeypatch: pytest.MonkeyPatch, number: int, code: str
    ) -> None:
        """Of an open that fails."""

        def fail(*_: Any, **__: Any) -> int:
            raise OSError(number, "secret")

        with monkeypatch.context() as patch:
            patch.setattr(os, "open", fail)
            assert code_of(lambda: Stage.without_upload(store)) == code

    def test_others_pass(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        """A disk that breaks is for the log."""

        def fail(*_: Any, **__: Any) -> os.stat_result:
            raise OSError(errno.EIO, "broken")

        with monkeypatch.context() as patch:
            patch.setattr(os, "stat", fail)
            with pytest.raises(OSError, match="broken"):
                store.stat("a")

    def test_a_name_that_may_not_be_looked_at(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whether it is there cannot be told."""

        def fail(*_: Any, **__: Any) -> os.stat_result:
            raise PermissionError(errno.EACCES, "no")

        with monkeypatch.context() as patch:
            patch.setattr(os, "stat", fail)
            assert code_of(lambda: store.has("a")) == "forbidden"

    def test_a_file_that_is_too_long(self, store: Store) -> None:
        """RLIMIT_FSIZE: what fits is kept, and its room counted."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        stage = Stage.without_upload(store)
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, hard))
        try:
            assert code_of(lambda: stage.write(bytes(9000))) == "no_space"
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert stage.size == 5000
        stage.leave()

    def test_an_object_that_cannot_be_opened(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It becomes a folder between the look and the opening."""
        (tmp_path / "a").touch()
        real = os.open

        def opening(path: Any, flags: int, *rest: Any, **options: Any) -> int:
            if path == b"a":
                os.unlink(tmp_path / "a")
                os.mkdir(tmp_path / "a")
            return real(path, flags, *rest, **options)

        before = len(os.listdir("/proc/self/fd"))
        with monkeypatch.context() as patch:
            patch.setattr(os, "open", opening)
            assert code_of(lambda: store.open("a")) == "not_found"
        assert len(os.listdir("/proc/self/fd")) == before


class TestSyncer:
    """Many share one sync; each gets one that began after it asked."""

    def test_shared(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Ten that come while one runs take one more."""
        calls: list[int] = []
        entered, go_on = threading.Semaphore(0), threading.Semaphore(0)

        def fsync(descriptor: int) -> None:
            calls.append(descriptor)
            entered.release()
            assert go_on.acquire(timeout=PATIENCE)

        monkeypatch.setattr(os, "fsync", fsync)
        syncer = Syncer(5)
        first = threading.Thread(target=syncer.sync)
        first.start()
        assert entered.acquire(timeout=PATIENCE)
        others = [threading.Thread(target=syncer.sync) for _ in range(10)]
        for thread in others:
            thread.start()
        deadline = time.monotonic() + PATIENCE
        while len(syncer._changed._waiters) < 10:  # type: ignore[attr-defined]
            assert time.monotonic() < deadline
        go_on.release()
        assert entered.acquire(timeout=PATIENCE)
        go_on.release()
        for thread in [first, *others]:
            thread.join(PATIENCE)
        assert calls == [5, 5]

    def test_failure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever has synced learns it, and the next one tries again."""
        outcomes = iter([OSError(errno.EIO, "broken"), None])

        def fsync(_: int) -> None:
            outcome = next(outcomes)
            if outcome:
                raise outcome

        monkeypatch.setattr(os, "fsync", fsync)
        syncer = Syncer(5)
        with pytest.raises(OSError, match="broken"):
            syncer.sync()
        syncer.sync()
        assert next(outcomes, "none") == "none"


def test_room() -> None:
    """What was taken can be given back; without a quota there is always more."""
    room = Room(10, 4)
    room.take(6)
    assert code_of(lambda: room.take(1)) == "no_space"
    assert code_of(lambda: room.check(1)) == "no_space"
    room.give(1)
    room.check(1)
    Room(None, 0).take(2**60)


class TestReceive:
    """A stage that takes octets from the transport itself."""

    @pytest.fixture
    def pair(self) -> Iterator[tuple[socket.socket, socket.socket]]:
        """Where it reads, and where it is written."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with ours, theirs:
            yield ours, theirs

    def test_what_is_there(
        self, store: Store, pair: tuple[socket.socket, socket.socket]
    ) -> None:
        """So many and no more; what comes a little later; nothing; the end."""
        ours, theirs = pair
        stage = Stage.without_upload(store)
        stage.most = 100
        stage.hash_from_now()
        theirs.sendall(b"abcdef")
        assert stage.receive(ours.fileno(), 4) == 4
        assert stage.receive(ours.fileno(), 4) == 2
        assert stage.receive(ours.fileno(), 4) == 0
        theirs.close()
        assert stage.receive(ours.fileno(), 4) == 0
        assert os.pread(stage.descriptor, 9, 0) == b"abcdef"
        assert stage.hasher is not None
        assert stage.hasher.digest() == digest(b"abcdef")
        stage.leave()

    def test_a_reset(self, store: Store) -> None:
        """It is for others to find out."""
        stage = Stage.without_upload(store)
        stage.most = 100
        with socket.create_server(("127.0.0.1", 0)) as listener:
            theirs = Peer(listener.getsockname())
            with listener.accept()[0] as ours:
                ours.setblocking(False)
                theirs.reset()
                while stage.receive(ours.fileno(), 4):
                    pass
        assert stage.size == 0
        stage.leave()

    def test_one_more_than_it_may_have(
        self, store: Store, pair: tuple[socket.socket, socket.socket]
    ) -> None:
        """That shows that there are too many; the rest stays where it is."""
        ours, theirs = pair
        stage = Stage.without_upload(store)
        stage.most = 3
        theirs.sendall(b"abcdef")
        assert stage.receive(ours.fileno(), 6) == 4
        assert ours.recv(9) == b"ef"
        stage.leave()

    def test_no_room(
        self, store: Store, pair: tuple[socket.socket, socket.socket]
    ) -> None:
        """What was taken counts as taken; whoever goes on learns it."""
        ours, theirs = pair
        store.room = Room(3, 0)
        stage = Stage.without_upload(store)
        stage.most = 100
        theirs.sendall(b"abcdef")
        assert stage.receive(ours.fileno(), 6) == 6
        assert code_of(lambda: add(stage, b"")) == "no_space"
        stage.leave()
        assert store.room._used == 0

    def test_too_many_at_once(
        self, store: Store, pair: tuple[socket.socket, socket.socket]
    ) -> None:
        """Memory is bounded: whoever finds no buffer takes the slow way."""
        ours, theirs = pair
        stage = Stage.without_upload(store)
        stage.most = 100
        theirs.sendall(b"abc")
        with contextlib.ExitStack() as stack:
            while stages._lanes.acquire(blocking=False):
                stack.callback(stages._lanes.release)
            assert stage.receive(ours.fileno(), 6) == 0
        assert stage.receive(ours.fileno(), 6) == 3
        stage.leave()
        assert len(stages._buffers) <= 16

    def test_superseded(
        self, store: Store, pair: tuple[socket.socket, socket.socket]
    ) -> None:
        """Not an octet more is written."""
        ours, theirs = pair
        it = Uploads(store, 10)
        old = claim(it)
        old.most = 100
        new = claim(it)
        theirs.sendall(b"abc")
        assert old.receive(ours.fileno(), 6) == 0
        assert ours.recv(9) == b"abc"
        old.leave()
        assert code_of(lambda: add(old, b"")) == "superseded"
        add(new, b"abc")
        new.leave()


class TestUploads:
    """Stages that stay."""

    def test_expiry(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        """HJP-RSM-9: 24 hours after the last use, not while in use, by no clock."""
        now = time.monotonic()
        it = Uploads(store, 10)
        used, left = claim(it, 1), claim(it, 2)
        add(left, b"abc")
        left.leave()
        done = claim(it, 3)
        done.commit("a", overwrite=False, reply={"size": 0})
        done.leave()
        assert store.stages is not None
        for seconds, notes in ((86_000, 3), (86_500, 1), (999_999, 1)):
            monkeypatch.setattr(time, "monotonic", lambda at=seconds: now + at)
            monkeypatch.setattr(time, "time", lambda: 0.0)
            it.expire()
            files = os.listdir(store.stages)
            assert len([file for file in files if file.endswith(".json")]) == notes
            it.expire()  # it was just looked
        used.leave()
        assert claim(it, 2).size == 0
        assert store.room._used == 0

    def test_expiry_at_the_start(self, store: Store) -> None:
        """By the times of the files."""
        it = Uploads(store, 10)
        for number, age in ((1, 90_000), (2, 80_000), (3, -90_000)):
            stage = claim(it, number)
            add(stage, b"abc")
            stage.leave()
            for file in (f"{token(number)}.json", f"{token(number)}.part"):
                at = time.time() - age
                os.utime(file, (at, at), dir_fd=store.stages)
        it = Uploads(store, 10)
        assert [claim(it, number).size for number in (1, 2, 3)] == [0, 3, 3]

    def test_what_others_left(self, store: Store) -> None:
        """Files without a note, notes without a file, notes that are none."""
        assert store.stages is not None
        it = Uploads(store, 10)
        stage = claim(it)
        add(stage, b"abc")
        stage.leave()

        def write(file: str, text: str) -> None:
            descriptor = os.open(
                file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, dir_fd=store.stages
            )
            with open(descriptor, "w") as opened:
                opened.write(text)

        note = json.dumps({"terms": {"x": 1}, "reply": None, "boot": "", "synced": 0})
        good = os.open(f"{token(1)}.json", os.O_RDONLY, dir_fd=store.stages)
        with open(good) as opened:
            text = opened.read()
        for number, content in enumerate(("", "{", "[]", "null", note, text)):
            write(f"{token(number + 5)}.json", content)
        for number in range(5):
            write(f"{token(number + 5)}.part", "abc")
        write("x.part", "abc")
        write("y.tmp", "abc")
        store.room = Room(100, 0)
        it = Uploads(store, 10)
        assert sorted(os.listdir(store.stages)) == [
            f"{token(1)}.json", f"{token(1)}.part",
        ]  # fmt: skip
        assert claim(it).size == 3
        assert store.room._used == 3

    def test_a_crash_of_the_machine(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """HJP-RSM-16: after it only what was synced is trusted."""
        boot = tmp_path / "boot"
        monkeypatch.setattr(uploads, "_BOOT", boot)
        root = tmp_path / "root"
        root.mkdir()
        store = Store(root, Durability.FILE)
        for known, boots in ((True, ("1", "2")), (False, ("", ""))):
            boot.write_text(boots[0])
            it = Uploads(store, 10)
            stage = claim(it, 1 + known)
            add(stage, b"abc")
            stage.leave()
            stage = claim(it, 1 + known)
            assert stage.settle() == 3
            add(stage, b"def")
            stage.leave()
            assert claim(Uploads(store, 10), 1 + known).size == (6 if known else 3)
            boot.write_text(boots[1])
            stage = claim(Uploads(store, 10), 1 + known)
            assert stage.size == 3
            add(stage, b"DEF")
            assert os.pread(stage.descriptor, 9, 0) == b"abcDEF"
            stage.leave()
        boot.unlink()
        assert claim(Uploads(store, 10), 2).size == 3
        store.close()

    def test_what_is_not_trusted_without_syncs(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With --durability none nothing survives a crash of the machine."""
        stage = claim(Uploads(store, 10))
        add(stage, b"abc")
        assert stage.settle() == 3
        stage.leave()
        monkeypatch.setattr(uploads, "_BOOT", tmp_path / "none")
        assert claim(Uploads(store, 10)).size == 0

    @pytest.mark.parametrize("step", ["part", "note"])
    def test_no_room_for_a_new_one(
        self, store: Store, monkeypatch: pytest.MonkeyPatch, step: str
    ) -> None:
        """Nothing is left of it, and it can be tried again."""
        it = Uploads(store, 10)
        real = os.open

        def opening(path: str, *rest: Any, **options: Any) -> int:
            if path.endswith(".part" if step == "part" else ".tmp"):
                raise OSError(errno.ENOSPC, "full")
            return real(path, *rest, **options)

        before = len(os.listdir("/proc/self/fd"))
        with monkeypatch.context() as patch:
            patch.setattr(os, "open", opening)
            assert code_of(lambda: claim(it)) == "no_space"
        assert len(os.listdir("/proc/self/fd")) == before
        assert store.stages is not None
        assert os.listdir(store.stages) == []
        assert claim(it).size == 0

    def test_an_upload_that_goes_while_another_waits(self, store: Store) -> None:
        """The waiting one begins anew (HJP-RSM-8)."""
        it = Uploads(store, 10)
        stage = claim(it)
        add(stage, b"abc")
        offsets: list[int] = []
        thread = threading.Thread(target=lambda: offsets.append(claim(it).size))
        with stage.held():
            thread.start()
            threading.Event().wait(0.05)
            stage.discard()
        thread.join(PATIENCE)
        assert offsets == [0]
        assert code_of(lambda: add(stage, b"def")) == "superseded"
        stage.leave()


CRASHES = """
import itertools, os, sys
from hjp.durability import Durability
from hjp.store import Store
from hjp.uploads import Terms, Uploads

root, terms = sys.argv[1], Terms("a", None, None, overwrite=sys.argv[2] == "True")
left = 0

def deadly(real):
    def call(*arguments, **options):
        global left
        if not left:
            os.kill(os.getpid(), 9)
        left -= 1
        return real(*arguments, **options)
    return call

def run(folder, calls):
    global left
    store = Store(folder, Durability.FULL)
    uploads = Uploads(store, 10)
    left = calls
    for name in "open write fsync link rename unlink utime ftruncate close".split():
        setattr(os, name, deadly(getattr(os, name)))
    stage = uploads.claim("0" * 31 + "1", terms, lambda: None)
    for octets in (b"abc", b"def"):
        with stage.held():
            stage.write(octets)
            stage.keep()
            stage.settle()
    stage.commit("a", overwrite=terms.overwrite, reply={"size": 6})
    stage.leave()
    os._exit(0)

for calls in itertools.count():
    folder = f"{root}/{calls}"
    os.mkdir(folder)
    if terms.overwrite:
        with open(f"{folder}/a", "w") as file:
            file.write("old")
    child = os.fork()
    if not child:
        run(folder, calls)
    if os.waitpid(child, 0)[1] == 0:
        break
"""


class TestCrash:
    """kill -9 before every single step on the disk."""

    @pytest.mark.parametrize("terms", [TERMS, OVER], ids=["create", "overwrite"])
    def test_at_every_step(self, tmp_path: Path, terms: Terms) -> None:
        """Committed with its result, or going on; never both, never neither."""
        script = [sys.executable, "-c", CRASHES, str(tmp_path), str(terms.overwrite)]
        subprocess.run(script, check=True, timeout=50)
        outcomes = [
            self.outcome(tmp_path / str(calls), terms)
            for calls in range(len(os.listdir(tmp_path)))
        ]
        assert outcomes[0] == 0
        assert outcomes[-1] == "committed"
        order = [0, 3, 6, "committed"]
        places = [order.index(it) for it in outcomes]
        assert places == sorted(places)
        assert set(outcomes) == set(order)

    def outcome(self, folder: Path, terms: Terms) -> int | str:
        """Where the next server finds it; that it can be finished."""
        before = (folder / "a").read_bytes() if (folder / "a").exists() else None
        store = Store(folder, Durability.NONE)
        it = Uploads(store, 10)
        found = it.claim(token(1), terms, lambda: None)
        outcome: int | str = "committed"
        if isinstance(found, UploadStage):
            outcome = found.size
            assert before == (b"old" if terms.overwrite else None)
            add(found, b"abcdef"[found.size :])
            found.commit("a", overwrite=terms.overwrite, reply={"size": 6})
            found.leave()
        assert it.claim(token(1), terms, lambda: None) == {"size": 6}
        assert (folder / "a").read_bytes() == b"abcdef"
        assert os.listdir(folder / STAGE_FOLDER) == [f"{token(1)}.json"]
        assert store.room._used == 6
        store.close()
        return outcome
