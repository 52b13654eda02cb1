"""What all targets have in common: questions, answers, and how one gets lost."""

import sysconfig
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from hjp_fuzz.cases import Cuts, pieces

if TYPE_CHECKING:  # it needs what is here
    from hjp_fuzz.formats import Format

Pair = tuple[Any, bytes]
"""Metadata and payload of a frame, as a target gives them."""

Encode = Callable[[Any, bytes], bytes]
"""Writes a frame of metadata and payload."""

Fate = Literal["crash", "hang", "garbage", "memory"]
"""What becomes of a target that does not answer; also the id of a check."""


class TargetError(Exception):
    """The target cannot be used; the text says why."""


class NotFound(TargetError):  # noqa: N818
    """There is no such module, callable or program: the name is wrong."""


class Lost(Exception):  # noqa: N818
    """A target gave no answer, or none that can be read.

    Attributes:
        check: what became of it.
        got: the same in a few words, without what changes from run to run.
        message: more of it.
    """

    def __init__(self, check: Fate, got: str, message: str = "") -> None:
        super().__init__(check, got, message)
        self.check: Fate = check
        self.got = got
        self.message = message


class Unwritten(Exception):  # noqa: N818
    """The target does not write a frame; the text says what it did in place of that."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an answer may cost.

    Attributes:
        patience: seconds until a target counts as hung.
        memory: octets that a target may take beyond what it has when it is idle.
            The largest frame has 131 088; the rest is room for runtimes that
            collect their garbage late.
    """

    patience: float = 2.0
    memory: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Contract:
    """By what a target tells its verdict, where that is for the user to say.

    Attributes:
        error: module and class of the exception that refuses a frame; of a callable.
        incomplete: the same of an end inside a frame.
        reject_status: the exit status that refuses a frame; of a program.
        incomplete_status: the same of an end inside a frame.
        dialect: module and name of the format that it reads; HJP if empty.
    """

    error: str = ""
    incomplete: str = ""
    reject_status: int = 1
    incomplete_status: int = 2
    dialect: str = ""


LIMITS = Limits()
"""What an answer may cost if nothing else is said."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a target is given at once.

    Attributes:
        stream: the octets.
        cuts: where the reads end.
        canary: octets of a frame that come after the stream, as a read of their own.
    """

    stream: bytes
    cuts: Cuts = ()
    canary: bytes = b""

    @property
    def chunks(self) -> list[bytes]:
        """The reads, without the canary."""
        return pieces(self.stream, self.cuts)


@dataclass(slots=True)
class Answer:
    """What a target made of an input.

    Attributes:
        status: accept, incomplete, reject, or raised for any other exception.
        code: the code of a reject, if the target tells codes.
        frames: the frames read, before the reject if there was one.
        known: octets of input of which the frames are surely known.
        told: whether the target tells frames at all.
        later: frames that came out after the reject.
        canary: frames that came out of the canary.
        stopped: whether an exception came before the end of the input.
        raised: the class of an undeclared exception.
        place: where it was raised.
        message: its text.
    """

    status: str = "accept"
    code: str | None = None
    frames: list[Pair] = field(default_factory=list)
    known: int = 0
    told: bool = True
    later: int = 0
    canary: list[Pair] = field(default_factory=list)
    stopped: bool = False
    raised: str = ""
    place: str = ""
    message: str = ""


class Decoder(Protocol):
    """What a factory makes."""

    def feed(self, chunk: bytes, /) -> Iterable[Any] | None:
        """Take octets and return the frames that they complete."""

    def close(self) -> object:
        """Tell that no more octets come."""


class Target(Protocol):
    """A parser or a server, however it is reached.

    Attributes:
        apart: whether it runs in processes of its own, and looks after them.
        serves: whether it is a server, which answers requests in place of
            telling what it has read.
    """

    apart: ClassVar[bool]
    serves: ClassVar[bool]

    @property
    def name(self) -> str:
        """How the user named it; `named.opened` takes this."""

    @property
    def divides(self) -> bool:
        """Whether it takes the reads one by one; if not, it gets them joined."""

    @property
    def contract(self) -> Contract:
        """What the user said of how it answers."""

    @property
    def encode(self) -> Encode | None:
        """What writes a frame; None if the target offers nothing of the kind."""

    @property
    def dialect(self) -> "Format | None":
        """The format that it reads; None if that is HJP."""

    def run(self, chunks: Sequence[bytes], canary: bytes = b"") -> Answer:
        """Give an input and tell what came of it.

        Args:
            chunks: the reads.
            canary: octets of a frame that come after the input, as a read of their
                own; after a reject as well.

        Raises:
            Lost: there is no answer.
            TargetError: the target cannot be used.
        """

    def run_all(self, questions: Sequence[Question]) -> Iterator[Answer | Lost]:
        """Answer many questions, each for itself, whatever becomes of the others.

        Raises:
            TargetError: the target cannot be used.
        """

    def within(self, limits: Limits) -> "Target":
        """Return this target with other limits."""

    def close(self) -> None:
        """End what was started; the next run starts it again."""


def asked_in_turn(
    target: Target, questions: Sequence[Question]
) -> Iterator[Answer | Lost]:
    """Do as `Target.run_all` says, one question after the other."""
    for question in questions:
        try:
            yield target.run(question.chunks, question.canary)
        except Lost as lost:
            yield lost


def type_name(error: BaseException) -> str:
    """Return the class of an exception, with its module unless it is a builtin."""
    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return module + kind.__qualname__


_LIBRARY = (
    sysconfig.get_path("stdlib"),
    "<frozen",
    str(Path(__file__).parents[1]),
)


def place(error: BaseException) -> str:
    """Return file and line of the innermost frame that is somebody's own code."""
    trace, found = error.__traceback__, ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith(_LIBRARY):
            found = f"{Path(file).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found
