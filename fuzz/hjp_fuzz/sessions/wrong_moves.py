"""What a client may send that is wrong, by itself or behind what is right."""

from collections.abc import Sequence

from hjp_fuzz import grammar
from hjp_fuzz.cases import Draft
from hjp_fuzz.corners import INVALID_CORNERS
from hjp_fuzz.dialect import HJP
from hjp_fuzz.sessions import odd_members as odd
from hjp_fuzz.sessions.moves import (
    OPS,
    Members,
    Move,
    Notes,
    basic_members,
    begun,
    echo,
    framed,
    greeting,
    payload,
    ping,
    streamed,
    unknown_op,
    upper,
    written,
    wrong_timeout,
)
from hjp_fuzz.sources import Source
from hjp_fuzz.texts import json_corner
from hjp_spec.registry import MAX_JSON


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
    return greeting(source, notes, {name: source.choice(values)})


def wrong_members(source: Source, notes: Notes) -> bytes:
    """Write a frame of which one or more members are wrong."""
    op = notes.open[0] if notes.open is not None else source.choice(OPS)
    members = basic_members(source, b"%d" % notes.new_id(source), b'"%b"' % op)
    return _spoilt(source, notes, members)


def wrong_later_frame(source: Source, notes: Notes) -> bytes:
    """Go on wrongly with a request of several frames, which begins here if need be."""
    before = b"" if notes.open is not None else begun(source, notes)
    assert notes.open is not None
    op, id_ = notes.open
    members = basic_members(source, b"%d" % id_, b'"%b"' % op)
    if source.flag():
        members[b'"more"'] = b"true"
    return before + _spoilt(source, notes, members)


def _spoilt(source: Source, notes: Notes, members: Members) -> bytes:
    """Write members of which one or more are made wrong."""
    source.choice(_FAULTS)(source, notes, members)
    while source.flag():
        source.choice(_FAULTS)(source, notes, members)
    return framed(source, members, payload(source, notes))


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
    text = written(
        source, basic_members(source, b"%d" % notes.new_id(source), b'"ping"')
    )
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


def wrong_header(source: Source, notes: Notes) -> bytes:
    """Write a frame of which a field of the header is not what it has to be."""
    text = written(
        source, basic_members(source, b"%d" % notes.new_id(source), b'"ping"')
    )
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
