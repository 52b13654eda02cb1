"""What a client may send next, right or wrong: pure functions of choices and notes.

A move writes the octets of one or more frames.  Its `Notes` say what a client knows of
its own connection: which ids it has used, which request it has not ended.  Whatever
the octets, `Connection` knows what they call for, so a move need not be right.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hjp_fuzz import grammar
from hjp_fuzz.cases import Draft
from hjp_fuzz.corners import INVALID_CORNERS, spellings
from hjp_fuzz.dialect import HJP
from hjp_fuzz.sessions import odd_members as odd
from hjp_fuzz.sessions.model import Connection
from hjp_fuzz.sources import Source
from hjp_fuzz.texts import GAPS, json_corner, json_text
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
        return cls(ids.greatest, opened, model.limit, model.client_limit)

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


def _members(source: Source, id_: bytes | None, op: bytes | None) -> Members:
    return {_named(source, "id"): id_, _named(source, "op"): op}


def _frame(source: Source, members: Members, payload: bytes = b"") -> bytes:
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
    return _frame(source, _members(source, b"%d" % id_, b'"%b"' % op))


def request(source: Source, notes: Notes, op: bytes) -> bytes:
    """Ask for an operation in one frame."""
    before = b"" if source.flag(12) else ending(source, notes)
    members = _members(source, b"%d" % notes.new_id(source), b'"%b"' % op)
    if source.flag(6):
        members[b'"more"'] = b"false"
    if source.flag(8):
        members[b'"timeout_ms"'] = source.choice(odd.TIMEOUTS)
    if op == b"echo" and source.flag():
        members[b'"data"'] = data(source)
    if op != b"hello" and source.flag(8):
        name, value = source.choice(odd.STRAYS_BUT_IN_HELLO)
        members[name] = value
    return before + _frame(source, members, payload(source, notes))


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
    return _hello(source, notes, {})


def wrong_hello(source: Source, notes: Notes) -> bytes:
    """Greet with a member that is wrong."""
    wrong: tuple[tuple[bytes, Sequence[bytes | None]], ...] = (
        (b'"token"', odd.WRONG_TOKENS),
        (b'"features"', odd.WRONG_FEATURES),
        (b'"limits"', odd.WRONG_LIMITS),
        (b'"limits"', odd.ODD_LIMITS),
        (b'"more"', (b"true", *odd.WRONG_MORES)),
        (b'"timeout_ms"', odd.WRONG_TIMEOUTS),
    )
    name, values = source.choice(wrong)
    return _hello(source, notes, {name: source.choice(values)})


def _hello(source: Source, notes: Notes, others: Members) -> bytes:
    members = _members(source, b"%d" % notes.new_id(source), b'"hello"')
    for name, values in (
        (b'"limits"', odd.LIMITS),
        (b'"features"', odd.FEATURES),
        (b'"token"', odd.TOKENS),
    ):
        if source.flag():
            members[name] = source.choice(values)
    brought = payload(source, notes) if source.flag(4) else b""
    return _frame(source, members | others, brought)


def unknown_op(source: Source, notes: Notes) -> bytes:
    """Ask for something that no server offers."""
    before = ending(source, notes)
    op = source.choice(odd.UNKNOWN_OPS)
    members = _members(source, b"%d" % notes.new_id(source), op)
    if source.flag(4):
        members[b'"timeout_ms"'] = source.choice(odd.WRONG_TIMEOUTS)
    return before + _frame(source, members, payload(source, notes))


def wrong_timeout(source: Source, notes: Notes) -> bytes:
    """Ask with a time that is none."""
    before = ending(source, notes)
    op = b'"%b"' % source.choice(OPS)
    members = _members(source, b"%d" % notes.new_id(source), op)
    members[b'"timeout_ms"'] = source.choice(odd.WRONG_TIMEOUTS)
    return before + _frame(source, members, payload(source, notes))


def streamed(source: Source, notes: Notes) -> bytes:
    """Begin a request of several frames, and go on with it a while."""
    octets = _begun(source, notes)
    while source.flag():
        octets += later_frame(source, notes)
    return octets + ending(source, notes) if source.flag() else octets


def _begun(source: Source, notes: Notes) -> bytes:
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
    members = _members(source, b"%d" % id_, b'"%b"' % op) | {b'"more"': b"true"}
    if source.flag(4):
        members[b'"timeout_ms"'] = source.choice(odd.WRONG_TIMEOUTS)
    return _frame(source, members, payload(source, notes))


def wrong_members(source: Source, notes: Notes) -> bytes:
    """Write a frame of which one or more members are wrong."""
    op = notes.open[0] if notes.open is not None else source.choice(OPS)
    members = _members(source, b"%d" % notes.new_id(source), b'"%b"' % op)
    return _spoilt(source, notes, members)


def wrong_later_frame(source: Source, notes: Notes) -> bytes:
    """Go on wrongly with a request of several frames, which begins here if need be."""
    before = b"" if notes.open is not None else _begun(source, notes)
    assert notes.open is not None
    op, id_ = notes.open
    members = _members(source, b"%d" % id_, b'"%b"' % op)
    if source.flag():
        members[b'"more"'] = b"true"
    return before + _spoilt(source, notes, members)


def _spoilt(source: Source, notes: Notes, members: Members) -> bytes:
    """Write members of which one or more are made wrong."""
    source.choice(_FAULTS)(source, notes, members)
    while source.flag():
        source.choice(_FAULTS)(source, notes, members)
    return _frame(source, members, payload(source, notes))


def _wrong_id(source: Source, notes: Notes, members: Members) -> None:
    members[b'"id"'] = source.choice(odd.WRONG_IDS)


def _used_id(source: Source, notes: Notes, members: Members) -> None:
    used = max(1, notes.greatest - source.choice((0, 1, 2)))
    members[b'"id"'] = b"%d" % (source.int(1, used) if source.flag(4) else used)


def _odd_id(source: Source, notes: Notes, members: Members) -> None:
    members[b'"id"'] = source.choice(odd.ODD_IDS) % notes.new_id(source)


def _wrong_op(source: Source, notes: Notes, members: Members) -> None:
    others = (*odd.UNKNOWN_OPS[:6], b'"hello"', b'"ping"', b'"upper"')
    wrong = odd.WRONG_OPS if source.flag() else others
    members[b'"op"'] = source.choice(wrong)


def _wrong_more(source: Source, notes: Notes, members: Members) -> None:
    members[b'"more"'] = source.choice(odd.WRONG_MORES)


def _ok(source: Source, notes: Notes, members: Members) -> None:
    members[b'"ok"'] = source.choice(odd.OKS)


def _wrong_time(source: Source, notes: Notes, members: Members) -> None:
    members[b'"timeout_ms"'] = source.choice(odd.WRONG_TIMEOUTS)


def _twin(source: Source, notes: Notes, members: Members) -> None:
    members |= dict.fromkeys(source.choice(odd.TWINS), b"1")


_FAULTS = (
    *(_wrong_op, _ok, _wrong_more, _wrong_id, _used_id, _wrong_time, _odd_id, _twin),
)


def bad_json(source: Source, notes: Notes) -> bytes:
    """Write a frame whose JSON text is none, or not of the kind wanted."""
    text = json_corner(source, INVALID_CORNERS).octets
    return HJP.write(Draft(text, payload(source, notes)))


def any_frame(source: Source, notes: Notes) -> bytes:
    """Write a frame out of the grammar of streams: its header may be wrong, too."""
    return HJP.write(grammar.frame(source))


def too_large(source: Source, notes: Notes) -> bytes:
    """Announce more than the server takes; bring some of it, or nothing."""
    text = written(source, _members(source, b"%d" % notes.new_id(source), b'"ping"'))
    beyond = notes.limit + source.choice((1, 1, 2, 1000))
    wide = (beyond, 1 << 31, (1 << 32) - 1, (1 << 32) - len(text))
    size = source.choice([size for size in wide if notes.limit < size < 1 << 32] or [1])
    lies: dict[str, int | bytes] = {"payload_length": size}
    if source.flag(4):
        longer = (
            MAX_JSON + 1,
            MAX_JSON + 2,
            1 << 31,
            1 << 24 | 20,
            (1 << 32) - 1,
            0,
            1,
        )
        lies["json_length"] = source.choice(longer)
    brought = b"w" * source.choice((0, 1, 70_000))
    return HJP.write(Draft(text, brought, lies))


def wrong_start(source: Source, notes: Notes) -> bytes:
    """Begin a frame with octets that begin none."""
    starts = (b"HJP\xff\x02", b"GET / HTTP/1.1\r\n\r\n", b"HJP\xff\x00", b"hjp\xff\x01")
    more = (
        b"HJP\x7f\x01",
        b"\r\n",
        b"\0\0\0\0\0",
        b"HJP\xff\x01\1\0\0",
        b"HJP\xff\x11",
    )
    rest = ping(source, notes) if source.flag() else b""
    return source.choice(starts + more) + rest


_SEVERAL: tuple[Move, ...] = (ping, echo, upper, unknown_op, streamed, wrong_timeout)


def several(source: Source, notes: Notes) -> bytes:
    """Ask several things at once, without waiting for a reply."""
    octets = source.choice(_SEVERAL)(source, notes)
    octets += source.choice(_SEVERAL)(source, notes)
    while source.flag():
        octets += source.choice(_SEVERAL)(source, notes)
    if source.flag(4):
        octets += source.choice(WRONG)(source, notes)
    return octets


def burst(source: Source, notes: Notes) -> bytes:
    """Ask for so much that no transport takes all of it at once."""
    before = ending(source, notes)
    body = b"q" * source.choice((60_000, DEFAULT_MAX_PAYLOAD))
    members = (
        _members(source, b"%d" % notes.new_id(source), b'"echo"') for _ in range(100)
    )
    return before + b"".join(_frame(source, one, body) for one in members)


def wrong_header(source: Source, notes: Notes) -> bytes:
    """Write a frame of which a field of the header is not what it has to be."""
    text = written(source, _members(source, b"%d" % notes.new_id(source), b'"ping"'))
    name, values = source.choice(odd.HEADERS)
    lies: dict[str, int | bytes] = {name: source.choice(values)}
    return HJP.write(Draft(text, payload(source, notes), lies))


def wrong_frame(source: Source, notes: Notes) -> bytes:
    """Write octets that are wrong whatever the requests before them were."""
    kinds: tuple[Move, ...] = (
        any_frame,
        bad_json,
        too_large,
        wrong_start,
        wrong_header,
    )
    return source.choice(kinds)(source, notes)


def trailed(move: Move) -> Move:
    """Make a move that goes on sending: what follows a fault is dropped (HJP-ERR-13)."""

    def write(source: Source, notes: Notes) -> bytes:
        octets = move(source, notes)
        if source.flag(4):
            octets += b"t" * source.choice((1, 100, 70_000, 300_000))
        return octets

    return write


WRONG = (wrong_members, wrong_later_frame, wrong_hello, wrong_frame)
"""Moves that end the connection, as a rule."""
