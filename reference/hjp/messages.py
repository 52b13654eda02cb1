"""What a frame must say: the rows of *Precedence* from 8 to 13, as tables of checks.

The same checks run when a frame is received and when it is sent, so that what one
side sends is by construction what the other side accepts (HJP-FRM-19). They change
nothing; each raises `FormatError` or returns.
"""

from collections.abc import Callable
from typing import Any, Final

from hjp.errors import Code, FormatError, Severity
from hjp.metadata import is_integer
from hjp.state import Exchanges, State

__all__ = ["check_reply", "check_request", "check_sent_reply"]

Metadata = dict[str, Any]
_Check = Callable[[Metadata, Exchanges], None]

_ENDED: Final = (State.REQUEST_ENDED, State.CLOSED)
_UNANSWERED: Final = (State.OPEN, State.REQUEST_ENDED)


def check_request(metadata: Metadata, exchanges: Exchanges) -> None:
    """Check a request frame: rows 8 to 12, and 13 if it is the first of its request.

    Raises:
        FormatError: The fault of the first row that has one (HJP-ERR-15).
    """
    for check in _REQUEST_ROWS:
        check(metadata, exchanges)


def check_reply(metadata: Metadata, exchanges: Exchanges) -> None:
    """Check a reply frame as a client does (HJP-MSG-25 … HJP-MSG-28).

    Raises:
        FormatError: The first fault.
    """
    for check in _REPLY_ROWS:
        check(metadata, exchanges)


def check_sent_reply(metadata: Metadata, payload: bytes) -> None:
    """Check what only the server that sends a reply must know (HJP-ERR-1 … HJP-ERR-8).

    Raises:
        FormatError: The first fault.
    """
    error = metadata.get("error")
    if metadata["ok"]:
        if "error" in metadata:
            raise _bad_frame("an error in a reply whose ok is true", "HJP-ERR-1")
        return
    if payload:
        raise _bad_frame("an error with a payload", "HJP-ERR-2")
    assert isinstance(error, dict)  # check_reply has seen to it
    _check_error(error, fatal=metadata["id"] == 0)


def _bad_id(message: str, requirement: str) -> FormatError:
    return FormatError(Code.BAD_ID, message, requirement)


def _bad_frame(message: str, requirement: str) -> FormatError:
    return FormatError(Code.BAD_FRAME, message, requirement)


def _shown(value: object) -> str:
    """A value for a message: short, because the peer chose it and it is sent back."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


# Requests


def _id_is_typed(metadata: Metadata, _: Exchanges) -> None:
    if "id" not in metadata:
        raise _bad_id("id is missing", "HJP-MSG-2")
    if not is_integer(metadata["id"], low=1):
        raise _bad_id(f"id is {_shown(metadata['id'])}", "HJP-MSG-2")


def _id_is_in_place(metadata: Metadata, exchanges: Exchanges) -> None:
    request_id, unended = metadata["id"], exchanges.unended
    state = exchanges.state(request_id)
    if state in _ENDED:
        raise _bad_id(f"id {request_id} has ended", "HJP-MSG-4")
    if state is State.NEW and unended is not None:
        raise _bad_id(f"id {request_id} while {unended} has not ended", "HJP-MSG-5")


def _op_without_ok(metadata: Metadata, _: Exchanges) -> None:
    if not isinstance(metadata.get("op"), str):
        raise _bad_frame(f"op is {_shown(metadata.get('op'))}, no string", "HJP-MSG-7")
    if "ok" in metadata:
        raise _bad_frame("a request has no ok", "HJP-MSG-8")


def _op_is_the_first(metadata: Metadata, exchanges: Exchanges) -> None:
    first = exchanges.op(metadata["id"])
    if first is not None and metadata["op"] != first:
        raise _bad_id(
            f"op is {_shown(metadata['op'])}, it was {_shown(first)}", "HJP-MSG-9"
        )


def _request_more_is_typed(metadata: Metadata, _: Exchanges) -> None:
    _check_more(metadata, "HJP-MSG-10")


def _hello_is_first(metadata: Metadata, exchanges: Exchanges) -> None:
    if metadata["op"] == "hello" and 0 < exchanges.last_id < metadata["id"]:
        raise _bad_frame("hello is not the first request", "HJP-LIF-3")


_REQUEST_ROWS: Final[tuple[_Check, ...]] = (
    _id_is_typed,  # row 8
    _id_is_in_place,  # row 9
    _op_without_ok,  # row 10
    _op_is_the_first,  # row 11
    _request_more_is_typed,  # row 12
    _hello_is_first,  # row 13
)


# Replies


def _reply_id_is_known(metadata: Metadata, exchanges: Exchanges) -> None:
    if "id" not in metadata or not is_integer(metadata["id"]):
        raise _bad_id(f"id is {_shown(metadata.get('id'))}", "HJP-MSG-26")
    if metadata["id"] and exchanges.state(metadata["id"]) not in _UNANSWERED:
        raise _bad_id(f"no reply to id {metadata['id']} is awaited", "HJP-MSG-26")


def _ok_without_op(metadata: Metadata, _: Exchanges) -> None:
    if not isinstance(metadata.get("ok"), bool):
        raise _bad_frame(
            f"ok is {_shown(metadata.get('ok'))}, no boolean", "HJP-MSG-25"
        )
    if "op" in metadata:
        raise _bad_frame("a reply has no op", "HJP-MSG-25")


def _reply_more_is_typed(metadata: Metadata, _: Exchanges) -> None:
    _check_more(metadata, "HJP-MSG-25")


def _id_0_is_fatal(metadata: Metadata, _: Exchanges) -> None:
    error = metadata.get("error")
    fatal = isinstance(error, dict) and error.get("fatal") is True
    if metadata["id"] == 0 and (metadata["ok"] or not fatal):
        raise _bad_frame("id 0 without a fatal error", "HJP-MSG-27")


def _error_has_code(metadata: Metadata, _: Exchanges) -> None:
    if metadata["ok"]:
        return
    error = metadata.get("error")
    if not isinstance(error, dict) or not isinstance(error.get("code"), str):
        raise _bad_frame("ok is false without an error with a code", "HJP-MSG-28")
    if metadata.get("more") is True:
        raise _bad_frame("an error with more", "HJP-MSG-28")


_REPLY_ROWS: Final[tuple[_Check, ...]] = (
    _reply_id_is_known,  # rows 8 and 9
    _ok_without_op,  # row 10
    _reply_more_is_typed,  # row 12
    _id_0_is_fatal,
    _error_has_code,
)


def _check_more(metadata: Metadata, requirement: str) -> None:
    if "more" in metadata and not isinstance(metadata["more"], bool):
        raise _bad_frame(f"more is {_shown(metadata['more'])}, no boolean", requirement)


def _check_error(error: Metadata, *, fatal: bool) -> None:
    code = error["code"]
    if not isinstance(error.get("message"), str):
        raise _bad_frame("an error without a message", "HJP-ERR-1")
    if bool(error.get("fatal", False)) != fatal:
        raise _bad_frame("id 0 and fatal go together", "HJP-ERR-4")
    if code.startswith("x-"):
        return
    if code not in _CODES:
        raise _bad_frame(f"no code {_shown(code)}", "HJP-ERR-6")
    # The other way round is right: what answers a `hello` is fatal whatever its code.
    if not fatal and Code(code).severity is Severity.CONNECTION:
        raise _bad_frame(f"{code} that is not fatal", "HJP-ERR-6")
    if code == Code.TOO_LARGE and not isinstance(error.get("limit"), str):
        raise _bad_frame("too_large without limit", "HJP-ERR-8")


_CODES: Final = frozenset(Code)
