"""operations.py: rows 14 to 17 of Precedence, and what the core's four compute."""

from typing import Any

import pytest

from hjp import Request
from hjp.operations import CORE, HELLO_MEMBERS, Operation, fault

OPERATIONS = {
    **CORE,
    "hello": Operation(CORE["ping"].handler, HELLO_MEMBERS),
    "x-log": Operation(CORE["ping"].handler, body=True, stream=True),
}


def code_of(now: float = 0.0, **metadata: Any) -> str | None:
    """The code of what is wrong with a first frame."""
    error = fault(OPERATIONS, Request({"id": 1, **metadata}), now)
    return error.code if error else None


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ({"op": "ping"}, None),
        ({"op": "ping", "more": False, "timeout_ms": 1, "token": 5}, None),
        ({"op": "x-log", "more": True}, None),
        ({"op": "echo", "data": None}, None),
        ({"op": "hello"}, None),
        ({"op": "hello", "token": "", "features": [], "limits": {}}, None),
        ({"op": "hello", "features": ["x-y"], "limits": {"x": 1}}, None),
        ({"op": "hello", "limits": {"max_payload": 65_536}}, None),
        ({"op": "hello", "limits": {"max_payload": 2**32 - 1}}, None),
        # row 14 before 15 and 16
        ({"op": "nope", "more": True, "timeout_ms": 0}, "unknown_op"),
        ({"op": "Ping"}, "unknown_op"),
        ({"op": "x-lo"}, "unknown_op"),
        # rows 15 and 16
        ({"op": "ping", "more": True}, "bad_request"),
        ({"op": "hello", "more": True}, "bad_request"),
        ({"op": "ping", "timeout_ms": 0}, "bad_request"),
        ({"op": "ping", "timeout_ms": -1}, "bad_request"),
        ({"op": "ping", "timeout_ms": 2**53}, "bad_request"),
        ({"op": "ping", "timeout_ms": 1.0}, "bad_request"),
        ({"op": "ping", "timeout_ms": "1"}, "bad_request"),
        ({"op": "ping", "timeout_ms": None}, "bad_request"),
        # row 17
        ({"op": "hello", "token": None}, "bad_request"),
        ({"op": "hello", "token": 1}, "bad_request"),
        ({"op": "hello", "features": "mux"}, "bad_request"),
        ({"op": "hello", "features": ["mux", 1]}, "bad_request"),
        ({"op": "hello", "limits": []}, "bad_request"),
        ({"op": "hello", "limits": {"max_payload": 65_535}}, "bad_request"),
        ({"op": "hello", "limits": {"max_payload": 2**32}}, "bad_request"),
        ({"op": "hello", "limits": {"max_payload": "65536"}}, "bad_request"),
        ({"op": "hello", "limits": {"max_payload": 65_536.0}}, "bad_request"),
        ({"op": "hello", "limits": {"max_payload": None}}, "bad_request"),
    ],
)
def test_rows_14_to_17(metadata: dict[str, Any], code: str | None) -> None:
    """The first row with a fault gives the code."""
    assert code_of(**metadata) == code


def test_members_are_checked_in_the_order_of_the_table() -> None:
    """HJP-COR-6: the message tells which one it was."""
    request = Request({"id": 1, "op": "hello", "limits": 1, "features": 1, "token": 1})
    error = fault(OPERATIONS, request, 0.0)
    assert error is not None
    assert "token" in error.message


def test_the_time_is_looked_at_last() -> None:
    """HJP-MSG-31: `timeout` once it has passed, whatever came before."""
    assert code_of(0.999, op="ping", timeout_ms=1_000) is None
    assert code_of(1.0, op="ping", timeout_ms=1_000) == "timeout"
    assert code_of(1.0, op="nope", timeout_ms=1_000) == "unknown_op"


def test_a_long_op_is_not_quoted_in_full() -> None:
    """A message has to fit into the frame."""
    error = fault(OPERATIONS, Request({"id": 1, "op": "\n" * 60_000}), 0.0)
    assert error is not None
    assert len(error.message) < 200


def test_what_the_operations_compute() -> None:
    """Every octet value through `upper`, any data through `echo`."""
    octets = bytes(range(256))
    lower, upper = b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert CORE["upper"].handler({}, octets) == (
        {},
        octets.translate(bytes.maketrans(lower, upper)),
    )
    assert CORE["ping"].handler({"x": 1}, b"ignored") == ({}, b"")
    assert CORE["echo"].handler({"data": None}, octets) == ({"data": None}, octets)
    assert CORE["echo"].handler({"x": 1}, b"") == ({}, b"")
