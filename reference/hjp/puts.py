"""How one object is put."""

import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hjp import unfinished
from hjp.digests import Hasher
from hjp.errors import Code, ConnectionLost, ReplyError, TransferError
from hjp.events import Reply
from hjp.metadata import is_integer
from hjp.sources import Puttable, Source, open_source
from hjp.transfers import (
    Begin,
    Connect,
    Leave,
    Offer,
    Progress,
    Receive,
    Send,
    Steps,
    Stored,
    Tries,
    Work,
    ask,
    check_name,
    final,
    member,
)

__all__ = ["SMALL", "PutOptions", "check_stored", "name_of", "put", "read_whole"]

SMALL: Final = 65_536
"""Octets of an object that goes as one frame, again as a whole if need be."""

# Octets of one frame: more gains nothing, and a server may not want what is under way.
_LARGEST_FRAME: Final = 8 * 1024 * 1024
_TOKEN: Final = re.compile("[0-9a-f]{32}")

# Errors after which the server has nothing of the upload any more (HJP-RSM-8).
_DISCARDED: Final = (Code.SIZE_MISMATCH, Code.DIGEST_MISMATCH, Code.TOO_LARGE)


@dataclass(frozen=True, slots=True)
class PutOptions:
    """How to put."""

    overwrite: bool = False
    digest: bool = True
    resume: bool = True
    retries: int = 5
    progress: Progress | None = None


def put(
    what: Puttable,
    name: str | None,
    origin: str,
    options: PutOptions,
    *,
    repeated: bool = False,
) -> Steps[Stored]:
    """Put one object.

    Args:
        what: A path, octets or a file object.
        name: Its name; that of the file if none is given.
        origin: The URL of the server.
        options: How.
        repeated: Whether it may have been put by an earlier try.
    """
    source = yield Work(open_source, (what,))
    try:
        its_name = name_of(source, name)
        return (yield from _Put(source, its_name, origin, options, repeated).run())
    finally:
        source.close()


def name_of(source: Source, name: str | None) -> str:
    """Choose the name of an object, in normalisation form C (HJP-NAM-4).

    Raises:
        ValueError: There is none, or it is none.
    """
    name = source.name if name is None else name
    if name is None:
        raise ValueError("octets and file objects have no name: say which they get")
    name = unicodedata.normalize("NFC", name)
    check_name(name)
    return name


class _Put:
    """One object on its way."""

    def __init__(
        self,
        source: Source,
        name: str,
        origin: str,
        options: PutOptions,
        repeated: bool,
    ) -> None:
        self._source = source
        self._name = name
        self._options = options
        self._repeated = repeated
        self._tries = Tries(options.retries)
        self._hasher: Hasher | None = None
        self._stream: Any = None
        self._token = ""
        self._offset = 0  # the greatest that the server had
        self._key = ""
        if source.identity is not None:
            how = "over" if options.overwrite else "new"
            self._key = f"put {origin} {name} {how} {source.identity}"

    def run(self) -> Steps[Stored]:
        """Try until it is stored, or cannot be."""
        while True:
            try:
                return (yield from self._try())
            except (ConnectionLost, TimeoutError, ReplyError) as error:
                if not self._source.can_seek:
                    raise
                yield from self._tries.pause(error)
                self._repeated = True

    def _try(self) -> Steps[Stored]:
        offer = yield Connect()
        self._hasher = Hasher() if self._options.digest else None
        try:
            return (yield from self._choose(offer))
        finally:
            if self._hasher:
                yield Work(self._hasher.wait)

    def _choose(self, offer: Offer) -> Steps[Stored]:
        size = self._source.size
        if size is not None and size <= SMALL:
            return (yield from self._as_one_frame())
        resumes = self._options.resume and self._source.can_seek
        if resumes and "resume" in offer.features:
            return (yield from self._as_upload(offer))
        yield Work(self._source.seek, (0,))
        self._stream = yield Begin("put", self._members(), more=True)
        return (yield from self._checked(self._body(offer, 0, {})))

    def _members(self) -> dict[str, Any]:
        members: dict[str, Any] = {"name": self._name}
        if self._source.size is not None:
            members["size"] = self._source.size
        if self._options.overwrite:
            members["overwrite"] = True
        return members

    def _as_one_frame(self) -> Steps[Stored]:
        yield Work(self._source.seek, (0,))
        payload, digest = yield Work(read_whole, (self._source, self._options.digest))
        self._stream = yield Begin("put", self._members() | digest, payload)
        return (yield from self._settled(digest.get("digest")))

    def _checked(self, body: Steps[str | None]) -> Steps[Stored]:
        """Send what is missing, and see what the server says to it."""
        try:
            digest = yield from body
        except BaseException as error:
            yield Leave(self._stream, error)
            raise
        return (yield from self._settled(digest))

    def _settled(self, digest: str | None) -> Steps[Stored]:
        try:
            reply = yield from final(self._stream)
        except ReplyError as error:
            if error.code == Code.EXISTS and self._repeated:
                return (yield from self._is_there(error))
            raise
        return check_stored(reply, self._source, digest)

    def _is_there(self, error: ReplyError) -> Steps[Stored]:
        """See whether what exists is what an earlier try has put."""
        yield Work(self._source.seek, (0,))
        digest = yield Work(_digest, (self._source,))
        reply = yield from ask("stat", {"name": self._name, "digest": True})
        if reply.metadata.get("digest") != digest:
            raise error
        return check_stored(
            reply, self._source, digest if self._options.digest else None
        )

    def _body(
        self, offer: Offer, offset: int, first: Mapping[str, Any]
    ) -> Steps[str | None]:
        """Send the octets from an offset on; give their digest.

        The digest has a frame of its own, so that it is computed while the last
        octets are on their way.
        """
        most = min(offer.max_payload, _LARGEST_FRAME)
        while piece := (yield Work(self._read, (most, offset))):
            if not (yield Send(self._stream, first, piece, True)):
                return None  # the final reply has come
            first = {}
            offset += len(piece)
            self._tell(offset)
        last: dict[str, Any] = {"size": offset} if self._source.size is None else {}
        if self._hasher:
            last["digest"] = yield Work(self._hasher.digest)
        yield Work(self._check, (offset,))
        yield Send(self._stream, {**first, **last}, b"", False)
        return last.get("digest")

    def _read(self, most: int, offset: int) -> bytes:
        size = self._source.size
        piece = self._source.read(most if size is None else min(most, size - offset))
        if self._hasher and piece:
            self._hasher.update(piece)
        return piece

    def _check(self, offset: int) -> None:
        self._source.check()
        if self._source.size not in (None, offset):
            raise TransferError("the source became shorter while it was read")

    def _tell(self, offset: int) -> None:
        if self._options.progress:
            self._options.progress(offset, self._source.size)

    # resume

    def _as_upload(self, offer: Offer) -> Steps[Stored]:
        is_new = yield Work(self._find_token)
        try:
            stored = yield from self._go_on(offer)
        except ReplyError as error:
            if error.code == Code.CONFLICT and not is_new:
                yield Work(self._forget)  # it is that of another put: HJP-RSM-2
                return (yield from self._as_upload(offer))
            if error.code in _DISCARDED:
                yield Work(self._forget)
            raise
        except TransferError:
            yield Work(self._forget)
            raise
        yield Work(self._forget)
        return stored

    def _go_on(self, offer: Offer) -> Steps[Stored]:
        """HJP-RSM-4."""
        members = self._members() | {"upload": self._token}
        self._stream = yield Begin("put", members, more=True)
        try:
            reply = yield Receive(self._stream)
        except BaseException as error:
            yield Leave(self._stream, error)
            raise
        if reply.more:
            return (yield from self._checked(self._rest(offer, reply)))
        yield Leave(self._stream, None)
        return check_stored(reply.unwrap(), self._source, None)  # HJP-RSM-10

    def _rest(self, offer: Offer, reply: Reply) -> Steps[str | None]:
        size = self._source.size or 0
        offset = member(
            reply, "offset", lambda it: is_integer(it, 0, size), "HJP-RSM-3"
        )
        if offset > self._offset:
            self._tries.reset()
            self._offset = offset
        self._tell(offset)
        if self._hasher:
            yield Work(self._source.hash_into, (self._hasher, offset))
        yield Work(self._source.seek, (offset,))
        return (yield from self._body(offer, offset, {"offset": offset}))

    def _find_token(self) -> bool:
        """Have a token; tell whether it is a new one."""
        if self._token:
            return False
        found = unfinished.find(self._key).get("upload", "") if self._key else ""
        if _TOKEN.fullmatch(found):
            self._token = found
            return False
        self._token = secrets.token_hex(16)
        if self._key:
            unfinished.keep(self._key, upload=self._token)
        return True

    def _forget(self) -> None:
        self._token = ""
        if self._key:
            unfinished.drop(self._key)


def read_whole(source: Source, digest: bool) -> tuple[bytes, dict[str, str]]:
    """Read a small object; give its octets, and its digest as a member."""
    octets = b""
    while piece := source.read(SMALL + 1 - len(octets)):
        octets += piece
    source.check()
    if len(octets) != source.size:
        raise TransferError("the source has another size than when it was opened")
    hasher = Hasher()
    hasher.update(octets)
    return octets, {"digest": hasher.digest()} if digest else {}


def _digest(source: Source) -> str:
    hasher = Hasher()
    source.hash_into(hasher, source.size or 0)
    return hasher.digest()


def check_stored(reply: Reply, source: Source, digest: str | None) -> Stored:
    """See that the server has stored what was sent (HJP-PUT-12)."""
    size = member(reply, "size", is_integer, "HJP-PUT-12")
    theirs = reply.metadata.get("digest")
    if source.size not in (None, size) or (digest is not None and theirs != digest):
        raise TransferError("the server says that it stored something else")
    return Stored(size, theirs if isinstance(theirs, str) else None)
