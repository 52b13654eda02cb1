"""A parser in Python, called in this process, and the contract that it keeps.

It is one of two things:

* a function ``parse(data: bytes)`` that returns, or yields, pairs of metadata (a
  dict) and payload (bytes), one for each frame; objects with attributes of these
  names will do as well;
* a factory, called without arguments, of objects with ``feed(chunk: bytes)``, which
  returns or yields such pairs, and ``close()``, which tells that the input ended.

It refuses a frame by raising an error, ValueError unless told otherwise; if the
error has an attribute ``code``, it is compared.  An input that ends inside a frame
raises another one, EOFError unless told otherwise, from ``parse`` or from ``close``.

A generator keeps the frames that it has yielded before it raises.  A function that
returns a list cannot return and raise at once, so what a call has read that raises
before it gives a frame is not missed.
"""

import builtins
import importlib
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from hjp_fuzz.targets.base import (
    Answer,
    Contract,
    Decoder,
    Encode,
    Limits,
    Lost,
    NotFound,
    Pair,
    Question,
    TargetError,
    asked_in_turn,
    place,
    type_name,
)

if TYPE_CHECKING:  # it needs what is here
    from hjp_fuzz.formats import Format

ENDLESS = 1 << 16
"""More frames than any input holds: a generator that gives more never ends."""

Parse = Callable[[bytes], Iterable[Any] | None]
"""Takes octets, gives frames: pairs, or objects with metadata and payload."""


@dataclass(frozen=True, slots=True)
class CallableTarget:
    """A parser with its contract.

    Attributes:
        name: how the user named it.
        parse: the function, if it is one.
        factory: the factory, if it is one.
        encode: writes a frame of metadata and payload, if the parser offers it.
        error: what refuses a frame.
        incomplete: what tells of an end inside a frame.
        dialect: the format that it reads; None if that is HJP.
    """

    name: str
    parse: Parse | None = None
    factory: Callable[[], Decoder] | None = None
    encode: Encode | None = None
    error: type[BaseException] = ValueError
    incomplete: type[BaseException] = EOFError
    dialect: "Format | None" = None

    apart: ClassVar[bool] = False
    serves: ClassVar[bool] = False

    @property
    def divides(self) -> bool:
        """Whether it takes the reads one by one."""
        return self.parse is None

    @property
    def contract(self) -> Contract:
        """The names of the exceptions."""
        return Contract(
            _contract_name(self.error),
            _contract_name(self.incomplete),
            dialect=self.dialect.name if self.dialect else "",
        )

    def within(self, limits: Limits) -> "CallableTarget":
        """Return the same: who calls it looks after the limits."""
        return self

    def run_all(self, questions: Sequence[Question]) -> Iterator[Answer | Lost]:
        """Answer one question after the other."""
        return asked_in_turn(self, questions)

    def close(self) -> None:
        """Do nothing: nothing was started."""

    def run(self, chunks: Sequence[bytes], canary: bytes = b"") -> Answer:
        """Feed an input and tell what came of it.

        Args:
            chunks: the reads; a function gets them joined.
            canary: octets of a frame to be fed after the input, as a read of their
                own; after a reject as well.

        Raises:
            Lost: it is out of memory, or gives something that is no pair.
            TargetError: the factory fails.
        """
        if self.parse is not None:
            return self._call(self.parse, b"".join(chunks) + canary)
        return self._feed(chunks, canary)

    def _call(self, parse: Parse, data: bytes) -> Answer:
        answer = Answer()
        if self._take(answer, answer.frames, parse, data):
            answer.known = len(data)
        return answer

    def _feed(self, chunks: Sequence[bytes], canary: bytes) -> Answer:
        answer = Answer()
        try:
            decoder = self.factory()  # type: ignore[misc]
        except Exception as error:
            raise TargetError(f"{self.name}() raised {_named(error)}") from error
        feed, frames, reads = decoder.feed, answer.frames, iter(chunks)
        for chunk in reads:
            complete = self._take(answer, frames, feed, chunk)
            answer.known += len(chunk) if complete else 0
            if answer.stopped:
                answer.later = len(self._ignore(decoder, b"".join(reads)))
                answer.canary = self._ignore(decoder, canary)
                return answer
        if canary:
            self._take(answer, answer.canary, decoder.feed, canary)
        if not answer.stopped:
            self._end(answer, decoder)
        return answer

    def _ignore(self, decoder: Decoder, chunk: bytes) -> list[Pair]:
        """Feed after a reject: any exception will do, frames will not."""
        frames: list[Pair] = []
        if chunk:
            self._take(Answer(), frames, decoder.feed, chunk)
        return frames

    def _take(
        self,
        answer: Answer,
        frames: list[Pair],
        call: Parse,
        data: bytes,
    ) -> bool:
        """Add the frames of a call; return whether these are surely all."""
        before = len(frames)
        try:
            given = call(data)
            for pair in given if type(given) is list else self._each(given):
                frames.append(self._pair(pair))
                if len(frames) > ENDLESS:
                    break
        except (KeyboardInterrupt, Lost):
            raise
        except BaseException as error:
            self._note(answer, error)
            return len(frames) > before
        return True

    def _end(self, answer: Answer, decoder: Decoder) -> None:
        try:
            decoder.close()
        except (KeyboardInterrupt, Lost):
            raise
        except BaseException as error:
            self._note(answer, error)

    def _each(self, given: Iterable[Any] | None) -> Iterator[Any]:
        if given is None and self.factory:
            return iter(())
        try:
            return iter(given)  # type: ignore[arg-type]
        except TypeError:
            got = f"a return of {type(given).__name__}, which holds no frames"
            raise Lost("garbage", got, f"{given!r:.80}") from None

    def _pair(self, pair: Any) -> Pair:
        try:
            if type(pair) is not tuple and hasattr(pair, "payload"):
                metadata, payload = pair.metadata, pair.payload
            else:
                metadata, payload = pair
            if type(payload) is not bytes:
                payload = bytes(memoryview(payload))
            return metadata, payload
        except (AttributeError, TypeError, ValueError):
            got = f"a {type(pair).__name__}, no pair of metadata and payload"
            raise Lost("garbage", got, f"{pair!r:.80}") from None

    def _note(self, answer: Answer, error: BaseException) -> None:
        """Keep what the exception tells, not itself: it holds the frames alive."""
        if isinstance(error, MemoryError):  # no refusal, whatever was declared
            raise Lost("memory", "MemoryError", f"at {place(error)}") from None
        answer.stopped = True
        if isinstance(error, self.incomplete):
            answer.status = "incomplete"
        elif isinstance(error, self.error):
            answer.status = "reject"
            code = getattr(error, "code", None)
            answer.code = None if code is None else str(code)
        else:
            answer.status = "raised"
            answer.raised, answer.place = type_name(error), place(error)
            answer.message = f"{error!s:.200}"


def load(
    name: str,
    error: str = "",
    incomplete: str = "",
    folder: Path | None = None,
    dialect: str = "",
) -> CallableTarget:
    """Import a target, named as ``module:callable``, from the current directory.

    Args:
        name: module and callable, such as ``mine:parse``; a path such as
            ``src/mine.py:parse`` is understood as well.
        error: module and class of what refuses a frame; ValueError if empty.
        incomplete: the same of what tells of an end inside a frame; EOFError if empty.
        folder: where to look first, if not in the current directory.
        dialect: module and name of the format that it reads; HJP if empty.

    Raises:
        NotFound: there is no such module, callable, class or dialect.
        TargetError: the module cannot be imported, or the callable is none.
    """
    where = str(folder or Path.cwd())
    if where not in sys.path:
        sys.path.insert(0, where)
    found = _resolve(name)
    if not callable(found):
        raise TargetError(f"{name} is not callable but {type(found).__name__}")
    refusal = _exception(error, ValueError)
    end = _exception(incomplete, EOFError)
    return replace(target_of(found, name, refusal, end), dialect=_dialect(dialect))


def target_of(
    found: Callable[..., Any],
    name: str,
    error: type[BaseException] = ValueError,
    incomplete: type[BaseException] = EOFError,
) -> CallableTarget:
    """Return the target that a callable is: a function of octets, or a factory.

    Args:
        found: the callable.
        name: how the user named it.
        error: what refuses a frame.
        incomplete: what tells of an end inside a frame.

    Raises:
        TargetError: it is a factory of what is no parser.
    """
    made = _made_by(found, name)
    if made is None:
        return CallableTarget(name, parse=found, error=error, incomplete=incomplete)
    encode = getattr(made, "encode", None)
    return CallableTarget(name, None, found, encode, error, incomplete)


def _made_by(found: Callable[..., Any], name: str) -> Any:
    """Return what a factory makes; None if it is a function that wants octets."""
    try:
        inspect.signature(found).bind()
    except TypeError:
        return None
    except ValueError:  # a function written in C may tell nothing
        if not isinstance(found, type):
            return None
    try:
        made = found()
    except Exception as error:
        raise TargetError(f"{name}() raised {_named(error)}") from error
    if not hasattr(made, "feed"):
        if isinstance(found, type):
            raise TargetError(f"{name}() makes an object without feed")
        return None
    if not callable(getattr(made, "close", None)):
        raise TargetError(f"{name}() makes an object with feed but without close")
    return made


def _resolve(name: str) -> Any:
    module, colon, path = name.rpartition(":")
    if not colon or not module or not path:
        raise NotFound(f"{name!r} is not of the form module:callable")
    if module.endswith(".py"):
        file = Path(module)
        sys.path.insert(0, str(file.parent.resolve()))
        module = file.stem
    found = _import(module)
    for part in path.split("."):
        if not hasattr(found, part):
            raise NotFound(f"module {module} has no {path}")
        found = getattr(found, part)
    return found


def _import(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name and (module == error.name or module.startswith(error.name + ".")):
            raise NotFound(f"there is no module {module} here") from None
        raise TargetError(f"module {module} imports {error.name}: not found") from error
    except Exception as error:
        message = (
            f"module {module} cannot be imported: {_named(error)} at {place(error)}"
        )
        raise TargetError(message) from error


def _exception(name: str, default: type[BaseException]) -> type[BaseException]:
    if not name:
        return default
    if ":" not in name and not hasattr(builtins, name):
        raise NotFound(f"{name!r} is neither MODULE:CLASS nor an exception of Python")
    found = _resolve(name if ":" in name else f"builtins:{name}")
    if not isinstance(found, type) or not issubclass(found, BaseException):
        raise NotFound(f"{name} is not an exception")
    return found


def _dialect(name: str) -> "Format | None":
    from hjp_fuzz.formats import Format  # it needs what is here

    if not name:
        return None
    found = _resolve(name)
    if not isinstance(found, Format):
        raise NotFound(f"{name} is no dialect: hjp_fuzz.formats.dialect makes one")
    return replace(found, name=name)


def _named(error: BaseException) -> str:
    return f"{type_name(error)}: {error!s:.200}" if str(error) else type_name(error)


def _contract_name(error: type[BaseException]) -> str:
    return f"{error.__module__}:{error.__qualname__}"
