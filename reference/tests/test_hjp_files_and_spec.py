"""files, resume, delete: two independent readings of the text, side by side."""

import random
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from hjp import Request
from hjp.files import Files
from hjp.names import is_name
from hjp.service import FEATURES, Service
from hjp_spec import registry
from hjp_spec.messages import faults, problems
from hjp_spec.names import excluded_by

from .hjp_files import ALL, Asker, digest, keeping, token
from .hjp_peer import ENGINES, frame

PIECES: Final = [
    *("CON", "con", "nUl", "COM", "lpt", "1", "0", "¹", "³", "⁴", "CONIN$", "CONOUT$"),
    *(" ", ".", "..", "a", "é", "\U0001f600", "/", "\\", ":", "*", "?", '"', "<", ">"),
    *("|", "\0", "\x1f", "\x20", "\x7e", "\x7f", "\x80", "\x9f", "\xa0", "a" * 127),
    *("\u0130", "\u0131", "\u017f", "\u212a", "$", "x"),
]
VALUES: Final[list[Any]] = [
    *(None, True, False, 0, 1, -1, 1.5, 2**53 - 1, 2**53, 2**60, "", "a", "CON"),
    *([], {}, "md5:x", "sha-256:", digest(b""), digest(b"").upper(), token(1)),
    *(token(1) + "0", token(10).upper(), "sha-256" + "0" * 64, ":"),
]
MEMBERS: Final = {
    "put": ("name", "size", "digest", "overwrite", "upload", "offset"),
    "get": ("name", "offset", "length", "digest", "if_tag"),
    "stat": ("name", "digest"),
    "list": ("after", "limit"),
    "delete": ("name", "if_tag"),
}


def test_features() -> None:
    """Those of the registry."""
    assert set(FEATURES) <= set(registry.FEATURES)


def test_names() -> None:
    """Ten thousand strings of what the table is about."""
    source = random.Random(1)
    for _ in range(10_000):
        text = "".join(source.choices(PIECES, k=source.randint(0, 4)))
        assert is_name(text) is (excluded_by(text) is None), ascii(text)


def test_requests(tmp_path: Path) -> None:
    """Ten thousand first frames: `bad_request` where the schema has a fault."""
    source = random.Random(2)
    service = Service()
    seen = set()
    with Files(tmp_path, features=ALL) as files:
        files.offer(service)
        for _ in range(10_000):
            op = source.choice([*MEMBERS])
            members = {
                name: source.choice(["a", "b"] if name == "name" else VALUES)
                for name in MEMBERS[op]
                if source.random() < 0.6
            }
            more = {"more": True} if source.random() < 0.5 else {}
            metadata: dict[str, Any] = {"id": 1, "op": op} | members | more
            error = service.fault(Request(metadata), 0.0)
            found = problems("request", op, metadata)
            seen.add((op, error and error.code))
            if error is None:
                assert not found, (metadata, found)
            elif error.code == "bad_request":
                assert found, (metadata, error.message)
            else:
                assert error.code in ("unsupported", "too_large"), metadata
    assert {(op, None) for op in MEMBERS} <= seen
    assert {(op, "bad_request") for op in MEMBERS} <= seen


@pytest.mark.parametrize("engine", ENGINES)
def test_replies(engine: str, tmp_path: Path) -> None:
    """Of everything that is said the schemas find nothing to say."""
    octets = bytes(100_000)
    requests: list[tuple[str, bytes, dict[str, Any]]] = [
        ("put", b"hi", {"name": "a"}),
        ("put", b"hi", {"name": "a"}),
        ("put", b"hi", {"name": "b", "size": 2, "digest": digest(b"hi")}),
        ("put", octets[:60_000], {"name": "c", "more": True}),
        ("put", octets[60_000:], {"digest": digest(octets)}),
        ("put", b"", {"name": "d", "upload": token(1), "more": True}),
        ("put", b"hi", {"offset": 0}),
        ("put", b"", {"name": "d", "upload": token(1), "more": True}),
        ("put", b"", {}),
        ("get", b"", {"name": "c", "digest": True}),
        ("get", b"", {"name": "a", "offset": 3}),
        ("get", b"", {"name": "none"}),
        ("stat", b"", {"name": "c", "digest": True}),
        ("list", b"", {}),
        ("list", b"", {"limit": 1}),
        ("delete", b"", {"name": "a"}),
    ]
    ops: dict[int, str] = {}
    with keeping(engine, tmp_path) as where, closing(Asker(where)) as peer:
        number, goes_on = 0, False
        for op, payload, members in requests:
            number += not goes_on
            ops[number] = op
            peer.send(frame({"id": number, "op": op} | members, payload))
            goes_on = members.get("more", False)
        said = peer.end()
        replies = []
        while True:
            try:
                replies.append(said.reply()[0])
            except EOFError:
                break
    finals = [it["id"] for it in replies if not it.get("more")]
    assert finals == [*range(1, number + 1)]
    for reply in replies:
        assert faults("reply", ops[reply["id"]], reply) == [], reply
