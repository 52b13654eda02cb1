"""The grammar of streams: pure functions of a `Source`.

A stream is a list of drafts.  A draft is a frame as its writer meant it: the JSON
text, the payload, and the fields that lie.  The octets follow from the draft, so a
finding can be made smaller without losing what makes it one.
"""

from collections.abc import Callable, Sequence
from typing import Any

from hjp_fuzz import corners
from hjp_fuzz.cases import Case, Cuts, Draft
from hjp_fuzz.dialect import HJP, Dialect, Field
from hjp_fuzz.mutate import mutated
from hjp_fuzz.sources import Source
from hjp_fuzz.texts import Text, json_corner, json_text

__all__ = [
    "case",
    "cuts",
    "every_octet",
    "frame",
    "json_corner",
    "json_text",
    "length",
    "payload",
    "random_cuts",
    "stream",
    "valid_frame",
]

SHORT = 512
"""Streams of up to so many octets can be cut at every octet."""
AROUND = 24
"""In longer ones, so many octets before and after every edge stand alone."""
_FEW, _NEAR = 64, 8  # the same where there is no time for more


_OCTETS = bytes(range(256))


def payload(source: Source, dialect: Dialect = HJP) -> bytes:
    """Write a payload; often none, often one that looks like a frame.

    It takes two choices, whatever becomes of it, so that what a shrinker makes of a
    payload does not change what the choices after it mean.
    """
    shape, detail = source.int(0, 15), source.int(0, (1 << 32) - 1)
    if shape < 6:
        return b""
    if shape < 8:  # for an engine that knows what a parser compares octets with
        return detail.to_bytes(4, "big")
    octet = detail & 255
    if shape < 10:
        return (_OCTETS * 2)[octet : octet + 1 + octet % 8]
    if shape < 12:
        return _OCTETS[octet : octet + 2] * (8, 50, 128, 500)[octet % 4]
    if shape < 13:
        return _OCTETS
    odd = (*dialect.lookalikes, b"\r\n", b"{}", bytes(20))
    return odd[detail % len(odd)]


def length(source: Source, true: int, field: Field) -> int:
    """Write a length that is wrong in one of the ways that lengths go wrong."""
    bits = 8 * field.width
    sign, ceiling = 1 << bits - 1, (1 << bits) - 1
    shape = source.int(0, 4)
    if shape == 0 and field.low:
        return source.int(0, field.low - 1)
    if shape < 3:
        high = field.high
        return source.choice((high + 1, high, sign | true, sign, ceiling, high * 2))
    if shape == 3:
        wrong = (true + 1, true - 1, true + 2, true * 2, true + 16, 0, 1)
        return source.choice(wrong) & ceiling
    swapped = int.from_bytes(true.to_bytes(field.width, "little"), "big")
    wide = (swapped, true | 1 << 16, true | 1 << 24, true ^ 255, sign - 1, ceiling - 15)
    return source.choice((*wide, source.int(0, ceiling)))


_VALID = corners.by_share(corners.VALID_CORNERS)
_INVALID = corners.by_share(corners.INVALID_CORNERS)


def valid_frame(source: Source, dialect: Dialect = HJP) -> Draft:
    """Write a frame that every receiver has to accept."""
    body = payload(source, dialect)
    text = json_text(source) if source.flag() else json_corner(source, _VALID)
    return _draft(text, body, dialect)


def _smallest(source: Source, dialect: Dialect) -> Draft:
    """Write the smallest frame, of no choice: so a shrinker can leave it out."""
    return Draft()


def _draft(text: Text, body: bytes, dialect: Dialect) -> Draft:
    aims = text.aims
    if text.valid and dialect.magic in body:
        aims += ("HJP-FRM-16",)
    return Draft(text.octets, body, aims=aims)


def _bad_text(source: Source, dialect: Dialect) -> Draft:
    alone, body = source.flag(4), payload(source, dialect)
    text = json_corner(source, _INVALID)
    if alone:  # the decision must not wait for the payload
        aims = (*text.aims, "HJP-MET-14")
        keep = dialect.header_length + len(text.octets)
        return Draft(text.octets, body or b"\x00", keep=keep, aims=aims)
    return _draft(text, body, dialect)


# Where the fault is in the header, the texts are all the same to a receiver.
_PLAIN_TEXTS = (
    b"{}",
    b'{"id":1,"op":"ping"}',
    b'{"a":[{"b":"\xc3\xa9\\""},null]}',
    b"{} ",
)


def _long(source: Source, dialect: Dialect) -> Draft:
    """Write a frame at the very limit of a length."""
    if source.flag(4):
        return _draft(json_corner(source, corners.LONG_CORNERS), b"", dialect)
    counter = dialect.length_of(dialect.payload)
    size = counter.high + source.choice((0, 1, 0, -1))
    aims = counter.broken_by(size) or ("HJP-FRM-13",)
    return Draft(source.choice(_PLAIN_TEXTS), source.bytes(1) * size, aims=aims)


def _wrong_constant(source: Source, dialect: Dialect) -> Draft:
    field = source.choice(dialect.constants)
    draft = Draft(
        source.choice(_PLAIN_TEXTS),
        payload(source, dialect),
        {field.name: _other(source, field)},
        aims=field.requirements,
    )
    if field.offset + field.width <= dialect.early and source.flag():
        return draft.kept(dialect.early, "HJP-FRM-5")
    return _maybe_header_only(source, draft, dialect)


def _other(source: Source, field: Field) -> bytes:
    """Return something of the width of a constant that is not the constant."""
    right = field.value
    shape = source.int(0, 5)
    if shape == 0:
        return bytes(len(right)) if any(right) else b"\x01" * len(right)
    if shape == 1 and len(right) > 1 and right != right[::-1]:
        return right[::-1]
    if shape == 2:
        wrong = source.choice((b"GET / HTTP", b"HJP\x00HJP\x00", b"\x16\x03\x01\x02"))
        return wrong[: len(right)] if wrong[: len(right)] != right else wrong[::-1]
    at = source.int(0, len(right) - 1)
    octet = right[at] ^ source.int(1, 255)
    return right[:at] + bytes([octet]) + right[at + 1 :]


def _maybe_header_only(source: Source, draft: Draft, dialect: Dialect) -> Draft:
    """Leave nothing but the header, now and then: it has to be enough."""
    if source.flag(3):
        return draft.kept(dialect.header_length, "HJP-FRM-11")
    return draft


def _wrong_length(source: Source, dialect: Dialect) -> Draft:
    text, body = source.choice(_PLAIN_TEXTS), payload(source, dialect)
    field = source.choice((dialect.text, dialect.payload))
    counter = dialect.length_of(field)
    true = len(text) if field is dialect.text else len(body)
    wrong = length(source, true, counter)
    draft = Draft(text, body, {counter.name: wrong}, aims=counter.broken_by(wrong))
    return _maybe_header_only(source, draft, dialect) if draft.aims else draft


def _two_faults(source: Source, dialect: Dialect) -> Draft:
    """Write a frame with several faults: the order of the checks tells the code."""
    header = (*dialect.constants, *dialect.lengths)
    lies: dict[str, int | bytes] = {}
    for field in (source.choice(header), source.choice(header)):
        beyond = (field.high + 1, 0, 1, (1 << 8 * field.width) - 1)
        lies[field.name] = source.choice(beyond) if field.of else _other(source, field)
    bad, body = source.flag(), payload(source, dialect)
    text = json_corner(source, _INVALID).octets if bad else b"{}"
    return Draft(text, body, lies, aims=("HJP-ERR-15",))


def _after_noise(source: Source, dialect: Dialect) -> Draft:
    """Write a right frame after octets that are none: nobody may look for it."""
    noise = source.choice(
        (b"\x00", b"\n", b"\r\n", dialect.magic[:1], dialect.magic[:3])
    )
    octets = noise + dialect.write(valid_frame(source, dialect))
    return Draft(raw=octets, aims=("HJP-FRM-2", "HJP-FRM-3"))


def _after_a_longer_one(source: Source, dialect: Dialect) -> Draft:
    """Write the smallest frame after one whose text and payload go on where it ends.

    Whoever leaves those in a buffer, and reads too far, goes on as well.
    """
    going_on = source.choice((b" ", b"\n", b" \r\n\t")) * source.choice((1, 2, 16))
    longer = Draft(b"{}" + going_on, payload(source, dialect))
    octets = dialect.write(longer) + dialect.write(Draft())
    return Draft(raw=octets, aims=("HJP-FRM-15",))


def _mutated(source: Source, dialect: Dialect) -> Draft:
    octets = dialect.write(valid_frame(source, dialect))
    return Draft(raw=mutated(source, octets))


_RIGHT, _WRONG = 2, 8
"""After how many frames of a sort there is one more: mostly none after a fault."""

# Out of a hundred; the first is the simplest.
_SHARES = (
    (_smallest, 4, _RIGHT),
    (valid_frame, 51, _RIGHT),
    (_bad_text, 20, _WRONG),
    (_wrong_length, 7, _WRONG),
    (_wrong_constant, 6, _WRONG),
    (_two_faults, 6, _WRONG),
    (_after_noise, 2, _WRONG),
    (_after_a_longer_one, 1, _RIGHT),
    (_mutated, 2, _WRONG),
    (_long, 1, _RIGHT),  # dear, and there is little about them to find
)
_KINDS = tuple((write, more) for write, share, more in _SHARES for _ in range(share))


def frame(source: Source, dialect: Dialect = HJP) -> Draft:
    """Write a frame, right or wrong."""
    write, _ = source.choice(_KINDS)
    return write(source, dialect)


def stream(
    source: Source,
    dialect: Dialect = HJP,
    least: int = 1,
    most: int | None = None,
    kinds: Sequence[tuple[Callable[[Source, Any], Draft], int]] = _KINDS,
) -> tuple[Draft, ...]:
    """Write a stream of frames.

    Each frame is a part that begins with its kind and two choices: is there one more
    after it, and if not, is its end missing?  So leaving the choices of a part out of
    a recording leaves the frame out.

    Args:
        source: where the choices come from.
        dialect: the format.
        least: how many frames at least.
        most: how many at most; None for any number.
        kinds: what writes a frame, each with the number of times of which another
            one comes after it once.
    """
    drafts: list[Draft] = []
    more = most != 0
    while more:
        source.part()
        write, one_in = source.choice(kinds)
        more = source.flag(one_in) or len(drafts) + 1 < least
        more = more and len(drafts) + 1 != most
        short = source.flag(12) and not more  # in this order: drawn in any case
        end = source.int(0, 255) if short else None
        draft = write(source, dialect)
        drafts.append(draft if end is None else _cut_short(draft, end, dialect))
    return tuple(drafts)


def _cut_short(draft: Draft, end: int, dialect: Dialect) -> Draft:
    """Leave out the end of a frame: from the edge of a field on, or from anywhere."""
    size = len(dialect.write(draft))
    edges = [edge for edge in dialect.edges(draft) if edge < size]
    places = (*edges, max(0, size - 1))
    keep = places[end // 2 % len(places)] if end % 2 == 0 else size * end // 256
    return draft.kept(keep)


def every_octet(
    size: int, edges: Sequence[int], short: int = SHORT, around: int = AROUND
) -> Cuts:
    """Cut a stream at every octet, or a long one at those around the edges."""
    if size <= short:
        return tuple(range(1, size))
    near = {
        at
        for edge in edges
        for at in range(max(1, edge - around), min(size, edge + around))
    }
    return tuple(sorted(near))


def random_cuts(source: Source, size: int) -> Cuts:
    """Cut a stream at a few places of any kind."""
    if size < 2:
        return ()
    return tuple(sorted({source.int(1, size - 1) for _ in range(source.int(1, 3))}))


def _near_an_edge(source: Source, size: int, edges: Sequence[int]) -> Cuts:
    inside = [edge for edge in edges if 0 < edge < size] or [size // 2]
    at = source.choice(inside) + source.choice((0, -1, 1))
    return (at,) if 0 < at < size else ()


def cuts(source: Source, size: int, edges: Sequence[int]) -> Cuts:
    """Divide a stream of so many octets: whole, at edges, evenly, anywhere.

    Args:
        source: where the choices come from.
        size: octets of the stream.
        edges: offsets at which a field or a frame begins or ends.

    Returns:
        Offsets at which a read ends, rising; empty for one read.
    """
    shape = source.int(0, 31)
    if shape < 11:
        return ()
    if shape < 22:
        return _near_an_edge(source, size, edges)
    if shape < 28:
        return random_cuts(source, size)
    if shape < 30:
        return tuple(dict.fromkeys(edge for edge in edges if 0 < edge < size))
    if shape < 31:
        step = source.choice((2, 3, 7, 16, 17, 1024))
        return tuple(range(step, size, max(step, size // 32)))
    return every_octet(size, edges, _FEW, _NEAR)


def case(source: Source, dialect: Dialect = HJP, ways: int = 1) -> Case:
    """Write a stream and the ways to divide it.

    Args:
        source: where the choices come from.
        dialect: the format.
        ways: how many divisions; if more than one, the first is at every octet
            and the others are anywhere.
    """
    return divided(source, dialect, stream(source, dialect), ways)


def divided(
    source: Source, dialect: Dialect, drafts: tuple[Draft, ...], ways: int = 1
) -> Case:
    """Write the ways to divide a stream; see `case`."""
    octets, edges = dialect.write_all(drafts)
    size = len(octets)
    if ways == 1:
        return Case(drafts, octets, (cuts(source, size, edges),))
    anywhere = (random_cuts(source, size) for _ in range(ways))
    return Case(drafts, octets, (every_octet(size, edges), *anywhere))
