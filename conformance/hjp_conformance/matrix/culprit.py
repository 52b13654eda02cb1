"""Whose fault it is that a client and a server do not get along, by their octets.

Only a guess at what went wrong between two programs, made of a recording of their
exchange; the verdict of a case is made of what the client has printed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hjp_conformance import replies, requests
from hjp_conformance.matrix.contents import upper
from hjp_conformance.matrix.relay import Recording
from hjp_conformance.replies import Reply
from hjp_conformance.requests import Book, Request
from hjp_conformance.transcript import Way
from hjp_conformance.verdicts import Violation
from hjp_conformance.wire import frame_size
from hjp_spec.registry import HEADER_LENGTH, Code

_ANY = 2**32 - 1
"""The greatest payload that a header can announce, in octets."""

_PAYLOADS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "hello": ("HJP-MSG-19", lambda payload: b""),
    "ping": ("HJP-MSG-19", lambda payload: b""),
    "echo": ("HJP-COR-10", lambda payload: payload),
    "upper": ("HJP-COR-13", upper),
}
"""By the name of an operation: what is broken where the reply's payload is another."""


@dataclass(frozen=True, slots=True)
class Culprit:
    """Who went wrong.

    Attributes:
        who: `client` or `server`.
        message: what was wrong.
        requirement: what that breaks, if the octets show it.
        wrong: the first wrong octet: whose way, and where on it.
    """

    who: str
    message: str
    requirement: str | None = None
    wrong: tuple[Way, int] | None = None


def culprit(recording: Recording) -> Culprit:
    """Who went wrong in an exchange of which the client printed something wrong."""
    asked: list[tuple[int, Request]] = []
    answers: list[tuple[int, Reply]] = []
    try:
        for at, octets in _frames(bytes(recording.octets[Way.RECEIVED])):
            answers.append((at, replies.read(octets, _ANY)))
    except Violation as violation:
        return _found("server", Way.RECEIVED, at, violation)
    try:
        book = Book()
        for at, octets in _frames(bytes(recording.octets[Way.SENT])):
            asked.append((at, requests.read(octets, _ANY)))
            book.enter(asked[-1][1])
    except Violation as violation:
        return _found("client", Way.SENT, at, violation)
    return _of_answers([one for _, one in asked], answers)


def _of_answers(asked: list[Request], answers: list[tuple[int, Reply]]) -> Culprit:
    """Each frame is right in itself: is it the right one at its place?"""
    wanted = {one.id: one for one in reversed(asked)}  # the first frame of a request
    ids = list(dict.fromkeys(one.id for one in asked))
    for (at, reply), id_ in zip(answers, ids, strict=False):
        violation = _of_answer(reply, id_, wanted[id_])
        if violation is not None:
            return _found("server", Way.RECEIVED, at, violation)
    if len(answers) < len(ids):
        left = wanted[ids[len(answers)]]
        return Culprit("server", f"no reply to {left}", "HJP-MSG-14")
    return Culprit(
        "client", "every octet on the wire is right: it is the client's report"
    )


def _of_answer(reply: Reply, id_: int, request: Request) -> Violation | None:
    if reply.fatal:
        return Violation(f"{reply} for {request}", "HJP-MSG-14", HEADER_LENGTH)
    if reply.id != id_:
        at = reply.offset_of("id")
        return Violation(f"{reply}, where {request} was next", "HJP-MSG-15", at)
    if request.op not in _PAYLOADS:
        return (
            Violation(f"{reply} to {request}", "HJP-ERR-16", HEADER_LENGTH)
            if reply.ok
            else None
        )
    if not reply.ok and reply.error["code"] != Code.TOO_LARGE:
        return Violation(f"{reply} to {request}", "HJP-COR-1", reply.offset_of("code"))
    requirement, payload_of = _PAYLOADS[request.op]
    payload = payload_of(request.payload)
    if reply.ok and reply.payload != payload:
        told = f"{reply} to {request}: not the payload that it should be"
        start = len(reply.octets) - len(reply.payload)
        return Violation(
            told, requirement, start + _first_difference(reply.payload, payload)
        )
    return None


def _first_difference(one: bytes, two: bytes) -> int:
    pairs = enumerate(zip(one, two, strict=False))
    shorter = min(len(one), len(two))
    return next((place for place, (a, b) in pairs if a != b), shorter)


def _frames(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """The frames and where they begin; what is left of one at the end is left out."""
    start = 0
    while start < len(octets):
        size = frame_size(octets[start : start + HEADER_LENGTH], _ANY)
        if size is None or start + size > len(octets):
            return
        yield start, octets[start : start + size]
        start += size


def _found(who: str, way: Way, at: int, violation: Violation) -> Culprit:
    where = way, at + violation.offset
    return Culprit(who, str(violation), violation.requirement, where)
