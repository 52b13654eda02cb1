"""The text *files*, chapter *get*: ranges, tags, digests, one state."""

from typing import Any

from hjp_conformance.authoring import requires, rows
from hjp_conformance.objects import Got, Store, check, digest, same
from hjp_conformance.verdicts import Violation

HI = b"hi"
TEN = b"0123456789"
HUGE = 2**53 - 1

RANGES: dict[str, tuple[dict[str, int], bytes]] = {
    "offset-zero": ({"offset": 0}, TEN),
    "offset-one": ({"offset": 1}, TEN[1:]),
    "offset-last": ({"offset": 9}, TEN[9:]),
    "offset-at-the-end": ({"offset": 10}, b""),
    "length-zero": ({"length": 0}, b""),
    "length-one": ({"length": 1}, TEN[:1]),
    "length-less-by-one": ({"length": 9}, TEN[:9]),
    "length-of-all": ({"length": 10}, TEN),
    "length-more": ({"length": 11}, TEN),
    "length-huge": ({"length": HUGE}, TEN),
    "both-inside": ({"offset": 3, "length": 4}, TEN[3:7]),
    "both-to-the-end": ({"offset": 3, "length": 7}, TEN[3:]),
    "both-beyond-the-end": ({"offset": 3, "length": 8}, TEN[3:]),
    "both-huge": ({"offset": 9, "length": HUGE}, TEN[9:]),
    "at-the-end-and-huge": ({"offset": 10, "length": HUGE}, b""),
    "inside-and-zero": ({"offset": 3, "length": 0}, b""),
}


@requires("HJP-GET-1", "HJP-GET-2")
@rows("asked", RANGES)
def test_get_range(store: Store, asked: tuple[dict[str, int], bytes]) -> None:
    """The octets of the range, cut at the object's end; size is that of the whole."""
    members, octets = asked
    got = store.client().get(store.has(TEN), **members)
    same(got.octets, octets)
    check(got.size == len(TEN), f"size {got.size}, not {len(TEN)}", "HJP-GET-2")


@requires("HJP-GET-7")
@rows("asked", RANGES)
def test_get_digest(store: Store, asked: tuple[dict[str, int], bytes]) -> None:
    """With digest true the final reply has the digest of the octets of the range."""
    members, octets = asked
    got = store.client().get(store.has(TEN), digest=True, **members)
    same(got.octets, octets, "HJP-GET-1")
    check(got.digest == digest(octets), f"the digest is {got.digest}")


@requires("HJP-GET-1", "HJP-GET-2")
def test_get_of_an_empty_object(store: Store) -> None:
    """An object without octets: a reply with size 0 and tag, and no payload."""
    store.client().holds(store.has(b""), b"")


@requires("HJP-GET-1", "HJP-GET-2", "HJP-LIM-4", "HJP-GET-7")
def test_get_of_many_frames(store: Store) -> None:
    """200 000 octets come in frames of at most 65 536, with one digest at the end."""
    octets = store.octets(200_000)
    name = store.has(octets)
    client = store.client()
    got = client.get(name, digest=True)
    same(got.octets, octets)
    check(got.digest == digest(octets), f"the digest is {got.digest}", "HJP-GET-7")
    client.alive()


@requires("HJP-GET-1", "HJP-GET-7")
@rows(
    "asked",
    {
        "offset": {"offset": 65_535},
        "frame-and-one": {"length": 65_537},
        "across": {"offset": 65_530, "length": 70_000},
        "last": {"offset": 199_999},
    },
)
def test_get_range_of_many_frames(store: Store, asked: dict[str, int]) -> None:
    """Ranges of an object of 200 000 octets, with the digest of the range."""
    octets = store.octets(200_000)
    begin = asked.get("offset", 0)
    wanted = octets[begin : begin + asked.get("length", len(octets))]
    got = store.client().get(store.has(octets), digest=True, **asked)
    same(got.octets, wanted)
    check(got.size == len(octets), f"size {got.size}", "HJP-GET-2")
    check(got.digest == digest(wanted), f"the digest is {got.digest}", "HJP-GET-7")


@requires("HJP-GET-1")
def test_get_by_ranges(store: Store) -> None:
    """The ranges of an object, one after the other in one write, make it up."""
    octets = store.octets(1000)
    name = store.has(octets)
    client = store.client()
    steps = range(0, 1000, 37)
    asked = [client.prepare("get", name=name, offset=at, length=37) for at in steps]
    client.probe.send(b"".join(asked))
    client.id = 0
    found = b""
    for _ in steps:
        client.prepare("get")
        found += client.got().octets
    same(found, octets)


@requires("HJP-GET-3")
@rows("offset", {"one-more": 11, "many-more": 1_000_000, "greatest": HUGE})
def test_get_offset_behind_the_end(store: Store, offset: int) -> None:
    """An offset greater than the size: offset_mismatch, with the size as offset."""
    client = store.client()
    client.begin("get", name=store.has(TEN), offset=offset)
    client.fails("offset_mismatch", offset=10)
    client.alive()


@requires("HJP-GET-3")
def test_get_offset_behind_the_end_of_nothing(store: Store) -> None:
    """An offset of 1 in an object without octets: offset_mismatch, offset 0."""
    client = store.client()
    client.begin("get", name=store.has(b""), offset=1, length=0)
    client.fails("offset_mismatch", offset=0)


@requires("HJP-GET-4", "HJP-GET-9")
def test_get_if_tag(store: Store) -> None:
    """With the tag of the object as if_tag a get goes on where another stopped."""
    client, name = store.client(), store.has(TEN)
    tag = client.get(name, length=4).tag
    client.begin("get", name=name, offset=4, if_tag=tag)
    _same_state(client.got_unless_changed())


@requires("HJP-GET-4", "HJP-STA-1", "HJP-GET-9")
def test_get_if_tag_of_stat(store: Store) -> None:
    """The tag that stat tells is the one that a get takes."""
    client, name = store.client(), store.has(TEN)
    tag = client.ask("stat", name=name)["tag"]
    client.begin("get", name=name, offset=4, if_tag=tag)
    _same_state(client.got_unless_changed())


def _same_state(got: Got | None) -> None:
    if got is None:
        told = "changed, though nobody has put anything: the tag was not kept"
        raise Violation(told, "HJP-GET-9")
    same(got.octets, TEN[4:], "HJP-GET-1")


@requires("HJP-GET-4")
@rows(
    "tag",
    {
        "another": "x-none",
        "empty": "",
        "long": "x" * 1000,
        "no-ascii": "\u00e9",
        "star": "*",
    },
)
def test_get_if_tag_of_another(store: Store, tag: str) -> None:
    """A get whose if_tag is not the tag is answered with changed, and no octet."""
    client = store.client()
    client.refused("changed", "get", name=store.has(TEN), if_tag=tag)
    client.alive()


@requires("HJP-GET-4")
@rows("change", {"longer": "{}x", "shorter": "{}"})
def test_get_if_tag_but_a_character(store: Store, change: str) -> None:
    """A tag with a character more or less is another one."""
    client, name = store.client(), store.has(TEN)
    tag = client.get(name).tag
    wrong = change.format(tag if "x" in change else tag[:-1])
    client.refused("changed", "get", name=name, if_tag=wrong)


@requires("HJP-GET-4", "HJP-GET-3")
def test_get_if_tag_before_offset(store: Store) -> None:
    """A wrong if_tag is told before an offset behind the end."""
    client = store.client()
    client.refused("changed", "get", name=store.has(TEN), if_tag="x", offset=11)


@requires("HJP-FIL-5", "HJP-GET-4")
def test_get_if_tag_without_object(store: Store) -> None:
    """A get with if_tag of a name without object is answered with not_found."""
    store.client().refused("not_found", "get", name=store.name(), if_tag="x", offset=1)


@requires("HJP-GET-8", "HJP-GET-4")
def test_get_tag_of_another_state(store: Store) -> None:
    """An object that was replaced by a longer one has another tag."""
    client, name = store.client(), store.has(TEN)
    before = client.get(name).tag
    client.put(name, TEN + TEN, overwrite=True)
    after = client.get(name).tag
    check(after != before, f"two states have the tag {after!r:.140}", "HJP-GET-8")
    client.refused("changed", "get", name=name, if_tag=before)


@requires("HJP-GET-9")
def test_get_tag_is_kept(store: Store) -> None:
    """The tag of an object that does not change stays, on other connections too."""
    name = store.has(TEN)
    tags = {store.client().get(name).tag for _ in range(3)}
    tags.add(store.client().ask("stat", name=name)["tag"])
    check(
        len(tags) == 1, f"an object that did not change has tags {sorted(tags)!r:.300}"
    )


@requires("HJP-GET-9", "HJP-PUT-8")
def test_get_tag_after_a_put_that_failed(store: Store) -> None:
    """A put that is answered with exists leaves the tag."""
    client, name = store.client(), store.has(TEN)
    before = client.get(name).tag
    client.begin("put", HI, name=name)
    client.fails("exists")
    check(client.get(name).tag == before, "the tag is another one")


@requires("HJP-GET-5", "HJP-GET-6")
def test_get_while_it_is_replaced(store: Store) -> None:
    """A get that is read slowly while the object is replaced: one state, or changed."""
    octets = store.octets(4_000_000 if store.takes(4_000_000) else 200_000)
    name = store.has(octets)
    reader, writer = store.client(small=True), store.client()
    reader.begin("get", name=name)
    first = reader.begun()
    writer.put(name, bytes(len(octets) - 1), overwrite=True)
    got = reader.rest_unless_changed(first)
    told = "the octets are not those of the state of which tag and size came first"
    check(got is None or got.octets == octets, told)
    reader.alive()


@requires("HJP-GET-1", "HJP-LIF-6")
def test_get_beside_a_slow_reader(store: Store) -> None:
    """A get whose octets nobody takes holds no other connection up."""
    octets = store.octets(1_000_000 if store.takes(1_000_000) else 200_000)
    name = store.has(octets)
    slow, other = store.client(small=True), store.client()
    slow.begin("get", name=name)
    for _ in range(3):
        other.holds(name, octets)
    same(slow.got().octets, octets)


@requires("HJP-GET-1")
@rows("members", {"length": {"length": 5}, "digest-false": {"digest": False}})
def test_get_members_that_change_little(store: Store, members: Any) -> None:
    """A get with a length, or with digest false, is a get like any other."""
    got = store.client().get(store.has(TEN), **members)
    same(got.octets, TEN[: members.get("length", 10)])
