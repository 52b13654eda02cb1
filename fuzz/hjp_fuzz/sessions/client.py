"""A client that does what it likes on several connections: the steps of a session.

It chooses by what it has sent, never by what came back: so the same choices make the
same session, whatever the server does and however long it takes.
"""

from hjp_fuzz import grammar
from hjp_fuzz.cases import pieces
from hjp_fuzz.dialect import HJP
from hjp_fuzz.sessions.model import Connection
from hjp_fuzz.sessions.moves import Move, Notes, burst
from hjp_fuzz.sessions.steps import Act, Step, Then
from hjp_fuzz.sources import Source

_MOST_OPEN = 4
_MOST_CUTS = 6
_SELDOM = 25


class Client:
    """A client and what it knows of its connections.

    Args:
        stated: the `max_payload` that the server states, in octets.
        most_open: how many connections it keeps open.
    """

    def __init__(self, stated: int, most_open: int = _MOST_OPEN) -> None:
        self._stated = stated
        self._most_open = most_open
        self._open: dict[int, Connection] = {}
        self._last = 0
        self._left: dict[int, bytes] = {}
        """What is still to be sent of frames that were sent in part."""

    def move(self, source: Source, move: Move, fresh: bool = False) -> list[Step]:
        """Make a move on one of the connections, or on a new one.

        Args:
            source: where the choices come from.
            move: what to do.
            fresh: whether on a connection without a request as yet.
        """
        number, octets = self._written(source, move, fresh)
        return self._taken(self._sending(source, number, octets))

    def rest(self, source: Source) -> list[Step]:
        """Send what is left of a frame that was sent in part."""
        if not self._left:
            return []
        number = source.choice(sorted(self._left))
        return self._taken([Step(number, octets=self._left.pop(number))])

    def leave(self, source: Source, act: Act) -> list[Step]:
        """End or reset a connection, of which a frame may be sent in part only."""
        if not self._open:
            return []
        number = source.choice(sorted(self._open))
        self._forget(number)
        return [Step(number, act)]

    def flood(self, source: Source) -> list[Step]:
        """Now and then ask for more than a transport holds, without reading."""
        if not source.flag(_SELDOM):
            return []
        number, octets = self._written(source, burst, fresh=False)
        return self._taken([Step(number, octets=octets, then=Then.DEAF)])

    def stop(self, source: Source) -> list[Step]:
        """Now and then tell the server to stop, once there are connections."""
        tell = bool(self._open) and source.flag(_SELDOM)
        return [Step(0, Act.STOP)] if tell else []

    def _forget(self, number: int) -> None:
        self._left.pop(number, None)
        del self._open[number]

    def _taken(self, steps: list[Step]) -> list[Step]:
        """Note what is sent; a connection that was refused is given up."""
        for step in steps:
            model = self._open.get(step.connection)
            if model is not None:
                model.sent(step.octets)
                if model.over:
                    self._forget(step.connection)
        return steps

    def _written(self, source: Source, move: Move, fresh: bool) -> tuple[int, bytes]:
        """Write a move, and tell on which connection."""
        number = self._pick(source, fresh)
        if number not in self._open:
            self._last = number
            self._open[number] = Connection(self._stated)
        left = self._left.pop(number, b"")
        return number, left + move(source, Notes.of(self._open[number]))

    def _pick(self, source: Source, fresh: bool) -> int:
        """Choose a connection on which a new frame can be sent."""
        usable = [
            number
            for number, model in self._open.items()
            if (number in self._left or not model.unfinished)
            and not (fresh and model.ids.requests)
        ]
        # A new one is simplest where there is none; else the one that was used last.
        if usable and (len(self._open) >= self._most_open or not source.flag(6)):
            return source.choice(usable[::-1])
        if len(self._open) >= self._most_open:
            return next(iter(self._open))
        return self._last + 1

    def _sending(self, source: Source, number: int, octets: bytes) -> list[Step]:
        """Send octets at once, without waiting, in pieces, or in part."""
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
