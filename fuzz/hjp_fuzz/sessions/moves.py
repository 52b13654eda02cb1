"""What a client may send next: pure functions of choices and notes.

A move writes the octets of one or more frames.  Its `Notes` say what a client knows of
its own connection: which ids it has used, which request it has not ended.  Whatever
the octets, `Connection` knows what they call for, so a move need not be right.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from hjp_fuzz import grammar
from hjp_fuzz.cases import Draft
from hjp_fuzz.corners import spellings
from hjp_fuzz.dialect import HJP
from hjp_fuzz.sessions import odd_members as odd
from hjp_fuzz.sessions.model import Connection
from hjp_fuzz.sources import Source
from hjp_fuzz.texts import GAPS, json_text
from hjp_spec.registry import DEFAULT_MAX_PAYLOAD, MAX_INTEGER, MAX_JSON

OPS = (b"ping", b"echo", b"upper")
_GAPS_OF_IDS = (1, 1, 1, 1, 1, 1, 2, 3, 10, 1000, 1 << 31, 1 << 32)
_MOST_SENT = 2 << 20
"""Greater payloads than this one are announced but not sent."""

Members = dict[bytes, bytes | None]
"""Names and values as JSON texts; None where the member is left out."""
Move = Callable[[Source, "Notes"], bytes]


@dataclass(slots=True)
class Notes:
    """What a client knows of its connection.

    Attributes:
        greatest: the greatest id that it has used.
        open: op and id of a request that it has not ended; None if there is none.
        limit: the greatest payload that the server takes, in octets.
        reply_limit: the greatest payload that the client takes, in octets.
    """

    greatest: int = 0
    open: tuple[bytes, int] | None = None
    limit: int = DEFAULT_MAX_PAYLOAD
    reply_limit: int = DEFAULT_MAX_PAYLOAD

    @classmethod
    def of(cls, model: Connection) -> "Notes":
        """Make the notes of a connection."""
        ids, op = model.ids, b""
        if ids.unfinished:
            op = json.dumps(ids.op)[1:-1].encode()
        opened = (op, ids.greatest) if ids.unfinished else None
        return cls(ids.greatest, opened, model.limit, model.reply_limit)

    def new_id(self, source: Source) -> int:
        """Take an id that is greater than all before it, as long as there are any."""
        self.greatest = min(self.greatest + source.choice(_GAPS_OF_IDS), MAX_INTEGER)
        if source.flag(200):
            self.greatest = MAX_INTEGER
        return self.greatest


def written(source: Source, members: Members) -> bytes:
    """Write members in one of the many ways that mean the same."""
    pairs = [(name, value) for name, value in members.items() if value is not None]
    if source.flag(4):
        pairs.append(source.choice(odd.STRAYS))
    if source.flag(4):
        turn = source.int(0, len(pairs) - 1) if pairs else 0
        pairs = pairs[turn:] + pairs[:turn]
    gap = source.choice(GAPS) if source.flag(6) else b""
    end = source.choice(GAPS) if source.flag(6) else b""
    colon, comma = gap + b":" + gap, gap + b"," + gap
    text = comma.join(name + colon + value for name, value in pairs)
    return b"{" + gap + text + gap + b"}" + end


def _named(source: Source, name: str) -> bytes:
    return source.choice(spellings(name)) if source.flag(5) else b'"%b"' % name.encode()


def basic_members(source: Source, id_: bytes | None, op: bytes | None) -> Members:
    """Begin the members of a request."""
    return {_named(source, "id"): id_, _named(source, "op"): op}


def framed(source: Source, members: Members, payload: bytes = b"") -> bytes:
    """Write a frame of members and a payload."""
    text = written(source, members)
    if source.flag(80):  # white space, up to the very limit
        text = text.ljust(MAX_JSON - source.int(0, 1))
    return HJP.write(Draft(text, payload))


def payload(source: Source, notes: Notes) -> bytes:
    """Write a payload that the server takes; now and then one at a limit."""
    if source.flag(20):
        return b"%c" % source.int(0, 255) * source.choice(odd.SIZES)
    if notes.limit > DEFAULT_MAX_PAYLOAD and source.flag(8):
        return b"z" * source.choice(_sizes(notes))
    if source.flag(8):
        return grammar.payload(source)
    return source.choice(odd.PAYLOADS)


def _sizes(notes: Notes) -> list[int]:
    """Sizes around both limits after `hello`, of those that can be sent at all."""
    limits = (notes.limit, notes.reply_limit, DEFAULT_MAX_PAYLOAD)
    sizes = {limit + more for limit in limits for more in (-1, 0, 1)}
    return sorted(size for size in sizes if size <= min(notes.limit, _MOST_SENT))


def ending(source: Source, notes: Notes) -> bytes:
    """End the request that is not ended, if there is one."""
    if notes.open is None:
        return b""
    op, id_ = notes.open
    notes.open = None
    return framed(source, basic_members(source, b"%d" % id_, b'"%b"' % op))


def request(source: Source, notes: Notes, op: bytes) -> bytes:
    """Ask for an operation in one frame."""
    before = b"" if source.flag(12) else ending(source, notes)
    members = basic_members(source, b"%d" % notes.new_id(source), b'"%b"' % op)
    if source.flag(6):
        members[b'"more"'] = b"false"
    if source.flag(8):
        members[b'"timeout_ms"'] = source.choice(odd.TIMEOUTS)
    if op == b"echo" and source.flag():
        members[b'"data"'] = data(source)
    if op != b"hello" and source.flag(8):
        name, value = source.choice(odd.STRAYS_BUT_IN_HELLO)
        members[name] = value
    return before + framed(source, members, payload(source, notes))


def data(source: Source) -> bytes:
    """Write a value that every server has to return."""
    return json_text(source).octets if source.flag(6) else source.choice(odd.DATA)


def ping(source: Source, notes: Notes) -> bytes:
    """Ask whether anybody is there."""
    return request(source, notes, b"ping")


def echo(source: Source, notes: Notes) -> bytes:
    """Ask for data and payload to be returned."""
    return request(source, notes, b"echo")


def upper(source: Source, notes: Notes) -> bytes:
    """Ask for the payload in upper case."""
    return request(source, notes, b"upper")


def hello(source: Source, notes: Notes) -> bytes:
    """Greet rightly; whether it is the first request is another question."""
    return greeting(source, notes, {})


def greeting(source: Source, notes: Notes, others: Members) -> bytes:
    """Greet with these members besides others that are right."""
    members = basic_members(source, b"%d" % notes.new_id(source), b'"hello"')
    for name, values in (
        (b'"limits"', odd.LIMITS),
        (b'"features"', odd.FEATURES),
        (b'"token"', odd.TOKENS),
    ):
        if source.flag():
            members[name] = source.choice(values)
    brought = payload(source, notes) if source.flag(4) else b""
    return framed(source, members | others, brought)


def unknown_op(source: Source, notes: Notes) -> bytes:
    """Ask for something that no server offers."""
    before = ending(source, notes)
    op = source.choice(odd.UNKNOWN_OPS)
    members = basic_members(source, b"%d" % notes.new_id(source), op)
    if source.flag(4):
        members[b'"timeout_ms"'] = source.choice(odd.WRONG_TIMEOUTS)
    return before + framed(source, members, payload(source, notes))


def wrong_timeout(source: Source, notes: Notes) -> bytes:
    """Ask with a time that is none."""
    before = ending(source, notes)
    op = b'"%b"' % source.choice(OPS)
    members = basic_members(source, b"%d" % notes.new_id(source), op)
    members[b'"timeout_ms"'] = source.choice(odd.WRONG_TIMEOUTS)
    return before + framed(source, members, payload(source, notes))


def streamed(source: Source, notes: Notes) -> bytes:
    """Begin a request of several frames, and go on with it a while."""
    octets = begun(source, notes)
    while source.flag():
        octets += later_frame(source, notes)
    return octets + ending(source, notes) if source.flag() else octets


def begun(source: Source, notes: Notes) -> bytes:
    """Begin a request of several frames."""
    before = ending(source, notes)
    op = source.choice((*OPS, b"x-hjp-fuzz"))
    notes.open = op, notes.new_id(source)
    return before + later_frame(source, notes)


def later_frame(source: Source, notes: Notes) -> bytes:
    """Go on with a request that is not ended; begin one if there is none."""
    if notes.open is None:
        return streamed(source, notes)
    op, id_ = notes.open
    members = basic_members(source, b"%d" % id_, b'"%b"' % op) | {b'"more"': b"true"}
    if source.flag(4):
        members[b'"timeout_ms"'] = source.choice(odd.WRONG_TIMEOUTS)
    return framed(source, members, payload(source, notes))


def burst(source: Source, notes: Notes) -> bytes:
    """Ask for so much that no transport takes all of it at once."""
    before = ending(source, notes)
    body = b"q" * source.choice((60_000, DEFAULT_MAX_PAYLOAD))
    members = (
        basic_members(source, b"%d" % notes.new_id(source), b'"echo"')
        for _ in range(100)
    )
    return before + b"".join(framed(source, one, body) for one in members)
