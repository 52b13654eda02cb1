"""Where what is got goes: a file that appears when it is whole, octets, a file object.

A file is written beside its place under a name of its own and renamed at the end, so
that half of it is never taken for the whole.
"""

import hashlib
import io
import os
from pathlib import Path
from typing import Final, Protocol

from hjp import unfinished
from hjp.digests import Hasher
from hjp.errors import TransferError

__all__ = ["FileSink", "Octets", "Sink", "Writable"]

Octets = bytes | bytearray | memoryview

_DRAFT: Final = ".hjp-{}.part"


class Writable(Protocol):
    """A file object."""

    def write(self, octets: Octets, /) -> object:
        """Take some octets."""


class Sink:
    """A file object that takes octets in order.

    Attributes:
        size: How many it has.
        tag: Of which state of the object (HJP-GET-4).
    """

    def __init__(self, file: Writable) -> None:
        self.size = 0
        self.tag: str | None = None
        self._file = file

    def open(self) -> None:
        """Make ready; see what there is from earlier."""

    def begin(self, tag: str) -> None:
        """Say of which state of the object the octets are that come now."""
        self.tag = tag

    def write(self, octets: Octets) -> None:
        """Add octets."""
        left = memoryview(octets)
        while left:
            taken = self._file.write(left)
            left = left[taken:] if isinstance(taken, int) else left[len(left) :]
        self.size += len(octets)

    def hash_into(self, hasher: Hasher) -> None:
        """Let a hasher have what there is from earlier."""

    def restart(self) -> None:
        """Forget all octets.

        Raises:
            TransferError: That cannot be; the object changed while it was got.
        """
        if self.size:
            self._rewind()
        self.size, self.tag = 0, None

    def _rewind(self) -> None:
        seekable = getattr(self._file, "seekable", bool)
        if not seekable():
            raise TransferError("the object changed while it was got; get it again")
        self._file.seek(-self.size, os.SEEK_CUR)  # type: ignore[attr-defined]
        self._file.truncate()  # type: ignore[attr-defined]

    def finish(self) -> None:
        """Say that it is whole."""

    def discard(self) -> None:
        """Say that it is of no use."""

    def close(self) -> None:
        """Let go of it; what was not finished can be resumed."""


class FileSink(Sink):
    """A file that appears under its name when it is whole.

    Args:
        path: Its name.
        origin: What tells the object from others; a draft of it is resumed.
        resume: Whether to do so.
    """

    def __init__(self, path: Path, origin: str, *, resume: bool) -> None:
        self._path = path
        self._key = f"get {origin} {path.absolute()}"
        digest = hashlib.sha256(self._key.encode(errors="surrogateescape"))
        self._draft = path.with_name(_DRAFT.format(digest.hexdigest()[:16]))
        self._resume = resume
        self._raw: io.FileIO | None = None
        super().__init__(io.BytesIO())  # until it is opened

    def open(self) -> None:
        """Take the draft, and what there is of it."""
        self._raw = self._file = file = self._open_draft()
        self.tag = unfinished.find(self._key).get("tag") if self._resume else None
        self.size = file.seek(0, os.SEEK_END)
        if self.tag is None:
            self.restart()

    def begin(self, tag: str) -> None:
        """Remember the state for the next process too."""
        if tag != self.tag:
            unfinished.keep(self._key, tag=tag)
        super().begin(tag)

    def hash_into(self, hasher: Hasher) -> None:
        """Have it read beside what comes."""
        hasher.update_from(self._open().fileno(), self.size)

    def finish(self) -> None:
        """Let it appear."""
        self._draft.replace(self._path)
        unfinished.drop(self._key)

    def discard(self) -> None:
        """Remove it."""
        self._draft.unlink(missing_ok=True)
        unfinished.drop(self._key)

    def close(self) -> None:
        """Keep the draft, unless it is empty."""
        if self._raw is None:
            return
        # Nothing to be resumed; and a file of 0 octets may have been renamed.
        if not self.size and _is_there(self._raw, self._draft):
            self.discard()
        self._raw.close()

    def _open_draft(self) -> io.FileIO:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        while True:
            file = io.FileIO(os.open(self._draft, flags, 0o666), "r+")
            try:
                _lock(file.fileno())
                if _is_there(file, self._draft):
                    return file
            except OSError:
                file.close()
                why = f"{str(self._path)!r} is being got already; wait for that"
                raise TransferError(why) from None
            file.close()  # whoever had it has just renamed it

    def _rewind(self) -> None:
        self._open().seek(0)
        self._open().truncate()

    def _open(self) -> io.FileIO:
        assert self._raw is not None  # `open` comes first
        return self._raw


def _is_there(file: io.FileIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _lock(descriptor: int) -> None:
    """Keep other processes away; the system lets go when the file is closed."""
    try:
        import fcntl
    except ImportError:  # a system that has no such locks
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
