"""Every case can be explained without a target: it sends, and says what it accepts."""

import pytest

from hjp_conformance import explanation
from hjp_conformance.catalogue import Case
from hjp_conformance.collected import collected
from hjp_conformance.rehearsal import rehearse
from hjp_conformance.transcript import Way


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return collected(("server", "client"))


def test_every_case_says_what_it_accepts(cases: list[Case]) -> None:
    silent = [
        case.id for case in cases if not any(one.accepted for one in rehearse(case))
    ]
    assert silent == []


def test_rehearsal_shows_what_is_sent_first(cases: list[Case]) -> None:
    by_id = {case.id: case for case in cases}
    [transcript] = rehearse(by_id["server-frm-version-wrong-two"])
    assert transcript.octets(Way.SENT)[:5] == b"HJP\xff\x02"
    assert "bad_version" in transcript.accepted


def test_rehearsal_tells_connections_apart(cases: list[Case]) -> None:
    """The ping goes where an answer is awaited, and not where something is wrong."""
    by_id = {case.id: case for case in cases}
    wrong, asked = rehearse(by_id["server-frm-magic-wrong-apart"])
    assert wrong.octets(Way.SENT) == b"H"
    assert wrong.accepted == ""
    assert asked.octets(Way.SENT).endswith(b'"op":"ping"}')
    assert asked.accepted == "reply to 1, ok, no payload"
    told = explanation.of("server-frm-magic-wrong-apart", cases)
    assert "\nsent first on connection 1:\n" in told
    assert "\naccepted then on connection 1:" not in told
    assert "\naccepted then on connection 2:\n    reply to 1, ok" in told


def test_rehearsal_of_a_client_shows_what_it_is_told(cases: list[Case]) -> None:
    by_id = {case.id: case for case in cases}
    [transcript] = rehearse(by_id["client-frm-magic-wrong-lower-case"])
    assert transcript.octets(Way.SENT)[:4] == b"hjp\xff"
    assert transcript.notes == ["the client is told: ping"]
    assert transcript.accepted == "the client prints: refused bad_magic"
