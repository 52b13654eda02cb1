"""Making a session smaller that fails: steps, cuts, frames, members and payloads.

The model works out anew what every candidate calls for, so anything may be left out.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from hjp_fuzz.cases import Draft
from hjp_fuzz.dialect import HJP
from hjp_fuzz.sessions.steps import Session, Step, Then

Fails = Callable[[Session], bool]

_SECONDS = 20.0
_TRIALS = 500
_SHORT = 200
"""Octets up to which single ones of them are left out."""


def smaller(steps: Session, fails: Fails) -> Session:
    """Return a session that fails as well, with as little in it as can be.

    Args:
        steps: a session that fails.
        fails: plays a session, and tells whether it fails in the same way.
    """
    ends_at, tried = time.monotonic() + _SECONDS, {steps}

    def try_(candidate: Session) -> bool:
        over = len(tried) > _TRIALS or time.monotonic() > ends_at
        if over or candidate in tried or not candidate:
            return False
        tried.add(candidate)
        return fails(candidate)

    before = None
    while before != steps:
        before = steps
        for pass_ in (_without_steps, _without_cuts, _simpler_frames):
            steps = pass_(steps, try_)
    return _renumbered(steps)


def _renumbered(steps: Session) -> Session:
    """Count the connections that are left from 1."""
    used = dict.fromkeys(step.connection for step in steps if step.connection)
    numbers = {0: 0} | {number: at for at, number in enumerate(used, 1)}
    return tuple(replace(step, connection=numbers[step.connection]) for step in steps)


def _without_steps(steps: Session, fails: Fails) -> Session:
    """Leave out runs of steps, long ones first."""
    size = len(steps) // 2
    while size:
        at = len(steps) - size
        while at >= 0:
            fewer = steps[:at] + steps[at + size :]
            if fails(fewer):
                steps = fewer
            at -= size
        size //= 2
    return steps


def _without_cuts(steps: Session, fails: Fails) -> Session:
    """Send at once what was sent in two pieces, and wait after every step."""
    for at in reversed(range(len(steps))):
        steps = next(filter(fails, _joined(steps, at)), steps)
    return steps


def _joined(steps: Session, at: int) -> Iterator[Session]:
    here, after = steps[at], steps[at + 1 : at + 2]
    if here.octets and after and after[0].octets:
        both = replace(after[0], octets=here.octets + after[0].octets)
        if after[0].connection == here.connection:
            yield (*steps[:at], both, *steps[at + 2 :])
    if here.then is not Then.WAIT:
        yield (*steps[:at], replace(here, then=Then.WAIT), *steps[at + 1 :])


def _simpler_frames(steps: Session, fails: Fails) -> Session:
    """Make the octets of each step simpler, as long as there is a way."""
    at = len(steps) - 1
    while at >= 0:
        for octets in _simpler_octets(steps[at]):
            step = replace(steps[at], octets=octets)
            candidate = (*steps[:at], step, *steps[at + 1 :])
            if fails(candidate):
                steps = candidate
                break
        else:
            at -= 1
    return steps


def _simpler_octets(step: Step) -> Iterator[bytes]:
    drafts = HJP.read(step.octets)
    for at, draft in enumerate(drafts):
        if len(drafts) > 1:
            yield HJP.write_all(drafts[:at] + drafts[at + 1 :])[0]
        for simpler in _simpler(draft):
            octets, _ = HJP.write_all((*drafts[:at], simpler, *drafts[at + 1 :]))
            if octets:
                yield octets


def _simpler(draft: Draft) -> Iterator[Draft]:
    if draft.raw is not None:
        yield from (replace(draft, raw=raw) for raw in _shorter(draft.raw))
        return
    for name in draft.lies:
        lies = {other: lie for other, lie in draft.lies.items() if other != name}
        yield replace(draft, lies=lies)
    for payload in (b"", b"a", *_shorter(draft.payload)):
        if len(payload) < len(draft.payload):
            yield replace(draft, payload=payload)
    yield from (replace(draft, json=text) for text in _simpler_texts(draft.json))


def _simpler_texts(text: bytes) -> Iterator[bytes]:
    """Yield the text without a member, without white space, with a small id."""
    try:
        members = json.loads(text)
    except ValueError:
        yield from _shorter(text)
        return
    if not isinstance(members, dict):
        return
    others = [
        {other: value for other, value in members.items() if other != name}
        for name in members
        if name not in ("id", "op")
    ]
    if type(members.get("id")) is int:
        others += [members | {"id": id_} for id_ in (1, 2, 3) if id_ < members["id"]]
    for simpler in (*others, members):
        written = json.dumps(simpler, ensure_ascii=False, separators=(",", ":")).encode(
            errors="surrogatepass"
        )
        if (len(written), written) < (len(text), text):
            yield written


def _shorter(octets: bytes) -> Iterator[bytes]:
    """Yield the octets without a run of them, long runs first."""
    size, least = len(octets) // 2, 1 if len(octets) <= _SHORT else len(octets) // 8
    if len(octets) == 1:
        yield b""
    while size and size >= least:
        for at in range(0, len(octets) - size + 1, size):
            yield octets[:at] + octets[at + size :]
        size //= 2
