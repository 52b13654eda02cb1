import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hjp_spec.jsonschemas import SCHEMAS, problems
from hjp_spec.messages import faults
from hjp_spec.messages import problems as message_problems
from hjp_spec.registry import FEATURES, OPS, Code
from hjp_spec.requirements import REQUIREMENTS

LIMITS = {"max_payload": 65_536}
HELLO_REPLY = {"id": 1, "ok": True, "features": [], "limits": LIMITS, "server": "s"}


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_obey_their_own(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$id"].endswith(f"/{name}.schema.json")


def test_every_operation_has_a_schema() -> None:
    ops = {*OPS, "common"}.union(*FEATURES.values())
    assert {f"messages/{op}" for op in ops} == {
        name for name in SCHEMAS if name.startswith("messages/")
    }


def test_codes_of_the_schema_are_those_of_the_registry() -> None:
    code = SCHEMAS["messages/common"]["$defs"]["code"]["then"]["pattern"]
    assert set(re.findall(r"[a-z_]{4,}", code)) == set(Code)
    accepted = Draft202012Validator({"pattern": code}).is_valid
    assert all(accepted(code) for code in Code)
    assert accepted("x-mine")
    assert not any(accepted(other) for other in ("bad", "busyx", "xbusy", "X-mine"))


def error(code: Any = "internal", **members: Any) -> dict[str, Any]:
    return {"id": 1, "ok": False, "error": {"code": code, "message": "m"} | members}


@pytest.mark.parametrize(
    ("kind", "op", "metadata"),
    [
        ("request", "hello", {"id": 1, "op": "hello"}),
        (
            "request",
            "hello",
            {"id": 1, "op": "hello", "token": "", "features": ["mux"], "limits": {}},
        ),
        ("request", "ping", {"op": "ping", "id": 1, "more": False, "data": None}),
        ("request", "ping", {"op": "ping", "id": 1.0, "timeout_ms": 2**53 - 1}),
        ("request", "echo", {"op": "echo", "id": 2**53 - 1, "data": {"a": []}}),
        ("request", "x-fly", {"op": "x-fly", "id": 1, "more": True}),
        ("reply", "hello", HELLO_REPLY | {"encoding": "utf-8", "x-y": 1}),
        ("reply", "hello", error("unauthorized", fatal=True) | {"id": 0}),
        ("reply", "echo", {"id": 1, "ok": True, "data": None}),
        ("reply", "ping", error("too_large", limit="max_json")),
        ("reply", "ping", error("x-mine", fatal=False)),
        ("reply", "ping", error("going_away", fatal=True, last_id=0) | {"id": 0}),
        ("reply", "", error("bad_version", versions=[1], fatal=True) | {"id": 0}),
    ],
)
def test_right_messages(kind: Any, op: str, metadata: dict[str, Any]) -> None:
    assert faults(kind, op, metadata) == []


@pytest.mark.parametrize(
    ("kind", "op", "metadata", "requirements"),
    [
        ("request", "ping", {"op": "ping"}, ["HJP-MSG-2"]),
        ("request", "ping", {"op": "ping", "id": 0}, ["HJP-MSG-2"]),
        ("request", "ping", {"op": "ping", "id": "1"}, ["HJP-MSG-2"]),
        ("request", "ping", {"op": "ping", "id": True}, ["HJP-MSG-2"]),
        ("request", "ping", {"op": "ping", "id": 1.5}, ["HJP-MSG-2"]),
        ("request", "ping", {"op": "ping", "id": 2**53}, ["HJP-MSG-2"]),
        ("request", "", {"id": 1}, ["HJP-MSG-7"]),
        ("request", "", {"id": 1, "op": None}, ["HJP-MSG-7"]),
        ("request", "ping", {"id": 1, "op": "ping", "ok": None}, ["HJP-MSG-8"]),
        ("request", "x-", {"id": 1, "op": "x-", "more": 0}, ["HJP-MSG-10"]),
        ("request", "ping", {"id": 1, "op": "ping", "more": True}, ["HJP-ERR-17"]),
        ("request", "hello", {"id": 1, "op": "hello", "more": True}, ["HJP-COR-7"]),
        ("request", "x-", {"id": 1, "op": "x-", "timeout_ms": 0}, ["HJP-MSG-30"]),
        ("request", "hello", {"id": 1, "op": "hello", "token": 1}, ["HJP-COR-6"]),
        (
            "request",
            "hello",
            {"id": 1, "op": "hello", "features": [1], "limits": {"max_payload": 1}},
            ["HJP-COR-6", "HJP-COR-6"],
        ),
        ("request", "", {"ok": 1, "more": 1}, ["HJP-MSG-2", "HJP-MSG-7", "HJP-MSG-8", "HJP-MSG-10"]),
        ("reply", "ping", {"ok": True}, ["HJP-MSG-26"]),
        ("reply", "ping", {"id": 1, "ok": 1}, ["HJP-MSG-25"]),
        ("reply", "ping", {"id": 1, "ok": True, "op": "ping"}, ["HJP-MSG-25"]),
        ("reply", "", {"id": 1, "ok": True, "more": None}, ["HJP-MSG-25"]),
        ("reply", "ping", {"id": 1, "ok": True, "more": True}, ["HJP-MSG-16"]),
        ("reply", "ping", {"id": 1, "ok": True, "error": {}}, ["HJP-ERR-1"]),
        ("reply", "ping", {"id": 0, "ok": True}, ["HJP-MSG-27"]),
        ("reply", "ping", error() | {"id": 0}, ["HJP-MSG-27"]),
        ("reply", "ping", {"id": 1, "ok": False}, ["HJP-MSG-28"]),
        ("reply", "ping", {"id": 1, "ok": False, "error": "no"}, ["HJP-MSG-28"]),
        ("reply", "ping", error() | {"more": True}, ["HJP-MSG-28"]),
        ("reply", "ping", error("unheard_of"), ["HJP-ERR-6"]),
        ("reply", "ping", error(code=7), ["HJP-MSG-28"]),
        ("reply", "ping", error(message=7), ["HJP-ERR-1"]),
        ("reply", "ping", error(fatal=True), ["HJP-ERR-4"]),
        ("reply", "ping", error("too_large"), ["HJP-ERR-8"]),
        ("reply", "ping", error("bad_version", fatal=True) | {"id": 0}, ["HJP-FRM-6"]),
        ("reply", "ping", error("going_away", fatal=True) | {"id": 0}, ["HJP-LIF-13"]),
        ("reply", "hello", HELLO_REPLY | {"server": 1}, ["HJP-COR-4"]),
        ("reply", "hello", HELLO_REPLY | {"limits": {}}, ["HJP-COR-3"]),
        ("reply", "hello", HELLO_REPLY | {"encoding": 8}, ["HJP-COR-1"]),
        ("reply", "hello", HELLO_REPLY | {"limits": {"max_payload": 1}}, ["HJP-LIM-5"]),
        ("reply", "hello", {"id": 1, "ok": True, "features": []}, ["HJP-COR-2"] * 2),
    ],
)  # fmt: skip
def test_wrong_messages(
    kind: Any, op: str, metadata: dict[str, Any], requirements: list[str]
) -> None:
    found = faults(kind, op, metadata)
    assert [problem.requirement for problem in found] == requirements
    assert message_problems(kind, op, metadata) == [str(problem) for problem in found]


def test_what_has_no_place_is_said_so() -> None:
    (problem,) = faults("request", "ping", {"id": 1, "op": "ping", "ok": True})
    assert str(problem) == "$.ok: true has no place here"


def test_schemas_cite_requirements_that_exist() -> None:
    for name, schema in SCHEMAS.items():
        for id_ in re.findall(r"HJP-[A-Z]+-[0-9]+", json.dumps(schema)):
            assert id_ in REQUIREMENTS, (name, id_)


def test_testee_lines() -> None:
    requests = [
        {"cmd": "describe", "x": 1},
        {"cmd": "reset"},
        {"cmd": "decode", "chunks": ["48", ""], "max_payload": 0},
        {"cmd": "encode", "json": "{", "payload": "fF"},
    ]
    assert all(problems("testee/request", line) == [] for line in requests)
    wrong = [
        {"cmd": "fly"},
        {"cmd": "decode"},
        {"cmd": "decode", "chunks": ["4"]},
        {"cmd": "encode", "json": "{}", "payload": "4 8"},
        {"cmd": "decode", "chunks": [], "max_payload": -1},
        [],
    ]
    assert all(problems("testee/request", line) for line in wrong)
