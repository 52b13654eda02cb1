"""A client that is sent to somebody else's server; and all clients of an exchange."""

from collections.abc import Sequence
from contextlib import ExitStack
from time import monotonic

from hjp_conformance.client_process import Action, ClientProcess
from hjp_conformance.matrix.cases import UNKNOWN
from hjp_conformance.matrix.exchange import Exchange, Lines
from hjp_conformance.patience import Patience
from hjp_conformance.verdicts import Inconclusive, Violation

_HELD: tuple[Action, ...] = ("ping", ("call", UNKNOWN))
_HELD_LINES = ("ok", "error unknown_op")
_SHOWN = 100


class Visitor(ClientProcess):
    """One run of a client against a server that is not the suite's."""

    def finish(self, patience: Patience) -> None:
        """Wait until the client has ended.

        Raises:
            Crashed: it was ended by a signal, or has another status than it may.
            Violation: its status is not what its lines say.
            Skipped: it does not offer one of the actions.
            Inconclusive: it did not end.
        """
        expires = monotonic() + patience.seconds
        while self._select([], expires - monotonic()):
            if not self._read_output():
                break
        if not self._has_ended(expires - monotonic()):
            patience.exceed()
            raise Inconclusive("the client does not end" + self._said())
        self._check_status()

    def await_line(self, patience: Patience) -> None:
        """Wait for its first line; one that ends before has said all that it will.

        Raises:
            Inconclusive: neither comes.
        """
        expires = monotonic() + patience.seconds
        while b"\n" not in self._output:
            if not self._select([], expires - monotonic()):
                patience.exceed()
                raise Inconclusive("the client does not print a line" + self._said())
            if not self._read_output():
                return


class Party:
    """All runs of a client that an exchange asks for.

    Attributes:
        visitors: those that were started, that of the exchange itself the first.
    """

    def __init__(self, command: str, url: str, case: str, patience: Patience):
        self._told = command, url, case
        self._patience = patience
        self._stack = ExitStack()
        self.visitors: list[Visitor] = []

    def __enter__(self) -> "Party":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def play(self, exchange: Exchange, max_payload: int) -> None:
        """Do what the exchange says.

        Args:
            exchange: what to do.
            max_payload: what the server has stated, in octets.

        Raises:
            Violation: a client printed something else than it should.
            Crashed, Skipped, Inconclusive: see `Visitor.finish`.
            TargetGoneError: the client cannot be started.
        """
        waiting = self._hold() if exchange.held else None
        first = self._start(exchange.actions)
        for line in exchange.input:
            first.tell(line)
        others = [(self._start(actions), lines) for actions, lines in exchange.beside]
        first.finish(self._patience)
        expect(first, exchange.outcomes(max_payload))
        for other, lines in others:
            other.finish(self._patience)
            expect(other, (lines,), "another client")
        if waiting is not None:
            waiting.tell("last")
            waiting.finish(self._patience)
            expect(waiting, (_HELD_LINES,), "the client inside a request")

    def _start(self, actions: Sequence[Action]) -> Visitor:
        visitor = self._stack.enter_context(Visitor(*self._told, actions))
        self.visitors.append(visitor)
        return visitor

    def _hold(self) -> Visitor:
        """A client whose request does not end."""
        waiting = self._stack.enter_context(Visitor(*self._told, _HELD))
        waiting.await_line(self._patience)
        waiting.tell("more 00")
        return waiting


def expect(
    visitor: Visitor, accepted: Sequence[Lines], who: str = "the client"
) -> None:
    """The client has printed one of these sequences of lines.

    Raises:
        Violation: it has printed others.
    """
    found = tuple(visitor.outcome)
    if found not in accepted:
        raise Violation(f"{who} printed: {difference(found, accepted[0])}")


def told(accepted: Sequence[Lines]) -> str:
    """The accepted outcomes, one a line."""
    outcomes = "\nor ".join(_shortened(lines) for lines in accepted)
    return f"the client prints: {outcomes}"


def difference(found: Lines, wanted: Lines) -> str:
    """What was printed, from shortly before the first place that is wrong."""
    pairs = enumerate(zip(found, wanted, strict=False))
    shorter = min(len(found), len(wanted))
    line = next((number for number, (one, two) in pairs if one != two), shorter)
    if line == len(found):
        return f"{_shortened(found)}, and then no line {line + 1}"
    if line == len(wanted):
        return f"one line too many: {_cut(found[line])} (line {line + 1})"
    return f"{_in_line(found[line], wanted[line])} (line {line + 1})"


def _in_line(found: str, wanted: str) -> str:
    """Where two long payloads differ; of everything else just what was printed."""
    pairs = enumerate(zip(found, wanted, strict=False))
    shorter = min(len(found), len(wanted))
    at = next((place for place, (one, two) in pairs if one != two), shorter)
    if not (found.startswith("ok ") and wanted.startswith("ok ") and at > _SHOWN):
        return _cut(found)
    octet = (at - len("ok ")) // 2
    if at == len(found):
        return f"a payload that ends after {octet} octets"
    if at == len(wanted):
        return f"a payload that goes on after {octet} octets"
    start = at - (at - len("ok ")) % 2
    return f"a payload whose octet {octet} is {found[start : start + 2]}, not {wanted[start : start + 2]}"


def _cut(text: str) -> str:
    more = f" … ({len(text)} characters)"
    return text if len(text) <= _SHOWN else text[:_SHOWN] + more


def _shortened(lines: Lines) -> str:
    shown = [
        line if len(line) <= _SHOWN else f"{line[:_SHOWN]} …" for line in lines[:6]
    ]
    more = [f"and {len(lines) - 6} more lines"] if len(lines) > 6 else []
    return ", ".join([*shown, *more]) or "nothing"
