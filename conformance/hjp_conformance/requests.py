"""Frames that a client sent: read, and held against what every one must be."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hjp_conformance.replies import is_plain, offset_of
from hjp_conformance.verdicts import Violation
from hjp_spec import messages, oracle
from hjp_spec.registry import OPS


@dataclass(frozen=True, slots=True)
class Request:
    """A frame from a client that is right in itself."""

    metadata: dict[str, Any]
    payload: bytes
    octets: bytes = field(default=b"", repr=False)

    @property
    def id(self) -> int:
        """Which request it is a frame of."""
        id_: int = self.metadata["id"]
        return id_

    @property
    def op(self) -> str:
        """What is asked."""
        op: str = self.metadata["op"]
        return op

    @property
    def more(self) -> bool:
        """Whether another frame of this request follows."""
        return self.metadata.get("more") is True

    def __str__(self) -> str:
        more = ", more" if self.more else ""
        payload = f", payload of {len(self.payload)}" if self.payload else ""
        return f"request {self.id}, {self.op}{more}{payload}"


def read(octets: bytes, max_payload: int) -> Request:
    """The one frame in these octets.

    Args:
        octets: of the frame.
        max_payload: the limit that the client knows of, in octets.

    Raises:
        Violation: it is not as the text wants every frame of a client.
    """
    outcome = oracle.decode(octets, max_payload)
    if outcome.status != oracle.Status.ACCEPT:
        raise Violation(
            "a frame that its receiver has to refuse with "
            f"{outcome.code or outcome.early}: {outcome.message}",
            _SENDERS.get(outcome.requirement or "", "HJP-MET-1"),
            outcome.offset or 0,
        )
    request = Request(outcome.frames[0].metadata, outcome.frames[0].payload, octets)
    for requirement, member, fault, is_right in _EVERY_FRAME:
        if not is_right(request):
            told = f"a frame {fault}: {request.metadata!r}"
            raise Violation(told, requirement, offset_of(octets, member))
    return request


class Book:
    """The requests of one connection, as far as the ids tell."""

    def __init__(self) -> None:
        self._last: Request | None = None
        self._greatest = 0

    @property
    def open(self) -> Request | None:
        """The last frame of a request that has not ended."""
        return self._last if self._last is not None and self._last.more else None

    def enter(self, request: Request) -> None:
        """Note one more frame.

        Raises:
            Violation: no server could take it at this place.
        """
        fault = self._fault(request)
        if fault is not None:
            requirement, member, told = fault
            offset = offset_of(request.octets, member)
            raise Violation(f"{request}: {told}", requirement, offset)
        self._last = request
        self._greatest = max(self._greatest, request.id)

    def _fault(self, request: Request) -> tuple[str, str, str] | None:
        before = self.open
        if before is None:
            if request.id > self._greatest:
                return _wrong_members(request)
            told = f"the id is not greater than {self._greatest}"
            return "HJP-MSG-1", "id", told
        if request.id != before.id:
            told = f"request {before.id} has not ended"
            return "HJP-FRM-19", "id", told
        if request.op != before.op:
            return "HJP-MSG-6", "op", f"the op of request {before.id} was {before.op!r}"
        return None


def _wrong_members(request: Request) -> tuple[str, str, str] | None:
    """What a server would answer as bad_request."""
    timeout = request.metadata.get("timeout_ms", 1)
    if not is_plain(timeout, 1):
        return "HJP-MET-17", "timeout_ms", f"timeout_ms is {timeout!r}"
    limits = request.metadata.get("limits")
    stated = limits.get("max_payload", 65_536) if isinstance(limits, dict) else 65_536
    if request.op == "hello" and not is_plain(stated):
        return "HJP-MET-17", "max_payload", f"max_payload is {stated!r}"
    if request.op not in OPS:
        return None
    faults = messages.problems("request", request.op, request.metadata)
    return ("HJP-FRM-19", "op", "; ".join(faults)) if faults else None


_SENDERS = {
    "HJP-FRM-2": "HJP-FRM-1",
    "HJP-FRM-4": "HJP-FRM-1",
    "HJP-FRM-7": "HJP-FRM-1",
    "HJP-FRM-8": "HJP-FRM-1",
    "HJP-FRM-9": "HJP-FRM-19",
    "HJP-FRM-10": "HJP-LIM-1",
}
"""What a sender has broken where a receiver has to refuse by these."""

_Rule = tuple[str, str, str, Callable[[Request], bool]]
"""Requirement, member to blame, what is wrong, whether it is right."""

_EVERY_FRAME: tuple[_Rule, ...] = (
    ("HJP-MSG-1", "id", "without an id", lambda r: "id" in r.metadata),
    ("HJP-MET-17", "id", "whose id is no integer in plain digits",
     lambda r: is_plain(r.metadata["id"])),
    ("HJP-MSG-1", "id", "with id 0", lambda r: r.id > 0),
    ("HJP-MSG-6", "op", "without a string op",
     lambda r: type(r.metadata.get("op")) is str),
    ("HJP-FRM-19", "ok", "with a member ok", lambda r: "ok" not in r.metadata),
    ("HJP-FRM-19", "more", "with a mistyped more",
     lambda r: type(r.metadata.get("more", False)) is bool),
)  # fmt: skip
