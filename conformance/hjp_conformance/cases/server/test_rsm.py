"""The text *files*, chapter *resume*: uploads that go on where they stopped."""

from typing import Any

from hjp_conformance.authoring import requires, rows
from hjp_conformance.objects import Client, Store, check, digest

HI = b"hi"
TEN = b"0123456789"
ZERO = "sha-256:" + "0" * 64
TOKEN = "0123456789abcdef" * 2
PIECE = 50_000


def _begin(client: Client, name: str, upload: str, **members: Any) -> int:
    """The first frame of an upload; gives the offset of the interim reply."""
    client.begin("put", name=name, upload=upload, more=True, **members)
    offset: int = client.interim()["offset"]
    return offset


def _finish(client: Client, offset: int, rest: bytes, size: int, **told: Any) -> None:
    """The rest in one frame, or in several."""
    pieces = [rest[at : at + PIECE] for at in range(0, len(rest), PIECE)] or [b""]
    for number, piece in enumerate(pieces):
        more = {"more": True} if number < len(pieces) - 1 else {}
        at = {"offset": offset} if number == 0 else {}
        client.go_on(piece, **at, **more)
    client.done(size=size, **told)


def _interrupted(
    store: Store, name: str, upload: str, octets: bytes, **members: Any
) -> int:
    """An upload that is left after these octets; gives how many the server has."""
    client = store.client()
    check(_begin(client, name, upload, **members) == 0, "it is not new", "HJP-RSM-3")
    pieces = [octets[at : at + PIECE] for at in range(0, len(octets), PIECE)]
    for number, piece in enumerate(pieces):
        client.go_on(piece, more=True, **({"offset": 0} if number == 0 else {}))
    client.probe.half_close()
    client.ended()
    return len(octets)


def _kept(client: Client, name: str, upload: str, sent: int, **members: Any) -> int:
    """The offset of an upload of which so many octets were sent, all of them read."""
    offset = _begin(client, name, upload, **members)
    told = f"offset {offset}, where {sent} octets were sent"
    check(offset <= sent, told, "HJP-RSM-3")
    check(offset > 0, f"{told} and read: the stage is gone", "HJP-RSM-7")
    return offset


@requires("HJP-RSM-3")
def test_rsm_new(store: Store) -> None:
    """A new upload begins at 0 and ends in an object."""
    client, name = store.client(), store.name()
    offset = _begin(client, name, store.token())
    check(offset == 0, f"offset {offset} of an upload that nobody knows")
    _finish(client, 0, TEN, 10)
    client.holds(name, TEN)


@requires("HJP-RSM-3", "HJP-PUT-1")
def test_rsm_of_nothing(store: Store) -> None:
    """An upload of no octets makes an empty object."""
    client, name = store.client(), store.name()
    _begin(client, name, store.token(), size=0)
    _finish(client, 0, b"", 0)
    client.holds(name, b"")


@requires("HJP-RSM-3", "HJP-PUT-1")
def test_rsm_in_many_frames(store: Store) -> None:
    """An upload in many frames, of which only the second has an offset."""
    octets = store.octets(200_000)
    client, name = store.client(), store.name()
    _begin(client, name, store.token(), size=len(octets), digest=digest(octets))
    _finish(client, 0, octets, len(octets), digest=digest(octets))
    client.holds(name, octets)


@requires("HJP-RSM-3", "HJP-PUT-2")
def test_rsm_stated_at_the_end(store: Store) -> None:
    """Size and digest may stand on the last frame of an upload."""
    client, name = store.client(), store.name()
    _begin(client, name, store.token())
    client.go_on(TEN[:5], offset=0, more=True)
    client.go_on(TEN[5:], size=10, digest=digest(TEN))
    client.done(size=10, digest=digest(TEN))


@requires("HJP-RSM-3", "HJP-RSM-5")
def test_rsm_offset_of_later_frames(store: Store) -> None:
    """An offset on the first frame, or on the third, means nothing, nor does none."""
    client, name = store.client(), store.name()
    client.begin("put", name=name, upload=store.token(), more=True, offset="none")
    client.interim(offset=0)
    client.go_on(TEN[:5], offset=0, more=True)
    client.go_on(TEN[5:7], offset=77, more=True)
    client.go_on(TEN[7:])
    client.done(size=10)
    client.holds(name, TEN)


@requires("HJP-RSM-7", "HJP-RSM-3", "HJP-RSM-16")
@rows("stated", {"nothing": False, "size-and-digest": True})
def test_rsm_interrupted(store: Store, stated: bool) -> None:
    """An upload whose connection ends goes on, on another, where it stopped."""
    octets = store.octets(150_000)
    members = {"size": len(octets), "digest": digest(octets)} if stated else {}
    name, upload = store.name(), store.token()
    sent = _interrupted(store, name, upload, octets[:100_000], **members)
    client = store.client()
    client.lacks(name)
    offset = _kept(client, name, upload, sent, **members)
    _finish(client, offset, octets[offset:], len(octets))
    client.holds(name, octets)


@requires("HJP-RSM-7", "HJP-RSM-3")
def test_rsm_interrupted_twice(store: Store) -> None:
    """An upload may be interrupted again and again; each offset is the right one."""
    octets = store.octets(150_000)
    name, upload = store.name(), store.token()
    offset = 0
    for end in (50_000, 100_000):
        client = store.client()
        offset = (
            _kept(client, name, upload, 50_000)
            if offset
            else _begin(client, name, upload)
        )
        client.go_on(octets[offset:end][:60_000], offset=offset, more=True)
        client.probe.half_close()
        client.ended()
        offset = end
    client = store.client()
    offset = _kept(client, name, upload, 100_000)
    _finish(client, offset, octets[offset:], len(octets))
    client.holds(name, octets)


@requires("HJP-RSM-3", "HJP-RSM-7")
def test_rsm_interrupted_by_a_reset(store: Store) -> None:
    """An upload whose connection is reset goes on with what the server has read."""
    octets = store.octets(150_000)
    name, upload = store.name(), store.token()
    broken = store.client()
    _begin(broken, name, upload)
    broken.go_on(octets[:PIECE], offset=0, more=True)
    broken.probe.reset()
    client = store.client()
    offset = _begin(client, name, upload)
    check(offset <= PIECE, f"offset {offset}, where {PIECE} octets were sent")
    _finish(client, offset, octets[offset:], len(octets))
    client.holds(name, octets)


@requires("HJP-RSM-7", "HJP-LIF-8")
def test_rsm_interrupted_inside_a_frame(store: Store) -> None:
    """Of a frame that the end of the input cuts off nothing wrong is kept."""
    octets = store.octets(100_000)
    name, upload = store.name(), store.token()
    broken = store.client()
    _begin(broken, name, upload)
    broken.go_on(octets[:PIECE], offset=0, more=True)
    broken.cut(octets[PIECE : 2 * PIECE], 20_000)
    broken.ended()
    client = store.client()
    offset = _kept(client, name, upload, PIECE + 20_000)
    _finish(client, offset, octets[offset:], len(octets))
    client.holds(name, octets)


@requires("HJP-RSM-7", "HJP-PUT-14")
def test_rsm_interrupted_before_the_last_frame(store: Store) -> None:
    """An upload that has all octets but no last frame is not committed."""
    octets = store.octets(PIECE)
    name, upload = store.name(), store.token()
    sent = _interrupted(store, name, upload, octets, size=PIECE)
    client = store.client()
    client.lacks(name)
    offset = _kept(client, name, upload, sent, size=PIECE)
    _finish(client, offset, octets[offset:], PIECE)
    client.holds(name, octets)


@requires("HJP-PUT-15", "HJP-RSM-7")
def test_rsm_stage_is_not_seen(store: Store) -> None:
    """An interrupted upload has no name: no get, stat or list finds it."""
    octets = store.octets(PIECE)
    name = store.name()
    _interrupted(store, name, store.token(), octets)
    client = store.client()
    client.lacks(name)
    check(not client.listed(store.prefix), "the list has it", "HJP-PUT-15")


@requires("HJP-RSM-7", "HJP-PUT-8")
def test_rsm_two_uploads_of_one_name(store: Store) -> None:
    """Two uploads of one name have stages of their own; one is committed."""
    octets = store.octets(100_000)
    name, one, two = store.name(), store.token(), store.token()
    _interrupted(store, name, one, octets[:PIECE])
    client = store.client()
    check(
        _begin(client, name, two) == 0,
        "a new upload begins at another offset",
        "HJP-RSM-3",
    )
    _finish(client, 0, HI, 2)
    offset = _begin_or_exists(client, name, one)
    if offset is not None:
        client.go_on(octets[offset:][:60_000], offset=offset)
        client.fails("exists")
    client.alive()
    client.holds(name, HI)


def _begin_or_exists(client: Client, name: str, upload: str) -> int | None:
    """The offset; None where the server says exists at once (HJP-PUT-9)."""
    client.begin("put", name=name, upload=upload, more=True)
    found = client.interim_or("exists")
    if "error" in found:
        client.go_on()
        return None
    offset: int = found["offset"]
    return offset


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
    _interrupted(store, name, upload, TEN[:5], **terms)
    client = store.client()
    client.begin("put", upload=upload, more=True, **_others(store, name, row))
    client.fails("conflict")
    client.end_early()
    offset = _begin(client, name, upload, **terms)
    _finish(client, offset, TEN[offset:], 10)


@requires("HJP-RSM-2", "HJP-RSM-11")
@rows("row", OTHERS)
def test_rsm_conflict_with_a_result(store: Store, row: dict[str, Any]) -> None:
    """An upload that was committed, with other members: conflict."""
    name, upload = store.name(), store.token()
    terms = {key: value for key, value in TERMS.items() if key != "name"}
    client = store.client()
    _begin(client, name, upload, **terms)
    _finish(client, 0, TEN, 10)
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
    _interrupted(store, name, upload, TEN[:5], **first)
    client = store.client()
    offset = _begin(client, name, upload, **second)
    _finish(client, offset, TEN[offset:], 10)


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
    _begin(client, name, upload)
    client.go_on(HI, **members)
    client.fails("bad_request")
    client.lacks(name)
    check(_begin(client, name, upload) == 0, "the octets were kept", "HJP-RSM-3")
    _finish(client, 0, HI, 2)


@requires("HJP-RSM-5", "HJP-MSG-17")
def test_rsm_second_frame_without_offset_at_once(store: Store) -> None:
    """The second frame's missing offset is told at once; later ones are dropped."""
    client = store.client()
    _begin(client, store.name(), store.token())
    client.go_on(HI, more=True)
    client.fails("bad_request")
    client.go_on(HI, more=True, offset=0)
    client.end_early()


@requires("HJP-RSM-6")
@rows("offset", {"one": 1, "many": 100_000, "greatest": 2**53 - 1})
def test_rsm_offset_of_another_place(store: Store, offset: int) -> None:
    """A second frame with an offset beyond: offset_mismatch, with the right one."""
    client, name, upload = store.client(), store.name(), store.token()
    _begin(client, name, upload)
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
    sent = _interrupted(store, name, upload, octets[:PIECE])
    client = store.client()
    right = _kept(client, name, upload, sent)
    wrong = 0 if change is None else right + change
    client.go_on(octets[wrong : wrong + 10], offset=wrong, more=True)
    client.fails("offset_mismatch", offset=right)
    client.end_early()
    again = _kept(client, name, upload, sent)
    check(again == right, f"offset {again}, and {right} before", "HJP-RSM-7")
    _finish(client, again, octets[again:], len(octets))
    client.holds(name, octets)


@requires("HJP-RSM-7", "HJP-PUT-3")
def test_rsm_kept_after_another_error(store: Store) -> None:
    """An upload whose last frame is wrong keeps its stage."""
    octets = store.octets(PIECE)
    client, name, upload = store.client(), store.name(), store.token()
    _begin(client, name, upload)
    client.go_on(octets, offset=0, more=True)
    client.go_on(size="mistyped")
    client.fails("bad_request")
    offset = _kept(client, name, upload, PIECE)
    _finish(client, offset, octets[offset:], PIECE)
    client.holds(name, octets)


@requires("HJP-RSM-7", "HJP-PUT-8")
def test_rsm_kept_after_exists(store: Store) -> None:
    """An upload that is answered with exists keeps its stage, if it came so far."""
    octets = store.octets(PIECE)
    name, upload = store.name(), store.token()
    client, other = store.client(), store.client()
    _begin(client, name, upload)
    client.go_on(octets, offset=0, more=True)
    other.put(name, HI)
    client.go_on()
    client.fails("exists")
    client.alive()
    offset = _begin_or_exists(client, name, upload)
    if offset is not None:
        check(offset > 0, "the stage is gone")
        client.go_on(octets[offset:], offset=offset)
        client.fails("exists")
    client.alive()
    client.holds(name, HI)


@requires("HJP-RSM-8", "HJP-PUT-6")
@rows("how", {"at-the-end": "end", "at-once": "once"})
def test_rsm_discarded_after_size_mismatch(store: Store, how: str) -> None:
    """After size_mismatch the next request with the upload begins at 0."""
    client, name, upload = store.client(), store.name(), store.token()
    _begin(client, name, upload, size=10)
    if how == "end":
        client.go_on(TEN[:5], offset=0)
        client.fails("size_mismatch")
    else:
        client.go_on(TEN + HI, offset=0, more=True)
        client.fails("size_mismatch")
        client.end_early()
    offset = _begin(client, name, upload, size=10)
    check(offset == 0, f"offset {offset}, where the stage has to go")
    _finish(client, 0, TEN, 10)
    client.holds(name, TEN)


@requires("HJP-RSM-8", "HJP-PUT-7")
def test_rsm_discarded_after_digest_mismatch(store: Store) -> None:
    """After digest_mismatch the next request with the upload begins at 0."""
    client, name, upload = store.client(), store.name(), store.token()
    _begin(client, name, upload, digest=digest(TEN))
    client.go_on(TEN[::-1], offset=0)
    client.fails("digest_mismatch")
    offset = _begin(client, name, upload, digest=digest(TEN))
    check(offset == 0, f"offset {offset}, where the stage has to go")
    _finish(client, 0, TEN, 10, digest=digest(TEN))
    client.holds(name, TEN)


@requires("HJP-RSM-8", "HJP-PUT-4")
def test_rsm_discarded_after_too_large(store: Store) -> None:
    """After too_large the next request with the upload begins at 0."""
    most = store.most(2**23)
    client, name, upload = store.client(), store.name(), store.token()
    _begin(client, name, upload)
    octets = bytes(most + 1)
    for at in range(0, len(octets), PIECE):
        first = {"offset": 0} if at == 0 else {}
        client.go_on(octets[at : at + PIECE], more=True, **first)
    client.fails("too_large", limit="max_object")
    client.end_early()
    offset = _begin(client, name, upload)
    check(offset == 0, f"offset {offset}, where the stage has to go")
    _finish(client, 0, HI, 2)


@requires("HJP-RSM-10", "HJP-RSM-11")
@rows("members", {"nothing": {}, "digest": {"digest": digest(TEN), "size": 10}})
def test_rsm_stored_result(store: Store, members: dict[str, Any]) -> None:
    """An upload that was committed is answered with its final reply again."""
    name, upload = store.name(), store.token()
    client = store.client()
    _begin(client, name, upload, **members)
    told = {key: value for key, value in members.items() if key == "digest"}
    _finish(client, 0, TEN, 10, **told)
    for again in (client, store.client()):
        again.begin("put", name=name, upload=upload, more=True, **members)
        again.done(size=10, **told)
        again.end_early()


@requires("HJP-RSM-10", "HJP-RSM-11", "HJP-PUT-14")
def test_rsm_stored_result_and_frames_behind_it(store: Store) -> None:
    """What follows the first frame of a committed upload is dropped."""
    name, upload = store.name(), store.token()
    client = store.client()
    _begin(client, name, upload, overwrite=True)
    _finish(client, 0, TEN, 10)
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
    _begin(client, name, upload, overwrite=True)
    _finish(client, 0, TEN, 10)
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
    _begin(early, name, upload)
    early.go_on(octets[:PIECE], offset=0, more=True)
    offset = _begin(late, name, upload)
    check(offset <= PIECE, f"offset {offset}, where {PIECE} octets were sent")
    early.go_on(bytes(10), more=True)
    early.fails("superseded")
    early.end_early()
    _finish(late, offset, octets[offset:], len(octets))
    late.holds(name, octets)


@requires("HJP-RSM-12", "HJP-RSM-13")
def test_rsm_superseded_writes_no_more(store: Store) -> None:
    """Octets that the earlier request sends on are none of the object's."""
    octets = store.octets(100_000)
    name, upload = store.name(), store.token()
    early, late = store.client(), store.client()
    _begin(early, name, upload, digest=digest(octets))
    early.go_on(octets[:PIECE], offset=0, more=True)
    offset = _begin(late, name, upload, digest=digest(octets))
    for _ in range(5):
        early.go_on(b"\xff" * 1000, more=True)
    early.go_on(b"\xff")
    early.fails("superseded")
    early.alive()
    _finish(late, offset, octets[offset:], len(octets))
    late.holds(name, octets)


@requires("HJP-RSM-12", "HJP-RSM-13")
def test_rsm_superseded_before_its_second_frame(store: Store) -> None:
    """A request that waits for its second frame is superseded as well."""
    name, upload = store.name(), store.token()
    early, late = store.client(), store.client()
    _begin(early, name, upload)
    check(
        _begin(late, name, upload) == 0,
        "there are octets that nobody sent",
        "HJP-RSM-3",
    )
    early.go_on(HI, offset=0)
    early.fails("superseded")
    _finish(late, 0, TEN, 10)
    late.holds(name, TEN)


@requires("HJP-RSM-13", "HJP-RSM-12")
def test_rsm_superseded_again(store: Store) -> None:
    """Each of three requests supersedes the one before it."""
    name, upload = store.name(), store.token()
    clients = [store.client() for _ in range(3)]
    for client in clients:
        _begin(client, name, upload)
    for client in clients[:2]:
        client.go_on(HI, offset=0)
        client.fails("superseded")
    _finish(clients[2], 0, TEN, 10)


@requires("HJP-RSM-13", "HJP-RSM-10", "HJP-RSM-11")
def test_rsm_not_superseded_once_committed(store: Store) -> None:
    """A request behind a committed one gets its result, whose reply was sent, too."""
    name, upload = store.name(), store.token()
    early, late = store.client(), store.client()
    _begin(early, name, upload)
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
    _begin(early, name, upload)
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
        _begin(client, name, store.token())
    for number, client in enumerate(clients):
        _finish(client, 0, b"upload %d" % number, 8)
    for number, (client, name) in enumerate(zip(clients, names, strict=True)):
        client.holds(name, b"upload %d" % number)
