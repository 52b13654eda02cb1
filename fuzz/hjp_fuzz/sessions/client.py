"""A client that does what it likes on several connections: the steps of a session."""

from collections.abc import Callable, Mapping

from hjp_fuzz import grammar
from hjp_fuzz.cases import pieces
from hjp_fuzz.dialect import HJP
from hjp_fuzz.sessions.model import Connection
from hjp_fuzz.sessions.moves import Move, Notes, burst
from hjp_fuzz.sessions.steps import Act, Step, Then
from hjp_fuzz.sources import Source

MOST_OPEN = 4
_MOST_CUTS = 6
_SELDOM = 10

Choose = Callable[[Source, "Client"], list[Step]]
"""What a rule of the machine does: it chooses the next steps."""


class Client:
    """What a client knows beyond the models of its connections.

    Args:
        models: the connections that were opened, by their numbers.
    """

    def __init__(self, models: Mapping[int, Connection]) -> None:
        self._models = models
        self._left: dict[int, bytes] = {}
        """What is still to be sent of frames that were sent in part."""

    def move(self, source: Source, move: Move, *, fresh: bool = False) -> list[Step]:
        """Make a move on one of the connections, or on a new one.

        Args:
            source: where the choices come from.
            move: what to do.
            fresh: whether on a connection without a request as yet.
        """
        return self._sending(source, *self._written(source, move, fresh))

    def _written(self, source: Source, move: Move, fresh: bool) -> tuple[int, bytes]:
        """Write a move, and tell on which connection."""
        number = self._pick(source, fresh)
        model = self._models.get(number) or Connection()
        left = self._left.pop(number, b"")
        return number, left + move(source, Notes.of(model))

    def rest(self, source: Source) -> list[Step]:
        """Send what is left of a frame that was sent in part."""
        if not self._left:
            return []
        number = source.choice(sorted(self._left))
        return [Step(number, octets=self._left.pop(number), then=Then.WAIT)]

    def leave(self, source: Source, act: Act) -> list[Step]:
        """End or reset a connection, of which a frame may be sent in part only."""
        open_ = self._open()
        if not open_:
            return []
        number = source.choice(open_)
        self._left.pop(number, None)
        return [Step(number, act)]

    def flood(self, source: Source) -> list[Step]:
        """Now and then ask for more than a transport holds, without reading."""
        if not source.flag(_SELDOM):
            return []
        number, octets = self._written(source, burst, fresh=False)
        return [Step(number, octets=octets, then=Then.DEAF)]

    def stop(self, source: Source) -> list[Step]:
        """Now and then tell the server to stop, once there are connections."""
        tell = bool(self._open()) and source.flag(_SELDOM)
        return [Step(0, Act.STOP)] if tell else []

    def _open(self) -> list[int]:
        return [number for number, model in self._models.items() if not model.closed]

    def _pick(self, source: Source, fresh: bool) -> int:
        """Choose a connection on which a new frame can be sent."""
        open_ = self._open()
        new = max(self._models, default=0) + 1
        usable = [
            number
            for number in open_
            if not self._models[number].over
            and not (self._models[number].unfinished and number not in self._left)
            and not (fresh and self._models[number].ids.requests)
        ]
        if not usable or (len(open_) < MOST_OPEN and source.flag(6)):
            return new
        return source.choice(usable)

    def _sending(self, source: Source, number: int, octets: bytes) -> list[Step]:
        """Send octets: at once, in pieces, in part, without waiting, without reading."""
        way = source.int(0, 15)
        if way < 9 or len(octets) < 2:
            return [Step(number, octets=octets)]
        if way < 12:
            return [Step(number, octets=octets, then=Then.ON)]
        if way < 15:
            parts = _divided(source, octets)
            steps = [Step(number, octets=part, then=Then.APART) for part in parts]
            return [*steps[:-1], Step(number, octets=parts[-1])]
        keep = source.int(1, len(octets) - 1)
        self._left[number] = octets[keep:]
        return [Step(number, octets=octets[:keep], then=Then.APART)]


def _divided(source: Source, octets: bytes) -> list[bytes]:
    _, edges = HJP.write_all(HJP.read(octets))
    cuts = grammar.cuts(source, len(octets), edges)[:_MOST_CUTS]
    return pieces(octets, cuts)
