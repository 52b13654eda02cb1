"""The table of faults, and the decorator that enters a class into it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from hjp_conformance.mutants.server.core import Connection, Server
from hjp_conformance.mutants.server.metadata import Scanner, Writer

How: TypeAlias = type[Connection] | type[Scanner] | type[Writer] | type[Server]
Class = TypeVar("Class", bound=How)


@dataclass(frozen=True)
class Fault:
    """One requirement broken in one way: the class that differs from the core."""

    requirement: str
    text: str
    how: How

    def server(self) -> Server:
        if issubclass(self.how, Server):
            return self.how()
        return Server(connection_with(self.how))


def connection_with(
    how: type[Connection] | type[Scanner] | type[Writer],
) -> type[Connection]:
    if issubclass(how, Connection):
        return how
    seam = "scanner" if issubclass(how, Scanner) else "json_writer"
    return type(how.__name__, (Connection,), {seam: how})


FAULTS: dict[str, Fault] = {}


def fault(requirement: str) -> Callable[[Class], Class]:
    """Enter a class under its name; its docstring is the description."""

    def enter(how: Class) -> Class:
        name = re.sub(r"(?<!^)(?=[A-Z])", "-", how.__name__).lower()
        if name in FAULTS:
            raise ValueError(f"two faults are called {name}")
        text = " ".join((how.__doc__ or "").split())
        FAULTS[name] = Fault(f"HJP-{requirement}", text, how)
        return how

    return enter
