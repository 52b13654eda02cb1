"""messages.py: rows 8 to 13 of Precedence, alone and against each other."""

from typing import Any

import pytest

from hjp import Code, FormatError, Step
from hjp.messages import check_reply, check_request, check_sent_reply
from hjp.state import Exchanges


def exchanges_with(*steps: tuple[int, Step, str]) -> Exchanges:
    """Ids that have come as far as their steps."""
    exchanges = Exchanges()
    for request_id, step, op in steps:
        exchanges.take(request_id, step, op)
    return exchanges


# 5 is closed, 6 waits for its reply, 9 is open.
BUSY = exchanges_with(
    (5, Step.REQUEST_LAST, "ping"),
    (5, Step.FINAL, ""),
    (6, Step.REQUEST_LAST, "ping"),
    (9, Step.REQUEST_MORE, "x-log"),
)
QUIET = exchanges_with((5, Step.REQUEST_LAST, "ping"), (5, Step.FINAL, ""))
FRESH = Exchanges()


@pytest.mark.parametrize(
    ("exchanges", "metadata"),
    [
        (FRESH, {"id": 1, "op": "hello"}),
        (FRESH, {"id": 2**53 - 1, "op": "", "more": False, "x": 1}),
        (QUIET, {"id": 6, "op": "ping", "more": True}),
        (QUIET, {"id": 600, "op": "é"}),
        (BUSY, {"id": 9, "op": "x-log"}),
        (BUSY, {"id": 9, "op": "x-log", "more": True, "timeout_ms": "no matter"}),
    ],
)
def test_a_request_in_its_place(exchanges: Exchanges, metadata: dict[str, Any]) -> None:
    """Accepted."""
    check_request(metadata, exchanges)


@pytest.mark.parametrize(
    ("exchanges", "metadata", "code", "requirement"),
    [
        # row 8, with every later row wrong as well
        (FRESH, {"ok": 1, "more": 1}, Code.BAD_ID, "HJP-MSG-2"),
        (FRESH, {"id": 0, "op": "ping"}, Code.BAD_ID, "HJP-MSG-2"),
        (FRESH, {"id": -1, "op": "ping"}, Code.BAD_ID, "HJP-MSG-2"),
        (FRESH, {"id": 2**53, "op": "ping"}, Code.BAD_ID, "HJP-MSG-2"),
        (FRESH, {"id": "1", "op": "ping"}, Code.BAD_ID, "HJP-MSG-2"),
        (FRESH, {"id": 1.0, "op": "ping"}, Code.BAD_ID, "HJP-MSG-2"),
        (FRESH, {"id": True, "op": "ping"}, Code.BAD_ID, "HJP-MSG-2"),
        (FRESH, {"id": None, "op": "ping"}, Code.BAD_ID, "HJP-MSG-2"),
        (FRESH, {"id": ["x" * 100], "op": "ping"}, Code.BAD_ID, "HJP-MSG-2"),
        # row 9
        (BUSY, {"id": 5, "ok": 1, "more": 1}, Code.BAD_ID, "HJP-MSG-4"),
        (BUSY, {"id": 4, "op": "ping"}, Code.BAD_ID, "HJP-MSG-4"),
        (BUSY, {"id": 6, "op": "ping"}, Code.BAD_ID, "HJP-MSG-4"),
        (BUSY, {"id": 10, "op": 1}, Code.BAD_ID, "HJP-MSG-5"),
        # row 10
        (FRESH, {"id": 1, "more": 1}, Code.BAD_FRAME, "HJP-MSG-7"),
        (FRESH, {"id": 1, "op": None}, Code.BAD_FRAME, "HJP-MSG-7"),
        (FRESH, {"id": 1, "op": 5, "ok": 1}, Code.BAD_FRAME, "HJP-MSG-7"),
        (FRESH, {"id": 1, "op": "p", "ok": None}, Code.BAD_FRAME, "HJP-MSG-8"),
        (BUSY, {"id": 9, "op": "y", "ok": True}, Code.BAD_FRAME, "HJP-MSG-8"),
        # row 11
        (BUSY, {"id": 9, "op": "y", "more": 1}, Code.BAD_ID, "HJP-MSG-9"),
        # row 12
        (FRESH, {"id": 1, "op": "p", "more": None}, Code.BAD_FRAME, "HJP-MSG-10"),
        (QUIET, {"id": 6, "op": "hello", "more": 1}, Code.BAD_FRAME, "HJP-MSG-10"),
        # row 13
        (QUIET, {"id": 6, "op": "hello"}, Code.BAD_FRAME, "HJP-LIF-3"),
    ],
)
def test_a_request_with_faults(
    exchanges: Exchanges, metadata: dict[str, Any], code: Code, requirement: str
) -> None:
    """The fault of the first row is the one that is told."""
    with pytest.raises(FormatError) as refused:
        check_request(metadata, exchanges)
    assert (refused.value.code, refused.value.requirement) == (code, requirement)
    assert len(refused.value.message) < 200


ERROR = {"code": "busy", "message": ""}
FATAL = {"code": "bad_id", "message": "", "fatal": True}


@pytest.mark.parametrize(
    "metadata",
    [
        {"id": 6, "ok": True},
        {"ok": True, "more": False, "id": 9, "x": {}},
        {"id": 6, "ok": True, "more": True},
        {"id": 6, "ok": False, "error": ERROR},
        {"id": 6, "ok": False, "error": {"code": "brand_new"}, "more": False},
        {"id": 0, "ok": False, "error": FATAL},
    ],
)
def test_a_reply_in_its_place(metadata: dict[str, Any]) -> None:
    """Accepted by a client (HJP-MSG-29)."""
    check_reply(metadata, BUSY)


@pytest.mark.parametrize(
    ("metadata", "code", "requirement"),
    [
        ({"ok": True}, Code.BAD_ID, "HJP-MSG-26"),
        ({"id": "6", "ok": True}, Code.BAD_ID, "HJP-MSG-26"),
        ({"id": 6.0, "ok": True}, Code.BAD_ID, "HJP-MSG-26"),
        ({"id": 5, "op": 1}, Code.BAD_ID, "HJP-MSG-26"),
        ({"id": 10, "ok": True}, Code.BAD_ID, "HJP-MSG-26"),
        ({"id": 6}, Code.BAD_FRAME, "HJP-MSG-25"),
        ({"id": 6, "ok": 1}, Code.BAD_FRAME, "HJP-MSG-25"),
        ({"id": 6, "ok": True, "op": "ping"}, Code.BAD_FRAME, "HJP-MSG-25"),
        ({"id": 6, "ok": True, "more": 0}, Code.BAD_FRAME, "HJP-MSG-25"),
        ({"id": 0, "ok": True}, Code.BAD_FRAME, "HJP-MSG-27"),
        ({"id": 0, "ok": True, "error": FATAL}, Code.BAD_FRAME, "HJP-MSG-27"),
        ({"id": 0, "ok": False, "error": ERROR}, Code.BAD_FRAME, "HJP-MSG-27"),
        ({"id": 0, "ok": False, "error": []}, Code.BAD_FRAME, "HJP-MSG-27"),
        ({"id": 0, "ok": False, "error": {"fatal": 1}}, Code.BAD_FRAME, "HJP-MSG-27"),
        ({"id": 6, "ok": False}, Code.BAD_FRAME, "HJP-MSG-28"),
        ({"id": 6, "ok": False, "error": "busy"}, Code.BAD_FRAME, "HJP-MSG-28"),
        ({"id": 6, "ok": False, "error": {"code": 1}}, Code.BAD_FRAME, "HJP-MSG-28"),
        (
            {"id": 6, "ok": False, "error": ERROR, "more": True},
            Code.BAD_FRAME,
            "HJP-MSG-28",
        ),
    ],
)
def test_a_reply_with_faults(
    metadata: dict[str, Any], code: Code, requirement: str
) -> None:
    """Refused by a client."""
    with pytest.raises(FormatError) as refused:
        check_reply(metadata, BUSY)
    assert (refused.value.code, refused.value.requirement) == (code, requirement)


@pytest.mark.parametrize(
    "metadata",
    [
        {"id": 6, "ok": True},
        {"id": 6, "ok": False, "error": ERROR},
        {"id": 6, "ok": False, "error": ERROR | {"fatal": False}},
        {"id": 6, "ok": False, "error": {"code": "x-mine", "message": "m"}},
        {
            "id": 6,
            "ok": False,
            "error": {"code": "too_large", "message": "", "limit": "max_json"},
        },
        {"id": 0, "ok": False, "error": FATAL},
        {"id": 0, "ok": False, "error": FATAL | {"code": "timeout"}},
        {"id": 0, "ok": False, "error": FATAL | {"code": "internal"}},  # to a hello
    ],
)
def test_a_reply_that_may_be_sent(metadata: dict[str, Any]) -> None:
    """Errors as the table of errors has them."""
    check_sent_reply(metadata, b"")


@pytest.mark.parametrize(
    ("metadata", "payload", "requirement"),
    [
        ({"id": 6, "ok": True, "error": ERROR}, b"", "HJP-ERR-1"),
        ({"id": 6, "ok": False, "error": {"code": "busy"}}, b"", "HJP-ERR-1"),
        ({"id": 6, "ok": False, "error": ERROR}, b"x", "HJP-ERR-2"),
        ({"id": 6, "ok": False, "error": FATAL}, b"", "HJP-ERR-4"),
        ({"id": 6, "ok": False, "error": ERROR | {"code": "bad_id"}}, b"", "HJP-ERR-6"),
        ({"id": 6, "ok": False, "error": ERROR | {"code": "new"}}, b"", "HJP-ERR-6"),
        (
            {"id": 6, "ok": False, "error": ERROR | {"code": "too_large"}},
            b"",
            "HJP-ERR-8",
        ),
    ],
)
def test_a_reply_that_may_not_be_sent(
    metadata: dict[str, Any], payload: bytes, requirement: str
) -> None:
    """What a client would accept and a server must not say."""
    with pytest.raises(FormatError) as refused:
        check_sent_reply(metadata, payload)
    assert refused.value.requirement == requirement
