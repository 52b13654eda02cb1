"""Digests of octets, computed beside whatever moves them.

`hashlib` releases the interpreter while it works, so a second core does it.
"""

import hashlib
import os
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

from hjp.errors import Code, ReplyError

__all__ = ["Hasher", "digest_fault"]

_PREFIX: Final = "sha-256:"
_SHA_256: Final = re.compile(r"sha-256:[0-9a-f]{64}")
_CHUNK: Final = 1024 * 1024
# Less is hashed sooner than handed over.
_WORTH_HANDING_OVER: Final = 131_072

_pool: Final = ThreadPoolExecutor(os.cpu_count(), "hjp-hash")


def digest_fault(digest: str) -> ReplyError | None:
    """Find what is wrong with a digest that a client states (HJP-FIL-3, HJP-FIL-4)."""
    if ":" not in digest:
        return ReplyError(Code.BAD_REQUEST, "digest has no colon")
    if not digest.startswith(_PREFIX):
        return ReplyError(Code.UNSUPPORTED, "the digest that is known is sha-256")
    if not _SHA_256.fullmatch(digest):
        return ReplyError(Code.BAD_REQUEST, "sha-256: is followed by 64 of 0-9 and a-f")
    return None


class Hasher:
    """The digest of octets that come one after the other."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._last: Future[Any] | None = None

    def update(self, octets: bytes | bytearray | memoryview) -> None:
        """Add octets, which stay as they are until the next call returns."""
        if len(octets) < _WORTH_HANDING_OVER:
            self.wait()
            self._hash.update(octets)
        else:
            self._hand_over(self._hash.update, octets)

    def update_from(self, descriptor: int, end: int) -> None:
        """Add what a file holds from its beginning to an offset."""
        self._hand_over(self._read, descriptor, end)

    def wait(self) -> None:
        """Return when no octets that were given are needed any more."""
        last, self._last = self._last, None
        if last:
            last.result()

    def digest(self) -> str:
        """Give the digest of all that was added."""
        self.wait()
        return _PREFIX + self._hash.hexdigest()

    def _hand_over(self, work: Callable[..., None], *arguments: Any) -> None:
        self.wait()
        self._last = _pool.submit(work, *arguments)

    def _read(self, descriptor: int, end: int) -> None:
        offset = 0
        while offset < end:
            octets = os.pread(descriptor, min(_CHUNK, end - offset), offset)
            if not octets:
                return  # the digest will be a wrong one
            self._hash.update(octets)
            offset += len(octets)
