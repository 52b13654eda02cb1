"""The text *files*, chapter *put*: octets, sizes, digests, and what is refused."""

from typing import Any

from hjp_conformance.authoring import requires, rows
from hjp_conformance.objects import Store, digest, same
from hjp_conformance.stimuli import frame

HI = b"hi"
OTHER = b"other octets"
ZERO = "sha-256:" + "0" * 64


@requires("HJP-PUT-1", "HJP-PUT-12")
def test_put_of_one_frame(store: Store) -> None:
    """A put of one frame: the reply has its size, and a get its octets."""
    client, name = store.client(), store.name()
    client.begin("put", HI, name=name)
    client.done(size=2)
    client.holds(name, HI)


@requires("HJP-PUT-1")
def test_put_of_nothing(store: Store) -> None:
    """A put without octets makes an object of none."""
    client, name = store.client(), store.name()
    client.begin("put", name=name, size=0)
    client.done(size=0)
    client.holds(name, b"")


@requires("HJP-PUT-1")
def test_put_of_all_octets(store: Store) -> None:
    """Each octet comes back as it was: NUL, line ends, what is no UTF-8."""
    octets = bytes(range(256)) + b"\r\n\n\r\0\x1a" + b"HJP\xff\x01\0\0\0"
    store.octets(len(octets))
    client, name = store.client(), store.name()
    client.put(name, octets)
    client.holds(name, octets)


@requires("HJP-PUT-1")
@rows(
    "pieces",
    {
        "two": (b"ab", b"cd"),
        "empty-first": (b"", b"abcd"),
        "empty-last": (b"abcd", b""),
        "empty-between": (b"ab", b"", b"", b"cd"),
        "octet-by-octet": tuple(bytes([octet]) for octet in b"one at a time"),
        "none-at-all": (b"", b"", b""),
    },
)
def test_put_in_frames(store: Store, pieces: tuple[bytes, ...]) -> None:
    """The payloads of all frames, one after the other, are the object."""
    client, name = store.client(), store.name()
    client.begin("put", pieces[0], name=name, more=True)
    for piece in pieces[1:-1]:
        client.go_on(piece, more=True)
    client.go_on(pieces[-1])
    whole = b"".join(pieces)
    client.done(size=len(whole))
    client.holds(name, whole)


@requires("HJP-PUT-1", "HJP-GET-1", "HJP-PUT-7", "HJP-PUT-12")
def test_put_large(store: Store) -> None:
    """An object of 300 000 octets, in frames of 50 000, comes back as it was."""
    octets = store.octets(300_000)
    client, name = store.client(), store.name()
    told = {"size": len(octets), "digest": digest(octets)}
    client.put(name, octets, **told)
    client.holds(name, octets)


@requires("HJP-PUT-1", "HJP-FRM-14")
def test_put_in_one_write(store: Store) -> None:
    """All frames of a put and a get behind it in one write."""
    client, name = store.client(), store.name()
    octets = client.prepare("put", b"ab", name=name, more=True)
    octets += frame(f'{{"id":{client.id},"op":"put"}}', b"cd")
    octets += frame(f'{{"id":{client.id + 1},"op":"get","name":"{name}"}}')
    client.probe.send(octets)
    client.done(size=4)
    client.prepare("get", name=name)
    same(client.got().octets, b"abcd")


@requires("HJP-PUT-1")
def test_put_members_of_later_frames(store: Store) -> None:
    """What a later frame says of name, overwrite and size, or mistypes, is nothing."""
    client, name, other = store.client(), store.name(), store.name()
    client.begin("put", b"ab", name=name, more=True)
    client.go_on(b"cd", more=True, size="none", digest=1, name=other, overwrite=0)
    client.go_on(b"ef", name=other)
    client.done(size=6)
    client.holds(name, b"abcdef")
    client.lacks(other)


STATED = {
    "first": ({"size": 4}, {}),
    "last": ({}, {"size": 4}),
    "both": ({"size": 4}, {"size": 4}),
    "digest-first": ({"digest": digest(b"abcd")}, {}),
    "digest-last": ({}, {"digest": digest(b"abcd")}),
    "digest-both": ({"digest": digest(b"abcd")}, {"digest": digest(b"abcd")}),
    "size-first-digest-last": ({"size": 4}, {"digest": digest(b"abcd")}),
    "digest-first-size-last": ({"digest": digest(b"abcd")}, {"size": 4}),
}


@requires("HJP-PUT-2", "HJP-PUT-12")
@rows("stated", STATED)
def test_put_stated(store: Store, stated: tuple[Any, Any]) -> None:
    """Size and digest may stand on the first frame, on the last, on both."""
    first, last = stated
    client, name = store.client(), store.name()
    client.begin("put", b"ab", name=name, more=True, **first)
    client.go_on(b"cd", **last)
    told = {key: value for key, value in (first | last).items() if key == "digest"}
    client.done(size=4, **told)
    client.holds(name, b"abcd")


@requires("HJP-PUT-12")
def test_put_digest_in_reply(store: Store) -> None:
    """The reply to a put with a digest has it, of one frame too."""
    client = store.client()
    client.begin("put", HI, name=store.name(), size=2, digest=digest(HI))
    client.done(size=2, digest=digest(HI))
    client.begin("put", name=store.name(), digest=digest(b""))
    client.done(size=0, digest=digest(b""))


WRONG_LAST = {
    "size-string": ({}, {"size": "4"}, "bad_request"),
    "size-negative": ({}, {"size": -4}, "bad_request"),
    "size-null": ({}, {"size": None}, "bad_request"),
    "size-another": ({"size": 4}, {"size": 5}, "bad_request"),
    "digest-number": ({}, {"digest": 1}, "bad_request"),
    "digest-null": ({}, {"digest": None}, "bad_request"),
    "digest-another": ({"digest": digest(b"abcd")}, {"digest": ZERO}, "bad_request"),
}


@requires("HJP-PUT-3", "HJP-PUT-14")
@rows("stated", WRONG_LAST)
def test_put_last_frame(store: Store, stated: tuple[Any, Any, str]) -> None:
    """A last frame with a mistyped size or digest, or with another: bad_request."""
    _put_in_two(store, *stated)


@requires("HJP-FIL-3", "HJP-PUT-3")
@rows("told", {"short": "sha-256:00", "capitals": digest(b"abcd").upper()[:8].lower()
               + digest(b"abcd")[8:].upper(), "no-colon": "none"})  # fmt: skip
def test_put_last_digest_malformed(store: Store, told: str) -> None:
    """A malformed digest on the last frame is answered with bad_request."""
    _put_in_two(store, {}, {"digest": told}, "bad_request")


@requires("HJP-FIL-4", "HJP-PUT-3")
def test_put_last_digest_of_another_algorithm(store: Store) -> None:
    """A digest of another algorithm on the last frame is answered unsupported."""
    _put_in_two(store, {}, {"digest": "md5:0"}, "unsupported")


def _put_in_two(store: Store, first: Any, last: Any, *codes: str) -> None:
    client, name = store.client(), store.name()
    client.begin("put", b"ab", name=name, more=True, **first)
    client.go_on(b"cd", **last)
    client.fails(*codes)
    client.lacks(name)


@requires("HJP-PUT-6", "HJP-PUT-14")
@rows(
    "stated",
    {
        "first-too-great": ({"size": 5}, {}),
        "first-greatest": ({"size": 2**53 - 1}, {}),
        "last-too-great": ({}, {"size": 5}),
        "last-too-small": ({}, {"size": 3}),
        "last-zero": ({}, {"size": 0}),
    },
)
def test_put_size_mismatch(store: Store, stated: tuple[Any, Any]) -> None:
    """A put that ends with another number of octets than its size: size_mismatch."""
    first, last = stated
    most = store.facts.max_object
    beyond = most is not None and first.get("size", 0) > most
    _put_in_two(store, first, last, "too_large" if beyond else "size_mismatch")


@requires("HJP-PUT-6", "HJP-PUT-14")
@rows("stated", {"more": 3, "fewer": 1, "none": 0})
def test_put_size_mismatch_in_one_frame(store: Store, stated: int) -> None:
    """A put of one frame whose size is not that of its payload: size_mismatch."""
    client, name = store.client(), store.name()
    client.begin("put", HI, name=name, size=stated)
    client.fails("size_mismatch")
    client.lacks(name)


@requires("HJP-PUT-5", "HJP-MSG-17")
def test_put_more_than_size_at_once(store: Store) -> None:
    """Octets beyond the size are answered with size_mismatch at the first frame."""
    client, name = store.client(), store.name()
    client.begin("put", b"abcd", name=name, size=3, more=True)
    client.fails("size_mismatch")
    client.end_early()
    client.lacks(name)


@requires("HJP-PUT-5", "HJP-MSG-17")
def test_put_more_than_size_later(store: Store) -> None:
    """Octets beyond the size are answered at the frame that has them, not the last."""
    client, name = store.client(), store.name()
    client.begin("put", b"abc", name=name, size=6, more=True)
    client.go_on(b"def", more=True)
    client.go_on(b"g", more=True)
    client.fails("size_mismatch")
    client.end_early()
    client.lacks(name)


@requires("HJP-PUT-7", "HJP-PUT-14")
@rows(
    "stated",
    {
        "first": ({"digest": ZERO}, {}),
        "last": ({}, {"digest": ZERO}),
        "both": ({"digest": ZERO}, {"digest": ZERO}),
        "of-the-first-frame": ({}, {"digest": digest(b"ab")}),
        "of-the-last-frame": ({"digest": digest(b"cd")}, {}),
        "of-nothing": ({"digest": digest(b"")}, {}),
        "last-digit": ({"digest": digest(b"abcd")[:-1] + "0"}, {"size": 4}),
    },
)
def test_put_digest_mismatch(store: Store, stated: tuple[Any, Any]) -> None:
    """A put whose octets have another digest is answered with digest_mismatch."""
    _put_in_two(store, *stated, "digest_mismatch")


@requires("HJP-PUT-11")
@rows(
    "asked",
    {
        "member-before-size": ({"size": 9}, {"size": 4}, "bad_request"),
        "mistyped-before-size": ({"size": 9}, {"digest": 1}, "bad_request"),
        "algorithm-before-size": ({"size": 9}, {"digest": "md5:0"}, "unsupported"),
        "malformed-before-digest": ({"digest": ZERO}, {"size": None}, "bad_request"),
        "size-before-digest": ({"size": 9, "digest": ZERO}, {}, "size_mismatch"),
        "size-before-digest-last": ({}, {"size": 9, "digest": ZERO}, "size_mismatch"),
    },
)
def test_put_order_at_the_end(store: Store, asked: tuple[Any, Any, str]) -> None:
    """What has ended is checked in the order: members, size, digest."""
    _put_in_two(store, *asked)


@requires("HJP-PUT-4")
def test_put_size_beyond_max_object(store: Store) -> None:
    """A size above the stated max_object is answered with too_large at once."""
    most = store.most(2**53 - 2)
    client, name = store.client(), store.name()
    client.begin("put", HI, name=name, size=most + 1, more=True)
    client.fails("too_large", limit="max_object")
    client.end_early()
    client.lacks(name)


@requires("HJP-PUT-4", "HJP-ERR-15")
def test_put_size_beyond_max_object_before_digest(store: Store) -> None:
    """A size above max_object is told before a digest that is wrong."""
    most = store.most(2**53 - 2)
    client = store.client()
    client.begin("put", HI, name=store.name(), size=most + 1, digest="md5:0")
    client.fails("too_large", limit="max_object")


@requires("HJP-PUT-4")
def test_put_octets_beyond_max_object(store: Store) -> None:
    """Octets that become more than max_object are answered with too_large."""
    most = store.most(2**23)
    client, name = store.client(), store.name()
    client.begin("put", name=name, more=True)
    octets = bytes(most + 1)
    for at in range(0, len(octets), 50_000):
        client.go_on(octets[at : at + 50_000], more=True)
    client.fails("too_large", limit="max_object")
    client.end_early()
    client.lacks(name)


@requires("HJP-PUT-4", "HJP-PUT-3")
def test_put_last_size_beyond_max_object(store: Store) -> None:
    """A size above max_object on the last frame is answered with too_large."""
    most = store.most(2**53 - 2)
    client, name = store.client(), store.name()
    client.begin("put", HI, name=name, more=True)
    client.go_on(HI, size=most + 1)
    client.fails("too_large", limit="max_object")
    client.lacks(name)


@requires("HJP-MSG-20", "HJP-PUT-5", "HJP-ERR-5")
def test_put_refused_and_sent_on(store: Store) -> None:
    """After an early error the rest is dropped without a word; all goes on then."""
    client, name = store.client(), store.name()
    client.begin("put", b"abcd", name=name, size=1, more=True)
    client.fails("size_mismatch")
    for _ in range(20):
        client.go_on(bytes(50_000), more=True, size="nonsense", name=1)
    client.end_early()
    client.put(name, HI)
    client.holds(name, HI)


@requires("HJP-PUT-14", "HJP-MSG-20")
def test_put_refused_is_not_begun_anew(store: Store) -> None:
    """The last frame of a put that was refused, with a payload, commits nothing."""
    client, name = store.client(), store.name()
    client.begin("put", b"abcd", name=name, size=1, more=True)
    client.fails("size_mismatch")
    client.go_on(b"a", size=1)
    client.alive()
    client.lacks(name)


@requires("HJP-PUT-1", "HJP-MSG-5")
def test_put_one_after_the_other(store: Store) -> None:
    """Forty objects are put, got and listed on one connection."""
    client = store.client()
    objects = {store.name(): b"%d octets" % number for number in range(40)}
    for name, octets in objects.items():
        client.put(name, octets)
    for name, octets in objects.items():
        client.holds(name, octets)


@requires("HJP-PUT-1", "HJP-LIF-6")
def test_put_slowly_beside_others(store: Store) -> None:
    """A put that pauses between its frames holds nobody up."""
    slow, other, name = store.client(), store.client(), store.name()
    slow.begin("put", b"ab", name=name, more=True)
    for _ in range(5):
        other.put(store.name(), HI)
    slow.go_on(b"cd")
    slow.done(size=4)
    other.holds(name, b"abcd")
