"""The same octets in other reads: the same frames, the same refusals."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from hjp_conformance.codec.decoding import DecodeCase, single_octets
from hjp_conformance.codec.expected import Expected
from hjp_conformance.codec.rows import (
    Cited,
    accepted,
    area_of,
    incomplete,
    named,
    refused,
)
from hjp_conformance.stimuli import frame, padded

PING = '{"id":1,"op":"ping"}'
RICH = '{"é":"\\ud83d\\ude00€","x":-1.5e+3}\r\n'
LOAD = b"HJP\xff\x01\0\0\0"
TWO = frame(PING) + frame(RICH, LOAD)
TWO_OUTCOME = accepted(PING, (RICH, LOAD))
SECOND = len(frame(PING))
EDGES = {
    "magic": SECOND + 4,
    "version": SECOND + 5,
    "reserved": SECOND + 8,
    "json-length": SECOND + 12,
    "header": SECOND + 16,
    "text": len(TWO) - len(LOAD),
    "frame": SECOND,
    "first-header": 16,
    "first-magic": 4,
}
"""The ends of the fields of the second frame, and two of the first."""

REFUSED = {
    "bad-magic": (
        frame(PING) + frame(PING, magic=b"HJP\0"),
        refused("bad_magic", "HJP-FRM-2", PING),
    ),
    "bad-version": (
        frame(PING) + frame(PING, version=2),
        refused("bad_version", "HJP-FRM-4", PING),
    ),
    "bad-text": (
        frame(PING) + frame('{"x":"\\ud800"}', b"payload"),
        refused("bad_json", "HJP-MET-9", PING),
    ),
    "too-large": (
        frame("{}") + frame("{}", payload_length=65_537),
        refused("too_large", "HJP-FRM-10", "{}"),
    ),
    "cut-off": (frame("{}") + frame(PING)[:-1], incomplete("{}")),
}
CITED: Cited = ("HJP-FRM-14",)


def cases() -> Iterator[DecodeCase]:
    """Two reads, three, single octets, empty reads, reads of one size."""
    yield from _accepted()
    yield from _refused()
    yield from _sizes()


def _case(
    row: str, title: str, octets: bytes, cuts: Sequence[int], outcome: Expected
) -> DecodeCase:
    broken = (outcome.requirement,) if outcome.requirement else ()
    return DecodeCase(
        id=named(CITED, "split", row),
        title=title,
        requirements=CITED + broken,
        area=area_of(CITED),
        octets=octets,
        cuts=cuts,
        outcome=outcome,
    )


def _accepted() -> Iterator[DecodeCase]:
    for cut in range(1, len(TWO)):
        title = f"Two frames in two reads, the first of {cut} octets"
        yield _case(f"two-frames-at-{cut:03}", title, TWO, (cut,), TWO_OUTCOME)
    for (one, first), (other, second) in combinations(EDGES.items(), 2):
        title = f"Two frames in three reads, after {one} and after {other}"
        two = sorted((first, second))
        yield _case(f"at-{one}-and-{other}", title, TWO, two, TWO_OUTCOME)
    for name, cut in EDGES.items():
        title = f"An empty read after {name}"
        yield _case(f"empty-at-{name}", title, TWO, (cut, cut), TWO_OUTCOME)
        title = f"One octet by itself after {name}"
        yield _case(f"octet-at-{name}", title, TWO, (cut, cut + 1), TWO_OUTCOME)
    whole = {
        "whole": (),
        "single-octets": single_octets(TWO),
        "empty-first": (0,),
        "empty-last": (len(TWO),),
        "empty-around": (0, 0, len(TWO), len(TWO)),
        "empty-between-octets": [n // 2 for n in range(2 * len(TWO))],
        "fields": sorted(EDGES.values()),
    }
    for name, cuts in whole.items():
        title = f"Two frames in reads: {name.replace('-', ' ')}"
        yield _case(f"two-frames-{name}", title, TWO, cuts, TWO_OUTCOME)
    for count in (1, 3):
        title = "Empty reads and nothing else"
        yield _case(f"only-empty-{count}", title, b"", (0,) * count, accepted())


def _refused() -> Iterator[DecodeCase]:
    for name, (octets, outcome) in REFUSED.items():
        for cut in range(1, len(octets)):
            title = f"A stream that ends in {outcome.status} in two reads"
            yield _case(f"{name}-at-{cut:03}", title, octets, (cut,), outcome)
        title = f"A stream that ends in {outcome.status} in single octets"
        single = single_octets(octets)
        yield _case(f"{name}-single-octets", title, octets, single, outcome)
        cuts = (len(octets), len(octets))
        title = f"A stream that ends in {outcome.status}, then empty reads"
        yield _case(f"{name}-empty-last", title, octets, cuts, outcome)


def _sizes() -> Iterator[DecodeCase]:
    for size in (2, 3, 4, 5, 7, 15, 16, 17, 31, 32, 33):
        cuts = range(size, len(TWO), size)
        title = f"Two frames in reads of {size} octets"
        yield _case(f"reads-of-{size}", title, TWO, cuts, TWO_OUTCOME)
    text = padded('{"x":"%s"}' % ("€" * 15_000), 65_536)
    load = b"\xff" * 65_536
    octets = frame(text, load) + frame(PING)
    for size in (1000, 1024, 1460, 4096, 8192, 65_535, 65_536, 65_537):
        cuts = range(size, len(octets), size)
        title = f"The greatest frame and another in reads of {size} octets"
        outcome = accepted((text, load), PING)
        yield _case(f"greatest-reads-of-{size}", title, octets, cuts, outcome)
    many = frame("{}") * 200
    title = "Two hundred frames in reads of 19 octets, one more than a frame has"
    cuts = range(19, len(many), 19)
    yield _case("many-reads-of-19", title, many, cuts, accepted(*["{}"] * 200))
