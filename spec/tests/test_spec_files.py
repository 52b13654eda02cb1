"""What the text *files* says, held against the code that says it again."""

import re
from typing import Any

import pytest

from hjp_spec.jsonschemas import problems
from hjp_spec.messages import faults
from hjp_spec.names import NAMES, NameVector, excluded_by, name_file
from hjp_spec.registry import FEATURES
from hjp_spec.requirements import sections, table

DIGEST = "sha-256:" + "0" * 64
TOKEN = "0123456789abcdef" * 2


def chapter(title: str) -> str:
    [found] = [
        one.text for one in sections() if one.document == "files" and one.title == title
    ]
    return found


def test_operations_are_those_of_the_text() -> None:
    columns = ("op", "request members, in the order they are checked", "reply members")
    found: dict[str, list[str]] = {}
    for op, *_ in table(chapter("Operations"), *columns):
        name, feature = (*re.findall(r"`(\w+)`", op), "files")[:2]
        found.setdefault(feature, []).append(name)
    assert {feature: tuple(ops) for feature, ops in found.items()} == {
        feature: ops for feature, ops in FEATURES.items() if ops
    }


def test_the_rows_of_names_are_those_of_the_text() -> None:
    rows = table(chapter("Names"), "row", "excluded", "why")
    assert [int(row[0]) for row in rows] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "name",
    [
        *("a", ".profile", "a.b.c", "\u00e9", "e\u0301", "a b", " a", "-", "~", "%2F"),
        *("a" * 255, "\u00e9" * 127, "\U0001f600" * 63, "\u202e", "\ufeff", "\u00a0"),
        *(
            "COM",
            "COM0",
            "COM10",
            "LPT0",
            "CONX",
            "XCON",
            "CON-1",
            "a.con",
            "COM\u2074",
        ),
        *("\u212aON", "\uff23\uff2f\uff2e", "AU\u0445", "conin", "$"),
    ],
)
def test_names(name: str) -> None:
    assert excluded_by(name) is None


@pytest.mark.parametrize(
    ("name", "row"),
    [
        *(("", 1), ("a" * 256, 1), ("\u00e9" * 128, 1), ("\U0001f600" * 64, 1)),
        *((char, 2) for char in ("\0", "a\n", "\x1f", "\x7f", "\x85", "\x9f")),
        *((f"a{char}b", 3) for char in '/\\:*?"<>|'),
        *((("../a", 3), ("a:stream", 3), ("C:a", 3))),
        *((name, 4) for name in (".", "..", "a.", "a ", "...", " ", "CON.")),
        *((name, 5) for name in ("CON", "con", "cOn.txt", "PRN", "AUX.a.b", "NUL")),
        *((name, 5) for name in ("COM1", "com9.x", "LPT1", "LPT\u00b9", "COM\u00b3.x")),
        *((name, 5) for name in ("CONIN$", "conout$.x", "NUL .a", "COM\u00b2  .x")),
    ],
)
def test_what_is_no_name(name: str, row: int) -> None:
    assert excluded_by(name) == row


@pytest.mark.parametrize(
    ("kind", "op", "members"),
    [
        ("request", "put", {"name": "a"}),
        ("request", "put", {"name": "a", "size": 0, "digest": DIGEST, "more": True}),
        ("request", "put", {"name": "a", "digest": "md5:x", "overwrite": False}),
        ("request", "put", {"name": "a", "upload": TOKEN, "more": True}),
        ("request", "get", {"name": "a", "offset": 0, "length": 2**53 - 1}),
        ("request", "get", {"name": "a", "digest": True, "if_tag": ""}),
        ("request", "stat", {"name": "a", "digest": False}),
        ("request", "list", {"after": "", "limit": 1}),
        ("request", "delete", {"name": "a", "if_tag": "x"}),
        ("reply", "put", {"more": True, "offset": 4}),
        ("reply", "put", {"size": 9, "digest": DIGEST}),
        ("reply", "get", {"size": 9, "tag": "x", "more": True}),
        ("reply", "get", {"digest": DIGEST}),
        ("reply", "stat", {"size": 9, "tag": "x", "modified_ms": 0}),
        ("reply", "list", {"entries": [{"name": "a", "size": 0}], "next": "a"}),
        ("reply", "delete", {}),
    ],
)
def test_right_messages(kind: Any, op: str, members: dict[str, Any]) -> None:
    own = {"op": op} if kind == "request" else {"ok": True}
    assert faults(kind, op, {"id": 1, **own, **members}) == []


@pytest.mark.parametrize(
    ("kind", "op", "members", "requirement"),
    [
        ("request", "put", {}, "HJP-ERR-18"),
        ("request", "put", {"name": 1}, "HJP-ERR-18"),
        ("request", "put", {"name": "a", "size": -1}, "HJP-ERR-18"),
        ("request", "put", {"name": "a", "digest": "sha-256:00"}, "HJP-FIL-3"),
        ("request", "put", {"name": "a", "digest": "no colon"}, "HJP-FIL-3"),
        ("request", "put", {"name": "a", "digest": DIGEST.upper()}, None),
        ("request", "put", {"name": "a", "upload": "0" * 31}, "HJP-RSM-1"),
        ("request", "put", {"name": "a", "upload": TOKEN}, "HJP-RSM-1"),
        ("request", "get", {"name": "a", "more": True}, "HJP-ERR-17"),
        ("request", "get", {"name": "a", "digest": 1}, "HJP-ERR-18"),
        ("request", "stat", {}, "HJP-ERR-18"),
        ("request", "list", {"limit": 0}, "HJP-ERR-18"),
        ("request", "list", {"after": None}, "HJP-ERR-18"),
        ("request", "delete", {"name": "a", "if_tag": 1}, "HJP-ERR-18"),
        ("reply", "put", {}, "HJP-PUT-12"),
        ("reply", "put", {"more": True}, "HJP-RSM-3"),
        ("reply", "get", {"tag": "a b"}, "HJP-GET-2"),
        ("reply", "stat", {"size": 1}, "HJP-STA-1"),
        ("reply", "list", {}, "HJP-LST-1"),
        ("reply", "list", {"entries": [{"name": "a"}]}, "HJP-LST-1"),
    ],
)
def test_wrong_messages(
    kind: Any, op: str, members: dict[str, Any], requirement: str | None
) -> None:
    own = {"op": op} if kind == "request" else {"ok": True}
    found = faults(kind, op, {"id": 1, **own, **members})
    wanted = [] if requirement is None else [requirement]
    assert [fault.requirement for fault in found][:1] == wanted


def test_the_file_of_names_obeys_its_schema() -> None:
    assert problems("object_names", name_file()) == []
    wrong = {"topic": "t", "names": [{"id": "Big", "name": 1, "row": 6}]}
    paths = {problem.path for problem in problems("object_names", wrong)}
    assert {f"$.names[0].{name}" for name in ("id", "name", "row")} <= paths


@pytest.mark.parametrize("vector", NAMES, ids=lambda vector: vector.id)
def test_what_the_file_says_of_a_name(vector: NameVector) -> None:
    assert excluded_by(vector.name) == vector.row
    assert vector.requirement == ("HJP-NAM-2" if vector.row is None else "HJP-NAM-1")


def test_the_file_shows_every_row() -> None:
    assert {vector.row for vector in NAMES} == {None, 1, 2, 3, 4, 5}
    assert len({vector.id for vector in NAMES}) == len(NAMES)
    assert len({vector.name for vector in NAMES}) == len(NAMES)
    assert {len(vector.name.encode()) for vector in NAMES} >= {0, 1, 254, 255, 256}
