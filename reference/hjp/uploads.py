"""Uploads: stages that outlive their requests, and what became of them (``resume``)."""

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from hjp.durability import Durability
from hjp.errors import Code, ReplyError
from hjp.stages import Stage
from hjp.store import Store, Syncer, told

__all__ = ["Terms", "UploadStage", "Uploads"]

_KEPT_SECONDS: Final = 24 * 3600.0  # HJP-RSM-9
_LOOK_SECONDS: Final = 60.0
_RESULTS_PER_STAGE: Final = 10
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Terms:
    """What the first frames of one upload agree in (HJP-RSM-2)."""

    name: str
    size: int | None
    digest: str | None
    overwrite: bool


class _Upload:
    """What is known of an upload; changes under its lock."""

    def __init__(self, token: str, terms: Terms) -> None:
        self.token = token
        self.terms = terms
        self.lock = threading.Lock()
        self.user: UploadStage | None = None
        self.wake: Callable[[], None] | None = None
        self.reply: dict[str, Any] | None = None
        self.is_noted = False
        self.is_committed = False
        self.is_gone = False
        self.size = 0
        self.synced = 0  # octets that survive a crash of the machine
        self.used = time.monotonic()  # a step of the clock makes nothing old

    @property
    def part(self) -> str:
        """The file with the octets."""
        return f"{self.token}.part"

    @property
    def note(self) -> str:
        """The file with all else."""
        return f"{self.token}.json"


class UploadStage(Stage):
    """The stage of an upload, as one request uses it."""

    def __init__(self, uploads: "Uploads", upload: _Upload, flags: int) -> None:
        super().__init__(uploads.store, upload.part, flags)
        self.size = self._whole = upload.size
        self._uploads = uploads
        self._upload = upload
        os.lseek(self.descriptor, self.size, os.SEEK_SET)
        os.ftruncate(self.descriptor, self.size)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:  # noqa: D102 (as in `Stage`)
        with self._upload.lock:
            if self._upload.user is not self:
                raise ReplyError(Code.SUPERSEDED, "a later request has this upload")
            with super().held():
                yield

    def write(self, octets: bytes | memoryview) -> None:  # noqa: D102
        try:
            super().write(octets)
        finally:
            self._upload.size = self.size

    def keep(self) -> None:  # noqa: D102
        self._whole = self.size

    def settle(self) -> int:
        """Give the octets that the client may count on (HJP-RSM-16)."""
        upload = self._upload
        if upload.synced != self.size:
            with told():
                self._sync()
                self._uploads.save(upload)
        return self.size

    def _sync(self) -> None:
        super()._sync()
        if self._store.durability is not Durability.NONE:
            self._upload.synced = self.size

    def _prepare(self, reply: dict[str, Any]) -> None:
        self._upload.reply = reply
        self._uploads.save(self._upload)

    def commit(  # noqa: D102
        self, name: str, *, overwrite: bool, reply: dict[str, Any]
    ) -> None:
        super().commit(name, overwrite=overwrite, reply=reply)
        self._upload.is_committed = True

    def discard(self) -> None:  # noqa: D102
        self._is_done = True
        self._uploads.remove(self._upload)

    def leave(self) -> None:  # noqa: D102
        if self.hasher:
            self.hasher.wait()
        with self._upload.lock:
            if self._upload.user is self:
                self._release()
        os.close(self.descriptor)

    def _release(self) -> None:
        upload = self._upload
        upload.user = upload.wake = None
        upload.used = time.monotonic()
        if not self._is_done and self._whole < self.size:
            os.ftruncate(self.descriptor, self._whole)  # HJP-LIF-8
            self._store.room.give(self.size - self._whole)
            upload.size = self._whole


class Uploads:
    """The uploads of a store.

    Args:
        store: The store; it can be written to.
        most: How many uploads that are not committed are kept.
    """

    def __init__(self, store: Store, most: int) -> None:
        assert store.stages is not None  # else nobody can put
        self.store = store
        self._most = most
        self._lock = threading.Lock()
        self._uploads: dict[str, _Upload] = {}
        self._looked = time.monotonic()
        self._boot = _this_boot()
        self._syncer = Syncer(store.stages)
        self._recover()

    @property
    def _folder(self) -> int:
        assert self.store.stages is not None  # once there, it is there
        return self.store.stages

    def claim(
        self, token: str, terms: Terms, wake: Callable[[], None]
    ) -> UploadStage | dict[str, Any]:
        """Take an upload over from whoever has it.

        Args:
            token: Which.
            terms: What the request says of it.
            wake: Called when a later request takes it away.

        Returns:
            Its stage, or the final reply if it was committed (HJP-RSM-10).

        Raises:
            ReplyError: ``conflict`` (HJP-RSM-2), ``no_space``.
        """
        self.expire()
        while True:
            upload = self._find(token, terms)
            with upload.lock:  # the earlier request is not writing now (HJP-RSM-12)
                if upload.is_gone:
                    continue
                if upload.terms != terms:
                    raise ReplyError(Code.CONFLICT, "the upload is another one's")
                if upload.is_committed:
                    assert upload.reply is not None  # it was saved before
                    return upload.reply
                supplanted = upload.wake
                stage = self._open(upload)
                upload.user, upload.wake = stage, wake
            if supplanted:
                supplanted()
            return stage

    def _find(self, token: str, terms: Terms) -> _Upload:
        with self._lock:
            upload = self._uploads.get(token)
            if upload is None:
                self._check_number()
                upload = self._uploads[token] = _Upload(token, terms)
            return upload

    def _check_number(self) -> None:
        committed = sum(upload.is_committed for upload in self._uploads.values())
        if (
            len(self._uploads) - committed >= self._most
            or committed >= self._most * _RESULTS_PER_STAGE
        ):
            raise ReplyError(Code.NO_SPACE, "too many uploads are kept")

    def _open(self, upload: _Upload) -> UploadStage:
        with contextlib.ExitStack() as undo:
            if not upload.is_noted:
                undo.callback(self.remove, upload)
            stage = UploadStage(self, upload, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
            undo.callback(os.close, stage.descriptor)
            if not upload.is_noted:
                self.save(upload)
            undo.pop_all()
            return stage

    def _forget(self, upload: _Upload) -> None:
        upload.is_gone, upload.user = True, None
        with self._lock:
            del self._uploads[upload.token]

    def save(self, upload: _Upload) -> None:
        """Write the note; durably, if the operator wants it and there is a reason."""
        note = {
            "terms": asdict(upload.terms),
            "reply": upload.reply,
            "boot": self._boot,
            "synced": upload.synced,
        }
        folder, temporary = self._folder, f"{upload.token}.tmp"
        is_told = upload.synced or upload.reply  # else a crash may well take it
        is_durable = is_told and self.store.durability is Durability.FULL
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        with told():
            descriptor = os.open(temporary, flags, 0o600, dir_fd=folder)
            with open(descriptor, "wb") as file:
                file.write(json.dumps(note).encode())
                file.flush()
                if is_durable:
                    os.fsync(descriptor)
            os.rename(temporary, upload.note, src_dir_fd=folder, dst_dir_fd=folder)
            if is_durable:
                self._syncer.sync()
        upload.is_noted = True

    def remove(self, upload: _Upload) -> None:
        """Forget an upload; its lock is held."""
        self._unlink(upload.note)  # first, see `hjp.stages`
        self._unlink(f"{upload.token}.tmp")  # where there was no room for all of it
        if not upload.is_committed:
            self._unlink(upload.part)
            self.store.room.give(upload.size)
        self._forget(upload)

    def expire(self) -> None:
        """Remove what nobody has used for long (HJP-FOD-2), if it is time to look."""
        now = time.monotonic()
        with self._lock:
            if now - self._looked < _LOOK_SECONDS:
                return
            self._looked = now
            uploads = tuple(self._uploads.values())
        for upload in uploads:
            with upload.lock:
                is_old = now - upload.used >= _KEPT_SECONDS
                if is_old and not upload.user and not upload.is_gone:
                    self.remove(upload)

    # What an earlier server has left

    def _recover(self) -> None:
        files = set(os.listdir(self._folder))
        for note in sorted(file for file in files if file.endswith(".json")):
            upload = self._read(note)
            if upload:
                self._uploads[upload.token] = upload
                files -= {upload.note, upload.part}
        for file in files:
            self._unlink(file)
        self._looked -= _LOOK_SECONDS
        self.expire()

    def _read(self, note: str) -> _Upload | None:
        try:
            text = self._contents(note)
            upload = _Upload(note.removesuffix(".json"), Terms(**text["terms"]))
            upload.reply, upload.synced = text["reply"], int(text["synced"])
            is_same_boot = text["boot"] == self._boot != ""
        except (ValueError, TypeError, KeyError, AttributeError):
            return None  # cut short by a crash of the machine
        upload.is_noted = True
        changed = os.stat(note, dir_fd=self._folder).st_mtime
        part = self._status(upload.part)
        upload.is_committed = upload.reply is not None and (
            not part or part.st_nlink > 1
        )
        if upload.is_committed:
            self._unlink(upload.part)
        elif part:
            size, changed = part.st_size, max(changed, part.st_mtime)
            upload.size = size if is_same_boot else min(size, upload.synced)
            self.store.room.add(upload.size)
        else:
            return None
        upload.used -= max(0.0, time.time() - changed)
        return upload

    def _contents(self, note: str) -> Any:
        descriptor = os.open(note, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._folder)
        with open(descriptor, "rb") as file:
            return json.loads(file.read())

    def _status(self, file: str) -> os.stat_result | None:
        try:
            return os.stat(file, dir_fd=self._folder)
        except FileNotFoundError:
            return None

    def _unlink(self, file: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(file, dir_fd=self._folder)


def _this_boot() -> str:
    """Since when the machine runs; empty where that cannot be known."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""
