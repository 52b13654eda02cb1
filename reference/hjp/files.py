"""The operations of ``files``, ``resume`` and ``delete``, for both servers.

::

    server = hjp.Server()
    files = hjp.files.Files("/srv/objects")
    files.offer(server)
"""

import contextlib
import os
import threading
from collections.abc import Generator, Iterator
from typing import Any, Final

from hjp.digests import Hasher, digest_fault
from hjp.durability import Durability
from hjp.errors import Code, ReplyError
from hjp.events import Request
from hjp.limits import MAX_JSON
from hjp.metadata import dumps, is_integer
from hjp.names import name_fault
from hjp.operations import Answer, Member, Operation
from hjp.service import Service
from hjp.stages import Stage
from hjp.steps import Link, Steps, Want
from hjp.store import State, Store
from hjp.uploads import Terms, Uploads, UploadStage

__all__ = ["MAX_OBJECT", "MAX_STAGES", "Files"]

MAX_OBJECT: Final = 2**40
"""Octets of an object, if nothing else is said."""

MAX_STAGES: Final = 1000
"""Interrupted uploads that are kept, if nothing else is said."""

_CHUNK: Final = 524_288  # octets that are read at once
_LOANS: Final = 8  # so many replies of this length wait for their readers at once,
_SMALL: Final = 16_384  # the others have this one: slow readers must not fill memory
_PAUSE: Final = 16 * _CHUNK  # octets after which others have their turn
_MOST_ENTRIES: Final = 1000
_ENTRIES_LENGTH: Final = MAX_JSON - 1024  # the rest of the reply fits behind them
_TOKEN: Final = frozenset("0123456789abcdef")

_loans: Final = threading.BoundedSemaphore(_LOANS)

_Waiting = Generator[Answer | Want | None, Request | None, Request]
# Errors in the octets themselves: nobody wants these again (HJP-RSM-8).
_DISCARDING: Final = (Code.SIZE_MISMATCH, Code.DIGEST_MISMATCH, Code.TOO_LARGE)


class Files:
    """The objects in a folder, offered by servers; a context manager.

    Args:
        root: The folder. Only one server at a time can use it.
        features: Of ``files``, ``resume`` and ``delete`` those that are offered.
        durability: What is on stable storage when a change is answered.
        quota: Octets that objects and stages may take together.
        max_object: Octets of an object (HJP-FIL-8).
        max_stages: How many interrupted uploads are kept.

    Raises:
        OSError: There is no such folder, or another server uses it.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        *,
        features: tuple[str, ...] = ("files", "resume"),
        durability: Durability = Durability.FULL,
        quota: int | None = None,
        max_object: int = MAX_OBJECT,
        max_stages: int = MAX_STAGES,
    ) -> None:
        self._features = features
        self._max_object = max_object
        self._store = Store(root, durability, quota)
        self._resumes = "resume" in features
        # Also without `resume`: what an earlier server has left has to go.
        self._uploads = (
            None if self._store.stages is None else Uploads(self._store, max_stages)
        )

    def close(self) -> None:
        """Close the folder; no server offers it any more."""
        self._store.close()

    def __enter__(self) -> "Files":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def offer(self, server: Service) -> None:
        """Let a server offer the operations."""
        server.offer(
            self._features, self._operations(), {"max_object": self._max_object}
        )

    def _operations(self) -> dict[str, Operation]:
        put = (_NAME, self._size, _DIGEST, _OVERWRITE, *[_UPLOAD] * self._resumes)
        operations = {
            "put": Operation(self._put, put, body=True, steps=True),
            "get": Operation(self._get, _GET, steps=True),
            "stat": Operation(self._stat, _STAT, steps=True),
            "list": Operation(self._list, _LIST),
        }
        if "delete" in self._features:
            operations["delete"] = Operation(self._delete, _DELETE)
        return operations

    @property
    def _size(self) -> Member:
        return Member("size", "an integer", is_integer, refuse=self._check_size)

    def _check_size(self, request: Request) -> ReplyError | None:
        is_right = request.metadata["size"] <= self._max_object
        return None if is_right else self._too_large()

    def _too_large(self) -> ReplyError:
        """HJP-PUT-4."""
        message = f"an object has {self._max_object} octets at most"
        return ReplyError(Code.TOO_LARGE, message, {"limit": "max_object"})

    # put

    def _put(self, first: Request, link: Link) -> Steps:
        stage = self._open_stage(first, link)
        if isinstance(stage, dict):
            return stage, b""
        try:
            frame = first
            if isinstance(stage, UploadStage):
                frame = yield from self._agree(stage)
            if "digest" in first.metadata:
                stage.hash_from_now()
            last = yield from self._take(first, frame, stage)
            with _used(stage):
                return self._finish(first, last, stage), b""
        finally:
            stage.leave()

    def _open_stage(self, first: Request, link: Link) -> Stage | dict[str, Any]:
        """Make or find the stage, or the reply if the upload was committed."""
        if self._uploads is None:
            raise ReplyError(Code.FORBIDDEN, "the store is read-only")
        members = first.metadata
        name, size = members["name"], members.get("size")
        overwrite = members.get("overwrite", False)
        stage: Stage | dict[str, Any]
        if self._resumes and "upload" in members:
            terms = Terms(name, size, members.get("digest"), overwrite)
            stage = self._uploads.claim(members["upload"], terms, link.waker())
        else:
            self._uploads.expire()
            if self._store.has(name) and not overwrite:  # HJP-PUT-9
                raise ReplyError(Code.EXISTS, "there is an object of this name")
            self._store.room.check(size or 0)
            stage = Stage.without_upload(self._store)
        if isinstance(stage, Stage):
            stage.most = self._max_object if size is None else size
        return stage

    def _agree(self, stage: UploadStage) -> _Waiting:
        """Tell the offset and see that the client goes on there (HJP-RSM-3 … -6)."""
        with _used(stage):
            offset = stage.settle()
        yield {"offset": offset}, b""
        frame = yield from _next(stage)
        stated = frame.metadata.get("offset")
        if not is_integer(stated):
            raise ReplyError(Code.BAD_REQUEST, "offset is no integer")
        if stated != offset:
            message = f"the upload goes on at {offset}"
            raise ReplyError(Code.OFFSET_MISMATCH, message, {"offset": offset})
        return frame

    def _take(self, first: Request, frame: Request, stage: Stage) -> _Waiting:
        """Take the octets of all frames; give the last one."""
        while True:
            with _used(stage):
                stage.write(frame.payload)
                self._check_length(first, stage)
                if not frame.left:
                    stage.keep()
            if not frame.left and not frame.more:
                return frame
            frame = yield from _next(stage)

    def _check_length(self, first: Request, stage: Stage) -> None:
        if stage.size <= stage.most:
            return
        if "size" in first.metadata:  # HJP-PUT-5
            raise ReplyError(Code.SIZE_MISMATCH, f"more than {stage.most} octets")
        raise self._too_large()

    def _finish(self, first: Request, last: Request, stage: Stage) -> dict[str, Any]:
        """Check what has ended, in the order of HJP-PUT-11, and commit it."""
        stated = self._stated(first, last)
        reply: dict[str, Any] = {"size": stage.size}
        if stated.get("size", stage.size) != stage.size:
            message = f"{stage.size} octets, not {stated['size']}"
            raise ReplyError(Code.SIZE_MISMATCH, message)
        if "digest" in stated:
            reply["digest"] = _digest(stage)
            if reply["digest"] != stated["digest"]:
                message = f"the octets have {reply['digest']}"
                raise ReplyError(Code.DIGEST_MISMATCH, message)
        overwrite = first.metadata.get("overwrite", False)
        stage.commit(first.metadata["name"], overwrite=overwrite, reply=reply)
        return reply

    def _stated(self, first: Request, last: Request) -> dict[str, Any]:
        """Give size and digest as the first and the last frame say (HJP-PUT-3)."""
        stated: dict[str, Any] = {}
        for member in (self._size, _DIGEST):
            error = member.fault(last)
            if error:
                raise error
            for metadata in (first.metadata, last.metadata):
                if member.name in metadata:
                    value = metadata[member.name]
                    if stated.setdefault(member.name, value) != value:
                        message = f"{member.name} is not that of the first frame"
                        raise ReplyError(Code.BAD_REQUEST, message)
        return stated

    # get, stat, list, delete

    def _get(self, request: Request, link: Link) -> Steps:
        members = request.metadata
        hasher = Hasher() if members.get("digest") else None
        with self._store.open(members["name"]) as source:
            state, offset = source.state, members.get("offset", 0)
            if members.get("if_tag", state.tag) != state.tag:
                raise ReplyError(Code.CHANGED, "the object has another tag")
            if offset > state.size:
                message = f"the object has {state.size} octets"
                raise ReplyError(Code.OFFSET_MISMATCH, message, {"offset": state.size})
            end = min(state.size, offset + members.get("length", state.size))
            shown: dict[str, Any] = {"size": state.size, "tag": state.tag}
            while True:
                with _lent() as most:
                    count = min(end - offset, link.max_payload, most)
                    payload = source.read(offset, count)
                    offset += count
                    if hasher:
                        hasher.update(payload)
                    if offset == end and count <= _SMALL:
                        break  # nobody sees when this one has gone
                    yield shown, payload
                    shown = {}
        if hasher:
            shown["digest"] = hasher.digest()
        return shown, payload

    def _stat(self, request: Request, _: Link) -> Steps:
        name = request.metadata["name"]
        if not request.metadata.get("digest"):
            return _shown(self._store.stat(name)), b""
        hasher = Hasher()
        with self._store.open(name) as source:
            for offset in range(0, source.state.size, _CHUNK):
                count = min(_CHUNK, source.state.size - offset)
                hasher.update(source.read(offset, count))
                if offset % _PAUSE == 0:
                    hasher.wait()
                    yield None
        return _shown(source.state) | {"digest": hasher.digest()}, b""

    def _list(self, metadata: dict[str, Any], _: bytes) -> Answer:
        entries: list[dict[str, Any]] = []
        most = min(metadata.get("limit", _MOST_ENTRIES), _MOST_ENTRIES)
        room = _ENTRIES_LENGTH
        for name, state in self._store.list(metadata.get("after", "")):
            entry = {"name": name} | _shown(state)
            room -= len(dumps(entry)) + 1
            if len(entries) == most or room < 0:
                return {"entries": entries, "next": entries[-1]["name"]}, b""
            entries.append(entry)
        return {"entries": entries}, b""

    def _delete(self, metadata: dict[str, Any], _: bytes) -> Answer:
        self._store.delete(metadata["name"], metadata.get("if_tag"))
        return {}, b""


@contextlib.contextmanager
def _lent() -> Iterator[int]:
    """Give how many octets may wait for a reader, as long as this lasts."""
    is_much = _loans.acquire(blocking=False)
    try:
        yield _CHUNK if is_much else _SMALL
    finally:
        if is_much:
            _loans.release()


@contextlib.contextmanager
def _used(stage: Stage) -> Iterator[None]:
    """Use a stage, and discard it where its octets turn out wrong."""
    with stage.held():
        try:
            yield
        except ReplyError as error:
            if error.code in _DISCARDING:
                stage.discard()
            raise


def _next(stage: Stage) -> _Waiting:
    """Wait for the next part of the request, as long as the stage is ours."""
    while (frame := (yield Want(stage))) is None:
        with stage.held():
            continue
    return frame


def _digest(stage: Stage) -> str:
    if stage.hasher is None:
        stage.hash_from_now()
    assert stage.hasher is not None  # it was made in the line before
    return stage.hasher.digest()


def _shown(state: State) -> dict[str, Any]:
    shown: dict[str, Any] = {"size": state.size, "tag": state.tag}
    if is_integer(state.modified_ms):  # it may lie before 1970
        shown["modified_ms"] = state.modified_ms
    return shown


# The members of the operations, in the order of the table *Operations*.


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _check_name(request: Request) -> ReplyError | None:
    """HJP-NAM-1."""
    fault = name_fault(request.metadata["name"])
    return ReplyError(Code.BAD_NAME, fault) if fault else None


def _check_digest(request: Request) -> ReplyError | None:
    return digest_fault(request.metadata["digest"])


def _check_upload(request: Request) -> ReplyError | None:
    """HJP-RSM-1."""
    token = request.metadata["upload"]
    if len(token) != 32 or not _TOKEN.issuperset(token):
        return ReplyError(Code.BAD_REQUEST, "upload is not 32 of 0-9 and a-f")
    if request.payload or request.left or not request.more:
        message = "the first frame of an upload has more and no payload"
        return ReplyError(Code.BAD_REQUEST, message)
    return None


_NAME: Final = Member("name", "a string", _is_text, needed=True, refuse=_check_name)
_DIGEST: Final = Member("digest", "a string", _is_text, refuse=_check_digest)
_OVERWRITE: Final = Member("overwrite", "a boolean", _is_truth)
_UPLOAD: Final = Member("upload", "a string", _is_text, refuse=_check_upload)
_WITH_DIGEST: Final = Member("digest", "a boolean", _is_truth)
_IF_TAG: Final = Member("if_tag", "a string", _is_text)
_GET: Final = (
    _NAME,
    Member("offset", "an integer", is_integer),
    Member("length", "an integer", is_integer),
    _WITH_DIGEST,
    _IF_TAG,
)
_STAT: Final = (_NAME, _WITH_DIGEST)
_LIST: Final = (
    Member("after", "a string", _is_text),
    Member("limit", "an integer from 1", lambda value: is_integer(value, low=1)),
)
_DELETE: Final = (_NAME, _IF_TAG)
