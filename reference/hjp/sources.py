"""What is put: a file by its path, octets, or anything that can be read."""

import io
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from hjp.digests import Hasher
from hjp.errors import TransferError

__all__ = ["PathLike", "Puttable", "Readable", "Source", "open_source"]

PathLike: TypeAlias = str | os.PathLike[str]

_CHUNK: Final = 1024 * 1024


class Readable(Protocol):
    """A file object; with ``seekable``, ``seek`` and ``tell`` it can be resumed."""

    def read(self, size: int, /) -> bytes:
        """Give some octets, none at the end."""


Puttable: TypeAlias = PathLike | bytes | bytearray | memoryview | Readable
"""A path, octets, or a file object."""


class Source:
    """Octets that are read in order, from the beginning or from an offset.

    Attributes:
        name: What the object is called if nobody says otherwise.
        size: How many octets there are, ``None`` if that shows only at their end.
        can_seek: Whether they can be read once more.
        identity: What tells this file, as it is now, from others; ``None`` for what
            another process cannot find again.
    """

    identity: str | None = None

    def __init__(self, file: Any, name: str | None) -> None:
        self.name = name
        self._file = file
        # What is there now is sent now: who writes into a pipe may take his time.
        self._read: Callable[[int], Any] = getattr(file, "read1", file.read)
        self.can_seek = bool(getattr(file, "seekable", bool)())
        self._begin = file.tell() if self.can_seek else 0
        self.size: int | None = None
        if self.can_seek:
            self.size = max(0, file.seek(0, os.SEEK_END) - self._begin)
            file.seek(self._begin)

    def read(self, count: int) -> bytes:
        """Give up to so many octets, none at the end."""
        octets = self._read(count)
        if isinstance(octets, str):
            raise TypeError("the file gives text; open it in binary mode")
        return bytes(octets or b"")

    def seek(self, offset: int) -> None:
        """Go to an offset."""
        if self.can_seek:
            self._file.seek(self._begin + offset)

    def hash_into(self, hasher: Hasher, end: int) -> None:
        """Let a hasher have the octets before an offset; stand there afterwards."""
        self.seek(0)
        while end and (octets := self.read(min(end, _CHUNK))):
            hasher.update(octets)
            end -= len(octets)

    def check(self) -> None:
        """See that nobody has changed what was read.

        Raises:
            TransferError: Somebody has.
        """

    def close(self) -> None:
        """Let go of it; a file object of the caller's stays open."""


class _File(Source):
    """A regular file."""

    def __init__(self, file: io.FileIO, path: PathLike) -> None:
        super().__init__(file, os.path.basename(path))
        self._path = path
        self._state = self._look()
        self.identity = self._state

    def hash_into(self, hasher: Hasher, end: int) -> None:
        hasher.update_from(self._file.fileno(), end)
        self.seek(end)

    def check(self) -> None:
        if self._look() != self._state:
            raise TransferError(f"{str(self._path)!r} changed while it was read")

    def close(self) -> None:
        self._file.close()

    def _look(self) -> str:
        it = os.fstat(self._file.fileno())
        return f"{it.st_dev}:{it.st_ino}:{it.st_size}:{it.st_mtime_ns}"


class _Pipe(Source):
    """What has a path and is no regular file."""

    def close(self) -> None:
        self._file.close()


def open_source(source: Puttable) -> Source:
    """Open what is to be put.

    Raises:
        OSError: It cannot be read.
        TypeError: It is nothing that could be.
    """
    if isinstance(source, str | os.PathLike):
        file = io.FileIO(source)
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return _File(file, source)
        return _Pipe(file, Path(source).name)
    if isinstance(source, bytes | bytearray | memoryview):
        return Source(io.BytesIO(source), None)
    if not hasattr(source, "read"):
        raise TypeError("a source is a path, octets or a file object")
    return Source(source, None)
