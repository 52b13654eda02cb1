"""What is due from a server: frames that may come, in order, and what breaks if not."""

from dataclasses import dataclass

from hjp_fuzz.sessions.permits import Permit
from hjp_fuzz.sessions.replies import alternatives
from hjp_fuzz.sessions.states import Look
from hjp_spec.oracle import Outcome
from hjp_spec.registry import HEADER_LENGTH, Code

_LIMITS = {"HJP-FRM-9": "max_json", "HJP-FRM-10": "max_payload"}
_LATE = {5: "HJP-FRM-5", HEADER_LENGTH: "HJP-FRM-11"}
"""What is broken by waiting when so many octets of a wrong frame have come."""


@dataclass(frozen=True, slots=True)
class Due:
    """What comes next from the server.

    Attributes:
        permitted: one of these frames.
        must: whether one has to come; if not, none is right as well.
        late: identifier of what is broken if none comes.
    """

    permitted: tuple[Permit, ...]
    must: bool = True
    late: str = "HJP-MSG-14"

    def __str__(self) -> str:
        none = "" if self.must else ", or no frame"
        return alternatives(self.permitted) + none

    @property
    def fatal(self) -> bool:
        """Whether the connection ends with it for sure."""
        return all(permit.fatal for permit in self.permitted)


def lengths(header: bytes) -> tuple[int, int]:
    """Return json_length and payload_length, as far as they are there."""
    json, payload = header[8:12], header[12:HEADER_LENGTH]
    return int.from_bytes(json, "little"), int.from_bytes(payload, "little")


def refusal(outcome: Outcome, octets: bytes) -> Due:
    """What comes for octets that no receiver accepts."""
    requirement = str(outcome.requirement)
    limit = _LIMITS.get(requirement, "")
    permit = Permit(0, requirement, str(outcome.code), limit)
    late = _LATE.get(len(octets), requirement)
    if outcome.code == Code.BAD_JSON and len(octets) < HEADER_LENGTH + sum(
        lengths(octets)
    ):
        late = "HJP-MET-14"
    return Due((permit,), late=late)


def late_for(permitted: tuple[Permit, ...], look: Look) -> str:
    """Tell what is broken if nothing comes for a whole frame."""
    first = permitted[0]
    if look.more is True and first.code and not first.fatal:
        return "HJP-MSG-17"
    return first.requirement if first.fatal else "HJP-MSG-14"
