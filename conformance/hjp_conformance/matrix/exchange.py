"""What a client does with a server, and what it prints where both are right."""

from collections.abc import Sequence
from dataclasses import dataclass

from hjp_conformance.catalogue import Case, level_of
from hjp_conformance.client_process import Action, ok_line

MODE = "pair"

Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One run of a client, or several runs at the same time.

    Attributes:
        actions: what the client is told to do.
        accepted: the lines that it may print at its end, one outcome each.
        input: the lines on its standard input, for `call`.
        needs: the greatest payload that it sends after `hello`, in octets.
        otherwise: what is accepted instead from a server that takes no such payload.
        beside: what further clients do at the same time, each with its lines.
        held: whether another client is in the middle of a request all the time.
    """

    actions: tuple[Action, ...]
    accepted: tuple[Lines, ...]
    input: Lines = ()
    needs: int = 0
    otherwise: tuple[Lines, ...] = ()
    beside: tuple[tuple[tuple[Action, ...], Lines], ...] = ()
    held: bool = False

    def outcomes(self, max_payload: int) -> tuple[Lines, ...]:
        """What may be printed with a server that has stated this `max_payload`."""
        return self.accepted if self.needs <= max_payload else self.otherwise


def exchange(
    id_: str,
    title: str,
    requirements: Sequence[str],
    actions: Sequence[Action],
    *accepted: Sequence[str],
    **more: object,
) -> Case:
    """A case of an exchange.

    Args:
        id_: permanent; `pair-`, chapter, name.
        title: what is asked and what is expected, in a line.
        requirements: without `HJP-`, the first one first.
        actions: what the client is told to do.
        accepted: the lines that it may print, one outcome each.
        more: the other attributes of `Exchange`.
    """
    cited = tuple(f"HJP-{id_}" for id_ in requirements)
    outcomes = tuple(map(tuple, accepted))
    code = Exchange(tuple(actions), outcomes, **more)  # type: ignore[arg-type]
    area = id_.split("-")[1].upper()
    return Case(id_, title, cited, level_of(cited), area, MODE, "core", code)


def ok(payload: bytes = b"") -> str:
    """The line for a final reply that is ok."""
    return ok_line(payload)
