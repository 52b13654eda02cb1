"""What a case of the codec mode is, what it asks a codec, what it leaves behind."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hjp_spec.testee import Decoded, Encoded


class Declined(Exception):  # noqa: N818  (an answer)
    """The testee answered a right line with status error; the text is its message."""


class Codec(Protocol):
    """A codec under test.

    What it does wrong as a process is raised: Crashed, Declined, or Inconclusive for
    an answer that does not come.

    Attributes:
        name: what it says of itself.
        codes: whether it tells the code of each refusal.
        encodes: whether it offers to write frames.
        texts: whether its frames have the JSON text as it stood; without it they have
            some text of equal value.
        limits: whether `max_payload` can be set; without it it is 65 536.
        lines: whether the testee is the codec's own, so that its lines are judged.
    """

    name: str
    codes: bool
    encodes: bool
    texts: bool
    limits: bool
    lines: bool

    def decode(self, chunks: Sequence[bytes], max_payload: int) -> Decoded:
        """Feed octets chunk by chunk, then the end of the input."""

    def encode(self, json: str, payload: bytes, max_payload: int) -> Encoded:
        """Let it write one frame."""

    def converse(self, lines: Sequence[bytes]) -> Generator[bytes, None, None]:
        """Write lines of any kind at once; give the answers as they come."""

    def last_words(self, octets: bytes, lines: int) -> tuple[bytes, int]:
        """Run it on an input that ends, of so many lines.

        Returns:
            All that it wrote, and its exit status.

        Raises:
            Violation: it writes more lines than that; it is not waited for then.
        """


@dataclass(slots=True)
class Record:
    """What a case did, for the text about it and for the reports.

    Attributes:
        chunks: the octets fed, read by read.
        asked: lines, or frames to write, in words.
        accepted: every permitted outcome, in words.
        said: what the codec made of it, in words.
        received: the octets that it wrote as a sender.
        wrong: where the first fault in the octets fed is, if they have one.
    """

    chunks: tuple[bytes, ...] = ()
    asked: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    received: bytes = b""
    wrong: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecCase(ABC):
    """A stimulus and every outcome that the text permits.

    Attributes:
        id: permanent and unique, such as `codec-frm-magic-first-octet`.
        title: what is fed and what is expected, in a line.
        requirements: the ids that it cites, the one it is mainly about first.
        area: the chapter, such as `FRM`.
        generated: whether the oracle judges it, and no written outcome.
    """

    id: str
    title: str
    requirements: tuple[str, ...]
    area: str
    generated: bool = False

    @property
    @abstractmethod
    def stimulus(self) -> bytes:
        """All that the case feeds, in octets of no particular form."""

    @abstractmethod
    def check(self, codec: Codec, record: Record) -> None:
        """Ask the codec and judge the answer.

        Raises:
            Violation: the text does not permit what the codec did.
            Inconclusive: an answer did not come in time.
            Crashed: the process ended or wrote garbage.
            Skipped: the codec does not offer this.
        """
