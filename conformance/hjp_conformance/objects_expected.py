"""Outcomes of requests about objects: what a reply has to say."""

from dataclasses import dataclass
from typing import Any

from hjp_conformance.expect import Failed, Found, Ok, Problem
from hjp_conformance.probe import End
from hjp_spec import messages
from hjp_spec.jsonschemas import problems
from hjp_spec.registry import HEADER_LENGTH


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """A reply to a request of files, ok.

    Attributes:
        id: of the request.
        op: the operation, whose members are checked.
        members: those that the reply has to have, with these values.
        more: whether it is an interim one.
    """

    id: int
    op: str
    members: dict[str, Any]
    more: bool = False

    def problem(self, found: Found) -> Problem | None:
        """See `Outcome`."""
        problem = Ok(self.id, b"", self.op).problem(found)
        if problem is not None or isinstance(found, End):
            return problem
        told = {"more": False, **found.metadata}
        for name, value in (("more", self.more), *self.members.items()):
            if name not in told or told[name] != value:
                shown = f"{name} {told[name]!r:.100}" if name in told else f"no {name}"
                return Problem(f"{found}, {shown}", found.offset_of(name))
        faults = messages.problems("reply", self.op, found.metadata)
        return Problem(f"{found}: {'; '.join(faults)}") if faults else None

    def __str__(self) -> str:
        kind = "interim reply" if self.more else "reply"
        members = "".join(f", {name} {value!r}" for name, value in self.members.items())
        return f"{kind} to {self.id}, ok{members}"


@dataclass(frozen=True, slots=True, eq=False)
class Detailed:
    """An error that is not fatal, with members of its own.

    Attributes:
        id: of the request.
        code: the code it has to carry.
        details: the members that its `error` has to have.
    """

    id: int
    code: str
    details: dict[str, Any]

    def problem(self, found: Found) -> Problem | None:
        """See `Outcome`."""
        problem = Failed(self.id, self.code).problem(found)
        if problem is not None or isinstance(found, End):
            return problem
        for name, value in self.details.items():
            if name not in found.error or found.error[name] != value:
                told = f"{found}, {name} {found.error.get(name)!r:.100}"
                return Problem(told, found.offset_of(name))
        return None

    def __str__(self) -> str:
        details = "".join(f", {name} {value!r}" for name, value in self.details.items())
        return f"{Failed(self.id, self.code)}{details}"


@dataclass(frozen=True, slots=True)
class Part:
    """A frame that answers a `get`.

    Attributes:
        id: of the request.
        is_first: whether no frame has answered it yet.
    """

    id: int
    is_first: bool

    def problem(self, found: Found) -> Problem | None:
        """See `Outcome`."""
        if isinstance(found, End) or not found.ok or found.id != self.id:
            return Problem(str(found))
        faults = messages.problems("reply", "get", found.metadata)
        if self.is_first:
            faults += map(str, problems("messages/get", found.metadata, "first"))
        told = f"{found}: {'; '.join(faults)}"
        return Problem(told, HEADER_LENGTH) if faults else None

    def __str__(self) -> str:
        return f"reply to {self.id}, ok{', with size and tag' * self.is_first}"
