"""What is checked of a server, by what it answers.

A server does not tell what it has read, so it is given requests: the JSON texts of
the grammar become the `data` of an echo.  The frames that the oracle reads are the
requests, and the oracle's code is that of the fatal error.  Where a frame is none of
these requests, by chance or by damage, everything that a server may say is permitted
from there on: what the rows of Precedence after the seventh make of it is not judged
here.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from hjp_fuzz.cases import Case, Cuts, Draft
from hjp_fuzz.dialect import HJP, Dialect
from hjp_fuzz.equality import equal
from hjp_fuzz.failures import NO_FAULT, Check, Failure, failed, said
from hjp_spec.oracle import Frame, Status, decode
from hjp_spec.registry import HEADER_LENGTH

_OPERATIONS = ("echo", "echo", "upper", "ping")
"""What is asked for by the first frame of a stream, the second one, and so on."""
_NEAR = 16
"""A length that lies by so little is told relative to the true one."""
_GREATEST_ID = 2**53 - 1
_LONG_TEXT = 1024
"""Of a request with a longer text a server may be unable to write the reply into
65 536 octets, if it writes numbers and escapes its own way (HJP-LIM-6)."""
_UPPER = bytes.maketrans(bytes(range(0x61, 0x7B)), bytes(range(0x41, 0x5B)))


def as_requests(tried: Case, dialect: Dialect = HJP) -> Case:
    """Make requests of the frames of a case; frames of raw octets stay as they are."""
    drafts = tuple(
        draft if draft.raw is not None else _request(draft, at, dialect)
        for at, draft in enumerate(tried.drafts)
    )
    stream, _ = dialect.write_all(drafts)
    cuttings = tuple(
        _moved(cuts, tried.drafts, drafts, dialect) for cuts in tried.cuttings
    )
    return Case(drafts, stream, cuttings)


def _request(draft: Draft, at: int, dialect: Dialect) -> Draft:
    operation = _OPERATIONS[at % len(_OPERATIONS)]
    front = f'{{"id":{at + 1},"op":"{operation}","data":'.encode()
    json = front + draft.json + b"}"
    grown = len(json) - len(draft.json)
    lies, keep = dict(draft.lies), draft.keep
    length = dialect.length_of(dialect.text).name
    lie = lies.get(length)
    if isinstance(lie, int) and abs(lie - len(draft.json)) <= _NEAR:
        lies[length] = lie + grown
    if keep is not None and keep > dialect.header_length:
        keep += grown
    return replace(draft, json=json, lies=lies, keep=keep)


def _moved(
    cuts: Cuts, old: Sequence[Draft], new: Sequence[Draft], dialect: Dialect
) -> Cuts:
    """Return where the cuts are now: in the same frame, before the text or not."""
    found: list[int] = []
    start = new_start = 0
    for draft, request in zip(old, new, strict=True):
        size, new_size = len(dialect.write(draft)), len(dialect.write(request))
        for within in (cut - start for cut in cuts if start < cut <= start + size):
            grown = new_size - size if within > dialect.header_length else 0
            found.append(new_start + within + grown)
        start, new_start = start + size, new_start + new_size
    return tuple(cut for cut in sorted(set(found)) if cut < new_start)


class Service:
    """The checks of what a server answers to one stream.

    Args:
        case: the stream, as it was written.
        octets: all octets that were sent, a canary included.
    """

    def __init__(self, case: Case, octets: bytes) -> None:
        self._case = case
        self._octets = octets
        self._outcome = decode(octets)

    def judged(self, received: bytes, reset: bool) -> Failure | None:
        """Look for the first reply that is not what it has to be.

        Args:
            received: what the server sent.
            reset: whether the connection was reset.
        """
        answer = decode(received)
        if answer.status is not Status.ACCEPT:
            return self._failure(
                Check.GARBAGE, said(answer), answer.requirement or "HJP-FRM-1", "frames"
            )
        end = "a reset" if reset else "the end"
        replies, last = list(answer.frames), 0
        for at, request in enumerate(self._outcome.frames):
            if not _is_known(request, last):
                return self._after_fatal(replies)
            last = request.metadata["id"]
            failure = self._replied(at, request, replies, end)
            if failure is not None:
                return failure
        return self._ended(replies, end)

    def _replied(
        self, at: int, request: Frame, replies: list[Frame], end: str
    ) -> Failure | None:
        """Check the reply to a request, and take it from the replies."""
        expected = f"the reply to {request.metadata['op']}"
        if not replies:
            return self._failure(Check.STATUS, end, "HJP-MSG-14", expected, at)
        reply = replies.pop(0)
        if _is_fatal(reply):
            return self._failure(Check.STATUS, _told(reply), None, NO_FAULT, at)
        wrong = _WRONG[request.metadata["op"]](request, reply)
        if wrong is None:
            return None
        got, requirement = wrong
        return self._failure(Check.FRAMES, got, requirement, expected, at)

    def _ended(self, rest: list[Frame], end: str) -> Failure | None:
        """Check what comes after the replies to all requests."""
        outcome = self._outcome
        if outcome.status is Status.REJECT:
            return self._refused(rest, end)
        if not rest:
            return None
        if outcome.status is Status.INCOMPLETE and self._may_say(rest[0]):
            return self._after_fatal(rest)
        at = len(outcome.frames)
        if _is_fatal(rest[0]):
            requirement = "HJP-LIF-9" if outcome.status is Status.INCOMPLETE else None
            return self._failure(
                Check.STATUS, _told(rest[0]), requirement, NO_FAULT, at - 1
            )
        requirement = (
            "HJP-LIF-8" if outcome.status is Status.INCOMPLETE else "HJP-MSG-14"
        )
        return self._failure(Check.FRAMES, "a reply too many", requirement, "none", at)

    def _refused(self, rest: list[Frame], end: str) -> Failure | None:
        outcome = self._outcome
        if not rest or not _is_fatal(rest[0]):
            got = "a reply" if rest else end
            return self._failure(Check.STATUS, got, outcome.requirement)
        if _code(rest[0]) != outcome.code:
            return self._failure(Check.CODE, _told(rest[0]), outcome.requirement)
        return self._after_fatal(rest)

    def _may_say(self, reply: Frame) -> bool:
        """Tell whether a frame that is not complete may be answered so.

        It may be refused before its error is due (HJP-FRM-18), and for what its
        metadata say when these are complete.
        """
        if _is_fatal(reply) and _code(reply) == self._outcome.early:
            return True
        rest = self._octets[self._outcome.consumed :]
        size = int.from_bytes(rest[8:12], "little")
        text = rest[HEADER_LENGTH : HEADER_LENGTH + size]
        if len(rest) < HEADER_LENGTH or len(text) < size:
            return False
        whole = decode(rest + bytes(HJP.missing(rest)))
        ids = [frame.metadata["id"] for frame in self._outcome.frames]
        return not _is_known(whole.frames[0], max(ids, default=0))

    def _after_fatal(self, replies: Sequence[Frame]) -> Failure | None:
        for reply in replies[:-1]:
            if _is_fatal(reply):
                got = "a frame after a fatal error"
                return self._failure(Check.FINAL, got, "HJP-ERR-11", "nothing")
        return None

    def _failure(
        self,
        check: Check,
        got: str,
        requirement: str | None = None,
        expected: str = "",
        at: int = 0,
    ) -> Failure:
        return failed(check, got, self._case, self._outcome, requirement, expected, at)


def _is_known(frame: Frame, last: int) -> bool:
    """Tell whether a frame is a request whose reply is known."""
    said = frame.metadata
    number = said.get("id")
    return (
        type(number) is int
        and last < number <= _GREATEST_ID
        and said.get("op") in _WRONG
        and said.get("more", False) is False
        and not {"ok", "timeout_ms"} & said.keys()
    )


def _is_fatal(reply: Frame) -> bool:
    error = reply.metadata.get("error")
    return isinstance(error, dict) and error.get("fatal") is True


def _code(reply: Frame) -> str:
    error = reply.metadata.get("error")
    return str(error.get("code")) if isinstance(error, dict) else ""


def _told(reply: Frame) -> str:
    return f"reject {_code(reply)}" if _is_fatal(reply) else f"error {_code(reply)}"


Wrong = tuple[str, str] | None
"""What a reply says in place of what it has to, and the requirement."""


def _in_general(request: Frame, reply: Frame) -> Wrong:
    """Check what all replies have in common that are ok."""
    if reply.metadata.get("id") != request.metadata["id"]:
        return "another id", "HJP-MSG-15"
    if reply.metadata.get("ok") is not True:
        return _told(reply), f"HJP-COR-{_OFFERED[request.metadata['op']]}"
    return None


def _wrong_ping(request: Frame, reply: Frame) -> Wrong:
    return _in_general(request, reply)


def _wrong_echo(request: Frame, reply: Frame) -> Wrong:
    if _code(reply) == "too_large" and len(request.json) > _LONG_TEXT:
        return None
    given, back = request.metadata, reply.metadata
    if wrong := _in_general(request, reply):
        return wrong
    if reply.payload != request.payload:
        return "another payload", "HJP-COR-10"
    same = ("data" in given) == ("data" in back)
    if not same or not equal(given.get("data"), back.get("data")):
        return "another data", "HJP-COR-11"
    return None


def _wrong_upper(request: Frame, reply: Frame) -> Wrong:
    if wrong := _in_general(request, reply):
        return wrong
    if reply.payload != request.payload.translate(_UPPER):
        return "another payload", "HJP-COR-13"
    return None


def _wrong_canary(request: Frame, reply: Frame) -> Wrong:
    same = reply.metadata.get("id") == request.metadata["id"]
    known = same and _code(reply) == "unknown_op"
    return None if known else ("no unknown_op", "HJP-ERR-16")


_OFFERED = {"ping": 9, "echo": 10, "upper": 13}
_WRONG: dict[str, Callable[[Frame, Frame], Wrong]] = {
    "ping": _wrong_ping,
    "echo": _wrong_echo,
    "upper": _wrong_upper,
    "x-canary": _wrong_canary,
}
"""What is wrong with the reply to an operation."""
