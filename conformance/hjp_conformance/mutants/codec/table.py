"""The table of faults, and the decorator that enters a class into it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from hjp_conformance.mutants.codec.frames import Decoder, Encoder
from hjp_conformance.mutants.codec.plain import Testee
from hjp_conformance.mutants.codec.shared import Scanner

How: TypeAlias = type[Decoder] | type[Encoder] | type[Scanner] | type[Testee]
Class = TypeVar("Class", bound=How)


@dataclass(frozen=True)
class Fault:
    """One requirement broken in one way: the class that differs from the plain one."""

    requirement: str
    text: str
    how: How


def testee_with(how: How) -> type[Testee]:
    """A testee in which one class is another one."""
    if issubclass(how, Testee):
        return how
    if issubclass(how, Scanner):
        how = type(how.__name__, (Decoder,), {"scanner": how})
    seam = "decoder" if issubclass(how, Decoder) else "encoder"
    return type(how.__name__, (Testee,), {seam: how})


FAULTS: dict[str, Fault] = {}


def kebab(how: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", how.__name__).lower()


def words(how: type) -> str:
    return " ".join((how.__doc__ or "").split())


def enter(name: str, requirement: str, text: str, how: How) -> None:
    if name in FAULTS:
        raise ValueError(f"two faults are called {name}")
    FAULTS[name] = Fault(requirement, text, how)


def fault(requirement: str) -> Callable[[Class], Class]:
    """Enter a class under its name; its docstring is the description."""

    def decorate(how: Class) -> Class:
        enter(kebab(how), f"HJP-{requirement}", words(how), how)
        return how

    return decorate
