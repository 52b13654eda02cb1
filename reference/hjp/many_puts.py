"""How many objects are put: small ones without waiting for each."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeAlias

from hjp.errors import ConnectionLost, HjpError, ReplyError, TransferError
from hjp.puts import SMALL, PutOptions, check_stored, name_of, put, read_whole
from hjp.sources import Puttable, Source, open_source
from hjp.transfers import (
    Begin,
    Connect,
    Give,
    Steps,
    Stored,
    Work,
    final,
    is_lost,
    is_passing,
)

__all__ = ["Named", "Outcome", "put_all"]

_BATCH: Final = 32  # small objects that are read at once
_AHEAD: Final = 128  # small objects that are sent ahead of their replies

Named: TypeAlias = Puttable | tuple[Puttable, str]
"""What is put, alone or with its name."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of several puts."""

    source: Any
    """As it was given."""
    stored: Stored | None
    error: Exception | None
    """Why it is not stored."""


@dataclass(slots=True)
class _Waiting:
    """One of several puts, in the order in which they are told."""

    given: Any
    source: Puttable
    name: str | None
    small: tuple[Source, dict[str, Any], bytes] | None = None
    error: Exception | None = None
    stream: Any = None

    def load(self, options: PutOptions) -> None:
        """Read it if it is small."""
        try:
            if not isinstance(self.source, str | os.PathLike):
                return
            source = open_source(self.source)
            try:
                if source.size is not None and source.size <= SMALL:
                    self.small = self._read(source, options)
            finally:
                source.close()
        except (OSError, ValueError, HjpError) as error:
            self.error = error

    def _read(
        self, source: Source, options: PutOptions
    ) -> tuple[Source, dict[str, Any], bytes]:
        members: dict[str, Any] = {"name": name_of(source, self.name)}
        if options.overwrite:
            members["overwrite"] = True
        payload, digest = read_whole(source, options.digest)
        return source, members | {"size": len(payload)} | digest, payload


def put_all(items: Iterable[Named], origin: str, options: PutOptions) -> Steps[None]:
    """Put many objects; an `Outcome` for each, in order.

    Small files are sent ahead; only a lost connection ends it.
    """
    many = _Many(origin, options)
    left = iter(items)
    while batch := (yield Work(_load, (left, options))):
        for it in batch:
            yield from many.add(it)
    yield from many.settle(0)


def _load(items: Iterator[Named], options: PutOptions) -> list[_Waiting]:
    batch = []
    for item in islice(items, _BATCH):
        it = _Waiting(item, *(item if isinstance(item, tuple) else (item, None)))
        it.load(options)
        batch.append(it)
        if it.small is None:
            break  # others may take from the same items while it is sent
    return batch


class _Many:
    """Puts that wait for their replies."""

    def __init__(self, origin: str, options: PutOptions) -> None:
        self._origin = origin
        self._options = options
        self._waiting: deque[_Waiting] = deque()

    def add(self, it: _Waiting) -> Steps[None]:
        """Send it if it is small; else have it done before the next one."""
        self._waiting.append(it)
        if it.small is None:
            yield from self.settle(0)
            return
        try:
            yield Connect()
            it.stream = yield Begin("put", it.small[1], it.small[2])
        except ConnectionLost:
            pass  # it is tried again when its turn comes
        yield from self.settle(_AHEAD)

    def settle(self, most: int) -> Steps[None]:
        """Wait for the oldest until no more than so many are left."""
        while len(self._waiting) > most:
            it = self._waiting.popleft()
            stored, error = None, it.error
            try:
                stored = None if error else (yield from self._result(it))
            except (ReplyError, TransferError, OSError, ValueError, TypeError) as why:
                if is_lost(why):
                    raise
                error = why
            yield Give(Outcome(it.given, stored, error))

    def _result(self, it: _Waiting) -> Steps[Stored]:
        if it.stream:
            assert it.small is not None  # only those are sent ahead
            source, members, _ = it.small
            try:
                reply = yield from final(it.stream)
                return check_stored(reply, source, members.get("digest"))
            except (ConnectionLost, TimeoutError, ReplyError) as error:
                if not is_passing(error):
                    raise
        repeated = it.stream is not None
        return (
            yield from put(
                it.source, it.name, self._origin, self._options, repeated=repeated
            )
        )
