"""The table of faults, and the decorator that enters a class into it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from hjp_conformance.mutants.client.client import Client
from hjp_conformance.mutants.client.shared import Scanner, Writer

How: TypeAlias = type[Client] | type[Scanner] | type[Writer]
Class = TypeVar("Class", bound=How)


@dataclass(frozen=True)
class Fault:
    """One requirement broken in one way: the class that differs from the plain one."""

    requirement: str
    text: str
    how: How

    def client(self) -> type[Client]:
        if issubclass(self.how, Client):
            return self.how
        seam = "scanner" if issubclass(self.how, Scanner) else "json_writer"
        return type(self.how.__name__, (Client,), {seam: self.how})


FAULTS: dict[str, Fault] = {}


def kebab(class_name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", class_name).lower()


def enter(how: How, requirement: str) -> None:
    name = kebab(how.__name__)
    if name in FAULTS:
        raise ValueError(f"two faults are called {name}")
    text = " ".join((how.__doc__ or "").split())
    FAULTS[name] = Fault(f"HJP-{requirement}", text, how)


def fault(requirement: str) -> Callable[[Class], Class]:
    """Enter a class under its name; its docstring is the description."""

    def decorate(how: Class) -> Class:
        enter(how, requirement)
        return how

    return decorate
