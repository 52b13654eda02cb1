"""Which requirement a wrong answer breaks, so that its card can quote the sentence.

Where octets had to be refused, the one that is cited for their fault; where they had
to be accepted, the one by which they had to; a few answers break one of their own.
"""

from hjp_conformance.codec.expected import Expected

DUE = frozenset({"HJP-FRM-5", "HJP-FRM-11", "HJP-MET-14"})
"""By when a receiver has decided; broken by waiting, where a case is about them."""

ACCEPTING = frozenset(
    {
        *(f"HJP-FRM-{number}" for number in (12, 13, 14, 15, 16, 17)),
        *(f"HJP-MET-{number}" for number in (5, 7, 8, 10, 13)),
        "HJP-TST-3",
        "HJP-TST-4",
    }
)
"""By which octets have to be accepted, or mean what they mean."""

_BY_CODE = {
    "bad_magic": "HJP-FRM-15",
    "bad_version": "HJP-FRM-15",
    "too_large": "HJP-FRM-13",
}
"""What a refusal breaks of what nothing is wrong with, where the case does not say."""


def of_status(
    expected: Expected, status: str, count: int, cited: tuple[str, ...]
) -> str:
    """What is broken by this status and so many frames, when nothing is refused."""
    if expected.status == "reject":
        waits = status == "incomplete" and cited[0] in DUE
        resumes = count > 0 and cited[0] == "HJP-FRM-3"
        return cited[0] if waits or resumes else _rule(expected, cited)
    if status == "accept":
        return "HJP-TST-15"
    if status == "incomplete":
        return _accepting(cited, "HJP-FRM-17")
    return _accepting(cited, "HJP-FRM-12")


def of_refusal(expected: Expected, code: str | None, cited: tuple[str, ...]) -> str:
    """What is broken by refusing with this code, which is not permitted."""
    if expected.status == "reject":
        return "HJP-ERR-15" if "HJP-ERR-15" in cited else _rule(expected, cited)
    if expected.early is not None:
        return "HJP-ERR-15"
    return _accepting(cited, _BY_CODE.get(code or "", "HJP-FRM-12"))


def of_count(expected: Expected, count: int) -> str:
    """What is broken by giving so many frames."""
    if count > len(expected.frames):
        return "HJP-FRM-3" if expected.code == "bad_magic" else "HJP-FRM-15"
    return "HJP-FRM-17"


def of_text(cited: tuple[str, ...], *, is_equal: bool) -> str:
    """What is broken by giving another JSON text, maybe one of equal value."""
    return "HJP-TST-15" if is_equal else _accepting(cited, "HJP-FRM-12")


def of_payload(given: bytes, expected: bytes) -> str:
    """What is broken by giving this payload."""
    return "HJP-FRM-16" if len(given) == len(expected) else "HJP-FRM-15"


def _rule(expected: Expected, cited: tuple[str, ...]) -> str:
    return expected.requirement or cited[0]


def _accepting(cited: tuple[str, ...], otherwise: str) -> str:
    return next((one for one in cited if one in ACCEPTING), otherwise)
