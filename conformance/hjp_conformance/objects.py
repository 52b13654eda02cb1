"""The objects of a server under test: names of the suite's own, and clients that count.

A case may run against somebody's store: it uses names that nobody else has, and what
it has put is deleted where the server offers that.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hjp_conformance.expect import (
    Ended,
    Failed,
    Ok,
    Outcome,
    expect,
)
from hjp_conformance.objects_expected import Detailed, Done, Part
from hjp_conformance.preflight import Facts
from hjp_conformance.probe import Probe
from hjp_conformance.replies import Reply
from hjp_conformance.stimuli import frame, ping
from hjp_conformance.verdicts import (
    Inconclusive,
    Skipped,
    TargetGoneError,
    Violation,
)
from hjp_spec.names import excluded_by

FIRST_NAMES = "~hjp-"
"""Behind most names that people give, so that a walk to the end of a list is short."""

_DECLINING = ("forbidden", "no_space", "busy", "rate_limited")
"""Codes by which a server may decline what it could do."""
_OF_MEMBERS = {"bad_request", "bad_name", "unsupported", "unknown_op"}
"""Codes that come before a server declines (HJP-FIL-6)."""


def digest(octets: bytes) -> str:
    """As HJP writes it."""
    return "sha-256:" + hashlib.sha256(octets).hexdigest()


@dataclass(frozen=True, slots=True)
class Got:
    """What answered a `get`.

    Attributes:
        size: of the whole object, in octets.
        tag: of its state.
        octets: of the range.
        digest: in the final reply, if there is one.
    """

    size: int
    tag: str
    octets: bytes
    digest: str | None


class Client:
    """One connection, on which each request gets the next id.

    Args:
        probe: the connection.

    Attributes:
        id: that of the present request.
    """

    def __init__(self, probe: Probe):
        self.probe = probe
        self.id = 0
        self._op = ""
        self._frames = 0

    # Sending

    def begin(self, op: str, payload: bytes = b"", /, **members: Any) -> None:
        """Send the first frame of a request."""
        self.probe.send(self.prepare(op, payload, **members))

    def prepare(self, op: str, payload: bytes = b"", /, **members: Any) -> bytes:
        """The first frame of the next request, to be sent with others."""
        self.id += 1
        self._op, self._frames = op, 1
        if op == "get" or "upload" in members:
            self.probe.interim.add(self.id)
        return frame({"id": self.id, "op": op, **members}, payload)

    def go_on(self, payload: bytes = b"", /, **members: Any) -> None:
        """Send another frame of the present request; it is the last without `more`."""
        self._frames += 1
        self.probe.send(frame({"id": self.id, "op": self._op, **members}, payload))

    def cut(self, payload: bytes, octets: int) -> None:
        """Send a frame with so many octets of its payload, and end the input."""
        whole = frame({"id": self.id, "op": self._op, "more": True}, payload)
        self.probe.send(whole[: len(whole) - len(payload) + octets])
        self.probe.half_close()

    # Expecting

    def expect(self, *outcomes: Outcome) -> Reply:
        """Read a frame and accept any of these outcomes.

        Raises:
            Skipped: the server declines what it could do.
            Violation: something else came.
        """
        codes = {getattr(one, "code", "") for one in outcomes}
        is_of_members = self._frames == 1 and codes <= _OF_MEMBERS
        declining = [] if is_of_members else self._declining()
        found = expect(self.probe, *outcomes, *declining)
        assert isinstance(found, Reply), "the end is no outcome here"
        if found.error.get("code") in _DECLINING:
            raise _declined(found)
        return found

    def _declining(self) -> list[Outcome]:
        return [Failed(self.id, code) for code in _DECLINING]

    def done(self, **members: Any) -> dict[str, Any]:
        """The present request is answered, ok, with these members among its own."""
        return self.expect(Done(self.id, self._op, members)).metadata

    def interim(self, **members: Any) -> dict[str, Any]:
        """The present request gets an interim reply with these members."""
        return self.expect(Done(self.id, self._op, members, more=True)).metadata

    def fails(self, *codes: str, **details: Any) -> dict[str, Any]:
        """The present request is answered with one of these codes."""
        wanted = [Detailed(self.id, code, details) for code in codes]
        return self.expect(*wanted).error

    def either(self, *codes: str) -> dict[str, Any]:
        """The present request is answered, ok or with one of these codes."""
        failed = [Failed(self.id, code) for code in codes]
        return self.expect(Done(self.id, self._op, {}), *failed).metadata

    def interim_or(self, code: str) -> dict[str, Any]:
        """The present request gets an interim reply, or is answered with this code."""
        wanted = Done(self.id, self._op, {}, more=True), Failed(self.id, code)
        return self.expect(*wanted).metadata

    def ended(self) -> None:
        """The stream ends, and nothing comes before its end.

        Raises:
            Skipped: the server declines what it could do.
            Violation: something else came.
        """
        found = expect(self.probe, Ended(), *self._declining())
        if isinstance(found, Reply):
            raise _declined(found)

    def alive(self) -> None:
        """A `ping` sent now gets the very next frame."""
        self.id += 1
        self.probe.send(ping(self.id))
        expect(self.probe, Ok(self.id))

    def end_early(self) -> None:
        """End a request that was answered before its end; nothing comes of that."""
        self.go_on()
        self.alive()

    # Whole requests

    def ask(self, op: str, payload: bytes = b"", /, **members: Any) -> dict[str, Any]:
        """A request of one frame that is answered, ok."""
        self.begin(op, payload, **members)
        return self.done()

    def refused(self, code: str, op: str, /, **members: Any) -> dict[str, Any]:
        """A request of one frame that is answered with this code."""
        self.begin(op, **members)
        return self.fails(code)

    def put(self, name: str, octets: bytes, **members: Any) -> None:
        """Put an object, in as many frames as it takes without `hello`."""
        pieces = [octets[at : at + 50_000] for at in range(0, len(octets), 50_000)]
        first, *others = pieces or [b""]
        self.begin(
            "put", first, name=name, **({"more": True} if others else {}), **members
        )
        for piece in others[:-1]:
            self.go_on(piece, more=True)
        if others:
            self.go_on(others[-1])
        self.done(size=len(octets))

    def get(self, name: str, **members: Any) -> Got:
        """Get an object, or a range of it."""
        self.begin("get", name=name, **members)
        return self.got()

    def got(self) -> Got:
        """What answers the present `get`."""
        got = self.rest(self.expect(Part(self.id, is_first=True)))
        assert got is not None, "an error was no outcome"
        return got

    def got_unless_changed(self) -> Got | None:
        """What answers the present `get`; None if that is `changed`."""
        changed = Failed(self.id, "changed")
        return self.rest(self.expect(Part(self.id, is_first=True), changed))

    def rest(self, first: Reply, *or_else: Outcome) -> Got | None:
        """What follows the first frame that answers a `get`; None behind an error."""
        last, octets = first, bytearray(first.payload)
        while last.metadata.get("more", False):
            last = self.expect(Part(self.id, is_first=False), *or_else)
            octets += last.payload
        if not last.ok:
            return None
        told = last.metadata.get("digest")
        return Got(first.metadata["size"], first.metadata["tag"], bytes(octets), told)

    def begun(self) -> Reply:
        """The first frame that answers the present `get`."""
        return self.expect(Part(self.id, is_first=True))

    def rest_unless_changed(self, first: Reply) -> Got | None:
        """What follows the first frame; None where that ends in `changed`."""
        return self.rest(first, Failed(self.id, "changed"))

    def holds(self, name: str, octets: bytes) -> Got:
        """The name has an object of just these octets."""
        got = self.get(name)
        same(got.octets, octets)
        check(got.size == len(octets), f"size {got.size} instead of {len(octets)}")
        return got

    def lacks(self, name: str) -> None:
        """The name has no object."""
        self.refused("not_found", "stat", name=name)
        self.refused("not_found", "get", name=name)

    def page(self, after: str, limit: int | None = None) -> dict[str, Any]:
        """A page of the list, right in itself."""
        asked = {"after": after} | ({} if limit is None else {"limit": limit})
        found = self.ask("list", **asked)
        names = [entry["name"].encode() for entry in found["entries"]]
        check(names == sorted(set(names)), f"not in order: {names!r:.300}", "HJP-LST-1")
        told = f"{names[:1]!r:.100} is not greater than {after!r:.100}"
        check(not names or names[0] > after.encode(), told, "HJP-LST-1")
        wrong = [one["name"] for one in found["entries"] if excluded_by(one["name"])]
        check(not wrong, f"what is no name is listed: {wrong!r:.300}", "HJP-LST-5")
        told = f"{len(names)} entries where limit is {limit}"
        check(limit is None or len(names) <= limit, told, "HJP-LST-2")
        last = found["entries"][-1]["name"] if names else None
        told = f"next is {found.get('next')!r:.100}, the last entry {last!r:.100}"
        check(found.get("next", last) == last, told, "HJP-LST-3")
        return found

    def listed(self, prefix: str, limit: int | None = None) -> list[dict[str, Any]]:
        """The entries whose names begin so, from all pages that have some."""
        return list(self._walked(prefix, limit))

    def _walked(self, prefix: str, limit: int | None) -> Iterator[dict[str, Any]]:
        after = prefix
        while True:
            page = self.page(after, limit)
            for entry in page["entries"]:
                if not entry["name"].startswith(prefix):
                    return
                yield entry
            if "next" not in page:
                return
            after = page["next"]


class Store:
    """The objects of the target, as far as a case has put them.

    Args:
        connect: opens connections.
        facts: what the target says of itself.
        feature: which the case needs.

    Attributes:
        facts: what the target says of itself.
        prefix: of all names of this case.

    Raises:
        Skipped: the target does not offer it.
    """

    def __init__(self, connect: Callable[..., Probe], facts: Facts, feature: str):
        self._connect = connect
        self.facts = facts
        self.needs("files")
        self.needs(feature)
        self.prefix = f"{FIRST_NAMES}{secrets.token_hex(8)}-"
        self._names: list[str] = []

    def needs(self, feature: str) -> None:
        """Skip what the target does not offer."""
        if feature not in self.facts.features:
            raise Skipped(f"the target does not offer {feature}")

    def client(self, *, small: bool = False) -> Client:
        """One more connection; a small one takes few octets while nobody reads."""
        return Client(self._connect(**({"receive_buffer": 65_536} if small else {})))

    def name(self, end: str = "") -> str:
        """A name that nobody has; names come in the order of their octets."""
        return self.own(f"{self.prefix}{len(self._names):03}{end}")

    def own(self, name: str) -> str:
        """A name of which the case takes care: it is deleted at its end."""
        self._names.append(name)
        return name

    def token(self) -> str:
        """For one upload."""
        return secrets.token_hex(16)

    def takes(self, count: int) -> bool:
        """Whether an object may have so many octets."""
        return self.facts.max_object is None or count <= self.facts.max_object

    def octets(self, count: int) -> bytes:
        """Octets for an object; the case is skipped where it would be too large."""
        if not self.takes(count):
            told = f"the target takes objects of {self.facts.max_object} octets at most"
            raise Skipped(told)
        return bytes(value % 251 for value in range(count))

    def has(self, octets: bytes, end: str = "") -> str:
        """The name of an object that has just been put."""
        name = self.name(end)
        self.client().put(name, octets)
        return name

    def most(self, at_most: int) -> int:
        """The stated `max_object`; the case is skipped where that is more."""
        most = self.facts.max_object
        if most is None or most > at_most:
            raise Skipped("the target states no max_object that could be exceeded here")
        return most

    def clean(self) -> None:
        """Delete what the case has put, as far as the target lets it."""
        if "delete" not in self.facts.features or not self._names:
            return
        with suppress(Violation, Inconclusive, TargetGoneError):
            client = self.client()
            for name in self._names:
                client.begin("delete", name=name)
                client.probe.next()


def _declined(reply: Reply) -> Skipped:
    return Skipped(f"the target declines: {reply.error['code']}")


def check(is_right: bool, told: str, requirement: str | None = None) -> None:
    """Something that the case has worked out.

    Raises:
        Violation: it is not right.
    """
    if not is_right:
        raise Violation(told, requirement)


def same(found: bytes, wanted: bytes, requirement: str | None = None) -> None:
    """Octets that have to be these.

    Raises:
        Violation: they are others.
    """
    check(found == wanted, f"{shown(found)} instead of {shown(wanted)}", requirement)


def shown(octets: bytes) -> str:
    """Octets for people."""
    return f"{len(octets)} octets ({octets[:12].hex(' ')}{' …' * (len(octets) > 12)})"
