"""Stages: what a server keeps of a ``put`` that is not committed.

A stage is a file in a folder that no name leads to. That of an upload stays there
when its request is interrupted, with a note beside it:

- the file is made first, then the note; the note goes first, then the file: a file
  without a note is nothing;
- before the commit the final reply is written into the note; the commit takes the
  file away. So after a crash at any moment the upload has been committed just when
  its note has a reply and its file has gone, or has a second link.
"""

import contextlib
import itertools
import os
import secrets
import select
import threading
from collections.abc import Iterator
from typing import Any, Final

from hjp.digests import Hasher
from hjp.durability import Durability
from hjp.errors import HjpError
from hjp.store import Store, told

__all__ = ["Stage"]

_BUFFER_LENGTH: Final = 524_288
_LANES: Final = 8  # so many at once have buffers
_QUANTUM: Final = 16 * 1024 * 1024  # octets after which others have their turn
_MOMENT_MS: Final = 10
_CREATE: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC

_lanes: Final = threading.BoundedSemaphore(_LANES)
_buffers: Final[list[memoryview]] = []  # that no lane uses now


class Stage:
    """The octets of a ``put``, in a file without a name. A `hjp.steps.Sink`.

    Args:
        store: Where.
        file: The file's name in the folder of stages.
        flags: How to open it.

    Attributes:
        size: How many octets it has.
        most: How many it may have; `receive` takes one more at most.
        hasher: What is given every octet, if somebody wants their digest.
    """

    def __init__(self, store: Store, file: str, flags: int = _CREATE) -> None:
        self.size = 0
        self.most = 0
        self.hasher: Hasher | None = None
        self._store = store
        self._file = file
        self._fault: Exception | None = None
        self._is_done = False
        with told():
            self.descriptor = os.open(file, flags, 0o666, dir_fd=store.stages)

    @classmethod
    def without_upload(cls, store: Store) -> "Stage":
        """Make a stage that goes with its request (HJP-PUT-17)."""
        return cls(store, f"{secrets.token_hex(16)}.tmp")

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """What is done within is done by the stage's only user.

        Raises:
            ReplyError: ``superseded``; it is another one's by now.
            Exception: What went wrong with octets that `receive` has taken.
        """
        if self._fault:
            raise self._fault
        yield

    def write(self, octets: bytes | memoryview) -> None:
        """Add octets, which stay as they are until the next call returns.

        Raises:
            ReplyError: ``no_space``, or what else the system says.
        """
        before = self.size
        self._store.room.take(len(octets))
        try:
            with told(), memoryview(octets) as rest:
                while self.size - before < len(octets):
                    self.size += os.write(self.descriptor, rest[self.size - before :])
        finally:
            self._store.room.give(before + len(octets) - self.size)
        if self.hasher:
            self.hasher.update(octets)

    def receive(self, descriptor: int, most: int) -> int:
        """Take octets from the transport; see `hjp.steps.Sink`."""
        if not _lanes.acquire(blocking=False):
            return 0
        pair = [_buffer(), _buffer()]  # one is hashed while the other one is filled
        try:
            with self.held():
                most = min(most, _QUANTUM, self.most + 1 - self.size)
                return self._receive(descriptor, most, itertools.cycle(pair))
        except HjpError:
            return 0  # it is told when the handler wants to go on
        finally:
            _buffers.extend(pair)
            _lanes.release()

    def _receive(
        self, descriptor: int, most: int, buffers: Iterator[memoryview]
    ) -> int:
        taken = 0
        while taken < most and not self._fault:
            buffer = next(buffers)[: most - taken]
            count = _read_soon(descriptor, buffer)
            if not count:
                break
            taken += count
            try:
                self.write(buffer[:count])
            except Exception as error:
                self._fault = error
        if self.hasher:
            self.hasher.wait()
        return taken

    def hash_from_now(self) -> None:
        """Have every octet hashed, those that are there included."""
        self.hasher = Hasher()
        self.hasher.update_from(self.descriptor, self.size)

    def keep(self) -> None:
        """Take note that a frame is whole (HJP-LIF-8)."""

    def commit(self, name: str, *, overwrite: bool, reply: dict[str, Any]) -> None:
        """Make the stage the object of a name.

        Args:
            name: The name.
            overwrite: Whether an object that is there is replaced.
            reply: The final reply.

        Raises:
            ReplyError: See `Store.commit`.
        """
        with told():
            self._sync()
            self._prepare(reply)
        self._store.commit(self.descriptor, self._file, name, overwrite=overwrite)
        self._is_done = True

    def _sync(self) -> None:
        if self._store.durability is not Durability.NONE:
            os.fsync(self.descriptor)

    def _prepare(self, reply: dict[str, Any]) -> None:
        """Do what has to be done before a commit."""

    def discard(self) -> None:
        """Remove the stage, so that nothing is left of its octets."""
        self._is_done = True
        os.unlink(self._file, dir_fd=self._store.stages)
        self._store.room.give(self.size)

    def leave(self) -> None:
        """Be done with it; what is neither committed nor kept goes."""
        if self.hasher:
            self.hasher.wait()
        if not self._is_done:
            self.discard()
        os.close(self.descriptor)


def _buffer() -> memoryview:
    try:
        return _buffers.pop()
    except IndexError:
        return memoryview(bytearray(_BUFFER_LENGTH))


def _read_soon(descriptor: int, buffer: memoryview) -> int:
    """Read what is there, or what comes within a moment; 0 for nothing or an end."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    for timeout in (_MOMENT_MS, 0):
        try:
            return os.readv(descriptor, [buffer])
        except BlockingIOError:
            if not poll.poll(timeout):
                return 0
        except OSError:
            return 0
    return 0
