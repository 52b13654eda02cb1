"""The cases of a pair, in the order of the text's chapters."""

from collections.abc import Iterator
from functools import cache

from hjp_conformance.catalogue import AREAS, Case
from hjp_conformance.matrix.contents import (
    FULL,
    ODD,
    SIZES,
    TEXTS,
    by_chance,
    of_size,
    upper,
)
from hjp_conformance.matrix.exchange import exchange, ok

UNKNOWN = "x-hjp-conformance-unknown"
"""The name of an operation that no server offers."""

_MORE = FULL + 1
_LARGE = 1 << 20
_UNSENT = "unsent too_large"
_NOBODY = "error unknown_op"


@cache
def cases() -> tuple[Case, ...]:
    """All of them."""
    found = [*_hello(), *_echo(), *_upper(), *_ahead(), *_large(), *_call(), *_beside()]
    order = list(AREAS)
    return tuple(sorted(found, key=lambda case: order.index(case.area)))


def _hello() -> Iterator[Case]:
    yield exchange(
        "pair-cor-hello", "hello is answered", ["COR-1", "LIM-5"], ["hello"], [ok()]
    )
    yield exchange(
        "pair-cor-ping", "ping is answered without hello", ["COR-9", "LIF-2"],
        ["ping"], [ok()],
    )  # fmt: skip
    for limit in (FULL, _LARGE, 2**32 - 1):
        yield exchange(
            f"pair-lim-hello-{limit}", f"hello with a max_payload of {_thousands(limit)}, and ping",
            ["LIM-5", "COR-6"], [("hello", limit), "ping"], [ok(), ok()],
        )  # fmt: skip
    yield exchange(
        "pair-msg-one-after-the-other", "Ten pings, each after the reply to the one before",
        ["MSG-14", "MSG-3", "MSG-1"], ["ping"] * 10, [ok()] * 10,
    )  # fmt: skip
    text = b"Hello, HJP!"
    yield exchange(
        "pair-msg-session", "hello, ping, echo, upper and ping on one connection",
        ["MSG-14", "COR-1"],
        ["hello", "ping", ("echo", text), ("upper", text), "ping"],
        [ok(), ok(), ok(text), ok(upper(text)), ok()],
    )  # fmt: skip


def _echo() -> Iterator[Case]:
    for size in SIZES:
        octets = of_size(size)
        yield exchange(
            f"pair-frm-echo-{size}", f"echo of {_thousands(size)} octets",
            ["FRM-13", "COR-10"], [("echo", octets)], [ok(octets)],
        )  # fmt: skip
    for name, octets in ODD.items():
        yield exchange(
            f"pair-cor-echo-{name}", f"echo of {name.replace('-', ' ')}",
            ["COR-10", "FRM-16"], [("echo", octets)], [ok(octets)],
        )  # fmt: skip
    sizes = (FULL, 0, 1, FULL, 300, 0)
    files = [of_size(size) for size in sizes]
    yield exchange(
        "pair-frm-echo-long-and-short", "Long, short and empty payloads in turn",
        ["FRM-15", "FRM-14"],
        [("echo", one) for one in files], [ok(one) for one in files],
    )  # fmt: skip


def _upper() -> Iterator[Case]:
    for size in (FULL, 1, 0):
        octets = of_size(size)
        yield exchange(
            f"pair-cor-upper-{size}", f"upper of {_thousands(size)} octets",
            ["COR-13", "FRM-13"], [("upper", octets)], [ok(upper(octets))],
        )  # fmt: skip
    for name, octets in TEXTS.items():
        yield exchange(
            f"pair-cor-upper-{name}", f"upper of {name.replace('-', ' ')}",
            ["COR-12", "COR-13"], [("upper", octets)], [ok(upper(octets))],
        )  # fmt: skip


def _ahead() -> Iterator[Case]:
    for count in (100, 1_000):
        yield exchange(
            f"pair-msg-ahead-{count}-ping", f"{_thousands(count)} pings before the first reply",
            ["MSG-12", "MSG-15"], [("ahead", count, "ping")], [ok()] * count,
        )  # fmt: skip
    short, full = of_size(1_000), by_chance(FULL)
    yield exchange(
        "pair-msg-ahead-upper", "50 upper before the first reply, then ping",
        ["MSG-15", "MSG-12"], [("ahead", 50, "upper", short), "ping"],
        [ok(upper(short))] * 50 + [ok()],
    )  # fmt: skip
    yield exchange(
        "pair-lif-ahead-echo", "64 full payloads each way, before the first reply is read",
        ["LIF-4", "LIF-5"], [("ahead", 64, "echo", full)], [ok(full)] * 64,
    )  # fmt: skip


def _large() -> Iterator[Case]:
    """Beyond 65 536 octets, which a client sends only where both sides take them."""
    octets, large = of_size(_MORE), by_chance(_LARGE)
    yield exchange(
        "pair-lim-more-without-hello",
        "65 537 octets without hello: not sent; or refused, by one that said hello itself",
        ["LIM-1", "LIM-6"], [("echo", octets)], [_UNSENT], ["error too_large"],
    )  # fmt: skip
    yield exchange(
        "pair-lim-more-than-the-client-takes",
        "65 537 octets that the server takes and the client does not take back",
        ["LIM-6", "LIM-1"], ["hello", ("echo", octets), "ping"],
        [ok(), "error too_large", ok()],
        needs=_MORE, otherwise=((ok(), _UNSENT, ok()),),
    )  # fmt: skip
    for name, payload in (("more", octets), ("large", large)):
        yield exchange(
            f"pair-lim-{name}-after-hello",
            f"{_thousands(len(payload))} octets after hello, if the server takes them",
            ["LIM-3", "FRM-13"], [("hello", _LARGE), ("echo", payload), "ping"],
            [ok(), ok(payload), ok()],
            needs=len(payload), otherwise=((ok(), _UNSENT, ok()),),
        )  # fmt: skip


def _call() -> Iterator[Case]:
    yield exchange(
        "pair-err-unknown-op", "An operation that the server does not offer, then ping",
        ["ERR-16", "ERR-5"], [("call", UNKNOWN), "ping"], [_NOBODY, ok()],
        input=("last",),
    )  # fmt: skip
    for name, lines in (
        ("empty", ("more", "more", "last")),
        ("some", ("more 00", "more", "more 484a50ff", "last ff")),
        ("many", (*[f"more {'5a' * 500}"] * 40, "last")),
    ):
        yield exchange(
            f"pair-msg-dropped-{name}",
            f"An unknown operation of {len(lines)} frames, then echo",
            ["MSG-20", "MSG-17", "MSG-23"],
            [("call", UNKNOWN), ("echo", b"after")], [_NOBODY, ok(b"after")],
            input=lines,
        )  # fmt: skip


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _beside() -> Iterator[Case]:
    files = [f"client {number}: ".encode() + of_size(9_000) for number in range(4)]
    each = [((("ahead", 20, "echo", one),), (ok(one),) * 20) for one in files]
    yield exchange(
        "pair-lif-four-clients", "Four clients at the same time get their own payloads",
        ["LIF-6", "COR-10"], each[0][0], each[0][1], beside=tuple(each[1:]),
    )  # fmt: skip
    yield exchange(
        "pair-lif-one-waits", "A client is served while another is inside a request",
        ["LIF-6"], ["ping", ("echo", b"meanwhile")], [ok(), ok(b"meanwhile")], held=True,
    )  # fmt: skip
