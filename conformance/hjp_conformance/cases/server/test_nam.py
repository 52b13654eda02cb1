"""The text *files*, chapter *Names*: what is a name, and whose object it finds."""

from hjp_conformance.authoring import requires, rows
from hjp_conformance.objects import Store, check, same
from hjp_conformance.stimuli import frame
from hjp_conformance.verdicts import Skipped
from hjp_spec.names import NAMES

HI = b"hi"
EXCLUDED = {one.id: one.name for one in NAMES if one.row is not None}
ADMITTED = {one.id: one.name for one in NAMES if one.row is None}
PLAIN = {id_: name for id_, name in ADMITTED.items() if name.isascii()}
SHORT = {id_: name for id_, name in PLAIN.items() if len(name) < 200}
"""What every file system holds: of others a server may say that its one cannot."""
FOREIGN = {id_: name for id_, name in ADMITTED.items() if id_ not in SHORT}
ONE_OF_EACH_ROW = {
    id_: EXCLUDED[id_]
    for id_ in ("empty", "256-octets", "control-0000", "solidus", "parent-path",
                "dot-dot", "space-at-the-end", "device-nul", "device-with-suffix")
}  # fmt: skip


@requires("HJP-NAM-1")
@rows("name", EXCLUDED)
def test_nam_put_of_no_name(store: Store, name: str) -> None:
    """A put of a string that the table excludes is answered with bad_name."""
    client = store.client()
    client.begin("put", HI, name=name)
    client.fails("bad_name")
    client.alive()


@requires("HJP-NAM-1", "HJP-MSG-17")
def test_nam_put_of_no_name_in_many_frames(store: Store) -> None:
    """A bad name is told at the first frame; what follows is dropped."""
    client = store.client()
    client.begin("put", HI, name="a/b", more=True)
    client.fails("bad_name")
    client.go_on(b"and more", more=True)
    client.end_early()


@requires("HJP-NAM-1", "HJP-NAM-6")
@rows("name", ONE_OF_EACH_ROW)
def test_nam_get_of_no_name(store: Store, name: str) -> None:
    """A get of a string that the table excludes is answered with bad_name."""
    store.client().refused("bad_name", "get", name=name)


@requires("HJP-NAM-1", "HJP-NAM-6")
@rows("name", ONE_OF_EACH_ROW)
def test_nam_stat_of_no_name(store: Store, name: str) -> None:
    """A stat of a string that the table excludes is answered with bad_name."""
    store.client().refused("bad_name", "stat", name=name)


@requires("HJP-LST-1", "HJP-NAM-1")
@rows("name", ONE_OF_EACH_ROW | {"many-octets": "a" * 5000})
def test_nam_after_is_any_string(store: Store, name: str) -> None:
    """The after of a list may be what no name can be."""
    store.client().page(name, 1)


@requires("HJP-NAM-2")
@rows("name", SHORT)
def test_nam_admitted(store: Store, name: str) -> None:
    """A name that every file system holds is no bad_name, whatever it looks like."""
    client = store.client()
    client.begin("stat", name=name)
    found = client.either("not_found")
    check("error" in found or "tag" in found, f"neither object nor error: {found}")
    mine = store.own(f"{name}.{store.prefix[5:]}")
    client.put(mine, HI)
    client.holds(mine, HI)


@requires("HJP-NAM-2", "HJP-NAM-3", "HJP-NAM-5")
@rows("name", FOREIGN)
def test_nam_admitted_if_it_can_be_held(store: Store, name: str) -> None:
    """A name that not all file systems hold finds its object, or is a bad_name."""
    client = store.client()
    mine = store.own(_unique(name, store.prefix))
    client.begin("put", HI, name=mine)
    found = client.either("bad_name")
    if "error" in found:
        client.refused("bad_name", "stat", name=mine)
        raise Skipped("the target's file system cannot hold the name (HJP-NAM-3)")
    client.holds(mine, HI)
    names = [entry["name"] for entry in client.listed(store.prefix)]
    check(mine in names, "the list does not have it", "HJP-LST-4")


def _unique(name: str, prefix: str) -> str:
    """The name with the prefix before it, in as many octets where it is a long one."""
    if len(name.encode()) < 200:
        return f"{prefix}{name}"
    octets = len(name.encode()) - len(prefix.encode())
    return prefix + name[:1] * (octets // len(name[:1].encode()))


@requires("HJP-NAM-5")
@rows(
    "pair",
    {
        "composed-and-decomposed": ("\u00e9", "e\u0301"),
        "kelvin-and-k": ("\u212a", "K"),
        "ligature": ("\ufb01", "fi"),
        "sharp-s": ("\u00df", "ss"),
        "full-width": ("\uff21", "A"),
        "case": ("a", "A"),
        "case-not-ascii": ("\u00e4", "\u00c4"),
        "zero-width": ("ab", "a\u200bb"),
        "escaped": ("%2e", ".e"),
        "underscore": ("a_b", "a b"),
        "dot-inside": ("a.b", "a..b"),
    },
)
def test_nam_two_names(store: Store, pair: tuple[str, str]) -> None:
    """Two names that differ have objects of their own, or are one in all respects."""
    client = store.client()
    first, second = (store.own(store.prefix + end) for end in pair)
    for name, octets in ((first, b"first"), (second, b"second")):
        client.begin("put", octets, name=name)
        found = client.either("bad_name", "exists")
        if "error" in found:
            told = found["error"]["code"]
            raise Skipped(f"the target's file system cannot tell or hold them: {told}")
    client.holds(first, b"first")
    client.holds(second, b"second")


@requires("HJP-NAM-5")
def test_nam_spelt_with_escapes(store: Store) -> None:
    """A name that is spelt with escapes of JSON is the same name."""
    name = store.has(HI, "-escaped")
    client = store.client()
    client.alive()
    client.id += 1
    client.prepare("get", name=name)
    spelt = "".join(f"\\u{ord(char):04x}" for char in name)
    client.probe.send(frame(f'{{"id":{client.id},"op":"get","name":"{spelt}"}}'))
    same(client.got().octets, HI)
