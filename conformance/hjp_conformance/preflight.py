"""Is there an HJP server at all? Asked once, before any case."""

from dataclasses import dataclass, field
from typing import Any

from hjp_conformance.patience import Patience
from hjp_conformance.probe import Address, End, Probe
from hjp_conformance.replies import Reply, is_plain
from hjp_conformance.stimuli import ping, request
from hjp_conformance.verdicts import Inconclusive, TargetGoneError, Violation
from hjp_spec.registry import DEFAULT_MAX_PAYLOAD, MAGIC

_OTHERS = (
    (b"HTTP/", "it speaks HTTP, not HJP"),
    (b"SSH-", "it speaks SSH, not HJP"),
    (b"220", "it speaks FTP or SMTP, not HJP"),
    (b"\x15\x03", "it speaks TLS, not HJP"),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the target says of itself, as far as it could be understood.

    Attributes:
        name: that of its software.
        features: what it offers beyond the core.
        max_payload: the greatest payload it takes after `hello`, in octets.
        max_object: the greatest object it takes, in octets; None if it states none.
    """

    name: str = "unknown"
    features: tuple[str, ...] = field(default=())
    max_payload: int = DEFAULT_MAX_PAYLOAD
    max_object: int | None = None


def preflight(address: Address, patience: Patience) -> Facts:
    """Connect, ask, and learn what the target says of itself.

    A target that answers wrongly, or closes, is tested like any other: only one
    that is no HJP server, or says nothing, is not worth a run.

    Raises:
        TargetGoneError: there is no HJP server at this address.
    """
    _ask_for_anything(address, patience)
    try:
        return _facts(address, patience)
    except (Violation, Inconclusive):
        return Facts()


def answers(address: Address, patience: Patience) -> bool:
    """Whether anything answers a ping on a new connection."""
    try:
        _ask_for_anything(address, patience)
    except TargetGoneError:
        return False
    return True


def _ask_for_anything(address: Address, patience: Patience) -> None:
    with Probe(address, patience) as probe:
        probe.send(ping(1))
        # A stranger that waits for the end of a line, or of the input, speaks now.
        probe.half_close()
        octets = probe.read_octets(patience.seconds)
        silent = not octets and probe.end is None
    if silent:
        raise TargetGoneError("it accepts connections and does not answer a ping")
    if not octets.startswith(MAGIC[: len(octets)]):
        raise TargetGoneError(_stranger(octets))


def _stranger(octets: bytes) -> str:
    for start, told in _OTHERS:
        if octets.startswith(start):
            return told
    return f"it does not speak HJP: its answer to a ping begins with {octets[:24]!r}"


def _facts(address: Address, patience: Patience) -> Facts:
    with Probe(address, patience) as probe:
        probe.send(request(1, "hello"))
        found = probe.next()
    if isinstance(found, End) or not found.ok:
        return Facts()
    return Facts(
        str(found.metadata.get("server", "unknown")),
        tuple(map(str, _member(found, "features", list))),
        _max_payload(_member(found, "limits", dict)),
        _max_object(_member(found, "limits", dict)),
    )


def _member(reply: Reply, name: str, kind: type[Any]) -> Any:
    value = reply.metadata.get(name)
    return value if isinstance(value, kind) else kind()


def _max_payload(limits: dict[str, int]) -> int:
    stated = limits.get("max_payload", DEFAULT_MAX_PAYLOAD)
    is_right = is_plain(stated, DEFAULT_MAX_PAYLOAD, 2**32 - 1)
    return stated if is_right else DEFAULT_MAX_PAYLOAD


def _max_object(limits: dict[str, int]) -> int | None:
    stated = limits.get("max_object")
    return stated if is_plain(stated) else None
