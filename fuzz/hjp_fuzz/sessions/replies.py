"""What is wrong with a frame of a server, by itself and against what is permitted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hjp_fuzz.checks import equal
from hjp_fuzz.sessions.permits import ABSENT, Permit, sized
from hjp_spec import messages
from hjp_spec.oracle import Frame, Outcome, Status, decode
from hjp_spec.registry import FATAL, HEADER_LENGTH, VERSION, Code, Fatal
from hjp_spec.requirements import REQUIREMENTS


class Check(StrEnum):
    """In which way a server breaks a requirement."""

    REPLY = "other-reply"
    EXTRA = "unasked-reply"
    SILENCE = "no-reply"
    LOST = "early-end"
    OPEN = "no-end"
    OTHERS = "others-unserved"
    CRASH = "crash"


class Broken(AssertionError):  # noqa: N818  (what is broken is the server)
    """A server breaks a requirement.

    Attributes:
        check: in which way.
        requirement: the identifier of what is broken.
        expected: what the specification permits.
        got: what the server did.
    """

    def __init__(self, check: Check, requirement: str, expected: str, got: str):
        super().__init__(check, requirement, expected, got)
        self.check = check
        self.requirement = requirement
        self.expected = expected
        self.got = got

    def is_like(self, other: "Broken | None") -> bool:
        """Tell whether another failure is of the same kind."""
        if other is None:
            return False
        return (self.check, self.requirement) == (other.check, other.requirement)

    def __str__(self) -> str:
        sentence = REQUIREMENTS[self.requirement].sentence
        return (
            f"{self.requirement}: {sentence}\n"
            f"expected  {self.expected}\ngot       {self.got}"
        )


@dataclass(frozen=True, slots=True)
class Wrong:
    """What a frame breaks, and how."""

    requirement: str
    got: str


_OF_A_SENDER = {
    "HJP-FRM-2": "HJP-FRM-1",
    "HJP-FRM-4": "HJP-FRM-1",
    "HJP-FRM-7": "HJP-FRM-1",
    "HJP-FRM-8": "HJP-FRM-1",
    "HJP-FRM-10": "HJP-LIM-4",
    "HJP-MET-2": "HJP-MET-1",
    "HJP-MET-3": "HJP-MET-1",
    "HJP-MET-4": "HJP-MET-1",
}
"""What a sender has broken where a receiver has to refuse by these."""
_OF_A_SERVER = {
    "HJP-MSG-25": "HJP-MSG-13",
    "HJP-MSG-26": "HJP-MSG-13",
    "HJP-MSG-27": "HJP-ERR-3",
    "HJP-MSG-28": "HJP-ERR-1",
}
"""The same of a server and what a client has to refuse."""
_PAYLOADS = {"echo": "HJP-COR-10", "upper": "HJP-COR-13"}
_PLAIN = {"id", "ok", "data"}


def next_frame(octets: bytes, max_payload: int) -> Outcome:
    """What stands at the start of a stream: a frame, a part of one, or a fault."""
    lengths = octets[8:HEADER_LENGTH]
    size = int.from_bytes(lengths[:4], "little") + int.from_bytes(lengths[4:], "little")
    return decode(octets[: HEADER_LENGTH + size], max_payload)


def no_frame(outcome: Outcome) -> Wrong | None:
    """What is wrong with octets that are no frame at all."""
    if outcome.status is not Status.REJECT:
        return None
    requirement = _OF_A_SENDER.get(str(outcome.requirement), "HJP-FRM-19")
    return Wrong(requirement, f"octets that are no frame: {outcome.message}")


def ill_formed(frame: Frame, op: str = "") -> Wrong | None:
    """What no frame of a server may say, whatever was asked.

    Args:
        frame: what came.
        op: the operation whose reply it is, where that is known.
    """
    metadata = frame.metadata
    quick = metadata.keys() <= _PLAIN and metadata.get("ok") is True and op != "hello"
    if quick and type(metadata.get("id")) is int and metadata["id"] > 0:
        return None  # nothing that the schemas could say more about
    for fault in messages.faults("reply", op, metadata):
        found = str(fault.requirement)
        return Wrong(_OF_A_SERVER.get(found, found), f"{said(frame)}: {fault}")
    for requirement, problem, is_wrong in _BEYOND_THE_SCHEMAS:
        if is_wrong(frame):
            return Wrong(requirement, f"{said(frame)}: {problem}")
    return None


def error_of(frame: Frame) -> dict[str, Any]:
    """The members of `error`; empty if there are none."""
    error = frame.metadata.get("error")
    return error if isinstance(error, dict) else {}


def said(frame: Frame) -> str:
    """Say in a line what a frame of a server is."""
    metadata, error = frame.metadata, error_of(frame)
    payload, id_ = sized(frame.payload), metadata.get("id", "none")
    if metadata.get("ok") is True:
        data = f", data {metadata['data']!r:.60}" if "data" in metadata else ""
        more = ", more" if metadata.get("more") else ""
        return f"reply to {id_}, ok{more}{data}{payload}"
    if "code" not in error:
        return f"a frame {metadata!r:.200}{payload}"
    kind = "fatal error" if error.get("fatal") is True else "error"
    named = f" ({error['limit']})" if "limit" in error else ""
    return f"{kind} {error['code']}{named}, id {id_}{payload}"


def difference(permit: Permit, frame: Frame) -> Wrong | None:
    """What tells a well-formed frame of the right id from a permitted one."""
    metadata, error = frame.metadata, error_of(frame)
    if error.get("code", "") != permit.code:
        return Wrong(permit.requirement, said(frame))
    if permit.limit and error.get("limit") != permit.limit:
        return Wrong("HJP-ERR-8", said(frame))
    if frame.payload != permit.payload:
        requirement = "HJP-ERR-2" if permit.code else _PAYLOADS.get(permit.op)
        return Wrong(requirement or "HJP-MSG-19", _other_payload(permit, frame))
    if permit.code or permit.op not in ("echo", "hello"):
        return None
    if permit.op == "hello":
        return _odd_greeting(permit, frame)
    data = metadata.get("data", ABSENT)
    if ABSENT in (data, permit.data):
        same = data is permit.data
    else:
        same = equal(permit.data, data)
    return None if same else Wrong("HJP-COR-11", said(frame))


def _odd_greeting(permit: Permit, frame: Frame) -> Wrong | None:
    wrong = ill_formed(frame, "hello")
    if wrong is not None:
        return wrong
    claimed = set(permit.features).intersection(frame.metadata["features"])
    if claimed:
        return Wrong("HJP-COR-2", f"{said(frame)}, features {sorted(claimed)}")
    return None


def _other_payload(permit: Permit, frame: Frame) -> str:
    if len(permit.payload) != len(frame.payload):
        return said(frame)
    pairs = zip(permit.payload, frame.payload, strict=True)
    at = next(at for at, (right, wrong) in enumerate(pairs) if right != wrong)
    return f"{said(frame)}, in which octet {at} is {frame.payload[at]:02X}"


def _odd_number(frame: Frame) -> bool:
    """Whether a number of the specification is not in plain digits."""
    limits, error = frame.metadata.get("limits"), error_of(frame)
    stated = limits.get("max_payload", 0) if isinstance(limits, dict) else 0
    numbers = (frame.metadata["id"], stated, error.get("last_id", 0))
    return any(isinstance(number, float) for number in numbers)


def _not_fatal(frame: Frame) -> bool:
    code = error_of(frame).get("code")
    return code in set(Code) and FATAL[Code(code)] is Fatal.YES and not _fatal(frame)


def _fatal(frame: Frame) -> bool:
    return error_of(frame).get("fatal") is True


def _versions_wrong(frame: Frame) -> bool:
    error = error_of(frame)
    return error.get("code") == Code.BAD_VERSION and VERSION not in error["versions"]


_BEYOND_THE_SCHEMAS: tuple[tuple[str, str, Callable[[Frame], bool]], ...] = (
    ("HJP-MET-17", "a number is not in plain digits", _odd_number),
    ("HJP-MSG-16", "an interim reply", lambda f: f.metadata.get("more") is True),
    ("HJP-ERR-3", "a fatal code, and not fatal", _not_fatal),
    ("HJP-FRM-6", "versions without 1", _versions_wrong),
    ("HJP-ERR-2", "an error with a payload", lambda f: bool(error_of(f) and f.payload)),
)


def alternatives(permitted: tuple[Permit, ...]) -> str:
    """Say what is permitted."""
    return ", or ".join(map(str, permitted))


def describe(octets: bytes) -> Iterator[str]:
    """Say in lines what a client sends, as far as it is frames."""
    outcome = decode(octets, 2**32 - 1)
    for frame in outcome.frames:
        text = frame.json.decode()
        yield f"{text if len(text) < 120 else text[:117] + '…'}{sized(frame.payload)}"
    rest = len(octets) - outcome.consumed
    if outcome.status is Status.REJECT:
        yield f"{rest} octets that are no frame: {outcome.message}"
    elif rest:
        yield f"{rest} octets of a frame that goes on"
