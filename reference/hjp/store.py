"""A folder whose files are objects: what is there, and how it changes.

Names are opened relative to a descriptor of the folder and links are not followed,
so nothing outside of it is ever touched (HJP-NAM-6), whatever is done to the folder
meanwhile. Needs a POSIX system, and is with `hjp.stages` the only part that does.
"""

import contextlib
import errno
import heapq
import os
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hjp.durability import Durability
from hjp.errors import Code, ReplyError
from hjp.names import is_name

try:
    import fcntl
except ImportError:  # pragma: no cover (it is Windows)
    raise ImportError("keeping files needs a POSIX system") from None

__all__ = ["Room", "Source", "State", "Store", "Syncer", "told"]

STAGE_FOLDER: Final = ".hjp:stage"
"""Within the root, so in the same file system; no name, because of the colon."""

_CODES: Final = {
    errno.ENOENT: (Code.NOT_FOUND, "there is no such object"),
    errno.ELOOP: (Code.NOT_FOUND, "there is no such object"),
    errno.ENXIO: (Code.NOT_FOUND, "there is no such object"),
    errno.EEXIST: (Code.EXISTS, "there is an object of this name"),
    errno.ENAMETOOLONG: (Code.BAD_NAME, "the file system cannot hold this name"),
    errno.EILSEQ: (Code.BAD_NAME, "the file system cannot hold this name"),
    errno.EINVAL: (Code.BAD_NAME, "the file system cannot hold this name"),
    errno.ENOSPC: (Code.NO_SPACE, "the store is full"),
    errno.EDQUOT: (Code.NO_SPACE, "the store is full"),
    errno.EFBIG: (Code.NO_SPACE, "the store takes no file of this size"),
    errno.EACCES: (Code.FORBIDDEN, "the store does not allow it"),
    errno.EPERM: (Code.FORBIDDEN, "the store does not allow it"),
    errno.EROFS: (Code.FORBIDDEN, "the store is read-only"),
    errno.EMFILE: (Code.BUSY, "too many files are open"),
    errno.ENFILE: (Code.BUSY, "too many files are open"),
}

_CLOSED: Final = -1

_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Turn what the system says into what a client is told; the rest passes."""
    try:
        yield
    except OSError as error:
        if error.errno not in _CODES:
            raise
        raise ReplyError(*_CODES[error.errno]) from error


@dataclass(frozen=True, slots=True)
class State:
    """One state of an object."""

    size: int
    tag: str
    modified_ms: int

    @classmethod
    def of(cls, status: os.stat_result) -> "State":
        """Read what the file system says (HJP-GET-8).

        Raises:
            ReplyError: ``not_found``; what is no regular file is no object.
        """
        if not stat.S_ISREG(status.st_mode):
            raise ReplyError(*_CODES[errno.ENOENT])
        parts = status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        tag = "-".join(f"{part:x}" for part in parts)
        return cls(status.st_size, tag, status.st_mtime_ns // 1_000_000)


class Room:
    """Octets that objects and stages may take together.

    Args:
        quota: How many; ``None`` for as many as there is room for.
        used: How many they take now.
    """

    def __init__(self, quota: int | None, used: int) -> None:
        self._quota = quota
        self._used = used
        self._lock = threading.Lock()

    def check(self, count: int) -> None:
        """See whether so many octets more could be had now.

        Raises:
            ReplyError: ``no_space``.
        """
        if self._quota is not None and self._used + count > self._quota:
            raise ReplyError(Code.NO_SPACE, "the store's quota is used up")

    def take(self, count: int) -> None:
        """Take room for so many octets; raises as `check` does."""
        with self._lock:
            self.check(count)
            self._used += count

    def add(self, count: int) -> None:
        """Count octets that are there already, or with a minus no more."""
        with self._lock:
            self._used += count

    def give(self, count: int) -> None:
        """Give room back."""
        self.add(-count)


class Syncer:
    """Brings a folder to stable storage, for many at once.

    Whoever comes while a sync is under way waits for the next one and shares it.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._changed = threading.Condition()
        self._begun = 0
        self._done = 0
        self._is_running = False

    def sync(self) -> None:
        """Return when a sync that began after this call is done."""
        with self._changed:
            wanted = self._begun + 1
            while self._is_running and self._done < wanted:
                self._changed.wait()
            if self._done >= wanted:
                return
            self._is_running = True
            self._begun = number = wanted
        try:
            os.fsync(self._descriptor)
        finally:
            with self._changed:
                self._is_running = False
                self._done = number
                self._changed.notify_all()


class Source:
    """An object that is open for reading: one state of it (HJP-GET-5).

    A context manager.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        status = os.fstat(descriptor)
        self.state = State.of(status)
        self._seen = status.st_mtime_ns

    def read(self, offset: int, count: int) -> bytes:
        """Read just so many octets.

        Raises:
            ReplyError: ``changed``; the file is written to, or was cut (HJP-GET-6).
        """
        octets = os.pread(self._descriptor, count, offset)
        # Not the time of change of the inode: a `put` of the same name changes that,
        # and what was opened can be read on.
        status = os.fstat(self._descriptor)
        is_same = (status.st_size, status.st_mtime_ns) == (self.state.size, self._seen)
        if len(octets) != count or not is_same:
            raise ReplyError(Code.CHANGED, "the object is being changed")
        return octets

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


class Store:
    """The objects in a folder.

    Args:
        root: The folder.
        durability: What is on stable storage when a change is answered.
        quota: Octets that objects and stages may take together. What is there is
            counted once, at the start: what others add or remove later is not.

    Attributes:
        durability: As given.
        room: What is left of the quota.
        stages: A descriptor of the folder for stages; ``None`` where nothing can be
            written, so that every change is ``forbidden``.

    Raises:
        OSError: There is no such folder, or another server uses it.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        durability: Durability = Durability.FULL,
        quota: int | None = None,
    ) -> None:
        self.durability = durability
        self.stages: int | None = None
        self._names = threading.Lock()  # what a name means changes under it
        self._latest_ns = 0
        self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self.stages = _open_stages(self._root)
        except BaseException:
            self.close()
            raise
        self.room = Room(quota, _octets_in(self._root))
        self._syncer = Syncer(self._root)

    def close(self) -> None:
        """Close the folder; what still uses it finds no other one in its place."""
        os.close(self._root)
        self._root = _CLOSED
        if self.stages is not None:
            os.close(self.stages)
            self.stages = _CLOSED

    def stat(self, name: str) -> State:
        """Look at an object.

        Raises:
            ReplyError: ``not_found``.
        """
        with told():
            return State.of(self._status(name))

    def open(self, name: str) -> Source:
        """Open an object.

        Raises:
            ReplyError: ``not_found``, or what the system says.
        """
        self.stat(name)  # opening may do something where it is no file
        with told(), contextlib.ExitStack() as stack:
            descriptor = os.open(name.encode(), _OPEN, dir_fd=self._root)
            stack.callback(os.close, descriptor)
            source = Source(descriptor)
            stack.pop_all()
            return source

    def has(self, name: str) -> bool:
        """Whether something has this name, be it an object or not."""
        with told():
            try:
                self._status(name)
            except FileNotFoundError:
                return False
            return True

    def list(self, after: str) -> Iterator[tuple[str, State]]:
        """Give the objects with names above a text, in the order of their octets."""
        with (
            self._names,
            told(),
        ):  # a name that is replaced meanwhile must not be missed
            found = {os.fsencode(name) for name in os.listdir(self._root)}
        lower = after.encode()
        heap = [octets for octets in found if octets > lower]
        heapq.heapify(heap)
        while heap:
            name = _name(heapq.heappop(heap))
            if name is None:
                continue
            with contextlib.suppress(ReplyError):  # it has gone, or is no object
                yield name, self.stat(name)

    def delete(self, name: str, tag: str | None) -> None:
        """Remove an object.

        Args:
            name: Its name.
            tag: Only in the state with this tag (HJP-GET-4).

        Raises:
            ReplyError: ``not_found``, ``changed``, or what the system says.
        """
        with self._names, told():
            state = State.of(self._status(name))
            if tag not in (None, state.tag):
                raise ReplyError(Code.CHANGED, "the object has another tag")
            os.unlink(name.encode(), dir_fd=self._root)
        self.room.give(state.size)
        self._sync()

    def commit(
        self, descriptor: int, stage: str, name: str, *, overwrite: bool
    ) -> None:
        """Make a stage the object of a name, at once (HJP-PUT-16).

        Args:
            descriptor: The stage's file, open.
            stage: Its name in the folder of stages; gone after it.
            name: The name.
            overwrite: Whether an object that is there is replaced.

        Raises:
            ReplyError: ``exists``, ``forbidden`` or what the system says; nothing
                has changed.
        """
        with self._names, told():
            self._set_time(descriptor)
            if overwrite:
                self._replace(stage, name)
            else:
                target = name.encode()
                os.link(stage, target, src_dir_fd=self.stages, dst_dir_fd=self._root)
                os.unlink(stage, dir_fd=self.stages)
        self._sync()

    def _replace(self, stage: str, name: str) -> None:
        old = 0
        with contextlib.suppress(FileNotFoundError):
            status = self._status(name)
            if not stat.S_ISREG(status.st_mode):  # HJP-NAM-6
                raise ReplyError(Code.FORBIDDEN, "what has this name is no object")
            old = status.st_size
        target = name.encode()
        os.rename(stage, target, src_dir_fd=self.stages, dst_dir_fd=self._root)
        self.room.give(old)

    def _set_time(self, descriptor: int) -> None:
        """Give each commit a time of its own.

        An inode is used again at once and the system's clock moves in steps of
        milliseconds: without this, two states could have the same tag.
        """
        self._latest_ns = max(self._latest_ns + 1, time.time_ns())
        os.utime(descriptor, ns=(self._latest_ns, self._latest_ns))

    def _status(self, name: str) -> os.stat_result:
        return os.stat(name.encode(), dir_fd=self._root, follow_symlinks=False)

    def _sync(self) -> None:
        if self.durability is Durability.FULL:
            self._syncer.sync()


def _name(octets: bytes) -> str | None:
    """HJP-LST-5: what the file system holds, as a name."""
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return None
    return text if is_name(text) else None


def _octets_in(folder: int) -> int:
    with os.scandir(folder) as entries:
        return sum(
            entry.stat(follow_symlinks=False).st_size
            for entry in entries
            if entry.is_file(follow_symlinks=False)
        )


def _open_stages(root: int) -> int | None:
    """Open the folder for stages, make it if need be, and let nobody else in."""
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(STAGE_FOLDER, 0o700, dir_fd=root)
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        folder = os.open(STAGE_FOLDER, flags, dir_fd=root)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return None  # what can only be read is offered to be read
        raise
    try:
        _try_stages(root, folder)
    except BaseException:
        os.close(folder)
        raise
    return folder


def _try_stages(root: int, folder: int) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OSError("another server keeps files there") from None
    if os.fstat(root).st_dev != os.fstat(folder).st_dev:
        raise OSError(f"{STAGE_FOLDER} in it is another file system")
    _try_links(folder)


def _try_links(folder: int) -> None:
    """See whether a name can be given without replacing anything."""
    one, two = "one.tmp", "two.tmp"
    for name in (one, two):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)
    os.close(os.open(one, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600, dir_fd=folder))
    try:
        os.link(one, two, src_dir_fd=folder, dst_dir_fd=folder)
        os.unlink(two, dir_fd=folder)
    except OSError:
        raise OSError("its file system has no hard links") from None
    finally:
        os.unlink(one, dir_fd=folder)
