"""What cases of `resume` do: begin an upload, leave it, find it again."""

from typing import Any

from hjp_conformance.objects import Client, Store, check

PIECE = 50_000


def begin_upload(client: Client, name: str, upload: str, **members: Any) -> int:
    """The first frame of an upload; gives the offset of the interim reply."""
    client.begin("put", name=name, upload=upload, more=True, **members)
    offset: int = client.interim()["offset"]
    return offset


def finish_upload(
    client: Client, offset: int, rest: bytes, size: int, **told: Any
) -> None:
    """The rest in one frame, or in several."""
    pieces = [rest[at : at + PIECE] for at in range(0, len(rest), PIECE)] or [b""]
    for number, piece in enumerate(pieces):
        more = {"more": True} if number < len(pieces) - 1 else {}
        at = {"offset": offset} if number == 0 else {}
        client.go_on(piece, **at, **more)
    client.done(size=size, **told)


def interrupted(
    store: Store, name: str, upload: str, octets: bytes, **members: Any
) -> int:
    """An upload that is left after these octets; gives how many the server has."""
    client = store.client()
    check(
        begin_upload(client, name, upload, **members) == 0, "it is not new", "HJP-RSM-3"
    )
    pieces = [octets[at : at + PIECE] for at in range(0, len(octets), PIECE)]
    for number, piece in enumerate(pieces):
        client.go_on(piece, more=True, **({"offset": 0} if number == 0 else {}))
    client.probe.half_close()
    client.ended()
    return len(octets)


def kept(client: Client, name: str, upload: str, sent: int, **members: Any) -> int:
    """The offset of an upload of which so many octets were sent, all of them read."""
    offset = begin_upload(client, name, upload, **members)
    told = f"offset {offset}, where {sent} octets were sent"
    check(offset <= sent, told, "HJP-RSM-3")
    check(offset > 0, f"{told} and read: the stage is gone", "HJP-RSM-7")
    return offset


def begin_or_exists(client: Client, name: str, upload: str) -> int | None:
    """The offset; None where the server says exists at once (HJP-PUT-9)."""
    client.begin("put", name=name, upload=upload, more=True)
    found = client.interim_or("exists")
    if "error" in found:
        client.go_on()
        return None
    offset: int = found["offset"]
    return offset
