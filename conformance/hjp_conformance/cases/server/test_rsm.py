"""The text *files*, chapter *resume*: uploads that go on where they stopped, and what is kept of them."""

from hjp_conformance.authoring import requires, rows
from hjp_conformance.objects import Store, check, digest
from hjp_conformance.uploads import (
    PIECE,
    begin_or_exists,
    begin_upload,
    finish_upload,
    interrupted,
    kept,
)

HI = b"hi"
TEN = b"0123456789"
ZERO = "sha-256:" + "0" * 64
TOKEN = "0123456789abcdef" * 2


@requires("HJP-RSM-3")
def test_rsm_new(store: Store) -> None:
    """A new upload begins at 0 and ends in an object."""
    client, name = store.client(), store.name()
    offset = begin_upload(client, name, store.token())
    check(offset == 0, f"offset {offset} of an upload that nobody knows")
    finish_upload(client, 0, TEN, 10)
    client.holds(name, TEN)


@requires("HJP-RSM-3", "HJP-PUT-1")
def test_rsm_of_nothing(store: Store) -> None:
    """An upload of no octets makes an empty object."""
    client, name = store.client(), store.name()
    begin_upload(client, name, store.token(), size=0)
    finish_upload(client, 0, b"", 0)
    client.holds(name, b"")


@requires("HJP-RSM-3", "HJP-PUT-1")
def test_rsm_in_many_frames(store: Store) -> None:
    """An upload in many frames, of which only the second has an offset."""
    octets = store.octets(200_000)
    client, name = store.client(), store.name()
    begin_upload(client, name, store.token(), size=len(octets), digest=digest(octets))
    finish_upload(client, 0, octets, len(octets), digest=digest(octets))
    client.holds(name, octets)


@requires("HJP-RSM-3", "HJP-PUT-2")
def test_rsm_stated_at_the_end(store: Store) -> None:
    """Size and digest may stand on the last frame of an upload."""
    client, name = store.client(), store.name()
    begin_upload(client, name, store.token())
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
    sent = interrupted(store, name, upload, octets[:100_000], **members)
    client = store.client()
    client.lacks(name)
    offset = kept(client, name, upload, sent, **members)
    finish_upload(client, offset, octets[offset:], len(octets))
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
            kept(client, name, upload, 50_000)
            if offset
            else begin_upload(client, name, upload)
        )
        client.go_on(octets[offset:end][:60_000], offset=offset, more=True)
        client.probe.half_close()
        client.ended()
        offset = end
    client = store.client()
    offset = kept(client, name, upload, 100_000)
    finish_upload(client, offset, octets[offset:], len(octets))
    client.holds(name, octets)


@requires("HJP-RSM-3", "HJP-RSM-7")
def test_rsm_interrupted_by_a_reset(store: Store) -> None:
    """An upload whose connection is reset goes on with what the server has read."""
    octets = store.octets(150_000)
    name, upload = store.name(), store.token()
    broken = store.client()
    begin_upload(broken, name, upload)
    broken.go_on(octets[:PIECE], offset=0, more=True)
    broken.probe.reset()
    client = store.client()
    offset = begin_upload(client, name, upload)
    check(offset <= PIECE, f"offset {offset}, where {PIECE} octets were sent")
    finish_upload(client, offset, octets[offset:], len(octets))
    client.holds(name, octets)


@requires("HJP-RSM-7", "HJP-LIF-8")
def test_rsm_interrupted_inside_a_frame(store: Store) -> None:
    """Of a frame that the end of the input cuts off nothing wrong is kept."""
    octets = store.octets(100_000)
    name, upload = store.name(), store.token()
    broken = store.client()
    begin_upload(broken, name, upload)
    broken.go_on(octets[:PIECE], offset=0, more=True)
    broken.cut(octets[PIECE : 2 * PIECE], 20_000)
    broken.ended()
    client = store.client()
    offset = kept(client, name, upload, PIECE + 20_000)
    finish_upload(client, offset, octets[offset:], len(octets))
    client.holds(name, octets)


@requires("HJP-RSM-7", "HJP-PUT-14")
def test_rsm_interrupted_before_the_last_frame(store: Store) -> None:
    """An upload that has all octets but no last frame is not committed."""
    octets = store.octets(PIECE)
    name, upload = store.name(), store.token()
    sent = interrupted(store, name, upload, octets, size=PIECE)
    client = store.client()
    client.lacks(name)
    offset = kept(client, name, upload, sent, size=PIECE)
    finish_upload(client, offset, octets[offset:], PIECE)
    client.holds(name, octets)


@requires("HJP-PUT-15", "HJP-RSM-7")
def test_rsm_stage_is_not_seen(store: Store) -> None:
    """An interrupted upload has no name: no get, stat or list finds it."""
    octets = store.octets(PIECE)
    name = store.name()
    interrupted(store, name, store.token(), octets)
    client = store.client()
    client.lacks(name)
    check(not client.listed(store.prefix), "the list has it", "HJP-PUT-15")


@requires("HJP-RSM-7", "HJP-PUT-8")
def test_rsm_two_uploads_of_one_name(store: Store) -> None:
    """Two uploads of one name have stages of their own; one is committed."""
    octets = store.octets(100_000)
    name, one, two = store.name(), store.token(), store.token()
    interrupted(store, name, one, octets[:PIECE])
    client = store.client()
    check(
        begin_upload(client, name, two) == 0,
        "a new upload begins at another offset",
        "HJP-RSM-3",
    )
    finish_upload(client, 0, HI, 2)
    offset = begin_or_exists(client, name, one)
    if offset is not None:
        client.go_on(octets[offset:][:60_000], offset=offset)
        client.fails("exists")
    client.alive()
    client.holds(name, HI)


@requires("HJP-RSM-7", "HJP-PUT-3")
def test_rsm_kept_after_another_error(store: Store) -> None:
    """An upload whose last frame is wrong keeps its stage."""
    octets = store.octets(PIECE)
    client, name, upload = store.client(), store.name(), store.token()
    begin_upload(client, name, upload)
    client.go_on(octets, offset=0, more=True)
    client.go_on(size="mistyped")
    client.fails("bad_request")
    offset = kept(client, name, upload, PIECE)
    finish_upload(client, offset, octets[offset:], PIECE)
    client.holds(name, octets)


@requires("HJP-RSM-7", "HJP-PUT-8")
def test_rsm_kept_after_exists(store: Store) -> None:
    """An upload that is answered with exists keeps its stage, if it came so far."""
    octets = store.octets(PIECE)
    name, upload = store.name(), store.token()
    client, other = store.client(), store.client()
    begin_upload(client, name, upload)
    client.go_on(octets, offset=0, more=True)
    other.put(name, HI)
    client.go_on()
    client.fails("exists")
    client.alive()
    offset = begin_or_exists(client, name, upload)
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
    begin_upload(client, name, upload, size=10)
    if how == "end":
        client.go_on(TEN[:5], offset=0)
        client.fails("size_mismatch")
    else:
        client.go_on(TEN + HI, offset=0, more=True)
        client.fails("size_mismatch")
        client.end_early()
    offset = begin_upload(client, name, upload, size=10)
    check(offset == 0, f"offset {offset}, where the stage has to go")
    finish_upload(client, 0, TEN, 10)
    client.holds(name, TEN)


@requires("HJP-RSM-8", "HJP-PUT-7")
def test_rsm_discarded_after_digest_mismatch(store: Store) -> None:
    """After digest_mismatch the next request with the upload begins at 0."""
    client, name, upload = store.client(), store.name(), store.token()
    begin_upload(client, name, upload, digest=digest(TEN))
    client.go_on(TEN[::-1], offset=0)
    client.fails("digest_mismatch")
    offset = begin_upload(client, name, upload, digest=digest(TEN))
    check(offset == 0, f"offset {offset}, where the stage has to go")
    finish_upload(client, 0, TEN, 10, digest=digest(TEN))
    client.holds(name, TEN)


@requires("HJP-RSM-8", "HJP-PUT-4")
def test_rsm_discarded_after_too_large(store: Store) -> None:
    """After too_large the next request with the upload begins at 0."""
    most = store.most(2**23)
    client, name, upload = store.client(), store.name(), store.token()
    begin_upload(client, name, upload)
    octets = bytes(most + 1)
    for at in range(0, len(octets), PIECE):
        first = {"offset": 0} if at == 0 else {}
        client.go_on(octets[at : at + PIECE], more=True, **first)
    client.fails("too_large", limit="max_object")
    client.end_early()
    offset = begin_upload(client, name, upload)
    check(offset == 0, f"offset {offset}, where the stage has to go")
    finish_upload(client, 0, HI, 2)
