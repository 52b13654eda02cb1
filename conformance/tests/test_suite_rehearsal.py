"""Every case can be explained without a target: it sends, and says what it accepts."""

import pytest

from hjp_conformance.catalogue import Case
from hjp_conformance.rehearsal import rehearse
from hjp_conformance.run import Run, run_pytest
from hjp_conformance.settings import Settings
from hjp_conformance.transcript import Way
from hjp_conformance.verdicts import Exit


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    found: list[Case] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        for mode in ("server", "client"):
            run = Run(Settings(mode=mode))
            assert run_pytest(run, ["--collect-only"]) is Exit.CONFORMANT
            found += run.cases
    return found


def test_every_case_says_what_it_accepts(cases: list[Case]) -> None:
    silent = [case.id for case in cases if not rehearse(case).accepted]
    assert silent == []


def test_rehearsal_shows_what_is_sent_first(cases: list[Case]) -> None:
    by_id = {case.id: case for case in cases}
    transcript = rehearse(by_id["server-frm-version-wrong-two"])
    assert transcript.octets(Way.SENT)[:5] == b"HJP\xff\x02"
    assert "bad_version" in transcript.accepted


def test_rehearsal_of_a_client_shows_what_it_is_told(cases: list[Case]) -> None:
    by_id = {case.id: case for case in cases}
    transcript = rehearse(by_id["client-frm-magic-wrong-lower-case"])
    assert transcript.octets(Way.SENT)[:4] == b"hjp\xff"
    assert transcript.notes == ["the client is told: ping"]
    assert transcript.accepted == "the client prints: refused bad_magic"
