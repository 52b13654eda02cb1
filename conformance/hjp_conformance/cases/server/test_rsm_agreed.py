"""The text *files*, chapter *resume*: what both sides agree on, results, and who wins."""

from typing import Any

from hjp_conformance.authoring import requires, rows
from hjp_conformance.objects import Store, check, digest
from hjp_conformance.uploads import (
    PIECE,
    begin_upload,
    finish_upload,
    interrupted,
    kept,
)

HI = b"hi"
TEN = b"0123456789"
ZERO = "sha-256:" + "0" * 64
TOKEN = "0123456789abcdef" * 2


@requires("HJP-RSM-1")
@rows(
    "upload",
    {
        "empty": "",
        "31-digits": TOKEN[:-1],
        "33-digits": TOKEN + "0",
        "capitals": TOKEN.upper(),
        "one-capital": TOKEN[:-1] + "F",
        "no-digit": TOKEN[:-1] + "g",
        "digit-of-another-script": TOKEN[:-1] + "\u0661",
        "line-end-behind": TOKEN + "\n",
        "hyphens": "01234567-89ab-cdef-0123-456789abcdef",
        "number": 1,
        "null": None,
    },
)
def test_rsm_upload_malformed(store: Store, upload: Any) -> None:
    """An upload that is not 32 of 0-9 and a-f is answered with bad_request."""
    client, name = store.client(), store.name()
    client.begin("put", name=name, upload=upload, more=True)
    client.fails("bad_request")
    client.end_early()
    client.lacks(name)


@requires("HJP-RSM-1")
def test_rsm_upload_with_a_payload(store: Store) -> None:
    """A first frame with an upload and a payload is answered with bad_request."""
    client, name = store.client(), store.name()
    client.begin("put", HI, name=name, upload=store.token(), more=True)
    client.fails("bad_request")
    client.end_early()
    client.lacks(name)


@requires("HJP-RSM-1")
@rows("members", {"absent": {}, "false": {"more": False}})
def test_rsm_upload_without_more(store: Store, members: dict[str, Any]) -> None:
    """A first frame with an upload and no more is answered with bad_request."""
    client, name = store.client(), store.name()
    client.begin("put", name=name, upload=store.token(), **members)
    client.fails("bad_request")
    client.alive()
    client.lacks(name)


@requires("HJP-ERR-15", "HJP-RSM-1", "HJP-FIL-4")
@rows(
    "asked",
    {
        "name": ({"name": "a/b"}, "bad_name"),
        "algorithm": ({"digest": "md5:0"}, "unsupported"),
    },
)
def test_rsm_upload_is_checked_last(store: Store, asked: tuple[Any, str]) -> None:
    """A fault of an earlier member is told before that of the upload."""
    members, code = asked
    client = store.client()
    client.begin(
        "put", upload="no token", more=True, **({"name": store.name()} | members)
    )
    client.fails(code)
    client.end_early()


TERMS = {"name": None, "size": 10, "digest": digest(TEN), "overwrite": True}
OTHERS: dict[str, dict[str, Any]] = {
    "name": {},
    "size": {"size": 11},
    "size-absent": {"size": None},
    "digest": {"digest": ZERO},
    "digest-absent": {"digest": None},
    "overwrite": {"overwrite": False},
    "overwrite-absent": {"overwrite": None},
}


def _others(store: Store, name: str, row: dict[str, Any]) -> dict[str, Any]:
    """The terms but for what the row says; its None leaves a member out."""
    changed = {**TERMS, "name": name, **(row or {"name": store.name()})}
    return {key: value for key, value in changed.items() if value is not None}


@requires("HJP-RSM-2")
@rows("row", OTHERS)
def test_rsm_conflict_with_a_stage(store: Store, row: dict[str, Any]) -> None:
    """An upload of a stage with another name, size, digest or overwrite: conflict."""
    name, upload = store.name(), store.token()
    terms = {key: value for key, value in TERMS.items() if key != "name"}
    interrupted(store, name, upload, TEN[:5], **terms)
    client = store.client()
    client.begin("put", upload=upload, more=True, **_others(store, name, row))
    client.fails("conflict")
    client.end_early()
    offset = begin_upload(client, name, upload, **terms)
    finish_upload(client, offset, TEN[offset:], 10)


@requires("HJP-RSM-2", "HJP-RSM-11")
@rows("row", OTHERS)
def test_rsm_conflict_with_a_result(store: Store, row: dict[str, Any]) -> None:
    """An upload that was committed, with other members: conflict."""
    name, upload = store.name(), store.token()
    terms = {key: value for key, value in TERMS.items() if key != "name"}
    client = store.client()
    begin_upload(client, name, upload, **terms)
    finish_upload(client, 0, TEN, 10)
    client.begin("put", upload=upload, more=True, **_others(store, name, row))
    client.fails("conflict")
    client.end_early()
    client.holds(name, TEN)


@requires("HJP-RSM-2")
@rows("pair", {"absent-then-false": ({}, {"overwrite": False}),
               "false-then-absent": ({"overwrite": False}, {})})  # fmt: skip
def test_rsm_overwrite_false_is_absent(store: Store, pair: tuple[Any, Any]) -> None:
    """An overwrite that is false and an absent one are the same for an upload."""
    first, second = pair
    name, upload = store.name(), store.token()
    interrupted(store, name, upload, TEN[:5], **first)
    client = store.client()
    offset = begin_upload(client, name, upload, **second)
    finish_upload(client, offset, TEN[offset:], 10)


@requires("HJP-RSM-5")
@rows(
    "members",
    {
        "absent": {},
        "string": {"offset": "0"},
        "negative": {"offset": -1},
        "fraction": {"offset": 0.5},
        "too-great": {"offset": 2**53},
        "null": {"offset": None},
        "boolean": {"offset": False},
    },
)
def test_rsm_second_frame_without_offset(store: Store, members: dict[str, Any]) -> None:
    """A second frame without offset, or with a mistyped one: bad_request."""
    client, name, upload = store.client(), store.name(), store.token()
    begin_upload(client, name, upload)
    client.go_on(HI, **members)
    client.fails("bad_request")
    client.lacks(name)
    check(begin_upload(client, name, upload) == 0, "the octets were kept", "HJP-RSM-3")
    finish_upload(client, 0, HI, 2)


@requires("HJP-RSM-5", "HJP-MSG-17")
def test_rsm_second_frame_without_offset_at_once(store: Store) -> None:
    """The second frame's missing offset is told at once; later ones are dropped."""
    client = store.client()
    begin_upload(client, store.name(), store.token())
    client.go_on(HI, more=True)
    client.fails("bad_request")
    client.go_on(HI, more=True, offset=0)
    client.end_early()


@requires("HJP-RSM-6")
@rows("offset", {"one": 1, "many": 100_000, "greatest": 2**53 - 1})
def test_rsm_offset_of_another_place(store: Store, offset: int) -> None:
    """A second frame with an offset beyond: offset_mismatch, with the right one."""
    client, name, upload = store.client(), store.name(), store.token()
    begin_upload(client, name, upload)
    client.go_on(HI, offset=offset, more=True)
    client.fails("offset_mismatch", offset=0)
    client.end_early()
    client.lacks(name)


@requires("HJP-RSM-6", "HJP-RSM-7")
@rows("change", {"begin": None, "before": -1, "behind": 1})
def test_rsm_offset_of_an_interrupted_one(store: Store, change: int | None) -> None:
    """Another offset than that of the interim reply: told the right one, stage kept."""
    octets = store.octets(100_000)
    name, upload = store.name(), store.token()
    sent = interrupted(store, name, upload, octets[:PIECE])
    client = store.client()
    right = kept(client, name, upload, sent)
    wrong = 0 if change is None else right + change
    client.go_on(octets[wrong : wrong + 10], offset=wrong, more=True)
    client.fails("offset_mismatch", offset=right)
    client.end_early()
    again = kept(client, name, upload, sent)
    check(again == right, f"offset {again}, and {right} before", "HJP-RSM-7")
    finish_upload(client, again, octets[again:], len(octets))
    client.holds(name, octets)


@requires("HJP-RSM-10", "HJP-RSM-11")
@rows("members", {"nothing": {}, "digest": {"digest": digest(TEN), "size": 10}})
def test_rsm_stored_result(store: Store, members: dict[str, Any]) -> None:
    """An upload that was committed is answered with its final reply again."""
    name, upload = store.name(), store.token()
    client = store.client()
    begin_upload(client, name, upload, **members)
    told = {key: value for key, value in members.items() if key == "digest"}
    finish_upload(client, 0, TEN, 10, **told)
    for again in (client, store.client()):
        again.begin("put", name=name, upload=upload, more=True, **members)
        again.done(size=10, **told)
        again.end_early()


@requires("HJP-RSM-10", "HJP-RSM-11", "HJP-PUT-14")
def test_rsm_stored_result_and_frames_behind_it(store: Store) -> None:
    """What follows the first frame of a committed upload is dropped."""
    name, upload = store.name(), store.token()
    client = store.client()
    begin_upload(client, name, upload, overwrite=True)
    finish_upload(client, 0, TEN, 10)
    client.begin("put", name=name, upload=upload, overwrite=True, more=True)
    client.go_on(HI, offset=0)
    client.done(size=10)
    client.alive()
    client.holds(name, TEN)


@requires("HJP-RSM-11", "HJP-RSM-10")
def test_rsm_stored_result_of_an_object_that_was_replaced(store: Store) -> None:
    """The result of an upload stays, and changes nothing, when the object changed."""
    name, upload = store.name(), store.token()
    client = store.client()
    begin_upload(client, name, upload, overwrite=True)
    finish_upload(client, 0, TEN, 10)
    client.put(name, HI, overwrite=True)
    client.begin("put", name=name, upload=upload, overwrite=True, more=True)
    client.done(size=10)
    client.end_early()
    client.holds(name, HI)


@requires("HJP-RSM-12", "HJP-RSM-13", "HJP-RSM-3")
def test_rsm_superseded(store: Store) -> None:
    """A later request with the upload goes on; the earlier one gets superseded."""
    octets = store.octets(100_000)
    name, upload = store.name(), store.token()
    early, late = store.client(), store.client()
    begin_upload(early, name, upload)
    early.go_on(octets[:PIECE], offset=0, more=True)
    offset = begin_upload(late, name, upload)
    check(offset <= PIECE, f"offset {offset}, where {PIECE} octets were sent")
    early.go_on(bytes(10), more=True)
    early.fails("superseded")
    early.end_early()
    finish_upload(late, offset, octets[offset:], len(octets))
    late.holds(name, octets)


@requires("HJP-RSM-12", "HJP-RSM-13")
def test_rsm_superseded_writes_no_more(store: Store) -> None:
    """Octets that the earlier request sends on are none of the object's."""
    octets = store.octets(100_000)
    name, upload = store.name(), store.token()
    early, late = store.client(), store.client()
    begin_upload(early, name, upload, digest=digest(octets))
    early.go_on(octets[:PIECE], offset=0, more=True)
    offset = begin_upload(late, name, upload, digest=digest(octets))
    for _ in range(5):
        early.go_on(b"\xff" * 1000, more=True)
    early.go_on(b"\xff")
    early.fails("superseded")
    early.alive()
    finish_upload(late, offset, octets[offset:], len(octets))
    late.holds(name, octets)


@requires("HJP-RSM-12", "HJP-RSM-13")
def test_rsm_superseded_before_its_second_frame(store: Store) -> None:
    """A request that waits for its second frame is superseded as well."""
    name, upload = store.name(), store.token()
    early, late = store.client(), store.client()
    begin_upload(early, name, upload)
    check(
        begin_upload(late, name, upload) == 0,
        "there are octets that nobody sent",
        "HJP-RSM-3",
    )
    early.go_on(HI, offset=0)
    early.fails("superseded")
    finish_upload(late, 0, TEN, 10)
    late.holds(name, TEN)


@requires("HJP-RSM-13", "HJP-RSM-12")
def test_rsm_superseded_again(store: Store) -> None:
    """Each of three requests supersedes the one before it."""
    name, upload = store.name(), store.token()
    clients = [store.client() for _ in range(3)]
    for client in clients:
        begin_upload(client, name, upload)
    for client in clients[:2]:
        client.go_on(HI, offset=0)
        client.fails("superseded")
    finish_upload(clients[2], 0, TEN, 10)


@requires("HJP-RSM-13", "HJP-RSM-10", "HJP-RSM-11")
def test_rsm_not_superseded_once_committed(store: Store) -> None:
    """A request behind a committed one gets its result, whose reply was sent, too."""
    name, upload = store.name(), store.token()
    early, late = store.client(), store.client()
    begin_upload(early, name, upload)
    early.go_on(TEN, offset=0)
    early.done(size=10)
    late.begin("put", name=name, upload=upload, more=True)
    late.done(size=10)
    late.end_early()
    late.holds(name, TEN)


@requires("HJP-RSM-12", "HJP-LIF-6")
def test_rsm_conflict_supersedes_nobody(store: Store) -> None:
    """A request that is answered with conflict does not stop the one that goes on."""
    name, upload = store.name(), store.token()
    early, late = store.client(), store.client()
    begin_upload(early, name, upload)
    early.go_on(TEN[:5], offset=0, more=True)
    late.begin("put", name=name, upload=upload, size=3, more=True)
    late.fails("conflict")
    early.go_on(TEN[5:])
    early.done(size=10)
    early.holds(name, TEN)


@requires("HJP-RSM-3", "HJP-RSM-13")
def test_rsm_many_uploads_at_a_time(store: Store) -> None:
    """Uploads with other tokens do not touch one another."""
    names = [store.name() for _ in range(5)]
    clients = [store.client() for _ in names]
    for client, name in zip(clients, names, strict=True):
        begin_upload(client, name, store.token())
    for number, client in enumerate(clients):
        finish_upload(client, 0, b"upload %d" % number, 8)
    for number, (client, name) in enumerate(zip(clients, names, strict=True)):
        client.holds(name, b"upload %d" % number)
