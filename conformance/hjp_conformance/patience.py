"""How long the suite waits for a target before it calls a case inconclusive."""

_HELD_TO = (1.0, 1.0, 1.0, 0.2, 0.2, 0.2, 0.2, 0.05)


class Patience:
    """A deadline that gets shorter with a target that keeps not answering.

    The first deadlines that pass make the run inconclusive for good; after that
    waiting as long again and again would only cost the user's time.

    Attributes:
        exceeded: how many deadlines have passed so far.
    """

    def __init__(self, seconds: float):
        self._seconds = seconds
        self.exceeded = 0

    @property
    def seconds(self) -> float:
        """How long to wait now."""
        return self._seconds * _HELD_TO[min(self.exceeded, len(_HELD_TO) - 1)]

    def exceed(self) -> None:
        """Note that a deadline has passed."""
        self.exceeded += 1
