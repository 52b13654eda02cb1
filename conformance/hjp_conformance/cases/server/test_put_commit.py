"""The text *files*, chapter *put*: when an object is committed, and who sees it."""

from typing import Any

from hjp_conformance.authoring import requires, rows
from hjp_conformance.objects import Store, check, digest

HI = b"hi"
OTHER = b"other octets"
ZERO = "sha-256:" + "0" * 64


@requires("HJP-PUT-11", "HJP-PUT-9", "HJP-PUT-14")
@rows(
    "asked",
    {
        "member": ({}, {"size": "4"}, "bad_request"),
        "size": ({"size": 9}, {}, "size_mismatch"),
        "digest": ({}, {"digest": ZERO}, "digest_mismatch"),
    },
)
def test_put_wrong_where_there_is_one(
    store: Store, asked: tuple[Any, Any, str]
) -> None:
    """A wrong put of a name that has an object: that error, or exists; never done."""
    first, last, code = asked
    name = store.has(HI)
    client = store.client()
    client.begin("put", b"ab", name=name, more=True, **first)
    client.go_on(b"cd", **last)
    client.fails(code, "exists")
    client.alive()
    client.holds(name, HI)


@requires("HJP-PUT-14", "HJP-PUT-11")
@rows("wrong", {"size": {"size": 9}, "digest": {"digest": ZERO}})
def test_put_wrong_overwrite(store: Store, wrong: dict[str, Any]) -> None:
    """A put with overwrite that fails leaves the object as it was."""
    name = store.has(HI)
    client = store.client()
    client.begin("put", OTHER, name=name, overwrite=True, **wrong)
    client.fails(f"{next(iter(wrong))}_mismatch")
    client.holds(name, HI)


@requires("HJP-PUT-8", "HJP-PUT-14")
@rows("members", {"absent": {}, "false": {"overwrite": False}})
def test_put_exists(store: Store, members: dict[str, Any]) -> None:
    """A put without overwrite true of a name that has an object: exists."""
    name = store.has(HI)
    client = store.client()
    client.begin("put", OTHER, name=name, **members)
    client.fails("exists")
    client.holds(name, HI)


@requires("HJP-PUT-8", "HJP-PUT-14")
def test_put_exists_of_the_same_octets(store: Store) -> None:
    """A put of the very octets that are there is answered with exists all the same."""
    name = store.has(HI)
    client = store.client()
    client.begin("put", HI, name=name, size=2, digest=digest(HI))
    client.fails("exists")


@requires("HJP-PUT-8", "HJP-PUT-9", "HJP-MSG-20")
def test_put_exists_in_many_frames(store: Store) -> None:
    """A put of a name that has an object: exists, early or at its end, once."""
    name = store.has(HI)
    client = store.client()
    client.begin("put", b"ab", name=name, more=True)
    client.go_on(b"cd", more=True)
    client.go_on(b"ef")
    client.fails("exists")
    client.alive()
    client.holds(name, HI)


@requires("HJP-PUT-8")
def test_put_exists_by_the_moment_of_the_commit(store: Store) -> None:
    """A put whose name gets an object meanwhile is answered with exists."""
    slow, quick, name = store.client(), store.client(), store.name()
    slow.begin("put", b"ab", name=name, more=True)
    quick.put(name, HI)
    slow.go_on(b"cd")
    slow.fails("exists")
    quick.holds(name, HI)


@requires("HJP-PUT-8", "HJP-PUT-16")
def test_put_two_at_a_time(store: Store) -> None:
    """Of two puts of one name at the same time one is committed, the other exists."""
    one, two, name = store.client(), store.client(), store.name()
    for client, octets in ((one, b"11"), (two, b"22")):
        client.begin("put", octets, name=name, more=True)
    for client in (one, two):
        client.go_on(b"end")
    found = [client.either("exists") for client in (one, two)]
    check(sum("error" not in one for one in found) == 1, "not one was committed")
    one.holds(name, b"22end" if "error" in found[0] else b"11end")


@requires("HJP-PUT-8", "HJP-PUT-16")
def test_put_many_at_a_time(store: Store) -> None:
    """Of eight puts of one name at the same time exactly one is committed."""
    name, clients = store.name(), [store.client() for _ in range(8)]
    for number, client in enumerate(clients):
        client.begin("put", b"%d" % number, name=name)
    found = [client.either("exists") for client in clients]
    done = [number for number, one in enumerate(found) if "error" not in one]
    check(len(done) == 1, f"{len(done)} of eight were committed")
    clients[0].holds(name, b"%d" % done[0])


@requires("HJP-PUT-8", "HJP-PUT-1")
@rows("octets", {"longer": OTHER, "shorter": b"h", "none": b""})
def test_put_overwrite(store: Store, octets: bytes) -> None:
    """A put with overwrite true replaces the object, the whole of it."""
    name = store.has(HI)
    client = store.client()
    client.put(name, octets, overwrite=True)
    store.client().holds(name, octets)


@requires("HJP-PUT-1", "HJP-PUT-8")
def test_put_overwrite_of_nothing(store: Store) -> None:
    """A put with overwrite true of a name without object makes one."""
    client, name = store.client(), store.name()
    client.put(name, HI, overwrite=True)
    client.holds(name, HI)


@requires("HJP-PUT-13", "HJP-PUT-16")
def test_put_committed_before_the_reply(store: Store) -> None:
    """Once a put is answered, every other connection finds the object, listed too."""
    other = store.client()
    for number in range(5):
        octets = b"object %d" % number
        name = store.has(octets)
        other.holds(name, octets)
        names = [entry["name"] for entry in other.listed(store.prefix)]
        check(name in names, "it is not listed")


@requires("HJP-PUT-15", "HJP-PUT-14")
def test_put_stage_is_not_seen(store: Store) -> None:
    """Before the commit nobody finds the name, by get, stat or list."""
    client, other, name = store.client(), store.client(), store.name()
    client.begin("put", b"ab", name=name, more=True)
    other.lacks(name)
    client.go_on(b"cd", more=True)
    other.lacks(name)
    check(not other.listed(store.prefix), "the list has it", "HJP-PUT-15")
    client.go_on(b"ef")
    client.done(size=6)
    other.holds(name, b"abcdef")


@requires("HJP-PUT-15")
def test_put_stage_has_no_name(store: Store) -> None:
    """A large put that has not ended adds no entry to the list."""
    octets = store.octets(150_000)
    client, other = store.client(), store.client()
    client.begin("put", octets[:50_000], name=store.name(), more=True)
    client.go_on(octets[50_000:100_000], more=True)
    listed = other.listed(store.prefix)
    check(not listed, f"the list has {listed!r:.300}")


@requires("HJP-PUT-16", "HJP-PUT-15")
def test_put_overwrite_is_not_seen_before(store: Store) -> None:
    """Before the commit of a put with overwrite everybody finds the old object."""
    name = store.has(HI)
    client, other = store.client(), store.client()
    client.begin("put", OTHER, name=name, overwrite=True, more=True)
    tag = other.holds(name, HI).tag
    check(other.ask("stat", name=name)["size"] == 2, "stat has another size")
    client.go_on(OTHER)
    client.done(size=2 * len(OTHER))
    check(
        other.holds(name, 2 * OTHER).tag != tag, "the tag is the old one", "HJP-GET-8"
    )


@requires("HJP-PUT-16")
def test_put_overwrite_while_others_get(store: Store) -> None:
    """Who gets an object while it is replaced finds all of one of the two."""
    old, new = store.octets(100_000), bytes(90_000)
    name = store.has(old)
    writer, reader = store.client(), store.client()
    for number in range(10):
        octets = (new, old)[number % 2]
        writer.begin("put", octets[:50_000], name=name, overwrite=True, more=True)
        reader.begin("get", name=name)
        writer.go_on(octets[50_000:])
        got = reader.got()
        check(got.octets in (old, new), "it is neither the one nor the other")
        check(got.size == len(got.octets), "the size is that of the other")
        writer.done(size=len(octets))


@requires("HJP-PUT-14", "HJP-LIF-8")
@rows("how", {"end": "half_close", "reset": "reset"})
def test_put_that_never_ends(store: Store, how: str) -> None:
    """A put that the end of the connection leaves without its last frame: nothing."""
    client, other, name = store.client(), store.client(), store.name()
    client.begin("put", HI, name=name, size=2, more=True)
    getattr(client.probe, how)()
    if how == "half_close":
        client.ended()
    other.lacks(name)
    check(not other.listed(store.prefix), "the list has it")


@requires("HJP-PUT-14", "HJP-LIF-8")
def test_put_that_ends_inside_its_last_frame(store: Store) -> None:
    """A put whose last frame is cut off by the end of the input is not committed."""
    client, other, name = store.client(), store.client(), store.name()
    client.probe.send(client.prepare("put", b"abcdef", name=name)[:-1])
    client.probe.half_close()
    client.ended()
    other.lacks(name)
