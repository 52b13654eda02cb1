"""The text *files*, chapters *stat*, *list* and *delete*."""

from hjp_conformance.authoring import requires, rows
from hjp_conformance.objects import Store, check, digest

HI = b"hi"
TEN = b"0123456789"
ENDS = ("-A", "-B", "-a", "-b", "-\u00e9", "-\ufb03", "-\U0001f600")
"""In the order of their octets; by UTF-16 the last two would change places."""


# stat


@requires("HJP-STA-1")
@rows("octets", {"none": b"", "one": b"1", "ten": TEN, "many": bytes(100_000)})
def test_sta_size(store: Store, octets: bytes) -> None:
    """A stat tells the size and a tag."""
    store.octets(len(octets))
    found = store.client().ask("stat", name=store.has(octets))
    check(found["size"] == len(octets), f"size {found['size']}, not {len(octets)}")


@requires("HJP-STA-1", "HJP-GET-2")
def test_sta_after_overwrite(store: Store) -> None:
    """After an object was replaced a stat tells the size of the new one."""
    client, name = store.client(), store.has(TEN)
    client.ask("stat", name=name)
    client.put(name, HI, overwrite=True)
    check(client.ask("stat", name=name)["size"] == len(HI), "it is the old size")


@requires("HJP-STA-2")
@rows("octets", {"none": b"", "ten": TEN, "many": bytes(range(250)) * 400})
def test_sta_digest(store: Store, octets: bytes) -> None:
    """A stat with digest true has the digest of the whole object."""
    store.octets(len(octets))
    found = store.client().ask("stat", name=store.has(octets), digest=True)
    check(found.get("digest") == digest(octets), f"digest {found.get('digest')}")
    check(found["size"] == len(octets), f"size {found['size']}", "HJP-STA-1")


@requires("HJP-STA-2")
def test_sta_digest_after_overwrite(store: Store) -> None:
    """The digest is that of the object that is there now, of the same size too."""
    client, name = store.client(), store.has(TEN)
    client.ask("stat", name=name, digest=True)
    client.put(name, TEN[::-1], overwrite=True)
    found = client.ask("stat", name=name, digest=True)
    check(found.get("digest") == digest(TEN[::-1]), "it is that of the old one")


@requires("HJP-STA-1")
def test_sta_without_digest(store: Store) -> None:
    """A stat with digest false is answered like one without."""
    found = store.client().ask("stat", name=store.has(TEN), digest=False)
    check(found["size"] == len(TEN), f"size {found['size']}")


# list


def _filled(store: Store, count: int) -> list[str]:
    """The names of that many objects, in the order of their octets."""
    client = store.client()
    names = [store.name() for _ in range(count)]
    for name in reversed(names):
        client.put(name, name.encode()[-3:])
    return names


@requires("HJP-LST-1")
def test_lst_entries(store: Store) -> None:
    """A list has names and sizes."""
    names = [store.has(TEN[:size]) for size in range(4)]
    found = store.client().listed(store.prefix)
    listed = [(entry["name"], entry["size"]) for entry in found]
    check(
        listed == [(name, size) for size, name in enumerate(names)], f"{listed!r:.500}"
    )


@requires("HJP-LST-1")
def test_lst_from_the_least_name(store: Store) -> None:
    """Without after a list begins with the least name, as after an empty one does."""
    store.has(HI)
    client = store.client()
    first = client.ask("list", limit=1)["entries"]
    check(len(first) == 1, "there is an object, and the list has no entry")
    second = client.page("", 1)["entries"]
    check(first[0]["name"] == second[0]["name"], "another name is the first one")


@requires("HJP-LST-1")
@rows("limit", {"none": None, "one": 1, "three": 3})
def test_lst_order(store: Store, limit: int | None) -> None:
    """Names come in the order of the octets of their UTF-8."""
    client = store.client()
    names: list[str] = []
    for end in reversed(ENDS):
        name = store.own(store.prefix + end)
        client.begin("put", HI, name=name)
        if "error" not in client.either("bad_name", "exists"):
            names.insert(0, name)
    found = [entry["name"] for entry in client.listed(store.prefix, limit)]
    check(found == names, f"{found!r:.300} instead of {names!r:.300}")


@requires("HJP-LST-1")
def test_lst_after(store: Store) -> None:
    """A list begins behind after, which need not be a name that is there."""
    names = _filled(store, 5)
    client = store.client()
    for after, rest in (
        (names[0], names[1:]),
        (names[0] + "\0", names[1:]),
        (names[2][:-1], names),
        (names[3] + "/", names[4:]),
        (names[4], []),
    ):
        page = client.page(after)["entries"]
        found = [one["name"] for one in page if one["name"].startswith(store.prefix)]
        right = found == rest[: len(found)] and bool(found) == bool(rest)
        check(right, f"after {after!r} come {found!r:.200}")


@requires("HJP-LST-2")
@rows("limit", {"one": 1, "two": 2, "three": 3, "seven": 7})
def test_lst_limit(store: Store, limit: int) -> None:
    """A page has no more entries than limit says; all pages have all objects."""
    names = _filled(store, 7)
    found = [one["name"] for one in store.client().listed(store.prefix, limit)]
    check(found == names, f"{found!r:.400} instead of {names!r:.400}", "HJP-LST-4")


@requires("HJP-LST-2")
def test_lst_limit_of_huge(store: Store) -> None:
    """A limit that no page reaches is taken."""
    [name] = _filled(store, 1)
    found = store.client().listed(store.prefix, 2**53 - 1)
    check([entry["name"] for entry in found] == [name], f"{found!r:.200}")


@requires("HJP-LST-3")
def test_lst_next(store: Store) -> None:
    """A page with objects behind it has next, the name of its last entry."""
    names = _filled(store, 3)
    page = store.client().page(store.prefix, 2)
    last = page["entries"][-1]["name"] if page["entries"] else None
    check(last in names[:2], f"the last entry is {last!r}", "HJP-LST-1")
    check(page.get("next") == last, f"next is {page.get('next')!r}")


@requires("HJP-LST-3")
def test_lst_at_least_one(store: Store) -> None:
    """A page has an entry where there is an object behind after."""
    [name] = _filled(store, 1)
    page = store.client().page(store.prefix)
    check([one["name"] for one in page["entries"][:1]] == [name], "it has none")


@requires("HJP-LST-3")
def test_lst_end(store: Store) -> None:
    """Behind the greatest of all names there is no entry and no next."""
    store.has(HI)
    page = store.client().page("\U0010ffff" * 64)
    check(not page["entries"] and "next" not in page, f"{page!r:.300}")


@requires("HJP-LST-3", "HJP-LST-4")
@rows("limit", {"one": 1, "many": None})
def test_lst_pages_end(store: Store, limit: int | None) -> None:
    """Page by page a list comes to a page without next."""
    names = _filled(store, 3)
    client, after, found = store.client(), store.prefix, []
    for _ in range(10_000):
        page = client.page(after, limit)
        found += [entry["name"] for entry in page["entries"]]
        if "next" not in page:
            break
        after = page["next"]
    mine = [name for name in found if name.startswith(store.prefix)]
    check(mine == names, f"{mine!r:.300} instead of {names!r:.300}", "HJP-LST-4")
    check("next" not in page, "ten thousand pages, and still a next")


@requires("HJP-LST-4")
def test_lst_many(store: Store) -> None:
    """Three hundred objects with long names are listed, each exactly once."""
    client, names = store.client(), []
    for number in range(300):
        name = store.name("-" + "n" * 180)
        client.begin("put", name=name)
        if number == 0 and "error" in client.either("bad_name"):
            names = _filled(store, 300)
            break
        if number:
            client.done()
        names.append(name)
    found = [entry["name"] for entry in client.listed(store.prefix)]
    check(found == names, f"{len(found)} are listed of {len(names)}, or not in order")


@requires("HJP-LST-4")
def test_lst_while_objects_come(store: Store) -> None:
    """Objects that are there all the time are listed once, whatever comes meanwhile."""
    names = _filled(store, 6)
    client, after, found = store.client(), store.prefix, []
    for number in range(50):
        page = client.page(after, 1)
        mine = [one["name"] for one in page["entries"]]
        if not mine or not mine[0].startswith(store.prefix):
            break
        found += mine
        after = mine[0]
        if number < 4:
            for start in (f"{store.prefix}!a", f"{store.prefix}!b", names[5]):
                client.put(store.own(f"{start}-{number}"), HI)
    check([one for one in found if one in names] == names, f"{found!r:.500}")
    check(len(set(found)) == len(found), "a name is listed twice")


@requires("HJP-LST-1", "HJP-PUT-8")
def test_lst_after_overwrite(store: Store) -> None:
    """An object that was replaced is listed once, with its new size."""
    client, name = store.client(), store.has(TEN)
    client.put(name, HI, overwrite=True)
    found = [(one["name"], one["size"]) for one in client.listed(store.prefix)]
    check(found == [(name, 2)], f"{found!r:.300}")


@requires("HJP-LST-5", "HJP-LST-1")
def test_lst_only_names(store: Store) -> None:
    """The first pages of the list, from its start, have nothing that is no name."""
    store.has(HI)
    client, after = store.client(), ""
    for _ in range(20):
        page = client.page(after)
        if "next" not in page:
            break
        after = page["next"]


@requires("HJP-GET-9", "HJP-LST-1")
def test_lst_tag(store: Store) -> None:
    """A tag in an entry, if there is one, is that which stat tells."""
    client, name = store.client(), store.has(TEN)
    [entry] = client.listed(store.prefix)
    tag = client.ask("stat", name=name)["tag"]
    check(entry.get("tag", tag) == tag, f"the list has {entry.get('tag')!r}")


# delete


@requires("HJP-DEL-1", "HJP-FIL-2")
def test_del_object(store: Store) -> None:
    """After a delete was answered nobody finds the object, nor is it listed."""
    client, other, name = store.client(), store.client(), store.has(HI)
    client.ask("delete", name=name)
    other.lacks(name)
    check(not other.listed(store.prefix), "it is still listed")


@requires("HJP-DEL-1")
def test_del_and_nothing_else(store: Store) -> None:
    """A delete leaves the objects of names that begin in the same way."""
    client, name = store.client(), store.has(HI)
    longer = store.own(name + "0")
    client.put(longer, TEN)
    client.ask("delete", name=name)
    client.holds(longer, TEN)


@requires("HJP-FIL-5", "HJP-FIL-2")
def test_del_no_object(store: Store) -> None:
    """A delete of a name without object is answered with not_found, twice too."""
    client, name = store.client(), store.has(HI)
    client.refused("not_found", "delete", name=store.name())
    client.ask("delete", name=name)
    client.refused("not_found", "delete", name=name)


@requires("HJP-GET-4", "HJP-DEL-1")
def test_del_if_tag_of_another(store: Store) -> None:
    """A delete whose if_tag is not the tag: changed, and the object stays."""
    client, name = store.client(), store.has(HI)
    client.refused("changed", "delete", name=name, if_tag="x-none")
    client.holds(name, HI)


@requires("HJP-GET-4", "HJP-GET-8", "HJP-DEL-1")
def test_del_if_tag_of_before(store: Store) -> None:
    """A delete with the tag of a state that was replaced: changed, nothing goes."""
    client, name = store.client(), store.has(HI)
    tag = client.get(name).tag
    client.put(name, TEN, overwrite=True)
    client.refused("changed", "delete", name=name, if_tag=tag)
    client.holds(name, TEN)


@requires("HJP-GET-4", "HJP-GET-9", "HJP-DEL-1")
def test_del_if_tag(store: Store) -> None:
    """A delete with the tag of the object removes it."""
    client, name = store.client(), store.has(HI)
    client.begin("delete", name=name, if_tag=client.get(name).tag)
    found = client.either("changed")
    check("error" not in found, "changed, though nobody has put anything", "HJP-GET-9")
    client.lacks(name)


@requires("HJP-DEL-1", "HJP-PUT-8", "HJP-FIL-7")
def test_del_and_put_again(store: Store) -> None:
    """A name whose object was deleted is free for a put without overwrite."""
    client, name = store.client(), store.has(TEN)
    for octets in (HI, TEN, b""):
        client.ask("delete", name=name)
        client.put(name, octets)
    client.holds(name, b"")


@requires("HJP-GET-5", "HJP-GET-6", "HJP-DEL-1")
def test_del_while_somebody_gets(store: Store) -> None:
    """A get whose object is deleted meanwhile ends in its octets, or in changed."""
    octets = store.octets(4_000_000 if store.takes(4_000_000) else 200_000)
    name = store.has(octets)
    reader, client = store.client(small=True), store.client()
    reader.begin("get", name=name)
    first = reader.begun()
    client.ask("delete", name=name)
    got = reader.rest_unless_changed(first)
    check(got is None or got.octets == octets, "the octets are others")
    reader.alive()


@requires("HJP-NAM-1", "HJP-FIL-2", "HJP-ERR-15")
@rows(
    "asked",
    {
        "name-mistyped": ({"name": 1}, "bad_request"),
        "name-missing": ({}, "bad_request"),
        "bad-name": ({"name": "../a"}, "bad_name"),
        "device": ({"name": "NUL"}, "bad_name"),
        "bad-name-before-if-tag": ({"name": "a/b", "if_tag": 1}, "bad_name"),
    },
)
def test_del_members(store: Store, asked: tuple[dict[str, object], str]) -> None:
    """The members of a delete are checked in their order."""
    members, code = asked
    store.client().refused(code, "delete", **members)


@requires("HJP-ERR-18", "HJP-ERR-19", "HJP-FIL-2")
@rows("tag", {"number": 1, "null": None, "array": ["a"]})
def test_del_if_tag_mistyped(store: Store, tag: object) -> None:
    """A delete with a mistyped if_tag is answered bad_request; the object stays."""
    client, name = store.client(), store.has(HI)
    client.refused("bad_request", "delete", name=name, if_tag=tag)
    client.holds(name, HI)


@requires("HJP-ERR-17", "HJP-ERR-19", "HJP-FIL-2")
def test_del_with_more(store: Store) -> None:
    """A delete with more true is answered bad_request; the object stays."""
    client, name = store.client(), store.has(HI)
    client.refused("bad_request", "delete", name=name, more=True)
    client.end_early()
    client.holds(name, HI)


@requires("HJP-ERR-19", "HJP-DEL-1")
def test_del_members_before_the_object(store: Store) -> None:
    """A mistyped if_tag is told although there is no object."""
    store.client().refused("bad_request", "delete", name=store.name(), if_tag=0)


@requires("HJP-DEL-1", "HJP-PUT-14", "HJP-FIL-7")
def test_del_while_somebody_puts(store: Store) -> None:
    """A delete does not reach a put that is not committed: that makes a new object."""
    client, other, name = store.client(), store.client(), store.has(HI)
    client.begin("put", b"ab", name=name, overwrite=True, more=True)
    other.ask("delete", name=name)
    client.go_on(b"cd")
    client.done(size=4)
    other.holds(name, b"abcd")
