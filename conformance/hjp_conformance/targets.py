"""What is tested: a server somewhere, or one that the suite starts itself."""

import shlex
import sys
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

from hjp_conformance.probe import Address
from hjp_conformance.process import Process
from hjp_conformance.verdicts import TargetGoneError


class Target(Protocol):
    """A server under test.

    Attributes:
        arguments: those of `hjp-conformance` that name it again.
    """

    arguments: str

    @property
    def address(self) -> Address:
        """Where it listens."""

    def epitaph(self, seconds: float) -> str | None:
        """How it ended; None if it runs on for so long, or if nobody can know."""

    def renew(self) -> None:
        """Start it again, whatever it does now.

        Raises:
            TargetGoneError: it cannot be had again.
        """

    def spare(self, limits: dict[str, int]) -> Process | None:
        """Another instance with these limits, None if there is no way to have one.

        Raises:
            TargetGoneError: it cannot be started.
        """

    def stop(self) -> None:
        """Stop what the suite has started."""


@dataclass(slots=True)
class Remote:
    """A server that somebody else runs."""

    address: Address
    arguments: str

    def epitaph(self, seconds: float) -> None:
        """See `Target`: only its connections are seen."""

    def renew(self) -> NoReturn:
        """See `Target`: nobody here can start it."""
        raise TargetGoneError("the suite did not start it and cannot start it again")

    def spare(self, limits: dict[str, int]) -> None:
        """See `Target`: nobody here can start one."""

    def stop(self) -> None:
        """See `Target`: it is not ours to stop."""


@dataclass(slots=True)
class Started:
    """A server that the suite starts, and starts again after a crash."""

    command: str
    arguments: str = ""
    _process: Process = field(init=False)

    def __post_init__(self) -> None:
        self.arguments = self.arguments or f"server --cmd {shlex.quote(self.command)}"
        self._process = Process(self.command)

    @property
    def address(self) -> Address:
        """See `Target`."""
        return self._process.address

    def epitaph(self, seconds: float) -> str | None:
        """See `Target`."""
        return self._process.epitaph() if self._process.wait(seconds) else None

    def renew(self) -> None:
        """See `Target`."""
        self._process.stop()
        self._process = Process(self.command)

    def spare(self, limits: dict[str, int]) -> Process | None:
        """See `Target`: a foreign command has no agreed way to be told limits."""
        return None if limits else Process(self.command)

    def stop(self) -> None:
        """See `Target`."""
        self._process.stop()


# More than every server takes, so that hello changes something.
_MAX_PAYLOAD = {"max_payload": 2**20}


class Embedded(Started):
    """The reference server, as a process: the suite never imports it."""

    def __init__(self) -> None:
        super().__init__(_reference(_MAX_PAYLOAD), arguments="server")

    def spare(self, limits: dict[str, int]) -> Process:
        """See `Target`."""
        return Process(_reference(_MAX_PAYLOAD | limits))


def _reference(limits: dict[str, int]) -> str:
    """The command of the reference server, with every feature that it has."""
    words = [sys.executable, "-m", "hjp", "serve", "--host", "127.0.0.1", "--port", "0"]
    for name, value in limits.items():
        words += ["--limit", f"{name}={value}"]
    return shlex.join(words)
