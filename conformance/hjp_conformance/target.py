"""What is tested, as far as every mode knows it."""

from typing import Protocol

from hjp_conformance.patience import Patience
from hjp_conformance.preflight import Facts


class Target(Protocol):
    """What is under test.

    Attributes:
        arguments: those of `hjp-conformance` that name it again.
        title: what it is, for people.
    """

    arguments: str

    @property
    def title(self) -> str:
        """What it is, for people."""

    def meet(self, patience: Patience) -> Facts:
        """Find out whether it is what it should be, and what it says of itself.

        Raises:
            TargetGoneError: it cannot be had, or is something else.
        """

    def epitaph(self, seconds: float) -> str | None:
        """How it ended; None if it runs on for so long, or if nobody can know."""

    def silence(self, patience: Patience) -> str | None:
        """That it answers nobody any more; None where it does."""

    def renew(self) -> None:
        """Start it again, whatever it does now.

        Raises:
            TargetGoneError: it cannot be had again.
        """

    def stop(self) -> None:
        """Stop what the suite has started."""
