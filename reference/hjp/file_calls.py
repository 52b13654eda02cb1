"""What both clients do with objects: the same methods, blocking and on asyncio."""

import abc
import io
from collections.abc import AsyncIterator, Generator, Iterable, Iterator
from typing import Any, TypeVar, overload

from hjp.gets import Entry, GetOptions, delete, get, list_all, sink_for, stat
from hjp.many_puts import Named, Outcome, put_all
from hjp.puts import PutOptions, put
from hjp.sinks import Writable
from hjp.sources import PathLike, Puttable
from hjp.transfers import Action, Give, LeftError, Progress, Steps, Stored

__all__ = ["AsyncFiles", "Files"]

T = TypeVar("T")


class _Getting:
    """Where one object goes: to whom asks, or somewhere else."""

    def __init__(
        self, name: str, to: PathLike | Writable | None, origin: str, *, resume: bool
    ) -> None:
        self._memory = io.BytesIO()
        where = self._memory if to is None else to
        self._is_memory = to is None
        self.sink = sink_for(where, name, origin, resume=resume)

    def result(self, stored: Stored) -> Stored | bytes:
        return self._memory.getvalue() if self._is_memory else stored


class Files(abc.ABC):
    """The operations of `files` and `delete`, blocking.

    What a lost connection interrupts goes on by itself, where the server offers
    `resume` in the middle, and in another process as well if a path is put or got. A
    transfer that fails in the middle closes the connection; the next one opens it.

    All raise `ReplyError` for what the server refuses, `TransferError` for what is not
    what was meant, ``ValueError`` for a name that is none, ``OSError`` of disks,
    `ConnectionLost` and ``TimeoutError`` when trying again was of no use.
    """

    @property
    @abc.abstractmethod
    def origin(self) -> str:
        """The URL of the server, written in one way."""

    @abc.abstractmethod
    def _act(self, action: Action) -> Any:
        """Do what a transfer wants done."""

    def put(
        self,
        source: Puttable,
        name: str | None = None,
        *,
        overwrite: bool = False,
        digest: bool = True,
        resume: bool = True,
        retries: int = 5,
        progress: Progress | None = None,
    ) -> Stored:
        """Put an object.

        Args:
            source: A path, octets, or a binary file object, read from where it stands.
            name: Its name; that of the file if none is given.
            overwrite: Whether it may take the place of another one.
            digest: Whether the server has to check the octets by their SHA-256.
            resume: Whether to go on where an earlier try was interrupted.
            retries: How often in a row to try again without progress.
            progress: Is told how many octets are done, and of how many.
        """
        options = PutOptions(overwrite, digest, resume, retries, progress)
        return self._drive(put(source, name, self.origin, options))

    def put_all(
        self,
        sources: Iterable[Named],
        *,
        overwrite: bool = False,
        digest: bool = True,
        resume: bool = True,
        retries: int = 5,
        progress: Progress | None = None,
    ) -> Iterator[Outcome]:
        """Put many objects, small files without waiting for each.

        Args:
            sources: What `put` takes, or pairs of that and a name.
            overwrite: As with `put`, like all others.
            digest: The same.
            resume: The same.
            retries: The same.
            progress: The same, for each large object by itself.

        Yields:
            What became of each, in order.
        """
        options = PutOptions(overwrite, digest, resume, retries, progress)
        return self._each(put_all(sources, self.origin, options))

    @overload
    def get(
        self,
        name: str,
        to: None = None,
        *,
        digest: bool = True,
        resume: bool = True,
        retries: int = 5,
        progress: Progress | None = None,
    ) -> bytes: ...

    @overload
    def get(
        self,
        name: str,
        to: PathLike | Writable,
        *,
        digest: bool = True,
        resume: bool = True,
        retries: int = 5,
        progress: Progress | None = None,
    ) -> Stored: ...

    def get(
        self,
        name: str,
        to: PathLike | Writable | None = None,
        *,
        digest: bool = True,
        resume: bool = True,
        retries: int = 5,
        progress: Progress | None = None,
    ) -> Stored | bytes:
        """Get an object.

        Args:
            name: Its name.
            to: A folder, the path of a file, which appears or is replaced when all of
                it has come, or a binary file object; ``None`` for the octets.
            digest: Whether to check the octets by their SHA-256.
            resume: Whether to go on where an earlier try was interrupted.
            retries: How often in a row to try again without progress.
            progress: Is told how many octets are done, and of how many.
        """
        getting = _Getting(name, to, self.origin, resume=resume)
        options = GetOptions(digest, retries, progress)
        return getting.result(self._drive(get(name, getting.sink, options)))

    def stat(self, name: str, *, digest: bool = False) -> Entry:
        """Ask about an object; for its digest the server reads all of it."""
        return self._drive(stat(name, digest=digest))

    def list(self, after: str = "") -> Iterator[Entry]:
        """List the objects, or those with greater names, in the order of names."""
        return self._each(list_all(after))

    def delete(self, name: str, *, if_tag: str | None = None) -> None:
        """Delete an object, or only that state of it."""
        self._drive(delete(name, if_tag))

    def _drive(self, steps: Steps[T]) -> T:
        try:
            next(self._each(steps))
        except StopIteration as stop:
            result: T = stop.value
            return result
        raise AssertionError("a transfer of one result gave several")

    def _each(self, steps: Steps[T]) -> Generator[Any, None, T]:
        """Do what a transfer wants until it ends; give what it gives."""
        result: Any = None
        error: BaseException | None = None
        while True:
            try:
                action = steps.throw(error) if error else steps.send(result)
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]
            except LeftError:
                return None  # type: ignore[return-value]
            result, error = None, None
            try:
                if isinstance(action, Give):
                    yield action.value
                else:
                    result = self._act(action)
            except GeneratorExit:
                error = LeftError()
            except BaseException as why:
                error = why


class AsyncFiles(abc.ABC):
    """The operations of `files` and `delete` on asyncio; see `Files`.

    Disks are used in worker threads.
    """

    @property
    @abc.abstractmethod
    def origin(self) -> str:
        """The URL of the server, written in one way."""

    @abc.abstractmethod
    async def _act(self, action: Action) -> Any:
        """Do what a transfer wants done."""

    async def put(
        self,
        source: Puttable,
        name: str | None = None,
        *,
        overwrite: bool = False,
        digest: bool = True,
        resume: bool = True,
        retries: int = 5,
        progress: Progress | None = None,
    ) -> Stored:
        """Put an object; see `Files.put`."""
        options = PutOptions(overwrite, digest, resume, retries, progress)
        return await self._drive(put(source, name, self.origin, options))

    def put_all(
        self,
        sources: Iterable[Named],
        *,
        overwrite: bool = False,
        digest: bool = True,
        resume: bool = True,
        retries: int = 5,
        progress: Progress | None = None,
    ) -> AsyncIterator[Outcome]:
        """Put many objects; see `Files.put_all`."""
        options = PutOptions(overwrite, digest, resume, retries, progress)
        return self._each(put_all(sources, self.origin, options))

    @overload
    async def get(
        self,
        name: str,
        to: None = None,
        *,
        digest: bool = True,
        resume: bool = True,
        retries: int = 5,
        progress: Progress | None = None,
    ) -> bytes: ...

    @overload
    async def get(
        self,
        name: str,
        to: PathLike | Writable,
        *,
        digest: bool = True,
        resume: bool = True,
        retries: int = 5,
        progress: Progress | None = None,
    ) -> Stored: ...

    async def get(
        self,
        name: str,
        to: PathLike | Writable | None = None,
        *,
        digest: bool = True,
        resume: bool = True,
        retries: int = 5,
        progress: Progress | None = None,
    ) -> Stored | bytes:
        """Get an object; see `Files.get`."""
        getting = _Getting(name, to, self.origin, resume=resume)
        options = GetOptions(digest, retries, progress)
        return getting.result(await self._drive(get(name, getting.sink, options)))

    async def stat(self, name: str, *, digest: bool = False) -> Entry:
        """Ask about an object; for its digest the server reads all of it."""
        return await self._drive(stat(name, digest=digest))

    def list(self, after: str = "") -> AsyncIterator[Entry]:
        """List the objects, or those with greater names, in the order of names."""
        return self._each(list_all(after))

    async def delete(self, name: str, *, if_tag: str | None = None) -> None:
        """Delete an object, or only that state of it."""
        await self._drive(delete(name, if_tag))

    async def _drive(self, steps: Steps[T]) -> T:
        result: Any = None
        error: BaseException | None = None
        while True:
            try:
                action = steps.throw(error) if error else steps.send(result)
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]
            result, error = None, None
            try:
                result = await self._act(action)
            except BaseException as why:
                error = why

    async def _each(self, steps: Steps[None]) -> AsyncIterator[Any]:
        result: Any = None
        error: BaseException | None = None
        while True:
            try:
                action = steps.throw(error) if error else steps.send(result)
            except (StopIteration, LeftError):
                return
            result, error = None, None
            try:
                if isinstance(action, Give):
                    yield action.value
                else:
                    result = await self._act(action)
            except GeneratorExit:
                error = LeftError()
            except BaseException as why:
                error = why
