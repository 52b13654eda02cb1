"""What the runs over one target have found together, on a Redis server.

The keys, for a target named ``mine:parse``; none of them expires:

=================================  ======  ==========================================
``hjp-fuzz:targets``               set     the names of the targets
``hjp-fuzz:mine:parse:findings``   hash    by id, a finding as its file has it
``hjp-fuzz:mine:parse:corpus``     hash    by what it is kept for, a stream
=================================  ======  ==========================================

Values are JSON texts.  Of a finding, too, only octets, cuts and the requirement are
read: whether it fails is tried anew.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from hjp_fuzz.cases import Case, Draft
from hjp_fuzz.dialect import HJP
from hjp_fuzz.findings import Finding, as_json
from hjp_fuzz.fleet import FleetError, Link, linked, shown
from hjp_spec.requirements import REQUIREMENTS

if TYPE_CHECKING:
    from redis import Redis

MOST_KEPT = 4096
"""Streams that are kept for one target."""
_PREFIX = "hjp-fuzz"

T = TypeVar("T")
Say = Callable[[str], None]
"""Tells the user one line."""


class Exchange(Protocol):
    """How a run gets what others have found, and gives what it has."""

    def publish(self, found: Finding) -> None:
        """Share a finding."""

    def add(self, tried: Case, why: str) -> None:
        """Share a stream that is worth trying again."""

    def news(self) -> list[Case]:
        """Return what others have shared since the last call."""


class Alone:
    """The exchange of a run that shares nothing."""

    def publish(self, found: Finding) -> None:
        """Do nothing."""

    def add(self, tried: Case, why: str) -> None:
        """Do nothing."""

    def news(self) -> list[Case]:
        """Return nothing."""
        return []


@contextmanager
def joined(url: str, target: str, say: Say) -> Iterator[Exchange]:
    """Join the fleet of a target, or stay alone if no server is named.

    Args:
        url: the server, as `fleet.linked` takes it; empty for none.
        target: the name of the target.
        say: tells the user what becomes of the server.

    Raises:
        FleetError: no server answers there, or redis-py is not installed.
    """
    if not url:
        yield Alone()
        return
    link = linked(url)
    if not link.tried(lambda client: bool(client.ping()), False):
        why = f"no use of the Redis server at {shown(url)}: {link.lost.rstrip('.')}"
        raise FleetError(f"{why}; start one, or leave --redis out")
    shared = Shared(link, target, say)
    try:
        yield shared
    finally:
        shared.close()


@dataclass(slots=True)
class Shared:
    """The exchange by a server.

    Attributes:
        link: the connection.
        target: the name of the target.
        say: tells the user that the server is lost, or is back.
        unreadable: how many entries of the server were none.
    """

    link: Link
    target: str
    say: Say
    unreadable: int = 0
    _findings: set[str] = field(default_factory=set)
    _corpus: set[str] = field(default_factory=set)
    _unsent: dict[tuple[str, str], str] = field(default_factory=dict)
    _away: bool = False

    def publish(self, found: Finding) -> None:
        """Share a finding; if the server is away, as soon as it is back."""
        if found.id not in self._findings:
            self._findings.add(found.id)
            self._unsent["findings", found.id] = json.dumps(as_json(found))
            self.flush()

    def add(self, tried: Case, why: str) -> None:
        """Share a stream that is worth trying again, in its first division.

        Args:
            tried: the stream.
            why: what it is kept for, such as a requirement that it exercises; of
                several streams for one reason the first is kept.
        """
        if why not in self._corpus and len(self._corpus) < MOST_KEPT:
            self._corpus.add(why)
            entry = {
                "octets": tried.stream.hex(),
                "cuts": tried.cuttings[0] if tried.cuttings else (),
                "aims": [draft.aims for draft in tried.drafts],
            }
            self._unsent["corpus", why] = json.dumps(entry)
            self.flush()

    def news(self) -> list[Case]:
        """Return what others have shared since the last call, findings first."""
        self.flush()
        news = [*self.findings(), *self.streams()]
        return list({(case.stream, case.cuttings): case for case in news}.values())

    def findings(self) -> Iterator[Case]:
        """Yield the findings of others that have not been yielded before."""
        return self._new("findings", self._findings)

    def streams(self) -> Iterator[Case]:
        """Yield the streams of others that have not been yielded before."""
        return self._new("corpus", self._corpus)

    def flush(self) -> int:
        """Send what waits; return how much of it still does."""
        sent = bool(self._unsent) and self._tried(self._send, False)
        if sent:
            self._unsent.clear()
        return len(self._unsent)

    def close(self) -> None:
        """Try for the last time to send what waits, and say what could not be."""
        self.link.wake()
        if left := self.flush():
            self.say(f"{left} entries could not be shared; findings are on disk")
        if self.unreadable:
            self.say(f"{self.unreadable} entries of the fleet are not readable")
        self.link.client.close()

    def _key(self, kind: str) -> str:
        return f"{_PREFIX}:{self.target}:{kind}"

    def _send(self, client: "Redis") -> bool:
        pipe = client.pipeline()
        pipe.sadd(f"{_PREFIX}:targets", self.target)
        for (kind, name), content in self._unsent.items():
            pipe.hsetnx(self._key(kind), name, content)
        pipe.execute()
        return True

    def _new(self, kind: str, known: set[str]) -> Iterator[Case]:
        none: dict[str, bytes] = {}
        entries = self._tried(
            lambda client: _read(client, self._key(kind), known), none
        )
        for name, content in entries.items():
            known.add(name)
            case = read_case(content)
            if case is None:
                self.unreadable += 1
            else:
                yield case

    def _tried(self, call: "Callable[[Redis], T]", otherwise: T) -> T:
        given = self.link.tried(call, otherwise)
        if bool(self.link.lost) != self._away:
            self._away = not self._away
            alone = f"nothing is shared for now, the run goes on: {self.link.lost}"
            self.say(alone if self._away else "the fleet is back")
        return given


def _read(client: "Redis", key: str, known: set[str]) -> dict[str, bytes]:
    """Return the entries of a hash that are not known, in the order of their names."""
    there: Any = client.hkeys(key)
    names = {name.decode("utf-8", "replace"): name for name in sorted(there)}
    new = [name for name in names if name not in known]
    if not new:
        return {}
    contents: Any = client.hmget(key, [names[name] for name in new])
    pairs = zip(new, contents, strict=True)
    return {name: content for name, content in pairs if content is not None}


def read_case(content: bytes) -> Case | None:
    """Read an entry; None if it is none, since others write to the server too."""
    try:
        entry = json.loads(content)
        stream = bytes.fromhex(entry["octets"])
        cuts = tuple(map(int, entry["cuts"]))
        drafts = tuple(_aimed(HJP.read(stream), entry))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    if cuts != tuple(sorted({cut for cut in cuts if 0 < cut < len(stream)})):
        return None
    return Case(drafts, stream, (cuts,))


def _aimed(drafts: tuple[Draft, ...], entry: dict[str, Any]) -> Iterator[Draft]:
    """Tell for what frames were written, where an entry says so.

    It names the requirement where the octets by themselves do not.
    """
    aims, rest = list(entry.get("aims", ())), tuple[str, ...]()
    if "requirement" in entry:  # a finding, made small: of all its frames
        aims, rest = [], (entry["requirement"],)
    for draft, named in zip(drafts, [*aims, *([rest] * len(drafts))], strict=False):
        known = tuple(aim for aim in named if aim in REQUIREMENTS)
        yield replace(draft, aims=known)
