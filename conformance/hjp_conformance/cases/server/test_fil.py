"""The text *files*, chapter *Operations*: what is offered, members and their order."""

from typing import Any

from hjp_conformance.authoring import requires, rows
from hjp_conformance.expect import expect_alive, expect_error
from hjp_conformance.objects import Store, digest, same
from hjp_conformance.preflight import Facts
from hjp_conformance.probe import Probe
from hjp_conformance.stimuli import request

HI = b"hi"
FEATURE_OF = {
    "put": "files",
    "get": "files",
    "stat": "files",
    "list": "files",
    "delete": "delete",
}
NO_INTEGER: dict[str, Any] = {
    "string": "1",
    "negative": -1,
    "fraction": 1.5,
    "too-great": 2**53,
    "null": None,
    "boolean": True,
}
NO_STRING: dict[str, Any] = {"number": 1, "null": None, "array": ["a"]}
NO_BOOLEAN: dict[str, Any] = {"number": 1, "string": "true", "null": None}
MEMBERS: dict[tuple[str, str], dict[str, Any]] = {
    ("put", "name"): NO_STRING,
    ("put", "size"): NO_INTEGER,
    ("put", "digest"): NO_STRING,
    ("put", "overwrite"): NO_BOOLEAN,
    ("get", "name"): NO_STRING,
    ("get", "offset"): NO_INTEGER,
    ("get", "length"): NO_INTEGER,
    ("get", "digest"): NO_BOOLEAN,
    ("get", "if_tag"): NO_STRING,
    ("stat", "name"): NO_STRING,
    ("stat", "digest"): NO_BOOLEAN,
    ("list", "after"): NO_STRING,
    ("list", "limit"): {**NO_INTEGER, "zero": 0},
}
MISTYPED = {
    f"{op}-{member}-{kind}".replace("_", "-"): (op, {member: value})
    for (op, member), values in MEMBERS.items()
    for kind, value in values.items()
}


@requires("HJP-COR-2", "HJP-ERR-16")
@rows("op", {op: op for op in FEATURE_OF})
def test_cor_op_of_a_feature(probe: Probe, facts: Facts, op: str) -> None:
    """An operation is offered where hello lists its feature, else it is unknown_op."""
    is_offered = FEATURE_OF[op] in facts.features
    probe.send(request(1, op, b"hi", name=1, after=1))
    expect_error(probe, 1, "bad_request" if is_offered else "unknown_op")
    expect_alive(probe, 2)


@requires("HJP-FIL-1", "HJP-COR-2")
@rows("op", {op: op for op, feature in FEATURE_OF.items() if feature == "files"})
def test_fil_op_is_offered(store: Store, op: str) -> None:
    """A server that lists files carries out each of its operations."""
    name = store.has(HI)
    client = store.client()
    if op == "put":
        client.ask("put", HI, name=name, overwrite=True)
    elif op == "get":
        client.holds(name, HI)
    else:
        client.ask(op, **({"name": name} if op == "stat" else {}))
    client.alive()


@requires("HJP-FIL-1", "HJP-MET-16", "HJP-RSM-1")
def test_fil_upload_and_its_feature(store: Store) -> None:
    """An upload that is no token is bad_request; without resume nobody looks at it."""
    client, name = store.client(), store.name()
    client.begin("put", HI, name=name, upload="no token at all")
    if "resume" in store.facts.features:
        client.fails("bad_request")
        client.lacks(name)
    else:
        client.done(size=2)
        client.holds(name, HI)


@requires("HJP-FIL-1", "HJP-ERR-18")
@rows("op", {op: op for op in ("put", "get", "stat")})
def test_fil_name_is_missing(store: Store, op: str) -> None:
    """A request without the name that it needs is answered with bad_request."""
    client = store.client()
    client.refused("bad_request", op)
    client.alive()


@requires("HJP-ERR-18", "HJP-FIL-1")
@rows("asked", MISTYPED)
def test_fil_mistyped(store: Store, asked: tuple[str, dict[str, Any]]) -> None:
    """A mistyped member is answered with bad_request, though the object is there."""
    op, members = asked
    client = store.client()
    named = {} if op == "list" else {"name": store.has(HI)}
    client.refused("bad_request", op, **(named | members))
    client.alive()


@requires("HJP-FIL-1", "HJP-ERR-17")
@rows("op", {op: op for op in ("get", "stat", "list")})
def test_fil_without_body(store: Store, op: str) -> None:
    """A get, stat or list with more true is answered with bad_request at once."""
    client = store.client()
    named = {} if op == "list" else {"name": store.has(HI)}
    client.refused("bad_request", op, more=True, **named)
    client.end_early()


@requires("HJP-FIL-1", "HJP-MSG-18")
@rows("op", {op: op for op in ("get", "stat", "list")})
def test_fil_payload_is_ignored(store: Store, op: str) -> None:
    """A payload of a get, stat or list, where none is defined, is ignored."""
    name = store.has(HI)
    client = store.client()
    client.begin(op, bytes(1000), **({} if op == "list" else {"name": name}))
    if op == "get":
        same(client.got().octets, HI)
    else:
        client.done()
    client.alive()


@requires("HJP-FIL-3")
@rows(
    "told",
    {
        "nothing-behind": "sha-256:",
        "63-digits": "sha-256:" + "0" * 63,
        "65-digits": "sha-256:" + "0" * 65,
        "capitals": "sha-256:" + "0123456789ABCDEF" * 4,
        "one-capital": digest(HI)[:-1] + "F",
        "no-digit": "sha-256:" + "g" * 64,
        "digit-of-another-script": "sha-256:" + "0" * 63 + "\u0661",
        "space-behind": digest(HI) + " ",
        "line-end-behind": digest(HI) + "\n",
        "space-before-the-digits": "sha-256: " + "0" * 63,
        "no-colon": "0" * 64,
        "name-alone": "sha-256",
        "empty": "",
    },
)
def test_fil_digest_malformed(store: Store, told: str) -> None:
    """A digest that is not sha-256: and 64 small digits, or has no colon: bad_request."""
    client, name = store.client(), store.name()
    client.begin("put", HI, name=name, digest=told)
    client.fails("bad_request")
    client.lacks(name)


@requires("HJP-FIL-4")
@rows(
    "told",
    {
        "md5": "md5:49f68a5c8493ec2c0bf489821c21fc3b",
        "sha-512": "sha-512:" + "0" * 128,
        "capitals": "SHA-256:" + "0" * 64,
        "without-hyphen": "sha256:" + "0" * 64,
        "no-name": ":" + "0" * 64,
        "space-before": " sha-256:" + "0" * 64,
        "made-up": "x-none:",
    },
)
def test_fil_digest_of_another_algorithm(store: Store, told: str) -> None:
    """A digest with another algorithm than sha-256 is answered with unsupported."""
    client, name = store.client(), store.name()
    client.begin("put", HI, name=name, digest=told)
    client.fails("unsupported")
    client.lacks(name)


@requires("HJP-FIL-5")
@rows("op", {op: op for op in ("get", "stat")})
def test_fil_no_object(store: Store, op: str) -> None:
    """A get or stat of a name without object is answered with not_found."""
    client = store.client()
    client.refused("not_found", op, name=store.name())
    client.alive()


@requires("HJP-FIL-5", "HJP-NAM-5")
def test_fil_no_object_of_a_longer_name(store: Store) -> None:
    """Neither the start of a name nor the name and more has its object."""
    name = store.has(HI)
    client = store.client()
    client.lacks(name[:-1])
    client.lacks(name + "0")


NAME_FIRST = {
    "put-size": ("put", {"name": "a/b", "size": "1"}, "bad_name"),
    "put-digest": ("put", {"name": "a/b", "digest": "md5:0"}, "bad_name"),
    "put-overwrite": ("put", {"name": "a/b", "overwrite": 1}, "bad_name"),
    "get-offset": ("get", {"name": "a/b", "offset": -1}, "bad_name"),
    "get-if-tag": ("get", {"name": "a/b", "if_tag": 1}, "bad_name"),
    "stat-digest": ("stat", {"name": "a/b", "digest": 1}, "bad_name"),
    "timeout-before-name": ("stat", {"name": "a/b", "timeout_ms": 0}, "bad_request"),
    "more-before-name": ("get", {"name": "a/b", "more": True}, "bad_request"),
}


@requires("HJP-ERR-15", "HJP-NAM-1", "HJP-ERR-18")
@rows("asked", NAME_FIRST)
def test_fil_order_name(store: Store, asked: tuple[str, Any, str]) -> None:
    """A bad name is told before a later member that is mistyped, and after more."""
    op, members, code = asked
    client = store.client()
    client.refused(code, op, **members)


@requires("HJP-ERR-15", "HJP-FIL-4", "HJP-ERR-18")
@rows(
    "asked",
    {
        "size-before-digest": ({"size": -1, "digest": "md5:0"}, "bad_request"),
        "digest-before-overwrite": ({"digest": "md5:0", "overwrite": 1}, "unsupported"),
        "overwrite-mistyped": ({"digest": digest(HI), "overwrite": 1}, "bad_request"),
    },
)
def test_fil_order_of_put(store: Store, asked: tuple[Any, str]) -> None:
    """The members of put are checked in their order, type and value of each."""
    members, code = asked
    client, name = store.client(), store.name()
    client.refused(code, "put", name=name, **members)
    client.lacks(name)


@requires("HJP-ERR-15", "HJP-ERR-18", "HJP-FIL-5")
@rows(
    "asked",
    {
        "get-offset": ("get", {"offset": "0"}),
        "get-length": ("get", {"length": -1}),
        "get-digest": ("get", {"digest": 1}),
        "get-if-tag": ("get", {"if_tag": 1}),
        "stat-digest": ("stat", {"digest": None}),
    },
)
def test_fil_members_before_the_object(store: Store, asked: tuple[str, Any]) -> None:
    """A mistyped member is told although there is no object of the name."""
    op, members = asked
    store.client().refused("bad_request", op, name=store.name(), **members)


@requires("HJP-ERR-15", "HJP-PUT-9", "HJP-ERR-18", "HJP-FIL-4")
@rows(
    "asked",
    {
        "size": ({"size": 0.5}, "bad_request"),
        "digest": ({"digest": "md5:0"}, "unsupported"),
        "overwrite": ({"overwrite": "no"}, "bad_request"),
    },
)
def test_fil_members_before_exists(store: Store, asked: tuple[Any, str]) -> None:
    """A wrong member of put is told although the name has an object."""
    members, code = asked
    name = store.has(HI)
    store.client().refused(code, "put", name=name, **members)


@requires("HJP-FIL-7", "HJP-MSG-15")
def test_fil_in_order(store: Store) -> None:
    """Requests in one write see what the earlier ones have done."""
    client, name = store.client(), store.name()
    octets = [
        client.prepare("stat", name=name),
        client.prepare("put", HI, name=name),
        client.prepare("get", name=name),
        client.prepare("put", b"more", name=name, overwrite=True),
        client.prepare("get", name=name),
    ]
    client.probe.send(b"".join(octets))
    client.id = 0
    for op, expected in (
        ("stat", None), ("put", HI), ("get", HI), ("put", b"more"), ("get", b"more"),
    ):  # fmt: skip
        client.prepare(op, name=name)
        if expected is None:
            client.fails("not_found")
        elif op == "put":
            client.done(size=len(expected))
        else:
            got = client.got().octets
            same(got, expected)


@requires("HJP-FIL-8", "HJP-COR-3")
def test_fil_max_object_as_stated(store: Store) -> None:
    """An object of just the stated max_object is taken."""
    octets = store.octets(store.most(2**23))
    client, name = store.client(), store.name()
    client.put(name, octets)
    client.holds(name, octets)
