"""errors.py: the tree, and what an error from the peer turns into."""

import pytest

import hjp
from hjp import Code, Reply, ReplyError, Severity


def test_everything_is_an_hjp_error() -> None:
    """Each class is below HjpError; three are also what the standard library knows."""
    for kind in (
        hjp.FormatError,
        hjp.IncompleteError,
        hjp.LocalProtocolError,
        hjp.RemoteProtocolError,
        hjp.LimitExceeded,
        hjp.ConnectionLost,
        hjp.ReplyError,
    ):
        assert issubclass(kind, hjp.HjpError)
    assert issubclass(hjp.FormatError, ValueError)
    assert issubclass(hjp.IncompleteError, EOFError)
    assert issubclass(hjp.ConnectionLost, ConnectionError)
    assert issubclass(hjp.LimitExceeded, hjp.RemoteProtocolError)


def test_a_fault_names_code_finding_and_requirement() -> None:
    """The text of a fault is enough for a log line."""
    fault = hjp.FormatError(Code.BAD_MAGIC, "the magic is 00", "HJP-FRM-2")
    assert str(fault) == "bad_magic: the magic is 00 (HJP-FRM-2)"


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        (Code.BAD_ID, Severity.CONNECTION),
        (Code.GOING_AWAY, Severity.CONNECTION),
        (Code.TOO_LARGE, Severity.BY_PLACE),
        (Code.BAD_REQUEST, Severity.BY_PLACE),
        (Code.UNKNOWN_OP, Severity.REQUEST),
        (Code.COOKIE_REQUIRED, Severity.REQUEST),
    ],
)
def test_severity_is_the_column_of_the_table(code: Code, severity: Severity) -> None:
    """A row of each kind from the table of errors."""
    assert code.severity is severity


def test_a_reply_error_keeps_what_the_code_adds() -> None:
    """Code, message, fatal and the rest come apart."""
    error = {"code": "too_large", "message": "m", "limit": "max_json"}
    made = ReplyError.from_reply(Reply({"id": 1, "ok": False, "error": error}))
    assert (made.code, made.message, made.fatal) == ("too_large", "m", False)
    assert made.details == {"limit": "max_json"}
    assert str(made) == "too_large: m"


def test_an_unknown_code_reads_as_internal() -> None:
    """HJP-ERR-7; the code as received is in the details."""
    error = {"code": "brand_new", "fatal": True}
    made = ReplyError.from_reply(Reply({"id": 0, "ok": False, "error": error}))
    assert (made.code, made.fatal) == ("internal", True)
    assert made.details == {"code": "brand_new"}
    assert str(made) == "internal"


def test_a_private_code_is_kept() -> None:
    """Who uses a private operation knows its codes."""
    assert ReplyError("x-full", "").code == "x-full"
